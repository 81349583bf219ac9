//! nginx: the server and the location that take a request.

use super::HopKind;
use super::passage::{End, Passage};
use super::upstream::{Arrival, sent};
use super::way::{Ask, Way};
use crate::nginx::{Answer, Doubt, Kind, NodeId, Outcome, Request, Route};
use crate::path::{Site, forwarded};

/// The request as nginx gets it.
pub(super) fn request(way: &Way<'_, '_>, site: &Site<'_>, ask: &Ask, port: u16) -> Request {
    let host = way.host.as_deref().unwrap_or("localhost");
    let (sender, target) = (way.sender(site), ask.target(&way.path));
    let request = forwarded(sender, ask.method, (host, port), &target, ask.upgrades());
    Request { scheme: site.scheme_on(port).to_owned(), ..request }
}

/// What a template comes to for a request at a location.
pub(super) fn value_of(
    site: &Site<'_>,
    at: NodeId,
    template: &str,
    request: &Request,
) -> Result<String, Doubt> {
    let route = site.config.route(request)?;
    let route = route.ok_or_else(|| Doubt::bare("nginx refuses the request line"))?;
    let mut scene = route.scene.clone();
    scene.location = Some(at);
    site.config.value_at(template, &scene)
}

/// The hops of nginx; `None` where the request ends there, or nobody can tell.
pub(super) fn walk(
    way: &Way<'_, '_>,
    site: &Site<'_>,
    port: u16,
    ask: &Ask,
    passage: &mut Passage,
) -> Option<Arrival> {
    let request = request(way, site, ask, port);
    let route = match site.config.route(&request) {
        Ok(Some(route)) => route,
        Ok(None) => {
            let end = End::bad("`400` of nginx").status(400);
            passage.stop(HopKind::Nginx, "nginx refuses the request line", end);
            return None;
        }
        Err(doubt) => {
            passage.doubt(HopKind::Nginx, doubt.why, doubt.at.map(|node| site.place(node)));
            return None;
        }
    };
    chosen(site, &route, passage);
    if let Some(doubt) = &route.selection.doubt {
        passage.doubt(HopKind::Nginx, doubt.why.clone(), doubt.at.map(|node| site.place(node)));
    }
    let location = answering(way, site, &route, ask.method, passage)?;
    sent(way, site, location, &route.scene, ask, passage)
}

/// The hop that names the server and the location.
fn chosen(site: &Site<'_>, route: &Route<'_>, passage: &mut Passage) {
    let config = &site.config;
    let server = route.server.at.map_or("the only server".to_owned(), |node| {
        config.arguments(node).collect::<Vec<_>>().join(" ")
    });
    let Some(node) = route.selection.location() else {
        return passage.hop(
            HopKind::Nginx,
            format!("server `{server}`, and no location"),
            route.server.at.map(|node| site.place(node)),
        );
    };
    let location = config.location(node);
    let (path, why) = location.map_or(("", ""), |one| (one.path, kind(one.kind)));
    let beaten = route.selection.beaten.and_then(|node| config.location(node));
    let beats = beaten.map_or(String::new(), |one| format!(", before `{}`", one.path));
    let what = format!("server `{server}`, location `{path}` ({why}{beats})");
    passage.hop(HopKind::Nginx, what, Some(site.place(node)));
}

fn kind(of: Kind) -> &'static str {
    match of {
        Kind::Exact => "exact",
        Kind::Prefix => "the longest prefix",
        Kind::PrefixFinal => "the longest prefix, and no regular expression is tried",
        Kind::Regex | Kind::RegexIgnoringCase => "a regular expression",
        Kind::Named => "named",
    }
}

/// By which nginx closes a connection without a word
/// (<https://nginx.org/en/docs/http/ngx_http_rewrite_module.html#return>).
const CLOSES: u16 = 444;

