//! The published schemas: what sioway takes they take, and what it refuses by shape they refuse.

use crate::tools::{Scratch, both, python, root, tool};

const CHECK: &str = "\
import json, sys, tomllib, jsonschema
schema = json.load(open(sys.argv[1]))
jsonschema.Draft7Validator.check_schema(schema)
errors = list(jsonschema.Draft7Validator(schema).iter_errors(tomllib.load(open(sys.argv[2], 'rb'))))
print('; '.join(f'{list(e.absolute_path)}: {e.message}' for e in errors))
sys.exit(bool(errors))
";

fn accepts(scratch: &Scratch, of: &str, file: &std::path::Path) -> Result<(), String> {
    scratch.write("schema.json", &scratch.ok(&["schema", of]).out);
    let output =
        python().args(["-c", CHECK]).arg(scratch.path("schema.json")).arg(file).output().unwrap();
    if output.status.success() { Ok(()) } else { Err(both(&output)) }
}

fn examples() -> impl Iterator<Item = std::path::PathBuf> {
    std::fs::read_dir(root().join("examples"))
        .unwrap()
        .map(|example| example.unwrap().path().join("app.toml"))
}

#[test]
fn is_draft_07() {
    for of in ["app", "workspace", "profile"] {
        let schema: serde_json::Value =
            serde_json::from_str(&Scratch::new().ok(&["schema", of]).out).unwrap();
        assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#");
    }
}

#[test]
fn takes_every_example_profile_and_workspace() {
    let scratch = Scratch::new();
    for example in examples() {
        accepts(&scratch, "app", &example)
            .unwrap_or_else(|error| panic!("{}: {error}", example.display()));
    }
    accepts(&scratch, "workspace", &root().join("sioway.toml")).unwrap();
    for profile in ["gke", "gke-internal"] {
        accepts(&scratch, "profile", &root().join(format!("profiles/{profile}.toml"))).unwrap();
    }
}

/// Broken descriptions, one fault each, which sioway refuses too.
const BROKEN: [&str; 16] = [
    "",
    "name = \"chat\"\nhost = \"a.b\"\n",
    "name = \"Chat\"\nhost = \"a.b\"\nport = 1\n",
    "name = \"chat\"\nhost = [\"a.b\", \"*.b\"]\nport = 1\n",
    "name = \"chat\"\nhost = []\nport = 1\n",
    "name = \"chat\"\nhost = \"a.b\"\nport = 65536\n",
    "name = \"chat\"\nhost = \"a.b\"\nport = \"1\"\n",
    "name = \"chat\"\nhost = \"a.b\"\nport = 1\nprot = 2\n",
    "name = \"chat\"\nhost = \"a.b\"\nport = 1\n[session]\naffinity = \"cookies\"\n",
    "name = \"chat\"\nhost = \"a.b\"\nport = 1\n[session]\nmax-age = \"24\"\n",
    "name = \"chat\"\nhost = \"a.b\"\nport = 1\n[socketio]\npath = \"/socket.io\"\n",
    "name = \"chat\"\nhost = \"a.b\"\nport = 1\n[socketio]\ntransports = []\n",
    "name = \"chat\"\nhost = \"a.b\"\nport = 1\n[socketio]\nmax-message = \"1mb\"\n",
    "name = \"chat\"\nhost = \"a.b\"\nport = 1\n[[ingress.route]]\npath = \"x\"\n",
    "name = \"chat\"\nhost = \"a.b\"\nport = 1\n[workload]\n",
    "name = \"chat\"\nhost = \"a.b\"\nport = 1\nsession = []\n",
];

#[test]
fn refuses_what_sioway_refuses_by_shape() {
    for text in BROKEN {
        let scratch = Scratch::with_app(text);
        assert_eq!(scratch.run(&["render", "--check"]).status, 2, "{text}");
        assert!(accepts(&scratch, "app", &scratch.path("app.toml")).is_err(), "{text}");
    }
}

#[test]
fn editors_find_it_by_the_line_that_init_writes() {
    let scratch = Scratch::new();
    scratch.ok(&["init", "chat"]);
    let taplo = || std::process::Command::new(tool("taplo", "python/bin/taplo"));
    let lint =
        |file: &str| taplo().args(["lint", file]).current_dir(scratch.path("")).output().unwrap();
    let output = lint("app.toml");
    assert!(output.status.success(), "{}", both(&output));
    scratch.write("app.toml", &scratch.read("app.toml").replace("port = 3000", "port = 300000"));
    let output = lint("app.toml");
    assert!(!output.status.success() && both(&output).contains("300000"), "{}", both(&output));
}

#[test]
fn hovers_say_what_a_key_means() {
    let schema: serde_json::Value =
        serde_json::from_str(&Scratch::new().ok(&["schema"]).out).unwrap();
    let session = &schema["definitions"]["Session"]["properties"]["max-age"];
    assert!(
        session["description"].as_str().unwrap().contains("closes every WebSocket at this age"),
        "{session}"
    );
    assert_eq!(session["default"], "24h");
}
