//! A part of a model: what one worker judges at a time.

use std::ops::Deref;

use super::{Backend, Configured, Model, Session, Site, SiteLocation};
use super::{front::Front, kustomize::Kustomization};
use crate::kube::{BackendConfig, Ingress, Object, Route, Service};
use crate::set::File;

/// How many files make a part: what rules need of so many stays in a processor's cache from one rule to the next.
const FILES: usize = 64;

/// A part of what there is to judge. Whatever a rule asks about something in it, it asks the whole model, to which a
/// part dereferences.
///
/// Each part has its share of the files, of the objects, of the nginx, each in order; what belongs together mostly
/// falls into one part, and nothing depends on whether it does.
#[derive(Debug, Clone, Copy)]
pub struct Part<'m, 's> {
    model: &'m Model<'s>,
    number: usize,
    count: usize,
}

impl<'s> Deref for Part<'_, 's> {
    type Target = Model<'s>;

    fn deref(&self) -> &Model<'s> {
        self.model
    }
}

impl<'s> Model<'s> {
    /// All of it, as one part.
    pub fn whole(&self) -> Part<'_, 's> {
        Part { model: self, number: 0, count: 1 }
    }

    /// All of it, in parts.
    pub fn parts(&self) -> Vec<Part<'_, 's>> {
        self.parts_of(FILES)
    }

    /// All of it, in parts of so many files.
    pub fn parts_of(&self, files: usize) -> Vec<Part<'_, 's>> {
        let count = self.set.files.len().div_ceil(files).max(1);
        (0..count).map(|number| Part { model: self, number, count }).collect()
    }
}

impl<'m, 's> Part<'m, 's> {
    fn share<T>(&self, all: &'m [T]) -> &'m [T] {
        let at = |number: usize| all.len() * number / self.count;
        &all[at(self.number)..at(self.number + 1)]
    }

    /// Files.
    pub fn files(&self) -> &'m [File<'s>] {
        self.share(self.model.set.files)
    }

    /// Objects.
    pub fn objects(&self) -> &'m [Object<'s>] {
        self.share(&self.model.set.objects)
    }

    /// Objects of a kind.
    pub fn of_kind(&self, kind: &str) -> impl Iterator<Item = &'m Object<'s>> {
        self.objects().iter().filter(move |object| object.kind == kind)
    }

    /// BackendConfigs.
    pub fn backend_configs(&self) -> impl Iterator<Item = BackendConfig<'s>> + use<'m, 's> {
        let objects = self.objects().iter();
        let is_one =
            |one: &&Object<'s>| one.kind == "BackendConfig" && one.group == "cloud.google.com";
        objects.filter(is_one).copied().map(BackendConfig)
    }

    /// Ingresses.
    pub fn ingresses(&self) -> &'m [Ingress<'s>] {
        self.share(&self.model.ingresses)
    }

    /// Ingresses, each with the ways through it.
    pub fn with_routes(&self) -> impl Iterator<Item = (&'m Ingress<'s>, &'m [Route<'s>])> {
        let routes = self.share(&self.model.routes).iter();
        self.ingresses().iter().zip(routes.map(Vec::as_slice))
    }

    /// The ways through Ingresses.
    pub fn routes(&self) -> impl Iterator<Item = &'m Route<'s>> {
        self.with_routes().flat_map(|(_, routes)| routes)
    }

    /// Services.
    pub fn services(&self) -> &'m [Service<'s>] {
        self.share(&self.model.services)
    }

    /// Kustomizations.
    pub fn kustomizations(&self) -> &'m [Kustomization<'s>] {
        self.share(self.model.kustomizations())
    }

    /// Backends.
    pub fn backends(&self) -> &'m [Backend<'s>] {
        self.share(&self.model.backends)
    }

    /// Ports of Services that have a BackendConfig, or one that was meant for them.
    pub fn configured(&self) -> &'m [Configured<'s>] {
        self.share(&self.model.configured)
    }

    /// Those that carry sessions.
    pub fn session_backends(
        &self,
    ) -> impl Iterator<Item = (&'m Backend<'s>, &'m Session)> + use<'m, 's> {
        let backends = self.backends().iter();
        backends.filter_map(|backend| Some((backend, backend.session.as_ref()?)))
    }

    /// The same with the patches that kustomizations merge into each BackendConfig: of these only what they write
    /// can be judged.
    pub fn patched_sessions(&self) -> Vec<(&'m Backend<'s>, &'m Session, BackendConfig<'s>)> {
        if self.model.kustomizations().is_empty() {
            return Vec::new();
        }
        let judged = self.judged_sessions();
        let patches = |(backend, session, config): (_, _, &BackendConfig<'s>)| {
            let named = self.set.candidates("BackendConfig", config.0.name).into_iter().copied();
            let own = config.0;
            let parts = named.filter(move |one| self.is_patch(one) && self.is_patch_for(one, &own));
            parts.map(move |part| (backend, session, BackendConfig(part)))
        };
        judged.flat_map(patches).collect()
    }

    /// The backends that carry sessions behind a Google load balancer, with the BackendConfig to judge.
    pub fn judged_sessions(
        &self,
    ) -> impl Iterator<Item = (&'m Backend<'s>, &'m Session, &'m BackendConfig<'s>)> + use<'m, 's>
    {
        self.session_backends().filter_map(|(backend, session)| {
            let config = backend.judged_config()?;
            backend.is_behind_gce().then_some((backend, session, config))
        })
    }

    /// Every nginx.
    pub fn sites(&self) -> &'m [Site<'s>] {
        self.share(&self.model.sites)
    }

    /// The locations of nginx that carry sessions, each with its site.
    pub fn session_locations(
        &self,
    ) -> impl Iterator<Item = (&'m Site<'s>, &'m SiteLocation<'s>)> + use<'m, 's> {
        let sites = self.sites().iter();
        sites.flat_map(|site| site.sessions.iter().map(move |location| (site, location)))
    }

    /// Those of Socket.IO, and not just of WebSockets of some kind.
    pub fn socketio_locations(
        &self,
    ) -> impl Iterator<Item = (&'m Site<'s>, &'m SiteLocation<'s>)> + use<'m, 's> {
        self.session_locations().filter(|(_, session)| session.is_socketio())
    }

    /// Those where requests of one session may come one by one.
    pub fn polling_locations(
        &self,
    ) -> impl Iterator<Item = (&'m Site<'s>, &'m SiteLocation<'s>)> + use<'m, 's> {
        self.session_locations().filter(|(_, session)| session.polls())
    }

    /// Those of an nginx that something stands before.
    pub fn fronted_locations(
        &self,
    ) -> impl Iterator<Item = (&'m Site<'s>, &'m SiteLocation<'s>, Front)> + use<'m, 's> {
        let model = self.model;
        let sites = self.sites().iter().filter(|site| !site.sessions.is_empty());
        sites
            .filter_map(move |site| Some((site, model.front_of(site)?)))
            .flat_map(|(site, front)| site.sessions.iter().map(move |one| (site, one, front)))
    }
}
