//! An affinity of kube-proxy, which the load balancer's traffic passes by.

use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::BackendConfig;
use crate::kube::Grade;
use crate::path::{ConfigLink, Part};

pub(super) static RULE: Rule = Rule {
    id: "service-affinity-ineffective",
    severity: Severity::Error,
    grade: Grade::Reported,
    fix: Applicability::Manual,
    sources: &[
        "kubernetes/kubernetes#53886",
        "kubernetes/ingress-gce:pkg/backends/features/affinity.go",
        "https://cloud.google.com/kubernetes-engine/docs/concepts/container-native-load-balancing",
    ],
    page: include_str!("service_affinity_ineffective.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for (backend, session) in model.session_backends() {
        let service = &backend.service;
        let Some(node) = service.client_ip_affinity() else {
            continue;
        };
        let affinity = backend.backend_config().and_then(BackendConfig::affinity);
        let kept = matches!(affinity, Some(("CLIENT_IP" | "GENERATED_COOKIE", _)));
        // Only the balancer's own affinity counts; one that nobody could look at may be there.
        let unknown = matches!(backend.config, ConfigLink::NotGiven(_));
        if !backend.is_behind_gce() || !session.polls() || kept || unknown {
            continue;
        }
        let why = match backend.uses_neg() {
            Some(true) => "the load balancer sends to the pods themselves, past kube-proxy",
            _ => "kube-proxy sees the load balancer's addresses, not the clients'",
        };
        let message = format!("this keeps no session on its pod: {why}");
        let severity =
            if backend.may_have_several_pods() { Severity::Error } else { Severity::Warning };
        let draft = Draft::at(service.0.at(node), "not obeyed behind a Google Ingress", message)
            .of(&service.0, "spec.sessionAffinity")
            .because(session.because())
            .only(severity);
        let help = "write `sessionAffinity: {affinityType: CLIENT_IP}` into the BackendConfig that the Service names; \
                    this field may go";
        findings.add(draft.help(help));
    }
}
