//! What a manifest field means: type, range, default, and what happens when it is left out.
//!
//! The CRDs of GKE say types and little else, so that `kubectl apply` takes what the API refuses later, in an event
//! on the Ingress that nobody looks at. [`check_value`] says it at once. The tables also answer
//! `sioway explain BackendConfig.spec.timeoutSec`.
//!
//! Fields of kinds that Kubernetes itself documents well are listed only where a Socket.IO app depends on them.

mod backend_config;
mod cdn;
mod frontend;
mod health_check_policy;
mod name;
mod policies;
mod service;
#[cfg(test)]
mod tests;
mod value;
mod workload;

pub use name::{canonical_kind, find, nearest, plain_path};
pub use value::{Given, Shape, check_value};

use std::borrow::Cow;
use std::sync::LazyLock;

use foldhash::{HashMap, HashMapExt};

use super::Grade;

/// One field of one kind, or of kinds that share it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Field {
    /// The kinds that have it.
    pub kinds: &'static [&'static str],
    /// The way to it; `[]` stands for every item of a list.
    pub path: &'static str,
    /// What it may hold.
    pub shape: Shape,
    /// Whether the block it is in is refused without it.
    pub required: bool,
    /// What holds without it, in short; empty when there is no such value.
    pub default: &'static str,
    /// What happens when it is left out.
    pub absent: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// The rules that look at it.
    pub checked_by: &'static [&'static str],
    /// Where that can be read.
    pub sources: &'static [&'static str],
    /// How good the evidence of the range and the default is.
    pub grade: Grade,
}

/// A field of which nothing is said yet; the tables fill it in.
const FIELD: Field = Field {
    kinds: &[],
    path: "",
    shape: Shape::Object,
    required: false,
    default: "",
    absent: "",
    meaning: "",
    checked_by: &[],
    sources: &[],
    grade: Grade::Source,
};

const TABLES: &[&[Field]] = &[
    backend_config::FIELDS,
    cdn::FIELDS,
    frontend::FIELDS,
    policies::FIELDS,
    health_check_policy::FIELDS,
    service::FIELDS,
    workload::FIELDS,
];

/// Kinds whose every field is in the tables, so that another one is a mistake.
///
/// Their CRDs are structural: the API server drops an unknown field, and only a client that asks for strict
/// validation, as recent ones of kubectl do, is told.
pub const CLOSED_KINDS: &[&str] = &["BackendConfig", "FrontendConfig", "ManagedCertificate"];

/// Every field known.
pub fn all() -> impl Iterator<Item = &'static Field> {
    TABLES.iter().copied().flatten()
}

/// The fields of a kind, under its exact name.
pub fn fields_of(kind: &str) -> impl Iterator<Item = &'static Field> {
    all().filter(move |field| field.kinds.contains(&kind))
}

/// The field of a kind at a path, both as written in manifests.
///
/// Short names of kinds are understood, their case is not looked at, and list indices are left out of account. A
/// `Pod` has the fields of a pod template.
pub fn field(kind: &str, path: &str) -> Option<&'static Field> {
    let kind = canonical_kind(kind)?;
    let (kind, wanted) = match kind {
        "Pod" => ("Deployment", Cow::Owned(format!("spec.template.{}", plain_path(path)))),
        _ => (kind, plain_path(path)),
    };
    let at = BY_PATH.get(kind)?.get(&*wanted)?;
    // A list and its items share the plain path.
    let item = path.ends_with(']');
    let same = at.iter().find(|field| field.path.ends_with(']') == item);
    same.or_else(|| at.first()).copied()
}

/// The fields of a kind by their plain paths, for those who ask for many.
type Paths = HashMap<String, Vec<&'static Field>>;

static BY_PATH: LazyLock<HashMap<&'static str, Paths>> = LazyLock::new(|| {
    let mut found: HashMap<&str, Paths> = HashMap::new();
    for field in all() {
        for kind in field.kinds {
            let paths = found.entry(kind).or_default();
            paths.entry(plain_path(field.path).into_owned()).or_default().push(field);
        }
    }
    found
});

/// The paths that a kind may have, lists without brackets, or nothing if the tables do not know them all.
pub fn known_fields(kind: &str) -> Option<Vec<String>> {
    let kind = canonical_kind(kind)?;
    CLOSED_KINDS
        .contains(&kind)
        .then(|| fields_of(kind).map(|field| plain_path(field.path).into_owned()).collect())
}

/// Whether `cloud.google.com/v1beta1` has a field of a BackendConfig too; the API server drops the others there
/// (`kubernetes/ingress-gce:pkg/apis/backendconfig/v1beta1/types.go`).
pub fn is_in_v1beta1(path: &str) -> bool {
    const BLOCKS: [&str; 2] = ["spec.customResponseHeaders", "spec.logging"];
    const CDN: [&str; 2] = ["enabled", "cachePolicy"];
    match plain_path(path).strip_prefix("spec.cdn.") {
        Some(below) => CDN.contains(&below.split('.').next().unwrap_or(below)),
        None => !BLOCKS.iter().any(|block| path.starts_with(block)),
    }
}

/// A field that a kind does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// The path of the field that was probably meant.
    pub nearest: Option<String>,
}

/// Whether a path under `spec` is one that this kind does not have.
///
/// Nothing is said of a field whose parent is unknown too: one mistake is one finding.
pub fn unknown_field(kind: &str, path: &str) -> Option<Unknown> {
    let kind = canonical_kind(kind).filter(|kind| CLOSED_KINDS.contains(kind))?;
    let known = BY_PATH.get(kind)?;
    let path = plain_path(path);
    let has = |path: &str| path == "spec" || known.contains_key(path);
    let (parent, name) = path.rsplit_once('.')?;
    if has(&path) || !path.starts_with("spec.") || !has(parent) {
        return None;
    }
    Some(Unknown { nearest: name::nearest_path(name, parent, &known_fields(kind)?) })
}
