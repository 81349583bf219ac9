//! Asking: everything that a probe sends, in its order.

use std::sync::Arc;
use std::thread;
use std::time::Instant;

use super::Progress;
use super::answer::of_trouble;
use super::many::{Ids, arm, large, same_sid};
use super::observed::{
    Hop, Observed, OpenNumbers, Reach, SameSid, Seen, Sessions, Tells, Try, Walk,
};
use super::options::Options;
use super::tells::{cookie, tells};
use super::walk::{Handshake, Steps};
use crate::live::client::{Client, Jar};
use crate::live::engineio::{Eio, Open};
use crate::live::transcript::Transcript;
use crate::live::trouble::Trouble;
use crate::live::url::Url;

/// How many redirects are followed.
const HOPS: usize = 5;

/// Probes a URL, and writes down what was seen.
pub fn measure(options: &Options, progress: &mut dyn Progress) -> Observed {
    let url = &options.target.url;
    let transcript = Arc::new(Transcript::hiding(secrets(options)));
    let end = Instant::now() + options.longest();
    let mut observed = Observed::nothing(url, options.eio);
    progress.step("connecting");
    let reached = Client::new(url.clone(), &options.manner, end, Arc::clone(&transcript))
        .and_then(|mut client| Ok((client.reach()?, client)));
    match reached {
        Err(trouble) => observed.reach.trouble = Some(trouble.to_string()),
        Ok((reached, client)) => {
            observed.reach.address = Some(reached.address.to_string());
            observed.reach.tls = reached.tls.map(str::to_owned);
            observed.reach.millis = reached.millis;
            Measuring { options, observed: &mut observed, progress, transcript: &transcript, end }
                .all(client);
        }
    }
    progress.said(transcript.take());
    observed
}

/// What must not be shown: what the user gave to prove who they are.
fn secrets(options: &Options) -> Vec<String> {
    let harmless = ["host", "origin", "user-agent", "x-forwarded-for"];
    let headers = options.manner.headers.iter();
    let values = headers
        .filter(|(name, _)| !harmless.contains(&name.to_ascii_lowercase().as_str()))
        .map(|(_, value)| value.clone());
    let query = options.target.url.query.split('&');
    let query = query.filter_map(|pair| Some(pair.split_once('=')?.1.to_owned()));
    values.chain(query).collect()
}

impl Observed {
    /// Before anything was asked.
    pub(super) fn nothing(url: &Url, eio: Eio) -> Self {
        Self {
            url: url.to_string(),
            eio,
            reach: Reach { address: None, tls: None, millis: 0, trouble: None },
            redirects: Vec::new(),
            redirect_loop: false,
            open: None,
            tells: Tells::default(),
            cookies: Vec::new(),
            walk: Walk::default(),
            websocket: Try::default(),
            held: None,
            slow_poll: None,
            unknown_session: Try::default(),
            sessions: None,
            varied: SameSid::default(),
            repeated: SameSid::default(),
            large: Try::default(),
            health: Try::default(),
            plain: Try::default(),
            out_of_time: false,
        }
    }
}

struct Measuring<'a> {
    options: &'a Options,
    observed: &'a mut Observed,
    progress: &'a mut dyn Progress,
    transcript: &'a Arc<Transcript>,
    end: Instant,
}

