//! The action, step by step as a runner takes it: what `action.yml` says is what runs. Only GitHub itself is played, by
//! `fake_gh.py` for its API and by a directory of files for its releases.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::{Value, json};

use super::{program, releases, repository};
use crate::tools::{Scratch, both, root, tool};

const MARKER: &str = "<!-- sioway review -->";

/// A pull request whose checkout is `repo`.
struct PullRequest {
    scratch: Scratch,
    /// The host of the releases.
    host: PathBuf,
    number: &'static str,
}

/// What a run of the action came to.
struct Job {
    status: i32,
    log: String,
    summary: String,
    result: String,
}

impl PullRequest {
    fn new() -> Self {
        let repository = repository();
        let scratch = Scratch::new();
        std::fs::create_dir(scratch.path("bin")).unwrap();
        std::fs::create_dir(scratch.path("temp")).unwrap();
        let fake = format!(
            "#!/bin/sh\nexec {} {} \"$@\"\n",
            tool("python3", "python/bin/python").display(),
            root().join("tests/it/integrations/fake_gh.py").display()
        );
        program(&scratch, "bin/gh", &fake);
        let copied = Command::new("cp")
            .arg("-r")
            .arg(repository.path(""))
            .arg(scratch.path("repo"))
            .status();
        assert!(copied.unwrap().success());
        let request = Self { scratch, host: releases().to_owned(), number: "7" };
        request.has_comments(&[], false);
        request
    }

    /// What is said on it already, by whom; and whether the token may only read.
    fn has_comments(&self, comments: &[(&str, &str)], read_only: bool) {
        let comments: Vec<Value> = comments
            .iter()
            .enumerate()
            .map(
                |(id, (login, body))| json!({"id": id + 1, "user": {"login": login}, "body": body}),
            )
            .collect();
        let state =
            json!({"comments": comments, "login": "github-actions[bot]", "read_only": read_only});
        self.scratch.write("gh.json", &state.to_string());
    }

    fn comments(&self) -> Vec<String> {
        let state: Value = serde_json::from_str(&self.scratch.read("gh.json")).unwrap();
        let bodies = state["comments"].as_array().unwrap().iter();
        bodies.map(|comment| comment["body"].as_str().unwrap().to_owned()).collect()
    }

    /// All steps, until one fails.
    fn run(&self, with: &[(&str, &str)]) -> Job {
        let action = super::yaml(&std::fs::read_to_string(root().join("action.yml")).unwrap());
        for file in ["summary", "output", "path"] {
            self.scratch.write(file, "");
        }
        let mut job =
            Job { status: 0, log: String::new(), summary: String::new(), result: String::new() };
        for step in action["runs"]["steps"].as_array().unwrap() {
            let output = self.step(step, &action, with);
            job.status = output.status.code().unwrap();
            job.log.push_str(&both(&output));
            if job.status != 0 {
                break;
            }
        }
        job.summary = self.scratch.read("summary");
        job.result = self.output("result");
        job
    }

    /// A step, as a runner starts it: `bash --noprofile --norc -e -o pipefail` with a file.
    fn step(&self, step: &Value, action: &Value, with: &[(&str, &str)]) -> Output {
        assert_eq!(step["shell"], "bash", "a step of a composite action names its shell");
        let known = ["name", "id", "shell", "working-directory", "run", "env"];
        assert!(
            step.as_object().unwrap().keys().all(|key| known.contains(&key.as_str())),
            "{step}"
        );
        let evaluated = |text: &Value| self.evaluated(text.as_str().unwrap(), action, with);
        self.scratch.write("step.sh", &evaluated(&step["run"]));
        let mut bash = Command::new("bash");
        bash.args(["--noprofile", "--norc", "-e", "-o", "pipefail"])
            .arg(self.scratch.path("step.sh"));
        bash.env_clear().envs(self.environment());
        for (key, value) in step["env"].as_object().unwrap() {
            bash.env(key, evaluated(value));
        }
        let within = step.get("working-directory").map_or(".".to_owned(), evaluated);
        bash.current_dir(self.scratch.path("repo").join(within)).output().unwrap()
    }

