//! Values that follow from others where the spec does not give them.
//!
//! One function a value, so that the plan, the refusals and `explain` cannot disagree.

use std::collections::BTreeMap;

use crate::spec::{
    AnsweredBy, Feature, Host, LabelKey, LabelValue, Name, NginxForm, Placement, Platform, Port,
    Replicas, Seconds, Session, Share, SocketIo, Spec, UrlPrefix,
};

/// How long nginx closes what is left when it is told to stop.
///
/// Short, because the drain came before it, and inside Kubernetes' default grace period of 30 s.
pub const NGINX_SHUTDOWN: Seconds = Seconds::new(10);

/// How long requests still come to a pod that is leaving.
const LEAVING: Seconds = Seconds::new(15);

/// What a process gets to exit after everything else is over.
pub const EXIT: Seconds = Seconds::new(10);

/// The app's name. Layers without one are refused before they come here.
pub fn name(spec: &Spec) -> &Name {
    spec.name.as_ref().expect("a spec without a name is refused on loading")
}

/// The app's hosts.
pub fn hosts(spec: &Spec) -> &[Host] {
    spec.host.as_ref().expect("a spec without a host is refused on loading").as_slice()
}

/// The app's port.
pub fn port(spec: &Spec) -> Port {
    spec.port.expect("a spec without a port is refused on loading")
}

/// Whether any nginx stands between the load balancer and the app.
pub fn has_nginx(spec: &Spec) -> bool {
    spec.nginx.placement != Placement::None
}

/// Whether nginx runs as a gateway in front of several pods.
pub fn is_gateway(spec: &Spec) -> bool {
    spec.nginx.placement == Placement::Gateway
}

/// `socketio.server-path`: where nothing rewrites, the server mounts what the browser asks for.
pub fn server_path(spec: &Spec) -> &UrlPrefix {
    spec.socketio.server_path.as_ref().unwrap_or(&spec.socketio.path)
}

/// `health.answered-by`: nginx where there is one.
pub fn answered_by(spec: &Spec) -> AnsweredBy {
    let default = if has_nginx(spec) { AnsweredBy::Nginx } else { AnsweredBy::App };
    spec.health.answered_by.unwrap_or(default)
}

/// The port that the load balancer sends to: nginx's, or the app's where there is none.
pub fn target_port(spec: &Spec) -> Port {
    if has_nginx(spec) { spec.nginx.listen } else { port(spec) }
}

/// `selector`: the recommended name label.
pub fn selector(spec: &Spec) -> BTreeMap<LabelKey, LabelValue> {
    if spec.selector.is_empty() {
        by_name(LabelValue::from(name(spec)))
    } else {
        spec.selector.clone()
    }
}

/// The label that tells one app's pods from another's.
pub fn by_name(value: LabelValue) -> BTreeMap<LabelKey, LabelValue> {
    let key = "app.kubernetes.io/name".parse().expect("a constant");
    BTreeMap::from([(key, value)])
}

/// `workload.replicas`, or the top-level `replicas`, or two: the least that survives a node.
pub fn replicas(spec: &Spec) -> Replicas {
    let of_workload = spec.workload.as_ref().and_then(|workload| workload.replicas);
    of_workload.or(spec.replicas).unwrap_or(Replicas::new(2))
}

/// `ingress.https-redirect`: on where there is HTTPS, and a platform that can redirect.
pub fn https_redirect(spec: &Spec, platform: &Platform) -> bool {
    let default = spec.ingress.tls.is_some() && platform.supports(Feature::FrontendConfig);
    spec.ingress.https_redirect.unwrap_or(default)
}

/// `ingress.class`: the platform's.
pub fn ingress_class<'a>(spec: &'a Spec, platform: &'a Platform) -> &'a str {
    spec.ingress.class.as_deref().unwrap_or(&platform.ingress_class)
}

/// Whether a ManagedCertificate is asked for.
pub fn managed_certificate(spec: &Spec) -> bool {
    spec.ingress.tls.as_ref().is_some_and(|tls| tls.managed_certificate == Some(true))
}

/// Whether requests of one session must be kept together: clients may poll, and there may be several pods.
pub fn needs_affinity(spec: &Spec) -> bool {
    spec.socketio.transports.polling() && replicas(spec).get() > 1
}

/// How long a pod waits before its nginx stops: the drain, and at least as long as the load balancer goes on sending to a
/// pod that is leaving (<https://docs.cloud.google.com/kubernetes-engine/docs/concepts/container-native-load-balancing>).
pub fn nginx_pre_stop(spec: &Spec) -> Seconds {
    spec.session.drain.max(LEAVING)
}

