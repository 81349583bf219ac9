//! The names of backend services. They cannot be read back, since their parts are cut to fit; they are reckoned anew
//! and compared (kubernetes/ingress-gce:pkg/utils/namer/namer.go).

use sha2::{Digest as _, Sha256};

/// How long namespace, Service and port may be together.
const LONGEST: usize = 38;

/// Whether a backend service is that of a port of a Service, whatever the cluster.
pub(crate) fn is_name_of(name: &str, namespace: &str, service: &str, port: i64) -> bool {
    let cluster = name.strip_prefix("k8s1-").and_then(|rest| rest.get(..8));
    cluster.is_some_and(|cluster| {
        let port = port.to_string();
        let is = |marker, longest| {
            name == of_port(cluster, marker, longest, [namespace, service, &port])
        };
        is("", LONGEST) || is("e-", 36)
    })
}

/// The port of the nodes that a backend service of instance groups has in its name: `k8s-be-30080--28b74fc1`, where
/// the end is the cluster's.
pub(crate) fn node_port(name: &str) -> Option<i64> {
    let (port, _) = name.strip_prefix("k8s-be-")?.split_once("--")?;
    port.parse().ok()
}

/// A regular expression of RE2 for the name, whatever the cluster: its id and the hash are left open.
pub(crate) fn pattern(namespace: &str, service: &str, port: u32) -> String {
    let port = port.to_string();
    let [namespace, service, port] = trimmed([namespace, service, &port], LONGEST);
    format!("k8s1-[0-9a-f]{{8}}-{namespace}-{service}-{port}-[0-9a-f]{{8}}")
}

/// The name for a cluster's id of eight letters; `marker` tells the load balancers of one region.
fn of_port(cluster: &str, marker: &str, longest: usize, fields: [&str; 3]) -> String {
    let whole = format!("{cluster};{}", fields.join(";"));
    let digest = Sha256::digest(whole.as_bytes());
    let mut first = [0; 4];
    first.copy_from_slice(&digest[..4]);
    let hash = u32::from_be_bytes(first);
    let [namespace, service, port] = trimmed(fields, longest);
    format!("k8s1-{cluster}-{marker}{namespace}-{service}-{port}-{hash:08x}")
}

/// The fields, cut evenly to a length in total.
fn trimmed(fields: [&str; 3], longest: usize) -> [&str; 3] {
    let total: usize = fields.iter().map(|field| field.len()).sum();
    if total <= longest {
        return fields;
    }
    let excess = total - longest;
    let cut = |field: &str| (field.len() - field.len() * excess / total).saturating_sub(1);
    let mut lengths = fields.map(cut);
    let left = longest.saturating_sub(lengths.iter().sum());
    for at in 0..left {
        lengths[at % 3] += 1;
    }
    let mut cut = fields;
    for (field, length) in cut.iter_mut().zip(lengths) {
        *field = field.get(..length).unwrap_or(field);
    }
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names that others published: Tekton's dashboard and its listener, and Istio's gateway.
    #[test]
    fn reckons_names_that_were_seen() {
        for (name, namespace, service, port) in [
            (
                "k8s1-b713ed67-tekton-pipelines-tekton-dashboard-9097-941d933e",
                "tekton-pipelines",
                "tekton-dashboard",
                9097,
            ),
            (
                "k8s1-b74c81ed-default-el-terraform-eventlistener-8080-d05e280c",
                "default",
                "el-terraform-eventlistener",
                8080,
            ),
            (
                "k8s1-6958b363-istio-system-istio-ingressgateway-80-6262bb6e",
                "istio-system",
                "istio-ingressgateway",
                80,
            ),
        ] {
            assert!(is_name_of(name, namespace, service, port), "{name}");
            assert!(!is_name_of(name, namespace, service, port + 1), "{name}");
            assert!(!is_name_of(&name[..name.len() - 1], namespace, service, port), "{name}");
        }
    }

    #[test]
    fn long_names_are_cut_evenly_and_the_port_too() {
        let fields = ["coditect-app", "coditect-combined-service", "80"];
        let name = "k8s1-28b74fc1-coditect-app-coditect-combined-service-8-b2e75de7";
        assert_eq!(of_port("28b74fc1", "", 38, fields), name);
        assert!(is_name_of(name, fields[0], fields[1], 80));
    }

    #[test]
    fn a_pattern_fits_the_names_that_were_seen() {
        for (namespace, service, port, name) in [
            (
                "istio-system",
                "istio-ingressgateway",
                80,
                "k8s1-6958b363-istio-system-istio-ingressgateway-80-6262bb6e",
            ),
            (
                "coditect-app",
                "coditect-combined-service",
                80,
                "k8s1-28b74fc1-coditect-app-coditect-combined-service-8-b2e75de7",
            ),
        ] {
            let fits =
                regex_lite::Regex::new(&format!("^(?:{})$", pattern(namespace, service, port)))
                    .unwrap();
            assert!(fits.is_match(name), "{name}");
            assert!(
                !fits.is_match(&name.replace("-app-", "-api-").replace("-istio-i", "-istia-i")),
                "{name}"
            );
        }
    }

    #[test]
    fn other_names_are_nobodys() {
        for name in ["", "k8s1-", "k8s1-ä", "k8s-be-30080--28b74fc1", "k8s1-28b74fc1"] {
            assert!(!is_name_of(name, "a", "b", 80), "{name}");
        }
        assert_eq!(node_port("k8s-be-30080--28b74fc1"), Some(30080));
        assert_eq!(node_port("k8s-be---28b74fc1").or(node_port("k8s-be-1")), None);
    }
}
