//! Which annotation keys are read, by whom, and on which kinds.
//!
//! An annotation that nothing reads is accepted without a word. [`lookup`] says which those are, and is careful
//! about it: only Ingress and Service are judged by absence from the table, because the controllers that read them
//! are public. On any other kind only a key that is known to be read elsewhere is named. Where closed controllers
//! read the same prefix too, the verdict says so.
//!
//! The caller has made sure that the Ingress is one of Google's: on another class other keys are read.

mod cloud;
mod dead;
mod foreign;
pub mod ingress_nginx;
mod kubernetes;
mod nearest;
mod networking;
mod service;
#[cfg(test)]
mod tests;

use std::fmt;

pub use dead::{Dead, dead, dead_elsewhere};
pub use foreign::Controller;
pub use nearest::certain;

use super::Grade;

/// The day of the state of ingress-gce that the table was read in.
pub const DATE: &str = "2026-08-21";

/// The commit of ingress-gce, and the other repositories whose readers are in the table.
pub const READ_IN: &str = "kubernetes/ingress-gce at acbcf5d, with kubernetes/cloud-provider-gcp, \
                           GoogleCloudPlatform/gke-managed-certs and GoogleCloudPlatform/gke-networking-api";

/// A key that some controller reads or writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnnotationKey {
    /// The exact key.
    pub key: &'static str,
    /// The kinds on which it is read, or written.
    pub kinds: &'static [&'static str],
    /// Who does it.
    pub reader: Reader,
    /// What it is for.
    pub role: Role,
    /// How good the evidence is.
    pub grade: Grade,
    /// Where that can be read.
    pub source: &'static str,
    /// What it means.
    pub meaning: &'static str,
}

/// Who reads a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reader {
    /// GKE's controller of Ingresses, NEGs and passthrough load balancers.
    IngressGce,
    /// GKE's controller of its managed certificates.
    ManagedCertificates,
    /// The cloud controller manager.
    CloudProvider,
    /// GKE's Gateway controller; its code is not public.
    Gateway,
    /// GKE's multi-cluster Ingress; its code is not public.
    MultiClusterIngress,
    /// GKE's node and pod networking.
    PodNetworking,
    /// GKE's workload identity.
    WorkloadIdentity,
}

impl fmt::Display for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::IngressGce => "ingress-gce",
            Self::ManagedCertificates => "gke-managed-certs",
            Self::CloudProvider => "cloud-provider-gcp",
            Self::Gateway => "the GKE Gateway controller",
            Self::MultiClusterIngress => "GKE Multi Cluster Ingress",
            Self::PodNetworking => "GKE pod networking",
            Self::WorkloadIdentity => "GKE workload identity",
        })
    }
}

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Written by people, obeyed by the reader.
    Setting,
    /// Written by the controller: never in a manifest of one's own, and no difference worth showing.
    Status,
    /// Written by people and read by many controllers on kinds of their own, so that no kind is wrong.
    Shared,
}

/// What [`lookup`] found out about a key on a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is read there.
    Read(&'static AnnotationKey),
    /// It is read, but on other kinds: `key.kinds`.
    ReadElsewhere {
        /// The key, with the kinds that it is read on.
        key: &'static AnnotationKey,
        /// The key that does the same on this kind.
        instead: Option<&'static str>,
    },
    /// Nothing reads it there.
    Dead {
        /// A key of this kind that was probably meant.
        nearest: Option<&'static str>,
        /// Closed controllers read this prefix on this kind too: say "nothing whose code is public".
        closed_readers: bool,
    },
    /// It belongs to another controller, which a Google load balancer knows nothing of.
    Foreign(&'static Controller),
    /// Not a key that the table can judge.
    NotOurs,
}

/// Every key, in order.
pub static KEYS: &[AnnotationKey] = &ALL;

const GROUPS: [&[AnnotationKey]; 4] =
    [cloud::KEYS, kubernetes::KEYS, networking::KEYS, service::KEYS];
const COUNT: usize = GROUPS[0].len() + GROUPS[1].len() + GROUPS[2].len() + GROUPS[3].len();
const ALL: [AnnotationKey; COUNT] = joined();

const fn joined() -> [AnnotationKey; COUNT] {
    let mut all = [GROUPS[0][0]; COUNT];
    let (mut group, mut next) = (0, 0);
    while group < GROUPS.len() {
        let mut row = 0;
        while row < GROUPS[group].len() {
            all[next] = GROUPS[group][row];
            row += 1;
            next += 1;
        }
        group += 1;
    }
    all
}

/// A setting whose reader's code is public.
const fn setting(
    key: &'static str,
    kinds: &'static [&'static str],
    reader: Reader,
    source: &'static str,
    meaning: &'static str,
) -> AnnotationKey {
    AnnotationKey { key, kinds, reader, role: Role::Setting, grade: Grade::Source, source, meaning }
}

