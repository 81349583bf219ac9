//! The templates inside the binary, and the user's own laid over them.

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::Utf8Path;

macro_rules! embed {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../templates/", $name, ".j2")))),*]
    };
}

/// Every embedded template: its name without `.j2`, and its text. A test holds the list against the folder.
pub static EMBEDDED: [(&str, &str); 36] = embed![
    "alert-policy.json",
    "alert-rules.yaml",
    "annotations.yaml",
    "app-pod.yaml",
    "backendconfig-body.yaml",
    "backendconfig-static.yaml",
    "backendconfig.yaml",
    "default.conf",
    "deployment.yaml",
    "frontendconfig.yaml",
    "globalrules.yaml",
    "grafana-dashboard.json",
    "grafana-dashboard.yaml",
    "ingress.yaml",
    "kustomization.yaml",
    "log-metric.json",
    "managedcertificate.yaml",
    "metadata.yaml",
    "more-annotations.yaml",
    "nginx-configmap.yaml",
    "nginx-container.yaml",
    "nginx-deployment.yaml",
    "nginx-http.conf",
    "nginx-poddisruptionbudget.yaml",
    "nginx.conf",
    "poddisruptionbudget-body.yaml",
    "poddisruptionbudget.yaml",
    "pods-service.yaml",
    "prometheusrule.yaml",
    "proxy.conf",
    "service.yaml",
    "statefulset.yaml",
    "verify-backoff.yaml",
    "verify-cronjob.yaml",
    "verify-job.yaml",
    "verify-pod.yaml",
];

/// The templates of a run: the embedded ones, and the user's own over them.
#[derive(Debug, Clone, Default)]
pub struct TemplateSet(Arc<BTreeMap<String, OwnTemplate>>);

/// A template of the user's own.
#[derive(Debug, Clone)]
pub struct OwnTemplate {
    /// Its path, as messages show it.
    pub shown: String,
    /// Its text.
    pub text: String,
}

impl TemplateSet {
    /// A set in which the user's templates, by name without `.j2`, come first.
    pub fn with(own: BTreeMap<String, OwnTemplate>) -> Self {
        Self(Arc::new(own))
    }

    /// A template's text, as the environment is to compile it.
    pub(super) fn source(&self, name: &str, comments: bool) -> Option<String> {
        let text = self.text(name)?;
        Some(if comments { text.to_owned() } else { without_comments(text) })
    }

    /// A template's text, as its author wrote it.
    pub fn text(&self, name: &str) -> Option<&str> {
        let embedded =
            || EMBEDDED.iter().find(|(embedded, _)| *embedded == name).map(|(_, text)| *text);
        self.0.get(name).map(|own| own.text.as_str()).or_else(embedded)
    }

    /// What a template is called in messages.
    pub(super) fn shown(&self, name: &str) -> String {
        self.0.get(name).map_or_else(|| format!("{name}.j2 (embedded)"), |own| own.shown.clone())
    }

    /// Whether any of them is the user's: then what comes out is checked like any manifest.
    pub(super) fn is_users(&self) -> bool {
        !self.0.is_empty()
    }

    /// The user's manifests that replace none: each is a file of every app. A name that begins with `_` is a part
    /// of others, and so is whatever is not YAML.
    pub(super) fn additional(&self) -> impl Iterator<Item = &str> {
        let embedded = |name: &str| EMBEDDED.iter().any(|(embedded, _)| *embedded == name);
        let manifest =
            |name: &str| Utf8Path::new(name).extension() == Some("yaml") && !name.starts_with('_');
        self.0.keys().map(String::as_str).filter(move |name| manifest(name) && !embedded(name))
    }
}

/// Comments are lines of their own in a template, so they can be left out before it is compiled. Those that speak to
/// `sioway lint` stay.
fn without_comments(text: &str) -> String {
    let is_comment = |line: &str| line.starts_with("# ") && !line.starts_with("# sioway:");
    text.split_inclusive('\n').filter(|line| !is_comment(line.trim_start())).collect()
}
