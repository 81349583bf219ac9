//! What kubectl and gcloud are asked: reading only, and no Secrets.

use std::collections::BTreeSet;

use crate::kube::Object;
use crate::path::Model;

/// A kind of objects, and what kubectl calls it.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// As manifests say it.
    pub kind: &'static str,
    /// As kubectl is asked for it, with the group where others have the same name.
    pub resource: &'static str,
    /// Whether every cluster knows it; a kind of somebody's own has to be installed.
    pub built_in: bool,
    /// Whether it is asked for only where the files have one.
    pub if_given: bool,
}

const fn kind(kind: &'static str, resource: &'static str) -> Kind {
    Kind { kind, resource, built_in: true, if_given: false }
}

const fn installed(kind: &'static str, resource: &'static str) -> Kind {
    Kind { kind, resource, built_in: false, if_given: false }
}

const fn if_given(kind: &'static str, resource: &'static str) -> Kind {
    Kind { kind, resource, built_in: false, if_given: true }
}

impl Kind {
    /// Whether an object is of this kind: others have kinds of the same names, such as Knative and Istio.
    fn has(&self, object: &Object<'_>) -> bool {
        let group = self.resource.split_once('.').map_or("", |(_, group)| group);
        let older = object.group == "extensions" && group == "networking.k8s.io";
        self.kind == object.kind && (group == object.group || older)
    }
}

/// The kinds that are asked for. ConfigMaps are asked for by their names alone: others may hold what is nobody's
/// business.
pub const KINDS: &[Kind] = &[
    kind("Service", "services"),
    kind("EndpointSlice", "endpointslices.discovery.k8s.io"),
    kind("Ingress", "ingresses.networking.k8s.io"),
    installed("BackendConfig", "backendconfigs.cloud.google.com"),
    installed("FrontendConfig", "frontendconfigs.networking.gke.io"),
    installed("ManagedCertificate", "managedcertificates.networking.gke.io"),
    kind("Deployment", "deployments.apps"),
    kind("StatefulSet", "statefulsets.apps"),
    kind("HorizontalPodAutoscaler", "horizontalpodautoscalers.autoscaling"),
    kind("PodDisruptionBudget", "poddisruptionbudgets.policy"),
    kind("Event", "events"),
    if_given("Gateway", "gateways.gateway.networking.k8s.io"),
    if_given("HTTPRoute", "httproutes.gateway.networking.k8s.io"),
    if_given("GCPBackendPolicy", "gcpbackendpolicies.networking.gke.io"),
    if_given("HealthCheckPolicy", "healthcheckpolicies.networking.gke.io"),
    kind(CONFIG_MAP, "configmaps"),
];

/// The kind of which only some are asked for.
pub const CONFIG_MAP: &str = "ConfigMap";

/// Which cluster and which project, as the user says it.
#[derive(Debug, Clone, Default)]
pub struct Whom {
    /// A context of the kubeconfig.
    pub context: Option<String>,
    /// The namespace of objects that name none.
    pub namespace: Option<String>,
    /// A project of Google Cloud.
    pub project: Option<String>,
}

/// A program and its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// `kubectl`, `gcloud` or `git`.
    pub program: &'static str,
    /// Its arguments.
    pub arguments: Vec<String>,
}

impl Request {
    /// As it is typed into a shell.
    pub fn line(&self) -> String {
        let words = self.arguments.iter().map(|word| quoted(word));
        std::iter::once(self.program.to_owned()).chain(words).collect::<Vec<_>>().join(" ")
    }
}

/// A word as a shell takes it for one.
pub fn quoted(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:=,@+".contains(&byte);
    if !word.is_empty() && word.bytes().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// What belongs to files: in which namespaces their objects are, and the names of their ConfigMaps there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// The namespace; `None` for the one that the context has.
    pub namespace: Option<String>,
    /// The ConfigMaps.
    pub config_maps: Vec<String>,
    /// The kinds of [`Kind::if_given`] that are.
    pub given: Vec<&'static str>,
}

