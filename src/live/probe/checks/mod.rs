//! The checks: functions of what was observed.

mod cache;
mod causes;
mod connection;
mod known;
mod limits;
mod polling;
mod sessions;
#[cfg(test)]
mod tests;
mod websocket;

use super::observed::{Observed, Try};
use super::options::Options;
use crate::live::check::Check;

/// All checks, in their order.
pub(super) fn all(observed: &Observed, options: &Options) -> Vec<Check> {
    vec![
        connection::reachable(observed, options),
        connection::http_version(observed),
        connection::redirect(observed),
        connection::https_redirect(observed),
        connection::health(observed),
        polling::handshake(observed),
        polling::post(observed),
        polling::poll(observed),
        polling::unknown_session(observed),
        websocket::upgrade(observed),
        websocket::websocket(observed),
        sessions::sessions(observed),
        sessions::cookie_affinity(observed),
        cache::fresh_session(observed),
        cache::cache_headers(observed),
        limits::ping(observed),
        limits::poll_ping(observed),
        limits::hold(observed, options),
        limits::large_message(observed, options),
    ]
}

/// Why something was not tried.
fn not_tried(observed: &Observed) -> &'static str {
    let handshake = &observed.walk.handshake;
    if observed.reach.trouble.is_some() {
        "the host was not reached"
    } else if observed.out_of_time {
        "there was no time left"
    } else if handshake.failed() {
        "no session was opened"
    } else {
        "not asked for"
    }
}

/// What follows from a try alone: it was not made, or it is fine.
fn simple(check: Check, tried: &Try, observed: &Observed) -> Result<Check, Check> {
    if tried.is_fine() {
        Ok(check.pass(&tried.detail))
    } else if tried.was_tried() {
        Err(check.fail(&tried.detail))
    } else {
        Ok(check.skip(not_tried(observed)))
    }
}
