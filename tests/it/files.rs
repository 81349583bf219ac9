//! What render does to files: whole or not at all, and never to what is not its own.

use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::tools::{MINIMAL, Scratch, both};

const FILES: [&str; 6] = [
    ".sioway.lock",
    "backendconfig.yaml",
    "ingress.yaml",
    "kustomization.yaml",
    "nginx-configmap.yaml",
    "service.yaml",
];

#[test]
fn writes_one_object_a_file_and_a_lock() {
    let scratch = Scratch::with_app(MINIMAL);
    let run = scratch.ok(&["render"]);
    assert_eq!((run.out.as_str(), run.err.as_str()), ("", ""), "quiet on success");
    assert_eq!(scratch.list("out/chat"), FILES);
    assert_eq!(scratch.list("out"), ["chat"], "nothing is left beside it");
}

#[test]
fn touches_nothing_that_is_unchanged() {
    let scratch = Scratch::with_app(MINIMAL);
    scratch.ok(&["render"]);
    let identity = || {
        FILES.map(|name| {
            fs::metadata(scratch.path("out/chat").join(name))
                .map(|m| (m.ino(), m.mtime_nsec()))
                .unwrap()
        })
    };
    let before = identity();
    std::thread::sleep(Duration::from_millis(20));
    scratch.ok(&["render"]);
    assert_eq!(identity(), before);
    scratch.ok(&["render", "--set", "session.drain=90s"]);
    let after = identity();
    let changed: Vec<&str> =
        (0..FILES.len()).filter(|i| before[*i] != after[*i]).map(|i| FILES[i]).collect();
    assert_eq!(changed, [".sioway.lock", "backendconfig.yaml"]);
}

#[test]
fn keeps_the_mode_of_a_file() {
    let scratch = Scratch::with_app(MINIMAL);
    scratch.ok(&["render"]);
    let path = scratch.path("out/chat/backendconfig.yaml");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    scratch.ok(&["render", "--set", "session.drain=90s"]);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
}

#[test]
fn check_writes_nothing_and_says_what_it_would() {
    let scratch = Scratch::with_app(MINIMAL);
    let run = scratch.run(&["render", "--check"]);
    assert_eq!(run.status, 1);
    assert!(run.out.contains("would add out/chat/service.yaml\n"), "{}", run.out);
    assert!(!scratch.path("out").exists());
    scratch.ok(&["render"]);
    scratch.ok(&["render", "--check"]);
    let run = scratch.run(&["render", "--check", "--set", "session.drain=30s"]);
    assert_eq!((run.status, run.out.as_str()), (1, "would change out/chat/backendconfig.yaml\n"));
    assert_eq!(
        scratch.run(&["render", "--check", "--exit-zero", "--set", "session.drain=30s"]).status,
        0
    );
}

#[test]
fn leaves_alone_what_was_edited_by_hand() {
    let scratch = Scratch::with_app(MINIMAL);
    scratch.ok(&["render"]);
    let edited = scratch.read("out/chat/service.yaml") + "# mine\n";
    scratch.write("out/chat/service.yaml", &edited);
    let run = scratch.run(&["render", "--set", "session.drain=90s"]);
    assert_eq!(run.status, 1);
    assert!(
        run.err.contains("warning[edited-by-hand]: `out/chat/service.yaml` was edited"),
        "{}",
        run.err
    );
    assert_eq!(scratch.read("out/chat/service.yaml"), edited);
    assert!(
        scratch.read("out/chat/backendconfig.yaml").contains("drainingTimeoutSec: 90"),
        "the others are written"
    );
    assert_eq!(scratch.run(&["render"]).status, 1, "it is still edited the next time");
    scratch.ok(&["render", "--force"]);
    assert_ne!(scratch.read("out/chat/service.yaml"), edited);
    scratch.ok(&["render"]);
}

#[test]
fn leaves_alone_what_it_did_not_write() {
    let scratch = Scratch::with_app(MINIMAL);
    scratch.write("out/chat/service.yaml", "kind: Service\n");
    let run = scratch.run(&["render"]);
    assert_eq!(run.status, 1);
    assert!(
        run.err.contains("warning[not-rendered-by-sioway]: `out/chat/service.yaml`"),
        "{}",
        run.err
    );
    assert_eq!(scratch.read("out/chat/service.yaml"), "kind: Service\n");
    assert!(!scratch.read("out/chat/.sioway.lock").contains("\"service.yaml\""));
}

