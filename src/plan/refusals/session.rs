//! Affinity that would not keep a session together.

use super::super::derived;
use super::{Context, Refusal};
use crate::spec::{Affinity, Problem};

pub(super) const REFUSALS: &[Refusal] =
    &[session_affinity_missing, affinity_ttl_ignored, affinity_ttl_too_short];

fn session_affinity_missing(c: &Context<'_>, problems: &mut Vec<Problem>) {
    if c.spec.session.affinity != Affinity::None || !derived::needs_affinity(c.spec) {
        return;
    }
    problems.push(
        Problem::new(
            "session-affinity-missing",
            "polling needs every request of a session on one pod, and nothing keeps it there",
            "write `affinity = \"client-ip\"`, allow WebSockets alone (`transports = [\"websocket\"]`), or run one pod (`replicas = 1`)",
        )
        .end("session.affinity", "400, Session ID unknown, from the second request on")
        .end("socketio.transports", "polling is allowed"),
    );
}

/// The lifetime is the cookie's (kubernetes/ingress-gce:pkg/backends/features/affinity.go forwards it all the same).
fn affinity_ttl_ignored(c: &Context<'_>, problems: &mut Vec<Problem>) {
    let session = &c.spec.session;
    if session.affinity == Affinity::Cookie || session.affinity_ttl.get() == 0 {
        return;
    }
    problems.push(
        Problem::new(
            "affinity-ttl-ignored",
            "`session.affinity-ttl` is the lifetime of a cookie, and there is no cookie",
            "leave `affinity-ttl` out, or write `affinity = \"cookie\"`",
        )
        .end("session.affinity-ttl", "nothing reads it")
        .end("session.affinity", "the affinity is not by cookie"),
    );
}

fn affinity_ttl_too_short(c: &Context<'_>, problems: &mut Vec<Problem>) {
    let (session, transports) = (&c.spec.session, &c.spec.socketio.transports);
    let short = session.affinity_ttl.get() > 0 && session.affinity_ttl < session.max_age;
    if session.affinity != Affinity::Cookie || !short || !transports.polling() {
        return;
    }
    problems.push(
        Problem::new(
            "affinity-ttl-too-short",
            "the affinity cookie ends before the session does",
            "write `affinity-ttl = \"0s\"`, which lasts as long as the browser runs, or at least `max-age`",
        )
        .end("session.affinity-ttl", format!("the cookie lasts {} from the first request", session.affinity_ttl))
        .end("session.max-age", format!("a session may last {}", session.max_age)),
    );
}
