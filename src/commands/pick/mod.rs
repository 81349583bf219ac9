//! A part of the whole: what changed since a commit, or one of several shares.

mod changed;
mod shard;

use camino::Utf8Path;

pub(super) use self::changed::Changed;
use self::shard::Shard;
use super::app::App;
use super::repository::Repository;
use super::stop::Result;

/// The arguments that make a part of the whole.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct PickArgs {
    /// Only what changed since this commit of git, or depends on what did: descriptions, profiles, templates,
    /// sioway.toml and the manifests themselves, committed or not.
    #[arg(long, value_name = "REV")]
    changed_since: Option<String>,
    /// Only a share, for jobs that run side by side: `2/8` is the second of eight.
    #[arg(long, value_name = "I/N")]
    shard: Option<Shard>,
}

impl PickArgs {
    /// Whether a part is asked for.
    pub(super) fn are_given(&self) -> bool {
        self.changed_since.is_some() || self.shard.is_some()
    }
}

/// Which part of the whole is asked for.
pub(super) struct Pick<'a> {
    repository: &'a Repository,
    shard: Option<Shard>,
    changed: Option<Changed>,
    /// Whether something changed that everything depends on.
    everything: bool,
}

impl<'a> Pick<'a> {
    /// Asks git, if that is what is asked for. `common` is what all apps depend on besides sioway.toml.
    pub(super) fn new(
        args: &PickArgs,
        repository: &'a Repository,
        common: Option<&Utf8Path>,
    ) -> Result<Self> {
        let since = |revision: &String| Changed::since(revision, &repository.root);
        let changed = args.changed_since.as_ref().map(since).transpose()?;
        let workspace = repository.root.join("sioway.toml");
        let mut common = common.into_iter().chain([&*workspace]);
        let everything =
            changed.as_ref().is_none_or(|changed| common.any(|path| changed.touches(path)));
        Ok(Self { repository, shard: args.shard, changed, everything })
    }

    /// Whether something is in the share that is asked for, by its path.
    pub(super) fn shares(&self, path: &Utf8Path) -> bool {
        let from_root = path.strip_prefix(&self.repository.root).unwrap_or(path);
        self.shard.is_none_or(|shard| shard.holds(from_root.as_str()))
    }

    /// Whether the share has what belongs to no path.
    pub(super) fn has_the_rest(&self) -> bool {
        self.shard.is_none_or(Shard::is_first)
    }

    /// What changed; `None` where that does not matter, as everything is asked for.
    pub(super) fn changed(&self) -> Option<&Changed> {
        self.changed.as_ref().filter(|_| !self.everything)
    }

    /// Whether an app is asked for: it cannot be loaded, something that it is rendered from changed, or its manifests
    /// are touched.
    pub(super) fn wants(
        &self,
        path: &Utf8Path,
        app: Option<&App>,
        is_touched: impl FnOnce(&App, &Changed) -> bool,
    ) -> bool {
        self.shares(path) && self.has_changed(path, app, is_touched)
    }

    /// The same, whatever the share.
    pub(super) fn has_changed(
        &self,
        path: &Utf8Path,
        app: Option<&App>,
        is_touched: impl FnOnce(&App, &Changed) -> bool,
    ) -> bool {
        let (Some(changed), Some(app)) = (self.changed(), app) else {
            return true;
        };
        // An embedded profile goes by its name alone.
        let mut profiles =
            app.profile.chain.iter().map(Utf8Path::new).filter(|one| one.is_absolute());
        changed.touches(path)
            || profiles.any(|profile| changed.touches(profile))
            || is_touched(app, changed)
    }

    /// Whether an app may be gone or may be called otherwise.
    pub(super) fn may_leave_directories(&self) -> bool {
        let Some(changed) = self.changed() else {
            return true;
        };
        changed.files().any(|file| self.repository.is_description(file))
    }
}
