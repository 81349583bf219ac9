//! Transcripts of a terminal: what is typed, what is printed, how it exits.
//!
//! `TRYCMD=overwrite cargo test --test it transcripts` writes what is printed now.

use std::fs;

use crate::tools::root;

#[test]
fn commands() {
    trycmd::TestCases::new().case("tests/cmd/*.md");
}

/// The README's transcript, in a directory that is empty at its start.
#[test]
fn readme() {
    let directory = tempfile::tempdir().unwrap();
    let readme = directory.path().join("README.md");
    fs::copy(root().join("README.md"), &readme).unwrap();
    fs::create_dir(directory.path().join("README.in")).unwrap();
    fs::create_dir(directory.path().join("README.out")).unwrap();
    let cases = trycmd::TestCases::new();
    cases.register_bin("cat", std::path::Path::new("/bin/cat")).case(&readme);
    cases.run();
    drop(cases);
    if std::env::var_os("TRYCMD").is_some_and(|mode| mode == "overwrite") {
        fs::copy(&readme, root().join("README.md")).unwrap();
    }
}
