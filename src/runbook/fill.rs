//! An app's names in the place of the tree's placeholders.

use std::collections::BTreeMap;

use super::Subject;
use crate::doctor::requests::quoted;
use crate::kube::tree::Question;
use crate::plan::Plan;
use crate::spec::{LabelKey, LabelValue};

/// What stands for a pod: the first that the Service selects.
const POD: &str = "\"$POD\"";

/// What stands for nginx's container: the first that has nginx in its name or its image.
const CONTAINER: &str = "\"$CONTAINER\"";

/// The names of an app.
pub(super) struct Names {
    words: Vec<(&'static str, String)>,
    scheme: &'static str,
    host: String,
    path: String,
    server_path: String,
    health_path: String,
    manifests: String,
    namespace: String,
    service: String,
    /// The pods behind the Service, and those of the server.
    pods: [String; 2],
}

impl Names {
    pub(super) fn of(subject: &Subject<'_>) -> Self {
        let plan = subject.plan;
        let names = &plan.names;
        let host = plan.hosts.first().map(ToString::to_string).unwrap_or_default();
        let path = plan.ingress.paths.iter().find(|path| path.session);
        let path = path.map_or("/socket.io/".to_owned(), |path| path.path.clone());
        let mapped = plan.nginx.as_ref().and_then(|nginx| nginx.session.upstream_path.as_ref());
        let health = plan.backends.first().map(|backend| backend.health.path.to_string());
        let server = plan.gateway.as_ref().map_or(&plan.service.selector, |gateway| &gateway.pods);
        let words = vec![
            ("HOST", host.clone()),
            ("NAMESPACE", plan.namespace.to_string()),
            ("INGRESS", names.ingress.clone()),
            ("SERVICE", names.service.clone()),
            ("BACKENDCONFIG", names.backend_config.clone()),
            ("BACKEND", "\"$BACKEND\"".to_owned()),
            ("POD", POD.to_owned()),
            ("CONTAINER", CONTAINER.to_owned()),
            ("SERVERPORT", subject.port.to_string()),
            ("TARGETPORT", plan.service.target_port.to_string()),
            ("PATH", super::named(subject)),
            ("SOCKETPATH", path.trim_matches('/').to_owned()),
        ];
        Self {
            words,
            scheme: if has_tls(plan) { "https" } else { "http" },
            host,
            server_path: mapped.map_or_else(|| path.clone(), ToString::to_string),
            path,
            health_path: health.unwrap_or_else(|| "/".to_owned()),
            manifests: quoted(&subject.manifests),
            namespace: plan.namespace.to_string(),
            service: names.service.clone(),
            pods: [labels(&plan.service.selector), labels(server)],
        }
    }

    /// The URL of the host.
    pub(super) fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.host)
    }

    /// The Socket.IO path.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// A text with the names in it.
    pub(super) fn fill(&self, text: &str) -> String {
        self.filled(text, &self.path)
    }

    fn filled(&self, text: &str, path: &str) -> String {
        let text = text
            .replace("https://HOST", &self.url())
            .replace("/SOCKETPATH/", path)
            .replace("/HEALTHPATH", &self.health_path)
            .replace("sioway lint PATH", &format!("sioway lint {}", self.manifests));
        self.replaced(&text)
    }

    /// Replaces whole words in capitals.
    fn replaced(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find(|one: char| one.is_ascii_alphanumeric() || one == '_') {
            let (before, tail) = rest.split_at(start);
            let end = tail.find(|one: char| !(one.is_ascii_alphanumeric() || one == '_'));
            let (word, after) = tail.split_at(end.unwrap_or(tail.len()));
            let known = self.words.iter().find(|(name, _)| *name == word);
            // A variable of the shell keeps its name.
            let is_variable = before.ends_with('$');
            out.push_str(before);
            out.push_str(known.filter(|_| !is_variable).map_or(word, |(_, value)| value));
            rest = after;
        }
        out + rest
    }
}

/// The commands of a question, with what finds a pod or a backend service before them.
pub(super) fn with_pod(question: &Question, names: &Names) -> String {
    let server = question.id == "server-alone";
    let path = if server { &names.server_path } else { &names.path };
    let filled = names.filled(question.command, path);
    if filled.contains("\"$BACKEND\"") {
        return each_backend(&filled, names);
    }
    let mut lines = Vec::new();
    if filled.contains(POD) {
        let [behind_service, of_server] = &names.pods;
        let pods = if server { of_server } else { behind_service };
        lines.push(format!(
            "POD=$(kubectl -n {} get pods -l {} -o jsonpath='{{.items[0].metadata.name}}')",
            names.namespace,
            quoted(pods)
        ));
    }
    if filled.contains(CONTAINER) {
        lines.push(format!(
            "CONTAINER=$(kubectl -n {} get pod {POD} \\\n  \
             -o jsonpath='{{range .spec.containers[*]}}{{.name}}{{\" \"}}{{.image}}{{\"\\n\"}}{{end}}' |\n  \
             awk '/nginx/ {{ print $1; exit }}')",
            names.namespace
        ));
    }
    lines.push(filled);
    lines.join("\n")
}

/// A command for each backend service of the Service, global or of a region.
fn each_backend(command: &str, names: &Names) -> String {
    let command = command.replace("--global", "\"$PLACE\"");
    format!(
        "gcloud compute backend-services list --format=json | jq -r '.[]\n  \
         | select(.description // \"\" | contains(\"\\\"{}/{}\\\"\"))\n  \
         | .name + \" \" + (if .region then \"--region=\" + (.region | sub(\".*/\"; \"\")) else \"--global\" end)' |\n\
         while read -r BACKEND PLACE; do\n  {command}\ndone",
        names.namespace, names.service
    )
}

fn has_tls(plan: &Plan) -> bool {
    let ingress = &plan.ingress;
    plan.managed_certificate || ingress.pre_shared.is_some() || ingress.tls_secret.is_some()
}

/// Labels as kubectl selects by them.
fn labels(selector: &BTreeMap<LabelKey, LabelValue>) -> String {
    selector.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(",")
}
