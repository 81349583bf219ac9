//! `.sioway.lock`: which files of a directory sioway wrote, and what it wrote into them.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Deserialize;

use crate::commands::stop::{Result, Stop};
use crate::diagnostic::{Diagnostic, Label, Sources};
use crate::render::{File, sha256};

/// The name of the file.
pub(super) const NAME: &str = ".sioway.lock";

const HEADER: &str = "# Written by sioway: the files it rendered here. `sioway render --prune` removes no others.\nversion = 1\n\n[files]\n";

/// The files that sioway wrote, with the hash of what it wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Lock(pub(super) BTreeMap<String, String>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    version: u32,
    files: BTreeMap<String, String>,
}

impl Lock {
    /// What the lock of these files says.
    pub(super) fn of(files: &[File]) -> Self {
        Self(
            files
                .iter()
                .map(|file| (file.name.clone(), digest(&file.text)))
                .collect(),
        )
    }

    /// Reads the text of a lock.
    pub(super) fn parse(shown: &str, text: &str) -> Result<Self> {
        let written: std::result::Result<Written, _> = toml::from_str(text);
        let (message, span) = match written {
            Ok(Written { version: 1, files }) if files.keys().all(|name| is_plain_name(name)) => {
                return Ok(Self(files));
            }
            Ok(Written { version: 1, .. }) => {
                ("it lists a file outside its directory".to_owned(), None)
            }
            Ok(Written { version, .. }) => (
                format!("it is of version {version}, which this sioway does not know"),
                None,
            ),
            Err(error) => (error.message().to_owned(), error.span()),
        };
        let mut sources = Sources::default();
        let source = sources.add(shown, text);
        let label = Label::new(source, span.unwrap_or(0..0).into(), message);
        let problem = Diagnostic::at("broken-lock", "this lock file cannot be read", label)
            .help("restore it from git; or remove it and run `sioway render --force`");
        Err(Stop::input(&sources, vec![problem]))
    }

    /// The text of the lock.
    pub(super) fn text(&self) -> String {
        let mut text = String::with_capacity(HEADER.len() + self.0.len() * 110);
        text.push_str(HEADER);
        for (name, hash) in &self.0 {
            writeln!(text, "\"{name}\" = \"{hash}\"").expect("a string takes all it is given");
        }
        text
    }
}

/// The hash of a text, as the lock writes it.
pub(super) fn digest(text: &str) -> String {
    format!("sha256:{}", sha256(text))
}

/// A lock names files beside it, and nothing that a path or a TOML string would have to escape.
pub(super) fn is_plain_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    !name.is_empty() && name.chars().all(plain) && name != "." && name != ".."
}
