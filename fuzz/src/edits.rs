//! The edit engine: edits before a line `%%`, and the text that they are made in.

use serde_json::{Value, json};
use sioway::diagnostic::{Edit, Insertion, NginxChange, Span, ValueChange};
use sioway::fix::{Applied, apply};
use sioway::manifest::{self, Node, Path, Step};
use sioway::nginx::{Directive, parse};

use super::files::text;

/// Edits, of which each line tells one, and the text below them.
fn parts(bytes: &[u8]) -> Option<(&str, &str)> {
    let (edits, text) = text(bytes)?.split_once("\n%%\n")?;
    (edits.lines().count() <= 4).then_some((edits, text))
}

/// What an edit did not touch is byte for byte what it was, and the splices are all that was done.
fn is_made_of_splices(old: &str, applied: &Applied) {
    let (mut at, mut made) = (0, String::new());
    for splice in &applied.splices {
        assert!(splice.span.start >= at, "{applied:?}");
        made += &old[at..splice.span.start];
        made += &splice.text;
        at = splice.span.end;
    }
    assert_eq!(made + &old[at..], applied.text);
}

/// An edit of values does what it says or nothing, and leaves YAML behind.
pub(crate) fn values(bytes: &[u8]) {
    let Some((shorts, text)) = parts(bytes) else { return };
    let stream = manifest::read(text);
    let objects: Vec<Span> = manifest::objects(&stream).map(|one| one.node.span()).collect();
    let roots = stream.documents().filter_map(|one| Some(one.root()?.span()));
    let spans: Vec<Span> = if objects.is_empty() { roots.collect() } else { objects };
    let Some(object) = spans.first().copied() else { return };
    let changes: Vec<ValueChange> = shorts.lines().filter_map(change).collect();
    let edit = |change: &ValueChange| Edit::Value { object, change: change.clone() };
    let mut edits: Vec<Edit> = changes.iter().map(edit).collect();
    let outcome = apply(text, &edits);
    edits.reverse();
    assert_eq!(outcome, apply(text, &edits), "the order of the edits decides");
    let Ok(applied) = outcome else { return };
    is_made_of_splices(text, &applied);
    let after = manifest::read(&applied.text);
    assert_eq!(after.problems, []);
    if let [ValueChange::Set { path, value }] = changes.as_slice() {
        is_set(&stream, &after, object, path, value);
    }
}

/// What was set is there: as this reader reads it and as another does.
fn is_set(
    before: &manifest::Stream<'_>,
    after: &manifest::Stream<'_>,
    object: Span,
    path: &Path,
    value: &Value,
) {
    let document = before.document_at(object.start).expect("the object's").index;
    let root = after.document(document).and_then(manifest::Document::root).expect("a root");
    if before.document(document).and_then(manifest::Document::root).map(Node::span) != Some(object)
    {
        return;
    }
    let found = manifest::find(root, path).map_or(Value::Null, read);
    assert_eq!(&found, value, "{}", after.text());
}

/// As Kubernetes reads a value.
fn read(node: Node<'_>) -> Value {
    if node.is_map() {
        let entries = node.entries();
        return entries.map(|one| (one.key().into_owned(), read(one.value()))).collect();
    }
    if node.is_list() {
        return node.items().map(read).collect();
    }
    match node.value() {
        None | Some(manifest::Value::Null) => Value::Null,
        Some(manifest::Value::Bool(truth)) => truth.into(),
        Some(manifest::Value::Int(number)) => number.into(),
        Some(manifest::Value::Float(number)) => json!(number),
        Some(manifest::Value::Text(text)) => text.into(),
    }
}

/// `path = json`, `- path`, `list + json`, `list[1] < json`, `path -> key`, `path @ inside = json`.
fn change(short: &str) -> Option<ValueChange> {
    let path = |text: &str| text.trim().parse::<Path>().ok();
    let value = |text: &str| serde_json::from_str::<Value>(text).ok();
    if let Some(rest) = short.strip_prefix("- ") {
        return Some(ValueChange::Remove { path: path(rest)? });
    }
    if let Some((left, to)) = short.split_once(" -> ") {
        return Some(ValueChange::Rename { path: path(left)?, to: to.to_owned() });
    }
    if let Some((left, right)) = short.split_once(" @ ") {
        let (inside, right) = right.split_once(" = ")?;
        let (path, inside, value) = (path(left)?, path(inside)?, value(right)?);
        return Some(ValueChange::SetJson { path, inside, value });
    }
    if let Some((left, right)) = short.split_once(" = ") {
        return Some(ValueChange::Set { path: path(left)?, value: value(right)? });
    }
    if let Some((left, right)) = short.split_once(" + ") {
        return Some(ValueChange::Append { path: path(left)?, value: value(right)? });
    }
    let (left, right) = short.split_once(" < ")?;
    let mut path = path(left)?;
    let Some(Step::Index(index)) = path.steps.pop() else { return None };
    Some(ValueChange::Insert { path, index, value: value(right)? })
}

/// An edit of a configuration leaves one behind that has the same problems at most.
pub(crate) fn nginx(bytes: &[u8]) {
    let Some((shorts, text)) = parts(bytes) else { return };
    let tree = parse(text);
    let all: Vec<&Directive> = tree.walk().collect();
    let changes = shorts.lines().filter_map(|short| nginx_change(short, &all));
    let edits: Vec<Edit> = changes.map(|change| Edit::nginx(None, change)).collect();
    let Ok(applied) = apply(text, &edits) else { return };
    is_made_of_splices(text, &applied);
    if tree.problems.is_empty() {
        assert_eq!(parse(&applied.text).problems, [], "{}", applied.text);
    }
}

/// `set N text`, `replace N text`, `remove N`, `before N text`, `after N text`, `start N text`, `end N text`.
fn nginx_change(short: &str, all: &[&Directive]) -> Option<NginxChange> {
    let mut words = short.splitn(3, ' ');
    let (verb, number) = (words.next()?, words.next()?.parse::<usize>().ok()?);
    let text = words.next().unwrap_or_default().replace("\\n", "\n");
    let directive = all.get(number % all.len().max(1)).map(|one| one.span);
    Some(match (verb, directive) {
        ("set", Some(directive)) => NginxChange::SetArguments { directive, text },
        ("replace", Some(directive)) => NginxChange::Replace { directive, text },
        ("remove", Some(directive)) => NginxChange::Remove { directive },
        ("before", Some(span)) => NginxChange::Insert { place: Insertion::Before(span), text },
        ("after", Some(span)) => NginxChange::Insert { place: Insertion::After(span), text },
        ("start", at) => NginxChange::Insert { place: Insertion::Start(at), text },
        ("end", at) => NginxChange::Insert { place: Insertion::End(at), text },
        _ => return None,
    })
}
