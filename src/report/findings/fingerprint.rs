//! What makes a finding the same one in the next run, wherever its line has gone.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::diagnostic::{Diagnostic, Finding};

/// Tells findings of one run apart.
#[derive(Debug, Default)]
pub(super) struct Fingerprints {
    seen: BTreeMap<String, usize>,
}

impl Fingerprints {
    /// The fingerprint of a finding in a file: of rule, object, field and file, but of no line. Those that agree in
    /// all of these are numbered.
    pub(super) fn of(&mut self, finding: &Finding, file: &str) -> String {
        self.numbered(&digest(&parts(finding, file)))
    }

    /// The fingerprint of a file that cannot be read.
    pub(super) fn of_problem(&mut self, problem: &Diagnostic, file: &str) -> String {
        self.numbered(&digest(&[problem.id, &problem.message, file]))
    }

    fn numbered(&mut self, digest: &str) -> String {
        let seen = self.seen.entry(digest.to_owned()).or_insert(0);
        *seen += 1;
        format!("{digest}:{seen}")
    }
}

fn digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
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
