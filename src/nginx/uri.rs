//! What nginx makes of the URI of a request.
//!
//! `ngx_http_parse_complex_uri` of `nginx/nginx:src/http/ngx_http_parse.c`: percent-decoding, slashes merged, dot
//! segments resolved, in one pass, so that an encoded slash or dot counts like a plain one.

/// The URI of a request, on its way through nginx.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uri {
    /// The path that locations are compared with: decoded, so any bytes.
    pub path: Vec<u8>,
    /// Behind the first `?`, as sent.
    pub args: String,
    /// As the client sent it: `$request_uri`, for ever.
    pub raw: String,
    /// Whether anything was percent-encoded; nginx encodes again only then.
    pub(super) quoted: bool,
    /// Whether a `+` was in the path.
    pub(super) plus: bool,
    /// What rewrites did to it.
    pub(super) change: Change,
}

/// What rewrites did to a URI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// Nothing.
    None,
    /// Its path is as it was, its arguments are others.
    Arguments,
    /// It is another one.
    Rewritten,
    /// It is another one by `break`, so that the location's prefix is no longer at its start.
    Broken,
}

impl Change {
    /// Whether the path is another one.
    pub(super) fn is_of_path(self) -> bool {
        matches!(self, Self::Rewritten | Self::Broken)
    }
}

/// Why nginx answers 400.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadRequest;

#[derive(Clone, Copy, PartialEq)]
enum State {
    Usual,
    Slash,
    Dot,
    DotDot,
}

/// Reads a request target such as `/a//b/../c%20d?x=1`.
///
/// # Errors
///
/// [`BadRequest`] where nginx answers 400: no leading slash, spaces, broken escapes, `%00`, and `..` above the root.
pub fn normalise(target: &str, merge_slashes: bool) -> Result<Uri, BadRequest> {
    let plain = |byte: u8| byte > b' ' && byte != 0x7f;
    if !target.starts_with('/') || !target.bytes().all(plain) {
        return Err(BadRequest);
    }
    let mut reader = Reader {
        path: Vec::with_capacity(target.len()),
        state: State::Usual,
        merge_slashes,
        quoted: false,
        plus: false,
    };
    let length = reader.read(target.as_bytes())?;
    // A client that knows HTTP never sends a `#`; nginx ends the path, or the query, at it.
    let rest = target[length..].split('#').next().unwrap_or_default();
    Ok(Uri {
        path: reader.path,
        args: rest.strip_prefix('?').unwrap_or_default().to_owned(),
        raw: target.to_owned(),
        quoted: reader.quoted,
        plus: reader.plus,
        change: Change::None,
    })
}

struct Reader {
    path: Vec<u8>,
    state: State,
    merge_slashes: bool,
    quoted: bool,
    plus: bool,
}

impl Reader {
    /// Reads a path, and returns how long it was.
    fn read(&mut self, target: &[u8]) -> Result<usize, BadRequest> {
        let mut at = 0;
        while let Some(&byte) = target.get(at) {
            match byte {
                b'?' | b'#' => break,
                b'%' => {
                    self.quoted = true;
                    let decoded = decode(target.get(at + 1..at + 3))?;
                    at += 3;
                    match decoded {
                        0 => return Err(BadRequest),
                        // These mean nothing special once they are encoded.
                        b'%' | b'#' | b'?' => self.usual(decoded),
                        _ => self.take(decoded)?,
                    }
                }
                _ => {
                    self.take(byte)?;
                    at += 1;
                }
            }
        }
        match self.state {
            State::Dot => drop(self.path.pop()),
            State::DotDot => self.up()?,
            _ => {}
        }
        Ok(at)
    }

