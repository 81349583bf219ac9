//! What documents repeat of the code is held against the code.
//!
//! `UPDATE=1 cargo test --test it documents` writes it anew.

mod reference;

use serde_json::Value;
use std::fmt::Write as _;
use std::fs;

use sioway::render::EMBEDDED;
use sioway::rules::{ALL, Rule};

use crate::tools::root;

/// Replaces what stands between two markers of a file, or says that it is out of date.
pub(crate) fn hold(file: &str, name: &str, wanted: &str) {
    let path = root().join(file);
    let text = fs::read_to_string(&path).unwrap();
    let (begin, end) = (format!("<!-- begin: {name} -->\n"), format!("<!-- end: {name} -->"));
    let (before, rest) = text.split_once(&begin).unwrap_or_else(|| panic!("{file} has no {begin}"));
    let (found, after) = rest.split_once(&end).unwrap_or_else(|| panic!("{file} has no {end}"));
    if found == wanted {
        return;
    }
    assert!(
        std::env::var_os("UPDATE").is_some(),
        "{file} is out of date: run UPDATE=1 cargo test --test it documents"
    );
    fs::write(path, [before, &begin, wanted, &end, after].concat()).unwrap();
}

#[test]
fn docs_list_every_rule() {
    let mut text = "# The rules of `sioway lint`\n\n\
        Each finds something that breaks Socket.IO sessions. `sioway explain RULE` prints a page in the terminal. \
        `sioway lint --fix`\nmakes the edits that are *safe*, and those that are *unsafe* with `--unsafe-fixes`: they decide something that \
        others may\nsee. What is *manual* the finding says. This file is written by `UPDATE=1 cargo test --test it documents`, from \
        the pages\nbeside the rules in `src/rules/`.\n\n\
        | rule | severity | fix | evidence | finds |\n|---|---|---|---|---|\n"
        .to_owned();
    let severity = |rule: &Rule| format!("{:?}", rule.severity).to_lowercase();
    for rule in ALL {
        let id = rule.id;
        let summary = rule.page().summary;
        let fix = format!("{:?}", rule.fix).to_lowercase();
        let row = format!("{} | {fix} | {} | {summary}", severity(rule), rule.grade);
        writeln!(text, "| [{id}](#{id}) | {row} |").unwrap();
    }
    for rule in ALL {
        let page = rule.page();
        writeln!(text, "\n## {}\n\n{}", rule.id, page.summary).unwrap();
        for (heading, body) in rule.sections() {
            writeln!(text, "\n### {heading}\n\n{body}").unwrap();
        }
        let sources: Vec<String> =
            rule.sources.iter().map(|source| format!("`{source}`")).collect();
        writeln!(text, "\nSources: {}.", sources.join(", ")).unwrap();
    }
    hold_file("docs/rules.md", &text);
}

/// Holds a whole file.
fn hold_file(file: &str, wanted: &str) {
    let path = root().join(file);
    let found = fs::read_to_string(&path).unwrap_or_default();
    if found == wanted {
        return;
    }
    assert!(
        std::env::var_os("UPDATE").is_some(),
        "{file} is out of date: run UPDATE=1 cargo test --test it documents"
    );
    fs::write(path, wanted).unwrap();
}

#[test]
fn every_rule_that_is_named_exists() {
    for id in sioway::kube::RULES_MENTIONED {
        assert!(sioway::rules::rule(id).is_some(), "{id}");
    }
    for id in sioway::diff::rules() {
        assert!(sioway::rules::rule(id).is_some(), "{id}");
    }
}

#[test]
fn every_template_and_profile_is_embedded() {
    let names = |folder: &str, suffix: &str| {
        let files = fs::read_dir(root().join(folder))
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> =
            files.map(|name| name.strip_suffix(suffix).unwrap_or(&name).to_owned()).collect();
        names.sort();
        names
    };
    let mut embedded: Vec<&str> = EMBEDDED.iter().map(|(name, _)| *name).collect();
    assert!(embedded.is_sorted(), "a list is read more easily in order");
    assert_eq!(names("templates", ".j2"), embedded);
    let listed = crate::tools::Scratch::new().ok(&["profiles"]).out;
    embedded = listed.lines().collect();
    assert_eq!(names("profiles", ".toml"), embedded);
}

#[test]
fn the_changelog_speaks_of_this_version() {
    let text = fs::read_to_string(root().join("CHANGELOG.md")).unwrap();
    let newest = text.lines().find_map(|line| line.strip_prefix("## ["));
    let version = concat!(env!("CARGO_PKG_VERSION"), "]");
    let newest = newest.expect("a heading for each version");
    assert!(newest == "Unreleased]" || newest.starts_with(version), "{newest}");
}

