//! The numbers on a way that must stand in an order, as far as the files say them: the ladder of
//! [`crate::plan::Ladder`], read back.

use super::gate::Gate;
use super::picture::session_at;
use super::server::seconds;
use super::way::Way;
use crate::kube::controller_defaults::{
    BACKEND_KEEPALIVE, LONGEST_CONNECTION, POD_GRACE, WebSocketCut,
};
use crate::nginx::NodeId;
use crate::path::Site;
use crate::picture::{Amount, Rung, Side};

const TIMEOUT: &str = "the load balancer's timeout";

/// The rungs, from the health check up.
pub(super) fn of(way: &Way<'_, '_>) -> Vec<Rung> {
    let mut rungs: Vec<Rung> = health(way).into_iter().collect();
    rungs.extend(of_balancer(way));
    if let Gate::Nginx { site, .. } = &way.gate
        && let Some(session) = session_at(way, site)
    {
        let level = session.location.unwrap_or(session.server);
        rungs.extend(of_nginx(way, site, level));
    }
    rungs.extend(drain(way));
    rungs
}

fn time(what: &str, milliseconds: u64) -> Side {
    let amount = Amount::Milliseconds(milliseconds);
    Side { what: what.to_owned(), value: seconds(milliseconds), amount }
}

fn size(what: &str, bytes: u64) -> Side {
    let value = match bytes {
        whole if whole >= 1 << 20 && whole.is_multiple_of(1 << 20) => {
            format!("{} MiB", whole >> 20)
        }
        whole if whole >= 1_000_000 && whole.is_multiple_of(1_000_000) => {
            format!("{} MB", whole / 1_000_000)
        }
        other => format!("{other} bytes"),
    };
    Side { what: what.to_owned(), value, amount: Amount::Bytes(bytes) }
}

/// What nginx takes for no limit at all.
fn unlimited(side: Side, amount: Amount) -> Side {
    Side { value: "no limit".to_owned(), amount, ..side }
}

fn below(lower: Side, upper: Side) -> Rung {
    let holds = lower.amount < upper.amount;
    Rung { lower, sign: "<", upper, holds }
}

fn at_most(lower: Side, upper: Side) -> Rung {
    let holds = lower.amount <= upper.amount;
    Rung { lower, sign: "≤", upper, holds }
}

/// Seconds of a field of the BackendConfig in force, in milliseconds.
fn configured(way: &Way<'_, '_>, keys: &[&str]) -> Option<u64> {
    let (seconds, _) = way.setting(keys)?;
    Some(u64::try_from(seconds).ok()?.saturating_mul(1_000))
}

fn health(way: &Way<'_, '_>) -> Option<Rung> {
    let timeout = configured(way, &["healthCheck", "timeoutSec"])?;
    let interval = configured(way, &["healthCheck", "checkIntervalSec"])?;
    Some(at_most(time("the health check's timeout", timeout), time("its interval", interval)))
}

fn silence(way: &Way<'_, '_>) -> Side {
    time("ping interval + ping timeout", way.numbers.silence())
}

fn of_balancer(way: &Way<'_, '_>) -> Vec<Rung> {
    let (Some(balancer), Some((timeout, _))) = (way.front.load_balancer(), way.timeout()) else {
        return Vec::new();
    };
    let upper = || time(TIMEOUT, timeout.saturating_mul(1_000));
    let mut rungs = Vec::new();
    if way.numbers.polling {
        rungs.push(below(time("a long poll", way.numbers.ping_interval), upper()));
    }
    match balancer.websocket_cut().value {
        WebSocketCut::WhenIdle => rungs.push(below(silence(way), upper())),
        WebSocketCut::AtTimeout => {
            let wanted = way.numbers.max_age.map(|age| age.saturating_mul(1_000));
            let wanted = wanted.map(|age| time("how long a session is to last", age));
            rungs.extend(wanted.map(|wanted| at_most(wanted, upper())));
            let longest = u64::from(LONGEST_CONNECTION.value) * 1_000;
            let longest = time("the longest that its front ends hold a connection", longest);
            rungs.push(at_most(upper(), longest));
        }
    }
    rungs
}

fn of_nginx(way: &Way<'_, '_>, site: &Site<'_>, level: NodeId) -> Vec<Rung> {
    let mut rungs = Vec::new();
    if let Some((timeout, _)) = site.time(level, "proxy_read_timeout") {
        rungs.push(below(silence(way), time("nginx's read timeout", timeout)));
    }
    if let (Some(_), Some((idle, _))) =
        (way.front.load_balancer(), site.time(level, "keepalive_timeout"))
    {
        let kept = u64::from(BACKEND_KEEPALIVE.value) * 1_000;
        let upper = time("nginx's keepalive_timeout", idle);
        // With 0 nginx ends the connection in each answer, and says so.
        if idle > 0 {
            rungs.push(below(time("the load balancer's keep-alive", kept), upper));
        }
    }
    if let (true, Some((limit, _))) =
        (way.numbers.polling, site.size(level, "client_max_body_size"))
    {
        let upper = size("nginx's client_max_body_size", limit);
        let upper = if limit == 0 { unlimited(upper, Amount::Bytes(u64::MAX)) } else { upper };
        rungs.push(at_most(size("the largest message", way.numbers.max_message), upper));
    }
    rungs
}

fn drain(way: &Way<'_, '_>) -> Option<Rung> {
    let drain = configured(way, &["connectionDraining", "drainingTimeoutSec"])?;
    let workloads = &way.backend?.pods.workloads;
    let grace = |workload: &crate::kube::Workload<'_>| match workload.grace_period() {
        Some(node) => node.as_int(),
        None => Some(i64::from(POD_GRACE.value)),
    };
    let grace: Option<Vec<i64>> = workloads.iter().map(grace).collect();
    let shortest = u64::try_from(grace?.into_iter().min()?).ok()?.saturating_mul(1_000);
    Some(at_most(time("the drain", drain), time("the pod's grace period", shortest)))
}
