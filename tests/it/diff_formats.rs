//! The formats of `sioway diff`, by those who read them, and that all of them tell one edit: of random apps against
//! manifests in random styles.

use std::cell::Cell;

use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;

use crate::diff::apps;
use crate::edits::texts::Dice;
use crate::restyled::restyled;
use crate::tools::{MINIMAL, Scratch, both, git, python, tool};

/// What reviewdog reads, strictly: `reviewdog/reviewdog:proto/rdf/reviewdog.proto`.
const RDJSON_SCHEMA: &str = r##"{
    "$schema": "http://json-schema.org/draft-07/schema#",
    "definitions": {
        "position": {
            "type": "object", "additionalProperties": false, "required": ["line", "column"],
            "properties": {
                "line": { "type": "integer", "minimum": 1 }, "column": { "type": "integer", "minimum": 1 }
            }
        },
        "range": {
            "type": "object", "additionalProperties": false, "required": ["start", "end"],
            "properties": {
                "start": { "$ref": "#/definitions/position" }, "end": { "$ref": "#/definitions/position" }
            }
        },
        "diagnostic": {
            "type": "object", "additionalProperties": false, "required": ["message", "location", "severity"],
            "properties": {
                "message": { "type": "string", "minLength": 1 },
                "severity": { "enum": ["ERROR", "WARNING", "INFO"] },
                "code": {
                    "type": "object", "additionalProperties": false,
                    "properties": { "value": { "type": "string" }, "url": { "type": "string" } }
                },
                "location": {
                    "type": "object", "additionalProperties": false, "required": ["path", "range"],
                    "properties": {
                        "path": { "type": "string", "minLength": 1 }, "range": { "$ref": "#/definitions/range" }
                    }
                },
                "suggestions": {
                    "type": "array", "minItems": 1, "maxItems": 1,
                    "items": {
                        "type": "object", "additionalProperties": false, "required": ["range", "text"],
                        "properties": { "range": { "$ref": "#/definitions/range" }, "text": { "type": "string" } }
                    }
                }
            }
        }
    },
    "type": "object", "additionalProperties": false, "required": ["source", "diagnostics"],
    "properties": {
        "source": {
            "type": "object", "additionalProperties": false, "required": ["name"],
            "properties": { "name": { "const": "sioway diff" } }
        },
        "diagnostics": { "type": "array", "items": { "$ref": "#/definitions/diagnostic" } }
    }
}"##;

/// Validates pairs of a schema and a document, without keeping the first fault for itself.
const VALIDATE: &str = "\
import json, sys
from jsonschema import Draft4Validator, Draft7Validator
faults = []
for validator, schema, name in [(Draft4Validator, sys.argv[1], 'out.sarif'), (Draft7Validator, 'rdjson.schema', 'out.rdjson'),
                                (Draft7Validator, 'diff.schema', 'out.json')]:
    for error in validator(json.load(open(schema))).iter_errors(json.load(open(name, encoding='utf-8'))):
        faults.append(f'{name}: {list(error.absolute_path)}: {error.message[:300]}')
print('\\n'.join(faults))
sys.exit(bool(faults))
";

const OUTPUTS: [&str; 12] = [
    "--output",
    "sarif:out.sarif",
    "--output",
    "rdjson:out.rdjson",
    "--output",
    "json:out.json",
    "--output",
    "github:out.github",
    "--output",
    "unified:out.diff",
    "--output",
    "markdown:out.md",
];

/// A directory with an app, and with manifests in a style of somebody's own, rendered from another description.
fn styled(there: &str, wanted: &str, seed: u64) -> Option<Scratch> {
    let scratch = Scratch::with_app(there);
    if scratch.run(&["render", "-o", "rendered"]).status != 0 {
        return None;
    }
    let mut objects = Vec::new();
    for name in scratch.list("rendered").iter().filter(|name| *name != ".sioway.lock") {
        let text = scratch.read(&format!("rendered/{name}"));
        let object: Value = serde_yaml::from_str(&text).unwrap();
        objects.extend((object["kind"] != "Kustomization").then_some(object));
    }
    std::fs::remove_dir_all(scratch.path("rendered")).unwrap();
    for (name, text) in restyled(&mut Dice::new(seed), &objects).files {
        scratch.write(&format!("k8s/{name}"), &text);
    }
    scratch.write("app.toml", wanted);
    Some(scratch)
}

