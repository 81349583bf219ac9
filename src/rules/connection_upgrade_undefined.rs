//! A variable that a `map` was to define.

use super::forwarding::map_before;
use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::Grade;
use crate::nginx::Shape;
use crate::path::{Model, Part, Site};

pub(super) static RULE: Rule = Rule {
    id: "connection-upgrade-undefined",
    severity: Severity::Error,
    grade: Grade::Reproduced,
    fix: Applicability::Safe,
    sources: &[
        "https://nginx.org/en/docs/http/websocket.html",
        "nginx/nginx:src/http/ngx_http_variables.c",
    ],
    page: include_str!("connection_upgrade_undefined.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for site in model.sites() {
        findings.extend(finding(model, site));
    }
}

fn finding(model: &Model<'_>, site: &Site<'_>) -> Option<Draft> {
    let line = site.undefined_upgrade()?;
    let draft = match site.config.shape() {
        Shape::Full => Draft::at(
            site.place(line),
            "nothing defines `$connection_upgrade`",
            "nginx does not start: unknown variable `$connection_upgrade`",
        ),
        Shape::Http if is_mounted(site) && !model.is_mapped("$connection_upgrade") => Draft::at(
            site.place(line),
            "no file given defines `$connection_upgrade`",
            "nginx starts only if another file defines `$connection_upgrade`, and none among the files given does",
        )
        .only(Severity::Warning),
        _ => return None,
    };
    let help =
        "write into `http`: `map $http_upgrade $connection_upgrade { default upgrade; '' close; }`";
    // A file that nobody gave may define it otherwise.
    let whole = site.config.shape() == Shape::Full;
    let applicability = if whole { Applicability::Safe } else { Applicability::Unsafe };
    let fix = map_before(site, line);
    Some(draft.of_directive(site, line).help(help).fix(applicability, fix))
}

/// A file of `conf.d` may rest on others that are in no repository; less so, where a ConfigMap brings it.
fn is_mounted(site: &Site<'_>) -> bool {
    !site.containers.is_empty() && site.containers.iter().all(|(_, one)| one.runs_nginx())
}
