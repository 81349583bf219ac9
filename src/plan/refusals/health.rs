//! Health checks that would never be answered with 200, or with the wrong page.

use super::super::derived;
use super::{Context, Refusal};
use crate::spec::{AnsweredBy, Problem};

pub(super) const REFUSALS: &[Refusal] = &[health_path_unanswered, health_path_taken];

/// Engine.IO answers whatever lies below its path, with 400 (socketio/socket.io:packages/engine.io/lib/server.ts).
fn health_path_unanswered(c: &Context<'_>, problems: &mut Vec<Problem>) {
    let by_app = derived::answered_by(c.spec) == AnsweredBy::App;
    if !by_app || !derived::server_path(c.spec).holds(c.spec.health.path.as_str()) {
        return;
    }
    let key = if c.spec.socketio.server_path.is_some() {
        "socketio.server-path"
    } else {
        "socketio.path"
    };
    let message = "the health check asks the app inside its Socket.IO path";
    let problem = Problem::new(
        "health-path-unanswered",
        message,
        "ask a path outside it, such as \"/health\"",
    );
    problems.push(
        problem
            .end("health.path", "Engine.IO answers 400 here")
            .end(key, "all below this is Engine.IO's"),
    );
}

/// nginx answers, or passes on, exactly this path: nothing else must live there.
fn health_path_taken(c: &Context<'_>, problems: &mut Vec<Problem>) {
    if !derived::has_nginx(c.spec) {
        return;
    }
    let path = c.spec.health.path.as_str();
    let by_nginx = derived::answered_by(c.spec) == AnsweredBy::Nginx;
    let locations = || c.spec.nginx.location.iter().enumerate();
    let located = locations().find(|(_, location)| location.path.as_str() == path);
    let fallback = locations()
        .find(|(_, location)| location.fallback.as_ref().is_some_and(|file| file.as_str() == path));
    let (key, what) = match () {
        () if c.spec.socketio.path.as_str() == path => {
            ("socketio.path".to_owned(), "sessions begin here")
        }
        () if by_nginx && path == "/" => {
            ("health.answered-by".to_owned(), "nginx answers, instead of the front page")
        }
        () if let (true, Some((index, _))) = (by_nginx, located) => {
            (format!("nginx.location[{index}].path"), "a page of the site")
        }
        () if let Some((index, _)) = fallback => {
            (format!("nginx.location[{index}].fallback"), "a page of the site")
        }
        () => return,
    };
    let message =
        format!("the health check's answer would take the place of what belongs at `{path}`");
    let problem =
        Problem::new("health-path-taken", message, "ask a path of its own, such as \"/health\"");
    problems.push(problem.end("health.path", "asked here").end(key, what));
}
