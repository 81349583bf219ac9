//! As diagrams of Mermaid (<https://mermaid.js.org/syntax/flowchart.html>), which GitHub and GitLab draw.

use super::clean;
use crate::picture::{Picture, Rung, Side, State, Station};

/// Filled for both schemes of colours, since a page may have either.
const CLASSES: &str = "  classDef broken fill:#c4232b,stroke:#8b1a20,color:#fff\n  \
                       classDef unknown stroke-dasharray: 5 5\n";

/// The way and the ladder of each, as Markdown.
pub(super) fn write(pictures: &[Picture]) -> String {
    let one = |picture: &Picture| {
        let title = crate::report::markdown::plain(&clean(&picture.title));
        let parts = [block(&way(picture)), block(&ladder(picture))].concat();
        format!("### {title}\n{parts}")
    };
    pictures.iter().map(one).collect::<Vec<_>>().join("\n")
}

/// A diagram in a block of code; nothing where there is none.
fn block(diagram: &str) -> String {
    if diagram.is_empty() { String::new() } else { format!("\n```mermaid\n{diagram}```\n") }
}

/// The way of a request.
pub(in crate::report) fn way(picture: &Picture) -> String {
    let nodes = picture.stations.iter().enumerate().map(|(at, one)| station(at, one));
    let arrows = (1..picture.stations.len()).map(|at| format!("  n{} --> n{at}\n", at - 1));
    let nodes: String = nodes.chain(arrows).collect();
    let marked = picture.stations.iter().any(|one| one.state != State::Right);
    let classes = if marked { CLASSES } else { "" };
    format!("flowchart LR\n{nodes}{classes}")
}

fn station(at: usize, station: &Station) -> String {
    let faults = station.faults.iter().map(|fault| format!("✗ {fault}"));
    let lines = std::iter::once(station.name.clone()).chain(station.facts.iter().cloned());
    let lines: Vec<String> = lines.chain(faults).map(|line| quoted(&line)).collect();
    let class = match station.state {
        State::Right => "",
        State::Broken => ":::broken",
        State::Unknown => ":::unknown",
    };
    format!("  n{at}[\"{}\"]{class}\n", lines.join("<br/>"))
}

/// The numbers that must stand in an order, the smaller one on the left.
fn ladder(picture: &Picture) -> String {
    if picture.rungs.is_empty() {
        return String::new();
    }
    let rungs: String = picture.rungs.iter().enumerate().map(|(at, one)| rung(at, one)).collect();
    let broken = picture.rungs.iter().any(|rung| !rung.holds);
    format!("flowchart LR\n{rungs}{}", if broken { CLASSES } else { "" })
}

fn rung(at: usize, rung: &Rung) -> String {
    let side = |one: &Side| format!("{}<br/>{}", quoted(&one.value), quoted(&one.what));
    let (class, sign) = if rung.holds {
        ("", rung.sign.to_owned())
    } else {
        (":::broken", format!("not {}", rung.sign))
    };
    format!(
        "  l{at}[\"{}\"]{class} -- \"{}\" --> u{at}[\"{}\"]{class}\n",
        side(&rung.lower),
        quoted(&sign),
        side(&rung.upper)
    )
}

/// Text in quotes of Mermaid, which knows references to characters by their numbers
/// (<https://mermaid.js.org/syntax/flowchart.html#entity-codes-to-escape-characters>).
fn quoted(text: &str) -> String {
    let escape = |character: char| match character {
        '"' | '<' | '>' | '#' | '&' | ';' | '`' | '\\' => format!("#{};", u32::from(character)),
        other => other.to_string(),
    };
    clean(text).chars().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use snapbox::{IntoData as _, assert_data_eq, str};

    use super::super::fixture;
    use super::*;

    #[test]
    fn shows_hostile_text_as_text() {
        assert_data_eq!(write(&[fixture()]).raw(), str![[r##"
### chat.example.com/socket.io/

```mermaid
flowchart LR
  n0["Browser<br/>#34;#60;b#62;#34; #38;␛[31m next]]#62;"]
  n1["Load balancer<br/>timeout 30 s, the default<br/>✗ life of a WebSocket: closed after #96;30 s#96;"]:::broken
  n2["Socket.IO server"]:::unknown
  n0 --> n1
  n1 --> n2
  classDef broken fill:#c4232b,stroke:#8b1a20,color:#fff
  classDef unknown stroke-dasharray: 5 5
```

```mermaid
flowchart LR
  l0["25 s<br/>a long poll"] -- "#60;" --> u0["30 s<br/>the load balancer's timeout"]
  l1["24 h<br/>how long a session is to last"]:::broken -- "not ≤" --> u1["30 s<br/>the load balancer's timeout"]:::broken
  classDef broken fill:#c4232b,stroke:#8b1a20,color:#fff
  classDef unknown stroke-dasharray: 5 5
```

"##]].raw());
    }
}
