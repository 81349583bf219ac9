//! What makes a finding the same one in the next run, wherever its line has gone.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::diagnostic::Finding;

/// The name is sioway's own on purpose. GitHub's action computes the one that GitHub goes by from the line itself,
/// and warns of every result that brings another: <https://github.com/github/codeql-action/issues/4052>.
const NAME: &str = "siowayFinding/v1";

/// Tells findings of one run apart.
#[derive(Debug, Default)]
pub(super) struct Fingerprints {
    seen: BTreeMap<String, usize>,
}

impl Fingerprints {
    /// The fingerprint of a finding in a file: of rule, object, field and file, but of no line. Those that agree in
    /// all of these are numbered.
    pub(super) fn of(&mut self, finding: &Finding, file: &str) -> BTreeMap<&'static str, String> {
        let digest = digest(finding, file);
        let seen = self.seen.entry(digest.clone()).or_insert(0);
        *seen += 1;
        BTreeMap::from([(NAME, format!("{digest}:{seen}"))])
    }
}

fn digest(finding: &Finding, file: &str) -> String {
    let mut hash = Sha256::new();
    for part in parts(finding, file) {
        // With its length, so that no part can borrow from the next.
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    let bytes = hash.finalize();
    let number = bytes[..16].iter().fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
    format!("{number:032x}")
}

fn parts<'a>(finding: &'a Finding, file: &'a str) -> [&'a str; 6] {
    let [kind, namespace, name] = finding.object.as_ref().map_or([""; 3], |object| {
        let namespace = object.namespace.as_deref().unwrap_or_default();
        [&object.kind, namespace, &object.name]
    });
    [finding.diagnostic.id, kind, namespace, name, &finding.path, file]
}
