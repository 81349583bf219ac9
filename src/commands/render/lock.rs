//! `.sioway.lock`: which files of a directory sioway wrote, and what it wrote into them.
//!
//! While files are being replaced the lock holds two hashes for each of them, the old
//! and the new: a run that is cut short leaves a mixture, and none of it was edited by
//! hand.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use camino::Utf8Path;
use serde::Deserialize;

use crate::commands::files::read_if_there;
use crate::commands::paths::shown;
use crate::commands::stop::{Result, Stop};
use crate::diagnostic::{Diagnostic, Label, Sources};
use crate::render::{File, sha256};

/// The name of the file.
pub(super) const NAME: &str = ".sioway.lock";

const HEADER: &str = "# Written by sioway: the files it rendered here. `sioway render --prune` removes no others.\nversion = 1\n\n[files]\n";

/// The files that sioway wrote, each with the hashes of what it may have written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Lock(BTreeMap<String, BTreeSet<String>>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    version: u32,
    files: BTreeMap<String, Hashes>,
}

/// One hash, or several while files are being replaced.
#[derive(Deserialize)]
#[serde(untagged)]
enum Hashes {
    One(String),
    Several(BTreeSet<String>),
}

impl Lock {
    /// What the lock of these files says.
    pub(super) fn of(files: &[File]) -> Self {
        Self(
            files
                .iter()
                .map(|file| (file.name.clone(), BTreeSet::from([digest(file.text.as_bytes())])))
                .collect(),
        )
    }

    /// The lock of a directory, if it has one.
    pub(super) fn read(directory: &Utf8Path) -> Result<Option<Self>> {
        let path = directory.join(NAME);
        let Some(bytes) = read_if_there(&path)? else {
            return Ok(None);
        };
        let text = String::from_utf8_lossy(&bytes);
        Self::parse(&shown(&path), &text).map(Some)
    }

    fn parse(shown: &str, text: &str) -> Result<Self> {
        let written: std::result::Result<Written, _> = toml::from_str(text);
        let (message, span) = match written {
            Ok(Written { version: 1, files }) if files.keys().all(|name| is_plain_name(name)) => {
                return Ok(Self(
                    files.into_iter().map(|(name, hashes)| (name, hashes.into())).collect(),
                ));
            }
            Ok(Written { version: 1, .. }) => {
                ("it lists a file outside its directory".to_owned(), None)
            }
            Ok(Written { version, .. }) => {
                (format!("it is of version {version}, which this sioway does not know"), None)
            }
            Err(error) => (error.message().to_owned(), error.span()),
        };
        let mut sources = Sources::default();
        let source = sources.add(shown, text);
        let label = Label::new(source, span.unwrap_or(0..0).into(), message);
        let problem = Diagnostic::at("broken-lock", "this lock file cannot be read", label)
            .help("restore it from git; or remove it and run `sioway render --force`");
        Err(Stop::input(&sources, vec![problem]))
    }

    /// The names of the files.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Whether sioway wrote a file of that name.
    pub(super) fn lists(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Whether a file is as sioway wrote it.
    pub(super) fn knows(&self, name: &str, bytes: &[u8]) -> bool {
        self.0.get(name).is_some_and(|hashes| hashes.contains(&digest(bytes)))
    }

    /// Takes over what another lock says of a file, which may be nothing.
    pub(super) fn take_over(&mut self, name: &str, other: &Self) {
        match other.0.get(name) {
            Some(hashes) => self.0.insert(name.to_owned(), hashes.clone()),
            None => self.0.remove(name),
        };
    }

    /// What holds while files change from what one lock says to what another does.
    pub(super) fn union(&self, other: &Self) -> Self {
        let mut both = self.clone();
        for (name, hashes) in &other.0 {
            both.0.entry(name.clone()).or_default().extend(hashes.iter().cloned());
        }
        both
    }

    /// The text of the lock.
    pub(super) fn text(&self) -> String {
        let mut text = String::with_capacity(HEADER.len() + self.0.len() * 110);
        text.push_str(HEADER);
        for (name, hashes) in &self.0 {
            let hashes: Vec<String> = hashes.iter().map(|hash| format!("\"{hash}\"")).collect();
            let written = match &hashes[..] {
                [one] => writeln!(text, "\"{name}\" = {one}"),
                several => writeln!(text, "\"{name}\" = [{}]", several.join(", ")),
            };
            written.expect("a string takes all it is given");
        }
        text
    }
}

impl From<Hashes> for BTreeSet<String> {
    fn from(hashes: Hashes) -> Self {
        match hashes {
            Hashes::One(hash) => Self::from([hash]),
            Hashes::Several(hashes) => hashes,
        }
    }
}

fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", sha256(bytes))
}

/// A lock names files beside it, and nothing that a path or a TOML string would have to escape.
pub(in crate::commands) fn is_plain_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    !name.is_empty() && name.chars().all(plain) && name != "." && name != ".."
}
