//! Reading and replacing files. A file is old or new, never half of either.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};

use camino::{Utf8Path, Utf8PathBuf};

use super::paths::{check_within, shown};
use super::stop::{Doing, Result, Stop};
use super::streams::Stream;
use super::together::Waiting;
use crate::diagnostic::Diagnostic;

/// A description of an app is a few hundred bytes; whatever is larger is something else.
const INPUT_MAX: u64 = 4 << 20;

/// Whether a word of the command line, or of a profile, is a path rather than a name.
pub(super) fn is_path(word: &str) -> bool {
    word.contains('/') || Utf8Path::new(word).extension() == Some("toml")
}

/// Reads a text that a person wrote.
pub(super) fn read_text(path: &Utf8Path) -> Result<String> {
    let (file, length) = open_regular(path).doing("read", path)?;
    let mut bytes = Vec::with_capacity(length.min(1 << 16) + 1);
    file.take(INPUT_MAX + 1).read_to_end(&mut bytes).doing("read", path)?;
    let refused =
        |id, what: String| Stop::call(Diagnostic::bare(id, format!("`{}` {what}", shown(path))));
    if bytes.len() as u64 > INPUT_MAX {
        return Err(refused("too-large", format!("is larger than {} MiB", INPUT_MAX >> 20)));
    }
    String::from_utf8(bytes).map_err(|_| refused("not-utf8", "is not UTF-8 text".into()))
}

/// The largest file that is taken for a manifest.
pub(super) const MANIFEST_MAX: u64 = 64 << 20;

/// Why a file was left unread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unread {
    /// It is larger than any manifest.
    TooLarge,
    /// It is not UTF-8, from this line on, counted from 1.
    NotText(usize),
}

impl Unread {
    /// In words.
    pub(super) fn diagnostic(self, path: &Utf8Path) -> Diagnostic {
        match self {
            Self::TooLarge => {
                let message =
                    format!("`{}` is larger than {} MiB", shown(path), MANIFEST_MAX >> 20);
                Diagnostic::bare("too-large", message).help("name the files to check one by one")
            }
            Self::NotText(line) => {
                let message = format!("`{}` is not UTF-8 text: see line {line}", shown(path));
                Diagnostic::bare("not-utf8", message)
                    .help("Kubernetes reads UTF-8: save it as that")
            }
        }
    }
}

/// Reads a file of whatever origin.
pub(super) fn read_any(path: &Utf8Path) -> Result<std::result::Result<String, Unread>> {
    let (file, length) = open_regular(path).doing("read", path)?;
    if length as u64 > MANIFEST_MAX {
        return Ok(Err(Unread::TooLarge));
    }
    let mut bytes = Vec::with_capacity(length + 1);
    // It may have grown since.
    file.take(MANIFEST_MAX + 1).read_to_end(&mut bytes).doing("read", path)?;
    if bytes.len() as u64 > MANIFEST_MAX {
        return Ok(Err(Unread::TooLarge));
    }
    Ok(decoded(bytes))
}

/// Reads what the call names: a file, or a stream.
pub(super) fn read_named(path: &Utf8Path) -> Result<String> {
    match Stream::of(path) {
        Some(stream) => stream.read(),
        None => read_found(path),
    }
}

/// Reads a file that has to be read.
pub(super) fn read_found(path: &Utf8Path) -> Result<String> {
    read_any(path)?.map_err(|unread| Stop::call(unread.diagnostic(path)))
}

/// The text that some bytes are.
pub(super) fn decoded(bytes: Vec<u8>) -> std::result::Result<String, Unread> {
    String::from_utf8(bytes).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        Unread::NotText(good.split(|byte| *byte == b'\n').count())
    })
}

/// Reads a file that may be absent.
pub(super) fn read_if_there(path: &Utf8Path) -> Result<Option<Vec<u8>>> {
    let Some((mut file, length)) = open_if_there(path)? else {
        return Ok(None);
    };
    let mut bytes = Vec::with_capacity(length);
    file.read_to_end(&mut bytes).doing("read", path)?;
    Ok(Some(bytes))
}

/// Whether a file holds exactly these bytes; `None` where there is no file.
pub(super) fn same(path: &Utf8Path, bytes: &[u8]) -> Result<Option<bool>> {
    let Some((mut file, length)) = open_if_there(path)? else {
        return Ok(None);
    };
    if length != bytes.len() {
        return Ok(Some(false));
    }
    let mut there = vec![0; length];
    match file.read_exact(&mut there) {
        Ok(()) => Ok(Some(there == bytes)),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(Some(false)),
        Err(error) => Err(error).doing("read", path),
    }
}

fn open_if_there(path: &Utf8Path) -> Result<Option<(File, usize)>> {
    match open_regular(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        opened => opened.map(Some).doing("read", path),
    }
}

/// Opens a file for reading without waiting, and tells its length: a pipe or a device in its place is an
/// error, not a hang.
fn open_regular(path: &Utf8Path) -> io::Result<(File, usize)> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK);
    let file = options.open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    Ok((file, usize::try_from(metadata.len()).unwrap_or(usize::MAX)))
}

/// Makes a directory and those above it, unless a link leads them elsewhere.
pub(super) fn make_directory(path: &Utf8Path) -> Result<()> {
    check_within(path, path.parent().unwrap_or(path))?;
    fs::create_dir_all(path).doing("make", path)
}

/// Writes a file that must not be there yet, into a directory that nobody sees yet.
pub(super) fn write_new(path: &Utf8Path, bytes: &[u8]) -> Result<()> {
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
        .and_then(|mut file| file.write_all(bytes));
    written.doing("write", path)
}

/// Writes a file that must not be there yet: aside, and under its name once it is whole.
pub(super) fn create(path: &Utf8Path, bytes: &[u8]) -> Result<()> {
    Waiting::created(path, bytes)?.publish()
}

/// Replaces a file whole, keeping its mode: writes aside, then renames.
///
/// A symlink is followed, so that the file it names is replaced and the link stays.
pub(super) fn replace(path: &Utf8Path, bytes: &[u8]) -> Result<()> {
    Waiting::replacing(path, bytes)?.publish()
}

/// The name that a file or a directory is built under, next to where it will be.
pub(super) fn aside(target: &Utf8Path) -> Utf8PathBuf {
    target.with_file_name(format!(".{}.sioway-new", target.file_name().unwrap_or("out")))
}

/// Paths that are all there.
pub(super) fn present(paths: &[Utf8PathBuf]) -> Result<Vec<Utf8PathBuf>> {
    match paths.iter().find(|path| Stream::of(path).is_none() && !path.exists()) {
        None => Ok(paths.to_vec()),
        Some(path) => Err(Stop::call(
            Diagnostic::bare("no-such-path", format!("there is no `{path}`"))
                .help("name an app of the workspace, or a file or directory with manifests"),
        )),
    }
}
