//! Numbers that the compute API would refuse (kubernetes/ingress-gce:pkg/composite/gen.go).

use super::{Context, Refusal};
use crate::spec::{Problem, Seconds};

pub(super) const REFUSALS: &[Refusal] = &[out_of_range, nothing];

fn out_of_range(c: &Context<'_>, problems: &mut Vec<Problem>) {
    for (key, value, least, most, what) in ranges(c) {
        let (least, most) = (Seconds::new(least), Seconds::new(most));
        if !(least..=most).contains(&value) {
            let message = format!("{what} is {least} to {most}, not {value}");
            let help = format!("write a duration from \"{least}\" to \"{most}\"");
            problems.push(Problem::new("out-of-range", message, help).end(key, "out of range"));
        }
    }
}

/// Each number: its key, the least and the most it may be, and what it is.
fn ranges(c: &Context<'_>) -> [(&'static str, Seconds, u64, u64, &'static str); 5] {
    let (health, session) = (&c.spec.health, &c.spec.session);
    // Where the load balancer cuts WebSockets, the ladder knows its limit. Elsewhere none is documented, and Google
    // advises against more than a day (https://gcpdiag.dev/rules/lb/BP/2025_002/).
    let longest =
        if c.platform.cuts_websockets() { u64::from(u32::MAX) } else { Seconds::DAY.get() };
    let (interval, timeout) = ("a health check's interval", "a health check's timeout");
    let age = "the longest that a WebSocket may stay open";
    let cookie = "the lifetime of a BackendConfig's cookie";
    [
        ("health.interval", health.interval, 1, 300, interval),
        ("health.timeout", health.timeout, 1, 300, timeout),
        ("session.max-age", session.max_age, 1, longest, age),
        ("session.drain", session.drain, 0, 3_600, "connection draining"),
        ("session.affinity-ttl", session.affinity_ttl, 0, 86_400, cookie),
    ]
}

fn nothing(c: &Context<'_>, problems: &mut Vec<Problem>) {
    let durations = [
        (
            "socketio.ping-interval",
            c.spec.socketio.ping_interval.get(),
            "the server would ping without end",
        ),
        (
            "socketio.ping-timeout",
            c.spec.socketio.ping_timeout.get(),
            "every session would end at its first ping",
        ),
    ];
    for (key, _, why) in durations.iter().filter(|(_, count, _)| *count == 0) {
        let problem =
            Problem::new("out-of-range", format!("`{key}` is nothing"), "write \"1s\" or more");
        problems.push(problem.end(*key, *why));
    }
}