/// nginx closes the connection, and whoever stands before it answers.
fn closed(way: &Way<'_, '_>) -> End {
    let closes = "nginx closes the connection without an answer";
    match way.front.load_balancer() {
        Some(_) => End::bad(format!("`502` of the load balancer, as {closes}")).status(502),
        None => End::bad(format!("no answer: {closes}")),
    }
}

/// The location that sends the request on; `None` where nginx answers by itself.
fn answering(
    way: &Way<'_, '_>,
    site: &Site<'_>,
    route: &Route<'_>,
    method: &str,
    passage: &mut Passage,
) -> Option<NodeId> {
    let chosen = route.scene.location.or(route.selection.location());
    let at = chosen.unwrap_or(route.server.server);
    let (what, answer, status, place) = match &route.outcome {
        Outcome::Location => return content(site, route, (at, method), passage),
        Outcome::Returned(returned) => {
            let answer = format!("`{}` of nginx", returned.code);
            ("nginx answers by itself", answer, returned.code, returned.at)
        }
        Outcome::SlashAdded(to) => ("nginx redirects", format!("`301` to `{to}`"), 301, at),
        Outcome::Circle => ("rewrites go round in a circle", "`500` of nginx".to_owned(), 500, at),
        Outcome::Internal => ("the location is internal", "`404` of nginx".to_owned(), 404, at),
    };
    let end = match status {
        CLOSES => closed(way),
        _ => End::bad(answer).status(status),
    };
    let end = own_answer(site, route, end);
    passage.stop(HopKind::Nginx, what, end.at(Some(site.place(place))));
    None
}

/// The rules behind an answer that nginx gives by itself.
fn own_answer(site: &Site<'_>, route: &Route<'_>, end: End) -> End {
    let taken = route.selection.beaten.is_some();
    let end = if taken { end.rule("regex-takes-session-path") } else { end };
    let location = route.selection.location();
    let passes = location.is_some_and(|location| site.config.pass(location).is_some());
    let exact = location.is_some_and(|location| site.is_exact(location));
    let end = if passes || exact { end.rule("session-request-refused") } else { end };
    if passes { end } else { end.rule("location-not-proxied") }
}

/// The location, if it sends requests on.
fn content(
    site: &Site<'_>,
    route: &Route<'_>,
    (at, method): (NodeId, &str),
    passage: &mut Passage,
) -> Option<NodeId> {
    let denied = site.config.denied(at, method);
    if let Some(line) = denied.or_else(|| site.keeps_sender_out(at, &route.scene)) {
        let end = End::bad("`403` of nginx").status(403).rule("session-request-refused");
        passage.stop(HopKind::Nginx, "nobody gets in", end.at(Some(site.place(line))));
        return None;
    }
    let end = match site.config.answer(at) {
        Answer::Pass { .. } if site.config.proxy_pass(at).is_some() => return Some(at),
        Answer::Pass { at } => {
            let why = "it is passed on by another protocol than HTTP";
            passage.doubt(HopKind::Nginx, why, Some(site.place(at)));
            return None;
        }
        Answer::TryFiles { fallback, at } if fallback.starts_with('@') => {
            return named(site, route, fallback, at, passage);
        }
        Answer::Files { at: None } => End::bad("`404` of nginx").status(404),
        _ => End::bad("a file, a page or `404` of nginx, and no session"),
    };
    let end = own_answer(site, route, end).at(Some(site.place(at)));
    passage.stop(HopKind::Nginx, "nginx looks for a file, and asks no server", end);
    None
}

fn named(
    site: &Site<'_>,
    route: &Route<'_>,
    name: &str,
    at: NodeId,
    passage: &mut Passage,
) -> Option<NodeId> {
    let config = &site.config;
    let mut locations = config.locations(route.server.server).into_iter();
    let found = locations.find(|one| one.kind == Kind::Named && one.path == name);
    let found = found.filter(|one| config.proxy_pass(one.node).is_some());
    if found.is_none() {
        passage.doubt(HopKind::Nginx, format!("`{name}` passes nothing on"), Some(site.place(at)));
    }
    found.map(|one| one.node)
}
