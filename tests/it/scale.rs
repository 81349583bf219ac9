//! Many apps: a part of them, an interrupted run, and the same words whatever the threads.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use crate::tools::{Run, Scratch, both, git, python};

/// Apps that render, among them some that cannot, one that claims what another does, and one directory that is stale.
fn workspace(apps: usize) -> Scratch {
    let scratch = Scratch::new();
    scratch.write("sioway.toml", "apps = [\"apps/*/app.toml\"]\n");
    for app in 0..apps {
        let text = match app {
            7 => "name = \"app-7\"\nhost = 3\n".to_owned(),
            9 => "name = \"app-8\"\nhost = \"twin.example.com\"\nport = 3000\n".to_owned(),
            _ => described(app),
        };
        scratch.write(&format!("apps/app-{app}/app.toml"), &text);
    }
    scratch
}

fn described(app: usize) -> String {
    format!("name = \"app-{app}\"\nhost = \"app-{app}.example.com\"\nport = 3000\n")
}

/// All files below a directory, but what is git's.
fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![root.to_owned()];
    while let Some(directory) = waiting.pop() {
        for entry in fs::read_dir(&directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.extend((path.file_name().unwrap() != ".git").then_some(path));
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    found
}

fn commit(scratch: &Scratch) {
    git(&scratch.path(""), &["add", "-A"]);
    git(&scratch.path(""), &["commit", "-q", "-m", "x"]);
}

fn with_threads(scratch: &Scratch, arguments: &[&str], threads: usize) -> (i32, String, String) {
    let mut command = scratch.command(arguments);
    let output = command.env("RAYON_NUM_THREADS", threads.to_string()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// Breaks what is there in several ways that diff and lint speak of.
fn break_some(scratch: &Scratch, apps: usize) {
    for app in (0..apps).filter(|app| ![7, 8, 9].contains(app)) {
        let path = |name: &str| format!("out/app-{app}/{name}");
        if app % 3 == 0 {
            let text = scratch.read(&path("backendconfig.yaml")).replace("86400", "30");
            scratch.write(&path("backendconfig.yaml"), &text);
        }
        if app % 4 == 0 {
            // Neither manifest nor mistake: a note is said of it.
            scratch.write(&path("extra.yaml"), "kind: {{ .Values.kind }}\nname: {{ x }}\n");
        }
        if app % 10 == 1 {
            scratch.write(&path("service.yaml"), "a: [b\n");
        }
    }
}

#[test]
fn the_same_words_in_the_same_order_whatever_the_threads() {
    let scratch = workspace(60);
    assert_eq!(scratch.run(&["render"]).status, 2);
    break_some(&scratch, 60);
    for arguments in [
        &["render", "--check"][..],
        &["diff"],
        &["diff", "--format", "json"],
        &["lint", "out", "--format", "json"],
        &["lint"],
    ] {
        let one = with_threads(&scratch, arguments, 1);
        assert_ne!(one.0, 0, "{arguments:?} has something to say");
        for threads in [2, 5, 16] {
            assert_eq!(with_threads(&scratch, arguments, threads), one, "{arguments:?}, {threads}");
        }
    }
}

#[test]
fn apps_that_are_at_fault_are_all_told_and_the_others_rendered() {
    let scratch = workspace(40);
    scratch.write("apps/app-20/app.toml", "name = \n");
    let run = scratch.run(&["render"]);
    assert_eq!(run.status, 2);
    for place in [
        "apps/app-7/app.toml:2",
        "apps/app-8/app.toml:1",
        "apps/app-9/app.toml:1",
        "apps/app-20/app.toml:1",
    ] {
        assert!(run.err.contains(place), "{place}\n{}", run.err);
    }
    assert_eq!(scratch.list("out").len(), 36);
    let run = scratch.run(&["diff"]);
    assert_eq!(run.status, 2);
    assert!(
        run.err.contains("apps/app-7/app.toml:2") && run.err.contains("apps/app-20/app.toml:1")
    );
}

/// What is said, cut into pieces that belong to one app or file each.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces: Vec<String> = text
        .split("\n\n")
        .map(str::trim)
        .filter(|one| !one.is_empty())
        .map(str::to_owned)
        .collect();
    pieces.sort();
    pieces
}

#[test]
fn the_shards_together_are_exactly_the_whole() {
    let (whole, parts) = (workspace(40), workspace(40));
    for scratch in [&whole, &parts] {
        // Somebody's who is gone.
        scratch.write("apps/gone/app.toml", &described(99));
        scratch.ok(&["render", "app-99"]);
        fs::remove_file(scratch.path("apps/gone/app.toml")).unwrap();
        fs::remove_file(scratch.path("apps/app-7/app.toml")).unwrap();
    }
    let all = whole.run(&["render", "--prune"]);
    let shares = |arguments: &[&str]| -> Vec<Run> {
        let share = |one| {
            let shard = format!("{one}/5");
            parts.run(&[arguments, &["--shard", &shard]].concat())
        };
        (1..=5).map(share).collect()
    };
    let rendered = shares(&["render", "--prune"]);
    assert_eq!(all.status, 2);
    let told: String = rendered.iter().map(|run| run.err.as_str()).collect();
    assert_eq!(pieces(&told), pieces(&all.err), "the twins are told, each once");
    assert!(all.err.contains("same-directory"), "{}", all.err);
    assert_eq!(files(&parts.path("")), files(&whole.path("")));
    assert!(!parts.path("out/app-99").exists(), "and what is stale is removed by one of them");

    break_some(&parts, 40);
    parts.write("out/app-7/service.yaml", "a: 1\n");
    let objects = |run: &Run, list: &str| -> Vec<String> {
        let json: serde_json::Value = serde_json::from_str(&run.out).unwrap();
        json[list].as_array().unwrap().iter().map(ToString::to_string).collect()
    };
    for (command, list) in [
        (&["diff", "--format", "json"][..], "objects"),
        (&["lint", "out", "--format", "json"], "findings"),
    ] {
        let all = parts.run(command);
        let parted = shares(command);
        let sorted = |mut list: Vec<String>| {
            list.sort();
            list
        };
        let together = parted.iter().flat_map(|run| objects(run, list)).collect();
        let expected = objects(&all, list);
        assert!(expected.len() > 10, "{command:?}: {}", expected.len());
        assert_eq!(sorted(together), sorted(expected), "{command:?}");
        let told: String = parted.iter().map(|run| run.err.as_str()).collect();
        assert_eq!(pieces(&told), pieces(&all.err), "{command:?}");
    }
}

/// Two environments, a profile of one of them, an app with one of its own, and templates.
fn repository() -> Scratch {
    let scratch = Scratch::new();
    scratch.write(
        "sioway.toml",
        "apps = [\"apps/*/app.toml\"]\n\
         [environment.staging]\nprofile = \"profiles/staging.toml\"\nout = \"out/staging/{name}\"\n\
         [environment.live]\nout = \"out/live/{name}\"\n",
    );
    scratch.write("profiles/staging.toml", "extends = \"gke\"\nnamespace = \"stage\"\n");
    for app in 0..20 {
        scratch.write(&format!("apps/app-{app}/app.toml"), &described(app));
    }
    git(&scratch.path(""), &["init", "-q"]);
    scratch.ok(&["render"]);
    commit(&scratch);
    scratch
}

/// What a run with `--check` would do since the last commit, by the directories that it names.
fn would(scratch: &Scratch, extra: &[&str]) -> Vec<String> {
    let check = [&["render", "--check", "--changed-since", "HEAD"], extra].concat();
    let run = scratch.run(&check);
    assert!(run.status < 2, "{}", run.err);
    let directory =
        |line: &str| line.rsplit_once('/').unwrap().0.rsplit_once(' ').unwrap().1.to_owned();
    let mut found: Vec<String> = run.out.lines().map(directory).collect();
    found.sort();
    found.dedup();
    found
}

#[test]
fn what_changed_since_a_commit_is_rendered_and_nothing_else() {
    let scratch = repository();
    // Whoever renders this app would say so.
    scratch.write("apps/app-3/app.toml", "name = [\n");
    commit(&scratch);
    assert_eq!(scratch.run(&["render"]).status, 2);
    // An app that cannot be loaded is always told: what it depends on is not known.
    assert_eq!(scratch.run(&["render", "--changed-since", "HEAD"]).status, 2);
    scratch.write("apps/app-3/app.toml", &described(3));
    commit(&scratch);
    assert_eq!(would(&scratch, &[]), Vec::<String>::new());

    // A file that differs and did not change is left for the whole.
    let old = scratch.read("apps/app-4/app.toml");
    scratch.write("apps/app-4/app.toml", &old.replace("3000", "3001"));
    commit(&scratch);
    scratch.write("apps/app-5/app.toml", &described(5).replace("3000", "3001"));
    assert_eq!(would(&scratch, &[]), ["out/live/app-5", "out/staging/app-5"]);
    assert_eq!(would(&scratch, &["--env", "live"]), ["out/live/app-5"]);
    scratch.ok(&["render", "--changed-since", "HEAD"]);
    assert!(scratch.read("out/live/app-5/nginx-configmap.yaml").contains("3001"));
    assert!(!scratch.read("out/live/app-4/nginx-configmap.yaml").contains("3001"));
    let both = ["out/live/app-4", "out/live/app-5", "out/staging/app-4", "out/staging/app-5"];
    fs::remove_dir_all(scratch.path("out/live/app-5")).unwrap();
    fs::remove_dir_all(scratch.path("out/staging/app-5")).unwrap();
    assert_eq!(would(&scratch, &[]).len(), 2);
    let run = scratch.run(&["render", "--check", "--changed-since", "HEAD~1"]);
    assert!(both.iter().all(|directory| run.out.contains(directory)), "{}", run.out);
}

#[test]
fn profiles_and_the_workspace_change_all_that_depend_on_them() {
    let scratch = repository();
    scratch.write("profiles/staging.toml", "extends = \"gke\"\nnamespace = \"staging\"\n");
    let found = would(&scratch, &[]);
    assert_eq!(found.len(), 20, "{found:?}");
    assert!(found.iter().all(|directory| directory.starts_with("out/staging/")), "{found:?}");
    git(&scratch.path(""), &["checkout", "-q", "."]);
    let workspace = scratch.read("sioway.toml");
    scratch.write("sioway.toml", &format!("comments = false\n{workspace}"));
    assert_eq!(would(&scratch, &[]).len(), 40);
    git(&scratch.path(""), &["checkout", "-q", "."]);
    // An app of its own profile, in a file that git does not know yet.
    scratch.write("apps/new/app.toml", &format!("{}profile = \"./own.toml\"\n", described(50)));
    scratch.write("apps/new/own.toml", "extends = \"gke\"\n");
    scratch.ok(&["render", "--env", "live", "--changed-since", "HEAD"]);
    assert!(scratch.path("out/live/app-50/service.yaml").is_file());
    commit(&scratch);
    scratch.write("apps/new/own.toml", "extends = \"gke\"\nnamespace = \"own\"\n");
    assert_eq!(would(&scratch, &["--env", "live"]), ["out/live/app-50"]);
}

#[test]
fn an_app_that_is_gone_or_renamed_leaves_a_directory_that_is_told() {
    let scratch = repository();
    fs::remove_dir_all(scratch.path("apps/app-2")).unwrap();
    scratch.write("apps/app-3/app.toml", &described(33));
    let run = scratch.ok(&["render", "--changed-since", "HEAD"]);
    for gone in ["out/live/app-2", "out/staging/app-2", "out/live/app-3"] {
        assert!(run.err.contains(&format!("`{gone}`")), "{}", run.err);
    }
    commit(&scratch);
    scratch.write("apps/app-5/notes.md", "no description\n");
    assert_eq!(scratch.ok(&["render", "--changed-since", "HEAD"]).err, "", "that was before");
    // What another app claims nobody may take, whether or not that one changed.
    scratch.write("apps/app-6/app.toml", &described(10));
    let run = scratch.run(&["render", "--changed-since", "HEAD"]);
    assert_eq!(run.status, 2);
    assert!(
        run.err.contains("apps/app-10/app.toml is rendered into the same directory"),
        "{}",
        run.err
    );
}

#[test]
fn diff_and_lint_look_also_at_manifests_that_changed() {
    let scratch = repository();
    for app in [3, 4] {
        let path = format!("out/live/app-{app}/backendconfig.yaml");
        let text = scratch.read(&path).replace("86400", "30");
        scratch.write(&path, &text);
        if app == 3 {
            commit(&scratch);
        }
    }
    let run = scratch.run(&["diff", "--changed-since", "HEAD"]);
    assert_eq!((run.status, run.err.as_str()), (1, ""), "{}", run.out);
    assert!(run.out.contains("app-4") && !run.out.contains("app-3"), "{}", run.out);
    let lint =
        |since: &str| scratch.run(&["lint", "--format", "concise", "--changed-since", since]);
    let run = lint("HEAD");
    assert_eq!(run.status, 1, "{}{}", run.out, run.err);
    assert!(run.out.contains("app-4") && !run.out.contains("app-3/"), "{}", run.out);
    assert!(lint("HEAD~1").out.contains("app-3/backendconfig.yaml"));
    commit(&scratch);
    assert_eq!(lint("HEAD").status, 0);
    // The description changed, and what is there did not: its findings may be other ones now.
    scratch.write("apps/app-3/app.toml", &described(3).replace("3000", "3001"));
    assert!(lint("HEAD").out.contains("app-3/backendconfig.yaml"), "{}", lint("HEAD").out);
    let fixed = scratch.ok(&["lint", "--fix", "--unsafe-fixes", "--changed-since", "HEAD"]);
    assert!(fixed.err.contains("app-3") && !fixed.err.contains("app-4"), "{}", fixed.err);
    let run = scratch.run(&["lint", "--baseline", "b", "--update-baseline", "--shard", "1/2"]);
    assert_eq!(run.status, 2, "a baseline is of the whole");
}

#[test]
fn what_kustomize_builds_depends_on_files_elsewhere() {
    let scratch = Scratch::new();
    scratch.write(
        "sioway.toml",
        "apps = [\"apps/*/app.toml\"]\n[environment.live]\nout = \"out/{name}\"\nagainst = \"overlays/{name}\"\n",
    );
    for app in [1, 2] {
        scratch.write(&format!("apps/app-{app}/app.toml"), &described(app));
        scratch.ok(&["render", &format!("app-{app}"), "-o", &format!("base/{app}")]);
        scratch.write(
            &format!("overlays/app-{app}/kustomization.yaml"),
            &format!("resources:\n  - ../../base/{app}\n"),
        );
    }
    git(&scratch.path(""), &["init", "-q"]);
    commit(&scratch);
    scratch.ok(&["diff"]);
    for app in [1, 2] {
        let path = format!("base/{app}/backendconfig.yaml");
        scratch.write(&path, &scratch.read(&path).replace("86400", "30"));
        if app == 1 {
            commit(&scratch);
        }
    }
    let run = scratch.run(&["diff", "--changed-since", "HEAD"]);
    assert_eq!(run.status, 1, "{}", run.err);
    assert!(run.out.contains("app-2") && !run.out.contains("app-1"), "{}", run.out);
    fs::remove_file(scratch.path("base/1/service.yaml")).unwrap();
    let run = scratch.run(&["diff", "--changed-since", "HEAD"]);
    assert_eq!(run.status, 2, "what cannot be built is not passed over: {}", run.err);
}

#[test]
fn what_git_cannot_tell_is_an_error() {
    let scratch = repository();
    let check = |scratch: &Scratch, revision: &str, told: &str| {
        for command in ["render", "diff", "lint"] {
            let run = scratch.run(&[command, &format!("--changed-since={revision}")]);
            assert_eq!(run.status, 2, "{command} {revision}: {}", run.out);
            assert!(run.err.contains(told), "{command} {revision}: {}", run.err);
        }
    };
    for wrong in ["no-such", "", "--output=x", "HEAD..HEAD", "HEAD:sioway.toml"] {
        check(&scratch, wrong, "git knows no commit");
    }
    assert!(!scratch.path("x").exists(), "a revision is no option");
    fs::remove_dir_all(scratch.path(".git")).unwrap();
    check(&scratch, "HEAD", "not a git repository");
    let mut command = scratch.command(&["render", "--changed-since", "HEAD"]);
    let output = command.env("PATH", scratch.path("apps")).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(both(&output).contains("`git` is not installed"), "{}", both(&output));
    let run = scratch.run(&["render", "--env", "live", "-o", "-", "--shard", "1/2"]);
    assert_eq!(run.status, 2);
    assert!(run.err.contains("error[part-of-a-stream]"), "{}", run.err);
}

#[test]
fn a_stream_is_all_or_nothing_and_the_same_as_the_files() {
    let scratch = Scratch::new();
    scratch.write("sioway.toml", "apps = [\"apps/*/app.toml\"]\nlayout = \"one-file\"\n");
    // More than are held in memory at a time.
    for app in 0..600 {
        scratch.write(&format!("apps/app-{app:03}/app.toml"), &described(app));
    }
    scratch.ok(&["render"]);
    let mut names = scratch.list("apps");
    names.sort();
    let number = |name: &String| name["app-".len()..].parse::<usize>().unwrap();
    let files =
        names.iter().map(|name| scratch.read(&format!("out/app-{}/manifests.yaml", number(name))));
    let files: Vec<String> = files.collect();
    let stream = scratch.ok(&["render", "-o", "-"]).out;
    assert!(files.iter().all(|file| stream.contains(file.trim_end())));
    assert_eq!(stream.len(), files.iter().map(String::len).sum::<usize>());
    scratch.write("apps/app-599/app.toml", "name = 1\n");
    let run = scratch.run(&["render", "-o", "-"]);
    assert_eq!((run.status, run.out.as_str()), (2, ""));
}

/// Sends a signal to a run once it has begun to write, or once so many milliseconds have passed.
#[cfg(unix)]
fn interrupted(mut run: Command, signal: &str, begun: impl Fn() -> bool) -> Output {
    let run = run.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut run = run.spawn().unwrap();
    while !begun() && run.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(1));
    }
    let id = run.id().to_string();
    // It may have ended since, which the caller tells by its status.
    let _ = Command::new("kill").args(["-s", signal, &id]).output().unwrap();
    run.wait_with_output().unwrap()
}

