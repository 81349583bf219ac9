//! For a comment on a pull request: the summary first, then for each app a table of objects, the way of a request as a
//! picture, the timeouts, and what differs, folded.
//!
//! A comment is made of whole pieces. Where there is no room for all, the summary, the tables and the pictures go before
//! the details, and of an object's details as many rows are shown as fit.

use super::{AppDiff, ChangeEntry, DiffReport, ObjectEntry, Sides};
use crate::diff::Status;
use crate::picture::{Rung, Side};
use crate::report::clean::{one_line, shorten};
use crate::report::markdown::{LONGEST, code, prose, units};
use crate::report::picture::mermaid_way;

/// Kept free for what is said at the end.
const RESERVE: usize = 500;

/// So much of a value stands in a table.
const LONGEST_VALUE: usize = 200;

/// So much of a name or a reason stands anywhere.
const LONGEST_NAME: usize = 500;

const TABLE: &str = "| | object | file | differences |\n|---|---|---|---|\n";

const DETAILS: &str = "| field | old | new | why |\n|---|---|---|---|\n";

pub(super) fn write(report: &DiffReport) -> String {
    let mut room = Room { left: LONGEST - RESERVE, left_out: 0 };
    let heading = heading(report);
    room.take(&heading);
    let told = report.apps.iter().filter(|app| app.objects.iter().any(is_told));
    let mut parts: Vec<(&AppDiff, [String; 2])> = Vec::new();
    for app in told {
        parts.push((app, [objects(app, &mut room), String::new()]));
    }
    for (app, part) in &mut parts {
        part[0].push_str(&room.whole(picture(app)));
        part[0].push_str(&room.whole(ladder(app)));
    }
    for (app, part) in &mut parts {
        let changed = app.objects.iter().filter(|object| !object.changes.is_empty());
        part[1] = changed.map(|object| details(object, &mut room)).collect();
    }
    let body: String = parts.into_iter().flat_map(|(_, part)| part).collect();
    heading + &body + &rest(room.left_out)
}

/// How much a comment still holds, and how many rows and pictures it did not.
struct Room {
    left: usize,
    left_out: usize,
}

impl Room {
    /// Takes the room for a piece, if there is as much.
    fn take(&mut self, piece: &str) -> bool {
        let needed = units(piece);
        let fits = needed <= self.left;
        self.left -= if fits { needed } else { 0 };
        fits
    }

    /// A piece, or nothing.
    fn whole(&mut self, piece: String) -> String {
        if self.take(&piece) {
            return piece;
        }
        self.left_out += 1;
        String::new()
    }

    /// As many rows as fit between a head and a foot; nothing if none does.
    fn rows<T>(&mut self, head: &str, all: &[T], row: impl Fn(&T) -> String, foot: &str) -> String {
        let (mut text, mut taken) = (head.to_owned(), 0);
        let around = units(head) + units(foot);
        if around <= self.left {
            self.left -= around;
            for one in all {
                let row = row(one);
                if !self.take(&row) {
                    break;
                }
                text.push_str(&row);
                taken += 1;
            }
            self.left += if taken == 0 { around } else { 0 };
        }
        self.left_out += all.len() - taken;
        if taken == 0 { String::new() } else { text + foot }
    }
}

fn heading(report: &DiffReport) -> String {
    let summary = report.summary();
    let only_there = match report.sides {
        Sides::Rendered => "only there",
        Sides::Applied => "to remove",
    };
    // By the first line, a script finds the comment that it wrote before.
    format!(
        "<!-- sioway diff -->\n### sioway diff: {} to add, {} to change, {} the same, {} {only_there}\n",
        summary.add, summary.change, summary.same, summary.only_there
    )
}

fn rest(left_out: usize) -> String {
    if left_out == 0 {
        return String::new();
    }
    let more = if left_out == 1 { "1 more is" } else { &format!("{left_out} more are") };
    format!(
        "\n{more} left out, since a comment holds {LONGEST} characters; `sioway diff` shows all of them.\n"
    )
}

fn is_told(object: &ObjectEntry) -> bool {
    object.status != Status::Same
}

/// Which objects of an app differ.
fn objects(app: &AppDiff, room: &mut Room) -> String {
    let environment = app.environment.as_ref();
    let environment = environment.map_or(String::new(), |name| format!(" in {}", prose(name)));
    let title = match app.app.as_str() {
        "" => String::new(),
        name => format!("\n#### {}{environment}\n", prose(name)),
    };
    let told: Vec<&ObjectEntry> = app.objects.iter().filter(|object| is_told(object)).collect();
    room.rows(&format!("{title}\n{TABLE}"), &told, |object| row(object), "")
}

fn name(object: &ObjectEntry) -> String {
    let namespace = object.name.namespace.as_ref();
    let namespace = namespace.map_or(String::new(), |name| format!("{name}/"));
    cell(&format!("{} {namespace}{}", object.name.kind, object.name.name))
}

fn cell(text: &str) -> String {
    code(&shorten(&one_line(text), LONGEST_NAME))
}

fn row(object: &ObjectEntry) -> String {
    let sign = match object.status {
        Status::Same => "=",
        Status::Change => "~",
        Status::Add => "+",
        Status::OnlyThere => "only there",
    };
    let file = object.file.as_ref().map_or(String::new(), |file| cell(file));
    format!("| {sign} | {} | {file} | {} |\n", name(object), object.changes.len())
}

fn details(object: &ObjectEntry, room: &mut Room) -> String {
    let head = format!("\n<details><summary>{}</summary>\n\n{DETAILS}", name(object));
    room.rows(&head, &object.changes, change, "\n</details>\n")
}

fn change(change: &ChangeEntry) -> String {
    let [old, new] = change.values(LONGEST_VALUE);
    let value = |text: Option<String>| text.map(|text| code(&text)).unwrap_or_default();
    let place = change.place.as_ref();
    let place = place.map_or(String::new(), |(file, region)| {
        format!(" {}", cell(&format!("{file}:{}", region.start.line)))
    });
    let rule = change.rule.map_or(String::new(), |rule| format!(" ({})", code(rule)));
    let notes = change.notes.iter().map(|note| format!(" {}.", prose(&one_line(note))));
    let notes = notes.collect::<Vec<_>>().concat();
    format!(
        "| {}{place} | {} | {} | {}{rule}{notes} |\n",
        cell(&change.path),
        value(old),
        value(new),
        prose(change.reason)
    )
}

/// The way of a request, as a Mermaid flowchart.
fn picture(app: &AppDiff) -> String {
    let Some(picture) = app.picture.as_ref() else {
        return String::new();
    };
    let diagram = mermaid_way(picture);
    format!(
        "\n<details><summary>The way of a request</summary>\n\n```mermaid\n{diagram}```\n\n</details>\n"
    )
}

fn ladder(app: &AppDiff) -> String {
    let Some(picture) = app.picture.as_ref().filter(|one| !one.rungs.is_empty()) else {
        return String::new();
    };
    let side = |one: &Side| format!("{} {}", prose(&one.value), prose(&one.what));
    let row = |rung: &Rung| {
        format!("| {} | {} | {} |\n", side(&rung.lower), prose(rung.sign), side(&rung.upper))
    };
    let rows: String = picture.rungs.iter().map(row).collect();
    format!(
        "\n<details><summary>The timeouts that must stand in one order</summary>\n\n| smaller | | larger |\n|---|---|---|\n{rows}\n</details>\n"
    )
}
