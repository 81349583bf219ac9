//! The manifest reader against others: its own two halves, granit-parser, libyaml.

use std::fmt::Write as _;

use proptest::prelude::*;
use serde::Deserialize as _;
use serde_yaml::Value as Yaml;
use sioway::diagnostic::Span;
use sioway::manifest::json::{self, Json, Kind};
use sioway::manifest::{
    Document, LineEnding, Node, Path, Step, Stream, Style, Value, find, path_below, path_of, read,
    read_slowly, reads_fast,
};

/// Bits that mean something in YAML, to be thrown together.
const BITS: &[&str] = &[
    "a",
    "b: ",
    "key: ",
    "key:",
    "- ",
    "-",
    "\n",
    "\n",
    "\n  ",
    "\n    ",
    "\n- ",
    "\n  - ",
    " ",
    "  ",
    "\"q\"",
    "\"a\\n\\u00e9\"",
    "\"",
    "'",
    "'it''s'",
    "''",
    "{}",
    "[]",
    "{",
    "}",
    "[",
    "]",
    ", ",
    ",",
    ":",
    " # c",
    "#",
    "# c\n",
    "\n---\n",
    "---",
    "--- ",
    "\n...\n",
    "\t",
    "\r\n",
    "é",
    "😀",
    "\u{a0}",
    "\u{85}",
    "\u{2028}",
    "&x ",
    "*x",
    "!!str ",
    "!t ",
    "? ",
    "<<: ",
    "<<",
    "|\n",
    "|-\n",
    "|+\n",
    ">\n",
    ">-\n",
    "|2\n",
    "| # c\n",
    "\u{feff}",
    "%",
    "%YAML 1.2\n",
    "~",
    "null",
    "on",
    "012",
    "1e3",
    "x y",
    "http://x:80/y",
    "a:b",
    "-1",
    "--",
    ".",
    "\\",
    "@",
    "`",
    "$x",
    "key: |\n  text\n  more\n",
    "key:\n- 1\n- 2\n",
    "a: {b: [c, d], \"e\": f}\n",
    "\u{1}",
    "\r",
    "\\\n",
    "\n\n",
    "   \n",
];

fn soup() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(BITS), 0..24).prop_map(|bits| bits.concat())
}

/// Manifests of the kind that people write.
const SAMPLES: &[&str] = &[
    include_str!("../../out/minimal/ingress.yaml"),
    "apiVersion: v1\nkind: Service\nmetadata:\n  name: chat\n  annotations:\n    cloud.google.com/neg: '{\"ingress\": true}'\n\
     spec:\n  ports:\n  - name: http # the one\n    port: 80\n    targetPort: 3000\n  selector: {app: chat}\n---\n# next\n\
     kind: ConfigMap\ndata:\n  nginx.conf: |\n    server {\n      listen 80;\n\n    }\n  empty: \"\"\n  other: |-\n    x\n",
    "a: &x {b: 1}\nc: *x\nd:\n  <<: *x\n  e: >-\n    folded\n    text\n\n    more\nf: \"two\n  lines\"\ng: plain\n  text\n",
    "{\n  \"kind\": \"List\",\n  \"items\": [\n    {\"a\": [1, 2.5, null, true], \"b\": \"\\u00e9\\n\"}\n  ]\n}\n",
    "items:\n- - a\n  - b\n-\n  c: d\n- e:\n    f:\n  g: \"h\" # i\n  j: 'k'\n",
];

/// A sample in which bits were put in, or bytes were cut out.
fn mutant() -> impl Strategy<Value = String> {
    let edit = (any::<prop::sample::Index>(), 0..4_usize, prop::sample::select(BITS));
    (prop::sample::select(SAMPLES), prop::collection::vec(edit, 0..4), any::<bool>()).prop_map(
        |(sample, edits, windows)| {
            let mut text = sample.to_owned();
            for (at, cut, bit) in edits {
                let from = text.floor_char_boundary(at.index(text.len() + 1));
                let to = text.ceil_char_boundary((from + cut).min(text.len()));
                text.replace_range(from..to, bit);
            }
            if windows { text.replace('\n', "\r\n") } else { text }
        },
    )
}

