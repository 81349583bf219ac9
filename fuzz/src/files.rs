//! Several files in one input, and the app that they are held against.

use std::sync::OnceLock;

use sioway::diagnostic::{SourceId, Sources};
use sioway::plan::{Plan, decide};
use sioway::render::{self, Renderer, Style};
use sioway::set::File;
use sioway::spec::{Layers, Profile, ProfileError, ProfileText, Spec, load_chain};

/// What stands before the name of each file of an input.
const MARK: &str = "%% ";

/// The text of an input; what is no text is refused before any reader sees it.
pub(crate) fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

/// The files of an input: `%% NAME`, then its lines. What stands before the first is `first`'s.
pub(crate) fn split<'t>(input: &'t str, first: &'t str) -> Vec<(&'t str, &'t str)> {
    let mut files = Vec::new();
    let (mut name, mut start, mut at) = (first, 0, 0);
    for line in input.split_inclusive('\n') {
        if let Some(next) = line.strip_prefix(MARK) {
            files.push((name, &input[start..at]));
            (name, start) = (next.trim_end(), at + line.len());
        }
        at += line.len();
    }
    files.push((name, &input[start..]));
    files.retain(|(name, text)| !name.is_empty() && !text.is_empty());
    files
}

/// The files of an input as sources, in their order.
pub(crate) fn sources(input: &str, first: &str) -> (Sources, Vec<SourceId>) {
    let mut sources = Sources::default();
    let files = split(input, first);
    let ids = files.into_iter().map(|(name, text)| sources.add(name, text)).collect();
    (sources, ids)
}

/// Reads sources as files that somebody named.
pub(crate) fn read<'s>(sources: &'s Sources, ids: &[SourceId]) -> Vec<File<'s>> {
    ids.iter().map(|id| File::of(sources, *id, true)).collect()
}

/// Hands out the profile `gke`, and the fuzzed one by any other name.
pub(crate) fn chain(own: &str) -> Result<Profile, ProfileError> {
    let fetch = |name: &str, _: Option<&str>| {
        let text = match name {
            "gke" => include_str!("../../profiles/gke.toml"),
            "own" => own,
            _ => return Err(ProfileError::Unknown(vec!["gke".to_owned()])),
        };
        Ok(ProfileText { identity: name.to_owned(), shown: name.to_owned(), text: text.to_owned() })
    };
    load_chain(if own.is_empty() { "gke" } else { "own" }, &fetch)
        .map_err(|(_, problems)| ProfileError::Unreadable(format!("{problems:?}")))
}

/// The profile `gke`.
pub(crate) fn gke() -> &'static Profile {
    static GKE: OnceLock<Profile> = OnceLock::new();
    GKE.get_or_init(|| chain("").expect("an embedded profile"))
}

/// Renders as the command does.
pub(crate) fn renderer() -> &'static Renderer {
    static RENDERER: OnceLock<Renderer> = OnceLock::new();
    RENDERER.get_or_init(|| Renderer::new(Style { comments: true, ..Style::default() }))
}

/// An app, as far as it is accepted.
pub(crate) fn decided(layers: &mut Layers, profile: &Profile) -> Option<(Spec, Plan)> {
    layers.lay_on(profile);
    let spec = layers.spec().ok()?;
    let plan = decide(&spec, &profile.platform, layers).ok()?;
    Some((spec, plan))
}

/// What every kind of object is rendered from.
const APP: &str =
    "name = \"chat\"\nhost = \"chat.example.com\"\nport = 3000\n[workload]\nimage = \"chat:1\"\n";

/// The files of an app that has objects of every kind.
pub(crate) fn rendered() -> &'static [render::File] {
    static FILES: OnceLock<Vec<render::File>> = OnceLock::new();
    FILES.get_or_init(|| {
        let mut layers = Layers::default();
        layers.add("app.toml", APP).expect("TOML");
        let (_, plan) = decided(&mut layers, gke()).expect("an app");
        renderer().files(&plan, "app.toml").expect("files")
    })
}

/// The same as sources.
pub(crate) fn rendered_sources() -> (Sources, Vec<SourceId>) {
    let mut sources = Sources::default();
    let ids = rendered().iter().map(|file| sources.add(&*file.name, &*file.text)).collect();
    (sources, ids)
}
