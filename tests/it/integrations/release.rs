//! What a release has: the archive, by what packs it, and the images.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::{VERSION, blocks, page, python_tool, releases, yaml};
use crate::tools::{Scratch, both, root, succeed};

fn workflow() -> Value {
    yaml(&fs::read_to_string(root().join(".github/workflows/release.yml")).unwrap())
}

/// The targets that are built, by the workflow.
fn targets() -> Vec<String> {
    let workflow = workflow();
    let all = workflow["jobs"]["build"]["strategy"]["matrix"]["include"].as_array().unwrap();
    all.iter().map(|one| one["target"].as_str().unwrap().to_owned()).collect()
}

/// An archive, unpacked.
fn unpacked() -> (Scratch, String) {
    let name = format!("sioway-{VERSION}-x86_64-unknown-linux-musl");
    let folder = releases().join(format!("OWNER/sioway/releases/download/v{VERSION}"));
    let scratch = Scratch::new();
    let sums = format!("{name}.tar.gz.sha256");
    succeed(Command::new("sha256sum").args(["--check", "--strict", &sums]).current_dir(&folder));
    let mut tar = Command::new("tar");
    succeed(
        tar.arg("-xzf").arg(folder.join(format!("{name}.tar.gz"))).arg("-C").arg(scratch.path("")),
    );
    (scratch, name)
}

#[test]
fn an_archive_has_the_program_its_page_and_its_completions() {
    let (scratch, name) = unpacked();
    let listed = scratch.list(&name);
    let wanted = [
        "CHANGELOG.md",
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "README.md",
        "completions",
        "sioway",
        "sioway.1",
    ];
    assert_eq!(listed, wanted);
    let told = succeed(Command::new(scratch.path(&name).join("sioway")).arg("--version"));
    assert_eq!(told, format!("sioway {VERSION}\n"));
    let page = scratch.read(&format!("{name}/sioway.1"));
    assert!(page.contains(".TH sioway 1") && page.contains("SIOWAY LINT"), "{page}");
    let completions = scratch.list(&format!("{name}/completions"));
    assert_eq!(completions, ["_sioway", "_sioway.ps1", "sioway.bash", "sioway.elv", "sioway.fish"]);
    let script = format!(
        ". ./{name}/completions/sioway.bash && COMP_WORDS=(sioway re) COMP_CWORD=1 && \
        _sioway sioway re sioway && echo \"${{COMPREPLY[*]}}\""
    );
    let offered = succeed(Command::new("bash").args(["-c", &script]).current_dir(scratch.path("")));
    assert_eq!(offered, "render\n");
}

/// The lines of the page, with a directory for the host.
#[test]
fn the_page_installs_an_archive() {
    let script = &blocks(&page("release.md"), "sh")[0];
    assert!(script.contains(&format!("download/v{VERSION}\n")), "{script}");
    let host = format!("url=file://{}", releases().display());
    let script = script.replace("url=https://github.com", &host)
        + "\"./${archive%.tar.gz}/sioway\" --version\n";
    let scratch = Scratch::new();
    let mut bash = Command::new("bash");
    bash.args(["-e", "-o", "pipefail", "-c", &script]).current_dir(scratch.path(""));
    let told = succeed(&mut bash);
    assert!(told.ends_with(&format!("\nsioway {VERSION}\n")), "{told}");
    // What is built is what the page lists.
    let page = page("release.md");
    assert!(targets().iter().all(|target| page.contains(&format!("`{target}`"))));
}

/// cargo-binstall finds what is packed: its templates, filled in as its manual says.
#[test]
fn binstall_finds_the_archives() {
    let manifest: toml::Table =
        fs::read_to_string(root().join("Cargo.toml")).unwrap().parse().unwrap();
    let metadata = &manifest["package"]["metadata"]["binstall"];
    let (scratch, name) = unpacked();
    let filled = |key: &str| {
        let template = metadata[key].as_str().unwrap();
        template
            .replace("{ repo }", "https://example.com/OWNER/sioway")
            .replace("{ name }", "sioway")
            .replace("{ version }", VERSION)
            .replace("{ target }", "x86_64-unknown-linux-musl")
            .replace("{ bin }", "sioway")
            .replace("{ binary-ext }", "")
    };
    let url = filled("pkg-url");
    let path = url.strip_prefix("https://example.com/").unwrap();
    assert!(releases().join(path).is_file(), "{url}");
    assert_eq!(filled("bin-dir"), format!("{name}/sioway"));
    assert!(scratch.path(&filled("bin-dir")).is_file());
    assert_eq!(metadata["pkg-fmt"].as_str(), Some("tgz"));
}

