//! What differs between what sioway renders and what is there, field by field, and why each difference matters.
//!
//! Only what sioway renders is compared. A field that it does not render belongs to somebody else and stays, and so
//! does an object. Text is never compared: values are, as Kubernetes reads them, JSON within annotations as JSON, and
//! nginx configurations as directives.

mod beta;
mod carry;
mod defaults;
mod entries;
mod followers;
mod foreign;
mod ground;
mod grown;
mod hashed;
mod links;
mod lists;
mod loopback;
mod near;
mod nginx;
mod old_ingress;
mod one_of;
mod pair;
mod port_names;
mod quantity;
mod roots;
mod routes;
mod same;
mod second_way;
mod taken_port;
mod value;
mod volumes;
mod whole;
mod why;

use crate::diagnostic::{Edit, ObjectName, SourceId};
use crate::kube::Object;
use crate::set::{Place, Set};

use ground::Ground;

pub use carry::carry_out_beside;
pub use entries::is_shared as is_shared_annotation;
pub use foreign::{Foreign, foreign};
pub use grown::{Grown, grown};
pub use links::{Broken, broken};
pub use near::{Tie, found_by, looked_for, looked_for_by};
pub use pair::{Unclear, goes_by, unclear};
pub use same::json;
pub use whole::{Difference, WholeDiff, compare_whole};
pub(crate) use why::{NO_VALUE, OTHER_VALUE};
pub use why::{Why, rules, why};

/// How an object that is rendered stands to what is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// All that is rendered is there.
    Same,
    /// Some of it differs.
    Change,
    /// It is not there.
    Add,
    /// It is there, and not rendered.
    OnlyThere,
}

/// An object on one side or on both.
#[derive(Debug, Clone)]
pub struct ObjectDiff<'s> {
    /// How the sides stand to each other.
    pub status: Status,
    /// As it is rendered; none where somebody else's has to follow what changes.
    pub ours: Option<Object<'s>>,
    /// As it is there.
    pub theirs: Option<Object<'s>>,
    /// What differs, in the order it is rendered.
    pub changes: Vec<Change>,
}

/// One difference.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The field, to be pasted back; within nginx by its blocks.
    pub path: String,
    /// What is there; `None` if nothing is.
    pub old: Option<String>,
    /// What is rendered; `None` where what is there cannot stay.
    pub new: Option<String>,
    /// Where the old value is, or the block that the new one belongs into.
    pub there: Option<Place>,
    /// Where it is rendered.
    pub here: Place,
    /// Why it matters.
    pub why: Why,
    /// The edit after which it is gone, and of which file; otherwise why it is left to people: lower case, no full
    /// stop.
    pub edit: Result<(SourceId, Edit), String>,
    /// What else is to be said of it.
    pub notes: Vec<String>,
}

impl ObjectDiff<'_> {
    /// The name of the object, as it is there; as it is rendered where it is not there.
    pub fn name(&self) -> ObjectName {
        let object = self.theirs.or(self.ours);
        object.map_or_else(
            || ObjectName { kind: String::new(), namespace: None, name: String::new() },
            |object| ObjectName {
                namespace: object
                    .namespace
                    .or(self.ours.and_then(|ours| ours.namespace))
                    .map(str::to_owned),
                ..object.object_name()
            },
        )
    }
}

/// Compares everything that is rendered with what is there. Where [`unclear`] finds that an object may be one of several,
/// it is compared with the nearest of them.
pub fn compare<'s>(ours: &Set<'s>, theirs: &Set<'s>) -> Vec<ObjectDiff<'s>> {
    let mut diffs = compare_pairs(ours, theirs, &pair::pairs(ours, theirs));
    second_way::mark(&mut diffs, theirs);
    taken_port::leave(&mut diffs, theirs);
    diffs
}

/// Compares files with the same files as they are later: an object is the one that is in its own file then.
pub fn compare_in_place<'s>(before: &Set<'s>, after: &Set<'s>) -> Vec<ObjectDiff<'s>> {
    compare_pairs(before, after, &pair::pairs_in_place(before, after))
}

fn compare_pairs<'s>(
    ours: &Set<'s>,
    theirs: &Set<'s>,
    pairs: &[(Object<'s>, Option<Object<'s>>)],
) -> Vec<ObjectDiff<'s>> {
    let ground = Ground::new(ours, theirs);
    let mut diffs: Vec<ObjectDiff<'s>> = pairs
        .iter()
        .map(|(one, other)| object((ours, theirs), &ground, one, other.as_ref()))
        .collect();
    followers::add(&mut diffs, theirs);
    let others = pair::only_there(theirs, pairs).into_iter();
    // One that holds a part of what is compared is not left alone.
    let is_told = |other: &Object<'s>| {
        diffs.iter().any(|diff| diff.theirs.is_some_and(|there| there.is(other)))
    };
    let others: Vec<Object<'s>> =
        others.filter(|other| !is_edited(other, &diffs) && !is_told(other)).collect();
    diffs.extend(others.into_iter().map(|object| ObjectDiff {
        status: Status::OnlyThere,
        ours: None,
        theirs: Some(object),
        changes: Vec::new(),
    }));
    diffs
}

/// Whether a change of another object is made in this one.
fn is_edited(object: &Object<'_>, diffs: &[ObjectDiff<'_>]) -> bool {
    let (source, span) = (object.file.source, object.node.span());
    let changes = diffs.iter().flat_map(|diff| &diff.changes);
    let mut edits = changes.filter_map(|change| change.edit.as_ref().ok());
    edits.any(|(file, edit)| match edit {
        Edit::Nginx { scalar: Some(scalar), .. } => {
            *file == source && span.start <= scalar.start && scalar.end <= span.end
        }
        _ => false,
    })
}

fn object<'s>(
    (ours, theirs): (&Set<'s>, &Set<'s>),
    ground: &Ground<'_>,
    one: &Object<'s>,
    other: Option<&Object<'s>>,
) -> ObjectDiff<'s> {
    let Some(other) = other else {
        return ObjectDiff {
            status: Status::Add,
            ours: Some(*one),
            theirs: None,
            changes: Vec::new(),
        };
    };
    let mut changes = value::changes(ground, one, other);
    if one.kind == "ConfigMap" {
        let mut of_nginx = nginx::changes(ours, theirs, one, other);
        for change in &mut of_nginx {
            why::settle(change, ground);
        }
        changes.extend(of_nginx);
    }
    ObjectDiff {
        status: if changes.is_empty() { Status::Same } else { Status::Change },
        ours: Some(*one),
        theirs: Some(*other),
        changes,
    }
}