    fn environment(&self) -> BTreeMap<&'static str, String> {
        let file = |name: &str| self.scratch.path(name).to_str().unwrap().to_owned();
        let added = self.scratch.read("path");
        let path = format!("{}:{}:{}", added.trim(), file("bin"), std::env::var("PATH").unwrap());
        BTreeMap::from([
            ("PATH", path.trim_start_matches(':').to_owned()),
            ("FAKE_GH", file("gh.json")),
            ("GITHUB_ACTION_PATH", root().to_str().unwrap().to_owned()),
            ("GITHUB_ACTIONS", "true".to_owned()),
            ("GITHUB_OUTPUT", file("output")),
            ("GITHUB_PATH", file("path")),
            ("GITHUB_REPOSITORY", "acme/clusters".to_owned()),
            ("GITHUB_RUN_ID", "42".to_owned()),
            ("GITHUB_SERVER_URL", format!("file://{}", self.host.display())),
            ("GITHUB_STEP_SUMMARY", file("summary")),
            ("RUNNER_ARCH", "X64".to_owned()),
            ("RUNNER_OS", "Linux".to_owned()),
            ("RUNNER_TEMP", file("temp")),
        ])
    }

    /// A text with its `${{ … }}` filled in; one that this does not know fails the test.
    fn evaluated(&self, text: &str, action: &Value, with: &[(&str, &str)]) -> String {
        let mut parts = text.split("${{");
        let mut done = parts.next().unwrap().to_owned();
        for part in parts {
            let (expression, rest) = part.split_once("}}").unwrap();
            done.push_str(&self.value(expression.trim(), action, with));
            done.push_str(rest);
        }
        done
    }

    fn value(&self, expression: &str, action: &Value, with: &[(&str, &str)]) -> String {
        if let Some(input) = expression.strip_prefix("inputs.") {
            let given = with.iter().find(|(key, _)| *key == input).map(|(_, value)| *value);
            let default = action["inputs"][input]["default"].as_str();
            let value = given.or(default).unwrap_or_else(|| panic!("there is no input {input}"));
            return self.evaluated(value, action, with);
        }
        match expression {
            "github.action_repository" => "OWNER/sioway".to_owned(),
            "github.event.pull_request.number" => self.number.to_owned(),
            "github.token" => "a-token".to_owned(),
            "steps.install.outputs.work" => self.output("work"),
            other => panic!("what is {other}?"),
        }
    }

    /// What a step has handed on; nothing where it did not come to that.
    fn output(&self, name: &str) -> String {
        let outputs = self.scratch.read("output");
        let found = outputs.lines().find_map(|line| line.strip_prefix(&format!("{name}=")));
        found.unwrap_or_default().to_owned()
    }

    /// Takes away what the action finds.
    fn repair(&self) {
        std::fs::remove_dir_all(self.scratch.path("repo/k8s")).unwrap();
        self.scratch
            .write("repo/out/chat/service.yaml", &repository().read("out/chat/service.yaml"));
    }

    fn break_what_is_rendered(&self) {
        let service = self.scratch.read("repo/out/chat/service.yaml");
        self.scratch.write("repo/out/chat/service.yaml", &service.replace("port: 80", "port: 81"));
    }
}

#[test]
fn a_pull_request_is_reviewed_and_its_comment_kept_up_to_date() {
    let request = PullRequest::new();
    request.break_what_is_rendered();
    let stranger = format!("{MARKER}\r\nnot yours");
    request.has_comments(
        &[("mallory", &stranger), ("github-actions[bot]", "of another action"), ("ann", "hi")],
        false,
    );
    let job = request.run(&[]);
    assert_eq!((job.status, job.result.as_str()), (1, "findings"), "{}", job.log);
    assert!(job.log.contains("::error file=k8s/service.yaml,line=6,"), "{}", job.log);
    assert!(job.log.contains("::notice file=out/chat/service.yaml,line="), "{}", job.log);
    assert!(
        job.summary.contains("### sioway lint: ") && job.summary.contains("### sioway diff"),
        "{}",
        job.summary
    );
    let first = request.comments();
    assert_eq!(first.len(), 4);
    assert!(
        first[3].starts_with(&format!("{MARKER}\n"))
            && first[3].contains("backendconfig-on-ingress")
    );
    assert!(first[3].contains("spec.ports"), "{}", first[3]);

    request.repair();
    let job = request.run(&[]);
    assert_eq!((job.status, job.result.as_str()), (0, "clean"), "{}", job.log);
    let second = request.comments();
    assert_eq!(second.len(), 4, "one comment is brought up to date");
    assert_eq!(second[..3], first[..3], "what others wrote stays");
    assert!(!second[3].contains("backendconfig-on-ingress"), "{}", second[3]);
}

