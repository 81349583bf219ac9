//! A Service.

use crate::manifest::{Entry, Node};

use super::Object;
use super::annotations::{Verdict, lookup};

/// A Service.
#[derive(Debug, Clone, Copy)]
pub struct Service<'s>(pub Object<'s>);

/// One port of a Service.
#[derive(Debug, Clone, Copy)]
pub struct ServicePort<'s> {
    /// The whole entry.
    pub node: Node<'s>,
    /// `name`; a Service with one port may leave it out.
    pub name: Option<&'s str>,
    /// `port`.
    pub number: Option<i64>,
    /// `targetPort`, where it is given.
    pub target: Option<Node<'s>>,
}

/// The port of a container that a Service port leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetPort<'s> {
    /// By its number.
    Number(i64),
    /// By its name.
    Name(&'s str),
}

/// How an Ingress names the port of a Service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PortReference<'s> {
    /// By its number.
    Number(i64),
    /// By its name.
    Name(&'s str),
}

impl<'s> Service<'s> {
    /// Its ports.
    pub fn ports(&self) -> Vec<ServicePort<'s>> {
        let ports = self.0.in_spec(&["ports"]);
        ports.into_iter().flat_map(Node::items).map(ServicePort::of).collect()
    }

    /// The port that a reference means.
    pub fn port(&self, reference: PortReference<'_>) -> Option<ServicePort<'s>> {
        self.ports().into_iter().find(|port| match reference {
            PortReference::Number(number) => port.number == Some(number),
            PortReference::Name(name) => port.name == Some(name),
        })
    }

    /// Its `type`: `ClusterIP` where it has none.
    pub fn service_type(&self) -> &'s str {
        let given = self.0.in_spec(&["type"]).and_then(Node::as_str);
        given.unwrap_or("ClusterIP")
    }

    /// The labels that it selects pods by; `None` where it has none and somebody else writes its endpoints.
    pub fn selector(&self) -> Option<Vec<(&'s str, &'s str)>> {
        let selector = self.0.in_spec(&["selector"])?;
        let pairs: Vec<(&str, &str)> = super::text_pairs(selector);
        (!pairs.is_empty()).then_some(pairs)
    }

    /// Whether it has an annotation that only GKE's controller of Ingresses reads.
    pub fn is_for_google(&self) -> bool {
        let keys = [super::BACKEND_CONFIG_KEY, super::BETA_KEY, "cloud.google.com/neg"];
        keys.iter().any(|key| self.0.annotation(key).is_some())
    }

    /// An annotation that nothing reads, whose key was probably meant to be another one.
    pub fn misspelt(&self, key: &str) -> Option<Entry<'s>> {
        let means = |entry: &Entry<'s>| match lookup("Service", &entry.key()) {
            Verdict::Dead { nearest, .. } => nearest == Some(key),
            _ => false,
        };
        self.0.annotations().find(means)
    }

    /// Whether NEGs are asked for: `cloud.google.com/neg` with `"ingress": true`.
    ///
    /// What is no JSON is ignored by the controller (kubernetes/ingress-gce:pkg/controller/translator/translator.go).
    pub fn asks_for_neg(&self) -> bool {
        let text = self.0.annotation_text("cloud.google.com/neg");
        let json = text.and_then(|text| serde_json::from_str::<serde_json::Value>(text).ok());
        json.is_some_and(|json| json["ingress"] == true)
    }

    /// Whether nothing is said of NEGs, so that GKE may ask for them by itself, as it does for new Services of most
    /// clusters (<https://cloud.google.com/kubernetes-engine/docs/how-to/container-native-load-balancing>).
    pub fn may_get_neg(&self) -> bool {
        self.0.annotation("cloud.google.com/neg").is_none()
    }

    /// Whether kube-proxy keeps a client's address on one pod.
    pub fn client_ip_affinity(&self) -> Option<Node<'s>> {
        let affinity = self.0.in_spec(&["sessionAffinity"])?;
        (affinity.as_str() == Some("ClientIP")).then_some(affinity)
    }

    /// The same where it has an address of its own: to the name of one without, clients resolve the pods themselves.
    pub fn keeps_addresses(&self) -> Option<Node<'s>> {
        let headless = self.0.in_spec(&["clusterIP"]).and_then(Node::as_str) == Some("None");
        self.client_ip_affinity().filter(|_| !headless)
    }
}

impl<'s> ServicePort<'s> {
    fn of(node: Node<'s>) -> Self {
        Self {
            node,
            name: node.get("name").and_then(Node::as_str),
            number: node.get("port").and_then(Node::as_int),
            target: node.get("targetPort"),
        }
    }

    /// Where it leads: `targetPort`, which is `port` where it is left out.
    pub fn target_port(&self) -> Option<TargetPort<'s>> {
        match self.target {
            None => self.number.map(TargetPort::Number),
            Some(target) => match target.as_int() {
                Some(number) => Some(TargetPort::Number(number)),
                None => target.as_str().map(TargetPort::Name),
            },
        }
    }

    /// Its name, or its number, as people say it.
    pub fn said(&self) -> String {
        match (self.name, self.number) {
            (Some(name), _) => format!("`{name}`"),
            (None, Some(number)) => format!("`{number}`"),
            (None, None) => "without a number".to_owned(),
        }
    }
}

impl std::fmt::Display for PortReference<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Name(name) => f.write_str(name),
        }
    }
}
