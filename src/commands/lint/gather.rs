//! Finds the files to check, and reads them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use camino::{Utf8Path, Utf8PathBuf};
use ignore::{WalkBuilder, WalkState};
use rayon::prelude::*;

use crate::commands::files::{Unread, read_any, read_stdin};
use crate::commands::paths::shown;
use crate::commands::stop::{Result, Stop};
use crate::diagnostic::{Diagnostic, Label, Severity, SourceId, Sources};
use crate::report::leading_name;
use crate::set::{Content, File};

/// What directories are searched for. Whoever names a file means it, whatever it is called.
const EXTENSIONS: [&str; 6] = ["yaml", "yml", "json", "conf", "nginx", "vhost"];

/// What the entrypoint of nginx's images fills in from the environment.
const TEMPLATE: &str = ".conf.template";

/// The files that were given.
#[derive(Debug, Default)]
pub(in crate::commands) struct Gathered {
    /// Their texts.
    pub(in crate::commands) sources: Sources,
    /// Each with whether somebody named it.
    files: Vec<(SourceId, bool)>,
    /// What could not be read.
    pub(in crate::commands) unreadable: Vec<Diagnostic>,
}

/// A file that was found, and whether somebody named it.
pub(in crate::commands) type Found = (Utf8PathBuf, bool);

/// What there is below some paths, unread.
#[derive(Debug, Default)]
pub(in crate::commands) struct Listed {
    /// What came from stdin.
    pub(in crate::commands) stdin: Option<String>,
    /// The files, in order.
    pub(in crate::commands) files: Vec<Found>,
    /// What could not be looked into.
    pub(in crate::commands) unreadable: Vec<Diagnostic>,
}

/// The name of a file as it is shown, and its text.
type Named = (Arc<str>, Arc<str>);

/// Finds everything below some paths.
pub(in crate::commands) fn list(paths: &[Utf8PathBuf]) -> Result<Listed> {
    let here = [Utf8PathBuf::from(".")];
    let paths = if paths.is_empty() { &here[..] } else { paths };
    let mut listed = Listed::default();
    for path in paths {
        if path == "-" {
            let text = read_stdin()?;
            listed.stdin.get_or_insert_default().push_str(&text);
        } else if path.is_dir() {
            walk(path, &mut listed.files, &mut listed.unreadable);
        } else {
            listed.files.push((plain(path), true));
        }
    }
    listed.files.sort_by_cached_key(|(path, _)| in_order(path));
    listed.unreadable.sort_by(|one, other| one.message.cmp(&other.message));
    if paths.len() > 1 {
        drop_twins(&mut listed.files);
    }
    Ok(listed)
}

/// Finds and reads everything below some paths.
pub(in crate::commands) fn gather(paths: &[Utf8PathBuf]) -> Result<Gathered> {
    list(paths)?.gathered()
}

/// A path as a text that sorts as its parts do: `a/b` before `a-b`.
fn in_order(path: &Utf8Path) -> String {
    path.as_str().replace('/', "\0")
}

/// However a file is spelled, it is one file; and who names it beside its directory means it all the same.
fn drop_twins(found: &mut Vec<Found>) {
    let canonical = |(path, _): &Found| path.canonicalize_utf8().unwrap_or_else(|_| path.clone());
    let files: Vec<Utf8PathBuf> = found.par_iter().map(canonical).collect();
    let mut asked: HashMap<Utf8PathBuf, bool> = HashMap::new();
    for (file, (_, own)) in files.iter().zip(&*found) {
        *asked.entry(file.clone()).or_default() |= own;
    }
    let mut files = files.into_iter();
    found.retain_mut(|(_, own)| {
        let first = files.next().and_then(|file| asked.remove(&file));
        *own = first.unwrap_or(*own);
        first.is_some()
    });
}

/// A path without the `./` that it may begin with.
fn plain(path: &Utf8Path) -> Utf8PathBuf {
    path.strip_prefix("./").unwrap_or(path).to_owned()
}

/// Everything below a directory that may be a manifest or an nginx configuration, but what git ignores.
fn walk(root: &Utf8Path, found: &mut Vec<Found>, problems: &mut Vec<Diagnostic>) {
    let collected = Mutex::new((Vec::new(), Vec::new()));
    let walker = WalkBuilder::new(root).require_git(false).threads(2).build_parallel();
    walker.run(|| {
        Box::new(|entry| {
            let mut collected = collected.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            match entry {
                Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_file()) => {
                    match Utf8PathBuf::from_path_buf(entry.into_path()) {
                        Ok(path) => collected.0.extend(Some(path).filter(|path| is_wanted(path))),
                        Err(path) => collected.1.extend(unnamed(&path.to_string_lossy())),
                    }
                }
                Ok(_) => {}
                Err(error) => collected.1.push(Diagnostic::bare("io", error.to_string())),
            }
            WalkState::Continue
        })
    });
    let (paths, errors) = collected.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    found.extend(paths.iter().map(|path| (plain(path), false)));
    problems.extend(errors);
}

/// Of a file whose name is no text; nothing where it would not have been read anyway.
fn unnamed(path: &str) -> Option<Diagnostic> {
    let message = format!("cannot read `{path}`: its name is not UTF-8");
    is_wanted(Utf8Path::new(path)).then(|| Diagnostic::bare("io", message).help("rename it"))
}

fn is_wanted(path: &Utf8Path) -> bool {
    path.extension().is_some_and(|extension| EXTENSIONS.contains(&extension))
        || path.file_name() == Some("nginx.conf")
        || path.as_str().ends_with(TEMPLATE)
}

