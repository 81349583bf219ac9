//! As SVG: what a browser draws without anything from elsewhere, in the colours that its user prefers.
//!
//! The layout is a column of boxes, narrow enough for a phone: text is wrapped by a width that is reckoned on the safe
//! side, since nobody knows the reader's fonts. Colours stand in a style sheet with classes and no variables, which
//! programs that are no browsers know as well.

use std::fmt::Write as _;

use super::{bars, clean};
use crate::picture::{Picture, State, Station};
use crate::report::html::escape;

/// The width of a column.
pub(super) const WIDTH: f64 = 400.0;

/// How far boxes stand from the edge, and their text from theirs.
const PADDING: f64 = 14.0;
const TITLE: f64 = 20.0;
const LINE: f64 = 18.0;
const ARROW: f64 = 24.0;

/// The colours, for a page in light and one in dark.
pub(in crate::report) const STYLE: &str = include_str!("svg.css");

/// A column that grows downwards.
pub(super) struct Sheet {
    body: String,
    y: f64,
}

impl Sheet {
    /// How far the content stands from the edge.
    pub(super) const MARGIN: f64 = 12.0;

    fn new() -> Self {
        Self { body: String::new(), y: Self::MARGIN }
    }

    /// Leaves room.
    pub(super) fn down(&mut self, by: f64) {
        self.y += by;
    }

    /// A line of text, and the pen below it.
    pub(super) fn text(&mut self, x: f64, height: f64, class: &str, text: &str) {
        self.y += height;
        let y = self.y - 4.0;
        let _ = writeln!(
            self.body,
            "<text x=\"{x}\" y=\"{y}\" class=\"{class}\">{}</text>",
            escape(text)
        );
    }

    /// A value at the right end of the line that was written last.
    pub(super) fn at_right(&mut self, text: &str) {
        let (x, y) = (WIDTH - Self::MARGIN, self.y - 4.0);
        let _ = writeln!(
            self.body,
            "<text x=\"{x}\" y=\"{y}\" class=\"sio-value\">{}</text>",
            escape(text)
        );
    }

    /// A bar from the left edge.
    pub(super) fn bar(&mut self, length: f64, height: f64, class: &str) {
        let (x, y) = (Self::MARGIN, self.y);
        let _ = writeln!(
            self.body,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{length:.1}\" height=\"{height}\" rx=\"3\" class=\"{class}\"/>"
        );
    }

    fn arrow(&mut self) {
        let (x, top, end) = (WIDTH / 2.0, self.y + 3.0, self.y + ARROW - 3.0);
        let _ = writeln!(
            self.body,
            "<path d=\"M{x} {top}V{end}m-5 -6l5 6l5 -6\" class=\"sio-arrow\"/>"
        );
        self.y += ARROW;
    }

    fn height(&self) -> f64 {
        self.y + Self::MARGIN
    }
}

/// All pictures as one image: each way beside its ladder.
pub(super) fn write(pictures: &[Picture]) -> String {
    let (mut body, mut top) = (String::new(), 0.0);
    for picture in pictures {
        let (way, ladder) = (column(picture), rungs(picture));
        let title = clean(&picture.title);
        let shown = wrap(&title, 2.0 * WIDTH - 2.0 * Sheet::MARGIN, 17.0);
        for line in &shown {
            top += 26.0;
            let _ = writeln!(
                body,
                "<text x=\"{}\" y=\"{top}\" class=\"sio-title\">{}</text>",
                Sheet::MARGIN,
                escape(line)
            );
        }
        top += 6.0;
        for (x, sheet) in [(0.0, &way), (WIDTH, &ladder)] {
            let _ = write!(body, "<g transform=\"translate({x} {top})\">\n{}</g>\n", sheet.body);
        }
        top += way.height().max(ladder.height());
    }
    let title = pictures.iter().map(|one| clean(&one.title)).collect::<Vec<_>>().join(", ");
    format!(
        "{}<title>{}</title>\n<style>\n{STYLE}</style>\n<rect width=\"100%\" height=\"100%\" class=\"sio-ground\"/>\n{body}</svg>\n",
        opening(2.0 * WIDTH, top, true),
        escape(&format!("The way of a request: {title}"))
    )
}

/// The way of a request alone, for a page that has [`STYLE`].
pub(in crate::report) fn way(picture: &Picture) -> String {
    alone("The way of a request", &column(picture))
}

/// The timeouts alone, for a page that has [`STYLE`].
pub(in crate::report) fn ladder(picture: &Picture) -> String {
    alone("The timeouts that must stand in one order", &rungs(picture))
}

fn alone(title: &str, sheet: &Sheet) -> String {
    let opening = opening(WIDTH, sheet.height(), false);
    format!("{opening}<title>{}</title>\n{}</svg>\n", escape(title), sheet.body)
}

