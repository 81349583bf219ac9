//! What is only there for one app, and another app of the workspace renders.

use std::collections::{BTreeSet, HashMap};

use camino::Utf8PathBuf;
use rayon::prelude::*;

use super::{Comparison, Job};
use crate::commands::files::read_text;
use crate::commands::repository::NamedEnvironment;
use crate::commands::stop::Result;
use crate::diagnostic::ObjectName;
use crate::diff::{Status, goes_by};
use crate::report::diff::{AppDiff, ObjectEntry};
use crate::spec::Name;

impl Comparison<'_> {
    /// Takes out of what is only there what belongs to other apps, or to the same app in another environment: what was
    /// compared for them, and then what those render that this run does not compare. They are loaded only where
    /// something is left that they may mean.
    pub(super) fn drop_others(&self, apps: &mut [AppDiff], jobs: &[Job<'_>]) {
        drop_compared(apps);
        let left = apps.iter().filter(|app| app.objects.iter().any(is_stray));
        let environments: BTreeSet<Option<String>> =
            left.map(|app| app.environment.clone()).collect();
        for environment in environments {
            let mut apps: Vec<&mut AppDiff> =
                apps.iter_mut().filter(|app| app.environment == environment).collect();
            let all = apps.iter().flat_map(|app| &app.objects).filter(|object| is_stray(object));
            let names: Vec<ObjectName> = all.map(|object| object.name.clone()).collect();
            let rendered = self.of_others(environment.as_deref(), &names, jobs);
            let is_rendered =
                |one: &ObjectEntry| rendered.iter().any(|own| goes_by(&one.name, own));
            for app in &mut apps {
                app.objects.retain(|one| !is_stray(one) || !is_rendered(one));
            }
        }
    }

    /// What the apps render that this run does not compare, as far as their names or their texts speak of a stray: in
    /// an environment, and in those whose manifests lie where its own do.
    fn of_others(
        &self,
        environment: Option<&str>,
        strays: &[ObjectName],
        jobs: &[Job<'_>],
    ) -> Vec<ObjectName> {
        let mut environments = self.repository.environments(None).unwrap_or_default();
        let is_it = |one: &NamedEnvironment| one.name.as_ref().map(Name::as_str) == environment;
        let place = environments.iter().find(|one| is_it(one));
        let place = place.and_then(|one| one.environment.against.clone());
        let is_here = |one: &NamedEnvironment| place.is_some() && one.environment.against == place;
        environments.retain(|one| is_it(one) || is_here(one));
        let apps = self.repository.apps(&[]).unwrap_or_default();
        let speaking = apps.into_par_iter().filter(|app| speaks_of(app, strays));
        let rendered = speaking.flat_map_iter(|app| {
            let is_compared = |name: &Option<_>| {
                jobs.iter().any(|(other, path)| other.name == *name && **path == app)
            };
            let others = environments.iter().filter(|one| !is_compared(&one.name));
            let objects = others.filter_map(|one| self.objects(&(one, &app)).ok());
            objects.flatten().collect::<Vec<_>>()
        });
        rendered.collect()
    }

    /// The names of what an app renders.
    fn objects(&self, (environment, path): &Job<'_>) -> Result<Vec<ObjectName>> {
        let plan = self.loader.load(path, environment)?.plan;
        let files = if self.renderer.has_own_templates() {
            self.renderer.files(&plan, &self.repository.header(path))?
        } else {
            Vec::new()
        };
        let objects = self.renderer.objects(&plan, &files)?.into_iter();
        let namespace = plan.namespace.to_string();
        let named = |kind, name| ObjectName { kind, name, namespace: Some(namespace.clone()) };
        Ok(objects.map(|object| named(object.kind, object.name)).collect())
    }
}

fn is_stray(object: &ObjectEntry) -> bool {
    object.status == Status::OnlyThere
}

/// The names of the objects of a file that were compared for some app.
type Compared = HashMap<String, Vec<ObjectName>>;

fn drop_compared(apps: &mut [AppDiff]) {
    if !apps.iter().flat_map(|app| &app.objects).any(is_stray) {
        return;
    }
    let mut compared = Compared::new();
    let all = apps.iter().flat_map(|app| &app.objects);
    for object in all.filter(|object| matches!(object.status, Status::Same | Status::Change)) {
        let file = object.file.clone().unwrap_or_default();
        compared.entry(file).or_default().push(object.name.clone());
    }
    let is_compared = |object: &ObjectEntry| {
        let known = object.file.as_ref().and_then(|file| compared.get(file));
        known.is_some_and(|names| {
            names.iter().any(|own| own.name == object.name.name && goes_by(&object.name, own))
        })
    };
    for app in apps {
        app.objects.retain(|object| !is_stray(object) || !is_compared(object));
    }
}

/// Whether an app may render one of some objects: they are called after it, or it names them.
fn speaks_of(app: &Utf8PathBuf, objects: &[ObjectName]) -> bool {
    let Ok(text) = read_text(app) else {
        return false;
    };
    let table = text.parse::<toml::Table>().unwrap_or_default();
    let own = table.get("name").and_then(toml::Value::as_str).unwrap_or_default();
    objects
        .iter()
        .any(|object| !own.is_empty() && object.name.contains(own) || text.contains(&object.name))
}
