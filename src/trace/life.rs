//! How long a WebSocket stays open: what cuts it, and when.

use super::front::Front;
use super::gate::Gate;
use super::passage::{End, Passage};
use super::server::{self, seconds};
use super::way::{Ask, Way};
use super::{HopKind, Step, StepKind, Verdict};
use crate::kube::controller_defaults::WebSocketCut;
use crate::set::Place;

/// The least that a WebSocket should last on a load balancer that cuts busy ones, where nobody says how long: below
/// it every session is a string of reconnects.
const LEAST: u64 = 600_000;

/// Something that closes a WebSocket.
struct Cut {
    after: u64,
    /// Only when nothing passes for so long.
    idle: bool,
    who: &'static str,
    rule: &'static str,
    place: Option<Place>,
}

/// The step; `opens` is how the WebSocket comes about.
pub(super) fn step(way: &Way<'_, '_>, opens: &[Verdict]) -> Step {
    let mut passage = Passage::default();
    let mut cuts = of_balancer(way, &mut passage);
    cuts.extend(of_controller(way, &mut passage));
    cuts.extend(of_nginx(way, &mut passage));
    if !opens.iter().any(|verdict| matches!(verdict, Verdict::Good | Verdict::Unknown)) {
        let end = End::not_reached("no WebSocket is opened");
        passage.end = Some(end);
    } else if let Some(cut) = first_bad(way, &cuts) {
        let how = if cut.idle {
            "when it is quiet for so long, before the next ping"
        } else {
            "busy or not"
        };
        let end = End::bad(format!("closed after {} by {}, {how}", seconds(cut.after), cut.who));
        passage.end = Some(end.after(cut.after).rule(cut.rule).at(cut.place));
    } else {
        shaky(way, &cuts, &mut passage);
    }
    let foreign = matches!(way.front, Front::Foreign(..) | Front::Traefik(_));
    if foreign && of_websockets(way).is_empty() && passage.end.is_none() {
        passage.doubt(
            HopKind::Timeout,
            "when this controller closes a WebSocket is not known",
            None,
        );
    }
    let good = lasting(way, &cuts);
    passage.step(StepKind::Life, String::new(), good)
}

fn lasting(way: &Way<'_, '_>, cuts: &[Cut]) -> End {
    let ping = seconds(way.numbers.ping_interval);
    let longest = cuts.iter().filter(|cut| !cut.idle).map(|cut| cut.after).min();
    match longest {
        Some(longest) => {
            let text = format!(
                "open, a ping each {ping}; closed after {} at the latest",
                seconds(longest)
            );
            End::good(text).after(longest)
        }
        None => {
            End::good(format!("open as long as the client answers the ping that comes each {ping}"))
        }
    }
}

fn first_bad<'c>(way: &Way<'_, '_>, cuts: &'c [Cut]) -> Option<&'c Cut> {
    let wanted = way.numbers.max_age.map_or(LEAST, |age| age * 1_000);
    let bad = |cut: &&Cut| {
        if cut.idle { cut.after <= way.numbers.ping_interval } else { cut.after < wanted }
    };
    cuts.iter().filter(bad).min_by_key(|cut| cut.after)
}

/// Longer than a ping, but not than a ping and its timeout.
fn shaky(way: &Way<'_, '_>, cuts: &[Cut], passage: &mut Passage) {
    let silence = way.numbers.silence();
    for cut in cuts.iter().filter(|cut| cut.idle && cut.after <= silence) {
        let what = format!(
            "{} waits {}, and Engine.IO may be silent for {}: a slow answer to a ping closes it",
            cut.who,
            seconds(cut.after),
            seconds(silence)
        );
        passage.caution(what, Some(cut.rule));
    }
}

fn of_balancer(way: &Way<'_, '_>, passage: &mut Passage) -> Vec<Cut> {
    let Some(balancer) = way.front.load_balancer() else {
        if matches!(way.front, Front::NotGiven) {
            let why = "the load balancer is not among the files given";
            passage.doubt(HopKind::Timeout, why, None);
        }
        return Vec::new();
    };
    let Some((timeout, place)) = way.timeout() else {
        way.doubts_config(passage);
        if let Some((why, place)) = way.doubt_of_timeout() {
            passage.doubt(HopKind::Timeout, why, Some(place));
        }
        return Vec::new();
    };
    let idle = balancer.websocket_cut().value == WebSocketCut::WhenIdle;
    let how = if idle { "when nothing passes for" } else { "busy or idle, after" };
    let what = format!("{}: closes a WebSocket {how} {timeout} s", balancer.name());
    passage.hop(HopKind::Timeout, what, place);
    let mut cuts = vec![Cut::by_balancer(timeout * 1_000, idle, place)];
    if let Some(longest) = balancer.longest_connection().filter(|_| idle) {
        let after = u64::from(longest.value) * 1_000;
        let what = format!("closes every WebSocket after {}", seconds(after));
        passage.hop(HopKind::Timeout, what, None);
        cuts.push(Cut::by_balancer(after, false, None));
    }
    cuts
}

/// The annotations that hold for WebSockets: HAProxy's `timeout-server` ends where a tunnel begins
/// (`jcmoraisjr/haproxy-ingress:docs/content/en/docs/configuration/keys.md`).
fn of_websockets(way: &Way<'_, '_>) -> Vec<(u64, String, Place)> {
    way.silences().into_iter().filter(|(_, key, _)| !key.contains("timeout-server")).collect()
}

/// What another controller's annotations say.
fn of_controller(way: &Way<'_, '_>, passage: &mut Passage) -> Vec<Cut> {
    let told = of_websockets(way).into_iter();
    let cut = |(after, key, place): (u64, String, Place)| {
        let what =
            format!("closes a WebSocket when nothing passes for {}: `{key}`", seconds(after));
        passage.hop(HopKind::Timeout, what, Some(place));
        let (who, rule) = ("the load balancer", "ingress-timeout-too-short");
        Cut { after, idle: true, who, rule, place: Some(place) }
    };
    told.map(cut).collect()
}

impl Cut {
    fn by_balancer(after: u64, idle: bool, place: Option<Place>) -> Self {
        let (who, rule) = ("the load balancer", "websocket-cut-by-timeout");
        Self { after, idle, who, rule, place }
    }
}

fn of_nginx(way: &Way<'_, '_>, passage: &mut Passage) -> Option<Cut> {
    if !matches!(way.gate, Gate::Nginx { .. }) {
        return None;
    }
    let ask = Ask { method: "GET", transport: "websocket", sid: false, body: 0, waits: 0 };
    let (_, arrival) = server::walk(way, &ask);
    let (after, place) = arrival?.patience?;
    passage.hop(
        HopKind::Nginx,
        format!("closes a WebSocket when the server is silent for {}", seconds(after)),
        place,
    );
    Some(Cut { after, idle: true, who: "nginx", rule: "read-timeout-too-short", place })
}
