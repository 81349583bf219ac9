//! Whether there is somebody who speaks HTTP.

use super::super::observed::{Observed, Seen};
use super::super::options::Options;
use super::{causes, not_tried, simple};
use crate::live::check::{Check, Layer};

pub(super) fn reachable(observed: &Observed, options: &Options) -> Check {
    let check = Check::new("reachable", Layer::Connection, "the host accepts connections");
    let reach = &observed.reach;
    if let Some(trouble) = &reach.trouble {
        return check.fail(trouble);
    }
    let address = reach.address.as_deref().unwrap_or_default();
    match &reach.tls {
        Some(version) if options.manner.insecure => check
            .warn(format!(
                "{address} in {} ms, {version}; the certificate was not checked",
                reach.millis
            ))
            .advise("without `--insecure` the certificate is checked, as browsers do"),
        Some(version) => check
            .pass(format!("{address} in {} ms, {version} with a valid certificate", reach.millis)),
        None => check.pass(format!("{address} in {} ms, without TLS", reach.millis)),
    }
}

pub(super) fn http_version(observed: &Observed) -> Check {
    let check = Check::new("http-version", Layer::Connection, "answers are HTTP/1.1");
    let handshake = &observed.walk.handshake;
    let server = observed
        .tells
        .server
        .as_deref()
        .map_or(String::new(), |server| format!(" from `{server}`"));
    match handshake.seen {
        Seen::NotTried => check.skip(not_tried(observed)),
        Seen::Broken => check.fail(&handshake.detail).advise("is this the port of a web server?"),
        Seen::Cut | Seen::Silent | Seen::Unreachable => check.skip("there was no answer"),
        _ if observed.tells.http_minor == 0 => check
            .warn(format!("HTTP/1.0{server}"))
            .advise("a proxy that speaks HTTP/1.0 opens no WebSockets"),
        _ => check.pass(format!("HTTP/1.1{server}")),
    }
}

pub(super) fn redirect(observed: &Observed) -> Check {
    let check = Check::new("redirect", Layer::Connection, "the URL is answered without a redirect");
    let handshake = &observed.walk.handshake;
    if observed.redirects.is_empty() {
        return match handshake.seen {
            Seen::NotTried => check.skip(not_tried(observed)),
            Seen::Redirect { .. } => check.fail(&handshake.detail),
            _ => check.pass("no redirect"),
        };
    }
    let hops: Vec<String> = observed
        .redirects
        .iter()
        .map(|hop| format!("{} to {}", hop.status, hop.location))
        .collect();
    let hops = hops.join(", ");
    if observed.redirect_loop {
        let check = check.fail(format!("redirects lead in a circle: {hops}"));
        // Without TLS in the circle nobody is looking for it.
        return if observed.redirects.iter().any(|hop| hop.location.starts_with("https://")) {
            check.because(&["forwarded-proto-overwritten"]).advise(
                "an app that redirects to HTTPS goes round when nginx overwrites X-Forwarded-Proto with `http`",
            )
        } else {
            check.advise(
                "nginx or the app redirects this path to itself: look at the redirects of both",
            )
        };
    }
    let advice = "give the client this URL: browsers do not follow redirects of WebSockets, and a 301 turns a POST \
                  into a GET";
    if handshake.is_fine() {
        return check.warn(format!("{hops}; the rest was asked there")).advise(advice);
    }
    check.fail(hops).advise(advice)
}

pub(super) fn https_redirect(observed: &Observed) -> Check {
    let check = Check::new("https-redirect", Layer::Connection, "plain HTTP leads to HTTPS");
    let tried = &observed.plain;
    match &tried.seen {
        Seen::NotTried => check.skip("asked only for `https://` on its usual port"),
        Seen::Fine => check.pass(&tried.detail),
        Seen::Unreachable | Seen::Silent | Seen::Cut => {
            check.skip(format!("port 80: {}", tried.detail))
        }
        Seen::Unexpected => check
            .warn("sessions are opened without TLS too")
            .because(&["redirect-without-http"])
            .advise("redirect with a FrontendConfig (`redirectToHttps`), or turn plain HTTP off"),
        _ => check.warn(&tried.detail).because(&["redirect-without-http"]),
    }
}

pub(super) fn health(observed: &Observed) -> Check {
    let check = Check::new("health", Layer::Connection, "the health path is answered with 200");
    if observed.reach.trouble.is_none() && !observed.health.was_tried() {
        return check.skip("asked for with `--health PATH`");
    }
    match simple(check, &observed.health, observed) {
        Ok(check) => check,
        Err(check) => {
            let (rules, advice) = causes::health(&observed.health);
            check.because(rules).advise(advice)
        }
    }
}