#[test]
fn prunes_only_what_it_wrote_and_nobody_changed() {
    let scratch = Scratch::with_app(MINIMAL);
    scratch.ok(&["render", "--set", "cdn.static-paths=[\"/assets/\"]"]);
    scratch.write("out/chat/notes.yaml", "mine: true\n");
    let run = scratch.ok(&["render"]);
    assert!(
        run.err.contains(
            "info[stale-file]: `out/chat/backendconfig-static.yaml` is no longer rendered"
        ),
        "{}",
        run.err
    );
    assert!(scratch.path("out/chat/backendconfig-static.yaml").exists());
    let run = scratch.run(&["render", "--check", "--prune"]);
    assert_eq!(
        (run.status, run.out.as_str()),
        (1, "would remove out/chat/backendconfig-static.yaml\n")
    );
    scratch.ok(&["render", "--prune"]);
    assert!(!scratch.path("out/chat/backendconfig-static.yaml").exists());
    assert!(scratch.path("out/chat/notes.yaml").exists());
    scratch.ok(&["render", "--check", "--prune"]);
}

#[test]
fn prune_leaves_an_edited_file() {
    let scratch = Scratch::with_app(MINIMAL);
    scratch.ok(&["render", "--set", "cdn.static-paths=[\"/assets/\"]"]);
    scratch.write("out/chat/backendconfig-static.yaml", "mine: true\n");
    let run = scratch.run(&["render", "--prune"]);
    assert_eq!(run.status, 1);
    assert!(scratch.path("out/chat/backendconfig-static.yaml").exists());
}

#[test]
fn a_lock_that_names_other_places_is_refused() {
    let scratch = Scratch::with_app(MINIMAL);
    scratch.ok(&["render"]);
    scratch.write("precious", "mine");
    scratch.write(
        "out/chat/.sioway.lock",
        "version = 1\n[files]\n\"../../precious\" = \"sha256:00\"\n",
    );
    let run = scratch.run(&["render", "--prune", "--force"]);
    assert_eq!(run.status, 2);
    assert!(run.err.contains("error[broken-lock]"), "{}", run.err);
    assert_eq!(scratch.read("precious"), "mine");
    for broken in
        ["", "version = 2\n[files]\n", "<<<<<<< ours\n", "version = 1\n[files]\n\"\" = \"\"\n"]
    {
        scratch.write("out/chat/.sioway.lock", broken);
        assert_eq!(scratch.run(&["render"]).status, 2, "{broken:?}");
    }
}

#[test]
fn output_that_is_a_file_or_a_link_out_of_the_tree_is_refused() {
    let scratch = Scratch::with_app(MINIMAL);
    scratch.write("out/chat", "a file");
    let run = scratch.run(&["render"]);
    assert_eq!(run.status, 2);
    assert!(run.err.contains("error[not-a-directory]"), "{}", run.err);
    fs::remove_file(scratch.path("out/chat")).unwrap();

    let elsewhere = Scratch::new();
    symlink(elsewhere.path(""), scratch.path("out/chat")).unwrap();
    let run = scratch.run(&["render"]);
    assert_eq!(run.status, 2);
    assert!(run.err.contains("error[outside-the-tree]"), "{}", run.err);
    assert!(elsewhere.list("").is_empty());
    fs::remove_file(scratch.path("out/chat")).unwrap();

    fs::remove_dir(scratch.path("out")).unwrap();
    symlink(elsewhere.path(""), scratch.path("out")).unwrap();
    assert_eq!(scratch.run(&["render"]).status, 2);
    assert!(elsewhere.list("").is_empty());
}

#[test]
fn a_file_that_is_a_link_is_followed_inside_the_tree_only() {
    let scratch = Scratch::with_app(MINIMAL);
    scratch.ok(&["render"]);
    let path = scratch.path("out/chat/service.yaml");
    fs::rename(&path, scratch.path("real-service.yaml")).unwrap();
    symlink(scratch.path("real-service.yaml"), &path).unwrap();
    scratch.ok(&["render", "--set", "nginx.listen=9090"]);
    assert!(scratch.read("real-service.yaml").contains("targetPort: 9090"));
    assert!(path.is_symlink());

    let elsewhere = Scratch::new();
    elsewhere.write("victim.yaml", "mine");
    fs::remove_file(&path).unwrap();
    symlink(elsewhere.path("victim.yaml"), &path).unwrap();
    let run = scratch.run(&["render", "--force"]);
    assert_eq!(run.status, 2, "{}", run.err);
    assert_eq!(elsewhere.read("victim.yaml"), "mine");
}

