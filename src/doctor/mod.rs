//! The layers of a running app compared with each other: what the files say, what the cluster holds, what the load
//! balancer was told.
//!
//! Nothing is asked here. [`live::programs`](crate::live::programs) runs kubectl and gcloud, or somebody saved what
//! they print; [`readout`] reads it, and [`examine`] compares neighbours: a file with its object in the cluster, an
//! object with its backend service. [`fold()`] then says which failure the others follow from.

mod checks;
mod cloud;
mod cluster;
mod description;
mod fold;
mod link;
mod own;
pub mod readout;
mod report;
pub mod requests;
mod secrets;
mod sources;
mod subject;

pub use checks::{examine, health_requests, services_of};
pub use cloud::{BackendService, Cloud};
pub use cluster::Cluster;
pub use fold::{Cause, Causes, fold};
pub use own::Own;
pub use report::{Asked, Commands, Report, json_schema};
pub use secrets::without_secrets;
pub use sources::changed_by_kustomize;
pub use subject::{Subject, subjects};

use crate::diagnostic::{Diagnostic, Finding, Sources};
use crate::path::Model;

/// What a layer said.
#[derive(Debug, Clone)]
pub enum Reading<T> {
    /// It was read.
    Read {
        /// What it said.
        said: T,
        /// Whom it was asked of: a context, a project, a file.
        from: String,
        /// What could not be read of it.
        troubles: Vec<String>,
    },
    /// It was not.
    NotChecked {
        /// Why.
        why: String,
        /// What to do about it.
        advice: Option<String>,
    },
}

impl<T> Reading<T> {
    /// What it said, if it was read.
    pub fn said(&self) -> Option<&T> {
        match self {
            Self::Read { said, .. } => Some(said),
            Self::NotChecked { .. } => None,
        }
    }
}

/// All that was read of an app.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// The texts of the files.
    pub sources: &'a Sources,
    /// The files.
    pub files: &'a Model<'a>,
    /// The Service of the app that is examined; `None` where no app is described.
    pub service: Option<&'a str>,
    /// The namespace of objects that name none, where somebody says it.
    pub namespace: Option<&'a str>,
    /// Its objects; `None` where all that is given is examined.
    pub own: Option<&'a Own>,
    /// What is wrong with the files themselves.
    pub problems: &'a [Diagnostic],
    /// What the rules find in them.
    pub findings: &'a [Finding],
    /// What differs between the files and what the app renders; `None` where no app is described.
    pub stale: Option<&'a [String]>,
    /// The cluster.
    pub cluster: &'a Reading<Cluster>,
    /// The way of a request through the cluster's objects.
    pub live: Option<&'a Model<'a>>,
    /// What the rules find in these.
    pub live_findings: &'a [Finding],
    /// Google Cloud.
    pub cloud: &'a Reading<Cloud>,
}

impl Case<'_> {
    /// Whether an object is examined.
    fn has(&self, kind: &str, name: &str) -> bool {
        self.own.is_none_or(|own| own.has(kind, name))
    }

    /// Whether a finding is about what is examined: one about no object may be.
    fn is_about(&self, finding: &Finding) -> bool {
        finding.object.as_ref().is_none_or(|object| self.has(&object.kind, &object.name))
    }
}
