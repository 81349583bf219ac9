//! kubectl, asked for the objects of a cluster.

use std::collections::BTreeSet;
use std::time::Duration;

use super::run::{Failure, Output, run};
use super::trouble::Trouble;
use crate::doctor::requests::{KINDS, Request, Scope, Whom, of_cluster};
use crate::doctor::{Cluster, Reading, readout, without_secrets};

/// The context that kubectl uses where none is named.
pub fn context(whom: &Whom, limit: Duration) -> Option<String> {
    if let Some(context) = &whom.context {
        return Some(context.clone());
    }
    let arguments = ["config", "current-context"].map(str::to_owned).to_vec();
    let output = run(&Request { program: "kubectl", arguments }, limit).ok()?;
    let name = output.stdout.trim();
    (output.success && !name.is_empty() && !name.contains('\n')).then(|| name.to_owned())
}

/// Asks a cluster for the objects of some namespaces.
pub fn ask(
    scopes: &[Scope],
    whom: &Whom,
    limit: Duration,
    progress: &mut dyn FnMut(&str),
) -> Reading<Cluster> {
    progress("asking the cluster");
    let mut answer = Answer::default();
    for scope in scopes {
        if let Err(trouble) = answer.add(scope, whom, limit) {
            return Reading::NotChecked { why: trouble.why, advice: trouble.advice };
        }
    }
    if answer.in_part {
        let unseen =
            KINDS.iter().filter(|one| !answer.objects.iter().any(|own| own["kind"] == one.kind));
        answer.refused.extend(unseen.map(|one| one.resource.to_owned()));
    }
    answer.troubles.sort();
    answer.troubles.dedup();
    let context = context(whom, limit).unwrap_or_else(|| "no context".into());
    let namespaces: Vec<String> = scopes
        .iter()
        .map(|one| one.namespace.clone().unwrap_or_else(|| "that of the context".into()))
        .collect();
    Reading::Read {
        from: format!("context {context}, namespace {}", namespaces.join(", ")),
        said: Cluster::asked(answer.objects, scopes, &answer.refused),
        troubles: answer.troubles,
    }
}

#[derive(Default)]
struct Answer {
    objects: Vec<serde_json::Value>,
    /// The resources that it did not tell of.
    refused: Vec<String>,
    troubles: Vec<String>,
    /// The resources that the cluster does not have.
    unknown: BTreeSet<String>,
    /// Whether some resource was not told of, and nobody says which.
    in_part: bool,
}

impl Answer {
    fn add(&mut self, scope: &Scope, whom: &Whom, limit: Duration) -> Result<(), Trouble> {
        // Each try leaves out one resource that the cluster does not have.
        for _ in 0..=KINDS.len() {
            let requests = of_cluster(scope, whom, &self.unknown);
            let outputs: Result<Vec<Output>, Failure> = std::thread::scope(|threads| {
                let running: Vec<_> = requests
                    .iter()
                    .map(|request| threads.spawn(move || run(request, limit)))
                    .collect();
                running.into_iter().map(join).collect()
            });
            let outputs = outputs.map_err(|failure| Trouble::of_failure(&failure))?;
            let unknown = outputs.iter().find_map(|output| unknown(&output.stderr));
            match unknown {
                Some(resource) if self.unknown.insert(resource.to_owned()) => {
                    let kind = KINDS.iter().find(|one| one.resource == resource);
                    let kind = kind.map_or(resource, |kind| kind.kind);
                    self.troubles.push(format!("the cluster knows no {kind}"));
                }
                _ => return outputs.iter().try_for_each(|output| self.take(output)),
            }
        }
        Ok(())
    }

    fn take(&mut self, output: &Output) -> Result<(), Trouble> {
        let refused: Vec<String> = refused(&output.stderr).map(str::to_owned).collect();
        if !output.success && (refused.is_empty() || output.stdout.trim().is_empty()) {
            return Err(Trouble::of_output("kubectl", output));
        }
        let objects = readout::objects(&output.stdout);
        let objects = objects.map_err(|error| Trouble::unreadable("kubectl", &error))?;
        self.objects.extend(objects);
        if let Some(other) = others(&output.stderr).next().filter(|_| !output.success) {
            self.in_part = true;
            self.troubles.push(format!("`{}`", without_secrets(other)));
        }
        self.troubles.extend(refused.iter().map(|one| format!("reading {one} is forbidden")));
        self.refused.extend(refused);
        Ok(())
    }
}

/// What a thread came to.
pub(super) fn join<T>(thread: std::thread::ScopedJoinHandle<'_, T>) -> T {
    match thread.join() {
        Ok(value) => value,
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

/// A resource that the cluster does not have, as it is asked for.
fn unknown(stderr: &str) -> Option<&'static str> {
    let (_, rest) = stderr.split_once("the server doesn't have a resource type \"")?;
    let (name, _) = rest.split_once('"')?;
    let is = |resource: &str| resource == name || resource.split('.').next() == Some(name);
    KINDS.iter().map(|one| one.resource).find(|resource| is(resource))
}

/// The resources that may not be read.
fn refused(stderr: &str) -> impl Iterator<Item = &str> {
    stderr.lines().filter(|line| line.contains("orbidden")).filter_map(|line| {
        let (_, rest) = line.split_once(" resource \"")?;
        rest.split_once('"').map(|(name, _)| name)
    })
}

/// What else is complained of.
fn others(stderr: &str) -> impl Iterator<Item = &str> {
    let is_error = |line: &&str| {
        let lower = line.to_ascii_lowercase();
        (lower.starts_with("error") || lower.starts_with("unable")) && !line.contains("orbidden")
    };
    stderr.lines().map(str::trim).filter(is_error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_what_is_missing_and_what_is_forbidden() {
        let missing = "error: the server doesn't have a resource type \"backendconfigs\"\n";
        assert_eq!(unknown(missing), Some("backendconfigs.cloud.google.com"));
        assert_eq!(unknown("error: the server doesn't have a resource type \"x\""), None);
        let forbidden = "Error from server (Forbidden): ingresses.networking.k8s.io is forbidden: User \"me\" \
            cannot list resource \"ingresses\" in API group \"networking.k8s.io\" in the namespace \"shop\"\n";
        assert_eq!(refused(forbidden).collect::<Vec<_>>(), ["ingresses"]);
    }
}
