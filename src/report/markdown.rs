//! Text of other people in Markdown, where it cannot leave its place.
//!
//! Outside of code blocks, every character that Markdown, HTML or GitHub give a meaning is written as a reference to it,
//! which none of them takes for the character itself.

/// The most that GitHub takes in a comment, in characters.
pub(super) const LONGEST: usize = 65_536;

/// The length as GitHub's scripts count it: no less than the number of characters.
pub(super) fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// More backticks than stand in a row anywhere in the text.
pub(super) fn fence(text: &str) -> String {
    let longest = text.split(|character| character != '`').map(str::len).max();
    "`".repeat(longest.unwrap_or(0).max(2) + 1)
}

/// A message, with code where it has backticks.
pub(super) fn prose(text: &str) -> String {
    let mut parts: Vec<&str> = text.split('`').collect();
    // The last backtick has no partner.
    let odd = if parts.len().is_multiple_of(2) { parts.pop() } else { None };
    let paired = parts.iter().enumerate().map(|(index, part)| match index % 2 {
        0 => plain(part),
        _ => code(part),
    });
    let odd = odd.map_or_else(String::new, |part| format!("{}{}", reference('`'), plain(part)));
    paired.collect::<String>() + &odd
}

/// Text as code.
pub(super) fn code(text: &str) -> String {
    format!("<code>{}</code>", text.chars().map(escape).collect::<String>())
}

/// Text outside of code, where GitHub also looks for people and issues: a space without width hides them.
pub(super) fn plain(text: &str) -> String {
    let escape = |character| match character {
        '@' | '#' => escape(character) + "&#8203;",
        _ => escape(character),
    };
    text.chars().map(escape).collect()
}

fn escape(character: char) -> String {
    let harmless = character.is_ascii_alphanumeric() || " .,;-/=()'".contains(character);
    if harmless || !character.is_ascii() { character.to_string() } else { reference(character) }
}

fn reference(character: char) -> String {
    format!("&#{};", u32::from(character))
}