/// Names that a run makes for itself while it writes.
fn left_over(scratch: &Scratch) -> Vec<String> {
    files(&scratch.path("")).into_keys().filter(|name| name.contains(".sioway-new")).collect()
}

#[cfg(unix)]
#[test]
fn an_interrupted_render_leaves_whole_apps_and_nothing_else() {
    const APPS: usize = 1_000;
    let scratch = workspace(0);
    for app in 0..APPS {
        scratch.write(&format!("apps/app-{app}/app.toml"), &described(app));
    }
    let whole = scratch.list("apps").len();
    scratch.ok(&["render", "-o", "expected"]);
    let expected = files(&scratch.path("expected"));
    let per_app = expected.len() / APPS;
    let mut interruptions = 0;
    for signal in ["INT", "TERM"] {
        let out = scratch.path("out");
        let begun = || fs::read_dir(&out).is_ok_and(|entries| entries.count() > 20);
        let output = interrupted(scratch.command(&["render"]), signal, begun);
        if output.status.code() == Some(130) {
            interruptions += 1;
            assert!(both(&output).contains("error[interrupted]"), "{}", both(&output));
            let done = scratch.list("out").len();
            assert!(done > 0 && done < whole, "{done} of {whole}");
        } else {
            assert_eq!(output.status.code(), Some(0), "{}", both(&output));
        }
        assert_eq!(left_over(&scratch), Vec::<String>::new());
        let found = files(&out);
        assert_eq!(found.len() % per_app, 0, "each app is whole or is not there");
        for (name, bytes) in &found {
            assert!(expected.get(name) == Some(bytes), "{name}");
        }
        scratch.ok(&["render"]);
        assert!(files(&out) == expected, "the next run does the rest");
        fs::remove_dir_all(&out).unwrap();
    }
    assert!(interruptions > 0, "both runs were too fast");
}

