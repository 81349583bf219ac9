//! What a probe comes to.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;

use super::observed::Observed;
use crate::live::check::{Check, Status};

/// What a probe comes to.
#[derive(Debug, Clone)]
pub struct Report {
    /// The checks, in their order.
    pub checks: Vec<Check>,
    /// What they rest on.
    pub observed: Observed,
}

/// What `sioway probe --format json` writes. Later versions may add keys; they remove none without a new version.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "sioway probe")]
struct Document<'a> {
    /// The version of this shape.
    #[schemars(extend("const" = 1))]
    version: u32,
    /// The checks, in their order.
    checks: &'a [Check],
    /// What was seen, without an opinion on it.
    observed: &'a Observed,
}

impl Report {
    /// Why the host could not be reached at all.
    pub fn unreachable(&self) -> Option<&str> {
        self.observed.reach.trouble.as_deref()
    }

    /// How many checks came to that.
    pub fn count(&self, status: Status) -> usize {
        self.checks.iter().filter(|check| check.status == status).count()
    }

    /// The check of an id.
    pub fn check(&self, id: &str) -> Option<&Check> {
        self.checks.iter().find(|check| check.id == id)
    }

    /// All of it as JSON.
    pub fn to_json(&self) -> String {
        let document = Document { version: 1, checks: &self.checks, observed: &self.observed };
        serde_json::to_string_pretty(&document).expect("numbers and strings are valid JSON")
    }
}

/// The schema (draft-07) of what `--format json` writes.
pub fn json_schema() -> serde_json::Value {
    let settings = SchemaSettings::draft07().for_serialize();
    let schema = settings.into_generator().into_root_schema_for::<Document<'_>>();
    schema.to_value()
}
