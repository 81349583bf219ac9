//! Whether some cache takes part.

use super::super::observed::{Observed, Tells};
use super::polling::explained;
use super::{causes, not_tried};
use crate::live::check::{Check, Layer};

pub(super) fn fresh_session(observed: &Observed) -> Check {
    let check =
        Check::new("fresh-session", Layer::Cache, "every handshake opens a session of its own");
    let (varied, repeated) = (observed.varied, observed.repeated);
    if varied.handshakes + repeated.handshakes < 2 {
        return check.skip(not_tried(observed));
    }
    if causes::is_cached(observed) {
        let evidence = format!(
            "{} handshakes with different URLs got {}",
            varied.handshakes,
            sessions(varied.different)
        );
        return explained(check.fail(evidence), causes::shared(observed));
    }
    if repeated.different < repeated.handshakes {
        return check
            .warn(format!(
                "{} handshakes with one URL got {}; with a random `t`, as the client sends it, each got its own",
                repeated.handshakes,
                sessions(repeated.different)
            ))
            .because(&["cdn-on-session-traffic", "session-traffic-cached"])
            .advise(causes::shared(observed).1);
    }
    check.pass(format!(
        "{} handshakes, {} sessions",
        varied.handshakes + repeated.handshakes,
        varied.different + repeated.different
    ))
}

fn sessions(count: usize) -> String {
    match count {
        1 => "one session".to_owned(),
        count => format!("{count} sessions"),
    }
}

pub(super) fn cache_headers(observed: &Observed) -> Check {
    let check = Check::new("cache-headers", Layer::Cache, "no cache answers for the server");
    if !observed.walk.handshake.is_fine() {
        return check.skip(not_tried(observed));
    }
    let seen = headers(&observed.tells);
    if was_kept(&observed.tells) {
        return explained(check.fail(seen), causes::shared(observed));
    }
    if may_not_be_kept(&observed.tells) {
        return check.pass(seen);
    }
    let seen = if seen.is_empty() { "no Cache-Control".into() } else { seen };
    check
        .warn(seen)
        .because(&["session-traffic-cached"])
        .advise(
            "nothing forbids caches to keep the answer: Socket.IO says `no-store` since 4.7.3; before that, keep \
             caches away from its path",
        )
}

fn headers(tells: &Tells) -> String {
    let all = [
        ("Cache-Control", &tells.cache_control),
        ("Age", &tells.age),
        ("X-Cache", &tells.cache),
        ("Via", &tells.via),
    ];
    let given =
        all.into_iter().filter_map(|(name, value)| Some(format!("{name}: {}", value.as_ref()?)));
    given.collect::<Vec<_>>().join(", ")
}

fn was_kept(tells: &Tells) -> bool {
    let hit = |cache: &String| cache.to_ascii_uppercase().contains("HIT");
    tells.age.is_some() || tells.cache.as_ref().is_some_and(hit)
}

fn may_not_be_kept(tells: &Tells) -> bool {
    let control = tells.cache_control.as_deref().unwrap_or_default();
    let control = control.to_ascii_lowercase();
    ["no-store", "private", "no-cache"].iter().any(|word| control.contains(word))
}