#[cfg(unix)]
#[test]
fn an_interrupted_edit_of_many_files_is_done_whole_or_not_at_all() {
    let scratch = workspace(0);
    for app in 0..300 {
        scratch.write(&format!("apps/app-{app}/app.toml"), &described(app));
    }
    scratch.ok(&["render"]);
    for app in 0..300 {
        let path = format!("out/app-{app}/backendconfig.yaml");
        scratch.write(&path, &scratch.read(&path).replace("86400", "30"));
    }
    let old = files(&scratch.path("out"));
    let aside = |app: usize| scratch.path(&format!("out/app-{app}/.backendconfig.yaml.sioway-new"));
    for command in [&["diff", "--write"][..], &["lint", "out", "--fix", "--unsafe-fixes"]] {
        let begun = || aside(0).exists() || aside(1).exists();
        let output = interrupted(scratch.command(command), "INT", begun);
        assert_eq!(left_over(&scratch), Vec::<String>::new(), "{command:?}");
        let found = files(&scratch.path("out"));
        let changed = found.iter().filter(|(name, bytes)| old.get(*name) != Some(bytes)).count();
        assert!([0, 300].contains(&changed), "{command:?}: {changed}, {}", both(&output));
        let status = output.status.code();
        assert!(status == Some(130) || changed == 300, "{command:?}: {}", both(&output));
        for (name, bytes) in &old {
            fs::write(scratch.path("out").join(name), bytes).unwrap();
        }
    }
}

