//! What was adopted, for people: the files, and what they do not say.

use std::fmt::Write;

use super::clean::one_line;
use crate::adopt::{Adopted, Fate, Remainder};

/// Each fate with what is said above its list.
const LISTS: [(Fate, &str); 3] = [
    (Fate::Repaired, "not taken over, because it breaks sessions; `diff` shows the way from here:"),
    (Fate::Rewritten, "rendered otherwise, or in addition; `diff` says why:"),
    (Fate::Kept, "left as it is, because sioway renders nothing in its place:"),
];

/// One block an app.
pub fn text(apps: &[(String, &Adopted)]) -> String {
    let mut text = String::new();
    for (index, (file, app)) in apps.iter().enumerate() {
        if index > 0 {
            text.push('\n');
        }
        block(&mut text, file, app);
    }
    text
}

fn block(text: &mut String, file: &str, app: &Adopted) {
    let _ =
        writeln!(text, "wrote {file}: `{}`, from {}", app.name, one_line(&app.files.join(", ")));
    if app.is_guess {
        let _ = writeln!(
            text,
            "  nothing that could be followed in these files speaks of Socket.IO: look at `port` and `socketio.path`"
        );
    }
    if app.lacks_host {
        let _ = writeln!(
            text,
            "  these files name no host: `host` is made up, set the one that browsers use before anything else"
        );
    }
    if let Some(why) = &app.refusal {
        let _ = writeln!(text, "  `render` refuses it as it is: {why}");
    }
    for (fate, title) in LISTS {
        let mut found = app.remainder.iter().filter(|one| one.fate == fate).peekable();
        if found.peek().is_some() {
            let _ = writeln!(text, "\n  {title}");
            found.for_each(|one| line(text, one));
        }
    }
}

fn line(text: &mut String, one: &Remainder) {
    let mut line = String::new();
    if let Some(place) = &one.place {
        let _ = write!(line, "{place}: ");
    }
    line.push_str(&one.object);
    if !one.path.is_empty() {
        let _ = write!(line, " {}", one.path);
    }
    let _ = write!(line, ": {}", one.what);
    if let Some(rule) = one.rule {
        let _ = write!(line, " [{rule}]");
    }
    let _ = writeln!(text, "    {}", one_line(&line));
}
