//! Repairs that are not made, because another file has a say in what they would change.

use foldhash::{HashMap, HashSet};

use crate::diagnostic::{Applicability, Edit, Finding, SourceId, Span, ValueChange};
use crate::kube::Object;
use crate::manifest::{Node, Step};
use crate::path::Model;
use crate::set::NginxText;

const PATCH: &str = "not repaired by `--fix`: the file is a patch of Kustomize's, and what it is merged into decides too";
const TEMPLATE: &str =
    "not repaired by `--fix`: this is a template, and what it becomes is decided elsewhere";
const ELSEWHERE: &str =
    "not repaired by `--fix`: a patch of Kustomize's may set the same, and would win";

/// Takes the edits off findings where a kustomization decides too, and says so.
pub(super) fn withhold(findings: &mut [Finding], model: &Model<'_>) {
    let repairs = findings.iter().any(|finding| !finding.edits.is_empty());
    if !repairs {
        return;
    }
    let known = Known::of(findings, model);
    for finding in findings.iter_mut().filter(|finding| !finding.edits.is_empty()) {
        if let Some(why) = known.reason(finding, model) {
            finding.edits.clear();
            finding.fix = Applicability::Manual;
            finding.diagnostic.notes.push(why.to_owned());
        }
    }
}

/// What is to be edited, and which files are patches.
struct Known<'m, 's> {
    patches: HashSet<SourceId>,
    /// The objects of the files that are to be edited, by where they begin.
    objects: HashMap<(SourceId, usize), &'m Object<'s>>,
    /// The configurations of nginx that other programs fill in before nginx sees them, by where they are.
    templates: HashSet<(SourceId, Option<usize>)>,
}

impl<'m, 's> Known<'m, 's> {
    fn of(findings: &[Finding], model: &'m Model<'s>) -> Self {
        let edits = findings.iter().flat_map(|finding| &finding.edits);
        let files: HashSet<SourceId> = edits.map(|(source, _)| *source).collect();
        let is_edited = |source: SourceId| files.contains(&source);
        let texts = model.set.nginx.iter().filter(|text| is_edited(text.file().source));
        let templates = texts.filter(|text| is_template(text.text()));
        let place =
            |text: &NginxText<'_>| (text.file().source, start(text.scalar().map(Node::span)));
        let objects = model.set.objects.iter();
        let objects = objects.filter(|object| is_edited(object.file.source));
        let by_place =
            |object: &'m Object<'s>| ((object.file.source, object.node.span().start), object);
        Self {
            patches: model.patch_sources(),
            objects: objects.map(by_place).collect(),
            templates: templates.map(place).collect(),
        }
    }

    fn reason(&self, finding: &Finding, model: &Model<'s>) -> Option<&'static str> {
        finding.edits.iter().find_map(|(source, edit)| self.against(*source, edit, model))
    }

    fn against(&self, source: SourceId, edit: &Edit, model: &Model<'s>) -> Option<&'static str> {
        if self.patches.contains(&source) {
            return Some(PATCH);
        }
        match edit {
            Edit::Nginx { scalar, .. } => {
                self.templates.contains(&(source, start(*scalar))).then_some(TEMPLATE)
            }
            // Texts within a manifest are patches, or what is no rule's to edit.
            Edit::Within { .. } => Some(PATCH),
            Edit::Value { object, change } => {
                let object = self.objects.get(&(source, object.start))?;
                is_set_elsewhere(object, change, model).then_some(ELSEWHERE)
            }
        }
    }
}

fn start(span: Option<Span>) -> Option<usize> {
    span.map(|span| span.start)
}

fn is_template(text: &str) -> bool {
    ["{{", "{%", "<%", "@@", "${DOLLAR}", "$${"].iter().any(|mark| text.contains(mark))
        || is_for_plain_envsubst(text)
}

/// Where every variable stands in braces and capitals, all others may be replaced, too, by nothing.
fn is_for_plain_envsubst(text: &str) -> bool {
    let mut dollars = text.split('$').skip(1).peekable();
    let of_environment = |rest: &str| {
        let rest = rest.strip_prefix('{').unwrap_or_default();
        rest.starts_with(|c: char| c.is_ascii_uppercase())
    };
    dollars.peek().is_some() && dollars.all(of_environment)
}

/// Whether a patch writes the field that an edit would change.
fn is_set_elsewhere<'s>(object: &Object<'s>, change: &ValueChange, model: &Model<'s>) -> bool {
    let (ValueChange::Set { path, .. }
    | ValueChange::Remove { path }
    | ValueChange::Append { path, .. }
    | ValueChange::Insert { path, .. }
    | ValueChange::Rename { path, .. }
    | ValueChange::SetJson { path, .. }) = change;
    let keys = path.steps.iter().map_while(|step| match step {
        Step::Key(key) => Some(key.as_str()),
        _ => None,
    });
    let mut keys: Vec<&str> = keys.collect();
    let is_set = |keys: &[&str]| match keys {
        ["spec", below @ ..] if !below.is_empty() => model.is_set_elsewhere(object, below),
        ["metadata", "annotations", key] => model.is_annotated_elsewhere(object, key),
        // A patch finds its object by the version too.
        ["apiVersion"] => model.is_patched(object),
        _ => false,
    };
    let old = is_set(&keys);
    if let (ValueChange::Rename { to, .. }, Some(last)) = (change, keys.last_mut()) {
        *last = to;
    }
    old || is_set(&keys)
}
