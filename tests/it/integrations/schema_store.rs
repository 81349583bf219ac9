//! What the Schema Store takes: its entries, the schemas that the page makes, and files that those take and refuse.

use std::fs;
use std::process::Command;

use serde_json::Value;

use super::{blocks, page};
use crate::tools::{Scratch, both, python, root, succeed, tool};

/// The folders of the store, filled by the commands of the page.
fn store() -> Scratch {
    let scratch = Scratch::new();
    fs::create_dir_all(scratch.path("schemastore/src/schemas/json")).unwrap();
    fs::create_dir_all(scratch.path("repository")).unwrap();
    succeed(
        Command::new("cp")
            .arg("-r")
            .arg(root().join("integrations"))
            .arg(scratch.path("repository")),
    );
    let script = &blocks(&page("editors.md"), "sh")[0];
    let sioway = std::path::Path::new(env!("CARGO_BIN_EXE_sioway")).parent().unwrap();
    let path = std::env::var_os("PATH").unwrap();
    let path = [sioway.to_owned()].into_iter().chain(std::env::split_paths(&path));
    let mut bash = Command::new("bash");
    bash.args(["-e", "-o", "pipefail", "-c", script]).current_dir(scratch.path("repository"));
    succeed(bash.env("PATH", std::env::join_paths(path).unwrap()));
    scratch
}

fn catalog() -> Vec<Value> {
    let text = fs::read_to_string(root().join("integrations/schemastore/catalog.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The name of the schema of an entry.
fn name(entry: &Value) -> String {
    let url = entry["url"].as_str().unwrap();
    let name = url.strip_prefix("https://json.schemastore.org/").unwrap();
    name.strip_suffix(".json").unwrap().to_owned()
}

#[test]
fn the_schemas_take_and_refuse_the_files_of_their_tests() {
    let store = store();
    let check = "import json, sys, tomllib, jsonschema\n\
        schema = json.load(open(sys.argv[1]))\n\
        jsonschema.Draft7Validator.check_schema(schema)\n\
        errors = list(jsonschema.Draft7Validator(schema).iter_errors(tomllib.load(open(sys.argv[2], 'rb'))))\n\
        print([error.message for error in errors]); sys.exit(10 if errors else 0)";
    for entry in catalog() {
        let name = name(&entry);
        let schema = store.path(&format!("schemastore/src/schemas/json/{name}.json"));
        let read: Value = serde_json::from_str(&fs::read_to_string(&schema).unwrap()).unwrap();
        assert_eq!(read["$id"], entry["url"]);
        assert_eq!(read["$schema"], "http://json-schema.org/draft-07/schema#");
        for (folder, status) in [("test", 0), ("negative_test", 10)] {
            let folder = format!("schemastore/src/{folder}/{name}");
            let files = store.list(&folder);
            assert!(files.len() >= 2, "{folder}");
            for file in files {
                let path = store.path(&format!("{folder}/{file}"));
                let output = python().args(["-c", check]).arg(&schema).arg(&path).output().unwrap();
                assert_eq!(output.status.code(), Some(status), "{file}: {}", both(&output));
                let mut taplo = Command::new(tool("taplo", "python/bin/taplo"));
                let url = format!("file://{}", schema.display());
                let output = taplo
                    .args(["lint", "--no-auto-config", "--schema", &url])
                    .arg(&path)
                    .output()
                    .unwrap();
                assert_eq!(output.status.success(), status == 0, "{file}: {}", both(&output));
            }
        }
    }
}

/// What sioway itself makes of the files: a schema that says otherwise would be of another tool.
#[test]
fn sioway_agrees_with_the_tests() {
    for (folder, taken) in [("test", true), ("negative_test", false)] {
        for (name, as_file) in [("sioway", "sioway.toml"), ("sioway-app", "app.toml")] {
            let directory = root().join("integrations/schemastore").join(folder).join(name);
            for file in fs::read_dir(directory).unwrap() {
                let path = file.unwrap().path();
                let scratch = Scratch::with_app(crate::tools::MINIMAL);
                scratch.write("profiles/staging.toml", "extends = \"gke\"\n");
                scratch.write("apps/chat/app.toml", crate::tools::MINIMAL);
                scratch.write("examples/chat/app.toml", crate::tools::MINIMAL);
                scratch.write(as_file, &fs::read_to_string(&path).unwrap());
                let run = scratch.run(&["render"]);
                assert_eq!(run.status == 0, taken, "{}: {}", path.display(), run.err);
            }
        }
    }
}

/// The rules of the store for an entry: <https://github.com/SchemaStore/schemastore/blob/master/CONTRIBUTING.md>.
#[test]
fn entries_are_specific() {
    let entries = catalog();
    let names: Vec<&str> = entries.iter().map(|entry| entry["name"].as_str().unwrap()).collect();
    assert!(names.is_sorted());
    for entry in &entries {
        let keys: Vec<&String> = entry.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["name", "description", "fileMatch", "url"]);
        let description = entry["description"].as_str().unwrap();
        assert!(!description.to_lowercase().contains("schema"), "each of them is one");
        for pattern in entry["fileMatch"].as_array().unwrap() {
            assert!(pattern.as_str().unwrap().contains("sioway"), "{pattern}");
        }
    }
}

/// The name by which the store knows an app is one that a workspace can use.
#[test]
fn apps_may_have_the_name_of_the_entry() {
    let pattern = catalog()[1]["fileMatch"][0].as_str().unwrap().to_owned();
    let scratch = Scratch::new();
    let apps = format!("apps/{pattern}");
    assert!(page("editors.md").contains(&format!("apps = [\"{apps}\"]")));
    scratch.write("sioway.toml", &format!("apps = [\"{apps}\"]\n"));
    scratch.write(&apps.replace('*', "chat"), crate::tools::MINIMAL);
    scratch.ok(&["render"]);
    assert!(scratch.read("out/chat/service.yaml").contains("from apps/chat.sioway.toml."));
}

/// The examples of the page are checked by what they name.
#[test]
fn the_first_line_is_what_init_writes() {
    let shown = &blocks(&page("editors.md"), "toml")[0];
    let scratch = Scratch::new();
    scratch.ok(&["init", "chat"]);
    let first = |text: &str| text.lines().next().unwrap().to_owned();
    assert_eq!(first(shown), first(&scratch.read("app.toml")));
}