impl AnnotationKey {
    const fn graded(self, grade: Grade) -> Self {
        Self { grade, ..self }
    }

    const fn written(self) -> Self {
        Self { role: Role::Status, ..self }
    }

    const fn shared(self) -> Self {
        Self { role: Role::Shared, ..self }
    }

    /// Whether it is read or written on a kind.
    pub fn is_of(&self, kind: &str) -> bool {
        self.kinds.contains(&kind)
    }
}

/// The row of a key.
pub fn key(key: &str) -> Option<&'static AnnotationKey> {
    let found = KEYS.binary_search_by(|row| row.key.cmp(key)).ok()?;
    Some(&KEYS[found])
}

/// The keys that are read or written on a kind.
pub fn keys_of(kind: &str) -> impl Iterator<Item = &'static AnnotationKey> {
    KEYS.iter().filter(move |row| row.is_of(kind))
}

/// Whether a controller writes this key, so that it says nothing about what somebody wants.
pub fn is_status(key: &str) -> bool {
    self::key(key).is_some_and(|row| row.role == Role::Status)
}

/// Who reads an annotation of an object of this kind.
///
/// The annotations of a pod template are those of a `Pod`.
pub fn lookup(kind: &str, key: &str) -> Verdict {
    match self::key(key) {
        Some(row) if row.is_of(kind) => Verdict::Read(row),
        Some(row) if row.role == Role::Shared || !is_judged(kind) => Verdict::NotOurs,
        Some(row) => Verdict::ReadElsewhere { key: row, instead: nearest::of(kind, key) },
        None if is_judged_by_absence(kind) => unlisted(kind, key),
        None => Verdict::NotOurs,
    }
}

fn unlisted(kind: &str, key: &str) -> Verdict {
    let nearest = nearest::of(kind, key);
    let dead = Verdict::Dead { nearest, closed_readers: has_closed_readers(kind, key) };
    if nearest.is_some() {
        return dead;
    }
    match foreign::controller_of(key) {
        Some(controller) => Verdict::Foreign(controller),
        None if is_googles(key) => dead,
        None => Verdict::NotOurs,
    }
}

/// The prefixes that only Google's controllers use.
const PREFIXES: &[&str] = &[
    "alpha.cloud.google.com/",
    "beta.cloud.google.com/",
    "cloud.google.com/",
    "ingress.gcp.kubernetes.io/",
    "kubernetes.io/ingress.",
    "networking.gke.io/",
];

/// Whether a key begins as only those of Google's controllers do.
pub fn is_googles(key: &str) -> bool {
    PREFIXES.iter().any(|prefix| key.starts_with(prefix))
}

fn is_judged_by_absence(kind: &str) -> bool {
    matches!(kind, "Ingress" | "Service")
}

/// Kinds of Kubernetes' own and of Google's load balancing whose readers are known well enough to say that a key
/// which is read on another kind does nothing here. Gateways are not among them: their controller is closed.
fn is_judged(kind: &str) -> bool {
    is_judged_by_absence(kind)
        || matches!(
            kind,
            "BackendConfig"
                | "ConfigMap"
                | "DaemonSet"
                | "Deployment"
                | "FrontendConfig"
                | "HorizontalPodAutoscaler"
                | "ManagedCertificate"
                | "Pod"
                | "PodDisruptionBudget"
                | "ReplicaSet"
                | "Secret"
                | "StatefulSet"
        )
}

/// The Gateway controller and Google's distributed clouds read Services too, and their code is not public.
/// An Ingress is read by ingress-gce and gke-managed-certs only.
fn has_closed_readers(kind: &str, key: &str) -> bool {
    kind == "Service"
        && (key.starts_with("networking.gke.io/") || key.contains("cloud.google.com/"))
}
