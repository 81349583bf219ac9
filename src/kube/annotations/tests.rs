//! Spot checks of the table, and what must hold for each row.

use super::*;

fn dead(nearest: Option<&'static str>) -> Verdict {
    Verdict::Dead { nearest, closed_readers: false }
}

fn nearest(kind: &str, key: &str) -> Option<&'static str> {
    match lookup(kind, key) {
        Verdict::Dead { nearest, .. } => nearest,
        Verdict::ReadElsewhere { instead, .. } => instead,
        other => panic!("{key} on {kind} is {other:?}"),
    }
}

fn elsewhere(kind: &str, key: &str) -> &'static [&'static str] {
    match lookup(kind, key) {
        Verdict::ReadElsewhere { key, .. } => key.kinds,
        other => panic!("{key} on {kind} is {other:?}"),
    }
}

#[test]
fn keys_are_sorted_and_unique() {
    for pair in KEYS.windows(2) {
        assert!(pair[0].key < pair[1].key, "{} comes before {}", pair[0].key, pair[1].key);
    }
}

#[test]
fn rows_are_well_formed() {
    for row in KEYS {
        let (prefix, name) = row.key.split_once('/').expect("a key has a prefix");
        assert!(!name.contains('/') && name.len() <= 63, "{}", row.key);
        assert!(prefix.contains('.') && !prefix.contains(' '), "{}", row.key);
        assert!(!row.kinds.is_empty(), "{}", row.key);
        let cited = row.source.starts_with("https://")
            || row.source.split_once(':').is_some_and(|(repository, path)| {
                repository.split('/').count() == 2 && path.contains('.')
            });
        assert!(cited, "{} cites {}", row.key, row.source);
        assert!(row.meaning.ends_with('.'), "{}: {}", row.key, row.meaning);
    }
}

#[test]
fn closed_controllers_are_never_graded_as_read() {
    for row in KEYS {
        let closed = matches!(row.reader, Reader::Gateway | Reader::MultiClusterIngress);
        assert!(!closed || row.grade > Grade::Source, "{}", row.key);
    }
}

#[test]
fn what_is_read_is_found() {
    for (kind, key) in [
        ("Service", "cloud.google.com/backend-config"),
        ("Service", "beta.cloud.google.com/backend-config"),
        ("Service", "cloud.google.com/neg"),
        ("Service", "networking.gke.io/max-rate-per-endpoint"),
        ("Ingress", "kubernetes.io/ingress.class"),
        ("Ingress", "networking.gke.io/managed-certificates"),
        ("Ingress", "networking.gke.io/v1beta1.FrontendConfig"),
        ("Pod", "networking.gke.io/interfaces"),
        ("Gateway", "networking.gke.io/certmap"),
        ("MultiClusterIngress", "networking.gke.io/static-ip"),
    ] {
        assert!(matches!(lookup(kind, key), Verdict::Read(_)), "{key}");
    }
}

#[test]
fn the_websocket_annotation_is_dead_and_like_nothing() {
    let key = "cloud.google.com/websocket-max-idle-timeout";
    assert_eq!(lookup("Ingress", key), dead(None));
    assert_eq!(nearest("Service", key), None);
}

#[test]
fn keys_of_services_do_nothing_on_an_ingress() {
    for kind in ["Ingress", "Deployment", "BackendConfig", "Pod"] {
        let kinds = elsewhere(kind, "cloud.google.com/backend-config");
        assert_eq!(kinds, ["Service", "MultiClusterService"]);
    }
    assert_eq!(elsewhere("Ingress", "cloud.google.com/neg"), ["Service"]);
    assert_eq!(elsewhere("Deployment", "networking.gke.io/interfaces"), ["Pod"]);
}

/// The kind, what was written, what was meant.
const SLIPS: &[(&str, &str, &str)] = &[
    ("Service", "cloud.google.com/backendconfig", "cloud.google.com/backend-config"),
    ("Service", "networking.gke.io/backend-config", "cloud.google.com/backend-config"),
    ("Service", "cloud.google.com/Neg", "cloud.google.com/neg"),
    ("Service", "cloud.google.com/negs", "cloud.google.com/neg"),
    ("Service", "cloud.google.con/backend-config", "cloud.google.com/backend-config"),
    ("Service", "networking.gke.io/app-protocols", "cloud.google.com/app-protocols"),
    ("Ingress", "networking.gke.io/frontend-config", "networking.gke.io/v1beta1.FrontendConfig"),
    ("Ingress", "networking.gke.io/v1.FrontendConfig", "networking.gke.io/v1beta1.FrontendConfig"),
    ("Ingress", "networking.gke.io/managed-certificate", "networking.gke.io/managed-certificates"),
    ("Ingress", "cloud.google.com/managed-certificates", "networking.gke.io/managed-certificates"),
    ("Ingress", "networking.gke.io/pre-shared-certs", "ingress.gcp.kubernetes.io/pre-shared-cert"),
    ("Ingress", "networking.gke.io/static-ip", "kubernetes.io/ingress.global-static-ip-name"),
    (
        "Ingress",
        "kubernetes.io/ingress.global-static-ip",
        "kubernetes.io/ingress.global-static-ip-name",
    ),
    ("Ingress", "ingress.kubernetes.io/allow-http", "kubernetes.io/ingress.allow-http"),
];

