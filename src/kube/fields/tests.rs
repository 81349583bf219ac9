//! Spot checks of the table, and what must hold for each row.

use serde_json::json;

use super::*;
use crate::kube::RULES_MENTIONED;

fn wrong(text: &str, value: &serde_json::Value) -> Option<String> {
    let field = find(text).unwrap_or_else(|| panic!("there is no {text}"));
    check_value(field, value)
}

#[test]
fn rows_are_well_formed() {
    for field in all() {
        let path = field.path;
        assert!(!field.kinds.is_empty() && !field.sources.is_empty(), "{path}");
        assert!(field.meaning.ends_with('.'), "{path}: {}", field.meaning);
        assert!(!field.absent.ends_with('.'), "{path}: {}", field.absent);
        for source in field.sources {
            let cited = source.starts_with("https://")
                || source.contains('#')
                || source.split_once(':').is_some_and(|(_, file)| file.contains('.'));
            assert!(cited, "{path} cites {source}");
        }
        for kind in field.kinds {
            assert_eq!(canonical_kind(kind), Some(*kind), "{path}");
        }
        for rule in field.checked_by {
            assert!(RULES_MENTIONED.contains(rule), "{path} names the rule {rule}");
        }
    }
}

#[test]
fn a_path_is_in_one_row() {
    let mut seen = Vec::new();
    for field in all() {
        for kind in field.kinds {
            let one = (*kind, plain_path(field.path), field.path);
            assert!(!seen.contains(&one), "{one:?}");
            seen.push(one);
        }
    }
}

#[test]
fn closed_kinds_have_the_blocks_above_their_fields() {
    for kind in CLOSED_KINDS {
        let known = known_fields(kind).expect("the kind is closed");
        for path in &known {
            let parent = path.rsplit_once('.').map_or("", |(parent, _)| parent);
            let has =
                parent.is_empty() || parent == "spec" || known.iter().any(|one| one == parent);
            assert!(has, "{kind}.{path}");
        }
    }
}

#[test]
fn fields_are_found_as_people_write_them() {
    for text in [
        "BackendConfig.spec.timeoutSec",
        "backendconfig.spec.timeoutSec",
        "bc.spec.timeoutSec",
        "bc.timeoutSec",
        "bc.spec.cdn.negativeCachingPolicy[0].code",
        "bc.spec.cdn.negativeCachingPolicy.code",
        "ing.spec.rules[host=chat.example.com].http.paths[path=/].pathType",
        "svc.spec.ports[0].targetPort",
        "deploy.spec.replicas",
        "sts.spec.template.spec.terminationGracePeriodSeconds",
        "pod.spec.terminationGracePeriodSeconds",
        "po.spec.containers[name=nginx].readinessProbe.httpGet.path",
        "HealthCheckPolicy.spec.default.config.httpHealthCheck.requestPath",
        "mcrt.spec.domains",
    ] {
        assert!(find(text).is_some(), "{text}");
    }
    assert!(find("bc.spec.timeout").is_none());
    assert!(find("timeoutSec").is_none());
    assert!(find("nothing.spec.timeoutSec").is_none());
}

#[test]
fn the_list_and_its_items_are_told_apart() {
    let path = |text| find(text).map(|field| field.path);
    assert_eq!(path("mcrt.spec.domains"), Some("spec.domains"));
    assert_eq!(path("mcrt.spec.domains[0]"), Some("spec.domains[]"));
}

#[test]
fn the_nearest_field_is_offered() {
    for (text, near) in [
        ("bc.spec.timeoutSecs", "BackendConfig.spec.timeoutSec"),
        ("backendconfg.spec.timeoutSec", "BackendConfig.spec.timeoutSec"),
        ("bc.spec.affinityType", "BackendConfig.spec.sessionAffinity.affinityType"),
        ("timeoutSec", "BackendConfig.spec.timeoutSec"),
    ] {
        let found = nearest(text);
        assert_eq!(found.as_deref(), Some(near), "{text}");
    }
    assert_eq!(nearest("bc.spec.xyzzy"), None);
}

