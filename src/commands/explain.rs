//! `sioway explain`: where a value comes from, and why it is what it is.

use camino::Utf8Path;

use super::app::{App, AppLoader, Overrides};
use super::files::is_path;
use super::repository::Repository;
use super::stop::{Result, Stop};
use crate::diagnostic::Diagnostic;
use crate::exit::ExitStatus;
use crate::plan::{Amount, Given, Rung, Settled, SettledBy, settled};
use crate::report::{Console, table};
use crate::spec::{Key, Name, app_keys};

/// Say where a value comes from and why.
#[derive(Debug, clap::Args)]
#[command(override_usage = "sioway explain [OPTIONS]\n       \
                            sioway explain [OPTIONS] KEY\n       \
                            sioway explain [OPTIONS] APP.toml [KEY]\n       \
                            sioway explain [OPTIONS] ladder APP.toml")]
pub struct Args {
    /// A key such as `session.max-age`; an app's file, and a key of it; or `ladder` and an app's file.
    what: Vec<String>,
    /// The environment to explain.
    #[arg(long, value_name = "NAME")]
    env: Option<String>,
    #[command(flatten)]
    overrides: Overrides,
}

/// Explains a key, an app's value, or an app's ladder.
pub fn run(args: &Args, console: Console) -> Result {
    let words: Vec<&str> = args.what.iter().map(String::as_str).collect();
    let text = match words[..] {
        [] => keys(),
        ["ladder", app] => ladder(&load(args, app)?),
        ["ladder"] => {
            return Err(call(
                "`explain ladder` needs an app",
                "name its file: `sioway explain ladder app.toml`",
            ));
        }
        [app] if is_app(app) => values(&load(args, app)?, None)?,
        [app, key] if is_app(app) => values(&load(args, app)?, Some(key))?,
        [key] => meaning(key)?,
        _ => {
            return Err(call(
                "`explain` takes a key, or an app's file and a key",
                "`sioway explain app.toml session.max-age`",
            ));
        }
    };
    console.data(&text)?;
    Ok(ExitStatus::Success)
}

fn is_app(word: &str) -> bool {
    is_path(word) || Utf8Path::new(word).is_file()
}

fn load(args: &Args, app: &str) -> Result<App> {
    let repository = Repository::discover()?;
    let environments = repository.environments(args.env.as_deref())?;
    if environments.len() > 1 {
        let names: Vec<&str> = environments
            .iter()
            .filter_map(|one| one.name.as_ref())
            .map(Name::as_str)
            .collect();
        return Err(call(
            "the app differs between environments",
            &format!("add `--env` with one of {}", names.join(", ")),
        ));
    }
    let path = repository.apps(&[app.to_owned()])?.remove(0);
    AppLoader::new(&repository, &args.overrides).load(&path, &environments[0])
}

fn keys() -> String {
    let leaves = app_keys().iter().filter(|key| key.is_leaf());
    table(
        &leaves
            .map(|key| vec![key.path.clone(), key.kind.clone(), first_sentence(&key.doc)])
            .collect::<Vec<_>>(),
    )
}

fn meaning(wanted: &str) -> Result<String> {
    let under = |key: &&Key| key.path == wanted || key.path.starts_with(&format!("{wanted}."));
    let keys: Vec<&Key> = app_keys().iter().filter(under).collect();
    if keys.is_empty() {
        return Err(unknown_key(wanted));
    }
    Ok(keys
        .iter()
        .map(|key| format!("{} ({})\n  {}\n", key.path, key.kind, key.doc))
        .collect::<Vec<_>>()
        .join("\n"))
}

fn values(app: &App, wanted: Option<&str>) -> Result<String> {
    let mut all = settled(&app.layers, &app.spec, &app.profile, &app.plan);
    if let (Some(profile), Some((name, by))) = (
        all.iter_mut().find(|one| one.key == "profile"),
        &app.profile_choice,
    ) {
        profile.value = Some(format!("\"{name}\""));
        profile.origin = SettledBy::Line(by.clone());
    }
    let Some(wanted) = wanted else {
        let row = |settled: &Settled| vec![settled.key.to_owned(), value(settled), origin(settled)];
        return Ok(table(&all.iter().map(row).collect::<Vec<_>>()));
    };
    let below = format!("{wanted}.");
    let chosen: Vec<&Settled> = all
        .iter()
        .filter(|one| one.key == wanted || one.key.starts_with(&below))
        .collect();
    if chosen.is_empty() {
        return Err(unknown_key(wanted));
    }
    let paragraph = |one: &&Settled| {
        format!(
            "{} = {}\n  {}\n  {}\n",
            one.key,
            value(one),
            origin(one),
            one.reason
        )
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
fn ladder(app: &App) -> String {
    let side = |sign: &str, amount: &Amount| {
        vec![
            sign.to_owned(),
            amount.value.to_string(),
            amount.what.to_owned(),
            source(amount, app),
        ]
    };
    let rungs = &app.plan.ladder.rungs;
    let rows: Vec<Vec<String>> = rungs
        .iter()
        .flat_map(|rung| {
            [
                side("", &rung.lower),
                side(&rung.relation.to_string(), &rung.upper),
            ]
        })
        .collect();
    let lines = table(&rows);
    let pairs: Vec<&str> = lines.lines().collect();
    let rung =
        |(pair, rung): (&[&str], &Rung)| format!("{}\n   else {}\n", pair.join("\n"), rung.reason);
    pairs
        .chunks(2)
        .zip(rungs)
        .map(rung)
        .collect::<Vec<_>>()
        .join("\n")
}

fn source(amount: &Amount, app: &App) -> String {
    let line = |key: &str| match app.layers.origin(key) {
        Some(at) => format!("{key} ({})", app.layers.sources.locate(at.source, at.span)),
        None => format!("{key} (default)"),
    };
    match amount.given {
        Given::Keys(keys) => keys
            .iter()
            .map(|key| line(key))
            .collect::<Vec<_>>()
            .join(" + "),
        Given::From(keys) => format!("derived from {}", keys.join(" + ")),
        Given::Platform(key) => format!("the platform ({})", platform_line(key, app)),
        Given::Above(key) => format!("sioway, above the platform's {key}"),
    }
}

fn platform_line(key: &str, app: &App) -> String {
    let entry = app.profile.platform_table.get(key);
    entry.map_or_else(
        || key.to_owned(),
        |entry| {
            app.layers
                .sources
                .locate(entry.node.at.source, entry.node.at.span)
        },
    )
}

fn first_sentence(doc: &str) -> String {
    doc.split_inclusive(". ")
        .next()
        .unwrap_or(doc)
        .trim_end()
        .to_owned()
}

fn unknown_key(wanted: &str) -> Stop {
    let nearest = app_keys()
        .iter()
        .map(|key| (strsim::jaro_winkler(wanted, &key.path), &key.path));
    let nearest = nearest
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map_or(String::new(), |(_, path)| {
            format!("did you mean `{path}`? ")
        });
    call(
        &format!("there is no key `{wanted}`"),
        &format!("{nearest}`sioway explain` lists them"),
    )
}

fn call(message: &str, help: &str) -> Stop {
    Stop::call(Diagnostic::bare("explain", message).help(help))
}
