//! nginx answers a session's requests by itself, where it has a `proxy_pass` for them.

use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::Grade;
use crate::nginx::{Answer, NodeId, Outcome, Request, Returned, Route, variables};
use crate::path::{Part, SessionRequest, Site, SiteLocation};

pub(super) static RULE: Rule = Rule {
    id: "session-request-refused",
    severity: Severity::Error,
    grade: Grade::Source,
    fix: Applicability::Manual,
    sources: &[
        "https://nginx.org/en/docs/http/ngx_http_rewrite_module.html",
        "https://nginx.org/en/docs/http/ngx_http_access_module.html",
        "https://nginx.org/en/docs/http/ngx_http_core_module.html#limit_except",
        "https://nginx.org/en/docs/http/ngx_http_core_module.html#try_files",
    ],
    page: include_str!("session_request_refused.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for (site, session) in model.socketio_locations() {
        if is_meant_to_pass(site, session) {
            findings.extend(finding(site, session));
        }
    }
}

/// How nginx answers, and the line that makes it.
struct Refusal {
    at: NodeId,
    beside: &'static str,
    answer: String,
}

fn finding(site: &Site<'_>, session: &SiteLocation<'_>) -> Option<Draft> {
    let refused = |of: SessionRequest| refusal(site, session, of);
    let polling = refused(SessionRequest::Handshake).filter(|_| session.polls());
    let message = refused(SessionRequest::Message).filter(|_| session.polls());
    let websocket = refused(SessionRequest::WebSocket);
    let (refusal, severity, said) = match (polling, message, websocket) {
        (Some(polling), _, Some(_)) => (polling, Severity::Error, "no session begins"),
        (Some(polling), _, None) => (
            polling,
            Severity::Warning,
            "no session begins by polling, as clients do unless told otherwise",
        ),
        (None, Some(message), _) => {
            (message, Severity::Error, "nothing that a client says by polling arrives")
        }
        (None, None, websocket) => (websocket?, Severity::Error, "no WebSocket gets through"),
    };
    let message = format!("{said}: nginx answers {}", refusal.answer);
    let draft = Draft::at(site.place(refusal.at), refusal.beside, message);
    let location = session.location.filter(|location| *location != refusal.at);
    let draft = match location {
        Some(location) => draft.and(site.place(location), "the location of Socket.IO's path"),
        None => draft,
    };
    let help = "let these requests through to `proxy_pass`";
    Some(
        draft
            .of_directive(site, refusal.at)
            .only(severity)
            .because(&session.evidence[0])
            .help(help),
    )
}

/// Whether its location passes requests on; or an exact one takes the path itself, and all below it is passed on.
fn is_meant_to_pass(site: &Site<'_>, session: &SiteLocation<'_>) -> bool {
    let passes = |node: NodeId| site.config.pass(node).is_some();
    let Some(location) = session.location else {
        return false;
    };
    let below = || site.location_for(session.server, &format!("{}socket.io.js", session.path));
    passes(location) || site.is_exact(location) && below().is_some_and(passes)
}

/// The answer to one of the requests, where it follows from the configuration alone.
fn refusal(site: &Site<'_>, session: &SiteLocation<'_>, of: SessionRequest) -> Option<Refusal> {
    let request = site.request_of(session, of);
    let route = site.config.route(&request).ok()??;
    if route.server.server != session.server || route.selection.doubt.is_some() {
        return None;
    }
    match &route.outcome {
        Outcome::Returned(returned) => returned_by(site, session, returned),
        Outcome::Internal => Some(Refusal {
            at: site.config.named(route.selection.location()?, "internal").next()?,
            beside: "only nginx itself gets in here",
            answer: "404".to_owned(),
        }),
        Outcome::Circle => Some(Refusal {
            at: *route.steps.last()?,
            beside: "goes round in a circle",
            answer: "500".to_owned(),
        }),
        Outcome::Location => by_content(site, &route, &request),
        Outcome::SlashAdded(_) => None,
    }
}

fn returned_by(
    site: &Site<'_>,
    session: &SiteLocation<'_>,
    returned: &Returned,
) -> Option<Refusal> {
    if !follows_from_the_request(site, returned.at) {
        return None;
    }
    let to = returned.text.as_deref().filter(|_| (300..400).contains(&returned.code));
    let Some(to) = to else {
        let answer = returned.code.to_string();
        return Some(Refusal { at: returned.at, beside: "answers these requests", answer });
    };
    // A server that takes TLS too may be asked in plain http only to say so.
    if site.config.listens(session.server).iter().any(|listen| listen.ssl) {
        return None;
    }
    let circle = to.starts_with("https:") && asks_for_scheme(site, returned.at);
    let answer = if circle {
        format!(
            "{} to https, and to nginx every request is plain http: where TLS ends before it, in a circle",
            returned.code
        )
    } else {
        format!("{}, and a WebSocket follows no redirection", returned.code)
    };
    Some(Refusal { at: returned.at, beside: "redirects these requests", answer })
}

/// Whether no client decides it, by a cookie, an address or a name of its own.
fn follows_from_the_request(site: &Site<'_>, at: NodeId) -> bool {
    const KNOWN: [&str; 14] = [
        "scheme",
        "request_method",
        "args",
        "is_args",
        "query_string",
        "uri",
        "document_uri",
        "request_uri",
        "arg_EIO",
        "arg_transport",
        "http_upgrade",
        "http_connection",
        "http_x_forwarded_proto",
        "arg_sid",
    ];
    conditions(site, at).iter().all(|name| KNOWN.contains(&name.as_str()))
}

fn asks_for_scheme(site: &Site<'_>, at: NodeId) -> bool {
    conditions(site, at).iter().any(|name| name == "scheme")
}

/// The variables that the conditions around a line rest on.
fn conditions(site: &Site<'_>, at: NodeId) -> Vec<String> {
    let ifs = site.config.levels(at).filter(|level| site.config.name(*level) == "if");
    let words = ifs.flat_map(|level| site.config.arguments(level).collect::<Vec<_>>());
    words.flat_map(variables).map(str::to_owned).collect()
}

/// What comes between the choice of the location and its `proxy_pass`.
fn by_content(site: &Site<'_>, route: &Route<'_>, request: &Request) -> Option<Refusal> {
    let config = &site.config;
    let level = route.scene.location.or(route.selection.location())?;
    if config.levels(level).any(|level| config.is_garbled(level)) {
        return None;
    }
    if let Some(at) = config.denied(level, &request.method) {
        return Some(Refusal { at, beside: "lets nobody in", answer: "403".to_owned() });
    }
    let Answer::TryFiles { at, fallback } = config.answer(level) else {
        return None;
    };
    let answer = match fallback.strip_prefix('=') {
        Some(code) => code.to_owned(),
        None if fallback.starts_with('/') && !site.passes(route.server.server, fallback) => {
            "with a page of the site in place of a session".to_owned()
        }
        None => return None,
    };
    Some(Refusal { at, beside: "looks for files first, and there is none of this name", answer })
}
