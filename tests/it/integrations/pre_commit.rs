//! The hooks, run by the real pre-commit in a scratch repository.

use std::process::Output;

use super::{blocks, faulty_manifests, page, python_tool};
use crate::tools::{MINIMAL, Scratch, both, git, root, succeed};

/// A user's repository `user` and sioway's own `hooks`, with the hooks that are shipped.
fn repositories() -> Scratch {
    let scratch = Scratch::new();
    let hooks = std::fs::read_to_string(root().join(".pre-commit-hooks.yaml")).unwrap();
    scratch.write("hooks/.pre-commit-hooks.yaml", &hooks);
    scratch.write("user/sioway.toml", "");
    for directory in ["hooks", "user"] {
        git(&scratch.path(directory), &["init", "--quiet"]);
        git(&scratch.path(directory), &["add", "--all"]);
        git(&scratch.path(directory), &["commit", "--quiet", "--message", "first"]);
    }
    scratch
}

/// What the page shows for a sioway that is installed, with the repository that is at hand; and hooks of its own.
fn configure(scratch: &Scratch, hooks: Option<&str>) {
    let page = page("pre-commit.md");
    let shown = blocks(&page, "yaml").remove(1);
    let revision = git(&scratch.path("hooks"), &["rev-parse", "HEAD"]);
    let here = scratch.path("hooks").to_str().unwrap().to_owned();
    let mut text =
        shown.replace("https://github.com/OWNER/sioway", &here).replace("v0.1.0", revision.trim());
    assert!(text.contains(&here) && text.contains(revision.trim()), "{text}");
    if let Some(hooks) = hooks {
        let (head, _) = text.split_once("      - id:").unwrap();
        text = format!("{head}{hooks}");
    }
    scratch.write("user/.pre-commit-config.yaml", &text);
}

/// pre-commit over all files of the user's.
fn run(scratch: &Scratch) -> Output {
    git(&scratch.path("user"), &["add", "--all"]);
    let sioway = std::path::Path::new(env!("CARGO_BIN_EXE_sioway")).parent().unwrap();
    let path = std::env::var_os("PATH").unwrap();
    let path = std::env::join_paths(
        std::iter::once(sioway.to_owned()).chain(std::env::split_paths(&path)),
    );
    python_tool("pre-commit")
        .args(["run", "--all-files", "--color", "never"])
        .current_dir(scratch.path("user"))
        .env("PRE_COMMIT_HOME", scratch.path("cache"))
        .env("PATH", path.unwrap())
        .env_remove("GIT_DIR")
        .env_remove("GIT_INDEX_FILE")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap()
}

#[test]
fn what_is_shipped_is_valid() {
    let manifest = root().join(".pre-commit-hooks.yaml");
    succeed(python_tool("pre-commit").arg("validate-manifest").arg(manifest));
    let scratch = Scratch::new();
    for (index, block) in blocks(&page("pre-commit.md"), "yaml").iter().enumerate() {
        let name = format!("config-{index}.yaml");
        scratch.write(&name, block);
        succeed(python_tool("pre-commit").arg("validate-config").arg(scratch.path(&name)));
    }
}

/// `language: rust` puts the binaries of the crate where the entry is looked up.
#[test]
fn every_hook_starts_the_binary_and_is_documented() {
    let hooks = std::fs::read_to_string(root().join(".pre-commit-hooks.yaml")).unwrap();
    let hooks = super::yaml(&hooks);
    let page = page("pre-commit.md");
    for hook in hooks.as_array().unwrap() {
        let (id, entry) = (hook["id"].as_str().unwrap(), hook["entry"].as_str().unwrap());
        assert!(page.contains(&format!("| `{id}` | `{entry}` |")), "{id}");
        let mut words: Vec<&str> = entry.split(' ').collect();
        assert_eq!(words.remove(0), env!("CARGO_PKG_NAME"));
        words.push("--help");
        Scratch::new().ok(&words);
    }
}

#[test]
fn the_hooks_of_the_page_repair_and_render() {
    let scratch = repositories();
    configure(&scratch, None);
    scratch.write("user/app.toml", MINIMAL);
    faulty_manifests(&scratch, "user/k8s");
    let first = run(&scratch);
    let told = both(&first);
    assert!(!first.status.success(), "{told}");
    assert!(told.contains("files were modified by this hook"), "{told}");
    let fixed = scratch.read("user/k8s/backendconfig.yaml");
    assert!(fixed.contains("drainingTimeoutSec") && fixed.starts_with("# Owner:"), "{fixed}");
    let second = both(&run(&scratch));
    assert!(!second.contains("files were modified"), "{second}");
    assert!(second.contains("error[backendconfig-on-ingress]"), "what is left is told: {second}");
    assert_eq!(scratch.read("user/k8s/backendconfig.yaml"), fixed);
}

#[test]
fn the_render_hook_fails_for_a_file_that_git_does_not_know() {
    let scratch = repositories();
    configure(&scratch, Some("      - id: sioway-render\n        language: system\n"));
    scratch.write("user/app.toml", MINIMAL);
    let first = run(&scratch);
    assert!(!first.status.success(), "{}", both(&first));
    assert!(both(&first).contains("add out/chat/service.yaml"), "{}", both(&first));
    assert!(scratch.read("user/out/chat/service.yaml").contains("kind: Service"));
    let second = run(&scratch);
    assert!(second.status.success(), "{}", both(&second));
}

#[test]
fn the_checks_write_nothing() {
    let scratch = repositories();
    let hooks = "      - id: sioway-lint\n        language: system\n        args: [k8s]\n\
                 \x20     - id: sioway-render-check\n        language: system\n";
    configure(&scratch, Some(hooks));
    scratch.write("user/app.toml", MINIMAL);
    faulty_manifests(&scratch, "user/k8s");
    let before = scratch.read("user/k8s/backendconfig.yaml");
    let run_of = run(&scratch);
    let told = both(&run_of);
    assert!(!run_of.status.success(), "{told}");
    assert!(told.contains("would add out/chat/service.yaml"), "{told}");
    assert!(told.contains("k8s/service.yaml:6:3"), "{told}");
    assert_eq!(scratch.read("user/k8s/backendconfig.yaml"), before);
    assert!(!scratch.path("user/out").exists());
}
