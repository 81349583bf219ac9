//! The catalogue: every rule fires where its page says, and nowhere else.

use std::collections::BTreeSet;
use std::fs;

use sioway::diagnostic::{Finding, Sources};
use sioway::path::Model;
use sioway::rules::{ALL, Fence, Rule};
use sioway::set::{File, Set};

use crate::tools::root;

/// What a rule finds in a text, each with its line.
pub(super) fn found(rule: &'static Rule, language: &str, text: &str) -> Vec<(usize, Finding)> {
    let name = match language {
        "yaml" => "example.yaml",
        "nginx" => "nginx.conf",
        other => panic!("{}: no fence of `{other}` can be checked", rule.id),
    };
    let mut sources = Sources::default();
    let source = sources.add(name, text);
    let files = [File::read(source, name, text, true)];
    if let Some(stream) = files[0].stream() {
        assert!(stream.problems.is_empty(), "{}: {:?}", rule.id, stream.problems);
    }
    let set = Set::new(&files);
    let findings = rule.findings(&Model::new(&set, &[]));
    findings
        .into_iter()
        .map(|finding| {
            let at = finding.diagnostic.labels[0].span.start;
            (sources.position(source, at).line, finding)
        })
        .collect()
}

fn lines(found: &[(usize, Finding)]) -> BTreeSet<usize> {
    found.iter().map(|(line, _)| *line).collect()
}

/// The lines marked `# error`, and the text without the marks.
pub(super) fn marked(text: &str) -> (BTreeSet<usize>, String) {
    let lines = text.lines().enumerate();
    let marked = lines.filter(|(_, line)| line.ends_with("# error"));
    let marked = marked.map(|(index, _)| index + 1).collect();
    let plain: Vec<&str> =
        text.lines().map(|line| line.trim_end_matches("# error").trim_end()).collect();
    (marked, plain.join("\n") + "\n")
}

fn check(rule: &'static Rule, fence: &Fence<'_>) {
    let (wanted, text) = marked(fence.text);
    let found = found(rule, fence.language, &text);
    assert_eq!(lines(&found), wanted, "{}\n{text}\n{found:#?}", rule.id);
}

#[test]
fn each_fires_where_its_page_says() {
    for rule in ALL {
        let page = rule.page();
        let examples = page.fences("Example");
        assert!(!examples.is_empty(), "{} has no example", rule.id);
        for fence in examples {
            assert!(fence.text.contains("# error"), "{}: the example has no fault", rule.id);
            check(rule, &fence);
        }
        let repaired = page.fences("Use instead");
        assert!(!repaired.is_empty(), "{} has no `Use instead`", rule.id);
        for fence in repaired.iter().chain(&page.fences("More cases")) {
            check(rule, fence);
        }
    }
}

#[test]
fn each_page_has_its_headings() {
    const HEADINGS: [&str; 7] = [
        "What it does",
        "Why it matters",
        "Example",
        "Use instead",
        "Fix",
        "When to ignore it",
        "More cases",
    ];
    for rule in ALL {
        let page = rule.page();
        assert_eq!(page.id, rule.id);
        let summary = page.summary;
        assert!(
            summary.ends_with('.') && !summary.contains('\n') && summary.len() <= 100,
            "{}: {summary}",
            rule.id
        );
        let headings: Vec<&str> = page.sections.iter().map(|(heading, _)| *heading).collect();
        let allowed = HEADINGS.iter().copied().filter(|one| headings.contains(one));
        assert_eq!(headings, allowed.collect::<Vec<_>>(), "{}", rule.id);
        assert!(headings.len() >= 5 && headings[..5] == HEADINGS[..5], "{}", rule.id);
        assert!(!rule.sources.is_empty(), "{} rests on nothing", rule.id);
        assert!(
            page.section("Why it matters").unwrap().contains("]("),
            "{} links no source",
            rule.id
        );
    }
}

#[test]
fn each_finding_says_what_to_do_and_where() {
    for rule in ALL {
        for fence in rule.page().fences("Example") {
            let (_, text) = marked(fence.text);
            for (_, finding) in found(rule, fence.language, &text) {
                let said = &finding.diagnostic;
                assert_eq!(said.id, rule.id);
                assert!(said.help.is_some(), "{}: no help", rule.id);
                assert!(
                    said.message.starts_with(|c: char| c.is_lowercase()
                        || c == '`'
                        || c.is_ascii_digit()
                        || c.is_uppercase())
                        && !said.message.ends_with('.'),
                    "{}",
                    said.message
                );
                assert!(
                    finding.object.is_some() || fence.language == "nginx",
                    "{}: no object",
                    rule.id
                );
            }
        }
    }
}

#[test]
fn each_has_its_two_files_and_its_line_in_order() {
    let directory = root().join("src/rules");
    let files = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name());
    let pages: BTreeSet<String> = files
        .filter_map(|name| name.to_str()?.strip_suffix(".md").map(|stem| stem.replace('_', "-")))
        .collect();
    let ids: Vec<&str> = ALL.iter().map(|rule| rule.id).collect();
    assert!(ids.is_sorted(), "{ids:?}");
    assert_eq!(pages, ids.iter().map(|id| (*id).to_owned()).collect());
}