#[test]
fn a_pipe_in_the_way_is_an_error_and_no_hang() {
    let scratch = Scratch::with_app(MINIMAL);
    scratch.ok(&["render"]);
    fs::remove_file(scratch.path("out/chat/service.yaml")).unwrap();
    assert!(
        Command::new("mkfifo")
            .arg(scratch.path("out/chat/service.yaml"))
            .status()
            .unwrap()
            .success()
    );
    let run = scratch.run(&["render"]);
    assert_eq!(run.status, 2);
    assert!(run.err.contains("it is not a file"), "{}", run.err);
}

#[test]
fn one_app_goes_into_the_directory_itself_and_several_below_it() {
    let scratch = Scratch::new();
    scratch.write("sioway.toml", "apps = [\"*/app.toml\"]\n");
    scratch.write("a/app.toml", "name = \"a\"\nhost = \"a.example.com\"\nport = 1\n");
    scratch.write("b/app.toml", "name = \"b\"\nhost = \"b.example.com\"\nport = 2\n");
    scratch.ok(&["render", "a", "-o", "one"]);
    assert!(scratch.path("one/service.yaml").exists());
    scratch.ok(&["render", "-o", "many"]);
    assert!(
        scratch.path("many/a/service.yaml").exists()
            && scratch.path("many/b/service.yaml").exists()
    );
    let elsewhere = Scratch::new();
    let outside = elsewhere.path("deep/er");
    scratch.ok(&["render", "a", "-o", outside.to_str().unwrap()]);
    assert!(outside.join("service.yaml").exists(), "a directory that is asked for may be anywhere");
}

#[test]
fn a_stream_is_all_or_nothing() {
    let scratch = Scratch::new();
    scratch.write("sioway.toml", "apps = [\"*/app.toml\"]\n");
    scratch.write("a/app.toml", "name = \"a\"\nhost = \"a.example.com\"\nport = 1\n");
    let run = scratch.ok(&["render", "-o", "-"]);
    assert!(run.out.starts_with("---\n# Rendered by sioway from a/app.toml"), "{}", run.out);
    scratch.write("b/app.toml", "name = \"b\"\n");
    let run = scratch.run(&["render", "-o", "-"]);
    assert_eq!((run.status, run.out.as_str()), (2, ""));
    assert!(!scratch.path("out").exists());
}

#[test]
fn a_file_that_cannot_be_written_is_named_and_the_next_run_goes_on() {
    let scratch = Scratch::with_app(MINIMAL);
    scratch.ok(&["render"]);
    let read = || FILES[1..].iter().map(|name| scratch.read(&format!("out/chat/{name}")));
    let before: Vec<String> = read().collect();
    // Nothing can be made here, also by root: the aside file's name is taken by a directory.
    let obstacle = scratch.path("out/chat/.ingress.yaml.sioway-new");
    fs::create_dir(&obstacle).unwrap();
    let change = ["render", "--set", "session.drain=90s", "--set", "ingress.static-ip=a"];
    let run = scratch.run(&change);
    assert_eq!(run.status, 2);
    assert!(run.err.contains("cannot write") && run.err.contains("ingress.yaml"), "{}", run.err);
    let after: Vec<String> = read().collect();
    assert_ne!(after[0], before[0], "the BackendConfig is new");
    assert_eq!(after[1..], before[1..], "the others are old");
    // What the first run changed was not edited by hand.
    fs::remove_dir(obstacle).unwrap();
    scratch.ok(&change);
    assert!(!scratch.read("out/chat/.sioway.lock").contains("= ["), "one hash a file again");
    scratch.ok(&["render"]);
    assert_eq!(read().collect::<Vec<_>>(), before);
}

#[test]
fn a_link_left_where_a_file_is_built_is_not_followed() {
    let scratch = Scratch::with_app(MINIMAL);
    scratch.ok(&["render"]);
    scratch.write("victim", "mine\n");
    let aside = scratch.path("out/chat/.backendconfig.yaml.sioway-new");
    symlink(scratch.path("victim"), &aside).unwrap();
    scratch.ok(&["render", "--set", "session.drain=90s"]);
    assert_eq!(scratch.read("victim"), "mine\n");
    assert!(fs::symlink_metadata(&aside).is_err());
}

