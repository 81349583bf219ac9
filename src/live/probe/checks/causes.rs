//! What explains a failure: the rules, the most likely first, and what to do.
//!
//! The content type of a 400 tells whether `Upgrade` reached the app: Engine.IO refuses polling with JSON and
//! WebSockets with bare text. A WebSocket that ends after a second is how it treats a path that is not its own.

use super::super::answer::BY_NGINX;
use super::super::observed::{Observed, Seen, Try};
use super::known::{
    AFFINITY, ALTERED, BUSY, CACHED, CACHED_WITHIN, CLOSED, COOKIE, ELSEWHERE, FORBIDDEN,
    FOREIGN_400, HTTP2, NGINX_ITSELF, NO_BACKEND, NO_POLLING, NO_UPGRADE, NO_WEBSOCKETS, NOBODY,
    NOT_PROXIED, NOTHING, PROTOCOL, QUERY_LOST, READ_TIMEOUT, REFUSED_UPGRADE, TOO_FEW, TOO_LARGE,
    UNROUTED, WRONG_PATH,
};
pub(super) use super::known::{CUT_AT_AGE, Cause};

/// Whether a WebSocket ended as on a server that does not know the path: after one second.
pub(super) fn ended_after_a_second(tried: &Try) -> bool {
    let ended = matches!(tried.seen, Seen::Cut | Seen::Status { status: 502, .. });
    ended && (900..2_500).contains(&tried.millis)
}

/// Whether neither a poll nor a WebSocket got a word.
fn closed_at_once(observed: &Observed) -> bool {
    let at_once = |tried: &Try| tried.seen == Seen::Cut && tried.millis < 500;
    at_once(&observed.walk.handshake) && at_once(&observed.websocket)
}

/// Whether handshakes got a session that another one had got before.
pub(super) fn is_cached(observed: &Observed) -> bool {
    observed.varied.different < observed.varied.handshakes
}

/// Of a handshake.
pub(super) fn handshake(observed: &Observed) -> Cause {
    let tried = &observed.walk.handshake;
    match &tried.seen {
        Seen::Redirect { .. } => ELSEWHERE,
        Seen::Refused { code: 0, .. } if observed.websocket.is_fine() => NO_POLLING,
        Seen::Refused { code: 0, .. } => QUERY_LOST,
        Seen::Refused { code: 5, .. } => PROTOCOL,
        Seen::Refused { code: 4, .. } => FORBIDDEN,
        Seen::Status { status, body } => handshake_status(observed, *status, *body),
        _ if ended_after_a_second(&observed.websocket) => WRONG_PATH,
        Seen::Silent => NOBODY,
        _ if closed_at_once(observed) => CLOSED,
        _ if tried.detail.contains("which is Engine.IO") => PROTOCOL,
        Seen::Unexpected => WRONG_PATH,
        _ => NOTHING,
    }
}

/// Of a handshake that something answers that is no Socket.IO server.
fn handshake_status(observed: &Observed, status: u16, body: bool) -> Cause {
    match status {
        400 if body => FOREIGN_400,
        401 | 403 => FORBIDDEN,
        404 if default_backend(&observed.walk.handshake) => UNROUTED,
        404 if by_nginx(&observed.walk.handshake) => NOT_PROXIED,
        404 => WRONG_PATH,
        429 => BUSY,
        _ if ended_after_a_second(&observed.websocket) => WRONG_PATH,
        500..=503 => NO_BACKEND,
        504 => NOBODY,
        _ if by_nginx(&observed.walk.handshake) => NGINX_ITSELF,
        _ => NOTHING,
    }
}

/// Whether nginx answers, and no server.
fn by_nginx(tried: &Try) -> bool {
    tried.detail.ends_with(BY_NGINX)
}

/// Whether it is a request of the first session: until then hardly anything has been asked for.
fn is_first(observed: &Observed, tried: &Try) -> bool {
    [&observed.walk.post, &observed.walk.poll].into_iter().any(|first| std::ptr::eq(first, tried))
}

/// Of answers that are another's. Cloud CDN says by `Age` that it kept them, and nginx does not.
fn cached(observed: &Observed) -> Cause {
    let told = observed.tells.age.is_some() || observed.varied.aged || observed.repeated.aged;
    let no_other = observed.tells.cache.is_none();
    if is_cached(observed) && !told && no_other { CACHED_WITHIN } else { CACHED }
}

/// The load balancer's own 404s say so.
fn default_backend(tried: &Try) -> bool {
    tried.detail.contains("default backend") || tried.detail.contains("backend NotFound")
}

