//! Repairs that are certain, as replacements of bytes: for readers that carry them out themselves.
//!
//! SARIF 2.1.0, §3.55 to §3.57. GitHub reads past them.

use std::collections::BTreeMap;

use super::log::{ArtifactChange, Fix, Message, Replacement, SarifRegion, Text};
use super::{Report, artifact};
use crate::diagnostic::{Applicability, Edit, Finding, SourceId, Splice};
use crate::fix::apply;

/// The repair of a finding; nothing where it is not certain, or cannot be made in place.
pub(super) fn of(report: &Report<'_>, finding: &Finding) -> Vec<Fix> {
    if finding.fix != Applicability::Safe || finding.edits.is_empty() {
        return Vec::new();
    }
    let mut edits: BTreeMap<SourceId, Vec<Edit>> = BTreeMap::new();
    for (source, edit) in &finding.edits {
        edits.entry(*source).or_default().push(edit.clone());
    }
    let changes = edits.into_iter().map(|(source, edits)| change(report, source, &edits));
    let Some(changes) = changes.collect::<Option<Vec<ArtifactChange>>>() else {
        return Vec::new();
    };
    let said = format!("what `sioway {}` writes", report.repaired_by());
    vec![Fix { description: Message::of(&said, usize::MAX), artifact_changes: changes }]
}

/// What is replaced in a file; `None` where it cannot be, or is as it should be.
fn change(report: &Report<'_>, source: SourceId, edits: &[Edit]) -> Option<ArtifactChange> {
    let applied = apply(&report.sources.get(source).text, edits).ok()?;
    let replacement = |splice: &Splice| Replacement {
        deleted_region: SarifRegion::of(report.sources.region(source, splice.span)),
        inserted_content: Text::of(&splice.text),
    };
    let replacements: Vec<Replacement> = applied.splices.iter().map(replacement).collect();
    let artifact_location = artifact(report, source);
    (!replacements.is_empty()).then_some(ArtifactChange { artifact_location, replacements })
}
