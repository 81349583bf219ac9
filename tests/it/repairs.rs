//! The repairs of the rules: each makes of its page's example what the page says, in whatever style that is written, and
//! nothing else comes of it.

use std::collections::BTreeSet;

use serde_json::Value;
use sioway::diagnostic::{Applicability, Finding, Sources};
use sioway::fix::{self, Edit};
use sioway::path::Model;
use sioway::rules::{self, ALL, Fence, Rule};
use sioway::set::{File, Set};

use crate::nginx::oracle::{Oracle, current, distribution};
use crate::rules::{found, marked};

type Found = Vec<(usize, Finding)>;

/// A text with all edits that its findings carry.
fn repaired(rule: &Rule, text: &str, found: &Found) -> String {
    let edits = found.iter().flat_map(|(_, finding)| &finding.edits);
    let edits: Vec<Edit> = edits.map(|(_, edit)| edit.clone()).collect();
    if edits.is_empty() {
        return text.to_owned();
    }
    let applied = fix::apply(text, &edits);
    applied.unwrap_or_else(|refused| panic!("{}: {refused:?}\n{text}", rule.id)).text
}

/// The fences of a rule that show faults, with the heading that they stand under.
fn faults(rule: &'static Rule) -> Vec<(&'static str, Fence<'static>)> {
    let page = rule.page();
    let under = |heading| page.fences(heading).into_iter().map(move |fence| (heading, fence));
    under("Example").chain(under("More cases")).collect()
}

/// The rules that find something in a text.
fn firing(language: &str, text: &str) -> BTreeSet<&'static str> {
    let name = if language == "nginx" { "nginx.conf" } else { "example.yaml" };
    let mut sources = Sources::default();
    let source = sources.add(name, text);
    let files = [File::read(source, name, text, true)];
    let set = Set::new(&files);
    let found = rules::check(&Model::new(&set, &[]));
    found.iter().map(|finding| finding.diagnostic.id).collect()
}

#[test]
fn each_is_as_safe_as_its_rule_says() {
    for rule in ALL {
        for (heading, fence) in faults(rule) {
            let (_, text) = marked(fence.text);
            for (line, finding) in found(rule, fence.language, &text) {
                let place = format!("{} {heading}, line {line}", rule.id);
                let edits = [Applicability::Safe, Applicability::Unsafe].contains(&finding.fix);
                assert_eq!(edits, !finding.edits.is_empty(), "{place}");
                assert!(finding.fix >= rule.fix, "{place}: {:?}", finding.fix);
                assert!(finding.fix == rule.fix || heading != "Example", "{place}");
            }
        }
    }
}

#[test]
fn each_makes_of_the_example_what_the_page_says() {
    for rule in ALL.iter().filter(|rule| rule.fix != Applicability::Manual) {
        let page = rule.page();
        let (examples, wanted) = (page.fences("Example"), page.fences("Use instead"));
        assert_eq!(examples.len(), wanted.len(), "{}", rule.id);
        for (fence, wanted) in examples.iter().zip(wanted) {
            let (_, text) = marked(fence.text);
            let once = repaired(rule, &text, &found(rule, fence.language, &text));
            assert_eq!(once, wanted.text, "{}", rule.id);
        }
    }
}

#[test]
fn each_ends_what_it_repairs_and_begins_nothing() {
    for rule in ALL {
        for (heading, fence) in faults(rule) {
            let (_, text) = marked(fence.text);
            let before = found(rule, fence.language, &text);
            let once = repaired(rule, &text, &before);
            let after = found(rule, fence.language, &once);
            let place = format!("{} {heading}\n{text}\n{once}", rule.id);
            let left = before.iter().filter(|(_, finding)| finding.edits.is_empty()).count();
            assert_eq!(after.len(), left, "{place}");
            assert_eq!(repaired(rule, &once, &after), once, "{place}");
            let new = &firing(fence.language, &once) - &firing(fence.language, &text);
            assert!(new.is_empty(), "{new:?} begin\n{place}");
        }
    }
}

