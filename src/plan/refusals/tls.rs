//! Certificates that are missing, too many, or not to be had.

use super::super::derived;
use super::{Context, Refusal};
use crate::spec::{Feature, Host, Problem};

pub(super) const REFUSALS: &[Refusal] = &[
    tls_sources,
    tls_missing,
    frontend_config_unsupported,
    managed_certificate_unsupported,
    managed_certificate_hosts,
];

const MANAGED: &str = "ingress.tls.managed-certificate";

fn tls_sources(c: &Context<'_>, problems: &mut Vec<Problem>) {
    let Some(tls) = &c.spec.ingress.tls else {
        return;
    };
    let sources = [
        (MANAGED, tls.managed_certificate == Some(true)),
        ("ingress.tls.secret", tls.secret.is_some()),
        ("ingress.tls.pre-shared", tls.pre_shared.is_some()),
    ];
    let given: Vec<&str> =
        sources.iter().filter(|(_, given)| *given).map(|(key, _)| *key).collect();
    if given.len() == 1 {
        return;
    }
    let help =
        "give one of `managed-certificate = true`, `secret = \"…\"` and `pre-shared = \"…\"`";
    let problem = Problem::new(
        "tls-sources",
        format!("`ingress.tls` names {} certificates, not one", given.len()),
        help,
    );
    let keys = if given.is_empty() { vec!["ingress.tls"] } else { given };
    problems.push(keys.into_iter().fold(problem, |problem, key| problem.end(key, "here")));
}

fn tls_missing(c: &Context<'_>, problems: &mut Vec<Problem>) {
    let ingress = &c.spec.ingress;
    if ingress.tls.is_some() {
        return;
    }
    let keys = [
        (
            "ingress.https-redirect",
            ingress.https_redirect == Some(true),
            "would redirect to an HTTPS that is not there",
        ),
        ("ingress.ssl-policy", ingress.ssl_policy.is_some(), "nothing reads it"),
    ];
    for (key, _, part) in keys.into_iter().filter(|(_, given, _)| *given) {
        let help = "add `tls = { managed-certificate = true }` under `[ingress]`, or leave it out";
        let problem = Problem::new("tls-missing", format!("`{key}` needs a certificate"), help);
        problems.push(problem.end(key, part).end("ingress.tls", "no certificate"));
    }
}

/// kubernetes/ingress-gce:pkg/loadbalancers/url_maps.go
fn frontend_config_unsupported(c: &Context<'_>, problems: &mut Vec<Problem>) {
    if c.platform.supports(Feature::FrontendConfig) {
        return;
    }
    let why = format!("{} takes no FrontendConfig", c.platform.load_balancer);
    let gate = ("profile", "chooses the load balancer");
    let mut keys = vec!["ingress.ssl-policy", "names.frontend-config"];
    keys.extend((c.spec.ingress.https_redirect == Some(true)).then_some("ingress.https-redirect"));
    c.refuse_unread(problems, "frontend-config-unsupported", &keys, &why, gate);
}

/// GoogleCloudPlatform/gke-managed-certs:pkg/utils/ingress/ingress.go
fn managed_certificate_unsupported(c: &Context<'_>, problems: &mut Vec<Problem>) {
    if c.platform.supports(Feature::ManagedCertificate) || !derived::managed_certificate(c.spec) {
        return;
    }
    let message = format!("{} takes no ManagedCertificate", c.platform.load_balancer);
    let problem = Problem::new(
        "managed-certificate-unsupported",
        message,
        "name a certificate: `tls = { pre-shared = \"…\" }`",
    );
    problems
        .push(problem.end(MANAGED, "never attached").end("profile", "chooses the load balancer"));
}

/// GoogleCloudPlatform/gke-managed-certs:deploy/managedcertificates-crd.yaml
fn managed_certificate_hosts(c: &Context<'_>, problems: &mut Vec<Problem>) {
    const MOST: usize = 100;
    if !derived::managed_certificate(c.spec) {
        return;
    }
    let hosts = derived::hosts(c.spec);
    let refuse = |message: String| {
        let help = "name another certificate: `tls = { pre-shared = \"…\" }` or `tls = { secret = \"…\" }`";
        Problem::new("managed-certificate-hosts", message, help)
            .end("host", "not taken")
            .end(MANAGED, "for this certificate")
    };
    if hosts.len() > MOST {
        problems
            .push(refuse(format!("a ManagedCertificate holds {MOST} hosts, not {}", hosts.len())));
    }
    for host in hosts.iter().filter(|host| !is_certifiable(host)) {
        let why = "it takes names of two parts or more, of at most 63 characters, that end in a domain such as `.com`";
        problems.push(refuse(format!("a ManagedCertificate does not take `{host}`: {why}")));
    }
}

fn is_certifiable(host: &Host) -> bool {
    let Some((_, domain)) = host.as_str().rsplit_once('.') else {
        return false;
    };
    host.as_str().len() <= 63
        && domain.len() >= 2
        && domain.starts_with(|c: char| c.is_ascii_lowercase())
}
