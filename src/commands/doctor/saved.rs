//! Read-outs that somebody saved.

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;

use super::super::files::read_named;
use super::super::paths::shown;
use super::super::stop::{Result, Stop};
use crate::diagnostic::Diagnostic;
use crate::doctor::readout::{self, Unreadable};
use crate::doctor::requests::Scope;
use crate::doctor::{Cloud, Cluster, Reading};
use crate::path::Model;

type Reader = fn(&str) -> std::result::Result<Vec<Value>, Unreadable>;

/// What was saved of a cluster. Where kubectl finds nothing, it prints nothing, or a list without items.
pub(super) fn cluster(files: &[Utf8PathBuf]) -> Result<Reading<Cluster>> {
    let (objects, empty) = all(files, readout::objects, "kubectl get … -o json")?;
    if objects.is_empty() {
        let has = if files.len() == 1 { "holds" } else { "hold" };
        return Ok(Reading::NotChecked {
            why: format!(
                "{} {has} no object: the cluster has none of those that it was asked for",
                listed(files)
            ),
            advice: Some(
                "are the namespace and the context right? `--namespace NAME` and `--context NAME` put them into the lines of `--print-commands`"
                    .to_owned(),
            ),
        });
    }
    let trouble = |file: &&Utf8PathBuf| {
        format!("{} holds no object: the cluster has none of those asked for there", shown(file))
    };
    let troubles = empty.iter().map(trouble).collect();
    Ok(Reading::Read { said: Cluster::saved(objects), from: names(files), troubles })
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
    let by = "gcloud compute … --format=json";
    let (resources, empty) = all(files, readout::resources, by)?;
    if let Some(file) = empty.first() {
        return Err(refused(file, by, "it is empty"));
    }
    Ok(Reading::Read { said: Cloud(resources), from: names(files), troubles: Vec::new() })
}

fn names(files: &[Utf8PathBuf]) -> String {
    format!("saved in {}", listed(files))
}

fn listed(files: &[Utf8PathBuf]) -> String {
    let names: Vec<String> = files.iter().map(|file| shown(file)).collect();
    names.join(", ")
}

/// What all files hold, and those that hold nothing.
fn all<'f>(
    files: &'f [Utf8PathBuf],
    read: Reader,
    by: &str,
) -> Result<(Vec<Value>, Vec<&'f Utf8PathBuf>)> {
    let (mut found, mut empty) = (Vec::new(), Vec::new());
    for file in files {
        let own = one(file, read, by)?;
        if own.is_empty() {
            empty.push(file);
        }
        found.extend(own);
    }
    Ok((found, empty))
}

fn one(file: &Utf8Path, read: Reader, by: &str) -> Result<Vec<Value>> {
    read(&read_named(file)?).map_err(|error| refused(file, by, &error.to_string()))
}

fn refused(file: &Utf8Path, by: &str, why: &str) -> Stop {
    let problem = Diagnostic::bare("bad-readout", format!("`{}`: {why}", shown(file)));
    let help = format!("save it with `{by} > FILE`; `--print-commands` prints the whole lines");
    Stop::call(problem.help(help))
}
