//! Fields that Kubernetes takes one of alone: who sets one of them takes the others out.
//!
//! Left beside each other they make an object that the API server refuses
//! (<https://kubernetes.io/docs/reference/kubernetes-api/>, and `validation.go` in
//! `kubernetes/kubernetes:pkg/apis/{core,apps,networking,policy}/validation`).

use serde_json::Value as Json;

use super::lists;
use crate::manifest::{Node, Path, Step, find};

/// A field that may stand beside others, unless one of them has a certain value.
#[derive(Debug, Clone, Copy)]
struct Member {
    key: &'static str,
    /// The values with which it shuts the others out; any, where there are none.
    values: &'static [&'static str],
}

/// Where one member shuts out the others.
#[derive(Debug)]
struct Group {
    /// The kinds; all, where there are none.
    kinds: &'static [&'static str],
    /// The last keys on the way to the map, items of lists left out; the whole way, where it begins at `spec`.
    at: &'static str,
    /// What shuts out.
    of: &'static [Member],
    /// What is shut out, below the map; the other members, where there is nothing.
    out: &'static [Member],
    /// Why: lower case, no full stop.
    why: &'static str,
}

const fn any(key: &'static str) -> Member {
    Member { key, values: &[] }
}

const fn only(key: &'static str, values: &'static [&'static str]) -> Member {
    Member { key, values }
}

const fn one(at: &'static str, of: &'static [Member], why: &'static str) -> Group {
    Group { kinds: &[], at, of, out: &[], why }
}

const HANDLERS: &[Member] = &[any("exec"), any("grpc"), any("httpGet"), any("tcpSocket")];
const HOOKS: &[Member] = &[any("exec"), any("httpGet"), any("sleep"), any("tcpSocket")];
const BACKENDS: &[Member] = &[any("resource"), any("service")];
const PORTS: &[Member] = &[any("name"), any("number")];
const PATHS: &[Member] = &[any("replaceFullPath"), any("replacePrefixMatch")];
const PROFILES: &[Member] = &[only("type", &["RuntimeDefault", "Unconfined"])];

/// What answers speaks plain HTTP, in the pod.
const ELSEWHERE: &[Member] = &[any("host"), only("scheme", &["HTTPS"])];
const ASKED_ELSEWHERE: &str = "the probe is for what answers in the pod by plain HTTP: with this it fails there, or asks somebody else";

const ONE_HANDLER: &str = "a probe has one handler: the API server refuses a second one";
const ONE_HOOK: &str = "a hook has one handler: the API server refuses a second one";
const ONE_BACKEND: &str = "a backend is a Service or a resource: the API server refuses both";
const ONE_PORT: &str = "a port is named or numbered: the API server refuses both";
const ONE_PATH: &str = "a path is replaced as a whole or in part: the API server refuses both";

const OF_OTHER_TYPES: &[Member] = &[
    any("allocateLoadBalancerNodePorts"),
    any("externalTrafficPolicy"),
    any("healthCheckNodePort"),
    any("loadBalancerClass"),
    any("loadBalancerSourceRanges"),
    any("ports.nodePort"),
];
const OF_OTHER_TYPES_WHY: &str =
    "for the types `NodePort` and `LoadBalancer`: the API server refuses it with `ClusterIP`";

const GROUPS: &[Group] = &[
    one("backend", BACKENDS, ONE_BACKEND),
    one("defaultBackend", BACKENDS, ONE_BACKEND),
    one("service.port", PORTS, ONE_PORT),
    one(
        "env",
        &[any("value"), any("valueFrom")],
        "a variable has a value or a source: the API server refuses both",
    ),
    one(
        "env.valueFrom",
        &[
            any("configMapKeyRef"),
            any("fieldRef"),
            any("fileKeyRef"),
            any("resourceFieldRef"),
            any("secretKeyRef"),
        ],
        "a variable has one source: the API server refuses a second one",
    ),
    one("readinessProbe", HANDLERS, ONE_HANDLER),
    one("livenessProbe", HANDLERS, ONE_HANDLER),
    one("startupProbe", HANDLERS, ONE_HANDLER),
    Group { out: ELSEWHERE, ..one("readinessProbe.httpGet", &[any("port")], ASKED_ELSEWHERE) },
    Group { out: ELSEWHERE, ..one("livenessProbe.httpGet", &[any("port")], ASKED_ELSEWHERE) },
    Group { out: ELSEWHERE, ..one("startupProbe.httpGet", &[any("port")], ASKED_ELSEWHERE) },
    one("lifecycle.preStop", HOOKS, ONE_HOOK),
    one("lifecycle.postStart", HOOKS, ONE_HOOK),
    one("urlRewrite.path", PATHS, ONE_PATH),
    one("requestRedirect.path", PATHS, ONE_PATH),
    one(
        "volumes",
        &[
            any("awsElasticBlockStore"),
            any("azureDisk"),
            any("azureFile"),
            any("cephfs"),
            any("cinder"),
            any("configMap"),
            any("csi"),
            any("downwardAPI"),
            any("emptyDir"),
            any("ephemeral"),
            any("fc"),
            any("flexVolume"),
            any("flocker"),
            any("gcePersistentDisk"),
            any("gitRepo"),
            any("glusterfs"),
            any("hostPath"),
            any("image"),
            any("iscsi"),
            any("nfs"),
            any("persistentVolumeClaim"),
            any("photonPersistentDisk"),
            any("portworxVolume"),
            any("projected"),
            any("quobyte"),
            any("rbd"),
            any("scaleIO"),
            any("secret"),
            any("storageos"),
            any("vsphereVolume"),
        ],
        "a volume has one source: the API server refuses a second one",
    ),
    Group {
        out: &[any("localhostProfile")],
        ..one(
            "seccompProfile",
            PROFILES,
            "only the type `Localhost` has a profile of its own: the API server refuses it with others",
        )
    },
    one(
        "containers.securityContext",
        &[only("allowPrivilegeEscalation", &["false"]), only("privileged", &["true"])],
        "who is privileged may gain privileges: the API server refuses both",
    ),
    one(
        "securityContext",
        &[only("runAsNonRoot", &["true"]), only("runAsUser", &["0"])],
        "0 is root: no container starts that must not run as root",
    ),
    Group {
        out: &[only("capabilities.add", &["CAP_SYS_ADMIN"])],
        ..one(
            "containers.securityContext",
            &[only("allowPrivilegeEscalation", &["false"])],
            "who is `CAP_SYS_ADMIN` may gain privileges: the API server refuses both",
        )
    },
    Group {
        kinds: &["Service"],
        ..one(
            "spec",
            &[
                only("clusterIP", &["None"]),
                only("type", &["ExternalName", "LoadBalancer", "NodePort"]),
            ],
            "without an address of its own it is a `ClusterIP`: the API server refuses other types",
        )
    },
    Group {
        kinds: &["Service"],
        out: OF_OTHER_TYPES,
        ..one("spec", &[only("clusterIP", &["None"])], OF_OTHER_TYPES_WHY)
    },
    Group {
        kinds: &["PodDisruptionBudget"],
        ..one(
            "spec",
            &[any("maxUnavailable"), any("minAvailable")],
            "a budget counts those that are there or those that are not: the API server refuses both",
        )
    },
    Group {
        kinds: &["Deployment"],
        ..one(
            "spec.strategy",
            &[only("type", &["Recreate"]), any("rollingUpdate")],
            "who replaces all pods at once has no rolling update: the API server refuses both",
        )
    },
    Group {
        kinds: &["StatefulSet"],
        ..one(
            "spec.updateStrategy",
            &[only("type", &["OnDelete"]), any("rollingUpdate")],
            "who waits until pods are deleted has no rolling update: the API server refuses both",
        )
    },
    Group {
        kinds: &["Service"],
        out: OF_OTHER_TYPES,
        ..one("spec", &[only("type", &["ClusterIP"])], OF_OTHER_TYPES_WHY)
    },
];

/// A field that is there and cannot stay.
#[derive(Debug)]
pub(super) struct RuledOut<'s> {
    /// The field of ours that shuts it out, if it is one.
    pub(super) by: Option<&'static str>,
    /// Where it is, from the map on.
    pub(super) below: Path,
    /// What is there.
    pub(super) node: Node<'s>,
    /// Why it cannot stay: lower case, no full stop.
    pub(super) why: &'static str,
}

