//! `sioway doctor`: the layers of a running app in order, and the first one that is broken.

mod files;
mod outside;
mod saved;

use std::time::Duration;

use camino::Utf8PathBuf;

use self::files::Files;
use self::outside::Endpoint;
use super::app::Variant;
use super::lint::facts;
use super::probe::{next, timeout};
use super::repository::Repository;
use super::stop::Result;
use crate::diagnostic::{Finding, Sources};
use crate::doctor::requests::{self, Request, Scope, Whom};
use crate::doctor::{
    self, Asked, Case, Cloud, Cluster, Commands, Reading, Report, health_requests, services_of,
    subjects,
};
use crate::exit::ExitStatus;
use crate::live::check::{self, Check};
use crate::live::programs::{ask_cloud, ask_cluster, context};
use crate::path::Model;
use crate::picture::Picture;
use crate::report::checks::{Checked, Format, write};
use crate::report::{Console, Step};
use crate::rules;
use crate::set::{File, Set};
use crate::trace::{Options, pictures};

/// Stands below the options in the help.
const MORE: &str = "\
Nothing is written anywhere: kubectl and gcloud are asked to get and to list, and never for Secrets. Where one \
of them is missing, or not allowed to read, its layer is not checked, and is not counted as healthy.

Exit status: 0 when no check failed, 1 when some did, 2 when the call is at fault.";

/// Go through files, cluster, load balancer and endpoint, and say which is the first that is broken.
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
#[derive(Debug, clap::Args)]
#[command(after_long_help = MORE)]
pub struct Args {
    /// An app by name or by its app.toml; or files and directories with manifests. The app of the workspace, or the
    /// current directory, where left out.
    #[arg(value_name = "APP|PATH")]
    targets: Vec<String>,
    /// The manifests of the app: a file or a directory; may be repeated. Where left out, what the workspace says, or
    /// the app's own output.
    #[arg(long, value_name = "PATH")]
    against: Vec<Utf8PathBuf>,
    /// Read what kubectl printed from this file and ask nobody; may be repeated.
    #[arg(long, value_name = "FILE")]
    cluster: Vec<Utf8PathBuf>,
    /// Read what gcloud printed from this file and ask nobody; may be repeated.
    #[arg(long, value_name = "FILE")]
    cloud: Vec<Utf8PathBuf>,
    /// Print the commands that save what `--cluster` and `--cloud` read, and stop.
    #[arg(long)]
    print_commands: bool,
    /// The context of the kubeconfig to ask.
    #[arg(long, value_name = "NAME")]
    context: Option<String>,
    /// The namespace of manifests that name none.
    #[arg(long, value_name = "NAME")]
    namespace: Option<String>,
    /// The project of Google Cloud to ask; that of the context where left out.
    #[arg(long, value_name = "NAME")]
    project: Option<String>,
    /// Leave a layer out; may be repeated.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "LAYER")]
    skip: Vec<Layer>,
    /// Also ask a pod by itself, through `kubectl port-forward`.
    #[arg(long)]
    exec: bool,
    /// How long kubectl or gcloud may take for an answer.
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = timeout)]
    timeout: Duration,
    #[command(flatten)]
    endpoint: Endpoint,
    /// How to print what was found.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    variant: Variant,
}

/// A layer that can be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Layer {
    /// The objects in the cluster.
    Cluster,
    /// The load balancer.
    Cloud,
    /// What a client sees.
    Endpoint,
}

impl Args {
    /// Whether something that was saved is looked at, so that nobody is asked.
    fn is_offline(&self) -> bool {
        !self.cluster.is_empty() || !self.cloud.is_empty()
    }

    /// Whom to ask. GKE names contexts `gke_PROJECT_LOCATION_CLUSTER`.
    fn whom(&self) -> Whom {
        let asks = !self.is_offline() && !self.print_commands;
        let mut whom = Whom {
            context: self.context.clone(),
            namespace: self.namespace.clone(),
            project: self.project.clone(),
        };
        if whom.project.is_none() && asks && !self.skip.contains(&Layer::Cloud) {
            let context = context(&whom, self.timeout);
            let mut parts = context.as_deref().unwrap_or_default().split('_');
            whom.project =
                (parts.next() == Some("gke")).then(|| parts.next().map(str::to_owned)).flatten();
        }
        whom
    }
}