fn files(scratch: &Scratch) -> Vec<(String, String)> {
    let names = scratch.list("k8s").into_iter();
    names.map(|name| (name.clone(), scratch.read(&format!("k8s/{name}")))).collect()
}

/// The byte of a position: lines and columns from 1, columns in bytes.
fn byte(text: &str, position: &Value) -> usize {
    let number = |key: &str| usize::try_from(position[key].as_u64().unwrap()).unwrap();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let before: usize = lines[..number("line") - 1].iter().map(|line| line.len()).sum();
    before + number("column") - 1
}

/// What becomes of a file whose suggestions are all taken.
fn suggested(report: &Value, path: &str, text: &str) -> String {
    let all = report["diagnostics"].as_array().unwrap().iter();
    let own = all.filter(|one| one["location"]["path"] == path);
    let mut edits: Vec<(std::ops::Range<usize>, String)> = own
        .flat_map(|one| one["suggestions"].as_array().into_iter().flatten())
        .map(|one| {
            let range = &one["range"];
            let span = byte(text, &range["start"])..byte(text, &range["end"]);
            (span, one["text"].as_str().unwrap().to_owned())
        })
        .collect();
    edits.sort_by_key(|(span, _)| (span.start, span.end));
    let (mut made, mut at) = (String::new(), 0);
    for (span, new) in &edits {
        made += &text[at..span.start];
        made += new;
        at = span.end;
    }
    made + &text[at..]
}

/// The comments of a text, `# c1` and so on, in their order.
fn comments(text: &str) -> Vec<String> {
    let numbers = text
        .match_indices("# c")
        .map(|(at, _)| text[at + 3..].chars().take_while(char::is_ascii_digit).collect::<String>());
    numbers.filter(|number| !number.is_empty()).collect()
}

#[test]
fn a_style_is_no_difference() {
    let mut runner = TestRunner::new(Config {
        cases: 40,
        failure_persistence: None,
        max_shrink_iters: 0,
        ..Config::default()
    });
    let compared = Cell::new(0);
    let case = (apps(), proptest::prelude::any::<u64>());
    let property = runner.run(&case, |((app, _), seed)| {
        let Some(scratch) = styled(&app, &app, seed) else {
            return Ok(());
        };
        let before = files(&scratch);
        let run = scratch.run(&["diff", "--against", "k8s"]);
        assert_eq!((run.status, run.out.as_str()), (0, ""), "{app}\n{}\n{before:#?}", run.err);
        scratch.ok(&["diff", "--against", "k8s", "--write"]);
        assert_eq!(files(&scratch), before);
        compared.set(compared.get() + 1);
        Ok(())
    });
    property.unwrap();
    assert!(compared.get() > 20, "only {} were compared", compared.get());
}

