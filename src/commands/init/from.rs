//! `sioway init --from`: the app.toml of manifests that are there.

use std::collections::BTreeSet;
use std::fs;

use camino::{Utf8Path, Utf8PathBuf};

use super::{Args, SCHEMA, parsed, place, schema_is_new, there_already, way_up};
use crate::adopt::{Adopted, Wish, adopt};
use crate::commands::files::make_directory;
use crate::commands::lint::gather::{Gathered, gather};
use crate::commands::paths::shown;
use crate::commands::profile_files::{EMBEDDED, Profiles};
use crate::commands::repository::Repository;
use crate::commands::schema::text_of_app_schema;
use crate::commands::stop::{Result, Stop};
use crate::commands::together::{Together, sweep};
use crate::diagnostic::{Diagnostic, Severity};
use crate::exit::ExitStatus;
use crate::kube::{Object, ways_of};
use crate::path::Model;
use crate::render::{Renderer, Style};
use crate::report::{Console, adopted_text};
use crate::set::{Set, directory_of};
use crate::spec::{Name, Profile, UrlPrefix};

/// The workspace of several apps.
const WORKSPACE: &str = "apps = [\"apps/*/app.toml\"]\n";

/// Describes every app of some manifests, or the one that is meant.
pub(super) fn run(args: &Args, repository: &Repository, console: Console) -> Result {
    let asked = args.name.as_deref().map(parsed).transpose()?;
    let gathered = gathered(args)?;
    let apps = adopted(args, asked.as_ref(), repository, &gathered, console)?;
    let apps = chosen(apps, asked.as_ref(), args)?;
    let several = apps.len() > 1;
    let files: Vec<(Utf8PathBuf, &Adopted)> = apps
        .iter()
        .map(|app| Ok((file_of(app, repository, asked.as_ref(), several)?, app)))
        .collect::<Result<_>>()?;
    check_apart(&files)?;
    check_clear(&apps)?;
    let workspace = repository.absolute(Utf8Path::new("sioway.toml"));
    let workspace = (several && !repository.found).then_some(workspace);
    if let Some(schema) = write(&files, workspace.as_deref(), repository)? {
        console.say(&format!("wrote {}: what editors check it with", shown(&schema)));
    }
    if let Some(workspace) = workspace {
        console.say(&format!("wrote {}: which apps there are", shown(&workspace)));
    }
    let listed: Vec<(String, &Adopted)> =
        files.iter().map(|(file, app)| (shown(file), *app)).collect();
    console.data(&adopted_text(&listed))?;
    let paths: Vec<String> = args.from.iter().map(|path| format!(" --against {path}")).collect();
    let app = match &listed[..] {
        [(file, _)] if !repository.found && file != "app.toml" => format!(" {file}"),
        _ => String::new(),
    };
    console.say(&format!("compare: sioway diff{app}{}", paths.concat()));
    Ok(ExitStatus::Success)
}

/// The manifests. One that is empty of any is the same to the user as one without an app.
fn gathered(args: &Args) -> Result<Gathered> {
    match gather(&args.from) {
        Err(Stop::Input(input))
            if input.diagnostics.first().map(|one| one.id) == Some("nothing-to-check") =>
        {
            Err(nothing(args, "there is no manifest among them"))
        }
        gathered => gathered,
    }
}

fn adopted(
    args: &Args,
    asked: Option<&Name>,
    repository: &Repository,
    gathered: &Gathered,
    console: Console,
) -> Result<Vec<Adopted>> {
    let files = gathered.read(&gathered.sources);
    let (broken, notes): (Vec<Diagnostic>, Vec<Diagnostic>) = gathered
        .problems(&files)
        .into_iter()
        .partition(|problem| problem.severity == Severity::Error);
    console.diagnostics(&gathered.sources, &notes);
    if !broken.is_empty() {
        return Err(Stop::input(&gathered.sources, broken));
    }
    let shelf = Profiles::new(repository);
    let profiles: Vec<Profile> = EMBEDDED
        .iter()
        .map(|(name, _)| Ok(shelf.get(name, &repository.root)?.as_ref().clone()))
        .collect::<Result<_>>()?;
    let renderer =
        Renderer::new(Style { comments: repository.workspace.comments, ..Style::default() });
    let wish = Wish { name: asked, path: args.path.as_ref().map(UrlPrefix::as_str) };
    let set = Set::new(&files);
    let model = Model::new(&set, &[]);
    let apps = adopt(&model, &gathered.sources, wish, &profiles, &renderer);
    let mut routes = set.of_kind("HTTPRoute").filter(|route| !ways_of(route).is_empty());
    match routes.next().filter(|_| apps.is_empty()) {
        Some(route) => Err(behind_gateway(args, route)),
        None => Ok(apps),
    }
}

/// What a Gateway leads to is not described by an app.toml.
fn behind_gateway(args: &Args, route: &Object<'_>) -> Stop {
    let paths: Vec<&str> = args.from.iter().map(|path| path.as_str()).collect();
    let message = format!(
        "there is no app to adopt in {}: {} leads to one, and no Ingress does",
        paths.join(", "),
        route.said()
    );
    let help = "no app.toml describes objects of the Gateway API: `sioway lint` and `sioway trace` read them as they are";
    Stop::call(Diagnostic::bare("nothing-to-adopt", message).help(help))
}

