//! The workspace around the user: found upwards from where they stand.

use std::collections::BTreeSet;
use std::env;
use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use camino::{Utf8Path, Utf8PathBuf};

use super::app::App;
use super::files::{is_path, read_text};
use super::paths::{absolute, check_within, leading_out, lexical, shown};
use super::stop::{Doing, Result, Stop};
use super::streams::Stream;
use crate::diagnostic::Diagnostic;
use crate::spec::{AppPattern, Environment, Layers, Name, Workspace};

/// A workspace, or the directory the user stands in where there is none.
#[derive(Debug)]
pub(super) struct Repository {
    /// Its root, absolute.
    pub(super) root: Utf8PathBuf,
    /// Where the user stands, absolute.
    here: Utf8PathBuf,
    /// What `sioway.toml` says; defaults without one.
    pub(super) workspace: Workspace,
    /// Its text, and where each key stands.
    pub(super) layers: Layers,
    /// Whether there is a `sioway.toml`.
    pub(super) found: bool,
    /// The app files that the call names by their paths.
    named: Mutex<BTreeSet<Utf8PathBuf>>,
}

/// An environment by its name, if it has one.
#[derive(Default)]
pub(super) struct NamedEnvironment {
    /// The name; `None` where the workspace has no environments.
    pub(super) name: Option<Name>,
    /// The environment.
    pub(super) environment: Environment,
}

impl Repository {
    /// Finds `sioway.toml` from the current directory upwards.
    pub(super) fn discover() -> Result<Self> {
        let here = env::current_dir().doing("find", Utf8Path::new("the current directory"))?;
        let here = Utf8PathBuf::from_path_buf(here).map_err(|here| unnamed(&here, "work in"))?;
        let root = here.ancestors().find(|directory| directory.join("sioway.toml").is_file());
        let Some(root) = root.map(Utf8Path::to_owned) else {
            return Ok(Self {
                root: here.clone(),
                here,
                workspace: Workspace::default(),
                layers: Layers::default(),
                found: false,
                named: Mutex::default(),
            });
        };
        let file = root.join("sioway.toml");
        check_within(&file, &root)?;
        let text = read_text(&file)?;
        let (workspace, layers) = Workspace::parse(&shown(&file), &text)?;
        Ok(Self { root, here, workspace, layers, found: true, named: Mutex::default() })
    }

    /// A path of the command line, made absolute.
    pub(super) fn absolute(&self, path: &Utf8Path) -> Utf8PathBuf {
        // Without the `.` of `./app.toml`.
        self.here.join(path).components().collect()
    }

    /// The app files that are asked for: by name or by path, or all of the workspace.
    pub(super) fn apps(&self, asked: &[String]) -> Result<Vec<Utf8PathBuf>> {
        if asked.is_empty() {
            return self.all_apps();
        }
        let mut seen = BTreeSet::new();
        let apps: Result<Vec<Utf8PathBuf>> = asked.iter().map(|app| self.app(app)).collect();
        Ok(apps?.into_iter().filter(|app| seen.insert(app.clone())).collect())
    }

    fn app(&self, asked: &str) -> Result<Utf8PathBuf> {
        if asked.is_empty() {
            return Err(Stop::call(Diagnostic::bare("unknown-app", "an app has a name")));
        }
        if let Some(path) = self.app_by_path(asked) {
            let mut named = self.named.lock().unwrap_or_else(PoisonError::into_inner);
            named.insert(path.clone());
            return Ok(path);
        }
        match self.app_by_name(asked)? {
            Some(path) => Ok(path),
            None => Err(Stop::call(
                Diagnostic::bare("unknown-app", format!("there is no app `{asked}`"))
                    .help("name an app of the workspace, or the path of its app.toml"),
            )),
        }
    }

    fn app_by_path(&self, asked: &str) -> Option<Utf8PathBuf> {
        let path = self.absolute(Utf8Path::new(asked));
        if path.is_dir() && path.join("app.toml").is_file() {
            return Some(path.join("app.toml"));
        }
        (path.is_file() || is_path(asked)).then_some(path)
    }

    /// Refuses an app file that is outside of the git repository, unless the call names it: its path in the workspace
    /// is no word of whoever runs sioway.
    pub(super) fn check_app(&self, path: &Utf8Path) -> Result<()> {
        let is_named = self.named.lock().unwrap_or_else(PoisonError::into_inner).contains(path);
        if is_named { Ok(()) } else { check_within(path, path.parent().unwrap_or(path)) }
    }

    /// The likely file first, so that one app of ten thousand is found without reading the others.
    fn app_by_name(&self, name: &str) -> Result<Option<Utf8PathBuf>> {
        let likely = self
            .workspace
            .apps
            .iter()
            .map(|pattern| self.root.join(pattern.as_str().replace('*', name)));
        for path in likely {
            if path.is_file() && self.says_name(&path, name)? {
                return Ok(Some(path));
            }
        }
        for path in self.matching()? {
            if self.says_name(&path, name)? {
                return Ok(Some(path));
            }
        }
        Ok(None)
    }

    /// Whether a description says that name: a look at its text, which loading will judge properly.
    fn says_name(&self, path: &Utf8Path, name: &str) -> Result<bool> {
        self.check_app(path)?;
        let text = read_text(path)?;
        Ok(text
            .parse::<toml::Table>()
            .is_ok_and(|table| table.get("name").and_then(toml::Value::as_str) == Some(name)))
    }

