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
use super::meets;
use super::overlay::lay_over;
use super::patch::{Patch, Wanted};
use crate::diagnostic::SourceId;
use crate::diff::{Broken, Grown, ObjectDiff, broken, grown};
use crate::kube::Object;
use crate::kustomize::Lay;
use crate::manifest::Node;
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
struct Shared<'a> {
    /// What is edited.
    own: &'a Existing,
    sources: BTreeSet<SourceId>,
    neighbours: Vec<Neighbour>,
}

/// What a neighbour would lose.
struct Loss {
    neighbour: String,
    what: Lost,
}

enum Lost {
    /// One end of a link.
    End(Broken),
    /// An item of a list that its own patch means: the patch would add another one.
    Item(Grown),
    /// That it answers for its own hosts alone.
    Host(Host),
    /// All: nothing could be built any more.
    All,
}

/// A host that an Ingress answers for: the Ingress, and the host.
type Host = (String, String);

impl Loss {
    /// Why an edit of a base is left.
    fn why(&self) -> String {
        format!("{}; a patch of one overlay reaches it alone", self.reason())
    }

    fn reason(&self) -> String {
        let also = format!("{} builds from this base too", self.neighbour);
        match &self.what {
            Lost::End(Broken { object, what }) => {
                format!("{also}, where {object} would lack {what}")
            }
            Lost::Item(Grown { object, field, are_doubles: true, .. }) => {
                format!("{also}, where an item of `{field}` of {object} would stand twice")
            }
            Lost::Item(Grown { object, field, .. }) => format!(
                "{also}, where a patch would no longer meet an item of `{field}` of {object}, and add one"
            ),
            Lost::Host((ingress, host)) => {
                format!("{also}, where {ingress} would answer for `{host}` too")
            }
            Lost::All => format!("{also}, and could not be built any more"),
        }
    }

    /// The kind of what would lack something. Each that builds from a base may give it another name.
    fn kind(&self) -> Option<&str> {
        match &self.what {
            Lost::End(broken) => broken.object.split(' ').next(),
            Lost::Item(grown) => Some(&grown.kind),
            Lost::Host(_) => Some("Ingress"),
            Lost::All => None,
        }
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
    fn over(&self, losses: &[Loss], shared: &Shared<'_>) -> Option<Settled> {
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
        let of = |diff| Landed::of(diff, self.existing, lay);
        let mut landed: Vec<Landed> = self.diffs.iter().map(of).collect();
        meets::settle(self.diffs, &mut landed, self.existing);
        landed
    }

    fn with(&self, landed: Vec<Landed>) -> Settled {
        let wanted = wanted(self.app, self.diffs, &landed, self.existing);
        Settled { wanted: proven(wanted, self.ours, self.existing), landed }
    }

    /// The edited files of bases, and who else builds from them.
    fn shared(&self, landed: &[Landed]) -> Shared<'_> {
        let mut shared =
            Shared { own: self.existing, sources: BTreeSet::new(), neighbours: Vec::new() };
        let mut names = BTreeSet::new();
        for source in landed.iter().flat_map(|one| &one.changes).filter_map(LandedChange::source) {
            for build in &self.existing.builds {
                let layer = build.built.layer_of(source).filter(|layer| *layer > 0);
                let others = layer.map(|layer| build.builders(layer)).unwrap_or_default();
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
    fn without(&self, mut landed: Vec<Landed>, losses: &[Loss], shared: &Shared<'_>) -> Settled {
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
        let patch = Patch::of(vec![wanted.clone()]);
        Effect::of(&patch, self.existing).is_none_or(|effect| {
            !effect.broken.is_empty() || effect.grown.iter().any(|grown| grown.are_doubles)
        })
    }
}

impl Shared<'_> {
    /// What the neighbours would lose by some edits.
    fn losses(&self, wanted: &Wanted) -> Vec<Loss> {
        if self.neighbours.is_empty() {
            return Vec::new();
        }
        let patch = Patch::of(vec![wanted.clone()]);
        let own = Effect::of(&patch, self.own).map(|effect| effect.grown).unwrap_or_default();
        let lost = |one: &Neighbour| -> Vec<Loss> {
            let loss = |what| Loss { neighbour: one.name.clone(), what };
            let Some(effect) = Effect::of(&patch, &one.existing) else {
                return vec![loss(Lost::All)];
            };
            let is_meant = |grown: &Grown| own.iter().any(|own| own.is_as_much(grown));
            let grown = effect.grown.into_iter().filter(|grown| !is_meant(grown));
            let ends = effect.broken.into_iter().map(Lost::End);
            let hosts = effect.hosts.into_iter().map(Lost::Host);
            ends.chain(hosts).chain(grown.map(Lost::Item)).map(loss).collect()
        };
        self.neighbours.iter().flat_map(lost).collect()
    }
}

/// What some edits do to what is built.
struct Effect {
    broken: Vec<Broken>,
    grown: Vec<Grown>,
    hosts: Vec<Host>,
}

impl Effect {
    /// `None` where nothing could be built any more.
    fn of(patch: &Patch, existing: &Existing) -> Option<Self> {
        let changed = patch.changed.iter().map(|(file, (_, new))| (file.clone(), new.clone()));
        let after = existing.with(&changed.collect(), &patch.added).ok()?;
        let (before, after) = (existing.files(), after.files());
        let (before, after) = (Set::new(&before), Set::new(&after));
        let known = hosts(&before);
        let hosts = hosts(&after).into_iter().filter(|host| !known.contains(host)).collect();
        Some(Self { broken: broken(&before, &after), grown: grown(&before, &after), hosts })
    }
}

/// The hosts that Ingresses answer for.
fn hosts(set: &Set<'_>) -> BTreeSet<Host> {
    let ingresses = set.objects.iter().filter(|one| one.kind == "Ingress");
    let of_one = |ingress: &Object<'_>| {
        let rules = ingress.in_spec(&["rules"]).into_iter().flat_map(Node::items);
        let hosts = rules.filter_map(|rule| rule.get("host").and_then(Node::as_str));
        hosts.map(|host| (ingress.said(), host.to_owned())).collect::<Vec<_>>()
    };
    ingresses.flat_map(of_one).collect()
}
