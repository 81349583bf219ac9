//! Directives of nginx, in files of their own and in `ConfigMap`s.

use sioway::fix::{Applied, Edit, Insertion, NginxChange, Refused, apply};
use sioway::manifest::{self, Path};
use sioway::nginx::{Directive, parse};

/// An nginx change in short; directives are named by the text that they begin with.
///
/// `name = arguments`, `name ~ directive` (in its place), `- name`, `name > text` (behind it), `name < text` (before it), `name ] text` (at the end of
/// its block), `name [ text` (at the beginning of it). The name `.` is the top level. `|` is a line break.
fn change(conf: &str, short: &str) -> NginxChange {
    let tree = parse(conf);
    let find = |name: &str| -> &Directive {
        let mut all = tree.walk();
        let found = all.find(|one| conf[one.span.start..].starts_with(name.trim()));
        found.unwrap_or_else(|| panic!("{name}\n{conf}"))
    };
    let block = |name: &str| (name.trim() != ".").then(|| find(name).span);
    if let Some(name) = short.strip_prefix("- ") {
        return NginxChange::Remove { directive: find(name).span };
    }
    let (name, sign, text) = [" = ", " ~ ", " > ", " < ", " ] ", " [ "]
        .iter()
        .filter_map(|sign| {
            short.split_once(sign).map(|(name, text)| (name, *sign, text.replace('|', "\n")))
        })
        .min_by_key(|(name, ..)| name.len())
        .unwrap();
    let place = match sign {
        " = " => {
            return NginxChange::SetArguments { directive: find(name).span, text };
        }
        " ~ " => return NginxChange::Replace { directive: find(name).span, text },
        " > " => Insertion::After(find(name).span),
        " < " => Insertion::Before(find(name).span),
        " ] " => Insertion::End(block(name)),
        _ => Insertion::Start(block(name)),
    };
    NginxChange::Insert { place, text }
}

fn edited(conf: &str, shorts: &str) -> Result<Applied, Refused> {
    let mut edits: Vec<Edit> =
        shorts.lines().map(|short| Edit::nginx(None, change(conf, short))).collect();
    let outcome = apply(conf, &edits);
    edits.reverse();
    assert_eq!(outcome, apply(conf, &edits));
    outcome
}

/// The same in the scalar at a path of the first document.
fn edited_in(text: &str, path: &str, shorts: &str) -> Result<Applied, Refused> {
    let stream = manifest::read(text);
    let path: Path = path.parse().unwrap();
    let root = stream.document(0).unwrap().root().unwrap();
    let node = manifest::find(root, &path).unwrap();
    let conf = node.text().unwrap();
    let edit = |short| Edit::nginx(Some(node.span()), change(conf, short));
    let edits: Vec<Edit> = shorts.lines().map(edit).collect();
    apply(text, &edits)
}

