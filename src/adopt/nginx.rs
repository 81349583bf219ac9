//! What nginx says: `port`, `[socketio]` and `[nginx]`. Without an nginx, what the Service and the paths say.

use serde_json::{Value as Json, json};

use super::app::App;
use super::draft::Draft;
use super::front::in_range;
use super::own_words;
use super::proxy::Proxy;
use crate::kube::Container;
use crate::nginx::{Kind, Location, NodeId, Shape, units};
use crate::path::ASSUMED;
use crate::spec::{
    AnsweredBy, Bytes, FilePath, Image, Milliseconds, NginxForm, Placement, Resolver, UrlPath,
    UrlPrefix,
};

/// Ports, paths and locations. `path` is the one that browsers ask for, where the user says it.
pub(super) fn write(app: &App<'_, '_>, path: Option<&str>, draft: &mut Draft) {
    match &app.proxy {
        Some(proxy) => behind(app, proxy, draft),
        None => bare(app, path, draft),
    }
}

/// No nginx that sioway could render stands in front of the app.
fn bare(app: &App<'_, '_>, path: Option<&str>, draft: &mut Draft) {
    draft.set("nginx.placement", Placement::None);
    let runs_nginx =
        app.workload().is_some_and(|one| one.containers().iter().any(Container::runs_nginx));
    if runs_nginx || !app.session.sites.is_empty() {
        let note = "there is an nginx in the pods whose configuration sioway could not have rendered, or that is not \
                    among the files: it stays yours, and `port` is where it listens";
        draft.note("nginx.placement", note);
    }
    let port = app.session.pods.port_number(&app.session.port);
    if let Some(port) = port.and_then(in_range) {
        draft.set("port", port);
    } else {
        let note = "the Service's targetPort is a name that no pod given has: set its number";
        draft.note("port", note);
        draft.set("port", 3000);
    }
    let told = app.session.session.as_ref();
    let told = told.and_then(|session| session.paths.first().map(String::as_str));
    if let Some(path) = path.or(told) {
        draft.parse::<UrlPrefix>("socketio.path", path);
    }
}

fn behind(app: &App<'_, '_>, proxy: &Proxy<'_, '_>, draft: &mut Draft) {
    draft.set("port", proxy.port);
    draft.set("nginx.placement", proxy.placement);
    draft.set("nginx.listen", proxy.listen);
    if proxy.site.config.shape() == Shape::Http {
        draft.set("nginx.form", NginxForm::ConfD);
    }
    if draft.parse::<UrlPrefix>("socketio.path", &proxy.path) {
        let server_path = proxy.server_path().filter(|path| *path != proxy.path);
        if let Some(path) = server_path {
            draft.parse::<UrlPrefix>("socketio.server-path", &path);
        }
    }
    numbers(proxy, draft);
    health(proxy, draft);
    locations(proxy, draft);
    if proxy.is_gateway() {
        gateway(app, proxy, draft);
    }
}

/// What nginx was given because of the server's own numbers.
fn numbers(proxy: &Proxy<'_, '_>, draft: &mut Draft) {
    const MEBIBYTE: u64 = 1 << 20;
    let config = &proxy.site.config;
    let value = |name| config.effective_value(proxy.location, name, ASSUMED);
    let limit = value("client_max_body_size").and_then(units::bytes);
    if let Some(limit) = limit.filter(|limit| *limit > MEBIBYTE) {
        draft.set("socketio.max-message", Bytes::new(limit));
        let note = "what nginx lets through; the server's maxHttpBufferSize is in no manifest";
        draft.note("socketio.max-message", note);
    }
    let Some(told) = own_words::silence(proxy.text_of(proxy.location)) else {
        return;
    };
    let waits = value("proxy_read_timeout").and_then(units::milliseconds);
    // nginx waits twice as long, and no less than a minute.
    let silence = match waits {
        Some(waits) if waits > 60_000 => waits / 2,
        _ => told * 1_000,
    };
    if silence != 45_000 && silence > 1 {
        let timeout = if silence > 25_000 { 20_000 } else { silence / 2 };
        draft.set("socketio.ping-interval", Milliseconds::new(silence - timeout));
        draft.set("socketio.ping-timeout", Milliseconds::new(timeout));
        let note = "only their sum shows in what sioway rendered";
        draft.note("socketio.ping-interval", note);
    }
}