/// Each example of a repaired rule in another style, with what the page makes of it in the same style.
fn in_style(
    language: &str,
    style: impl Fn(&str) -> Option<String>,
    same: impl Fn(&str, &str) -> bool,
) {
    let mut count = 0;
    for rule in ALL.iter().filter(|rule| rule.fix != Applicability::Manual) {
        let page = rule.page();
        for (fence, wanted) in page.fences("Example").iter().zip(page.fences("Use instead")) {
            if fence.language != language {
                continue;
            }
            let Some(text) = style(&marked(fence.text).1) else {
                continue;
            };
            let language = if text.starts_with("apiVersion") { "yaml" } else { language };
            let once = repaired(rule, &text, &found(rule, language, &text));
            let wanted = style(wanted.text).unwrap();
            assert!(same(&once, &wanted), "{}\n{text}\n--\n{once}\n--\n{wanted}", rule.id);
            count += 1;
        }
    }
    assert!(count > 10, "{count} examples of {language}");
}

fn equal(one: &str, other: &str) -> bool {
    one == other
}

#[test]
fn line_ends_of_other_systems_stay() {
    for language in ["yaml", "nginx"] {
        in_style(language, |text| Some(text.replace('\n', "\r\n")), equal);
    }
}

#[test]
fn other_documents_and_comments_stay() {
    let around = |text: &str| {
        let comments = text.replace("\nspec:\n", "\nspec: # what is wanted\n  # first of all\n");
        let other = "apiVersion: v1\nkind: Secret\nmetadata:\n      name: another\n";
        Some(format!("# top\n---\n{other}# between\n---\n{comments}---\n# end\n"))
    };
    in_style("yaml", around, equal);
}

#[test]
fn other_indentations_stay() {
    let deep = |text: &str| {
        let line = |line: &str| {
            let content = line.trim_start_matches(' ');
            let margin = " ".repeat(2 * (line.len() - content.len()));
            match content.strip_prefix("- ") {
                Some(item) => format!("{margin}-   {item}\n"),
                None => format!("{margin}{content}\n"),
            }
        };
        Some(text.lines().map(line).collect::<String>())
    };
    in_style("yaml", deep, equal);
    in_style("nginx", |text| Some(text.replace("    ", "\t")), equal);
}

#[test]
fn configurations_in_config_maps_are_repaired_alike() {
    let config_map = |text: &str| {
        let line = |line: &str| {
            if line.is_empty() { "\n".to_owned() } else { format!("    {line}\n") }
        };
        let lines: String = text.lines().map(line).collect();
        let head = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: nginx\n";
        Some(format!("{head}data:\n  # nginx's own\n  nginx.conf: |\n{lines}  other: text\n"))
    };
    in_style("nginx", config_map, equal);
}

/// All documents as one list in JSON, which is YAML in flow style. Lines in a text are no lines of the file there, and
/// edits of them are refused; and it has no comments that could say what a path is for.
fn as_json(text: &str, spaces: bool) -> Option<String> {
    if text.contains(": |\n") || text.contains('#') {
        return None;
    }
    let documents = serde_yaml::Deserializer::from_str(text);
    let items: Vec<Value> =
        documents.map(|one| serde::Deserialize::deserialize(one).unwrap()).collect();
    let list = serde_json::json!({"apiVersion": "v1", "kind": "List", "items": items});
    let text =
        if spaces { serde_json::to_string_pretty(&list) } else { serde_json::to_string(&list) };
    Some(text.unwrap() + "\n")
}

#[test]
fn json_is_repaired_alike() {
    let value = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    for spaces in [true, false] {
        in_style("yaml", |text| as_json(text, spaces), |one, other| value(one) == value(other));
    }
}

#[test]
fn nginx_takes_what_was_repaired() {
    let mut count = 0;
    for oracle in [Oracle::new(distribution()), Oracle::new(current())] {
        for rule in ALL {
            for (_, fence) in faults(rule).into_iter().filter(|(_, one)| one.language == "nginx") {
                let (_, text) = marked(fence.text);
                let found = found(rule, "nginx", &text);
                if found.iter().all(|(_, finding)| finding.edits.is_empty()) {
                    continue;
                }
                let refusal = oracle.refusal(whole(&repaired(rule, &text, &found)).as_bytes());
                let other =
                    refusal.is_empty() || refusal == oracle.refusal(whole(&text).as_bytes());
                assert!(other, "{}\n{text}\n{refusal}", rule.id);
                count += usize::from(refusal.is_empty());
            }
        }
    }
    assert!(count >= 40, "{count} are taken");
}

/// A configuration that nginx can be asked about: one that is a part is put into the whole.
fn whole(text: &str) -> String {
    if text.contains("events") {
        text.to_owned()
    } else {
        format!("events {{}}\nhttp {{\n{text}}}\n")
    }
}

