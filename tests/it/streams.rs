//! What is no file, and is read because the call names it: stdin, `<(…)` of a shell, and named pipes.

use std::process::{Command, Output, Stdio};

use crate::tools::{MINIMAL, Scratch, both, succeed};

/// An app, and its manifests with one fault.
fn scratch() -> Scratch {
    let scratch = Scratch::with_app(MINIMAL);
    scratch.ok(&["render", "-o", "k8s"]);
    let faulty = scratch.read("k8s/service.yaml").replace("backend-config", "backendconfig");
    scratch.write("service.yaml", &faulty);
    scratch
}

/// Runs a line of a shell, in which `sioway` is the program.
fn shell(scratch: &Scratch, line: &str) -> (i32, String) {
    let program = env!("CARGO_BIN_EXE_sioway");
    let line = format!("sioway() {{ '{program}' --color never \"$@\"; }}; {line}");
    let output = Command::new("bash").arg("-c").arg(line).current_dir(scratch.path("")).output();
    let output: Output = output.unwrap();
    (output.status.code().unwrap(), both(&output))
}

#[track_caller]
fn says(scratch: &Scratch, line: &str, status: i32, text: &str) {
    let (code, told) = shell(scratch, line);
    assert_eq!(code, status, "{line}: {told}");
    assert!(told.contains(text), "{line}: {told}");
}

#[test]
fn what_a_shell_pipes_is_read() {
    let scratch = scratch();
    let listed = r#"{"kind": "List", "apiVersion": "v1", "items": []}"#;
    scratch.write("list.json", listed);
    for (line, status, text) in [
        ("sioway lint --format concise <(cat service.yaml)", 1, "<fd 63>:"),
        ("sioway lint --format concise /dev/stdin < service.yaml", 1, "<stdin>:"),
        ("cat service.yaml | sioway lint --format concise /proc/self/fd/0", 1, "<stdin>:"),
        ("exec 7< service.yaml; sioway lint --format concise /dev/fd/7", 1, "<fd 7>:"),
        ("sioway lint <(cat service.yaml) <(cat k8s/backendconfig.yaml)", 1, "in 1 of 2 files"),
        ("sioway lint --show-files <(tr -d '\\n' < list.json)", 0, "<fd 63>\tmanifest"),
        ("sioway lint --show-files <(cat service.yaml)", 0, "<fd 63>\tmanifest"),
        ("sioway diff --against <(cat service.yaml)", 1, "Service default/chat"),
        ("sioway trace <(cat k8s/*-*.yaml k8s/service.yaml)", 0, "any host, /socket.io/"),
        ("sioway graph <(cat service.yaml)", 0, "Browser"),
        ("sioway external-diff <(cat service.yaml) <(cat k8s/service.yaml)", 1, "backend-config"),
        ("sioway doctor k8s --cluster <(cat list.json)", 0, "/dev/fd/63 holds no object"),
        ("sioway doctor k8s --cloud <(echo '[]')", 2, "`/dev/fd/63`: it is empty"),
        ("sioway blame <(echo '{}') k8s", 2, "`/dev/fd/63`: "),
        ("sioway init --from <(cat service.yaml k8s/backendconfig.yaml)", 2, "there is no"),
    ] {
        says(&scratch, line, status, text);
    }
}

#[test]
fn a_baseline_may_be_a_stream() {
    let scratch = scratch();
    scratch.ok(&["lint", "service.yaml", "--baseline", "known.json", "--update-baseline"]);
    says(&scratch, "sioway lint service.yaml --baseline <(cat known.json)", 0, "");
    // What was found in a stream is known again, whatever its number stands for now.
    let line = "sioway lint <(cat service.yaml) --baseline known.json";
    says(&scratch, &format!("{line} --update-baseline && {line}"), 0, "");
}

#[test]
fn a_named_pipe_is_read() {
    let scratch = scratch();
    for name in ["pipe", "pipe.yaml"] {
        succeed(Command::new("mkfifo").arg(scratch.path(name)));
        let line = format!("cat service.yaml > {name} & sioway lint --format concise {name}");
        says(&scratch, &line, 1, &format!("<{name}>:"));
    }
    // What was found below a directory nobody named.
    says(&scratch, "sioway lint --format concise .", 1, "service.yaml:");
}