/// A tree that is written in one style or another.
#[derive(Debug, Clone)]
enum Tree {
    Text(String),
    List(Vec<Tree>),
    Map(Vec<(String, Tree)>),
}

fn tree() -> impl Strategy<Value = Tree> {
    let word = "[a-z][a-z0-9./-]{0,6}";
    let text = prop_oneof![word, "[ -~]{0,12}", "[a-z \n\"'#:é]{0,16}", Just(String::new())];
    text.prop_map(Tree::Text).prop_recursive(4, 24, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Tree::List),
            prop::collection::vec(("k[a-z0-9./-]{0,6}", inner), 0..4).prop_map(Tree::Map),
        ]
    })
}

/// Writes a tree; `dice` decides between styles.
struct Writer {
    text: String,
    dice: u64,
}

impl Writer {
    fn roll(&mut self, sides: u64) -> u64 {
        self.dice = self
            .dice
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.dice >> 33) % sides
    }

    fn value(&mut self, tree: &Tree, indent: usize) {
        match tree {
            Tree::Text(text) => self.scalar(text, indent),
            Tree::List(items) if items.is_empty() || self.roll(5) == 0 => {
                self.text.push_str(" [");
                for (index, item) in items.iter().enumerate() {
                    self.text.push_str(if index > 0 { ", " } else { "" });
                    self.flow(item);
                }
                self.text.push(']');
                self.line_end();
            }
            Tree::Map(entries) if entries.is_empty() || self.roll(5) == 0 => {
                self.text.push(' ');
                self.flow(tree);
                self.line_end();
            }
            Tree::List(items) => {
                self.line_end();
                for item in items {
                    self.fill(indent);
                    self.text.push('-');
                    self.value(item, indent + 2);
                }
            }
            Tree::Map(entries) => {
                self.line_end();
                for (key, value) in entries {
                    self.fill(indent);
                    let _ = write!(self.text, "{key}:");
                    self.value(value, indent + 2);
                }
            }
        }
    }

    fn flow(&mut self, tree: &Tree) {
        match tree {
            Tree::Text(text) => {
                let _ = write!(self.text, "{text:?}");
            }
            Tree::List(items) => {
                self.text.push('[');
                for (index, item) in items.iter().enumerate() {
                    self.text.push_str(if index > 0 { ", " } else { "" });
                    self.flow(item);
                }
                self.text.push(']');
            }
            Tree::Map(entries) => {
                self.text.push('{');
                for (index, (key, value)) in entries.iter().enumerate() {
                    self.text.push_str(if index > 0 { ", " } else { "" });
                    let _ = write!(self.text, "\"{key}\": ");
                    self.flow(value);
                }
                self.text.push('}');
            }
        }
    }

    fn scalar(&mut self, text: &str, indent: usize) {
        let is_plain = text.starts_with(|first: char| first.is_ascii_lowercase())
            && !text.contains([':', '#', '\n', '"'])
            && !text.ends_with(' ');
        match self.roll(4) {
            0 | 1 if is_plain => {
                let _ = write!(self.text, " {text}");
            }
            2 if !text.contains('\n') => {
                let _ = write!(self.text, " '{}'", text.replace('\'', "''"));
            }
            3 if text.starts_with(|first: char| first.is_ascii_lowercase()) => {
                let mark = if text.ends_with('\n') { "|+" } else { "|-" };
                let _ = write!(self.text, " {mark}");
                for line in text.trim_end_matches('\n').split('\n') {
                    self.text.push('\n');
                    self.fill(indent);
                    self.text.push_str(line);
                }
                let breaks = text.len() - text.trim_end_matches('\n').len();
                self.text.extend(std::iter::repeat_n('\n', breaks.max(1)));
                return;
            }
            _ => {
                let _ = write!(self.text, " {text:?}");
            }
        }
        self.line_end();
    }

    fn line_end(&mut self) {
        if self.roll(6) == 0 {
            self.text.push_str("  # why");
        }
        self.text.push('\n');
        if self.roll(12) == 0 {
            self.text.push_str("# a line\n\n");
        }
    }

    fn fill(&mut self, indent: usize) {
        self.text.extend(std::iter::repeat_n(' ', indent));
    }
}

