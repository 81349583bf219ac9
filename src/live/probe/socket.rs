//! The steps that a WebSocket takes.

use std::time::Instant;

use super::answer::{fine, of_trouble, other};
use super::observed::{Seen, Try};
use super::walk::{Steps, numbers};
use crate::live::client::{Ask, Jar, Socket};
use crate::live::engineio::{Eio, Open};
use crate::live::trouble::Trouble;
use crate::live::websocket::Event;

impl Steps<'_> {
    fn open_socket(&self, sid: Option<&str>, jar: &Jar) -> Result<(Socket, u64), Try> {
        let ask = Ask {
            target: self.target("websocket", sid, false),
            cookies: Some(jar),
            ..Ask::default()
        };
        match self.client.websocket(&ask) {
            (Ok(socket), millis) => Ok((socket, millis)),
            (Err(answered), _) => Err(other(self.client, &answered)),
        }
    }

    /// Moves a session to a WebSocket.
    pub(super) fn upgrade(&self, sid: &str, jar: &Jar) -> Try {
        let (mut socket, millis) = match self.open_socket(Some(sid), jar) {
            Ok(opened) => opened,
            Err(tried) => return tried,
        };
        let answer = socket.send("2probe").and_then(|()| socket.next(self.soon()));
        match answer {
            Ok(Event::Text(text)) if text == "3probe" => {
                let _ = socket.send("5");
                socket.close();
                fine(millis, format!("101 in {millis} ms, and `3probe`"))
            }
            answer => after_101(answer, millis),
        }
    }

    fn soon(&self) -> Instant {
        Instant::now() + self.client.timeout()
    }

    /// Opens a session over a WebSocket alone.
    pub(super) fn websocket(&self, jar: &Jar) -> (Try, Option<(Socket, Open)>) {
        let (mut socket, millis) = match self.open_socket(None, jar) {
            Ok(opened) => opened,
            Err(tried) => return (tried, None),
        };
        let first = socket.next(self.soon());
        let open = match &first {
            Ok(Event::Text(text)) => Open::parse(text),
            _ => None,
        };
        let Some(open) = open else {
            return (after_101(first, millis), None);
        };
        let said = self.connect(&mut socket);
        let detail = format!("101 in {millis} ms, `0{{…}}`, {said}; {}", numbers(&open));
        (fine(millis, detail), Some((socket, open)))
    }

    /// Connects to the main namespace. A server without Socket.IO has none, which is no fault of the way there.
    fn connect(&self, socket: &mut Socket) -> &'static str {
        let deadline = self.soon();
        if self.eio() == Eio::Four && socket.send("40").is_err() {
            return "and then nothing more could be sent";
        }
        loop {
            match socket.next(deadline) {
                Ok(Event::Text(text)) if text.starts_with("40") => return "`40`",
                Ok(Event::Text(text)) if text.starts_with("44") => {
                    return "`44`: the way is fine, and the app refuses the connection";
                }
                Ok(Event::Text(text)) if text == "2" => {
                    let _ = socket.send("3");
                }
                Ok(Event::Text(_) | Event::Binary(_)) => {}
                _ => return "and no answer to `40`",
            }
        }
    }
}

/// What followed a 101 instead of what should.
fn after_101(event: Result<Event, Trouble>, millis: u64) -> Try {
    let broken =
        |seen, detail: String| Try { seen, millis, detail: format!("101, and then {detail}") };
    match event {
        Ok(Event::Http(status)) => broken(
            // So engine.io refuses another version once the handshake is done.
            Seen::Refused { status, code: 5, json: false },
            format!("an HTTP {status} as raw bytes"),
        ),
        Ok(Event::Close(code, reason)) => {
            let code = code.map_or_else(|| "no code".into(), |code| code.to_string());
            broken(Seen::Cut, format!("a close frame ({code}) {reason}"))
        }
        Ok(_) => broken(Seen::Unexpected, "another message than Engine.IO's".into()),
        Err(trouble) => {
            let tried = of_trouble(&trouble, millis);
            broken(tried.seen, tried.detail)
        }
    }
}
