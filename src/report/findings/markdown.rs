//! For a comment on a pull request: a table, and the lines of the files folded below it.
//!
//! What is quoted cannot leave its place: outside of code blocks, every character that Markdown, HTML or GitHub
//! give a meaning is written as a reference to it, which none of them takes for the character itself.

use super::tally::count;
use super::{Item, Report, Tally, severity_word};
use crate::report::clean::{one_line, shorten};
use crate::report::markdown::{LONGEST, code, fence, prose, units};
use crate::report::snippet;

/// Kept free for the heading and for what is said at the end.
const RESERVE: usize = 1_000;

/// So much of a message or a place stands in the table.
const LONGEST_CELL: usize = 300;

/// So much of the lines of files is shown for one finding.
const LONGEST_LINES: usize = 4_000;

const TABLE: &str = "| severity | rule | place | message |\n|---|---|---|---|\n";

/// The comment.
pub(super) fn write(report: &Report<'_>) -> String {
    let items = report.worst_first();
    let shown = shown(report, &items);
    // By the first line, a script finds the comment that it wrote before.
    let heading =
        format!("<!-- sioway lint -->\n### sioway lint: {}\n", Tally::of(report).sentence());
    let (rows, details): (String, String) = shown.iter().cloned().unzip();
    let table = if shown.is_empty() { String::new() } else { format!("\n{TABLE}{rows}{details}") };
    heading + &table + &rest(items.len() - shown.len())
}

/// The row and the lines of as many as fit.
fn shown(report: &Report<'_>, items: &[Item<'_>]) -> Vec<(String, String)> {
    let mut length = RESERVE;
    let both = items.iter().map(|item| (row(report, item), detail(report, item)));
    let fits = |(row, detail): &(String, String)| {
        length += units(row) + units(detail);
        length <= LONGEST
    };
    both.take_while(fits).collect()
}

fn rest(left_out: usize) -> String {
    if left_out == 0 {
        return String::new();
    }
    let more = count(left_out, "more is", "more are");
    format!(
        "\n{more} left out, since a comment holds {LONGEST} characters; `sioway lint` shows all of them.\n"
    )
}

fn row(report: &Report<'_>, item: &Item<'_>) -> String {
    let diagnostic = item.diagnostic;
    format!(
        "| {} | {} | {} | {} |\n",
        severity_word(diagnostic.severity),
        code(diagnostic.id),
        place(report, item).unwrap_or_default(),
        prose(&shorten(&one_line(&diagnostic.message), LONGEST_CELL)),
    )
}

fn place(report: &Report<'_>, item: &Item<'_>) -> Option<String> {
    let place = one_line(&report.place(item.diagnostic)?);
    // The end of a long path says more than its beginning.
    let excess = place.chars().count().saturating_sub(LONGEST_CELL);
    Some(code(&place.chars().skip(excess).collect::<String>()))
}

