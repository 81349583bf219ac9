//! JUnit XML, for the test reports of GitLab and Jenkins: a suite for each file, a test for each finding.
//!
//! GitLab shows the class name as the suite, and drops all but the first of two tests with one name:
//! <https://docs.gitlab.com/ci/testing/unit_test_reports/>. Jenkins takes a report without tests for a fault.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Item, Report};
use crate::diagnostic::Severity;
use crate::report::clean::one_line;
use crate::report::snippet;

/// The suite of what has no file.
const NO_FILE: &str = "sioway";

/// The document.
pub(super) fn write(report: &Report<'_>) -> String {
    let suites: Vec<String> =
        by_file(report).iter().map(|(file, items)| suite(report, file, items)).collect();
    let suites = if suites.is_empty() { NOTHING.to_owned() } else { suites.concat() };
    format!("{HEAD}{suites}</testsuites>\n")
}

const HEAD: &str =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"sioway lint\">\n";

/// Each file with its items, in the order of their first.
fn by_file<'a>(report: &Report<'a>) -> Vec<(&'a str, Vec<Item<'a>>)> {
    let mut files: Vec<(&str, Vec<Item<'_>>)> = Vec::new();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for item in report.items() {
        let file = report.file(item.diagnostic).unwrap_or(NO_FILE);
        let place = *places.entry(file).or_insert(files.len());
        if place == files.len() {
            files.push((file, Vec::new()));
        }
        files[place].1.push(item);
    }
    files
}

/// The suite of a run that found nothing.
const NOTHING: &str =
    "  <testsuite name=\"sioway\" tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"0\">
    <testcase classname=\"sioway\" name=\"lint\"/>
  </testsuite>
";

fn suite(report: &Report<'_>, file: &str, items: &[Item<'_>]) -> String {
    let outcomes = |outcome| items.iter().filter(|item| outcome_of(item) == outcome).count();
    let mut xml = format!(
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\">\n",
        attribute(file),
        items.len(),
        outcomes("failure"),
        outcomes("error"),
        outcomes("skipped"),
    );
    let mut names = BTreeMap::new();
    for item in items {
        xml.push_str(&case(report, file, item, &mut names));
    }
    xml.push_str("  </testsuite>\n");
    xml
}

fn case(
    report: &Report<'_>,
    file: &str,
    item: &Item<'_>,
    names: &mut BTreeMap<String, usize>,
) -> String {
    let diagnostic = item.diagnostic;
    let outcome = outcome_of(item);
    let mut xml = format!(
        "    <testcase classname=\"{}\" name=\"{}\"",
        attribute(file),
        attribute(&unique(name(item), names)),
    );
    if let Some(label) = diagnostic.labels.first() {
        let line = report.sources.position(label.source, label.span.start).line;
        let _ = write!(xml, " file=\"{}\" line=\"{line}\"", attribute(file));
    }
    let _ = write!(
        xml,
        ">\n      <{outcome} type=\"{}\" message=\"{}\">{}</{outcome}>\n    </testcase>\n",
        escape(diagnostic.id),
        escape(&one_line(&diagnostic.message)),
        escape(&snippet::render_plain(report.sources, diagnostic)),
    );
    xml
}

/// What is only worth knowing fails no build: Jenkins calls one with failures unstable.
fn outcome_of(item: &Item<'_>) -> &'static str {
    match (item.finding, item.diagnostic.severity) {
        (None, _) => "error",
        (Some(_), Severity::Info) => "skipped",
        (Some(_), _) => "failure",
    }
}

/// A name without lines, so that a shifted finding is not taken for a new one.
fn name(item: &Item<'_>) -> String {
    let mut words = vec![item.diagnostic.id.to_owned()];
    if let Some(finding) = item.finding {
        words.extend(
            finding.object.as_ref().map(|object| format!("{}/{}", object.kind, object.name)),
        );
        words.push(finding.path.clone());
    }
    words.retain(|word| !word.is_empty());
    one_line(&words.join(" "))
}

fn unique(name: String, names: &mut BTreeMap<String, usize>) -> String {
    let seen = names.entry(name.clone()).or_insert(0);
    *seen += 1;
    match *seen {
        1 => name,
        number => format!("{name} ({number})"),
    }
}

/// Text for an element or an attribute. XML has no way to write most control characters.
pub(in crate::report) fn escape(text: &str) -> String {
    let mut xml = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '"' => xml.push_str("&quot;"),
            '\n' | '\t' => xml.push(character),
            '\u{fffe}' | '\u{ffff}' => xml.push(char::REPLACEMENT_CHARACTER),
            turned if turns(turned) => xml.push(char::REPLACEMENT_CHARACTER),
            control if control.is_control() => xml.push(char::REPLACEMENT_CHARACTER),
            character => xml.push(character),
        }
    }
    xml
}

