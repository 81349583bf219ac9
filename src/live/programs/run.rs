//! One run of a program, bounded in time and in what it prints.

use std::io::{self, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::doctor::readout::LONGEST;
use crate::doctor::requests::Request;

/// The most that is read of what a program complains.
const COMPLAINT: usize = 64 << 10;

/// How long between two looks at whether a program has ended.
const LOOK: Duration = Duration::from_millis(10);

/// How long the rest may take of a program that has closed its output.
const REST: Duration = Duration::from_secs(2);

/// What a program came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Whether it says that it succeeded.
    pub success: bool,
    /// What it printed.
    pub stdout: String,
    /// What it complained.
    pub stderr: String,
}

/// Why there is nothing of a program.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// It is not there.
    #[error("`{0}` is not installed: it is not on the PATH")]
    Missing(&'static str),
    /// It cannot be started.
    #[error("`{0}` cannot be started: {1}")]
    Start(&'static str, io::Error),
    /// It took too long.
    #[error("`{0}` gave no answer within {secs} s", secs = .1.as_secs())]
    Slow(&'static str, Duration),
    /// It printed too much.
    #[error("`{0}` printed more than {most} MiB", most = LONGEST >> 20)]
    TooLong(&'static str),
    /// It printed no text.
    #[error("`{0}` printed what is no UTF-8 text")]
    NotText(&'static str),
}

/// Runs a program to its end, or ends it.
pub fn run(request: &Request, limit: Duration) -> Result<Output, Failure> {
    let name = request.program;
    let end = Instant::now() + limit;
    let mut running = Running::start(request, Group::Own)?;
    let stdout = collect(running.0.stdout.take(), LONGEST);
    let stderr = collect(running.0.stderr.take(), COMPLAINT);
    let left = || end.saturating_duration_since(Instant::now());
    let slow = || Failure::Slow(name, limit);
    let printed = stdout.recv_timeout(left()).map_err(|_| slow())?;
    if printed.len() > LONGEST {
        return Err(Failure::TooLong(name));
    }
    let complained = stderr.recv_timeout(left().max(REST)).map_err(|_| slow())?;
    let success = running.wait(left().max(REST)).ok_or_else(slow)?;
    let stdout = String::from_utf8(printed).map_err(|_| Failure::NotText(name))?;
    Ok(Output { success, stdout, stderr: String::from_utf8_lossy(&complained).into_owned() })
}

/// All that a stream brings, and one byte more than it may.
fn collect(stream: Option<impl Read + Send + 'static>, most: usize) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(stream) = stream {
            // What came before an error is what there is.
            let _ = stream.take(most as u64 + 1).read_to_end(&mut bytes);
        }
        let _ = sender.send(bytes);
    });
    receiver
}

/// Which group of processes a program is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Group {
    /// One of its own, which can be ended as a whole.
    Own,
    /// sioway's: who interrupts that at the terminal interrupts the program too.
    Ours,
}

/// A program that ends when this does, with what it started.
#[derive(Debug)]
pub(super) struct Running(pub(super) Child, Group);

impl Running {
    pub(super) fn start(request: &Request, group: Group) -> Result<Self, Failure> {
        let mut command = Command::new(request.program);
        command.args(&request.arguments).stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        // gcloud would ask whether to turn an API on.
        command.env("CLOUDSDK_CORE_DISABLE_PROMPTS", "1");
        #[cfg(unix)]
        if group == Group::Own {
            std::os::unix::process::CommandExt::process_group(&mut command, 0);
        }
        command.spawn().map(|child| Self(child, group)).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Failure::Missing(request.program),
            _ => Failure::Start(request.program, error),
        })
    }

    /// Whether it succeeded; `None` if it does not end in time.
    fn wait(&mut self, limit: Duration) -> Option<bool> {
        let end = Instant::now() + limit;
        loop {
            match self.0.try_wait() {
                Ok(Some(status)) => return Some(status.success()),
                Ok(None) if Instant::now() < end => thread::sleep(LOOK),
                Ok(None) | Err(_) => return None,
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if matches!(self.0.try_wait(), Ok(None)) {
            // gcloud is a script that starts Python: all of the group goes.
            #[cfg(unix)]
            if self.1 == Group::Own {
                let _ = rustix::process::kill_process_group(
                    rustix::process::Pid::from_child(&self.0),
                    rustix::process::Signal::KILL,
                );
            }
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str, limit: Duration) -> Result<Output, Failure> {
        let arguments = vec!["-c".to_owned(), script.to_owned()];
        run(&Request { program: "/bin/sh", arguments }, limit)
    }

    const SHORT: Duration = Duration::from_millis(300);
    const LONG: Duration = Duration::from_secs(20);

    #[test]
    fn brings_what_was_printed() {
        let output = shell("echo out; echo err >&2; exit 3", LONG).unwrap();
        let expected = Output { success: false, stdout: "out\n".into(), stderr: "err\n".into() };
        assert_eq!(output, expected);
        assert!(shell("echo $CLOUDSDK_CORE_DISABLE_PROMPTS", LONG).unwrap().stdout == "1\n");
    }

    #[test]
    fn what_hangs_is_ended_with_its_children() {
        let directory = tempfile::tempdir().unwrap();
        let pid = directory.path().join("pid");
        let script = format!("sleep 300 & echo $! > {}; wait", pid.display());
        let failure = shell(&script, SHORT).unwrap_err();
        assert!(matches!(failure, Failure::Slow(..)), "{failure}");
        let child = std::fs::read_to_string(pid).unwrap();
        let gone = || !shell(&format!("kill -0 {child}"), LONG).unwrap().success;
        let end = Instant::now() + LONG;
        while !gone() && Instant::now() < end {
            thread::sleep(LOOK);
        }
        assert!(gone(), "the child of what was ended still runs");
    }

    #[test]
    fn what_closes_its_output_and_stays_is_ended_too() {
        let failure = shell("exec >&- 2>&-; exec sleep 300", SHORT).unwrap_err();
        assert!(matches!(failure, Failure::Slow(..)), "{failure}");
    }

    #[test]
    fn says_what_is_not_there_and_what_is_no_text() {
        let none = Request { program: "/none", arguments: Vec::new() };
        assert_eq!(
            run(&none, SHORT).unwrap_err().to_string(),
            "`/none` is not installed: it is not on the PATH"
        );
        let failure = shell(r"printf '\377'", LONG).unwrap_err();
        assert!(matches!(failure, Failure::NotText(_)), "{failure}");
    }

    #[test]
    fn what_prints_without_end_is_ended() {
        let failure = shell("yes", LONG).unwrap_err();
        assert!(matches!(failure, Failure::TooLong(_)), "{failure}");
    }
}
