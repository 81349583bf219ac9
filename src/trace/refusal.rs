//! What makes the controller of Google's load balancers stop at an Ingress: then nothing of the files takes effect
//! (kubernetes/ingress-gce:pkg/controller/controller.go).

use super::front::path_type;
use super::passage::End;
use crate::kube::{
    AttachmentContent, BackendConfig, Ingress, Object, PathType, RefusedBy, RefusedValue, Route,
    Service,
};
use crate::path::{Backend, Model};
use crate::set::Place;

/// What of the files is not taken.
struct Refusal {
    why: String,
    rule: &'static str,
    place: Place,
    by: RefusedBy,
}

/// What makes the controller stop at an Ingress as a whole, whatever the host and the path: in words, and what comes of
/// it. An object that the API server refuses is not there, and without it the controller stops, or stays as it was.
pub(super) fn refused(model: &Model<'_>, ingress: &Ingress<'_>) -> Option<(&'static str, End)> {
    let routes = ingress.routes();
    let path = routes.iter().find_map(refused_path);
    let backends = model.backends.iter().filter(|backend| {
        let mut routes = backend.routes.iter();
        routes.any(|route| route.ingress.0.is(&ingress.0))
    });
    let refusal =
        path.or_else(|| routes.iter().find_map(|route| missing_port(model, route))).or_else(
            || backends.into_iter().find_map(|backend| refused_backend(model, ingress, backend)),
        )?;
    let (what, text) = match refusal.by {
        RefusedBy::Controller => (
            "the controller refuses the Ingress: the load balancer stays as it was, or is never made",
            "nothing of these files takes effect",
        ),
        RefusedBy::ApiServer => (
            "the API server refuses the BackendConfig: it stays as it was, or is not there, and then the load balancer is never made",
            "nothing of this BackendConfig takes effect, and without it nothing of the Ingress",
        ),
    };
    let end = End::bad(text).because(refusal.why).rule(refusal.rule).at(Some(refusal.place));
    Some((what, end))
}

/// What makes it stop before it makes the front end.
pub(super) fn front_refused(
    model: &Model<'_>,
    ingress: &Ingress<'_>,
) -> Option<(&'static str, End)> {
    let (frontend, redirect) = model.redirect_refused(ingress)?;
    let what = "the controller refuses the redirect to HTTPS of an internal load balancer, and makes no front end";
    let end =
        End::bad("no answer: the Ingress gets no address, or keeps the front end that it had");
    Some((what, end.rule("redirect-on-internal").at(Some(frontend.at(redirect)))))
}

fn by_controller(why: impl Into<String>, rule: &'static str, place: Place) -> Refusal {
    Refusal { why: why.into(), rule, place, by: RefusedBy::Controller }
}

fn by_api_server(why: impl Into<String>, rule: &'static str, place: Place) -> Refusal {
    Refusal { why: why.into(), rule, place, by: RefusedBy::ApiServer }
}

fn refused_path(route: &Route<'_>) -> Option<Refusal> {
    let path = route.path?;
    let text = route.path_text();
    let wrong = text.is_empty() || text.contains('*');
    let strict = route.path_type != PathType::ImplementationSpecific;
    (wrong && strict).then(|| {
        let why = format!("the path `{text}` is no {} path", path_type(route.path_type));
        by_controller(why, "wildcard-in-prefix-path", route.ingress.0.at(path))
    })
}

fn missing_port(model: &Model<'_>, route: &Route<'_>) -> Option<Refusal> {
    let name = route.service()?.as_str()?;
    let service: Service<'_> = model.service(name, &route.ingress.0)?;
    let port = route.port_reference()?;
    service.port(port).is_none().then(|| {
        let why = format!("the Service `{name}` has no port `{port}`");
        let place = route.port().unwrap_or(route.backend);
        by_controller(why, "service-not-found", route.ingress.0.at(place))
    })
}

fn refused_backend(
    model: &Model<'_>,
    ingress: &Ingress<'_>,
    backend: &Backend<'_>,
) -> Option<Refusal> {
    without_neg(model, ingress, &backend.service)
        .or_else(|| refused_attachment(backend))
        .or_else(|| refused_config(model, backend.backend_config()?))
        .or_else(|| refused_half(model, backend))
}

