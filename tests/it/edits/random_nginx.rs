//! What holds for random edits of random nginx configurations, alone and in `ConfigMap`s.

use proptest::prelude::*;
use sioway::diagnostic::Span;
use sioway::fix::{Edit, Insertion, NginxChange, apply};
use sioway::manifest;
use sioway::nginx::{Directive, Tree, parse};

use super::random::{cases, for_seeds, git_applies};
use super::texts::Dice;

/// A configuration as people write them.
fn configuration(dice: &mut Dice) -> String {
    let unit = *dice.of(&["  ", "    ", "\t", "   "]);
    let mut text = String::new();
    block(dice, &mut text, unit, 0);
    text
}

fn block(dice: &mut Dice, text: &mut String, unit: &str, depth: usize) {
    for _ in 0..=dice.roll(4) {
        let margin = unit.repeat(depth);
        match dice.roll(9) {
            0 => *text += &format!("{margin}# comment {}\n", dice.roll(99)),
            1 => *text += "\n",
            2 if depth < 3 => {
                let note = if dice.chance(3) { "  # opens" } else { "" };
                *text += &format!("{margin}location /{} {{{note}\n", dice.roll(99));
                block(dice, text, unit, depth + 1);
                *text += &format!("{margin}}}\n");
            }
            3 => *text += &format!("{margin}if ($x) {{ return 40{}; }}\n", dice.roll(9)),
            4 => *text += &format!("{margin}limit_except GET {{}}\n"),
            5 => *text += &format!("{margin}a {}; b \"c ; d\"; # two\n", dice.roll(99)),
            6 => {
                *text += &format!(
                    "{margin}log_format x '$a '\n{margin}{unit}'$b'; # {}\n",
                    dice.roll(99)
                );
            }
            _ => {
                let note = if dice.chance(3) { " # why" } else { "" };
                *text += &format!("{margin}proxy_read_timeout {}s;{note}\n", dice.roll(99));
            }
        }
    }
}

/// What a tree says, a line a directive.
fn lines(directives: &[Directive], depth: usize, found: &mut Vec<String>) {
    for one in directives {
        let words: Vec<&str> =
            std::iter::once(&one.name).chain(&one.arguments).map(|word| &*word.text).collect();
        found.push(format!("{depth} {} {}", words.join("|"), one.block.is_some()));
        lines(one.children(), depth + 1, found);
    }
}

fn said(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    lines(&tree.directives, 0, &mut found);
    found
}

/// A random change, and the directive that it is about.
fn change(dice: &mut Dice, tree: &Tree) -> Option<NginxChange> {
    let all: Vec<&Directive> = tree.walk().collect();
    if all.is_empty() {
        return None;
    }
    let directive = *dice.of(&all);
    let span = directive.span;
    let text = *dice.of(&[
        "marker 1;",
        "marker 1;\nmarker '2 3';",
        "marker {\n    inner {\n        a;\n    }\n}",
    ]);
    let place = match dice.roll(9) {
        0 => {
            return Some(NginxChange::SetArguments {
                directive: span,
                text: "new '; {' 7".to_owned(),
            });
        }
        1 => return Some(NginxChange::Remove { directive: span }),
        8 if directive.block.is_none() => {
            return Some(NginxChange::Replace {
                directive: span,
                text: "other '; {' 7".to_owned(),
            });
        }
        2 => Insertion::Before(span),
        3 => Insertion::After(span),
        4 => Insertion::Start(directive.block.as_ref().map(|_| span)),
        5 | 6 => Insertion::End(directive.block.as_ref().map(|_| span)),
        _ => Insertion::End(None),
    };
    Some(NginxChange::Insert { place, text: text.to_owned() })
}

/// What the lines of a configuration are to be: `before` and `of` are where a directive and what it contains begin.
fn is_wanted(old: &Tree, new: &Tree, change: &NginxChange) -> bool {
    let (mut before, after) = (said(old), said(new));
    let number = |span: Span| old.walk().position(|one| one.span == span).unwrap();
    let depth = |line: &str| line.split(' ').next().unwrap().parse::<usize>().unwrap();
    let behind = |before: &[String], at: usize| {
        let rest = before[at + 1..].iter();
        at + 1 + rest.take_while(|line| depth(line) > depth(&before[at])).count()
    };
    match change {
        NginxChange::SetArguments { directive, .. } => {
            let at = number(*directive);
            let mut words = before[at].split([' ', '|']);
            let head = format!("{} {}", words.next().unwrap(), words.next().unwrap());
            let block = before[at].ends_with("true");
            before[at] = format!("{head}|new|; {{|7 {block}");
        }
        NginxChange::Replace { directive, .. } => {
            let at = number(*directive);
            before[at] = format!("{} other|; {{|7 false", depth(&before[at]));
        }
        NginxChange::Remove { directive } => {
            let at = number(*directive);
            before.drain(at..behind(&before, at));
        }
        NginxChange::Insert { place, text } => {
            let (at, deep) = match place {
                Insertion::Before(span) => (number(*span), depth(&before[number(*span)])),
                Insertion::After(span) => {
                    (behind(&before, number(*span)), depth(&before[number(*span)]))
                }
                Insertion::Start(Some(span)) => {
                    (number(*span) + 1, depth(&before[number(*span)]) + 1)
                }
                Insertion::End(Some(span)) => {
                    (behind(&before, number(*span)), depth(&before[number(*span)]) + 1)
                }
                Insertion::Start(None) => (0, 0),
                Insertion::End(None) => (before.len(), 0),
            };
            let mut new = Vec::new();
            lines(&parse(text).directives, deep, &mut new);
            before.splice(at..at, new);
        }
    }
    before == after
}