/// Who answers the health check.
fn health(proxy: &Proxy<'_, '_>, draft: &mut Draft) {
    let path = draft.get("health.path").and_then(Json::as_str);
    let path = path.unwrap_or("/health").to_owned();
    let Some(node) = proxy.site.location_for(proxy.server, &path) else {
        return;
    };
    let mut targets = proxy.site.targets(node).into_iter();
    if targets.any(|(_, port)| port == Some(proxy.port)) {
        draft.set("health.answered-by", AnsweredBy::App);
    }
}

/// The locations beside that of sessions and that of the health check.
fn locations(proxy: &Proxy<'_, '_>, draft: &mut Draft) {
    let config = &proxy.site.config;
    let is_prefix = |one: &Location<'_>| matches!(one.kind, Kind::Prefix | Kind::PrefixFinal);
    let mut found: Vec<Json> = Vec::new();
    for one in config.locations(proxy.server).iter().filter(|one| is_prefix(one)) {
        if one.path == proxy.path {
            continue;
        }
        found.extend(location(proxy, one));
    }
    // Without one for `/` it goes to the app, unchanged.
    let implied = json!({ "path": "/", "proxy-port": proxy.port });
    if found.last() == Some(&implied) {
        found.pop();
    }
    if !found.is_empty() {
        draft.set("nginx.location", found);
    }
}

/// A location as app.toml has it; `None` for one that does more than app.toml can say.
fn location(proxy: &Proxy<'_, '_>, one: &Location<'_>) -> Option<Json> {
    let path: UrlPrefix = one.path.parse().ok()?;
    let config = &proxy.site.config;
    if let Some(pass) = config.proxy_pass(one.node) {
        let targets = proxy.site.targets(one.node);
        let port = targets.first()?.1?;
        let places = |one: &(String, Option<u16>)| {
            let sessions = proxy.site.targets(proxy.location);
            sessions.iter().any(|(host, _)| *host == one.0)
        };
        if pass.scheme != "http" || !targets.iter().all(places) {
            return None;
        }
        let mut found = json!({ "path": path, "proxy-port": port });
        if let Some(uri) = pass.uri.filter(|uri| *uri != one.path) {
            found["upstream-path"] = json!(uri.parse::<UrlPrefix>().ok()?);
        }
        return Some(found);
    }
    files(proxy, one.node, &path)
}

fn files(proxy: &Proxy<'_, '_>, node: NodeId, path: &UrlPrefix) -> Option<Json> {
    let config = &proxy.site.config;
    if ["return", "alias", "fastcgi_pass", "uwsgi_pass", "grpc_pass"]
        .iter()
        .any(|name| config.named(node, name).next().is_some())
    {
        return None;
    }
    let root = config.effective(node, "root").line()?;
    let root: FilePath = config.value(root).parse().ok()?;
    let mut found = json!({ "path": path, "root": root });
    let tries = config.effective(node, "try_files").line();
    let last = tries.and_then(|tries| config.arguments(tries).last());
    if let Some(fallback) = last.and_then(|last| last.parse::<UrlPath>().ok()) {
        found["fallback"] = json!(fallback);
    }
    Some(found)
}

/// What only a gateway's own pods tell.
fn gateway(app: &App<'_, '_>, proxy: &Proxy<'_, '_>, draft: &mut Draft) {
    let config = &proxy.site.config;
    let upstream = config.proxy_pass(proxy.location).and_then(|pass| pass.upstream);
    let resolver = upstream.and_then(|node| config.named(node, "resolver").next());
    if let Some(resolver) = resolver {
        draft.parse::<Resolver>("nginx.resolver", config.value(resolver));
    }
    if let Some(behind) = &proxy.behind {
        draft.set("replicas", behind.replicas);
    }
    let Some(workload) = app.workload() else {
        return;
    };
    if let Some(count) = workload.replicas_node().and_then(crate::manifest::Node::as_int) {
        draft.set("nginx.replicas", count);
    }
    image(&workload.containers(), draft);
}

/// The image of nginx, where sioway renders its container.
pub(super) fn image(containers: &[Container<'_>], draft: &mut Draft) {
    let nginx = containers.iter().find(|one| one.name() == "nginx");
    if let Some(nginx) = nginx {
        draft.parse::<Image>("nginx.image", nginx.image());
    }
}
