//! HTTP/1.1 answers, read with limits on everything.

use std::borrow::Cow;

use super::trouble::Trouble;
use super::wire::Wire;

/// The most that a status line and headers may take; load balancers allow no more either.
const HEAD: usize = 64 << 10;

/// The most that a body may take.
const BODY: usize = 4 << 20;

/// How many interim answers (1xx) are borne with.
const INTERIM: usize = 8;

/// An answer.
#[derive(Debug, Clone, Default)]
pub struct Response {
    /// The minor version: 1 for HTTP/1.1.
    pub minor: u8,
    /// The status.
    pub status: u16,
    /// Names, in lower case, and values, in their order.
    pub headers: Vec<(String, String)>,
    /// What followed, without its framing.
    pub body: Vec<u8>,
    /// After how many milliseconds the first byte came.
    pub first_byte: u64,
}

impl Response {
    /// The first value of a header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let named = self.headers.iter().find(|(key, _)| key == name);
        named.map(|(_, value)| value.as_str())
    }

    /// All values of a header.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = self.headers.iter().filter(move |(key, _)| key == name);
        named.map(|(_, value)| value.as_str())
    }

    /// Whether the content type is of a kind, such as `application/json`.
    pub fn is_of(&self, kind: &str) -> bool {
        let essence = self.header("content-type").and_then(|value| value.split(';').next());
        essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case(kind))
    }

    /// The body as text.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }
}

/// Waits for an answer and reads all of it; what follows a 101 stays on the wire.
pub fn read(wire: &mut Wire) -> Result<Response, Trouble> {
    for _ in 0..INTERIM {
        let mut response = read_head(wire)?;
        match response.status {
            101 => return Ok(response),
            100..200 => {}
            _ => {
                if !matches!(response.status, 204 | 304) {
                    read_body(wire, &mut response)?;
                }
                return Ok(response);
            }
        }
    }
    nonsense("the server keeps sending interim answers")
}

fn nonsense<T>(message: impl Into<String>) -> Result<T, Trouble> {
    Err(Trouble::Nonsense(message.into()))
}

/// Waits for more; an end of the connection is trouble.
fn more(wire: &mut Wire, before: usize) -> Result<(), Trouble> {
    let got = before + wire.buffer.len();
    match wire.fill() {
        Ok(0) if got == 0 => Err(Trouble::Closed),
        Ok(0) => Err(Trouble::Short(got)),
        Ok(_) => Ok(()),
        Err(error) => Err(Trouble::reading(&error, got, wire.waited())),
    }
}

fn read_head(wire: &mut Wire) -> Result<Response, Trouble> {
    let mut first_byte = None;
    loop {
        check_beginning(&wire.buffer)?;
        if let Some(end) = end_of_head(&wire.buffer) {
            let head: Vec<u8> = wire.buffer.drain(..end).collect();
            let first_byte = first_byte.unwrap_or_else(|| wire.waited());
            return parse_head(&String::from_utf8_lossy(&head), first_byte);
        }
        if wire.buffer.len() > HEAD {
            return Err(Trouble::TooLarge { what: "the answer's header", most: HEAD });
        }
        more(wire, 0)?;
        first_byte.get_or_insert_with(|| wire.waited());
    }
}

/// Whatever is not HTTP is told by its first bytes: nothing is gained by waiting for its end.
fn check_beginning(bytes: &[u8]) -> Result<(), Trouble> {
    const HTTP: &[u8] = b"HTTP/1.";
    let length = bytes.len().min(HTTP.len());
    if bytes[..length] == HTTP[..length] {
        return Ok(());
    }
    if let [0x15 | 0x16, 3, ..] = bytes {
        return nonsense("what came is TLS: write `https://`");
    }
    if bytes.starts_with(b"HTTP/") {
        return nonsense("the answer is in another HTTP than 1.x");
    }
    nonsense(format!("what came is not HTTP: {}", shown(bytes)))
}

