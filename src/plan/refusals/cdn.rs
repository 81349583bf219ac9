//! Cloud CDN where it would cache sessions, or where there is none.

use std::collections::BTreeSet;

use super::super::ingress::same_path;
use super::{Context, Refusal, path_twice};
use crate::spec::{Feature, Problem};

pub(super) const REFUSALS: &[Refusal] =
    &[cdn_on_session_traffic, static_path_twice, cdn_unsupported];

fn cdn_on_session_traffic(c: &Context<'_>, problems: &mut Vec<Problem>) {
    let session = &c.spec.socketio.path;
    for path in c.spec.cdn.static_paths.iter().filter(|path| session.holds(path.as_str())) {
        problems.push(
            Problem::new(
                "cdn-on-session-traffic",
                format!(
                    "`{path}` lies inside the Socket.IO path, which must not go through Cloud CDN"
                ),
                "take it out of `cdn.static-paths`",
            )
            .end("cdn.static-paths", "served through CDN")
            .end("socketio.path", "session traffic"),
        );
    }
}

fn static_path_twice(c: &Context<'_>, problems: &mut Vec<Problem>) {
    let mut seen = BTreeSet::new();
    for path in &c.spec.cdn.static_paths {
        let key = || "cdn.static-paths".to_owned();
        if !seen.insert(path) {
            let what = format!("the static path `{path}` is named twice");
            problems
                .push(Problem::new("path-twice", what, "name it once").end(key(), "named here"));
        }
        let routed = c
            .spec
            .ingress
            .route
            .iter()
            .position(|route| same_path(route.path.as_str(), path.as_str()));
        if let Some(route) = routed {
            let what = format!("`{path}` is both static and routed");
            let first = (format!("ingress.route[{route}].path"), "goes to another backend");
            problems.push(path_twice(
                what,
                "name it in one of the two",
                (key(), "goes to the static backend"),
                first,
            ));
        }
    }
}

fn cdn_unsupported(c: &Context<'_>, problems: &mut Vec<Problem>) {
    if c.platform.supports(Feature::CloudCdn) || c.spec.cdn.static_paths.is_empty() {
        return;
    }
    let message = format!("{} has no Cloud CDN", c.platform.load_balancer);
    let problem = Problem::new(
        "cdn-unsupported",
        message,
        "leave `cdn.static-paths` out, or choose an external profile",
    );
    problems.push(
        problem.end("cdn.static-paths", "asks for CDN").end("profile", "chooses the load balancer"),
    );
}
