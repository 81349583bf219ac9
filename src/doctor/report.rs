//! What an examination comes to.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;

use crate::live::check::{Check, Status};

/// Who was asked; null where nobody was.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Asked {
    /// The context and the namespaces of the cluster, or the files that were saved of it.
    pub cluster: Option<String>,
    /// The project of Google Cloud, or the files that were saved of it.
    pub cloud: Option<String>,
    /// The URL that was probed.
    pub endpoint: Option<String>,
}

/// The lines that save what is asked.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Commands {
    /// For `--cluster cluster.json`.
    pub cluster: Vec<String>,
    /// For `--cloud cloud.json`.
    pub cloud: Vec<String>,
}

/// What an examination comes to.
#[derive(Debug, Clone)]
pub struct Report {
    /// The checks, layer by layer.
    pub checks: Vec<Check>,
    /// Who was asked.
    pub asked: Asked,
    /// The lines that save what is asked.
    pub commands: Commands,
}

/// What `sioway doctor --format json` writes. Later versions may add keys; they remove none without a new version.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "sioway doctor")]
struct Document<'a> {
    /// The version of this shape.
    #[schemars(extend("const" = 1))]
    version: u32,
    /// The checks, layer by layer.
    checks: &'a [Check],
    /// Who was asked.
    asked: &'a Asked,
    /// The lines that save what is asked, for `--cluster` and `--cloud`.
    commands: &'a Commands,
}

impl Report {
    /// Whether a check failed.
    pub fn has_failed(&self) -> bool {
        self.checks.iter().any(|check| check.status == Status::Fail)
    }

    /// Where to begin: the first check that failed and follows from none, or that a failure follows from.
    pub fn first(&self) -> Option<&Check> {
        let failed = || self.checks.iter().filter(|check| check.status == Status::Fail);
        let is_root =
            |one: &&Check| failed().any(|check| check.follows.unwrap_or(check.id) == one.id);
        self.checks.iter().find(is_root)
    }

    /// Whether nothing was asked of a layer.
    pub fn is_unchecked(&self, id: &str) -> bool {
        self.checks.iter().any(|check| check.id == id && check.status == Status::Skip)
    }

    /// All of it as JSON.
    pub fn to_json(&self) -> String {
        let document = Document {
            version: 1,
            checks: &self.checks,
            asked: &self.asked,
            commands: &self.commands,
        };
        serde_json::to_string_pretty(&document).expect("numbers and strings are valid JSON")
    }
}

/// The schema (draft-07) of what `--format json` writes.
pub fn json_schema() -> serde_json::Value {
    let settings = SchemaSettings::draft07().for_serialize();
    let schema = settings.into_generator().into_root_schema_for::<Document<'_>>();
    schema.to_value()
}