fn written() -> impl Strategy<Value = (Tree, String)> {
    (tree(), any::<u64>()).prop_map(|(tree, dice)| {
        let mut writer = Writer { text: "---".to_owned(), dice };
        writer.value(&tree, 0);
        (tree, writer.text)
    })
}

fn same(tree: &Tree, node: Node) -> bool {
    match tree {
        Tree::Text(text) => node.text() == Some(text),
        Tree::List(items) => {
            node.items().count() == items.len()
                && items.iter().zip(node.items()).all(|(tree, node)| same(tree, node))
        }
        Tree::Map(entries) => entries.iter().all(|(key, _)| {
            let last = entries.iter().rev().find(|(other, _)| other == key).unwrap();
            node.get(key).is_some_and(|node| same(&last.1, node))
        }),
    }
}

/// Every value of a stream, keys included.
fn all_nodes<'s>(stream: &'s Stream<'_>) -> Vec<Node<'s>> {
    fn collect<'s>(node: Node<'s>, found: &mut Vec<Node<'s>>) {
        found.push(node);
        for entry in node.entries() {
            found.push(entry.key_node());
            collect(entry.value(), found);
        }
        for item in node.items() {
            collect(item, found);
        }
    }
    let mut found = Vec::new();
    for document in stream.documents() {
        if let Some(root) = document.root() {
            collect(root, &mut found);
        }
    }
    found
}

fn slice(text: &str, span: Span) -> &str {
    &text[span.start..span.end]
}

/// Names the first difference, and not all that is the same.
fn assert_same(fast: &Stream, complete: &Stream) {
    if fast == complete {
        return;
    }
    let shown = |stream: &Stream| -> Vec<String> {
        let nodes = all_nodes(stream);
        let nodes = nodes
            .iter()
            .map(|node| format!("{:?} {:?} {:?}", node.style(), node.span(), node.text()));
        let comments = stream.comments().iter().map(|comment| format!("{comment:?}"));
        let documents = stream
            .documents()
            .map(|document| format!("{:?} {}", document.span, document.is_broken()));
        nodes.chain(comments).chain(documents).chain([format!("{:?}", stream.problems)]).collect()
    };
    let (fast_lines, complete_lines) = (shown(fast), shown(complete));
    let first = fast_lines.iter().zip(&complete_lines).find(|(a, b)| a != b);
    panic!(
        "{:?}: the readers differ: {first:?}, {:?}, {:?}",
        fast.text(),
        fast_lines.last(),
        complete_lines.last()
    );
}

/// What holds of every stream.
fn check(text: &str) {
    let stream = read(text);
    assert_same(&stream, &read_slowly(text));
    let mut end = 0;
    for document in stream.documents() {
        assert!(document.span.start >= end && document.span.end <= text.len());
        assert!(!document.is_broken() || !stream.problems.is_empty());
        end = document.span.end;
    }
    for comment in stream.comments() {
        assert!(slice(text, comment.span).starts_with('#'));
    }
    for problem in &stream.problems {
        assert!(text.get(problem.span.start..problem.span.end).is_some());
    }
    for node in all_nodes(&stream) {
        check_node(text, node);
    }
}

