//! What several apps are compared with.
//!
//! It may be more than fits into memory. Then each directory is read once to see what may be looked for in it, and
//! once more beside the apps that it has to do with.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};

use super::existing::Existing;
use super::layout::Layout;
use super::{Args, Job};
use crate::commands::app::AppLoader;
use crate::commands::many::each;
use crate::commands::repository::Repository;
use crate::commands::stop::Result;
use crate::diagnostic::{Diagnostic, Sources};
use crate::diff::{Tie, found_by, looked_for, looked_for_by};
use crate::report::Console;
use crate::set::{File, Set};

/// So many directories are read at once, whether or not they have to do with each other.
const FEW: usize = 64;

/// How often a directory may be read on the average, before all of them are read at once.
const OFTEN: usize = 4;

/// Manifests that several apps are compared with.
pub(super) struct Ground {
    /// Where an environment says that they are; `None` for those that the call names, for all apps.
    directory: Option<Utf8PathBuf>,
    layout: Layout,
    /// What may be looked for in each unit, where there are many.
    index: Option<Index>,
}

/// What may be looked for in many units.
struct Index {
    /// Each tie with the unit that has it, in order.
    ties: Vec<(Tie, usize)>,
    /// What the pods of each unit look for.
    wants: Vec<Vec<Tie>>,
}

/// A ground, by its number, and the units of it that an app has to do with.
pub(super) type Near = (usize, Vec<usize>);

/// Apps that are compared with the same manifests.
pub(super) struct Group<'a> {
    ground: Option<(&'a Ground, Vec<usize>)>,
    /// By their numbers.
    pub(super) jobs: Vec<usize>,
}

impl Ground {
    /// All of a run: what the call names, or else what the environments of several apps name together.
    pub(super) fn all(
        args: &Args,
        repository: &Repository,
        loader: &AppLoader<'_>,
        jobs: &[Job<'_>],
        console: Console,
    ) -> Result<Vec<Self>> {
        if let Some(layout) = Layout::of(&args.against)? {
            return Ok(vec![Self::of(None, layout, args.write, console)?]);
        }
        let mut all = Vec::new();
        for directory in shared(repository, loader, jobs)? {
            let layout = Layout::of(std::slice::from_ref(&directory))?.unwrap_or_default();
            all.push(Self::of(Some(directory), layout, args.write, console)?);
        }
        Ok(all)
    }

    fn of(
        directory: Option<Utf8PathBuf>,
        layout: Layout,
        write: bool,
        console: Console,
    ) -> Result<Self> {
        console.diagnostics(&Sources::default(), layout.notes());
        let index = if layout.is_one() || layout.len() <= FEW {
            None
        } else {
            Some(Index::of(&layout, write, console)?)
        };
        Ok(Self { directory, layout, index })
    }

    /// Whether it is where an environment says that manifests are; what the call names is for all apps.
    pub(super) fn is_at(&self, directory: &Utf8Path) -> bool {
        self.directory.as_deref().is_none_or(|own| own == directory)
    }

    /// The units that have to do with the rendered objects of an app, in order.
    pub(super) fn near(&self, ours: &Set<'_>) -> Vec<usize> {
        let Some(index) = &self.index else {
            return (0..self.layout.len()).collect();
        };
        let (own, others) = looked_for(ours);
        let missing = own.iter().any(|tie| index.units_of(*tie).next().is_none());
        let mut found: BTreeSet<usize> =
            own.iter().chain(&others).flat_map(|tie| index.units_of(*tie)).collect();
        found.extend(self.layout.first_root().filter(|_| missing));
        let wanted = found.iter().flat_map(|unit| &index.wants[*unit]);
        let wanted: Vec<usize> = wanted.flat_map(|tie| index.units_of(*tie)).collect();
        found.extend(wanted);
        found.into_iter().collect()
    }
}

impl Index {
    /// Reads each unit, and tells what is wrong with any of them.
    fn of(layout: &Layout, write: bool, console: Console) -> Result<Self> {
        let look = |unit: usize| -> Result<(Vec<Tie>, Vec<Tie>, bool)> {
            let existing = layout.read(std::iter::once(unit))?;
            if write {
                existing.sweep();
            }
            let files = existing.files();
            let (mut found, mut wanted) = (Vec::new(), Vec::new());
            for object in files.iter().flat_map(File::objects) {
                found_by(&object, &mut |tie| found.push(tie));
                looked_for_by(&object, &mut |tie| wanted.push(tie));
            }
            found.sort_unstable();
            found.dedup();
            wanted.retain(|tie| !found.contains(tie));
            Ok((found, wanted, existing.is_troubled(&files)))
        };
        let (mut ties, mut wants, mut troubled) = (Vec::new(), Vec::new(), Vec::new());
        let looked = each("looked at", (0..layout.len()).collect(), look)?;
        for (unit, looked) in looked.into_iter().enumerate() {
            let (found, wanted, is_troubled) = looked?;
            ties.extend(found.into_iter().map(|tie| (tie, unit)));
            wants.push(wanted);
            troubled.extend(is_troubled.then_some(unit));
        }
        ties.sort_unstable();
        let troubled = layout.read(troubled.into_iter())?;
        console.diagnostics(troubled.sources(), &troubled.check(&troubled.files())?);
        Ok(Self { ties, wants })
    }

