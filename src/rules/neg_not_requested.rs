//! A Service whose pods the load balancer cannot reach one by one.

use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Edit, Severity, SourceId};
use crate::kube::BackendConfig;
use crate::kube::{Grade, Object, Service};
use crate::manifest::json::{self, Json};
use crate::path::{Backend, Part};

pub(super) static RULE: Rule = Rule {
    id: "neg-not-requested",
    severity: Severity::Error,
    grade: Grade::Source,
    fix: Applicability::Safe,
    sources: &[
        "kubernetes/ingress-gce:pkg/controller/translator/translator.go",
        "kubernetes/ingress-gce#516",
        "https://cloud.google.com/kubernetes-engine/docs/how-to/container-native-load-balancing",
    ],
    page: include_str!("neg_not_requested.md"),
    check,
};

const KEY: &str = "cloud.google.com/neg";
const PATH: &str = "metadata.annotations[\"cloud.google.com/neg\"]";
const HELP: &str =
    "write into the Service's annotations: `cloud.google.com/neg: '{\"ingress\": true}'`";

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    let behind = model.backends().iter();
    for backend in behind.filter(|backend| backend.is_behind_gce()) {
        let forced = backend.gce_classes().all(|class| class.forces_neg);
        let asked = forced || backend.service.asks_for_neg();
        if asked || model.is_annotated_elsewhere(&backend.service.0, KEY) {
            continue;
        }
        let draft = match backend.service.service_type() {
            "ClusterIP" => cluster_ip(backend),
            "NodePort" | "LoadBalancer" => node(backend),
            _ => None,
        };
        if let Some(draft) = draft {
            findings.add(draft);
        }
    }
}

/// Where the annotation is absent GKE writes it, in most clusters; what somebody wrote it leaves alone.
fn cluster_ip(backend: &Backend<'_>) -> Option<Draft> {
    let service = &backend.service.0;
    let draft = match (service.annotation(KEY), &backend.session) {
        (Some(entry), _) => Draft::at(
            service.at(entry.value()),
            "no `\"ingress\": true`",
            "the whole Ingress stops syncing: a Service of type ClusterIP is reached through NEGs only, and this asks for none",
        ),
        // A slip of the pen in the key is another rule's.
        (None, _) if backend.service.misspelt(KEY).is_some() => return None,
        (None, Some(session)) => Draft::at(
            service.annotations_title(),
            "no `cloud.google.com/neg`",
            "the whole Ingress stops syncing in a cluster where GKE does not ask for NEGs by itself (no VPC-native network, a Shared VPC)",
        )
        .because(session.because())
        .only(Severity::Info),
        (None, None) => return None,
    };
    Some(draft.of(service, PATH).help(HELP).fix(Applicability::Safe, asked(service)))
}

/// The annotation with `"ingress": true`. A group that has a name of its own cannot be an Ingress's
/// (kubernetes/ingress-gce:pkg/neg/controller.go).
fn asked(service: &Object<'_>) -> Option<(SourceId, Edit)> {
    let Some(entry) = service.annotation(KEY) else {
        let fix = || service.set_annotation(KEY, "{\"ingress\": true}");
        return Service(*service).misspelt(KEY).is_none().then(fix);
    };
    let text = entry.value().embedded()?;
    let json = json::read(text.text()).ok()?;
    let ports = json.get("exposed_ports").map(Json::members).unwrap_or_default();
    let named = ports.iter().any(|port| port.value.get("name").is_some());
    let is_map = matches!(json.kind, json::Kind::Map(_));
    (is_map && !named).then(|| service.set_json(KEY, &["ingress"], true))
}

/// An affinity that ends at the node.
fn node(backend: &Backend<'_>) -> Option<Draft> {
    let (service, session) = (&backend.service.0, backend.session.as_ref()?);
    let affinity = backend.judged_config().and_then(BackendConfig::affinity);
    let (kind, _) =
        affinity.filter(|(kind, _)| matches!(*kind, "CLIENT_IP" | "GENERATED_COOKIE"))?;
    // With `Local` a node has its own pods only, of which there may be one each.
    let policy = service.in_spec(&["externalTrafficPolicy"]);
    let local = policy.is_some_and(|policy| policy.as_str() == Some("Local"));
    if local || !session.polls() || !backend.may_have_several_pods() {
        return None;
    }
    let lost = format!(
        "`{kind}` keeps a session on a node, and the node sends each request to any pod: 400, Session ID unknown"
    );
    let draft = if let Some(entry) = service.annotation(KEY) {
        Draft::at(service.at(entry.value()), "asks for no NEG", lost)
    } else {
        let message = format!("where GKE does not ask for NEGs by itself, {lost}");
        let misspelt = backend.service.misspelt(KEY).map(|entry| service.place(entry.key_span()));
        let beside = match misspelt {
            Some(_) => "nothing reads this key",
            None => "no `cloud.google.com/neg`",
        };
        let place = misspelt.unwrap_or_else(|| service.annotations_title());
        Draft::at(place, beside, message).only(Severity::Warning)
    };
    let draft = draft.of(service, PATH);
    // Another kind of backend takes the place of the one that serves now.
    let draft = draft.because(session.because()).help(HELP);
    Some(draft.fix(Applicability::Unsafe, asked(service)))
}
