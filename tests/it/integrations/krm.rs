//! The KRM function: lists made by hand, and the real kpt.

use std::cell::Cell;
use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use super::{blocks, faulty_manifests, page, yaml};
use crate::diff::apps;
use crate::edits::texts::Dice;
use crate::restyled::restyled;
use crate::tools::{Run, Scratch, both, python, succeed, tool};

/// What a function gets: objects, and its configuration.
fn list(config: &str, items: &[&str]) -> String {
    let indented = |text: &str, first: &str, rest: &str| -> String {
        let lines = text.trim_end().lines().enumerate();
        lines
            .map(|(index, line)| match (index, line.is_empty()) {
                (_, true) => "\n".to_owned(),
                (0, false) => format!("{first}{line}\n"),
                (_, false) => format!("{rest}{line}\n"),
            })
            .collect()
    };
    let mut text = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n".to_owned();
    if !config.is_empty() {
        text.extend(["functionConfig:\n", &indented(config, "  ", "  ")]);
    }
    text.push_str(if items.is_empty() { "items: []\n" } else { "items:\n" });
    text.extend(items.iter().map(|item| indented(item, "- ", "  ")));
    text
}

/// `sioway krm` on a text.
fn krm(text: &str) -> Run {
    let scratch = Scratch::new();
    let mut command = scratch.command(&["krm"]);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(scratch.list(".").is_empty(), "a function writes no files");
    Run {
        status: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The configurations that the page shows: as YAML, and as TOML.
fn configs() -> [String; 2] {
    let page = page("krm.md");
    let blocks = blocks(&page, "yaml");
    [blocks[0].clone(), blocks[1].clone()]
}

/// What an app renders to, as values.
fn rendered(app: &str) -> Vec<Value> {
    let scratch = Scratch::with_app(app);
    let stream = scratch.ok(&["render", "-o", "-"]).out;
    yaml(&stream).as_array().unwrap().clone()
}

const BACKEND: &str = "apiVersion: cloud.google.com/v1
kind: BackendConfig
metadata:
  name: chat # ours
  annotations:
    config.kubernetes.io/index: '1'
    config.kubernetes.io/path: 'backend.yaml'
    internal.config.kubernetes.io/path: 'backend.yaml'
    internal.config.kubernetes.io/seqindent: 'compact'
spec:
  # Agreed with operations.
  timeoutSec: 30 # half a minute
  securityPolicy: {name: \"walls\"}
";

#[test]
fn an_app_is_rendered_into_the_list() {
    let [as_yaml, as_toml] = configs();
    let app =
        "name = \"chat\"\nhost = \"chat.example.com\"\nport = 3000\nsession.max-age = \"4h\"\n";
    let run = krm(&list(&as_yaml, &[]));
    assert_eq!((run.status, run.err.as_str()), (0, ""), "{}", run.out);
    let made = yaml(&run.out);
    assert_eq!(made["items"].as_array().unwrap(), &rendered(app));
    assert!(made.get("results").is_none());
    let run = krm(&list(&as_toml, &[]));
    assert_eq!(yaml(&run.out)["items"].as_array().unwrap(), &rendered(crate::tools::MINIMAL));
    // As other programs read and write lists.
    let json = serde_json::to_string(&yaml(&list(&as_yaml, &[]))).unwrap();
    for text in [json, list(&as_yaml, &[]).replace("items: []\n", "")] {
        assert_eq!(yaml(&krm(&text).out)["items"], made["items"], "{text}");
    }
}

#[test]
fn what_is_there_is_edited_and_all_else_stays() {
    let before = list(
        &configs()[0],
        &[BACKEND, "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {a: Yg==}\n"],
    );
    let before = before.replacen("apiVersion", "# From somewhere.\napiVersion", 1);
    let run = krm(&before);
    assert_eq!(run.status, 0, "{}{}", run.out, run.err);
    for line in before.lines().filter(|line| !line.contains("timeoutSec: 30")) {
        assert!(run.out.lines().any(|other| other == line), "{line}\n{}", run.out);
    }
    assert!(run.out.contains("    timeoutSec: 14400 # half a minute\n"), "{}", run.out);
    let made = yaml(&run.out);
    let items = made["items"].as_array().unwrap();
    assert_eq!(items[0]["spec"]["sessionAffinity"]["affinityType"], "CLIENT_IP");
    assert_eq!(items[0]["spec"]["securityPolicy"]["name"], "walls");
    assert_eq!(items[1]["kind"], "Secret");
    assert_eq!(items.iter().filter(|item| item["kind"] == "BackendConfig").count(), 1);
    assert_eq!(krm(&run.out).out, run.out, "done twice, it does nothing the second time");
    let crlf = krm(&before.replace('\n', "\r\n"));
    assert_eq!(crlf.out, run.out.replace('\n', "\r\n"));
}

/// The results of the contract, strictly.
fn check_results(list: &str) -> Vec<Value> {
    let text = json!({"type": "string", "minLength": 1});
    let schema = json!({
        "type": "array", "minItems": 1,
        "items": {
            "type": "object", "additionalProperties": false, "required": ["message"],
            "properties": {
                "message": text,
                "severity": {"enum": ["error", "warning", "info"]},
                "resourceRef": {
                    "type": "object", "additionalProperties": false, "required": ["apiVersion", "kind", "name"],
                    "properties": {"apiVersion": text, "kind": text, "name": text, "namespace": text}
                },
                "field": {
                    "type": "object", "additionalProperties": false, "required": ["path"],
                    "properties": {"path": text, "currentValue": {}, "proposedValue": {}}
                },
                "file": {
                    "type": "object", "additionalProperties": false, "required": ["path"],
                    "properties": {"path": text, "index": {"type": "integer", "minimum": 0}}
                },
                "tags": {"type": "object", "additionalProperties": text}
            }
        }
    });
    let results = yaml(list)["results"].clone();
    let program = "import json, sys, jsonschema; jsonschema.validate(json.loads(sys.argv[2]), json.loads(sys.argv[1]))";
    succeed(python().args(["-c", program, &schema.to_string(), &results.to_string()]));
    results.as_array().unwrap().clone()
}

/// The manifests of the tests of `lint --fix`, as an orchestrator hands them on.
fn faulty() -> (Scratch, Vec<String>) {
    let scratch = Scratch::new();
    faulty_manifests(&scratch, "k8s");
    let mut items = Vec::new();
    for name in scratch.list("k8s") {
        for (index, text) in scratch.read(&format!("k8s/{name}")).split("---\n").enumerate() {
            let mark = format!(
                "metadata:\n  annotations:\n    config.kubernetes.io/path: k8s/{name}\n    config.kubernetes.io/index: '{index}'\n"
            );
            let annotations = mark.trim_start_matches("metadata:\n");
            let text = if text.contains("  annotations:\n") {
                text.replacen("  annotations:\n", annotations, 1)
            } else {
                text.replacen("metadata:\n", &mark, 1)
            };
            items.push(text);
        }
    }
    (scratch, items)
}

#[test]
fn what_lint_finds_stands_in_the_results() {
    let (scratch, items) = faulty();
    let items: Vec<&str> = items.iter().map(String::as_str).collect();
    let run = krm(&list("", &items));
    assert_eq!((run.status, run.err.as_str()), (1, ""), "{}", run.out);
    let results = check_results(&run.out);
    let linted = scratch.run(&["lint", "k8s", "--format", "json"]).out;
    let linted: Value = serde_json::from_str(&linted).unwrap();
    let mut expected: Vec<(String, String)> = linted["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["rule"].as_str().unwrap().into(), one["file"].as_str().unwrap().into()))
        .collect();
    let mut found: Vec<(String, String)> = results
        .iter()
        .map(|one| {
            (
                one["tags"]["rule"].as_str().unwrap().into(),
                one["file"]["path"].as_str().unwrap().into(),
            )
        })
        .collect();
    expected.sort();
    found.sort();
    assert_eq!(found, expected);
    let proposed = |one: &&Value| one["field"].get("proposedValue").is_some();
    let proposed: Vec<&Value> = results.iter().filter(proposed).collect();
    assert!(!proposed.is_empty(), "{results:#?}");
    // The items are as they came.
    assert!(run.out.starts_with(&list("", &items)), "{}", run.out);
    // What an earlier function said stays.
    let earlier = list("", &items) + "results:\n- message: earlier\n  severity: info\n";
    let again = krm(&earlier);
    let all = check_results(&again.out);
    assert_eq!((all[0]["message"].as_str(), all.len()), (Some("earlier"), results.len() + 1));
}

#[test]
fn a_proposed_value_ends_its_finding() {
    let (_, items) = faulty();
    let items: Vec<&str> = items.iter().map(String::as_str).collect();
    let text = list("", &items);
    let results = check_results(&krm(&text).out);
    let mut tried = 0;
    for result in results.iter().filter(|one| one["field"].get("proposedValue").is_some()) {
        let (reference, path) = (&result["resourceRef"], result["field"]["path"].as_str().unwrap());
        if path.contains(['[', '"']) {
            continue;
        }
        let mut changed = yaml(&text);
        let all = changed["items"].as_array_mut().unwrap();
        let object = all
            .iter_mut()
            .find(|one| {
                one["kind"] == reference["kind"] && one["metadata"]["name"] == reference["name"]
            })
            .unwrap();
        let mut value = object;
        for key in path.split('.') {
            value = &mut value[key];
        }
        if let Some(current) = result["field"].get("currentValue") {
            assert_eq!(value, current);
        }
        *value = result["field"]["proposedValue"].clone();
        let after = krm(&changed.to_string());
        let left = yaml(&after.out)["results"].as_array().unwrap().clone();
        assert!(
            !left
                .iter()
                .any(|one| one["tags"]["rule"] == result["tags"]["rule"]
                    && one["field"]["path"] == path),
            "{result:#}"
        );
        tried += 1;
    }
    assert!(tried > 0);
}

#[test]
fn what_is_no_list_is_refused() {
    let app = configs()[0].clone();
    let anchored = "apiVersion: cloud.google.com/v1\nkind: BackendConfig\nmetadata: {name: chat}\nspec: &s\n  timeoutSec: 30\nx: *s\n";
    let cases = [
        (String::new(), "there is no `ResourceList`"),
        ("kind: List\napiVersion: v1\nitems: []\n".into(), "this is no `ResourceList`"),
        (list("", &[]).replace("io/v1", "io/v7"), "this version of `ResourceList` is not known"),
        (list("", &[]) + "---\na: b\n", "a function gets one document"),
        (list("", &[]).replace("[]", "7"), "`items` is a list"),
        (list("", &[]).replace("[]", "["), "ResourceList.yaml:3"),
        ("{{ .Values.list }}\n".into(), "a template is no `ResourceList`"),
        (list("apiVersion: v1\nkind: Pod", &[]), "this configures no sioway"),
        (list("apiVersion: sioway/v1\nkind: App", &[]), "`spec` has the keys of app.toml"),
        (
            list("apiVersion: v1\nkind: ConfigMap\ndata: {app: x}", &[]),
            "there is no `app.toml` in this data",
        ),
        (list("apiVersion: v1\nkind: ConfigMap\ndata: {app.toml: 7}", &[]), "`app.toml` is a text"),
        (list(&app.replace("port: 3000", "prot: 3000"), &[]), "ResourceList.yaml:10:5"),
        (list(&app.replace("port: 3000", "port: 30.5"), &[]), "a fraction"),
        (list(&app.replace("max-age: 4h", "affinity: none"), &[]), "polling needs every request"),
        (list(&(app.clone() + "  profile: /etc/passwd\n"), &[]), "/etc/passwd"),
        (list(&app, &[anchored]), "this cannot be edited safely"),
    ];
    for (text, message) in cases {
        let run = krm(&text);
        assert_eq!((run.status, run.out.as_str()), (2, ""), "{text}\n{}", run.err);
        assert!(run.err.contains(message), "{message}\n{}", run.err);
        assert!(!run.err.contains("root:"), "no file is read");
    }
}

#[test]
fn nothing_to_judge_is_no_failure() {
    for config in
        ["", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: function-input}\ndata: {}"]
    {
        let run = krm(&list(config, &[]));
        assert_eq!((run.status, run.out), (0, list(config, &[])), "{}", run.err);
    }
}

/// kpt, at home in a directory of its own.
fn kpt(scratch: &Scratch, arguments: &[&str]) -> (bool, String) {
    let sioway = std::path::Path::new(env!("CARGO_BIN_EXE_sioway")).parent().unwrap();
    let path = std::env::var_os("PATH").unwrap();
    let path = [sioway.to_owned()].into_iter().chain(std::env::split_paths(&path));
    let output = Command::new(tool("kpt", "kpt/kpt"))
        .args(arguments)
        .current_dir(scratch.path(""))
        .env_clear()
        .env("HOME", scratch.path(""))
        .env("PATH", std::env::join_paths(path).unwrap())
        .output()
        .unwrap();
    (output.status.success(), both(&output))
}

#[test]
fn kpt_generates_and_keeps_comments() {
    let scratch = Scratch::new();
    let is_plain = |line: &&str| !line.contains("nnotations:") && !line.contains("kubernetes.io/");
    let plain: Vec<&str> = BACKEND.lines().filter(is_plain).collect();
    let plain = plain.join("\n") + "\n";
    scratch.write("package/backend.yaml", &plain);
    scratch.write("chat.yaml", &configs()[0]);
    let (ok, told) = kpt(
        &scratch,
        &["fn", "eval", "package", "--exec", "sioway krm", "--fn-config", "chat.yaml"],
    );
    assert!(ok, "{told}");
    let after = scratch.read("package/backend.yaml");
    assert!(
        after.contains("timeoutSec: 14400 # half a minute")
            && after.contains("# Agreed with operations."),
        "{after}"
    );
    assert!(
        after.contains("name: chat # ours") && !after.contains("kubernetes.io/path"),
        "{after}"
    );
    let all = scratch.run(&["lint", "package", "--show-files"]).out;
    assert_eq!(all.lines().count(), 4, "{all}");
    let (ok, told) = kpt(&scratch, &["fn", "eval", "package", "--exec", "sioway krm"]);
    assert!(ok, "what it made passes: {told}");
}

#[test]
fn kpt_tells_what_breaks_sessions() {
    let scratch = Scratch::new();
    faulty_manifests(&scratch, "package");
    let arguments = ["fn", "eval", "package", "--exec", "sioway krm", "--results-dir", "results"];
    let (ok, told) = kpt(&scratch, &arguments);
    assert!(!ok && told.contains("[error] v1/Service/boards/board"), "{told}");
    let results = yaml(&scratch.read("results/results.yaml"));
    let all = results["items"][0]["results"].as_array().unwrap();
    assert!(all.iter().any(|one| one["tags"]["rule"] == "backendconfig-on-ingress"), "{results:#}");
    assert!(all.iter().all(|one| one["file"]["path"].is_string()), "{results:#}");
}

#[test]
fn kpt_runs_the_pipeline_of_the_page() {
    let scratch = Scratch::new();
    let page = page("krm.md");
    let kptfile =
        blocks(&page, "yaml").into_iter().find(|block| block.contains("kind: Kptfile")).unwrap();
    scratch.write("package/Kptfile", &kptfile);
    scratch.write("package/chat.yaml", &configs()[0]);
    fs::create_dir_all(scratch.path("package")).unwrap();
    let (ok, told) = kpt(&scratch, &["fn", "render", "package", "--allow-exec"]);
    assert!(ok, "{told}");
    let made = scratch.run(&["lint", "package", "--show-files"]).out;
    assert!(made.lines().count() > 4, "{made}");
}

/// JSON that is YAML too, which takes no such characters as they are.
fn quiet(value: &Value) -> String {
    let strange = |letter: char| letter.is_control() || "\u{feff}\u{fffe}\u{ffff}".contains(letter);
    let written = |letter: char| {
        if strange(letter) { format!("\\u{:04x}", u32::from(letter)) } else { letter.to_string() }
    };
    value.to_string().chars().map(written).collect::<Vec<_>>().concat()
}

/// Random apps among the objects of other random apps, in random styles: afterwards nothing differs any more.
#[test]
fn what_an_app_asks_for_is_in_the_list_afterwards() {
    let mut runner = TestRunner::new(Config {
        cases: 30,
        failure_persistence: None,
        max_shrink_iters: 20,
        ..Config::default()
    });
    let (edited, refused) = (Cell::new(0), Cell::new(0));
    let property = runner.run(&(apps(), proptest::num::u64::ANY), |((there, wanted), seed)| {
        let scratch = Scratch::with_app(&there);
        let stream = scratch.run(&["render", "-o", "-"]);
        scratch.write("app.toml", &wanted);
        if stream.status != 0 || scratch.run(&["render", "-o", "-"]).status != 0 {
            return Ok(());
        }
        let config = json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"app.toml": wanted}});
        let list = json!({
            "apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList",
            "functionConfig": config, "items": yaml(&stream.out)
        });
        let written = restyled(&mut Dice::new(seed), &[list]).files;
        // Some style puts all into a List.
        let [(name, text)] = written.as_slice() else { return Ok(()) };
        if name == "list.yaml" {
            return Ok(());
        }
        let run = krm(text);
        let is_refused = ["cannot be edited safely", "is left to people"]
            .iter()
            .any(|why| run.err.contains(why));
        if run.status == 2 && is_refused {
            refused.set(refused.get() + 1);
            return Ok(());
        }
        prop_assert!(run.status < 2, "{text}\n{}", run.err);
        let items = yaml(&run.out)["items"].clone();
        let after = json!({"apiVersion": "v1", "kind": "List", "items": items});
        scratch.write("k8s/list.json", &quiet(&after));
        let diff = scratch.run(&["diff", "--against", "k8s"]);
        prop_assert_eq!(diff.status, 0, "{}{}\n{}", diff.err, diff.out, text);
        prop_assert_eq!(&yaml(&krm(&run.out).out)["items"], &items, "done twice");
        edited.set(edited.get() + 1);
        Ok(())
    });
    property.unwrap();
    // What nobody can edit safely, such as nginx in quotes, is refused as a whole.
    assert!(edited.get() > 0, "{edited:?} {refused:?}");
}