fn check_node(text: &str, node: Node) {
    let written = slice(text, node.value_span());
    let (first, last) = match node.style() {
        Style::Single => ("'", "'"),
        Style::Double => ("\"", "\""),
        Style::Literal => ("|", ""),
        Style::Folded => (">", ""),
        Style::FlowMap if !written.starts_with('{') => ("", ""),
        Style::FlowMap => ("{", "}"),
        Style::FlowList => ("[", "]"),
        Style::BlockList => ("-", ""),
        _ => ("", ""),
    };
    assert!(written.starts_with(first) && written.ends_with(last), "{written:?}");
    let Some(decoded) = node.text() else { return };
    let embedded = node.embedded();
    let embedded = embedded.unwrap_or_else(|| panic!("no way back: {written:?} {decoded:?}"));
    let mut before = node.value_span().start;
    for (at, character) in decoded.char_indices() {
        let place = embedded.to_file(at);
        assert!(place >= before && place <= node.value_span().end, "{written:?} {decoded:?} {at}");
        before = place;
        let source = text[place..].chars().next();
        let is_other = matches!(source, None | Some('\\' | '\'' | '\n' | '\r' | ' ' | '\t'));
        assert!(source == Some(character) || is_other, "{written:?} {decoded:?} {at}");
    }
    let whole = embedded.span_to_file((0..decoded.len()).into());
    assert!(whole.start <= whole.end && whole.end <= text.len());
}

/// The value as libyaml's reader gives it: plain scalars aside, which differ by design.
fn matches_libyaml(node: Node, value: &Yaml) -> bool {
    match value {
        Yaml::Sequence(items) => {
            node.items().count() == items.len()
                && node.items().zip(items).all(|(node, value)| matches_libyaml(node, value))
        }
        Yaml::Mapping(entries) => node.is_map() && node.entries().count() == entries.len(),
        Yaml::String(text) => node.text() == Some(text),
        Yaml::Tagged(_) => true,
        _ => node.scalar().is_some(),
    }
}

/// All documents as libyaml reads them, if it reads all.
fn libyaml(text: &str) -> Option<Vec<Yaml>> {
    serde_yaml::Deserializer::from_str(text)
        .map(|document| Yaml::deserialize(document).ok())
        .collect()
}

/// Texts in which libyaml follows YAML 1.1, or which its wrapper refuses.
fn has_old_ways(text: &str) -> bool {
    ["\u{85}", "\u{2028}", "\u{feff}", "<<", "!", "%", "*", "?", "\u{1}"]
        .iter()
        .any(|old| text.contains(old))
}

fn check_with_libyaml(text: &str) {
    let stream = read(text);
    let (true, Some(values)) = (stream.problems.is_empty(), libyaml(text)) else {
        return;
    };
    if has_old_ways(text) || stream.duplicates().count() > 0 {
        return;
    }
    let documents: Vec<_> = stream.documents().collect();
    // A block that is the whole document may stand at the very left since YAML 1.2.
    let is_block = |node: Node| matches!(node.style(), Style::Literal | Style::Folded);
    if documents.iter().any(|document| document.root().is_some_and(is_block)) {
        return;
    }
    let is_bare = values.len() == 1 && values[0] == Yaml::Null && documents.is_empty();
    assert!(is_bare || documents.len() == values.len(), "{} {values:?}", documents.len());
    for (document, value) in documents.iter().zip(&values) {
        match document.root() {
            Some(root) => assert!(matches_libyaml(root, value), "{value:?}"),
            None => assert_eq!(value, &Yaml::Null),
        }
    }
}

fn same_json(ours: &Json, theirs: &serde_json::Value) -> bool {
    match (&ours.kind, theirs) {
        (Kind::Null, serde_json::Value::Null) => true,
        (Kind::Bool(a), serde_json::Value::Bool(b)) => a == b,
        (Kind::Number(a), serde_json::Value::Number(b)) => b.as_f64() == Some(*a),
        (Kind::Text(a), serde_json::Value::String(b)) => a == b,
        (Kind::List(a), serde_json::Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_json(a, b))
        }
        (Kind::Map(_), serde_json::Value::Object(b)) => {
            b.iter().all(|(key, b)| ours.get(key).is_some_and(|a| same_json(a, b)))
        }
        _ => false,
    }
}

