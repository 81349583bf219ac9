//! A policy of the Gateway API that speaks a BackendConfig's language.

use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::{Grade, Object, RENAMED, Renamed};
use crate::manifest::{Entry, Node, Value};
use crate::path::Part;

pub(super) static RULE: Rule = Rule {
    id: "policy-field-of-backendconfig",
    severity: Severity::Error,
    grade: Grade::Source,
    fix: Applicability::Safe,
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
            if let Some((block, entry)) = block.and_then(|one| Some((one, one.entry(row.field)?))) {
                let fix = row.name.and_then(|name| object.rename_in(block, entry, name));
                findings.add(unknown(object, row, entry).fix(Applicability::Safe, fix));
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
    if let Some((rate, message, millionths)) = rate.and_then(share) {
        let help = format!("write `sampleRate: {millionths}`");
        // One of a million may have been meant.
        let whole = rate.as_int().is_some();
        let applicability = if whole { Applicability::Unsafe } else { Applicability::Safe };
        let draft = Draft::at(object.at(rate), "in requests of a million", message);
        let draft = draft.of(object, "spec.default.logging.sampleRate").help(help);
        findings.add(draft.fix(applicability, object.set_node(rate, millionths)));
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

/// A share of 1 in the policy's unit, which is at least one request.
fn share(rate: Node<'_>) -> Option<(Node<'_>, String, i64)> {
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
    #[expect(clippy::cast_possible_truncation, reason = "at most a million")]
    let millionths = (number * 1_000_000.0).round().max(1.0) as i64;
    Some((rate, message, millionths))
}
