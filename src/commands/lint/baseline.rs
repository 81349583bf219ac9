//! `--baseline`: findings that were there before, and are accepted until somebody gets to them.
//!
//! A finding is known by its rule, its file, its object and its field, not by its line: lines move. The file is told from
//! the root of the repository, wherever somebody stands. How often a finding is accepted is counted, so that one more of
//! the same is new. A run says nothing of what is accepted in files that it does not look at.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;
use serde::{Deserialize, Serialize};

use crate::commands::files::{read_named, read_text, replace};
use crate::commands::paths::{from_repository, in_repository, shown};
use crate::commands::stop::{Result, Stop};
use crate::commands::streams::Stream;
use crate::commands::together::alone;
use crate::diagnostic::{Diagnostic, Finding, Label, Sources};
use crate::set::is_stream;

/// The findings that are accepted.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Baseline {
    version: u32,
    findings: Vec<Accepted>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Accepted {
    rule: String,
    file: String,
    object: String,
    path: String,
    count: usize,
}

/// What a finding is known by.
type Key = (String, String, String, String);

impl Baseline {
    /// Reads the file.
    pub(super) fn read(path: &Utf8Path) -> Result<Self> {
        let text = if Stream::of(path).is_some() { read_named(path)? } else { read_text(path)? };
        let read: std::result::Result<Self, _> = serde_json::from_str(&text);
        let message = match read {
            Ok(baseline) if baseline.version == 1 => return Ok(baseline),
            Ok(other) => {
                format!("it is of version {}, which this sioway does not know", other.version)
            }
            Err(error) => error.to_string(),
        };
        let mut sources = Sources::default();
        let source = sources.add(shown(path), text);
        let label = Label::new(source, (0..0).into(), message);
        let problem = Diagnostic::at("broken-baseline", "this baseline cannot be read", label);
        let help = "write it again: `sioway lint --baseline FILE --update-baseline`";
        Err(Stop::input(&sources, vec![problem.help(help)]))
    }

    /// The findings that are not accepted, and how many that are accepted were not found where the run looked.
    pub(super) fn without_known(
        self,
        found: Vec<Finding>,
        sources: &Sources,
        looked_at: &LookedAt,
    ) -> (Vec<Finding>, usize) {
        let mut left: BTreeMap<Key, usize> = BTreeMap::new();
        for one in self.findings {
            let count = left.entry((one.rule, one.file, one.object, one.path)).or_default();
            *count = count.saturating_add(one.count);
        }
        let mut is_new = |finding: &Finding| match left.get_mut(&key(finding, sources)) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            _ => true,
        };
        let new = found.into_iter().filter(|finding| is_new(finding)).collect();
        let gone = left.into_iter().filter(|((_, file, ..), _)| looked_at.covers(file));
        (new, gone.map(|(_, count)| count).fold(0, usize::saturating_add))
    }
}

/// The files that a run looks at.
#[derive(Debug)]
pub(super) struct LookedAt(BTreeSet<String>);

impl LookedAt {
    /// Some files, by the names that they are shown by.
    pub(super) fn of<'f>(files: impl Iterator<Item = &'f str>) -> Self {
        Self(files.map(known_file).collect())
    }

    /// Whether what is accepted in a file would have been found: it was looked at, or is not there any more.
    fn covers(&self, file: &str) -> bool {
        self.0.contains(file) || !from_repository(file).exists()
    }
}

/// A file by the name that it has for everybody.
fn known_file(name: &str) -> String {
    // What comes from a stream is nowhere.
    if is_stream(name) { name.to_owned() } else { in_repository(Utf8Path::new(name)) }
}

/// Writes what is accepted from now on: what is found, and what was accepted where the run does not look.
pub(super) fn write(
    path: &Utf8Path,
    found: &[Finding],
    sources: &Sources,
    looked_at: &LookedAt,
) -> Result<()> {
    alone(|| replace(path, text(path, found, sources, looked_at).as_bytes()))
}

fn text(path: &Utf8Path, found: &[Finding], sources: &Sources, looked_at: &LookedAt) -> String {
    let mut counted: BTreeMap<Key, usize> = BTreeMap::new();
    // One that cannot be read is written anew.
    let before =
        if path.is_file() { Baseline::read(path).unwrap_or_default() } else { Baseline::default() };
    for one in before.findings.into_iter().filter(|one| !looked_at.covers(&one.file)) {
        *counted.entry((one.rule, one.file, one.object, one.path)).or_default() += one.count;
    }
    for finding in found {
        *counted.entry(key(finding, sources)).or_default() += 1;
    }
    let accepted =
        |((rule, file, object, path), count)| Accepted { rule, file, object, path, count };
    let baseline = Baseline { version: 1, findings: counted.into_iter().map(accepted).collect() };
    serde_json::to_string_pretty(&baseline).unwrap_or_default() + "\n"
}

fn key(finding: &Finding, sources: &Sources) -> Key {
    let label = finding.diagnostic.labels.first();
    let file = label.map(|label| known_file(&sources.get(label.source).name));
    let object = finding.object.as_ref().map(|object| {
        format!(
            "{}/{}/{}",
            object.kind,
            object.namespace.as_deref().unwrap_or_default(),
            object.name
        )
    });
    (
        finding.diagnostic.id.to_owned(),
        file.unwrap_or_default(),
        object.unwrap_or_default(),
        finding.path.clone(),
    )
}
