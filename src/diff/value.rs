//! Comparing values as Kubernetes reads them.

use serde_json::Value as Json;

use super::Change;
use super::beta;
use super::defaults::is_default;
use super::entries::{self, Wanted};
use super::ground::Ground;
use super::lists;
use super::old_ingress;
use super::one_of::{self, RuledOut};
use super::port_names;
use super::quantity;
use super::roots::roots;
use super::same::{json, said, same, same_reference, same_references};
use super::volumes::Volumes;
use super::why::{Case, NO_VALUE, Why, why_changed};
use crate::diagnostic::{Edit, ValueChange};
use crate::kube::{BACKEND_CONFIG_KEY, Object, Service};
use crate::manifest::{Entry, Node, Path, Step};
use crate::set::Place;

/// What differs between two objects, nginx configurations left out.
pub(super) fn changes(ground: &Ground<'_>, one: &Object<'_>, other: &Object<'_>) -> Vec<Change> {
    let volumes = Volumes::of(one, other);
    let mut comparison = Comparison { ground, one, other, volumes, changes: Vec::new() };
    for entry in one.node.entries() {
        let key = entry.key();
        // Who renders an older or a newer version of an API means the same object.
        let path = Path::of_keys(&[&key]);
        if matches!(&*key, "apiVersion" | "kind") {
            if key == "apiVersion" && beta::drops(one, other) {
                comparison.add(entry.value(), other.node.get(&key), &path, other.node);
            }
            continue;
        }
        comparison.compare(entry.value(), other.node.get(&key), &path, other.node);
    }
    if old_ingress::is_old(other) {
        return old_ingress::changes(one, other, comparison.changes);
    }
    comparison.changes
}

/// A comparison of two objects.
pub(super) struct Comparison<'g, 'c, 's> {
    pub(super) ground: &'g Ground<'c>,
    pub(super) one: &'g Object<'s>,
    pub(super) other: &'g Object<'s>,
    volumes: Volumes<'s>,
    changes: Vec<Change>,
}

impl<'s> Comparison<'_, '_, 's> {
    /// `around` is the value there that the field belongs into.
    pub(super) fn compare(
        &mut self,
        ours: Node<'s>,
        theirs: Option<Node<'s>>,
        path: &Path,
        around: Node<'s>,
    ) {
        if self.is_somebody_elses(path) || port_names::is_kept(path, ours, theirs, self.ground.ours)
        {
            return;
        }
        match theirs {
            Some(theirs) if self.one.kind == "Ingress" && old_ingress::is_backend(theirs) => {
                if !old_ingress::is_same_backend(ours, theirs) {
                    self.add(ours, Some(theirs), path, around);
                }
            }
            Some(theirs) if ours.is_map() && theirs.is_map() => self.maps(ours, theirs, path),
            Some(theirs) if ours.is_list() && theirs.is_list() => self.lists(ours, theirs, path),
            // Before the text is compared: a port that has another name there takes nothing from ours.
            Some(theirs) if self.has_entries(ours, theirs, path) => {}
            Some(theirs) if same(ours, theirs) || quantity::is_same(ours, theirs, path) => {}
            Some(theirs) if same_reference(ours, theirs, path) => {}
            Some(theirs) if self.volumes.is_same_name(path, ours, theirs) => {}
            Some(theirs) if self.is_port_by_name(ours, theirs, path) => {}
            None if self.is_said_in_beta(ours, path, around) => {}
            None if is_nothing(ours) || is_default(self.one.kind, path, ours) => {}
            None if is_in_workloads_selector(self.one.kind, path) => {}
            theirs => self.add(ours, theirs, path, around),
        }
    }

