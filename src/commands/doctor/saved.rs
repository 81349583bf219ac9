//! Read-outs that somebody saved.

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;

use super::super::files::read_any;
use super::super::paths::shown;
use super::super::stop::{Result, Stop};
use crate::diagnostic::Diagnostic;
use crate::doctor::readout::{self, Unreadable};
use crate::doctor::requests::Scope;
use crate::doctor::{Cloud, Cluster, Reading};
use crate::path::Model;

type Reader = fn(&str) -> std::result::Result<Vec<Value>, Unreadable>;

/// What was saved of a cluster.
pub(super) fn cluster(files: &[Utf8PathBuf]) -> Result<Reading<Cluster>> {
    let said = Cluster::saved(all(files, readout::objects, "kubectl get … -o json")?);
    Ok(Reading::Read { said, from: names(files), troubles: Vec::new() })
}

/// What was read of the namespaces of the files; whoever saves may have saved those of all.
pub(super) fn within(
    cluster: Reading<Cluster>,
    scopes: &[Scope],
    files: &Model<'_>,
) -> Reading<Cluster> {
    let Reading::Read { said, from, troubles } = cluster else {
        return cluster;
    };
    match said.within(scopes, files) {
        Ok(said) => Reading::Read { said, from, troubles },
        Err(namespaces) => Reading::NotChecked {
            why: format!(
                "the files name no namespace, and several hold objects of their names: {}",
                namespaces.join(", ")
            ),
            advice: Some("name it: `--namespace NAME`".to_owned()),
        },
    }
}

/// What was saved of Google Cloud.
pub(super) fn cloud(files: &[Utf8PathBuf]) -> Result<Reading<Cloud>> {
    let said = Cloud(all(files, readout::resources, "gcloud compute … --format=json")?);
    Ok(Reading::Read { said, from: names(files), troubles: Vec::new() })
}

fn names(files: &[Utf8PathBuf]) -> String {
    let names: Vec<String> = files.iter().map(|file| shown(file)).collect();
    format!("saved in {}", names.join(", "))
}

fn all(files: &[Utf8PathBuf], read: Reader, by: &str) -> Result<Vec<Value>> {
    let mut found = Vec::new();
    for file in files {
        found.extend(one(file, read, by)?);
    }
    Ok(found)
}

fn one(file: &Utf8Path, read: Reader, by: &str) -> Result<Vec<Value>> {
    let text = read_any(file)?.map_err(|unread| Stop::call(unread.diagnostic(file)))?;
    let refused =
        |why: String| {
            let problem = Diagnostic::bare("bad-readout", format!("`{}`: {why}", shown(file)));
            Stop::call(problem.help(format!(
                "save it with `{by} > FILE`; `--print-commands` prints the whole lines"
            )))
        };
    let found = read(&text).map_err(|error| refused(error.to_string()))?;
    if found.is_empty() {
        return Err(refused("it is empty".into()));
    }
    Ok(found)
}
