//! What `sioway trace` foretells behind a Gateway of GKE's, beside what happens behind a load balancer that does what the
//! policies of its Service ask for.

use serde_json::Value;

use super::trace::Case;

const REQUESTS: &[&str] = &["handshake", "second-poll", "post", "upgrade", "direct-websocket"];
const AFFINITY: &str = "    sessionAffinity: {type: CLIENT_IP}\n";

fn good(steps: &'static [&'static str]) -> Case {
    Case::good(steps).at_gateway()
}

fn step<'v>(predicted: &'v [Value], name: &str) -> &'v Value {
    predicted.iter().find(|one| one["step"] == name).unwrap_or_else(|| panic!("no {name}"))
}

fn rules<'v>(predicted: &'v [Value], name: &str) -> Vec<&'v str> {
    let rules = step(predicted, name)["rules"].as_array().unwrap();
    rules.iter().map(|one| one.as_str().unwrap()).collect()
}

#[test]
fn a_way_that_is_right() {
    let case = good(REQUESTS);
    let predicted = case.predicted();
    for name in [REQUESTS, &["health-check", "websocket-life"]].concat() {
        assert_eq!(step(&predicted, name)["verdict"], "good", "{predicted:#?}");
    }
    case.agrees();
    let mut three = good(REQUESTS).tried(6);
    three.pods = 3;
    three.agrees();
}

#[test]
fn what_keeps_no_session_on_its_pod() {
    let renamed = "    sessionAffinity: {affinityType: CLIENT_IP}\n";
    let ports = "    sessionAffinity: {type: CLIENT_IP_PORT_PROTO}\n";
    let rule = "      backendRefs";
    let persistent = "      sessionPersistence: {type: Cookie}\n      backendRefs";
    for (old, new, wanted) in [
        (AFFINITY, "", "session-affinity-missing"),
        (AFFINITY, "    sessionAffinity: {type: NONE}\n", "session-affinity-missing"),
        (AFFINITY, renamed, "policy-field-of-backendconfig"),
        (AFFINITY, ports, "policy-field-of-backendconfig"),
        (rule, persistent, "session-persistence-unsupported"),
    ] {
        let mut case = good(REQUESTS).tried(45).manifests(old, new);
        if old == rule {
            case = case.manifests(AFFINITY, "");
        }
        case.pods = 3;
        let case = case.balancer("affinity", "random");
        let predicted = case.predicted();
        assert_eq!(rules(&predicted, "post").first(), Some(&wanted), "{predicted:#?}");
        case.agrees();
    }
}

/// A policy is attached from its own side, so nobody knows that there is none.
#[test]
fn a_policy_that_is_not_among_the_files() {
    let target = "kind: Service, name: chat}";
    let mut case = good(REQUESTS).manifests(target, "kind: Service, name: talk}");
    case.pods = 3;
    let predicted = case.predicted();
    assert_eq!(step(&predicted, "handshake")["verdict"], "good", "{predicted:#?}");
    for name in ["second-poll", "post", "upgrade", "websocket-life", "rollout"] {
        let one = step(&predicted, name);
        assert_eq!(one["verdict"], "unknown", "{one:#}");
        let outcome = one["outcome"].as_str().unwrap();
        assert!(outcome.contains("no GCPBackendPolicy for the Service `chat`"), "{outcome}");
    }
}

#[test]
fn what_cuts_a_websocket() {
    const LIFE: &[&str] = &["websocket-life"];
    let short = |case: Case| case.manifests("timeoutSec: 86400", "timeoutSec: 2");
    let classic = short(good(LIFE)).manifests("gke-l7-global-external-managed", "gke-l7-gxlb");
    let classic = classic.balancer("cut", 2_000);
    assert_eq!(rules(&classic.predicted(), "websocket-life"), ["websocket-cut-by-timeout"]);
    classic.agrees();
    // The others close what is quiet: pings keep it open, and what pings seldom is closed.
    let busy = short(good(LIFE)).balancer("cut", 2_000).balancer("idle", true);
    let observed = busy.observed();
    let open = |one: &Value| one["closed"] == false;
    assert!(observed["websocket-life"].as_array().unwrap().iter().all(open), "{observed:#}");
    let mut quiet = short(good(LIFE)).balancer("cut", 2_000).balancer("idle", true);
    quiet.ping = 25_000;
    assert_eq!(rules(&quiet.predicted(), "websocket-life"), ["websocket-cut-by-timeout"]);
    quiet.agrees();
}

#[test]
fn pods_that_the_policy_finds_unhealthy() {
    let case = good(&["handshake", "direct-websocket"]);
    let case = case.manifests("requestPath: /health", "requestPath: /healthz");
    let case = case.balancer("health", "/healthz").balancer("none", 503);
    let predicted = case.predicted();
    assert_eq!(step(&predicted, "handshake")["status"], 503, "{predicted:#?}");
    let observed = case.observed();
    for name in ["handshake", "direct-websocket"] {
        super::trace::compare(name, step(&predicted, name), observed[name].as_array().unwrap());
    }
}

/// What is not reckoned with is said, and nothing is foretold.
#[test]
fn what_a_rule_does_besides() {
    let path = "path: {type: PathPrefix, value: /socket.io/}";
    let more = |line: &str| format!("      {line}\n      backendRefs");
    let refs = "      backendRefs";
    let two = "backendRefs: [{name: chat, port: 80, weight: 9}, {name: talk, port: 80, weight: 1}]";
    let filter = "filters: [{type: ExtensionRef, extensionRef: {group: networking.gke.io, kind: GCPHTTPFilter, name: cdn}}]";
    let rewrite = "filters: [{type: URLRewrite, urlRewrite: {hostname: a.b}}]";
    for (old, new, said) in [
        (path, "headers: [{name: x, value: y}], path: {value: /socket.io/}".to_owned(), "headers"),
        (path, "path: {type: RegularExpression, value: /s.*}".to_owned(), "no path of HTTPRoute"),
        (path, "path: {type: PathPrefix, value: /socket.i}".to_owned(), "no path of HTTPRoute"),
        ("backendRefs: [{name: chat, port: 80}]", two.to_owned(), "several Services"),
        (refs, more(filter), "the GCPHTTPFilter `cdn`"),
        (refs, more(rewrite), "the filter `URLRewrite`"),
    ] {
        let predicted = good(&[]).manifests(old, &new).predicted();
        let outcome = step(&predicted, "handshake")["outcome"].as_str().unwrap();
        assert!(outcome.starts_with("unknown: ") && outcome.contains(said), "{new}: {outcome}");
    }
    let timeouts = good(&[]).manifests(refs, &more("timeouts: {request: 10s}")).predicted();
    assert_eq!(step(&timeouts, "handshake")["verdict"], "good");
    assert_eq!(step(&timeouts, "websocket-life")["verdict"], "unknown");
}
