//! What kubectl and gcloud mean by what they complain.

use super::run::{Failure, Output};
use crate::doctor::without_secrets;

/// Why a layer was not read, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trouble {
    pub(super) why: String,
    pub(super) advice: Option<String>,
}

/// A part of a complaint, what it means, and what to do.
type Meaning = (&'static [&'static str], &'static str, &'static str);

/// What kubectl says, the more special first.
const KUBECTL: &[Meaning] = &[
    (
        &[
            "gke-gcloud-auth-plugin not found",
            "gke-gcloud-auth-plugin\": executable file not found",
        ],
        "kubectl lacks the plugin that logs in to GKE",
        "install it: `gcloud components install gke-gcloud-auth-plugin`",
    ),
    (
        &["context was not found", "no context exists", "context \""],
        "the kubeconfig has no such context",
        "`kubectl config get-contexts` lists them",
    ),
    (
        &["Reauthentication", "gcloud auth login", "invalid_grant", "getting credentials"],
        "kubectl is not logged in",
        "`gcloud auth login`, and try again",
    ),
    (
        &["must be logged in", "Unauthorized", "provide credentials"],
        "the cluster does not take kubectl's login",
        "`gcloud container clusters get-credentials CLUSTER` renews it",
    ),
    (&["orbidden"], "reading is forbidden", "the role `roles/container.viewer` is enough"),
    (
        &["x509:", "certificate"],
        "the cluster's certificate is not trusted",
        "is it the right context?",
    ),
    (
        &["localhost:8080 was refused"],
        "kubectl knows of no cluster: it has no kubeconfig, or no context is chosen",
        "name one: `--context NAME`; `gcloud container clusters get-credentials CLUSTER` makes one",
    ),
    (
        &[
            "Unable to connect",
            "was refused",
            "i/o timeout",
            "no such host",
            "handshake timeout",
            "deadline exceeded",
            "Client.Timeout",
        ],
        "the cluster is not reached",
        "is it the right context, and is the network that it is in reached from here?",
    ),
];

/// What gcloud says.
const GCLOUD: &[Meaning] = &[
    (
        &[
            "active account",
            "Reauthentication",
            "gcloud auth login",
            "invalid_grant",
            "auth tokens",
        ],
        "gcloud is not logged in",
        "`gcloud auth login`, and try again",
    ),
    (
        &["property [project] is not", "must specify a project", "[project] is not currently set"],
        "no project is chosen",
        "name it: `--project NAME`",
    ),
    (
        &["has not been used in project", "SERVICE_DISABLED", "API is not enabled"],
        "the Compute Engine API is off in this project",
        "is it the project that the cluster is in? `--project NAME`",
    ),
    (
        &["PERMISSION_DENIED", "Required '", "does not have permission", "orbidden"],
        "reading is forbidden",
        "the role `roles/compute.viewer` is enough",
    ),
    (
        &["was not found", "could not be found", "NOT_FOUND"],
        "there is no such project or resource",
        "`gcloud projects list` lists the projects",
    ),
    (
        &["Unable to reach", "NewConnectionError", "ConnectionError", "timed out", "resolve"],
        "Google Cloud is not reached",
        "does the network need a proxy?",
    ),
];

impl Trouble {
    /// Why there is nothing of a program.
    pub(super) fn of_failure(failure: &Failure) -> Self {
        let advice = match failure {
            Failure::Missing(_) => "the lines below save what is needed, where it is installed",
            Failure::Slow(..) => "`--timeout` gives it longer; is the network reached?",
            _ => "run the lines below to see what it prints",
        };
        Self { why: failure.to_string(), advice: Some(advice.to_owned()) }
    }

    /// What a program complains of.
    pub(super) fn of_output(program: &'static str, output: &Output) -> Self {
        let meanings = if program == "kubectl" { KUBECTL } else { GCLOUD };
        let said =
            |(needles, ..): &&Meaning| needles.iter().any(|needle| output.stderr.contains(needle));
        let complaint = complaint(&output.stderr);
        match meanings.iter().find(said) {
            Some((_, meaning, advice)) => {
                let why = if complaint.is_empty() {
                    (*meaning).to_owned()
                } else {
                    format!("{meaning}: `{complaint}`")
                };
                Self { why, advice: Some((*advice).to_owned()) }
            }
            None if complaint.is_empty() => {
                Self { why: format!("`{program}` failed, and did not say why"), advice: None }
            }
            None => Self { why: format!("`{program}` failed: `{complaint}`"), advice: None },
        }
    }

