//! How an upstream chooses a server.

use super::Comparison;
use super::lines::{Spot, Written};
use crate::diagnostic::{Insertion, NginxChange, Span};
use crate::nginx::NodeId;

/// The ways of an upstream to choose a server; all others go in turn. Each shuts out the others
/// (`nginx/nginx:src/http/ngx_http_upstream.h`, `peer.init_upstream`).
pub(super) const METHODS: [&str; 5] = ["hash", "ip_hash", "least_conn", "least_time", "random"];

/// Those that know no server which only helps out
/// (<https://nginx.org/en/docs/http/ngx_http_upstream_module.html#server>, `backup`).
const WITHOUT_BACKUP: [&str; 3] = ["hash", "ip_hash", "random"];
const BACKUP: &str =
    "a server there is a `backup`, with which nginx does not start then: decide what becomes of it";
const LATE: &str =
    "it stands after `keepalive`, which belongs to the method before it: say the method first";

impl Comparison<'_> {
    /// How an upstream chooses a server: nginx takes the method that is said last, so only ours may be said, and before
    /// `keepalive`, which belongs to the method before it
    /// (<https://nginx.org/en/docs/http/ngx_http_upstream_module.html#keepalive>).
    pub(super) fn method(&mut self, ours: NodeId, theirs: NodeId) {
        let children = self.theirs.config.children(theirs).iter().copied();
        let all: Vec<NodeId> =
            children.filter(|one| METHODS.contains(&self.theirs.config.name(*one))).collect();
        let same = all
            .iter()
            .copied()
            .find(|one| self.theirs.config.name(*one) == self.ours.config.name(ours));
        match (same, all.first()) {
            (Some(same), _) if self.is_same(ours, same) => {}
            (Some(same), _) => self.change(ours, same),
            (None, Some(other)) => return self.replace(ours, *other, theirs, &all[1..]),
            (None, None) => return self.insert_method(ours, theirs),
        }
        let others = all.into_iter().filter(|one| Some(*one) != same);
        others.for_each(|other| self.remove_method(ours, other, theirs));
    }

    fn replace(&mut self, ours: NodeId, other: NodeId, level: NodeId, more: &[NodeId]) {
        let text = self.source(ours, level).trim_end_matches(';').to_owned();
        let directive = self.theirs.directive(other).span;
        let edit = self.edit_of(other, NginxChange::Replace { directive, text });
        let edit = self.barred(ours, level).or(self.late(directive, level)).map_or(edit, Err);
        self.push_method(ours, Some(other), level, edit);
        for other in more {
            self.remove_method(ours, *other, level);
        }
    }

    /// What is said where nginx would not start by our method, for a server of theirs.
    fn barred(&self, ours: NodeId, level: NodeId) -> Option<String> {
        let is_backup = |server: NodeId| {
            let arguments = &self.theirs.directive(server).arguments;
            arguments.iter().any(|one| &*one.text == "backup")
        };
        let is_barred = WITHOUT_BACKUP.contains(&self.ours.config.name(ours))
            && self.theirs.config.named(level, "server").any(is_backup);
        is_barred.then(|| BACKUP.to_owned())
    }

    /// What is said of a method of theirs in whose place ours would have no effect.
    fn late(&self, directive: Span, level: NodeId) -> Option<String> {
        let keepalive = self.theirs.config.named(level, "keepalive").next()?;
        let is_late = self.theirs.directive(keepalive).span.start < directive.start;
        is_late.then(|| LATE.to_owned())
    }

    fn insert_method(&mut self, ours: NodeId, level: NodeId) {
        if let Some(why) = self.barred(ours, level) {
            return self.push(Spot { ours, line: None, level }, Err(why), Vec::new());
        }
        let text = self.source(ours, level);
        match self.theirs.config.named(level, "keepalive").next() {
            Some(before) => {
                let place = Insertion::Before(self.theirs.directive(before).span);
                let edit = self.edit_of(before, NginxChange::Insert { place, text });
                self.push(Spot { ours, line: None, level }, edit, Vec::new());
            }
            None => self.insert(ours, level),
        }
    }

    fn remove_method(&mut self, ours: NodeId, other: NodeId, level: NodeId) {
        let directive = self.theirs.directive(other).span;
        let edit = self.edit_of(other, NginxChange::Remove { directive });
        self.push_method(ours, Some(other), level, edit);
        if let Some(change) = self.changes.last_mut() {
            change.new = None;
        }
    }

    /// A method of theirs that ours stands in the place of.
    fn push_method(&mut self, ours: NodeId, line: Option<NodeId>, level: NodeId, edit: Written) {
        let note = "an upstream has one way to choose a server: nginx takes the last that is said";
        self.push(Spot { ours, line, level }, edit, vec![note.to_owned()]);
        let said = line.map(|line| self.theirs.line(line).trim_end_matches(';').to_owned());
        let new = self.source(ours, level).trim_end_matches(';').to_owned();
        if let Some(change) = self.changes.last_mut() {
            (change.old, change.new) = (said, Some(new));
        }
    }

    fn edit_of(&self, theirs: NodeId, change: NginxChange) -> Written {
        if self.theirs.is_shared(theirs) {
            return Err(
                "the file of this line is included in several places, which would all change"
                    .to_owned(),
            );
        }
        Ok(self.theirs.text_of(theirs).edit(change))
    }
}
