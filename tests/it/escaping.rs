//! Hostile text: what goes in comes back, and the structure around it never changes.
//!
//! Read back by four readers of YAML, `PyYAML` (1.1, as kubectl's), ruamel (1.2), libyaml and granit, and by a real
//! nginx that serves each value.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use sioway::plan::Plan;
use sioway::render::{OwnTemplate, Renderer, Style, TemplateSet};

use crate::properties::{gke, plan};
use crate::tools::{MINIMAL, Scratch, python, tool};

/// Values in every position that a template can print one: scalar, key, list, map, nested, block, comment.
const POSITIONS: &str = "\
{% for key, value in annotations | items %}
---
# {{ value }}
scalar: {{ value }}
{{ value }}: key
list: {{ [value, 1, true] }}
map: {{ {\"key\": value, \"deep\": {\"er\": [value]}} }}
items:
  - {{ value }}
  - - {{ value }}
json: {{ {\"key\": value} | json }}
block: {{ value | block(2) }}
end: true
{% endfor %}
";

/// What trips readers: YAML's own words and signs, line breaks of every kind, marks, neighbours of surrogates.
#[rustfmt::skip]
const TRIPS: &[&str] = &[
    "y", "no", "On", "null", "~", "true", "1_000", "0x1f", "012", "0o17", "1e3", ".inf",
    "2001-01-01", "12:30:45", "<<", "=", "!!str x", "&a", "*a", "- a", "? a", "a: b", "a #b",
    "# a", "{{ a }}", "{% a %}", "[a", "{a", "|", ">", "%a", "@a", "`a", "'", "\"", "\\",
    "---", "...", "--- a", " a", "a ", "\ta", "a\tb", "a\n", "\na", "a\n\nb\n\n", " \n a",
    "a\r\nb", "\u{85}", "\u{2028}", "\u{2029}", "\u{feff}", "\u{fffe}", "\u{ffff}", "\u{fffd}",
    "\u{7f}", "\u{0}", "\u{1b}[31m", "\u{a0}", "\u{d7ff}", "\u{e000}", "\u{10ffff}",
    "\u{1f600}", "",
];

/// Text made of pieces that trip readers, and of anything else.
fn hostile() -> impl Strategy<Value = String> {
    let words = prop::sample::select(TRIPS);
    let pieces = prop::collection::vec(
        prop_oneof![words.prop_map(|word| (*word).to_owned()), any::<String>(), "[ -~]{0,12}"],
        0..4,
    );
    pieces
        .prop_map(|pieces| pieces.concat())
        .prop_filter("a key is shorter", |text| text.len() < 900)
}

fn samples(count: usize) -> Vec<String> {
    let mut runner = TestRunner::deterministic();
    let mut values: Vec<String> =
        (0..count).map(|_| hostile().new_tree(&mut runner).unwrap().current()).collect();
    values.sort();
    values.dedup();
    values
}

fn plan_with(values: &[String]) -> Plan {
    let annotation = |(index, value): (usize, &String)| (format!("a{index:06}"), value.clone());
    let annotations: BTreeMap<String, String> = values.iter().enumerate().map(annotation).collect();
    let table = toml::Value::try_from(annotations).unwrap();
    plan(&format!("{MINIMAL}annotations = {table}\n"), &gke()).expect("annotations may be anything")
}

fn own(name: &str, text: &str) -> TemplateSet {
    let template = OwnTemplate { shown: name.to_owned(), text: text.to_owned() };
    TemplateSet::with(BTreeMap::from([(name.to_owned(), template)]))
}

fn rendered(values: &[String], name: &str, template: &str) -> String {
    let templates = own(name, template);
    let style = Style { comments: true, layout: sioway::spec::Layout::Kustomize, templates };
    let files = Renderer::new(style).files(&plan_with(values), "app.toml");
    let files = files.unwrap_or_else(|failure| panic!("{failure:?}"));
    files.into_iter().find(|file| file.name == name).expect("the template's file").text
}

/// What each document must read as.
fn expected(value: &str) -> serde_json::Value {
    let mut object = serde_json::json!({
        "scalar": value,
        "list": [value, 1, true],
        "map": { "key": value, "deep": { "er": [value] } },
        "items": [value, [value]],
        "json": serde_json::json!({ "key": value }).to_string(),
        "block": value,
        "end": true,
    });
    object[value] = "key".into();
    object
}

#[test]
fn two_independent_readers_of_yaml_see_what_was_meant() {
    let values: Vec<String> =
        samples(4_000).into_iter().filter(|value| !is_own_key(value)).collect();
    let scratch = Scratch::new();
    for (index, part) in values.chunks(500).enumerate() {
        scratch.write(&format!("{index}.yaml"), &rendered(part, "probe.yaml", POSITIONS));
        let wanted: Vec<serde_json::Value> = part.iter().map(|value| expected(value)).collect();
        scratch.write(&format!("{index}.json"), &serde_json::to_string(&wanted).unwrap());
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/read_yaml.py");
    let output = python().arg(script).arg(scratch.path("")).output().unwrap();
    assert!(output.status.success(), "{}", crate::tools::both(&output));
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(said.trim(), format!("{} documents, the same to PyYAML and ruamel", values.len()));
}

/// The positions have keys of their own, which a value used as a key must not repeat.
fn is_own_key(value: &str) -> bool {
    ["scalar", "list", "map", "items", "json", "block", "end"].contains(&value)
}

#[test]
fn libyaml_and_granit_see_it_too() {
    let values: Vec<String> =
        samples(2_000).into_iter().filter(|value| !is_own_key(value)).collect();
    for part in values.chunks(200) {
        let text = rendered(part, "probe.yaml", POSITIONS);
        // The header stands before the first `---`, as a document of its own to no reader.
        let documents = serde_yaml::Deserializer::from_str(&text);
        let read: Vec<serde_json::Value> =
            documents.map(|one| serde::Deserialize::deserialize(one).unwrap()).collect();
        let wanted: Vec<serde_json::Value> = part.iter().map(|value| expected(value)).collect();
        assert_eq!(read, wanted);
        let errors = granit_parser::Parser::new_from_str(&text).filter(Result::is_err).count();
        assert_eq!(errors, 0);
    }
}

#[test]
fn nginx_serves_what_was_meant() {
    let carried = |value: &String| !value.contains('$') && !value.chars().any(char::is_control);
    let values: Vec<String> = samples(6_000).into_iter().filter(carried).take(1_500).collect();
    assert!(values.len() > 1_000);
    let scratch = Scratch::new();
    let socket = scratch.path("nginx.sock");
    let template = format!(
        "pid {pid};\nerror_log stderr warn;\nevents {{}}\nhttp {{ access_log off; server {{ listen unix:{socket};\n\
         {{% for key, value in annotations | items %}}\nlocation = /{{{{ key }}}} {{ default_type text/plain; return 200 {{{{ value }}}}; }}\n\
         {{% endfor %}}\n}} }}\n",
        pid = scratch.path("nginx.pid").display(),
        socket = socket.display()
    );
    scratch.write("nginx.conf", &rendered(&values, "nginx.conf", &template));
    let mut nginx = Command::new(tool("nginx", "none"))
        .args([
            "-p",
            scratch.path("").to_str().unwrap(),
            "-c",
            "nginx.conf",
            "-g",
            "daemon off; master_process off;",
        ])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + Duration::from_secs(10);
    while !socket.exists() && Instant::now() < deadline && nginx.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(10));
    }
    let served: Vec<Option<String>> =
        (0..values.len()).map(|index| get(&socket, &format!("/a{index:06}"))).collect();
    nginx.kill().unwrap();
    let complaints = nginx.wait_with_output().unwrap().stderr;
    for (value, served) in values.iter().zip(served) {
        assert_eq!(
            served.as_deref(),
            Some(value.as_str()),
            "{}",
            String::from_utf8_lossy(&complaints)
        );
    }
}

fn get(socket: &std::path::Path, path: &str) -> Option<String> {
    let mut stream = UnixStream::connect(socket).ok()?;
    write!(stream, "GET {path} HTTP/1.0\r\n\r\n").ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let answer = String::from_utf8(answer).ok()?;
    Some(answer.split_once("\r\n\r\n")?.1.to_owned())
}

#[test]
fn what_nginx_cannot_carry_fails_with_a_reason() {
    for (value, reason) in [
        ("$host", "no way to escape it"),
        ("a\nb", "control character"),
        (&"x".repeat(4_500), "4,096 bytes"),
    ] {
        let templates = own("nginx.conf", "{{ annotations[\"a000000\"] }}\n");
        let failure = Renderer::new(Style { comments: true, templates, ..Style::default() })
            .files(&plan_with(&[value.to_owned()]), "app.toml")
            .unwrap_err();
        assert!(failure.diagnostic.labels[0].text.contains(reason), "{failure:?}");
    }
}

#[test]
fn a_header_stays_on_its_line() {
    let renderer = Renderer::new(Style::default());
    let files =
        renderer.files(&plan_with(&[]), "apps/a\nkind: Secret\r\u{1b}[31m/app.toml").unwrap();
    let mut text = String::new();
    write!(text, "{}", files[0].text).unwrap();
    assert!(
        text.starts_with("# Rendered by sioway from apps/a?kind: Secret??[31m/app.toml."),
        "{text}"
    );
}
