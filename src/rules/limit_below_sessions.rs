//! A limit that a few healthy sessions reach.

use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::Grade;
use crate::nginx::{Limit, Most};
use crate::path::{Counts, Part, Site, SiteLocation};

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

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for (site, session) in model.socketio_locations() {
        let front = model.front_of(site);
        let location = session.location.into_iter();
        let limits = location.flat_map(|location| {
            site.limits_on_sessions(location, session.polls(), front.as_ref())
        });
        let own = limits.filter(|one| one.counts == Counts::Few);
        findings.extend(own.map(|one| draft(site, session, &one.limit)));
    }
}

fn draft(site: &Site<'_>, session: &SiteLocation<'_>, limit: &Limit<'_>) -> Draft {
    let message = match limit.most {
        Most::Requests { burst, .. } => format!(
            "healthy sessions get 503: one begins with five requests at once, polling makes one of every message, and {} are let through",
            burst + 1
        ),
        Most::Connections(most) => format!(
            "the next client behind the same address gets 503: every session holds a connection, two while it polls, and {most} are let through"
        ),
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
    draft.because(&session.evidence[0]).help(help)
}
