//! Where a BackendConfig is that a Service names.

use super::Model;
use crate::kube::{BACKEND_CONFIG_KEY, BackendConfig, Object, is_placeholder};

/// How alike two names must be for one to be taken for a slip of the other.
const ALIKE: f64 = 0.85;

/// Where a BackendConfig is.
#[derive(Debug, Clone)]
pub enum Whereabouts<'s> {
    /// Where the controller looks, or nobody can tell.
    Fine,
    /// Kustomize gives it this other name.
    Renamed(Object<'s>, String),
    /// In this other namespace, and not in the Service's own.
    OtherNamespace(Object<'s>, &'s str, &'s str),
    /// Not among the files given; one of them has a name much like it.
    NotGiven(Option<BackendConfig<'s>>),
}

impl<'s> Model<'s> {
    /// Where the BackendConfig is that a Service names so.
    pub fn whereabouts(&self, service: &Object<'s>, name: &str) -> Whereabouts<'s> {
        if is_placeholder(name) || self.is_annotated_elsewhere(service, BACKEND_CONFIG_KEY) {
            return Whereabouts::Fine;
        }
        if let Some(config) = self.config_named(name, service) {
            let renamed = self.renamed(&config);
            return renamed.map_or(Whereabouts::Fine, |new| Whereabouts::Renamed(config, new));
        }
        self.set.ask_alike("BackendConfig", name);
        let mut configs = self.every_backend_config();
        if configs.any(|config| self.renamed(&config.0).as_deref() == Some(name)) {
            return Whereabouts::Fine;
        }
        let other = self.set.candidates("BackendConfig", name);
        match other.first() {
            Some(other) if self.is_moved(service) || self.is_moved(other) => Whereabouts::Fine,
            Some(other) => match (other.namespace, service.namespace) {
                (Some(theirs), Some(own)) if theirs != own => {
                    Whereabouts::OtherNamespace(**other, theirs, own)
                }
                // It is another environment's.
                _ => self.not_given(service, name),
            },
            None => self.not_given(service, name),
        }
    }

    fn not_given(&self, service: &Object<'s>, name: &str) -> Whereabouts<'s> {
        if !self.is_read_around(service) {
            return Whereabouts::Fine;
        }
        Whereabouts::NotGiven(self.config_alike(service, name))
    }

    fn config_alike(&self, service: &Object<'s>, name: &str) -> Option<BackendConfig<'s>> {
        let near = self
            .every_backend_config()
            .filter(|config| config.0.shares_namespace_with(service))
            .filter(|config| self.may_mean(service, &config.0))
            .map(|config| (strsim::jaro_winkler(config.0.name, name), config))
            .filter(|(alike, _)| *alike >= ALIKE);
        near.max_by(|one, other| one.0.total_cmp(&other.0)).map(|(_, config)| config)
    }
}