fn check_json(text: &str) {
    match (json::read(text), serde_json::from_str::<serde_json::Value>(text)) {
        (Ok(ours), Ok(theirs)) => assert!(same_json(&ours, &theirs), "{text:?}"),
        (Err(ours), Err(_)) => assert!(text.get(ours.span.start..ours.span.end).is_some()),
        (ours, theirs) => panic!("{text:?}: {ours:?}, {theirs:?}"),
    }
}

fn json_soup() -> impl Strategy<Value = String> {
    let bits = [
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"a\"",
        "\"",
        "1",
        "-",
        "0",
        ".5",
        "e3",
        "true",
        "null",
        "false",
        " ",
        "\n",
        "\\n",
        "\\u00e9",
        "\\ud83d\\ude00",
        "\\ud83d",
        "é",
        "\u{1}",
        "{\"a\": [1, \"b\"]}",
        "\"a\":",
        "'",
        "\t",
        "1e999",
    ];
    prop::collection::vec(prop::sample::select(bits.to_vec()), 0..10).prop_map(|bits| bits.concat())
}

fn step() -> impl Strategy<Value = Step> {
    let word = prop_oneof!["[a-zA-Z0-9_.-]{1,8}", "\\PC{0,6}", ".{0,6}"];
    prop_oneof![
        word.clone().prop_map(Step::Key),
        any::<usize>().prop_map(Step::Index),
        (word.clone(), word).prop_map(|(key, value)| Step::Pick { key, value }),
    ]
}

proptest! {
    #[test]
    fn both_readers_agree_on_soup(text in soup()) {
        check(&text);
    }

    #[test]
    fn both_readers_agree_on_mutants(text in mutant()) {
        check(&text);
    }

    #[test]
    fn anything_can_be_read(text in "\\PC{0,40}|[\\x00-\\x7f]{0,40}") {
        check(&text);
    }

    #[test]
    fn libyaml_reads_the_same_soup(text in soup()) {
        check_with_libyaml(&text);
    }

    #[test]
    fn libyaml_reads_the_same_mutants(text in mutant()) {
        check_with_libyaml(&text);
    }

    #[test]
    fn what_is_written_is_read((tree, text) in written()) {
        check(&text);
        check_with_libyaml(&text);
        let stream = read(&text);
        let root = stream.document(0).unwrap().root().unwrap();
        prop_assert!(same(&tree, root));
    }

    #[test]
    fn json_agrees_with_serde_json(text in json_soup()) {
        check_json(&text);
    }

    #[test]
    fn paths_can_be_pasted_back(steps in prop::collection::vec(step(), 0..5)) {
        let path = Path { steps };
        prop_assert_eq!(path.to_string().parse(), Ok(path));
    }

    #[test]
    fn any_path_or_none(text in ".{0,20}") {
        if let Ok(path) = text.parse::<Path>() {
            prop_assert_eq!(path.to_string().parse(), Ok(path));
        }
    }

    #[test]
    fn values_are_found_by_their_paths(text in mutant(), at in any::<prop::sample::Index>()) {
        let stream = read(&text);
        let offset = at.index(text.len() + 1);
        let Some(document) = stream.document_at(offset) else { return Ok(()) };
        if let Some(path) = path_of(document, offset, &["name", "host", "path"]) {
            prop_assert!(find(document.root().unwrap(), &path).is_some(), "{}", path);
        }
    }

    #[test]
    fn values_are_reached_by_their_spans(text in mutant(), at in any::<prop::sample::Index>()) {
        let stream = read(&text);
        let offset = at.index(text.len() + 1);
        let Some(root) = stream.document_at(offset).and_then(Document::root) else { return Ok(()) };
        let path = path_of(stream.document_at(offset).unwrap(), offset, &[]).unwrap();
        let node = find(root, &path).unwrap();
        let below = path_below(root, node.span());
        let plain = node.way().is_plain() && !node.is_alias();
        prop_assert!(below.is_some() || !plain, "{}", path);
        let reached = below.and_then(|path| find(root, &path));
        prop_assert!(reached.is_none_or(|reached| reached.span() == node.span()), "{}", path);
    }
}

