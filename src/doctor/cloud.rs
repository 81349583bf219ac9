//! What Google Cloud says: the resources that GKE's controller made of the objects. Any field of them may be left
//! out (<https://cloud.google.com/compute/docs/reference/rest/v1/backendServices>).

use serde_json::Value;

use super::cluster::list;
use super::description::Description;
use crate::kube::controller_defaults::{AFFINITY, BACKEND_TIMEOUT, DRAIN};

/// The resources of a project, as far as they were read.
#[derive(Debug, Clone, Default)]
pub struct Cloud(pub Vec<Value>);

/// A backend service.
#[derive(Debug, Clone, Copy)]
pub struct BackendService<'c>(&'c Value);

/// How many endpoints of a backend service are in which state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Health {
    pub(super) healthy: usize,
    pub(super) all: usize,
}

impl Cloud {
    /// The backend services.
    pub fn backend_services(&self) -> impl Iterator<Item = BackendService<'_>> {
        self.of_type("backendServices").map(BackendService)
    }

    /// Whether resources of a type were read at all.
    pub(super) fn has(&self, kind: &str) -> bool {
        self.of_type(kind).next().is_some()
    }

    /// The resources of a type, such as `urlMaps`.
    pub(super) fn of_type<'c>(&'c self, kind: &'c str) -> impl Iterator<Item = &'c Value> {
        self.0.iter().filter(move |one| is_of_type(one, kind))
    }

    /// A resource by its address, which may be shortened, and of which the version of the API may differ.
    pub(super) fn at<'c>(&'c self, kind: &'c str, address: &str) -> Option<&'c Value> {
        let wanted = place(address);
        let mut found = self.of_type(kind).filter(|one| named(one) == last(address));
        found.find(|one| one["selfLink"].as_str().is_none_or(|own| place(own) == wanted))
    }

    /// The health check of a backend service.
    pub(super) fn health_check(&self, service: BackendService<'_>) -> Option<&Value> {
        let address = list(&service.0["healthChecks"]).find_map(Value::as_str)?;
        self.at("healthChecks", address)
    }

    /// The health of a backend service; `None` where it was not read.
    pub(super) fn health(&self, service: BackendService<'_>) -> Option<Health> {
        let groups: Vec<&str> = service.groups().map(place).collect();
        let own = |one: &&Value| {
            one["backend"].as_str().is_some_and(|group| groups.contains(&place(group)))
                && one.get("status").is_some()
        };
        let mut read = self.0.iter().filter(own).peekable();
        read.peek()?;
        let mut health = Health::default();
        for state in read.flat_map(|one| list(&one["status"]["healthStatus"])) {
            health.all += 1;
            health.healthy += usize::from(state["healthState"] == "HEALTHY");
        }
        Some(health)
    }

    /// How many endpoints are in the NEGs of a backend service; `None` where that was not read.
    pub(super) fn endpoints(&self, service: BackendService<'_>) -> Option<u64> {
        let size = |group: &str| number(&self.at("networkEndpointGroups", group)?["size"]);
        let sizes: Option<Vec<i64>> = service.groups().map(size).collect();
        let total = sizes?.into_iter().fold(0, i64::saturating_add);
        u64::try_from(total).ok()
    }
}

impl<'c> BackendService<'c> {
    /// Its name.
    pub fn name(self) -> &'c str {
        named(self.0)
    }

    /// Its region; `None` where it is global.
    pub fn region(self) -> Option<&'c str> {
        self.0["region"].as_str().map(last)
    }

    /// Its name, and where it is unless it is global: the load balancers of several places may have one of a name.
    pub(super) fn said(self) -> String {
        match self.region() {
            Some(region) => format!("`{}` in {region}", self.name()),
            None => format!("`{}`", self.name()),
        }
    }

    /// Whether GKE's Gateway controller made it, as its name tells.
    pub(super) fn is_gateways(self) -> bool {
        self.name().starts_with("gkegw")
    }

    /// Whose it is.
    pub(super) fn description(self) -> Option<Description> {
        Description::of(self.0["description"].as_str()?)
    }

    /// `sessionAffinity`.
    pub(super) fn affinity(self) -> &'c str {
        self.0["sessionAffinity"].as_str().unwrap_or(AFFINITY.value)
    }

    /// `affinityCookieTtlSec`.
    pub(super) fn affinity_ttl(self) -> i64 {
        number(&self.0["affinityCookieTtlSec"]).unwrap_or_default()
    }

    /// `timeoutSec`.
    pub(super) fn timeout(self) -> i64 {
        number(&self.0["timeoutSec"]).unwrap_or_else(|| i64::from(BACKEND_TIMEOUT.value))
    }

    /// `connectionDraining.drainingTimeoutSec`.
    pub(super) fn drain(self) -> i64 {
        let drain = number(&self.0["connectionDraining"]["drainingTimeoutSec"]);
        drain.unwrap_or_else(|| i64::from(DRAIN.value))
    }

    /// `enableCDN`.
    pub(super) fn cdn(self) -> bool {
        self.0["enableCDN"] == true
    }

    /// `cdnPolicy.cacheMode`.
    pub(super) fn cache_mode(self) -> Option<&'c str> {
        self.0["cdnPolicy"]["cacheMode"].as_str()
    }

    /// `logConfig.enable`.
    pub(super) fn logging(self) -> bool {
        self.0["logConfig"]["enable"] == true
    }

    /// `protocol`.
    pub(super) fn protocol(self) -> &'c str {
        self.0["protocol"].as_str().unwrap_or("HTTP")
    }

    /// Whether it is of the classic load balancer, as it is where nothing is said.
    pub(super) fn is_classic(self) -> bool {
        matches!(self.0["loadBalancingScheme"].as_str(), None | Some("EXTERNAL"))
    }

    /// The addresses of its groups.
    pub(super) fn groups(self) -> impl Iterator<Item = &'c str> {
        list(&self.0["backends"]).filter_map(|one| one["group"].as_str())
    }
}

/// A whole number: gcloud writes large ones as text.
pub(super) fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

/// The name of a resource.
pub(super) fn named(resource: &Value) -> &str {
    resource["name"].as_str().unwrap_or_default()
}

/// The last part of an address.
pub(super) fn last(address: &str) -> &str {
    address.rsplit('/').next().unwrap_or(address)
}

/// An address from the project on.
pub(super) fn place(address: &str) -> &str {
    address.find("/projects/").map_or(address, |at| &address[at + 1..])
}

/// By its address, or by the kind that the API gives it: `compute#backendService`.
fn is_of_type(resource: &Value, kind: &str) -> bool {
    if let Some(own) = resource["kind"].as_str().and_then(|own| own.strip_prefix("compute#")) {
        return kind.strip_suffix('s') == Some(own);
    }
    let address = resource["selfLink"].as_str().unwrap_or_default();
    let mut parts = address.rsplit('/');
    parts.next();
    parts.next() == Some(kind)
}
