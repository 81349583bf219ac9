//! One page for a browser: the pictures, a table of what was found, and for each finding its lines and what its repair
//! would change.

use std::collections::BTreeMap;

use super::{Item, Report, Tally, severity_word};
use crate::diagnostic::{Edit, SourceId};
use crate::fix::{apply, unified};
use crate::report::html::{
    badge, code, escape, folded, heading, lines, page, pictures, prose, table,
};
use crate::report::snippet;

/// So many findings are told: a page of ten thousand is for nobody, and no browser is quick with it.
const MOST: usize = 1_000;

const COLUMNS: [&str; 4] = ["severity", "finding", "place", "rule"];

/// The page.
pub(super) fn write(report: &Report<'_>) -> String {
    let items = report.worst_first();
    let title = format!("sioway {}", report.command);
    let mut parts = vec![
        heading(&title, &Tally::of(report).sentence(), items.is_empty()),
        pictures(report.pictures),
    ];
    if !items.is_empty() {
        let shown = &items[..items.len().min(MOST)];
        let rows: Vec<Vec<String>> = shown.iter().map(|item| row(report, item)).collect();
        parts.push(format!("<h2>Findings</h2>\n{}", table(&COLUMNS, &rows)));
        parts.push("<h2>In the files</h2>\n".to_owned());
        parts.extend(shown.iter().map(|item| detail(report, item)));
    }
    let left_out = items.len().saturating_sub(MOST);
    if left_out > 0 {
        parts.push(format!(
            "<p>{left_out} more are left out; <code>sioway lint</code> shows all of them.</p>\n"
        ));
    }
    page(&title, &parts)
}

fn row(report: &Report<'_>, item: &Item<'_>) -> Vec<String> {
    let diagnostic = item.diagnostic;
    let help = diagnostic.help.as_ref();
    let help = help.map_or(String::new(), |help| format!("<br>{}", prose(help)));
    let place = report.place(diagnostic);
    vec![
        severity(item),
        format!("{}{help}", prose(&diagnostic.message)),
        place.map(|place| code(&place)).unwrap_or_default(),
        code(diagnostic.id),
    ]
}

fn severity(item: &Item<'_>) -> String {
    let word = severity_word(item.diagnostic.severity);
    badge(word, word)
}

fn detail(report: &Report<'_>, item: &Item<'_>) -> String {
    let place = report.place(item.diagnostic);
    let place = place.map_or(String::new(), |place| format!(" {}", code(&place)));
    let summary = format!("{} {}{place}", severity(item), code(item.diagnostic.id));
    let snippet = lines(&snippet::render_plain(report.sources, item.diagnostic));
    folded(&summary, &(snippet + &repair(report, item)))
}

/// What the repair of a finding takes away and what it writes; nothing where it has none.
fn repair(report: &Report<'_>, item: &Item<'_>) -> String {
    let mut edits: BTreeMap<SourceId, Vec<Edit>> = BTreeMap::new();
    for (source, edit) in item.finding.iter().flat_map(|finding| &finding.edits) {
        edits.entry(*source).or_default().push(edit.clone());
    }
    let changes: String = edits.iter().map(|(id, edits)| change(report, *id, edits)).collect();
    if changes.is_empty() {
        return String::new();
    }
    format!("<h3>Before and after</h3>\n{changes}")
}

/// The lines that differ, and no others: what stands around them is nobody's business here.
fn change(report: &Report<'_>, source: SourceId, edits: &[Edit]) -> String {
    let file = report.sources.get(source);
    let Ok(applied) = apply(&file.text, edits) else {
        return String::new();
    };
    let patch = unified(&file.name, &file.text, &applied.text);
    let hunks = patch.lines().skip_while(|line| !line.starts_with("@@"));
    let differing = hunks.filter(|line| line.starts_with(['+', '-']));
    let marked = |line: &str| {
        let class = if line.starts_with('+') { "new" } else { "old" };
        format!("<span class=\"{class}\">{}</span>\n", escape(line))
    };
    let marked: String = differing.map(marked).collect();
    format!("<p>{}</p>\n<pre>{marked}</pre>\n", code(&file.name))
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Fixture;
    use super::*;

    #[test]
    fn tells_the_worst_first_and_where() {
        let page = write(&Fixture::two().report());
        assert!(page.contains("1 error, 1 warning in 1 of 2 files"), "{page}");
        let at = |text: &str| page.find(text).expect("it is told");
        assert!(at("cdn-on-session-traffic") < at("drain-disabled"));
        assert!(page.contains("<code>./k8s/backend.yaml:3:1</code>"), "{page}");
    }

    #[test]
    fn shows_hostile_text_as_text() {
        let page = write(&Fixture::hostile().report());
        assert!(!page.contains("<script"), "{page}");
        assert!(!page.chars().any(|one| one.is_control() && one != '\n'), "{page}");
        assert_eq!(page.matches("</details>").count(), page.matches("<details>").count());
    }

    #[test]
    fn says_how_many_are_left_out() {
        let page = write(&Fixture::many(MOST + 5).report());
        assert!(page.contains("<p>5 more are left out"));
        assert_eq!(page.matches("<details>").count(), MOST);
    }
}
