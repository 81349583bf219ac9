//! The objects of the files beside those of the cluster.

use super::super::link::at;
use super::super::requests::is_asked_for;
use super::super::{Case, Cluster, Subject, subjects};
use super::files::rules;
use super::some;
use crate::diagnostic::{Finding, Severity};
use crate::diff::{Change, ObjectDiff, Status, compare};
use crate::kube::policy::POLICIES;
use crate::kube::{BACKEND_CONFIG_KEY, Object};
use crate::live::check::{Check, Layer};
use crate::path::Model;
use crate::rules::rule;

/// So many objects or fields are told.
const MOST: usize = 4;

pub(super) fn checks<'a>(case: &Case<'a>, cluster: &Cluster, live: &'a Model<'a>) -> Vec<Check> {
    let mut diffs = compare(case.files.set, live.set);
    diffs.retain(|diff| diff.ours.is_none_or(|object| case.has(object.kind, object.name)));
    vec![present(case, cluster, &diffs), fields(case, &diffs), sessions(case, cluster)]
}

fn new(id: &'static str, claim: &'static str) -> Check {
    Check::new(id, Layer::Cluster, claim)
}

/// An object of a file that the cluster does not have.
fn absent<'d, 'a>(diffs: &'d [ObjectDiff<'a>]) -> impl Iterator<Item = &'d Object<'a>> {
    let added = diffs.iter().filter(|diff| diff.status == Status::Add);
    let added = added.filter_map(|diff| diff.ours.as_ref());
    added.filter(|object| is_asked_for(object) && !object.name.is_empty())
}

fn present(case: &Case<'_>, cluster: &Cluster, diffs: &[ObjectDiff<'_>]) -> Check {
    let check = new("cluster-objects", "every object of the files is in the cluster");
    let said = |object: &Object<'_>| format!("{}, {}", object.said(), at(case, object.title()));
    let (missing, unknown): (Vec<&Object<'_>>, Vec<&Object<'_>>) =
        absent(diffs).partition(|object| cluster.is_whole(object.kind));
    let names = |all: &[&Object<'_>]| -> Vec<String> { all.iter().map(|one| said(one)).collect() };
    let compared = diffs.iter().filter(|one| matches!(one.status, Status::Same | Status::Change));
    let count = compared.count();
    if !missing.is_empty() {
        check.fail(format!("not there: {}", some(&names(&missing), MOST))).advise(
            "apply the files, or see why the deployment of them stops; is it the right namespace?",
        )
    } else if !unknown.is_empty() {
        check.warn(format!(
            "nobody knows: what was read holds no object of the kind of {}",
            some(&names(&unknown), MOST)
        ))
    } else if count == 0 {
        check.skip("the files hold no object that the cluster was asked for")
    } else {
        check.pass(format!("{count} of {count}"))
    }
}

fn fields(case: &Case<'_>, diffs: &[ObjectDiff<'_>]) -> Check {
    let check = new("cluster-fields", "the objects in the cluster say what the files say");
    let changes: Vec<(&ObjectDiff<'_>, &Change)> = diffs
        .iter()
        .filter(|diff| diff.ours.is_some_and(|object| is_asked_for(&object)))
        .flat_map(|diff| diff.changes.iter().map(move |change| (diff, change)))
        .filter(|(_, change)| is_shown(change))
        .collect();
    if changes.is_empty() {
        let any = diffs.iter().any(|one| one.theirs.is_some() && one.ours.is_some());
        return if any { check.pass("no difference") } else { check.skip("nothing to compare") };
    }
    let subjects = subjects(case);
    // The annotation may be written otherwise, or under the key of the beta.
    let alike = |diff: &ObjectDiff<'_>, change: &Change| {
        let of = |one: &&Subject<'_>| {
            diff.ours.is_some_and(|object| object.is(&one.service().0))
                && change.path.contains(BACKEND_CONFIG_KEY)
        };
        let mut own = subjects.iter().filter(of).peekable();
        own.peek().is_some() && own.all(|one| one.is_attached_alike(case))
    };
    let (grave, light): (Vec<_>, Vec<_>) = changes.into_iter().partition(|(diff, change)| {
        severity(change) == Some(Severity::Error) && !alike(diff, change)
    });
    let told = |all: &[(&ObjectDiff<'_>, &Change)]| {
        let all: Vec<String> = all.iter().map(|(diff, change)| told(case, diff, change)).collect();
        some(&all, MOST)
    };
    let advice = "apply the files; where somebody edited the cluster by hand, `sioway diff --against -` compares \
                  all of it";
    if grave.is_empty() {
        return check.warn(told(&light)).because(&ids(&light)).advise(advice);
    }
    // What breaks sessions first.
    let rules = ids(&grave);
    let all = [grave, light].concat();
    check.fail(told(&all)).because(&rules).advise(advice)
}

