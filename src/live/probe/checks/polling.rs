//! Whether a session can be opened and used over plain HTTP.

use super::super::observed::{Observed, Seen, Try};
use super::causes::{self, Cause};
use super::simple;
use crate::live::check::{Check, Layer};

/// A check of one request.
fn of(check: Check, tried: &Try, observed: &Observed, cause: impl Fn() -> Cause) -> Check {
    match simple(check, tried, observed) {
        Ok(check) => check,
        Err(check) => explained(check, cause()),
    }
}

/// A failure with what explains it.
pub(super) fn explained(check: Check, (rules, advice): Cause) -> Check {
    let check = check.because(rules);
    if advice.is_empty() { check } else { check.advise(advice) }
}

pub(super) fn handshake(observed: &Observed) -> Check {
    let check = Check::new("handshake", Layer::Polling, "a first request opens a session");
    of(check, &observed.walk.handshake, observed, || causes::handshake(observed))
}

pub(super) fn post(observed: &Observed) -> Check {
    let check = Check::new("post", Layer::Polling, "a second request finds its session");
    let tried = &observed.walk.post;
    of(check, tried, observed, || causes::request(observed, tried))
}

pub(super) fn poll(observed: &Observed) -> Check {
    let check = Check::new("poll", Layer::Polling, "a poll brings what the server has to say");
    let tried = &observed.walk.poll;
    if observed.walk.post.failed() {
        return check.skip("the POST before it failed");
    }
    of(check, tried, observed, || causes::request(observed, tried))
}

pub(super) fn unknown_session(observed: &Observed) -> Check {
    let check = Check::new(
        "unknown-session",
        Layer::Polling,
        "a session that nobody opened is refused by the server itself",
    );
    let tried = &observed.unknown_session;
    let handshake = &observed.walk.handshake;
    if handshake.failed() && tried.was_tried() {
        return check.skip("the handshake failed already");
    }
    match &tried.seen {
        Seen::Status { body: true, .. } => check
            .warn(&tried.detail)
            .advise("something on the way replaces Engine.IO's refusals by pages of its own, which hides faults"),
        Seen::Unexpected => explained(check.fail(&tried.detail), causes::shared(observed)),
        _ => of(check, tried, observed, || causes::request(observed, tried)),
    }
}
