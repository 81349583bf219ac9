//! What is refused, and that nothing is written then.

use sioway::diagnostic::Span;
use sioway::fix::{Edit, apply};

use super::{edited, object};

fn refused(text: &str, shorts: &str) -> String {
    match edited(text, shorts) {
        Ok(applied) => panic!("{shorts}\n{text}\nwas not refused:\n{}", applied.text),
        Err(refused) => {
            assert!(refused.span.end <= text.len(), "{refused:?}");
            refused.why
        }
    }
}

#[test]
fn places_that_stand_for_others_are_left_alone() {
    let anchored = "x: &x\n  k: {l: 1}\na:\n  <<: *x\n  b: 1\nc: *x\nd:\n  e: &e 1\n  f: *e\n";
    for (edit, said) in [
        ("x.k.l = 2", "anchored"),
        ("x.n = 2", "anchored"),
        ("- x.k", "anchored"),
        ("a.k.l = 2", "merge key"),
        ("a.k = 2", "merge key"),
        ("- a.b", "merge key"),
        ("c = 2", "alias"),
        ("c.k = 2", "alias"),
        ("c.n = 2", "alias"),
        ("d.e = 2", "anchored"),
        ("d.f = 2", "alias"),
        ("- x", "anchored"),
    ] {
        assert!(refused(anchored, edit).contains(said), "{edit}: {}", refused(anchored, edit));
    }
    assert_eq!(edited(anchored, "a.b = 2").unwrap().text, anchored.replace("b: 1", "b: 2"));
}

#[test]
fn texts_that_are_in_doubt_are_left_alone() {
    for (text, edit, said) in [
        ("a: !!str 1\n", "a = 2", "tag"),
        ("a: !x {b: 1}\n", "a.b = 2", "tag"),
        ("a: 1\na: 2\n", "a = 3", "twice"),
        ("a: {b: 1, b: 1}\nc: 1\n", "c = 3", "twice"),
        ("a: [1\n", "a = 3", "cannot be read"),
        ("a: 1\n---\nb: [1\n", "a = 3", "cannot be read"),
        ("a: {{ .Values.x }}\nb: 1\n", "b = 3", "template"),
        ("a: 1\n", "a.b = 3", "not a map"),
        ("a: 1\n", "a[0] = 3", "not a list"),
        ("a: [1]\n", "a[3] = 3", "no such item"),
        ("a: []\n", "a[n=x].y = 3", "no such item"),
        ("a: 1\nb: 2\n", "a -> b", "already"),
        ("a: 1\n", "a = 2\na = 3", "different things"),
        ("a: {b: 1}\n", "a.b = 2\n- a", "different things"),
        ("a: {b: 1}\n", "a = 2\n- a.b", "different things"),
        ("a: x\n", "a @ b = 1", "not JSON"),
        ("a: \"{'b': 1}\"\n", "a @ b = 1", "not JSON"),
        ("a: [b: 1]\n", "a[0].c = 1", "braces"),
        ("a:\n  b: 1\n  # why\n  c: 1\n", "a = \"x\"", "comment"),
        ("a: | # why\n  x\n", "a = \"y\"", "comment"),
        ("a: 1\n", "a = 18446744073709551615", "something else"),
        ("x: {a: &a 1}\nb: *a\n", "- x", "broken"),
        ("? [a]\n: 1\nb: 2\n", "b = 3", "cannot be read"),
    ] {
        let why = refused(text, edit);
        assert!(why.contains(said), "{text}{edit}: {why}");
    }
}

#[test]
fn places_that_are_not_there_are_refused() {
    let text = "a: 1\n";
    let nowhere: Span = (1..2).into();
    let path = || "a".parse().unwrap();
    assert!(apply(text, &[Edit::set(nowhere, path(), 1)]).is_err());
    assert!(apply("# a\n", &[Edit::set((0..0).into(), path(), 1)]).is_err());
    assert!(apply("", &[Edit::set((5..9).into(), path(), 1)]).is_err());
    let root = object(text, 0);
    assert!(apply(text, &[Edit::remove(root, sioway::manifest::Path::default())]).is_err());
    assert_eq!(apply(text, &[]).unwrap().text, text);
}
