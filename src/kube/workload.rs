//! What runs pods: a Deployment, a StatefulSet and the like.

use crate::manifest::Node;

use super::{Object, TargetPort, text_pairs};

/// The kinds that hold a pod template, and those that are pods.
const KINDS: [&str; 6] = ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Rollout", "Pod"];

/// What runs pods.
#[derive(Debug, Clone, Copy)]
pub struct Workload<'s>(pub Object<'s>);

/// A container of a pod.
#[derive(Debug, Clone, Copy)]
pub struct Container<'s>(pub Node<'s>);

/// An image of nginx's own makers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfficialNginx {
    /// `nginx`, which starts as root.
    Root,
    /// `nginxinc/nginx-unprivileged`, which starts as another user.
    Unprivileged,
}

/// A file or a directory that a container mounts from a ConfigMap.
#[derive(Debug, Clone, Copy)]
pub struct Mount<'s> {
    /// `mountPath`.
    pub path: &'s str,
    /// `subPath`: one key of the ConfigMap.
    pub sub_path: Option<&'s str>,
    /// The ConfigMap's name.
    pub config_map: &'s str,
    /// The `configMap` of the volume, with its `items`.
    pub volume: Node<'s>,
    /// The `volumeMount`.
    pub node: Node<'s>,
}

impl<'s> Workload<'s> {
    /// The workload that an object is, if it is one.
    pub fn of(object: &Object<'s>) -> Option<Self> {
        KINDS.contains(&object.kind).then_some(Self(*object))
    }

