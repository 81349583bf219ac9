//! A picture as people see it: one file a format. What is drawn is the same in all of them.

mod bars;
mod mermaid;
mod svg;
mod text;

use crate::picture::Picture;
use crate::report::clean::{cut_off, one_line};

pub(in crate::report) use mermaid::way as mermaid_way;
pub(in crate::report) use svg::{STYLE, ladder as svg_ladder, way as svg_way};

/// How pictures are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Format {
    /// Lines, for people at a terminal.
    #[default]
    Text,
    /// Diagrams that GitHub and GitLab draw in Markdown.
    Mermaid,
    /// One image, for browsers and documents, in light and dark.
    Svg,
}

/// So much of a fact is shown.
const LONGEST: usize = 200;

/// Pictures in a format; only [`Format::Text`] knows colours.
pub fn write(format: Format, pictures: &[Picture], color: bool) -> String {
    match format {
        Format::Text => text::write(pictures, color),
        Format::Mermaid => mermaid::write(pictures),
        Format::Svg => svg::write(pictures),
    }
}

/// A fact on one line that nothing steers.
fn clean(text: &str) -> String {
    cut_off(&one_line(text), LONGEST)
}

/// A picture with hostile text and a fault in it.
#[cfg(test)]
fn fixture() -> Picture {
    use crate::picture::{Amount, Rung, Side, State, Station};
    let side = |what: &str, value: &str, amount| Side {
        what: what.to_owned(),
        value: value.to_owned(),
        amount: Amount::Milliseconds(amount),
    };
    let broken = Station {
        state: State::Broken,
        faults: vec!["life of a WebSocket: closed after `30 s`".to_owned()],
        ..Station::right("Load balancer", vec!["timeout 30 s, the default".to_owned()])
    };
    Picture {
        title: "chat.example.com/socket.io/".to_owned(),
        stations: vec![
            Station::right("Browser", vec!["\"<b>\" &\u{1b}[31m\nnext]]>".to_owned()]),
            broken,
            Station { state: State::Unknown, ..Station::right("Socket.IO server", Vec::new()) },
        ],
        rungs: vec![
            Rung {
                lower: side("a long poll", "25 s", 25_000),
                sign: "<",
                upper: side("the load balancer's timeout", "30 s", 30_000),
                holds: true,
            },
            Rung {
                lower: side("how long a session is to last", "24 h", 86_400_000),
                sign: "≤",
                upper: side("the load balancer's timeout", "30 s", 30_000),
                holds: false,
            },
        ],
    }
}
