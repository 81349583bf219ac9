//! A check of the probe beside the step of the trace that foretells it.

use super::SeenCheck;
use crate::live::affinity::Tally;
use crate::live::check::Status;
use crate::live::probe::{Held, Observed, Seen, Try};
use crate::trace::{Share, Step, StepKind, Trace, Verdict};

/// Whether what was seen is what was to be expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fit {
    /// It is.
    Fits,
    /// The failure is the one foretold; this of it is not.
    Nearly(String),
    /// It is not.
    Contradicts,
    /// Nothing is foretold, or it cannot be compared.
    Silent,
}

/// A check and its step, compared.
#[derive(Debug, Clone)]
pub(super) struct Judged<'t> {
    pub(super) fit: Fit,
    pub(super) step: Option<&'t Step>,
    /// What was to be expected, in words.
    pub(super) predicted: String,
}

impl Judged<'_> {
    /// Whether a failure was seen, and this one foretold.
    pub(super) fn explains(&self) -> bool {
        matches!(self.fit, Fit::Fits | Fit::Nearly(_))
    }
}

/// Compares a check with the trace.
pub(super) fn judge<'t>(check: &SeenCheck, seen: &Observed, trace: &'t Trace) -> Judged<'t> {
    let Some(kind) = step_of(&check.id) else {
        return Judged { fit: Fit::Silent, step: None, predicted: String::new() };
    };
    let Some(step) = trace.step(kind) else {
        return Judged { fit: Fit::Silent, step: None, predicted: String::new() };
    };
    let fit = match check.id.as_str() {
        "sessions" => sessions(step, seen),
        "cookie-affinity" => cookies(step, seen),
        "fresh-session" => fresh(step, seen),
        "hold" | "ping" => seen.held.as_ref().map_or(Fit::Silent, |held| life(step, held)),
        _ if check.status == Status::Warn => Fit::Silent,
        // It is to be refused, whatever becomes of other polls.
        "unknown-session" if seen.unknown_session.is_fine() => Fit::Silent,
        "large-message" if seen.large.is_fine() && step.outcome.verdict == Verdict::Bad => {
            // How large it was is not known here.
            Fit::Silent
        }
        _ => tried(&check.id, seen).map_or(Fit::Silent, |tried| request(step, tried)),
    };
    Judged { fit, step: Some(step), predicted: step.outcome.text.clone() }
}

/// The step that foretells a check.
fn step_of(check: &str) -> Option<StepKind> {
    Some(match check {
        "handshake" | "fresh-session" => StepKind::Handshake,
        "post" | "sessions" | "cookie-affinity" => StepKind::Post,
        "poll" | "unknown-session" => StepKind::Poll,
        "upgrade" => StepKind::Upgrade,
        "websocket" => StepKind::DirectWebSocket,
        "poll-ping" => StepKind::IdlePoll,
        "hold" | "ping" => StepKind::Life,
        "large-message" => StepKind::LargeMessage,
        _ => return None,
    })
}

fn tried<'o>(check: &str, seen: &'o Observed) -> Option<&'o Try> {
    let tried = match check {
        "handshake" => &seen.walk.handshake,
        "post" => &seen.walk.post,
        "poll" => &seen.walk.poll,
        "unknown-session" => &seen.unknown_session,
        "upgrade" => &seen.walk.upgrade,
        "websocket" => &seen.websocket,
        "large-message" => &seen.large,
        "poll-ping" => &seen.slow_poll.as_ref()?.poll,
        _ => return None,
    };
    tried.was_tried().then_some(tried)
}

/// What gives one client's session to others.
const SHARING: [&str; 2] = ["cdn-key-drops-query", "session-traffic-cached"];

/// One request.
fn request(step: &Step, tried: &Try) -> Fit {
    let outcome = &step.outcome;
    // A request that is lost now and then may come through, and a stored answer has nothing wrong by itself.
    // Another client's session is refused only once it has ended.
    let shared = step.rules.first().is_some_and(|rule| SHARING.contains(rule));
    let by_chance =
        outcome.share.is_some() || outcome.now_and_then || outcome.status == Some(200) || shared;
    match outcome.verdict {
        Verdict::Unknown | Verdict::NotReached => Fit::Silent,
        Verdict::Good if tried.is_fine() => Fit::Fits,
        Verdict::Bad if tried.is_fine() && by_chance => Fit::Silent,
        Verdict::Bad if tried.failed() && is_same(step, tried) => timed(step, tried.millis),
        _ => Fit::Contradicts,
    }
}

/// Whether a failure is the one foretold.
fn is_same(step: &Step, tried: &Try) -> bool {
    let (outcome, seen) = (&step.outcome, &tried.seen);
    let nothing = matches!(seen, Seen::Cut | Seen::Silent | Seen::Broken | Seen::Unreachable);
    let unmapped = step.rules.first() == Some(&"prefix-not-mapped");
    match (outcome.status, outcome.code) {
        (_, Some(code)) => seen.is_code(code),
        (Some(200), None) => matches!(seen, Seen::OpenedAgain | Seen::Unexpected),
        // An app without other routes is silent where another says 404; nginx may close as well.
        (Some(404 | 502), None) if unmapped && nothing => true,
        (Some(status), None) => {
            !matches!(seen, Seen::Refused { .. }) && seen.status() == Some(status)
        }
        (None, None) if outcome.after.is_some() => nothing,
        // What becomes of a session that ended with another client's, or the stored answer.
        (None, None) if step.rules.first().is_some_and(|rule| SHARING.contains(rule)) => {
            seen.is_code(1) || matches!(seen, Seen::OpenedAgain | Seen::Unexpected)
        }
        (None, None) => true,
    }
}

