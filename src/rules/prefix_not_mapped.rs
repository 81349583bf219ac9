//! The Socket.IO server gets a path that is not its own.

use super::location::{Repair, arguments, is_own};
use super::query_lost::sent;
use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::Grade;
use crate::nginx::{Kind, ProxyPass};
use crate::path::{Part, Sender, SessionRequest, Site, SiteLocation};

pub(super) static RULE: Rule = Rule {
    id: "prefix-not-mapped",
    severity: Severity::Error,
    grade: Grade::Reproduced,
    fix: Applicability::Safe,
    sources: &[
        "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_pass",
        "socketio/socket.io:packages/engine.io/lib/server.ts",
        "webgme/webgme#1757",
    ],
    page: include_str!("prefix_not_mapped.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for (site, session) in model.socketio_locations() {
        findings.extend(finding(site, session, model.sender_of(site)));
    }
}

fn finding(site: &Site<'_>, session: &SiteLocation<'_>, sender: Sender) -> Option<Draft> {
    let (pass, sent) = sent(site, session, sender)?;
    let (path, query) = sent.split_once('?').unwrap_or((&sent, ""));
    let (why, severity) = match (wrong(session, path), query.contains("EIO=")) {
        (Some(wrong), true) => wrong,
        (Some((why, _)), false) => (format!("without the query, {why}"), Severity::Error),
        (None, true) => kept(site, session, path)?,
        // A lost query is another rule's to name.
        (None, false) => return None,
    };
    let message = format!("the Socket.IO server gets `{path}`, {why}");
    let beside = format!("`{}` becomes `{path}`", session.path);
    let draft = Draft::at(site.value_place(pass.node), beside, message)
        .of_directive(site, pass.node)
        .only(severity)
        .and(site.place(session.location?), "for this location");
    let draft = draft.because(&session.evidence[0]);
    // What a `rewrite` made of the path is sent, whatever stands in `proxy_pass`.
    if is_rewritten(site, session, sender) {
        return Some(draft.help("let the `rewrite` make the server's own path of it"));
    }
    Some(draft.help(help(session, &pass)).fix(Applicability::Safe, repair(site, session, &pass)))
}

fn is_rewritten(site: &Site<'_>, session: &SiteLocation<'_>, sender: Sender) -> bool {
    let request = site.request_of(session, sender, SessionRequest::Handshake);
    let route = site.config.route(&request).ok().flatten();
    route.is_some_and(|route| !route.steps.is_empty())
}

/// The `proxy_pass` with the path of the server, where a location stands for the path of Socket.IO and no more: then the
/// one is put in the place of the other. The server's path is the marked one, or else the one that lacks its slash.
fn repair(site: &Site<'_>, session: &SiteLocation<'_>, pass: &ProxyPass) -> Option<Repair> {
    let location = site.config.location(session.location?)?;
    let own = is_own(site, location.node, pass.node) && !pass.has_variables();
    let exact = location.path == session.path && session.path.ends_with('/');
    let prefix = matches!(location.kind, Kind::Prefix | Kind::PrefixFinal);
    let uri = pass.uri.as_deref().unwrap_or_default();
    let server = match &session.mark.server_path {
        Some(own) => own.clone(),
        None => format!("{}/", Some(uri).filter(|uri| uri.ends_with("/socket.io"))?),
    };
    let base = pass.url.strip_suffix(uri).unwrap_or(&pass.url);
    let url = format!("{base}{server}");
    let plain = url.bytes().all(|byte| byte.is_ascii_graphic() && !b"$;{}\"'\\#".contains(&byte));
    (exact && prefix && plain && own).then(|| arguments(site, pass.node, &url))
}

const REFUSED: &str = "404, 502, or no answer at all";

/// Why a server cannot take the path, as far as that is certain without its code.
pub(super) fn wrong(session: &SiteLocation<'_>, path: &str) -> Option<(String, Severity)> {
    let error = |why: &str| Some((format!("{why}: {REFUSED}"), Severity::Error));
    if let Some(own) = &session.mark.server_path {
        let fits = path.starts_with(own.as_str());
        return error(&format!("and listens at `{own}`")).filter(|_| !fits);
    }
    if path.starts_with("//") {
        return error("with two slashes");
    }
    if session.path.ends_with('/') && path.ends_with("socket.io") {
        return error("without the slash at its end");
    }
    // A server may be mounted anywhere, but nobody mounts one at `/`.
    let lost = session.path.ends_with("socket.io/") && !path.contains("socket.io");
    let why = format!("and listens at `/socket.io/` unless told otherwise: {REFUSED}");
    lost.then_some((why, Severity::Warning))
}

/// A prefix that is kept may be the server's own. Whoever wrote it into the location knows of it.
fn kept(site: &Site<'_>, session: &SiteLocation<'_>, path: &str) -> Option<(String, Severity)> {
    let location = site.config.location(session.location?)?;
    let known = session.mark.server_path.is_some() || location.path.contains("socket");
    let prefixed = path == session.path && path != "/socket.io/";
    let why = "with the prefix: only one that is told this `path` answers";
    (prefixed && !known).then(|| (why.to_owned(), Severity::Info))
}

fn help(session: &SiteLocation<'_>, pass: &ProxyPass) -> String {
    let uri = pass.uri.as_deref().unwrap_or_default();
    let base = pass.url.strip_suffix(uri).unwrap_or(&pass.url);
    let path = &session.path;
    match (&session.mark.server_path, path.strip_suffix("socket.io/")) {
        (Some(own), _) if pass.has_variables() => {
            format!(
                "with a variable in it, nginx sends the path as it is: write `proxy_pass {base}{own}$is_args$args;`"
            )
        }
        (None, Some(prefix)) if pass.has_variables() && prefix != "/" => format!(
            "with a variable in it, nginx sends the path as it is: write `rewrite ^{prefix}(.*)$ /$1 break;` and `proxy_pass {base};`"
        ),
        (Some(own), _) => format!("write `location {path} {{ proxy_pass {base}{own}; }}`"),
        (None, Some("/")) if !uri.is_empty() => {
            format!("leave out what stands behind the host: `proxy_pass {base};`")
        }
        (None, Some(prefix)) => format!(
            "to take a prefix off, end both paths with `/`: `location {prefix} {{ proxy_pass {base}/; }}`"
        ),
        (None, None) => format!("write `location {path} {{ proxy_pass {base}/socket.io/; }}`"),
    }
}