/// What a rule makes of a part of a text; nothing where that stays.
type Case = (&'static str, Option<&'static str>);

/// Writes each part into a text in the place of `@`, and compares what the rule makes of it.
fn parts(id: &str, around: &str, cases: &[Case]) {
    let rule = rules::rule(id).unwrap();
    for (before, after) in cases {
        let text = around.replace('@', before);
        let found = found(rule, "yaml", &text);
        assert!(!found.is_empty(), "{id} finds nothing: {before}");
        let wanted = around.replace('@', after.unwrap_or(before));
        assert_eq!(repaired(rule, &text, &found), wanted, "{id}: {before}");
    }
}

const SERVICE: &str = "apiVersion: v1\nkind: Service\nmetadata:\n  name: chat\n  annotations:\n    @\nspec:\n  ports: [{port: 80}]\n";
const CONFIG: &str =
    "apiVersion: cloud.google.com/v1\nkind: BackendConfig\nmetadata: {name: chat}\nspec:\n  @\n";
const INGRESS: &str =
    "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: chat\n  @\n";

#[test]
fn broken_annotations_become_what_was_meant() {
    let key = "cloud.google.com/backend-config: ";
    let around = SERVICE.replace('@', &format!("{key}@"));
    let chat = Some("'{\"default\": \"chat\"}'");
    let cases = [
        ("'{\"default\": \"chat\"}}'", chat),
        ("'{\"default\": \"chat\"} } }'", chat),
        ("'{\"default\":\"chat\"}}' # why", Some("'{\"default\":\"chat\"}' # why")),
        ("'{default: chat}'", chat),
        ("'{\"default\": \"chat\",}'", chat),
        ("\"{'default': 'chat'}\"", Some("\"{\\\"default\\\": \\\"chat\\\"}\"")),
        ("{default: chat}", chat),
        (
            "'{ports: {80: chat, http: x}}'",
            Some("'{\"ports\": {\"80\": \"chat\", \"http\": \"x\"}}'"),
        ),
        ("chat", None),
        ("'{}'", None),
        ("'{\"default\": 1}'", None),
        ("'{\"default\": 1}}'", None),
        ("'{\"default\": \"chat\"'", None),
        ("'{\"default\": \"chat\"}]'", None),
        ("'{default: chat, others: x}'", None),
        ("[chat]", None),
    ];
    parts("backendconfig-annotation-invalid", &around, &cases);
}

#[test]
fn fields_are_renamed_where_one_alone_can_be_meant() {
    let cases = [
        ("timeoutsec: 60", Some("timeoutSec: 60")),
        ("timeout: 60 # why", Some("timeoutSec: 60 # why")),
        (
            "connectiondraining: {drainingTimeoutSec: 60}",
            Some("connectionDraining: {drainingTimeoutSec: 60}"),
        ),
        (
            "sessionAffinity: {affinityTyp: CLIENT_IP}",
            Some("sessionAffinity: {affinityType: CLIENT_IP}"),
        ),
        ("timeoutSeconds: 60s", None),
        ("timeoutSeconds: 60\n  timeoutSec: 30", None),
        ("healthCheck: {checkTimeoutSec: 5}", None),
        ("cdn: {enabled: true, minTtl: 5}", None),
        ("redirectToHttps: {enabled: true}", None),
    ];
    parts("backendconfig-unknown-field", CONFIG, &cases);
}

#[test]
fn values_are_written_as_the_api_reads_them() {
    let cases = [
        ("timeoutSec: '60'", Some("timeoutSec: 60")),
        ("timeoutSec: \"60\" # why", Some("timeoutSec: 60 # why")),
        ("cdn: {enabled: \"false\"}", Some("cdn: {enabled: false}")),
        (
            "sessionAffinity: {affinityType: generated-cookie}",
            Some("sessionAffinity: {affinityType: GENERATED_COOKIE}"),
        ),
        ("securityPolicy: {name: 0}", Some("securityPolicy: {name: \"0\"}")),
        ("timeoutSec: 60s", None),
        ("timeoutSec: '060'", None),
        ("timeoutSec: '0'", None),
        ("sessionAffinity: {affinityType: COOKIE}", None),
        ("healthCheck: {requestPath: health}", None),
    ];
    parts("backendconfig-value-refused", CONFIG, &cases);
    let cases = [
        ("a: 012", Some("a: \"012\"")),
        ("a: 1e3 # why", Some("a: \"1e3\" # why")),
        ("a: Yes", Some("a: \"Yes\"")),
        ("a: 1.10", Some("a: \"1.10\"")),
        ("{b: 'x', a: 0x1F}", Some("{b: 'x', a: \"0x1F\"}")),
    ];
    parts("ambiguous-scalar", &SERVICE.replace("name: chat", "labels: {x: \"y\"}"), &cases);
}