fn detail(report: &Report<'_>, item: &Item<'_>) -> String {
    let lines = snippet::render_plain(report.sources, item.diagnostic);
    let lines = shorten(&lines, LONGEST_LINES);
    let fence = fence(&lines);
    let place = place(report, item).map_or_else(String::new, |place| format!(" {place}"));
    let rule = code(item.diagnostic.id);
    format!(
        "\n<details><summary>{rule}{place}</summary>\n\n{fence}text\n{lines}\n{fence}\n\n</details>\n"
    )
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
<!-- sioway lint -->
### sioway lint: 1 error, 1 warning in 1 of 2 files; 1 can be fixed with --fix

| severity | rule | place | message |
|---|---|---|---|
| error | <code>cdn-on-session-traffic</code> | <code>./k8s/backend.yaml&#58;3&#58;1</code> | the <code>cdn</code> is on |
| warning | <code>drain-disabled</code> | <code>./k8s/backend.yaml&#58;1&#58;1</code> | no drain |

<details><summary><code>cdn-on-session-traffic</code> <code>./k8s/backend.yaml&#58;3&#58;1</code></summary>

```text
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
```

</details>

<details><summary><code>drain-disabled</code> <code>./k8s/backend.yaml&#58;1&#58;1</code></summary>

```text
warning[drain-disabled]: no drain
 --> ./k8s/backend.yaml:1:1
  |
1 | spec:
  | ^^^^
```

</details>

"#]].raw());
    }

    #[test]
    fn shows_hostile_text_as_text() {
        let fixture = Fixture::hostile();
        assert_data_eq!(write(&fixture.report()).raw(), str![[r#"
<!-- sioway lint -->
### sioway lint: 1 info in 1 of 2 files; 1 problem kept sioway from checking everything

| severity | rule | place | message |
|---|---|---|---|
| error | <code>unreadable</code> |  | <code>a&#124;b</code> &#34;&#60;script&#62;&#34; &#93;&#93;&#62; &#38;amp; ␛&#91;31m &#58;&#58;error&#58;&#58;&#37;25 &#64;&#8203;user &#35;&#8203;1 漢字 �␀￾ &#96;odd |
| info | <code>drain-disabled</code> | <code>a b,c&#58;&#124;&#96;&#60;é&#62;.yaml&#58;2&#58;1</code> | <code>a&#124;b</code> &#34;&#60;script&#62;&#34; &#93;&#93;&#62; &#38;amp; ␛&#91;31m &#58;&#58;error&#58;&#58;&#37;25 &#64;&#8203;user &#35;&#8203;1 漢字 �␀￾ &#96;odd |

<details><summary><code>unreadable</code></summary>

```text
error[unreadable]: `a|b` "<script>" ]]> &amp; ␛[31m ::error::%25 @user #1 漢字 �␀￾ `odd
```

</details>

<details><summary><code>drain-disabled</code> <code>a b,c&#58;&#124;&#96;&#60;é&#62;.yaml&#58;2&#58;1</code></summary>

```text
info[drain-disabled]: `a|b` "<script>" ]]> &amp; ␛[31m ::error::%25 @user #1 漢字 �␀￾ `odd
 --> a b,c:|`<é>.yaml:2:1
  |
2 | `a|b` "<script>" ]]> &amp; ␛[31m
  | ^^^^^ `a|b` "<script>" ]]> &amp; ␛[31m ::error::%25 @user #1 漢字 �␀￾ `odd
  |
  = note: `a|b` "<script>" ]]> &amp; ␛[31m ::error::%25 @user #1 漢字 �␀￾ `odd
  = help: `a|b` "<script>" ]]> &amp; ␛[31m ::error::%25 @user #1 漢字 �␀￾ `odd
```

</details>

"#]].raw());
    }

    #[test]
    fn says_nothing_of_nothing() {
        let fixture = Fixture::empty();
        assert_data_eq!(
            write(&fixture.report()).raw(),
            str![[r#"
<!-- sioway lint -->
### sioway lint: no findings in 2 files

"#]]
            .raw()
        );
    }

    #[test]
    fn is_never_longer_than_a_comment() {
        let text = write(&Fixture::many(5_000).report());
        assert!(text.chars().count() <= LONGEST);
        assert!(text.chars().count() > LONGEST - 2 * RESERVE);
        // The worst come first.
        assert!(text.contains("value 3334 is wrong") && !text.contains("| warning |"));
        let rows = text.matches("| error |").count();
        assert_eq!(text.matches("<details>").count(), rows);
        assert!(text.ends_with(&rest(5_000 - rows)));
    }

    #[test]
    fn holds_a_finding_that_is_longer_than_a_comment() {
        let mut fixture = Fixture::many(1);
        fixture.findings[0].diagnostic.message = "`@|漢".repeat(100_000);
        let text = write(&fixture.report());
        assert!(units(&text) <= LONGEST);
        assert_eq!(text.matches("<details>").count(), 1);
    }

    #[test]
    fn code_is_told_from_prose() {
        assert_data_eq!(prose("a `b|c` d`@e"), str!["a <code>b&#124;c</code> d&#96;&#64;&#8203;e"]);
        assert_eq!(fence("a ```` b `"), "`````");
    }
}