fn opening(width: f64, height: f64, is_file: bool) -> String {
    let space = if is_file { "xmlns=\"http://www.w3.org/2000/svg\" " } else { "" };
    format!(
        "<svg {space}class=\"sio\" role=\"img\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">\n"
    )
}

fn column(picture: &Picture) -> Sheet {
    let mut sheet = Sheet::new();
    for (at, one) in picture.stations.iter().enumerate() {
        if at > 0 {
            sheet.arrow();
        }
        station(&mut sheet, one);
    }
    sheet
}

fn rungs(picture: &Picture) -> Sheet {
    let mut sheet = Sheet::new();
    bars::draw(&mut sheet, &picture.rungs);
    sheet
}

fn station(sheet: &mut Sheet, station: &Station) {
    let room = WIDTH - 2.0 * (Sheet::MARGIN + PADDING);
    let (mark, class) = match station.state {
        State::Right => ("", "sio-box"),
        State::Broken => ("✗ ", "sio-box sio-broken"),
        State::Unknown => ("? ", "sio-box sio-unknown"),
    };
    let title = wrap(&clean(&format!("{mark}{}", station.name)), room, 17.0);
    let lines = |texts: &[String], size: f64| -> Vec<String> {
        texts.iter().flat_map(|text| wrap(&clean(text), room, size)).collect()
    };
    let marked: Vec<String> = station.faults.iter().map(|fault| format!("✗ {fault}")).collect();
    // Faults are in bold, which is wider.
    let (facts, faults) = (lines(&station.facts, 13.0), lines(&marked, 15.0));
    let count = |lines: &[String]| u32::try_from(lines.len()).map_or(0.0, f64::from);
    let below = LINE * (count(&facts) + count(&faults));
    let height = 2.0 * 9.0 + TITLE * count(&title) + below;
    let (x, y, width) = (Sheet::MARGIN, sheet.y, WIDTH - 2.0 * Sheet::MARGIN);
    let _ = writeln!(
        sheet.body,
        "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"8\" class=\"{class}\"/>"
    );
    sheet.down(8.0);
    let left = x + PADDING;
    for line in &title {
        sheet.text(left, TITLE, "sio-title", line);
    }
    for line in &facts {
        sheet.text(left, LINE, "sio-ink", line);
    }
    for line in &faults {
        sheet.text(left, LINE, "sio-fault", line);
    }
    sheet.down(10.0);
}

/// How wide a text may be in a font of some size: most are narrower.
pub(super) fn text_width(text: &str, size: f64) -> f64 {
    let width = |character: char| match character {
        'i' | 'j' | 'l' | 't' | 'f' | 'r' | ' ' | '.' | ',' | ':' | ';' | '\'' | '|' | '/'
        | '-' => 0.4,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 0.95,
        'A'..='Z' | '_' | '{' | '}' | '"' | '=' | '<' | '>' | '+' | '?' => 0.72,
        ascii if ascii.is_ascii() => 0.58,
        latin if u32::from(latin) < 0x1100 => 0.8,
        _ => 1.1,
    };
    text.chars().map(width).sum::<f64>() * size
}

/// Lines that fit; a word that does not is cut where the line ends.
pub(super) fn wrap(text: &str, room: f64, size: f64) -> Vec<String> {
    let (mut lines, mut line) = (Vec::new(), String::new());
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
        if text_width(&longer, size) <= room {
            line = longer;
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        for character in word.chars() {
            line.push(character);
            if text_width(&line, size) > room && line.chars().count() > 1 {
                line.pop();
                lines.push(std::mem::replace(&mut line, character.to_string()));
            }
        }
    }
    lines.extend((!line.is_empty()).then_some(line));
    lines
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    #[test]
    fn lines_fit_and_lose_nothing() {
        let text = "a word Wandthenonethatismuchlongerthanaline 漢字漢字漢字漢字漢字漢字 end";
        let lines = wrap(text, 120.0, 13.0);
        assert!(lines.iter().all(|line| text_width(line, 13.0) <= 120.0), "{lines:?}");
        let letters = |text: &str| text.replace(' ', "");
        assert_eq!(letters(&lines.concat()), letters(text));
        assert!(wrap("", 10.0, 13.0).is_empty());
    }

    #[test]
    fn hostile_text_stays_text() {
        let text = write(&[fixture()]);
        assert!(text.contains("&#34;&#60;b&#62;&#34; &#38;␛[31m next]]&#62;"), "{text}");
        assert!(!text.contains("<b>"));
        assert_eq!(text.matches("sio-box sio-broken").count(), 1);
        assert_eq!(text.matches("sio-bar sio-wrong").count(), 2);
    }
}
