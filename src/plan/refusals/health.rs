//! Health checks that would never be answered with 200, or with the wrong page.

use super::super::derived;
use super::{Context, Refusal};
use crate::spec::{AnsweredBy, Problem};

pub(super) const REFUSALS: &[Refusal] = &[health_path_unanswered, health_path_taken];

/// Engine.IO answers whatever lies below its path, with 400 (socketio/socket.io:packages/engine.io/lib/server.ts).
fn health_path_unanswered(c: &Context<'_>, problems: &mut Vec<Problem>) {
    let path = c.spec.health.path.as_str();
    let (public, server) = (&c.spec.socketio.path, derived::server_path(c.spec));
    let by_app = derived::answered_by(c.spec) == AnsweredBy::App;
    let key = match () {
        () if public.holds(path) => "socketio.path",
        () if by_app && server.holds(path) => "socketio.server-path",
        () => return,
    };
    let message = "the health check asks inside the Socket.IO path";
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

fn health_path_taken(c: &Context<'_>, problems: &mut Vec<Problem>) {
    if derived::answered_by(c.spec) != AnsweredBy::Nginx {
        return;
    }
    let path = c.spec.health.path.as_str();
    let locations = c
        .spec
        .nginx
        .location
        .iter()
        .map(|location| location.path.as_str());
    if path == "/" || locations.into_iter().any(|location| location == path) {
        problems.push(
            Problem::new(
                "health-path-taken",
                format!("nginx would answer `{path}` with its own \"ok\" instead of the page that belongs there"),
                "ask a path of its own, such as \"/health\", or write `answered-by = \"app\"`",
            )
            .end("health.path", "a page of the site")
            .end("health.answered-by", "nginx answers"),
        );
    }
}