/// What the action downloads is built.
#[test]
fn every_target_that_the_action_installs_is_released() {
    let script = fs::read_to_string(root().join(".github/action/install.sh")).unwrap();
    let installed: BTreeSet<&str> = script
        .lines()
        .filter_map(|line| line.split_once("target=")?.1.strip_suffix(" ;;"))
        .collect();
    assert_eq!(installed.len(), 5);
    let built: BTreeSet<String> = targets().into_iter().collect();
    assert!(installed.iter().all(|target| built.contains(*target)), "{installed:?} {built:?}");
}

#[test]
fn notes_are_of_the_tag() {
    let scratch = Scratch::new();
    fs::create_dir_all(scratch.path(".github/release")).unwrap();
    fs::copy(root().join(".github/release/notes.sh"), scratch.path(".github/release/notes.sh"))
        .unwrap();
    scratch.write(
        "Cargo.toml",
        "[package]\nname = \"sioway\"\nversion = \"1.2.0\"\n[dependencies]\nx = \"1\"\n",
    );
    scratch.write("CHANGELOG.md", "# Changelog\n\n## [Unreleased]\n\n- later\n\n## [1.2.0] - 2026-11-30\n\n### Added\n\n- this\n\n## [1.2.0-rc]\n\n- old\n");
    let notes = |tag: &str| {
        let output =
            Command::new(scratch.path(".github/release/notes.sh")).arg(tag).output().unwrap();
        (output.status.success(), both(&output))
    };
    assert_eq!(notes("v1.2.0"), (true, "\n### Added\n\n- this\n".to_owned()));
    assert_eq!(
        notes("v1.3.0"),
        (false, "the tag is v1.3.0, and Cargo.toml says 1.2.0\n".to_owned())
    );
    scratch.write("CHANGELOG.md", "# Changelog\n\n## [Unreleased]\n\n- later\n");
    assert_eq!(notes("v1.2.0"), (false, "CHANGELOG.md says nothing of 1.2.0\n".to_owned()));
}

/// The lines that workflows and the action run.
#[test]
fn steps_are_clean_shell() {
    let mut texts = vec![workflow(), yaml(&fs::read_to_string(root().join("action.yml")).unwrap())];
    let mut found = 0;
    while let Some(value) = texts.pop() {
        match value {
            Value::Object(map) => {
                if let Some(Value::String(run)) = map.get("run") {
                    check_shell(run);
                    found += 1;
                }
                texts.extend(map.into_iter().map(|(_, value)| value));
            }
            Value::Array(items) => texts.extend(items),
            _ => {}
        }
    }
    assert!(found > 8, "{found}");
}

fn check_shell(script: &str) {
    assert!(!script.contains("${{"), "an expression within a script could be anything: {script}");
    let mut check = python_tool("shellcheck");
    let child =
        check.args(["--shell=bash", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut child = child.unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), script.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{script}\n{}", both(&output));
}

#[test]
fn the_containerfile_is_clean() {
    succeed(python_tool("hadolint").arg("--no-color").arg(root().join("Containerfile")));
}

/// The files that an image is built from, by `.dockerignore`: all that the program is made of is among them.
#[test]
fn the_image_is_built_from_all_that_is_needed() {
    let ignore = fs::read_to_string(root().join(".dockerignore")).unwrap();
    let kept: Vec<&str> = ignore.lines().filter_map(|line| line.strip_prefix("!/")).collect();
    assert!(ignore.lines().any(|line| line == "*"));
    let scratch = Scratch::new();
    for name in &kept {
        let copied =
            Command::new("cp").arg("-r").arg(root().join(name)).arg(scratch.path(name)).status();
        assert!(copied.unwrap().success(), "{name}");
    }
    // Cargo finds a file for each target.
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args([
        "metadata",
        "--no-deps",
        "--offline",
        "--locked",
        "--format-version",
        "1",
        "--manifest-path",
    ]);
    let metadata: Value =
        serde_json::from_str(&succeed(cargo.arg(scratch.path("Cargo.toml")))).unwrap();
    let targets = metadata["packages"][0]["targets"].as_array().unwrap();
    assert!(
        targets.iter().all(|one| Path::new(one["src_path"].as_str().unwrap()).is_file()),
        "{targets:?}"
    );
    let containerfile = fs::read_to_string(root().join("Containerfile")).unwrap();
    let own =
        containerfile.lines().filter(|line| line.starts_with("COPY ") && !line.contains("--from"));
    for line in own {
        let mut words: Vec<&str> = line.split_whitespace().skip(1).collect();
        words.pop();
        assert!(words.iter().all(|word| scratch.path(word).exists()), "{line}");
    }
    check_included(&scratch.path("src"));
}

/// Every file that is compiled in is there.
fn check_included(directory: &Path) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            check_included(&path);
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for part in text.split("include_str!(\"").skip(1) {
            let name = part.split('"').next().unwrap();
            // The template of the embedded templates' macro is a directory.
            assert!(directory.join(name).exists(), "{} includes {name}", path.display());
        }
    }
}