/// The first bytes of something, fit to be shown.
pub fn shown(bytes: &[u8]) -> String {
    const MOST: usize = 72;
    let text = String::from_utf8_lossy(bytes);
    let start: String = text.chars().take(MOST).map(harmless).collect();
    let more = if text.chars().nth(MOST).is_some() { "…" } else { "" };
    format!("`{start}{more}`")
}

/// A character, or its escape where it would do something to a terminal or a line.
fn harmless(character: char) -> String {
    match character {
        '"' | '\'' => character.into(),
        other => other.escape_debug().to_string(),
    }
}

fn end_of_head(bytes: &[u8]) -> Option<usize> {
    let crlf = bytes.windows(4).position(|four| four == b"\r\n\r\n");
    let lf = bytes.windows(2).position(|two| two == b"\n\n");
    match (crlf.map(|at| at + 4), lf.map(|at| at + 2)) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (one, other) => one.or(other),
    }
}

fn parse_head(head: &str, first_byte: u64) -> Result<Response, Trouble> {
    let mut lines = head.lines();
    let line = lines.next().unwrap_or_default();
    let mut words = line.splitn(3, ' ');
    let minor = words.next().and_then(|version| version.strip_prefix("HTTP/1."));
    let status = words.next().filter(|word| word.len() == 3);
    let (Some(Ok(minor)), Some(Ok(status @ 100..=999))) =
        (minor.map(str::parse), status.map(str::parse))
    else {
        return nonsense(format!("the status line is {}", shown(line.as_bytes())));
    };
    let headers = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    Ok(Response { minor, status, headers, first_byte, body: Vec::new() })
}

fn read_body(wire: &mut Wire, response: &mut Response) -> Result<(), Trouble> {
    let chunked = response
        .header("transfer-encoding")
        .is_some_and(|value| value.to_ascii_lowercase().ends_with("chunked"));
    if chunked {
        return read_chunks(wire, response);
    }
    match length(response)? {
        Some(length) => {
            need(wire, length, 0)?;
            response.body = wire.buffer.drain(..length).collect();
        }
        None => read_to_end(wire, response)?,
    }
    Ok(())
}

/// The length that the headers promise.
fn length(response: &Response) -> Result<Option<usize>, Trouble> {
    let mut values = response.all("content-length");
    let Some(first) = values.next() else {
        return Ok(None);
    };
    if values.any(|other| other != first) {
        return nonsense("the answer has two different Content-Length headers");
    }
    let digits = !first.is_empty() && first.bytes().all(|byte| byte.is_ascii_digit());
    match first.parse::<usize>() {
        Ok(length) if digits && length <= BODY => Ok(Some(length)),
        Ok(_) if digits => Err(BODY_TOO_LARGE),
        _ => nonsense(format!("the Content-Length is {}", shown(first.as_bytes()))),
    }
}

const BODY_TOO_LARGE: Trouble = Trouble::TooLarge { what: "the answer", most: BODY };

/// Waits until so many bytes are there; `before` were taken already.
fn need(wire: &mut Wire, count: usize, before: usize) -> Result<(), Trouble> {
    while wire.buffer.len() < count {
        more(wire, before.max(1))?;
    }
    Ok(())
}

fn read_to_end(wire: &mut Wire, response: &mut Response) -> Result<(), Trouble> {
    loop {
        if wire.buffer.len() > BODY {
            return Err(BODY_TOO_LARGE);
        }
        match wire.fill() {
            Ok(0) => break,
            Ok(_) => {}
            // TLS connections are often cut without saying so.
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => break,
            Err(error) => {
                let got = wire.buffer.len() + 1;
                return Err(Trouble::reading(&error, got, wire.waited()));
            }
        }
    }
    response.body = std::mem::take(&mut wire.buffer);
    Ok(())
}

