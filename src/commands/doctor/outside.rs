//! The layers that are asked over the network: a pod by itself, and the endpoint.

use super::super::probe::Watcher;
use super::{Args, Layer};
use crate::doctor::requests::Whom;
use crate::doctor::{Case, Subject, subjects};
use crate::kube::Object;
use crate::live::check::{self, Check, Status};
use crate::live::client::Manner;
use crate::live::probe::{self, Options, Target, Transports};
use crate::live::programs::Forward;
use crate::live::url::{BadUrl, split_authority};
use crate::manifest::Node;
use crate::path::has_tls;
use crate::report::{Console, Step};

/// What to ask as a client.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Endpoint {
    /// Where the app is, such as `https://chat.example.com`; the host of the Ingress where left out.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// The path that the client is told; what the files say where left out.
    #[arg(long, value_name = "PATH")]
    path: Option<String>,
    /// Over how many sessions to measure how many requests are lost.
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(0..=1000))]
    sessions: u32,
    /// Connect to this host or port in place of the URL's.
    #[arg(long, value_name = "HOST:PORT")]
    connect: Option<String>,
    /// Take any certificate.
    #[arg(long)]
    insecure: bool,
}

/// The checks, and the URL that was asked.
pub(super) fn checks(
    args: &Args,
    case: &Case<'_>,
    whom: &Whom,
    console: Console,
) -> (Vec<Check>, Option<String>) {
    let subjects = subjects(case);
    let mut checks = pod(args, case, whom, &subjects, console);
    match target(args, case, &subjects) {
        Ok(options) => {
            let report = run(&options, console);
            let url = report.observed.url.clone();
            checks.extend(report.checks.into_iter().map(|one| at(one, check::Layer::Endpoint)));
            (checks, Some(url))
        }
        Err(why) => {
            let check =
                Check::new("reachable", check::Layer::Endpoint, "the host accepts connections");
            checks.push(check.skip(format!("not checked: {why}")));
            (checks, None)
        }
    }
}

fn at(check: Check, layer: check::Layer) -> Check {
    Check { layer, ..check }
}

fn run(options: &Options, console: Console) -> probe::Report {
    let mut watcher = Watcher { console, step: Step::new(console.is_verbose()) };
    probe::run(options, &mut watcher)
}

/// What to probe; or why nothing is.
fn target(args: &Args, case: &Case<'_>, subjects: &[Subject<'_>]) -> Result<Options, String> {
    if args.skip.contains(&Layer::Endpoint) {
        return Err("left out by `--skip`".into());
    }
    if args.is_offline() && args.endpoint.url.is_none() {
        return Err("read-outs were given, and no `--url`".into());
    }
    let url = match &args.endpoint.url {
        Some(url) => url.clone(),
        None => host(case, subjects).ok_or("nobody says which host it has: `--url URL`")?,
    };
    options(args, subjects.first(), &url).map_err(|error| error.message)
}

/// The URL of the first host that leads to the sessions.
fn host(case: &Case<'_>, subjects: &[Subject<'_>]) -> Option<String> {
    let backends = subjects.iter().map(|one| one.backend);
    let routes = backends.flat_map(|one| &one.routes);
    let live = case.live.into_iter().flat_map(|model| model.whole().session_backends());
    let mut all = routes.chain(live.flat_map(|(backend, _)| &backend.routes));
    let by_ingress = all.find_map(|route| {
        let host = route.host_text().filter(|host| !host.starts_with('*'))?;
        let scheme = if has_tls(&route.ingress) { "https" } else { "http" };
        Some(format!("{scheme}://{host}"))
    });
    by_ingress.or_else(|| subjects.iter().find_map(|one| host_at_gateway(case, one)))
}

/// The entries of a list in the `spec` of an object.
fn items<'s>(object: &Object<'s>, key: &str) -> impl Iterator<Item = Node<'s>> {
    object.in_spec(&[key]).into_iter().flat_map(Node::items)
}

/// The URL of the first host that an HTTPRoute takes from a Gateway of GKE's that is known.
fn host_at_gateway(case: &Case<'_>, subject: &Subject<'_>) -> Option<String> {
    subject.http_routes().find_map(|route| {
        let mut hosts = items(&route, "hostnames").filter_map(Node::as_str);
        let host = hosts.find(|host| !host.starts_with('*'))?;
        let models = std::iter::once(case.files).chain(case.live);
        let (gateway, _) = models.flat_map(|one| one.gke_gateways(&route)).next()?;
        let mut protocols =
            items(&gateway, "listeners").filter_map(|one| one.get("protocol")?.as_str());
        let scheme = if protocols.any(|one| one == "HTTPS") { "https" } else { "http" };
        Some(format!("{scheme}://{host}"))
    })
}

