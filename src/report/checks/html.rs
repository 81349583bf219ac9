//! One page for a browser: the pictures, what did not hold and what to do, and all checks folded below.

use super::Checked;
use crate::live::check::{Check, Status};
use crate::report::html::{
    badge, code, escape, folded, heading, lines, page, pictures, prose, table,
};

const BAD: [&str; 4] = ["", "check", "seen", "what to do"];
const ALL: [&str; 4] = ["", "layer", "check", "seen"];

/// The page.
pub(super) fn write(checked: &Checked<'_>) -> String {
    let title = format!("sioway {} of {}", checked.command, checked.subject);
    let is_good = checked.count(Status::Fail) == 0;
    let mut parts = vec![heading(&title, &checked.tally(), is_good)];
    let wanted = |check: &&Check| matches!(check.status, Status::Fail | Status::Warn);
    let bad: Vec<Vec<String>> = checked.checks.iter().filter(wanted).map(bad).collect();
    if !bad.is_empty() {
        parts.push(format!("<h2>What does not hold</h2>\n{}", table(&BAD, &bad)));
    }
    parts.push(pictures(checked.pictures));
    let all: Vec<Vec<String>> = checked.checks.iter().map(any).collect();
    parts.push(folded("All checks", &table(&ALL, &all)));
    if !checked.notes.is_empty() {
        parts.push(folded("More", &lines(&checked.notes.join("\n"))));
    }
    page(&title, &parts)
}

fn bad(check: &Check) -> Vec<String> {
    let follows = check.follows.map(|root| format!("follows from {}: ", code(root)));
    let rules: Vec<String> = check.rules.iter().map(|rule| code(rule)).collect();
    let rules = if rules.is_empty() { String::new() } else { format!(" ({})", rules.join(", ")) };
    vec![
        mark(check),
        format!("{}<br>{}", escape(check.claim), code(check.id)),
        format!("{}{}{rules}", follows.unwrap_or_default(), prose(&check.evidence)),
        check.advice.as_deref().map(prose).unwrap_or_default(),
    ]
}

fn any(check: &Check) -> Vec<String> {
    let layer = escape(check.layer.name());
    vec![mark(check), layer, escape(check.claim), prose(&check.evidence)]
}

fn mark(check: &Check) -> String {
    match check.status {
        Status::Pass => badge("good", "✓ holds"),
        Status::Fail => badge("error", "✗ fails"),
        Status::Warn => badge("warning", "! in doubt"),
        Status::Skip => badge("", "not checked"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    #[test]
    fn shows_what_does_not_hold_and_hostile_text_as_text() {
        let checks = fixture();
        let page = write(&Checked {
            command: "doctor",
            subject: "<chat>",
            checks: &checks,
            json: "{}",
            verbose: false,
            brief: false,
            notes: &["<i>asked</i>".to_owned()],
            pictures: &[],
        });
        assert!(page.contains("1 passed, 2 failed, 1 in doubt; 1 not checked"), "{page}");
        assert_eq!(page.matches("✗ fails").count(), 4);
        assert!(page.contains("&#60;i&#62;asked") && page.contains("&#60;chat&#62;"), "{page}");
        assert!(!page.contains("<b>") && !page.contains('\u{1b}'), "{page}");
    }
}