impl Listed {
    /// Reads all of it.
    pub(super) fn gathered(&self) -> Result<Gathered> {
        let mut gathered = Gathered { unreadable: self.unreadable.clone(), ..Gathered::default() };
        if let Some(text) = &self.stdin {
            gathered.take("<stdin>".to_owned(), text.clone(), true);
        }
        gathered.add_numbered(self.files.iter().enumerate())?;
        Ok(gathered)
    }

    /// Refuses to judge nothing at all.
    pub(super) fn check_not_empty(&self) -> Result<()> {
        if self.stdin.is_some() || !self.files.is_empty() || !self.unreadable.is_empty() {
            return Ok(());
        }
        let message = "there is no manifest and no nginx configuration here";
        let problem = Diagnostic::bare("nothing-to-check", message);
        let help = "name the files or directories to check: `sioway lint deploy/`";
        Err(Stop::call(problem.help(help)))
    }
}

impl Gathered {
    /// Takes in a text that somebody named.
    pub(in crate::commands) fn add_text(&mut self, name: String, text: String) {
        let source = self.sources.add(name, text);
        self.files.push((source, true));
    }

    /// Reads files into the sources, each under its number; what is there already comes before them.
    pub(in crate::commands) fn add_numbered<'f>(
        &mut self,
        found: impl Iterator<Item = (usize, &'f Found)>,
    ) -> Result<()> {
        let (before, found): (usize, Vec<_>) = (self.files.len(), found.collect());
        let read = |(_, (path, _)): &(usize, &Found)| {
            let text = read_any(path)?;
            Ok(text.map(|text| (Arc::from(shown(path)), Arc::from(text))))
        };
        let texts: Vec<Result<std::result::Result<Named, Unread>>> =
            found.par_iter().map(read).collect();
        for ((number, (path, asked)), text) in found.into_iter().zip(texts) {
            match text {
                Ok(Ok((name, text))) => {
                    self.sources.go_on_at(before + number);
                    let source = self.sources.add(name, text);
                    self.files.push((source, *asked));
                }
                // What nobody named, and is no text, is none of ours.
                Ok(Err(Unread::NotText(_))) if !asked && !is_manifest(path) => {}
                Ok(Err(unread)) => self.unreadable.push(unread.diagnostic(path)),
                Err(Stop::Io { path, source, .. }) => {
                    let message = format!("cannot read {}: {source}", shown(&path));
                    self.unreadable.push(Diagnostic::bare("io", message));
                }
                Err(stop) => return Err(stop),
            }
        }
        Ok(())
    }

    /// Takes in a text under the name that it is shown by.
    pub(in crate::commands) fn take(
        &mut self,
        name: String,
        text: String,
        asked: bool,
    ) -> SourceId {
        let source = self.sources.add(name, text);
        self.files.push((source, asked));
        source
    }

    /// The files, each with its name and whether somebody named it.
    pub(in crate::commands) fn named(&self) -> impl Iterator<Item = (SourceId, &str, bool)> {
        let name = |source: SourceId| &*self.sources.get(source).name;
        self.files.iter().map(move |(source, asked)| (*source, name(*source), *asked))
    }

    /// The files, read.
    pub(in crate::commands) fn read<'s>(&self, sources: &'s Sources) -> Vec<File<'s>> {
        let read = |(source, asked): &(SourceId, bool)| File::of(sources, *source, *asked);
        self.files.par_iter().map(read).collect()
    }

    /// Everything that is wrong with the files themselves.
    pub(in crate::commands) fn problems(&self, files: &[File<'_>]) -> Vec<Diagnostic> {
        let mut problems = self.unreadable.clone();
        problems.extend(files.iter().flat_map(problems_of));
        problems
    }

    /// Which files would be checked, one a line, with what each is.
    pub(super) fn listing(&self) -> String {
        let files = self.read(&self.sources);
        let line = |file: &File<'_>| {
            let what = match &file.content {
                Content::Manifest(_) => "manifest",
                Content::Nginx(_) => "nginx",
                Content::Template(_) => "template, not checked",
                Content::Other => "neither manifest nor nginx, not checked",
            };
            format!("{}\t{what}\n", leading_name(file.name))
        };
        files.iter().map(line).collect()
    }
}

fn is_manifest(path: &Utf8Path) -> bool {
    matches!(path.extension(), Some("yaml" | "yml"))
}

fn problems_of(file: &File<'_>) -> Vec<Diagnostic> {
    let problem = |id, message: &str, span, help: Option<&str>| {
        let problem = Diagnostic::at(id, message, Label::new(file.source, span, ""));
        match help {
            Some(help) => problem.help(help),
            None => problem,
        }
    };
    match &file.content {
        Content::Manifest(stream) => {
            let problems = stream.problems.iter();
            problems
                .map(|one| problem("yaml-syntax", &one.message, one.span, one.help.as_deref()))
                .collect()
        }
        Content::Nginx(tree) => {
            let problems = tree.problems.iter();
            problems
                .map(|one| problem("nginx-syntax", &one.message, one.span, Some(&one.help)))
                .collect()
        }
        Content::Template(at) => {
            let message =
                "this is a template: it becomes a manifest only when something fills it in";
            let mut note = problem(
                "template-skipped",
                message,
                (*at..(*at + 2).min(file.text.len())).into(),
                None,
            )
            .help("check what comes out: `helm template … | sioway lint -`");
            note.severity = Severity::Info;
            vec![note]
        }
        Content::Other => Vec::new(),
    }
}
