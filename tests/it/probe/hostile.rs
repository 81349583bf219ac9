//! Servers that hang, drip, lie and babble: a failure with a name, in bounded time.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::{sleep, spawn};
use std::time::Duration;

use super::{Probed, probe};
use crate::tools::Scratch;

/// A server that does this to every connection, once a request has come.
fn serve(behave: impl Fn(TcpStream, &str) + Send + Sync + Clone + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    spawn(move || {
        for mut client in listener.incoming().map_while(Result::ok) {
            let behave = behave.clone();
            spawn(move || {
                let mut request = [0; 4096];
                let got = client.read(&mut request).unwrap_or(0);
                behave(client, &String::from_utf8_lossy(&request[..got]));
            });
        }
    });
    format!("http://127.0.0.1:{port}")
}

/// What it says, and then nothing for a while.
fn says(text: &'static [u8]) -> String {
    serve(move |mut client, _| {
        let _ = client.write_all(text);
        sleep(Duration::from_secs(20));
    })
}

#[track_caller]
fn fails(url: &str, wanted: &str) -> Probed {
    let probed = probe(url, &["--timeout", "500ms"]);
    assert!(probed.with("fail").contains(&"handshake"), "{:#}", probed.document["checks"]);
    probed.says("handshake", wanted);
    assert_eq!(probed.status, 1);
    assert!(probed.took < Duration::from_secs(8), "{:?}", probed.took);
    probed
}

#[test]
fn hangs() {
    fails(&says(b""), "no answer within 0.5 s").because("handshake", "prefix-not-mapped");
    fails(&says(b"HTTP/1.1 200 OK\r\nContent-Le"), "was not complete within 0.5 s");
}

#[test]
fn hangs_as_an_app_does_that_knows_no_such_path() {
    let url = serve(|_client, request| {
        let long = if request.contains("Upgrade: websocket") { 1_000 } else { 20_000 };
        sleep(Duration::from_millis(long));
    });
    let probed = probe(&url, &["--quick"]);
    probed.fails(&["handshake", "websocket"]);
    probed.because("handshake", "prefix-not-mapped").because("websocket", "prefix-not-mapped");
}

#[test]
fn drips() {
    let url = serve(|mut client, _| {
        for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello".iter().cycle() {
            if client.write_all(&[*byte]).is_err() {
                break;
            }
            sleep(Duration::from_millis(100));
        }
    });
    fails(&url, "bytes the answer was not complete within 0.5 s");
}

#[test]
fn closes_at_once() {
    let url = serve(|_, _| ());
    fails(&url, "closed without an answer");
}

