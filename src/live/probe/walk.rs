//! The steps of a session, each over a fresh connection.
//!
//! A GET that hangs must not be given up: the server then ends the session, and all that follows would be the
//! probe's own doing. So there is only one after a POST that went well, which has an answer waiting.

use std::fmt::Write as _;
use std::time::Duration;

use super::answer::{fine, other};
use super::observed::{Seen, Try, Walk};
use super::options::Options;
use crate::live::client::{Answered, Ask, Client, Jar, random};
use crate::live::engineio::{Eio, Open};
use crate::live::http::Response;

/// Somebody who knows the steps.
#[derive(Debug, Clone, Copy)]
pub(super) struct Steps<'a> {
    pub(super) client: &'a Client,
    pub(super) options: &'a Options,
}

/// A first request.
pub(super) struct Handshake {
    pub(super) tried: Try,
    pub(super) open: Option<Open>,
    pub(super) response: Option<Response>,
}

/// A poll, and what it brought.
#[derive(Default)]
pub(super) struct Poll {
    pub(super) tried: Try,
    pub(super) packets: Vec<String>,
    pub(super) first_byte: u64,
}

/// Which requests of a session to make.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manners {
    pub(super) cookies: bool,
    pub(super) upgrade: bool,
}

impl Steps<'_> {
    pub(super) fn eio(&self) -> Eio {
        self.options.eio
    }

    /// Path and query; `t` is what the client adds to get past caches.
    pub(super) fn target(&self, transport: &str, sid: Option<&str>, t: bool) -> String {
        let url = &self.client.url;
        let mut target = format!("{}?", url.path);
        if !url.query.is_empty() {
            target.extend([url.query.as_str(), "&"]);
        }
        let _ = write!(target, "EIO={}&transport={transport}", self.eio().number());
        if t {
            let _ = write!(target, "&t={}", random());
        }
        if let Some(sid) = sid {
            let _ = write!(target, "&sid={sid}");
        }
        target
    }

    fn get(&self, target: String, jar: Option<&Jar>, patience: Option<Duration>) -> Answered {
        self.client.ask(&Ask { target, body: None, cookies: jar, patience })
    }

    /// The first request of a session.
    pub(super) fn handshake(&self, t: bool) -> Handshake {
        let answered = self.get(self.target("polling", None, t), None, None);
        let good = answered.answer.as_ref().ok().filter(|response| response.status == 200);
        let open = good.and_then(|response| {
            let text = response.text();
            let packets = self.eio().decode(&text)?;
            Open::parse(packets.first()?)
        });
        let mut tried = match &open {
            Some(open) => fine(
                answered.millis,
                format!("200 with a session in {} ms; {}", answered.millis, numbers(open)),
            ),
            None => other(self.client, &answered),
        };
        let other_version = good.and_then(|response| self.speaks_another(&response.text()));
        if let (Seen::Unexpected | Seen::OpenedAgain, Some(version)) = (&tried.seen, other_version)
        {
            let _ = write!(tried.detail, ", which is Engine.IO {}", version.number());
        }
        Handshake { tried, open, response: answered.answer.ok() }
    }

    /// The version that a body is in, if it is the other one: old servers do not look at what was asked for.
    fn speaks_another(&self, body: &str) -> Option<Eio> {
        let other = match self.eio() {
            Eio::Four => Eio::Three,
            Eio::Three => Eio::Four,
        };
        Open::parse(other.decode(body)?.first()?).map(|_| other)
    }

    /// Sends packets.
    pub(super) fn post(&self, sid: &str, packet: &str, jar: &Jar, patience: Duration) -> Try {
        let body = self.eio().encode(&[packet]);
        let answered = self.client.ask(&Ask {
            target: self.target("polling", Some(sid), true),
            body: Some(&body),
            cookies: Some(jar),
            patience: Some(patience),
        });
        match &answered.answer {
            Ok(response) if response.status == 200 && response.body == b"ok" => {
                fine(answered.millis, format!("200 `ok` in {} ms", answered.millis))
            }
            _ => other(self.client, &answered),
        }
    }

    /// The packet that a client sends first. Version 3 is connected without asking, so it is a ping there.
    pub(super) fn first_packet(&self) -> &'static str {
        match self.eio() {
            Eio::Four => "40",
            Eio::Three => "2",
        }
    }

    /// Fetches what the server has to say.
    pub(super) fn poll(&self, sid: &str, jar: &Jar, patience: Option<Duration>) -> Poll {
        let target = self.target("polling", Some(sid), true);
        let answered = self.get(target, Some(jar), patience);
        let good = answered.answer.as_ref().ok().filter(|response| response.status == 200);
        let first_byte = good.map_or(0, |response| response.first_byte);
        let packets: Vec<String> = good
            .and_then(|response| {
                let text = response.text();
                let packets = self.eio().decode(&text)?;
                Some(packets.into_iter().map(str::to_owned).collect())
            })
            .unwrap_or_default();
        let opened = packets.first().is_some_and(|packet| packet.starts_with("0{"));
        let tried = if packets.is_empty() || opened {
            other(self.client, &answered)
        } else {
            fine(answered.millis, self.brought(&packets))
        };
        Poll { tried, packets, first_byte }
    }

    fn brought(&self, packets: &[String]) -> String {
        let refused = packets.iter().find(|packet| packet.starts_with("44"));
        let first = refused.or(packets.first()).map_or("", String::as_str);
        let shown = self.client.transcript.redact(first);
        let shown: String = shown.chars().filter(|c| !c.is_control()).take(60).collect();
        match refused {
            Some(_) => {
                format!("200 `{shown}`: the way is fine, and the app refuses the connection")
            }
            None => format!("200 `{shown}`"),
        }
    }

    /// A session from its first request on.
    pub(super) fn walk(&self, manners: Manners) -> (Walk, Handshake) {
        let handshake = self.handshake(true);
        let mut walk = Walk { handshake: handshake.tried.clone(), ..Walk::default() };
        let mut jar = Jar::default();
        if let (true, Some(response)) = (manners.cookies, &handshake.response) {
            jar.keep(response);
        }
        if let Some(open) = &handshake.open {
            self.later(open, &jar, manners.upgrade, &mut walk);
        }
        (walk, handshake)
    }

    /// The requests of a session after its first.
    pub(super) fn later(&self, open: &Open, jar: &Jar, upgrade: bool, walk: &mut Walk) {
        walk.post = self.post(&open.sid, self.first_packet(), jar, self.client.timeout());
        if walk.post.is_fine() {
            walk.poll = self.poll(&open.sid, jar, None).tried;
        }
        if upgrade {
            walk.upgrade = self.upgrade(&open.sid, jar);
        }
    }

    /// A request for a session that nobody opened, which must be refused as such.
    pub(super) fn unknown_session(&self) -> Try {
        let sid = format!("sioway{}{}", random(), random());
        let answered = self.get(self.target("polling", Some(&sid), true), None, None);
        let mut tried = other(self.client, &answered);
        if let Seen::Refused { status: 400, code: 1, json: true } = tried.seen {
            tried.seen = Seen::Fine;
        }
        tried
    }

    /// A path that must be answered with 200.
    pub(super) fn health(&self, path: &str) -> Try {
        let answered = self.get(path.to_owned(), None, None);
        match &answered.answer {
            Ok(response) if response.status == 200 => {
                fine(answered.millis, format!("200 in {} ms", answered.millis))
            }
            _ => other(self.client, &answered),
        }
    }
}

pub(super) fn numbers(open: &Open) -> String {
    let mut text = format!("pings every {} ms", open.ping_interval);
    if let Some(most) = open.max_payload {
        let _ = write!(text, ", at most {most} bytes");
    }
    text
}