    /// The pod template, or the pod itself.
    pub fn template(&self) -> Option<Node<'s>> {
        if self.0.kind == "Pod" { Some(self.0.node) } else { self.0.in_spec(&["template"]) }
    }

    /// The spec of its pods.
    pub fn pod_spec(&self) -> Option<Node<'s>> {
        self.template()?.get("spec")
    }

    /// The labels of its pods.
    pub fn pod_labels(&self) -> Vec<(&'s str, &'s str)> {
        let labels = self.template().and_then(|it| it.at(&["metadata", "labels"]));
        labels.map(text_pairs).unwrap_or_default()
    }

    /// Whether a selector selects its pods.
    pub fn is_selected_by(&self, selector: &[(&str, &str)]) -> bool {
        let labels = self.pod_labels();
        selector.iter().all(|wanted| labels.contains(wanted))
    }

    /// Where `replicas` is written.
    pub fn replicas_node(&self) -> Option<Node<'s>> {
        self.0.in_spec(&["replicas"])
    }

    /// How many pods run, as far as the manifest says: one where a Deployment says nothing; `None` for a
    /// DaemonSet, which runs one on every node.
    pub fn replicas(&self) -> Option<i64> {
        match self.0.kind {
            "Pod" => Some(1),
            "DaemonSet" => None,
            _ => Some(self.replicas_node().and_then(Node::as_int).unwrap_or(1)),
        }
    }

    /// What makes a rollout end every pod before a new one is there, where there are several, and its path.
    pub fn ends_all_at_once(&self) -> Option<(Node<'s>, &'static str)> {
        let replicas = self.replicas().unwrap_or(i64::MAX);
        if self.0.kind != "Deployment" || replicas <= 1 {
            return None;
        }
        let kind = self.0.in_spec(&["strategy", "type"]);
        if let Some(node) = kind.filter(|node| node.as_str() == Some("Recreate")) {
            return Some((node, "spec.strategy.type"));
        }
        let missing = self.0.in_spec(&["strategy", "rollingUpdate", "maxUnavailable"])?;
        let all = missing.text() == Some("100%")
            || missing.as_int().is_some_and(|count| count >= replicas);
        all.then_some((missing, "spec.strategy.rollingUpdate.maxUnavailable"))
    }

    /// Its containers, without those that run before the others; sidecars among them count.
    pub fn containers(&self) -> Vec<Container<'s>> {
        let Some(pod) = self.pod_spec() else {
            return Vec::new();
        };
        let list = |key: &str| pod.get(key).into_iter().flat_map(Node::items);
        let sidecars = list("initContainers")
            .filter(|one| one.get("restartPolicy").and_then(Node::as_str) == Some("Always"));
        list("containers").chain(sidecars).map(Container).collect()
    }

    /// What a container mounts from ConfigMaps.
    pub fn mounts(&self, container: &Container<'s>) -> Vec<Mount<'s>> {
        let mounts = container.0.get("volumeMounts").into_iter().flat_map(Node::items);
        let mount = |mount: Node<'s>| {
            let name = mount.get("name")?.as_str()?;
            let volume = self.config_map_volume(name)?;
            Some(Mount {
                path: mount.get("mountPath")?.as_str()?,
                sub_path: mount.get("subPath").and_then(Node::as_str),
                config_map: volume.get("name")?.as_str()?,
                volume,
                node: mount,
            })
        };
        mounts.filter_map(mount).collect()
    }

    /// The ConfigMaps that its volumes hold, each once.
    pub fn config_maps(&self) -> Vec<&'s str> {
        let volumes = self.pod_spec().and_then(|pod| pod.get("volumes"));
        let mut names = Vec::new();
        for volume in volumes.into_iter().flat_map(Node::items) {
            let projected = volume.at(&["projected", "sources"]);
            let projected = projected.into_iter().flat_map(Node::items);
            let maps = std::iter::once(volume).chain(projected);
            let maps = maps.filter_map(|source| source.get("configMap")?.get("name")?.as_str());
            for name in maps {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        names
    }

    /// How many volumes of any kind are mounted at a path, below it or above.
    pub fn mounts_below(&self, container: &Container<'s>, path: &str) -> usize {
        self.mounts_for(container, path).count()
    }

    /// Whether a volume of any kind is mounted at a path, below it or above.
    pub fn has_mount_for(&self, container: &Container<'s>, path: &str) -> bool {
        self.mounts_for(container, path).next().is_some()
    }

    /// Where volumes of any kind are mounted at a path, below it or above.
    pub fn mounts_for(
        &self,
        container: &Container<'s>,
        path: &str,
    ) -> impl Iterator<Item = &'s str> {
        let mounts = container.0.get("volumeMounts").into_iter().flat_map(Node::items);
        let paths = mounts.filter_map(|mount| mount.get("mountPath")?.as_str());
        paths.filter(move |at| is_below(path, at) || is_below(at, path))
    }

    /// Whether a container can write to a path because a volume is mounted there, or somewhere above.
    pub fn has_volume_for(&self, container: &Container<'s>, path: &str) -> bool {
        let mounts = container.0.get("volumeMounts");
        let mounts = mounts.into_iter().flat_map(Node::items);
        let mut above = mounts.filter(|mount| {
            let at = mount.get("mountPath").and_then(Node::as_str);
            at.is_some_and(|at| is_below(path, at))
                && mount.get("readOnly").and_then(Node::as_bool) != Some(true)
        });
        above.any(|mount| {
            let name = mount.get("name").and_then(Node::as_str);
            name.is_some_and(|name| self.is_writable_volume(name))
        })
    }

    fn is_writable_volume(&self, name: &str) -> bool {
        const READ_ONLY: [&str; 4] = ["configMap", "secret", "projected", "downwardAPI"];
        let volumes = self.pod_spec().and_then(|pod| pod.get("volumes"));
        let mut volumes = volumes.into_iter().flat_map(Node::items);
        let volume = volumes.find(|volume| volume.get("name").and_then(Node::as_str) == Some(name));
        // What is not given, such as the claims of a StatefulSet, may be anything.
        volume.is_none_or(|volume| READ_ONLY.iter().all(|kind| volume.get(kind).is_none()))
    }

    /// The `configMap` of a volume, also within a projected one.
    fn config_map_volume(&self, name: &str) -> Option<Node<'s>> {
        let volumes = self.pod_spec()?.get("volumes")?;
        let named = |one: &Node<'s>| one.get("name").and_then(Node::as_str) == Some(name);
        let volume = volumes.items().find(named)?;
        let projected = volume.at(&["projected", "sources"]);
        let projected = projected.into_iter().flat_map(Node::items);
        let projected = projected.filter_map(|source| source.get("configMap"));
        volume.get("configMap").into_iter().chain(projected).next()
    }

    /// The number of the container port that a Service port leads to; `None` where a name is nowhere.
    pub fn port_number(&self, target: TargetPort<'_>) -> Option<i64> {
        let name = match target {
            TargetPort::Number(number) => return Some(number),
            TargetPort::Name(name) => name,
        };
        let ports = self.containers().into_iter().flat_map(|one| one.ports());
        ports
            .filter(|port| port.get("name").and_then(Node::as_str) == Some(name))
            .find_map(|port| port.get("containerPort")?.as_int())
    }

    /// The numbers of all container ports.
    pub fn container_ports(&self) -> Vec<i64> {
        let ports = self.containers().into_iter().flat_map(|one| one.ports());
        ports.filter_map(|port| port.get("containerPort")?.as_int()).collect()
    }

    /// `terminationGracePeriodSeconds`, where it is written.
    pub fn grace_period(&self) -> Option<Node<'s>> {
        self.pod_spec()?.get("terminationGracePeriodSeconds")
    }
}

