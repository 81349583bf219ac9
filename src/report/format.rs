//! The three formats of a report that people, scripts and comments need, and no tool besides.

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For scripts; `sioway schema` and the name of the command print its schema.
    Json,
    /// For a comment on a pull request.
    Markdown,
}

/// What can be written in each of them.
pub trait Report {
    /// For people, with colours or without.
    fn text(&self, color: bool) -> String;

    /// For scripts.
    fn json(&self) -> String;

    /// For a comment on a pull request.
    fn markdown(&self) -> String;
}

impl Format {
    /// A report in this format; only [`Format::Text`] knows colours.
    pub fn write(self, report: &impl Report, color: bool) -> String {
        match self {
            Self::Text => report.text(color),
            Self::Json => report.json(),
            Self::Markdown => report.markdown(),
        }
    }
}
