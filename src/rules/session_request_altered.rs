//! nginx passes a session's requests on without what makes them one.

use super::location::{for_sessions, set};
use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::Grade;
use crate::nginx::{HeadersSent, NodeId};
use crate::path::{ASSUMED, Part, Setting, Site, SiteLocation};

pub(super) static RULE: Rule = Rule {
    id: "session-request-altered",
    severity: Severity::Error,
    grade: Grade::Source,
    fix: Applicability::Safe,
    sources: &[
        "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_method",
        "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_pass_request_body",
        "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_set_body",
        "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_pass_request_headers",
        "https://www.rfc-editor.org/rfc/rfc6455#section-4.1",
    ],
    page: include_str!("session_request_altered.md"),
    check,
};

/// What a server refuses a WebSocket without (RFC 6455, section 4.2.1).
const KEYS: [&str; 2] = ["Sec-WebSocket-Key", "Sec-WebSocket-Version"];

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for (site, session) in model.socketio_locations() {
        let Some((location, _)) = site.pass_of(session) else {
            continue;
        };
        for draft in [
            method(site, session, location),
            body(site, session, location),
            other_body(site, session, location),
            length(site, session, location),
            headers(site, session, location),
        ]
        .into_iter()
        .flatten()
        {
            findings.add(draft.because(&session.evidence[0]));
        }
    }
}

fn written(site: &Site<'_>, location: NodeId, name: &str) -> Option<NodeId> {
    match site.setting(location, name) {
        Setting::Written(line) => Some(line),
        _ => None,
    }
}

fn method(site: &Site<'_>, session: &SiteLocation<'_>, location: NodeId) -> Option<Draft> {
    let line = written(site, location, "proxy_method").filter(|_| session.polls())?;
    let value = site.config.value(line);
    if value.contains('$') {
        return None;
    }
    let lost = if value.eq_ignore_ascii_case("GET") {
        "nothing that a client says by polling arrives: the server takes the POST for one more poll"
    } else {
        "no session begins by polling: the server knows GET and POST only where they belong"
    };
    let draft = Draft::at(site.value_place(line), "for every request", lost);
    let fix = set(site, location, "proxy_method", "$request_method");
    let draft = draft.of_directive(site, line).help("write `proxy_method $request_method;`");
    Some(draft.fix(for_sessions(site, session), fix))
}

fn body(site: &Site<'_>, session: &SiteLocation<'_>, location: NodeId) -> Option<Draft> {
    let line = written(site, location, "proxy_pass_request_body").filter(|_| session.polls())?;
    if !site.config.value(line).eq_ignore_ascii_case("off") {
        return None;
    }
    let message =
        "nothing that a client says by polling arrives: the server gets the POST without its body";
    let draft = Draft::at(site.place(line), "", message).of_directive(site, line);
    // A body that comes without its length is worse than none: the server reads it as the next request.
    if let Some(length) = no_length(site, location) {
        let draft = draft.and(site.place(length), "this has to go with it");
        return Some(draft.help("take both lines out"));
    }
    let fix = set(site, location, "proxy_pass_request_body", "on");
    let draft = draft.help("write `proxy_pass_request_body on;`");
    Some(draft.fix(for_sessions(site, session), fix))
}

/// A body that is the same for every request.
fn other_body(site: &Site<'_>, session: &SiteLocation<'_>, location: NodeId) -> Option<Draft> {
    let line = written(site, location, "proxy_set_body").filter(|_| session.polls())?;
    if site.config.value(line).contains('$') {
        return None;
    }
    let message =
        "nothing that a client says by polling arrives: the server gets this text for every POST";
    let draft = Draft::at(site.value_place(line), "in place of the client's", message);
    Some(draft.of_directive(site, line).help("take the line out"))
}

/// A body that is sent, and a `Content-Length` that is not.
fn length(site: &Site<'_>, session: &SiteLocation<'_>, location: NodeId) -> Option<Draft> {
    let line = no_length(site, location).filter(|_| session.polls())?;
    let body = written(site, location, "proxy_pass_request_body");
    if body.is_some_and(|line| site.config.value(line).eq_ignore_ascii_case("off")) {
        return None;
    }
    let message = "nothing that a client says by polling arrives: the server takes the POST for one without a body, and reads the body as what comes next";
    let draft = Draft::at(site.place(line), "sent empty, so not at all", message);
    Some(draft.of_directive(site, line).help("take the line out"))
}

fn no_length(site: &Site<'_>, location: NodeId) -> Option<NodeId> {
    let sent = site.config.headers_sent(location, ASSUMED);
    emptied(&sent, "Content-Length").filter(|_| !fills(&sent, "Content-Length"))
}

fn headers(site: &Site<'_>, session: &SiteLocation<'_>, location: NodeId) -> Option<Draft> {
    let sent = site.config.headers_sent(location, ASSUMED);
    let off = written(site, location, "proxy_pass_request_headers")
        .filter(|line| site.config.value(*line).eq_ignore_ascii_case("off"));
    if let Some(line) = off.filter(|_| !KEYS.iter().all(|key| fills(&sent, key))) {
        let message = "no WebSocket gets through: the server gets none of the client's headers, and refuses a handshake without a key";
        let draft = Draft::at(site.place(line), "", message).of_directive(site, line);
        let fix = set(site, location, "proxy_pass_request_headers", "on");
        let draft = draft.help("write `proxy_pass_request_headers on;`");
        return Some(draft.fix(for_sessions(site, session), fix));
    }
    let line = KEYS.iter().find_map(|key| emptied(&sent, key))?;
    let message = "no WebSocket gets through: the server refuses a handshake without this header";
    let draft = Draft::at(site.place(line), "sent empty, so not at all", message);
    Some(draft.of_directive(site, line).help("take the line out"))
}

fn fills(sent: &HeadersSent, key: &str) -> bool {
    sent.named(key).any(|header| !header.value.is_empty())
}

fn emptied(sent: &HeadersSent, key: &str) -> Option<NodeId> {
    sent.named(key).find(|header| header.value.is_empty())?.at
}
