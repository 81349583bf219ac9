//! Limits of time and size.

use super::super::answer::seconds;
use super::super::observed::{Held, Observed};
use super::super::options::Options;
use super::polling::explained;
use super::{causes, not_tried, simple};
use crate::live::check::{Check, Layer};

/// How late a ping may be, in milliseconds, before something must have held it back.
const LATE: u64 = 2_000;

fn interval(observed: &Observed) -> u64 {
    observed.open.as_ref().map_or(0, |open| open.ping_interval)
}

/// Why there was no WebSocket to hold.
fn not_held(observed: &Observed) -> &'static str {
    if observed.websocket.failed() { "no WebSocket was opened" } else { not_tried(observed) }
}

fn cut(held: &Held) -> String {
    let code = held.close_code.map_or(String::new(), |code| format!(" ({code})"));
    format!("ended after {:.1} s by {}{code}", seconds(held.millis), held.detail)
}

pub(super) fn ping(observed: &Observed) -> Check {
    let check = Check::new("ping", Layer::Limits, "the server's pings come over the WebSocket");
    let due = seconds(interval(observed));
    match &observed.held {
        None => check.skip(not_held(observed)),
        Some(held) if held.pings > 0 => check.pass(format!(
            "{} in {:.1} s, due every {due} s",
            held.pings,
            seconds(held.millis)
        )),
        Some(held) if held.ended => {
            let evidence =
                format!("{}, before the first ping, which is due after {due} s", cut(held));
            explained(check.fail(evidence), causes::CUT_EARLY)
        }
        Some(held) if held.millis < interval(observed) => {
            check.skip(format!("pings are due every {due} s; see `--hold`"))
        }
        Some(held) => check
            .fail(format!("none within {:.1} s, due every {due} s", seconds(held.millis)))
            .advise("something on the way holds messages back"),
    }
}

pub(super) fn poll_ping(observed: &Observed) -> Check {
    let check =
        Check::new("poll-ping", Layer::Limits, "a waiting poll is answered when a ping is due");
    let Some(slow) = &observed.slow_poll else {
        return check.skip(match not_tried(observed) {
            "not asked for" if observed.walk.post.failed() => "the POST before it failed",
            why => why,
        });
    };
    let due = interval(observed);
    match simple(check, &slow.poll, observed) {
        Ok(check) if slow.first_byte > due + LATE => check
            .warn(format!(
                "the ping came after {:.1} s, due after {:.1} s",
                seconds(slow.first_byte),
                seconds(due)
            ))
            .because(&["polling-buffered"])
            .advise("turn `proxy_buffering` off for the session path"),
        Ok(check) => check.pass(format!("the ping came after {:.1} s", seconds(slow.first_byte))),
        Err(check) => {
            let evidence = format!(
                "{}, {:.1} s into a poll; the ping is due after {:.1} s",
                slow.poll.detail,
                seconds(slow.poll.millis),
                seconds(due)
            );
            explained(check.fail(evidence), causes::slow_poll(observed, &slow.poll))
        }
    }
}

pub(super) fn hold(observed: &Observed, options: &Options) -> Check {
    let check = Check::new("hold", Layer::Limits, "a WebSocket lives as long as it is held");
    if options.hold.is_zero() {
        return check.skip("asked for with `--hold DURATION`");
    }
    let Some(held) = &observed.held else {
        return check.skip(not_held(observed));
    };
    if !held.ended {
        return check.pass(format!(
            "open for {:.1} s, with {} pings",
            seconds(held.millis),
            held.pings
        ));
    }
    if held.close_code.is_some() {
        return check.fail(cut(held)).because(&["rollout-cuts-sessions"]).advise(
            "a close frame comes from the server itself: a restart, a rollout, or the app",
        );
    }
    cut_without_a_word(check, held)
}

/// An idle timeout cuts at the longest silence. What outlived as long a silence before was cut at its age.
fn cut_without_a_word(check: Check, held: &Held) -> Check {
    let at_age = held.pings > 0 && held.idle < held.longest_idle;
    let default = (29_000..32_000).contains(&held.millis);
    let mut evidence = format!(
        "{} after {} pings, {:.1} s after the last message",
        cut(held),
        held.pings,
        seconds(held.idle)
    );
    if at_age {
        evidence.push_str("; it had outlived longer silences, so it was cut at its age");
    }
    if default {
        evidence.push_str("; 30 s is the default of a Google backend");
    }
    let cause = if at_age || default { causes::CUT_AT_AGE } else { causes::CUT_EARLY };
    explained(check.fail(evidence), cause)
}

pub(super) fn large_message(observed: &Observed, options: &Options) -> Check {
    let check = Check::new(
        "large-message",
        Layer::Limits,
        "a message of the allowed size arrives by polling",
    );
    let Some(size) = options.max_message else {
        return check.skip("asked for with `--max-message SIZE`");
    };
    let tried = &observed.large;
    match simple(check, tried, observed) {
        Ok(mut check) => {
            if tried.is_fine() {
                check.evidence = format!("{size} bytes: {}", tried.detail);
            }
            check
        }
        Err(check) => {
            let most = observed.open.as_ref().and_then(|open| open.max_payload);
            let announced =
                most.map_or(String::new(), |most| format!("; the server announces {most} bytes"));
            let evidence = format!("{size} bytes: {}{announced}", tried.detail);
            explained(check.fail(evidence), causes::large(observed, tried))
        }
    }
}