/// Examines an app.
pub fn run(args: &Args, console: Console) -> Result {
    let repository = Repository::discover()?;
    args.endpoint.check()?;
    let policy = facts::policy(&repository)?;
    let files = Files::of(args, &repository)?;
    let read = files.read();
    let set = Set::new(&read);
    let model = Model::new(&set, &files.apps);
    let own = files.own(&model);
    let whom = args.whom();
    let scopes = requests::scopes(&model, &whom);
    if args.print_commands {
        return print_commands(&commands(&scopes, &whom, &[]), console);
    }
    let found = rules::check(&model);
    let findings = rules::suppress(found.clone(), &set, &files.sources, &policy);
    let mut step = Step::new(console.is_verbose());
    let cluster = cluster(args, &model, &scopes, &whom, &mut step)?;
    let live = Live::of(&cluster, &files);
    let live_read = live.read();
    let live_set = Set::new(&live_read);
    let live_model = Model::new(&live_set, &files.apps);
    let live_findings =
        rules::suppress(live.findings(&live_model), &live_set, &live.sources, &policy);
    let live_findings = without_accepted(live_findings, &found, &findings);
    let unread = Reading::NotChecked { why: String::new(), advice: None };
    let case = Case {
        sources: &files.sources,
        files: &model,
        service: files.service.as_deref(),
        namespace: args.namespace.as_deref(),
        own: own.as_ref(),
        problems: &files.problems,
        findings: &findings,
        stale: files.stale.as_deref(),
        cluster: &cluster,
        live: live.is_there().then_some(&live_model),
        live_findings: &live_findings,
        cloud: &unread,
    };
    let commands = commands(&scopes, &whom, &health_requests(&case, &whom));
    let cloud = cloud(args, &case, &whom, &mut step)?;
    let case = Case { cloud: &cloud, ..case };
    drop(step);
    let (checks, url) = checks(args, &case, &whom, console);
    let asked = Asked { cluster: from(&cluster), cloud: from(&cloud), endpoint: url };
    let drawn = match args.format {
        Format::Html => pictures(&model, &Options::default()),
        _ => Vec::new(),
    };
    print(args, &Report { checks, asked, commands }, (&files.subject, &drawn), console)
}

/// The checks of all layers, and the URL that was asked.
fn checks(
    args: &Args,
    case: &Case<'_>,
    whom: &Whom,
    console: Console,
) -> (Vec<Check>, Option<String>) {
    let (mut checks, causes) = doctor::examine(case);
    let (outside, url) = outside::checks(args, case, whom, console);
    checks.extend(outside);
    doctor::fold(&mut checks, &causes);
    (checks, url)
}

/// The findings in the cluster, without those of the rules that comments in the files accept: no comment gets there.
fn without_accepted(live: Vec<Finding>, found: &[Finding], left: &[Finding]) -> Vec<Finding> {
    let has = |all: &[Finding], id: &str| all.iter().any(|one| one.diagnostic.id == id);
    let accepted = |one: &Finding| {
        let id = one.diagnostic.id;
        has(found, id) && !has(left, id)
    };
    live.into_iter().filter(|one| !accepted(one)).collect()
}

fn from<T>(reading: &Reading<T>) -> Option<String> {
    match reading {
        Reading::Read { from, .. } => Some(from.clone()),
        Reading::NotChecked { .. } => None,
    }
}

/// The lines that save what is asked, as far as that is known.
fn commands(scopes: &[Scope], whom: &Whom, health: &[Request]) -> Commands {
    let of_cluster: Vec<Request> =
        scopes.iter().flat_map(|one| requests::of_any_cluster(one, whom)).collect();
    let of_cloud = [&requests::of_cloud(whom), health].concat();
    Commands {
        cluster: requests::saving(&of_cluster, "cluster.json"),
        cloud: requests::saving(&of_cloud, "cloud.json"),
    }
}

fn print_commands(commands: &Commands, console: Console) -> Result {
    let lines = [&commands.cluster[..], &commands.cloud].concat();
    console.data(&(lines.join("\n") + "\n"))?;
    Ok(ExitStatus::Success)
}

fn cluster(
    args: &Args,
    files: &Model<'_>,
    scopes: &[Scope],
    whom: &Whom,
    step: &mut Step,
) -> Result<Reading<Cluster>> {
    if let Some(unchecked) = incomparable(files) {
        return Ok(unchecked);
    }
    if !args.cluster.is_empty() {
        return Ok(saved::within(saved::cluster(&args.cluster)?, scopes, files));
    }
    if let Some(why) = left_out(args, Layer::Cluster) {
        return Ok(Reading::NotChecked { why, advice: None });
    }
    Ok(ask_cluster(scopes, whom, args.timeout, &mut |what| step.show(&format!("{what} …"))))
}

