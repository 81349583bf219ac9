//! A BackendConfig is named where nothing reads the name.

use super::attaching::holds;
use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::annotations::{Verdict, lookup};
use crate::kube::{
    Attachment, BACKEND_CONFIG_KEY, BETA_KEY, Controller, Grade, Ingress, Object, Route, Service,
    article,
};
use crate::manifest::Entry;
use crate::path::{Model, Part};

pub(super) static RULE: Rule = Rule {
    id: "backendconfig-on-ingress",
    severity: Severity::Error,
    grade: Grade::Source,
    fix: Applicability::Safe,
    sources: &[
        "kubernetes/ingress-gce:pkg/annotations/service.go",
        "kubernetes/ingress-gce:pkg/backendconfig/backendconfig.go",
        "kubernetes/ingress-gce#1803",
    ],
    page: include_str!("backendconfig_on_ingress.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for object in model.objects() {
        for (kind, path, entry) in object.annotations_within() {
            let names = [BACKEND_CONFIG_KEY, BETA_KEY].contains(&&*entry.key());
            let elsewhere = matches!(lookup(kind, &entry.key()), Verdict::ReadElsewhere { .. });
            if names && elsewhere {
                findings.add(finding(model, object, entry).of(object, path));
            }
        }
    }
}

fn finding<'s>(model: &Model<'s>, object: &Object<'s>, entry: Entry<'s>) -> Draft {
    let place = object.place(entry.key_span());
    let beside = format!("read on a Service, not on {}", article(object.kind));
    let say = |message: &str| Draft::at(place, &*beside, message);
    let services = services_of(model, object);
    let bare: Vec<&Service<'_>> =
        services.iter().filter(|service| Attachment::of(&service.0).is_none()).collect();
    let write = format!("write it on the Service: `{}`", written(entry));
    if let Some(name) = served_by_others(model, object) {
        let message = format!(
            "nothing reads this BackendConfig: {name} serves this Ingress, and no Google load balancer"
        );
        return say(&message).only(Severity::Warning).help("take it out");
    }
    if services.is_empty() {
        // A partial manifest says nothing of where its Ingress leads.
        let message = if count_of(object) == Some(0) {
            "the settings of this BackendConfig do not apply by this: its name is read on Services only"
        } else {
            "the settings of this BackendConfig do not apply by this: its name is read on Services only, and none that this leads to is among the files given"
        };
        return say(message).only(Severity::Warning).help(write);
    }
    // A Service that is not given may need it too.
    let all = services.len() == count_of(object).unwrap_or(services.len());
    let applicability = if all { Applicability::Safe } else { Applicability::Unsafe };
    let removed = object.remove_annotation(&entry.key());
    let is_own =
        object.annotation(&entry.key()).is_some_and(|own| own.key_span() == entry.key_span());
    if bare.is_empty() {
        let message = "nothing reads this: the Service names its BackendConfig itself";
        let draft = say(message).only(Severity::Info).help("take it out");
        return draft.fix(applicability, is_own.then_some(removed));
    }
    let message = "timeout, affinity and health check of this BackendConfig never apply: its name is read on Services only";
    let receiver = receiver(model, &services, entry).filter(|_| is_own);
    let attachment = Attachment::of_entry(entry);
    let names = || attachment.iter().flat_map(Attachment::names).map(|named| &*named.name);
    let kind = receiver.map_or(applicability, |service| {
        applicability.max(super::attaching::applicability(model, service, names()))
    });
    let moved = receiver.map(|service| {
        let text = entry.value().text().unwrap_or_default();
        [removed, service.0.set_annotation(BACKEND_CONFIG_KEY, text)]
    });
    let draft = say(message).help(write).fix(kind, moved.into_iter().flatten());
    bare.into_iter().fold(draft, |draft, service| {
        draft.and(service.0.annotations_title(), "this Service needs it")
    })
}

/// The one Service that the name can move to. Of several, nobody can tell which were meant.
fn receiver<'a, 's>(
    model: &Model<'s>,
    services: &'a [Service<'s>],
    entry: Entry<'s>,
) -> Option<&'a Service<'s>> {
    let (first, others) = services.split_first()?;
    let one = others.iter().all(|other| other.0.is(&first.0));
    (one && holds(model, first, entry)).then_some(first)
}

fn written(entry: Entry<'_>) -> String {
    let value = entry.value().text().unwrap_or_default();
    format!("{BACKEND_CONFIG_KEY}: '{value}'")
}

fn served_by_others(model: &Model<'_>, object: &Object<'_>) -> Option<&'static str> {
    let controller = (object.kind == "Ingress").then(|| model.ingress(object).controller())?;
    (!matches!(controller, Controller::Gce(_))).then(|| controller.name())
}

/// How many ways to Services an Ingress has.
fn count_of(object: &Object<'_>) -> Option<usize> {
    (object.kind == "Ingress").then(|| Ingress::new(*object).routes().len())
}

/// The Services that an object leads to, or whose pods it runs.
fn services_of<'s>(model: &Model<'s>, object: &Object<'s>) -> Vec<Service<'s>> {
    if object.kind == "Ingress" {
        let routes = Ingress::new(*object).routes();
        let names = routes.iter().filter_map(Route::service_name);
        return names.filter_map(|name| model.service(name, object)).collect();
    }
    model.services_before(object)
}
