//! Annotations of GitHub Actions: workflow commands, which the runner reads from the log.
//!
//! The runner's own escapes are in `actions/toolkit`, `packages/core/src/command.ts`.

use super::tally::count;
use super::{Item, Report, advice};
use crate::diagnostic::Severity;
use crate::report::clean::{one_line, printable, shorten};

/// GitHub shows so many annotations of a level from one step, and drops the others without a word.
/// <https://docs.github.com/en/rest/checks/runs> has the limits of what an annotation is made of.
const PER_LEVEL: usize = 10;

/// Well below the 64 KB that an annotation may have.
const LONGEST_MESSAGE: usize = 4_000;

/// The worst of each level, and how many more there are; nothing when there is nothing to say.
pub(super) fn write(report: &Report<'_>) -> String {
    let items = report.worst_first();
    let mut shown = select(&items, PER_LEVEL);
    if shown.len() < items.len() {
        // The last notice is the one that says so.
        shown = select(&items, PER_LEVEL - 1);
    }
    let mut text: String = shown.iter().map(|item| annotation(report, item)).collect();
    if shown.len() < items.len() {
        text.push_str(&rest(items.len() - shown.len(), report.command));
    }
    text
}

/// The first of each level, of which so many are notices.
fn select<'a>(items: &[Item<'a>], notices: usize) -> Vec<Item<'a>> {
    let levels =
        [(Severity::Error, PER_LEVEL), (Severity::Warning, PER_LEVEL), (Severity::Info, notices)];
    let of = |severity| {
        let same = move |item: &&Item<'a>| item.diagnostic.severity == severity;
        items.iter().filter(same).copied()
    };
    levels.into_iter().flat_map(|(severity, most)| of(severity).take(most)).collect()
}

fn rest(left_out: usize, command: &str) -> String {
    let more = count(left_out, "more finding is", "more findings are");
    let message = format!(
        "{more} not shown here: GitHub shows {PER_LEVEL} of a level. `sioway {command}` shows all of them, and so does \
         `--format sarif` with code scanning."
    );
    format!("::notice title=sioway::{}\n", data(&message))
}

fn annotation(report: &Report<'_>, item: &Item<'_>) -> String {
    let diagnostic = item.diagnostic;
    let command = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    };
    let mut properties = place(report, item);
    properties.push(("title", format!("sioway: {}", diagnostic.id)));
    let properties: Vec<String> =
        properties.iter().map(|(key, value)| format!("{key}={}", property(value))).collect();
    let message = data(&shorten(&printable(&advice(diagnostic, "\n")), LONGEST_MESSAGE));
    format!("::{command} {}::{message}\n", properties.join(","))
}

fn place(report: &Report<'_>, item: &Item<'_>) -> Vec<(&'static str, String)> {
    let Some(label) = item.diagnostic.labels.first() else {
        return Vec::new();
    };
    let file = report.file_in_repository(label.source);
    let region = report.sources.region(label.source, label.span);
    let mut place = vec![
        ("file", one_line(&file)),
        ("line", region.start.line.to_string()),
        ("endLine", region.end.line.to_string()),
    ];
    // GitHub takes columns only from annotations of one line.
    if region.start.line == region.end.line {
        place.push(("col", region.start.column.to_string()));
        place.push(("endColumn", region.end.column.to_string()));
    }
    place
}

/// The message of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use snapbox::{IntoData as _, assert_data_eq, str};

    use super::super::fixture::Fixture;
    use super::*;

    #[test]
    fn shows_findings_and_their_other_places() {
        let fixture = Fixture::two();
        assert_data_eq!(write(&fixture.report()).raw(), str![[r#"
::error file=k8s/backend.yaml,line=3,endLine=3,col=1,endColumn=14,title=sioway%3A cdn-on-session-traffic::the `cdn` is on%0Ahelp: write `enabled: false`
::warning file=k8s/backend.yaml,line=1,endLine=1,col=1,endColumn=5,title=sioway%3A drain-disabled::no drain

"#]].raw());
    }

    #[test]
    fn shows_hostile_text_as_text() {
        let fixture = Fixture::hostile();
        assert_data_eq!(write(&fixture.report()).raw(), str![[r#"
::error title=sioway%3A unreadable::`a|b` "<script>" ]]> &amp; ␛[31m%0A::error::%2525 @user #1 漢字 �␀￾ `odd
::notice file=a b%2Cc%3A|`<é>.yaml,line=2,endLine=2,col=1,endColumn=6,title=sioway%3A drain-disabled::`a|b` "<script>" ]]> &amp; ␛[31m%0A::error::%2525 @user #1 漢字 �␀￾ `odd%0Ahelp: `a|b` "<script>" ]]> &amp; ␛[31m%0A::error::%2525 @user #1 漢字 �␀￾ `odd

"#]].raw());
    }

    #[test]
    fn says_nothing_of_nothing() {
        let fixture = Fixture::empty();
        assert_data_eq!(write(&fixture.report()).raw(), str![].raw());
    }

    #[test]
    fn shows_ten_of_a_level_and_counts_the_others() {
        let text = write(&Fixture::many(90).report());
        let starting =
            |command: &str| text.lines().filter(|line| line.starts_with(command)).count();
        assert_eq!(starting("::error "), 10);
        assert_eq!(starting("::warning "), 10);
        assert_eq!(starting("::notice "), 10);
        assert_data_eq!(
            text.lines().last().unwrap_or_default(),
            str![
                "::notice title=sioway::61 more findings are not shown here: GitHub shows 10 of a level. `sioway lint` shows all of them, and so does `--format sarif` with code scanning."
            ]
        );
        assert!(!write(&Fixture::many(30).report()).contains("not shown"));
    }
}
