//! Transcripts of a terminal: what is typed, what is printed, how it exits.
//!
//! `TRYCMD=overwrite cargo test --test it transcripts` writes what is printed now.

pub(crate) mod blocks;
mod calls;
pub(crate) mod follow;
pub(crate) mod shell;

use std::fs;
use std::path::Path;

use self::blocks::{Block, Mark, Step, steps};
use self::follow::follow;
use self::shell::Shell;
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

/// The README and the manual: each page is followed from its beginning to its end.
#[test]
fn pages() {
    let mut wrong = Vec::new();
    for page in crate::documents::pages() {
        let text = fs::read_to_string(root().join(&page)).unwrap();
        if steps(&text).iter().any(|step| matches!(step, Step::Elsewhere(_))) {
            continue;
        }
        let event = |event: &str, _: &Shell| panic!("{page}: nobody here knows of {event}");
        wrong.extend(follow(&page, &Shell::new(), event));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// The pages that people wrote: the list of commands is made of the command line itself.
fn written() -> impl Iterator<Item = String> {
    crate::documents::pages().into_iter().filter(|page| page != "docs/reference/commands.md")
}

/// Whether there is such a test: `MODULE::FUNCTION`, in the file of that module.
fn is_test(name: &str) -> bool {
    let (module, function) = name.rsplit_once("::").expect("MODULE::FUNCTION");
    let path = module.replace("::", "/");
    let files =
        ["it/", ""].map(|room| [format!("{room}{path}.rs"), format!("{room}{path}/mod.rs")]);
    let texts = files.as_flattened().iter().map(|file| root().join("tests").join(file));
    let mut texts = texts.filter_map(|file| fs::read_to_string(file).ok());
    texts.any(|text| text.contains(&format!("#[test]\nfn {function}()")))
}

/// Holds that a block is run by `pages`, is run by a test that it names, or says why not.
fn check(block: &Block, at: &str) {
    let typed = regex_lite::Regex::new(r"(?m)^(\$ |sioway |kubectl |gcloud |git )").unwrap();
    let is_told = match block.language.as_str() {
        "console" => block.text.starts_with("$ "),
        _ => block.is_typed() || !typed.is_match(&block.text),
    };
    assert!(is_told, "{at}: say what it is, `console` or `sh`");
    match &block.mark {
        Some(Mark::RunBy(name)) => assert!(is_test(name), "{at}: there is no test {name}"),
        Some(Mark::NotRun(why)) => assert!(why.len() > 10, "{at}: why not?"),
        _ => {}
    }
}

/// Nothing is left out silently.
#[test]
fn every_command_of_the_manual_is_run() {
    for page in written() {
        let text = fs::read_to_string(root().join(&page)).unwrap();
        for step in steps(&text) {
            match step {
                Step::Elsewhere(name) => assert!(is_test(&name), "{page}: there is no test {name}"),
                Step::Block(block) => check(&block, &format!("{page}:{}", block.line)),
                _ => {}
            }
        }
    }
}
