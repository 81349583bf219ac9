//! Transcripts of a terminal: what is typed, what is printed, how it exits.
//!
//! `TRYCMD=overwrite cargo test --test it transcripts` writes what is printed now.

use std::fs;

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

#[test]
fn commands() {
    trycmd::TestCases::new().case("tests/cmd/*.md");
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
    cases.register_bin("cat", std::path::Path::new("/bin/cat")).case(&readme);
    cases.run();
    drop(cases);
    if std::env::var_os("TRYCMD").is_some_and(|mode| mode == "overwrite") {
        fs::copy(&readme, root().join("README.md")).unwrap();
    }
}