    fn maps(&mut self, ours: Node<'s>, theirs: Node<'s>, path: &Path) {
        let start = self.changes.len();
        for entry in ours.entries() {
            let key = entry.key();
            if key == "port" && self.is_same_port(ours, theirs, path) {
                continue;
            }
            let path = path.clone().then(Step::Key(key.clone().into_owned()));
            self.compare(entry.value(), theirs.get(&key), &path, theirs);
        }
        let mut gone = one_of::ruled_out(self.one.kind, path, ours, theirs);
        gone.extend(self.too_narrow(ours, theirs, path));
        gone.extend(too_low(ours, theirs, path));
        if !gone.is_empty() {
            self.exchange(start, &gone, (ours, theirs), path);
        }
        self.unroot(start, (ours, theirs), path);
    }

    /// Takes away what makes containers root in a pod that must not be; where they are somebody else's, the pod is left
    /// to people.
    fn unroot(&mut self, start: usize, (ours, theirs): (Node<'s>, Node<'s>), path: &Path) {
        let roots = roots(path, ours, theirs);
        for one in roots.ours {
            let whole: Path = path.steps.iter().chain(&one.below.steps).cloned().collect();
            self.changes.push(Change {
                path: whole.to_string(),
                old: Some(said(&json(one.node))),
                new: None,
                there: Some(self.other.at(one.node)),
                here: self.one.at(ours),
                why: Why { reason: one.why, ..Why::default() },
                edit: Ok(self.edit(ValueChange::Remove { path: whole })),
                notes: Vec::new(),
            });
        }
        let context = path.clone().then(Step::Key("securityContext".to_owned())).to_string();
        let own = format!("{context}.runAsNonRoot");
        let is_it = |change: &&mut Change| change.path == context || change.path == own;
        if let Some(name) = roots.other
            && let Some(change) = self.changes[start..].iter_mut().find(is_it)
        {
            change.edit = Err(format!(
                "container `{name}`, which is not app.toml's, runs as root and would not start any more"
            ));
        }
    }

