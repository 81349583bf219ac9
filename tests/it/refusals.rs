//! What is refused as a whole: where lint says that nothing comes of it, trace foretells no session.

use sioway::diagnostic::Severity;
use sioway::kube::fields::fields_of;
use sioway::rules::ALL;
use sioway::trace::{StepKind, Verdict};

use crate::health::all_of;
use crate::rules::marked;
use crate::trace::Files;

/// How rules say that a whole Ingress comes to nothing, or an object that it needs.
const SAID: [&str; 4] =
    ["stops syncing", "gets no address", "the API server refuses this", "`kubectl apply` refuses"];

/// Objects without which sessions go on as they did.
const BESIDE: [&str; 2] = ["refuses this FrontendConfig", "refuses this ManagedCertificate"];

/// How often both said it.
fn agree(text: &str) -> usize {
    let (findings, steps) = all_of("k8s.yaml", text, StepKind::Handshake);
    let errors: Vec<_> = findings
        .iter()
        .map(|one| &one.diagnostic)
        .filter(|one| one.severity == Severity::Error)
        .filter(|one| SAID.iter().any(|said| one.message.contains(said)))
        .filter(|one| !BESIDE.iter().any(|said| one.message.contains(said)))
        .collect();
    if errors.is_empty() || steps.is_empty() {
        return 0;
    }
    let good = steps.iter().all(|step| step.outcome.verdict == Verdict::Good);
    assert!(!good, "lint says that nothing comes of it:\n{text}\n{errors:#?}\n{steps:#?}");
    let known =
        |step: &sioway::trace::Step| errors.iter().any(|error| step.rules.contains(&error.id));
    usize::from(steps.iter().any(known))
}

#[test]
fn lint_and_trace_agree_on_what_is_refused_in_every_example() {
    let mut said = 0;
    for rule in ALL {
        let page = rule.page();
        for fence in ["Example", "Use instead", "More cases"].map(|one| page.fences(one)).concat() {
            if fence.language == "yaml" {
                said += agree(&marked(fence.text).1);
            }
        }
    }
    assert!(said >= 5, "{said} refusals were compared");
}

/// A BackendConfig with a value, among manifests that are well otherwise.
fn with_value(path: &str, value: &str) -> String {
    let keys: Vec<&str> = path.split('.').skip(1).collect();
    let spec = format!("spec: {{{}: {value}{}\n", keys.join(": {"), "}".repeat(keys.len()));
    let good = Files::good().0;
    let (before, after) = good.split_once("spec:\n  timeoutSec: 86400\n").unwrap();
    let (_, after) = after.split_once("---\n").unwrap();
    format!("{before}{spec}---\n{after}")
}

#[test]
fn every_field_of_a_backend_config_is_refused_by_both_or_by_none() {
    let fields = fields_of("BackendConfig").filter(|field| !field.path.contains('['));
    let mut said = 0;
    for field in fields {
        for value in ["[x]", "\"28800\"", "-1", "1.5", "{x: y}", "no such thing", "true"] {
            let text = with_value(field.path, value);
            let both = agree(&text);
            let (findings, _) = all_of("k8s.yaml", &text, StepKind::Handshake);
            let refused =
                findings.iter().any(|one| one.diagnostic.id == "backendconfig-value-refused");
            assert!(!refused || both == 1, "{text}\n{findings:#?}");
            said += both;
        }
    }
    assert!(said > 150, "{said} values were compared");
}

#[test]
fn a_service_that_asks_for_no_neg_stops_the_ingress() {
    let files = Files::good().with("{\"ingress\":true}", "{\"ingress\":false}");
    files.says(StepKind::Handshake, Verdict::Bad, "nothing of these files", "neg-not-requested");
    files.decided_by("cloud.google.com/neg: '{\"ingress\":false}'");
    // A class that has nothing but NEGs, and nodes that send on.
    for (old, new) in [
        ("class: gce}", "class: gce-internal}"),
        ("  selector: {app: chat}", "  type: NodePort\n  selector: {app: chat}"),
    ] {
        let files = Files::good().with("{\"ingress\":true}", "{\"ingress\":false}").with(old, new);
        let trace = files.trace();
        let handshake = trace.step(StepKind::Handshake).unwrap();
        assert_eq!(handshake.outcome.verdict, Verdict::Good, "{handshake:#?}");
    }
}

#[test]
fn an_affinity_that_there_is_not_is_a_refused_value() {
    for kind in ["generated_cookie", "HEADER_FIELD"] {
        let files = Files::good().with("affinityType: CLIENT_IP", &format!("affinityType: {kind}"));
        let (outcome, rule) = ("nothing of these files", "backendconfig-value-refused");
        files.says(StepKind::Handshake, Verdict::Bad, outcome, rule);
    }
    // An empty one is sent as it is.
    let files = Files::good().with("affinityType: CLIENT_IP", "affinityType: ''");
    files.says(StepKind::Poll, Verdict::Bad, "Session ID unknown", "session-affinity-missing");
    assert_eq!(agree(&files.0), 0);
}

#[test]
fn a_backend_config_that_the_api_server_refuses_is_not_in_force() {
    let refused = "nothing of this BackendConfig";
    let text = Files::good().with("timeoutSec: 86400", "timeoutSec: \"86400\"");
    text.says(StepKind::Handshake, Verdict::Bad, refused, "backendconfig-value-refused");
    text.says(StepKind::Life, Verdict::NotReached, "no WebSocket", "");
    let keyless = Files::good().with(
        "  timeoutSec: 86400\n",
        "  timeoutSec: 86400\n  iap: {enabled: false, oauthclientCredentials: {}}\n",
    );
    keyless.says(StepKind::Handshake, Verdict::Bad, refused, "backendconfig-value-refused");
    for version in ["cloud.google.com/v2", "networking.gke.io/v1"] {
        let old = Files::good()
            .with("apiVersion: cloud.google.com/v1\n", &format!("apiVersion: {version}\n"));
        old.says(StepKind::Handshake, Verdict::Bad, refused, "api-version-unserved");
        old.decided_by(&format!("apiVersion: {version}"));
    }
}

#[test]
fn another_vendors_backend_config_is_none_of_googles() {
    let files =
        Files::good().with("apiVersion: cloud.google.com/v1\n", "apiVersion: example.com/v1\n");
    let why = "the BackendConfig `chat` is not among the files given";
    files.says(StepKind::Poll, Verdict::Unknown, why, "backendconfig-missing");
}

#[test]
fn an_internal_load_balancer_that_is_to_redirect_has_no_address() {
    let frontend = "---
apiVersion: networking.gke.io/v1beta1
kind: FrontendConfig
metadata: {name: chat}
spec: {redirectToHttps: {enabled: true}}
";
    let named = "class: gce-internal, networking.gke.io/v1beta1.FrontendConfig: chat}";
    let internal = Files::good().with("class: gce}", named);
    internal.says(StepKind::Handshake, Verdict::Good, "200", "");
    let internal = Files(internal.0 + frontend);
    let outcome = "the Ingress gets no address";
    internal.says(StepKind::Handshake, Verdict::Bad, outcome, "redirect-on-internal");
    assert_eq!(agree(&internal.0), 1);
    let outside = internal.with("gce-internal", "gce");
    outside.says(StepKind::Handshake, Verdict::Good, "200", "");
}