#[test]
fn nothing_is_said_where_there_is_nothing_to_say() {
    let request = PullRequest::new();
    request.repair();
    let job = request.run(&[]);
    assert_eq!(job.status, 0, "{}", job.log);
    assert!(request.comments().is_empty());
    assert!(!job.log.contains("::error") && !job.log.contains("::warning"), "{}", job.log);
}

#[test]
fn findings_pass_where_that_is_wanted_and_what_cannot_be_read_never() {
    let request = PullRequest::new();
    let with = [("fail", "false"), ("checks", "lint"), ("paths", "\n  k8s\n  out \n")];
    let job = request.run(&with);
    assert_eq!((job.status, job.result.as_str()), (0, "findings"), "{}", job.log);
    assert!(!job.summary.contains("sioway diff"), "{}", job.summary);
    request.scratch.write("repo/k8s/broken.yaml", "a: [\n");
    let job = request.run(&with);
    assert_eq!((job.status, job.result.as_str()), (2, "failed"), "{}", job.log);
    let job = request.run(&[("checks", "lint diff"), ("apps", "nobody"), ("paths", "out")]);
    assert_eq!(job.status, 2, "{}", job.log);
    assert!(
        request.comments()[0].contains("### sioway diff: could not run"),
        "{:?}",
        request.comments()
    );
    let job = request.run(&[("checks", "lint, rm")]);
    assert_eq!(job.status, 2);
    assert!(job.log.contains("not `rm`"), "{}", job.log);
}

#[test]
fn apps_environments_and_paths_reach_diff_as_they_are() {
    let request = PullRequest::new();
    request.scratch.write("repo/with space/old.yaml", "");
    let job = request.run(&[("checks", "diff"), ("apps", "chat"), ("against", "with space\n")]);
    assert_eq!(job.status, 1, "{}", job.log);
    let absent = job.log.lines().filter(|line| line.contains("sioway%3A object-not-there")).count();
    assert_eq!(absent, 4, "that directory has nothing of the app: {}", job.log);
    let job = request.run(&[("checks", "diff"), ("environment", "moon")]);
    assert_eq!(job.status, 2);
    assert!(job.log.contains("there is no environment `moon`"), "{}", job.log);
    let job = request.run(&[("checks", "diff"), ("working-directory", "apps/chat")]);
    assert_eq!(job.status, 0, "{}", job.log);
}

/// Each says what it found, in a comment of its own.
#[test]
fn two_directories_have_two_comments() {
    let request = PullRequest::new();
    for _ in 0..2 {
        for directory in [".", "k8s"] {
            let job = request.run(&[("working-directory", directory), ("checks", "lint")]);
            assert_eq!(job.status, 1, "{}", job.log);
        }
    }
    let comments = request.comments();
    let first: Vec<&str> = comments.iter().filter_map(|comment| comment.lines().next()).collect();
    assert_eq!(first, [MARKER, "<!-- sioway review of k8s -->"]);
}

/// GitHub shows ten of a level for each step, and drops the others without a word.
#[test]
fn no_step_has_more_annotations_than_github_shows() {
    let request = PullRequest::new();
    request.break_what_is_rendered();
    let action = super::yaml(&std::fs::read_to_string(root().join("action.yml")).unwrap());
    for file in ["summary", "output", "path"] {
        request.scratch.write(file, "");
    }
    let mut annotated = 0;
    for step in action["runs"]["steps"].as_array().unwrap() {
        let log = both(&request.step(step, &action, &[]));
        for level in ["::error ", "::warning ", "::notice "] {
            let count = log.lines().filter(|line| line.starts_with(level)).count();
            assert!(count <= 10, "{}: {log}", step["name"]);
            annotated += usize::from(count > 0);
        }
    }
    assert!(annotated >= 3, "lint has errors and warnings, diff has warnings");
}

#[test]
fn a_fork_has_annotations_and_no_comment() {
    let request = PullRequest::new();
    request.has_comments(&[], true);
    let job = request.run(&[]);
    assert_eq!(job.status, 1, "{}", job.log);
    assert!(job.log.contains("::warning title=sioway::no comment can be written"), "{}", job.log);
    assert!(job.log.contains("::error file="), "{}", job.log);
}

