//! Finds the files to check, and reads them.

use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use rayon::prelude::*;

use super::walk::{drop_twins, in_order, plain, walk};
use crate::commands::files::{Unread, read_any};
use crate::commands::paths::shown;
use crate::commands::stop::{Result, Stop};
use crate::commands::streams::Stream;
use crate::diagnostic::{Diagnostic, Label, Severity, SourceId, Sources};
use crate::report::leading_name;
use crate::set::{Content, File};

/// The files that were given.
#[derive(Debug, Default)]
pub(in crate::commands) struct Gathered {
    /// Their texts.
    pub(in crate::commands) sources: Sources,
    /// Each with whether somebody named it.
    files: Vec<(SourceId, bool)>,
    /// What could not be read, and which links are not followed.
    pub(in crate::commands) unreadable: Vec<Diagnostic>,
}

/// A file that was found, and whether somebody named it.
pub(in crate::commands) type Found = (Utf8PathBuf, bool);

/// What there is below some paths, unread.
#[derive(Debug, Default)]
pub(in crate::commands) struct Listed {
    /// What came from streams, with their names.
    pub(in crate::commands) streams: Vec<(String, String)>,
    /// The files, in order.
    pub(in crate::commands) files: Vec<Found>,
    /// Links that are not read, each with the name under which the file is that it leads to.
    pub(super) twins: Vec<(Utf8PathBuf, Utf8PathBuf)>,
    /// What could not be looked into, and which links are not followed.
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
        if let Some(stream) = Stream::of(path) {
            listed.streams.push((stream.name(), stream.read_some()?));
        } else if path.is_dir() {
            walk(path, &mut listed);
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

impl Listed {
    /// Reads all of it.
    pub(super) fn gathered(&self) -> Result<Gathered> {
        let mut gathered = Gathered { unreadable: self.unreadable.clone(), ..Gathered::default() };
        gathered.take_streams(&self.streams);
        gathered.add_numbered(self.files.iter().enumerate())?;
        Ok(gathered)
    }

    /// Why some of the files cannot be judged; what is merely said of links is no reason.
    pub(in crate::commands) fn unread(&self) -> Option<&Diagnostic> {
        first_error(&self.unreadable)
    }

    /// Refuses to judge nothing at all.
    pub(super) fn check_not_empty(&self) -> Result<()> {
        if !self.streams.is_empty() || !self.files.is_empty() || self.unread().is_some() {
            return Ok(());
        }
        let message = "there is no manifest and no nginx configuration here";
        let mut problem = Diagnostic::bare("nothing-to-check", message);
        problem.notes.extend(self.unreadable.iter().map(|one| one.message.clone()));
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

    /// Takes in what came from streams.
    pub(in crate::commands) fn take_streams(&mut self, streams: &[(String, String)]) {
        for (name, text) in streams {
            self.take(name.clone(), text.clone(), true);
        }
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
    pub(super) fn listing(&self, listed: &Listed) -> String {
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
        let twin = |(name, file): &(Utf8PathBuf, Utf8PathBuf)| {
            let (name, file) = (shown(name), shown(file));
            format!("{}\tlink to {}, not checked twice\n", leading_name(&name), leading_name(&file))
        };
        files.iter().map(line).chain(listed.twins.iter().map(twin)).collect()
    }

    /// Why some of the files cannot be judged; what is merely said of links is no reason.
    pub(in crate::commands) fn unread(&self) -> Option<&Diagnostic> {
        first_error(&self.unreadable)
    }
}

/// The first of some problems that is more than a note.
fn first_error(problems: &[Diagnostic]) -> Option<&Diagnostic> {
    problems.iter().find(|problem| problem.severity == Severity::Error)
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
