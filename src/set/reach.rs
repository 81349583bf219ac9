//! What a group of files offers to other files, and what it asked for.
//!
//! A repository of thousands of apps is read and judged group by group, each as if nothing else was there. That is only
//! right where nothing else would have answered. So a set that is one group of many notes each question that another
//! file might have an answer to. What the groups offer and what they asked tells afterwards which of them have to be
//! judged together.

use std::collections::BTreeSet;
use std::hash::BuildHasher;
use std::sync::{Mutex, PoisonError};

use foldhash::quality::FixedState;

/// What one file may want of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tie<'a> {
    /// The object of a kind and a name.
    Object(&'a str, &'a str),
    /// Any object of a kind.
    Kind(&'a str),
    /// Pods with a label.
    Label(&'a str, &'a str),
    /// A Service that selects pods by a label.
    Selector(&'a str, &'a str),
    /// What scales a workload of a name.
    Scales(&'a str),
    /// What leads to a Service of a name.
    Leads(&'a str),
    /// A policy that is attached to something of a name.
    Policy(&'a str),
    /// A Service that names a BackendConfig.
    Names(&'a str),
    /// A file, or the directory of a kustomization.
    File(&'a str),
    /// nginx configurations in files of their own below a directory.
    NginxBelow(&'a str),
    /// Any nginx configuration.
    Nginx,
    /// A `map` of nginx that defines a variable.
    Variable(&'a str),
}

/// A tie, for one namespace or for any.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Key {
    tie: u64,
    /// 0 for any.
    namespace: u64,
}

impl Key {
    fn new(tie: Tie<'_>, namespace: Option<&str>) -> Self {
        let hash = FixedState::default();
        // Two that come out the same are judged together without need, and nothing else happens.
        Self { tie: hash.hash_one(tie), namespace: namespace.map_or(0, |one| hash.hash_one(one)) }
    }

    fn fits(self, other: Self) -> bool {
        self.namespace == 0 || other.namespace == 0 || self.namespace == other.namespace
    }
}

/// The questions of a group that is being judged.
#[derive(Debug, Default)]
pub(super) struct Questions(Mutex<Asked>);

#[derive(Debug, Default)]
struct Asked {
    keys: Vec<Key>,
    /// Names that may be slips of others: kind and name.
    alike: BTreeSet<(&'static str, String)>,
}

impl Questions {
    pub(super) fn ask(&self, tie: Tie<'_>, namespace: Option<&str>) {
        let key = Key::new(tie, namespace);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).keys.push(key);
    }

    pub(super) fn ask_alike(&self, kind: &'static str, name: &str) {
        let mut asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        asked.alike.insert((kind, name.to_owned()));
    }
}

/// What a group offers and asked for. It is small: it stays when the group is gone.
#[derive(Debug, Default)]
pub struct Reach {
    offered: Vec<Key>,
    asked: Vec<Key>,
    alike: BTreeSet<(&'static str, String)>,
    /// The objects whose names others may have misspelt: kind and name.
    names: Vec<(&'static str, String)>,
}

impl Reach {
    /// Takes the questions of a group.
    pub(super) fn of(questions: Option<&Questions>) -> Self {
        let Some(questions) = questions else {
            return Self::default();
        };
        let mut asked = questions.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut reach = Self {
            asked: std::mem::take(&mut asked.keys),
            alike: std::mem::take(&mut asked.alike),
            ..Self::default()
        };
        reach.asked.sort_unstable();
        reach.asked.dedup();
        reach.asked.shrink_to_fit();
        reach
    }

    /// Something that other groups may ask for.
    pub fn offer(&mut self, tie: Tie<'_>, namespace: Option<&str>) {
        self.offered.push(Key::new(tie, namespace));
    }

    /// The name of an object that others may have misspelt.
    pub fn offer_name(&mut self, kind: &'static str, name: &str) {
        self.names.push((kind, name.to_owned()));
    }

    /// Ends what is offered.
    #[must_use]
    pub fn done(mut self) -> Self {
        self.offered.sort_unstable();
        self.offered.dedup();
        self.offered.shrink_to_fit();
        self
    }

    /// Whether one of its names may be what another group misspelt, or what Kustomize makes a name of.
    fn is_alike(&self, kind: &str, wanted: &str) -> bool {
        let mut names = self.names.iter().filter(|(own, _)| *own == kind);
        names.any(|(_, name)| {
            wanted.contains(name.as_str())
                || strsim::jaro_winkler(name, wanted) >= 0.8
                || strsim::damerau_levenshtein(name, wanted) * 8 <= wanted.len()
        })
    }
}

/// Which groups belong together, by their numbers: sets of two or more, each in order.
pub(super) fn related(groups: &[&Reach]) -> Vec<Vec<usize>> {
    let mut union = Union::new(groups.len());
    let of_group = |(group, reach): (usize, &&Reach)| {
        reach.offered.iter().map(move |key| (*key, group)).collect::<Vec<_>>()
    };
    let mut offers: Vec<(Key, usize)> = groups.iter().enumerate().flat_map(of_group).collect();
    offers.sort_unstable();
    for (group, reach) in groups.iter().enumerate() {
        // Both are in order: what is before an answer is before those to later questions too.
        let mut left = &offers[..];
        for key in &reach.asked {
            left = &left[left.partition_point(|(offer, _)| offer.tie < key.tie)..];
            for (offer, other) in left.iter().take_while(|(offer, _)| offer.tie == key.tie) {
                if offer.fits(*key) {
                    union.join(group, *other);
                }
            }
        }
        for (kind, name) in &reach.alike {
            for (other, _) in groups.iter().enumerate().filter(|(_, one)| one.is_alike(kind, name))
            {
                union.join(group, other);
            }
        }
    }
    union.sets()
}

/// Numbers, and which were joined.
struct Union(Vec<usize>);

impl Union {
    fn new(count: usize) -> Self {
        Self((0..count).collect())
    }

    fn root(&mut self, mut one: usize) -> usize {
        while self.0[one] != one {
            self.0[one] = self.0[self.0[one]];
            one = self.0[one];
        }
        one
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        self.0[one.max(other)] = one.min(other);
    }

    fn sets(mut self) -> Vec<Vec<usize>> {
        let mut sets: Vec<Vec<usize>> = vec![Vec::new(); self.0.len()];
        for one in 0..self.0.len() {
            let root = self.root(one);
            sets[root].push(one);
        }
        sets.retain(|set| set.len() > 1);
        sets
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reach(asked: &[(Tie<'_>, Option<&str>)], offered: &[(Tie<'_>, Option<&str>)]) -> Reach {
        let questions = Questions::default();
        for (tie, namespace) in asked {
            questions.ask(*tie, *namespace);
        }
        let mut reach = Reach::of(Some(&questions));
        for (tie, namespace) in offered {
            reach.offer(*tie, *namespace);
        }
        reach.done()
    }

    #[test]
    fn joins_who_asks_and_who_answers() {
        let (chat, other) = (Tie::Object("Service", "chat"), Tie::Object("Service", "other"));
        let groups = [
            reach(&[(chat, Some("a"))], &[]),
            reach(&[], &[(chat, Some("b")), (other, None)]),
            reach(&[(other, Some("b"))], &[(chat, None)]),
            reach(&[(Tie::Leads("chat"), None)], &[(Tie::Label("app", "chat"), None)]),
        ];
        let groups: Vec<&Reach> = groups.iter().collect();
        assert_eq!(related(&groups), [[0, 1, 2]]);
        assert_eq!(related(&groups[..2]), Vec::<Vec<usize>>::new());
    }

    #[test]
    fn joins_a_slip_with_what_it_is_a_slip_of() {
        let questions = Questions::default();
        questions.ask_alike("Service", "chat-sevice");
        let asked = Reach::of(Some(&questions));
        let mut offers = Reach::default();
        offers.offer_name("Service", "chat-service");
        let mut others = Reach::default();
        others.offer_name("BackendConfig", "chat-service");
        others.offer_name("Service", "billing");
        assert_eq!(related(&[&asked, &offers, &others]), [[0, 1]]);
    }
}
