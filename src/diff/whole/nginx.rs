//! nginx configurations of which each directive counts.
//!
//! Comments, blanks and quotes are no difference. A directive is known by its name and by what it is about, such as the
//! path of a location or the name of a header, and where there are several of them, by the order they stand in. The
//! order of others matters only to those that nginx asks one after the other.

use super::Difference;
use crate::diff::nginx::step;
use crate::diff::why::{Why, why_rendered};
use crate::nginx::{Directive, Tree};

/// What differs between two configurations.
pub(super) fn differences(path: &str, old: &Tree, new: &Tree) -> Vec<Difference> {
    let mut found = Vec::new();
    block(&old.directives, &new.directives, path, &mut found);
    found
}

fn block(old: &[Directive], new: &[Directive], path: &str, found: &mut Vec<Difference>) {
    let (before, after) = (known(old), known(new));
    for (key, directive) in &before {
        match after.iter().find(|(other, _)| other == key) {
            Some((_, twin)) => pair(directive, twin, path, found),
            None => found.push(difference(path, Some(directive), None)),
        }
    }
    let is_new = |key: &Key| !before.iter().any(|(other, _)| other == key);
    let added = after.iter().filter(|(key, _)| is_new(key));
    found.extend(added.map(|(_, directive)| difference(path, None, Some(directive))));
    let order = |own: &[Known<'_>], other: &[Known<'_>]| -> Vec<String> {
        let both = own.iter().filter(|(key, _)| other.iter().any(|(one, _)| one == key));
        both.filter(|(_, one)| has_order(one)).map(|(_, one)| head(one)).collect()
    };
    let (was, is) = (order(&before, &after), order(&after, &before));
    if was != is {
        let said = |order: Vec<String>| Some(format!("in the order {}", order.join(" ")));
        let why = Why::default();
        found.push(Difference { path: path.to_owned(), old: said(was), new: said(is), why });
    }
}

fn pair(old: &Directive, new: &Directive, path: &str, found: &mut Vec<Difference>) {
    match (&old.block, &new.block) {
        (Some(one), Some(other)) if one.raw.is_none() && other.raw.is_none() => {
            if head(old) != head(new) {
                found.push(difference(path, Some(old), Some(new)));
            }
            block(old.children(), new.children(), &step(path, new), found);
        }
        _ if head(old) != head(new) => found.push(difference(path, Some(old), Some(new))),
        _ => {}
    }
}

fn difference(path: &str, old: Option<&Directive>, new: Option<&Directive>) -> Difference {
    let about = new.or(old);
    let place = about.map_or_else(|| path.to_owned(), |one| step(path, one));
    Difference {
        path: place,
        old: old.map(whole),
        new: new.map(whole),
        why: about.map_or(Why::default(), |one| why_rendered(one, old)),
    }
}

/// Name, what it is about, and which one of those it is.
type Key = (String, String, usize);

type Known<'t> = (Key, &'t Directive);

fn known(directives: &[Directive]) -> Vec<Known<'_>> {
    let mut known: Vec<Known<'_>> = Vec::new();
    for directive in directives {
        let (name, about) = (directive.name.text.to_string(), about(directive));
        let same = |(key, _): &&Known<'_>| key.0 == name && key.1 == about;
        let number = known.iter().filter(same).count();
        known.push(((name, about, number), directive));
    }
    known
}

/// What tells a directive from others of its name.
fn about(directive: &Directive) -> String {
    let first = || directive.argument(0).unwrap_or_default().to_owned();
    match &*directive.name.text {
        "proxy_set_header" | "add_header" | "more_set_headers" => first().to_lowercase(),
        "map" | "geo" => directive.argument(1).unwrap_or_default().to_owned(),
        "location" | "if" | "limit_except" => arguments(directive),
        "upstream" | "set" | "include" | "log_format" | "set_real_ip_from" | "allow" | "deny"
        | "rewrite" | "error_page" | "env" => first(),
        // The servers of an upstream; the blocks of that name are known by their order.
        "server" if directive.block.is_none() => first(),
        _ => String::new(),
    }
}

/// Whether nginx asks directives of this name in the order they are written.
fn has_order(directive: &Directive) -> bool {
    let regex = || directive.argument(0).is_some_and(|first| first.starts_with('~'));
    match &*directive.name.text {
        "location" => regex(),
        name => matches!(
            name,
            "allow" | "deny" | "rewrite" | "if" | "set" | "return" | "break" | "include" | "server"
        ),
    }
}

fn arguments(directive: &Directive) -> String {
    directive.arguments.iter().map(|word| &*word.text).collect::<Vec<_>>().join(" ")
}

/// A directive without its block. A word that has blanks, or none at all, is in quotes.
fn head(directive: &Directive) -> String {
    let words = directive.arguments.iter().map(|word| match &*word.text {
        text if text.is_empty() || text.contains(char::is_whitespace) => format!("{text:?}"),
        text => text.to_owned(),
    });
    let words: Vec<String> = [directive.name.text.to_string()].into_iter().chain(words).collect();
    words.join(" ")
}

/// A directive with what it holds, on one line.
fn whole(directive: &Directive) -> String {
    match &directive.block {
        None => format!("{};", head(directive)),
        Some(block) if block.raw.is_some() => format!("{} {{ … }}", head(directive)),
        Some(_) => {
            let inner: Vec<String> = directive.children().iter().map(whole).collect();
            format!("{} {{ {} }}", head(directive), inner.join(" "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nginx::parse;

    fn told(old: &str, new: &str) -> Vec<[String; 3]> {
        let found = differences("c", &parse(old), &parse(new));
        let said = |text: Option<String>| text.unwrap_or_default();
        found.into_iter().map(|one| [one.path, said(one.old), said(one.new)]).collect()
    }

    #[test]
    fn comments_blanks_quotes_and_headers_in_another_order_are_the_same() {
        let old = "server { # x\n proxy_set_header A b; proxy_set_header C 'd'; }";
        let new = "server {\n    proxy_set_header c d;\n proxy_set_header A \"b\"; }";
        // The name of a header is the same in capitals and without, but it is written anew.
        let found = told(old, new);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(told(old, &new.replace(" c d", " C d")).is_empty());
    }

    #[test]
    fn what_is_gone_and_what_is_new_is_told() {
        let old = "http { server { listen 80; location / { return 204; } } }";
        let new = "http { server { listen 8080; location /a { return 204; } } }";
        assert_eq!(
            told(old, new),
            [
                ["c.http.server.listen", "listen 80;", "listen 8080;"],
                ["c.http.server.location[/]", "location / { return 204; }", ""],
                ["c.http.server.location[/a]", "", "location /a { return 204; }"],
            ]
        );
    }

    #[test]
    fn the_order_of_what_is_asked_one_by_one_is_told() {
        let found = told("allow 1.2.3.4; deny all;", "deny all; allow 1.2.3.4;");
        let orders = ["in the order allow 1.2.3.4 deny all", "in the order deny all allow 1.2.3.4"];
        assert_eq!(found, [["c", orders[0], orders[1]]]);
        assert!(told("listen 80; server_name a;", "server_name a; listen 80;").is_empty());
    }
}
