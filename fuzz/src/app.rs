//! app.toml, profiles and sioway.toml.

use sioway::diagnostic::{Diagnostic, Sources};
use sioway::report::findings::{Format, Report, write};
use sioway::spec::{Layers, Setting, Workspace};

use super::files::{chain, decided, gke, renderer, text};

/// Whatever app is accepted renders to YAML and JSON that can be read; whatever is refused is told in a way that
/// a terminal bears.
pub(crate) fn app_toml(bytes: &[u8]) {
    let Some(input) = text(bytes) else { return };
    let (settings, input) = settings(input);
    let mut layers = Layers::default();
    let mut read = layers.add("app.toml", input).map(|_| ());
    read = read.and_then(|()| settings.iter().try_for_each(|one| layers.set(one)));
    if let Err(problems) = read {
        return told(&layers.sources, &problems);
    }
    match decided(&mut layers, gke()) {
        None => {
            if let Err(problems) = layers.spec() {
                told(&layers.sources, &problems);
            }
        }
        Some((_, plan)) => {
            let files = renderer().files(&plan, "app.toml").expect("what is decided is rendered");
            for file in &files {
                readable(&file.name, &file.text);
            }
        }
    }
}

/// Lines `--set KEY=VALUE` before the text.
fn settings(mut input: &str) -> (Vec<Setting>, &str) {
    let mut settings = Vec::new();
    while let Some((line, rest)) = input.strip_prefix("--set ").and_then(|it| it.split_once('\n')) {
        settings.extend(line.parse::<Setting>());
        input = rest;
    }
    (settings, input)
}

fn readable(name: &str, text: &str) {
    assert!(!name.contains(['/', '\\', '\n', '\u{1b}']) && name != "..", "{name:?}");
    let kind = name.rsplit_once('.').map_or("", |(_, kind)| kind);
    if kind == "json" {
        serde_json::from_str::<serde_json::Value>(text).expect("JSON");
    } else if kind == "yaml" {
        let stream = sioway::manifest::read(text);
        assert_eq!(stream.problems, [], "{text}");
        for document in serde_yaml::Deserializer::from_str(text) {
            <serde_yaml::Value as serde::Deserialize>::deserialize(document).expect("YAML");
        }
    }
}

/// A profile is laid on its platform, or refused.
pub(crate) fn profile(bytes: &[u8]) {
    let Some(input) = text(bytes).filter(|input| !input.is_empty()) else { return };
    let Ok(profile) = chain(input) else { return };
    let mut layers = Layers::default();
    let app = "name = \"chat\"\nhost = \"chat.example.com\"\nport = 3000\n";
    layers.add("app.toml", app).expect("TOML");
    if let Some((_, plan)) = decided(&mut layers, &profile) {
        for file in renderer().files(&plan, "app.toml").expect("files") {
            readable(&file.name, &file.text);
        }
    }
}

/// A workspace is read, or refused.
pub(crate) fn workspace(bytes: &[u8]) {
    let Some(input) = text(bytes) else { return };
    if let Err((layers, problems)) = Workspace::parse("sioway.toml", input) {
        told(&layers.sources, &problems);
    }
}

/// Problems in every format, as a terminal or a page gets them.
fn told(sources: &Sources, problems: &[Diagnostic]) {
    assert!(!problems.is_empty());
    let report = Report {
        sources,
        findings: &[],
        problems,
        rules: &[],
        checked: 1,
        command: "render",
        place: "",
        pictures: &[],
    };
    let text = write(Format::Text, &report, false);
    super::judged::harmless(&text);
    super::judged::harmless(&write(Format::Github, &report, false));
}