impl Scope {
    /// Whether it is asked for objects of a kind.
    pub fn asks_for(&self, kind: &Kind) -> bool {
        !kind.if_given || self.given.contains(&kind.kind)
    }
}

/// Whether something can have this name (kubernetes/kubernetes:staging/src/k8s.io/apimachinery/pkg/util/validation,
/// `IsDNS1123Subdomain`). Names of Google Cloud are of
/// this kind, too. There is nothing of any other, and kubectl or gcloud may take it for an option.
pub fn is_name(text: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_part = |part: &str| {
        let ends = [part.bytes().next(), part.bytes().last()];
        ends.into_iter().all(|end| end.is_some_and(word))
            && part.bytes().all(|byte| word(byte) || byte == b'-')
    };
    text.len() <= 253 && text.split('.').all(is_part)
}

/// The namespaces of files, each with its ConfigMaps.
pub fn scopes(files: &Model<'_>, whom: &Whom) -> Vec<Scope> {
    let can_be = |one: &&Object<'_>| is_asked_for(one) && one.namespace.is_none_or(is_name);
    let objects = || files.set.objects.iter().filter(can_be);
    let namespace = |own: Option<&str>| own.map(str::to_owned).or_else(|| whom.namespace.clone());
    let namespaces: BTreeSet<Option<String>> =
        objects().map(|one| namespace(one.namespace)).collect();
    let maps = |wanted: &Option<String>| {
        let own = objects().filter(|one| {
            one.kind == CONFIG_MAP && is_name(one.name) && namespace(one.namespace) == *wanted
        });
        let names: BTreeSet<&str> = own.map(|one| one.name).collect();
        names.into_iter().map(str::to_owned).collect()
    };
    let given = |wanted: &Option<String>| {
        let own = |kind: &&Kind| {
            let mut own = objects().filter(|one| namespace(one.namespace) == *wanted);
            kind.if_given && own.any(|one| kind.has(one))
        };
        KINDS.iter().filter(own).map(|one| one.kind).collect()
    };
    let scope =
        |one: Option<String>| Scope { config_maps: maps(&one), given: given(&one), namespace: one };
    if namespaces.is_empty() {
        vec![scope(whom.namespace.clone())]
    } else {
        namespaces.into_iter().map(scope).collect()
    }
}

/// Whether a cluster is asked for objects like this one.
pub fn is_asked_for(object: &Object<'_>) -> bool {
    KINDS.iter().any(|one| one.has(object))
}

/// What kubectl is asked of a namespace, but for the resources that the cluster does not have.
pub fn of_cluster(scope: &Scope, whom: &Whom, without: &BTreeSet<String>) -> Vec<Request> {
    let wanted: Vec<&str> =
        listed(scope).map(|one| one.resource).filter(|one| !without.contains(*one)).collect();
    let list = kubectl(scope, whom, &["get", &wanted.join(",")]);
    std::iter::once(list).chain(of_config_maps(scope, whom)).collect()
}

/// The same for a shell, which cannot try again: kubectl prints nothing at all where the cluster does not have one of
/// the resources of a request, so each that has to be installed is asked for by itself.
pub fn of_any_cluster(scope: &Scope, whom: &Whom) -> Vec<Request> {
    let (everywhere, installed): (Vec<&Kind>, Vec<&Kind>) =
        listed(scope).partition(|one| one.built_in);
    let everywhere: Vec<&str> = everywhere.into_iter().map(|one| one.resource).collect();
    let lists = std::iter::once(everywhere.join(","))
        .chain(installed.into_iter().map(|one| one.resource.to_owned()));
    let lists = lists.map(|wanted| kubectl(scope, whom, &["get", &wanted]));
    lists.chain(of_config_maps(scope, whom)).collect()
}

/// The kinds that are asked for all objects of.
fn listed(scope: &Scope) -> impl Iterator<Item = &'static Kind> {
    KINDS.iter().filter(|one| one.kind != CONFIG_MAP && scope.asks_for(one))
}