impl<'s> Container<'s> {
    /// Its name.
    pub fn name(&self) -> &'s str {
        self.0.get("name").and_then(Node::as_str).unwrap_or_default()
    }

    /// Its image.
    pub fn image(&self) -> &'s str {
        self.0.get("image").and_then(Node::as_str).unwrap_or_default()
    }

    /// Its ports.
    pub fn ports(&self) -> Vec<Node<'s>> {
        self.0.get("ports").into_iter().flat_map(Node::items).collect()
    }

    /// Whether a port that it declares is both the target of a Service's port and the one that a probe asks.
    pub fn serves(&self, target: TargetPort<'_>, probe: Node<'_>) -> bool {
        let asked = probe.get("port");
        self.ports().iter().any(|port| {
            let number = port.get("containerPort").and_then(Node::as_int);
            let name = port.get("name").and_then(Node::as_str);
            let is_target = match target {
                TargetPort::Number(wanted) => number == Some(wanted),
                TargetPort::Name(wanted) => name == Some(wanted),
            };
            let is_asked = asked.is_some_and(|asked| match asked.as_int() {
                Some(wanted) => number == Some(wanted),
                None => asked.as_str().is_some() && asked.as_str() == name,
            });
            is_target && is_asked
        })
    }

    /// Whether it runs nginx, by the name of its image.
    pub fn runs_nginx(&self) -> bool {
        let image = self.image();
        let name = image.rsplit('/').next().unwrap_or(image);
        let name = name.split(['@', ':']).next().unwrap_or(name);
        name.contains("nginx") || name.contains("openresty")
    }

    /// Whether it starts with a configuration, or by a shell, of its own: an argument says `-c`.
    pub fn runs_a_command(&self) -> bool {
        let lists = ["command", "args"].into_iter().filter_map(|key| self.0.get(key));
        let mut words = lists.flat_map(Node::items).filter_map(Node::as_str);
        words.any(|word| word == "-c" || word.ends_with("sh"))
    }

    /// Whether its image is nginx's own, or its own for users other than root: what is in those is known.
    pub fn official_nginx(&self) -> Option<OfficialNginx> {
        let image = self.image().split('@').next().unwrap_or_default();
        let name = match image.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => name,
            _ => image,
        };
        let name = name.strip_prefix("docker.io/").unwrap_or(name);
        match name.strip_prefix("library/").unwrap_or(name) {
            "nginx" => Some(OfficialNginx::Root),
            "nginxinc/nginx-unprivileged" => Some(OfficialNginx::Unprivileged),
            _ => None,
        }
    }

    /// Whether its root file system is read-only.
    pub fn has_read_only_root(&self) -> Option<Node<'s>> {
        let node = self.0.at(&["securityContext", "readOnlyRootFilesystem"])?;
        (node.as_bool() == Some(true)).then_some(node)
    }
}

/// Whether a path is a directory, or in it. `/var/run` is `/run` in every image.
fn is_below(path: &str, directory: &str) -> bool {
    let path = path.strip_prefix("/var").filter(|rest| rest.starts_with("/run")).unwrap_or(path);
    let directory = directory.trim_end_matches('/');
    let directory =
        directory.strip_prefix("/var").filter(|rest| rest.starts_with("/run")).unwrap_or(directory);
    let rest = path.strip_prefix(directory);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
