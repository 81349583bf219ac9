//! The timeout ladder: numbers of five layers that must stand in one order.
//!
//! Each layer's own documentation is content with its number; only the order breaks.
//! A rung names both of its ends and where each number comes from, so that a refusal
//! can point at two lines and `explain ladder` can print the whole.

use std::fmt;

use super::derived;
use super::service::body_limit;
use crate::spec::{Bytes, Milliseconds, Platform, Problem, Seconds, Spec};

/// How much longer nginx keeps an idle connection than the load balancer does. Google's own figure is 620 s
/// to 600; nginx's community settled on 650.
const KEEPALIVE_MARGIN: Seconds = Seconds::new(50);

/// nginx's own default; there is no reason to go below it.
const LEAST_READ_TIMEOUT: Seconds = Seconds::new(60);

/// All rungs, and the numbers that sioway chose so that they hold.
#[derive(Debug, Clone, Default)]
pub struct Ladder {
    /// The rungs, from the health check up.
    pub rungs: Vec<Rung>,
    /// `proxy_read_timeout`: twice the longest silence that Engine.IO permits.
    pub nginx_read_timeout: Seconds,
    /// `keepalive_timeout`.
    pub nginx_keepalive: Seconds,
    /// `client_max_body_size`.
    pub body_limit: Bytes,
    /// The drain.
    pub drain: Seconds,
}

/// Two numbers that must stand in an order.
#[derive(Debug, Clone)]
pub struct Rung {
    /// The number that is to be the smaller.
    pub lower: Amount,
    /// How they stand.
    pub relation: Relation,
    /// The number that is to be the larger.
    pub upper: Amount,
    /// What breaks when they do not.
    pub reason: &'static str,
    /// What to do then.
    pub remedy: &'static str,
}

/// How two numbers must stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// The first is smaller.
    Below,
    /// The first is not larger.
    AtMost,
}

/// A number of the ladder.
#[derive(Debug, Clone)]
pub struct Amount {
    /// What it is.
    pub what: &'static str,
    /// The number itself.
    pub value: Measure,
    /// Where it comes from.
    pub given: Given,
}

/// Where a number of the ladder comes from.
#[derive(Debug, Clone)]
pub enum Given {
    /// These keys, added up.
    Keys(&'static [&'static str]),
    /// sioway, from these keys.
    From(&'static [&'static str]),
    /// The platform, under this key of its table.
    Platform(&'static str),
    /// sioway's own choice, above this key of the platform's.
    Above(&'static str),
}

/// A duration or a size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
pub enum Measure {
    /// A duration.
    Time(Milliseconds),
    /// A size.
    Size(Bytes),
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Time(time) => time.fmt(f),
            Self::Size(size) => size.fmt(f),
        }
    }
}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Below => "<",
            Self::AtMost => "≤",
        })
    }
}

impl Rung {
    /// Whether the numbers stand as they must.
    pub fn holds(&self) -> bool {
        match self.relation {
            Relation::Below => self.lower.value < self.upper.value,
            Relation::AtMost => self.lower.value <= self.upper.value,
        }
    }

    fn problem(&self) -> Problem {
        let (lower, upper) = (&self.lower, &self.upper);
        let order = match self.relation {
            Relation::Below => "must be below",
            Relation::AtMost => "must not be above",
        };
        let message =
            format!("{} ({}) {order} {} ({})", lower.what, lower.value, upper.what, upper.value);
        let problem =
            Problem::new("broken-ladder", message, format!("{}; {}", self.reason, self.remedy));
        [lower, upper].into_iter().fold(problem, |problem, amount| {
            let part = format!("{} is {}", amount.what, amount.value);
            amount.keys().iter().fold(problem, |problem, key| problem.end(*key, part.as_str()))
        })
    }
}

impl Amount {
    fn time(what: &'static str, value: Seconds, given: Given) -> Self {
        Self::fine(what, value.as_milliseconds(), given)
    }

    fn fine(what: &'static str, value: Milliseconds, given: Given) -> Self {
        Self { what, value: Measure::Time(value), given }
    }

    fn size(what: &'static str, value: Bytes, given: Given) -> Self {
        Self { what, value: Measure::Size(value), given }
    }

    fn keys(&self) -> &'static [&'static str] {
        match self.given {
            Given::Keys(keys) | Given::From(keys) => keys,
            Given::Platform(_) | Given::Above(_) => &[],
        }
    }
}

impl Ladder {
    pub(super) fn new(spec: &Spec, platform: &Platform) -> Self {
        let silence = spec.socketio.ping_interval.plus(spec.socketio.ping_timeout);
        let mut ladder = Self {
            rungs: Vec::new(),
            nginx_read_timeout: silence.plus(silence).round_up().max(LEAST_READ_TIMEOUT),
            nginx_keepalive: platform.backend_keepalive.plus(KEEPALIVE_MARGIN),
            body_limit: body_limit(spec.socketio.max_message),
            drain: spec.session.drain,
        };
        ladder.rungs.push(health(spec));
        ladder.rungs.extend(backend(spec, platform));
        if derived::has_nginx(spec) {
            ladder.rungs.extend(ladder.of_nginx(spec, platform));
        }
        ladder.rungs.extend(of_the_pod(spec));
        ladder
    }

