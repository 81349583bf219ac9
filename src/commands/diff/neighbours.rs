//! Who else builds from the files that are edited, and what the edits would do to them.
//!
//! The ends of a link lie in several objects: a selector and labels, a reference and a name. Where one end would be
//! edited in a base, for all that build from it, and the other in one overlay alone, the others would be left with one
//! end. Then both go into the base, or neither is edited.

use std::collections::BTreeSet;

use camino::Utf8Path;

use super::super::lint::gather::Gathered;
use super::builds::absolute;
use super::existing::Existing;
use super::landed::{Landed, LandedChange, proven, wanted};
use super::overlay::lay_over;
use super::patch::{Patch, Wanted};
use crate::diagnostic::SourceId;
use crate::diff::{Broken, ObjectDiff, broken};
use crate::kustomize::Lay;
use crate::set::Set;

/// What is compared.
pub(super) struct Comparison<'a, 's> {
    pub(super) app: &'a str,
    pub(super) diffs: &'a [ObjectDiff<'s>],
    pub(super) ours: &'a Set<'s>,
    pub(super) existing: &'a Existing,
}

/// Where the differences are taken away, and the edits that do it.
pub(super) struct Settled {
    pub(super) landed: Vec<Landed>,
    pub(super) wanted: Wanted,
}

/// Which differences are meant.
type Choice<'c> = dyn Fn(&ObjectDiff<'_>, &LandedChange) -> bool + 'c;

/// Something else that is built of a base.
struct Neighbour {
    name: String,
    existing: Existing,
}

/// What several build from.
#[derive(Default)]
struct Shared {
    sources: BTreeSet<SourceId>,
    neighbours: Vec<Neighbour>,
}

/// What a neighbour would lose.
struct Loss {
    neighbour: String,
    /// The link; none where nothing could be built any more.
    lacks: Option<Broken>,
}

impl Loss {
    /// Why an edit of a base is left.
    fn why(&self) -> String {
        format!("{}; a patch of one overlay reaches it alone", self.reason())
    }

    fn reason(&self) -> String {
        let name = &self.neighbour;
        match &self.lacks {
            Some(Broken { object, what }) => {
                format!("{name} builds from this base too, where {object} would lack {what}")
            }
            None => format!("{name} builds from this base too, and could not be built any more"),
        }
    }

    /// The kind of what would lack something. Each that builds from a base may give it another name.
    fn kind(&self) -> Option<&str> {
        self.lacks.as_ref()?.object.split(' ').next()
    }
}

impl Comparison<'_, '_> {
    /// The edits that end the differences and leave nobody else with one end of a link.
    pub(super) fn settled(&self) -> Settled {
        let first = self.attempt(Lay::Over);
        let shared = self.shared(&first.landed);
        let losses = shared.losses(&first.wanted);
        if losses.is_empty() {
            return first;
        }
        let second = self.attempt(Lay::Under);
        let is_no_worse = second.wanted.refused.len() <= first.wanted.refused.len();
        if is_no_worse && shared.losses(&second.wanted).is_empty() {
            return second;
        }
        self.over(&losses, &shared).unwrap_or_else(|| self.without(first.landed, &losses, &shared))
    }

