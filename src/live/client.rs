//! One server, asked over a fresh connection each time, as the proxies in front of it may decide anew for each.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ring::rand::{SecureRandom, SystemRandom};
use rustls::ClientConfig;

use super::http::{self, Response};
use super::transcript::Transcript;
use super::trouble::Trouble;
use super::url::Url;
use super::websocket::{self, Event, WebSocket};
use super::wire::{Wire, connect, millis, resolve};

/// What all connections of a run have in common.
#[derive(Debug, Clone)]
pub struct Manner {
    /// Where to connect to in the URL's stead.
    pub connect: Option<(String, u16)>,
    /// Further headers of every request.
    pub headers: Vec<(String, String)>,
    /// Whether any certificate is taken.
    pub insecure: bool,
    /// How long a connection, and then an answer, may take.
    pub timeout: Duration,
}

/// Cookies by their names. Where they apply is not looked at: there is one host.
#[derive(Debug, Clone, Default)]
pub struct Jar(Vec<(String, String)>);

impl Jar {
    /// Keeps the cookies of an answer.
    pub fn keep(&mut self, response: &Response) {
        for cookie in response.all("set-cookie") {
            let pair = cookie.split(';').next().unwrap_or_default();
            if let Some((name, value)) = pair.split_once('=') {
                self.0.retain(|(old, _)| old != name.trim());
                self.0.push((name.trim().into(), value.trim().into()));
            }
        }
    }

    /// The value of the `Cookie` header.
    fn header(&self) -> Option<String> {
        let pairs: Vec<String> =
            self.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }
}

/// A request.
#[derive(Debug, Clone, Default)]
pub struct Ask<'a> {
    /// Path and query.
    pub target: String,
    /// The body of a POST.
    pub body: Option<&'a str>,
    /// The cookies to send.
    pub cookies: Option<&'a Jar>,
    /// How long the answer may take, where that is not the usual time.
    pub patience: Option<Duration>,
}

/// What came of a request, and when.
#[derive(Debug)]
pub struct Answered {
    /// What came.
    pub answer: Result<Response, Trouble>,
    /// After how many milliseconds.
    pub millis: u64,
}

/// How a connection came about.
#[derive(Debug, Clone)]
pub struct Reached {
    /// The address.
    pub address: SocketAddr,
    /// The version of TLS, where it is spoken.
    pub tls: Option<&'static str>,
    /// How long it took, in milliseconds.
    pub millis: u64,
}

/// A server that can be asked.
#[derive(Debug)]
pub struct Client {
    /// Its URL.
    pub url: Url,
    addresses: Vec<SocketAddr>,
    tls: Option<Arc<ClientConfig>>,
    manner: Manner,
    /// When the whole run ends.
    end: Instant,
    /// What was said.
    pub transcript: Arc<Transcript>,
}

/// A WebSocket that says what it says.
#[derive(Debug)]
pub struct Socket {
    inner: WebSocket,
    transcript: Arc<Transcript>,
    /// The answer that opened it.
    pub response: Response,
}

impl Client {
    /// Finds a server; nothing is sent yet.
    pub fn new(
        url: Url,
        manner: &Manner,
        end: Instant,
        transcript: Arc<Transcript>,
    ) -> Result<Self, Trouble> {
        let tls = if url.tls {
            Some(super::tls::config(manner.insecure).map_err(Trouble::Tls)?)
        } else {
            None
        };
        let (host, port) = manner.connect.clone().unwrap_or_else(|| (url.host.clone(), url.port));
        let addresses = resolve(&host, port, manner.timeout)?;
        Ok(Self { url, addresses, tls, manner: manner.clone(), end, transcript })
    }

    fn deadline(&self, patience: Duration) -> Instant {
        (Instant::now() + patience).min(self.end)
    }

    /// How long an answer usually may take.
    pub fn timeout(&self) -> Duration {
        self.manner.timeout
    }

    /// How much time is left to the run.
    pub fn left(&self) -> Duration {
        self.end.saturating_duration_since(Instant::now())
    }

    fn wire(&self) -> Result<(Wire, Reached), Trouble> {
        if self.left().is_zero() {
            return Err(Trouble::OutOfTime);
        }
        let started = Instant::now();
        let deadline = self.deadline(self.manner.timeout);
        let socket = connect(&self.addresses, deadline)?;
        let address = socket.peer_addr().map_err(|_| Trouble::Closed)?;
        let (wire, tls) = match &self.tls {
            None => (Wire::plain(socket, deadline), None),
            Some(config) => {
                let config = Arc::clone(config);
                let (wire, version) = Wire::tls(socket, deadline, config, &self.url.host)?;
                (wire, Some(version))
            }
        };
        let reached = Reached { address, tls, millis: millis(started.elapsed()) };
        Ok((wire, reached))
    }

    /// Tries a connection. From then on only the address that answered is asked.
    pub fn reach(&mut self) -> Result<Reached, Trouble> {
        let (_, reached) = self.wire()?;
        self.addresses = vec![reached.address];
        Ok(reached)
    }

