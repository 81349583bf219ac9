//! `sioway doctor` on what kubectl and gcloud print, on the programs themselves, and on real servers.

pub(crate) mod gateway;
mod hostile;
mod outside;
#[cfg(unix)]
pub(crate) mod programs;
mod random;
mod saved;

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Deserializer, Value};

use crate::tools::{Scratch, root};

/// What an examination came to.
pub(crate) struct Examined {
    pub(crate) status: i32,
    pub(crate) document: Value,
    pub(crate) err: String,
}

impl Examined {
    pub(crate) fn checks(&self) -> &Vec<Value> {
        self.document["checks"].as_array().unwrap()
    }

    pub(crate) fn check(&self, id: &str) -> &Value {
        self.checks().iter().find(|one| one["id"] == id).unwrap_or_else(|| panic!("no {id}"))
    }

    /// What a check says it saw.
    pub(crate) fn evidence(&self, id: &str) -> &str {
        self.check(id)["evidence"].as_str().unwrap()
    }

    /// The ids of the checks that failed or are in doubt.
    pub(crate) fn bad(&self) -> Vec<&str> {
        self.ids(|one| one["status"] == "fail" || one["status"] == "warn")
    }

    /// Those of them that follow from no other.
    pub(crate) fn roots(&self) -> Vec<&str> {
        let bad = |one: &Value| one["status"] == "fail" || one["status"] == "warn";
        self.ids(|one| bad(one) && one.get("follows").is_none())
    }

    /// What does not hold, for messages.
    pub(crate) fn told(&self) -> String {
        let bad = self.checks().iter().filter(|one| one["status"] != "pass");
        let line = |one: &Value| {
            format!("{} {} {} {}\n", one["id"], one["status"], one["follows"], one["evidence"])
        };
        bad.map(line).collect()
    }

    pub(crate) fn ids(&self, wanted: impl Fn(&Value) -> bool) -> Vec<&str> {
        let found = self.checks().iter().filter(|one| wanted(one));
        found.map(|one| one["id"].as_str().unwrap()).collect()
    }
}

/// The directory of the transcripts, copied.
pub(crate) fn scratch() -> Scratch {
    let scratch = Scratch::new();
    copy(&root().join("tests/cmd/doctor.in"), &scratch.path(""));
    scratch
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The documents of a file, as they were printed one behind the other.
pub(crate) fn documents(scratch: &Scratch, file: &str) -> Vec<Value> {
    let text = scratch.read(file);
    Deserializer::from_str(&text).into_iter().map(Result::unwrap).collect()
}

/// Writes them back.
pub(crate) fn write(scratch: &Scratch, file: &str, documents: &[Value]) {
    let texts: Vec<String> = documents.iter().map(|one| format!("{one:#}\n")).collect();
    scratch.write(file, &texts.concat());
}

/// Runs a command that examines, and reads what comes of it.
pub(crate) fn examined(command: &mut Command) -> Examined {
    let output = command.args(["--format", "json"]).output().unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    Examined {
        status: output.status.code().expect("sioway is not killed by a signal"),
        document: serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}")),
        err,
    }
}

/// Examines the app of the transcripts by what was saved.
pub(crate) fn by_read_outs(scratch: &Scratch, more: &[&str]) -> Examined {
    let app = ["doctor", "app.toml", "--against", "out/chat"];
    examined(&mut scratch.command(&[&app[..], more].concat()))
}

/// The read-outs of a healthy app.
pub(crate) const HEALTHY: [&str; 4] = ["--cluster", "cluster.json", "--cloud", "cloud.json"];
