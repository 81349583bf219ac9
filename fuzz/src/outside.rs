//! What comes from outside: answers of servers, addresses, and what somebody saved of kubectl, gcloud and a probe.

use std::io::Write as _;
use std::net::{Shutdown, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use sioway::blame::{self, Evidence};
use sioway::doctor::{self, Cloud, Cluster, Reading, readout};
use sioway::live::engineio::{Eio, Open, code_of_json, code_of_text};
use sioway::live::http;
use sioway::live::url::{Url, split_authority};
use sioway::live::websocket::{Event, WebSocket};
use sioway::live::wire::Wire;
use sioway::path::Model;
use sioway::set::Set;

use super::files::{self, text};
use super::judged::harmless;

/// A connection over which some bytes come, and then its end.
fn over(bytes: &[u8]) -> Option<Wire> {
    let (mut server, client) = UnixStream::pair().ok()?;
    server.write_all(bytes).ok()?;
    server.shutdown(Shutdown::Write).ok()?;
    // The answers to pings fit what the socket holds; nobody reads them.
    let client = TcpStream::from(OwnedFd::from(client));
    let wire = Wire::plain(client, soon());
    drop(server);
    Some(wire)
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(20)
}

/// Whatever a server sends, it is read to an end, and what is told of it is harmless.
pub(crate) fn wire(bytes: &[u8]) {
    let Some(bytes) = bytes.get(..bytes.len().min(60_000)) else { return };
    let Some(mut wire) = over(bytes) else { return };
    loop {
        match http::read(&mut wire) {
            Ok(response) if response.status == 101 => break,
            Ok(_) => {}
            Err(trouble) => {
                harmless(&trouble.to_string());
                break;
            }
        }
    }
    frames(WebSocket::new(wire));
    if let Some(wire) = over(bytes) {
        frames(WebSocket::new(wire));
    }
}

fn frames(mut socket: WebSocket) {
    loop {
        match socket.next(soon()) {
            // Neither is taken from the wire: whoever meets one is done.
            Ok(Event::Close(..) | Event::Http(_)) => return,
            Ok(_) => {}
            Err(trouble) => return harmless(&trouble.to_string()),
        }
    }
}

/// Addresses are read strictly, and joined without losing their host.
pub(crate) fn url(bytes: &[u8]) {
    let Some(input) = text(bytes) else { return };
    let (first, rest) = input.split_once('\n').unwrap_or((input, ""));
    let _ = split_authority(first);
    match first.parse::<Url>() {
        Ok(url) => {
            let again: Url = url.to_string().parse().expect("what is shown can be read");
            // A query may be a secret, and is not shown.
            assert_eq!(again, Url { query: String::new(), ..url.clone() });
            let _ = url.join(rest);
        }
        Err(bad) => harmless(&format!("{}\n{}", bad.message, bad.help)),
    }
    for eio in [Eio::Three, Eio::Four] {
        if let Some(packets) = eio.decode(input) {
            let again = eio.encode(&packets);
            assert_eq!(eio.decode(&again), Some(packets));
        }
    }
    let _ = (Open::parse(input), code_of_json(input), code_of_text(input));
}

/// What somebody saved of a cluster, of Google Cloud and of a probe is read and compared with files, or refused.
pub(crate) fn read_outs(bytes: &[u8]) {
    let Some(input) = text(bytes) else { return };
    let (sources, ids) = files::rendered_sources();
    let files = files::read(&sources, &ids);
    let set = Set::new(&files);
    let model = Model::new(&set, &[]);
    let (mut cluster, mut cloud) = (Vec::new(), Vec::new());
    for (name, text) in files::split(input, "cluster") {
        match name {
            "cluster" => cluster.extend(readout::objects(text).into_iter().flatten()),
            "cloud" => cloud.extend(readout::resources(text).into_iter().flatten()),
            _ => blamed(&sources, &model, text),
        }
    }
    examined(&sources, &model, Cluster::saved(cluster), Cloud(cloud));
}

fn blamed(sources: &sioway::diagnostic::Sources, model: &Model<'_>, text: &str) {
    let Ok(evidence) = Evidence::parse(text) else { return };
    let case = blame::Case {
        sources,
        model,
        findings: &[],
        evidence: &evidence,
        replicas: None,
        without_nginx: false,
    };
    let _ = blame::blame(&case);
}

fn examined(
    sources: &sioway::diagnostic::Sources,
    model: &Model<'_>,
    cluster: Cluster,
    cloud: Cloud,
) {
    let manifest = cluster.manifest();
    let mut all = sources.clone();
    let id = all.add("cluster.json", manifest);
    let live = files::read(&all, &[id]);
    let live = Set::new(&live);
    let live = Model::new(&live, &[]);
    let case = doctor::Case {
        sources: &all,
        files: model,
        service: None,
        namespace: None,
        own: None,
        problems: &[],
        findings: &[],
        stale: None,
        cluster: &read(cluster),
        live: Some(&live),
        live_findings: &sioway::rules::check(&live),
        cloud: &read(cloud),
    };
    let (mut checks, causes) = doctor::examine(&case);
    doctor::fold(&mut checks, &causes);
}

fn read<T>(said: T) -> Reading<T> {
    Reading::Read { said, from: "a file".to_owned(), troubles: Vec::new() }
}