#[test]
fn groups_of_endpoints_are_asked_for() {
    let around = format!(
        "{}  defaultBackend: {{service: {{name: chat, port: {{number: 80}}}}}}\n---\n{SERVICE}",
        INGRESS
            .replace('@', "annotations: {kubernetes.io/ingress.class: gce}\nspec:")
            .trim_end()
            .to_owned()
            + "\n"
    );
    let cases = [
        ("cloud.google.com/neg: '{}'", Some("cloud.google.com/neg: '{\"ingress\": true}'")),
        (
            "cloud.google.com/neg: '{\"ingress\":false}'",
            Some("cloud.google.com/neg: '{\"ingress\":true}'"),
        ),
        (
            "cloud.google.com/neg: \"{\\\"exposed_ports\\\":{\\\"80\\\":{}}}\"",
            Some(
                "cloud.google.com/neg: \"{\\\"exposed_ports\\\":{\\\"80\\\":{}},\\\"ingress\\\":true}\"",
            ),
        ),
        ("cloud.google.com/neg: '{\"exposed_ports\": {\"80\": {\"name\": \"x\"}}}'", None),
        ("cloud.google.com/neg: 'true'", None),
    ];
    parts("neg-not-requested", &around, &cases);
}

#[test]
fn ingresses_of_the_beta_become_stable_ones() {
    let old = INGRESS.replace("networking.k8s.io/v1", "networking.k8s.io/v1beta1");
    let cases = [
        (
            "backend: {serviceName: chat, servicePort: http}",
            Some("defaultBackend: {service: {name: chat, port: {name: http}}}"),
        ),
        (
            "# all of it\n  backend:\n    serviceName: chat\n    servicePort: 80\n  tls: [{}]",
            Some(
                "# all of it\n  defaultBackend:\n    service:\n      name: chat\n      port:\n        \
                 number: 80\n  tls: [{}]",
            ),
        ),
        ("backend: {serviceName: chat, servicePort: \"80\"}", None),
        ("backend: {serviceName: chat}", None),
    ];
    let rule = rules::rule("ingress-api-removed").unwrap();
    for (before, after) in cases {
        let spec = |text: &str| format!("spec:\n  {text}");
        let text = old.replace("  @", &spec(before));
        let wanted = after.map(|after| INGRESS.replace("  @", &spec(after)));
        let once = repaired(rule, &text, &found(rule, "yaml", &text));
        assert_eq!(once, wanted.unwrap_or(text), "{before}");
    }
}

#[test]
fn keys_are_renamed_where_one_alone_can_be_meant() {
    let cases = [
        (
            "annotations: {kubernetes.io/ingress.globalStaticIpName: a}",
            Some("annotations: {kubernetes.io/ingress.global-static-ip-name: a}"),
        ),
        (
            "annotations: {kubernetes.io/ingress.allow-htp: 'false'}",
            Some("annotations: {kubernetes.io/ingress.allow-http: 'false'}"),
        ),
        ("annotations: {networking.gke.io/static-ip: 10.0.0.1}", None),
        ("annotations: {cloud.google.com/neg: '{}'}", None),
        (
            "annotations: {kubernetes.io/ingress.allow-htp: 'false', kubernetes.io/ingress.allow-http: 'true'}",
            None,
        ),
    ];
    parts("dead-annotation", INGRESS, &cases);
}

#[test]
fn a_path_takes_no_other_services_urls() {
    let around = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: chat\nspec:\n  rules:\n    - http:\n        paths:\n          \
                  - {path: OTHER, backend: {service: {name: web, port: {number: 80}}}}\n          \
                  - {path: /socket.io, @, backend: {service: {name: chat, port: {number: 80}}}}\n";
    let (before, after) = ("pathType: Exact", "pathType: Prefix");
    for (other, repaired) in [
        ("/socket.io/*", None),
        ("/socket.io/", None),
        ("/*", Some(after)),
        ("/socket.io/admin/*", Some(after)),
    ] {
        let text = around.replace("OTHER", other);
        parts("path-matches-only-itself", &text, &[(before, repaired)]);
    }
}