    /// The units that have what a tie is about.
    fn units_of(&self, tie: Tie) -> impl Iterator<Item = usize> {
        let first = self.ties.partition_point(|(other, _)| *other < tie.first_alike());
        let alike = self.ties[first..].iter().take_while(move |(other, _)| tie.is_alike(*other));
        alike.filter(move |(other, _)| tie.fits(*other)).map(|(_, unit)| *unit)
    }
}

/// What is to be said of manifests, and the texts that it points into.
pub(super) type Notes = (Sources, Vec<Diagnostic>);

impl<'a> Group<'a> {
    /// The groups of jobs. Each job has to do with some units of a ground, or with none.
    pub(super) fn all(near: Vec<(usize, Option<Near>)>, grounds: &'a [Ground]) -> Vec<Self> {
        let mut alone = Vec::new();
        let mut groups: BTreeMap<Near, Vec<usize>> = BTreeMap::new();
        for (job, near) in near {
            match near {
                Some(near) => groups.entry(near).or_default().push(job),
                None => alone.push(Self { ground: None, jobs: vec![job] }),
            }
        }
        let mut groups: Vec<Self> = groups
            .into_iter()
            .map(|((ground, units), jobs)| Self { ground: Some((&grounds[ground], units)), jobs })
            .collect();
        for ground in grounds {
            untangle(ground, &mut groups);
        }
        groups.extend(alone);
        groups
    }

    /// Does something with the manifests of a group, and says what is to be said of these; with none where its jobs
    /// have some of their own.
    pub(super) fn with<R>(
        &self,
        write: bool,
        work: impl FnOnce(Option<(&Existing, &Set<'_>)>) -> R,
    ) -> Result<(R, Notes)> {
        let Some((ground, units)) = &self.ground else {
            return Ok((work(None), Notes::default()));
        };
        let existing = ground.layout.read(units.iter().copied())?;
        let files = existing.files();
        let mut notes = Vec::new();
        if ground.index.is_none() {
            if write {
                existing.sweep();
            }
            notes = existing.check(&files)?;
        }
        let done = work(Some((&existing, &Set::new(&files))));
        Ok((done, (existing.sources_of(&notes), notes)))
    }
}

/// Makes one group of all that are compared with a ground of which most has to do with each other.
fn untangle<'a>(ground: &'a Ground, groups: &mut Vec<Group<'a>>) {
    let is_own = |group: &Group<'_>| {
        group.ground.as_ref().is_some_and(|(own, _)| std::ptr::eq(*own, ground))
    };
    let units = groups.iter().filter(|group| is_own(group)).flat_map(|group| &group.ground);
    let read: usize = units.map(|(_, units)| units.len()).sum();
    let all = ground.layout.len();
    if read > OFTEN * all {
        let (own, others): (Vec<_>, Vec<_>) = groups.drain(..).partition(is_own);
        let jobs = own.into_iter().flat_map(|group| group.jobs).collect();
        *groups = others;
        groups.push(Group { ground: Some((ground, (0..all).collect())), jobs });
    }
}

/// The directories that the environments of several apps name.
fn shared(
    repository: &Repository,
    loader: &AppLoader<'_>,
    jobs: &[Job<'_>],
) -> Result<Vec<Utf8PathBuf>> {
    let mut count: BTreeMap<Utf8PathBuf, usize> = BTreeMap::new();
    for (environment, path) in jobs {
        let against = environment.environment.against.as_deref();
        let Some(pattern) = against.filter(|pattern| !pattern.contains("{name}")) else {
            continue;
        };
        let directory = if pattern.contains('{') {
            // Who cannot be loaded says so when their turn comes.
            let app = loader.load(path, environment).ok();
            app.map_or(Ok(None), |app| repository.against(&app, environment))?
        } else {
            Some(repository.within(Utf8Path::new(pattern), "--against")?)
        };
        if let Some(directory) = directory {
            *count.entry(directory).or_default() += 1;
        }
    }
    let several = count.into_iter().filter(|(_, apps)| *apps > 1);
    Ok(several.map(|(directory, _)| directory).collect())
}
