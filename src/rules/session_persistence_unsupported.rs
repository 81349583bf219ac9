//! Persistence that GKE's Gateways know nothing of.

use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::Grade;
use crate::manifest::Node;
use crate::path::Part;

pub(super) static RULE: Rule = Rule {
    id: "session-persistence-unsupported",
    severity: Severity::Error,
    grade: Grade::Documented,
    fix: Applicability::Manual,
    sources: &[
        "kubernetes-sigs/gateway-api:config/crd/standard/gateway.networking.k8s.io_httproutes.yaml",
        "https://gateway-api.sigs.k8s.io/geps/gep-1619/",
        "https://cloud.google.com/kubernetes-engine/docs/how-to/gatewayclass-capabilities",
    ],
    page: include_str!("session_persistence_unsupported.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    let routes = model.of_kind("HTTPRoute");
    for route in routes.filter(|one| one.group == "gateway.networking.k8s.io") {
        let rules = route.in_spec(&["rules"]).into_iter().flat_map(Node::items);
        let gateways = model.gke_gateways(route);
        for (index, rule) in rules.enumerate() {
            let Some(((gateway, class), span)) =
                gateways.first().zip(rule.key_span("sessionPersistence"))
            else {
                continue;
            };
            let message = format!(
                "nothing keeps a session on a pod: Gateways of class {} do not read `sessionPersistence`, and the standard HTTPRoute has no such field",
                class.name
            );
            let class = gateway.in_spec(&["gatewayClassName"]).unwrap_or(gateway.node);
            let draft = Draft::at(route.place(span), "", message)
                .of(route, format!("spec.rules[{index}].sessionPersistence"))
                .and(gateway.at(class), "of this class");
            findings.add(draft.help("write a GCPBackendPolicy for the Service, with `default: {sessionAffinity: {type: GENERATED_COOKIE}}`"));
        }
    }
}