/// How long nginx takes to let go of its connections after the drain. A fragment cannot say: the app's own end
/// closes what is left.
pub fn nginx_shutdown(spec: &Spec) -> Seconds {
    let says = has_nginx(spec) && spec.nginx.form == NginxForm::Full;
    if says { NGINX_SHUTDOWN } else { Seconds::new(0) }
}

/// How long the app stays when its pod is to stop: until the drain is over, and a sidecar is gone.
pub fn app_pre_stop(spec: &Spec) -> Seconds {
    let sidecar = spec.nginx.placement == Placement::Sidecar;
    let shutdown = if sidecar { nginx_shutdown(spec) } else { Seconds::new(0) };
    nginx_pre_stop(spec).plus(shutdown)
}

/// `workload.grace-period`: until the app stops, and a little to exit.
pub fn grace_period(spec: &Spec) -> Seconds {
    let given = spec.workload.as_ref().and_then(|workload| workload.grace_period);
    given.unwrap_or(app_pre_stop(spec).plus(EXIT))
}

/// The grace period of a gateway's pod: the drain, nginx's shutdown, and a little to exit.
pub fn gateway_grace_period(spec: &Spec) -> Seconds {
    nginx_pre_stop(spec).plus(nginx_shutdown(spec)).plus(EXIT)
}

/// `monitoring.shortest-median`: twice what a backend without settings allows, or half of what this one does.
pub fn shortest_median(spec: &Spec) -> Seconds {
    const USUAL: Seconds = Seconds::new(60);
    let given = spec.monitoring.as_ref().and_then(|monitoring| monitoring.shortest_median);
    given.unwrap_or(USUAL.min(Seconds::new(spec.session.max_age.get() / 2)))
}

/// The median that tells that sessions are cut: `monitoring.longest-median` of `session.max-age`.
pub fn longest_median(spec: &Spec) -> Seconds {
    let share = spec.monitoring.as_ref().map_or(Share::percent(90), |it| it.longest_median);
    Seconds::new(spec.session.max_age.get() * u64::from(share.ten_thousandths()) / 10_000)
}

/// `verify.url`: the first host.
pub fn probed_url(spec: &Spec) -> String {
    let given = spec.verify.as_ref().and_then(|verify| verify.url.as_ref());
    let scheme = if spec.ingress.tls.is_some() { "https" } else { "http" };
    let host = hosts(spec).first().map(ToString::to_string).unwrap_or_default();
    given.map_or_else(|| format!("{scheme}://{host}"), ToString::to_string)
}

/// The app's port, then those that locations proxy to, each once.
pub fn app_ports(spec: &Spec) -> Vec<Port> {
    let mut ports = vec![port(spec)];
    for port in spec.nginx.location.iter().filter_map(|location| location.proxy_port) {
        if !ports.contains(&port) {
            ports.push(port);
        }
    }
    ports
}

/// What `sioway lint` has to know of the sessions at a Service, where it has no app.toml.
pub fn mark(spec: &Spec) -> String {
    let (max_age, usual) = (spec.session.max_age, Session::default().max_age);
    let mut mark = server_mark(spec);
    if max_age != usual {
        mark = format!("{mark} max-age={max_age}");
    }
    // One pod needs no affinity. Where pods are rendered, they say how many they are.
    let is_one = spec.replicas.is_some_and(|replicas| replicas.get() == 1);
    if is_one && spec.workload.is_none() { format!("{mark} replicas=1") } else { mark }
}

/// What nginx's configuration has to say of the server: what is not Engine.IO's default.
pub fn server_mark(spec: &Spec) -> String {
    let (socketio, usual) = (&spec.socketio, SocketIo::default());
    let mut mark =
        format!("sioway: socketio path={} server-path={}", socketio.path, server_path(spec));
    let mut add = |key: &str, value: String, is_usual: bool| {
        if !is_usual {
            mark.extend([" ", key, "=", &value]);
        }
    };
    add("transports", "websocket".to_owned(), socketio.transports.polling());
    add("max-message", socketio.max_message.to_string(), socketio.max_message == usual.max_message);
    add(
        "ping-interval",
        socketio.ping_interval.to_string(),
        socketio.ping_interval == usual.ping_interval,
    );
    add(
        "ping-timeout",
        socketio.ping_timeout.to_string(),
        socketio.ping_timeout == usual.ping_timeout,
    );
    mark
}