    fn all_apps(&self) -> Result<Vec<Utf8PathBuf>> {
        let apps = self.matching()?;
        if !apps.is_empty() {
            return Ok(apps);
        }
        let problem = if self.found {
            let patterns: Vec<&str> = self.workspace.apps.iter().map(AppPattern::as_str).collect();
            Diagnostic::bare("no-apps", "the workspace has no apps").help(format!(
                "`apps` in sioway.toml says `{}`; `sioway init NAME` makes one",
                patterns.join("`, `")
            ))
        } else {
            Diagnostic::bare(
                "no-apps",
                "there is no app.toml here, and no sioway.toml here or above",
            )
            .help("`sioway init NAME` makes an app.toml")
        };
        Err(Stop::call(problem))
    }

    fn matching(&self) -> Result<Vec<Utf8PathBuf>> {
        let mut apps = Vec::new();
        for pattern in &self.workspace.apps {
            let whole = format!("{}/{pattern}", glob::Pattern::escape(self.root.as_str()));
            let paths = glob::glob(&whole).map_err(|error| {
                Stop::call(Diagnostic::bare(
                    "app-pattern",
                    format!("`{pattern}` is no pattern: {}", error.msg),
                ))
            })?;
            for path in paths {
                let path = path.map_err(io::Error::from).doing("search", &self.root)?;
                let path = Utf8PathBuf::from_path_buf(path);
                apps.push(path.map_err(|path| unnamed(&path, "read"))?);
            }
        }
        apps.sort();
        apps.dedup();
        Ok(apps)
    }

    /// The environments that are asked for: one by name, or all.
    pub(super) fn environments(&self, asked: Option<&str>) -> Result<Vec<NamedEnvironment>> {
        let named = self.workspace.environment.iter().map(|(name, environment)| NamedEnvironment {
            name: Some(name.clone()),
            environment: environment.clone(),
        });
        let Some(asked) = asked else {
            let all: Vec<NamedEnvironment> = named.collect();
            return Ok(if all.is_empty() { vec![NamedEnvironment::default()] } else { all });
        };
        let wanted =
            |one: &NamedEnvironment| one.name.as_ref().is_some_and(|name| name.as_str() == asked);
        let found: Vec<NamedEnvironment> = named.filter(wanted).collect();
        if found.is_empty() { Err(self.unknown_environment(asked)) } else { Ok(found) }
    }

    /// The directory that an app is rendered into.
    pub(super) fn out(&self, app: &App, environment: &NamedEnvironment) -> Utf8PathBuf {
        let out = &environment.environment.out;
        self.root.join(out.expand(&app.plan.name, &app.plan.namespace))
    }

    /// Where the existing manifests of an app lie, if not in its output.
    ///
    /// # Errors
    ///
    /// Where that is outside of the git repository: whoever runs sioway has not said that they mean it.
    pub(super) fn against(
        &self,
        app: &App,
        environment: &NamedEnvironment,
    ) -> Result<Option<Utf8PathBuf>> {
        let against = environment.environment.against(&app.plan.name, &app.plan.namespace);
        let within = |against: String| self.within(Utf8Path::new(&against), "--against");
        against.map(within).transpose()
    }

    /// A path that `sioway.toml` says, which leads nowhere out of the git repository; `option` may lead anywhere.
    pub(super) fn within(&self, path: &Utf8Path, option: &str) -> Result<Utf8PathBuf> {
        let path = absolute(&self.root.join(path));
        match leading_out(&path, &self.root) {
            // A stream is what the call names.
            None if Stream::of(&path).is_some() => {
                Err(io::Error::other("it is not a file")).doing("read", &path)
            }
            None => Ok(path),
            Some(problem) => {
                let help = format!("if it is meant, name it in the call: `{option} PATH`");
                Err(Stop::call(problem.help(help)))
            }
        }
    }

    /// Whether a file is, or was, the description of an app of the workspace.
    pub(super) fn is_description(&self, file: &Utf8Path) -> bool {
        let Ok(file) = file.strip_prefix(&self.root) else {
            return false;
        };
        let options = glob::MatchOptions { require_literal_separator: true, ..Default::default() };
        let patterns = self.workspace.apps.iter();
        let mut patterns = patterns.filter_map(|one| glob::Pattern::new(one.as_str()).ok());
        patterns.any(|pattern| pattern.matches_with(file.as_str(), options))
    }

    fn unknown_environment(&self, asked: &str) -> Stop {
        let names: Vec<&str> = self.workspace.environment.keys().map(Name::as_str).collect();
        let help = if names.is_empty() {
            "the workspace has no environments".to_owned()
        } else {
            format!("there are {}", names.join(", "))
        };
        let message = format!("there is no environment `{asked}`");
        Stop::call(Diagnostic::bare("unknown-environment", message).help(help))
    }

    /// What a rendered file calls the description it was made from: the same wherever the user stands.
    pub(super) fn header(&self, app: &Utf8Path) -> String {
        match lexical(app).strip_prefix(&self.root) {
            Ok(path) => path.to_string(),
            Err(_) => app.file_name().unwrap_or("app.toml").to_owned(),
        }
    }
}

/// Of a place whose name is no text.
fn unnamed(path: &Path, doing: &str) -> Stop {
    let message = format!("cannot {doing} `{}`: its name is not UTF-8", path.display());
    Stop::call(Diagnostic::bare("io", message).help("rename it, or the directory around it"))
}
