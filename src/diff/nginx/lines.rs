//! Lines: what holds of them where they would be, and the edits after which it is what ours say.

use super::balancing::METHODS;
use super::meaning::{is_taste, key, same_words, words};
use super::reason::reason;
use super::side::Side;
use super::{Change, Comparison};
use crate::diagnostic::{Edit, Insertion, NginxChange, SourceId};
use crate::kube::Object;
use crate::nginx::{NodeId, ROOT, default_of, is_inherited};
use crate::set::Place;

/// What is changed of theirs by a line of ours.
#[derive(Clone, Copy)]
pub(super) struct Spot {
    pub(super) ours: NodeId,
    /// Their line that holds, if there is one.
    pub(super) line: Option<NodeId>,
    /// The block that the line of ours belongs into.
    pub(super) level: NodeId,
}

pub(super) type Written = Result<(SourceId, Edit), String>;

impl Comparison<'_> {
    /// A line that stands alone: a setting, or where a location leads.
    pub(super) fn line(&mut self, ours: NodeId, level: NodeId) {
        let name = self.ours.config.name(ours);
        let mine = key(self.ours.directive(ours));
        let mut effective = self.theirs.config.effective(level, name);
        effective.lines.retain(|line| key(self.theirs.directive(*line)) == mine);
        if effective.lines.iter().any(|line| self.is_same(ours, *line)) {
            return;
        }
        let line = effective.line();
        if line.is_none() && effective.doubt.is_none() && self.is_default(ours) {
            return;
        }
        let spot = Spot { ours, line, level };
        if let Some(line) = line.filter(|line| self.theirs.is_in(*line, level)) {
            return self.change(ours, line);
        }
        // Nearer than what is inherited, it is what counts.
        let edit = self.insertion(level, self.source(ours, level));
        let notes = line.map(|_| "what is inherited stays as it is for others".to_owned());
        self.push(spot, edit, notes.into_iter().collect());
    }

    /// The lines of one name, all of which are inherited or none is.
    pub(super) fn list(&mut self, name: &str, ours: NodeId, level: NodeId) {
        let effective = self.theirs.config.effective(level, name);
        let twin = |line: NodeId| {
            let mine = key(self.ours.directive(line));
            let same = |other: &&NodeId| key(self.theirs.directive(**other)) == mine;
            effective.lines.iter().rfind(same).copied()
        };
        let lines = self.ours.config.named(ours, name);
        let lines = lines.filter(|line| !is_taste(self.ours.directive(*line)));
        let wrong: Vec<(NodeId, Option<NodeId>)> = lines
            .map(|line| (line, twin(line)))
            .filter(|(line, twin)| twin.is_none_or(|twin| !self.is_same(*line, twin)))
            .collect();
        let own = effective.lines.iter().any(|line| self.theirs.is_in(*line, level));
        if wrong.is_empty() {
            return;
        }
        if own {
            for (line, twin) in wrong {
                match twin {
                    Some(twin) => self.change(line, twin),
                    None => self.insert(line, level),
                }
            }
            return;
        }
        let unread = is_inherited(name) && effective.doubt.is_some_and(|doubt| doubt.at.is_some());
        self.hide(&effective.lines, &wrong, level, unread);
    }

    /// Lines where a level has none of their name: they hide what it inherits, which is repeated beside them.
    fn hide(
        &mut self,
        inherited: &[NodeId],
        wrong: &[(NodeId, Option<NodeId>)],
        level: NodeId,
        unread: bool,
    ) {
        let mut text: Vec<String> = Vec::new();
        let mut repeated = 0;
        for line in inherited {
            let better = wrong.iter().find(|(_, twin)| *twin == Some(*line));
            repeated += usize::from(better.is_none());
            text.push(match better {
                Some((ours, _)) => self.source(*ours, level),
                None => self.theirs.line(*line),
            });
        }
        let new = wrong.iter().filter(|(_, twin)| twin.is_none());
        text.extend(new.map(|(ours, _)| self.source(*ours, level)));
        let edit = if unread {
            Err("an included file that is not here may set more of these, which would be hidden"
                .to_owned())
        } else {
            self.insertion(level, text.join("\n"))
        };
        for (index, (ours, line)) in wrong.iter().enumerate() {
            let name = self.ours.config.name(*ours);
            let note = || {
                format!(
                    "a block that has a `{name}` of its own inherits none: the {repeated} that hold here are repeated in it"
                )
            };
            let notes = if index == 0 && repeated > 0 { vec![note()] } else { Vec::new() };
            self.push(Spot { ours: *ours, line: *line, level }, edit.clone(), notes);
        }
    }

    /// A definition that is there, maybe under another name.
    pub(super) fn definition(&mut self, ours: NodeId, theirs: NodeId) {
        if self.ours.config.name(ours) == "upstream" {
            return self.upstream(ours, theirs);
        }
        let since = self.changes.len();
        if !self.is_same(ours, theirs) {
            self.change(ours, theirs);
        }
        for &line in self.ours.config.children(ours) {
            let name = self.ours.config.name(line);
            match self.theirs.config.named(theirs, name).next() {
                Some(there) if self.is_same(line, there) => {}
                Some(there) => self.change(line, there),
                None => self.insert(line, theirs),
            }
        }
        let variable = self.theirs.directive(theirs).argument(1).unwrap_or_default();
        for change in &mut self.changes[since..] {
            change
                .notes
                .push(format!("every line there that has `{variable}` gets the new meaning"));
        }
    }

    /// An upstream that is there. Where it leads elsewhere, its servers are changed for ours.
    fn upstream(&mut self, ours: NodeId, theirs: NodeId) {
        let servers = |side: &Side<'_>, upstream: NodeId| -> Vec<NodeId> {
            side.config.named(upstream, "server").collect()
        };
        let (mine, yours) = (servers(self.ours, ours), servers(self.theirs, theirs));
        let in_place = |line: NodeId| {
            let address = self.ours.directive(line).argument(0);
            yours.iter().copied().find(|other| self.theirs.directive(*other).argument(0) == address)
        };
        let (known, missing): (Vec<NodeId>, Vec<NodeId>) =
            mine.into_iter().partition(|line| in_place(*line).is_some());
        let known: Vec<_> =
            known.iter().filter_map(|line| Some((*line, in_place(*line)?))).collect();
        let is_meant = |other: &NodeId| known.iter().any(|(_, twin)| twin == other);
        let others: Vec<NodeId> = yours.iter().copied().filter(|one| !is_meant(one)).collect();
        for (line, twin) in known {
            if !self.is_same(line, twin) {
                self.change(line, twin);
            }
        }
        for (index, line) in missing.iter().enumerate() {
            match others.get(index) {
                Some(other) if others.len() > missing.len() => {
                    let why = "each server that is there takes its share of the sessions: it is not known which of them stay";
                    let spot = Spot { ours: *line, line: Some(*other), level: theirs };
                    self.push(spot, Err(why.to_owned()), Vec::new());
                }
                Some(other) => self.change(*line, *other),
                None => self.insert(*line, theirs),
            }
        }
        for &line in self.ours.config.children(ours) {
            let (name, directive) = (self.ours.config.name(line), self.ours.directive(line));
            match self.theirs.config.named(theirs, name).next() {
                None if name == "zone" && self.needs_zone(ours) => self.insert(line, theirs),
                _ if METHODS.contains(&name) => self.method(line, theirs),
                _ if is_taste(directive) || name == "server" => {}
                Some(other) if self.is_same(line, other) => {}
                Some(other) => self.change(line, other),
                None => self.insert(line, theirs),
            }
        }
    }

    /// Whether a line of theirs says what one of ours does.
    pub(super) fn is_same(&self, ours: NodeId, theirs: NodeId) -> bool {
        let (mine, yours) = (self.ours.directive(ours), self.theirs.directive(theirs));
        let words: Vec<String> =
            words(mine).iter().map(|word| self.names.in_their_words(word)).collect();
        same_words(mine, &words, yours)
            || &*mine.name.text == "proxy_pass" && self.leads_the_same_way(ours, theirs)
    }

    /// Whether nginx takes what a line of ours says for itself, in all of its versions.
    fn is_default(&self, ours: NodeId) -> bool {
        let name = self.ours.config.name(ours);
        let default = default_of(name).filter(|default| default.since.is_none());
        default.is_some_and(|default| {
            let value = self.ours.config.value(ours);
            super::meaning::same_word(name, value, default.value)
        })
    }

    /// A line of theirs, changed where it stands.
    pub(super) fn change(&mut self, ours: NodeId, theirs: NodeId) {
        let text = self.names.in_their_words(self.ours.value(ours));
        let directive = self.theirs.directive(theirs).span;
        let edit = if self.theirs.is_shared(theirs) {
            Err("the file of this line is included in several places, which would all change"
                .to_owned())
        } else {
            let change = NginxChange::SetArguments { directive, text };
            Ok(self.theirs.text_of(theirs).edit(change))
        };
        let level = self.theirs.config.parent(theirs).unwrap_or(ROOT);
        self.push(Spot { ours, line: Some(theirs), level }, edit, Vec::new());
    }

    /// A directive of ours that is not there.
    pub(super) fn insert(&mut self, ours: NodeId, level: NodeId) {
        let text = self.source(ours, level);
        // Of two maps for one variable nginx takes the last: another one that is not seen does no harm.
        let edit = match self.ours.config.name(ours) {
            "map" => self.insertion_into(level, text),
            _ => self.insertion(level, text),
        };
        self.push(Spot { ours, line: None, level }, edit, Vec::new());
    }

    /// A directive of ours that is not there, and is left to people.
    pub(super) fn left(&mut self, ours: NodeId, level: NodeId, why: &str) {
        self.push(Spot { ours, line: None, level }, Err(why.to_owned()), Vec::new());
    }

    fn insertion(&self, level: NodeId, text: String) -> Written {
        if self.theirs.config.unread_in(level).is_some() {
            return Err("it may stand in an included file that is not here".to_owned());
        }
        self.insertion_into(level, text)
    }

    fn insertion_into(&self, level: NodeId, text: String) -> Written {
        if level != ROOT && self.theirs.is_shared(level) {
            return Err(
                "the file of this block is included in several places, which would all change"
                    .to_owned(),
            );
        }
        let apart = self.apart(level);
        let block = match apart {
            None if level != ROOT => Some(self.theirs.directive(level).span),
            _ => None,
        };
        let change = NginxChange::Insert { place: Insertion::End(block), text };
        Ok(self.theirs.text_of(apart.unwrap_or(level)).edit(change))
    }

    /// A server whose file something new goes into, in place of the block around it: where the servers are in a file of
    /// their own, what is set together stands together.
    fn apart(&self, level: NodeId) -> Option<NodeId> {
        let server = self.theirs.config.named(level, "server").next();
        let file = |node: NodeId| self.theirs.config.file(node);
        server.filter(|server| level != ROOT && file(*server) != file(level))
    }

    pub(super) fn push(&mut self, spot: Spot, edit: Written, notes: Vec<String>) {
        let Spot { ours, line, level } = spot;
        let directive = self.ours.directive(ours);
        let there = line.map(|line| self.theirs.directive(line));
        let here = line.filter(|line| self.theirs.is_in(*line, level));
        let new = if line.is_some() {
            self.names.in_their_words(self.ours.value(ours))
        } else {
            self.source(ours, level).lines().next().unwrap_or_default().to_owned()
        };
        self.changes.push(Change {
            path: match here {
                Some(line) => self.theirs.path_of(line),
                None => match self.apart(level) {
                    Some(server) => super::step(&self.theirs.prefix(server), directive),
                    None => super::step(&self.theirs.path_of(level), directive),
                },
            },
            old: line.map(|line| self.theirs.value(line).to_owned()),
            new: Some(new),
            there: Some(self.there(line, level)),
            here: self.ours.place(ours),
            why: reason(self.theirs, directive, there),
            edit,
            notes: notes.into_iter().chain(self.notes.iter().cloned()).collect(),
        });
    }

    /// Where something is, or the block that it belongs into.
    fn there(&self, line: Option<NodeId>, level: NodeId) -> Place {
        match line {
            Some(line) => self.theirs.value_place(line),
            None if level != ROOT && self.apart(level).is_none() => self.theirs.place(level),
            None => {
                let text = self.theirs.text_of(self.apart(level).unwrap_or(ROOT));
                text.object().map_or_else(|| text.place((0..0).into()), Object::title)
            }
        }
    }
}