/// How much it matters that a field is not as in the file. The rule of one says that nothing obeys it.
fn severity(change: &Change) -> Option<Severity> {
    let rule = rule(change.why.rule?)?;
    (rule.id != "service-affinity-ineffective").then_some(rule.severity)
}

/// The rules behind differences, each once.
fn ids(changes: &[(&ObjectDiff<'_>, &Change)]) -> Vec<&'static str> {
    let mut ids = Vec::new();
    for rule in changes.iter().filter_map(|(_, change)| change.why.rule) {
        if !ids.contains(&rule) {
            ids.push(rule);
        }
    }
    ids
}

/// Environments are not shown.
fn is_shown(change: &Change) -> bool {
    change.path.split(['.', '[']).all(|key| key != "env")
}

/// A difference. Values that sessions do not depend on may be anything, and are not shown unless they are plain.
fn told(case: &Case<'_>, diff: &ObjectDiff<'_>, change: &Change) -> String {
    let object = diff.ours.map(|object| object.said()).unwrap_or_default();
    let place = at(case, change.here);
    let plain = |text: &str| matches!(text, "true" | "false") || text.parse::<f64>().is_ok();
    let shown = |text: &str| change.why.rule.is_some() || plain(text);
    let path = &change.path;
    match (change.old.as_deref(), change.new.as_deref()) {
        (None, Some(new)) if shown(new) => {
            format!("{object} {path}: nothing in the cluster, {new} in {place}")
        }
        (None, _) => format!("{object} {path}: nothing in the cluster, but in {place}"),
        (Some(old), Some(new)) if shown(old) && shown(new) => {
            format!("{object} {path}: {old} in the cluster, {new} in {place}")
        }
        (Some(_), None) => format!("{object} {path}: in the cluster, but not in {place}"),
        (Some(_), Some(_)) => format!("{object} {path}: not as in {place}"),
    }
}

/// The kinds without which the rules would miss what is there.
fn needed(case: &Case<'_>) -> Vec<&'static str> {
    let given = |kind: &str| case.files.set.of_kind(kind).next().is_some();
    if given("HTTPRoute") && !given("Ingress") {
        let policies = POLICIES.into_iter().filter(|kind| given(kind));
        ["Service", "HTTPRoute"].into_iter().chain(policies).collect()
    } else {
        vec!["Service", "Ingress", "BackendConfig"]
    }
}

fn sessions(case: &Case<'_>, cluster: &Cluster) -> Check {
    let check = new("cluster-sessions", "nothing in the cluster's objects breaks sessions");
    if let Some(unread) = needed(case).iter().find(|kind| !cluster.is_whole(kind)) {
        return check.skip(format!("no {unread} was read"));
    }
    // Other apps of the namespace are not what is examined.
    let is_named = |one: &Finding| {
        let known = |kind: &str, name: &str| !case.files.set.candidates(kind, name).is_empty();
        one.object.as_ref().is_none_or(|object| known(&object.kind, &object.name))
    };
    let grave = |one: &&Finding| {
        one.diagnostic.severity == Severity::Error
            && (case.files.set.files.is_empty() || is_named(one))
            && case.is_about(one)
    };
    let known = |one: &Finding| {
        let same = |other: &Finding| other.diagnostic.id == one.diagnostic.id;
        case.findings.iter().any(same)
    };
    let errors: Vec<&Finding> = case.live_findings.iter().filter(grave).collect();
    let (old, new): (Vec<&Finding>, Vec<&Finding>) = errors.iter().partition(|one| known(one));
    if new.is_empty() && old.is_empty() {
        return check.pass("no error");
    }
    let from_files = new.is_empty();
    let shown = if from_files { &old } else { &new };
    let texts: Vec<String> = shown.iter().map(|one| said(one)).collect();
    let check = check.fail(some(&texts, MOST)).because(&rules(shown));
    if from_files { check.after("files-sessions") } else { check }
}

/// A finding by the name of its object: lines of a read-out are nobody's.
fn said(finding: &Finding) -> String {
    let message = &finding.diagnostic.message;
    match &finding.object {
        Some(object) => format!("{} `{}`: {message}", object.kind, object.name),
        None => message.clone(),
    }
}
