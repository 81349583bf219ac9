//! git, asked which files are not as a commit has them.

use std::time::Duration;

use super::run::{Output, run};
use crate::doctor::requests::Request;

/// Why git did not tell, and what may help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Untold {
    /// In one sentence.
    pub why: String,
    /// What to do.
    pub help: &'static str,
}

/// The files that a working tree has otherwise than a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Differing {
    /// The root of the working tree, absolute.
    pub root: String,
    /// The files, from that root: changed, removed, added, and those that git does not know and does not ignore.
    pub files: Vec<String>,
}

/// Asks which files below the root of a repository are not as a commit has them.
///
/// # Errors
///
/// Where there is no git, no repository, no such commit, or no answer in time.
pub fn differing(directory: &str, revision: &str, limit: Duration) -> Result<Differing, Untold> {
    let there = Git { directory, limit };
    let root = there.ask(&["rev-parse", "--show-toplevel"])?;
    let root = root.trim_end_matches(['\r', '\n']);
    let commit = commit(&there, revision)?;
    // Paths are told from where git stands: at the root that is the same whatever `diff.relative` says.
    let there = Git { directory: root, limit };
    let changed = there.ask(&[
        "diff",
        "--name-only",
        "-z",
        "--no-renames",
        "--no-ext-diff",
        &commit,
        "--",
    ])?;
    let unknown = there.ask(&["ls-files", "-z", "--others", "--exclude-standard"])?;
    let names = |told: &str| told.split('\0').map(str::to_owned).collect::<Vec<_>>();
    let mut files = [names(&changed), names(&unknown)].concat();
    files.retain(|name| !name.is_empty());
    Ok(Differing { root: root.to_owned(), files })
}

/// The full name of one commit. A range is none.
fn commit(there: &Git<'_>, revision: &str) -> Result<String, Untold> {
    let help = "name a commit, a branch or a tag; in a shallow clone fetch it first: `git fetch --depth=1 origin REV`";
    let unknown = || Untold { why: format!("git knows no commit `{revision}` here"), help };
    if revision.is_empty() || revision.starts_with('-') {
        return Err(unknown());
    }
    let named = format!("{revision}^{{commit}}");
    let told = there.run(&["rev-parse", "--verify", "--quiet", &named])?;
    let name = told.stdout.trim();
    let is_one = told.success && name.len() >= 40 && name.bytes().all(|b| b.is_ascii_hexdigit());
    if is_one { Ok(name.to_owned()) } else { Err(unknown()) }
}

/// git in a directory.
struct Git<'a> {
    directory: &'a str,
    limit: Duration,
}

impl Git<'_> {
    fn run(&self, arguments: &[&str]) -> Result<Output, Untold> {
        // Nothing is written to the index on the way.
        let before = ["-C", self.directory, "--no-optional-locks"];
        let arguments = before.iter().chain(arguments).map(|&one| one.to_owned()).collect();
        let help = "`--changed-since` asks git; leave it out to take all";
        run(&Request { program: "git", arguments }, self.limit)
            .map_err(|failure| Untold { why: failure.to_string(), help })
    }

    fn ask(&self, arguments: &[&str]) -> Result<String, Untold> {
        let output = self.run(arguments)?;
        if output.success {
            return Ok(output.stdout);
        }
        let complaint = output.stderr.lines().next().unwrap_or("it does not say why");
        let why = format!("`git {}` failed: {complaint}", arguments[0]);
        Err(Untold { why, help: help(&output.stderr, std::env::var_os("GIT_DIR").is_some()) })
    }
}

/// What may help where git refuses: its own advice stands below the line that is shown.
fn help(complaint: &str, has_directory: bool) -> &'static str {
    if complaint.contains("dubious ownership") {
        "the repository is another user's, as in a container: `git config --global --add safe.directory \"$PWD\"` at its root tells git that it is trusted"
    } else if has_directory {
        "the variable GIT_DIR names another repository: unset it, or let it name the one around sioway.toml"
    } else {
        "`--changed-since` needs a git repository around sioway.toml"
    }
}

#[cfg(test)]
mod tests {
    use super::help;

    #[test]
    fn advice_is_about_what_git_complains_of() {
        let dubious = "fatal: detected dubious ownership in repository at '/w'\n";
        assert!(help(dubious, true).contains("safe.directory"));
        assert!(help("fatal: not a git repository: '/x'", true).contains("GIT_DIR"));
        assert!(help("fatal: not a git repository", false).contains("needs a git repository"));
    }
}
