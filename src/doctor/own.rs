//! Which objects are those of the app that is examined: other apps may have their manifests beside them.

use std::collections::BTreeSet;

use crate::kube::Object;
use crate::path::Model;

/// The objects of an app, by kind and name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Own(BTreeSet<(String, String)>);

impl Own {
    /// What an app renders, and what its Service leads to.
    pub fn of<'o>(
        rendered: impl Iterator<Item = &'o Object<'o>>,
        files: &Model<'_>,
        service: &str,
    ) -> Self {
        let mut own = Self::default();
        rendered.for_each(|object| own.add(object));
        for backend in files.backends.iter().filter(|one| one.service.0.name == service) {
            own.add(&backend.service.0);
            backend.routes.iter().for_each(|route| own.add(&route.ingress.0));
            backend.ways.iter().for_each(|way| own.add(&way.object));
            backend.pods.workloads.iter().for_each(|one| own.add(&one.0));
            backend.judged_config().into_iter().for_each(|config| own.add(&config.0));
        }
        own
    }

    fn add(&mut self, object: &Object<'_>) {
        self.0.insert((object.kind.to_owned(), object.name.to_owned()));
    }

    /// Whether an object is among them.
    pub fn has(&self, kind: &str, name: &str) -> bool {
        self.0.contains(&(kind.to_owned(), name.to_owned()))
    }
}