fn root<'s>(stream: &'s Stream<'_>) -> Node<'s> {
    assert_eq!(stream.problems, [], "{}", stream.text());
    stream.document(0).unwrap().root().unwrap()
}

#[test]
fn reads_what_the_table_of_readers_lists() {
    let values = [
        ("yes", Value::Bool(true)),
        ("on", Value::Bool(true)),
        ("y", Value::Bool(true)),
        ("012", Value::Int(10)),
        ("1_000", Value::Int(1000)),
    ];
    for (text, value) in values {
        let text = format!("a: {text}\n");
        let stream = read(&text);
        assert_eq!(root(&stream).get("a").unwrap().value(), Some(value));
    }
    let stream = read("a: 1\n---\n---\nb: 2\n");
    let states: Vec<_> = stream.documents().map(Document::is_empty).collect();
    assert_eq!(states, [false, true, false]);
    for text in ["a:\n\tb: 1\n", "a:\n  b: 1\n c: 2\n", "a: *b\n", "a: &a [*a]\n", "a: {{ x }}\n"] {
        let stream = read(text);
        assert!(stream.document(0).unwrap().is_broken(), "{text:?}");
        assert!(stream.problems[0].help.is_some(), "{text:?} {:?}", stream.problems);
    }
}

#[test]
fn goes_on_behind_a_broken_document() {
    let text = "a: 1\n---\nb: [\n---\nc: 3\n---\nd: \"x\n---\ne: 5\n";
    let stream = read(text);
    let shown: Vec<_> = stream.documents().map(|document| slice(text, document.span)).collect();
    assert_eq!(shown, ["a: 1\n", "---\nb: [\n", "---\nc: 3\n", "---\nd: \"x\n", "---\ne: 5\n"]);
    let broken: Vec<_> = stream.documents().map(Document::is_broken).collect();
    assert_eq!(broken, [false, true, false, true, false]);
    assert_eq!(stream.problems.len(), 2);
    assert_eq!(stream.document_at(22).unwrap().index, 2);
}

#[test]
fn knows_marks_of_byte_order_and_line_ends() {
    let text = "\u{feff}a: 1\r\n---\r\n\u{feff}b: |\r\n  x\r\n  y\r\n\u{feff}---\r\nc: 3\r\n";
    check(text);
    let stream = read(text);
    assert!(stream.byte_order_mark && stream.final_newline && stream.problems.is_empty());
    assert_eq!(stream.line_ending, LineEnding::Windows);
    let second = stream.document(1).unwrap().root().unwrap();
    assert_eq!(second.get("b").unwrap().as_str(), Some("x\ny\n"));
    assert!(stream.document(2).unwrap().root().unwrap().get("c").is_some());
    assert!(reads_fast(text));
}

#[test]
fn a_block_at_the_end_of_a_cut_file_has_no_line_break() {
    for (text, value) in [
        ("a: |\n  x", "x"),
        ("a: |+\n  x", "x"),
        ("a: >\n  x\n  y", "x y"),
        ("a: |\n  x\n", "x\n"),
        ("a: |\n  x\n  ", "x\n"),
    ] {
        let stream = read(text);
        assert_eq!(root(&stream).get("a").unwrap().as_str(), Some(value), "{text:?}");
        check(text);
    }
}