#[test]
fn slips_find_what_was_meant() {
    for (kind, wrong, right) in SLIPS {
        assert_eq!(nearest(kind, wrong), Some(*right), "{wrong}");
    }
}

#[test]
fn only_what_is_the_same_but_for_its_spelling_is_certain() {
    for (kind, wrong, right) in SLIPS {
        let sure = certain(kind, wrong);
        assert!(sure.is_none_or(|sure| sure == *right), "{wrong}");
        let unsure = ["pre-shared-certs", "/static-ip", "global-static-ip"];
        assert_eq!(sure.is_none(), unsure.iter().any(|end| wrong.ends_with(end)), "{wrong}");
    }
}

#[test]
fn unlike_keys_are_given_no_neighbour() {
    for (kind, key) in [
        ("Ingress", "cloud.google.com/session-affinity"),
        ("Ingress", "cloud.google.com/timeout"),
        ("Ingress", "networking.gke.io/websocket"),
        ("Ingress", "networking.gke.io/certmap"),
        ("Ingress", "ingress.gcp.kubernetes.io/ssl-policy"),
        ("Ingress", "kubernetes.io/ingress.affinity"),
        ("Service", "cloud.google.com/sticky"),
        ("Service", "cloud.google.com/load-balancer-ip"),
        ("Service", "networking.gke.io/load-balancer-class"),
        ("Service", "cloud.google.com/net"),
        ("Service", "networking.gke.io/timeout-sec"),
    ] {
        assert_eq!(nearest(kind, key), None, "{key}");
    }
}

#[test]
fn a_service_has_closed_readers_too() {
    let unknown = Verdict::Dead { nearest: None, closed_readers: true };
    assert_eq!(lookup("Service", "networking.gke.io/something"), unknown);
    assert_eq!(lookup("Service", "kubernetes.io/ingress.something"), dead(None));
}

#[test]
fn other_controllers_are_named() {
    for (key, name) in [
        ("nginx.ingress.kubernetes.io/affinity", "ingress-nginx"),
        ("alb.ingress.kubernetes.io/target-type", "the AWS Load Balancer Controller"),
        ("traefik.ingress.kubernetes.io/router.tls", "Traefik"),
        ("haproxy.org/timeout-tunnel", "HAProxy Technologies' Ingress Controller"),
        (
            "ingress.kubernetes.io/affinity",
            "Ingress controllers of 2016 to 2018, such as early ingress-nginx",
        ),
    ] {
        let Verdict::Foreign(controller) = lookup("Ingress", key) else {
            panic!("{key} is not foreign");
        };
        assert_eq!(controller.name, name);
    }
}

#[test]
fn what_others_read_is_left_in_peace() {
    for (kind, key) in [
        ("Ingress", "cert-manager.io/cluster-issuer"),
        ("Ingress", "external-dns.alpha.kubernetes.io/hostname"),
        ("Ingress", "kubernetes.io/tls-acme"),
        ("Ingress", "argocd.argoproj.io/sync-wave"),
        ("Service", "cnrm.cloud.google.com/project-id"),
        ("Service", "service.kubernetes.io/topology-mode"),
        ("Pod", "cloud.google.com/gke-spot"),
        ("Pod", "autopilot.gke.io/resource-adjustment"),
        ("Pod", "cluster-autoscaler.kubernetes.io/safe-to-evict"),
        ("Node", "networking.gke.io/anything"),
        ("Namespace", "cloud.google.com/anything"),
        ("Gateway", "networking.gke.io/anything"),
        ("Gateway", "cloud.google.com/backend-config"),
        ("Secret", "kubernetes.io/ingress.class"),
        ("Deployment", "cloud.google.com/websocket-max-idle-timeout"),
    ] {
        assert_eq!(lookup(kind, key), Verdict::NotOurs, "{key} on {kind}");
    }
}

#[test]
fn what_the_controllers_write_is_told_from_settings() {
    assert!(is_status("ingress.kubernetes.io/backends"));
    assert!(is_status("cloud.google.com/neg-status"));
    assert!(!is_status("ingress.gcp.kubernetes.io/pre-shared-cert"));
    assert!(!is_status("cloud.google.com/neg"));
    let written = "ingress.kubernetes.io/url-map";
    assert!(matches!(lookup("Ingress", written), Verdict::Read(_)));
}
