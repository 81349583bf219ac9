//! One page that needs nothing else: no script, no font, no image from elsewhere. A browser that obeys its
//! `Content-Security-Policy` would not even load any.
//!
//! Whatever comes out of files stands in it as text: every character that HTML gives a meaning is written as a
//! reference to it.

use std::fmt::Write as _;

use super::clean::{one_line, printable};
use super::picture::{STYLE, svg_ladder, svg_way};
use crate::picture::Picture;

const PAGE: &str = include_str!("page.css");

/// So many pictures are drawn: a page of a thousand is for nobody.
const PICTURES: usize = 20;

/// A page about something, of parts that are HTML already.
pub(super) fn page(title: &str, parts: &[String]) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>{title}</title>\n<style>\n{PAGE}{STYLE}</style>\n</head>\n<body>\n<main>\n{}</main>\n</body>\n</html>\n",
        parts.concat(),
        title = escape(title),
    )
}

/// The headline, with what it all comes to below it.
pub(super) fn heading(title: &str, tally: &str, is_good: bool) -> String {
    let class = if is_good { "good" } else { "bad" };
    format!("<h1>{}</h1>\n<p class=\"tally {class}\">{}</p>\n", escape(title), escape(tally))
}

/// The ways and the ladders, those with faults first, side by side where there is room.
pub(super) fn pictures(pictures: &[Picture]) -> String {
    let (broken, right): (Vec<_>, Vec<_>) = pictures.iter().partition(|one| one.is_broken());
    let in_order = broken.into_iter().chain(right);
    let mut text: String = in_order.take(PICTURES).map(picture).collect();
    let more = pictures.len().saturating_sub(PICTURES);
    if more > 0 {
        let _ = writeln!(
            text,
            "<p>{more} more pictures are left out; <code>sioway graph</code> draws them.</p>"
        );
    }
    text
}

fn picture(picture: &Picture) -> String {
    let figure = |caption: &str, drawing: String| {
        format!("<figure>\n<figcaption>{caption}</figcaption>\n{drawing}</figure>\n")
    };
    let ladder = if picture.rungs.is_empty() {
        String::new()
    } else {
        figure("The timeouts that must stand in one order", svg_ladder(picture))
    };
    let way = figure("The way of a request", svg_way(picture));
    let title = escape(&one_line(&picture.title));
    format!(
        "<section>\n<h2>{title}</h2>\n<div class=\"pictures\">\n{way}{ladder}</div>\n</section>\n"
    )
}

/// A table; on a narrow page each row is a block, whose lines carry the names of the columns.
pub(super) fn table(columns: &[&str], rows: &[Vec<String>]) -> String {
    let mut text = "<table>\n<thead><tr>".to_owned();
    for name in columns {
        let _ = write!(text, "<th scope=\"col\">{name}</th>");
    }
    text.push_str("</tr></thead>\n<tbody>\n");
    for row in rows {
        text.push_str("<tr>");
        for (cell, name) in row.iter().zip(columns) {
            let _ = write!(text, "<td data-name=\"{name}\">{cell}</td>");
        }
        text.push_str("</tr>\n");
    }
    text + "</tbody>\n</table>\n"
}

/// What is folded until somebody opens it.
pub(super) fn folded(summary: &str, inside: &str) -> String {
    format!("<details>\n<summary>{summary}</summary>\n{inside}</details>\n")
}

/// A mark by its words and its colour.
pub(super) fn badge(class: &str, word: &str) -> String {
    format!("<span class=\"badge {class}\">{}</span>", escape(word))
}

/// Text as code.
pub(super) fn code(text: &str) -> String {
    format!("<code>{}</code>", escape(&one_line(text)))
}

/// Lines as they stand.
pub(super) fn lines(text: &str) -> String {
    format!("<pre>{}</pre>\n", escape(text))
}

/// A message, with code where it has backticks.
pub(super) fn prose(text: &str) -> String {
    let text = one_line(text);
    let parts: Vec<&str> = text.split('`').collect();
    let paired = parts.len() % 2 == 1;
    let last = parts.len() - 1;
    let part = |(at, part): (usize, &&str)| match at {
        // The last backtick has no partner.
        at if at == last && !paired => format!("&#96;{}", escape(part)),
        at if at % 2 == 1 => code(part),
        _ => escape(part),
    };
    parts.iter().enumerate().map(part).collect()
}

/// Text, whatever it holds.
pub(super) fn escape(text: &str) -> String {
    let reference = |character: char| match character {
        '&' | '<' | '>' | '"' | '\'' | '`' => format!("&#{};", u32::from(character)),
        other => other.to_string(),
    };
    printable(text).chars().map(reference).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_stays_text() {
        let hostile = "</style><script>alert('\"`&amp;\u{1b}\u{202e}')</script>";
        let page =
            page(hostile, &[heading(hostile, hostile, true), lines(hostile), prose(hostile)]);
        assert!(
            !page.contains("<script") && !page.contains('\u{1b}') && !page.contains('\u{202e}')
        );
        assert_eq!(page.matches("</style>").count(), 1);
        assert_eq!(page.matches("&#60;script&#62;alert").count(), 5, "{page}");
    }

    #[test]
    fn code_is_told_from_prose() {
        assert_eq!(prose("a `b<` c`d"), "a <code>b&#60;</code> c&#96;d");
        assert_eq!(prose("plain"), "plain");
    }
}
