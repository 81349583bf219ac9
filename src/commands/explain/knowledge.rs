//! What sioway knows without any file: its rules, the fields of manifests, the keys of app.toml.

use crate::kube::annotations;
use crate::kube::fields::{self, Field};
use crate::nginx;
use crate::report::table;
use crate::rules::{self, ALL, Rule};
use crate::spec::{Key, app_keys};

/// The names that were meant are at least this alike.
const ALIKE: f64 = 0.8;

/// Everything that can be explained, by name.
pub(super) fn list() -> String {
    let rules: Vec<Vec<String>> =
        ALL.iter().map(|rule| vec![rule.id.to_owned(), rule.page().summary.to_owned()]).collect();
    let leaves = app_keys().iter().filter(|key| key.is_leaf());
    let keys: Vec<Vec<String>> = leaves
        .map(|key| vec![key.path.clone(), key.kind.clone(), first_sentence(&key.doc)])
        .collect();
    let kinds = kinds().join(", ");
    format!(
        "Rules of `sioway lint`\n\n{}\nKeys of app.toml\n\n{}\nFields of manifests: name a kind, {kinds}\n\n\
         What to ask when sessions break: sioway explain tree\n",
        table(&rules),
        table(&keys)
    )
}

fn kinds() -> Vec<&'static str> {
    let mut kinds: Vec<&str> = fields::all().flat_map(|field| field.kinds).copied().collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

/// What a word means: a rule, a field, a kind, or a key.
pub(super) fn of(word: &str) -> Option<String> {
    let rule = || rules::rule(word).map(page);
    let field = || fields::find(word).map(field);
    let own = || rules::own_page(word).map(str::to_owned);
    rule()
        .or_else(own)
        .or_else(|| keys(word))
        .or_else(field)
        .or_else(|| kind(word))
        .or_else(|| annotation(word))
        .or_else(|| fields_named(word))
        .or_else(|| rules_of_directive(word))
}

/// An annotation: who reads it, and on which kind.
fn annotation(word: &str) -> Option<String> {
    let key = annotations::key(word)?;
    let rows = [
        vec!["on".to_owned(), key.kinds.join(", ")],
        vec!["source".to_owned(), key.source.to_owned()],
    ];
    Some(format!("{}\n  {}\n\n{}", key.key, key.meaning, table(&rows)))
}

/// Every field whose last name it is.
fn fields_named(word: &str) -> Option<String> {
    let last = |field: &&Field| {
        let name = field.path.rsplit('.').next().unwrap_or_default();
        name.trim_end_matches("[]").eq_ignore_ascii_case(word)
    };
    let found: Vec<String> = fields::all().filter(last).map(field).collect();
    (!found.is_empty()).then(|| found.join("\n"))
}

/// The rules whose examples have a directive of nginx.
fn rules_of_directive(word: &str) -> Option<String> {
    if nginx::rows(word).is_empty() {
        return None;
    }
    let marked = |rule: &&&Rule| {
        let fences = rule.page().fences("Example");
        let mut lines = fences.iter().flat_map(|fence| fence.text.lines());
        lines.any(|line| line.ends_with("# error") && line.split_whitespace().next() == Some(word))
    };
    let rows: Vec<Vec<String>> = ALL
        .iter()
        .filter(marked)
        .map(|rule| vec![rule.id.to_owned(), rule.page().summary.to_owned()])
        .collect();
    let default =
        nginx::default_of(word).map_or(String::new(), |one| format!(", default {}", one.value));
    let rules =
        if rows.is_empty() { "no rule looks at it alone\n".to_owned() } else { table(&rows) };
    Some(format!("{word}: a directive of nginx{default}\n\n{rules}"))
}

/// A rule's page, without what only its test needs.
fn page(rule: &Rule) -> String {
    let page = rule.page();
    let shown = rule.sections().into_iter().map(|(heading, text)| {
        let text = text.replace(" # error", "  # here");
        format!("\n## {heading}\n{text}\n")
    });
    let sections = shown.collect::<Vec<_>>().concat();
    let sources = rule.sources.iter().map(|source| format!("- {source}\n"));
    let sources = sources.collect::<Vec<_>>().concat();
    format!(
        "# {}\n{}\n{sections}\n## Evidence\n{}: {}\n{sources}",
        rule.id,
        page.summary,
        rule.grade,
        grade(rule)
    )
}

fn grade(rule: &Rule) -> &'static str {
    match rule.grade.as_str() {
        "source" => "read in the code that behaves so",
        "documented" => "stated by whoever makes it",
        "reproduced" => "seen with the real programs",
        _ => "seen by others, who published it",
    }
}

fn keys(word: &str) -> Option<String> {
    let under = |key: &&Key| key.path == word || key.path.starts_with(&format!("{word}."));
    let keys: Vec<&Key> = app_keys().iter().filter(under).collect();
    let lines = keys.iter().map(|key| format!("{} ({})\n  {}\n", key.path, key.kind, key.doc));
    let lines: Vec<String> = lines.collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn field(field: &Field) -> String {
    let mut rows = vec![
        vec!["type".to_owned(), field.shape.to_string()],
        vec!["default".to_owned(), or_none(field.default)],
        vec!["left out".to_owned(), or_none(field.absent)],
    ];
    if field.required {
        rows.push(vec!["required".to_owned(), "yes, in its block".to_owned()]);
    }
    if !field.checked_by.is_empty() {
        rows.push(vec!["rules".to_owned(), field.checked_by.join(", ")]);
    }
    rows.push(vec!["evidence".to_owned(), field.grade.to_string()]);
    rows.extend(field.sources.iter().map(|source| vec!["source".to_owned(), (*source).to_owned()]));
    format!("{}.{}\n  {}\n\n{}", field.kinds.join(", "), field.path, field.meaning, table(&rows))
}

fn or_none(text: &str) -> String {
    if text.is_empty() { "none".to_owned() } else { text.to_owned() }
}

fn kind(word: &str) -> Option<String> {
    let kind = fields::canonical_kind(word)?;
    let rows: Vec<Vec<String>> = fields::fields_of(kind)
        .map(|field| {
            vec![field.path.to_owned(), field.shape.to_string(), first_sentence(field.meaning)]
        })
        .collect();
    (!rows.is_empty()).then(|| table(&rows))
}

/// The name that was probably meant.
pub(super) fn nearest(wanted: &str) -> Option<String> {
    if let Some(field) = fields::nearest(wanted).filter(|_| wanted.contains('.')) {
        return Some(field);
    }
    let rules = ALL.iter().map(|rule| rule.id);
    let keys = app_keys().iter().map(|key| key.path.as_str());
    let ranked = rules.chain(keys).map(|name| (strsim::jaro_winkler(wanted, name), name));
    let best = ranked.max_by(|one, other| one.0.total_cmp(&other.0));
    best.filter(|(score, _)| *score > ALIKE).map(|(_, name)| name.to_owned())
}

fn first_sentence(doc: &str) -> String {
    doc.split_inclusive(". ").next().unwrap_or(doc).trim_end().to_owned()
}