/// Whether it ended when it was to end.
fn timed(step: &Step, millis: u64) -> Fit {
    match step.outcome.after {
        Some(after) if !is_near(after, millis) => {
            Fit::Nearly(format!("foretold after {after} ms, seen after {millis} ms"))
        }
        _ => Fit::Fits,
    }
}

/// A tenth more or less, and what connections take.
fn is_near(wanted: u64, millis: u64) -> bool {
    millis.abs_diff(wanted) <= 1_500.max(wanted / 10)
}

/// A WebSocket that was held.
fn life(step: &Step, held: &Held) -> Fit {
    let outcome = &step.outcome;
    match (outcome.verdict, held.ended, outcome.after) {
        (Verdict::Bad, true, Some(after)) if is_near(after, held.millis) => Fit::Fits,
        // It was let go before anything was to happen.
        (Verdict::Bad, false, Some(after)) if held.millis < after + after / 10 => Fit::Silent,
        (Verdict::Good, false, _) => Fit::Fits,
        // Some load balancers close every WebSocket at an age, which is no fault of the files.
        (Verdict::Good, true, Some(after)) if is_near(after, held.millis) => Fit::Fits,
        (Verdict::Good, true, _) | (Verdict::Bad, ..) => Fit::Contradicts,
        (Verdict::Unknown | Verdict::NotReached, ..) => Fit::Silent,
    }
}

/// Many sessions, with the cookies that the server sets.
fn sessions(step: &Step, seen: &Observed) -> Fit {
    let Some(sessions) = &seen.sessions else {
        return Fit::Silent;
    };
    let tally = sessions.with_cookies.tally_of(|walk| vec![&walk.post, &walk.poll]);
    let outcome = &step.outcome;
    match outcome.verdict {
        Verdict::Unknown | Verdict::NotReached => Fit::Silent,
        _ if tally.tried == 0 => Fit::Silent,
        Verdict::Good if tally.lost == 0 => Fit::Fits,
        Verdict::Bad if outcome.code == Some(1) => lost(outcome.share, tally),
        // Another failure is foretold, which its own check shows.
        Verdict::Bad if tally.lost == 0 => Fit::Silent,
        _ => Fit::Contradicts,
    }
}

/// What arithmetic leaves of an interval that ends at all or at none.
const EXACT: f64 = 1e-6;

/// How many requests are lost, beside how many were to be.
fn lost(share: Option<Share>, tally: Tally) -> Fit {
    let (low, high) = tally.interval();
    let wanted = match share {
        // All of them.
        None => Some((1, 1)),
        Some(share) => share.fraction(),
    };
    let Some((part, of)) = wanted else {
        return if tally.lost > 0 { Fit::Fits } else { Fit::Silent };
    };
    let ratio = |count: u64| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    let wanted = ratio(part) / ratio(of.max(1));
    match tally.lost {
        0 if wanted > high => Fit::Contradicts,
        0 => Fit::Silent,
        _ if (low - EXACT..=high + EXACT).contains(&wanted) => Fit::Fits,
        _ => Fit::Nearly(format!("{part} of {of} were to be lost, not {}", tally.sentence())),
    }
}

/// Many sessions of clients that keep no cookies.
fn cookies(step: &Step, seen: &Observed) -> Fit {
    let without = seen.sessions.as_ref().and_then(|one| one.without_cookies.as_ref());
    let Some(tally) = without.map(crate::live::probe::Arm::tally) else {
        return Fit::Silent;
    };
    match (step.outcome.verdict, step.outcome.without_cookies) {
        _ if tally.tried == 0 => Fit::Silent,
        (Verdict::Good, Some(share)) => lost(Some(share), tally),
        (Verdict::Good, None) if tally.lost == 0 => Fit::Fits,
        (Verdict::Good, None) => Fit::Contradicts,
        _ => Fit::Silent,
    }
}

/// Whether handshakes were answered from a store.
fn fresh(step: &Step, seen: &Observed) -> Fit {
    let (varied, repeated) = (seen.varied, seen.repeated);
    let blind = varied.different < varied.handshakes;
    let by_url = repeated.different < repeated.handshakes;
    let names = |rule: &str| step.rules.contains(&rule);
    match step.outcome.verdict {
        Verdict::Bad if SHARING.into_iter().any(names) => {
            if blind {
                Fit::Fits
            } else {
                Fit::Contradicts
            }
        }
        Verdict::Good | Verdict::Unknown if names("cdn-on-session-traffic") && by_url && !blind => {
            Fit::Fits
        }
        Verdict::Good if blind || by_url => Fit::Contradicts,
        Verdict::Good => Fit::Fits,
        _ => Fit::Silent,
    }
}