/// Of a POST or a GET with a session id.
pub(super) fn request(observed: &Observed, tried: &Try) -> Cause {
    match &tried.seen {
        Seen::OpenedAgain => cached(observed),
        Seen::Refused { code: 1, .. } => lost(observed),
        Seen::Refused { code: 0, .. } => QUERY_LOST,
        Seen::Refused { code: 4, .. } | Seen::Status { status: 401 | 403, .. } => FORBIDDEN,
        Seen::Redirect { .. } => ELSEWHERE,
        Seen::Status { status: 413, .. } => TOO_LARGE,
        Seen::Status { status: 500, .. } => (
            &["unwritable-temp-path"],
            "nginx answers 500 where it cannot write the body to `client_body_temp_path`",
        ),
        Seen::Status { status: 502, .. } | Seen::Cut => (
            &["keepalive-shorter-than-lb", "too-few-connections", "target-port-unserved"],
            "a connection behind was closed under the request: nginx's `keepalive_timeout` must exceed the load \
             balancer's 600 s",
        ),
        Seen::Status { status: 429 | 503, .. } if is_first(observed, tried) => TOO_FEW,
        Seen::Status { status: 429 | 503, .. } => BUSY,
        Seen::Status { status: 504, .. } | Seen::Silent => READ_TIMEOUT,
        Seen::Status { .. } if by_nginx(tried) => NGINX_ITSELF,
        Seen::Unexpected | Seen::Status { status: 400, .. } => ALTERED,
        _ => NOTHING,
    }
}

/// Of a session that a later request did not find.
pub(super) fn lost(observed: &Observed) -> Cause {
    if is_cached(observed) {
        cached(observed)
    } else if matches!(observed.walk.post.seen, Seen::Status { status: 400, .. }) {
        // A message that the server cannot read ends the session.
        ALTERED
    } else if observed.cookies.is_empty() {
        AFFINITY
    } else {
        COOKIE
    }
}

/// Of a poll that had to wait.
pub(super) fn slow_poll(observed: &Observed, tried: &Try) -> Cause {
    match &tried.seen {
        // nginx asks the next server when one takes too long, and that one does not know the session.
        Seen::Refused { code: 1, .. } | Seen::Status { status: 502, .. } | Seen::Cut => {
            READ_TIMEOUT
        }
        _ => request(observed, tried),
    }
}

/// Of a WebSocket, with a session id or without.
pub(super) fn websocket(observed: &Observed, tried: &Try) -> Cause {
    match &tried.seen {
        Seen::Refused { code, json, .. } => refused_websocket(observed, *code, *json),
        Seen::Status { status: 401 | 403, .. } => FORBIDDEN,
        Seen::OpenedAgain => cached(observed),
        Seen::Unexpected if tried.detail.starts_with("200") => cached(observed),
        Seen::Redirect { .. } => ELSEWHERE,
        Seen::Status { status: 404, .. } if default_backend(tried) => UNROUTED,
        Seen::Status { status: 404, .. } if by_nginx(tried) => NOT_PROXIED,
        Seen::Status { status: 404, .. } => WRONG_PATH,
        Seen::Status { status: 400, .. } => ALTERED,
        Seen::Status { status: 429 | 503, .. } => BUSY,
        _ if ended_after_a_second(tried) => WRONG_PATH,
        _ if closed_at_once(observed) => CLOSED,
        Seen::Status { status: 501 | 502, .. } => HTTP2,
        Seen::Silent if observed.walk.handshake.seen == Seen::Silent => NOBODY,
        Seen::Status { status: 504, .. } | Seen::Silent | Seen::Cut => READ_TIMEOUT,
        Seen::Status { .. } if by_nginx(tried) => NGINX_ITSELF,
        _ => NOTHING,
    }
}

fn refused_websocket(observed: &Observed, code: u8, json: bool) -> Cause {
    match code {
        0 if observed.walk.handshake.is_fine() => NO_WEBSOCKETS,
        0 => QUERY_LOST,
        1 => lost(observed),
        3 if json => NO_UPGRADE,
        3 => REFUSED_UPGRADE,
        4 => FORBIDDEN,
        5 => PROTOCOL,
        _ => NOTHING,
    }
}

/// Of a health path.
pub(super) fn health(tried: &Try) -> Cause {
    match tried.seen {
        Seen::Redirect { .. } => (
            &["health-path-unanswered"],
            "Google's health checks follow no redirect: answer 200 on the path itself, for any Host",
        ),
        _ => (
            &["health-path-unanswered", "health-location-missing", "health-check-incomplete"],
            "Google's health checks take 200 and nothing else: `location = PATH { return 200; }`",
        ),
    }
}

/// Of a large message.
pub(super) fn large(observed: &Observed, tried: &Try) -> Cause {
    match tried.seen {
        Seen::Status { status: 413, body: false } => (
            &[],
            "this 413 is the server's own: raise `maxHttpBufferSize`, or send less by polling",
        ),
        Seen::Cut | Seen::Status { status: 502, .. } => (
            &["body-limit-too-small"],
            "the connection was closed on the message: Engine.IO before 6.2 does so over `maxHttpBufferSize`",
        ),
        _ => request(observed, tried),
    }
}

/// Of a WebSocket that was cut before its first ping.
pub(super) const CUT_EARLY: Cause = READ_TIMEOUT;

/// Of handshakes that share a session.
pub(super) fn shared(observed: &Observed) -> Cause {
    cached(observed)
}
