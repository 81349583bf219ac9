//! What the workspace says: its apps, and how its rules are set.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::told::directories;
use crate::commands::app::{App, AppLoader, Overrides};
use crate::commands::many::each;
use crate::commands::paths::shown;
use crate::commands::repository::Repository;
use crate::commands::stop::{Result, Stop};
use crate::diagnostic::{Diagnostic, Label, Sources};
use crate::path::AppFacts;
use crate::rules::{self, Policy, Setting};
use crate::set::Place;
use crate::spec::{Layers, LintRules, LintSeverity, rule_in_lint};

/// What the descriptions of a workspace say.
#[derive(Debug, Default)]
pub(in crate::commands) struct Apps {
    pub(in crate::commands) facts: Vec<AppFacts>,
    /// What is wrong with them.
    pub(in crate::commands) problems: Vec<Diagnostic>,
}

/// The apps of a workspace, and the sources with their files in them.
///
/// A description that is broken is not what is being checked: it is told, and the files are judged without it.
///
/// # Errors
///
/// Only that the run was interrupted.
pub(in crate::commands) fn apps(
    repository: &Repository,
    mut sources: Sources,
) -> Result<(Sources, Apps)> {
    let mut apps = Apps::default();
    if !repository.found {
        return Ok((sources, apps));
    }
    let overrides = Overrides::default();
    let loader = AppLoader::new(repository, &overrides);
    let environments = repository.environments(None).unwrap_or_default();
    let paths = repository.apps(&[]).unwrap_or_default();
    let jobs: Vec<_> = environments
        .iter()
        .flat_map(|environment| paths.iter().map(move |path| (environment, path)))
        .collect();
    // Little is kept of each: there may be many.
    let read = each("read", jobs, |(environment, path)| match loader.load(path, environment) {
        Ok(app) => Ok(Described::of(&app).map(|described| {
            let directories = directories(repository, &app, environment);
            described.among(directories.iter().map(|path| shown(path)).collect())
        })),
        Err(stop) => Err(broken(&stop)),
    })?;
    for app in read {
        match app {
            Ok(app) => apps.facts.extend(app.map(|app| app.within(&mut sources))),
            Err(problem) => apps.problems.push(problem),
        }
    }
    Ok((sources, apps))
}

fn broken(stop: &Stop) -> Diagnostic {
    let why = match stop {
        Stop::Input(input) => {
            let first = input.diagnostics.first();
            let place = first.and_then(|one| one.labels.first());
            let place = place.map(|label| input.sources.locate(label.source, label.span));
            let message = first.map(|one| one.message.clone()).unwrap_or_default();
            place.map_or(message.clone(), |place| format!("{place}: {message}"))
        }
        other => other.to_string(),
    };
    Diagnostic::bare("app", why).help("`sioway render --check` says more of it")
}

/// What one description says.
pub(in crate::commands) fn facts(app: &App, sources: &mut Sources) -> Option<AppFacts> {
    Some(Described::of(app)?.within(sources))
}

/// What one description says, with its own text.
struct Described {
    facts: AppFacts,
    name: Arc<str>,
    text: Arc<str>,
}

impl Described {
    fn of(app: &App) -> Option<Self> {
        let at = app.layers.origin("name")?;
        let source = app.layers.sources.get(at.source);
        let place = Place { source: at.source, span: at.span };
        let facts = AppFacts::of(&app.spec, &app.plan.names.service, place);
        Some(Self { facts, name: source.name.clone(), text: source.text.clone() })
    }

    /// The same, of the manifests in some directories.
    fn among(self, directories: Vec<String>) -> Self {
        Self { facts: AppFacts { directories, ..self.facts }, ..self }
    }

    /// The same, with its text among others.
    fn within(self, sources: &mut Sources) -> AppFacts {
        let source = sources.add(self.name, self.text);
        let place = Place { source, ..self.facts.place };
        AppFacts { source, place, ..self.facts }
    }
}

/// `[lint]` of `sioway.toml`, with every rule it names known.
pub(in crate::commands) fn policy(repository: &Repository) -> Result<Policy> {
    let lint = &repository.workspace.lint;
    let mut policy =
        Policy { rules: settings(&lint.rules(), &repository.layers)?, paths: Vec::new() };
    for (pattern, rules) in &lint.per_path {
        let known = glob::Pattern::new(pattern).map_err(|error| {
            Stop::call(Diagnostic::bare(
                "lint-path",
                format!("`{pattern}` is no pattern: {}", error.msg),
            ))
        })?;
        policy.paths.push((known, settings(rules, &repository.layers)?));
    }
    Ok(policy)
}

fn settings(rules: &LintRules, layers: &Layers) -> Result<BTreeMap<String, Setting>> {
    let off = rules.disable.iter().map(|rule| (rule.clone(), Setting::Off));
    let severity = rules.severity.iter().map(|(rule, severity)| {
        let severity = match severity {
            LintSeverity::Error => crate::diagnostic::Severity::Error,
            LintSeverity::Warning => crate::diagnostic::Severity::Warning,
            LintSeverity::Info => crate::diagnostic::Severity::Info,
        };
        (rule.clone(), Setting::Severity(severity))
    });
    let all: BTreeMap<String, Setting> = severity.chain(off).collect();
    match all.keys().find(|rule| !rules::is_known(rule)) {
        None => Ok(all),
        Some(unknown) => {
            let message = "there is no such rule";
            let problem = match rule_in_lint(&layers.table, unknown) {
                Some(at) => {
                    Diagnostic::at("unknown-rule", message, Label::new(at.source, at.span, ""))
                }
                None => Diagnostic::bare("unknown-rule", format!("`{unknown}`: {message}")),
            };
            Err(Stop::input(&layers.sources, vec![problem.help(nearest(unknown))]))
        }
    }
}

fn nearest(unknown: &str) -> String {
    let ranked = rules::ALL.iter().map(|rule| (strsim::jaro_winkler(unknown, rule.id), rule.id));
    let best =
        ranked.max_by(|one, other| one.0.total_cmp(&other.0)).filter(|(score, _)| *score > 0.8);
    let list = "`sioway explain` lists the rules";
    best.map_or(list.to_owned(), |(_, rule)| format!("did you mean `{rule}`? {list}"))
}
