//! The templates inside the binary, and the user's own laid over them.

use std::collections::BTreeMap;
use std::sync::Arc;

macro_rules! embed {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../templates/", $name, ".j2")))),*]
    };
}

/// Every embedded template: its name without `.j2`, and its text. A test holds the list against the folder.
pub static EMBEDDED: [(&str, &str); 25] = embed![
    "annotations.yaml",
    "app-pod.yaml",
    "backendconfig-body.yaml",
    "backendconfig-static.yaml",
    "backendconfig.yaml",
    "default.conf",
    "deployment.yaml",
    "frontendconfig.yaml",
    "ingress.yaml",
    "kustomization.yaml",
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
    "proxy.conf",
    "service.yaml",
    "statefulset.yaml",
];

/// The templates of a run: the embedded ones, and the user's own over them.
#[derive(Debug, Clone, Default)]
pub struct TemplateSet(Arc<BTreeMap<String, String>>);

impl TemplateSet {
    /// A set in which the user's templates, by name without `.j2`, come first.
    pub fn with(own: BTreeMap<String, String>) -> Self {
        Self(Arc::new(own))
    }

    /// A template's text, as the environment is to compile it.
    pub(super) fn source(&self, name: &str, comments: bool) -> Option<String> {
        let text = self.text(name)?;
        Some(if comments {
            text.to_owned()
        } else {
            without_comments(text)
        })
    }

    /// A template's text, as its author wrote it.
    pub fn text(&self, name: &str) -> Option<&str> {
        let embedded = || {
            EMBEDDED
                .iter()
                .find(|(embedded, _)| *embedded == name)
                .map(|(_, text)| *text)
        };
        self.0.get(name).map(String::as_str).or_else(embedded)
    }

    /// Whether any of them is the user's: then what comes out is checked like any manifest.
    pub(super) fn is_users(&self) -> bool {
        !self.0.is_empty()
    }

    /// The user's templates that replace none: each adds a file to every app.
    pub(super) fn additional(&self) -> impl Iterator<Item = &str> {
        let embedded = |name: &str| EMBEDDED.iter().any(|(embedded, _)| *embedded == name);
        self.0
            .keys()
            .map(String::as_str)
            .filter(move |name| !embedded(name))
    }
}

/// Comments are lines of their own in a template, so they can be left out before it is compiled.
fn without_comments(text: &str) -> String {
    text.split_inclusive('\n')
        .filter(|line| !line.trim_start().starts_with("# "))
        .collect()
}
