//! WebSocket, the client's side (RFC 6455): the handshake and frames, with limits.

use std::time::Instant;

use ring::digest;
use ring::rand::{SecureRandom, SystemRandom};

use super::http::{self, Response};
use super::trouble::Trouble;
use super::wire::Wire;

/// The most that a message may take.
const MESSAGE: usize = 4 << 20;

/// So many control frames on end are no keeping alive.
const FLOOD: u32 = 100;

/// What came over a WebSocket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A message of text.
    Text(String),
    /// A message of bytes, of so many.
    Binary(usize),
    /// A close frame: its code, where it has one, and its reason.
    Close(Option<u16>, String),
    /// An HTTP answer where a frame should be: so Engine.IO refuses a protocol after the handshake.
    Http(u16),
}

/// An open WebSocket.
#[derive(Debug)]
pub struct WebSocket {
    wire: Wire,
    /// What has come of a message in several frames.
    parts: Option<(bool, Vec<u8>)>,
}

/// A key for a handshake, and the answer that proves that the server understood it.
pub fn key() -> (String, String) {
    let mut nonce = [0; 16];
    // A predictable key would only fail to notice a cache, which the session id shows as well.
    let _ = SystemRandom::new().fill(&mut nonce);
    let key = base64(&nonce);
    let answer = accept(&key);
    (key, answer)
}

/// What a server answers to a key.
pub fn accept(key: &str) -> String {
    let text = format!("{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    base64(digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes()).as_ref())
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let number = (0..3)
            .fold(0_usize, |number, at| number << 8 | usize::from(*three.get(at).unwrap_or(&0)));
        for at in 0..4 {
            let letter = LETTERS[number >> (18 - 6 * at) & 63];
            text.push(if at <= three.len() { letter.into() } else { '=' });
        }
    }
    text
}

/// Whether an answer of 101 means a WebSocket; why not, otherwise.
pub fn check(response: &Response, accept: &str) -> Result<(), Trouble> {
    let wrong = |what: &str| Err(Trouble::Nonsense(format!("the 101 {what}")));
    let upgrade = response.header("upgrade").unwrap_or_default();
    if !upgrade.eq_ignore_ascii_case("websocket") {
        return wrong("is for no WebSocket: its Upgrade header is missing or another");
    }
    match response.header("sec-websocket-accept") {
        Some(found) if found == accept => Ok(()),
        Some(_) => wrong("answers another request: its Sec-WebSocket-Accept does not fit"),
        None => wrong("has no Sec-WebSocket-Accept"),
    }
}

/// A frame that has come whole.
struct Frame {
    last: bool,
    opcode: u8,
    payload: Vec<u8>,
}

impl WebSocket {
    /// What a 101 leaves behind.
    pub fn new(wire: Wire) -> Self {
        Self { wire, parts: None }
    }

    /// Sends a message of text.
    pub fn send(&mut self, text: &str, deadline: Instant) -> Result<(), Trouble> {
        self.wire.until(deadline);
        self.frame(1, text.as_bytes())
    }

    /// Sends a close frame; nothing is waited for.
    pub fn close(mut self, deadline: Instant) {
        self.wire.until(deadline);
        let _ = self.frame(8, &1000_u16.to_be_bytes());
    }

    fn frame(&mut self, opcode: u8, payload: &[u8]) -> Result<(), Trouble> {
        let mut mask = [0; 4];
        let _ = SystemRandom::new().fill(&mut mask);
        let mut frame = vec![0x80 | opcode];
        match payload.len() {
            short @ 0..126 => frame.push(0x80 | u8::try_from(short).unwrap_or(125)),
            length => {
                frame.push(0x80 | 127);
                frame.extend((length as u64).to_be_bytes());
            }
        }
        frame.extend(mask);
        frame.extend(payload.iter().zip(mask.iter().cycle()).map(|(a, b)| a ^ b));
        self.wire.send(&frame).map_err(|error| Trouble::reading(&error, 0, self.wire.waited()))
    }

