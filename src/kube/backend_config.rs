//! A BackendConfig, and the annotation of a Service that names one.

use crate::diagnostic::Span;
use crate::manifest::json::{self, Invalid, Json, Member};
use crate::manifest::{Embedded, Entry, Node};
use crate::set::Place;

use super::{Object, Service, ServicePort, fields};

/// The annotation that attaches a BackendConfig to a Service.
pub const KEY: &str = "cloud.google.com/backend-config";
/// The same from before the API was stable. Still read; the newer one wins.
pub const BETA_KEY: &str = "beta.cloud.google.com/backend-config";

/// A BackendConfig.
#[derive(Debug, Clone, Copy)]
pub struct BackendConfig<'s>(pub Object<'s>);

/// The annotation of a Service, read.
#[derive(Debug)]
pub struct Attachment<'s> {
    /// The entry.
    pub entry: Entry<'s>,
    /// The annotation of the beta that another one hides.
    pub hidden: Option<Entry<'s>>,
    /// What it says.
    pub content: AttachmentContent,
    text: Embedded<'s>,
}

/// What the annotation says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttachmentContent {
    /// The names of BackendConfigs.
    Names {
        /// For ports that have none of their own.
        default: Option<Named>,
        /// By a port's name or number.
        ports: Vec<(Named, Named)>,
    },
    /// No JSON, or none of the shape that the controller reads.
    Broken(Invalid),
    /// JSON that names nothing.
    Empty,
}

/// A name, and where it is written in the JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The name.
    pub name: String,
    /// Where, in the text of the annotation.
    pub span: Span,
}

impl<'s> Attachment<'s> {
    /// The annotation of a Service, or of whatever else carries it.
    pub fn of(object: &Object<'s>) -> Option<Self> {
        let (stable, beta) = (object.annotation(KEY), object.annotation(BETA_KEY));
        let (entry, hidden) = match (stable, beta) {
            (Some(stable), beta) => (stable, beta),
            (None, beta) => (beta?, None),
        };
        Some(Self { hidden, ..Self::of_entry(entry)? })
    }

    /// The annotation in an entry, under whatever key.
    pub fn of_entry(entry: Entry<'s>) -> Option<Self> {
        let text = entry.value().embedded()?;
        let content = match json::read(text.text()) {
            Ok(json) => names(&json),
            Err(error) => AttachmentContent::Broken(error),
        };
        Some(Self { entry, hidden: None, content, text })
    }

    /// Whether it is the annotation of the beta that counts.
    pub fn is_beta(&self) -> bool {
        self.entry.key() == BETA_KEY
    }

    /// The annotation as a path.
    pub fn path(&self) -> String {
        format!("metadata.annotations[\"{}\"]", self.entry.key())
    }

    /// Whether something else fills in a part of it, as `${NAME}`, before Kubernetes sees it.
    pub fn is_template(&self) -> bool {
        is_placeholder(self.text.text())
    }

    /// The name of a port's BackendConfig: by the port's name, then by its number, then the default
    /// (kubernetes/ingress-gce:pkg/backendconfig/utils.go).
    pub fn for_port(&self, port: &ServicePort<'_>) -> Option<&Named> {
        let AttachmentContent::Names { default, ports } = &self.content else {
            return None;
        };
        let number = port.number.map(|number| number.to_string());
        let by = |key: &str| ports.iter().find(|(port, _)| port.name == key);
        let found = port.name.and_then(by).or_else(|| by(&number?));
        found.map(|(_, config)| config).or(default.as_ref())
    }