/// A Service that has no port on the nodes, and asks that its pods be not reached without one
/// (kubernetes/ingress-gce:pkg/controller/translator/translator.go).
fn without_neg(model: &Model<'_>, ingress: &Ingress<'_>, service: &Service<'_>) -> Option<Refusal> {
    const KEY: &str = "cloud.google.com/neg";
    let entry = service.0.annotation(KEY)?;
    let forced = ingress.gce_class().is_some_and(|class| class.forces_neg);
    let open = service.service_type() == "ClusterIP" && !service.asks_for_neg() && !forced;
    (open && !model.is_annotated_elsewhere(&service.0, KEY)).then(|| {
        let name = service.0.name;
        let why = format!(
            "the Service `{name}` of type ClusterIP is reached through NEGs only, and asks for none"
        );
        by_controller(why, "neg-not-requested", service.0.at(entry.value()))
    })
}

fn refused_attachment(backend: &Backend<'_>) -> Option<Refusal> {
    let attachment = backend.attachment.as_ref()?;
    let key = attachment.entry.key();
    let (why, place) = match &attachment.content {
        AttachmentContent::Broken(wrong) => {
            let place = attachment.place(&backend.service.0, wrong.span);
            (format!("`{key}` is broken: {}", wrong.message), place)
        }
        AttachmentContent::Empty => {
            let place = backend.service.0.at(attachment.entry.value());
            (format!("`{key}` names nothing"), place)
        }
        AttachmentContent::Names { .. } => return None,
    };
    Some(by_controller(why, "backendconfig-annotation-invalid", place))
}

fn refused_config(model: &Model<'_>, config: &BackendConfig<'_>) -> Option<Refusal> {
    let value = || {
        let mut values = config.refused_values();
        values.retain(|value| {
            let keys: Vec<&str> = value.path.split(['.', '[', ']']).skip(1).collect();
            !model.is_set_elsewhere(&config.0, &keys)
        });
        // What the API server does not take never comes to the controller.
        values.sort_by_key(|value| value.by);
        values.first().map(|value| refused_value(config, value))
    };
    unserved(&config.0)
        .or_else(|| key_missing(model, config))
        .or_else(value)
        .or_else(|| {
            let (iap, _) = config.iap_beside_cdn()?;
            let why = "Cloud CDN and Identity-Aware Proxy are refused together";
            Some(by_controller(why, "backendconfig-value-refused", config.0.at(iap)))
        })
        .or_else(|| refused_times(config))
}

/// An object of an API that does not have its kind.
fn unserved(object: &Object<'_>) -> Option<Refusal> {
    object.api_instead()?;
    let written = object.node.get("apiVersion")?;
    let why = format!("`{}` has no {}", written.text()?, object.kind);
    Some(by_api_server(why, "api-version-unserved", object.at(written)))
}

fn key_missing(model: &Model<'_>, config: &BackendConfig<'_>) -> Option<Refusal> {
    let mut missing = config.keys_missing().into_iter().filter(|(field, _)| {
        let keys: Vec<&str> = field.path.split('.').skip(1).collect();
        !model.is_patch(&config.0) && !model.is_set_elsewhere(&config.0, &keys)
    });
    let (field, block) = missing.next()?;
    let why = format!("there is no `{}`", field.path);
    Some(by_api_server(why, "backendconfig-value-refused", config.place(&block)))
}

/// A value that the API server or the controller does not take, under the rule that speaks of it.
fn refused_value(config: &BackendConfig<'_>, value: &RefusedValue<'_>) -> Refusal {
    let (path, why) = (&value.path, &value.why);
    let rule = match (value.by, path.as_str()) {
        (RefusedBy::Controller, "spec.sessionAffinity.affinityCookieTtlSec") => {
            "affinity-ttl-out-of-range"
        }
        (RefusedBy::Controller, "spec.healthCheck.type") => "health-check-type-unsupported",
        _ => "backendconfig-value-refused",
    };
    let why = format!("`{path}` is refused: {why}");
    Refusal { why, rule, place: config.0.at(value.node), by: value.by }
}

fn refused_times(config: &BackendConfig<'_>) -> Option<Refusal> {
    let (interval, _) = config.number(&["healthCheck", "checkIntervalSec"])?;
    let (timeout, node) = config.number(&["healthCheck", "timeoutSec"])?;
    (timeout > interval).then(|| {
        let why = format!(
            "the health check's timeout of {timeout} s is over its interval of {interval} s"
        );
        by_controller(why, "health-check-timeout-over-interval", config.0.at(node))
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
    Some(by_controller(why, "health-check-incomplete", place))
}
