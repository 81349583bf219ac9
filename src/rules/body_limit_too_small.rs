//! `client_max_body_size` under the largest message.

use super::wording::size;
use super::{Draft, Findings, Rule, location};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::Grade;
use crate::path::{Part, Site, SiteLocation};

pub(super) static RULE: Rule = Rule {
    id: "body-limit-too-small",
    severity: Severity::Error,
    grade: Grade::Reproduced,
    fix: Applicability::Safe,
    sources: &[
        "https://nginx.org/en/docs/http/ngx_http_core_module.html#client_max_body_size",
        "https://socket.io/docs/v4/server-options/#maxhttpbuffersize",
        "socketio/socket.io#3946",
    ],
    page: include_str!("body_limit_too_small.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for (site, session) in model.polling_locations() {
        findings.extend(finding(site, session));
    }
}

fn finding(site: &Site<'_>, session: &SiteLocation<'_>) -> Option<Draft> {
    let (location, _) = site.pass_of(session)?;
    let (limit, line) = site.size(location, "client_max_body_size")?;
    let largest = session.numbers.max_message;
    if limit == 0 || limit >= largest {
        return None;
    }
    let message = format!(
        "polling messages over {} get 413, and the client gives the session up; the server takes {}",
        size(limit),
        size(largest)
    );
    let node = line.unwrap_or(location);
    let place = line.map_or_else(|| site.place(node), |line| site.value_place(line));
    let beside = match line {
        Some(_) => "less than `maxHttpBufferSize`".to_owned(),
        None => format!("{} without `client_max_body_size`", size(limit)),
    };
    let wanted = format!("{}m", largest.div_ceil(1 << 20));
    let help = format!("write `client_max_body_size {wanted};`");
    let fix = location::set(site, location, "client_max_body_size", &wanted);
    // What is not seen here may allow more.
    let open = line.is_none() && site.is_part();
    let applicability =
        if open { Applicability::Unsafe } else { location::for_sessions(site, session) };
    let draft = Draft::at(place, beside, message).of_directive(site, node);
    let draft =
        if line.is_none() && site.is_part() { draft.only(Severity::Warning) } else { draft };
    Some(draft.because(&session.evidence[0]).help(help).fix(applicability, fix))
}
