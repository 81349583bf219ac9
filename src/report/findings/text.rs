//! For people: each finding with the lines of the files it is about.

use super::{Report, Tally};
use crate::report::snippet;

/// Each finding, a blank line between, and the tally; nothing when there is nothing to say.
pub(super) fn write(report: &Report<'_>, color: bool) -> String {
    let render = if color { snippet::render } else { snippet::render_plain };
    let mut text = String::new();
    for item in report.items() {
        text.push_str(&render(report.sources, item.diagnostic));
        text.push_str("\n\n");
    }
    if !text.is_empty() {
        text.push_str(&Tally::of(report).sentence());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use snapbox::{IntoData as _, assert_data_eq, str};

    use super::super::fixture::Fixture;
    use super::*;

    #[test]
    fn shows_findings_and_their_other_places() {
        let fixture = Fixture::two();
        assert_data_eq!(
            write(&fixture.report(), false).raw(),
            str![[r#"
error[cdn-on-session-traffic]: the `cdn` is on
 --> ./k8s/backend.yaml:3:1
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
  = help: write `enabled: false`

warning[drain-disabled]: no drain
 --> ./k8s/backend.yaml:1:1
  |
1 | spec:
  | ^^^^

1 error, 1 warning in 1 of 2 files; 1 can be fixed with --fix

"#]]
            .raw()
        );
    }

    #[test]
    fn shows_hostile_text_as_text() {
        let fixture = Fixture::hostile();
        assert_data_eq!(
            write(&fixture.report(), false).raw(),
            str![[r#"
error[unreadable]: `a|b` "<script>" ]]> &amp; ␛[31m ::error::%25 @user #1 漢字 �␀￾ `odd

info[drain-disabled]: `a|b` "<script>" ]]> &amp; ␛[31m ::error::%25 @user #1 漢字 �␀￾ `odd
 --> a b,c:|`<é>.yaml:2:1
  |
2 | `a|b` "<script>" ]]> &amp; ␛[31m
  | ^^^^^ `a|b` "<script>" ]]> &amp; ␛[31m ::error::%25 @user #1 漢字 �␀￾ `odd
  |
  = note: `a|b` "<script>" ]]> &amp; ␛[31m ::error::%25 @user #1 漢字 �␀￾ `odd
  = help: `a|b` "<script>" ]]> &amp; ␛[31m ::error::%25 @user #1 漢字 �␀￾ `odd

1 info in 1 of 2 files; 1 problem kept sioway from checking everything

"#]]
            .raw()
        );
    }

    #[test]
    fn says_nothing_of_nothing() {
        let fixture = Fixture::empty();
        assert_data_eq!(write(&fixture.report(), false).raw(), str![].raw());
    }

    #[test]
    fn colours_only_on_request() {
        let fixture = Fixture::two();
        let (styled, plain) = (write(&fixture.report(), true), write(&fixture.report(), false));
        assert!(styled.contains('\u{1b}') && !plain.contains('\u{1b}'));
        assert_eq!(anstream::adapter::strip_str(&styled).to_string(), plain);
    }

    #[test]
    fn many_findings_in_one_long_file_take_no_longer_than_their_lines() {
        let fixture = Fixture::many(20_000);
        let text = write(&fixture.report(), false);
        assert_eq!(text.matches("--> big.yaml:").count(), 20_000);
        assert!(text.contains("--> big.yaml:20000:1"));
    }
}
