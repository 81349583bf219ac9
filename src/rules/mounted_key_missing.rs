//! nginx is to have a file of a ConfigMap that has no such key.

use super::wording::is_slip;
use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::{Container, Grade, Workload};
use crate::path::{Evidence, MissingKey, Model, Part, Site, Unmounted};

pub(super) static RULE: Rule = Rule {
    id: "mounted-key-missing",
    severity: Severity::Error,
    grade: Grade::Source,
    fix: Applicability::Unsafe,
    sources: &[
        "kubernetes/kubernetes:pkg/kubelet/kubelet_pods.go",
        "https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/volume/#projections",
    ],
    page: include_str!("mounted_key_missing.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for workload in model.objects().iter().filter_map(Workload::of) {
        for container in workload.containers() {
            let missing = model.missing_keys(&workload, &container);
            let drafts = missing.iter().map(|one| finding(model, &workload, &container, one));
            findings.extend(drafts.flatten());
        }
    }
}

fn finding(
    model: &Model<'_>,
    workload: &Workload<'_>,
    container: &Container<'_>,
    missing: &MissingKey<'_>,
) -> Option<Draft> {
    let because = sessions_in(model, missing)?;
    let (map, key) = (missing.map.name, missing.node.as_str()?);
    let (message, field) = match missing.end {
        Unmounted::Directory => (
            format!(
                "nginx does not start: ConfigMap `{map}` has no key `{key}`, and an empty directory is mounted where the file is to be"
            ),
            "volumeMounts.subPath",
        ),
        Unmounted::Volume => (
            format!(
                "no pod starts: ConfigMap `{map}` has no key `{key}`, and the volume is not set up"
            ),
            "volumes.configMap.items.key",
        ),
    };
    let place = workload.0.at(missing.node);
    let draft = Draft::at(place, format!("for container `{}`", container.name()), message)
        .of(&workload.0, format!("spec.template.spec.{field}"))
        .and(missing.map.title(), format!("it has `{}`", missing.keys.join("`, `")))
        .because(because);
    let near = missing.keys.iter().find(|own| is_slip(own, key));
    let only = missing.keys.first().filter(|_| missing.keys.len() == 1);
    let Some(meant) = near.or(only) else {
        return Some(draft.help("write a key that the ConfigMap has"));
    };
    let kind = if near.is_some() { Applicability::Safe } else { Applicability::Unsafe };
    let fix = workload.0.set_node(missing.node, meant.as_str());
    Some(draft.help(format!("write `{meant}`")).fix(kind, fix))
}

/// What says that an nginx of the ConfigMap carries sessions.
fn sessions_in<'m>(model: &'m Model<'_>, missing: &MissingKey<'_>) -> Option<&'m Evidence> {
    let is_in = |site: &&Site<'_>| site.root.object().is_some_and(|map| map.is(&missing.map));
    let mut sites = model.sites.iter().filter(is_in);
    let session = sites.find_map(|site| site.sessions.first())?;
    session.evidence.first()
}
