//! A limit that a few healthy sessions reach.

use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::Grade;
use crate::nginx::{Limit, Most};
use crate::path::{ClientAddress, Model, Part, Site, SiteLocation};

pub(super) static RULE: Rule = Rule {
    id: "limit-below-sessions",
    severity: Severity::Warning,
    grade: Grade::Reproduced,
    fix: Applicability::Manual,
    sources: &[
        "https://nginx.org/en/docs/http/ngx_http_limit_req_module.html",
        "https://nginx.org/en/docs/http/ngx_http_limit_conn_module.html",
        "https://github.com/socketio/engine.io-protocol",
    ],
    page: include_str!("limit_below_sessions.md"),
    check,
};

/// What two sessions that begin at once ask for: handshake, POST, GET, upgrade and a last GET, each.
const TWO_SESSIONS: u64 = 10;

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for (site, session) in model.socketio_locations() {
        let location = session.location.into_iter();
        let limits = location.flat_map(|location| site.config.limits(location));
        let own = limits.filter(|limit| !is_another_rules(model, site, session, limit));
        findings.extend(own.filter_map(|limit| draft(site, session, &limit)));
    }
}

/// Whether the address that is counted is not even the client's.
fn is_another_rules<'s>(
    model: &Model<'s>,
    site: &Site<'s>,
    session: &SiteLocation<'s>,
    limit: &Limit<'_>,
) -> bool {
    let front = model.front_of(site).filter(|_| limit.counts_addresses());
    front.is_some_and(|front| site.client_address(session, &front) != ClientAddress::Client)
}

fn draft(site: &Site<'_>, session: &SiteLocation<'_>, limit: &Limit<'_>) -> Option<Draft> {
    // What else is counted by, such as a user, may well have one session.
    if !limit.counts_addresses() && !matches!(limit.key, "$server_name" | "$host") {
        return None;
    }
    let message = match limit.most {
        Most::Requests { per_minute, burst } if session.polls() => {
            let low = per_minute < TWO_SESSIONS * 60 && burst + 1 < TWO_SESSIONS;
            low.then(|| format!("healthy sessions get 503: one begins with five requests at once, polling makes one of every message, and {} are let through", burst + 1))?
        }
        Most::Connections(most) if most < TWO_SESSIONS => format!(
            "the next client behind the same address gets 503: every session holds a connection, two while it polls, and {most} are let through"
        ),
        _ => return None,
    };
    let draft = Draft::at(site.place(limit.node), "", message)
        .of_directive(site, limit.node)
        .and(site.place(limit.zone), "counted by this");
    let help = match limit.most {
        Most::Requests { .. } => {
            "write `burst=50 nodelay` and a rate of 20r/s or more, or leave session traffic out of the limit"
        }
        Most::Connections(_) => {
            "write a number that all users behind one address fit into, such as 100"
        }
    };
    Some(draft.because(&session.evidence[0]).help(help))
}
