//! `sioway.toml`: which apps a repository has, and where their manifests go.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::newtype::{Invalid, checked_text, text_value};
use super::toml_text::{Node, Origin, Table, Value};
use super::wording::{in_words, suggest_sibling};
use super::{Layers, Name, decode::decode};
use crate::diagnostic::Diagnostic;

/// A GitOps repository: `sioway.toml` at its root.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[schemars(title = "sioway.toml")]
pub struct Workspace {
    /// The app descriptions: paths, in which `*` stands for any name.
    pub apps: Vec<AppPattern>,
    /// Whether rendered manifests say why. The line that names their source stays.
    pub comments: bool,
    /// How manifests lie in an app's directory.
    pub layout: Layout,
    /// A directory of templates of your own; see `sioway templates eject`.
    pub templates: Option<String>,
    /// How the rules of `sioway lint` are set.
    pub lint: Lint,
    /// Where manifests go, by environment. Absent: one environment, into `out/{name}`.
    pub environment: BTreeMap<Name, Environment>,
}

impl Default for Workspace {
    fn default() -> Self {
        Self {
            apps: vec!["app.toml".parse().expect("a constant")],
            comments: true,
            layout: Layout::Files,
            templates: None,
            lint: Lint::default(),
            environment: BTreeMap::new(),
        }
    }
}

/// How the rules of `sioway lint` are set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Lint {
    /// Rules that are not asked.
    pub disable: Vec<String>,
    /// How much a rule's findings matter here.
    pub severity: BTreeMap<String, LintSeverity>,
    /// The same for some files: by a pattern of paths, as they are shown.
    pub per_path: BTreeMap<String, LintRules>,
}

/// How rules are set for some files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct LintRules {
    /// Rules that are not asked.
    pub disable: Vec<String>,
    /// How much a rule's findings matter here.
    pub severity: BTreeMap<String, LintSeverity>,
}

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum LintSeverity {
    /// Sessions break, or the controller stops.
    Error,
    /// Breaks under load, on a rollout, or later.
    Warning,
    /// Worth knowing.
    Info,
}

impl Lint {
    /// How rules are set for all files.
    pub fn rules(&self) -> LintRules {
        LintRules { disable: self.disable.clone(), severity: self.severity.clone() }
    }
}

/// How manifests lie in an app's directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Layout {
    /// One object a file, and a kustomization.yaml that lists them.
    #[default]
    Files,
    /// The same, but nginx's configuration is a plain file, from which Kustomize builds the ConfigMap.
    Kustomize,
    /// One stream of all objects: fewer files where there are thousands of apps.
    OneFile,
}

/// One environment of a workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Environment {
    /// The profile of every app in this environment; a path is relative to `sioway.toml`.
    #[serde(default)]
    pub profile: Option<String>,
    /// The directory of an app's manifests, with `{name}` and `{namespace}`.
    pub out: OutPattern,
    /// Where the existing manifests lie, if not in `out`: hand-written ones, before adoption. `{name}` and `{namespace}`
    /// are the app's own.
    #[serde(default)]
    pub against: Option<String>,
}

impl Workspace {
    /// Reads the text of a `sioway.toml`, and where each key of it stands; on an error the diagnostics come with the
    /// sources they point into.
    pub fn parse(shown: &str, text: &str) -> Result<(Self, Layers), (Layers, Vec<Diagnostic>)> {
        let mut layers = Layers::default();
        if let Err(problems) = layers.add(shown, text) {
            return Err((layers, problems));
        }
        match decode(&layers.table) {
            Ok(workspace) => Ok((workspace, layers)),
            Err(misfits) => {
                let problems = misfits.iter().map(|misfit| in_words(misfit, suggest_sibling));
                let problems = problems.collect();
                Err((layers, problems))
            }
        }
    }
}

