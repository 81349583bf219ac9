//! What was found out about the running world, in the formats that people and their tools read: one file a format.

mod html;
mod junit;
mod markdown;
mod text;

use super::clean::quiet_json;
use crate::live::check::{Check, Status};
use crate::picture::Picture;

/// How checks are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Format {
    /// A list, for people.
    #[default]
    Text,
    /// For scripts.
    Json,
    /// XML in the form of `JUnit`, for the test reports of GitLab and Jenkins.
    Junit,
    /// For a comment on a pull request.
    Markdown,
    /// One page that needs nothing else, for a browser.
    Html,
}

/// Checks, and what was checked.
#[derive(Debug, Clone, Copy)]
pub struct Checked<'a> {
    /// The command, such as `probe`.
    pub command: &'static str,
    /// What was checked, such as a URL.
    pub subject: &'a str,
    /// The checks, in the order to show them in.
    pub checks: &'a [Check],
    /// All of it as JSON.
    pub json: &'a str,
    /// Whether what was not checked is of interest.
    pub verbose: bool,
    /// Whether a check that holds is said on one line.
    pub brief: bool,
    /// Lines that stand below all checks, for people.
    pub notes: &'a [String],
    /// The ways that the checks are about, where files say them: for pages.
    pub pictures: &'a [Picture],
}

/// Checks in a format; only [`Format::Text`] knows colours.
pub fn write(format: Format, checked: &Checked<'_>, color: bool) -> String {
    match format {
        Format::Text => text::write(checked, color),
        Format::Json => quiet_json(checked.json) + "\n",
        Format::Junit => junit::write(checked),
        Format::Markdown => markdown::write(checked),
        Format::Html => html::write(checked),
    }
}

impl Checked<'_> {
    fn count(&self, status: Status) -> usize {
        let of = |check: &&Check| check.status == status;
        self.checks.iter().filter(of).count()
    }

    /// The checks that follow from one.
    fn following(&self, check: &Check) -> impl Iterator<Item = &Check> {
        let root = check.id;
        self.checks.iter().filter(move |one| one.follows == Some(root))
    }

    /// `12 passed, 2 failed, 1 warning; 4 not checked`.
    fn tally(&self) -> String {
        let mut text = format!("{} passed", self.count(Status::Pass));
        for (status, word) in [(Status::Fail, "failed"), (Status::Warn, "in doubt")] {
            match self.count(status) {
                0 => {}
                count => text = format!("{text}, {count} {word}"),
            }
        }
        match self.checks.iter().filter(|check| check.follows.is_some()).count() {
            0 => {}
            1 => text.push_str(" (1 of them follows from another)"),
            count => text = format!("{text} ({count} of them follow from another)"),
        }
        match self.count(Status::Skip) {
            0 => text,
            count => format!("{text}; {count} not checked"),
        }
    }
}

/// Checks of every kind, with hostile text in them.
#[cfg(test)]
fn fixture() -> Vec<Check> {
    use crate::live::check::Layer;
    vec![
        Check::new("reachable", Layer::Connection, "the host accepts connections").pass("in 1 ms"),
        Check::new("post", Layer::Polling, "a second request finds its session")
            .fail("400 `<b>|\u{1b}[31m`\nnext")
            .because(&["session-affinity-missing", "backendconfig-not-attached"])
            .advise("set it"),
        Check::new("poll", Layer::Polling, "a poll brings what there is").skip("the POST failed"),
        Check::new("upgrade", Layer::Websocket, "a session moves to a WebSocket")
            .fail("400")
            .because(&["session-affinity-missing"])
            .advise("set it"),
        Check::new("cache-headers", Layer::Cache, "no cache answers").warn("no Cache-Control"),
    ]
}

/// What was checked in the [`fixture`].
#[cfg(test)]
fn probed(checks: &[Check]) -> Checked<'_> {
    Checked {
        command: "probe",
        subject: "http://a.b/",
        checks,
        json: "{}",
        verbose: false,
        brief: false,
        notes: &[],
        pictures: &[],
    }
}
