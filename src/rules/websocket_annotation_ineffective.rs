//! A switch for WebSockets that is none.

use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::controller_defaults::BACKEND_TIMEOUT;
use crate::kube::{Grade, Object, annotations};
use crate::manifest::Entry;
use crate::path::Part;

pub(super) static RULE: Rule = Rule {
    id: "websocket-annotation-ineffective",
    severity: Severity::Warning,
    grade: Grade::Source,
    fix: Applicability::Unsafe,
    sources: &[
        "kubernetes/ingress-gce:pkg/annotations/ingress.go",
        "kubernetes/ingress-gce:docs/faq/gce.md",
        "https://cloud.google.com/load-balancing/docs/https#websocket_support",
    ],
    page: include_str!("websocket_annotation_ineffective.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for object in model.objects() {
        let all = object.annotations_within().into_iter();
        let switches = all.filter(|(_, _, entry)| is_invented(&entry.key()));
        let wrong = switches.filter(|(_, _, entry)| !is_known_for_nothing(object, *entry));
        findings.extend(wrong.map(|(_, path, entry)| finding(object, entry).of(object, path)));
    }
}

/// Whether a key is written as Google's, speaks of WebSockets, and is in no table of what is read.
pub(super) fn is_invented(key: &str) -> bool {
    let speaks = key.to_ascii_lowercase().contains("websocket");
    speaks && annotations::is_googles(key) && annotations::key(key).is_none()
}

/// Whether a comment right there says so already: then it stands there for people who look for it.
fn is_known_for_nothing(object: &Object<'_>, entry: Entry<'_>) -> bool {
    let mut comments = object.comments_at(entry.pair_span());
    comments.any(|one| {
        let said = one.to_ascii_lowercase();
        said.contains("nothing reads") && !said.contains("sioway:")
    })
}

fn finding(object: &Object<'_>, entry: Entry<'_>) -> Draft {
    let own = object.annotation(&entry.key()).filter(|own| own.key_span() == entry.key_span());
    let message = format!(
        "WebSockets need no switch, and this is none: nothing reads it. What closes them is the backend's timeout, {} s unless `timeoutSec` of the BackendConfig says more",
        BACKEND_TIMEOUT.value
    );
    let help = "take it out, and write how long a WebSocket may last into the BackendConfig that the Service names: `timeoutSec: 86400`; to keep it for a runbook, write `# nothing reads this` above it";
    Draft::at(object.place(entry.key_span()), "read by no controller", message)
        .note(format!("the keys that are read: {}, {}", annotations::READ_IN, annotations::DATE))
        .help(help)
        .fix(Applicability::Unsafe, own.map(|_| object.remove_annotation(&entry.key())))
}
