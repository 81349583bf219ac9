//! A policy of the Gateway API that speaks a BackendConfig's language.

use super::{Draft, Findings, Rule};
use crate::diagnostic::Severity;
use crate::kube::{Grade, Object, RENAMED, Renamed};
use crate::manifest::{Entry, Node, Value};
use crate::path::Part;

pub(super) static RULE: Rule = Rule {
    id: "policy-field-of-backendconfig",
    severity: Severity::Error,
    grade: Grade::Source,
    sources: &[
        "GoogleCloudPlatform/gke-gateway-api:config/crd/networking.gke.io_gcpbackendpolicies.yaml",
        "GoogleCloudPlatform/gke-gateway-api:config/crd/networking.gke.io_healthcheckpolicies.yaml",
        "https://cloud.google.com/kubernetes-engine/docs/how-to/configure-gateway-resources",
    ],
    page: include_str!("policy_field_of_backendconfig.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for object in model.objects() {
        for row in RENAMED.iter().filter(|row| row.kind == object.kind) {
            let block = object.in_spec(row.block);
            if let Some(entry) = block.and_then(|block| block.entry(row.field)) {
                findings.add(unknown(object, row, entry));
            }
        }
        if object.kind == "GCPBackendPolicy" {
            values(object, findings);
        }
    }
}

fn unknown(object: &Object<'_>, row: &Renamed, entry: Entry<'_>) -> Draft {
    let Renamed { kind, field, .. } = row;
    let message = format!(
        "`{field}` never applies: a BackendConfig has such a field, a {kind} has none here; the API server refuses it or drops it"
    );
    let path = [&["spec"], row.block, &[row.field]].concat().join(".");
    Draft::at(object.place(entry.key_span()), "", message)
        .of(object, path)
        .help(format!("write {}", row.instead))
}

/// Values that mean something else, or nothing.
fn values(object: &Object<'_>, findings: &mut Findings) {
    let rate = object.in_spec(&["default", "logging", "sampleRate"]);
    if let Some((rate, message, help)) = rate.and_then(share) {
        let draft = Draft::at(object.at(rate), "in requests of a million", message);
        findings.add(draft.of(object, "spec.default.logging.sampleRate").help(help));
    }
    let affinity = object.in_spec(&["default", "sessionAffinity", "type"]);
    let useless = affinity.filter(|node| node.text().is_some_and(|text| !KEEPS.contains(&text)));
    if let Some(node) = useless {
        let text = node.text().unwrap_or_default();
        let message = format!(
            "`{text}` keeps no session on a pod: a GCPBackendPolicy cannot say which header or cookie, and protocols and ports are no matter of HTTP"
        );
        let draft =
            Draft::at(object.at(node), "", message).of(object, "spec.default.sessionAffinity.type");
        findings.add(draft.help("write `type: GENERATED_COOKIE`, or `CLIENT_IP`"));
    }
}

const KEEPS: [&str; 3] = ["NONE", "CLIENT_IP", "GENERATED_COOKIE"];

fn share(rate: Node<'_>) -> Option<(Node<'_>, String, String)> {
    let number = match rate.value()? {
        Value::Float(number) if number < 1.0 && number > 0.0 => number,
        Value::Int(1) => 1.0,
        _ => return None,
    };
    let message = if number < 1.0 {
        format!(
            "the policy is refused: `sampleRate` counts requests of a million, and `{number}` is no whole number"
        )
    } else {
        "one request of a million is logged: `sampleRate` is no share from 0 to 1 here".to_owned()
    };
    Some((rate, message, format!("write `sampleRate: {:.0}`", number * 1_000_000.0)))
}
