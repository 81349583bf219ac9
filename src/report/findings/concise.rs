//! One line a finding, `file:line:column: error[rule]: message`: what editors, problem matchers and `grep` read.

use super::{Report, severity_word};
use crate::report::clean::{leading, one_line};

/// The lines; nothing when there is nothing to say.
pub(super) fn write(report: &Report<'_>) -> String {
    let line = |item: super::Item<'_>| {
        let diagnostic = item.diagnostic;
        let place = report
            .place(diagnostic)
            .map_or_else(String::new, |place| format!("{}: ", leading(&place)));
        let word = severity_word(diagnostic.severity);
        let message = one_line(&diagnostic.message);
        format!("{place}{word}[{}]: {message}\n", diagnostic.id)
    };
    report.items().map(line).collect()
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
            write(&fixture.report()).raw(),
            str![[r#"
./k8s/backend.yaml:3:1: error[cdn-on-session-traffic]: the `cdn` is on
./k8s/backend.yaml:1:1: warning[drain-disabled]: no drain

"#]]
            .raw()
        );
    }

    #[test]
    fn shows_hostile_text_as_text() {
        let fixture = Fixture::hostile();
        assert_data_eq!(write(&fixture.report()).raw(), str![[r#"
error[unreadable]: `a|b` "<script>" ]]> &amp; ␛[31m ::error::%25 @user #1 漢字 �␀￾ `odd
a b,c:|`<é>.yaml:2:1: info[drain-disabled]: `a|b` "<script>" ]]> &amp; ␛[31m ::error::%25 @user #1 漢字 �␀￾ `odd

"#]].raw());
    }

    #[test]
    fn says_nothing_of_nothing() {
        let fixture = Fixture::empty();
        assert_data_eq!(write(&fixture.report()).raw(), str![].raw());
    }
}