/// Runs a program at a terminal, halts it once it has begun to write, for longer than it is patient, and prints what
/// the terminal shows.
#[cfg(unix)]
const AT_A_TERMINAL: &str = "import os, pty, signal, sys, time
child, terminal = pty.fork()
if child == 0:
    os.execv(sys.argv[1], sys.argv[1:])
while not os.path.isdir('out') or len(os.listdir('out')) < 20:
    time.sleep(0.001)
os.kill(child, signal.SIGSTOP)
time.sleep(1.2)
os.kill(child, signal.SIGCONT)
shown = b''
try:
    while part := os.read(terminal, 4096):
        shown += part
except OSError:
    pass
_, status = os.waitpid(child, 0)
sys.stdout.buffer.write(shown)
sys.exit(os.waitstatus_to_exitcode(status))
";

#[cfg(unix)]
#[test]
fn who_waits_at_a_terminal_sees_how_far_it_is() {
    let scratch = workspace(0);
    for app in 0..1_000 {
        scratch.write(&format!("apps/app-{app}/app.toml"), &described(app));
    }
    let mut python = python();
    python.args(["-c", AT_A_TERMINAL, env!("CARGO_BIN_EXE_sioway"), "render"]);
    let output = python.current_dir(scratch.path("")).output().unwrap();
    assert!(output.status.success(), "{}", both(&output));
    let shown = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = shown.split("\r\x1b[K").collect();
    let is_progress = |line: &&str| line.starts_with("rendered ") && line.ends_with(" of 1000");
    assert!(lines.iter().any(is_progress), "{shown:?}");
    assert!(lines.iter().all(|line| line.is_empty() || is_progress(line)), "{shown:?}");
    assert!(shown.ends_with("\r\x1b[K"), "the line is gone in the end: {shown:?}");
    assert_eq!(scratch.ok(&["render"]).err, "", "and elsewhere there is none");
}

#[cfg(unix)]
#[test]
fn a_run_that_only_reads_or_waits_ends_at_once() {
    let scratch = workspace(0);
    let mut lint = scratch.command(&["lint", "-"]);
    // Nobody writes into the pipe, and nobody closes it.
    let mut lint = lint.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let waits = format!("/proc/{}/status", lint.id());
    let listens = || {
        // Its handlers are there: bits 2 and 15 of the signals that it catches.
        let status = fs::read_to_string(&waits).unwrap();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap();
        u64::from_str_radix(caught.trim(), 16).unwrap() & 0x4002 == 0x4002
    };
    while !listens() {
        std::thread::sleep(Duration::from_millis(1));
    }
    let id = lint.id().to_string();
    assert!(Command::new("kill").args(["-s", "INT", &id]).status().unwrap().success());
    assert_eq!(lint.wait().unwrap().code(), Some(130));
}
