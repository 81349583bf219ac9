//! The description of a backend service: JSON, in which GKE's controller says whose it is
//! (kubernetes/ingress-gce:pkg/utils/description.go).

use serde_json::Value;

/// Whose a backend service is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Description {
    /// The namespace of the Service.
    pub(super) namespace: String,
    /// Its name.
    pub(super) service: String,
    /// The port, as the Ingress names it: a number or a name.
    pub(super) port: String,
}

impl Description {
    /// Reads a description; `None` where somebody else made the backend service.
    pub(super) fn of(text: &str) -> Option<Self> {
        let json: Value = serde_json::from_str(text).ok()?;
        let (namespace, service) = json["kubernetes.io/service-name"].as_str()?.split_once('/')?;
        let port = json["kubernetes.io/service-port"].as_str()?;
        Some(Self {
            namespace: namespace.to_owned(),
            service: service.to_owned(),
            port: printed(port).unwrap_or(port).to_owned(),
        })
    }
}

/// The port in what Go prints of a `ServiceBackendPort`: `&ServiceBackendPort{Name:,Number:80,}`. Older controllers
/// wrote the port alone.
fn printed(text: &str) -> Option<&str> {
    let fields = text.strip_prefix("&ServiceBackendPort{")?.strip_suffix(",}")?;
    let (name, number) = fields.strip_prefix("Name:")?.split_once(",Number:")?;
    Some(if name.is_empty() { number } else { name })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_port_in_each_form() {
        for (port, expected) in [
            ("80", "80"),
            ("http", "http"),
            (r"\u0026ServiceBackendPort{Name:,Number:80,}", "80"),
            (r"\u0026ServiceBackendPort{Name:http,Number:0,}", "http"),
            ("&ServiceBackendPort{odd}", "&ServiceBackendPort{odd}"),
        ] {
            let text = format!(
                r#"{{"kubernetes.io/service-name":"shop/chat","kubernetes.io/service-port":"{port}","x-features":["NEG"]}}"#
            );
            let read = Description::of(&text).unwrap();
            assert_eq!((&*read.namespace, &*read.service), ("shop", "chat"));
            assert_eq!(read.port, expected);
        }
    }

    #[test]
    fn other_descriptions_are_nobodys() {
        for text in ["", "made by hand", "{}", r#"{"kubernetes.io/service-name":"chat"}"#] {
            assert_eq!(Description::of(text), None);
        }
    }
}