    /// Waits for a message or a close frame; pings of the WebSocket itself are answered on the way.
    ///
    /// What has come of an unfinished frame by the deadline is kept for the next call.
    pub fn next(&mut self, deadline: Instant) -> Result<Event, Trouble> {
        self.wire.until(deadline);
        let mut control = 0;
        match self.event(&mut control) {
            Err(Trouble::Silent(_)) if control > FLOOD => {
                nonsense(format!("{control} pings or pongs came, and no message"))
            }
            other => other,
        }
    }

    /// The next event, and how many control frames came before it.
    fn event(&mut self, control: &mut u32) -> Result<Event, Trouble> {
        loop {
            if let Some(status) = self.http() {
                return Ok(Event::Http(status));
            }
            let Some(frame) = self.take_frame()? else {
                self.more()?;
                continue;
            };
            *control += 1;
            if let Some(event) = self.on(frame)? {
                return Ok(event);
            }
        }
    }

    fn more(&mut self) -> Result<(), Trouble> {
        match self.wire.fill() {
            Ok(0) => Err(Trouble::Closed),
            Ok(_) => Ok(()),
            // Between messages silence is no fault, whatever came before.
            Err(error) => Err(Trouble::reading(&error, 0, self.wire.waited())),
        }
    }

    fn http(&self) -> Option<u16> {
        let text = self.wire.buffer.strip_prefix(b"HTTP/1.1 ")?;
        std::str::from_utf8(text.get(..3)?).ok()?.parse().ok()
    }

    fn on(&mut self, frame: Frame) -> Result<Option<Event>, Trouble> {
        match (frame.opcode, self.parts.take()) {
            (8, _) => Ok(Some(close_of(&frame.payload))),
            (9, parts) => {
                self.parts = parts;
                self.frame(10, &frame.payload).map(|()| None)
            }
            (10, parts) => {
                self.parts = parts;
                Ok(None)
            }
            (1 | 2, None) => self.part(frame.opcode == 1, Vec::new(), frame),
            (0, Some((text, before))) => self.part(text, before, frame),
            (0..=2, _) => nonsense("a message begins in the middle of another"),
            (other, _) => nonsense(format!("a frame has the unknown kind {other}")),
        }
    }

    fn part(
        &mut self,
        text: bool,
        mut all: Vec<u8>,
        frame: Frame,
    ) -> Result<Option<Event>, Trouble> {
        all.extend(frame.payload);
        if all.len() > MESSAGE {
            return Err(TOO_LARGE);
        }
        if !frame.last {
            self.parts = Some((text, all));
            return Ok(None);
        }
        if !text {
            return Ok(Some(Event::Binary(all.len())));
        }
        match String::from_utf8(all) {
            Ok(text) => Ok(Some(Event::Text(text))),
            Err(_) => nonsense("a message of text is not UTF-8"),
        }
    }

    /// The next frame, where all of it is there.
    fn take_frame(&mut self) -> Result<Option<Frame>, Trouble> {
        let [first, second, rest @ ..] = self.wire.buffer.as_slice() else {
            return Ok(None);
        };
        let (first, second) = (*first, *second);
        if first & 0x70 != 0 {
            return nonsense(format!(
                "what came is no WebSocket frame: {}",
                http::shown(&self.wire.buffer)
            ));
        }
        if second & 0x80 != 0 {
            return nonsense("the server masks its frames, which only clients do");
        }
        let Some((length, header)) = length_of(second, rest) else {
            return Ok(None);
        };
        if length > MESSAGE as u64 {
            return Err(TOO_LARGE);
        }
        if first & 8 != 0 && (length > 125 || first & 0x80 == 0) {
            return nonsense("a control frame is too long, or comes in parts");
        }
        let start = 2 + header;
        let end = start + usize::try_from(length).map_err(|_| TOO_LARGE)?;
        if self.wire.buffer.len() < end {
            return Ok(None);
        }
        let payload = self.wire.buffer.drain(..end).skip(start).collect();
        Ok(Some(Frame { last: first & 0x80 != 0, opcode: first & 15, payload }))
    }
}

const TOO_LARGE: Trouble = Trouble::TooLarge { what: "a WebSocket message", most: MESSAGE };