#[test]
fn all_formats_tell_one_edit_that_touches_nothing_else() {
    let mut runner = TestRunner::new(Config {
        cases: 40,
        failure_persistence: None,
        max_shrink_iters: 0,
        ..Config::default()
    });
    let written = Cell::new(0);
    let case = (apps(), proptest::prelude::any::<u64>());
    let property = runner.run(&case, |((there, wanted), seed)| {
        // An item that goes takes the comment on its line along. Hosts are the items that go.
        let items_go = seed % 3 == 0;
        let wanted = if items_go { wanted } else { with_hosts_of(&there, &wanted) };
        let Some(scratch) = styled(&there, &wanted, seed) else {
            return Ok(());
        };
        let told = format!("{there}\n{wanted}\n{seed}\n");
        let before = files(&scratch);
        let run = scratch.run(&[&["diff", "--against", "k8s"][..], &OUTPUTS].concat());
        if run.status == 2 {
            return Ok(());
        }
        is_valid(&scratch, &told);
        let report: Value = serde_json::from_str(&scratch.read("out.rdjson")).unwrap();
        let patched = patched(&scratch);
        let run = scratch.run(&["diff", "--against", "k8s", "--write"]);
        // Where people have to help, the other files are compared all the same.
        let refused = run.err.contains("edit-refused");
        assert!(refused || run.status == 0, "{told}{}", run.err);
        let after = files(&scratch);
        assert_eq!(after, patched, "{told}");
        for (name, old) in &before {
            let new = &after.iter().find(|(other, _)| other == name).unwrap().1;
            is_what_was_suggested(&report, name, [old, new], items_go, &told);
        }
        if !refused {
            let again = scratch.run(&["diff", "--against", "k8s"]);
            assert_eq!(again.status, 0, "{told}{}", again.out);
        }
        written.set(written.get() + usize::from(!refused && before != after));
        Ok(())
    });
    property.unwrap();
    assert!(written.get() > 10, "only {} were written", written.get());
}

/// Taking all suggestions of a file makes the new text of the old one, and no comment is lost.
fn is_what_was_suggested(
    report: &Value,
    name: &str,
    [old, new]: [&String; 2],
    items_go: bool,
    told: &str,
) {
    let made = suggested(report, &format!("k8s/{name}"), old);
    assert_eq!(&made, new, "{told}");
    let (was, is) = (comments(old), comments(new));
    let mut left = was.iter();
    let in_order = is.iter().all(|one| left.any(|other| other == one));
    assert!(in_order && (items_go || was.len() == is.len()), "{told}{old}\n{new}");
}

/// A description with the hosts of another one.
fn with_hosts_of(there: &str, wanted: &str) -> String {
    let hosts = there.lines().find(|line| line.starts_with("host = ")).unwrap();
    let line =
        |line: &str| if line.starts_with("host = ") { hosts } else { line }.to_owned() + "\n";
    wanted.lines().map(line).collect()
}

/// What real git makes of the patch; the files are as before in the end.
fn patched(scratch: &Scratch) -> Vec<(String, String)> {
    let git = |arguments: &[&str]| git(&scratch.path(""), arguments);
    git(&["init", "-q", "."]);
    git(&["-c", "core.autocrlf=false", "add", "k8s"]);
    if !scratch.read("out.diff").is_empty() {
        git(&["apply", "out.diff"]);
    }
    let patched = files(scratch);
    git(&["checkout", "-q", "--", "k8s"]);
    git(&["clean", "-fdq", "k8s"]);
    patched
}

/// Validates what was written with the schemas of those who read it.
fn is_valid(scratch: &Scratch, told: &str) {
    scratch.write("rdjson.schema", RDJSON_SCHEMA);
    scratch.write("diff.schema", &sioway::report::diff::json_schema().to_string());
    let sarif = tool("sarif-2.1.0-rtm.5.json", "sarif/sarif-2.1.0-rtm.5.json");
    let output =
        python().args(["-c", VALIDATE]).arg(sarif).current_dir(scratch.path("")).output().unwrap();
    assert!(output.status.success(), "{told}{}", both(&output));
    let commands = ["::error ", "::warning ", "::notice "];
    for line in scratch.read("out.github").lines() {
        assert!(commands.iter().any(|command| line.starts_with(command)), "{told}{line}");
    }
}

/// A scratch with differences of every kind: a changed number, an absent object, lines to add.
fn drifted() -> Scratch {
    let scratch = Scratch::with_app(MINIMAL);
    scratch.ok(&["render", "-o", "k8s"]);
    for name in [".sioway.lock", "kustomization.yaml", "ingress.yaml"] {
        std::fs::remove_file(scratch.path(&format!("k8s/{name}"))).unwrap();
    }
    let text = scratch.read("k8s/backendconfig.yaml");
    let text = text
        .replace("timeoutSec: 86400", "timeoutSec: 30")
        .replace("  connectionDraining:\n    drainingTimeoutSec: 60\n", "");
    scratch.write("k8s/backendconfig.yaml", &text);
    scratch
}