    /// Asks, and waits for all of the answer.
    pub fn ask(&self, ask: &Ask<'_>) -> Answered {
        let started = Instant::now();
        let answer = self.exchange(ask);
        let millis = millis(started.elapsed());
        let method = if ask.body.is_some() { "POST" } else { "GET" };
        let request = format!("{method} {}", ask.target);
        self.transcript.exchange(&request, &answer, millis);
        Answered { answer, millis }
    }

    fn exchange(&self, ask: &Ask<'_>) -> Result<Response, Trouble> {
        let (mut wire, _) = self.wire()?;
        wire.until(self.deadline(ask.patience.unwrap_or(self.manner.timeout)));
        let mut text = self.head(ask, if ask.body.is_some() { "POST" } else { "GET" });
        if let Some(body) = ask.body {
            text.push_str("Content-Type: text/plain;charset=UTF-8\r\n");
            let _ = write!(text, "Content-Length: {}\r\n", body.len());
        }
        text.push_str("\r\n");
        let body = ask.body.unwrap_or_default().as_bytes();
        let sent = wire.send(text.as_bytes()).and_then(|()| wire.send(body));
        match (http::read(&mut wire), sent) {
            (Ok(response), _) => Ok(response),
            // A body that is refused half-way may end the connection before the refusal can be read.
            (Err(trouble), Ok(())) => Err(trouble),
            (Err(_), Err(error)) => Err(Trouble::reading(&error, 0, wire.waited())),
        }
    }

    fn head(&self, ask: &Ask<'_>, method: &str) -> String {
        let own = |name: &str| {
            self.manner.headers.iter().any(|(given, _)| given.eq_ignore_ascii_case(name))
        };
        let mut text = format!("{method} {} HTTP/1.1\r\n", ask.target);
        let mut add = |name: &str, value: &str| {
            text.extend([name, ": ", value, "\r\n"]);
        };
        if !own("host") {
            add("Host", &self.url.authority());
        }
        if !own("user-agent") {
            add("User-Agent", concat!("sioway/", env!("CARGO_PKG_VERSION")));
        }
        add("Accept", "*/*");
        if let Some(cookies) = ask.cookies.and_then(Jar::header) {
            add("Cookie", &cookies);
        }
        for (name, value) in &self.manner.headers {
            add(name, value);
        }
        text
    }

    /// Asks for a WebSocket. An answer other than 101 is an answer too.
    pub fn websocket(&self, ask: &Ask<'_>) -> (Result<Socket, Answered>, u64) {
        let started = Instant::now();
        let tried = self.try_websocket(ask);
        let millis = millis(started.elapsed());
        let request = format!("GET {} (Upgrade: websocket)", ask.target);
        let answer = match &tried {
            Ok((_, response)) => Ok(response.clone()),
            Err(answer) => answer.clone(),
        };
        self.transcript.exchange(&request, &answer, millis);
        let result = tried.map_err(|answer| Answered { answer, millis });
        let transcript = Arc::clone(&self.transcript);
        let socket = result.map(|(inner, response)| Socket { inner, transcript, response });
        (socket, millis)
    }

    #[allow(clippy::result_large_err, reason = "an answer other than 101 is what is looked for")]
    fn try_websocket(
        &self,
        ask: &Ask<'_>,
    ) -> Result<(WebSocket, Response), Result<Response, Trouble>> {
        let (mut wire, _) = self.wire().map_err(Err)?;
        wire.until(self.deadline(self.manner.timeout));
        let (key, accept) = websocket::key();
        let head = self.head(ask, "GET");
        let text = format!(
            "{head}Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: {key}\r\n\r\n"
        );
        wire.send(text.as_bytes())
            .map_err(|error| Err(Trouble::reading(&error, 0, wire.waited())))?;
        let response = http::read(&mut wire).map_err(Err)?;
        if response.status != 101 {
            return Err(Ok(response));
        }
        websocket::check(&response, &accept).map_err(Err)?;
        Ok((WebSocket::new(wire), response))
    }
}

impl Socket {
    /// Sends a message.
    pub fn send(&mut self, text: &str) -> Result<(), Trouble> {
        const PATIENCE: Duration = Duration::from_secs(10);
        self.transcript.message(">", text);
        self.inner.send(text, Instant::now() + PATIENCE)
    }

    /// Waits for a message, or for the end.
    pub fn next(&mut self, deadline: Instant) -> Result<Event, Trouble> {
        let event = self.inner.next(deadline);
        match &event {
            Ok(Event::Text(text)) => self.transcript.message("<", text),
            Ok(Event::Binary(length)) => {
                self.transcript.message("<", &format!("{length} bytes"));
            }
            Ok(Event::Close(code, reason)) => {
                let code = code.map_or_else(String::new, |code| code.to_string());
                self.transcript.message("<", &format!("close {code} {reason}"));
            }
            Ok(Event::Http(status)) => self.transcript.message("<", &format!("HTTP {status}")),
            Err(trouble) => self.transcript.message("<", &trouble.to_string()),
        }
        event
    }

    /// Ends it as a client does.
    pub fn close(self) {
        self.inner.close(Instant::now() + Duration::from_secs(1));
    }
}

/// A random text, as the client puts into `t` to get past caches.
pub fn random() -> String {
    let mut bytes = [0; 8];
    let _ = SystemRandom::new().fill(&mut bytes);
    format!("{:x}", u64::from_be_bytes(bytes) >> 24)
}
