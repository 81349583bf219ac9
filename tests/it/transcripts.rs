//! Transcripts of a terminal: what is typed, what is printed, how it exits.
//!
//! `TRYCMD=overwrite cargo test --test it transcripts` writes what is printed now.

use std::fs;
use std::path::Path;

use crate::tools::root;

/// One that is empty would be passed over.
#[test]
fn each_types_a_command() {
    for file in fs::read_dir(root().join("tests/cmd")).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "md") {
            let text = fs::read_to_string(&path).unwrap();
            assert!(text.contains("\n$ sioway"), "{} types nothing", path.display());
        }
    }
}

/// They run outside of this repository: some formats name files from the root of the one around them.
#[test]
fn commands() {
    let directory = tempfile::tempdir().unwrap();
    copy(&root().join("tests/cmd"), directory.path());
    let cases = trycmd::TestCases::new();
    cases.case(directory.path().join("*.md"));
    cases.run();
    drop(cases);
    if std::env::var_os("TRYCMD").is_some_and(|mode| mode == "overwrite") {
        copy(directory.path(), &root().join("tests/cmd"));
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The README's transcript, in a directory with the manifests of the transcript of lint.
#[test]
fn readme() {
    let directory = tempfile::tempdir().unwrap();
    let readme = directory.path().join("README.md");
    fs::copy(root().join("README.md"), &readme).unwrap();
    let manifests = directory.path().join("README.in/k8s");
    fs::create_dir_all(&manifests).unwrap();
    for file in fs::read_dir(root().join("tests/cmd/lint.in/k8s")).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), manifests.join(file.file_name())).unwrap();
    }
    fs::create_dir(directory.path().join("README.out")).unwrap();
    let cases = trycmd::TestCases::new();
    cases.register_bin("cat", Path::new("/bin/cat")).case(&readme);
    cases.run();
    drop(cases);
    if std::env::var_os("TRYCMD").is_some_and(|mode| mode == "overwrite") {
        fs::copy(&readme, root().join("README.md")).unwrap();
    }
}
