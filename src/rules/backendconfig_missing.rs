//! A BackendConfig that is not where the controller looks.

use super::wording::is_slip;
use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::Grade;
use crate::kube::{Attachment, AttachmentContent, BackendConfig, Named, Object, Route, Service};
use crate::manifest::json;
use crate::path::{Model, Part, Whereabouts};

pub(super) static RULE: Rule = Rule {
    id: "backendconfig-missing",
    severity: Severity::Error,
    grade: Grade::Source,
    fix: Applicability::Unsafe,
    sources: &[
        "kubernetes/ingress-gce:pkg/backendconfig/backendconfig.go",
        "kubernetes/ingress-gce:pkg/controller/errors.go",
    ],
    page: include_str!("backendconfig_missing.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for service in model.services() {
        let Some(attachment) = Attachment::of(&service.0) else {
            continue;
        };
        let ways = model.routes_to(service);
        let ways = ways.as_deref();
        // A Service alone says nothing of what else there is.
        if !model.may_be_googles(service, ways) || ways.is_none() && !model.has_backend_configs() {
            continue;
        }
        for (named, is_routed) in looked_up(service, &attachment, ways) {
            let draft = finding(model, service, &attachment, (named, is_routed));
            findings.extend(
                draft.map(|draft| if is_routed { draft } else { draft.only(Severity::Info) }),
            );
        }
    }
}

/// The names that the controller looks up for a port of the Service, and whether a path of a Google Ingress leads to
/// such a port. Where no Ingress was given any port may be led to.
fn looked_up<'a>(
    service: &Service<'_>,
    attachment: &'a Attachment<'_>,
    ways: Option<&[Route<'_>]>,
) -> Vec<(&'a Named, bool)> {
    let ways = ways.map(|ways| ways.iter().filter(|route| route.ingress.is_gce()));
    let routed: Option<Vec<_>> = ways.map(|ways| {
        let ports = ways.filter_map(|route| service.port(route.port_reference()?));
        ports.map(|port| port.node.span()).collect()
    });
    // A patch of a Service says nothing of its ports.
    if service.ports().is_empty() {
        return attachment.names().into_iter().map(|named| (named, true)).collect();
    }
    let mut found: Vec<(&Named, bool)> = Vec::new();
    for port in service.ports() {
        let is_routed = routed.as_ref().is_none_or(|all| all.contains(&port.node.span()));
        found.extend(attachment.for_port(&port).map(|named| (named, is_routed)));
    }
    found.sort_by_key(|(named, is_routed)| (named.span.start, !is_routed));
    found.dedup_by_key(|(named, _)| named.span.start);
    found
}

fn finding(
    model: &Model<'_>,
    service: &Service<'_>,
    attachment: &Attachment<'_>,
    (named, is_routed): (&Named, bool),
) -> Option<Draft> {
    let object = &service.0;
    let at = |beside: &str, why: &str| {
        let message = if is_routed {
            format!("an Ingress that leads here stops syncing, with all its hosts and paths: {why}")
        } else {
            format!(
                "an Ingress stops syncing once a path of it leads to the port of this entry: {why}"
            )
        };
        Draft::at(attachment.place(object, named.span), beside, message)
            .of(object, attachment.path())
    };
    match model.whereabouts(object, &named.name) {
        Whereabouts::Fine => None,
        Whereabouts::Renamed(config, new) => {
            let why = format!(
                "Kustomize renames the BackendConfig to `{new}`, and leaves the JSON of an annotation as it is"
            );
            let draft = at("the name before Kustomize", &why)
                .and(config.title(), format!("becomes `{new}`"));
            Some(draft.help(format!("write `{new}`, in a patch where the prefix is set")))
        }
        Whereabouts::OtherNamespace(other, theirs, own) => {
            let why = format!(
                "the BackendConfig is in the namespace `{theirs}`, and only the Service's own, `{own}`, is looked in"
            );
            let draft = at("not in this namespace", &why).and(other.title(), "it is here");
            // Far from the Service it may be one of another environment.
            let near = crate::set::nearness(object.file.name, other.file.name).2.0 == 0;
            let severity = if near { Severity::Error } else { Severity::Warning };
            let help = format!("write `namespace: {own}` into the BackendConfig");
            Some(draft.only(severity).help(help))
        }
        Whereabouts::NotGiven(near) => {
            let why = "its BackendConfig is missing, unless it comes from elsewhere";
            let draft = at("not found among the files given", why).only(Severity::Warning);
            Some(alternative(draft, near, &named.name, inside(attachment, named), object))
        }
    }
}

fn alternative(
    draft: Draft,
    near: Option<BackendConfig<'_>>,
    name: &str,
    inside: Option<Vec<&str>>,
    service: &Object<'_>,
) -> Draft {
    let Some(config) = near else {
        return draft.help(format!("add a BackendConfig `{name}` to the Service's namespace"));
    };
    let own = config.0.name;
    let fix = inside.filter(|_| is_slip(own, name)).map(|keys| {
        let key = Attachment::of(service).map(|one| one.entry.key().into_owned());
        service.set_json(&key.unwrap_or_default(), &keys, own)
    });
    draft
        .and(config.0.title(), "this one is given")
        .help(format!("write `{own}`, if that is the one"))
        .fix(Applicability::Unsafe, fix)
}

/// Where a name stands in the JSON of the annotation.
fn inside<'a>(attachment: &'a Attachment<'_>, named: &Named) -> Option<Vec<&'a str>> {
    let AttachmentContent::Names { default, ports } = &attachment.content else {
        return None;
    };
    // The controller's reader looks at no case of a key, an edit does.
    let json = json::read(attachment.text()).ok()?;
    if default.as_ref() == Some(named) {
        return json.get("default").map(|_| vec!["default"]);
    }
    let (port, _) = ports.iter().find(|(_, one)| one == named)?;
    json.get("ports").map(|_| vec!["ports", port.name.as_str()])
}
