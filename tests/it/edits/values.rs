//! Values: a table of texts, edits and the exact bytes that come of them.

#![expect(clippy::too_many_lines, reason = "tables")]

use super::edited;

/// What it shows, the text, the edits, the outcome.
type Case = (&'static str, &'static str, &'static str, &'static str);

fn check(cases: &[Case]) {
    let mut wrong = String::new();
    for (name, before, edits, after) in cases {
        match edited(before, edits) {
            Ok(applied) if applied.text == *after => {}
            outcome => {
                let found = outcome.map(|applied| applied.text);
                wrong += &format!(
                    "== {name}: {edits}\n{before}\n-- wanted\n{after}\n-- found\n{found:?}\n"
                );
                if let Ok(found) = found {
                    wrong += &format!("{found}\n");
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn values_are_replaced_as_they_were_written() {
    check(&[
        ("plain", "a: 30  # why\n", "a = 3600", "a: 3600  # why\n"),
        ("double quotes stay", "a: \"x\"\n", "a = \"y\"", "a: \"y\"\n"),
        ("single quotes stay", "a: 'x'\n", "a = \"it's\"", "a: 'it''s'\n"),
        ("a text that reads as a number", "a: x\n", "a = \"80\"", "a: \"80\"\n"),
        ("words of YAML 1.1", "a: x\nb: 'z'\n", "a = \"yes\"", "a: 'yes'\nb: 'z'\n"),
        ("a number instead of quoted text", "a: \"80\" # p\n", "a = 80", "a: 80 # p\n"),
        ("an image", "image: nginx:1.25\n", "image = \"nginx:1.27\"", "image: nginx:1.27\n"),
        ("what is there", "a: 0x10\nb: yes\n", "a = 16\nb = true", "a: 0x10\nb: yes\n"),
        ("nothing to a value", "a:\nb: 1\n", "a = 5", "a: 5\nb: 1\n"),
        ("nothing with a comment", "a: # c\nb: 1\n", "a = 5", "a: 5 # c\nb: 1\n"),
        ("null to a value", "a: ~ # c\n", "a = true", "a: true # c\n"),
        ("an item", "a:\n  - x # 1\n  - y # 2\n", "a[1] = \"z\"", "a:\n  - x # 1\n  - z # 2\n"),
        (
            "an item by its key",
            "a:\n- name: x\n  v: 1\n- name: w\n  v: 2\n",
            "a[name=w].v = 3",
            "a:\n- name: x\n  v: 1\n- name: w\n  v: 3\n",
        ),
        (
            "in a flow map",
            "a: {b: 1, c: x}\n",
            "a.b = 2\na.c = \"y, z\"",
            "a: {b: 2, c: \"y, z\"}\n",
        ),
        ("a map by a scalar", "a:\n  b: 1\nc: 2\n", "a = 5", "a: 5\nc: 2\n"),
        ("a list by a scalar", "a:\n- 1\n- 2\nc: 2\n", "a = \"x\"", "a: x\nc: 2\n"),
        ("a scalar by a map", "a: 5 # c\nd: 1\n", "a = {\"b\": 1}", "a: # c\n  b: 1\nd: 1\n"),
        (
            "a scalar by a list",
            "a: 5\nd:\n  - 1\n",
            "a = [1, \"x\"]",
            "a:\n  - 1\n  - x\nd:\n  - 1\n",
        ),
        (
            "an item by a map",
            "- 5 # c\n- 6\n",
            "[0] = {\"a\": 1, \"b\": 2}",
            "- a: 1 # c\n  b: 2\n- 6\n",
        ),
        (
            "a map by what differs",
            "a:\n  b: 1 # b\n  c: 2 # c\n  # d\n  d: 3\n",
            "a = {\"b\": 1, \"d\": 4, \"e\": [1]}",
            "a:\n  b: 1 # b\n  # d\n  d: 4\n  e:\n    - 1\n",
        ),
        (
            "a list by what differs",
            "a: # l\n- x # x\n- y # y\n- z # z\n",
            "a = [\"x\", \"w\", \"z\"]",
            "a: # l\n- x # x\n- w # y\n- z # z\n",
        ),
        ("a longer list", "a:\n- x\n- z\n", "a = [\"x\", \"w\", \"z\"]", "a:\n- x\n- w\n- z\n"),
        ("a shorter list", "a:\n- x # 1\n- w # 2\nb: 1\n", "a = [\"w\"]", "a:\n- w # 2\nb: 1\n"),
        ("by nothing", "a:\n  b: 1\n", "a = {}", "a: {}\n"),
        (
            "a line of a block",
            "a: |  # conf\n   x\n   y\n\nb: 1\n",
            "a = \"x\\nz\\n\"",
            "a: |  # conf\n   x\n   z\n\nb: 1\n",
        ),
        ("a block by a line", "a: |\n  x\nb: 1\n", "a = \"z\"", "a: z\nb: 1\n"),
        ("a folded text", "a: >-\n  x\n  y\nb: 1\n", "a = \"z w\"", "a: z w\nb: 1\n"),
        ("a text on several lines", "a: \"x\n  y\"\nb: 1\n", "a = \"z\"", "a: \"z\"\nb: 1\n"),
    ]);
}

#[test]
fn entries_are_added_in_the_style_that_is_there() {
    check(&[
        ("behind the last", "a:\n  b: 1\nc: 1\n", "a.d = 2", "a:\n  b: 1\n  d: 2\nc: 1\n"),
        (
            "before what follows",
            "a:\n  b: 1 # b\n  # end of a\n\n# c\nc: 1\n",
            "a.d = 2",
            "a:\n  b: 1 # b\n  d: 2\n  # end of a\n\n# c\nc: 1\n",
        ),
        (
            "parents",
            "spec:\n  t: 1\n",
            "spec.sessionAffinity.affinityType = \"CLIENT_IP\"",
            "spec:\n  t: 1\n  sessionAffinity:\n    affinityType: CLIENT_IP\n",
        ),
        (
            "parents, joined",
            "spec: # s\n  t: 1\n",
            "spec.a.b = 1\nspec.a.c = 2",
            "spec: # s\n  t: 1\n  a:\n    b: 1\n    c: 2\n",
        ),
        (
            "three spaces",
            "a:\n   b:\n      c: 1\n",
            "a.d.e = 1",
            "a:\n   b:\n      c: 1\n   d:\n      e: 1\n",
        ),
        (
            "four spaces",
            "a:\n    b: 1\nc:\n    - x: 1\n",
            "a.d.e = [1]\nc[0].z.w = 1",
            "a:\n    b: 1\n    d:\n        e:\n            - 1\nc:\n    - x: 1\n      z:\n          w: 1\n",
        ),
        (
            "dashes below their key",
            "a:\n- 1\nb: {}\n",
            "b.c = [{\"d\": 1, \"e\": 2}]",
            "a:\n- 1\nb:\n  c:\n  - d: 1\n    e: 2\n",
        ),
        (
            "wide dashes",
            "a:\n-   b: 1\n    c: 2\n",
            "a + {\"b\": 3, \"c\": 4}",
            "a:\n-   b: 1\n    c: 2\n-   b: 3\n    c: 4\n",
        ),
        (
            "an empty map",
            "spec: {} # none\nb: 1\n",
            "spec.a.b = 1",
            "spec: # none\n  a:\n    b: 1\nb: 1\n",
        ),
        (
            "nothing",
            "metadata:\n  annotations:\n  name: x\n",
            "metadata.annotations[\"a/b\"] = \"true\"",
            "metadata:\n  annotations:\n    a/b: \"true\"\n  name: x\n",
        ),
        ("an empty document's map", "{}\n", "a.b = 1", "a:\n  b: 1\n"),
        (
            "to an item",
            "a:\n- b: 1\n- b: 2 # two\nc: 1\n",
            "a[1].d = 3",
            "a:\n- b: 1\n- b: 2 # two\n  d: 3\nc: 1\n",
        ),
        ("an item", "a:\n- x # x\n# end\nb: 1\n", "a + \"w\"", "a:\n- x # x\n- w\n# end\nb: 1\n"),
        (
            "an item at a place",
            "a:\n# x\n- x\n# y\n- y\n",
            "a[1] < \"w\"\na[0] < \"v\"",
            "a:\n- v\n# x\n- x\n- w\n# y\n- y\n",
        ),
        ("a list of lists", "a:\n- - 1\n  - 2\n", "a[0] + 3", "a:\n- - 1\n  - 2\n  - 3\n"),
        ("an empty list", "a: []\nb:\n- 1\n", "a + {\"x\": 1}", "a:\n- x: 1\nb:\n- 1\n"),
        ("an absent list", "b:\n- 1\n", "a + 1", "b:\n- 1\na:\n- 1\n"),
        ("flow", "a: {b: 1}\n", "a.c = \"x\"", "a: {b: 1, c: x}\n"),
        ("spaced flow", "a: { b: 1 }\n", "a.c = [1, {\"d\": 2}]", "a: { b: 1, c: [1, {d: 2}] }\n"),
        ("a flow list", "a: [x, \"y\"]\n", "a + \"z:1\"", "a: [x, \"y\", \"z:1\"]\n"),
        ("JSON in YAML", "a: {\"b\": 1}\n", "a.c = \"x\"", "a: {\"b\": 1, \"c\": \"x\"}\n"),
        (
            "tight JSON",
            "a: {\"b\":1,\"c\":2}\n",
            "a.d = {\"e\": [1,2]}",
            "a: {\"b\":1,\"c\":2,\"d\":{\"e\":[1,2]}}\n",
        ),
        (
            "flow on lines",
            "a: {\n  b: 1, # b\n  c: 2 # c\n}\n",
            "a.d = 3",
            "a: {\n  b: 1, # b\n  c: 2, # c\n  d: 3\n}\n",
        ),
        (
            "flow on lines with a last comma",
            "a: {\n  b: 1,\n}\n",
            "a.d = 3",
            "a: {\n  b: 1,\n  d: 3,\n}\n",
        ),
        ("flow folded", "a: {b: 1,\n    c: 2}\n", "a.d = 3", "a: {b: 1,\n    c: 2, d: 3}\n"),
        (
            "empty in flow",
            "a: {b: {}, c: }\n",
            "a.b.x = 1\na.c.z = 2",
            "a: {b: {x: 1}, c: {z: 2} }\n",
        ),
        (
            "explicit keys",
            "? a\n: b: 1\n? c\n: 2\n",
            "a.d = 1\nc = 3\ne = 4",
            "? a\n: b: 1\n  d: 1\n? c\n: 3\ne: 4\n",
        ),
        (
            "behind a block",
            "a:\n  b: |\n    x\n    # no comment\n\n# c\nc: 1\n",
            "a.d = 1",
            "a:\n  b: |\n    x\n    # no comment\n  d: 1\n\n# c\nc: 1\n",
        ),
        (
            "behind a kept block",
            "a:\n  b: |+\n    x\n\n\nc: 1\n",
            "a.d = 1",
            "a:\n  b: |+\n    x\n\n\n  d: 1\nc: 1\n",
        ),
        ("behind a kept block at the end", "a: |+\n  x\n\n", "b = 1", "a: |+\n  x\n\nb: 1\n"),
        (
            "inner and outer at one place",
            "a:\n  b:\n    c: 1\n",
            "a.b.x = 1\na.w = 2\nz = 3",
            "a:\n  b:\n    c: 1\n    x: 1\n  w: 2\nz: 3\n",
        ),
        (
            "a text of several lines",
            "data:\n  a: b\n",
            "data.c = \"x\\n  y\\n\"",
            "data:\n  a: b\n  c: |\n    x\n      y\n",
        ),
        (
            "quotes as elsewhere",
            "a: x\nb: 'true'\n",
            "c = \"1\"\nd = \"z\"",
            "a: x\nb: 'true'\nc: '1'\nd: z\n",
        ),
        ("all in quotes", "a: \"x\"\nb: \"y\"\n", "c = \"z\"", "a: \"x\"\nb: \"y\"\nc: \"z\"\n"),
        (
            "keys that need quotes",
            "a: 1\n",
            "[\"yes\"] = 1\n[\"a b\"] = 2",
            "a: 1\n\"a b\": 2\n\"yes\": 1\n",
        ),
        (
            "beside a merge key",
            "x: &x\n  k: 1\na:\n  <<: *x\n  b: 1\n",
            "a.c = 1",
            "x: &x\n  k: 1\na:\n  <<: *x\n  b: 1\n  c: 1\n",
        ),
        ("before a document", "a: 1\n---\nb: 1\n", "c = 1", "a: 1\nc: 1\n---\nb: 1\n"),
        ("before the end of a document", "a: 1\n...\n# c\n", "c = 1", "a: 1\nc: 1\n...\n# c\n"),
    ]);
}

#[test]
fn removal_takes_what_belongs_to_the_entry() {
    check(&[
        ("its line", "a:\n  b: 1 # b\n  c: 2 # c\n", "- a.b", "a:\n  c: 2 # c\n"),
        (
            "its lines",
            "a:\n  b:\n    # in b\n    x: 1\n  # c\n  c: 2\n",
            "- a.b",
            "a:\n  # c\n  c: 2\n",
        ),
        ("the last one", "a: # a\n  b: 1\nc: 1\n", "- a.b", "a: {} # a\nc: 1\n"),
        ("the last item", "a:\n- x\nc: 1\n", "- a[0]", "a: []\nc: 1\n"),
        ("the first in an item", "- a: 1\n  b: 2\n", "- [0].a", "- b: 2\n"),
        (
            "the first, before a comment",
            "- a: 1 # a\n  # b\n  b: 2\n",
            "- [0].a",
            "-\n  # b\n  b: 2\n",
        ),
        ("all in an item", "- a: 1\n  b: 2\n- c\n", "- [0].a\n- [0].b", "- {}\n- c\n"),
        (
            "a comment that names it alone",
            "t: 1\n# timeoutSec was 30,\n# once\ntimeoutSec: 5\n",
            "- timeoutSec",
            "t: 1\n",
        ),
        (
            "a comment about several",
            "# t and timeoutSec\ntimeoutSec: 5\nt: 1\n",
            "- timeoutSec",
            "# t and timeoutSec\nt: 1\n",
        ),
        ("a comment about something else", "# the chat\na: 5\nb: 1\n", "- a", "# the chat\nb: 1\n"),
        (
            "a comment with a line between",
            "# about a\n\na: 5\nb: 1\n",
            "- a",
            "# about a\n\nb: 1\n",
        ),
        ("a block with a line like a comment", "a: |\n  x\n  # y\nb: 1\n", "- a", "b: 1\n"),
        ("an item", "a:\n- x # 1\n# y\n- y # 2\n- z\n", "- a[1]", "a:\n- x # 1\n# y\n- z\n"),
        ("in flow", "a: {b: 1, c: 2, d: 3}\n", "- a.c", "a: {b: 1, d: 3}\n"),
        ("first in flow", "a: {b: 1, c: 2}\n", "- a.b", "a: {c: 2}\n"),
        ("last in flow", "a: {b: 1, c: 2 }\n", "- a.c", "a: {b: 1 }\n"),
        ("two in flow", "a: [1, 2, 3, 4]\n", "- a[1]\n- a[3]", "a: [1, 3]\n"),
        ("all in flow", "a: [1, 2]\n", "- a[0]\n- a[1]", "a: []\n"),
        ("a line in flow", "a: {\n  b: 1, # b\n  c: 2 # c\n}\n", "- a.c", "a: {\n  b: 1 # b\n}\n"),
        (
            "first line in flow",
            "a: {\n  b: 1, # b\n  c: 2 # c\n}\n",
            "- a.b",
            "a: {\n  c: 2 # c\n}\n",
        ),
        ("what is not there", "a: 1\n", "- b.c", "a: 1\n"),
        ("and adds", "a:\n  b: 1\nd: 1\n", "- a.b\na.c = 2", "a:\n  c: 2\nd: 1\n"),
        (
            "last and adds",
            "a:\n  b: 1\n  c: 1\nd: 1\n",
            "- a.c\na.e = 2",
            "a:\n  b: 1\n  e: 2\nd: 1\n",
        ),
        (
            "all in an item and adds",
            "- a: 1\n  b: 2\n",
            "- [0].a\n- [0].b\n[0].c.d = 3",
            "- c:\n    d: 3\n",
        ),
        ("in flow and adds", "a: {b: 1, c: 2}\n", "- a.c\na.d = 3", "a: {b: 1, d: 3}\n"),
        ("explicit keys", "? a\n: 1\n? b\n: 2\n", "- a", "? b\n: 2\n"),
        ("the last line without a break", "a: 1\nb: 2", "- b", "a: 1\n"),
        ("all of a document", "# c\na: 1\n", "- a", "# c\n{}\n"),
    ]);
}

#[test]
fn keys_are_renamed() {
    check(&[
        ("plain", "a:\n  beta.x/y: '1' # c\n", "a[\"beta.x/y\"] -> x/y", "a:\n  x/y: '1' # c\n"),
        ("quoted", "\"a\": 1\n", "a -> b", "\"b\": 1\n"),
        ("in JSON", "{\"a\": 1}", "a -> b", "{\"b\": 1}"),
        ("and set", "a: {b: 1}\n", "a.b -> c\na.b = 2", "a: {c: 2}\n"),
        ("what has the name", "b: 1\n", "a -> b", "b: 1\n"),
    ]);
}

#[test]
fn files_of_all_kinds_stay_what_they_are() {
    check(&[
        (
            "CRLF",
            "a:\r\n  b: 1 # c\r\n\r\nc: 1\r\n",
            "a.d.e = 2\na.b = 3",
            "a:\r\n  b: 3 # c\r\n  d:\r\n    e: 2\r\n\r\nc: 1\r\n",
        ),
        ("CRLF removal", "a:\r\n  b: 1 # c\r\n  c: 1\r\n", "- a.b", "a:\r\n  c: 1\r\n"),
        (
            "CRLF block",
            "a: |\r\n  x\r\n  y\r\nb: 1\r\n",
            "a = \"x\\nw\\ny\\n\"",
            "a: |\r\n  x\r\n  w\r\n  y\r\nb: 1\r\n",
        ),
        (
            "a mark of byte order",
            "\u{feff}a: 1\nb: 2\n",
            "a = 3\nc = 4\n- b",
            "\u{feff}a: 3\nc: 4\n",
        ),
        ("no final newline", "a: 1\nb: 2", "b = 3\nc = 4", "a: 1\nb: 3\nc: 4"),
        ("no final newline behind a block", "a: |\n  x", "b = 4", "a: |-\n  x\nb: 4"),
        (
            "no final newline behind a deep block",
            "a:\n- b: >+\n    x",
            "c = 4",
            "a:\n- b: >-\n    x\nc: 4",
        ),
        ("no final newline, text of lines", "a: 1", "c = \"x\\ny\\n\"", "a: 1\nc: \"x\\ny\\n\""),
        ("comments only", "# a\n---\nb: 1\n---\n# c\n", "b = 2", "# a\n---\nb: 2\n---\n# c\n"),
        (
            "the second document",
            "kind: A\napiVersion: v1\na: 1\n---\n# two\nkind: B\napiVersion: v1\na: 1 # x\n",
            "#1 a = 2",
            "kind: A\napiVersion: v1\na: 1\n---\n# two\nkind: B\napiVersion: v1\na: 2 # x\n",
        ),
        (
            "an item of a List",
            "kind: List\napiVersion: v1\nitems:\n- kind: A\n  apiVersion: v1\n- kind: B\n  apiVersion: v1\n  s: {}\n- kind: C\n  apiVersion: v1\n",
            "#1 s.x = 1",
            "kind: List\napiVersion: v1\nitems:\n- kind: A\n  apiVersion: v1\n- kind: B\n  apiVersion: v1\n  s:\n    x: 1\n- kind: C\n  apiVersion: v1\n",
        ),
        (
            "pretty JSON",
            "{\n  \"kind\": \"A\",\n  \"spec\": {\n    \"t\": 1\n  }\n}\n",
            "spec.a = {\"b\": {\"c\": \"x\"}}\nspec.t = 2",
            "{\n  \"kind\": \"A\",\n  \"spec\": {\n    \"t\": 2,\n    \"a\": {\n      \"b\": {\n        \"c\": \"x\"\n      }\n    }\n  }\n}\n",
        ),
        ("pretty JSON removal", "{\n  \"a\": 1,\n  \"b\": 2\n}", "- b", "{\n  \"a\": 1\n}"),
        (
            "pretty JSON, all removed",
            "{\n  \"a\": {\n    \"b\": 2\n  }\n}",
            "- a.b",
            "{\n  \"a\": {}\n}",
        ),
        (
            "JSON with an empty map",
            "{\"a\": {}, \"l\": []}",
            "a.b = \"x\"\nl + \"y\"",
            "{\"a\": {\"b\": \"x\"}, \"l\": [\"y\"]}",
        ),
        (
            "JSON in a list on lines",
            "{\n  \"l\": [\n    1,\n    2\n  ]\n}\n",
            "l + {\"a\": 1}",
            "{\n  \"l\": [\n    1,\n    2,\n    {\n      \"a\": 1\n    }\n  ]\n}\n",
        ),
    ]);
}

#[test]
fn json_in_quotes_keeps_its_spacing() {
    check(&[
        (
            "single quotes",
            "a: '{\"ingress\": true}' # neg\n",
            "a @ exposed_ports[\"80\"] = {}",
            "a: '{\"ingress\": true, \"exposed_ports\": {\"80\": {}}}' # neg\n",
        ),
        (
            "tight",
            "a: '{\"default\":\"x\"}'\n",
            "a @ default = \"chat\"",
            "a: '{\"default\":\"chat\"}'\n",
        ),
        (
            "tight, added",
            "a: '{\"default\":\"x\"}'\n",
            "a @ ports.http = \"chat\"",
            "a: '{\"default\":\"x\",\"ports\":{\"http\":\"chat\"}}'\n",
        ),
        ("empty", "a: '{}'\n", "a @ default = \"chat\"", "a: '{\"default\": \"chat\"}'\n"),
        (
            "double quotes",
            "a: \"{\\\"default\\\": \\\"x\\\"}\"\n",
            "a @ default = \"chat\"\na @ b = \"c\"",
            "a: \"{\\\"default\\\": \\\"chat\\\", \\\"b\\\": \\\"c\\\"}\"\n",
        ),
        (
            "a quote in single quotes",
            "a: '{\"a\": 1}'\n",
            "a @ b = \"it's\"",
            "a: '{\"a\": 1, \"b\": \"it''s\"}'\n",
        ),
        (
            "a block",
            "a: |\n  {\n    \"b\": 1\n  }\n",
            "a @ c = 2",
            "a: |\n  {\n    \"b\": 1,\n    \"c\": 2\n  }\n",
        ),
        (
            "folded",
            "a: >-\n  {\"b\": 1,\n  \"c\": 2}\nd: 1\n",
            "a @ b = 3",
            "a: >-\n  {\"b\": 3,\n  \"c\": 2}\nd: 1\n",
        ),
        ("what is there", "a: '{\"b\": true}'\n", "a @ b = true", "a: '{\"b\": true}'\n"),
    ]);
}