fn of_config_maps(scope: &Scope, whom: &Whom) -> Option<Request> {
    let names = scope.config_maps.iter().map(String::as_str);
    let words: Vec<&str> = ["get", "configmaps"].into_iter().chain(names).collect();
    (words.len() > 2).then(|| kubectl(scope, whom, &words))
}

fn kubectl(scope: &Scope, whom: &Whom, words: &[&str]) -> Request {
    let context = whom.context.iter().flat_map(|one| ["--context".to_owned(), one.clone()]);
    let namespace = scope.namespace.iter().flat_map(|one| ["--namespace".to_owned(), one.clone()]);
    let words = words.iter().map(|one| (*one).to_owned());
    let ending = ["--ignore-not-found", "--output", "json"].map(str::to_owned);
    let arguments = context.chain(namespace).chain(words).chain(ending).collect();
    Request { program: "kubectl", arguments }
}

/// What gcloud is asked.
pub fn of_cloud(whom: &Whom) -> Vec<Request> {
    ["backend-services", "health-checks", "url-maps", "network-endpoint-groups"]
        .map(|what| gcloud(whom, &["compute", what, "list"]))
        .to_vec()
}

/// What gcloud is asked about the health of a backend service; without a region it is global.
pub fn of_health(whom: &Whom, name: &str, region: Option<&str>) -> Request {
    let place = region.map_or("--global".to_owned(), |region| format!("--region={region}"));
    gcloud(whom, &["compute", "backend-services", "get-health", name, &place])
}

fn gcloud(whom: &Whom, words: &[&str]) -> Request {
    let words = words.iter().map(|one| (*one).to_owned());
    let project = whom.project.iter().map(|one| format!("--project={one}"));
    let arguments = words.chain(project).chain(["--format=json".to_owned()]).collect();
    Request { program: "gcloud", arguments }
}

/// The lines that save what was asked into a file.
pub fn saving(requests: &[Request], file: &str) -> Vec<String> {
    let line = |(at, request): (usize, &Request)| {
        let sign = if at == 0 { ">" } else { ">>" };
        format!("{} {sign} {file}", request.line())
    };
    requests.iter().enumerate().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asks_for_no_secrets_and_writes_nothing() {
        let scope = Scope {
            namespace: Some("shop".into()),
            config_maps: vec!["nginx".into()],
            given: vec!["HTTPRoute"],
        };
        let whom = Whom { project: Some("p".into()), ..Whom::default() };
        let mut all = of_cluster(&scope, &whom, &BTreeSet::new());
        all.extend(of_any_cluster(&scope, &whom));
        all.extend(of_cloud(&whom));
        all.push(of_health(&whom, "b", Some("europe-west1")));
        for request in all {
            let line = request.line();
            assert!(!line.contains("secret"), "{line}");
            let verbs = ["get", "list", "get-health"];
            assert!(request.arguments.iter().any(|word| verbs.contains(&&**word)), "{line}");
        }
    }

    #[test]
    fn names_are_those_that_kubernetes_takes() {
        assert!(["a", "0", "a-b.c", "kube-root-ca.crt"].iter().all(|name| is_name(name)));
        let others =
            ["", "-a", "a-", "a..b", "--server=http://x", "A", "a b", "a/b", "é", "a\u{1b}"];
        for name in others.into_iter().chain([&*"a".repeat(254)]) {
            assert!(!is_name(name), "{name:?}");
        }
    }

    #[test]
    fn lines_can_be_pasted() {
        let request = Request {
            program: "kubectl",
            arguments: vec!["get".into(), "a b".into(), "it's".into()],
        };
        assert_eq!(
            saving(&[request.clone(), request], "c.json"),
            [r"kubectl get 'a b' 'it'\''s' > c.json", r"kubectl get 'a b' 'it'\''s' >> c.json"]
        );
    }
}
