//! For a comment on a pull request: the table first, then what differs, folded, and the way of a request as a picture.

use super::{AppDiff, ChangeEntry, DiffReport, ObjectEntry};
use crate::diff::Status;
use crate::report::clean::{one_line, shorten};
use crate::report::markdown::{LONGEST, code, prose, units};

/// Kept free for the heading and for what is said at the end.
const RESERVE: usize = 1_500;

/// So much of a value stands in a table.
const LONGEST_VALUE: usize = 200;

const TABLE: &str = "| | object | file | differences |\n|---|---|---|---|\n";

pub(super) fn write(report: &DiffReport) -> String {
    let summary = report.summary();
    let heading = format!(
        "<!-- sioway diff -->\n### sioway diff: {} to add, {} to change, {} the same, {} only there\n",
        summary.add, summary.change, summary.same, summary.only_there
    );
    let mut comment = Comment { text: heading, left_out: 0 };
    for app in report.apps.iter().filter(|app| app.objects.iter().any(is_told)) {
        write_app(&mut comment, app);
    }
    comment.finish()
}

/// A comment that takes whole pieces as long as there is room for them.
struct Comment {
    text: String,
    left_out: usize,
}

impl Comment {
    /// Adds a piece, or counts it as left out.
    fn add(&mut self, piece: &str) -> bool {
        let fits = units(&self.text) + units(piece) + RESERVE <= LONGEST;
        if fits {
            self.text.push_str(piece);
        } else {
            self.left_out += 1;
        }
        fits
    }

    fn finish(mut self) -> String {
        if self.left_out > 0 {
            let parts = self.left_out;
            let rest = format!(
                "\n{parts} parts are left out, since a comment holds {LONGEST} characters; `sioway diff` shows all of them.\n"
            );
            self.text.push_str(&rest);
        }
        self.text
    }
}

fn is_told(object: &ObjectEntry) -> bool {
    object.status != Status::Same
}

fn write_app(comment: &mut Comment, app: &AppDiff) {
    let environment = app.environment.as_ref();
    let environment = environment.map_or(String::new(), |name| format!(" in {}", prose(name)));
    let rows: String = app.objects.iter().filter(|object| is_told(object)).map(row).collect();
    comment.add(&format!("\n#### {}{environment}\n\n{TABLE}{rows}", prose(&app.app)));
    for object in app.objects.iter().filter(|object| !object.changes.is_empty()) {
        comment.add(&details(object));
    }
    comment.add(&picture(app));
    comment.add(&ladder(app));
}

fn name(object: &ObjectEntry) -> String {
    let namespace = object.name.namespace.as_ref();
    let namespace = namespace.map_or(String::new(), |name| format!("{name}/"));
    code(&one_line(&format!("{} {namespace}{}", object.name.kind, object.name.name)))
}

fn row(object: &ObjectEntry) -> String {
    let sign = match object.status {
        Status::Same => "=",
        Status::Change => "~",
        Status::Add => "+",
        Status::OnlyThere => "only there",
    };
    let file = object.file.as_ref().map_or(String::new(), |file| code(&one_line(file)));
    format!("| {sign} | {} | {file} | {} |\n", name(object), object.changes.len())
}

fn details(object: &ObjectEntry) -> String {
    let rows: String = object.changes.iter().map(change).collect();
    format!(
        "\n<details><summary>{}</summary>\n\n| field | old | new | why |\n|---|---|---|---|\n{rows}\n</details>\n",
        name(object)
    )
}

fn change(change: &ChangeEntry) -> String {
    let value = |text: &str| code(&shorten(&one_line(text), LONGEST_VALUE));
    let place = change.place.as_ref();
    let place = place.map_or(String::new(), |(file, region)| {
        format!(" {}", code(&one_line(&format!("{file}:{}", region.start.line))))
    });
    let rule = change.rule.map_or(String::new(), |rule| format!(" ({})", code(rule)));
    let notes = change.notes.iter().map(|note| format!(" {}.", prose(&one_line(note))));
    let notes = notes.collect::<Vec<_>>().concat();
    format!(
        "| {}{place} | {} | {} | {}{rule}{notes} |\n",
        code(&one_line(&change.path)),
        change.old.as_deref().map(value).unwrap_or_default(),
        value(&change.new),
        prose(change.reason)
    )
}

/// The way of a request, as a Mermaid flowchart.
fn picture(app: &AppDiff) -> String {
    if app.path.is_empty() {
        return String::new();
    }
    let quoted = |text: &str| text.replace('"', "#quot;").replace('<', "#lt;").replace('>', "#gt;");
    let nodes = app.path.iter().enumerate().map(|(index, (hop, holds))| {
        format!("  n{index}[\"{}<br/>{}\"]\n", quoted(&one_line(hop)), quoted(&one_line(holds)))
    });
    let arrows = (1..app.path.len()).map(|index| format!("  n{} --> n{index}\n", index - 1));
    let nodes: String = nodes.chain(arrows).collect();
    format!(
        "\n<details><summary>The way of a request</summary>\n\n```mermaid\nflowchart LR\n{nodes}```\n\n</details>\n"
    )
}

fn ladder(app: &AppDiff) -> String {
    if app.ladder.is_empty() {
        return String::new();
    }
    let row = |[lower, relation, upper]: &[String; 3]| {
        format!("| {} | {} | {} |\n", prose(lower), prose(relation), prose(upper))
    };
    let rows: String = app.ladder.iter().map(row).collect();
    format!(
        "\n<details><summary>The timeouts that must stand in one order</summary>\n\n| smaller | | larger |\n|---|---|---|\n{rows}\n</details>\n"
    )
}