/// Why nothing can be compared with the files.
fn incomparable<T>(files: &Model<'_>) -> Option<Reading<T>> {
    let (file, key) = doctor::changed_by_kustomize(files)?;
    let directory = file.rsplit_once('/').map_or(".", |(directory, _)| directory);
    Some(Reading::NotChecked {
        why: format!(
            "what is applied is not these files: Kustomize changes them, by `{key}` in {file}"
        ),
        advice: Some(format!(
            "compare what it builds: `kubectl kustomize {directory} | sioway doctor -`"
        )),
    })
}

fn cloud(args: &Args, case: &Case<'_>, whom: &Whom, step: &mut Step) -> Result<Reading<Cloud>> {
    if let Some(unchecked) = incomparable(case.files) {
        return Ok(unchecked);
    }
    if !args.cloud.is_empty() {
        return saved::cloud(&args.cloud);
    }
    if let Some(why) = left_out(args, Layer::Cloud) {
        return Ok(Reading::NotChecked { why, advice: None });
    }
    let subjects = subjects(case);
    let wanted = |cloud: &Cloud| {
        let services = subjects.iter().flat_map(|one| services_of(case, cloud, one));
        services.map(Into::into).collect()
    };
    Ok(ask_cloud(whom, args.timeout, wanted, &mut |what| step.show(&format!("{what} …"))))
}

/// Why a layer is not asked.
fn left_out(args: &Args, layer: Layer) -> Option<String> {
    if args.skip.contains(&layer) {
        return Some("left out by `--skip`".into());
    }
    let option = if layer == Layer::Cluster { "--cluster" } else { "--cloud" };
    args.is_offline().then(|| format!("read-outs were given, and none by `{option}`"))
}

/// The objects of the cluster as a manifest.
struct Live {
    /// The texts of the files, and behind them that of the cluster.
    sources: Sources,
    id: Option<crate::diagnostic::SourceId>,
}

impl Live {
    fn of(cluster: &Reading<Cluster>, files: &Files) -> Self {
        let mut sources = files.sources.clone();
        let text = cluster.said().map(Cluster::manifest);
        let id = text.map(|text| sources.add("cluster.json", text));
        Self { sources, id }
    }

    fn is_there(&self) -> bool {
        self.id.is_some()
    }

    fn read(&self) -> Vec<File<'_>> {
        self.id.iter().map(|id| File::of(&self.sources, *id, true)).collect()
    }

    fn findings(&self, model: &Model<'_>) -> Vec<Finding> {
        if self.is_there() { rules::check(model) } else { Vec::new() }
    }
}

fn print(
    args: &Args,
    report: &Report,
    (subject, pictures): (&str, &[Picture]),
    console: Console,
) -> Result {
    let notes = notes(report);
    let checked = Checked {
        command: "doctor",
        subject,
        checks: &report.checks,
        json: &report.to_json(),
        verbose: console.is_verbose(),
        brief: true,
        notes: &notes,
        pictures,
    };
    console.painted(|color| write(args.format, &checked, color))?;
    Ok(if report.has_failed() { ExitStatus::Findings } else { ExitStatus::Success })
}

/// What stands below the checks: where to begin, and how to save what was not read.
fn notes(report: &Report) -> Vec<String> {
    let Asked { cluster, cloud, endpoint } = &report.asked;
    let asked: Vec<&str> =
        [cluster, cloud, endpoint].into_iter().flatten().map(|one| &**one).collect();
    let mut notes = Vec::new();
    if !asked.is_empty() {
        notes.push(format!("asked: {}", asked.join("; ")));
    }
    if let Some(Check { id, layer, .. }) = report.first() {
        notes.push(format!(
            "begin with [{id}]: the first layer that is broken is the {}",
            layer.name()
        ));
    }
    let endpoint = report.checks.iter().filter(|one| one.layer == check::Layer::Endpoint);
    notes.extend(next(&endpoint.cloned().collect::<Vec<_>>()));
    let mut saving = |check: &str, option: &str, lines: &[String]| {
        if report.is_unchecked(check) {
            notes.push(format!("not checked; what these print is read by `{option}`:"));
            notes.extend(lines.iter().map(|line| format!("  {line}")));
        }
    };
    saving("cluster-answers", "--cluster cluster.json", &report.commands.cluster);
    saving("cloud-answers", "--cloud cloud.json", &report.commands.cloud);
    notes
}
