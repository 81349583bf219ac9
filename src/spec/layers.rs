//! Tables laid over each other, and the way back from a key to the line that set it.

use std::str::FromStr;
use std::sync::Arc;

use super::decode::decode;
use super::newtype::Invalid;
use super::wording::{in_words, suggest_app_key};
use super::{Entry, Origin, Profile, Spec, Table, Value};
use crate::diagnostic::{Diagnostic, Label, SourceId, Sources};

/// The layers of one app, merged: `app.toml` and each `--set`, laid on a profile.
#[derive(Debug, Clone, Default)]
pub struct Layers {
    /// The texts of all layers.
    pub sources: Sources,
    /// The merged table.
    pub table: Table,
}

/// One `key=value` of the command line.
///
/// The value is TOML where it reads as TOML, and a string where it does not, so that
/// `session.max-age=1h` needs no quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    key: String,
    value: String,
}

impl FromStr for Setting {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let (key, value) =
            text.split_once('=').ok_or_else(|| Invalid::new("there is no `=` in it"))?;
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._\"/".contains(c);
        if key.is_empty() || !key.chars().all(plain) {
            return Err(Invalid::new("before the `=` stands a key such as `session.max-age`"));
        }
        Ok(Self { key: key.to_owned(), value: value.trim().to_owned() })
    }
}

/// No key takes a fraction or a date: what reads as one is a text, such as an app called `inf`.
fn is_toml(value: &str) -> bool {
    let read = format!("value = {value}").parse::<toml::Table>();
    let text =
        |value: &toml::Value| matches!(value, toml::Value::Float(_) | toml::Value::Datetime(_));
    read.is_ok_and(|table| table.get("value").is_some_and(|value| !text(value)))
}

/// Something the keys of a spec do to each other. It speaks of keys; [`Layers`] finds their lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    id: &'static str,
    message: String,
    ends: Vec<(String, String)>,
    help: String,
}

impl Problem {
    /// A problem, and what to do about it.
    pub fn new(id: &'static str, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { id, message: message.into(), ends: Vec::new(), help: help.into() }
    }

    /// Names a key that takes part, and what it has to do with it.
    #[must_use]
    pub fn end(mut self, key: impl Into<String>, part: impl Into<String>) -> Self {
        self.ends.push((key.into(), part.into()));
        self
    }

    /// The stable name of the problem.
    pub fn id(&self) -> &'static str {
        self.id
    }

    /// What is wrong.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The keys that take part, the one to change first.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.ends.iter().map(|(key, _)| key.as_str())
    }
}

impl Layers {
    /// Lays a text over what is there.
    pub fn add(&mut self, name: &str, text: &str) -> Result<SourceId, Vec<Diagnostic>> {
        let source = self.sources.add(name, text);
        self.table.overlay(Table::parse(source, text)?);
        Ok(source)
    }

    /// Lays a setting of the command line over what is there.
    pub fn set(&mut self, setting: &Setting) -> Result<(), Vec<Diagnostic>> {
        let Setting { key, value } = setting;
        let as_toml = format!("{key} = {value}");
        let text = if is_toml(value) {
            as_toml
        } else {
            format!("{key} = {}", toml::Value::from(value.as_str()))
        };
        self.add(&format!("--set {key}"), &text).map(|_| ())
    }

    /// Lays all that is here over a profile.
    pub fn lay_on(&mut self, profile: &Profile) {
        let own = std::mem::replace(&mut self.table, profile.table.clone());
        self.table.overlay(own);
        self.sources.lay_on(Arc::clone(&profile.sources));
    }

    /// The typed spec, or everything that is wrong with it.
    pub fn spec(&self) -> Result<Spec, Vec<Diagnostic>> {
        let decoded = decode::<Spec>(&self.table);
        let mut problems: Vec<Diagnostic> = match &decoded {
            Ok(_) => Vec::new(),
            Err(misfits) => {
                misfits.iter().map(|misfit| in_words(misfit, suggest_app_key)).collect()
            }
        };
        problems.sort_by_key(|problem| {
            problem.labels.first().map(|label| (label.source, label.span.start))
        });
        problems.extend(self.missing());
        match decoded {
            Ok(spec) if problems.is_empty() => Ok(spec),
            _ => Err(problems),
        }
    }

    fn missing(&self) -> impl Iterator<Item = Diagnostic> {
        let needed = [("name", "\"chat\""), ("host", "\"chat.example.com\""), ("port", "3000")];
        needed.into_iter().filter(|(key, _)| self.table.get(key).is_none()).map(|(key, example)| {
            Diagnostic::bare("missing-key", format!("`{key}` is not given"))
                .help(format!("`name`, `host` and `port` have no default: add `{key} = {example}`"))
        })
    }

    /// A problem between keys, at their lines; a key that is nowhere written becomes a note.
    pub fn locate(&self, problem: &Problem) -> Diagnostic {
        let mut diagnostic =
            Diagnostic::bare(problem.id, problem.message.as_str()).help(problem.help.as_str());
        for (key, part) in &problem.ends {
            match self.table.find(key) {
                Some(entry) => diagnostic = diagnostic.and(label(entry, part)),
                None => diagnostic = diagnostic.note(format!("`{key}` is not given: {part}")),
            }
        }
        diagnostic
    }

    /// Whether the app itself gives a key, in its file or on the command line: not a profile, and not by default.
    pub fn gives(&self, key: &str) -> bool {
        self.origin(key).is_some_and(|at| self.sources.is_own(at.source))
    }

    /// Where a key was set; `None` for a default.
    pub fn origin(&self, key: &str) -> Option<Origin> {
        self.table.find(key).map(|entry| entry.node.at)
    }
}

fn label(entry: &Entry, part: &str) -> Label {
    // A whole table is too much to underline: its key stands for it.
    let at = match entry.node.value {
        Value::Table(_) | Value::Array(_) => entry.key_at,
        _ => entry.node.at,
    };
    Label::new(at.source, at.span, part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layers(text: &str) -> Layers {
        let mut layers = Layers::default();
        layers.add("app.toml", text).unwrap();
        layers
    }

    #[test]
    fn offers_the_nearest_key_or_the_table_it_belongs_in() {
        let problems =
            layers("name=\"a\"\nhost=\"a.b\"\nprot = 1\nmax-age = \"1h\"\n").spec().unwrap_err();
        let helps: Vec<_> = problems.iter().filter_map(|problem| problem.help.as_deref()).collect();
        assert!(helps.contains(&"did you mean `port`?"), "{helps:?}");
        assert!(helps.contains(&"did you mean `session.max-age`?"), "{helps:?}");
    }

    #[test]
    fn a_set_value_is_toml_or_a_string() {
        let mut layers = layers("name=\"a\"\nhost=\"a.b\"\nport=1\n");
        for setting in ["session.max-age=1h", "replicas=3", "host=[\"x.y\", \"z.y\"]"] {
            layers.set(&setting.parse().unwrap()).unwrap();
        }
        let spec = layers.spec().unwrap();
        assert_eq!(spec.session.max_age.get(), 3_600);
        assert_eq!(spec.replicas.unwrap().get(), 3);
        assert_eq!(spec.host.unwrap().as_slice().len(), 2);
        for bad in ["replicas", "=1", "a b=1", "a\n=1"] {
            assert!(bad.parse::<Setting>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_three_keys_without_default_are_all_reported() {
        assert_eq!(layers("").spec().unwrap_err().len(), 3);
    }
}
