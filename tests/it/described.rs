//! What rules say of an app that a description speaks of: numbers to compare with, where manifests have none.

use sioway::diagnostic::{Severity, Sources};
use sioway::path::{AppFacts, Model};
use sioway::rules;
use sioway::set::{File, Mark, Place, Set};

const HOUR: u64 = 3600;

fn manifests(class: &str, spec: &str) -> String {
    format!(
        "apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {{name: chat, annotations: {{kubernetes.io/ingress.class: {class}}}}}
spec: {{defaultBackend: {{service: {{name: chat, port: {{number: 80}}}}}}}}
---
apiVersion: v1
kind: Service
metadata:
  name: chat
  annotations:
    cloud.google.com/neg: '{{\"ingress\": true}}'
    cloud.google.com/backend-config: '{{\"default\": \"chat\"}}'
spec:
  ports: [{{port: 80}}]
---
apiVersion: cloud.google.com/v1
kind: BackendConfig
metadata: {{name: chat}}
spec: {spec}
"
    )
}

/// What a rule says of an app whose WebSockets are to last four hours, and that pings each 25 s, or more often.
fn found(id: &str, class: &str, spec: &str, ping: u64) -> Vec<(Severity, String)> {
    let text = manifests(class, spec);
    let mut sources = Sources::default();
    let source = sources.add("chat.yaml", text.as_str());
    let files = [File::read(source, "chat.yaml", &text, true)];
    let set = Set::new(&files);
    let apps = [AppFacts {
        source,
        place: Place { source, span: (0..1).into() },
        service: "chat".to_owned(),
        namespace: "default".to_owned(),
        mark: Mark { ping_interval: Some(ping * 1000), max_age: Some(4 * HOUR), ..Mark::default() },
        directories: Vec::new(),
    }];
    let findings = rules::rule(id).unwrap().findings(&Model::new(&set, &apps));
    let said =
        findings.into_iter().map(|one| (one.diagnostic.severity, one.diagnostic.help.unwrap()));
    said.collect()
}

#[test]
fn a_timeout_is_compared_with_the_age_that_is_wanted() {
    let said = |seconds: u32| {
        let spec = format!("{{timeoutSec: {seconds}}}");
        found("websocket-cut-by-timeout", "gce", &spec, 25)
    };
    let help = "write `timeoutSec: 14400`".to_owned();
    assert_eq!(said(30), [(Severity::Error, help.clone())]);
    assert_eq!(said(3600), [(Severity::Warning, help)]);
    assert_eq!(said(14_400), []);
}

#[test]
fn silence_is_compared_with_the_pings() {
    let said = |seconds: u32, ping: u64| {
        let spec = format!("{{timeoutSec: {seconds}}}");
        let found = found("websocket-cut-by-timeout", "gce-internal", &spec, ping);
        found.first().map(|(severity, _)| *severity)
    };
    assert_eq!(said(20, 25), Some(Severity::Error));
    assert_eq!(said(45, 25), Some(Severity::Warning));
    assert_eq!(said(46, 25), None);
    assert_eq!(said(46, 60), Some(Severity::Error));
    assert_eq!(said(20, 5), Some(Severity::Warning));
}

#[test]
fn a_cookie_is_compared_with_the_age_that_is_wanted() {
    let said = |ttl: u32| {
        let spec = format!(
            "{{sessionAffinity: {{affinityType: GENERATED_COOKIE, affinityCookieTtlSec: {ttl}}}}}"
        );
        let found = found("affinity-ttl-too-short", "gce", &spec, 25);
        found.first().map(|(severity, _)| *severity)
    };
    assert_eq!(said(50), Some(Severity::Error));
    assert_eq!(said(3600), Some(Severity::Warning));
    assert_eq!(said(14_400), None);
    assert_eq!(said(0), None);
}