impl Measuring<'_> {
    fn step(&mut self, what: &str) {
        self.progress.said(self.transcript.take());
        self.progress.step(what);
    }

    fn client(&self, url: Url) -> Result<Client, Trouble> {
        Client::new(url, &self.options.manner, self.end, Arc::clone(self.transcript))
    }

    fn all(&mut self, client: Client) {
        let options = self.options;
        self.step("opening a session");
        let (client, jar, sid) = self.first(client);
        let steps = Steps { client: &client, options };
        self.step("opening a WebSocket");
        let mut socket = None;
        if options.transports.websocket {
            let (tried, opened) = steps.websocket(&jar);
            self.observed.websocket = tried;
            socket = opened;
        }
        if let (None, Some((_, open))) = (&self.observed.open, &socket) {
            self.observed.open = Some(numbers(open));
        }
        // What has to wait goes on beside the rest.
        let polls = self.observed.walk.poll.is_fine() && options.eio == Eio::Four && !options.quick;
        let holds = !options.quick || !options.hold.is_zero();
        let (held, slow_poll) = thread::scope(|scope| {
            let socket = socket.filter(|_| holds);
            let held = socket.map(|(socket, open)| scope.spawn(move || steps.hold(socket, &open)));
            let slow_poll = polls.then(|| scope.spawn(move || steps.slow_poll()));
            self.rest(steps, sid);
            if held.is_some() || slow_poll.is_some() {
                self.step("waiting for pings");
            }
            let slow_poll = slow_poll.and_then(|thread| thread.join().ok().flatten());
            (held.and_then(|thread| thread.join().ok()), slow_poll)
        });
        self.observed.held = held;
        self.observed.slow_poll = slow_poll;
        self.observed.out_of_time = client.left().is_zero();
    }

    /// The first session; over another client where the URL is redirected to itself with TLS.
    fn first(&mut self, mut client: Client) -> (Client, Jar, Option<String>) {
        let mut jar = Jar::default();
        if !self.options.transports.polling {
            return (client, jar, None);
        }
        let mut handshake = self.handshake(&client);
        if matches!(handshake.tried.seen, Seen::Redirect { .. })
            && let Some(other) = self.follow(&client, &handshake)
        {
            client = other;
            handshake = self.handshake(&client);
        }
        self.observed.walk.handshake = handshake.tried;
        if let Some(response) = &handshake.response {
            jar.keep(response);
            self.observed.tells = tells(response);
            self.observed.cookies = response.all("set-cookie").map(cookie).collect();
        }
        let sid = handshake.open.as_ref().map(|open| open.sid.clone());
        if let Some(open) = handshake.open {
            self.observed.open = Some(numbers(&open));
            let steps = Steps { client: &client, options: self.options };
            let upgrade = self.options.transports.websocket;
            steps.later(&open, &jar, upgrade, &mut self.observed.walk);
        }
        (client, jar, sid)
    }

    fn handshake(&self, client: &Client) -> Handshake {
        let options = self.options;
        Steps { client, options }.handshake(true)
    }

    /// Follows redirects within the host. Gives back a client for the same URL with TLS, if they led to it.
    fn follow(&mut self, client: &Client, first: &Handshake) -> Option<Client> {
        let mut been = vec![client.url.to_string()];
        let mut here = client.url.clone();
        let mut seen = first.tried.seen.clone();
        for _ in 0..=HOPS {
            let Seen::Redirect { status, location } = seen else {
                return None;
            };
            // What is no URL is told as the answer that it is.
            let mut next = here.join(&location).ok()?;
            self.observed.redirects.push(Hop { status, location: next.to_string() });
            let circle = been.contains(&next.to_string());
            self.observed.redirect_loop |= circle;
            // Elsewhere the user's headers are nobody's business; and `--connect` speaks of one port.
            let other_port = next.authority() != client.url.authority();
            if circle
                || next.host != client.url.host
                || (other_port && self.options.manner.connect.is_some())
            {
                return None;
            }
            next.query.clone_from(&client.url.query);
            been.push(next.to_string());
            let same = next.tls && next.path == client.url.path;
            let mut other = self.client(next.clone()).ok()?;
            other.reach().ok()?;
            if same {
                return Some(other);
            }
            seen = self.handshake(&other).tried.seen;
            here = next;
        }
        self.observed.redirect_loop = true;
        None
    }

    /// All that need not wait.
    fn rest(&mut self, steps: Steps<'_>, sid: Option<String>) {
        let options = self.options;
        if options.transports.polling {
            self.step("asking for a session that nobody knows");
            self.observed.unknown_session = steps.unknown_session();
        }
        if let Some(sid) = sid {
            self.step("asking twice");
            self.repeat(steps);
            self.step("opening many sessions");
            self.sessions(steps, sid);
        }
        if let Some(size) = options.max_message {
            self.step("sending a large message");
            self.observed.large = large(steps, size);
        }
        if let Some(path) = &options.health {
            self.step("asking for the health path");
            self.observed.health = steps.health(path);
        }
        if steps.client.url.tls && steps.client.url.port == 443 && options.manner.connect.is_none()
        {
            self.step("asking without TLS");
            self.observed.plain = self.plain(&steps.client.url);
        }
    }

    fn repeat(&mut self, steps: Steps<'_>) {
        let mut ids = Ids::default();
        (0..3).for_each(|_| ids.add(steps.handshake(false)));
        self.observed.repeated = same_sid(ids.all, ids.aged);
    }

    fn sessions(&mut self, steps: Steps<'_>, first: String) {
        let count = self.options.sessions as usize;
        let mut ids = Ids { all: vec![first], aged: false };
        if count > 0 {
            let with_cookies = arm(steps, count, true, &mut ids);
            let sets_cookies = !self.observed.cookies.is_empty();
            let without_cookies = sets_cookies.then(|| arm(steps, count, false, &mut ids));
            self.observed.sessions = Some(Sessions { with_cookies, without_cookies });
        } else {
            ids.add(steps.handshake(true));
        }
        self.observed.varied = same_sid(ids.all, ids.aged);
    }

    /// The same URL without TLS must lead to the one with it.
    fn plain(&self, url: &Url) -> Try {
        let plain = Url { tls: false, port: 80, ..url.clone() };
        let client = match self.client(plain) {
            Ok(client) => client,
            Err(trouble) => return of_trouble(&trouble, 0),
        };
        let mut tried = self.handshake(&client).tried;
        if tried.is_fine() {
            tried.seen = Seen::Unexpected;
        }
        if let Seen::Redirect { location, .. } = &tried.seen
            && location.starts_with("https://")
        {
            tried.seen = Seen::Fine;
        }
        tried
    }
}

fn numbers(open: &Open) -> OpenNumbers {
    OpenNumbers {
        websocket_offered: open.upgrades.iter().any(|one| one == "websocket"),
        ping_interval: open.ping_interval,
        ping_timeout: open.ping_timeout,
        max_payload: open.max_payload,
    }
}
