//! What the Ingress says: `host`, `[ingress]` and `[cdn]`.

use serde_json::{Value as Json, json};

use super::app::App;
use super::draft::Draft;
use crate::kube::{PathType, PortReference, Route};
use crate::manifest::Node;
use crate::path::Backend;
use crate::spec::{
    Feature, GoogleName, Host, ObjectName, Port, PortName, Profile, ServiceName, UrlPath, UrlPrefix,
};

/// The hosts, and what each of them serves.
pub(super) fn write(app: &App<'_, '_>, profile: &Profile, draft: &mut Draft) {
    let hosts = hosts(app);
    match &hosts[..] {
        [] => unnamed(app, draft),
        hosts => draft.set("host", one_or_many(hosts)),
    }
    if let Some(name) = profile.chain.last() {
        draft.set("profile", name);
    }
    class(app, profile, draft);
    addresses(app, profile, draft);
    certificate(app, draft);
    if profile.platform.supports(Feature::FrontendConfig) {
        frontend(app, draft);
    }
    if app.ingress.0.annotation("cloud.google.com/websocket-max-idle-timeout").is_some() {
        draft.set("ingress.websocket-annotation", true);
    }
    routes(app, &hosts, draft);
}

fn one_or_many(hosts: &[&str]) -> Json {
    match hosts {
        [host] => json!(host),
        hosts => json!(hosts),
    }
}

/// The hosts that lead to the app.
fn hosts<'s>(app: &App<'_, 's>) -> Vec<&'s str> {
    let mut found: Vec<&str> = Vec::new();
    for route in app.ingress.routes() {
        let name = route.service().and_then(Node::as_str);
        let Some(host) = route.host_text().filter(|_| name == Some(app.service.0.name)) else {
            continue;
        };
        if host.parse::<Host>().is_ok() && !found.contains(&host) {
            found.push(host);
        }
    }
    found
}

/// No rule names a host: others may, such as a certificate or nginx.
fn unnamed(app: &App<'_, '_>, draft: &mut Draft) {
    const NOTE: &str = "no rule of the Ingress names a host that sioway can render";
    let of_tls = app
        .ingress
        .0
        .in_spec(&["tls"])
        .into_iter()
        .flat_map(Node::items)
        .flat_map(|tls| tls.get("hosts").into_iter().flat_map(Node::items));
    let certificate = app.certificate();
    let certificate = certificate.and_then(|name| app.named("ManagedCertificate", name));
    let domains = certificate.and_then(|one| one.in_spec(&["domains"]));
    let of_certificate = domains.into_iter().flat_map(Node::items);
    let written = of_tls.chain(of_certificate).filter_map(Node::as_str);
    let names = app.proxy.as_ref().map(|proxy| {
        let names = proxy.site.config.server_names(proxy.server);
        names.into_iter().map(|(name, _)| name).collect::<Vec<_>>()
    });
    let names = names.unwrap_or_default();
    let dotted = names.into_iter().filter(|name| name.contains('.'));
    let mut found: Vec<&str> = Vec::new();
    for host in written.chain(dotted) {
        if host.parse::<Host>().is_ok() && !found.contains(&host) {
            found.push(host);
        }
    }
    if found.is_empty() {
        draft.note("host", format!("{NOTE}: set the one that browsers use"));
        let name = draft.get("name").and_then(Json::as_str).unwrap_or("app");
        let host = format!("{name}.example.com");
        draft.set("host", host);
        draft.lacks_host = true;
    } else {
        draft.note("host", format!("{NOTE}; this is from elsewhere among the files"));
        draft.set("host", one_or_many(&found));
    }
}

fn class(app: &App<'_, '_>, profile: &Profile, draft: &mut Draft) {
    let class = app.ingress.class_annotation();
    if let Some(class) = class.filter(|class| *class != profile.platform.ingress_class) {
        draft.set("ingress.class", class);
    }
}

fn addresses(app: &App<'_, '_>, profile: &Profile, draft: &mut Draft) {
    let key = profile.platform.static_ip_annotation.as_str();
    if let Some(name) = app.ingress.0.annotation_text(key) {
        draft.parse::<GoogleName>("ingress.static-ip", name);
    }
    let Some(proxy) = &app.proxy else { return };
    let config = &proxy.site.config;
    let known: Vec<String> =
        profile.platform.trusted_proxies.iter().map(ToString::to_string).collect();
    let effective = config.effective(proxy.location, "set_real_ip_from");
    let ranges = effective.lines.iter().map(|line| config.value(*line));
    let mut own = ranges.filter(|range| !known.iter().any(|known| known == range));
    let alone = own.next().filter(|_| own.next().is_none());
    let address = alone.and_then(|range| {
        let (address, bits) = range.split_once('/').unwrap_or((range, ""));
        let address = address.parse::<std::net::IpAddr>().ok()?;
        let whole = if address.is_ipv4() { "32" } else { "128" };
        (bits.is_empty() || bits == whole).then_some(address)
    });
    if let Some(address) = address {
        draft.set("ingress.address", address);
    }
}

fn certificate(app: &App<'_, '_>, draft: &mut Draft) {
    let pre_shared = app.ingress.0.annotation_text("ingress.gcp.kubernetes.io/pre-shared-cert");
    if let Some(name) = app.certificate() {
        draft.set("ingress.tls.managed-certificate", true);
        if app.named("ManagedCertificate", name).is_none() {
            draft.note(
                "ingress.tls",
                format!("the ManagedCertificate `{name}` is not among the files: sioway renders one for the hosts above, so `host` must have all of its domains"),
            );
        }
    } else if let Some(names) = pre_shared {
        let name = names.split(',').next().unwrap_or(names).trim();
        draft.parse::<GoogleName>("ingress.tls.pre-shared", name);
    } else {
        let tls = app.ingress.0.in_spec(&["tls"]);
        let mut secrets =
            tls.into_iter().flat_map(Node::items).filter_map(|one| one.get("secretName")?.as_str());
        if let Some(secret) = secrets.next() {
            draft.parse::<ObjectName>("ingress.tls.secret", secret);
        }
    }
}

