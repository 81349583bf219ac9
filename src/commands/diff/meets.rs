//! Edits that change objects of others in the same build: a patch may meet several, and a base may be built twice.

use super::existing::Existing;
use super::landed::Landed;
use super::overlay::lay_over;
use crate::diff::ObjectDiff;

/// Says an edit of the overlay's own for its object alone, or leaves it to people, where it would change others too; of
/// an edit of a base tells who else changes.
pub(super) fn settle(diffs: &[ObjectDiff<'_>], landed: &mut [Landed], existing: &Existing) {
    let is_own = |diff: &&ObjectDiff<'_>| diff.ours.is_some() || !diff.changes.is_empty();
    let own: Vec<usize> = diffs
        .iter()
        .filter(is_own)
        .filter_map(|diff| diff.theirs.map(|object| object.node.span().start))
        .collect();
    for (diff, landed) in diffs.iter().zip(landed) {
        settle_one(diff, landed, existing, &own);
    }
}

fn settle_one(diff: &ObjectDiff<'_>, landed: &mut Landed, existing: &Existing, own: &[usize]) {
    let Some(build) = diff.theirs.and_then(|object| existing.build_of(object.file.source)) else {
        return;
    };
    let mut met = Vec::new();
    for (index, change) in landed.changes.iter_mut().enumerate() {
        let Some((source, edit)) = change.edit().filter(|_| !change.changes_all()) else {
            continue;
        };
        let others = build.built.changed_besides(own, (*source, edit));
        if others.is_empty() {
            continue;
        }
        let why = format!("the edit would also change {}", others.join(", "));
        match build.built.layer_of(*source) {
            Some(0) => met.push((index, *source, why)),
            _ => change.notes.push(format!("also changes {}", others.join(", "))),
        }
    }
    let Some((.., why)) = met.first() else {
        return;
    };
    let is_meant = |source| met.iter().any(|(_, other, _)| *other == source);
    lay_over(diff, landed, existing, (&is_meant, why));
    for (index, _, why) in &met {
        let change = &mut landed.changes[*index];
        if change.edit().is_some() {
            change.leave(why);
        }
    }
}
