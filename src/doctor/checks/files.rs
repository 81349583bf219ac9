//! What the files say by themselves.

use super::super::{Case, Subject};
use super::some;
use crate::diagnostic::{Diagnostic, Finding, Severity};
use crate::live::check::{Check, Layer};
use crate::path::Model;

/// So many findings are told.
const MOST: usize = 3;

pub(super) fn checks(case: &Case<'_>, subjects: &[Subject<'_>]) -> Vec<Check> {
    vec![readable(case), rendered(case), subject(subjects), sessions(case)]
}

fn new(id: &'static str, claim: &'static str) -> Check {
    Check::new(id, Layer::Files, claim)
}

fn readable(case: &Case<'_>) -> Check {
    let check = new("files-readable", "the files can be read");
    let bad = case.problems.iter().filter(|one| one.severity == Severity::Error);
    let bad: Vec<String> = bad.map(|one| told(case, one)).collect();
    if !bad.is_empty() {
        return check.fail(some(&bad, MOST)).advise("repair these files: nothing else is certain");
    }
    match case.files.set.files.len() {
        0 => check.skip("there are none: name the directory with the manifests"),
        1 => check.pass("1 file"),
        count => check.pass(format!("{count} files")),
    }
}

/// Place and message of something that is wrong.
fn told(case: &Case<'_>, problem: &Diagnostic) -> String {
    match problem.labels.first() {
        Some(label) => {
            format!("{}: {}", case.sources.locate(label.source, label.span), problem.message)
        }
        None => problem.message.clone(),
    }
}

fn rendered(case: &Case<'_>) -> Check {
    let check = new("files-rendered", "the files are what the app renders");
    match case.stale {
        None => check.skip("no app.toml describes them"),
        Some([]) => check.pass("no difference"),
        Some(differences) => check.warn(some(differences, MOST)).advise(
            "`sioway diff` says what differs and why it matters; `sioway render` writes the files",
        ),
    }
}

fn subject(subjects: &[Subject<'_>]) -> Check {
    let check = new("files-subject", "something here carries Socket.IO sessions");
    if subjects.is_empty() {
        return check.skip("nothing speaks of any").advise(
            "mark the Service, in a comment on it: `# sioway: socketio path=/socket.io/`; or describe the app: \
             `sioway init --from PATH`",
        );
    }
    let names: Vec<String> = subjects.iter().map(Subject::said).collect();
    check.pass(some(&names, MOST))
}

fn sessions(case: &Case<'_>) -> Check {
    let check = new("files-sessions", "nothing in the files breaks sessions");
    let of = |severity: Severity| -> Vec<&Finding> {
        let found = case.findings.iter().filter(|one| case.is_about(one));
        found.filter(|one| one.diagnostic.severity == severity).collect()
    };
    let (errors, warnings) = (of(Severity::Error), of(Severity::Warning));
    let said = |all: &[&Finding]| {
        let all: Vec<String> = all.iter().map(|one| told(case, &one.diagnostic)).collect();
        some(&all, MOST)
    };
    let advice =
        "`sioway lint` shows the lines, `sioway lint --fix` repairs what has one right edit";
    if !errors.is_empty() {
        check.fail(said(&errors)).because(&rules(&errors)).advise(advice)
    } else if !warnings.is_empty() {
        check.warn(said(&warnings)).because(&rules(&warnings)).advise(advice)
    } else if is_empty(case.files) {
        check.skip("there are no files")
    } else {
        check.pass("no finding")
    }
}

fn is_empty(model: &Model<'_>) -> bool {
    model.set.files.is_empty()
}

/// The rules of findings, each once.
pub(super) fn rules(findings: &[&Finding]) -> Vec<&'static str> {
    let mut ids: Vec<&'static str> = Vec::new();
    for finding in findings {
        if !ids.contains(&finding.diagnostic.id) {
            ids.push(finding.diagnostic.id);
        }
    }
    ids
}