fn frontend(app: &App<'_, '_>, draft: &mut Draft) {
    let given = app.frontend();
    let in_spec = |keys: &[&str]| given.and_then(|one| one.in_spec(keys));
    if let Some(policy) = in_spec(&["sslPolicy"]).and_then(Node::as_str) {
        draft.parse::<GoogleName>("ingress.ssl-policy", policy);
    }
    if draft.get("ingress.tls").is_none() {
        return;
    }
    let redirects = in_spec(&["redirectToHttps", "enabled"]).and_then(Node::as_bool) == Some(true);
    if !redirects {
        const KEY: &str = "ingress.https-redirect";
        draft.set(KEY, false);
        let key = "networking.gke.io/v1beta1.FrontendConfig";
        match (given, app.ingress.0.annotation(key)) {
            (Some(_), _) => {}
            (None, Some(_)) => {
                draft.note(KEY, "the FrontendConfig that the Ingress names is not among the files");
            }
            (None, None) => draft.note(
                KEY,
                "there was no FrontendConfig; `true` renders one that redirects plain HTTP",
            ),
        }
    }
}

/// Where a path leads.
#[derive(Debug, PartialEq)]
enum Goal {
    Sessions,
    Static,
    Elsewhere(Json, Json),
}

/// A path, as app.toml has it.
#[derive(Debug, PartialEq)]
struct Way {
    path: String,
    is_exact: bool,
    goal: Goal,
    /// Whether it was a path that on GKE matches only itself.
    was_alone: bool,
}

fn routes(app: &App<'_, '_>, hosts: &[&str], draft: &mut Draft) {
    let of = |host: Option<&str>| -> Vec<Way> {
        let routes = app.routes_of(host);
        routes.iter().filter_map(|route| way(app, route)).collect()
    };
    let mut each = match hosts {
        [] => vec![of(None)],
        hosts => hosts.iter().map(|host| of(Some(host))).collect(),
    };
    let mut ways = each.remove(0);
    ways.retain(|way| each.iter().all(|other| other.contains(way)));
    let statics: Vec<String> = ways
        .iter()
        .filter(|way| way.goal == Goal::Static)
        .map(|way| format!("{}/", way.path.trim_end_matches('/')))
        .filter(|path| path.parse::<UrlPrefix>().is_ok())
        .collect();
    if !statics.is_empty() {
        draft.set("cdn.static-paths", statics);
    }
    let session = draft.get("socketio.path").and_then(Json::as_str);
    let session = session.unwrap_or("/socket.io/").to_owned();
    let same = |path: &str| path.trim_end_matches('/') == session.trim_end_matches('/');
    let listed: Vec<&Way> = ways.iter().filter(|way| way.goal != Goal::Static).collect();
    let mut routes: Vec<Json> = Vec::new();
    for way in &listed {
        let implied = way.goal == Goal::Sessions && !way.is_exact && same(&way.path);
        if !implied {
            routes.push(route(way));
        }
        if way.was_alone {
            let note = format!(
                "pathType of {} was ImplementationSpecific, by which it matches only itself on GKE",
                way.path
            );
            draft.note("ingress.route", note);
        }
    }
    if routes != [json!({ "path": "/" })] {
        draft.set("ingress.route", routes);
        draft.keep_a_route();
    }
}

fn route(way: &Way) -> Json {
    let mut route = json!({ "path": way.path });
    if way.is_exact {
        route["path-type"] = json!("Exact");
    }
    if let Goal::Elsewhere(service, port) = &way.goal {
        route["service"] = service.clone();
        if *port != json!(80) {
            route["service-port"] = port.clone();
        }
    }
    route
}

fn way<'s>(app: &App<'_, 's>, from: &Route<'s>) -> Option<Way> {
    let goal = goal(app, from)?;
    let text = from.path_text();
    let (path, is_exact, was_alone) = match (from.path_type, text.strip_suffix('*')) {
        (PathType::Exact, _) => (text, true, false),
        (PathType::Prefix, None) => (text, false, false),
        (PathType::Prefix | PathType::ImplementationSpecific, Some(rest)) => (rest, false, false),
        (PathType::ImplementationSpecific, None) => {
            let ours = goal == Goal::Sessions;
            (text, !ours && !text.is_empty(), !text.is_empty())
        }
    };
    let path = if path.is_empty() { "/" } else { path };
    path.parse::<UrlPath>().ok()?;
    Some(Way { path: path.to_owned(), is_exact, goal, was_alone })
}

fn goal<'s>(app: &App<'_, 's>, route: &Route<'s>) -> Option<Goal> {
    if app.is_own(route, app.session) {
        return Some(Goal::Sessions);
    }
    let is_static = |one: &Backend<'s>| app.is_own(route, one);
    if app.static_backend().is_some_and(is_static) {
        return Some(Goal::Static);
    }
    let service = route.service()?.as_str()?;
    service.parse::<ServiceName>().ok()?;
    let port = match route.port_reference()? {
        PortReference::Number(number) => json!(in_range(number)?.get()),
        PortReference::Name(name) => json!(name.parse::<PortName>().ok()?),
    };
    Some(Goal::Elsewhere(json!(service), port))
}

/// A number as a port.
pub(super) fn in_range(number: i64) -> Option<Port> {
    let number = u32::try_from(number).ok()?;
    (1..=65_535).contains(&number).then(|| Port::new(number))
}
