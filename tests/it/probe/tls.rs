//! TLS, on a real nginx. The certificates are for `localhost` and signed by nobody: one for a hundred years, one
//! expired.

use serde_json::json;

use super::{UPGRADE, server};
use crate::lab::bench::{Nginx, Running, free_port};
use crate::tools::{Run, Scratch, root};

fn file(name: &str) -> String {
    root().join("tests/lab/tls").join(name).to_str().unwrap().to_owned()
}

fn encrypted(certificate: &str, more: &str) -> (Running, Nginx) {
    let port = free_port();
    let running = server(port, &json!({}));
    let tls = free_port();
    let location = format!(
        "listen 127.0.0.1:{tls} ssl; ssl_certificate \"{}\"; ssl_certificate_key \"{}\"; {more}\n\
         location / {{ proxy_pass http://127.0.0.1:{port}; {UPGRADE} }}",
        file(certificate),
        file("key.pem")
    );
    let mut nginx = super::nginx("", &location);
    nginx.listen = tls;
    (running, nginx)
}

/// A probe that trusts the lab's certificates.
fn probe(arguments: &[&str], trusts: &str) -> Run {
    let scratch = Scratch::new();
    let always = ["probe", "--quick", "--sessions", "2", "--timeout", "3s"];
    let output = scratch
        .command(&[&always, arguments].concat())
        .env("SSL_CERT_FILE", file(trusts))
        .output()
        .unwrap();
    Run {
        status: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn a_trusted_certificate_passes() {
    for versions in ["ssl_protocols TLSv1.2;", "ssl_protocols TLSv1.3;"] {
        let (_server, nginx) = encrypted("valid.pem", versions);
        let run = probe(&[&format!("https://localhost:{}", nginx.listen)], "valid.pem");
        assert_eq!(run.status, 0, "{}{}", run.out, run.err);
        assert!(
            run.out.contains(", TLS 1.") && run.out.contains("with a valid certificate"),
            "{}",
            run.out
        );
    }
}

#[test]
fn bad_certificates_are_named() {
    let (_server, nginx) = encrypted("valid.pem", "");
    let url = format!("https://localhost:{}", nginx.listen);
    let untrusted = Scratch::new().run(&["probe", &url]);
    assert_eq!(untrusted.status, 2);
    assert!(untrusted.err.contains("self-signed"), "{}", untrusted.err);
    let other = probe(
        &["https://other.test", "--connect", &format!("localhost:{}", nginx.listen)],
        "valid.pem",
    );
    assert_eq!(other.status, 2);
    assert!(other.err.contains("for another host name"), "{}", other.err);
    let insecure = probe(&[&url, "--insecure"], "expired.pem");
    assert_eq!(insecure.status, 0, "{}{}", insecure.out, insecure.err);
    assert!(insecure.out.contains("the certificate was not checked"), "{}", insecure.out);
    let (_server, nginx) = encrypted("expired.pem", "");
    let run = probe(&[&format!("https://localhost:{}", nginx.listen)], "expired.pem");
    assert_eq!(run.status, 2);
    assert!(run.err.contains("has expired"), "{}", run.err);
}

#[test]
fn plain_http_is_no_tls_and_tls_no_plain_http() {
    let port = free_port();
    let _server = server(port, &json!({}));
    let run = probe(&[&format!("https://localhost:{port}")], "valid.pem");
    assert_eq!(run.status, 2);
    assert!(
        run.err.contains("is this a port for plain HTTP?") || run.err.contains("closed"),
        "{}",
        run.err
    );
    let (_server, nginx) = encrypted("valid.pem", "");
    let run = probe(&[&format!("http://localhost:{}", nginx.listen)], "valid.pem");
    assert_eq!(run.status, 1, "nginx says so itself: {}", run.err);
    assert!(run.out.contains("400 "), "{}", run.out);
}

#[test]
fn a_redirect_to_the_same_url_with_tls_is_followed() {
    let (_server, nginx) = encrypted("valid.pem", "");
    let to = format!("location / {{ return 301 https://localhost:{}$request_uri; }}", nginx.listen);
    let plain = super::nginx("", &to);
    let run = probe(&[&format!("http://localhost:{}", plain.listen)], "valid.pem");
    assert_eq!(run.status, 0, "{}{}", run.out, run.err);
    assert!(run.out.contains("! the URL is answered without a redirect"), "{}", run.out);
}