    /// Every name in it.
    pub fn names(&self) -> Vec<&Named> {
        match &self.content {
            AttachmentContent::Names { default, ports } => {
                let ports = ports.iter().map(|(_, config)| config);
                default.iter().chain(ports).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The JSON, as it is written.
    pub fn text(&self) -> &str {
        self.text.text()
    }

    /// Where a part of the JSON is in the file.
    pub fn place(&self, service: &Object<'s>, span: Span) -> Place {
        service.place(self.text.span_to_file(span))
    }

    /// The keys of `ports` that no port of the Service has.
    pub fn unmatched(&self, service: &Service<'_>) -> Vec<&Named> {
        let AttachmentContent::Names { ports, .. } = &self.content else {
            return Vec::new();
        };
        let own = service.ports();
        let has = |key: &str| {
            own.iter().any(|port| {
                port.name == Some(key)
                    || port.number.is_some_and(|number| number.to_string() == key)
            })
        };
        let keys = ports.iter().map(|(key, _)| key);
        keys.filter(|key| !has(&key.name)).collect()
    }
}

/// Whether a text is to be filled in by something else, such as `envsubst`.
pub fn is_placeholder(text: &str) -> bool {
    ["${", "$(", "{{", "<%"].iter().any(|sign| text.contains(sign))
}

fn names(json: &Json<'_>) -> AttachmentContent {
    let Some(members) = map(json) else {
        return AttachmentContent::Broken(Invalid {
            span: json.span,
            message: "the controller reads a map here: `{\"default\": \"…\"}`",
        });
    };
    let mut default = None;
    let mut ports = Vec::new();
    for entry in members {
        let wrong = |value: &Json<'_>| {
            AttachmentContent::Broken(Invalid {
                span: value.span,
                message: "the controller reads the name of a BackendConfig here",
            })
        };
        // Go's reader does not look at the case of a key, takes what it knows and leaves the rest.
        match &*entry.key.to_ascii_lowercase() {
            "default" => match named(&entry.value) {
                Ok(name) => default = name,
                Err(value) => return wrong(value),
            },
            "ports" => match port_names(&entry.value) {
                Ok(names) => ports = names,
                Err(value) => return wrong(value),
            },
            _ => {}
        }
    }
    if default.is_none() && ports.is_empty() {
        AttachmentContent::Empty
    } else {
        AttachmentContent::Names { default, ports }
    }
}

fn map<'j, 't>(json: &'j Json<'t>) -> Option<&'j [Member<'t>]> {
    matches!(json.kind, json::Kind::Map(_)).then(|| json.members())
}

fn port_names<'j, 't>(value: &'j Json<'t>) -> Result<Vec<(Named, Named)>, &'j Json<'t>> {
    if value.kind == json::Kind::Null {
        return Ok(Vec::new());
    }
    let mut ports = Vec::new();
    for entry in map(value).ok_or(value)? {
        let key = Named { name: entry.key.to_string(), span: entry.key_span };
        ports.extend(named(&entry.value)?.map(|config| (key, config)));
    }
    Ok(ports)
}

/// A name; an empty one, and `null`, are none.
fn named<'j, 't>(value: &'j Json<'t>) -> Result<Option<Named>, &'j Json<'t>> {
    if value.kind == json::Kind::Null {
        return Ok(None);
    }
    let name = value.as_str().ok_or(value)?;
    Ok((!name.is_empty()).then(|| Named { name: name.to_owned(), span: value.span }))
}

/// What turns a block of a BackendConfig off: without the block the load balancer keeps what it has
/// (kubernetes/ingress-gce:pkg/backends/features).
pub fn turned_off(block: &str) -> Option<(&'static str, &'static str)> {
    const OFF: [(&str, &str); 6] = [
        ("cdn", "cdn: {enabled: false}"),
        ("sessionAffinity", "sessionAffinity: {affinityType: NONE}"),
        ("connectionDraining", "connectionDraining: {drainingTimeoutSec: 0}"),
        ("iap", "iap: {enabled: false}"),
        ("securityPolicy", "securityPolicy: {name: \"\"}"),
        ("timeoutSec", "timeoutSec: 30"),
    ];
    OFF.into_iter().find(|(name, _)| *name == block)
}

impl<'s> BackendConfig<'s> {
    /// A value below its `spec`.
    pub fn get(&self, keys: &[&str]) -> Option<Node<'s>> {
        self.0.in_spec(keys)
    }

    /// A number below its `spec`.
    pub fn number(&self, keys: &[&str]) -> Option<(i64, Node<'s>)> {
        let node = self.get(keys)?;
        node.as_int().map(|number| (number, node))
    }

    /// The same, unless it is a number that the controller or the API refuses, which is another rule's to say.
    pub fn accepted(&self, keys: &[&str]) -> Option<(i64, Node<'s>)> {
        let (number, node) = self.number(keys)?;
        let field = fields::field("BackendConfig", &format!("spec.{}", keys.join(".")));
        let refused = field.and_then(|field| fields::check_value(field, fields::Given::from(node)));
        refused.is_none().then_some((number, node))
    }

    /// Where something below `spec` would be changed: the value, else the key of the innermost block there is.
    pub fn place(&self, keys: &[&str]) -> Place {
        if let Some(node) = self.get(keys).filter(|node| !node.is_map()) {
            return self.0.at(node);
        }
        let blocks = (1..=keys.len()).rev();
        let key = blocks.filter_map(|depth| {
            let (last, outer) = keys[..depth].split_last()?;
            self.get(outer)?.key_span(last)
        });
        key.map(|span| self.0.place(span)).next().unwrap_or_else(|| self.0.spec_title())
    }

    /// `sessionAffinity.affinityType`.
    pub fn affinity(&self) -> Option<(&'s str, Node<'s>)> {
        let node = self.get(&["sessionAffinity", "affinityType"])?;
        node.text().map(|text| (text, node))
    }
}