/// What of a map that is there cannot stay beside what is rendered in it.
pub(super) fn ruled_out<'s>(
    kind: &str,
    path: &Path,
    ours: Node<'_>,
    theirs: Node<'s>,
) -> Vec<RuledOut<'s>> {
    let keys = keys_of(path);
    let mut found = Vec::new();
    for group in GROUPS.iter().filter(|group| group.is_at(kind, &keys)) {
        for member in group.of.iter().filter(|member| member.is_in(ours)) {
            let rest: Vec<Member> = match group.out {
                [] => group.others(member, theirs),
                out => out.to_vec(),
            };
            for other in rest.into_iter().filter(|other| ours.get(other.key).is_none()) {
                let (by, why) = (Some(member.key), group.why);
                let below = descend(theirs, other.key).into_iter();
                let below = below.flat_map(|(path, node)| other.within(path, node));
                found.extend(below.map(|(below, node)| RuledOut { by, below, node, why }));
            }
        }
    }
    found
}

impl Group {
    fn is_at(&self, kind: &str, keys: &[&str]) -> bool {
        let wanted: Vec<&str> = self.at.split('.').collect();
        let whole = wanted[0] == "spec";
        (self.kinds.is_empty() || self.kinds.contains(&kind))
            && keys.ends_with(&wanted)
            && (!whole || keys.len() == wanted.len())
    }

