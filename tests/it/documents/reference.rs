//! The reference, out of what it is about: the command line, the formats, the keys of app.toml and of sioway.toml.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use clap::{Arg, ArgAction, Command, CommandFactory as _};
use sioway::spec::{Key, app_keys, workspace_keys};

use super::{hold, hold_file};
use crate::tools::{MINIMAL, Scratch, root};

/// Within a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ").replace('<', "&lt;")
}

fn cli() -> Command {
    let mut cli = sioway::cli::Cli::command();
    cli.build();
    cli
}

/// What stands for the value of an argument, if it takes one.
fn values(arg: &Arg) -> String {
    let takes = arg.get_action().takes_values();
    let names = arg.get_value_names().unwrap_or_default();
    let names: Vec<&str> = names.iter().map(clap::builder::Str::as_str).collect();
    if takes { names.join(" ") } else { String::new() }
}

fn name(arg: &Arg) -> String {
    let value = values(arg);
    let Some(long) = arg.get_long() else { return format!("`{value}`") };
    let short = arg.get_short().map(|short| format!("`-{short}`, ")).unwrap_or_default();
    let gap = if value.is_empty() { "" } else { " " };
    format!("{short}`--{long}{gap}{value}`")
}

/// What an argument does, what it may be, and what it is where it is left out.
fn meaning(arg: &Arg) -> String {
    let help = arg.get_long_help().or(arg.get_help()).map(ToString::to_string).unwrap_or_default();
    let mut text = help.trim_end_matches('.').to_owned() + ".";
    let possible: Vec<String> = arg
        .get_possible_values()
        .iter()
        .filter(|_| arg.get_action().takes_values())
        .map(|value| format!("`{}`", value.get_name()))
        .collect();
    if !possible.is_empty() {
        write!(text, " One of {}.", possible.join(", ")).unwrap();
    }
    let default: Vec<&str> =
        arg.get_default_values().iter().filter_map(|value| value.to_str()).collect();
    if !default.is_empty() && arg.get_action().takes_values() {
        write!(text, " Default: `{}`.", default.join(",")).unwrap();
    }
    let is_repeated = matches!(arg.get_action(), ArgAction::Append) && !arg.is_positional();
    if is_repeated && !text.contains("may be repeated") {
        text.push_str(" May be repeated.");
    }
    cell(&text)
}

fn table(command: &Command, wanted: impl Fn(&Arg) -> bool) -> String {
    let mut rows = String::new();
    for arg in command.get_arguments().filter(|arg| !arg.is_hide_set() && wanted(arg)) {
        writeln!(rows, "| {} | {} |", cell(&name(arg)), meaning(arg)).unwrap();
    }
    if rows.is_empty() { rows } else { format!("\n| | |\n|---|---|\n{rows}") }
}

/// Those of every command stand once, at the top.
fn is_global(arg: &Arg) -> bool {
    arg.is_global_set() || ["help", "version"].contains(&arg.get_id().as_str())
}

fn section(command: &mut Command, depth: usize, text: &mut String) {
    let usage = command.render_usage().to_string().replacen("Usage: ", "", 1);
    let title = command.get_bin_name().unwrap().to_owned();
    writeln!(text, "\n{} `{title}`\n", "#".repeat(depth)).unwrap();
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    writeln!(text, "{about}.\n\n```text\n{}\n```", usage.trim()).unwrap();
    text.push_str(&table(command, |arg| !is_global(arg)));
    if let Some(more) = command.get_after_long_help() {
        writeln!(text, "\n{}", more.to_string().trim()).unwrap();
    }
    for nested in command.get_subcommands_mut().filter(|one| one.get_name() != "help") {
        section(nested, depth + 1, text);
    }
}

#[test]
fn commands() {
    let mut cli = cli();
    let mut text = "# Commands\n\n\
        Every command and every option. This file is written by `UPDATE=1 cargo test --test it documents`, from the command \
        line itself;\n`sioway help COMMAND` prints the same in a terminal. [What is printed, and how it ends](output.md) is a \
        page of its own.\n\nOptions of all commands:\n"
        .to_owned();
    text.push_str(&table(&cli, is_global));
    for command in cli.get_subcommands_mut().filter(|one| one.get_name() != "help") {
        section(command, 2, &mut text);
    }
    hold_file("docs/reference/commands.md", &text);
}

