//! What holds for every text, however broken.

use proptest::prelude::*;
use proptest::sample::select;
use sioway::diagnostic::Span;
use sioway::nginx::{Config, Directive, Quote, Request, Tree, edits, parse, violations};

fn pieces() -> impl Strategy<Value = String> {
    let words = select(vec![
        "server",
        "location",
        "/a",
        "proxy_pass",
        "http://a/$x",
        "listen",
        "80",
        "map",
        "if",
        "(",
        ")",
        "content_by_lua_block",
        "rewrite",
        "^/(.*)$",
        "last",
        "include",
        "=",
        "~",
        "[[",
        "--",
        "]]",
        "server_name",
        "return",
        "200",
        "return 301 $",
    ]);
    let signs = select(vec![
        " ", " ", "\n", ";", ";\n", "{", "}", "\"", "'", "\\", "#", "$", "${", "\r\n", "é",
        "\u{feff}", "\u{0}", "{{{{", "}}",
    ]);
    let any = prop_oneof![3 => words.prop_map(str::to_owned), 4 => signs.prop_map(str::to_owned), 1 => any::<String>()];
    prop::collection::vec(any, 0..60).prop_map(|pieces| pieces.concat())
}

/// Directives without a fault, of words in all styles.
fn tidy() -> impl Strategy<Value = String> {
    let word = select(vec![
        "a", "$b", "${c}", "\"d ;{\"", "'e }'", "f\\;g", "\\\"h", "i#j", "k}", "l\"m\"", "'\\''",
        "\"\"", "é", "n\\\\",
    ]);
    let end = select(vec![";", " ;", " {}", "{ x 'y'; }", "; # z {", " { x { y; }\n} "]);
    let line = (prop::collection::vec(word, 1..5), end)
        .prop_map(|(words, end)| format!("{}{end}\n", words.join(" ")));
    prop::collection::vec(line, 0..8).prop_map(|lines| lines.concat())
}

fn inside(text: &str, span: Span) -> Result<(), TestCaseError> {
    prop_assert!(text.get(span.start..span.end).is_some(), "{span:?}");
    Ok(())
}

fn check_spans(text: &str, tree: &Tree) -> Result<(), TestCaseError> {
    for directive in tree.walk() {
        inside(text, directive.span)?;
        inside(text, directive.head_span())?;
        inside(text, edits::whole_lines(text, directive))?;
        for word in std::iter::once(&directive.name).chain(&directive.arguments) {
            inside(text, word.span)?;
            prop_assert!(
                directive.span.start <= word.span.start && word.span.end <= directive.span.end
            );
        }
        if let Some(block) = &directive.block {
            for span in [Some(block.open), block.close, block.raw].into_iter().flatten() {
                inside(text, span)?;
            }
            if let Some(place) = edits::at_end(text, block) {
                prop_assert!(text.is_char_boundary(place.at));
            }
        }
    }
    for span in tree.comments.iter().map(|one| one.span) {
        inside(text, span)?;
        prop_assert!(text[span.start..span.end].starts_with('#'));
    }
    for problem in &tree.problems {
        inside(text, problem.span)?;
    }
    Ok(())
}

/// Names, arguments and nesting, without places.
fn outline(directives: &[Directive], into: &mut Vec<String>) {
    for one in directives {
        into.extend(
            std::iter::once(&one.name).chain(&one.arguments).map(|word| word.text.to_string()),
        );
        into.push(if one.block.is_some() { "{" } else { ";" }.to_owned());
        outline(one.children(), into);
        into.push("}".to_owned());
    }
}

/// The words of a tree as they were written, and nothing else of the text.
fn rewritten(text: &str, directives: &[Directive], into: &mut String) {
    for one in directives {
        for word in std::iter::once(&one.name).chain(&one.arguments) {
            into.push_str(&text[word.span.start..word.span.end]);
            into.push(' ');
        }
        if let Some(block) = &one.block {
            into.push('{');
            if let Some(raw) = block.raw {
                into.push_str(&text[raw.start..raw.end]);
            }
            rewritten(text, one.children(), into);
            into.push('}');
        } else {
            into.push(';');
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_it_panic_or_point_outside(text in pieces()) {
        let tree = parse(&text);
        check_spans(&text, &tree)?;
        let config = Config::alone(&tree);
        let _ = violations(&config);
        let _ = config.unknown_variables();
        for target in ["/", "/a", "/a/../b%2F?c"] {
            if let Ok(Some(route)) = config.route(&Request::get(80, target)) {
                let level = route.scene.location.unwrap_or(route.server.server);
                let _ = config.map_uri(level, &route.scene);
                let _ = config.answer(level);
            }
        }
        for upstream in config.upstreams() {
            prop_assert_eq!(config.name(upstream.node), "upstream");
        }
    }

    #[test]
    fn words_written_again_are_the_same_words(text in tidy()) {
        let tree = parse(&text);
        prop_assert_eq!(&tree.problems, &[]);
        let mut again = String::new();
        rewritten(&text, &tree.directives, &mut again);
        let (mut before, mut after) = (Vec::new(), Vec::new());
        outline(&tree.directives, &mut before);
        outline(&parse(&again).directives, &mut after);
        prop_assert_eq!(before, after);
    }

    #[test]
    fn any_text_can_be_a_quoted_word(content in any::<String>(), double in any::<bool>()) {
        let quote = if double { '"' } else { '\'' };
        let escaped = content.replace('\\', "\\\\").replace(quote, &format!("\\{quote}"));
        prop_assume!(escaped.len() < 4000);
        let tree = parse(&format!("a {quote}{escaped}{quote};"));
        prop_assert_eq!(&tree.problems, &[]);
        let word = &tree.directives[0].arguments[0];
        prop_assert_eq!(&*word.text, &content);
        prop_assert_eq!(word.quote, if double { Quote::Double } else { Quote::Single });
    }
}

#[test]
fn time_grows_with_the_text_and_no_faster() {
    let count = 200_000;
    for piece in [
        "a{",
        "}",
        "'\n",
        "\"a",
        "a \"b\\",
        "$",
        "${",
        "[",
        "a_by_lua_block {",
        "#\n",
        "[=",
        "'\\\"",
        "a;",
    ] {
        let started = std::time::Instant::now();
        let text = piece.repeat(count);
        let tree = parse(&text);
        let config = Config::alone(&tree);
        let _ = violations(&config);
        drop(tree.clone());
        assert!(started.elapsed().as_secs() < 10, "{piece:?} took {:?}", started.elapsed());
    }
}

#[test]
fn values_that_grow_without_end_are_not_evaluated() {
    let twice = |index: usize| {
        format!("map $m{next} $m{index} {{ default '$m{next}$m{next}'; }}\n", next = index + 1)
    };
    let maps: String = (0..40).map(twice).collect();
    let doubling = "set $a $a$a$a;".repeat(100);
    let growing = "rewrite ^(.*)$ $1$1;".repeat(100);
    for (http, server) in [
        (maps.as_str(), "return 200 $m0;"),
        ("", &format!("set $a aa; {doubling} return 200 $a;")),
        ("", &growing),
        ("", "location / { rewrite ^ /a last; } location /a { rewrite ^ / last; }"),
        ("", "location / { proxy_pass http://$proxy_host; }"),
    ] {
        let text = format!("{http} server {{ listen 80; {server} }}");
        let tree = parse(&text);
        let config = Config::alone(&tree);
        if let Ok(Some(route)) = config.route(&Request::get(80, "/")) {
            let level = route.scene.location.unwrap_or(route.server.server);
            assert!(config.map_uri(level, &route.scene).is_err());
        }
    }
}
