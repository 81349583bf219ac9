//! What `nginx -t` refuses about a directive.

use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::Grade;
use crate::nginx::{Context, Violation, ViolationKind, rows};
use crate::path::{Part, Site};

pub(super) static RULE: Rule = Rule {
    id: "nginx-would-not-start",
    severity: Severity::Error,
    grade: Grade::Source,
    fix: Applicability::Manual,
    sources: &[
        "nginx/nginx:src/core/ngx_conf_file.c",
        "nginx/nginx:src/http/modules/ngx_http_proxy_module.c",
        "nginxinc/docker-nginx:mainline/debian",
    ],
    page: include_str!("nginx_would_not_start.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for site in model.sites().iter().filter(|site| !site.is_template()) {
        findings.extend(site.refused().iter().map(|one| draft(site, one)));
        findings.extend(by_image(site));
        findings.extend(misplaced(site));
    }
}

/// A whole `nginx.conf` where a part is read, or a part in its place.
fn misplaced(site: &Site<'_>) -> Option<Draft> {
    let found = site.misplaced()?;
    let name = site.config.name(found.line);
    let message = format!("nginx does not start: `{name}` is not allowed in `{}`", found.path);
    let (beside, help) = if found.is_whole {
        ("in `http` of the image's `nginx.conf`", "mount it at `/etc/nginx/nginx.conf`")
    } else {
        ("outside of `http`", "mount it at `/etc/nginx/conf.d/default.conf`")
    };
    Some(
        Draft::at(site.place(found.line), beside, message)
            .of_directive(site, found.line)
            .help(help),
    )
}

fn by_image(site: &Site<'_>) -> Vec<Draft> {
    let draft = |line| {
        let name = site.config.name(line);
        let message = format!(
            "nginx does not start: `{name}` is there twice, here and in the `nginx.conf` of the image"
        );
        let draft = Draft::at(site.place(line), "the second one", message);
        draft.of_directive(site, line).help("move it into `server`")
    };
    site.said_by_image().into_iter().map(draft).collect()
}

fn draft(site: &Site<'_>, violation: &Violation) -> Draft {
    let node = violation.node;
    let message = format!("nginx does not start: {}", violation.message);
    let (beside, help) = remedy(site.config.name(node), violation.kind);
    let draft = Draft::at(site.place(node), beside, message).of_directive(site, node);
    let draft = match violation.kind {
        ViolationKind::Duplicate { first } => draft.and(site.place(first), "the first one"),
        _ => draft,
    };
    draft.help(help)
}

fn remedy(name: &str, kind: ViolationKind) -> (&'static str, String) {
    let (beside, help) = match kind {
        ViolationKind::NotAllowedHere => {
            return ("not in this block", format!("move it into {}", places(name)));
        }
        ViolationKind::ArgumentCount => {
            return ("count its arguments", format!("write it as https://nginx.org/r/{name} says"));
        }
        ViolationKind::SemicolonMissing => ("goes on into the next line", "end the line with `;`"),
        ViolationKind::WantsBlock => ("`{` is missing", "write a block: `{ … }`"),
        ViolationKind::WantsSemicolon => ("has no block", "end the line with `;`"),
        ViolationKind::Duplicate { .. } => ("the second one", "delete one of the two"),
        ViolationKind::UnknownVariable => {
            ("nothing defines it", "define it with `map` or `set`, or correct its name")
        }
        ViolationKind::UnknownZone => {
            ("nothing declares it", "declare the zone in `http`, or correct its name")
        }
        ViolationKind::Misspelt => ("nginx has none of this name", "correct its name"),
        ViolationKind::UrlPrefix => {
            ("where to", "begin it with `http://` or `https://`: WebSockets go by `http://` too")
        }
        ViolationKind::UpstreamPort => {
            ("the port", "leave the port out: the servers of the `upstream` have theirs")
        }
        ViolationKind::UriPart => (
            "what stands behind the host",
            "leave it out, and change the path with `rewrite … break;`",
        ),
    };
    (beside, help.to_owned())
}

fn places(name: &str) -> String {
    let fits = |context: &&Context| rows(name).iter().any(|row| row.allows(**context));
    let names = Context::ALL.iter().filter(fits);
    let names: Vec<String> = names.map(|one| format!("`{}`", one.name())).collect();
    names.join(" or ")
}
