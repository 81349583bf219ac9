//! The picture of an app, from its plan. Its rungs hold: [`crate::plan::decide`] refuses others.

use super::{Amount, Picture, Rung, Side, Station};
use crate::plan::{self, Measure, Plan};
use crate::spec::Affinity;

/// So many hosts are named.
const HOSTS: usize = 3;

/// The picture of an app.
pub fn planned(plan: &Plan) -> Picture {
    let mut stations = vec![Station::right("Browser", browser(plan))];
    stations.extend(balancer(plan));
    let service = format!("Service {}", plan.names.service);
    stations.push(Station::right(service, vec![format!("port {}", plan.service.target_port)]));
    if let Some(nginx) = &plan.nginx {
        let facts = vec![
            format!("listens on {}", nginx.listen),
            format!("read timeout {}", plan.ladder.nginx_read_timeout),
        ];
        stations.push(Station::right("nginx", facts));
    }
    stations.push(Station::right("Socket.IO server", server(plan)));
    Picture {
        title: plan.name.to_string(),
        stations,
        rungs: plan.ladder.rungs.iter().map(rung).collect(),
    }
}

fn browser(plan: &Plan) -> Vec<String> {
    let named: Vec<String> = plan.hosts.iter().take(HOSTS).map(ToString::to_string).collect();
    let more = plan.hosts.len() - named.len();
    let mut facts = vec![named.join(", ")];
    facts.extend((more > 0).then(|| format!("and {more} more")));
    facts.extend(path(plan).map(|path| format!("path {path}")));
    facts
}

/// The Socket.IO path, as browsers ask for it.
fn path(plan: &Plan) -> Option<&str> {
    Some(&plan.ingress.paths.iter().find(|path| path.session)?.path)
}

fn balancer(plan: &Plan) -> Option<Station> {
    let backend = plan.backends.first()?;
    let facts = vec![
        format!("timeout {} s", backend.timeout),
        format!("affinity {}", affinity(backend.affinity)),
        format!("drain {}", plan.ladder.drain),
    ];
    Some(Station::right("Load balancer", facts))
}

fn server(plan: &Plan) -> Vec<String> {
    let mapped = plan.nginx.as_ref().and_then(|nginx| nginx.session.upstream_path.as_ref());
    let mount = mapped.map(ToString::to_string).or_else(|| path(plan).map(str::to_owned));
    mount.into_iter().map(|mount| format!("mounted at {mount}")).collect()
}

/// As a BackendConfig says it.
fn affinity(affinity: Affinity) -> &'static str {
    match affinity {
        Affinity::ClientIp => "CLIENT_IP",
        Affinity::Cookie => "GENERATED_COOKIE",
        Affinity::None => "NONE",
    }
}

fn rung(rung: &plan::Rung) -> Rung {
    let sign = match rung.relation {
        plan::Relation::Below => "<",
        plan::Relation::AtMost => "≤",
    };
    Rung { lower: side(&rung.lower), sign, upper: side(&rung.upper), holds: rung.holds() }
}

fn side(one: &plan::Amount) -> Side {
    let amount = match one.value {
        Measure::Time(time) => Amount::Milliseconds(time.get()),
        Measure::Size(size) => Amount::Bytes(size.get()),
    };
    Side { what: one.what.to_owned(), value: one.value.to_string(), amount }
}
