//! What makes the controller of Google's load balancers stop at an Ingress: then nothing of the files takes effect
//! (kubernetes/ingress-gce:pkg/controller/controller.go).

use super::front::path_type;
use super::passage::End;
use crate::kube::controller_defaults::AFFINITY_TTL_MAX;
use crate::kube::fields::fields_of;
use crate::kube::{AttachmentContent, BackendConfig, Ingress, PathType, Route, Service};
use crate::path::{Backend, Model};
use crate::set::Place;

/// What makes the controller stop at an Ingress as a whole, whatever the host and the path.
pub(super) fn refused(model: &Model<'_>, ingress: &Ingress<'_>) -> Option<End> {
    let routes = ingress.routes();
    let path = routes.iter().find_map(refused_path);
    let backends = model.backends.iter().filter(|backend| {
        let mut routes = backend.routes.iter();
        routes.any(|route| route.ingress.0.is(&ingress.0))
    });
    path.or_else(|| routes.iter().find_map(|route| missing_port(model, route)))
        .or_else(|| backends.into_iter().find_map(|backend| refused_backend(model, backend)))
        .map(|(why, rule, place)| {
            let end = End::bad("nothing of these files takes effect").because(why);
            end.rule(rule).at(Some(place))
        })
}

type Refusal = (String, &'static str, Place);

fn refused_path(route: &Route<'_>) -> Option<Refusal> {
    let path = route.path?;
    let text = route.path_text();
    let wrong = text.is_empty() || text.contains('*');
    let strict = route.path_type != PathType::ImplementationSpecific;
    (wrong && strict).then(|| {
        let why = format!("the path `{text}` is no {} path", path_type(route.path_type));
        (why, "wildcard-in-prefix-path", route.ingress.0.at(path))
    })
}

fn missing_port(model: &Model<'_>, route: &Route<'_>) -> Option<Refusal> {
    let name = route.service()?.as_str()?;
    let service: Service<'_> = model.service(name, &route.ingress.0)?;
    let port = route.port_reference()?;
    service.port(port).is_none().then(|| {
        let why = format!("the Service `{name}` has no port `{port}`");
        let place = route.port().unwrap_or(route.backend);
        (why, "service-not-found", route.ingress.0.at(place))
    })
}

fn refused_backend(model: &Model<'_>, backend: &Backend<'_>) -> Option<Refusal> {
    if let Some(attachment) = &backend.attachment {
        let place = backend.service.0.at(attachment.entry.value());
        match &attachment.content {
            AttachmentContent::Broken(wrong) => {
                let place = attachment.place(&backend.service.0, wrong.span);
                let why = format!("`{}` is broken: {}", attachment.entry.key(), wrong.message);
                return Some((why, "backendconfig-annotation-invalid", place));
            }
            AttachmentContent::Empty => {
                let why = format!("`{}` names nothing", attachment.entry.key());
                return Some((why, "backendconfig-annotation-invalid", place));
            }
            AttachmentContent::Names { .. } => {}
        }
    }
    refused_config(backend.backend_config()?).or_else(|| refused_half(model, backend))
}

fn refused_config(config: &BackendConfig<'_>) -> Option<Refusal> {
    let ttl = config.number(&["sessionAffinity", "affinityCookieTtlSec"]);
    if let Some((seconds, node)) =
        ttl.filter(|(ttl, _)| !(0..=i64::from(AFFINITY_TTL_MAX.value)).contains(ttl))
    {
        let why = format!("`affinityCookieTtlSec: {seconds}` is out of range");
        return Some((why, "affinity-ttl-out-of-range", config.0.at(node)));
    }
    let known = |kind: &str| ["NONE", "CLIENT_IP", "GENERATED_COOKIE", ""].contains(&kind);
    if let Some((kind, node)) = config.affinity().filter(|(kind, _)| !known(kind)) {
        let why = format!("`affinityType: {kind}` is none");
        return Some((why, "session-affinity-missing", config.0.at(node)));
    }
    let kind = config.get(&["healthCheck", "type"]);
    if let Some(node) = kind.filter(|node| !matches!(node.text(), Some("HTTP" | "HTTPS" | "HTTP2")))
    {
        let why = "the health check's `type` is none that is supported".to_owned();
        return Some((why, "health-check-type-unsupported", config.0.at(node)));
    }
    let on =
        |block: &str| config.get(&[block, "enabled"]).filter(|node| node.as_bool() == Some(true));
    if let (Some(node), Some(_)) = (on("iap"), on("cdn")) {
        // kubernetes/ingress-gce:pkg/backendconfig/validation.go
        let why = "Cloud CDN and Identity-Aware Proxy are refused together".to_owned();
        return Some((why, "backendconfig-value-refused", config.0.at(node)));
    }
    refused_number(config).or_else(|| refused_times(config))
}

/// A number that the API or the controller does not take.
fn refused_number(config: &BackendConfig<'_>) -> Option<Refusal> {
    fields_of("BackendConfig").find_map(|field| {
        let keys: Vec<&str> = field.path.split('.').skip(1).collect();
        let (number, node) = config.number(&keys)?;
        let why = format!("`{}: {number}` is refused", field.path);
        let refusal = (why, "backendconfig-value-refused", config.0.at(node));
        config.accepted(&keys).is_none().then_some(refusal)
    })
}

fn refused_times(config: &BackendConfig<'_>) -> Option<Refusal> {
    let (interval, _) = config.number(&["healthCheck", "checkIntervalSec"])?;
    let (timeout, node) = config.number(&["healthCheck", "timeoutSec"])?;
    (timeout > interval).then(|| {
        let why = format!(
            "the health check's timeout of {timeout} s is over its interval of {interval} s"
        );
        (why, "health-check-timeout-over-interval", config.0.at(node))
    })
}

/// Half of a health check, beside a default that does not fit.
fn refused_half(model: &Model<'_>, backend: &Backend<'_>) -> Option<Refusal> {
    let configured = model.configured_as(backend)?;
    let misfit = configured.health_misfit().filter(|misfit| misfit.is_certain)?;
    let why = format!(
        "`{}: {}` does not fit with the {} s that `{}` has by default",
        misfit.given, misfit.seconds, misfit.default, misfit.missing
    );
    let place = configured.config.place(&["healthCheck", misfit.given]);
    Some((why, "health-check-incomplete", place))
}
