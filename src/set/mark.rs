//! What people write into comments for sioway: `# sioway: socketio …` and `# sioway: allow(rule) reason`.

use rayon::prelude::*;

use crate::diagnostic::Span;
use crate::manifest::Stream;

use super::{File, NginxText, Origin, Place};

/// A comment that speaks to sioway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remarked {
    /// The comment.
    pub place: Place,
    /// Nothing else is on its line: it speaks of what follows.
    pub own_line: bool,
    /// What it says.
    pub remark: Remark,
}

/// What a comment says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remark {
    /// Session traffic goes through here.
    Mark(Mark),
    /// Findings of these rules are accepted here.
    Allow(Allow),
    /// Nothing that sioway understands: why.
    Broken(String),
}

/// Session traffic goes through here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mark {
    /// The path that browsers ask for.
    pub path: Option<String>,
    /// The path that the server is mounted at.
    pub server_path: Option<String>,
    /// `maxHttpBufferSize`, in bytes.
    pub max_message: Option<u64>,
    /// Whether clients may poll.
    pub polling: Option<bool>,
    /// Engine.IO's `pingInterval`, in milliseconds.
    pub ping_interval: Option<u64>,
    /// Engine.IO's `pingTimeout`, in milliseconds.
    pub ping_timeout: Option<u64>,
    /// How long a WebSocket is to last, in seconds.
    pub max_age: Option<u64>,
    /// How many pods the server runs on.
    pub replicas: Option<u64>,
}

/// Findings of some rules are accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allow {
    /// The rules' ids, and where each is written.
    pub rules: Vec<(String, Span)>,
    /// Why. Never empty.
    pub reason: String,
}

/// The remarks of all files. nginx's comments in a ConfigMap are text to YAML, so each is found once.
pub(super) fn all(files: &[File<'_>], nginx: &[NginxText<'_>]) -> Vec<Remarked> {
    let own = files.par_iter().flat_map_iter(|file| file.parts().flat_map(in_manifest));
    own.chain(nginx.par_iter().flat_map_iter(in_nginx)).collect()
}

/// What the comments of a manifest say.
fn in_manifest(file: &File<'_>) -> Vec<Remarked> {
    let stream = file.stream().filter(|_| file.has("sioway:"));
    let comments = stream.map(Stream::comments).unwrap_or_default().iter();
    comments
        .filter_map(|comment| {
            let text = &file.text[comment.span.start..comment.span.end];
            remark(text, file.place(comment.span), comment.own_line)
        })
        .collect()
}

/// What the comments of a configuration of nginx say.
fn in_nginx(text: &NginxText<'_>) -> Vec<Remarked> {
    let whole = text.text();
    let comments = if whole.contains("sioway:") { &text.tree.comments[..] } else { &[] };
    comments
        .iter()
        .filter_map(|comment| {
            let written = &whole[comment.span.start..comment.span.end];
            remark(written, text.place(comment.span), comment.own_line)
        })
        .collect()
}

/// Whether a remark was found in an nginx configuration.
impl NginxText<'_> {
    /// Whether a place of the file is in it.
    pub fn holds(&self, place: Place) -> bool {
        match &self.origin {
            Origin::File(file) => file.source == place.source,
            Origin::ConfigMap { object, entry, .. } => {
                let value = entry.value().span();
                object.file.source == place.source
                    && value.start <= place.span.start
                    && place.span.end <= value.end
            }
        }
    }
}

fn remark(comment: &str, place: Place, own_line: bool) -> Option<Remarked> {
    let said = comment.trim_start_matches('#').trim_start();
    let said = said.strip_prefix("sioway:")?;
    let start = place.span.start + (comment.len() - said.len());
    let remark = match said.trim_start() {
        text if text.starts_with("allow") => allow(said, start),
        text if text.starts_with("socketio") => mark(&text["socketio".len()..]),
        text => Err(format!(
            "`{}` is nothing that sioway knows: write `allow(rule) reason` or `socketio`",
            text.split_whitespace().next().unwrap_or_default()
        )),
    };
    Some(Remarked { place, own_line, remark: remark.unwrap_or_else(Remark::Broken) })
}

