//! sioway within the tools that others run it by: each is run as the real thing runs it, by what its page says.

mod github;
mod github_files;
mod gitlab;
mod gitops;
mod krm;
mod pre_commit;
mod release;
mod schema_store;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;

use crate::tools::{Scratch, python, root, succeed};

/// The version that is released.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A page of `docs/integrations`.
pub(crate) fn page(name: &str) -> String {
    let path = root().join("docs/integrations").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The fenced blocks of a language in a page.
pub(crate) fn blocks(page: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    let after = page.split(&fence).skip(1);
    after
        .map(|rest| rest.split_once("\n```").expect("a fence is closed").0.to_owned() + "\n")
        .collect()
}

/// YAML, read by Python.
pub(crate) fn yaml(text: &str) -> Value {
    // Keys of YAML 1.1: `on` of a workflow is one.
    let program = "import json, sys, yaml\n\
        class Loader(yaml.SafeLoader): pass\n\
        Loader.yaml_implicit_resolvers = {\n\
            key: [one for one in all if one[0] != 'tag:yaml.org,2002:bool' or key in 'tfTF'] for key, all in \
        yaml.SafeLoader.yaml_implicit_resolvers.items()}\n\
        print(json.dumps(list(yaml.load_all(sys.argv[1], Loader))))";
    let documents: Value =
        serde_json::from_str(&succeed(python().args(["-c", program, text]))).unwrap();
    match documents.as_array().unwrap().as_slice() {
        [one] => one.clone(),
        several => Value::Array(several.to_vec()),
    }
}

/// A file that can be run.
pub(crate) fn program(scratch: &Scratch, name: &str, text: &str) {
    scratch.write(name, text);
    fs::set_permissions(scratch.path(name), fs::Permissions::from_mode(0o755)).unwrap();
}

/// The Python tool of a name, from `tests/tools/requirements.txt`.
pub(crate) fn python_tool(name: &str) -> Command {
    let path = root().join("target/tools/python/bin").join(name);
    assert!(path.is_file(), "{name} is missing; tests/run.sh installs it and runs the tests");
    Command::new(path)
}

/// Releases as a host has them, of this build: `DIRECTORY/OWNER/sioway/releases/download/vVERSION/…`, made by what
/// makes the real ones.
pub(crate) fn releases() -> &'static Path {
    static RELEASES: OnceLock<PathBuf> = OnceLock::new();
    RELEASES.get_or_init(|| {
        let host = Path::new(env!("CARGO_TARGET_TMPDIR")).join("releases");
        let _ = fs::remove_dir_all(&host);
        let folder = host.join(format!("OWNER/sioway/releases/download/v{VERSION}"));
        fs::create_dir_all(&host).unwrap();
        // Most of a build for tests is there for debuggers.
        let binary = host.join("sioway");
        succeed(Command::new("strip").arg("-o").arg(&binary).arg(env!("CARGO_BIN_EXE_sioway")));
        let mut package = Command::new(root().join(".github/release/package.sh"));
        package.arg(binary).arg("x86_64-unknown-linux-musl").arg(folder);
        succeed(&mut package);
        host
    })
}

/// A repository with one rendered app, and beside it manifests in which polling breaks.
pub(crate) fn repository() -> Scratch {
    let scratch = Scratch::new();
    scratch.write("sioway.toml", "apps = [\"apps/*/app.toml\"]\n");
    scratch.write("apps/chat/app.toml", crate::tools::MINIMAL);
    scratch.ok(&["render"]);
    faulty_manifests(&scratch, "k8s");
    scratch
}

/// Manifests in which some faults have one right edit, and others have not.
pub(crate) fn faulty_manifests(scratch: &Scratch, directory: &str) {
    for file in fs::read_dir(root().join("tests/cmd/lint-fix.in/k8s")).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        scratch.write(&format!("{directory}/{name}"), &fs::read_to_string(&path).unwrap());
    }
}
