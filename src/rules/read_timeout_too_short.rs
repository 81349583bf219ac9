//! `proxy_read_timeout` under the silence of a healthy session.

use super::wording::time;
use super::{Draft, Findings, Rule, location};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::Grade;
use crate::path::{Part, Site, SiteLocation};

pub(super) static RULE: Rule = Rule {
    id: "read-timeout-too-short",
    severity: Severity::Error,
    grade: Grade::Reproduced,
    fix: Applicability::Safe,
    sources: &[
        "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_read_timeout",
        "https://socket.io/docs/v4/reverse-proxy/",
        "socketio/socket.io#3025",
    ],
    page: include_str!("read_timeout_too_short.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for (site, session) in model.socketio_locations() {
        findings.extend(finding(site, session));
    }
}

fn finding(site: &Site<'_>, session: &SiteLocation<'_>) -> Option<Draft> {
    let (location, pass) = site.pass_of(session)?;
    let (timeout, line) = site.time(location, "proxy_read_timeout")?;
    let silence = session.numbers.silence();
    if timeout >= silence {
        return None;
    }
    let (message, severity) = consequence(timeout, session);
    let draft = if let Some(line) = line {
        let beside = format!("a session may be silent for {}", time(silence));
        Draft::at(site.value_place(line), beside, message).of_directive(site, line)
    } else {
        let beside = format!("{} is nginx's default", time(timeout));
        Draft::at(site.place(location), beside, message).of_directive(site, location)
    };
    let several = site.several_servers(&pass).filter(|_| session.polls());
    let draft = several
        .into_iter()
        .fold(draft, |draft, upstream| draft.and(site.place(upstream.node), RETRIED));
    let wanted = format!("{}s", (silence / 1000 + 1).max(3600));
    let help = format!(
        "write more than `pingInterval` and `pingTimeout` together, {}: `proxy_read_timeout {wanted};`",
        time(silence)
    );
    let certain = line.is_some() || !site.is_part();
    let severity = if certain { severity } else { Severity::Warning };
    let fix = location::set(site, location, "proxy_read_timeout", &wanted);
    let draft = draft.only(severity).because(&session.evidence[0]).help(help);
    Some(draft.fix(location::for_sessions(site, session), fix))
}

const RETRIED: &str = "a GET that waits longer is tried again on the next server: 400, Session ID unknown, as if affinity were missing";

/// What the timeout does to sessions.
fn consequence(timeout: u64, session: &SiteLocation<'_>) -> (String, Severity) {
    let (interval, silence) = (session.numbers.ping_interval, session.numbers.silence());
    let cut = time(timeout);
    if timeout <= interval {
        let message = format!("every session is cut after {cut} of silence, before the next ping");
        return (message, Severity::Error);
    }
    let message = format!(
        "a session is cut after {cut} of silence, though its pong may take {}",
        time(silence)
    );
    (message, Severity::Warning)
}