/// The app that is asked for by its name or its Service's; all where none is.
fn chosen(apps: Vec<Adopted>, asked: Option<&Name>, args: &Args) -> Result<Vec<Adopted>> {
    if apps.is_empty() {
        return Err(nothing(args, "no Ingress among them leads to one"));
    }
    let Some(asked) = asked.filter(|_| apps.len() > 1) else {
        return Ok(apps);
    };
    let is_meant = |app: &Adopted| app.name == asked.as_str() || app.service == asked.as_str();
    let found: Vec<Adopted> = apps.iter().filter(|app| is_meant(app)).cloned().collect();
    if found.is_empty() {
        let names: Vec<String> = apps.iter().map(|app| format!("`{}`", app.name)).collect();
        let problem = Diagnostic::bare(
            "unknown-app",
            format!("there is no app `{asked}` in these manifests"),
        );
        return Err(Stop::call(problem.help(format!("there are {}", names.join(", ")))));
    }
    Ok(found)
}

fn nothing(args: &Args, what: &str) -> Stop {
    let paths: Vec<&str> = args.from.iter().map(|path| path.as_str()).collect();
    let message = format!("there is no app to adopt in {}: {what}", paths.join(", "));
    let problem = Diagnostic::bare("nothing-to-adopt", message)
        .note(
            "looked for a Service that an Ingress of Google's class leads to, and for what says that it carries \
             sessions: a path or a comment that names Socket.IO, an nginx location that forwards `Upgrade`, or a mark",
        )
        .help(
            "say where Socket.IO is: `--path /socket.io/`, or the comment `# sioway: socketio path=/socket.io/` at \
             its Service",
        );
    Stop::call(problem)
}

/// Where an app.toml goes: where the workspace keeps it; else here, or into a directory of its name.
fn file_of(
    app: &Adopted,
    repository: &Repository,
    asked: Option<&Name>,
    several: bool,
) -> Result<Utf8PathBuf> {
    if repository.found {
        return Ok(place(repository, &parsed(&app.name)?));
    }
    let file = match (several, asked) {
        (true, _) => format!("apps/{}/app.toml", app.name),
        (false, Some(name)) => format!("{name}/app.toml"),
        (false, None) => "app.toml".to_owned(),
    };
    Ok(repository.absolute(Utf8Path::new(&file)))
}

/// Refuses apps of one name: one app in several environments is described once, by one of them.
fn check_apart(files: &[(Utf8PathBuf, &Adopted)]) -> Result<()> {
    let is_same = |one: &Utf8Path| files.iter().filter(|(file, _)| file == one).count() > 1;
    let Some((file, app)) = files.iter().find(|(file, _)| is_same(file)) else {
        return Ok(());
    };
    let same = files.iter().filter(|(other, _)| other == file).map(|(_, app)| *app);
    let places: BTreeSet<&str> = same
        .flat_map(|app| app.files.iter())
        .map(|file| Some(directory_of(file)).filter(|it| !it.is_empty()).unwrap_or(file))
        .collect();
    let places: Vec<&str> = places.into_iter().collect();
    let message =
        format!("there are several apps of the name `{}`: in {}", app.name, places.join(", "));
    let help = match &places[..] {
        [first, _, ..] => format!("adopt one of them: `sioway init --from {first}`"),
        _ => "move the manifests of each into a directory of its own, and adopt one of them"
            .to_owned(),
    };
    let problem = Diagnostic::bare("several-apps", message).help(help).note(
        "the others are environments of it: `[environment]` in sioway.toml, each with a profile",
    );
    Err(Stop::call(problem))
}

/// Refuses to choose between objects of one name: what is adopted from one of them would be a guess.
fn check_clear(apps: &[Adopted]) -> Result<()> {
    let doubles: Vec<_> = apps.iter().flat_map(|app| &app.doubles).collect();
    if doubles.is_empty() {
        return Ok(());
    }
    let message = "it cannot be told which of several objects is meant";
    let mut problem = Diagnostic::bare("several-objects", message).help(
        "adopt from the files of one of them alone, or write into each of the manifests the namespace that it is for",
    );
    for (object, places) in doubles {
        problem = problem.note(format!("{object} is in {}", places.join(", ")));
    }
    Err(Stop::call(problem))
}

/// Writes all files, or none where one of them is there already. The schema is returned if it is written, too.
fn write(
    files: &[(Utf8PathBuf, &Adopted)],
    workspace: Option<&Utf8Path>,
    repository: &Repository,
) -> Result<Option<Utf8PathBuf>> {
    let schema = repository.root.join(SCHEMA);
    let is_there = |(file, _): &&(Utf8PathBuf, &Adopted)| fs::symlink_metadata(file).is_ok();
    for (file, _) in files {
        sweep(file);
    }
    if let Some((file, _)) = files.iter().find(is_there) {
        return Err(there_already(file, "move it away, or give another name"));
    }
    let mut written = Together::default();
    let is_new = schema_is_new(&schema)?;
    if is_new {
        written.replace(&schema, text_of_app_schema().as_bytes())?;
    }
    if let Some(workspace) = workspace {
        written.create(workspace, WORKSPACE.as_bytes())?;
    }
    for (file, app) in files {
        let directory = file.parent().unwrap_or(&repository.root);
        make_directory(directory)?;
        let text = app.app_toml(&way_up(directory, &schema));
        written.create(file, text.as_bytes())?;
    }
    written.publish()?;
    Ok(is_new.then_some(schema))
}
