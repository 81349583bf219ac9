//! The settings of a backend service: each beside what the BackendConfig says, and beside what sessions need.

use super::super::cloud::number;
use super::super::link::{missing, wanted};
use super::super::{BackendService, Case, Cloud, Subject};
use super::cloud::{Pair, of_pairs};
use super::verdict::{Judged, Verdict};
use crate::diagnostic::Severity;
use crate::kube::controller_defaults::WebSocketCut;
use crate::live::check::Status;
use crate::rules::websocket_cut_by;
use serde_json::Value;

/// A setting.
struct Setting {
    id: &'static str,
    claim: &'static str,
    /// Where a BackendConfig says it, below `spec`.
    keys: &'static [&'static str],
    /// What the backend service has; `None` where it means nothing there.
    seen: fn(BackendService<'_>) -> Option<String>,
    /// The rule behind it.
    rule: Option<&'static str>,
    /// What sessions need of it, whatever the files say.
    need: fn(&Subject<'_>, BackendService<'_>) -> Option<Verdict>,
}

const SETTINGS: &[Setting] = &[
    Setting {
        id: "cloud-affinity",
        claim: "the load balancer keeps a session on one pod",
        keys: &["sessionAffinity", "affinityType"],
        seen: |service| Some(service.affinity().to_owned()),
        rule: Some("session-affinity-missing"),
        need: needs_affinity,
    },
    Setting {
        id: "cloud-affinity-ttl",
        claim: "the affinity's cookie lives as long as the files say",
        keys: &["sessionAffinity", "affinityCookieTtlSec"],
        seen: |service| {
            let has_cookie = service.affinity() == "GENERATED_COOKIE";
            has_cookie.then(|| service.affinity_ttl().to_string())
        },
        rule: Some("affinity-ttl-too-short"),
        need: |_, _| None,
    },
    Setting {
        id: "cloud-timeout",
        claim: "the load balancer leaves a WebSocket open long enough",
        keys: &["timeoutSec"],
        seen: |service| Some(service.timeout().to_string()),
        rule: Some("websocket-cut-by-timeout"),
        need: needs_time,
    },
    Setting {
        id: "cloud-drain",
        claim: "a pod that leaves may finish its requests",
        keys: &["connectionDraining", "drainingTimeoutSec"],
        seen: |service| Some(service.drain().to_string()),
        rule: Some("drain-disabled"),
        need: |_, service| {
            (service.drain() == 0).then(|| Verdict::warn("0 s: its requests are cut"))
        },
    },
    Setting {
        id: "cloud-cdn",
        claim: "no CDN stands before sessions",
        keys: &["cdn", "enabled"],
        seen: |service| Some(service.cdn().to_string()),
        rule: Some("cdn-on-session-traffic"),
        need: |_, service| {
            let forced = service.cache_mode() == Some("FORCE_CACHE_ALL");
            let on = || Verdict::warn("Cloud CDN is on");
            let all = || Verdict::fail("Cloud CDN keeps every answer, whatever the server says");
            service.cdn().then(|| if forced { all() } else { on() })
        },
    },
    Setting {
        id: "cloud-logging",
        claim: "requests are logged as the files say",
        keys: &["logging", "enable"],
        seen: |service| Some(service.logging().to_string()),
        rule: None,
        need: |_, _| None,
    },
];

pub(super) fn checks<'a>(case: &Case<'a>, cloud: &Cloud, pairs: &[Pair<'a, '_>]) -> Vec<Judged> {
    let mut checks: Vec<Judged> = SETTINGS
        .iter()
        .map(|setting| {
            of_pairs(setting.id, setting.claim, pairs, |pair| judged(case, pair, setting))
        })
        .collect();
    checks.push(of_pairs(
        "cloud-protocol",
        "the load balancer speaks HTTP/1.1 to the pods",
        pairs,
        protocol,
    ));
    checks.push(of_pairs(
        "cloud-health-check",
        "the health check asks what the files say",
        pairs,
        |pair| health_check(case, cloud, pair),
    ));
    checks
}