#[test]
fn unreadable_input_is_named() {
    let scratch = Scratch::new();
    let run = scratch.run(&["render", "missing.toml"]);
    assert_eq!(run.status, 2);
    assert!(run.err.contains("cannot read") && run.err.contains("missing.toml"), "{}", run.err);
    fs::create_dir(scratch.path("dir.toml")).unwrap();
    assert_eq!(scratch.run(&["render", "dir.toml"]).status, 2);
    fs::write(scratch.path("bytes.toml"), b"name = \"\xff\"").unwrap();
    assert!(scratch.run(&["render", "bytes.toml"]).err.contains("is not UTF-8 text"));
    File::create(scratch.path("huge.toml")).unwrap().set_len(1 << 30).unwrap();
    assert!(scratch.run(&["render", "huge.toml"]).err.contains("is larger than 4 MiB"));
}

/// Renders inside a file system of the given size that is mounted over `out`, and reads its files before it goes.
fn render_on_a_small_disk(scratch: &Scratch, size: &str, script: &str) -> String {
    fs::create_dir_all(scratch.path("out")).unwrap();
    let whole = format!(
        "set -e\nmount -t tmpfs -o size={size} tmpfs out\nS={}\n{script}",
        env!("CARGO_BIN_EXE_sioway")
    );
    let output = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", &whole])
        .current_dir(scratch.path(""))
        .output()
        .unwrap();
    both(&output)
}

#[test]
fn a_full_disk_leaves_nothing_half_written() {
    let scratch = Scratch::with_app(MINIMAL);
    let text = render_on_a_small_disk(&scratch, "8k", "$S render || echo exit $?; ls -A out");
    assert!(text.contains("exit 2") && text.contains("No space left on device"), "{text}");
    assert!(
        !text.contains("chat\n"),
        "neither the directory nor what it was built in is left: {text}"
    );

    let fill = "$S render; cp -r out old; dd if=/dev/zero of=out/full bs=1k 2>/dev/null || true\n\
                $S render --set session.max-age=1h || echo exit $?; rm out/full; diff -r out/chat old/chat && echo same";
    let text = render_on_a_small_disk(&scratch, "64k", fill);
    assert!(text.contains("exit 2") && text.contains("same"), "{text}");
}

#[test]
fn two_at_once_do_not_mix() {
    let scratch = Scratch::with_app(MINIMAL);
    scratch.ok(&["render"]);
    let held = File::open(scratch.path("out/chat")).unwrap();
    held.lock().unwrap();
    let run = scratch.run(&["render", "--set", "session.drain=90s"]);
    assert_eq!(run.status, 2);
    assert!(run.err.contains("error[in-use]: another sioway is writing to"), "{}", run.err);
    scratch.ok(&["render"]);
    drop(held);

    for _ in 0..20 {
        let race = |age: &str| {
            scratch
                .command(&["render", "--set", &format!("session.max-age={age}")])
                .stderr(Stdio::null())
                .spawn()
                .unwrap()
        };
        let mut runs = [race("1h"), race("2h"), race("3h")];
        let codes: Vec<i32> =
            runs.iter_mut().map(|run| run.wait().unwrap().code().unwrap()).collect();
        assert!(codes.iter().all(|code| [0, 2].contains(code)) && codes.contains(&0), "{codes:?}");
        assert_eq!(scratch.list("out/chat"), FILES);
        let config = scratch.read("out/chat/backendconfig.yaml");
        assert!(
            config.ends_with("sampleRate: 1.0\n") && config.contains("timeoutSec: "),
            "{config}"
        );
    }
}

#[test]
fn what_a_crash_left_behind_is_cleared_away() {
    let scratch = Scratch::with_app(MINIMAL);
    scratch.write("out/.chat.sioway-new/half", "half");
    scratch.ok(&["render"]);
    assert_eq!(scratch.list("out"), ["chat"]);
    scratch.write("out/chat/.service.yaml.sioway-new", "half");
    scratch.ok(&["render", "--set", "nginx.listen=9090"]);
    assert_eq!(scratch.list("out/chat"), FILES);
}