#[test]
fn a_push_has_no_comment() {
    let mut request = PullRequest::new();
    request.number = "";
    let job = request.run(&[]);
    assert_eq!(job.status, 1, "{}", job.log);
    assert!(request.comments().is_empty() && !job.log.contains("gh:"), "{}", job.log);
}

#[test]
fn a_comment_is_never_longer_than_github_takes() {
    let request = PullRequest::new();
    let faulty = request.scratch.read("repo/k8s/service.yaml");
    for index in 0..150 {
        let name = format!("board{index}");
        let files = ["service", "ingress", "backendconfig"];
        let texts = files.map(|file| {
            request.scratch.read(&format!("repo/k8s/{file}.yaml")).replace("board", &name)
        });
        request.scratch.write(&format!("repo/k8s/many/{index}.yaml"), &texts.join("---\n"));
    }
    assert!(faulty.contains("board"));
    request.break_what_is_rendered();
    let job = request.run(&[]);
    assert_eq!(job.status, 1);
    assert!(job.summary.chars().count() > 65_000, "{}", job.summary.len());
    let comments = request.comments();
    assert_eq!(comments.len(), 1, "{}", job.log);
    let link = format!("(file://{}/acme/clusters/actions/runs/42)", request.host.display());
    assert!(comments[0].contains(&link), "{}", &comments[0][comments[0].len() - 300..]);
    assert!(
        comments[0].contains("### sioway lint: ") && comments[0].contains("### sioway diff"),
        "headings stay"
    );
}

#[test]
fn suggestions_are_what_write_would_do() {
    let request = PullRequest::new();
    request.break_what_is_rendered();
    let job = request.run(&[("suggestions", "true")]);
    assert_eq!(job.status, 2, "without reviewdog");
    assert!(job.log.contains("suggestions need reviewdog"), "{}", job.log);
    let fake = "#!/bin/sh\necho \"$@\" \"$REVIEWDOG_GITHUB_API_TOKEN\" > \"$RUNNER_TEMP/called\"\ncat > \"$RUNNER_TEMP/rdjson\"\n";
    program(&request.scratch, "bin/reviewdog", fake);
    let job = request.run(&[("suggestions", "true")]);
    assert_eq!(job.status, 1, "{}", job.log);
    let called = request.scratch.read("temp/called");
    for word in ["-f=rdjson", "-reporter=github-pr-review", "-filter-mode=nofilter", "a-token"] {
        assert!(called.split_whitespace().any(|one| one == word), "{word}: {called}");
    }
    let read: Value = serde_json::from_str(&request.scratch.read("temp/rdjson")).unwrap();
    let all = read["diagnostics"].as_array().unwrap();
    let texts: Vec<&str> =
        all.iter().filter_map(|one| one["suggestions"][0]["text"].as_str()).collect();
    assert!(texts.iter().any(|text| text.contains("80")), "{read}");
    // What stops it is no review without suggestions.
    let job = request.run(&[("suggestions", "true"), ("checks", "lint"), ("apps", "nobody")]);
    assert_eq!((job.status, job.result.as_str()), (2, "failed"), "{}", job.log);
}

#[test]
fn what_was_not_released_is_not_installed() {
    let mut request = PullRequest::new();
    let job = request.run(&[("version", "v9.9.9")]);
    assert_eq!(job.status, 2);
    assert!(
        job.log.contains("releases/download/v9.9.9/")
            && job.log.contains("could not be downloaded"),
        "{}",
        job.log
    );

    let host = request.scratch.path("host");
    assert!(Command::new("cp").arg("-r").arg(releases()).arg(&host).status().unwrap().success());
    let name = format!("sioway-{0}-x86_64-unknown-linux-musl.tar.gz", super::VERSION);
    let archive =
        host.join(format!("OWNER/sioway/releases/download/v{}", super::VERSION)).join(name);
    let mut bytes = std::fs::read(&archive).unwrap();
    bytes[1000] ^= 1;
    std::fs::write(&archive, bytes).unwrap();
    request.host = host;
    let job = request.run(&[]);
    assert_eq!(job.status, 2);
    assert!(job.log.contains("is not what was released"), "{}", job.log);
    assert!(job.result.is_empty(), "nothing else runs");
}