fn judged(case: &Case<'_>, (subject, service, _): &Pair<'_, '_>, setting: &Setting) -> Verdict {
    let Some(seen) = (setting.seen)(*service) else {
        return Verdict::skip("it has no part in this affinity");
    };
    let rule = setting.rule;
    match wanted(case, subject, *service, setting.keys) {
        Some((value, place)) if value != seen => {
            let link = missing(case, subject, *service, setting.keys, &value);
            let said = format!("{place} says {value}, the backend service {seen}: {}", link.said);
            // Sessions may live with it.
            let verdict = match (setting.need)(subject, *service).map(|need| need.status) {
                Some(Status::Fail) => Verdict::fail(said),
                _ => Verdict::warn(said),
            };
            verdict.because(rule.into_iter().chain(link.rule)).after(link.check)
        }
        given => match (setting.need)(subject, *service) {
            Some(verdict) => verdict.because(rule),
            None => Verdict::pass(match given {
                Some((_, place)) => format!("{seen}, as {place} says"),
                None => seen,
            }),
        },
    }
}

fn needs_affinity(subject: &Subject<'_>, service: BackendService<'_>) -> Option<Verdict> {
    let lost = service.affinity() == "NONE"
        && subject.session.polls()
        && subject.backend.may_have_several_pods();
    lost.then(|| {
        Verdict::fail("NONE: each request of a polling session may go to another pod: 400, Session ID unknown")
    })
}

fn needs_time(subject: &Subject<'_>, service: BackendService<'_>) -> Option<Verdict> {
    let cut = if service.is_classic() { WebSocketCut::AtTimeout } else { WebSocketCut::WhenIdle };
    let (severity, message, _) = websocket_cut_by(cut, subject.session, service.timeout())?;
    Some(match severity {
        Severity::Error => Verdict::fail(message),
        _ => Verdict::warn(message),
    })
}

fn protocol((_, service, _): &Pair<'_, '_>) -> Verdict {
    match service.protocol() {
        "HTTP2" => Verdict::fail("HTTP2, which no WebSocket can be upgraded over")
            .because(["http2-to-backend"]),
        protocol => Verdict::pass(protocol),
    }
}

/// The fields of a health check: of a BackendConfig, and how much a difference matters.
const HEALTH: [(&str, Status); 7] = [
    ("type", Status::Fail),
    ("requestPath", Status::Fail),
    ("port", Status::Fail),
    ("checkIntervalSec", Status::Warn),
    ("timeoutSec", Status::Warn),
    ("healthyThreshold", Status::Warn),
    ("unhealthyThreshold", Status::Warn),
];

fn health_check(case: &Case<'_>, cloud: &Cloud, (subject, service, _): &Pair<'_, '_>) -> Verdict {
    let Some(check) = cloud.health_check(*service) else {
        return Verdict::skip("the health check was not read");
    };
    let (mut differences, mut same) = (Vec::new(), 0);
    for (field, weight) in HEALTH {
        let keys = ["healthCheck", field];
        let Some((value, place)) = wanted(case, subject, *service, &keys) else { continue };
        let seen = health_field(check, field);
        if seen.as_deref() == Some(&*value) {
            same += 1;
            continue;
        }
        let seen = seen.unwrap_or_else(|| "nothing".into());
        let link = missing(case, subject, *service, &keys, &value);
        differences.push((weight, format!("{field}: {seen}, not {value} ({place})"), link));
    }
    differences.sort_by_key(|(weight, ..)| *weight);
    let Some((weight, _, link)) = differences.first() else {
        let path = health_field(check, "requestPath").unwrap_or_default();
        return Verdict::pass(match same {
            0 => format!("{path}; the files say nothing of it"),
            _ => format!("{path}, as the files say"),
        });
    };
    let told: Vec<&str> = differences.iter().map(|(_, said, _)| said.as_str()).collect();
    let said = format!("{}: {}", told.join("; "), link.said);
    let (verdict, rule) = match weight {
        Status::Fail => (Verdict::fail(said), "health-path-unanswered"),
        _ => (Verdict::warn(said), "health-check-incomplete"),
    };
    verdict.because([rule].into_iter().chain(link.rule)).after(link.check)
}

/// A field of a live health check, by its name in a BackendConfig.
fn health_field(check: &Value, field: &str) -> Option<String> {
    let kind = check["type"].as_str().unwrap_or_default();
    let block = &check[match kind {
        "HTTPS" => "httpsHealthCheck",
        "HTTP2" => "http2HealthCheck",
        _ => "httpHealthCheck",
    }];
    match field {
        "type" => Some(kind.to_owned()),
        "requestPath" => block["requestPath"].as_str().map(str::to_owned),
        // The port counts only where it is a fixed one; otherwise each endpoint's own is asked.
        "port" if matches!(block["portSpecification"].as_str(), None | Some("USE_FIXED_PORT")) => {
            number(&block["port"]).map(|port| port.to_string())
        }
        "port" => Some("the endpoint's own".to_owned()),
        _ => number(&check[field]).map(|number| number.to_string()),
    }
}
