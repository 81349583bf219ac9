//! What differs between rendered and existing manifests, in the formats that people and their tools read.

mod json;
mod markdown;
mod text;

use crate::diagnostic::{ObjectName, Region};
use crate::diff::{Foreign, Status};

pub use json::json_schema;

/// What a run of `diff` has to say.
#[derive(Debug, Clone, Default)]
pub struct DiffReport {
    /// App by app.
    pub apps: Vec<AppDiff>,
    /// Whether what is the same is told too.
    pub verbose: bool,
    /// Whether what is not compared is told too.
    pub show_ignored: bool,
}

/// What differs for one app in one environment.
#[derive(Debug, Clone)]
pub struct AppDiff {
    /// The app's name.
    pub app: String,
    /// The environment, where the workspace has several.
    pub environment: Option<String>,
    /// Object by object.
    pub objects: Vec<ObjectEntry>,
    /// The hops that a request takes, from the browser to the server, each with what holds there.
    pub path: Vec<(String, String)>,
    /// The timeouts that must stand in one order: the smaller, how they stand, the larger, each with where it comes from.
    pub ladder: Vec<[String; 3]>,
}

/// An object.
#[derive(Debug, Clone)]
pub struct ObjectEntry {
    /// Its name.
    pub name: ObjectName,
    /// How it stands.
    pub status: Status,
    /// The file that it is in, on the side that is there.
    pub file: Option<String>,
    /// What differs.
    pub changes: Vec<ChangeEntry>,
    /// What is there and not compared.
    pub foreign: Vec<Foreign>,
}

/// One difference.
#[derive(Debug, Clone)]
pub struct ChangeEntry {
    /// The field.
    pub path: String,
    /// What is there.
    pub old: Option<String>,
    /// What is rendered.
    pub new: String,
    /// The file that is there, and where in it.
    pub place: Option<(String, Region)>,
    /// The rule behind it.
    pub rule: Option<&'static str>,
    /// Why it matters.
    pub reason: &'static str,
    /// Where the value that is rendered comes from: a line of app.toml, a profile, or a default.
    pub origin: Option<String>,
    /// What an edit would change besides, or why it is left to people.
    pub notes: Vec<String>,
}

/// How many objects there are of each status.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// The same.
    pub same: usize,
    /// Different.
    pub change: usize,
    /// Not there.
    pub add: usize,
    /// Only there.
    pub only_there: usize,
}

impl DiffReport {
    /// All objects of all apps.
    pub fn objects(&self) -> impl Iterator<Item = &ObjectEntry> {
        self.apps.iter().flat_map(|app| &app.objects)
    }

    /// How many there are of each status.
    pub fn summary(&self) -> Summary {
        let count = |status| self.objects().filter(|object| object.status == status).count();
        Summary {
            same: count(Status::Same),
            change: count(Status::Change),
            add: count(Status::Add),
            only_there: count(Status::OnlyThere),
        }
    }

    /// Whether anything would have to be written.
    pub fn has_differences(&self) -> bool {
        let summary = self.summary();
        summary.change + summary.add > 0
    }

    /// For people, with colours or without.
    pub fn text(&self, color: bool) -> String {
        text::write(self, color)
    }

    /// For a comment on a pull request.
    pub fn markdown(&self) -> String {
        markdown::write(self)
    }

    /// For scripts.
    pub fn json(&self) -> String {
        json::write(self)
    }
}