#[test]
fn directives_are_written_as_a_person_would() {
    let cases = [
        ("s {\n  a 1; # a\n  # b\n}\n", "a = 2 3", "s {\n  a 2 3; # a\n  # b\n}\n"),
        ("a;\n", "a = 'x y'", "a 'x y';\n"),
        (
            "s {\n  a 1; # a\n  b; c;\n}\n",
            "a ~ d '2 3'\nb ~ e",
            "s {\n  d '2 3'; # a\n  e; c;\n}\n",
        ),
        (
            "s {\n  a 1; # a\n  # b\n}\n",
            "s ] b 1;|c 2;",
            "s {\n  a 1; # a\n  b 1;\n  c 2;\n  # b\n}\n",
        ),
        ("s {\n\ta 1;\n}\n", "a > b {|    c;|}", "s {\n\ta 1;\n\tb {\n\t\tc;\n\t}\n}\n"),
        (
            "# top\ns {\n  a;\n}\n",
            "s < m $x {|    default 1;|}",
            "m $x {\n  default 1;\n}\n# top\ns {\n  a;\n}\n",
        ),
        ("# top\n\ns {\n  a;\n}\n", ". [ m;", "# top\n\nm;\ns {\n  a;\n}\n"),
        ("s { a; }\n", "s ] b c;", "s { a; b c; }\n"),
        ("s { a; }\n", "s [ b c;|d;", "s { b c; d; a; }\n"),
        ("s { a; b; }\n", "a > c;\n- b", "s { a; c; }\n"),
        ("s {}\n", "s ] b c;", "s { b c; }\n"),
        ("s {}\n", "s ] b c;|d;", "s {\n    b c;\n    d;\n}\n"),
        ("s {\n    # c\n}\n", "s ] b c;", "s {\n    b c;\n    # c\n}\n"),
        ("s { # s\n  a;\n}\n", "s [ b;", "s { # s\n  b;\n  a;\n}\n"),
        ("s {\r\n  a;\r\n}\r\n", "a > b;", "s {\r\n  a;\r\n  b;\r\n}\r\n"),
        ("a;", ". ] b;", "a;\nb;"),
        ("", ". ] b;", "b;\n"),
        ("# c", ". ] b;", "# c\nb;\n"),
        (
            "s {\n  a; # a\n  # about b\n  b {\n    c;\n  }\n  d;\n}\n",
            "- b",
            "s {\n  a; # a\n  # about b\n  d;\n}\n",
        ),
        ("a; b; c;\n", "- a", "b; c;\n"),
        ("a; b; c;\n", "- b", "a; c;\n"),
        ("s { a; }\n", "- a", "s {  }\n"),
        (
            "s {\n  a;\n  b;\n}\n",
            "a > c;\ns ] d;\nb > e;",
            "s {\n  a;\n  c;\n  b;\n  e;\n  d;\n}\n",
        ),
        ("s {\n  a;\n}\n", "a > # why|b;", "s {\n  a;\n  # why\n  b;\n}\n"),
    ];
    for (before, edits, after) in cases {
        assert_eq!(edited(before, edits).unwrap().text, after, "{before}{edits}");
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn configurations_in_manifests_keep_their_place() {
    let cases = [
        (
            "data: # d\n  n.conf: |  # conf\n    s {\n\n      a 1;\n    }\n\n  # next\n  b: 1\n",
            "a = 2\na > b {|    c;|}",
            "data: # d\n  n.conf: |  # conf\n    s {\n\n      a 2;\n      b {\n        c;\n      }\n    }\n\n  # next\n  b: 1\n",
        ),
        (
            "data:\n  n.conf: |-\n   s { a; }",
            "s ] b;\n. ] c;",
            "data:\n  n.conf: |-\n   s { a; b; }\n   c;",
        ),
        (
            "data:\n  n.conf: |-\n    a;\nx: 1\n",
            "a < m {|    c;|}",
            "data:\n  n.conf: |-\n    m {\n        c;\n    }\n    a;\nx: 1\n",
        ),
        (
            "data:\n  n.conf: |+\n    a;\n    b;\n\n\nx: 1\n",
            "- b",
            "data:\n  n.conf: |+\n    a;\n\n\nx: 1\n",
        ),
        ("data:\n  n.conf: |\n    a;\n", ". ] b;", "data:\n  n.conf: |\n    a;\n    b;\n"),
        (
            "data:\n  n.conf: |2\n      a;\n    b;\n",
            "a < c;\nb > d;",
            "data:\n  n.conf: |2\n      c;\n      a;\n    b;\n    d;\n",
        ),
        (
            "data:\r\n  n.conf: |\r\n    a;\r\n    b;\r\n",
            "a > c;",
            "data:\r\n  n.conf: |\r\n    a;\r\n    c;\r\n    b;\r\n",
        ),
        ("data:\n  n.conf: \"s { a 1; }\"\n", "a = 2", "data:\n  n.conf: \"s { a 2; }\"\n"),
        (
            "data:\n  n.conf: \"a 1;\\nb 2;\\n\"\n",
            "b = 3\na = 4",
            "data:\n  n.conf: \"a 4;\\nb 3;\\n\"\n",
        ),
        (
            "data:\n  n.conf: 'a 1; b \"2\";'\n",
            "a = \"x\" 'z'",
            "data:\n  n.conf: 'a \"x\" ''z''; b \"2\";'\n",
        ),
        (
            "data:\n  n.conf: >\n    a 1;\n    b 2;\n",
            "b = 3",
            "data:\n  n.conf: >\n    a 1;\n    b 3;\n",
        ),
        (
            "data:\n  n.conf: |\n    a;\n    b;\n    c;\n",
            "- a\n- c",
            "data:\n  n.conf: |\n    b;\n",
        ),
    ];
    for (before, edits, after) in cases {
        let outcome = edited_in(before, "data[\"n.conf\"]", edits);
        assert_eq!(outcome.map(|one| one.text).as_deref(), Ok(after), "{before}{edits}");
    }
}

#[test]
fn what_cannot_be_done_is_refused() {
    for (before, edits, said) in [
        ("a 1\n", "a = 2", "directive without `;`"),
        ("a 1;\n", "a = 2; b 3", "something else"),
        ("a 1;\n", "a = {", "`{`"),
        ("a 1;\n", "a ] b;", "no block"),
        ("content_by_lua_block { a; }\n", "content_by_lua_block ] b;", "no block"),
        ("a 1 # c\n 2;\n", "a = 3", "comment"),
        ("a 1;\n", "a = 2\n- a", "overlap"),
        ("a 1;\n", "a = 2\na ~ b", "overlap"),
        ("a 1;\n", "a ~ b; c", "something else"),
        ("a 1;\n", "a ~ b {}", "`;` with no directive"),
        ("a 1 # c\n 2;\n", "a ~ b", "comment"),
        ("s {\n a 1;\n}\n", "s ~ b", "block"),
        ("s {\n a 1;\n}\n", "a = 2\n- s", "overlap"),
    ] {
        let why = edited(before, edits).unwrap_err().why;
        assert!(why.contains(said), "{before}{edits}: {why}");
    }
    for (before, edits, said) in [
        ("d: \"a 1;\\nb 2;\\n\"\n", "a > c;", "several lines"),
        ("d: >\n  a 1;\n  b 2;\n", "b > c;", "several lines"),
        ("d: \"a \\\n  1;\"\n", "a = 2 \"3\"", ""),
        ("d: &d \"a 1;\"\n", "a = 2", "anchored"),
        ("d: a 1;\n", "a = '#'", "quotes"),
    ] {
        match edited_in(before, "d", edits) {
            Err(refused) => assert!(refused.why.contains(said), "{before}{edits}: {}", refused.why),
            Ok(applied) => assert!(said.is_empty(), "{before}{edits}: {}", applied.text),
        }
    }
}
