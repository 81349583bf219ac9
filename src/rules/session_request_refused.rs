//! nginx answers a session's requests by itself, where it has a `proxy_pass` for them.

use super::conditions::{asks_for_scheme, follows_from_the_request, takes_tls};
use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::Grade;
use crate::nginx::{
    Answer, Kind, Location, NodeId, Outcome, ROOT, Request, Returned, Route, normalise,
};
use crate::path::{Part, Sender, SessionRequest, Site, SiteLocation};

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
            findings.extend(finding(site, session, model.sender_of(site)));
        }
    }
}

/// How nginx answers, and the line that makes it.
struct Refusal {
    at: NodeId,
    beside: &'static str,
    does: String,
}

fn answers(what: impl std::fmt::Display) -> String {
    format!("nginx answers {what}")
}

fn finding(site: &Site<'_>, session: &SiteLocation<'_>, sender: Sender) -> Option<Draft> {
    let refused = |of| refusal(site, session, &site.request_of(session, sender, of));
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
    let message = format!("{said}: {}", refusal.does);
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
fn refusal(site: &Site<'_>, session: &SiteLocation<'_>, request: &Request) -> Option<Refusal> {
    let route = site.config.route(request).ok()??;
    if route.server.server != session.server || route.selection.doubt.is_some() {
        return None;
    }
    match &route.outcome {
        Outcome::Returned(returned) => returned_by(site, &route, returned),
        Outcome::Internal => internal(site, &route),
        Outcome::Circle => Some(Refusal {
            at: *route.steps.last()?,
            beside: "goes round in a circle",
            does: answers(500),
        }),
        Outcome::Location => by_content(site, session, &route, request),
        Outcome::SlashAdded(_) => None,
    }
}

fn internal(site: &Site<'_>, route: &Route<'_>) -> Option<Refusal> {
    let location = route.selection.location()?;
    let at = site.config.named(location, "internal").next()?;
    let refused = !is_led_to(site, location) && is_final(site, route, location, 404);
    refused.then(|| Refusal { at, beside: "only nginx itself gets in here", does: answers(404) })
}

fn returned_by(site: &Site<'_>, route: &Route<'_>, returned: &Returned) -> Option<Refusal> {
    let (at, code, server) = (returned.at, returned.code, route.server.server);
    let level = route.scene.location.unwrap_or(server);
    if !follows_from_the_request(site, at) || !is_final(site, route, level, code) {
        return None;
    }
    let to = returned.text.as_deref().filter(|_| (300..400).contains(&code));
    let Some(to) = to else {
        return Some(Refusal { at, beside: "answers these requests", does: answers(code) });
    };
    // Where nginx takes TLS too, it may be asked in plain http only to say so.
    let https = to.starts_with("https:");
    let own = site.config.listens(server).iter().any(|listen| listen.ssl);
    if own || https && takes_tls(site) {
        return None;
    }
    let does = if https && asks_for_scheme(site, at) {
        format!(
            "nginx answers {code} to https, and to nginx every request is plain http: where TLS ends before it, in a circle"
        )
    } else {
        format!("nginx answers {code}, and a WebSocket follows no redirection")
    };
    Some(Refusal { at, beside: "redirects these requests", does })
}

/// What comes between the choice of the location and its `proxy_pass`.
fn by_content(
    site: &Site<'_>,
    session: &SiteLocation<'_>,
    route: &Route<'_>,
    request: &Request,
) -> Option<Refusal> {
    let config = &site.config;
    let level = route.scene.location.or(route.selection.location())?;
    if config.levels(level).any(|level| config.is_garbled(level)) {
        return None;
    }
    if let Some(at) = config.denied(level, &request.method) {
        let refused = is_final(site, route, level, 403);
        return refused.then(|| Refusal { at, beside: "lets nobody in", does: answers(403) });
    }
    if let Some(at) = site.keeps_sender_out(level, &route.scene) {
        let refused = is_final(site, route, level, 403);
        let beside = "keeps the load balancer out, and nginx knows no other address";
        return refused.then(|| Refusal { at, beside, does: answers(403) });
    }
    let Answer::TryFiles { at, fallback } = config.answer(level) else {
        return None;
    };
    let does = match fallback.strip_prefix('=') {
        Some(code) => {
            let last = code.parse().is_ok_and(|code| is_final(site, route, level, code));
            last.then(|| answers(code))?
        }
        None if !fallback.starts_with('/') => return None,
        None if !site.passes(route.server.server, fallback) => {
            answers("with a page of the site in place of a session")
        }
        None if is_passed_as_it_is(site, session, fallback) => {
            format!("nginx goes on with `{fallback}` in the place of their path")
        }
        None => return None,
    };
    Some(Refusal { at, beside: "looks for files first, and there is none of this name", does })
}

/// Whether a fallback reaches a server, which is asked for that path then and not for Socket.IO's.
fn is_passed_as_it_is(site: &Site<'_>, session: &SiteLocation<'_>, fallback: &str) -> bool {
    let config = &site.config;
    let changes =
        |level| ["rewrite", "if"].iter().any(|one| config.named(level, one).next().is_some());
    let plain = |location: NodeId| {
        let pass = config.proxy_pass(location);
        pass.is_some_and(|pass| pass.uri.is_none() && !pass.has_variables())
    };
    let location = site.location_for(session.server, fallback);
    let sent = location.is_some_and(|one| plain(one) && !changes(one) && !changes(session.server));
    let own = session.mark.server_path.as_ref().unwrap_or(&session.path);
    sent && !fallback.contains('$') && !fallback.starts_with(own.as_str())
}

/// Whether a status is nginx's last word: by `error_page` it may go on with another location, unless that has no more
/// than a page of the site.
fn is_final(site: &Site<'_>, route: &Route<'_>, level: NodeId, code: u16) -> bool {
    let config = &site.config;
    let Some(line) = config.error_page(level, code) else {
        return true;
    };
    let page = config.arguments(line).last().unwrap_or_default();
    let plain = page.starts_with('/') && !page.contains('$');
    let other = config.arguments(line).any(|word| word.starts_with('='));
    let location = normalise(page, true).map(|uri| config.select(route.server.server, &uri));
    let files = |location: NodeId| {
        let changes =
            ["rewrite", "if"].iter().any(|one| config.named(location, one).next().is_some());
        !changes && matches!(config.answer(location), Answer::Files { .. })
    };
    plain && !other && matches!(location, Ok(Ok(chosen)) if chosen.location().is_none_or(files))
}

/// Whether nginx itself may lead requests into a location: by a `rewrite`, behind `try_files`, or for an error.
fn is_led_to(site: &Site<'_>, location: NodeId) -> bool {
    let config = &site.config;
    let server = config.server_of(location);
    let named = |name: &'static str| {
        let holds = move |line: &NodeId| [server, ROOT].contains(&config.server_of(*line));
        config.all_named(name).filter(holds)
    };
    let moves = |line: &NodeId| config.directive(*line).argument(2) != Some("break");
    let rewrites = named("rewrite").filter(moves);
    let rewrites = rewrites.filter_map(|line| config.directive(line).argument(1));
    let others = named("try_files").chain(named("error_page"));
    let others = others.filter_map(|line| config.arguments(line).last());
    let location = config.location(location);
    location.is_some_and(|one| rewrites.chain(others).any(|target| may_lead_to(target, &one)))
}

fn may_lead_to(target: &str, location: &Location<'_>) -> bool {
    let known = target.split(['$', '?']).next().unwrap_or_default();
    let regex = matches!(location.kind, Kind::Regex | Kind::RegexIgnoringCase);
    let open = target.contains('$') && location.path.starts_with(known);
    target.starts_with(['/', '$']) && (regex || open || known.starts_with(location.path))
}
