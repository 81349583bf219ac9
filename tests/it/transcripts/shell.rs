//! A terminal of somebody who follows a page: a directory, a shell, and the programs that the page speaks of.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::copy;
use crate::tools::{root, tool};

/// Where a page is followed. It lies outside of this repository, and nothing of this terminal is about it.
pub(crate) struct Shell {
    place: TempDir,
    environment: Vec<(String, String)>,
}

/// Who commits, when, and how git does it, so that it comes to the same each time.
const GIT: [(&str, &str); 11] = [
    ("GIT_AUTHOR_NAME", "You"),
    ("GIT_AUTHOR_EMAIL", "you@example.com"),
    ("GIT_AUTHOR_DATE", "2026-01-05T09:00:00Z"),
    ("GIT_COMMITTER_NAME", "You"),
    ("GIT_COMMITTER_EMAIL", "you@example.com"),
    ("GIT_COMMITTER_DATE", "2026-01-05T09:00:00Z"),
    ("GIT_CONFIG_NOSYSTEM", "1"),
    ("GIT_CONFIG_COUNT", "1"),
    ("GIT_CONFIG_KEY_0", "init.defaultBranch"),
    ("GIT_CONFIG_VALUE_0", "main"),
    ("GIT_PAGER", "cat"),
];

impl Shell {
    /// An empty directory, with sioway and kubectl on the path.
    pub(crate) fn new() -> Self {
        let place = tempfile::Builder::new().prefix("sioway-page-").tempdir().unwrap();
        let shell = Self { place, environment: Vec::new() };
        for directory in ["bin", "home", "here"] {
            fs::create_dir(shell.beside(directory)).unwrap();
        }
        symlink(env!("CARGO_BIN_EXE_sioway"), shell.beside("bin/sioway")).unwrap();
        // A link by its name may be to a script that finds its files beside itself.
        let kubectl = fs::canonicalize(tool("kubectl", "kubectl/kubectl")).unwrap();
        symlink(kubectl, shell.beside("bin/kubectl")).unwrap();
        shell
    }

    fn beside(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    /// A path where the page is followed.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.beside("here").join(name)
    }

    /// Writes a file there, and the directories above it.
    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// A program of our own, in the language of the shell, in place of one of that name.
    pub(crate) fn program(&self, name: &str, script: &str) {
        let path = self.beside("bin").join(name);
        let _ = fs::remove_file(&path);
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Sets a variable for all commands.
    pub(crate) fn set(&mut self, key: &str, value: &str) {
        self.environment.push((key.to_owned(), value.to_owned()));
    }

    /// Copies what lies in a directory of this repository.
    pub(crate) fn copy(&self, directory: &str) {
        let from = root().join(directory);
        assert!(from.is_dir(), "{directory} is no directory of this repository");
        copy(&from, &self.path(""));
    }

    /// How a script ends, and what it prints, stdout and stderr as a terminal mixes them.
    pub(crate) fn run(&self, script: &str) -> (i32, String) {
        let path = format!("{}:/usr/local/bin:/usr/bin:/bin", self.beside("bin").display());
        let output = Command::new("/bin/sh")
            .args(["-euc", &format!("exec 2>&1\n{script}")])
            .current_dir(self.path(""))
            .env_clear()
            .env("PATH", path)
            .env("HOME", self.beside("home"))
            .envs([("LC_ALL", "C.UTF-8"), ("TZ", "UTC"), ("PAGER", "cat")])
            .envs(GIT)
            .envs(self.environment.iter().map(|(key, value)| (key, value)))
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let status = output.status.code().expect("nothing is killed by a signal");
        (status, String::from_utf8(output.stdout).expect("what is printed is text"))
    }
}