    /// What has to go from a map, in one edit with that in whose place it stood: neither may be done alone.
    fn exchange(
        &mut self,
        start: usize,
        gone: &[RuledOut<'s>],
        (ours, theirs): (Node<'s>, Node<'s>),
        path: &Path,
    ) {
        let mut wanted = json(theirs);
        for one in gone {
            one_of::take_out(&mut wanted, theirs, &one.below.steps);
        }
        let key = |by: &str| path.clone().then(Step::Key(by.to_owned())).to_string();
        let set: Vec<&str> = gone.iter().filter_map(|one| one.by).collect();
        let is_set = |change: &Change| set.iter().any(|by| change.path == key(by));
        for by in &set {
            let changed = self.changes[start..].iter().any(|change| change.path == key(by));
            if let (true, Some(map), Some(new)) = (changed, wanted.as_object_mut(), ours.get(by)) {
                map.insert((*by).to_owned(), json(new));
            }
        }
        let edit = Edit::set(self.other.node.span(), path.clone(), wanted);
        let edit = Ok((self.other.file.source, edit));
        for change in self.changes[start..].iter_mut().filter(|change| is_set(change)) {
            change.edit.clone_from(&edit);
        }
        for one in gone {
            let steps = path.steps.iter().chain(&one.below.steps).cloned();
            self.changes.push(Change {
                path: steps.collect::<Path>().to_string(),
                old: Some(said(&json(one.node))),
                new: None,
                there: Some(self.other.at(one.node)),
                here: self.one.at(ours),
                why: Why { reason: one.why, ..Why::default() },
                edit: edit.clone(),
                notes: Vec::new(),
            });
        }
    }

    /// What a selector asks for beyond ours: it is ours as a whole, and each label more chooses fewer pods. A
    /// Deployment's own is not, as it cannot be changed, and the pods of its template have all of it.
    fn too_narrow(&self, ours: Node<'s>, theirs: Node<'s>, path: &Path) -> Vec<RuledOut<'s>> {
        let keys = one_of::keys_of(path);
        let is_more =
            |entry: &Entry<'s>| ours.get(&entry.key()).is_none() && !entry.value().is_null();
        if !is_own_map(self.one.kind, &keys) || !theirs.entries().any(|one| is_more(&one)) {
            return Vec::new();
        }
        let of_labels = self.one.kind == "Service" || keys.len() == 3;
        let chosen = of_labels.then(|| self.ground.chooses_the_same(ours, theirs, self.other));
        if chosen == Some(Some(true)) {
            return Vec::new();
        }
        // Where no pods are given, a label of all objects is taken for one of the pods too.
        let is_common = |entry: &Entry<'s>| {
            chosen == Some(None) && self.ground.is_of_all(&entry.key(), entry.value())
        };
        let more = theirs.entries().filter(|entry| is_more(entry) && !is_common(entry));
        let gone = more.map(|entry| RuledOut {
            by: None,
            below: Path::of_keys(&[&entry.key()]),
            node: entry.value(),
            why: "it chooses only pods that have this too",
        });
        gone.collect()
    }

    fn lists(&mut self, ours: Node<'s>, theirs: Node<'s>, path: &Path) {
        let list = lists::name_of(path);
        if let Some(pairs) = lists::pairs(&list, ours, theirs) {
            for pair in pairs {
                if pair.theirs.is_none()
                    && self.is_there_in_other_words(&list, pair.ours, theirs, path)
                {
                    continue;
                }
                if pair.theirs.is_none() && lists::pick(&list, pair.ours).is_none() {
                    self.append(pair.ours, theirs, path, pair.step);
                    continue;
                }
                let (there, step) =
                    self.renamed(&list, pair.ours, theirs).unwrap_or((pair.theirs, pair.step));
                self.compare(pair.ours, there, &path.clone().then(step), theirs);
            }
            return;
        }
        if same(ours, theirs) {
            return;
        }
        if !lists::is_shared(&list) {
            self.add(ours, Some(theirs), path, theirs);
            return;
        }
        let is_there = |item: Node<'s>| {
            theirs.items().any(|other| same(item, other) || same_references(item, other, path))
        };
        for item in ours.items().filter(|item| !is_there(*item)) {
            let change = ValueChange::Append { path: path.clone(), value: json(item) };
            self.push(path, (item, None), said(&json(item)), (theirs, change));
        }
    }

    /// An item without a name that is not there.
    fn append(&mut self, item: Node<'s>, theirs: Node<'s>, path: &Path, step: Step) {
        let change = ValueChange::Append { path: path.clone(), value: json(item) };
        let own = path.clone().then(step);
        self.push(&own, (item, None), said(&json(item)), (theirs, change));
    }

    fn is_port_by_name(&self, ours: Node<'s>, theirs: Node<'s>, path: &Path) -> bool {
        let Self { ground, one, other, .. } = *self;
        port_names::is_same(path, ours, theirs, &port_names::Case { ground, one, other })
    }

    /// A volume that has another name there, and the step to it.
    fn renamed(
        &self,
        list: &str,
        ours: Node<'s>,
        all: Node<'s>,
    ) -> Option<(Option<Node<'s>>, Step)> {
        let name = self.volumes.other_name(ours.get("name")?).filter(|_| list == "volumes")?;
        let is_it = |item: &Node<'s>| item.get("name").and_then(Node::as_str) == Some(name);
        let item = all.items().find(is_it)?;
        Some((Some(item), lists::step_to(list, all, item)))
    }

    /// Compares an annotation that holds several things, if it is one.
    fn has_entries(&mut self, ours: Node<'s>, theirs: Node<'s>, path: &Path) -> bool {
        let Some(key) = entries::annotation(path) else {
            return false;
        };
        let Some(texts) = ours.text().zip(theirs.text()) else {
            return false;
        };
        let Some(wanted) = self.wanted(key, texts) else {
            return false;
        };
        let at = path.clone();
        let (new, change) = match wanted {
            Wanted::Same => return true,
            Wanted::Names(text) => {
                (text.clone(), ValueChange::Set { path: at, value: text.into() })
            }
            Wanted::Json(value) => {
                let inside = Path::default();
                (value.to_string(), ValueChange::SetJson { path: at, inside, value })
            }
            Wanted::Refused(value, why) => {
                let (inside, new) = (Path::default(), said(&value.to_string().into()));
                let change = ValueChange::SetJson { path: at, inside, value };
                self.push(path, (ours, Some(theirs)), new, (theirs, change));
                if let Some(told) = self.changes.last_mut() {
                    told.edit = Err(why.to_owned());
                }
                return true;
            }
        };
        self.push(path, (ours, Some(theirs)), said(&new.into()), (theirs, change));
        true
    }

    /// What an annotation of several things is to say.
    fn wanted(&self, key: &str, texts: (&str, &str)) -> Option<Wanted> {
        let services = (Service(*self.one), Service(*self.other));
        let mut asked: Vec<&str> =
            services.0.ports().into_iter().filter_map(|port| port.name).collect();
        asked.retain(|name| port_names::is_asked_for(self.ground.ours, name));
        let services = (self.one.kind == "Service").then_some((&services.0, &services.1));
        entries::wanted(key, texts, services, &asked)
    }

    /// Compares the annotation that is not there with the one of the beta in its place. Where that does not say it,
    /// the new one has all that it says of the ports of others: it wins over the old one as a whole.
    fn is_said_in_beta(&mut self, ours: Node<'s>, path: &Path, around: Node<'s>) -> bool {
        let beta = beta::in_force(self.other, path);
        let Some((key, texts)) =
            entries::annotation(path).zip(ours.text().zip(beta.and_then(Node::text)))
        else {
            return false;
        };
        match self.wanted(key, texts) {
            Some(Wanted::Same) => true,
            Some(Wanted::Json(value)) => {
                let text = Json::from(value.to_string());
                let change = ValueChange::Set { path: path.clone(), value: text.clone() };
                self.push(path, (ours, None), said(&text), (around, change));
                true
            }
            _ => false,
        }
    }

    /// nginx configurations are compared as such. A manifest that names no namespace may go into any.
    fn is_somebody_elses(&self, path: &Path) -> bool {
        match one_of::keys_of(path)[..] {
            ["data", ..] => self.one.kind == "ConfigMap",
            ["metadata", "namespace"] => self.other.namespace.is_none(),
            ["metadata", "name"] => true,
            ["spec", "replicas"] => self.ground.is_scaled(self.other),
            _ => false,
        }
    }

    fn add(&mut self, ours: Node<'s>, theirs: Option<Node<'s>>, path: &Path, around: Node<'s>) {
        let value = self.for_ports_there(json(ours), path);
        let new = said(&value);
        let change = change(path.clone(), value, theirs.is_some());
        self.push(path, (ours, theirs), new, (around, change));
        if theirs.is_none() && one_of::keys_of(path) == ["metadata", "annotations"] {
            self.tell_each(ours, path);
        }
    }

    /// A value that is added as a whole, in which the ports go by the names that they keep.
    fn for_ports_there(&self, mut value: Json, path: &Path) -> Json {
        let text = match entries::annotation(path) {
            Some(BACKEND_CONFIG_KEY) => Some(&mut value),
            None if one_of::keys_of(path) == ["metadata", "annotations"] => {
                value.get_mut(BACKEND_CONFIG_KEY)
            }
            _ => None,
        };
        if let Some(Json::String(text)) = text
            && let Some(Wanted::Json(wanted)) = self.wanted(BACKEND_CONFIG_KEY, (text, "{}"))
        {
            *text = wanted.to_string();
        }
        value
    }

    fn push(
        &mut self,
        path: &Path,
        (ours, theirs): (Node<'s>, Option<Node<'s>>),
        new: String,
        (around, change): (Node<'s>, ValueChange),
    ) {
        let there = theirs.map_or_else(|| self.block(around), |theirs| self.other.at(theirs));
        self.changes.push(Change {
            path: path.to_string(),
            old: theirs.map(|theirs| said(&json(theirs))),
            new: Some(new),
            there: Some(there),
            here: self.one.at(ours),
            why: self.why(path, theirs.is_some()),
            edit: Ok(self.edit(change)),
            notes: Vec::new(),
        });
    }

    fn why(&self, path: &Path, is_there: bool) -> Why {
        let Self { ground, one, other, .. } = *self;
        why_changed(&Case { ground, one, other, path, is_there })
    }

    /// Why annotations matter that come all at once: the reason of the worst is said of them all, and the others'
    /// beside it.
    fn tell_each(&mut self, ours: Node<'s>, path: &Path) {
        let keys = ours.entries().map(|entry| entry.key().into_owned());
        let whys = keys.map(|key| {
            let path = path.clone().then(Step::Key(key.clone()));
            (key, self.why(&path, false))
        });
        let mut whys: Vec<(String, Why)> =
            whys.filter(|(_, why)| !why.reason.is_empty() && why.reason != NO_VALUE).collect();
        whys.sort_by_key(|(_, why)| why.rule.is_none());
        let Some(change) = self.changes.last_mut().filter(|_| !whys.is_empty()) else {
            return;
        };
        let note = |(key, why): &(String, Why)| match why.rule {
            Some(rule) => format!("`{key}`: {} ({rule})", why.reason),
            None => format!("`{key}`: {}", why.reason),
        };
        change.notes.extend(whys[1..].iter().map(note));
        change.why = whys[0].1;
    }

    fn edit(&self, change: ValueChange) -> (crate::diagnostic::SourceId, Edit) {
        let object = self.other.node.span();
        (self.other.file.source, Edit::Value { object, change })
    }

    /// A place for a block that is too large to be shown: its first line.
    fn block(&self, around: Node<'s>) -> Place {
        let span = around.span();
        let text = &self.other.file.text[span.start..span.end];
        let end = text.find('\n').map_or(span.end, |length| span.start + length);
        self.other.place((span.start..end).into())
    }
}

