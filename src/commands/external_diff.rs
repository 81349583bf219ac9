//! `sioway external-diff`: what `kubectl diff` and `argocd app diff` call to compare what runs with what would run.
//!
//! kubectl calls `KUBECTL_EXTERNAL_DIFF` with two directories of one object a file, and puts them *before* the words
//! of the variable, of which it drops each that has more than letters, digits, `-` and `=`
//! (kubernetes/kubectl:pkg/cmd/diff/diff.go). Argo CD calls it with two files behind those words, one of which may be
//! empty (argoproj/argo-cd:util/cli/cli.go). So the options come by the environment too.

use std::collections::BTreeSet;
use std::ffi::OsString;

use camino::{Utf8Path, Utf8PathBuf};
use clap::ValueEnum;

use super::diff::severity;
use super::files::{read_found, read_named};
use super::lint::gather::Gathered;
use super::paths::shown;
use super::stop::{Doing, Result, Stop};
use crate::diagnostic::{Diagnostic, ObjectName, Severity};
use crate::diff::{Difference, WholeDiff, Why, compare_whole};
use crate::exit::ExitStatus;
use crate::path::Model;
use crate::report::diff::{AppDiff, ChangeEntry, DiffReport, ObjectEntry, Sides};
use crate::report::{Console, Format};
use crate::set::{File, Set};

/// Its name on the command line.
const NAME: &str = "external-diff";

/// What says how to print it, where the caller drops options.
const FORMAT: &str = "SIOWAY_FORMAT";

/// Compare what runs with what would run, for `kubectl diff` and `argocd app diff`.
///
/// `KUBECTL_EXTERNAL_DIFF="sioway external-diff" kubectl diff -f k8s`. Every field counts, but those that the API
/// server and controllers write. Exits with 0 if nothing differs, 1 if something does, 2 if it cannot tell.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What runs: a directory of manifests, or one file.
    live: Utf8PathBuf,
    /// What would run after it is applied.
    merged: Utf8PathBuf,
    /// How to print what differs; the environment variable `SIOWAY_FORMAT` where left out.
    #[arg(long, value_enum)]
    format: Option<Format>,
}

/// The arguments in the order of the command line, where kubectl put its directories before the command.
pub fn reordered(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let is_path = |word: &OsString| word.to_string_lossy().contains(['/', '\\']);
    let is_kubectls = arguments.len() > 3
        && arguments[3] == NAME
        && is_path(&arguments[1])
        && is_path(&arguments[2]);
    if is_kubectls {
        let command = arguments.remove(3);
        arguments.insert(1, command);
    }
    arguments
}

/// Compares both sides.
pub fn run(args: &Args, console: Console) -> Result {
    let format = format(args)?;
    let (live, merged) = (gathered(&args.live)?, gathered(&args.merged)?);
    let (before, after) = (live.read(&live.sources), merged.read(&merged.sources));
    check(&live, &before)?;
    check(&merged, &after)?;
    let (old, new) = (Set::new(&before), Set::new(&after));
    let mut carriers = Model::new(&old, &[]).carriers();
    carriers.extend(Model::new(&new, &[]).carriers());
    let entry = |diff: &WholeDiff<'_>| entry(diff, &carriers);
    let app = AppDiff {
        app: String::new(),
        described: None,
        environment: None,
        objects: compare_whole(&old, &new).iter().map(entry).collect(),
        picture: None,
    };
    let report = DiffReport {
        apps: vec![app],
        verbose: console.is_verbose(),
        show_ignored: false,
        sides: Sides::Applied,
        place: "",
    };
    console.painted(|color| format.write(&report, color))?;
    Ok(if report.has_differences() { ExitStatus::Findings } else { ExitStatus::Success })
}

fn format(args: &Args) -> Result<Format> {
    if let Some(format) = args.format {
        return Ok(format);
    }
    let Some(said) = std::env::var_os(FORMAT).filter(|said| !said.is_empty()) else {
        return Ok(Format::default());
    };
    let said = said.to_string_lossy();
    Format::from_str(&said, false).map_err(|_| {
        let message = format!("there is no format `{said}`, which `{FORMAT}` names");
        Stop::call(
            Diagnostic::bare("unknown-format", message).help("there are text, json, markdown"),
        )
    })
}

/// Everything on one side, whatever the files are called.
fn gathered(side: &Utf8Path) -> Result<Gathered> {
    let mut paths = Vec::new();
    if side.is_dir() {
        for entry in side.read_dir_utf8().doing("read", side)? {
            let path = entry.doing("read", side)?.into_path();
            // Neither kubectl nor a person gives an object to a hidden file: it is what some program left behind.
            let is_hidden = path.file_name().is_some_and(|name| name.starts_with('.'));
            paths.extend((path.is_file() && !is_hidden).then_some(path));
        }
        paths.sort();
    } else {
        paths.push(side.to_owned());
    }
    let mut gathered = Gathered::default();
    for path in paths {
        let text = if path == side { read_named(&path)? } else { read_found(&path)? };
        // The names of kubectl's files end with that of the object, which may look like any extension.
        gathered.add_text(format!("{}.yaml", shown(&path)), text);
    }
    Ok(gathered)
}

/// Whoever cannot read an object cannot tell that nothing differs.
fn check(gathered: &Gathered, files: &[File<'_>]) -> Result<()> {
    let mut problems = gathered.problems(files);
    for file in files {
        let is_empty = file.objects().next().is_none() && !file.text.trim().is_empty();
        if is_empty && problems.is_empty() {
            let message =
                format!("there is no object in `{}`", file.name.trim_end_matches(".yaml"));
            problems.push(Diagnostic::bare("no-object", message));
        }
    }
    for problem in &mut problems {
        problem.severity = Severity::Error;
    }
    if problems.is_empty() { Ok(()) } else { Err(Stop::input(&gathered.sources, problems)) }
}

fn entry(diff: &WholeDiff<'_>, carriers: &BTreeSet<ObjectName>) -> ObjectEntry {
    let name = diff.name();
    let on_the_way = carriers.contains(&name);
    ObjectEntry {
        status: diff.status,
        file: None,
        changes: diff.differences.iter().map(|one| change(one, on_the_way)).collect(),
        foreign: Vec::new(),
        name,
    }
}

/// What hangs on a field is only told of objects that sessions pass.
fn change(difference: &Difference, on_the_way: bool) -> ChangeEntry {
    let why = if on_the_way { difference.why } else { Why::default() };
    ChangeEntry {
        path: difference.path.clone(),
        old: difference.old.clone(),
        new: difference.new.clone(),
        place: None,
        there: None,
        repair: None,
        rule: why.rule,
        severity: severity(why.rule),
        reason: why.reason,
        origin: None,
        notes: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn kubectls_directories_come_before_the_command() {
        let typed = "sioway /tmp/LIVE-1 /tmp/MERGED-2 external-diff --format json";
        let meant = "sioway external-diff /tmp/LIVE-1 /tmp/MERGED-2 --format json";
        assert_eq!(reordered(words(typed)), words(meant));
        for other in [meant, "sioway lint k8s/a external-diff", "sioway explain rule external-diff"]
        {
            assert_eq!(reordered(words(other)), words(other));
        }
    }
}
