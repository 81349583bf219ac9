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