#[test]
fn unknown_fields_of_closed_kinds_are_named_with_the_nearest() {
    let nearest = |path| unknown_field("BackendConfig", path).map(|one| one.nearest);
    assert_eq!(nearest("spec.timeoutSec"), None);
    assert_eq!(nearest("spec.cdn.signedUrlKeys[0].keyName"), None);
    assert_eq!(nearest("metadata.name"), None);
    let path = |path: &str| Some(Some(path.to_owned()));
    assert_eq!(nearest("spec.timeoutSeconds"), path("spec.timeoutSec"));
    assert_eq!(nearest("spec.affinityType"), path("spec.sessionAffinity.affinityType"));
    assert_eq!(
        nearest("spec.cdn.includeQueryString"),
        path("spec.cdn.cachePolicy.includeQueryString")
    );
    assert_eq!(nearest("spec.webSocket"), Some(None));
    assert_eq!(nearest("spec.webSocket.timeout"), None, "its parent is the finding");
    assert_eq!(unknown_field("Service", "spec.anything"), None);
}

#[test]
fn values_out_of_range_are_named() {
    assert_eq!(wrong("bc.spec.timeoutSec", &json!(86_400)), None);
    assert_eq!(
        wrong("bc.spec.timeoutSec", &json!(0)).as_deref(),
        Some("0 is not between 1 and 2147483647")
    );
    assert_eq!(
        wrong("bc.spec.timeoutSec", &json!("3600")).as_deref(),
        Some("\"3600\" is a text: write the number without quotes")
    );
    assert_eq!(
        wrong("bc.spec.timeoutSec", &json!("1h")).as_deref(),
        Some("\"1h\" is not a whole number")
    );
    assert_eq!(wrong("bc.spec.timeoutSec", &json!(null)), None);
    assert!(wrong("bc.spec.logging.sampleRate", &json!(0.5)).is_none());
    assert!(wrong("bc.spec.logging.sampleRate", &json!(100)).is_some());
    assert!(wrong("bc.spec.cdn.negativeCachingPolicy.code", &json!(400)).is_some());
    assert!(wrong("bc.spec.cdn.signedUrlKeys", &json!([1, 2, 3, 4])).is_some());
    assert!(wrong("svc.spec.ports[].targetPort", &json!("http")).is_none());
    assert!(wrong("svc.spec.ports[].targetPort", &json!(true)).is_some());
}

#[test]
fn words_are_compared_exactly() {
    let field = "bc.spec.sessionAffinity.affinityType";
    assert_eq!(wrong(field, &json!("CLIENT_IP")), None);
    for meant in ["client_ip", "ClientIP", "client-ip"] {
        let message = wrong(field, &json!(meant)).expect("it is not known");
        assert!(message.ends_with("it is written \"CLIENT_IP\""), "{message}");
    }
    assert_eq!(
        wrong(field, &json!("COOKIE")).as_deref(),
        Some("\"COOKIE\" is not \"NONE\", \"CLIENT_IP\" or \"GENERATED_COOKIE\"")
    );
    assert!(wrong("bc.spec.healthCheck.type", &json!("TCP")).is_some());
}

#[test]
fn texts_have_their_form() {
    assert!(wrong("bc.spec.healthCheck.requestPath", &json!("health")).is_some());
    assert!(wrong("bc.spec.healthCheck.requestPath", &json!("/health")).is_none());
    assert!(wrong("bc.spec.customRequestHeaders.headers[]", &json!("X-A:b")).is_none());
    assert!(wrong("bc.spec.customRequestHeaders.headers[]", &json!("X A:b")).is_some());
    for (domain, fits) in [
        ("chat.example.com", true),
        ("*.example.com", false),
        ("Chat.example.com", false),
        ("localhost", false),
        ("chat.example.c", false),
        ("chat.example.com.", false),
        (&format!("{}.example.com", "a".repeat(60)), false),
    ] {
        let message = wrong("mcrt.spec.domains[]", &json!(domain));
        assert_eq!(message.is_none(), fits, "{domain}");
    }
    for (duration, fits) in
        [("12h", true), ("1h30m", true), ("500ms", true), ("3600", false), ("", false)]
    {
        let message = wrong("GCPHTTPFilter.spec.cachePolicy.maxTTL", &json!(duration));
        assert_eq!(message.is_none(), fits, "{duration}");
    }
}

#[test]
fn a_field_of_a_closed_kind_says_what_happens_without_it() {
    let silent = ["[]", "status", "negativeCachingPolicy[].", "[].headerName", "[].keyName"];
    for field in all().filter(|field| field.kinds[0] == "BackendConfig") {
        let excused = silent.iter().any(|part| field.path.contains(part));
        assert!(excused || !field.absent.is_empty(), "{}", field.path);
    }
}