#[test]
fn every_licence_of_a_dependency_is_permissive() {
    const ALLOWED: [&str; 8] =
        ["MIT", "Apache-2.0", "Unlicense", "Zlib", "BSL-1.0", "Unicode-3.0", "BSD-3-Clause", "ISC"];
    let metadata = std::process::Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--offline",
            "--locked",
            "--filter-platform",
            "x86_64-unknown-linux-gnu",
        ])
        .current_dir(root())
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&metadata.stdout).unwrap();
    for package in metadata["packages"].as_array().unwrap() {
        let licence = package["license"].as_str().unwrap_or("none");
        // One of the alternatives must be allowed, and all that it is joined with.
        let alternatives = licence.split(" OR ").flat_map(|part| part.split('/'));
        let allowed = |part: &str| {
            part.trim_matches(['(', ')'])
                .split(" AND ")
                .all(|one| ALLOWED.contains(&one.trim_matches(['(', ')', ' '])))
        };
        assert!(alternatives.into_iter().any(allowed), "{} is under {licence}", package["name"]);
    }
}

/// The table of the checks that doctor makes before it asks the network.
#[test]
fn docs_list_every_check_of_doctor() {
    let examined = crate::doctor::by_read_outs(&crate::doctor::scratch(), &crate::doctor::HEALTHY);
    let mut text = "| check | layer | what should hold |\n|---|---|---|\n".to_owned();
    let behind_gateway = crate::doctor::gateway::with(|_, _| {});
    let of_gateway = |check: &Value| !examined.checks().iter().any(|one| one["id"] == check["id"]);
    let row = |check: &Value| {
        let part = |key: &str| check[key].as_str().unwrap();
        format!("| `{}` | {} | {} |", part("id"), part("layer"), part("claim"))
    };
    let own = examined.checks().iter().filter(|check| check["layer"] != "endpoint");
    for check in own {
        writeln!(text, "{}", row(check)).unwrap();
        if check["id"] == "cluster-backends" {
            let more = behind_gateway.checks().iter().filter(|check| of_gateway(check));
            more.for_each(|check| writeln!(text, "{}", row(check)).unwrap());
        }
    }
    hold("docs/doctor.md", "checks", &text);
}

/// The pages for people, by their paths.
pub(crate) fn pages() -> Vec<String> {
    let mut found = vec!["README.md".to_owned()];
    let mut waiting = vec!["docs".to_owned()];
    while let Some(directory) = waiting.pop() {
        for entry in fs::read_dir(root().join(&directory)).unwrap() {
            let entry = entry.unwrap();
            let path = format!("{directory}/{}", entry.file_name().to_str().unwrap());
            if entry.file_type().unwrap().is_dir() {
                waiting.push(path);
            } else if entry.path().extension().is_some_and(|extension| extension == "md") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The links of a page that lead to other pages, without code.
fn links(text: &str) -> Vec<String> {
    let link = regex_lite::Regex::new(r"\]\(([^)\s]+)\)").unwrap();
    let mut fenced = false;
    let prose = text.lines().filter(|line| {
        fenced ^= line.trim_start().starts_with("```");
        !fenced
    });
    let found = prose.flat_map(|line| link.captures_iter(line).map(|one| one[1].to_owned()));
    found.filter(|link| !link.contains("://")).collect()
}

/// Where GitHub lets a link lead within a page.
fn anchors(text: &str) -> Vec<String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    let slug = |line: &str| {
        let title = line.trim_start_matches('#').trim().to_lowercase();
        let kept = title.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect::<String>()
    };
    headings.map(slug).collect()
}

#[test]
fn links_lead_somewhere() {
    for page in pages() {
        let text = fs::read_to_string(root().join(&page)).unwrap();
        for link in links(&text) {
            let (path, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let own = root().join(&page);
            let target = if path.is_empty() { own } else { own.parent().unwrap().join(path) };
            assert!(target.exists(), "{page}: {link}");
            if !anchor.is_empty() {
                let found = anchors(&fs::read_to_string(&target).unwrap());
                assert!(found.iter().any(|one| one == anchor), "{page}: {link}");
            }
        }
    }
}

#[test]
fn the_summary_has_every_page() {
    let text = fs::read_to_string(root().join("docs/SUMMARY.md")).unwrap();
    let listed = links(&text);
    for page in pages() {
        // The book is the manual: what is outside of docs/ would be written outside of the book.
        let Some(page) = page.strip_prefix("docs/") else { continue };
        let is_listed = page == "SUMMARY.md" || listed.iter().any(|one| one == page);
        assert!(is_listed, "docs/SUMMARY.md lacks {page}");
    }
}
