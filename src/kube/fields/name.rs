//! Finding a field by what somebody typed.

use std::borrow::Cow;

use strsim::jaro_winkler;

use super::{Field, all, field, fields_of};

/// How alike two names must be for one to be offered in place of the other.
const ALIKE: f64 = 0.85;

/// Kinds, with their plural and the short names that kubectl knows.
const KINDS: &[(&str, &[&str])] = &[
    ("BackendConfig", &["backendconfigs", "bc"]),
    ("DaemonSet", &["daemonsets", "ds"]),
    ("Deployment", &["deployments", "deploy"]),
    ("FrontendConfig", &["frontendconfigs"]),
    ("GCPBackendPolicy", &["gcpbackendpolicies"]),
    ("GCPGatewayPolicy", &["gcpgatewaypolicies"]),
    ("GCPHTTPFilter", &["gcphttpfilters"]),
    ("HealthCheckPolicy", &["healthcheckpolicies"]),
    ("Ingress", &["ingresses", "ing"]),
    ("ManagedCertificate", &["managedcertificates", "mcrt"]),
    ("Pod", &["pods", "po"]),
    ("ReplicaSet", &["replicasets", "rs"]),
    ("Service", &["services", "svc"]),
    ("StatefulSet", &["statefulsets", "sts"]),
];

/// The exact name of a kind that was written in any case, as a plural, or by its short name.
pub fn canonical_kind(text: &str) -> Option<&'static str> {
    if let Some((kind, _)) = KINDS.iter().find(|(kind, _)| *kind == text) {
        return Some(kind);
    }
    let lower = text.to_ascii_lowercase();
    KINDS
        .iter()
        .find(|(kind, other)| kind.eq_ignore_ascii_case(text) || other.contains(&lower.as_str()))
        .map(|(kind, _)| *kind)
}

/// A path without what stands in brackets: indices, keys, and the `[]` of the tables.
pub fn plain_path(path: &str) -> Cow<'_, str> {
    if !path.contains(['[', ']']) {
        return Cow::Borrowed(path);
    }
    let mut depth = 0_usize;
    let outside = path.chars().filter(|letter| {
        match letter {
            '[' => depth += 1,
            ']' => {
                depth = depth.saturating_sub(1);
                return false;
            }
            _ => {}
        }
        depth == 0
    });
    Cow::Owned(outside.collect())
}

/// The field that a text like `bc.spec.timeoutSec` names; `spec` may be left out.
pub fn find(text: &str) -> Option<&'static Field> {
    let (kind, path) = text.trim().split_once('.')?;
    field(kind, path).or_else(|| field(kind, &format!("spec.{path}")))
}

/// The name of the field that a text was probably meant to be.
pub fn nearest(text: &str) -> Option<String> {
    let text = text.trim();
    let (kind, path) = text.split_once('.').unwrap_or(("", text));
    let kind = canonical_kind(kind).or_else(|| nearest_kind(kind));
    let name = path.rsplit('.').next().unwrap_or(path);
    let scored = |field: &'static Field| {
        let plain = plain_path(field.path);
        let own = plain.rsplit('.').next().unwrap_or_default();
        let alike = jaro_winkler(&name.to_ascii_lowercase(), &own.to_ascii_lowercase());
        // Of fields with the same name, the one whose whole path is most alike.
        (alike, jaro_winkler(path, &plain), field)
    };
    let best = match kind {
        Some(kind) => best(fields_of(kind).map(scored)),
        None => best(all().map(scored)),
    }?;
    Some(format!("{}.{}", kind.unwrap_or(best.kinds[0]), best.path))
}

fn best(scored: impl Iterator<Item = (f64, f64, &'static Field)>) -> Option<&'static Field> {
    scored
        .filter(|(alike, ..)| *alike >= ALIKE)
        .max_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)))
        .map(|(.., field)| field)
}

fn nearest_kind(text: &str) -> Option<&'static str> {
    let scored = KINDS.iter().map(|(kind, _)| {
        let alike = jaro_winkler(&text.to_ascii_lowercase(), &kind.to_ascii_lowercase());
        (alike, *kind)
    });
    scored
        .filter(|(alike, _)| *alike >= 0.9)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, kind)| kind)
}

/// The known path most like a name under a parent: a sibling first, else one of the very name in another block.
pub(super) fn nearest_path(name: &str, parent: &str, known: &[String]) -> Option<String> {
    let split = |path: &'_ String| {
        path.rsplit_once('.').map(|(parent, name)| (parent.to_owned(), name.to_owned()))
    };
    let named = known.iter().filter_map(|path| Some((path, split(path)?)));
    let scored = named.filter_map(|(path, (in_parent, own))| {
        let sibling = in_parent == parent;
        let alike = jaro_winkler(&name.to_ascii_lowercase(), &own.to_ascii_lowercase());
        let near = if sibling { alike >= ALIKE } else { own == name };
        near.then_some((sibling, alike, path))
    });
    scored.max_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))).map(|(.., path)| path.clone())
}
