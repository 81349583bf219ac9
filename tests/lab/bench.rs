//! The processes of the lab: each ends with the test that started it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddrV4, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::kubernetes::objects;
use crate::tools::{Scratch, both, node, root, tool};

/// A process that ends when it is dropped.
pub(crate) struct Running(pub(crate) Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Where the ports of the lab are: below those that the system gives to connections, which may take any of them before
/// a server does.
const PORTS: std::ops::Range<u16> = 10_000..30_000;

/// The ports that configurations of the tests are written with.
const WRITTEN: [&str; 4] = ["8080", "8081", "3000", "3001"];

/// How many ports this process has asked for.
static ASKED: AtomicU32 = AtomicU32::new(0);

/// A port that nobody listens on, and that nobody else in this process is given.
pub(crate) fn free_port() -> u16 {
    let count = u32::from(PORTS.end - PORTS.start);
    // Processes begin far from each other.
    let first = std::process::id().wrapping_mul(7_919);
    for _ in 0..count {
        let asked = ASKED.fetch_add(1, Ordering::SeqCst);
        let at = u16::try_from(first.wrapping_add(asked) % count).unwrap();
        let port = PORTS.start + at;
        // Tests put these ports in the place of others, one after the other: none may hold one of those.
        if WRITTEN.iter().any(|written| port.to_string().contains(written)) {
            continue;
        }
        if TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).is_ok() {
            return port;
        }
    }
    panic!("all ports of the lab are taken");
}

fn script(name: &str) -> PathBuf {
    root().join("tests/lab").join(name)
}

/// Starts a script that prints a line when it is ready.
pub(crate) fn start(name: &str, argument: &str) -> Running {
    let child = node().arg(script(name)).arg(argument).stdout(Stdio::piped()).spawn().unwrap();
    let mut running = Running(child);
    let mut line = String::new();
    BufReader::new(running.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "ready\n", "{name} {argument}");
    running
}

/// The ping interval and the ping timeout of the lab, in milliseconds.
const PING: u64 = 1_000;

/// A Socket.IO server that nobody has to answer for a while.
pub(crate) fn patient_server(port: u16) -> Running {
    let options = json!({
        "host": "127.0.0.1", "port": port, "path": "/socket.io/", "instance": 0,
        "pingInterval": 60 * PING, "pingTimeout": 60 * PING,
    });
    start("server.js", &options.to_string())
}

/// A Socket.IO server on an address.
pub(crate) fn server(
    host: &str,
    port: u16,
    path: &str,
    max_message: u64,
    instance: usize,
) -> Running {
    let options = json!({
        "host": host, "port": port, "path": path, "instance": instance,
        "pingInterval": PING, "pingTimeout": PING, "maxHttpBufferSize": max_message,
    });
    start("server.js", &options.to_string())
}

/// Which nginx to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    /// The distribution's.
    Distribution,
    /// The one built by `tests/run.sh`.
    Current,
}

impl Version {
    pub(crate) fn program(self) -> PathBuf {
        match self {
            Self::Distribution => tool("nginx", "none"),
            Self::Current => tool("sioway-nginx", "nginx/nginx"),
        }
    }
}

/// The configuration that an app's `ConfigMap` carries.
pub(crate) fn nginx_conf(example: &str, settings: &[String]) -> String {
    let file = root().join("examples").join(example).join("app.toml");
    let mut arguments = vec!["render", file.to_str().unwrap(), "-o", "-"];
    arguments.extend(settings.iter().flat_map(|setting| ["--set", setting.as_str()]));
    let stream = Scratch::new().ok(&arguments).out;
    let map = objects(&stream)
        .into_iter()
        .find(|((kind, _), _)| kind == "ConfigMap")
        .expect("an app with nginx")
        .1;
    let data = map["data"].as_mapping().unwrap();
    data.values().next().unwrap().as_str().unwrap().to_owned()
}

