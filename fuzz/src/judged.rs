//! Manifests and configurations judged, traced, repaired, drawn and adopted.

use std::collections::BTreeMap;

use sioway::adopt::{self, Wish};
use sioway::diagnostic::{Edit, SourceId, Sources};
use sioway::fix::apply;
use sioway::path::Model;
use sioway::report::findings::{Format, Report, write};
use sioway::rules::{self, Policy};
use sioway::set::{File, Set};
use sioway::spec::Layers;
use sioway::trace;

use super::files::{self, gke, renderer, text};

/// Whatever files there are, they are judged; every format of what is found is whole; what is repaired can be read.
pub(crate) fn lint(bytes: &[u8]) {
    let Some(input) = text(bytes) else { return };
    let (sources, ids) = files::sources(input, "a.yaml");
    let files = files::read(&sources, &ids);
    let set = Set::new(&files);
    let model = Model::new(&set, &[]);
    let found = rules::suppress(rules::check(&model), &set, &sources, &Policy::default());
    let options = trace::Options::default();
    let _ = trace::trace(&model, &options);
    let pictures = trace::pictures(&model, &options);
    // The pages of all rules would be most of the work.
    let cards: Vec<_> = rules::ALL.iter().take(1).map(|rule| rule.card()).collect();
    let report = Report {
        sources: &sources,
        findings: &found,
        problems: &[],
        rules: &cards,
        checked: files.len(),
        command: "lint",
        place: "",
        pictures: &pictures,
    };
    formats(&report);
    let edits = found.iter().flat_map(|finding| &finding.edits).cloned();
    repaired(&sources, &files, edits.collect());
}

fn formats(report: &Report<'_>) {
    for format in [Format::Text, Format::Concise, Format::Github, Format::Markdown] {
        harmless(&write(format, report, false));
    }
    for format in [Format::Json, Format::Sarif, Format::Gitlab] {
        let text = write(format, report, false);
        serde_json::from_str::<serde_json::Value>(&text).expect("JSON");
        harmless(&text);
    }
    for format in [Format::Junit, Format::Html] {
        harmless(&write(format, report, false));
    }
}

/// Nothing that moves the cursor, changes colours, or turns the direction of writing.
pub fn harmless(text: &str) {
    let odd = |c: &char| {
        (c.is_control() && !matches!(c, '\n' | '\t'))
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if let Some(odd) = text.chars().find(odd) {
        panic!("{odd:?} in {text:?}");
    }
}

/// Makes all edits, file by file; what was YAML or nginx before is so afterwards.
pub(crate) fn repaired(
    sources: &Sources,
    files: &[File<'_>],
    edits: Vec<(SourceId, Edit)>,
) -> BTreeMap<String, String> {
    let mut by_file: BTreeMap<&str, (&File<'_>, Vec<Edit>)> = BTreeMap::new();
    for (source, edit) in edits {
        let file = files.iter().find(|file| file.source == source).expect("a file that was read");
        by_file.entry(file.name).or_insert_with(|| (file, Vec::new())).1.push(edit);
    }
    let mut made = BTreeMap::new();
    for (name, (file, edits)) in by_file {
        let text = &sources.get(file.source).text;
        let Ok(applied) = apply(text, &edits) else { continue };
        if file.stream().is_some_and(|stream| stream.problems.is_empty()) {
            assert_eq!(sioway::manifest::read(&applied.text).problems, [], "{}", applied.text);
        }
        made.insert(name.to_owned(), applied.text);
    }
    made
}

/// What is adopted is TOML, with nothing of it lost but what is refused.
pub(crate) fn adopt(bytes: &[u8]) {
    let Some(input) = text(bytes) else { return };
    let (sources, ids) = files::sources(input, "a.yaml");
    let files = files::read(&sources, &ids);
    let set = Set::new(&files);
    let model = Model::new(&set, &[]);
    let profiles = [gke().clone()];
    for adopted in adopt::adopt(&model, &sources, Wish::default(), &profiles, renderer()) {
        let toml = adopted.app_toml("app.schema.json");
        harmless(&toml);
        let mut layers = Layers::default();
        layers.add("app.toml", &toml).unwrap_or_else(|problems| panic!("{problems:?}\n{toml}"));
        layers.lay_on(gke());
        let spec = layers.spec();
        assert!(spec.is_ok() || adopted.refusal.is_some(), "{spec:?}\n{toml}");
    }
}