#[test]
fn a_stream_is_never_written() {
    let scratch = scratch();
    succeed(Command::new("mkfifo").arg(scratch.path("pipe")));
    let before = (scratch.list(""), scratch.read("service.yaml"));
    for (line, text) in [
        ("sioway lint --fix <(cat service.yaml)", "`/dev/fd/63` is none"),
        ("sioway lint --fix /dev/stdin < service.yaml", "stdin is none"),
        ("sioway lint --fix service.yaml pipe", "`pipe` is none"),
        ("sioway diff --write --against /dev/stdin < service.yaml", "from stdin cannot be written"),
        ("sioway diff --write --against pipe", "from `pipe` cannot be written"),
        ("sioway lint k8s --update-baseline --baseline pipe", "`pipe` is none"),
    ] {
        says(&scratch, line, 2, text);
    }
    assert_eq!((scratch.list(""), scratch.read("service.yaml")), before);
}

/// What makes it may have failed: an empty stream is no proof that all is well.
#[test]
fn nothing_is_judged_of_a_stream_that_is_empty() {
    let scratch = scratch();
    for line in [
        "sioway lint <(false)",
        "sioway lint k8s <(false)",
        "echo | sioway lint -",
        "sioway diff --against <(false)",
        "sioway trace <(false) --path /socket.io/",
    ] {
        says(&scratch, line, 2, "nothing came from ");
    }
    says(&scratch, "sioway diff --against <(echo '# none')", 2, "there is no manifest");
}

#[test]
fn a_stream_is_read_once() {
    let scratch = scratch();
    for line in [
        "sioway lint - /dev/stdin < service.yaml",
        "sioway lint - --baseline /dev/stdin < service.yaml",
        "sioway doctor k8s --cluster /dev/fd/0 --cluster /dev/fd/0 < service.yaml",
        "exec 7< service.yaml; sioway diff --against /dev/fd/7 --against /proc/self/fd/7",
    ] {
        says(&scratch, line, 2, "can be read only once");
    }
    says(&scratch, "sioway blame /dev/stdin - < service.yaml", 2, "stdin-twice");
}

/// What is written to is not read, nor what is closed; what has no end is cut off.
#[test]
fn other_streams_are_refused() {
    let scratch = scratch();
    for (line, text) in [
        ("sioway lint /dev/stdout", "it is not a file"),
        ("sioway lint /dev/fd/2", "it is not a file"),
        ("sioway lint /dev/fd/99", "cannot read /dev/fd/99"),
        ("sioway diff --against /dev/fd/99", "cannot read /dev/fd/99"),
        ("sioway lint /dev/zero", "it is not a file"),
        ("sioway lint <(cat /dev/zero)", "is larger than 64 MiB"),
        ("sioway lint <(printf 'a: b\\nc: \\377\\n')", "is not UTF-8 text: see line 2"),
    ] {
        says(&scratch, line, 2, text);
    }
}

/// A repository may lead to a pipe as little as to a file elsewhere.
#[test]
fn only_the_call_names_streams() {
    let scratch = scratch();
    succeed(Command::new("mkfifo").arg(scratch.path("pipe.yaml")));
    for against in ["pipe.yaml", "/dev/stdin", "/dev/fd/63"] {
        let text = format!(
            "apps = [\"app.toml\"]\n[environment.prod]\nout = \"out\"\nagainst = \"{against}\"\n"
        );
        scratch.write("sioway.toml", &text);
        for line in ["sioway diff", "sioway doctor chat --print-commands"] {
            says(&scratch, &format!("{line} < service.yaml"), 2, "it is not a file");
        }
    }
    scratch.write("k8s/kustomization.yaml", "resources: [../pipe.yaml]\n");
    says(&scratch, "sioway diff app.toml --against k8s", 2, "there is no such file");
}

/// While it waits for a stream, a run ends as it does anywhere else.
#[test]
fn who_waits_for_a_stream_can_be_ended() {
    let scratch = scratch();
    succeed(Command::new("mkfifo").arg(scratch.path("pipe")));
    for line in ["lint pipe", "lint -", "diff --against pipe", "trace pipe"] {
        let mut command = scratch.command(&line.split(' ').collect::<Vec<_>>());
        let mut run = command.stdin(Stdio::piped()).spawn().unwrap();
        let held = run.stdin.take();
        succeed(Command::new("kill").args(["-INT", &run.id().to_string()]));
        let status = run.wait().unwrap();
        drop(held);
        // By the signal, or as somebody who heard it; 2 is what comes of waiting in vain.
        assert!(matches!(status.code(), None | Some(130)), "{line}: {status}");
    }
}
