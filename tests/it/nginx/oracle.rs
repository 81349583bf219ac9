//! Asking the real nginx, and running it.

use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::lab::bench::free_port;
use crate::tools::{Scratch, tool};

/// The distribution's nginx.
pub(crate) fn distribution() -> PathBuf {
    tool("nginx", "none")
}

/// The nginx that `tests/run.sh` builds.
pub(crate) fn current() -> PathBuf {
    tool("sioway-nginx", "nginx/nginx")
}

/// A directory in which nginx is asked about texts.
pub(crate) struct Oracle {
    program: PathBuf,
    directory: Scratch,
}

impl Oracle {
    pub(crate) fn new(program: PathBuf) -> Self {
        let directory = Scratch::new();
        // nginx opens its log even if it only looks.
        directory.write("logs/error.log", "");
        Self { program, directory }
    }

    /// What `nginx -t` refuses a text with, without its place; empty if it does not.
    pub(crate) fn refusal(&self, text: &[u8]) -> String {
        std::fs::write(self.directory.path("nginx.conf"), text).unwrap();
        let output = Command::new(&self.program)
            .args(["-t", "-q", "-e", "stderr", "-c", "nginx.conf", "-p"])
            .arg(self.directory.path(""))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.success() {
            return String::new();
        }
        let emergency = said.split("[emerg] ").nth(1).unwrap_or(&said);
        let message = emergency.split_once(": ").map_or(emergency, |(_, rest)| rest);
        message.trim().to_owned()
    }
}

/// A running nginx, which ends with its test.
pub(crate) struct Server {
    process: Child,
    _directory: Scratch,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The address that servers of this run listen on: its own, so that their ports are taken by nobody else, and by no
/// connection that a client makes.
pub(crate) fn address() -> Ipv4Addr {
    let [_, high, middle, low] = std::process::id().to_be_bytes();
    Ipv4Addr::new(127, high | 0x40, middle, low.max(1))
}

/// Ports that nobody listens on, and that no other test of this run has.
pub(crate) fn free_ports(count: usize) -> Vec<u16> {
    (0..count).map(|_| free_port()).collect()
}

impl Server {
    /// Starts nginx with a text, and waits until it listens on a port.
    pub(crate) fn start(program: &PathBuf, text: &str, port: u16) -> Self {
        let directory = Scratch::new();
        directory.write("nginx.conf", text);
        directory.write("logs/none", "");
        let process = Command::new(program)
            .args(["-e", "stderr", "-c", "nginx.conf", "-g"])
            .arg("daemon off; master_process off; pid nginx.pid; error_log stderr crit;")
            .arg("-p")
            .arg(directory.path(""))
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut server = Self { process, _directory: directory };
        let deadline = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect((address(), port)).is_err() {
            let ended = server.process.try_wait().unwrap();
            assert!(ended.is_none() && Instant::now() < deadline, "nginx does not start:\n{text}");
            std::thread::sleep(Duration::from_millis(10));
        }
        server
    }
}

/// The answer to a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

impl Reply {
    /// The value of a header.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

/// Asks for a target; the connection is closed afterwards.
pub(crate) fn ask(port: u16, target: &str, headers: &[(&str, &str)]) -> Reply {
    let mut request = format!("GET {target} HTTP/1.0\r\n");
    for (name, value) in headers {
        let _ = write!(request, "{name}: {value}\r\n");
    }
    request.push_str("\r\n");
    let mut socket = TcpStream::connect((address(), port)).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    socket.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    Reply {
        status: status.unwrap_or_else(|| panic!("{target}: {answer:?}")),
        head: head.to_owned(),
        body: body.to_owned(),
    }
}