    /// The rungs that do not hold.
    pub(super) fn broken(&self) -> impl Iterator<Item = Problem> {
        self.rungs.iter().filter(|rung| !rung.holds()).map(Rung::problem)
    }

    fn of_nginx(&self, spec: &Spec, platform: &Platform) -> [Rung; 3] {
        let read_timeout =
            Amount::time("nginx's read timeout", self.nginx_read_timeout, Given::From(SILENCE));
        let keepalive = Amount::time(
            "nginx's keepalive_timeout",
            self.nginx_keepalive,
            Given::Above("backend-keepalive"),
        );
        let body_limit = Amount::size(
            "nginx's client_max_body_size",
            self.body_limit,
            Given::From(&["socketio.max-message"]),
        );
        [
            Rung {
                lower: silence(spec),
                relation: Relation::Below,
                upper: read_timeout,
                reason: "nginx closes a session that is silent for longer than its read timeout",
                remedy: "lower `socketio.ping-interval`",
            },
            Rung {
                lower: Amount::time(
                    "the load balancer's keep-alive",
                    platform.backend_keepalive,
                    Given::Platform("backend-keepalive"),
                ),
                relation: Relation::Below,
                upper: keepalive,
                reason: "a request on a connection that nginx just closed is answered with 502",
                remedy: "raise nginx's keepalive_timeout",
            },
            Rung {
                lower: Amount::size(
                    "the largest message",
                    spec.socketio.max_message,
                    Given::Keys(&["socketio.max-message"]),
                ),
                relation: Relation::AtMost,
                upper: body_limit,
                reason: "nginx answers a larger POST with 413, and the client disconnects",
                remedy: "lower `socketio.max-message`",
            },
        ]
    }
}

const SILENCE: &[&str] = &["socketio.ping-interval", "socketio.ping-timeout"];

fn silence(spec: &Spec) -> Amount {
    let sum = spec.socketio.ping_interval.plus(spec.socketio.ping_timeout);
    Amount::fine("ping interval + ping timeout", sum, Given::Keys(SILENCE))
}

fn health(spec: &Spec) -> Rung {
    Rung {
        lower: Amount::time(
            "the health check's timeout",
            spec.health.timeout,
            Given::Keys(&["health.timeout"]),
        ),
        relation: Relation::AtMost,
        upper: Amount::time(
            "its interval",
            spec.health.interval,
            Given::Keys(&["health.interval"]),
        ),
        reason: "the compute API refuses the health check, and the controller stops syncing the whole Ingress",
        remedy: "lower `health.timeout` or raise `health.interval`",
    }
}

fn backend(spec: &Spec, platform: &Platform) -> Vec<Rung> {
    let timeout = || {
        Amount::time(
            "the load balancer's timeout",
            spec.session.max_age,
            Given::Keys(&["session.max-age"]),
        )
    };
    let poll = Amount::fine(
        "a long poll",
        spec.socketio.ping_interval,
        Given::Keys(&["socketio.ping-interval"]),
    );
    let mut rungs = Vec::new();
    if spec.socketio.transports.polling() {
        rungs.push(Rung {
            lower: poll,
            relation: Relation::Below,
            upper: timeout(),
            reason: "the load balancer ends a poll that takes longer, and the session with it",
            remedy: "raise `session.max-age` or lower `socketio.ping-interval`",
        });
    }
    if !platform.cuts_websockets() && spec.socketio.transports.websocket() {
        rungs.push(Rung {
            lower: silence(spec),
            relation: Relation::Below,
            upper: timeout(),
            reason: "the load balancer closes a WebSocket that is silent for longer",
            remedy: "raise `session.max-age`",
        });
    }
    if platform.cuts_websockets() {
        rungs.push(Rung {
            lower: timeout(),
            relation: Relation::AtMost,
            upper: Amount::time(
                "the longest that its front ends hold a connection",
                platform.longest_connection,
                Given::Platform("longest-connection"),
            ),
            reason: "a longer timeout is not kept",
            remedy: "lower `session.max-age`",
        });
    }
    rungs
}

/// The drain must fit into what the pod is given to stop, and so must all that the app waits for, with time to exit.
fn of_the_pod(spec: &Spec) -> Vec<Rung> {
    let Some(workload) = &spec.workload else {
        return Vec::new();
    };
    let given = match workload.grace_period {
        Some(_) => Given::Keys(&["workload.grace-period"]),
        None => Given::From(&["session.drain"]),
    };
    let grace = Amount::time("the pod's grace period", derived::grace_period(spec), given);
    let rung = |lower| Rung {
        lower,
        relation: Relation::AtMost,
        upper: grace.clone(),
        reason: "Kubernetes kills what is left in the pod when its grace period is over",
        remedy: "raise `workload.grace-period` or lower `session.drain`",
    };
    let from_drain = || Given::From(&["session.drain"]);
    let exit = derived::app_pre_stop(spec).plus(derived::EXIT);
    vec![
        rung(Amount::time("the drain", spec.session.drain, Given::Keys(&["session.drain"]))),
        rung(Amount::time("the app's wait, and the time to exit", exit, from_drain())),
    ]
}