    fn take(&mut self, byte: u8) -> Result<(), BadRequest> {
        match (self.state, byte) {
            (State::Usual, b'/') => {
                self.path.push(b'/');
                self.state = State::Slash;
            }
            (State::Slash, b'/') if self.merge_slashes => {}
            (State::Slash, b'/') => self.path.push(b'/'),
            (State::Slash, b'.') => {
                self.path.push(b'.');
                self.state = State::Dot;
            }
            (State::Dot, b'/') => {
                self.path.pop();
                self.state = State::Slash;
            }
            (State::Dot, b'.') => {
                self.path.push(b'.');
                self.state = State::DotDot;
            }
            (State::DotDot, b'/') => {
                self.up()?;
                self.state = State::Slash;
            }
            _ => self.usual(byte),
        }
        Ok(())
    }

    fn usual(&mut self, byte: u8) {
        self.plus |= byte == b'+';
        self.path.push(byte);
        self.state = State::Usual;
    }

    /// Takes `/name/..` from the end and leaves `/`.
    fn up(&mut self) -> Result<(), BadRequest> {
        let kept = self.path.len().checked_sub(3).ok_or(BadRequest)?;
        let parent = self.path[..kept].iter().rposition(|byte| *byte == b'/');
        self.path.truncate(parent.ok_or(BadRequest)? + 1);
        Ok(())
    }
}

fn decode(digits: Option<&[u8]>) -> Result<u8, BadRequest> {
    let Some(&[high, low]) = digits else {
        return Err(BadRequest);
    };
    let digit = |byte: u8| char::from(byte).to_digit(16).ok_or(BadRequest);
    u8::try_from(digit(high)? * 16 + digit(low)?).map_err(|_| BadRequest)
}

/// Percent-encodes what may not stand in a URI, as nginx does: `ngx_escape_uri` of
/// `nginx/nginx:src/core/ngx_string.c`.
pub(super) fn escape(path: &[u8]) -> String {
    escape_all(path, b" \"#%<>?\\^`{|}")
}

/// Percent-encodes what may not stand in the arguments of a URI.
pub(super) fn escape_args(text: &[u8]) -> String {
    escape_all(text, b" \"#%&+;<>?\\^`{|}")
}

fn escape_all(text: &[u8], refused: &[u8]) -> String {
    let mut escaped = String::with_capacity(text.len());
    for &byte in text {
        if byte <= b' ' || byte >= 0x7f || refused.contains(&byte) {
            escaped.push('%');
            for digit in [byte >> 4, byte & 15] {
                let digit = char::from_digit(digit.into(), 16).unwrap_or('0');
                escaped.push(digit.to_ascii_uppercase());
            }
        } else {
            escaped.push(char::from(byte));
        }
    }
    escaped
}

/// Decodes the plain characters behind `%`: `NGX_UNESCAPE_REDIRECT` of `ngx_unescape_uri`.
pub(super) fn unescape_redirect(text: &str) -> String {
    let mut parts = text.split('%');
    let mut decoded = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let byte = decode(part.as_bytes().get(..2)).ok();
        if byte.is_some_and(|byte| (b'&'..0x7f).contains(&byte)) {
            decoded.extend(byte.map(char::from));
            decoded.push_str(&part[2..]);
        } else {
            decoded.push('%');
            decoded.push_str(part);
        }
    }
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(target: &str) -> String {
        String::from_utf8(normalise(target, true).unwrap().path).unwrap()
    }

    #[test]
    fn paths_are_made_plain() {
        for (target, expected) in [
            ("/a//b", "/a/b"),
            ("/a/./b/../c", "/a/c"),
            ("/a/..", "/"),
            ("/a/.", "/a/"),
            ("/a%2Fb%20c", "/a/b c"),
            ("/a/%2e%2e/b", "/b"),
            ("/a/.../b", "/a/.../b"),
            ("/%252f", "/%2f"),
            ("/a%3fb?c", "/a?b"),
        ] {
            assert_eq!(path(target), expected, "{target}");
        }
        assert_eq!(normalise("/a//b?c=%20?d", false).unwrap().args, "c=%20?d");
        assert_eq!(normalise("/a//b", false).unwrap().path, b"/a//b");
        for target in ["", "a", "/..", "/%", "/%0", "/%zz", "/%00", "/a b"] {
            assert_eq!(normalise(target, true), Err(BadRequest), "{target}");
        }
    }
}
