//! Numbers that the compute API would refuse (kubernetes/ingress-gce:pkg/composite/gen.go).

use super::{Context, Refusal};
use crate::spec::{Problem, Seconds};

pub(super) const REFUSALS: &[Refusal] = &[out_of_range, nothing];

fn out_of_range(c: &Context<'_>, problems: &mut Vec<Problem>) {
    let (health, session) = (&c.spec.health, &c.spec.session);
    let ranges = [
        (
            "health.interval",
            health.interval,
            1,
            300,
            "a health check's interval",
        ),
        (
            "health.timeout",
            health.timeout,
            1,
            300,
            "a health check's timeout",
        ),
        (
            "session.drain",
            session.drain,
            0,
            3_600,
            "connection draining",
        ),
        (
            "session.affinity-ttl",
            session.affinity_ttl,
            0,
            86_400,
            "the lifetime of a BackendConfig's cookie",
        ),
    ];
    for (key, value, least, most, what) in ranges {
        let (least, most) = (Seconds::new(least), Seconds::new(most));
        if !(least..=most).contains(&value) {
            let message = format!("{what} is {least} to {most}, not {value}");
            let help = format!("write a duration from \"{least}\" to \"{most}\"");
            problems.push(Problem::new("out-of-range", message, help).end(key, "out of range"));
        }
    }
}

fn nothing(c: &Context<'_>, problems: &mut Vec<Problem>) {
    let durations = [
        (
            "session.max-age",
            c.spec.session.max_age.get(),
            "every WebSocket would be closed at once",
        ),
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
        let problem = Problem::new(
            "out-of-range",
            format!("`{key}` is nothing"),
            "write \"1s\" or more",
        );
        problems.push(problem.end(*key, *why));
    }
}
