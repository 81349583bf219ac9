//! Lua between braces, which is skipped, not read.
//!
//! `openresty/lua-nginx-module` reads `*_by_lua_block { … }` with a lexer of its own: braces count, except in Lua's
//! strings and comments.

/// Whether the block of a directive of this name holds Lua.
pub(super) fn is_lua(name: &str) -> bool {
    name.ends_with("_by_lua_block")
}

/// The byte of the `}` that closes the block whose content starts at `start`.
pub(super) fn closing_brace(text: &str, start: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut at, mut depth) = (start, 0_usize);
    while at < bytes.len() {
        at = match bytes[at] {
            b'{' => {
                depth += 1;
                at + 1
            }
            b'}' if depth == 0 => return Some(at),
            b'}' => {
                depth -= 1;
                at + 1
            }
            quote @ (b'"' | b'\'') => behind_string(bytes, at, quote),
            b'-' if bytes[at..].starts_with(b"--") => behind_comment(bytes, at + 2),
            b'[' => behind_long(bytes, at).unwrap_or(at + 1),
            _ => at + 1,
        };
    }
    None
}

fn behind_string(bytes: &[u8], open: usize, quote: u8) -> usize {
    let mut at = open + 1;
    while at < bytes.len() && bytes[at] != quote && bytes[at] != b'\n' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    at + 1
}

fn behind_comment(bytes: &[u8], start: usize) -> usize {
    behind_long(bytes, start).unwrap_or_else(|| {
        let rest = bytes.get(start..).unwrap_or_default();
        let line = rest.iter().position(|byte| *byte == b'\n');
        start + line.unwrap_or(rest.len())
    })
}

/// Behind `[[…]]` or `[=[…]=]`, if one opens at `open`. One that is never closed runs to the end.
fn behind_long(bytes: &[u8], open: usize) -> Option<usize> {
    let rest = bytes.get(open..)?.strip_prefix(b"[")?;
    let level = rest.iter().take_while(|byte| **byte == b'=').count();
    if rest.get(level) != Some(&b'[') {
        return None;
    }
    let close: Vec<u8> = [b"]".as_slice(), &vec![b'='; level], b"]"].concat();
    let body = open + level + 2;
    let found = bytes[body..].windows(close.len()).position(|window| window == close);
    Some(found.map_or(bytes.len(), |length| body + length + close.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_in_strings_and_comments_do_not_count() {
        let lua = " local t = { a = '}' } -- }\n s = [=[ } ]] ]=] --[[ } ]] f(\"\\\"}\") } rest";
        let close = closing_brace(lua, 0).unwrap();
        assert_eq!(&lua[close..], "} rest");
        assert_eq!(closing_brace("{ } [[ }", 0), None);
    }
}
