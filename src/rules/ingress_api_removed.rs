//! An Ingress in an API that clusters no longer have.

use serde_json::json;

use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Edit, Severity, SourceId, Span, ValueChange};
use crate::kube::{Grade, Ingress, Route};
use crate::manifest::{Node, Path};
use crate::path::{Part, with_comments_above};

pub(super) static RULE: Rule = Rule {
    id: "ingress-api-removed",
    severity: Severity::Error,
    grade: Grade::Documented,
    fix: Applicability::Safe,
    sources: &["https://kubernetes.io/docs/reference/using-api/deprecation-guide/#ingress-v122"],
    page: include_str!("ingress_api_removed.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    findings.extend(model.ingresses().iter().filter_map(finding));
    findings.extend(model.routes().filter_map(old));
}

/// A backend as the versions of the beta had it, in the version that has another.
fn old(route: &Route<'_>) -> Option<Draft> {
    let object = &route.ingress.0;
    let key = ["serviceName", "servicePort"].into_iter().find_map(|key| {
        let span = route.backend.key_span(key)?;
        Some((key, span))
    });
    let ((key, span), new) = key.zip((object.version == "v1").then_some(object))?;
    let message = format!(
        "`kubectl apply` refuses this Ingress: a backend of `{}/v1` has no `{key}`",
        new.group
    );
    let draft = Draft::at(new.place(span), "of the beta", message)
        .of(new, route.path_name(&format!("backend.{key}")));
    let draft = draft.help("write the backend as `service: {name: …, port: {number: …}}`");
    Some(repaired(draft, std::slice::from_ref(route), backend(route).map(|edit| vec![edit])))
}

/// The draft with its edits, unless comments would go with the backends in whose place others are written.
fn repaired(draft: Draft, routes: &[Route<'_>], edits: Option<Vec<(SourceId, Edit)>>) -> Draft {
    let Some(comment) = routes.iter().find_map(comment_within) else {
        return draft.fix(Applicability::Safe, edits.into_iter().flatten());
    };
    match edits {
        Some(_) => draft.note(format!("not repaired by `--fix`: `{comment}` would be lost")),
        None => draft,
    }
}

/// A comment on the lines of a backend of the beta, which are written anew.
fn comment_within<'s>(route: &Route<'s>) -> Option<&'s str> {
    let keys = ["serviceName", "servicePort"];
    let is_old = keys.iter().any(|key| route.backend.get(key).is_some());
    let file = route.ingress.0.file;
    let Span { start, end } = route.backend.span();
    let rest = if route.backend.style().is_block() { &file.text[end..] } else { "" };
    let end = end + rest.find('\n').unwrap_or(rest.len());
    let said = |span: Span| &file.text[span.start..span.end];
    // Those above speak of what follows; they stay unless they name what goes.
    let above = with_comments_above(file.text, route.backend.span()).start;
    let goes = |span: Span| {
        let named = keys.iter().any(|key| said(span).contains(key));
        start <= span.start && span.start < end
            || above <= span.start && span.start < start && named
    };
    let mut comments = file.stream()?.comments().iter().map(|one| one.span);
    comments.find(|span| is_old && goes(*span)).map(said)
}

/// A backend as `v1` has it.
fn backend(route: &Route<'_>) -> Option<(SourceId, Edit)> {
    let text = |key: &str| route.backend.get(key).and_then(Node::as_str);
    let name = text("serviceName")?;
    let port = match route.backend.get("servicePort")?.as_int() {
        Some(number) => json!({"number": number}),
        // A name has a letter; a number in quotes is neither.
        None => json!({"name": text("servicePort").filter(|name| name.parse::<i64>().is_err())?}),
    };
    let known = |key: &str| matches!(key, "serviceName" | "servicePort");
    let plain = route.backend.entries().all(|entry| known(&entry.key()));
    let service = json!({"service": {"name": name, "port": port}});
    route.ingress.0.set_node(route.backend, service).filter(|_| plain)
}

/// The whole Ingress as `v1` has it: without a `pathType`, `v1beta1` takes `ImplementationSpecific`.
fn converted(ingress: &Ingress<'_>) -> Option<Vec<(SourceId, Edit)>> {
    let object = &ingress.0;
    let mut edits = vec![object.set(&["apiVersion"], "networking.k8s.io/v1")];
    for route in ingress.routes() {
        if route.backend.get("resource").is_none() {
            edits.push(backend(&route)?);
        }
        if !route.is_default() && route.node.get("pathType").is_none() {
            edits.push(object.set_in(route.node, "pathType", "ImplementationSpecific")?);
        }
    }
    if object.in_spec(&["backend"]).is_some() {
        let (path, to) = (Path::of_keys(&["spec", "backend"]), "defaultBackend".to_owned());
        edits.push(object.edit(ValueChange::Rename { path, to }));
    }
    Some(edits)
}

fn finding(ingress: &Ingress<'_>) -> Option<Draft> {
    let object = &ingress.0;
    let removed = object.version == "v1beta1";
    let version = object.node.get("apiVersion").filter(|_| removed)?;
    let message = format!(
        "`kubectl apply` fails: Kubernetes 1.22 and later have no `{}/v1beta1` Ingress",
        object.group
    );
    let help = "write `apiVersion: networking.k8s.io/v1`, `pathType` for each path, and backends as `service: {name: …, port: {number: …}}`";
    let draft = Draft::at(object.at(version), "removed", message).of(object, "apiVersion");
    Some(repaired(draft.help(help), &ingress.routes(), converted(ingress)))
}
