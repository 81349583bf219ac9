//! `JUnit` XML: a suite, with a test for each check. A warning fails no build, so it is a test that passed with a note.

use std::fmt::Write as _;

use super::Checked;
use crate::live::check::{Check, Status};
use crate::report::clean::one_line;
use crate::report::findings::junit_escape as escape;

/// The document.
pub(super) fn write(checked: &Checked<'_>) -> String {
    let name = format!("sioway {}", checked.command);
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"{name}\">\n  <testsuite name=\"{}\" \
         tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\">\n",
        escape(checked.subject),
        checked.checks.len(),
        checked.count(Status::Fail),
        checked.count(Status::Skip),
    );
    for check in checked.checks {
        case(&mut xml, checked.subject, check);
    }
    xml.push_str("  </testsuite>\n</testsuites>\n");
    xml
}

fn case(xml: &mut String, subject: &str, check: &Check) {
    let _ = write!(
        xml,
        "    <testcase classname=\"{}\" name=\"{}\"",
        escape(subject),
        escape(&format!("{}: {}", check.id, check.claim))
    );
    let evidence = escape(&one_line(&check.evidence));
    let _ = match check.status {
        Status::Pass => writeln!(xml, "/>"),
        Status::Skip => {
            writeln!(xml, ">\n      <skipped message=\"{evidence}\"/>\n    </testcase>")
        }
        Status::Warn => writeln!(
            xml,
            ">\n      <system-out>{}</system-out>\n    </testcase>",
            escape(&whole(check))
        ),
        Status::Fail => writeln!(
            xml,
            ">\n      <failure type=\"{}\" message=\"{evidence}\">{}</failure>\n    </testcase>",
            check.rules.first().unwrap_or(&check.id),
            escape(&whole(check))
        ),
    };
}

/// Evidence, rules and advice, a line each.
fn whole(check: &Check) -> String {
    let mut lines = vec![one_line(&check.evidence)];
    if !check.rules.is_empty() {
        lines.push(format!("rules: {}", check.rules.join(", ")));
    }
    lines.extend(check.follows.map(|root| format!("follows from {root}")));
    lines.extend(check.advice.clone().map(String::from));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use snapbox::{IntoData as _, assert_data_eq, str};

    use super::super::{fixture, probed};
    use super::*;

    #[test]
    fn has_a_test_for_each_check() {
        let checks = fixture();
        let checked = probed(&checks);
        assert_data_eq!(
            write(&checked).raw(),
            str![[r#"
<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="sioway probe">
  <testsuite name="http://a.b/" tests="5" failures="2" errors="0" skipped="1">
    <testcase classname="http://a.b/" name="reachable: the host accepts connections"/>
    <testcase classname="http://a.b/" name="post: a second request finds its session">
      <failure type="session-affinity-missing" message="400 `&lt;b&gt;|␛[31m` next">400 `&lt;b&gt;|␛[31m` next
rules: session-affinity-missing, backendconfig-not-attached
set it</failure>
    </testcase>
    <testcase classname="http://a.b/" name="poll: a poll brings what there is">
      <skipped message="the POST failed"/>
    </testcase>
    <testcase classname="http://a.b/" name="upgrade: a session moves to a WebSocket">
      <failure type="session-affinity-missing" message="400">400
rules: session-affinity-missing
set it</failure>
    </testcase>
    <testcase classname="http://a.b/" name="cache-headers: no cache answers">
      <system-out>no Cache-Control</system-out>
    </testcase>
  </testsuite>
</testsuites>

"#]]
            .raw()
        );
    }
}