fn nonsense<T>(message: impl Into<String>) -> Result<T, Trouble> {
    Err(Trouble::Nonsense(message.into()))
}

/// The length of a payload, and how many bytes more the header takes for it.
fn length_of(second: u8, rest: &[u8]) -> Option<(u64, usize)> {
    match second & 127 {
        126 => rest.first_chunk().map(|two| (u64::from(u16::from_be_bytes(*two)), 2)),
        127 => rest.first_chunk().map(|eight| (u64::from_be_bytes(*eight), 8)),
        short => Some((u64::from(short), 0)),
    }
}

fn close_of(payload: &[u8]) -> Event {
    match payload.split_first_chunk() {
        Some((code, reason)) => Event::Close(
            Some(u16::from_be_bytes(*code)),
            String::from_utf8_lossy(reason).into_owned(),
        ),
        None => Event::Close(None, String::new()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::{TcpListener, TcpStream};
    use std::time::Duration;

    use super::*;

    fn pair() -> (WebSocket, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let wire = Wire::plain(client, Instant::now());
        (WebSocket::new(wire), listener.accept().unwrap().0)
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(2)
    }

    fn next(bytes: &[u8]) -> Result<Event, Trouble> {
        let (mut socket, mut server) = pair();
        server.write_all(bytes).unwrap();
        socket.next(soon())
    }

    #[test]
    fn proves_the_handshake_as_the_rfc_does() {
        assert_eq!(accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        assert_eq!(base64(b"ab"), "YWI=");
        assert_ne!(key().0, key().0);
    }

    #[test]
    fn reads_frames_whole_and_in_parts() {
        assert_eq!(next(b"\x81\x02hi").unwrap(), Event::Text("hi".into()));
        assert_eq!(next(b"\x01\x01h\x89\x00\x80\x01i").unwrap(), Event::Text("hi".into()));
        assert_eq!(next(b"\x82\x7e\x00\x03abc").unwrap(), Event::Binary(3));
        assert_eq!(next(b"\x88\x00").unwrap(), Event::Close(None, String::new()));
        assert_eq!(next(b"\x88\x04\x03\xe9up").unwrap(), Event::Close(Some(1001), "up".into()));
        assert_eq!(next(b"HTTP/1.1 400 Bad Request\r\n").unwrap(), Event::Http(400));
    }

    #[test]
    fn refuses_what_breaks_the_protocol() {
        for bytes in [
            b"SSH-2.0".as_slice(),
            b"\x81\x82mask",
            b"\x83\x00",
            b"\x80\x00",
            b"\x01\x00\x81\x00",
            b"\x89\x7e\x01\x00",
            b"\x09\x00",
            b"\x81\x01\xff",
        ] {
            assert!(matches!(next(bytes), Err(Trouble::Nonsense(_))), "{bytes:?}");
        }
        let huge = b"\x81\x7f\x7f\xff\xff\xff\xff\xff\xff\xff";
        assert!(matches!(next(huge), Err(Trouble::TooLarge { .. })));
    }

    #[test]
    fn masks_what_it_sends() {
        let (mut socket, mut server) = pair();
        socket.send(&"x".repeat(300), soon()).unwrap();
        let mut frame = [0; 314];
        server.read_exact(&mut frame).unwrap();
        assert_eq!(frame[..4], [0x81, 0xff, 0, 0]);
        assert_eq!(frame[14] ^ frame[10], b'x');
    }

    #[test]
    fn keeps_half_a_frame_until_the_rest_comes() {
        let (mut socket, mut server) = pair();
        server.write_all(b"\x81\x02h").unwrap();
        let early = socket.next(Instant::now() + Duration::from_millis(20));
        assert!(matches!(early, Err(Trouble::Silent(_))));
        server.write_all(b"i").unwrap();
        assert_eq!(socket.next(soon()).unwrap(), Event::Text("hi".into()));
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config::with_cases(64))]
        #[test]
        fn bears_anything(bytes: Vec<u8>) {
            let (mut socket, mut server) = pair();
            server.write_all(&bytes).unwrap();
            drop(server);
            while socket.next(soon()).is_ok() {}
        }
    }
}