#[test]
fn the_last_of_repeated_keys_counts() {
    let text = "a: 1\nb: 2\na: 3\n\"a\": 4\non: 5\n\"true\": 6\n";
    let stream = read(text);
    let keys: Vec<_> = root(&stream).entries().map(|entry| entry.key().into_owned()).collect();
    assert_eq!(keys, ["b", "a", "true"]);
    assert_eq!(root(&stream).get("a").unwrap().as_int(), Some(4));
    let twins: Vec<_> =
        stream.duplicates().map(|twins| (twins.first.start, twins.again.start)).collect();
    assert_eq!(twins, [(0, 10), (10, 15), (22, 28)]);
}

#[test]
fn merge_keys_bring_entries() {
    let text = "base: &base {a: 1, b: 2}\nmore: &more {b: 3, c: 4}\nx:\n  a: 0\n  <<: [*base, *more]\n  d: *base\n";
    let stream = read(text);
    let x = root(&stream).get("x").unwrap();
    let shown: Vec<_> = x
        .entries()
        .map(|entry| (entry.key().into_owned(), entry.value().as_int(), entry.is_merged()))
        .collect();
    let entry = |key: &str, value, merged| (key.to_owned(), value, merged);
    assert_eq!(
        shown,
        [
            entry("a", Some(0), false),
            entry("d", None, false),
            entry("b", Some(2), true),
            entry("c", Some(4), true),
        ]
    );
    assert!(x.get("b").unwrap().way().merged);
    let through = x.at(&["d", "a"]).unwrap();
    assert!(through.way().aliased && through.way().anchored && !through.way().is_plain());
    assert_eq!(slice(text, x.get("d").unwrap().span()), "*base");
    assert_eq!(x.get("d").unwrap().anchor(), Some("base"));
    assert!(root(&stream).at(&["base", "a"]).unwrap().way().anchored);
    assert!(x.get("a").unwrap().way().is_plain());
}

#[test]
fn spans_are_what_is_written() {
    let text = "a: 'x'\nb:\n- 1 # c\n- |+\n  y\n\nc: {d: \"e\"}\nf:\n";
    let stream = read(text);
    let node = |keys: &str| find(root(&stream), &keys.parse().unwrap()).unwrap();
    assert_eq!(slice(text, node("a").span()), "'x'");
    assert_eq!(slice(text, node("b").span()), "- 1 # c\n- |+\n  y\n");
    assert_eq!(slice(text, node("b[1]").span()), "|+\n  y\n");
    assert_eq!(slice(text, node("c").span()), "{d: \"e\"}");
    assert_eq!(slice(text, root(&stream).key_span("c").unwrap()), "c");
    assert_eq!(slice(text, root(&stream).pair_span("f").unwrap()), "f:");
    assert_eq!(slice(text, stream.comments()[0].span), "# c");
    check(text);
}

#[test]
fn places_in_a_block_are_places_in_the_file() {
    let text = "data:\n  nginx.conf: |\n    http {\n      listen 80;\n    }\n";
    let stream = read(text);
    let conf = root(&stream).at(&["data", "nginx.conf"]).unwrap().embedded().unwrap();
    let at = conf.text().find("listen").unwrap();
    let span = conf.span_to_file((at..at + 6).into());
    assert_eq!(slice(text, span), "listen");
    let text = "a: \"{\\\"default\\\": \\\n  1}\"\n";
    let stream = read(text);
    let embedded = root(&stream).get("a").unwrap().embedded().unwrap();
    let json = json::read(embedded.text()).unwrap();
    assert_eq!(slice(text, embedded.span_to_file(json.members()[0].key_span)), "\\\"default\\\"");
    assert_eq!(slice(text, embedded.span_to_file(json.get("default").unwrap().span)), "1");
}