/// Text within an attribute, where readers of XML take an end of line for a blank.
fn attribute(text: &str) -> String {
    escape(text).replace('\n', "&#10;")
}

/// Whether a character turns the direction of writing of those after it.
fn turns(character: char) -> bool {
    matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
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
<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="sioway lint">
  <testsuite name="k8s/backend.yaml" tests="2" failures="2" errors="0" skipped="0">
    <testcase classname="k8s/backend.yaml" name="cdn-on-session-traffic BackendConfig/chat spec.cdn.enabled" file="k8s/backend.yaml" line="3">
      <failure type="cdn-on-session-traffic" message="the `cdn` is on">error[cdn-on-session-traffic]: the `cdn` is on
 --&gt; ./k8s/backend.yaml:3:1
  |
3 |     enabled: true
  | ^^^^^^^^^^^^^
  |
 ::: k8s/service.yaml:2:9
  |
2 |   name: chat
  |         ---- carries sessions
  |
  = note: answers are cached for an hour
  = help: write `enabled: false`</failure>
    </testcase>
    <testcase classname="k8s/backend.yaml" name="drain-disabled BackendConfig/chat" file="k8s/backend.yaml" line="1">
      <failure type="drain-disabled" message="no drain">warning[drain-disabled]: no drain
 --&gt; ./k8s/backend.yaml:1:1
  |
1 | spec:
  | ^^^^</failure>
    </testcase>
  </testsuite>
</testsuites>

"#]].raw());
    }

    #[test]
    fn shows_hostile_text_as_text() {
        let fixture = Fixture::hostile();
        assert_data_eq!(write(&fixture.report()).raw(), str![[r#"
<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="sioway lint">
  <testsuite name="sioway" tests="1" failures="0" errors="1" skipped="0">
    <testcase classname="sioway" name="unreadable">
      <error type="unreadable" message="`a|b` &quot;&lt;script&gt;&quot; ]]&gt; &amp;amp; ␛[31m ::error::%25 @user #1 漢字 �␀� `odd">error[unreadable]: `a|b` &quot;&lt;script&gt;&quot; ]]&gt; &amp;amp; ␛[31m ::error::%25 @user #1 漢字 �␀� `odd</error>
    </testcase>
  </testsuite>
  <testsuite name="a b,c:|`&lt;é&gt;.yaml" tests="1" failures="0" errors="0" skipped="1">
    <testcase classname="a b,c:|`&lt;é&gt;.yaml" name="drain-disabled BackendConfig/chat `a|b` &quot;&lt;script&gt;&quot; ]]&gt; &amp;amp; ␛[31m ::error::%25 @user #1 漢字 �␀� `odd" file="a b,c:|`&lt;é&gt;.yaml" line="2">
      <skipped type="drain-disabled" message="`a|b` &quot;&lt;script&gt;&quot; ]]&gt; &amp;amp; ␛[31m ::error::%25 @user #1 漢字 �␀� `odd">info[drain-disabled]: `a|b` &quot;&lt;script&gt;&quot; ]]&gt; &amp;amp; ␛[31m ::error::%25 @user #1 漢字 �␀� `odd
 --&gt; a b,c:|`&lt;é&gt;.yaml:2:1
  |
2 | `a|b` &quot;&lt;script&gt;&quot; ]]&gt; &amp;amp; ␛[31m
  | ^^^^^ `a|b` &quot;&lt;script&gt;&quot; ]]&gt; &amp;amp; ␛[31m ::error::%25 @user #1 漢字 �␀� `odd
  |
  = note: `a|b` &quot;&lt;script&gt;&quot; ]]&gt; &amp;amp; ␛[31m ::error::%25 @user #1 漢字 �␀� `odd
  = help: `a|b` &quot;&lt;script&gt;&quot; ]]&gt; &amp;amp; ␛[31m ::error::%25 @user #1 漢字 �␀� `odd</skipped>
    </testcase>
  </testsuite>
</testsuites>

"#]].raw());
    }

    #[test]
    fn says_nothing_of_nothing() {
        let fixture = Fixture::empty();
        assert_data_eq!(
            write(&fixture.report()).raw(),
            str![[r#"
<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="sioway lint">
  <testsuite name="sioway" tests="1" failures="0" errors="0" skipped="0">
    <testcase classname="sioway" name="lint"/>
  </testsuite>
</testsuites>

"#]]
            .raw()
        );
    }

    #[test]
    fn no_two_tests_have_one_name() {
        let text = write(&Fixture::many(3).report());
        assert!(text.contains("name=\"drain-disabled BackendConfig/chat\""), "{text}");
        assert!(text.contains("name=\"drain-disabled BackendConfig/chat (3)\""), "{text}");
    }
}
