//! A diagnostic about a Kubernetes object or an nginx configuration that somebody else wrote.

use super::{Diagnostic, Edit, SourceId};

/// What a rule found, and in what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What is wrong, where, and what to do. Its id is the rule's.
    pub diagnostic: Diagnostic,
    /// The object that it is about; `None` for a plain nginx configuration.
    pub object: Option<ObjectName>,
    /// The field, as it can be pasted back: `metadata.annotations["cloud.google.com/neg"]`, or a directive of
    /// nginx by its blocks: `http.server.location[/socket.io/].proxy_read_timeout`. Empty for a whole object.
    pub path: String,
    /// Whether sioway can repair it.
    pub fix: Applicability,
    /// How: what `fix` has to do to which text. Empty unless the repair is safe or unsafe.
    pub edits: Vec<(SourceId, Edit)>,
}

/// The name of a Kubernetes object.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, schemars::JsonSchema,
)]
pub struct ObjectName {
    /// Its kind.
    pub kind: String,
    /// Its namespace, where the manifest says it.
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
}

/// Who can repair a finding.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Default,
    serde::Serialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Applicability {
    /// sioway, without a change of meaning beyond the fault itself.
    Safe,
    /// sioway, but somebody should look: the edit decides something.
    Unsafe,
    /// A person, by what the help says.
    Manual,
    /// Nobody needs to do anything.
    #[default]
    None,
}

/// What formats tell of a rule beside its findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleCard {
    /// The rule's id.
    pub id: &'static str,
    /// How much its findings matter, unless the user says otherwise.
    pub severity: super::Severity,
    /// One sentence.
    pub summary: &'static str,
    /// The whole page, in Markdown.
    pub page: &'static str,
    /// How good the evidence is: `source`, `documented`, `reproduced` or `reported`.
    pub grade: &'static str,
}