/// Where `[lint]` names a rule: in a list, or as a key.
pub fn rule_in_lint(table: &Table, rule: &str) -> Option<Origin> {
    let lint = table.get("lint")?;
    named_in(&lint.node, rule)
}

fn named_in(node: &Node, rule: &str) -> Option<Origin> {
    match &node.value {
        Value::String(text) if text == rule => Some(node.at),
        Value::Array(items) => items.iter().find_map(|item| named_in(item, rule)),
        Value::Table(table) => table.entries().iter().find_map(|entry| {
            let key = (entry.key == rule).then_some(entry.key_at);
            key.or_else(|| named_in(&entry.node, rule))
        }),
        _ => None,
    }
}

checked_text!(
    /// A path below the workspace in which `*` stands for any name.
    AppPattern, check_app_pattern,
    expecting: "a path such as \"apps/*/app.toml\"",
    schema: { "title": "path", "pattern": "^[^/].*$" }
);

fn check_app_pattern(text: &str) -> Result<(), Invalid> {
    if text.is_empty() || text.starts_with('/') || text.split('/').any(|part| part == "..") {
        return Err(Invalid::new("apps lie below sioway.toml: no leading `/`, no `..`"));
    }
    Ok(())
}

/// A directory below the workspace, with `{name}` and `{namespace}` for the app's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutPattern(String);

impl OutPattern {
    /// The directory of one app.
    pub fn expand(&self, name: &Name, namespace: &Name) -> String {
        expand(&self.0, name, namespace)
    }
}

impl Environment {
    /// Where the existing manifests of one app lie, if not in `out`.
    pub fn against(&self, name: &Name, namespace: &Name) -> Option<String> {
        self.against.as_ref().map(|against| expand(against, name, namespace))
    }
}

fn expand(pattern: &str, name: &Name, namespace: &Name) -> String {
    pattern.replace("{name}", name.as_str()).replace("{namespace}", namespace.as_str())
}

impl OutPattern {
    /// The same with `*` for each placeholder; every other sign stands for itself.
    pub fn as_glob(&self) -> String {
        let escaped = glob::Pattern::escape(&self.0);
        escaped.replace("{name}", "*").replace("{namespace}", "*")
    }
}

impl Default for OutPattern {
    fn default() -> Self {
        Self("out/{name}".into())
    }
}

impl FromStr for OutPattern {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim_end_matches('/');
        if text.split('/').any(|part| matches!(part, "" | "." | "..")) {
            return Err(Invalid::new(
                "an output directory lies below sioway.toml: no leading `/`, no empty part, no `.` or `..`",
            ));
        }
        let plain = text.replace("{name}", "").replace("{namespace}", "");
        if plain.contains(['{', '}']) {
            return Err(Invalid::new("the placeholders are `{name}` and `{namespace}`"));
        }
        if plain.contains(|c: char| c.is_control() || c == '\\') {
            return Err(Invalid::new(
                "an output directory is a plain path with `/` between its parts",
            ));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for OutPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

text_value!(OutPattern, expecting: "a directory such as \"out/{name}\"",
    schema: { "title": "path", "pattern": "^[^/].*$" });

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_directories_stay_below_the_workspace() {
        let pattern: OutPattern = "clusters/{namespace}/{name}/".parse().unwrap();
        let name = |text: &str| text.parse::<Name>().unwrap();
        assert_eq!(pattern.expand(&name("chat"), &name("prod")), "clusters/prod/chat");
        for bad in ["", "/", "/out", "../out", "a/../b", "./a", "a//b", "{app}", "a\\b"] {
            assert!(bad.parse::<OutPattern>().is_err(), "{bad}");
        }
    }

    #[test]
    fn an_unknown_key_is_refused_with_the_nearest() {
        let (_, problems) = Workspace::parse("sioway.toml", "app = [\"x\"]\n").unwrap_err();
        assert_eq!(problems[0].help.as_deref(), Some("did you mean `apps`?"));
    }
}
