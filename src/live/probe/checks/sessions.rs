//! Whether the requests of a session reach the server that opened it, measured over many.

use super::super::observed::{Arm, Cookie, Observed, Try, Walk};
use super::polling::explained;
use super::{causes, not_tried};
use crate::live::check::{Check, Layer};

pub(super) fn sessions(observed: &Observed) -> Check {
    let check = Check::new(
        "sessions",
        Layer::Sessions,
        "every request of a session reaches the server that opened it",
    );
    let Some(sessions) = &observed.sessions else {
        return check.skip(match not_tried(observed) {
            "not asked for" => "not asked for; a WebSocket without polling needs no affinity",
            why => why,
        });
    };
    let arm = &sessions.with_cookies;
    let tally = arm.tally();
    if tally.lost > 0 {
        let evidence = format!(
            "over {} sessions, {} came to a server that does not know the session{}{}",
            arm.walks.len(),
            tally.sentence(),
            as_if(arm),
            by_step(arm),
        );
        return explained(check.fail(evidence), causes::lost(observed));
    }
    if let Some((evidence, cause)) = other_failures(observed, arm) {
        return explained(check.fail(evidence), cause);
    }
    if tally.tried == 0 {
        return check.skip("no request with a session id was answered by the server");
    }
    let (_, high) = tally.interval();
    check.pass(format!(
        "over {} sessions, none of {} requests was lost (less than {:.0} % are, with 95 % confidence). One pod, or \
         affinity by client address, looks the same from one place",
        arm.walks.len(),
        tally.tried,
        (high * 100.0).ceil()
    ))
}

/// How many servers it looks like.
fn as_if(arm: &Arm) -> String {
    match arm.tally().servers() {
        (from, Some(to)) if from == to => format!(", as if dealt at random to {from} servers"),
        (from, Some(to)) => format!(", as if dealt at random to {from} to {to} servers"),
        (from, None) => format!(", as if dealt at random to {from} servers or more"),
    }
}

/// One request of a session.
type Step = fn(&Walk) -> &Try;

/// Which requests were lost. Servers that take turns lose the same one each time.
fn by_step(arm: &Arm) -> String {
    let steps: [(&str, Step); 3] = [
        ("POST", |walk| &walk.post),
        ("GET", |walk| &walk.poll),
        ("upgrade", |walk| &walk.upgrade),
    ];
    let tallies: Vec<(&str, _)> = steps
        .into_iter()
        .map(|(name, which)| (name, arm.tally_of(|walk| vec![which(walk)])))
        .filter(|(_, tally)| tally.tried > 0)
        .collect();
    let counts: Vec<String> = tallies
        .iter()
        .map(|(name, tally)| format!("{name} {} of {}", tally.lost, tally.tried))
        .collect();
    let always = tallies.iter().any(|(_, tally)| tally.tried > 3 && tally.lost == tally.tried);
    let never = tallies.iter().any(|(_, tally)| tally.tried > 3 && tally.lost == 0);
    let turns =
        if always && never { "; two servers take turns, so the average means nothing" } else { "" };
    format!(" ({}){turns}", counts.join(", "))
}

/// Failures now and then of requests that went well in the first session.
fn other_failures(observed: &Observed, arm: &Arm) -> Option<(String, causes::Cause)> {
    let first = &observed.walk;
    let systematic = [&first.post, &first.poll, &first.upgrade];
    let failures: Vec<_> =
        arm.others().filter(|one| systematic.iter().all(|first| first.seen != one.seen)).collect();
    let example = failures.first()?;
    let evidence = format!(
        "{} requests of {} sessions failed, such as with: {}",
        failures.len(),
        arm.walks.len(),
        example.detail
    );
    Some((evidence, causes::request(observed, example)))
}

pub(super) fn cookie_affinity(observed: &Observed) -> Check {
    let check = Check::new("cookie-affinity", Layer::Sessions, "sessions hold without cookies");
    let Some(cookie) = observed.cookies.first() else {
        return check.skip(if observed.walk.handshake.is_fine() {
            "the first answer sets no cookie"
        } else {
            not_tried(observed)
        });
    };
    let arms = observed.sessions.as_ref();
    let Some((with, without)) = arms
        .and_then(|arms| Some((arms.with_cookies.tally(), arms.without_cookies.as_ref()?.tally())))
    else {
        return check.skip(format!("`{}` is set; not measured without it", cookie.name));
    };
    let seen = format!(
        "cookie `{}` ({}): lost with it {} of {}, without it {}",
        cookie.name,
        cookie.attributes,
        with.lost,
        with.tried,
        without.sentence()
    );
    if without.lost == 0 {
        return check.pass(seen);
    }
    if with.lost > 0 {
        return check.warn(format!("{seen}: it does not bind a session to a server"));
    }
    check.warn(seen).because(&["session-affinity-missing"]).advise(keep(cookie))
}

/// What clients must do to keep a cookie.
fn keep(cookie: &Cookie) -> String {
    let attributes = cookie.attributes.to_ascii_lowercase();
    let cross = if attributes.contains("samesite=none") {
        ""
    } else {
        ", and pages of another site never send this cookie: it lacks `SameSite=None; Secure`"
    };
    format!(
        "sessions hold only for clients that keep cookies: on another origin they need `withCredentials: true` and \
         the server `cors: {{ credentials: true }}`; the Node client needs 4.7 or later and the same{cross}. \
         `CLIENT_IP` affinity, or `transports: [\"websocket\"]`, needs no cookies"
    )
}
