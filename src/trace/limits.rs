//! `limit_req` and `limit_conn`: to whom nginx answers 503 although nothing else is wrong.

use super::HopKind;
use super::passage::{End, Passage};
use super::way::Way;
use crate::nginx::{Most, NodeId};
use crate::path::{Counts, Front, SessionLimit, Site};

/// What nginx answers beyond a limit, unless `limit_req_status` says otherwise
/// (<https://nginx.org/en/docs/http/ngx_http_limit_req_module.html#limit_req_status>).
const STATUS: u16 = 503;

/// The hops of the limits that sessions run into.
pub(super) fn walk(way: &Way<'_, '_>, site: &Site<'_>, at: NodeId, passage: &mut Passage) {
    let front = way.front.route().map(Front::of_route).or_else(|| way.model.front_of(site));
    for one in site.limits_on_sessions(at, way.numbers.polling, front.as_ref()) {
        add(site, at, &one, passage);
    }
}

fn add(site: &Site<'_>, at: NodeId, one: &SessionLimit<'_>, passage: &mut Passage) {
    let place = Some(site.place(one.limit.node));
    let status = status(site, at, one);
    let most = most(one.limit.most);
    match one.counts {
        Counts::Everybody => {
            let what = format!("counts all clients as one, by the load balancer's address: {most}");
            passage.hop(HopKind::Nginx, what, place);
            let text = format!(
                "`{status}` of nginx now and then: it lets all clients together have {most}"
            );
            let end = End::bad(text).status(status).rule("limit-counts-load-balancer").at(place);
            passage.perhaps.get_or_insert(end);
        }
        Counts::Few => {
            passage.hop(HopKind::Nginx, format!("lets one address have {most}"), place);
            let text = format!(
                "`{status}` of nginx where a few clients share an address, or one says much: it has {most}"
            );
            passage.caution(text, Some("limit-below-sessions"));
        }
    }
}

/// What is let through, in words.
fn most(most: Most) -> String {
    match most {
        Most::Connections(count) => format!("{count} requests at a time"),
        Most::Requests { per_minute, burst } => {
            let rate = match (per_minute % 60, per_minute / 60) {
                (0, seconds) => format!("{seconds} a second"),
                _ => format!("{per_minute} a minute"),
            };
            format!("{} requests at once and {rate} after that", burst + 1)
        }
    }
}

fn status(site: &Site<'_>, at: NodeId, one: &SessionLimit<'_>) -> u16 {
    let name = format!("{}_status", site.config.name(one.limit.node));
    let line = site.config.effective(at, &name).line();
    line.and_then(|line| site.config.value(line).parse().ok()).unwrap_or(STATUS)
}