    /// Output that cannot be read.
    pub(super) fn unreadable(program: &'static str, why: &impl std::fmt::Display) -> Self {
        let advice = "is another program of that name before it on the PATH?";
        Self {
            why: format!("what `{program}` printed cannot be read: {why}"),
            advice: Some(advice.to_owned()),
        }
    }
}

/// The line of a complaint that says most, without what looks like a secret.
fn complaint(stderr: &str) -> String {
    let lines = || stderr.lines().map(str::trim).filter(|line| !line.is_empty());
    // kubectl logs each try, and says at the end what came of them.
    let is_log = |line: &str| {
        let mut letters = line.bytes();
        letters.next().is_some_and(|one| b"EWIF".contains(&one))
            && letters.next().is_some_and(|one| one.is_ascii_digit())
    };
    let plain = |line: &&str| !is_log(line) && !line.starts_with("WARNING");
    let error = lines().find(|line| line.to_ascii_lowercase().starts_with("error"));
    // gcloud lists what failed below a line that only says that something did.
    let listed = lines().find(|line| line.starts_with("- "));
    let line = match (error, listed) {
        (Some(error), Some(listed)) if error.ends_with(':') => Some(listed),
        (Some(error), _) => Some(error),
        (None, _) => lines().rfind(plain).or_else(|| lines().next_back()),
    };
    shortened(&without_secrets(line.unwrap_or_default()), 200)
}

fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((at, _)) => format!("{}…", &text[..at]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trouble(program: &'static str, stderr: &str) -> String {
        let output = Output { success: false, stdout: String::new(), stderr: stderr.into() };
        Trouble::of_output(program, &output).why
    }

    #[test]
    fn knows_what_kubectl_means() {
        let refused = "E1122 17:19:16.5 1 memcache.go:265] \"Unhandled Error\" err=\"dial tcp\"\n\
            The connection to the server localhost:8080 was refused - did you specify the right host or port?\n";
        for (stderr, expected) in [
            (
                refused,
                "kubectl knows of no cluster: it has no kubeconfig, or no context is chosen: `The connection to the \
                 server localhost:8080 was refused - did you specify the right host or port?`",
            ),
            (
                "Error in configuration: context was not found for specified context: nope\n",
                "the kubeconfig has no such context: `Error in configuration: context was not found for specified \
                 context: nope`",
            ),
            (
                "error: You must be logged in to the server (Unauthorized)\n",
                "the cluster does not take kubectl's login: `error: You must be logged in to the server \
                 (Unauthorized)`",
            ),
            ("", "`kubectl` failed, and did not say why"),
            ("odd\n", "`kubectl` failed: `odd`"),
        ] {
            assert_eq!(trouble("kubectl", stderr), expected);
        }
    }

    #[test]
    fn knows_what_gcloud_means() {
        for (stderr, expected) in [
            (
                "\nERROR: (gcloud.compute.backend-services.list) You do not currently have an active account \
                 selected.\nPlease run:\n\n  $ gcloud auth login\n",
                "gcloud is not logged in: `ERROR: (gcloud.compute.backend-services.list) You do not currently have \
                 an active account selected.`",
            ),
            (
                "ERROR: (gcloud.compute.backend-services.list) Some requests did not succeed:\n \
                 - Required 'compute.backendServices.list' permission for 'projects/shop'\n",
                "reading is forbidden: `- Required 'compute.backendServices.list' permission for 'projects/shop'`",
            ),
        ] {
            assert_eq!(trouble("gcloud", stderr), expected);
        }
    }

    #[test]
    fn repeats_no_secrets() {
        let stderr = "error: token ya29.a0AfH6 of me@example.com, Bearer 0123456789abcdef0123456789abcdef failed";
        let said = trouble("kubectl", stderr);
        assert_eq!(
            said,
            "`kubectl` failed: `error: token [redacted] of [redacted] Bearer [redacted] failed`"
        );
    }
}
