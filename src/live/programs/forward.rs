//! A way to one pod, past the load balancer: `kubectl port-forward`.

use std::io::{BufRead as _, BufReader, Read};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use super::run::{Failure, Group, Output, Running};
use super::trouble::Trouble;
use crate::doctor::requests::{Request, Whom};

/// A forwarded port, open as long as this is.
#[derive(Debug)]
pub struct Forward {
    /// The port on loopback.
    pub port: u16,
    _running: Running,
}

impl Forward {
    /// The request that opens one to a pod behind a Service, on a port that is free here.
    pub fn request(whom: &Whom, namespace: Option<&str>, service: &str, port: i64) -> Request {
        let context = whom.context.iter().flat_map(|one| ["--context", one]);
        let namespace = namespace.or(whom.namespace.as_deref());
        let namespace = namespace.iter().flat_map(|one| ["--namespace", one]);
        let words = ["port-forward", "--address", "127.0.0.1"];
        let mut arguments: Vec<String> =
            context.chain(namespace).chain(words).map(str::to_owned).collect();
        arguments.extend([format!("service/{service}"), format!(":{port}")]);
        Request { program: "kubectl", arguments }
    }

    /// Opens it, or says why not, and what to do.
    pub fn open(request: &Request, limit: Duration) -> Result<Self, (String, Option<String>)> {
        let of = |failure: &Failure| {
            let trouble = Trouble::of_failure(failure);
            (trouble.why, trouble.advice)
        };
        let started = Running::start(request, Group::Ours);
        let mut running = started.map_err(|failure| of(&failure))?;
        let (sender, receiver) = channel();
        let (stdout, stderr) = (running.0.stdout.take(), running.0.stderr.take());
        thread::spawn(move || {
            let mut lines = stdout.into_iter().flat_map(|out| BufReader::new(out).lines());
            let port = lines.find_map(|line| port(&line.ok()?));
            let _ = sender.send(port);
            // Whoever writes to a closed pipe ends.
            lines.for_each(drop);
        });
        match receiver.recv_timeout(limit) {
            Ok(Some(port)) => {
                thread::spawn(move || stderr.map(|mut all| all.read_to_end(&mut Vec::new())));
                Ok(Self { port, _running: running })
            }
            Ok(None) => {
                let mut text = Vec::new();
                let _ = stderr.map(|all| all.take(64 << 10).read_to_end(&mut text));
                let output = Output {
                    success: false,
                    stdout: String::new(),
                    stderr: String::from_utf8_lossy(&text).into_owned(),
                };
                let trouble = Trouble::of_output("kubectl", &output);
                Err((trouble.why, trouble.advice))
            }
            Err(_) => Err(of(&Failure::Slow("kubectl", limit))),
        }
    }
}

/// The port in `Forwarding from 127.0.0.1:40123 -> 8080`.
fn port(line: &str) -> Option<u16> {
    let address = line.strip_prefix("Forwarding from ")?.split(' ').next()?;
    address.rsplit(':').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_port() {
        assert_eq!(port("Forwarding from 127.0.0.1:40123 -> 8080"), Some(40123));
        assert_eq!(port("Handling connection for 40123"), None);
    }

    #[test]
    fn asks_for_a_port_of_loopback() {
        let whom = Whom { context: Some("c".into()), ..Whom::default() };
        let line = Forward::request(&whom, Some("shop"), "chat", 80).line();
        assert_eq!(
            line,
            "kubectl --context c --namespace shop port-forward --address 127.0.0.1 service/chat :80"
        );
    }
}