/// The comments of a configuration that a removal of `gone` leaves.
fn comments(text: &str, tree: &Tree, gone: Option<Span>) -> Vec<String> {
    let line_end = |at: usize| text[at..].find('\n').map_or(text.len(), |end| at + end);
    // The comment behind a directive goes too, unless something else is on its line.
    let within = |at: usize| {
        gone.is_some_and(|span| {
            let line = text[..span.start].rfind('\n').map_or(0, |end| end + 1);
            let alone = text[line..span.start].trim().is_empty();
            let alone = alone
                && matches!(
                    text[span.end..].trim_start_matches(' ').chars().next(),
                    None | Some('\n' | '\r' | '#')
                );
            span.start <= at && at < if alone { line_end(span.end) } else { span.end }
        })
    };
    let kept = tree.comments.iter().filter(|one| !within(one.span.start));
    kept.map(|one| text[one.span.start..one.span.end].to_owned()).collect()
}

/// A configuration in a ConfigMap, with its margin and what is around it.
fn config_map(dice: &mut Dice, conf: &str) -> String {
    let margin = " ".repeat(3 + dice.roll(5));
    let conf = if dice.chance(3) { conf.trim_end_matches('\n') } else { conf };
    let chomp = if conf.ends_with('\n') { "" } else { "-" };
    let mut text = format!("# first\ndata: # d\n  n.conf: |{chomp} # conf\n");
    for line in conf.lines() {
        let margin = if line.is_empty() { "" } else { &margin };
        text += &format!("{margin}{line}\n");
    }
    text += *dice.of(&["", "\n", "  # next\n  b: 1\n", "\n---\nx: 1\n"]);
    if dice.chance(5) {
        text = text.replace('\n', "\r\n");
    }
    if dice.chance(5) {
        text = text.trim_end().to_owned();
    }
    text
}

#[test]
fn configurations_become_what_is_wanted() {
    for_seeds(cases(1500), |seed| {
        let mut dice = Dice::new(seed);
        let mut conf = configuration(&mut dice);
        if dice.chance(6) {
            conf = conf.replace('\n', "\r\n");
        }
        let tree = parse(&conf);
        let Some(change) = change(&mut dice, &tree) else {
            return Ok(());
        };
        let told = format!("{change:?}\n{conf}");
        let edit = Edit::nginx(None, change.clone());
        let applied = match apply(&conf, &[edit]) {
            Ok(applied) => applied.text,
            Err(refused) => {
                return Err(TestCaseError::fail(format!("{refused:?}\n{told}")));
            }
        };
        let new = parse(&applied);
        prop_assert!(
            new.problems.is_empty() && is_wanted(&tree, &new, &change),
            "{told}\n--\n{applied}"
        );
        let gone = match change {
            NginxChange::Remove { directive } => Some(directive),
            _ => None,
        };
        let kept = comments(&conf, &tree, gone);
        prop_assert_eq!(kept, comments(&applied, &new, None), "{}\n--\n{}", told, applied);
        if conf.contains('\r') {
            prop_assert_eq!(applied.matches('\n').count(), applied.matches("\r\n").count());
        }
        Ok(())
    });
}

#[test]
fn configurations_in_config_maps_become_the_same() {
    let mut pairs = Vec::new();
    let mut refused = 0;
    for seed in 0..u64::from(cases(1500)) {
        let mut dice = Dice::new(seed);
        let conf = configuration(&mut dice);
        let text = config_map(&mut dice, &conf);
        let stream = manifest::read(&text);
        let root = stream.documents().find_map(manifest::Document::root).unwrap();
        let node = root.at(&["data", "n.conf"]).unwrap();
        let conf = node.text().unwrap().to_owned();
        let Some(change) = change(&mut dice, &parse(&conf)) else {
            continue;
        };
        let alone = apply(&conf, &[Edit::nginx(None, change.clone())]).unwrap().text;
        let applied = match apply(&text, &[Edit::nginx(Some(node.span()), change.clone())]) {
            Ok(applied) => applied.text,
            // A block whose last line is inserted or removed may not be able to end as it did.
            Err(why) => {
                println!("{why:?}\n{change:?}\n{text}\n--\n{alone}");
                refused += 1;
                continue;
            }
        };
        let after = manifest::read(&applied);
        let root = after.documents().find_map(manifest::Document::root).unwrap();
        let found = root.at(&["data", "n.conf"]).unwrap().text().unwrap();
        assert_eq!(found, alone, "{change:?}\n{text}\n--\n{applied}");
        let outside = |text: &str, node: manifest::Node<'_>| {
            let span = node.span();
            (text[..span.start].to_owned(), text[span.end..].trim_end().to_owned())
        };
        let new = root.at(&["data", "n.conf"]).unwrap();
        if found.is_empty() {
            continue;
        }
        assert_eq!(
            outside(&text, node),
            outside(&applied, new),
            "{change:?}\n{text}\n--\n{applied}"
        );
        pairs.push((format!("{seed}.yaml"), text.clone(), applied));
    }
    println!("{} done, {refused} refused", pairs.len());
    assert!(refused * 30 < pairs.len(), "{refused} refused");
    pairs.chunks(500).for_each(git_applies);
}