impl Endpoint {
    /// Refuses what cannot be asked, before anything else is done.
    pub(super) fn check(&self) -> Result<(), BadUrl> {
        if let Some(url) = &self.url {
            Target::new(url, self.path.as_deref())?;
        }
        self.connect.as_deref().map(split_authority).transpose().map(drop)
    }
}

fn options(args: &Args, subject: Option<&Subject<'_>>, url: &str) -> Result<Options, BadUrl> {
    let endpoint = &args.endpoint;
    let own = subject.and_then(|one| one.session.paths.first()).map(String::as_str);
    // A URL that has a path of its own says enough.
    let says_path = url.trim_end_matches('/').ends_with("/socket.io");
    let path = endpoint.path.as_deref().or(own.filter(|_| !says_path));
    let mut options = Options::new(Target::new(url, path)?);
    options.sessions = endpoint.sessions;
    if let Some(subject) = subject {
        let polling = subject.session.numbers.polling;
        options.transports = Transports { polling, websocket: true };
    }
    options.manner = Manner { insecure: endpoint.insecure, ..options.manner };
    if let Some((host, port)) = endpoint.connect.as_deref().map(split_authority).transpose()? {
        options.manner.connect = Some((host, port.unwrap_or(options.target.url.port)));
    }
    Ok(options)
}

/// The checks of a probe that a pod by itself must pass, by the names that they have here.
const OF_A_POD: [(&str, &str); 4] = [
    ("handshake", "pod-handshake"),
    ("post", "pod-post"),
    ("upgrade", "pod-upgrade"),
    ("websocket", "pod-websocket"),
];

fn pod(
    args: &Args,
    case: &Case<'_>,
    whom: &Whom,
    subjects: &[Subject<'_>],
    console: Console,
) -> Vec<Check> {
    let check = Check::new("pod-answers", check::Layer::Pod, "a pod can be asked by itself");
    if !args.exec {
        return vec![check.skip("not checked: `--exec` was not given")];
    }
    let asked = subjects.first().and_then(|one| Some((one, one.backend.port.number?)));
    let Some((subject, port)) = asked else {
        return vec![check.skip("not checked: nobody says which port sessions go through")];
    };
    let service = subject.service().0;
    let request = Forward::request(whom, subject.namespace(case), service.name, port);
    let forward = match Forward::open(&request, args.timeout) {
        Ok(forward) => forward,
        Err((why, advice)) => {
            let check = check.skip(format!("not checked: {why}"));
            return vec![match advice {
                Some(advice) => check.advise(advice),
                None => check,
            }];
        }
    };
    let mut checks = vec![check.pass(format!("`{}`", request.line()))];
    checks.extend(past_the_load_balancer(args, case, subject, &forward, console));
    checks
}

/// Probes a pod as the load balancer would ask it.
fn past_the_load_balancer(
    args: &Args,
    case: &Case<'_>,
    subject: &Subject<'_>,
    forward: &Forward,
    console: Console,
) -> Vec<Check> {
    let url = host(case, std::slice::from_ref(subject));
    let url = url.unwrap_or_else(|| "http://localhost".into());
    // The load balancer takes TLS off, and says so.
    let (scheme, rest) = url.split_once("://").unwrap_or(("http", &url));
    let Ok(mut options) = options(args, Some(subject), &format!("http://{rest}")) else {
        return Vec::new();
    };
    options.manner.headers.push(("X-Forwarded-Proto".into(), scheme.to_owned()));
    options.manner.connect = Some(("127.0.0.1".into(), forward.port));
    options.sessions = 0;
    options.quick = true;
    let report = run(&options, console);
    let own = |check: Check| {
        let (_, id) = OF_A_POD.iter().find(|(id, _)| *id == check.id)?;
        let mut check = Check { id, ..at(check, check::Layer::Pod) };
        if check.status == Status::Fail {
            check.evidence = format!("past the load balancer: {}", check.evidence);
        }
        Some(check)
    };
    report.checks.into_iter().filter_map(own).collect()
}