/// An item that a list does not have is put behind the others; anything else is set where it belongs.
fn change(path: Path, value: Json, is_there: bool) -> ValueChange {
    match path.steps.split_last() {
        Some((Step::Pick { .. }, list)) if !is_there => {
            ValueChange::Append { path: list.iter().cloned().collect(), value }
        }
        _ => ValueChange::Set { path, value },
    }
}

/// Whether a map is ours alone, so that nothing of others may stand in it: the selectors of Services and budgets.
pub(super) fn is_own_map(kind: &str, keys: &[&str]) -> bool {
    match kind {
        "Service" => keys == ["spec", "selector"],
        "PodDisruptionBudget" => {
            matches!(keys, ["spec", "selector"] | ["spec", "selector", "matchLabels"])
        }
        _ => false,
    }
}

/// Whether a field is a part of the selector that a workload has. The API server changes none
/// (`kubernetes/kubernetes:pkg/apis/apps/validation/validation.go`), and one that asks for less has the same pods: the
/// labels are in its template.
fn is_in_workloads_selector(kind: &str, path: &Path) -> bool {
    let keys = one_of::keys_of(path);
    matches!(kind, "Deployment" | "StatefulSet")
        && matches!(keys[..], ["spec", "selector", "matchLabels", ..])
}

/// The limits of a container that cannot stay beside what is requested.
fn too_low<'s>(ours: Node<'s>, theirs: Node<'s>, path: &Path) -> Vec<RuledOut<'s>> {
    if !matches!(one_of::keys_of(path)[..], [.., "containers", "resources"]) {
        return Vec::new();
    }
    let low = quantity::too_low(ours, theirs).into_iter().map(|(name, node)| RuledOut {
        by: Some("requests"),
        below: Path::of_keys(&["limits", &name]),
        node,
        why: "a limit below what is requested: the API server refuses it",
    });
    low.collect()
}

fn is_nothing(node: Node<'_>) -> bool {
    node.is_null()
}
