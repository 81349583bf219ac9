//! What loopback does not show: Google's own answers, and what takes too long to be waited for.

use super::super::observed::{Held, Hop, Observed, OpenNumbers, SameSid, Seen, SlowPoll, Try};
use super::super::options::{Options, Target};
use crate::live::check::{Check, Status};
use crate::live::engineio::Eio;

fn observed() -> Observed {
    let mut observed = Observed::nothing(&"https://a.b/socket.io/".parse().unwrap(), Eio::Four);
    observed.open = Some(OpenNumbers {
        websocket_offered: true,
        ping_interval: 25_000,
        ping_timeout: 20_000,
        max_payload: None,
    });
    observed.walk.handshake = fine();
    observed
}

fn fine() -> Try {
    seen(Seen::Fine, 10, "200")
}

fn seen(seen: Seen, millis: u64, detail: &str) -> Try {
    Try { seen, millis, detail: detail.into() }
}

fn status(status: u16) -> Seen {
    Seen::Status { status, body: true }
}

#[track_caller]
fn fails(observed: &Observed, id: &str, rule: &str) -> Check {
    let mut options = Options::new(Target::new("https://a.b", None).unwrap());
    options.hold = std::time::Duration::from_mins(1);
    let check = super::all(observed, &options);
    let check = check.into_iter().find(|check| check.id == id).unwrap();
    assert_ne!(check.status, Status::Pass, "{check:#?}");
    assert_eq!(check.rules.first(), Some(&rule), "{check:#?}");
    check
}

#[test]
fn a_path_without_a_rule_of_the_load_balancer() {
    let mut observed = observed();
    observed.walk.handshake =
        seen(status(404), 9, "404 `response 404 (backend NotFound), service rules`");
    fails(&observed, "handshake", "socketio-path-unrouted");
    observed.walk.handshake = seen(status(404), 9, "404 `<html>`");
    fails(&observed, "handshake", "prefix-not-mapped");
    observed.walk.handshake = seen(status(404), 9, "404 with a page of nginx's own");
    fails(&observed, "handshake", "location-not-proxied");
    observed.walk.handshake = seen(status(410), 9, "410 with a page of nginx's own");
    fails(&observed, "handshake", "regex-takes-session-path");
}

#[test]
fn caches_that_say_so_and_caches_that_do_not() {
    let mut observed = observed();
    observed.varied = SameSid { handshakes: 4, different: 1, aged: true };
    fails(&observed, "fresh-session", "cdn-key-drops-query");
    observed.varied.aged = false;
    fails(&observed, "fresh-session", "session-traffic-cached");
}

#[test]
fn redirects_that_go_round() {
    let mut observed = observed();
    let to = |location: &str| Hop { status: 302, location: location.into() };
    (observed.redirect_loop, observed.redirects) = (true, vec![to("https://a.b/socket.io/")]);
    observed.walk.handshake =
        seen(Seen::Redirect { status: 302, location: String::new() }, 9, "302");
    fails(&observed, "redirect", "forwarded-proto-overwritten");
    observed.redirects = vec![to("http://a.b/socket.io/")];
    let options = Options::new(Target::new("http://a.b", None).unwrap());
    let all = super::all(&observed, &options);
    let check = all.iter().find(|check| check.id == "redirect").unwrap();
    assert_eq!((check.status, check.rules.len()), (Status::Fail, 0), "{check:#?}");
}

#[test]
fn a_pod_that_says_nothing_to_anybody() {
    let mut observed = observed();
    observed.walk.handshake = seen(Seen::Silent, 10_000, "no answer within 10 s");
    observed.websocket = seen(Seen::Silent, 10_000, "no answer within 10 s");
    fails(&observed, "websocket", "prefix-not-mapped");
}

#[test]
fn limits_that_the_first_session_meets_already() {
    let mut observed = observed();
    observed.walk.post = seen(status(503), 9, "503");
    fails(&observed, "post", "limit-below-sessions");
}

#[test]
fn pods_that_are_out_and_paths_that_are_wrong() {
    let mut observed = observed();
    observed.walk.handshake = seen(status(502), 9, "502");
    observed.websocket = seen(status(502), 20, "502");
    fails(&observed, "handshake", "health-path-unanswered");
    fails(&observed, "websocket", "http2-to-backend");
    observed.websocket = seen(status(502), 1_040, "502");
    fails(&observed, "handshake", "prefix-not-mapped");
    fails(&observed, "websocket", "prefix-not-mapped");
    observed.walk.handshake = seen(status(504), 30_000, "504");
    fails(&observed, "handshake", "prefix-not-mapped");
}

fn held(millis: u64, pings: u32, idle: u64) -> Held {
    Held {
        millis,
        pings,
        ended: true,
        close_code: None,
        idle,
        longest_idle: if pings > 0 { 25_000 } else { 0 },
        detail: "the end of the connection, without a close frame".into(),
    }
}

#[test]
fn cuts_at_an_age_and_in_silence() {
    let mut observed = observed();
    observed.held = Some(held(30_040, 1, 5_040));
    let check = fails(&observed, "hold", "websocket-cut-by-timeout");
    assert!(check.evidence.contains("cut at its age; 30 s is the default"), "{check:?}");
    observed.held = Some(held(51_000, 1, 26_000));
    fails(&observed, "hold", "read-timeout-too-short");
    observed.held = Some(held(10_000, 0, 9_900));
    fails(&observed, "hold", "read-timeout-too-short");
    let check = fails(&observed, "ping", "read-timeout-too-short");
    assert!(check.evidence.contains("before the first ping, which is due after 25 s"), "{check:?}");
    observed.held = Some(Held { close_code: Some(1001), ..held(40_000, 1, 15_000) });
    fails(&observed, "hold", "rollout-cuts-sessions");
}

#[test]
fn polls_that_are_held_back() {
    let mut observed = observed();
    observed.slow_poll = Some(SlowPoll { poll: fine(), first_byte: 29_000 });
    assert_eq!(fails(&observed, "poll-ping", "polling-buffered").status, Status::Warn);
}

#[test]
fn caches_that_tell() {
    let mut observed = observed();
    observed.tells.via = Some("1.1 google".into());
    observed.tells.cache_control = Some("no-store".into());
    observed.tells.age = Some("17".into());
    let check = fails(&observed, "cache-headers", "cdn-key-drops-query");
    assert_eq!(check.evidence, "Cache-Control: no-store, Age: 17, Via: 1.1 google");
    observed.tells.age = None;
    observed.tells.cache_control = None;
    assert_eq!(fails(&observed, "cache-headers", "session-traffic-cached").status, Status::Warn);
}
