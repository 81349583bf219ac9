//! A text has a problem here exactly if nginx refuses to read it.

use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use sioway::nginx::{Fault, Tree, parse};

use super::oracle::{Oracle, distribution};

/// A configuration whose mutations are read. Every directive of it may stand there more than once or be gone.
const GOOD: &str = "\
events { }
http {
    # a comment; with { signs }
    map $http_upgrade $connection_upgrade { default upgrade; '' close; }
    log_format a 'x \"$uri\" \\'y\\'' \"${args}z\";
    types { text/html html htm; a/b \"c d\"; }
    upstream a { server 127.0.0.1:1; }
    server {
        listen 127.0.0.1:1;
        location ~ \"^/a{2}/\" { return 200 \"a;{}\"; }
        location /b/ { proxy_pass http://a/; add_header X-A ${uri}; }
    }
}
";

/// What stops nginx while it reads words.
fn is_syntax(refusal: &str) -> bool {
    ["unexpected ", "too long parameter"].iter().any(|start| refusal.starts_with(start))
}

/// The bytes at which this reader would stop, if it stopped at the first problem as nginx does.
fn first_problem(tree: &Tree) -> Option<usize> {
    let counted = tree.problems.iter().filter(|problem| problem.fault != Fault::TooDeep);
    counted.map(|problem| problem.span.start).min()
}

fn agree(oracle: &Oracle, text: &str) -> Result<bool, TestCaseError> {
    let refusal = oracle.refusal(text.as_bytes());
    let tree = parse(text);
    if refusal.starts_with("unexpected \"{\"") {
        // Also what nginx says of a block among the types.
        let block = tree.walk().any(|one| one.block.is_some());
        prop_assert!(block, "{refusal}\n{text}");
    } else if is_syntax(&refusal) {
        prop_assert!(first_problem(&tree).is_some(), "nginx: {refusal}\n{text}");
    } else if refusal.is_empty() {
        prop_assert!(tree.problems.is_empty(), "{:?}\n{text}", tree.problems);
    } else {
        // Refused for what it says, before or without a syntax error.
        return Ok(false);
    }
    Ok(true)
}

/// How often a strategy of texts agreed with nginx where both had something to say.
fn run(cases: u32, strategy: impl Strategy<Value = String>) -> usize {
    let oracle = Oracle::new(distribution());
    let decided = std::cell::Cell::new(0);
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    TestRunner::new(config)
        .run(&strategy, |text| {
            let both = agree(&oracle, &text)?;
            decided.set(decided.get() + usize::from(both));
            Ok(())
        })
        .unwrap();
    decided.get()
}

/// Pieces of words, and what could be between them. `types` takes any words.
fn soup() -> impl Strategy<Value = String> {
    let common = select(vec![
        "a", "b/c", ";", ";\n", " ", "\n", "\r\n", "\t", "x y;", "a b;\n", "t \"q\";", "'s';",
        "$a", "${b}", "\\", "é",
    ]);
    let odd = select(vec![
        "\"",
        "'",
        "#",
        "# c\n",
        "{",
        "}",
        "${",
        "\\\"",
        "\\'",
        "\"q\"",
        "'s' ",
        ")",
        "\\;",
        "\"a\\\"b\" ",
        "\u{0}",
    ]);
    let long =
        (4085..4100_usize, select(vec!["", "\"", "'", "#", "\\"]), select(vec![" ", ";", "\n"]))
            .prop_map(|(length, open, end)| {
                let close = if open == "#" || open == "\\" { "" } else { open };
                format!("a {open}{}{close}{end}", "w".repeat(length))
            });
    let piece = prop_oneof![
        30 => common.prop_map(str::to_owned),
        8 => odd.prop_map(str::to_owned),
        1 => long,
    ];
    (prop::collection::vec(piece, 0..12), select(vec!["", ";", "\n"])).prop_map(|(pieces, end)| {
        format!("events {{}}\nhttp {{ types {{ {}{end}\n}} }}\n", pieces.concat())
    })
}

#[test]
fn soups_of_words_are_read_as_nginx_reads_them() {
    assert!(run(400, soup()) > 200);
}

#[test]
fn broken_configurations_are_as_broken_as_for_nginx() {
    let characters = "{};\"'#\\$ \n a".chars().map(String::from).chain([String::new()]);
    let change = (0..GOOD.len(), 0..3_usize, select(characters.collect::<Vec<_>>()));
    let mutated = prop::collection::vec(change, 1..3).prop_map(|changes| {
        let mut text = GOOD.to_owned();
        for (at, removed, added) in changes {
            let at = at.min(text.len());
            let end = (at + removed).min(text.len());
            text.replace_range(at..end, &added);
        }
        text
    });
    assert!(run(300, mutated) > 100);
}

#[test]
fn the_limit_of_a_word_is_the_same_to_the_byte() {
    let oracle = Oracle::new(distribution());
    for length in 4088..4100 {
        let word = "w".repeat(length);
        for text in [
            format!("{word};"),
            format!("{word} b;"),
            format!("{word}\n;"),
            format!("\"{word}\";"),
            format!("'{word}' ;"),
            format!("'{word}' b;"),
            format!("#{word}\na b;"),
            format!("{}\\;{} ;", &word[..2000], &word[2002..]),
        ] {
            let whole = format!("events {{}}\nhttp {{ types {{ a {text} }} }}\n");
            let refused = !oracle.refusal(whole.as_bytes()).is_empty();
            let found = parse(&whole).problems;
            assert_eq!(!found.is_empty(), refused, "{length}: {} {found:?}", &text[..10]);
        }
    }
}

#[test]
fn the_end_of_a_text_is_where_nginx_sees_it() {
    let oracle = Oracle::new(distribution());
    for end in
        ["", "#", "# c", " ", "a", "a ", "'", "'a'", "\\", "$", "${", "}", ";", "{", "a {", "a }"]
    {
        let text = format!("events {{}}\nhttp {{}}\n{end}");
        let refused = !oracle.refusal(text.as_bytes()).is_empty();
        assert_eq!(!parse(&text).problems.is_empty(), refused, "{end:?}");
    }
    let marked = "\u{feff}events {}\n";
    assert!(!oracle.refusal(marked.as_bytes()).is_empty());
    assert_eq!(parse(marked).problems[0].fault, Fault::ByteOrderMark);
}
