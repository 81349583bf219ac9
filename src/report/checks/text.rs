//! For people: a list by layers, and under each failure what explains it and what to do.

use super::Checked;
use crate::live::check::{Check, Status};
use crate::report::clean::{one_line, shorten};
use crate::report::wrap::wrapped;

/// So much is shown of what follows from another failure; `--verbose` shows all.
const LONGEST: usize = 160;

/// So many rules are told again.
const FEW: usize = 2;

const RED: &str = "\u{1b}[31m";
const GREEN: &str = "\u{1b}[32m";
const YELLOW: &str = "\u{1b}[33m";
const BOLD: &str = "\u{1b}[1m";
const PLAIN: &str = "\u{1b}[0m";

/// The list and its tally.
pub(super) fn write(checked: &Checked<'_>, color: bool) -> String {
    let mut text = String::new();
    let (mut layer, mut said) = (None, Said::new());
    for check in checked.checks.iter().filter(|check| checked.shows(check)) {
        if layer != Some(check.layer) {
            let gap = if layer.is_some() { "\n" } else { "" };
            text.push_str(gap);
            text.push_str(&styled(check.layer.name(), BOLD, color));
            text.push('\n');
            layer = Some(check.layer);
        }
        text.push_str(&entry(checked, check, &mut said, color));
    }
    text.extend([
        "
",
        &one_line(checked.subject),
        ": ",
        &checked.tally(),
        "
",
    ]);
    if !checked.notes.is_empty() {
        text.push('\n');
    }
    text.extend(checked.notes.iter().flat_map(|line| [one_line(line), "\n".into()]));
    text
}

impl Checked<'_> {
    /// Whether a check has an entry of its own: what follows from another stands below that one, and what was not
    /// checked is told where nothing of its layer was.
    fn shows(&self, check: &Check) -> bool {
        let was_checked =
            |other: &Check| other.layer == check.layer && other.status != Status::Skip;
        match check.status {
            _ if self.verbose => true,
            Status::Skip => self.brief && !self.checks.iter().any(was_checked),
            _ => check.follows.is_none(),
        }
    }
}

fn styled(text: &str, style: &str, color: bool) -> String {
    if color { format!("{style}{text}{PLAIN}") } else { text.to_owned() }
}

/// What was said, and of which check.
type Said = Vec<(String, &'static str)>;

/// A text, or of which check it was said already.
fn once(text: String, id: &'static str, said: &mut Said) -> String {
    if let Some((_, first)) = said.iter().find(|(other, _)| *other == text) {
        return format!("as for [{first}]");
    }
    said.push((text.clone(), id));
    text
}

fn entry(checked: &Checked<'_>, check: &Check, said: &mut Said, color: bool) -> String {
    let (mark, style) = match check.status {
        Status::Pass => ("✓", GREEN),
        Status::Fail => ("✗", RED),
        Status::Warn => ("!", YELLOW),
        Status::Skip => ("-", PLAIN),
    };
    let mark = styled(mark, style, color);
    let mut text = format!("{mark} {} [{}]\n", check.claim, check.id);
    if checked.brief && !checked.verbose && check.status == Status::Pass {
        return text;
    }
    text.push_str(&wrapped("", &one_line(&check.evidence)));
    if let Some(root) = check.follows {
        text.push_str(&wrapped("", &format!("follows from [{root}]")));
    }
    if !check.rules.is_empty() {
        let rules = check.rules.join(", ");
        let few = check.rules.len() <= FEW;
        let told = if few { rules } else { once(rules, check.id, said) };
        text.push_str(&wrapped("rules: ", &told));
    }
    if let Some(advice) = check.advice.as_deref() {
        text.push_str(&wrapped("do: ", &once(advice.to_owned(), check.id, said)));
    }
    for other in checked.following(check) {
        let mark = if other.status == Status::Fail { "✗" } else { "!" };
        let seen = one_line(&other.evidence);
        let words = format!("{} [{}]: {}", other.claim, other.id, shorten(&seen, LONGEST));
        text.push_str(&wrapped(&format!("so {mark} "), &words));
    }
    text
}

#[cfg(test)]
mod tests {
    use snapbox::{IntoData as _, assert_data_eq, str};

    use super::super::{fixture, probed};
    use super::*;

    fn text(verbose: bool, color: bool) -> String {
        let checks = fixture();
        let checked = Checked { subject: "http://a.b/socket.io/", verbose, ..probed(&checks) };
        write(&checked, color)
    }

    #[test]
    fn lists_what_was_checked() {
        assert_data_eq!(
            text(false, false).raw(),
            str![[r"
connection
✓ the host accepts connections [reachable]
    in 1 ms

polling
✗ a second request finds its session [post]
    400 `<b>|␛[31m` next
    rules: session-affinity-missing, backendconfig-not-attached
    do: set it

websocket
✗ a session moves to a WebSocket [upgrade]
    400
    rules: session-affinity-missing
    do: as for [post]

cache
! no cache answers [cache-headers]
    no Cache-Control

http://a.b/socket.io/: 1 passed, 2 failed, 1 in doubt; 1 not checked

"]]
            .raw()
        );
    }

    #[test]
    fn shows_what_was_not_checked_on_request() {
        assert!(
            text(true, false)
                .contains("- a poll brings what there is [poll]\n    the POST failed\n")
        );
    }

    #[test]
    fn colours_only_on_request() {
        let styled = text(false, true);
        assert!(styled.contains(RED));
        assert_eq!(anstream::adapter::strip_str(&styled).to_string(), text(false, false));
    }
}
