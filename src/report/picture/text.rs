//! For a terminal: a line a station with its facts below it, then a line a rung.

use std::fmt::Write as _;

use anstream::adapter::strip_str;
use clap::builder::styling::{AnsiColor, Style};

use super::clean;
use crate::picture::{Picture, Rung, State, Station};
use crate::report::table::table;

/// All pictures.
pub(super) fn write(pictures: &[Picture], color: bool) -> String {
    let all = pictures.iter().map(picture).collect::<Vec<_>>().join("\n");
    if color { all } else { strip_str(&all).to_string() }
}

fn picture(picture: &Picture) -> String {
    let mut out = format!("{}\n", clean(&picture.title));
    for (at, one) in picture.stations.iter().enumerate() {
        if at > 0 {
            out.push_str("  ↓\n");
        }
        station(&mut out, one);
    }
    if !picture.rungs.is_empty() {
        out.push('\n');
        let rows: Vec<Vec<String>> = picture.rungs.iter().map(row).collect();
        for (line, rung) in table(&rows).lines().zip(&picture.rungs) {
            let line = if rung.holds { line.to_owned() } else { red(line) };
            let _ = writeln!(out, "  {line}");
        }
    }
    out
}

fn station(out: &mut String, station: &Station) {
    let name = clean(&station.name);
    let name = match station.state {
        State::Right => name,
        State::Broken => red(&format!("{name}: broken")),
        State::Unknown => format!("{name}: not known"),
    };
    let _ = writeln!(out, "  {name}");
    for fact in &station.facts {
        let _ = writeln!(out, "    {}", clean(fact));
    }
    for fault in &station.faults {
        let _ = writeln!(out, "    {}", red(&format!("✗ {}", clean(fault))));
    }
}

fn row(rung: &Rung) -> Vec<String> {
    let mark = if rung.holds { "" } else { "✗ " };
    vec![
        format!("{mark}{}", clean(&rung.lower.value)),
        clean(&rung.lower.what),
        rung.sign.to_owned(),
        clean(&rung.upper.value),
        clean(&rung.upper.what),
    ]
}

fn red(text: &str) -> String {
    let style = Style::new().fg_color(Some(AnsiColor::Red.into()));
    format!("{style}{text}{style:#}")
}

#[cfg(test)]
mod tests {
    use snapbox::{IntoData as _, assert_data_eq, str};

    use super::super::fixture;
    use super::*;

    #[test]
    fn marks_what_is_wrong() {
        assert_data_eq!(
            write(&[fixture()], false).raw(),
            str![[r#"
chat.example.com/socket.io/
  Browser
    "<b>" &␛[31m next]]>
  ↓
  Load balancer: broken
    timeout 30 s, the default
    ✗ life of a WebSocket: closed after `30 s`
  ↓
  Socket.IO server: not known

  25 s    a long poll                    <  30 s  the load balancer's timeout
  ✗ 24 h  how long a session is to last  ≤  30 s  the load balancer's timeout

"#]]
            .raw()
        );
        assert!(write(&[fixture()], true).contains("\u{1b}[31m"));
    }
}
