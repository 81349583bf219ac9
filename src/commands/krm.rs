//! `sioway krm`: a KRM function, which Kustomize and kpt start with a `ResourceList` on stdin.
//!
//! It reads nothing but stdin, and writes nothing but the list to stdout and problems to stderr. Exit codes are those of
//! the contract: 0 unless something is an error.

use super::app::DEFAULT_PROFILE;
use super::profile_files::EMBEDDED;
use super::stop::{Result, Stop};
use super::streams;
use crate::diagnostic::{Diagnostic, Edit, Finding, Label, SourceId, Sources};
use crate::diff::{ObjectDiff, Status, compare};
use crate::exit::ExitStatus;
use crate::fix::{Refused, apply};
use crate::krm::{Config, is_failure, json, list, read_config, with_items, with_results};
use crate::manifest::{Document, Stream};
use crate::path::{AppFacts, Model};
use crate::plan::{Plan, decide};
use crate::render::{Renderer, Style};
use crate::report::Console;
use crate::rules::{self, Policy};
use crate::set::{File, Place, Set};
use crate::spec::{Layers, ProfileError, ProfileText, Spec, Value, load_chain};

/// What diagnostics call the list.
const NAME: &str = "ResourceList.yaml";

/// An app that a list describes.
struct App {
    spec: Spec,
    plan: Plan,
}

/// Renders what the list asks for, and judges what is in it then.
pub fn run(console: Console) -> Result {
    let text = rendered(streams::Stream::Stdin.read()?)?;
    let mut sources = Sources::default();
    let source = sources.add(NAME, &*text);
    let (app, place) = app(&sources, source)?;
    let facts: Vec<AppFacts> =
        app.iter().map(|app| AppFacts::of(&app.spec, &app.plan.names.service, place)).collect();
    let files = [File::of(&sources, source, true)];
    let set = Set::new(&files);
    let found = rules::check(&Model::new(&set, &facts));
    let found: Vec<Finding> = rules::suppress(found, &set, &sources, &Policy::default());
    let told = with_results(&text, &set, &found);
    console.data(&told.map_err(|refused| left_alone(&sources, source, &refused))?)?;
    Ok(if is_failure(&found) { ExitStatus::Findings } else { ExitStatus::Success })
}

/// The list with the objects of its app.
fn rendered(text: String) -> Result<String> {
    let mut sources = Sources::default();
    let source = sources.add(NAME, &*text);
    let (Some(app), _) = app(&sources, source)? else {
        return Ok(text);
    };
    let files = Renderer::new(Style { comments: true, ..Style::default() })
        .files(&app.plan, "functionConfig")?;
    let mut own = Sources::default();
    let ids: Vec<SourceId> = files.iter().map(|file| own.add(&*file.name, &*file.text)).collect();
    let ours: Vec<File<'_>> = ids.iter().map(|id| File::of(&own, *id, false)).collect();
    let theirs = [File::of(&sources, source, true)];
    let (ours, theirs) = (Set::new(&ours), Set::new(&theirs));
    let diffs = compare(&ours, &theirs);
    if let Some(problem) = left_to_people(&diffs) {
        return Err(Stop::input(&sources, vec![problem]));
    }
    edited(&text, &diffs).map_err(|refused| left_alone(&sources, source, &refused))
}