#[test]
fn sarif_is_no_failure_and_each_result_brings_its_own_edit() {
    let scratch = drifted();
    let run = scratch.run(&["diff", "--against", "k8s", "--format", "sarif"]);
    assert_eq!(run.status, 0, "whoever uploads it reads it: {}", run.err);
    let log: Value = serde_json::from_str(&run.out).unwrap();
    let run = &log["runs"][0];
    assert_eq!(run["automationDetails"]["id"], "sioway-diff/");
    let results = run["results"].as_array().unwrap();
    let absent = results.iter().find(|one| one["ruleId"] == "object-not-there").unwrap();
    let uri = &absent["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
    assert_eq!((uri, absent.get("fixes")), (&"app.toml".into(), None));
    let text = scratch.read("k8s/backendconfig.yaml");
    let fixes: Vec<&Value> = results.iter().filter(|one| one.get("fixes").is_some()).collect();
    assert_eq!(fixes.len(), 2);
    for result in fixes {
        let change = &result["fixes"][0]["artifactChanges"][0];
        let replacement = &change["replacements"][0];
        let region = &replacement["deletedRegion"];
        // All of it is ASCII: a column is a byte.
        let at = |line: &str, column: &str| {
            let position = serde_json::json!({"line": region[line], "column": region[column]});
            byte(&text, &position)
        };
        let (start, end) = (at("startLine", "startColumn"), at("endLine", "endColumn"));
        let new = replacement["insertedContent"]["text"].as_str().unwrap();
        let alone = [&text[..start], new, &text[end..]].concat();
        scratch.write("k8s/backendconfig.yaml", &alone);
        let run = scratch.run(&["diff", "--against", "k8s", "--format", "sarif"]);
        let log: Value = serde_json::from_str(&run.out).unwrap();
        let left = log["runs"][0]["results"].as_array().unwrap();
        assert_eq!(left.len(), results.len() - 1, "{alone}");
        assert!(!left.iter().any(|one| one["message"] == result["message"]), "{alone}");
    }
}

#[test]
fn what_comes_from_stdin_is_not_written() {
    let scratch = drifted();
    let run = scratch.run(&["diff", "--against", "-", "--write"]);
    assert_eq!(run.status, 2);
    assert!(run.err.contains("error[write-to-stdin]"), "{}", run.err);
}

#[test]
fn the_worst_ten_of_a_level_are_annotated() {
    let scratch = Scratch::with_app(MINIMAL);
    let annotations: Vec<String> =
        (0..30).map(|index| format!("\"x.example/a{index}\" = \"{index}\"")).collect();
    let app = format!("{MINIMAL}annotations = {{ {} }}\n", annotations.join(", "));
    scratch.write(
        "k8s/all.yaml",
        "apiVersion: v1\nkind: Service\nmetadata:\n  name: chat\n  annotations: {}\n",
    );
    scratch.write("app.toml", &app);
    let run = scratch.run(&["diff", "--against", "k8s", "--format", "github"]);
    assert_eq!(run.status, 1);
    let levels = ["::error ", "::warning ", "::notice "]
        .map(|level| run.out.lines().filter(|line| line.starts_with(level)).count());
    assert!(levels[0] == 0 && levels[1] > 0 && levels[2] == 10, "{levels:?}\n{}", run.out);
    let first = run.out.lines().position(|line| line.starts_with("::notice"));
    assert_eq!(first, Some(levels[0] + levels[1]), "the worst come first\n{}", run.out);
    let last = run.out.lines().last().unwrap();
    assert!(last.contains("`sioway diff` shows all of them"), "{last}");
}