/// The nginx.conf of the stock unprivileged image, which reads fragments.
pub(crate) const STOCK: &str = "\
worker_processes auto;
error_log stderr notice;
pid /tmp/nginx.pid;
events { worker_connections 1024; }
http {
    proxy_temp_path /tmp/proxy_temp;
    client_body_temp_path /tmp/client_temp;
    fastcgi_temp_path /tmp/fastcgi_temp;
    uwsgi_temp_path /tmp/uwsgi_temp;
    scgi_temp_path /tmp/scgi_temp;
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    log_format main '$remote_addr';
    access_log /dev/null main;
    sendfile on;
    keepalive_timeout 65;
    include conf.d/*.conf;
}
";

/// An nginx that has workers. It is asked to stop, so that these end too: they would outlive a master that is killed,
/// and go on listening.
pub(crate) struct Master(pub(crate) Running);

impl Drop for Master {
    fn drop(&mut self) {
        let master = &mut self.0.0;
        if matches!(master.try_wait(), Ok(None)) {
            let pid = master.id().to_string();
            let _ = Command::new("kill").args(["-TERM", &pid]).status();
            let deadline = Instant::now() + Duration::from_secs(10);
            while Instant::now() < deadline && matches!(master.try_wait(), Ok(None)) {
                std::thread::sleep(Duration::from_millis(5));
            }
        }
    }
}

/// A running nginx with a rendered configuration.
pub(crate) struct Nginx {
    pub(crate) process: Master,
    pub(crate) listen: u16,
    directory: Scratch,
}

/// A configuration that nginx may be started with.
struct Prepared {
    version: Version,
    directory: Scratch,
}

impl Prepared {
    fn command(&self, more: &[&str]) -> Command {
        let mut command = Command::new(self.version.program());
        let directory = self.directory.path("");
        command.args(["-p", directory.to_str().unwrap(), "-c", "nginx.conf"]).args(more);
        command
    }

    fn started(self, listen: u16) -> Nginx {
        let log = std::fs::File::create(self.directory.path("access.log")).unwrap();
        let mut command = self.command(&["-g", "daemon off;"]);
        let process = command.stdout(log).stderr(Stdio::null()).spawn().unwrap();
        let nginx = Nginx { process: Master(Running(process)), listen, directory: self.directory };
        wait_for(listen);
        nginx
    }
}

impl Nginx {
    /// Starts nginx. `/tmp` is a directory of its own, so that several can run at once.
    pub(crate) fn start(version: Version, configuration: &str, listen: u16) -> Self {
        let (nginx, test) = Self::tested(version, configuration);
        assert!(test.status.success(), "{}\n{configuration}", both(&test));
        assert!(!both(&test).contains("[warn]"), "{}", both(&test));
        nginx.started(listen)
    }

    /// Starts nginx, unless it refuses its configuration.
    pub(crate) fn start_if_it_can(
        version: Version,
        configuration: &str,
        listen: u16,
    ) -> Option<Self> {
        let (nginx, test) = Self::tested(version, configuration);
        test.status.success().then(|| nginx.started(listen))
    }

    /// A configuration in a directory of its own, and what nginx says of it.
    fn tested(version: Version, configuration: &str) -> (Prepared, Output) {
        let directory = Scratch::new();
        let own = |text: &str| {
            text.replace(
                " /tmp/",
                &format!(" {}/", directory.path("").to_str().unwrap().trim_end_matches('/')),
            )
        };
        if configuration.contains("worker_processes") {
            directory.write("nginx.conf", &own(configuration));
        } else {
            directory.write("nginx.conf", &own(STOCK));
            directory.write("conf.d/default.conf", configuration);
        }
        let prepared = Prepared { version, directory };
        let test = prepared.command(&["-t"]).output().unwrap();
        (prepared, test)
    }

    /// What nginx logged.
    pub(crate) fn log(&self) -> String {
        self.directory.read("access.log")
    }

    /// An answer to a request as it stands: status line, headers and body.
    pub(crate) fn ask(&self, request: &str) -> String {
        ask(self.listen, request)
    }
}

/// Waits until somebody listens.
pub(crate) fn wait_for(port: u16) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while TcpStream::connect(SocketAddrV4::new(Ipv4Addr::LOCALHOST, port)).is_err() {
        assert!(Instant::now() < deadline, "nothing listens on {port}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// An answer to a request as it stands, on a connection that the server closes.
pub(crate) fn ask(port: u16, request: &str) -> String {
    let mut stream = TcpStream::connect(SocketAddrV4::new(Ipv4Addr::LOCALHOST, port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// Runs a real client through the scenarios; each must be fine.
pub(crate) fn client(listen: u16, path: &str, max_message: u64, scenarios: &[&str]) {
    let (outcomes, said) = outcomes(listen, path, max_message, scenarios);
    let wanted: Vec<Value> = scenarios.iter().map(|scenario| json!([scenario, "ok"])).collect();
    assert_eq!(outcomes, wanted, "{said}");
}

/// What becomes of each scenario, and all that the client said.
pub(crate) fn outcomes(
    listen: u16,
    path: &str,
    max_message: u64,
    scenarios: &[&str],
) -> (Vec<Value>, String) {
    let argument = json!({
        "url": format!("http://127.0.0.1:{listen}"), "path": path, "maxMessage": max_message,
        // Longer than the ping interval and the ping timeout together.
        "idle": 3_000, "scenarios": scenarios,
    });
    let output = node().arg(script("client.js")).arg(argument.to_string()).output().unwrap();
    let lines = String::from_utf8(output.stdout.clone()).unwrap();
    let outcomes = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (outcomes, both(&output))
}
