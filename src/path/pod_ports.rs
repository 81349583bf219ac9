//! The ports of its own pod that nginx sends to.

use super::servers::Server;
use super::{Model, Site};
use crate::kube::{Container, Workload};
use crate::manifest::Node;
use crate::nginx::{NodeId, ProxyPass};

/// A port of its own pod that nginx sends to, and that no container there says it listens on.
#[derive(Debug, Clone)]
pub struct Undeclared<'s> {
    /// The port.
    pub port: u16,
    /// The line that names it.
    pub node: NodeId,
    /// What runs the pod.
    pub workload: Workload<'s>,
    /// The ports that the other containers say they listen on.
    pub declared: Vec<i64>,
}

impl<'s> Model<'s> {
    /// The first port behind a `proxy_pass` that is one of its own pod, and that no container there names, where each
    /// of the others names some. A declaration binds a container to nothing, so that this is a suspicion
    /// (<https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#ports>).
    pub fn undeclared_port(&self, site: &Site<'s>, pass: &ProxyPass) -> Option<Undeclared<'s>> {
        let local =
            site.lines_of(pass)?.into_iter().filter(|((address, _), _)| address.is_loopback());
        local.into_iter().find_map(|((_, port), node)| {
            let mut pods = site.containers.iter().map(|(pod, own)| self.declared(pod, own, port));
            let declared = pods.next()??;
            // Of several environments each must lack it.
            pods.all(|other| other.is_some()).then(|| Undeclared {
                port,
                node,
                workload: site.containers[0].0,
                declared,
            })
        })
    }

    /// What the containers beside nginx say they listen on, if that tells that none listens on a port.
    fn declared(&self, pod: &Workload<'s>, nginx: &Container<'s>, port: u16) -> Option<Vec<i64>> {
        let on_node = pod.pod_spec()?.get("hostNetwork").and_then(Node::as_bool);
        // An image of one's own may run the server beside nginx, in one container.
        let is_known = nginx.official_nginx().is_some() && on_node != Some(true);
        let (mut others, mut declared) = (0, pod.container_ports());
        for container in pod.containers().iter().filter(|one| one.name() != nginx.name()) {
            others += 1;
            if container.ports().is_empty() {
                return None;
            }
        }
        let is_told = is_known && others > 0 && !declared.contains(&i64::from(port));
        declared.retain(|own| !nginx_ports(nginx).contains(own));
        (is_told && !self.listens_in(pod, port)).then_some(declared)
    }

    /// Whether an nginx in a pod listens on a port, or may.
    fn listens_in(&self, pod: &Workload<'s>, port: u16) -> bool {
        let is_there =
            |site: &&Site<'s>| site.containers.iter().any(|(other, _)| other.0.is(&pod.0));
        let mut sites = self.sites.iter().filter(is_there);
        sites.any(|site| !site.config.on_port(port).is_empty() || !site.config.unread().is_empty())
    }
}

fn nginx_ports(nginx: &Container<'_>) -> Vec<i64> {
    nginx.ports().iter().filter_map(|port| port.get("containerPort")?.as_int()).collect()
}

impl Site<'_> {
    /// The servers behind a `proxy_pass`, with the lines that name them. `None` unless all are written as addresses.
    fn lines_of(&self, pass: &ProxyPass) -> Option<Vec<(Server, NodeId)>> {
        let servers = self.servers_of(pass)?;
        let Some(upstream) = pass.upstream else {
            return Some(servers.into_iter().map(|server| (server, pass.node)).collect());
        };
        let upstream = self.config.upstream(upstream);
        Some(servers.into_iter().zip(upstream.peers.iter().map(|peer| peer.node)).collect())
    }
}