/// The formats of a command, with what each is for, in one option of it.
fn formats(command: &Command) -> Vec<(String, String)> {
    let arg = command.get_arguments().find(|arg| arg.get_id() == "format");
    let values = arg.map(Arg::get_possible_values).unwrap_or_default();
    let told = |value: &clap::builder::PossibleValue| {
        value.get_help().map(ToString::to_string).unwrap_or_default()
    };
    values.iter().map(|value| (value.get_name().to_owned(), told(value))).collect()
}

#[test]
fn output() {
    let cli = cli();
    let mut by_format: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for command in cli.get_subcommands() {
        for (format, _) in formats(command) {
            by_format.entry(format).or_default().push(format!("`{}`", command.get_name()));
        }
    }
    let mut text = "| `--format` | of |\n|---|---|\n".to_owned();
    for (format, commands) in by_format {
        writeln!(text, "| `{format}` | {} |", commands.join(", ")).unwrap();
    }
    hold("docs/reference/output.md", "formats", &text);
}

/// The picture of a way and its ladder is what `graph` draws of an example.
#[test]
fn picture() {
    let app = root().join("examples/workload/app.toml");
    let drawn = Scratch::new().ok(&["graph", app.to_str().unwrap(), "--format", "svg"]);
    hold_file("docs/concepts/workload.svg", &drawn.out);
}

fn kind(key: &Key) -> String {
    cell(&key.kind.replace('"', "`").replace("``, ``", "`, `"))
}

/// What each key is where app.toml says nothing of it, as `explain` tells it of an app with every table.
fn defaults() -> BTreeMap<String, String> {
    let tables = "[workload]\nimage = \"x\"\n[monitoring]\n[verify]\nimage = \"x\"\n";
    let scratch = Scratch::with_app(&format!("{MINIMAL}{tables}"));
    let explained = scratch.ok(&["explain", "app.toml"]).out;
    let column = regex_lite::Regex::new(r"^(\S+) +(.*\S)  +(\S.*)$").unwrap();
    let of_line = |line: &str| {
        let found = column.captures(line)?;
        let (key, value, origin) = (&found[1], found[2].trim(), &found[3]);
        let told = match origin.split_once(' ') {
            _ if origin.starts_with("app.toml:") => "required".to_owned(),
            _ if origin == "not set" => "—".to_owned(),
            Some(("derived", from)) => {
                format!("`{value}`, {}", from.replacen("from ", "from `", 1) + "`")
            }
            _ if origin.starts_with("profiles/") => format!("`{value}`, by the profile"),
            _ => format!("`{value}`"),
        };
        Some((key.to_owned(), cell(&told)))
    };
    explained.lines().filter_map(of_line).collect()
}

#[test]
fn every_key_of_an_app() {
    let defaults = defaults();
    let mut text = "| key | type | default | meaning |\n|---|---|---|---|\n".to_owned();
    for key in app_keys().iter().filter(|key| key.is_leaf()) {
        let default = defaults.get(&key.path).map_or("", String::as_str);
        assert!(!default.is_empty() || key.is_in_list(), "{} has no default", key.path);
        writeln!(text, "| `{}` | {} | {default} | {} |", key.path, kind(key), cell(&key.doc))
            .unwrap();
    }
    hold("docs/reference/app-toml.md", "keys", &text);
}

#[test]
fn every_key_of_a_workspace() {
    let mut text = "| key | type | meaning |\n|---|---|---|\n".to_owned();
    let keys = workspace_keys();
    for key in keys.iter().filter(|key| key.is_leaf() && key.kind != "table of table") {
        writeln!(text, "| `{}` | {} | {} |", key.path, kind(key), cell(&key.doc)).unwrap();
    }
    hold("docs/reference/app-toml.md", "workspace", &text);
}
