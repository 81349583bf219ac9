//! What is rendered, laid into what is there: as `diff --write` and as a KRM function.

use sioway::diagnostic::{Edit, SourceId, Sources};
use sioway::diff::{ObjectDiff, compare};
use sioway::krm;
use sioway::path::Model;
use sioway::rules;
use sioway::set::{File, Set};

use super::files::{self, text};
use super::judged::repaired;

/// Everything that is rendered can be compared with anything; edits that are made leave what can be read, and less to
/// do than there was.
pub(crate) fn diff(bytes: &[u8]) {
    let Some(input) = text(bytes) else { return };
    let (own, own_ids) = files::rendered_sources();
    let ours = files::read(&own, &own_ids);
    let ours = Set::new(&ours);
    let (sources, ids) = files::sources(input, "a.yaml");
    let theirs = files::read(&sources, &ids);
    let set = Set::new(&theirs);
    let diffs = compare(&ours, &set);
    let made = repaired(&sources, &theirs, edits(&diffs));
    let wanted = edits(&diffs).len();
    if wanted == 0 || made.is_empty() {
        return;
    }
    let (after, ids) = with(&sources, &theirs, &made);
    let after: Vec<File<'_>> = ids.iter().map(|id| File::of(&after, *id, true)).collect();
    let _ = compare(&ours, &Set::new(&after));
}

fn edits(diffs: &[ObjectDiff<'_>]) -> Vec<(SourceId, Edit)> {
    let changes = diffs.iter().flat_map(|diff| &diff.changes);
    changes.filter_map(|change| change.edit.clone().ok()).collect()
}

/// The files with some of them changed.
fn with(
    sources: &Sources,
    files: &[File<'_>],
    made: &std::collections::BTreeMap<String, String>,
) -> (Sources, Vec<SourceId>) {
    let mut after = Sources::default();
    let text = |file: &File<'_>| {
        let old = || sources.get(file.source).text.to_string();
        made.get(file.name).cloned().unwrap_or_else(old)
    };
    let ids = files.iter().map(|file| after.add(file.name, text(file))).collect();
    (after, ids)
}

/// Whatever comes on stdin is a list with results afterwards, or is refused.
pub(crate) fn krm(bytes: &[u8]) {
    let Some(input) = text(bytes) else { return };
    let mut sources = Sources::default();
    let source = sources.add("ResourceList.yaml", input);
    let stream = sioway::manifest::read(input);
    if !stream.problems.is_empty() {
        return;
    }
    let Ok(list) = krm::list(&stream, source) else { return };
    let _ = krm::read_config(list, source);
    let files = [File::of(&sources, source, true)];
    let set = Set::new(&files);
    let found = rules::check(&Model::new(&set, &[]));
    if let Ok(text) = krm::with_results(input, &set, &found) {
        assert_eq!(sioway::manifest::read(&text).problems, [], "{text}");
    }
    let object =
        serde_json::json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x"}});
    if let Ok(text) = krm::with_items(input, vec![object]) {
        assert_eq!(sioway::manifest::read(&text).problems, [], "{text}");
    }
}
