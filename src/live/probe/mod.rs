//! The probe: a Socket.IO client that finds out from outside what is broken.
//!
//! It works in two steps that do not know each other. [`measure()`] asks and writes down what was [`Observed`], with no
//! opinion. The checks are functions of that: each claims something, says whether it held, and names the rules that
//! explain why not. So a check can look at all that was seen: a 404 means one thing, and another when the WebSocket
//! ends after a second. And who has other plans with an observation, such as comparing it with a prediction, takes it
//! as it is.

mod answer;
mod checks;
mod many;
mod measure;
mod observed;
mod options;
mod report;
mod socket;
mod tells;
mod time;
mod walk;

pub use measure::measure;
pub use observed::{
    Arm, Cookie, Held, Hop, Observed, OpenNumbers, Reach, SameSid, Seen, Sessions, SlowPoll, Tells,
    Try, Walk,
};
pub use options::{Options, Target, Transports};
pub use report::{Report, json_schema};

/// Who watches a probe.
pub trait Progress {
    /// Something begins.
    fn step(&mut self, what: &str);
    /// What was said since the last time, without secrets.
    fn said(&mut self, lines: Vec<String>);
}

/// Nobody watches.
impl Progress for () {
    fn step(&mut self, _: &str) {}

    fn said(&mut self, _: Vec<String>) {}
}

/// Probes a URL.
pub fn run(options: &Options, progress: &mut dyn Progress) -> Report {
    let observed = measure(options, progress);
    Report { checks: checks::all(&observed, options), observed }
}