#[test]
fn paths_name_items_by_the_given_keys() {
    let text = "spec:\n  rules:\n  - host: a.b\n    x.y/z: 1\n  - host: a.b\n";
    let stream = read(text);
    let document = stream.document(0).unwrap();
    let path = |offset| path_of(document, offset, &["host"]).unwrap().to_string();
    assert_eq!(path(text.find("x.y").unwrap()), "spec.rules[host=a.b][\"x.y/z\"]");
    assert_eq!(path(text.rfind("a.b").unwrap()), "spec.rules[1].host");
    assert!("a..b".parse::<Path>().is_err() && "a[".parse::<Path>().is_err());
}

#[test]
fn depth_is_bounded() {
    let mut maps = String::new();
    for depth in 0..1000 {
        let _ = writeln!(maps, "{:depth$}a:", "");
    }
    let lists = "- ".repeat(20_000);
    let brackets = "[".repeat(20_000);
    for text in [maps, lists, brackets] {
        let stream = read(&text);
        assert!(stream.document(0).unwrap().is_broken());
        assert_eq!(stream.problems.len(), 1);
    }
    let fits = format!("{}1{}", "[".repeat(128), "]".repeat(128));
    assert!(read(&fits).problems.is_empty());
}

#[test]
fn alias_bombs_are_refused() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..20 {
        let item = format!("*a{}, ", level - 1).repeat(8);
        let _ = writeln!(text, "a{level}: &a{level} [{item}]");
    }
    let stream = read(&text);
    assert!(stream.document(0).unwrap().is_broken());
    assert!(stream.problems[0].message.contains("aliases stand for more than"));
}

#[test]
fn large_files_are_read_and_larger_ones_refused() {
    let line = format!("    {}\n", "text that goes on ".repeat(500));
    let document = format!("---\nkind: ConfigMap\ndata:\n  a: |\n{}", line.repeat(20));
    let large = document.repeat((50 << 20) / document.len());
    let stream = read(&large);
    assert!(stream.problems.is_empty());
    assert_eq!(stream.documents().len(), large.len() / document.len());
    let larger = "# \n".repeat(22 << 20);
    assert!(read(&larger).problems[0].message.contains("64 MiB"));
}

#[test]
#[ignore = "half a minute in a debug build: cargo test --release -- --ignored manifest"]
fn many_values_are_refused() {
    let dashes = "- \n".repeat(17 << 20);
    assert_eq!(read(&dashes).problems.len(), 1);
    let brackets = format!("[{}]", "1,".repeat(17 << 20));
    assert_eq!(read(&brackets).problems.len(), 1);
}

#[test]
fn problems_are_capped() {
    let stream = "--- [\n".repeat(1000);
    let stream = read(&stream);
    assert_eq!(stream.problems.len(), 100);
}

#[test]
fn streams_are_shared_between_threads() {
    fn shared<T: Send + Sync>(_: &T) {}
    shared(&read("a: 1\n"));
}

#[test]
fn time_is_bounded() {
    let anchors = "---\na: 1\na: 2\nb: &x 1\n".repeat(40_000);
    assert_eq!(read(&anchors).documents().len(), 40_000);
    let item = "k: &k {a: 1, b: 2}\nm: {<<: [";
    let merges = format!("{item}{}]}}\n", "*k, ".repeat(100_000));
    assert!(read(&merges).problems.is_empty());
    let quotes = "--- \"\n".repeat(100_000);
    assert_eq!(read(&quotes).problems.len(), 100);
}

#[test]
fn texts_that_random_tests_found() {
    for text in [
        "a: 1\n... -1  j: 2\n",
        ":key:\n- 1\n- 2\n\t # c\n  - ",
        "key: |\n  text\n   \n ",
        "\n---\n\u{feff}---",
        "\n---\n\u{feff}\u{feff}---",
        "|+\n ",
        "|\n\n- ",
        "- - # c a\n  - b\n",
        "? é<<: ",
    ] {
        check(text);
        check_with_libyaml(text);
    }
}
