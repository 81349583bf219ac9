//! The escapes of a double-quoted scalar (<https://yaml.org/spec/1.2.2/#57-escaped-characters>).

/// Reads the escape that `text` begins with: the character, and how many bytes it takes.
/// Not for an escaped line break, which is no character.
pub(super) fn escape(text: &str) -> Option<(char, usize)> {
    let name = *text.as_bytes().get(1)?;
    let character = match name {
        b'0' => '\0',
        b'a' => '\x07',
        b'b' => '\x08',
        b't' | b'\t' => '\t',
        b'n' => '\n',
        b'v' => '\x0b',
        b'f' => '\x0c',
        b'r' => '\r',
        b'e' => '\x1b',
        b' ' | b'"' | b'/' | b'\\' => char::from(name),
        b'N' => '\u{85}',
        b'_' => '\u{a0}',
        b'L' => '\u{2028}',
        b'P' => '\u{2029}',
        b'x' => return Some((char::from_u32(hex(text, 2, 2)?)?, 4)),
        b'u' => return four_digits(text),
        b'U' => return Some((char::from_u32(hex(text, 2, 8)?)?, 10)),
        _ => return None,
    };
    Some((character, 2))
}

/// `\u0041`, or two of them that make one character as in JSON.
fn four_digits(text: &str) -> Option<(char, usize)> {
    let first = hex(text, 2, 4)?;
    if let Some(character) = char::from_u32(first) {
        return Some((character, 6));
    }
    let second = text.get(6..8).filter(|text| *text == "\\u");
    let second = second.and_then(|_| hex(text, 8, 4))?;
    let pair = [u16::try_from(first).ok()?, u16::try_from(second).ok()?];
    let character = char::decode_utf16(pair).next()?.ok()?;
    Some((character, 12))
}

fn hex(text: &str, from: usize, digits: usize) -> Option<u32> {
    let digits = text.get(from..from + digits)?;
    let all = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    all.then(|| u32::from_str_radix(digits, 16).ok()).flatten()
}
