//! What was said, for who wants to see it: without the secrets.

use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};

use super::http::{Response, shown};
use super::trouble::Trouble;

/// The headers that tell what an answer went through.
const TELLING: [&str; 17] = [
    "content-type",
    "content-length",
    "transfer-encoding",
    "connection",
    "upgrade",
    "location",
    "retry-after",
    "set-cookie",
    "cache-control",
    "age",
    "via",
    "x-cache",
    "cf-cache-status",
    "x-served-by",
    "server",
    "vary",
    "alt-svc",
];

/// Stands for a secret.
const HIDDEN: &str = "[redacted]";

/// All that was said so far, in the order of the answers.
#[derive(Debug, Default)]
pub struct Transcript {
    lines: Mutex<Vec<String>>,
    /// Texts that must not be shown.
    secrets: Vec<String>,
}

impl Transcript {
    /// A transcript that hides these texts wherever they turn up.
    pub fn hiding(secrets: impl IntoIterator<Item = String>) -> Self {
        let mut secrets: Vec<String> = secrets.into_iter().filter(|one| one.len() > 3).collect();
        // A secret may hold another one.
        secrets.sort_by_key(|one| std::cmp::Reverse(one.len()));
        Self { lines: Mutex::default(), secrets }
    }

    /// Takes what was said since the last time.
    pub fn take(&self) -> Vec<String> {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *lines)
    }

    fn add(&self, text: String) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push(text);
    }

    /// A request, and what came of it.
    pub fn exchange(&self, request: &str, answer: &Result<Response, Trouble>, millis: u64) {
        let mut text = format!("> {}\n", self.redact(request));
        match answer {
            Ok(response) => self.response(&mut text, response, millis),
            Err(trouble) => {
                let _ = write!(text, "< {} ({millis} ms)", self.redact(&trouble.to_string()));
            }
        }
        self.add(text);
    }

    fn response(&self, text: &mut String, response: &Response, millis: u64) {
        let _ = write!(text, "< HTTP/1.{} {} ({millis} ms)", response.minor, response.status);
        for (name, value) in &response.headers {
            if TELLING.contains(&name.as_str()) {
                let _ = write!(text, "\n<   {name}: {}", self.header(name, value));
            }
        }
        if !response.body.is_empty() {
            let _ = write!(text, "\n<   {}", self.body(response));
        }
    }

    /// The first bytes of a body, fit to be shown.
    pub fn body(&self, response: &Response) -> String {
        shown(self.redact(&response.text()).as_bytes())
    }

    /// A message over a WebSocket; `mark` is `>` or `<`.
    pub fn message(&self, mark: &str, text: &str) {
        let shown = shown(self.redact(text).as_bytes());
        self.add(format!("{mark} websocket {shown}"));
    }

    fn header(&self, name: &str, value: &str) -> String {
        let value: String = value.chars().filter(|c| !c.is_control()).collect();
        let shown = match name {
            "set-cookie" => hide_cookie(&value),
            "location" => hide_query(&value),
            _ => value,
        };
        self.redact(&shown)
    }

    /// A text without secrets; of session ids, the beginning stays.
    pub fn redact(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in &self.secrets {
            text = text.replace(secret, HIDDEN);
        }
        for (before, after) in [("\"sid\":\"", '"'), ("&sid=", '&')] {
            text = shorten_after(&text, before, after);
        }
        text
    }
}

/// A cookie without its value, but with its attributes.
pub fn hide_cookie(value: &str) -> String {
    let (pair, attributes) = value.split_once(';').unwrap_or((value, ""));
    let name = pair.split('=').next().unwrap_or_default();
    let mut text = format!("{name}={HIDDEN}");
    if !attributes.is_empty() {
        let _ = write!(text, ";{attributes}");
    }
    text
}

/// A URL without what stands after `?`: a redirect to a login carries secrets there.
pub fn hide_query(location: &str) -> String {
    match location.split_once('?') {
        Some((before, _)) => format!("{before}?{HIDDEN}"),
        None => location.to_owned(),
    }
}

fn shorten_after(text: &str, before: &str, after: char) -> String {
    let mut parts = text.split(before);
    let mut short = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find([after, ' ']).unwrap_or(part.len());
        let (sid, rest) = part.split_at(end);
        let start: String = sid.chars().take(4).collect();
        let _ = write!(short, "{before}{start}…{rest}");
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hides_secrets() {
        let transcript = Transcript::hiding(["Bearer abcdef".into(), "abcdef".into(), "a".into()]);
        assert_eq!(
            transcript.redact("GET /?a=abcdef&sid=1234567&t=x, Bearer abcdef"),
            "GET /?a=[redacted]&sid=1234…&t=x, [redacted]"
        );
        assert_eq!(
            transcript.redact("0{\"sid\":\"1234567\",\"b\":1}"),
            "0{\"sid\":\"1234…\",\"b\":1}"
        );
        assert_eq!(
            hide_cookie("GCLB=\"abc\"; path=/; HttpOnly"),
            "GCLB=[redacted]; path=/; HttpOnly"
        );
        assert_eq!(hide_query("https://a.b/login?state=x"), "https://a.b/login?[redacted]");
    }

    #[test]
    fn shows_what_tells() {
        let transcript = Transcript::default();
        let response = Response {
            minor: 1,
            status: 200,
            headers: vec![
                ("set-cookie".into(), "io=secret; Path=/".into()),
                ("x-other".into(), "y".into()),
            ],
            body: b"0{\"sid\":\"1234567\"}".to_vec(),
            first_byte: 1,
        };
        transcript.exchange("GET /socket.io/", &Ok(response), 12);
        let wanted = "> GET /socket.io/\n< HTTP/1.1 200 (12 ms)\n<   set-cookie: io=[redacted]; Path=/\n\
                      <   `0{\"sid\":\"1234…\"}`";
        assert_eq!(transcript.take(), [wanted]);
        assert!(transcript.take().is_empty());
    }
}