fn read_chunks(wire: &mut Wire, response: &mut Response) -> Result<(), Trouble> {
    loop {
        let line = read_line(wire, response.body.len())?;
        let digits = line.split(';').next().unwrap_or_default().trim();
        let Ok(size) = usize::from_str_radix(digits, 16) else {
            return nonsense(format!("a chunk's size is {}", shown(line.as_bytes())));
        };
        if size > BODY || response.body.len() + size > BODY {
            return Err(BODY_TOO_LARGE);
        }
        need(wire, size, response.body.len())?;
        response.body.extend(wire.buffer.drain(..size));
        // After the data of a chunk there is an end of line; after the last, trailers and an empty line.
        while !read_line(wire, response.body.len())?.is_empty() {
            if size > 0 {
                return nonsense("a chunk is longer than it says");
            }
        }
        if size == 0 {
            return Ok(());
        }
    }
}

fn read_line(wire: &mut Wire, before: usize) -> Result<String, Trouble> {
    const LINE: usize = 8 << 10;
    loop {
        if let Some(end) = wire.buffer.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = wire.buffer.drain(..=end).collect();
            return Ok(String::from_utf8_lossy(&line).trim_end().to_owned());
        }
        if wire.buffer.len() > LINE {
            return nonsense("a chunk's size has no end");
        }
        more(wire, before.max(1))?;
    }
}

/// Whether a text can be the name of a header.
pub fn is_token(text: &str) -> bool {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(token)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::net::{TcpListener, TcpStream};
    use std::time::{Duration, Instant};

    use super::*;

    /// What comes of an answer.
    fn answer(bytes: &[u8]) -> Result<Response, Trouble> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        listener.accept().unwrap().0.write_all(bytes).unwrap();
        let mut wire = Wire::plain(client, Instant::now() + Duration::from_secs(2));
        read(&mut wire)
    }

    #[test]
    fn reads_every_framing() {
        let bodies = [
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
            "HTTP/1.0 200\r\n\r\nabc",
            "HTTP/1.1 200 OK\nContent-Length:3\n\nabcd",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;x\r\na\r\n2\r\nbc\r\n0\r\nX: y\r\n\r\n",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
        ];
        for text in bodies {
            assert_eq!(answer(text.as_bytes()).unwrap().text(), "abc", "{text}");
        }
        let response =
            answer(b"HTTP/1.1 204 No\r\nSet-Cookie: a\r\nset-cookie: b\r\n\r\n").unwrap();
        assert_eq!(response.all("set-cookie").collect::<Vec<_>>(), ["a", "b"]);
    }

    #[test]
    fn names_what_is_wrong() {
        let cases: [(&[u8], &str); 13] = [
            (b"", "closed without an answer"),
            (b"HTTP/1.1 2", "in the middle of the answer, after 10 bytes"),
            (b"SSH-2.0-x\r\n", "not HTTP: `SSH-2.0-x"),
            (b"\x15\x03\x01\x00\x02\x02\x46", "write `https://`"),
            (b"HTTP/2 200\r\n\r\n", "another HTTP"),
            (b"HTTP/1.1 2000 OK\r\n\r\n", "the status line is"),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", "in the middle"),
            (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "the Content-Length is `-1`"),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", "larger than"),
            (
                b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
                "two different",
            ),
            (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "a chunk's size"),
            (
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
                "longer than it says",
            ),
            (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffff\r\n", "larger than"),
        ];
        for (bytes, wanted) in cases {
            let said = answer(bytes).unwrap_err().to_string();
            assert!(said.contains(wanted), "{}: {said}", shown(bytes));
        }
        let long = [b"HTTP/1.1 200 OK\r\nX: ".to_vec(), vec![b'x'; 100_000]].concat();
        assert!(answer(&long).unwrap_err().to_string().contains("header is larger"));
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config::with_cases(64))]
        #[test]
        fn bears_anything(start in 0_usize..3, rest: Vec<u8>) {
            let start = ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"][start];
            let _ = answer(&[start.as_bytes(), &rest].concat());
        }
    }
}