    fn others(&self, member: &Member, theirs: Node<'_>) -> Vec<Member> {
        let others = self.of.iter().filter(|other| other.key != member.key);
        others.filter(|other| other.is_in(theirs)).copied().collect()
    }
}

impl Member {
    fn is_in(&self, map: Node<'_>) -> bool {
        map.get(self.key).is_some_and(|node| !node.is_null() && self.fits(node))
    }

    /// What there is of it: all, or the items of a list that have one of the values.
    fn within<'s>(&self, path: Path, node: Node<'s>) -> Vec<(Path, Node<'s>)> {
        if self.values.is_empty() {
            return vec![(path, node)];
        }
        let mut found = items(path, node);
        found.retain(|(_, node)| self.fits(*node));
        found
    }

    fn fits(&self, node: Node<'_>) -> bool {
        self.values.is_empty() || node.text().is_some_and(|text| self.values.contains(&text))
    }
}

/// The keys of a path, items of lists left out.
pub(super) fn keys_of(path: &Path) -> Vec<&str> {
    let keys = path.steps.iter().filter_map(|step| match step {
        Step::Key(key) => Some(key.as_str()),
        _ => None,
    });
    keys.collect()
}

/// What stands under some keys, in each item of the lists on the way.
fn descend<'s>(map: Node<'s>, keys: &str) -> Vec<(Path, Node<'s>)> {
    let mut found = vec![(Path::default(), map)];
    for key in keys.split('.') {
        let spread = found.into_iter().flat_map(|(path, node)| items(path, node));
        let below = spread.filter_map(|(path, node)| {
            let next = node.get(key).filter(|next| !next.is_null())?;
            Some((path.then(Step::Key(key.to_owned())), next))
        });
        found = below.collect();
    }
    found
}

/// The items of a list; what is none, as it is.
fn items(path: Path, node: Node<'_>) -> Vec<(Path, Node<'_>)> {
    if !node.is_list() {
        return vec![(path, node)];
    }
    let list = lists::name_of(&path);
    let step = |item| path.clone().then(lists::step_to(&list, node, item));
    node.items().map(|item| (step(item), item)).collect()
}

