//! An app's values: where each comes from, and the ladder they stand in.

use super::{Args, call, unknown};
use crate::commands::app::{App, AppLoader};
use crate::commands::repository::Repository;
use crate::commands::stop::Result;
use crate::plan::{Amount, Given, Rung, Settled, SettledBy, settled};
use crate::report::table;
use crate::spec::Name;

pub(super) fn load(args: &Args, app: &str) -> Result<App> {
    let repository = Repository::discover()?;
    let environments = repository.environments(args.variant.env.as_deref())?;
    if environments.len() > 1 {
        let names: Vec<&str> =
            environments.iter().filter_map(|one| one.name.as_ref()).map(Name::as_str).collect();
        return Err(call(
            "the app differs between environments",
            &format!("add `--env` with one of {}", names.join(", ")),
        ));
    }
    let path = repository.apps(&[app.to_owned()])?.remove(0);
    AppLoader::new(&repository, &args.variant.overrides).load(&path, &environments[0])
}

pub(super) fn values(app: &App, wanted: Option<&str>) -> Result<String> {
    let mut all = settled(&app.layers, &app.spec, &app.profile, &app.plan);
    if let (Some(profile), Some((name, by))) =
        (all.iter_mut().find(|one| one.key == "profile"), &app.profile_choice)
    {
        profile.value = Some(format!("\"{name}\""));
        profile.origin = SettledBy::Line(by.clone());
    }
    let Some(wanted) = wanted else {
        let row = |settled: &Settled| vec![settled.key.to_owned(), value(settled), origin(settled)];
        return Ok(table(&all.iter().map(row).collect::<Vec<_>>()));
    };
    let below = format!("{wanted}.");
    let chosen: Vec<&Settled> =
        all.iter().filter(|one| one.key == wanted || one.key.starts_with(&below)).collect();
    if chosen.is_empty() {
        return Err(unknown(wanted));
    }
    let paragraph = |one: &&Settled| {
        format!("{} = {}\n  {}\n  {}\n", one.key, value(one), origin(one), one.reason)
    };
    Ok(chosen.iter().map(paragraph).collect::<Vec<_>>().join("\n"))
}

fn value(settled: &Settled) -> String {
    settled.value.clone().unwrap_or_else(|| "-".into())
}

fn origin(settled: &Settled) -> String {
    match &settled.origin {
        SettledBy::Line(line) => line.clone(),
        SettledBy::Default if settled.value.is_none() => "not set".into(),
        SettledBy::Default => "default".into(),
        SettledBy::Key(key) => format!("derived from {key}"),
    }
}

/// Each rung is three lines: the lower number, the upper one, and what happens when they are the other way round.
pub(super) fn ladder(app: &App) -> String {
    let side = |sign: &str, amount: &Amount| {
        vec![sign.to_owned(), amount.value.to_string(), amount.what.to_owned(), source(amount, app)]
    };
    let rungs = &app.plan.ladder.rungs;
    let rows: Vec<Vec<String>> = rungs
        .iter()
        .flat_map(|rung| [side("", &rung.lower), side(&rung.relation.to_string(), &rung.upper)])
        .collect();
    let lines = table(&rows);
    let pairs: Vec<&str> = lines.lines().collect();
    let rung =
        |(pair, rung): (&[&str], &Rung)| format!("{}\n   else {}\n", pair.join("\n"), rung.reason);
    pairs.chunks(2).zip(rungs).map(rung).collect::<Vec<_>>().join("\n")
}

fn source(amount: &Amount, app: &App) -> String {
    let line = |key: &str| match app.layers.origin(key) {
        Some(at) => format!("{key} ({})", app.layers.sources.locate(at.source, at.span)),
        None => format!("{key} (default)"),
    };
    match amount.given {
        Given::Keys(keys) => keys.iter().map(|key| line(key)).collect::<Vec<_>>().join(" + "),
        Given::From(keys) => format!("derived from {}", keys.join(" + ")),
        Given::Platform(key) => format!("the platform ({})", platform_line(key, app)),
        Given::Above(key) => format!("sioway, above the platform's {key}"),
    }
}

fn platform_line(key: &str, app: &App) -> String {
    let entry = app.profile.platform_table.get(key);
    entry.map_or_else(
        || key.to_owned(),
        |entry| app.layers.sources.locate(entry.node.at.source, entry.node.at.span),
    )
}