#[test]
fn lies_about_lengths() {
    fails(&says(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n0{"), "was not complete within");
    fails(
        &says(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n0{"),
        "Content-Length",
    );
    fails(&says(b"HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\n0{"), "larger than");
    fails(&says(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n0{\"sid\":\"a\"}"), "200 `0{`");
    fails(
        &says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n"),
        "chunk",
    );
}

#[test]
fn babbles() {
    fails(&says(b"SSH-2.0-OpenSSH_9.9\r\n"), "not HTTP: `SSH-2.0-OpenSSH_9.9")
        .says("http-version", "web server");
    fails(&says(b"\x15\x03\x01\x00\x02\x02\x46"), "write `https://`");
    fails(&says(b"\x1b[2J\x1b]0;title\x07\r\n\r\n"), "not HTTP: `\\\\u{1b}[2J");
    fails(&says(b"HTTP/1.1 abc\r\n\r\n"), "the status line is");
    fails(&says(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0{\"sid\":1}"), "200 `0{");
}

#[test]
fn endless_headers_and_bodies() {
    let endless = |start: &'static [u8], again: &'static [u8]| {
        serve(move |mut client, _| {
            let _ = client.write_all(start);
            while client.write_all(&again.repeat(100)).is_ok() {}
        })
    };
    fails(&endless(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"), "header is larger than 65536 bytes");
    fails(&endless(b"HTTP/1.1 200 OK\r\n\r\n", b"hello"), "the answer is larger than");
    fails(&endless(b"", b"HTTP/1.1 102 Wait\r\n\r\n"), "interim answers");
}

/// A server of WebSockets that says this after its handshake.
fn after_101(frames: &'static [u8]) -> Probed {
    let url = serve(move |mut client, request| {
        let key = request.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Key: "));
        let accept = sioway::live::websocket::accept(key.unwrap_or_default());
        let head = "HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
        let _ = write!(client, "{head}Sec-WebSocket-Accept: {accept}\r\n\r\n");
        let _ = client.write_all(frames);
        sleep(Duration::from_secs(5));
    });
    let probed = probe(&url, &["--transports", "websocket", "--timeout", "500ms"]);
    probed.fails(&["websocket"]);
    assert!(probed.took < Duration::from_secs(5));
    probed
}

#[test]
fn breaks_websockets() {
    after_101(b"\x81\x7f\x7f\xff\xff\xff\xff\xff\xff\xff").says("websocket", "larger than");
    after_101(b"garbage").says("websocket", "no WebSocket frame");
    after_101(b"\x81\x05hello").says("websocket", "another message");
    after_101(b"\x88\x02\x03\xf3").says("websocket", "a close frame (1011)");
    after_101(b"").says("websocket", "101, and then no answer");
    after_101(b"HTTP/1.1 400 Bad Request\r\n\r\n").says("websocket", "different versions");
    let url =
        says(b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: x\r\n\r\n");
    let probed = probe(&url, &["--transports", "websocket", "--timeout", "500ms"]);
    probed.fails(&["websocket"]).says("websocket", "does not fit");
}

#[test]
fn cannot_be_reached() {
    let scratch = Scratch::new();
    let ask = |url: &str| {
        let run = scratch.run(&["probe", url, "--timeout", "3s"]);
        assert_eq!(run.status, 2, "{url}: {}{}", run.out, run.err);
        assert!(run.out.is_empty(), "{}", run.out);
        assert!(run.err.contains("help:"), "{}", run.err);
        run.err
    };
    assert!(ask("http://nowhere.invalid").contains("the name `nowhere.invalid` does not resolve"));
    let port = crate::lab::bench::free_port();
    assert!(ask(&format!("http://127.0.0.1:{port}")).contains("refuses the connection"));
    let probed = probe(&format!("http://127.0.0.1:{port}"), &[]);
    assert_eq!(probed.status, 2);
    assert_eq!(probed.with("fail"), ["reachable"], "other formats are whole documents");
    assert!(probed.with("pass").is_empty());
}

#[test]
fn bad_calls_are_named() {
    let scratch = Scratch::new();
    let cases: [(&[&str], &str); 14] = [
        (&["chat.example.com"], "write `https://chat.example.com`"),
        (&["ftp://a.b"], "`ftp` is not spoken here"),
        (&["http://"], "the URL has no host"),
        (&["http://a.b:99999"], "is no port"),
        (&["http://user:word@a.b"], "--header"),
        (&["http://a.b/admin"], "--path /admin/socket.io/"),
        (&["http://a.b", "--path", "x"], "begins with `/`"),
        (&["http://a.b", "--health", "x"], "does not begin with `/`"),
        (&["http://a.b", "--header", "A"], "NAME: VALUE"),
        (&["http://a.b", "--header", "A: b\r\nC: d"], "control characters"),
        (&["http://a.b", "--header", "Upgrade: x"], "the probe's own"),
        (&["http://a.b", "--timeout", "0s"], "takes some time"),
        (&["http://a.b", "--max-message", "1TB"], "a size is"),
        (&["http://a.b", "--connect", "a b"], "is no host name"),
    ];
    for (arguments, wanted) in cases {
        let run = scratch.run(&[&["probe"], arguments].concat());
        assert_eq!(run.status, 2, "{arguments:?}");
        assert!(run.err.contains(wanted), "{arguments:?}: {}", run.err);
    }
    let run = scratch.run(&["probe", "http://127.0.0.1:9/socket.io/?EIO=4", "--timeout", "1s"]);
    assert!(run.err.contains("unquoted `&`"), "{}", run.err);
}

#[test]
fn redirects_to_nowhere() {
    let nowhere = |location: &'static str| {
        let text = format!("HTTP/1.1 302 Found\r\n{location}Content-Length: 0\r\n\r\n");
        serve(move |mut client, _| {
            let _ = client.write_all(text.as_bytes());
        })
    };
    fails(&nowhere(""), "302 without a `Location`, so to nowhere");
    let probed = fails(&nowhere("Location: ftp://a.b/c\r\n"), "`ftp` is not spoken here");
    probed.says("redirect", "302 to `ftp://a.b/c`, where no client gets");
    fails(&nowhere("Location: http://[::1\r\n"), "the brackets hold no IPv6 address");
}

#[test]
fn closes_everything_at_once() {
    let probed = probe(&serve(|_, _| ()), &["--quick"]);
    probed.fails(&["handshake", "websocket"]);
    probed.because("handshake", "listen-unreachable").because("websocket", "listen-unreachable");
}

#[test]
fn pings_without_end() {
    let url = serve(|mut client, request| {
        let Some(key) = request.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Key: "))
        else {
            return;
        };
        let accept = sioway::live::websocket::accept(key);
        let head = format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
        );
        let _ = client.write_all(head.as_bytes());
        while client.write_all(&[0x89, 0].repeat(500)).is_ok() {}
    });
    let probed = probe(&url, &["--quick", "--timeout", "500ms", "--transports", "websocket"]);
    probed.says("websocket", "pings or pongs came, and no message");
}
