//! Findings that somebody accepted: comments in the files, and `[lint]` in sioway.toml.

use std::collections::BTreeMap;

use crate::diagnostic::{Applicability, Diagnostic, Finding, Severity, SourceId, Sources};
use crate::set::{Allow, Remark, Remarked, Set};

/// The rules that have no file of their own: they are about comments for sioway.
pub(super) const OWN: [&str; 2] = ["unused-allow", "broken-remark"];

/// What there is to say of them.
pub fn own_page(id: &str) -> Option<&'static str> {
    match id {
        "unused-allow" => Some(
            "# unused-allow\nAn allowance that accepts nothing.\n\nA comment `# sioway: allow(rule) reason` accepts findings on its \
             own line, or on the next line that is no comment.\nOne that accepts nothing is left over, or misspelt: it would \
             hide a fault that somebody makes there later.\n",
        ),
        "broken-remark" => Some(
            "# broken-remark\nA comment that speaks to sioway, and is not understood.\n\nThere are two: \
             `# sioway: allow(rule) reason`, and `# sioway: socketio path=/socket.io/ …`.\nWhat is meant for sioway and not \
             understood would be taken for granted otherwise.\n",
        ),
        _ => None,
    }
}

/// What a workspace says of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// It is not asked.
    Off,
    /// Its findings matter this much.
    Severity(Severity),
}

/// What a workspace says of rules, for all files and for some.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// By rule.
    pub rules: BTreeMap<String, Setting>,
    /// By a pattern of paths, in the order they are written: the last that fits decides.
    pub paths: Vec<(glob::Pattern, BTreeMap<String, Setting>)>,
}

impl Policy {
    fn setting(&self, rule: &str, file: &str) -> Option<Setting> {
        let fitting = self.paths.iter().rev().filter(|(pattern, _)| pattern.matches(file));
        let mut by_path = fitting.filter_map(|(_, rules)| rules.get(rule));
        by_path.next().or_else(|| self.rules.get(rule)).copied()
    }
}

/// Takes out what is accepted, and adds what is wrong with the comments that accept.
pub fn suppress(
    findings: Vec<Finding>,
    set: &Set<'_>,
    sources: &Sources,
    policy: &Policy,
) -> Vec<Finding> {
    let mut allowances: Vec<Allowance<'_>> = set.remarks.iter().flat_map(allowances).collect();
    let mut kept: Vec<Finding> = Vec::new();
    for finding in findings {
        if !is_allowed(&finding, sources, &mut allowances) {
            kept.push(finding);
        }
    }
    kept.extend(allowances.iter().filter(|one| !one.used).map(unused));
    kept.extend(set.remarks.iter().filter_map(broken));
    kept.retain_mut(|finding| apply(finding, sources, policy));
    super::sort(&mut kept);
    kept
}

fn apply(finding: &mut Finding, sources: &Sources, policy: &Policy) -> bool {
    let file = finding.diagnostic.labels.first().map(|label| &*sources.get(label.source).name);
    match policy.setting(finding.diagnostic.id, file.unwrap_or_default()) {
        Some(Setting::Off) => false,
        Some(Setting::Severity(severity)) => {
            finding.diagnostic.severity = severity;
            true
        }
        None => true,
    }
}

/// One rule that one comment allows.
struct Allowance<'r> {
    remark: &'r Remarked,
    rule: &'r str,
    span: crate::diagnostic::Span,
    used: bool,
}

fn allowances(remark: &Remarked) -> Vec<Allowance<'_>> {
    let Remark::Allow(Allow { rules, .. }) = &remark.remark else {
        return Vec::new();
    };
    rules.iter().map(|(rule, span)| Allowance { remark, rule, span: *span, used: false }).collect()
}

/// Whether a comment on the line of the finding, or right above it, allows it.
fn is_allowed(finding: &Finding, sources: &Sources, allowances: &mut [Allowance<'_>]) -> bool {
    let Some(at) = finding.diagnostic.labels.first() else {
        return false;
    };
    let mut allowed = false;
    let same = |one: &&mut Allowance<'_>| {
        one.rule == finding.diagnostic.id && one.remark.place.source == at.source
    };
    for one in allowances.iter_mut().filter(same) {
        if covers(one.remark, at.source, at.span.start, sources) {
            one.used = true;
            allowed = true;
        }
    }
    allowed
}

/// Whether a comment speaks of a place: it is on the same line, or on lines of comments right above it.
fn covers(remark: &Remarked, source: SourceId, at: usize, sources: &Sources) -> bool {
    let text = &*sources.get(source).text;
    let line_start = |at: usize| text[..at].rfind('\n').map_or(0, |end| end + 1);
    let (own, target) = (line_start(remark.place.span.start), line_start(at));
    if own == target {
        return true;
    }
    if !remark.own_line || own > target {
        return false;
    }
    let between = text[own..target].lines();
    between.into_iter().all(|line| line.trim_start().starts_with('#'))
}

fn unused(one: &Allowance<'_>) -> Finding {
    let known = super::is_known(one.rule);
    let message = if known {
        format!("`{}` finds nothing here: this allowance has no effect", one.rule)
    } else {
        format!("there is no rule `{}`", one.rule)
    };
    let label = crate::set::Place { source: one.remark.place.source, span: one.span };
    let help = if known {
        "take it out; or move it onto the line of the finding, or right above it"
    } else {
        "`sioway explain` lists the rules"
    };
    finding("unused-allow", message, label, help)
}

fn broken(remark: &Remarked) -> Option<Finding> {
    let Remark::Broken(why) = &remark.remark else {
        return None;
    };
    let message = "this comment speaks to sioway, which does not understand it";
    Some(finding("broken-remark", message.to_owned(), remark.place, why))
}

fn finding(id: &'static str, message: String, place: crate::set::Place, help: &str) -> Finding {
    let mut diagnostic = Diagnostic::at(id, message, place.label("")).help(help);
    diagnostic.severity = Severity::Warning;
    Finding {
        diagnostic,
        object: None,
        path: String::new(),
        fix: Applicability::Manual,
        edits: Vec::new(),
    }
}
