//! Two manifests of one object.

use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::Grade;
use crate::kube::{Object, is_placeholder};
use crate::path::{Model, Part};
use crate::set::directory_of;

pub(super) static RULE: Rule = Rule {
    id: "duplicate-object",
    severity: Severity::Error,
    grade: Grade::Documented,
    fix: Applicability::Manual,
    sources: &[
        "https://kubernetes.io/docs/tasks/manage-kubernetes-objects/declarative-config/",
        "https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/resource/",
    ],
    page: include_str!("duplicate_object.md"),
    check,
};

/// The directory, and what makes two manifests of one kind and name one object. Other directories are other environments.
type Key<'s> = (&'s str, &'s str, Option<&'s str>);

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for object in model.objects() {
        if object.name.is_empty() || is_placeholder(object.name) {
            continue;
        }
        if let Some(earlier) = earlier(model, object) {
            findings.extend(finding(model, earlier, object));
        }
    }
}

/// The last one before an object that is the same object.
fn earlier<'m, 's>(model: &'m Model<'s>, object: &Object<'s>) -> Option<&'m Object<'s>> {
    let same = model.set.beside(object.kind, object.name).into_iter();
    let before = same.take_while(|one| !one.is(object));
    before.filter(|one| key(one) == key(object)).last()
}

fn key<'s>(object: &Object<'s>) -> Key<'s> {
    (directory_of(object.file.name), object.group, object.namespace)
}

fn finding(model: &Model<'_>, earlier: &Object<'_>, later: &Object<'_>) -> Option<Draft> {
    let (severity, why) = fault(model, earlier, later)?;
    let message = format!("{} is written twice: {why}", later.said());
    let draft = Draft::at(later.title(), "again", message)
        .and(earlier.title(), "the first one")
        .of(later, "metadata.name");
    Some(draft.only(severity).help("keep one of them"))
}

fn fault(
    model: &Model<'_>,
    one: &Object<'_>,
    other: &Object<'_>,
) -> Option<(Severity, &'static str)> {
    let files = [one.file.name, other.file.name];
    let chain = model.kustomizations_of(one);
    let lists = |file: &str| {
        let mut chain = chain.iter();
        chain.any(|kustomization| kustomization.resources().iter().any(|name| name == file))
    };
    let built = files.iter().all(|file| lists(file));
    let free = chain.is_empty() && model.kustomizations_of(other).is_empty();
    // Files beside each other may be alternatives, but hardly with these kinds: they are attached by their names.
    let named = matches!(one.kind, "BackendConfig" | "FrontendConfig");
    if built {
        Some((Severity::Error, "Kustomize builds nothing from resources of one id"))
    } else if !free || text(one) == text(other) {
        None
    } else if files[0] == files[1] {
        Some((
            Severity::Warning,
            "the last one applied wins, and what is set in the first only is lost",
        ))
    } else if named {
        Some((
            Severity::Warning,
            "in which order these files are applied decides which one is in force",
        ))
    } else {
        None
    }
}

fn text<'s>(object: &Object<'s>) -> &'s str {
    let span = object.node.span();
    let text = object.file.text.get(span.start..span.end);
    text.unwrap_or_default().trim_end()
}
