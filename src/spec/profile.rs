//! Profiles: a platform, or an environment of the user's that builds on one.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;

use super::decode::one_of;
use super::wording::nearest;
use super::{Entry, Layers, Platform, Spec, Table, Value, platform};
use crate::diagnostic::{Diagnostic, Label, Sources};

/// A profile as a file has it: the shape of `app.toml`, plus `extends` and `[platform]`.
#[derive(Debug, Clone, Default, JsonSchema, Serialize)]
#[serde(rename_all = "kebab-case")]
#[schemars(title = "sioway profile", transform = super::platform::none_required)]
pub(super) struct ProfileFile {
    /// The profile that this one builds on. A profile without it describes a platform, and has `[platform]`.
    pub extends: Option<String>,
    /// What the platform is like.
    pub platform: Option<Platform>,
    /// Any key of `app.toml`.
    #[serde(flatten)]
    pub spec: Spec,
}

/// A chain of profiles, merged from its root.
#[derive(Debug, Clone)]
pub struct Profile {
    /// The texts of the chain.
    pub sources: Arc<Sources>,
    /// The keys of `app.toml` that the chain sets, merged from its root.
    pub table: Table,
    /// The platform at the root of the chain, as its descendants changed it.
    pub platform: Platform,
    /// The same, with its lines.
    pub platform_table: Table,
    /// The identities of the chain, root first.
    pub chain: Vec<String>,
}

/// One profile's text, as its keeper hands it out.
#[derive(Debug, Clone)]
pub struct ProfileText {
    /// What tells it from all others: two names for one file have one identity.
    pub identity: String,
    /// The name that messages show.
    pub shown: String,
    /// The text.
    pub text: String,
}

/// Why a profile could not be had.
#[derive(Debug, Clone)]
pub enum ProfileError {
    /// There is none of that name; these are the names that there are.
    Unknown(Vec<String>),
    /// It is there but cannot be read.
    Unreadable(String),
}

/// Fetches a profile by name or path; the second argument is the identity of the profile that asks.
pub type Fetch<'a> = &'a dyn Fn(&str, Option<&str>) -> Result<ProfileText, ProfileError>;

/// A step of a chain: the tables it holds, and where it says `extends`.
struct Link {
    spec: Table,
    platform: Option<Table>,
    extends: Option<(String, Label)>,
}

/// Loads a profile and all it builds on.
///
/// On an error the diagnostics come with the sources they point into.
pub fn load_chain(name: &str, fetch: Fetch<'_>) -> Result<Profile, (Layers, Vec<Diagnostic>)> {
    let mut layers = Layers { sources: Sources::ground(), ..Layers::default() };
    match collect(name, fetch, &mut layers) {
        Ok((links, chain)) => merge(layers, links, chain),
        Err(problems) => Err((layers, problems)),
    }
}

fn collect(
    name: &str,
    fetch: Fetch<'_>,
    layers: &mut Layers,
) -> Result<(Vec<Link>, Vec<String>), Vec<Diagnostic>> {
    let mut links: Vec<Link> = Vec::new();
    let mut chain: Vec<ProfileText> = Vec::new();
    let mut next = Some(name.to_owned());
    while let Some(wanted) = next {
        let asked_at =
            links.last().and_then(|link| link.extends.as_ref()).map(|(_, label)| label.clone());
        let asker = chain.last().map(|text| text.identity.as_str());
        let text = fetch(&wanted, asker)
            .map_err(|error| vec![not_had(&wanted, error, asked_at.clone())])?;
        if let Some(at) = chain.iter().position(|earlier| earlier.identity == text.identity) {
            return Err(vec![looped(&chain[at..], &text, asked_at)]);
        }
        let link = read_link(layers, &text)?;
        next = link.extends.as_ref().map(|(name, _)| name.clone());
        links.push(link);
        chain.push(text);
    }
    let names = chain.into_iter().rev().map(|text| text.identity).collect();
    Ok((links, names))
}

fn read_link(layers: &mut Layers, text: &ProfileText) -> Result<Link, Vec<Diagnostic>> {
    let source = layers.sources.add(text.shown.as_str(), text.text.as_str());
    let mut spec = Table::parse(source, &text.text)?;
    let platform = spec.take("platform").map(platform_table).transpose()?;
    if let Some(entry) = spec.get("profile") {
        let label = Label::new(entry.key_at.source, entry.key_at.span, "");
        let problem = Diagnostic::at("unknown-key", "a profile names no profile", label);
        return Err(vec![problem.help("write `extends` for the one it builds on")]);
    }
    let extends = spec.take("extends").map(extended).transpose()?;
    Ok(Link { spec, platform, extends })
}

fn platform_table(entry: Entry) -> Result<Table, Vec<Diagnostic>> {
    let label = Label::new(entry.node.at.source, entry.node.at.span, "");
    if let Value::Table(table) = entry.node.value {
        return Ok(table);
    }
    Err(vec![Diagnostic::at("wrong-type", "`platform` is a table", label)])
}

fn extended(entry: Entry) -> Result<(String, Label), Vec<Diagnostic>> {
    let label = Label::new(entry.node.at.source, entry.node.at.span, "");
    if let Value::String(name) = entry.node.value {
        return Ok((name, label));
    }
    Err(vec![Diagnostic::at("wrong-type", "`extends` is the name of a profile", label)])
}

fn merge(
    mut layers: Layers,
    links: Vec<Link>,
    chain: Vec<String>,
) -> Result<Profile, (Layers, Vec<Diagnostic>)> {
    let mut platform = Table::default();
    for link in links.into_iter().rev() {
        layers.table.overlay(link.spec);
        platform.overlay(link.platform.unwrap_or_default());
    }
    if platform.entries().is_empty() {
        let root = chain.first().cloned().unwrap_or_default();
        let problem =
            Diagnostic::bare("profile-without-platform", format!("`{root}` builds on no platform"))
                .help("add `extends = \"gke\"` at its top");
        return Err((layers, vec![problem]));
    }
    match platform::read(&platform) {
        Ok(decoded) => {
            let Layers { sources, table } = layers;
            Ok(Profile {
                sources: Arc::new(sources),
                table,
                platform: decoded,
                platform_table: platform,
                chain,
            })
        }
        Err(problems) => Err((layers, problems)),
    }
}

fn not_had(name: &str, error: ProfileError, asked_at: Option<Label>) -> Diagnostic {
    let (message, help) = match error {
        ProfileError::Unreadable(reason) => {
            (format!("the profile `{name}` cannot be read: {reason}"), None)
        }
        ProfileError::Unknown(known) => {
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            let help = match nearest(name, known.iter().copied()) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => format!(
                    "there are {}; a path to a file works too",
                    one_of(&known).replace(" or ", " and ")
                ),
            };
            (format!("there is no profile `{name}`"), Some(help))
        }
    };
    let diagnostic = match asked_at {
        Some(label) => Diagnostic::at("unknown-profile", message, label),
        None => Diagnostic::bare("unknown-profile", message),
    };
    match help {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

fn looped(circle: &[ProfileText], again: &ProfileText, asked_at: Option<Label>) -> Diagnostic {
    let mut names: Vec<&str> = circle.iter().map(|text| text.shown.as_str()).collect();
    names.push(&again.shown);
    let message = format!("these profiles extend each other in a circle: {}", names.join(" → "));
    let diagnostic = match asked_at {
        Some(label) => Diagnostic::at("profile-loop", message, label),
        None => Diagnostic::bare("profile-loop", message),
    };
    diagnostic.help("one of them must extend a platform profile such as \"gke\"")
}
