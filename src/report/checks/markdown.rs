//! For a comment: a table of the checks that did not hold, and all of them folded below it.

use super::Checked;
use crate::live::check::{Check, Status};
use crate::report::clean::{one_line, shorten};
use crate::report::markdown::plain;

/// So much of a cell is shown; with some twenty checks that stays far below what GitHub takes.
const LONGEST_CELL: usize = 600;

/// The comment.
pub(super) fn write(checked: &Checked<'_>) -> String {
    let mut text = format!(
        "<!-- sioway {} -->\n**sioway {}** of {}: {}\n",
        checked.command,
        checked.command,
        cell(checked.subject),
        checked.tally()
    );
    let wanted = |check: &&Check| matches!(check.status, Status::Fail | Status::Warn);
    let bad: Vec<&Check> = checked.checks.iter().filter(wanted).collect();
    if !bad.is_empty() {
        text.push_str("\n| | check | seen | rules | what to do |\n|---|---|---|---|---|\n");
        text.extend(bad.iter().map(|check| row(check)));
    }
    text.push_str(
        "\n<details><summary>all checks</summary>\n\n| | check | seen |\n|---|---|---|\n",
    );
    for check in checked.checks {
        let (claim, seen) = (cell(check.claim), cell(&check.evidence));
        text.extend(["| ", mark(check), " | ", &claim, " | ", &seen, " |\n"]);
    }
    text.push_str("\n</details>\n");
    if !checked.notes.is_empty() {
        text.push_str("\n<details><summary>more</summary>\n\n");
        text.extend(checked.notes.iter().map(|line| format!("    {}\n", one_line(line))));
        text.push_str("\n</details>\n");
    }
    text
}

fn row(check: &Check) -> String {
    let follows = check.follows.map(|root| format!("follows from `{root}`: "));
    let rules: Vec<String> = check.rules.iter().map(|rule| format!("`{rule}`")).collect();
    format!(
        "| {} | {} (`{}`) | {}{} | {} | {} |\n",
        mark(check),
        cell(check.claim),
        check.id,
        follows.unwrap_or_default(),
        cell(&check.evidence),
        rules.join(", "),
        cell(check.advice.as_deref().unwrap_or_default())
    )
}

fn cell(text: &str) -> String {
    plain(&shorten(&one_line(text), LONGEST_CELL))
}

fn mark(check: &Check) -> &'static str {
    match check.status {
        Status::Pass => "✓",
        Status::Fail => "✗",
        Status::Warn => "!",
        Status::Skip => "-",
    }
}

#[cfg(test)]
mod tests {
    use snapbox::{IntoData as _, assert_data_eq, str};

    use super::super::{fixture, probed};
    use super::*;

    #[test]
    fn shows_what_does_not_hold_first() {
        let checks = fixture();
        let checked = probed(&checks);
        assert_data_eq!(write(&checked).raw(), str![[r"
<!-- sioway probe -->
**sioway probe** of http&#58;//a.b/: 1 passed, 2 failed, 1 in doubt; 1 not checked

| | check | seen | rules | what to do |
|---|---|---|---|---|
| ✗ | a second request finds its session (`post`) | 400 &#96;&#60;b&#62;&#124;␛&#91;31m&#96; next | `session-affinity-missing`, `backendconfig-not-attached` | set it |
| ✗ | a session moves to a WebSocket (`upgrade`) | 400 | `session-affinity-missing` | set it |
| ! | no cache answers (`cache-headers`) | no Cache-Control |  |  |

<details><summary>all checks</summary>

| | check | seen |
|---|---|---|
| ✓ | the host accepts connections | in 1 ms |
| ✗ | a second request finds its session | 400 &#96;&#60;b&#62;&#124;␛&#91;31m&#96; next |
| - | a poll brings what there is | the POST failed |
| ✗ | a session moves to a WebSocket | 400 |
| ! | no cache answers | no Cache-Control |

</details>

"]].raw());
    }
}
