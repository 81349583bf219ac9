//! What the objects are called.

use serde::Serialize;

use super::derived;
use crate::spec::Spec;

/// The names of all objects that may be rendered, whether they are or not.
#[derive(Debug, Clone, Serialize)]
pub struct ObjectNames {
    /// The Service that the load balancer sends to.
    pub service: String,
    /// The headless Service that gives a gateway's pods their DNS names.
    pub pods_service: String,
    /// The Ingress.
    pub ingress: String,
    /// The BackendConfig of session traffic.
    pub backend_config: String,
    /// The BackendConfig of static files.
    pub static_backend_config: String,
    /// The FrontendConfig.
    pub frontend_config: String,
    /// The ConfigMap with nginx's configuration.
    pub config_map: String,
    /// The ManagedCertificate.
    pub certificate: String,
    /// The Deployment or the StatefulSet of the app.
    pub workload: String,
    /// The Deployment of the nginx gateway.
    pub gateway: String,
    /// The rules of the alerts, which lie beside those of all namespaces.
    pub global_rules: String,
    /// The rules of the alerts, and the dashboard.
    pub monitoring: String,
    /// The Job and the CronJob that probe.
    pub verify: String,
    /// The app in names that are not Kubernetes': its namespace and its name.
    pub app: String,
}

impl ObjectNames {
    /// The names that the spec gives, and the rest made from `name`.
    pub fn new(spec: &Spec) -> Self {
        let name = derived::name(spec).as_str();
        let given = &spec.names;
        let or_name = |given: Option<String>| given.unwrap_or_else(|| name.to_owned());
        let service = or_name(given.service.as_ref().map(ToString::to_string));
        let backend_config = or_name(given.backend_config.as_ref().map(ToString::to_string));
        let workload = or_name(given.workload.as_ref().map(ToString::to_string));
        let config_map = given.config_map.as_ref().map(ToString::to_string);
        Self {
            pods_service: format!("{service}-pods"),
            static_backend_config: format!("{backend_config}-static"),
            gateway: format!("{workload}-nginx"),
            global_rules: format!("{}-{name}-sessions", spec.namespace),
            monitoring: format!("{name}-sessions"),
            verify: format!("{name}-verify"),
            app: format!("{}.{name}", spec.namespace),
            ingress: or_name(given.ingress.as_ref().map(ToString::to_string)),
            frontend_config: or_name(given.frontend_config.as_ref().map(ToString::to_string)),
            certificate: or_name(given.certificate.as_ref().map(ToString::to_string)),
            config_map: config_map.unwrap_or_else(|| format!("{name}-nginx")),
            service,
            backend_config,
            workload,
        }
    }
}
