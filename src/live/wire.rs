//! A connection with one deadline: however slowly a server drips, nothing here outlives it.
//!
//! The deadline is checked below TLS. There one read of a record may take many reads of the socket, each of which
//! would otherwise start its time anew.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use rustls::{ClientConfig, ClientConnection, StreamOwned};

use super::tls;
use super::trouble::Trouble;

/// How much is read at once.
const CHUNK: usize = 16 << 10;

/// A socket that minds its deadline.
#[derive(Debug)]
struct Timed {
    socket: TcpStream,
    deadline: Instant,
}

impl Timed {
    fn left(&self) -> io::Result<Duration> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        Ok(left)
    }
}

impl Read for Timed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.socket.set_read_timeout(Some(self.left()?))?;
        self.socket.read(buffer)
    }
}

impl Write for Timed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.socket.set_write_timeout(Some(self.left()?))?;
        self.socket.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.socket.flush()
    }
}

#[derive(Debug)]
enum Stream {
    Plain(Timed),
    Tls(Box<StreamOwned<ClientConnection, Timed>>),
}

/// A connection, and what came over it that nobody has taken yet.
#[derive(Debug)]
pub struct Wire {
    stream: Stream,
    started: Instant,
    /// What came and was not taken.
    pub(super) buffer: Vec<u8>,
}

/// What a host name stands for, in the order to try.
pub fn resolve(host: &str, port: u16, timeout: Duration) -> Result<Vec<SocketAddr>, Trouble> {
    let trouble = |reason: String| Trouble::Name { name: host.to_owned(), reason };
    let (sender, answer) = mpsc::channel();
    let name = host.to_owned();
    // The resolver cannot be told to hurry: when it is too slow, it is left behind.
    std::thread::spawn(move || {
        let found = (name.as_str(), port).to_socket_addrs().map(Iterator::collect::<Vec<_>>);
        let _ = sender.send(found);
    });
    match answer.recv_timeout(timeout) {
        Ok(Ok(found)) if !found.is_empty() => Ok(found),
        Ok(Ok(_)) => Err(trouble("it has no address".into())),
        Ok(Err(error)) => Err(trouble(resolver_says(&error))),
        Err(_) => Err(trouble(format!("DNS does not answer within {} s", timeout.as_secs()))),
    }
}

fn resolver_says(error: &io::Error) -> String {
    let text = error.to_string();
    text.rsplit(": ").next().unwrap_or(&text).to_lowercase()
}

/// Connects to the first address that answers.
pub fn connect(addresses: &[SocketAddr], deadline: Instant) -> Result<TcpStream, Trouble> {
    let mut trouble = Trouble::OutOfTime;
    for (index, address) in addresses.iter().enumerate() {
        let left = deadline.saturating_duration_since(Instant::now());
        let others = u32::try_from(addresses.len() - index).unwrap_or(1);
        if left.is_zero() {
            break;
        }
        match TcpStream::connect_timeout(address, left / others) {
            Ok(socket) => {
                let _ = socket.set_nodelay(true);
                return Ok(socket);
            }
            Err(error) => trouble = refused(address, &error),
        }
    }
    Err(trouble)
}

fn refused(address: &SocketAddr, error: &io::Error) -> Trouble {
    let to = address.to_string();
    match error.kind() {
        io::ErrorKind::ConnectionRefused => Trouble::Refused(to),
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => {
            Trouble::Connect { to, reason: "no answer: a firewall, or no such address".into() }
        }
        _ => Trouble::Connect { to, reason: error.to_string() },
    }
}

impl Wire {
    /// A connection without TLS.
    pub fn plain(socket: TcpStream, deadline: Instant) -> Self {
        Self::new(Stream::Plain(Timed { socket, deadline }))
    }

    fn new(stream: Stream) -> Self {
        Self { stream, started: Instant::now(), buffer: Vec::new() }
    }

    /// A connection with TLS, its handshake done; also the version that was agreed upon.
    pub fn tls(
        socket: TcpStream,
        deadline: Instant,
        config: Arc<ClientConfig>,
        host: &str,
    ) -> Result<(Self, &'static str), Trouble> {
        let name = rustls::pki_types::ServerName::try_from(host.to_owned())
            .map_err(|error| Trouble::Tls(error.to_string()))?;
        let mut session =
            ClientConnection::new(config, name).map_err(|error| Trouble::Tls(error.to_string()))?;
        let mut timed = Timed { socket, deadline };
        while session.is_handshaking() {
            session.complete_io(&mut timed).map_err(|error| Trouble::Tls(tls::explain(&error)))?;
        }
        let version = tls::version(&session);
        let stream = Stream::Tls(Box::new(StreamOwned::new(session, timed)));
        Ok((Self::new(stream), version))
    }

    /// Gives what follows until then.
    pub fn until(&mut self, deadline: Instant) {
        self.started = Instant::now();
        match &mut self.stream {
            Stream::Plain(timed) => timed.deadline = deadline,
            Stream::Tls(stream) => stream.sock.deadline = deadline,
        }
    }

    /// Milliseconds since the deadline was set.
    pub(super) fn waited(&self) -> u64 {
        millis(self.started.elapsed())
    }

    /// Writes all of it.
    pub fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.stream {
            Stream::Plain(timed) => timed.write_all(bytes).and_then(|()| timed.flush()),
            Stream::Tls(stream) => stream.write_all(bytes).and_then(|()| stream.flush()),
        }
    }

    /// Waits for more, and adds it to the buffer; 0 at the end of the connection.
    pub fn fill(&mut self) -> io::Result<usize> {
        let mut chunk = [0; CHUNK];
        let got = loop {
            let got = match &mut self.stream {
                Stream::Plain(timed) => timed.read(&mut chunk),
                Stream::Tls(stream) => stream.read(&mut chunk),
            };
            match got {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                got => break got?,
            }
        };
        self.buffer.extend_from_slice(&chunk[..got]);
        Ok(got)
    }
}

/// A duration in whole milliseconds.
pub fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
