//! Text out of other people's files, made fit to be shown.

use std::borrow::Cow;

use annotate_snippets::normalize_untrusted_str;

use crate::kustomize::joined;

/// Text in which nothing steers a terminal or turns the direction of writing; it may still have several lines.
pub(super) fn printable(text: &str) -> String {
    let clean = normalize_untrusted_str(&text.replace("\r\n", "\n"));
    clean
        .chars()
        .map(|character| match character {
            '\n' => '\n',
            control if control.is_control() => char::REPLACEMENT_CHARACTER,
            character => character,
        })
        .collect()
}

/// [`printable`] text on one line.
pub(super) fn one_line(text: &str) -> String {
    printable(text).replace(['\n', '\u{2028}', '\u{2029}'], " ")
}

/// The name of a file that begins a line. One with `::` in front would be a command to GitHub Actions, which looks past
/// blanks before it (actions/runner:src/Runner.Common/ActionCommand.cs).
pub fn leading(name: &str) -> String {
    let name = one_line(name);
    if name.trim_start().starts_with("::") { format!("./{name}") } else { name }
}

/// JSON in which nothing steers a terminal: of control characters, JSON itself only escapes the oldest.
pub(super) fn quiet_json(json: &str) -> String {
    let mut quiet = String::with_capacity(json.len());
    for character in json.chars() {
        match character {
            '\n' => quiet.push('\n'),
            '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                quiet.push_str(&escape(character));
            }
            control if control.is_control() => quiet.push_str(&escape(control)),
            character => quiet.push(character),
        }
    }
    quiet
}

fn escape(character: char) -> String {
    format!("\\u{:04x}", u32::from(character))
}

/// At most so many characters of a text, and a mark where the rest was.
pub(super) fn shorten(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        None => Cow::Borrowed(text),
        Some(_) => Cow::Owned(text.chars().take(most - 1).chain(['…']).collect()),
    }
}

/// So much is shown before the place where two texts part.
const LEAD: usize = 20;

/// At most so many characters of two texts, from where they part: what is cut off must not be the difference.
pub(super) fn parted(one: &str, other: &str, most: usize) -> [String; 2] {
    let is_short = |text: &str| text.char_indices().nth(most).is_none();
    if is_short(one) && is_short(other) {
        return [one.to_owned(), other.to_owned()];
    }
    let common = one.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
    let start = if common < most / 2 { 0 } else { common - LEAD.min(common) };
    [one, other].map(|text| cut(text, start, most))
}

/// At most so many characters of a text.
pub(super) fn cut_off(text: &str, most: usize) -> String {
    cut(text, 0, most)
}

fn cut(text: &str, start: usize, most: usize) -> String {
    let before = if start > 0 { "… " } else { "" };
    let shown: String = text.chars().skip(start).take(most).collect();
    let after = if text.chars().count() > start + most { " …" } else { "" };
    format!("{before}{shown}{after}")
}

/// A path as Git writes it: what hosts match findings to files by.
pub(super) fn file_name(name: &str) -> &str {
    name.strip_prefix("./").unwrap_or(name)
}

/// The same, of a name that is relative to a place in a repository: from the root of that.
pub(super) fn in_repository(place: &str, name: &str) -> String {
    let name = file_name(name);
    // What has no file, such as `<stdin>`, is nowhere.
    if place.is_empty() || name.starts_with(['/', '<']) {
        return name.to_owned();
    }
    joined(place, name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_a_terminal() {
        let hostile = "\u{1b}[31mred\u{9b}0m\r\nnext\rover\u{202e}turned";
        assert_eq!(printable(hostile), "␛[31mred�0m\nnext␍over�turned");
        assert_eq!(one_line("a\nb"), "a b");
        assert_eq!(leading("::error::x\n::debug::y"), "./::error::x ::debug::y");
        assert_eq!(leading(" ::a"), "./ ::a");
    }

    #[test]
    fn quiet_json_says_the_same() {
        let value = serde_json::Value::from("\u{7f}\u{9b}\u{202e}\n漢");
        let quiet = quiet_json(&value.to_string());
        assert_eq!(quiet, "\"\\u007f\\u009b\\u202e\\n漢\"");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&quiet).unwrap(), value);
    }

    #[test]
    fn names_are_those_of_the_repository() {
        assert_eq!(in_repository("apps/chat", "./k8s/a.yaml"), "apps/chat/k8s/a.yaml");
        assert_eq!(in_repository("apps/chat", "../../k8s/a.yaml"), "k8s/a.yaml");
        assert_eq!(in_repository("", "../a.yaml"), "../a.yaml");
        assert_eq!(in_repository("apps", "<stdin>"), "<stdin>");
        assert_eq!(in_repository("apps", "/k8s/a.yaml"), "/k8s/a.yaml");
    }

    #[test]
    fn what_is_cut_off_is_not_the_difference() {
        assert_eq!(parted("a", "b", 4), ["a", "b"]);
        let (one, other) = ("x".repeat(90) + "one" + &"y".repeat(90), "x".repeat(90) + "two");
        let lead = "x".repeat(20);
        let cut = [format!("… {lead}one{} …", "y".repeat(17)), format!("… {lead}two")];
        assert_eq!(parted(&one, &other, 40), cut);
        assert_eq!(parted("x漢", "y漢字漢字", 4), ["x漢", "y漢字漢 …"]);
        assert_eq!(cut_off("漢字漢", 2), "漢字 …");
    }

    #[test]
    fn shortens_by_characters() {
        assert_eq!(shorten("漢字", 2), "漢字");
        assert_eq!(shorten("漢字!", 2), "漢…");
    }
}
