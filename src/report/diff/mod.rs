//! What differs between rendered and existing manifests, in the formats that people and their tools read.

mod findings;
mod html;
mod json;
mod markdown;
mod rdjson;
mod text;

use std::sync::Arc;

use crate::diagnostic::{Edit, ObjectName, Region, Severity, Span};
use crate::diff::{Foreign, Status};
use crate::picture::Picture;
use crate::report::Report;
use crate::report::clean::{cut_off, one_line, parted};
use crate::report::findings::Format;

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
    /// Which sides are compared.
    pub sides: Sides,
    /// Where the user stands in their git repository, from its root; empty there, and outside of any.
    pub place: &'static str,
}

/// What is compared with what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sides {
    /// What is there with what is rendered: what is only there is somebody else's, and stays.
    #[default]
    Rendered,
    /// What runs with what it would be after it is applied, both of them whole: what is only there goes.
    Applied,
}

/// What differs for one app in one environment.
#[derive(Debug, Clone)]
pub struct AppDiff {
    /// The app's name; empty where no app is behind it.
    pub app: String,
    /// Where the app is described.
    pub described: Option<TextPlace>,
    /// The environment, where the workspace has several.
    pub environment: Option<String>,
    /// Object by object.
    pub objects: Vec<ObjectEntry>,
    /// The way of a request, and the timeouts that must stand in one order; `None` where no app is behind it.
    pub picture: Option<Picture>,
}

impl AppDiff {
    /// Lets go of the texts of all places, for formats that name files and lines alone.
    pub fn forget_texts(&mut self) {
        self.described = None;
        for change in self.objects.iter_mut().flat_map(|object| &mut object.changes) {
            change.there = None;
            change.repair = None;
        }
    }

    /// Lets go of the edits of files that stay as they are: no format suggests what the patch leaves out.
    pub fn forget_repairs(&mut self, is_changed: impl Fn(&str) -> bool) {
        for change in self.objects.iter_mut().flat_map(|object| &mut object.changes) {
            change.repair = change.repair.take().filter(|repair| is_changed(&repair.file));
        }
    }
}

/// A place in a text that is held here, for formats that count lines and bytes of their own.
#[derive(Debug, Clone)]
pub struct TextPlace {
    /// The file.
    pub file: String,
    /// Its text.
    pub text: Arc<str>,
    /// The bytes.
    pub span: Span,
}

/// The edit of a file after which a difference is gone.
#[derive(Debug, Clone)]
pub struct Repair {
    /// The file.
    pub file: String,
    /// Its text.
    pub text: Arc<str>,
    /// What is to be changed in it.
    pub edit: Edit,
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
    /// What is rendered; `None` if the field goes.
    pub new: Option<String>,
    /// The file that is there, and where in it.
    pub place: Option<(String, Region)>,
    /// The same place, in its text.
    pub there: Option<TextPlace>,
    /// The edit after which it is gone.
    pub repair: Option<Repair>,
    /// The rule behind it.
    pub rule: Option<&'static str>,
    /// How much it matters: as much as what the rule finds, and little without one.
    pub severity: Severity,
    /// Why it matters.
    pub reason: &'static str,
    /// Where the value that is rendered comes from: a line of app.toml, a profile, or a default.
    pub origin: Option<String>,
    /// What an edit would change besides, or why it is left to people.
    pub notes: Vec<String>,
}

impl ChangeEntry {
    /// What is there and what is rendered, each on one line of at most so many characters.
    fn values(&self, most: usize) -> [Option<String>; 2] {
        let line = |value: &Option<String>| value.as_deref().map(one_line);
        match [line(&self.old), line(&self.new)] {
            [Some(old), Some(new)] => parted(&old, &new, most).map(Some),
            alone => alone.map(|value| Some(cut_off(&value?, most))),
        }
    }
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

impl Report for DiffReport {
    fn text(&self, color: bool) -> String {
        text::write(self, color)
    }

    fn json(&self) -> String {
        json::write(self)
    }

    fn markdown(&self) -> String {
        markdown::write(self)
    }
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
        let goes = if self.sides == Sides::Applied { summary.only_there } else { 0 };
        summary.change + summary.add + goes > 0
    }

    /// One page for a browser.
    pub fn html(&self) -> String {
        html::write(self)
    }

    /// Annotations of GitHub Actions.
    pub fn github(&self) -> String {
        findings::write(self, Format::Github)
    }

    /// The Code Quality report of GitLab.
    pub fn gitlab(&self) -> String {
        findings::write(self, Format::Gitlab)
    }

    /// SARIF 2.1.0, for code scanning.
    pub fn sarif(&self) -> String {
        findings::write(self, Format::Sarif)
    }

    /// reviewdog's JSON, with what `--write` would do as suggestions.
    pub fn rdjson(&self) -> String {
        rdjson::write(self)
    }
}