/// Takes away what a path leads to, in a value and in what it was made of.
pub(super) fn take_out(value: &mut Json, node: Node<'_>, steps: &[Step]) {
    let Some((first, rest)) = steps.split_first() else {
        return;
    };
    let one = Path::default().then(first.clone());
    let Some(below) = find(node, &one) else {
        return;
    };
    let inner = match first {
        Step::Key(key) if rest.is_empty() => {
            if let Some(map) = value.as_object_mut() {
                map.shift_remove(key);
            }
            None
        }
        Step::Key(key) => value.get_mut(key),
        _ => {
            let index = node.items().position(|item| item.span() == below.span());
            match (index, value.as_array_mut()) {
                (Some(index), Some(items)) if rest.is_empty() => {
                    items.remove(index);
                    None
                }
                (Some(index), Some(items)) => items.get_mut(index),
                _ => None,
            }
        }
    };
    if let Some(inner) = inner {
        take_out(inner, below, rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest;

    /// What of `theirs` cannot stay beside `ours`, and because of what.
    fn told(kind: &str, path: &str, ours: &str, theirs: &str) -> Vec<String> {
        let (ours, theirs) = (manifest::read(ours), manifest::read(theirs));
        let (ours, theirs) = (ours.document(0).unwrap(), theirs.document(0).unwrap());
        let path: Path = path.parse().unwrap();
        let found = ruled_out(kind, &path, ours.root().unwrap(), theirs.root().unwrap());
        found
            .iter()
            .map(|one| format!("{} out of {}", one.by.unwrap_or_default(), one.below))
            .collect()
    }

    #[test]
    fn of_fields_that_shut_each_other_out_only_ours_stays() {
        let budget = told("PodDisruptionBudget", "spec", "maxUnavailable: 1", "minAvailable: 50%");
        assert_eq!(budget, ["maxUnavailable out of minAvailable"]);
        let env = "spec.template.spec.containers[name=app].env[name=A]";
        let source = "valueFrom: {fieldRef: {fieldPath: metadata.name}}";
        assert_eq!(told("Deployment", env, "value: a", source), ["value out of valueFrom"]);
        let probe = "spec.template.spec.containers[name=app].readinessProbe";
        let ours = "{httpGet: {port: 80}, periodSeconds: 5}";
        let theirs = "{tcpSocket: {port: 80}, exec: {command: [a]}, failureThreshold: 3}";
        assert_eq!(
            told("StatefulSet", probe, ours, theirs),
            ["httpGet out of exec", "httpGet out of tcpSocket"]
        );
    }

    #[test]
    fn some_values_shut_out_what_others_allow() {
        let strategy = |theirs| told("Deployment", "spec.strategy", "rollingUpdate: {}", theirs);
        assert_eq!(strategy("type: Recreate"), ["rollingUpdate out of type"]);
        assert!(strategy("type: RollingUpdate").is_empty());
        let service = |kind| {
            let theirs = "{type: NodePort, externalTrafficPolicy: Local, ports: [{port: 80, nodePort: 30080}]}";
            told("Service", "spec", kind, theirs)
        };
        assert_eq!(
            service("type: ClusterIP"),
            ["type out of externalTrafficPolicy", "type out of ports[port=80].nodePort"]
        );
        assert!(service("type: NodePort").is_empty());
    }

    #[test]
    fn a_probe_asks_the_pod_by_plain_http() {
        let probe = "spec.template.spec.containers[name=app].readinessProbe.httpGet";
        let theirs = "{path: /, port: 80, scheme: HTTPS, host: other.example.com}";
        assert_eq!(
            told("Deployment", probe, "{path: /health, port: 80}", theirs),
            ["port out of host", "port out of scheme"]
        );
        assert!(told("Deployment", probe, "{port: 80}", "{port: 80, scheme: HTTP}").is_empty());
    }

    #[test]
    fn of_what_a_container_may_only_that_goes_which_is_refused() {
        let context = "spec.template.spec.containers[name=app].securityContext";
        let theirs = "{capabilities: {add: [NET_BIND_SERVICE, CAP_SYS_ADMIN]}}";
        assert_eq!(
            told("Deployment", context, "{allowPrivilegeEscalation: false}", theirs),
            ["allowPrivilegeEscalation out of capabilities.add[1]"]
        );
    }

    #[test]
    fn what_both_have_and_what_is_null_is_no_conflict() {
        let spec = |ours, theirs| told("PodDisruptionBudget", "spec", ours, theirs);
        assert!(spec("maxUnavailable: 1", "minAvailable: null").is_empty());
        assert!(spec("maxUnavailable: 1", "maxUnavailable: 2").is_empty());
        assert!(told("Service", "spec", "maxUnavailable: 1", "minAvailable: 1").is_empty());
    }
}
