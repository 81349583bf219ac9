//! The jobs of GitLab, as a runner takes them: `before_script` and `script` in one shell that ends at the first failure.

use std::process::Command;

use serde_json::{Value, json};

use super::{VERSION, blocks, page, python_tool, releases, repository};
use crate::tools::{Scratch, both, python, succeed};

/// The page's pipeline.
fn pipeline() -> Value {
    super::yaml(&blocks(&page("gitlab.md"), "yaml")[0])
}

/// Runs a job in a checkout: its exit status, and its log.
fn run(job: &str, scratch: &Scratch) -> (i32, String) {
    let pipeline = pipeline();
    let parent = pipeline[job]["extends"].as_str().unwrap();
    let lines = |part: &Value| -> Vec<String> {
        part.as_array().unwrap().iter().map(|line| line.as_str().unwrap().to_owned()).collect()
    };
    let mut script = lines(&pipeline[parent]["before_script"]);
    script.extend(lines(&pipeline[job]["script"]));
    let mut bash = Command::new("bash");
    bash.args(["-e", "-o", "pipefail", "-c", &script.join("\n")]).env_clear();
    for (key, value) in pipeline["variables"].as_object().unwrap() {
        let host = format!("file://{}", releases().display());
        bash.env(key, value.as_str().unwrap().replace("https://github.com", &host));
    }
    bash.env("PATH", std::env::var_os("PATH").unwrap()).env("CI_PROJECT_DIR", scratch.path(""));
    let output = bash.current_dir(scratch.path("")).output().unwrap();
    (output.status.code().unwrap(), both(&output))
}

/// The report that GitLab takes from a job.
fn report(job: &str, scratch: &Scratch) -> Vec<Value> {
    let pipeline = pipeline();
    let file = pipeline[job]["artifacts"]["reports"]["codequality"].as_str().unwrap();
    assert_eq!(pipeline[job]["artifacts"]["when"], "always", "a job with findings fails");
    let text = scratch.read(file);
    assert!(!text.starts_with('\u{feff}'), "GitLab takes no byte order mark");
    serde_json::from_str(&text).unwrap()
}

/// What <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format> asks for.
fn check_shape(report: &[Value]) {
    let schema = json!({
        "type": "array",
        "items": {
            "type": "object",
            "required": ["description", "check_name", "fingerprint", "severity", "location"],
            "properties": {
                "description": {"type": "string", "minLength": 1},
                "check_name": {"type": "string", "minLength": 1},
                "fingerprint": {"type": "string", "minLength": 1},
                "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
                "location": {
                    "type": "object",
                    "required": ["path", "lines"],
                    "properties": {
                        "path": {"type": "string", "pattern": "^[^./]|^\\.$"},
                        "lines": {
                            "type": "object", "required": ["begin"],
                            "properties": {"begin": {"type": "integer", "minimum": 1}}
                        }
                    }
                }
            }
        }
    });
    let program = "import json, sys, jsonschema; jsonschema.validate(json.loads(sys.argv[2]), json.loads(sys.argv[1]))";
    let report = serde_json::to_string(report).unwrap();
    succeed(python().args(["-c", program, &schema.to_string(), &report]));
    let all: Vec<Value> = serde_json::from_str(&report).unwrap();
    let prints: std::collections::BTreeSet<&str> =
        all.iter().map(|one| one["fingerprint"].as_str().unwrap()).collect();
    assert_eq!(prints.len(), all.len(), "each has its own");
}

#[test]
fn the_pipeline_is_valid_and_of_this_version() {
    let scratch = Scratch::new();
    scratch.write(".gitlab-ci.yml", &blocks(&page("gitlab.md"), "yaml")[0]);
    let mut check = python_tool("check-jsonschema");
    check.args(["--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci"]);
    succeed(check.arg(scratch.path(".gitlab-ci.yml")));
    assert_eq!(pipeline()["variables"]["SIOWAY_VERSION"], VERSION);
}

#[test]
fn a_finding_is_the_same_one_after_its_line_has_moved() {
    let scratch = repository();
    let (status, log) = run("sioway-lint", &scratch);
    assert_eq!(status, 1, "{log}");
    assert!(log.contains("error[backendconfig-on-ingress]"), "the log is for people: {log}");
    let before = report("sioway-lint", &scratch);
    check_shape(&before);
    assert!(
        before
            .iter()
            .any(|one| one["location"]["path"] == "k8s/service.yaml"
                && one["severity"] == "critical")
    );

    let service = scratch.read("k8s/service.yaml");
    scratch.write("k8s/service.yaml", &format!("# moved\n# down\n{service}"));
    run("sioway-lint", &scratch);
    let after = report("sioway-lint", &scratch);
    let prints = |report: &[Value]| -> std::collections::BTreeSet<String> {
        report.iter().map(|one| one["fingerprint"].to_string()).collect()
    };
    assert_eq!(prints(&before), prints(&after));
    assert_ne!(before, after, "the lines are others");
}

#[test]
fn differences_are_reported_and_none_are_an_empty_list() {
    let scratch = repository();
    let (status, log) = run("sioway-diff", &scratch);
    assert_eq!(status, 0, "{log}");
    assert_eq!(report("sioway-diff", &scratch), [Value::Null; 0]);
    let service = scratch.read("out/chat/service.yaml");
    scratch.write("out/chat/service.yaml", &service.replace("port: 80", "port: 81"));
    let (status, log) = run("sioway-diff", &scratch);
    assert_eq!(status, 1, "{log}");
    let report = report("sioway-diff", &scratch);
    check_shape(&report);
    assert_eq!(report[0]["location"]["path"], "out/chat/service.yaml");
}