    /// The edits of what is shared made in the overlay alone: of the objects that would lack something, and where that
    /// is not enough, all of them. `None` if that does not do it.
    fn over(&self, losses: &[Loss], shared: &Shared) -> Option<Settled> {
        // Of what it would lack itself, if it is one that would.
        let why = |diff: &ObjectDiff<'_>| {
            let kind = diff.name().kind;
            let own = losses.iter().find(|loss| loss.kind() == Some(kind.as_str()));
            own.or(losses.first()).map(Loss::reason).unwrap_or_default()
        };
        let is_shared = |source| shared.sources.contains(&source);
        let kinds: Vec<&str> = losses.iter().filter_map(Loss::kind).collect();
        let all = |_: &ObjectDiff<'_>| true;
        let lacking = |diff: &ObjectDiff<'_>| kinds.contains(&diff.name().kind.as_str());
        let meant: [&dyn Fn(&ObjectDiff<'_>) -> bool; 2] = [&lacking, &all];
        meant.into_iter().find_map(|is_meant| {
            let mut landed: Vec<Landed> = self.landed(Lay::Over);
            for (diff, landed) in
                self.diffs.iter().zip(&mut landed).filter(|(diff, _)| is_meant(diff))
            {
                lay_over(diff, landed, self.existing, (&is_shared, &why(diff)));
            }
            let new = self.with(landed);
            let is_done = !new.wanted.edits.is_empty() && shared.losses(&new.wanted).is_empty();
            is_done.then_some(new)
        })
    }

    fn attempt(&self, lay: Lay) -> Settled {
        self.with(self.landed(lay))
    }

    fn landed(&self, lay: Lay) -> Vec<Landed> {
        self.diffs.iter().map(|diff| Landed::of(diff, self.existing, lay)).collect()
    }

    fn with(&self, landed: Vec<Landed>) -> Settled {
        let wanted = wanted(self.app, self.diffs, &landed, self.existing);
        Settled { wanted: proven(wanted, self.ours, self.existing), landed }
    }

    /// The edited files of bases, and who else builds from them.
    fn shared(&self, landed: &[Landed]) -> Shared {
        let mut shared = Shared::default();
        let mut names = BTreeSet::new();
        for source in landed.iter().flat_map(|one| &one.changes).filter_map(LandedChange::source) {
            for build in &self.existing.builds {
                let layer = build.built.layer_of(source).filter(|layer| *layer > 0);
                let others = layer.map(|layer| build.others(layer)).unwrap_or_default();
                if !others.is_empty() {
                    shared.sources.insert(source);
                    names.extend(others);
                }
            }
        }
        // What cannot be built says nothing of what an edit does to it.
        let read = |name: String| {
            let root = absolute(Utf8Path::new(&name)).ok()?;
            let existing = Existing::of(Gathered::default(), &[&root], name.clone()).ok()?;
            Some(Neighbour { name, existing })
        };
        shared.neighbours = names.into_iter().filter_map(read).collect();
        shared
    }

    /// The edits but those of what is shared: of the objects that would lack something, and where that is not enough,
    /// all of them; or none at all.
    fn without(&self, mut landed: Vec<Landed>, losses: &[Loss], shared: &Shared) -> Settled {
        let why = losses.first().map(Loss::why).unwrap_or_default();
        let kinds: Vec<&str> = losses.iter().filter_map(Loss::kind).collect();
        let is_lacking = |diff: &ObjectDiff<'_>| kinds.contains(&diff.name().kind.as_str());
        let is_shared = |change: &LandedChange| {
            change.source().is_some_and(|source| shared.sources.contains(&source))
        };
        let some =
            |diff: &ObjectDiff<'_>, change: &LandedChange| is_lacking(diff) && is_shared(change);
        let most = |_: &ObjectDiff<'_>, change: &LandedChange| is_shared(change);
        let leaves: [&Choice<'_>; 2] = [&some, &most];
        for is_left in leaves {
            self.leave(&mut landed, &why, is_left);
            let new = self.with(landed);
            if shared.losses(&new.wanted).is_empty() && !self.breaks_itself(&new.wanted) {
                return new;
            }
            landed = new.landed;
        }
        self.leave(&mut landed, &why, &|_, change| change.source().is_some());
        self.with(landed)
    }

    fn leave(&self, landed: &mut [Landed], why: &str, is_left: &Choice<'_>) {
        for (diff, landed) in self.diffs.iter().zip(landed) {
            let left = landed.changes.iter_mut().filter(|change| is_left(diff, change));
            left.for_each(|change| change.leave(why));
        }
    }

    /// Whether what is left of the edits breaks a link of what is compared.
    fn breaks_itself(&self, wanted: &Wanted) -> bool {
        !losses("", self.existing, &Patch::of(vec![wanted.clone()])).is_empty()
    }
}

impl Shared {
    /// What the neighbours would lose by some edits.
    fn losses(&self, wanted: &Wanted) -> Vec<Loss> {
        if self.neighbours.is_empty() {
            return Vec::new();
        }
        let patch = Patch::of(vec![wanted.clone()]);
        let lost = |one: &Neighbour| losses(&one.name, &one.existing, &patch);
        self.neighbours.iter().flat_map(lost).collect()
    }
}

fn losses(name: &str, existing: &Existing, patch: &Patch) -> Vec<Loss> {
    let loss = |lacks| Loss { neighbour: name.to_owned(), lacks };
    let changed = patch.changed.iter().map(|(file, (_, new))| (file.clone(), new.clone()));
    let Ok(after) = existing.with(&changed.collect(), &patch.added) else {
        return vec![loss(None)];
    };
    let (before, after) = (existing.files(), after.files());
    let found = broken(&Set::new(&before), &Set::new(&after));
    found.into_iter().map(|one| loss(Some(one))).collect()
}
