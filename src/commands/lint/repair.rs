//! `lint --fix`: carries out what rules say has one right edit.

use std::collections::BTreeMap;

use camino::Utf8Path;

use crate::commands::files::replace;
use crate::commands::stop::Result;
use crate::diagnostic::{
    Applicability, Diagnostic, Edit, Finding, Label, Severity, SourceId, Sources,
};
use crate::fix::apply;
use crate::report::Console;

/// Edits the files of findings that have edits, and says how many files changed. A file gets all of its edits or none.
pub(super) fn repair(
    found: &[Finding],
    sources: &Sources,
    with_unsafe: bool,
    console: Console,
) -> Result<usize> {
    let wanted = |fix: Applicability| {
        fix == Applicability::Safe || (with_unsafe && fix == Applicability::Unsafe)
    };
    let mut edits: BTreeMap<SourceId, Vec<Edit>> = BTreeMap::new();
    for finding in found.iter().filter(|finding| wanted(finding.fix)) {
        for (source, edit) in &finding.edits {
            edits.entry(*source).or_default().push(edit.clone());
        }
    }
    let mut changed = 0;
    for (source, edits) in edits {
        changed += usize::from(repair_file(source, &edits, sources, console)?);
    }
    Ok(changed)
}

fn repair_file(
    source: SourceId,
    edits: &[Edit],
    sources: &Sources,
    console: Console,
) -> Result<bool> {
    let file = sources.get(source);
    match apply(&file.text, edits) {
        Ok(applied) if *applied.text == *file.text => Ok(false),
        Ok(applied) => {
            replace(Utf8Path::new(&*file.name), applied.text.as_bytes())?;
            console.say(&format!("fixed {}", file.name));
            Ok(true)
        }
        Err(refused) => {
            let label = Label::new(source, refused.span, refused.why);
            let message = "this file is left as it is: an edit here would not be safe";
            let mut problem = Diagnostic::at("edit-refused", message, label)
                .help("make the change by hand, as the findings say");
            problem.severity = Severity::Warning;
            console.diagnostics(sources, &[problem]);
            Ok(false)
        }
    }
}
