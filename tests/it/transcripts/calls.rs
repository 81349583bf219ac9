//! Each call of sioway that the manual names, within a sentence or in somebody else's pipeline, is one that sioway takes.

use std::fs;

use clap::CommandFactory as _;
use clap::error::ErrorKind;
use regex_lite::Regex;

use super::blocks::blocks;
use crate::tools::root;

/// What stands for something of the reader's, and what it might be.
const PLACEHOLDERS: [(&str, &str); 7] = [
    (r"\$\{\{[^}]*\}\}", "1"),
    (r#""\$\{one%%:\*\}""#, "app"),
    (r"\bSHELL\b", "bash"),
    (r"\bOF\b", "app"),
    (r"\bI/N\b", "1/2"),
    (r"\bFORMAT:FILE\b", "json:FILE"),
    // One of several, or none, or more.
    (r"\\?\|[A-Z]+|[\[\]…]", ""),
];

/// The calls that begin a piece of code, and those that begin a command in a block.
fn calls(page: &str) -> Vec<String> {
    let span = Regex::new(r"`sioway ([a-z][^`]*)`").unwrap();
    let command = Regex::new(r"(?:^ *|[|;&(] *|\$ |- |run: |exec )sioway ([a-z].*)$").unwrap();
    let mut prose = page.to_owned();
    let mut found = Vec::new();
    for block in blocks(page).iter().rev() {
        prose.replace_range(block.place.clone(), "");
        let is_typed = |line: &&str| block.language != "console" || line.starts_with("$ ");
        let lines = block.text.lines().filter(is_typed);
        found.extend(
            lines.flat_map(|line| command.captures_iter(line)).map(|one| one[1].to_owned()),
        );
    }
    found.extend(span.captures_iter(&prose).map(|one| one[1].replace('\n', " ")));
    found
}

/// The words of a call, as a shell tells them apart, as far as it goes.
fn words(call: &str) -> Vec<String> {
    let mut call = call.to_owned();
    for (place, text) in PLACEHOLDERS {
        call = Regex::new(place).unwrap().replace_all(&call, text).into_owned();
    }
    let ends = Regex::new(r"\s(?:[|<>#]|>>|&&).*$|\s\\$").unwrap();
    let call = ends.replace(&call, "");
    let word = Regex::new(r#"(?:"[^"]*"|'[^']*'|[^\s"'])+"#).unwrap();
    word.find_iter(&call).map(|one| one.as_str().replace(['"', '\''], "")).collect()
}

#[test]
fn each_is_understood() {
    let mut all = 0;
    for page in super::written() {
        for call in calls(&fs::read_to_string(root().join(&page)).unwrap()) {
            all += 1;
            let typed = std::iter::once("sioway".to_owned()).chain(words(&call));
            let Err(error) = sioway::cli::Cli::command().try_get_matches_from(typed) else {
                continue;
            };
            let is_short = [ErrorKind::MissingRequiredArgument, ErrorKind::DisplayHelp];
            assert!(is_short.contains(&error.kind()), "{page}: sioway {call}\n{error}");
        }
    }
    assert!(all > 100, "{all} are too few: they are not found");
}

#[test]
fn what_is_no_call_is_told() {
    assert_eq!(words("diff --shard ${{ matrix.shard }}/4 > a"), ["diff", "--shard", "1/4"]);
    assert_eq!(words("trace [APP\\|PATH…]"), ["trace", "APP"]);
    assert_eq!(words(r#"diff --changed-since "$(git merge-base a b)" | c"#).len(), 3);
    assert_eq!(calls("`sioway lint`\n```sh\nsioway krm\n```\nsioway is\n"), ["krm", "lint"]);
}