/// The first difference that no edit takes away: a list that is half of what was asked for would pass for all of it.
fn left_to_people(diffs: &[ObjectDiff<'_>]) -> Option<Diagnostic> {
    let mut changes = diffs.iter().flat_map(|diff| &diff.changes);
    changes.find_map(|change| {
        let why = change.edit.as_ref().err()?;
        let message = format!("`{}` is left to people: {why}", change.path);
        Some(match change.there {
            Some(place) => Diagnostic::at("edit-refused", message, place.label("")),
            None => Diagnostic::bare("edit-refused", message),
        })
    })
}

/// The list with what differs made the same, and what is not there added.
fn edited(text: &str, diffs: &[ObjectDiff<'_>]) -> std::result::Result<String, Refused> {
    let changes = diffs.iter().flat_map(|diff| &diff.changes);
    let edits = changes.filter_map(|change| Some(change.edit.as_ref().ok()?.1.clone()));
    let edits: Vec<Edit> = edits.collect();
    let text = apply(text, &edits)?.text;
    let absent = diffs.iter().filter(|diff| diff.status == Status::Add);
    let objects = absent.filter_map(|diff| diff.ours.as_ref()).map(|object| json(object.node));
    with_items(&text, objects.collect())
}

/// The app that a list describes, and where it is named.
fn app(sources: &Sources, source: SourceId) -> Result<(Option<App>, Place)> {
    let file = File::of(sources, source, true);
    let stream = read(&file, sources)?;
    let input = |problem| Stop::input(sources, vec![problem]);
    let root = list(stream, source).map_err(input)?;
    let mut layers = Layers { sources: sources.clone(), ..Layers::default() };
    let at = match read_config(root, source).map_err(input)? {
        Config::Check => return Ok((None, file.place(root.span()))),
        Config::App(table, at) => {
            layers.table.overlay(table);
            at
        }
        Config::Text(text, at) => {
            let added = layers.add("app.toml of functionConfig", &text);
            added.map_err(|problems| Stop::input(&layers.sources, problems))?;
            at
        }
    };
    let app = decided(layers)?;
    Ok((Some(app), Place { source: at.source, span: at.span }))
}

/// The stream, if it can be read.
fn read<'f>(file: &'f File<'_>, sources: &Sources) -> Result<&'f Stream<'f>> {
    let Some(stream) = file.stream() else {
        let problem = Diagnostic::bare("no-resource-list", "a template is no `ResourceList`");
        return Err(Stop::call(problem));
    };
    let broken = |document: Document<'_>| document.is_broken();
    if stream.problems.is_empty() && !stream.documents().any(broken) {
        return Ok(stream);
    }
    let problems = stream.problems.iter().map(|problem| {
        let label = Label::new(file.source, problem.span, "");
        Diagnostic::at("yaml-syntax", &*problem.message, label)
    });
    Err(Stop::input(sources, problems.collect()))
}

fn decided(mut layers: Layers) -> Result<App> {
    let name = layers.table.get("profile").and_then(|entry| match &entry.node.value {
        Value::String(name) => Some(name.clone()),
        _ => None,
    });
    let profile = load_chain(name.as_deref().unwrap_or(DEFAULT_PROFILE), &embedded)?;
    layers.lay_on(&profile);
    let spec = layers.spec().map_err(|problems| Stop::input(&layers.sources, problems))?;
    let plan = decide(&spec, &profile.platform, &layers).map_err(|problems| {
        let problems = problems.iter().map(|problem| layers.locate(problem));
        Stop::input(&layers.sources, problems.collect())
    })?;
    Ok(App { spec, plan })
}

/// A function reads no files: what it does must not depend on where it runs.
fn embedded(name: &str, _: Option<&str>) -> std::result::Result<ProfileText, ProfileError> {
    let names = || EMBEDDED.iter().map(|(name, _)| (*name).to_owned()).collect();
    let found = EMBEDDED.iter().find(|(embedded, _)| *embedded == name);
    let (name, text) = found.ok_or_else(|| ProfileError::Unknown(names()))?;
    let shown = format!("profiles/{name}.toml (embedded)");
    Ok(ProfileText { identity: (*name).into(), shown, text: (*text).into() })
}

fn left_alone(sources: &Sources, source: SourceId, refused: &Refused) -> Stop {
    let label = Label::new(source, refused.span, &*refused.why);
    let message = "this cannot be edited safely, and nothing is written";
    let help = "write the value without anchors, aliases, merge keys and tags";
    Stop::input(sources, vec![Diagnostic::at("edit-refused", message, label).help(help)])
}
