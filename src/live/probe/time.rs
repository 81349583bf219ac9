//! What only time shows: whether a WebSocket is cut, and whether a poll is answered when the server's ping is due.

use std::time::{Duration, Instant};

use super::observed::{Held, SlowPoll};
use super::walk::Steps;
use crate::live::client::{Jar, Socket};
use crate::live::engineio::{Eio, Open};
use crate::live::trouble::Trouble;
use crate::live::websocket::Event;
use crate::live::wire::millis;

/// The longest ping interval that is waited for.
const PATIENCE: u64 = 120_000;

/// How late a ping may be.
const GRACE: Duration = Duration::from_secs(5);

/// For how long to wait for a ping; `None` where that takes too long.
pub(super) fn until_ping(open: &Open) -> Option<Duration> {
    let wait = Duration::from_millis(open.ping_interval) + GRACE;
    (open.ping_interval <= PATIENCE).then_some(wait)
}

/// Something that is being held.
struct Holding {
    held: Held,
    started: Instant,
    spoken: Instant,
}

impl Holding {
    fn heard(&mut self) {
        let idle = millis(self.spoken.elapsed());
        self.held.longest_idle = self.held.longest_idle.max(idle);
        self.spoken = Instant::now();
    }

    fn end(mut self, detail: String) -> Held {
        self.held.ended = true;
        self.held.detail = detail;
        self.stop()
    }

    fn stop(mut self) -> Held {
        self.held.millis = millis(self.started.elapsed());
        self.held.idle = millis(self.spoken.elapsed());
        self.held
    }
}

impl Steps<'_> {
    /// Holds a WebSocket, answering pings: for as long as was asked for, or until the first ping.
    pub(super) fn hold(&self, mut socket: Socket, open: &Open) -> Held {
        let asked = self.options.hold;
        let wait = if self.options.quick { None } else { until_ping(open) };
        let longest = asked.max(wait.unwrap_or_default()).min(self.client.left());
        let now = Instant::now();
        let mut holding = Holding { held: Held::default(), started: now, spoken: now };
        let end = now + longest;
        let mut next_ping = now;
        loop {
            let enough = holding.held.pings > 0 && holding.started.elapsed() >= asked;
            if enough || Instant::now() >= end {
                socket.close();
                return holding.stop();
            }
            let mut until = end;
            if self.options.eio == Eio::Three {
                if Instant::now() >= next_ping {
                    let _ = socket.send("2");
                    next_ping = Instant::now() + Duration::from_millis(open.ping_interval.max(100));
                }
                until = end.min(next_ping);
            }
            let event = socket.next(until);
            if let Some(end) = self.ends(event, &mut socket, &mut holding) {
                return holding.end(end);
            }
        }
    }

    /// What ends a WebSocket, if this does.
    fn ends(
        &self,
        event: Result<Event, Trouble>,
        socket: &mut Socket,
        holding: &mut Holding,
    ) -> Option<String> {
        match event {
            Ok(Event::Text(text)) => self.on(&text, socket, holding),
            Ok(Event::Binary(_)) => holding.heard(),
            Ok(Event::Close(code, reason)) => {
                holding.held.close_code = Some(code.unwrap_or(1005));
                return Some(format!("a close frame {reason}"));
            }
            Ok(Event::Http(status)) => return Some(format!("an HTTP {status}")),
            Err(Trouble::Silent(_)) => {}
            Err(Trouble::Closed | Trouble::Short(_)) => {
                return Some("the end of the connection, without a close frame".into());
            }
            Err(trouble) => return Some(trouble.to_string()),
        }
        None
    }

    fn on(&self, text: &str, socket: &mut Socket, holding: &mut Holding) {
        holding.heard();
        match (self.options.eio, text) {
            (Eio::Four, "2") => {
                holding.held.pings += 1;
                let _ = socket.send("3");
            }
            (Eio::Three, "3") => holding.held.pings += 1,
            _ => {}
        }
    }

    /// Polls until the server's ping; `None` where the session is lost before, which other checks say.
    pub(super) fn slow_poll(&self) -> Option<SlowPoll> {
        const POLLS: usize = 50;
        let handshake = self.handshake(true);
        let started = Instant::now();
        let open = handshake.open?;
        let wait = until_ping(&open)?;
        let mut jar = Jar::default();
        jar.keep(handshake.response.as_ref()?);
        let post = self.post(&open.sid, self.first_packet(), &jar, self.client.timeout());
        if !post.is_fine() {
            return None;
        }
        for _ in 0..POLLS {
            let asked = millis(started.elapsed());
            let poll = self.poll(&open.sid, &jar, Some(wait));
            let came = poll.packets.iter().any(|packet| packet == "2");
            if came || !poll.tried.is_fine() {
                // One that fails at once has lost its session, and has nothing to say of time.
                let at_once =
                    poll.tried.seen.is_code(1) && poll.tried.millis < 500 + 2 * post.millis;
                return (!at_once)
                    .then_some(SlowPoll { first_byte: asked + poll.first_byte, poll: poll.tried });
            }
        }
        None
    }
}
