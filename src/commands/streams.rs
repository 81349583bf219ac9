//! Streams that the call names: stdin, what a shell makes of `<(…)`, and named pipes.
//!
//! What is no file is opened where the call names it, and nowhere else. It is read once, as it has no beginning to go
//! back to, and nothing can be written in its place.

use std::collections::BTreeSet;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use camino::Utf8Path;

use super::files::{MANIFEST_MAX, Unread, decoded};
use super::stop::{Doing, Result, Stop};
use crate::diagnostic::Diagnostic;

/// The streams that were read in this run.
static READ: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// A stream to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stream<'p> {
    /// What comes from stdin.
    Stdin,
    /// What the run has open under a number, and the path that says so.
    Open(u32, &'p Utf8Path),
    /// A pipe that has a name in a directory.
    Pipe(&'p Utf8Path),
}

impl<'p> Stream<'p> {
    /// The stream that a path of the call names, if it does. What stdout and stderr go to is none to read.
    pub(super) fn of(path: &'p Utf8Path) -> Option<Self> {
        match descriptor(path) {
            Some(0) => Some(Self::Stdin),
            Some(1 | 2) => None,
            Some(number) => Some(Self::Open(number, path)),
            None if path == "-" => Some(Self::Stdin),
            None => is_pipe(path).then_some(Self::Pipe(path)),
        }
    }

    /// What its text is called where that is judged.
    pub(super) fn name(self) -> String {
        match self {
            Self::Stdin => "<stdin>".to_owned(),
            Self::Open(number, _) => format!("<fd {number}>"),
            Self::Pipe(path) => format!("<{}>", path.file_name().unwrap_or("pipe")),
        }
    }

    /// Reads all of it, held to what a file may be.
    ///
    /// # Errors
    ///
    /// Also where the run has read it before: nothing would come any more.
    pub(super) fn read(self) -> Result<String> {
        let key = match self {
            Self::Pipe(path) => path.to_string(),
            Self::Stdin | Self::Open(..) => self.name(),
        };
        if !READ.lock().unwrap_or_else(PoisonError::into_inner).insert(key) {
            let problem = Diagnostic::bare("stream-twice", format!("{self} can be read only once"));
            return Err(Stop::call(problem.help("save it, and name the file")));
        }
        let path = self.path();
        let mut bytes = Vec::new();
        let read = self.open().and_then(|from| from.take(MANIFEST_MAX + 1).read_to_end(&mut bytes));
        read.doing("read", path)?;
        if bytes.len() as u64 > MANIFEST_MAX {
            return Err(Stop::call(Unread::TooLarge.diagnostic(path)));
        }
        decoded(bytes).map_err(|unread| Stop::call(unread.diagnostic(path)))
    }

    /// Reads what is to be judged, and cannot be nothing: what makes it may have failed.
    pub(super) fn read_some(self) -> Result<String> {
        let text = self.read()?;
        if text.trim().is_empty() {
            let problem = Diagnostic::bare("empty-stream", format!("nothing came from {self}"));
            return Err(Stop::call(problem.help("see what the command that writes to it says")));
        }
        Ok(text)
    }

    fn path(self) -> &'p Utf8Path {
        match self {
            Self::Stdin => Utf8Path::new("stdin"),
            Self::Open(_, path) | Self::Pipe(path) => path,
        }
    }

    fn open(self) -> io::Result<Box<dyn Read>> {
        Ok(match self {
            // It may be what cannot be opened again, such as a socket.
            Self::Stdin => Box::new(io::stdin()),
            Self::Open(_, path) => Box::new(open_again(path)?),
            Self::Pipe(path) => Box::new(open_pipe(path)?),
        })
    }
}

impl fmt::Display for Stream<'_> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdin => to.write_str("stdin"),
            Self::Open(_, path) | Self::Pipe(path) => write!(to, "`{path}`"),
        }
    }
}

/// The number of what the run has open under a path.
pub(super) fn descriptor(path: &Utf8Path) -> Option<u32> {
    let number = match path.as_str() {
        "/dev/stdin" => return Some(0),
        "/dev/stdout" => return Some(1),
        "/dev/stderr" => return Some(2),
        other => other.strip_prefix("/dev/fd/").or(other.strip_prefix("/proc/self/fd/"))?,
    };
    let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
    number.parse().ok().filter(|_| is_number)
}

#[cfg(unix)]
fn is_pipe(path: &Utf8Path) -> bool {
    use std::os::unix::fs::FileTypeExt;
    path.metadata().is_ok_and(|there| there.file_type().is_fifo())
}

#[cfg(not(unix))]
fn is_pipe(_: &Utf8Path) -> bool {
    false
}

/// Opens what is open already. Its writer may have come and gone: none is waited for.
#[cfg(unix)]
fn open_again(path: &Utf8Path) -> io::Result<File> {
    use std::fs::OpenOptions;
    use std::os::unix::fs::OpenOptionsExt;
    let file = OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(path)?;
    rustix::io::ioctl_fionbio(&file, false)?;
    Ok(file)
}

#[cfg(not(unix))]
fn open_again(path: &Utf8Path) -> io::Result<File> {
    File::open(path)
}

/// How long somebody may take to begin to write to a named pipe.
const PATIENCE: Duration = Duration::from_secs(10);

/// Opens a named pipe, for which somebody has to open it to write.
fn open_pipe(path: &Utf8Path) -> io::Result<File> {
    let (path, (opened, wait)) = (path.to_owned(), mpsc::channel());
    // Where nobody writes, it waits until the run ends.
    thread::spawn(move || opened.send(File::open(path)));
    wait.recv_timeout(PATIENCE).unwrap_or_else(|_| {
        let why = format!("nobody has written to this pipe for {} seconds", PATIENCE.as_secs());
        Err(io::Error::new(io::ErrorKind::TimedOut, why))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_open_is_named_exactly() {
        let number = |path: &str| descriptor(Utf8Path::new(path));
        assert_eq!(number("/dev/stdin"), Some(0));
        assert_eq!(number("/dev/stdout"), Some(1));
        assert_eq!(number("/proc/self/fd/2"), Some(2));
        assert_eq!(number("/dev/fd/63"), Some(63));
        for other in ["dev/stdin", "/dev/fd/", "/dev/fd/+1", "/dev/fd/1/x", "/dev/tty", "-"] {
            assert_eq!(number(other), None, "{other}");
        }
    }

    #[test]
    fn what_is_written_to_is_not_read() {
        let of = |path: &str| Stream::of(Utf8Path::new(path)).map(Stream::name);
        assert_eq!(of("-").as_deref(), Some("<stdin>"));
        assert_eq!(of("/dev/stdin").as_deref(), Some("<stdin>"));
        assert_eq!(of("/dev/fd/63").as_deref(), Some("<fd 63>"));
        assert_eq!(
            [of("/dev/stdout"), of("/dev/fd/2"), of("Cargo.toml"), of("/dev/zero")],
            [const { None }; 4]
        );
    }
}