fn allow(said: &str, start: usize) -> Result<Remark, String> {
    let broken = || "write it so: `sioway: allow(rule-id) the reason`".to_owned();
    let (before, rest) = said.split_once('(').ok_or_else(broken)?;
    let (rules, reason) = rest.split_once(')').ok_or_else(broken)?;
    if before.trim() != "allow" {
        return Err(broken());
    }
    let mut at = start + before.len() + 1;
    let mut named = Vec::new();
    for rule in rules.split(',') {
        let id = rule.trim();
        let begin = at + (rule.len() - rule.trim_start().len());
        named.push((id.to_owned(), Span::from(begin..begin + id.len())));
        at += rule.len() + 1;
    }
    let reason = reason.trim_start_matches([':', ' ']).trim().to_owned();
    if named.iter().any(|(id, _)| id.is_empty()) {
        return Err("name the rule that is allowed".into());
    }
    if reason.is_empty() {
        return Err("say why: `sioway: allow(rule-id) the reason`".into());
    }
    Ok(Remark::Allow(Allow { rules: named, reason }))
}

fn mark(options: &str) -> Result<Remark, String> {
    let mut mark = Mark::default();
    for option in options.split_whitespace() {
        let (key, value) = option
            .split_once('=')
            .ok_or_else(|| format!("`{option}` is no option: write `key=value`"))?;
        match key {
            "path" => mark.path = Some(path(value)?),
            "server-path" => mark.server_path = Some(path(value)?),
            "max-message" => mark.max_message = Some(size(value)?),
            "transports" => mark.polling = Some(value.split(',').any(|one| one == "polling")),
            "ping-interval" => mark.ping_interval = Some(time(value)?),
            "ping-timeout" => mark.ping_timeout = Some(time(value)?),
            "max-age" => mark.max_age = Some(time(value)? / 1_000),
            "replicas" => {
                mark.replicas = Some(value.parse().map_err(|_| format!("`{value}` is no number"))?);
            }
            _ => return Err(format!("there is no option `{key}`, only {OPTIONS}")),
        }
    }
    Ok(Remark::Mark(mark))
}

const OPTIONS: &str = "`path`, `server-path`, `max-message`, `transports`, `ping-interval`, `ping-timeout`, `max-age` and `replicas`";

fn time(value: &str) -> Result<u64, String> {
    value
        .parse::<crate::spec::Milliseconds>()
        .map(crate::spec::Milliseconds::get)
        .map_err(|error| format!("`{value}` is no duration: {error}"))
}

fn path(value: &str) -> Result<String, String> {
    if !value.starts_with('/') {
        return Err(format!("the path `{value}` does not begin with `/`"));
    }
    Ok(value.to_owned())
}

fn size(value: &str) -> Result<u64, String> {
    value
        .parse::<crate::spec::Bytes>()
        .map(crate::spec::Bytes::get)
        .map_err(|error| format!("`{value}` is no size: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Sources;

    fn said(comment: &str) -> Option<Remark> {
        let source = Sources::default().add("a.yaml", comment);
        let span = (0..comment.len()).into();
        remark(comment, Place { source, span }, true).map(|found| found.remark)
    }

    #[test]
    fn marks_have_options() {
        let Some(Remark::Mark(mark)) =
            said("# sioway: socketio path=/theia/socket.io/ max-message=5MB transports=websocket")
        else {
            panic!("a mark");
        };
        assert_eq!(mark.path.as_deref(), Some("/theia/socket.io/"));
        assert_eq!((mark.max_message, mark.polling), (Some(5_000_000), Some(false)));
        assert_eq!(said("# sioway: socketio"), Some(Remark::Mark(Mark::default())));
        assert!(matches!(said("#sioway: socketio pth=/"), Some(Remark::Broken(_))));
        assert_eq!(said("# a sioway: socketio"), None);
    }

    #[test]
    fn an_allowance_names_rules_and_a_reason() {
        let comment = "# sioway: allow(drain-disabled, dead-annotation) until the move";
        let Some(Remark::Allow(allow)) = said(comment) else {
            panic!("an allowance");
        };
        let written: Vec<&str> =
            allow.rules.iter().map(|(_, span)| &comment[span.start..span.end]).collect();
        assert_eq!(written, ["drain-disabled", "dead-annotation"]);
        assert_eq!(allow.reason, "until the move");
        for broken in ["# sioway: allow(a)", "# sioway: allow()", "# sioway: allow a b"] {
            assert!(matches!(said(broken), Some(Remark::Broken(_))), "{broken}");
        }
    }
}
