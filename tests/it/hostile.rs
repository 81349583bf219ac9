//! A repository that means no good: names, values, links, devices and descriptions that somebody else wrote.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::{FileTypeExt as _, symlink};
use std::os::unix::net::UnixListener;
use std::process::{Command, Stdio};

use serde_json::json;

use crate::fuzz::harmless;
use crate::tools::{MINIMAL, Run, Scratch, python, succeed};

/// Text that means something to a terminal, to GitHub Actions, to HTML, XML, Markdown, Mermaid, a shell, or to nobody.
const EVIL: &str = "x`|</code><script>alert(1)</script><img src=x onerror=alert(2)> ]]> \u{1b}[31m\u{9b}2J \u{202e} ::error::y %0A ##[error]z @everyone #1 $(id) ${x} --server=http://evil.example.com\n::add-mask::inj\n```\n%%{init}%%\nend";

const FORMATS: [&str; 9] =
    ["text", "concise", "json", "sarif", "github", "gitlab", "junit", "markdown", "html"];

/// Names of files with what must not get out of them.
const NAMES: [&str; 11] = [
    "a\nb.yaml",
    "x\n::add-mask::a.yaml",
    "::add-mask::b.yaml",
    " ::add-mask::c.yaml",
    "\u{1b}[31mred.yaml",
    "\u{202e}turned.yaml",
    "%0A::error::d.yaml",
    "]]><script>alert(1)</script>.yaml",
    "a|b`c`.yaml",
    "-rf.yaml",
    "a,b:c;d.yaml",
];

/// A manifest with a fault that every format has something to say of.
pub(crate) fn faulty() -> String {
    let scratch = Scratch::with_app(MINIMAL);
    scratch.ok(&["render", "-o", "k8s"]);
    scratch.read("k8s/service.yaml").replace("backend-config", "backendconfig")
}

/// A repository of such names.
fn named() -> Scratch {
    let scratch = Scratch::new();
    for name in NAMES {
        scratch.write(name, &faulty());
    }
    scratch
}

/// Manifests whose every name and value is hostile, and which are wrong in many ways.
fn valued() -> Scratch {
    let scratch = Scratch::with_app(MINIMAL);
    let name = |of: &str| format!("{of}{EVIL}");
    let backend_config = json!({"default": name("config")}).to_string();
    let objects = json!([
        {
            "apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
            "metadata": {"name": name("i"), "namespace": name("n"), "annotations": {"kubernetes.io/ingress.class": "gce", (name("cloud.google.com/")): EVIL}},
            "spec": {"rules": [{"host": name("h"), "http": {"paths": [
                {"path": name("/socket.io/"), "pathType": "Exact", "backend": {"service": {"name": name("s"), "port": {"number": 80}}}},
                {"path": "/socket.io/", "pathType": "Prefix", "backend": {"service": {"name": name("s"), "port": {"name": EVIL}}}},
            ]}}]},
        },
        {
            "apiVersion": "v1", "kind": "Service",
            "metadata": {"name": name("s"), "namespace": name("n"), "annotations": {"cloud.google.com/backend-config": backend_config, "cloud.google.com/backendconfig": EVIL}},
            "spec": {"selector": {"app": EVIL}, "ports": [{"port": 80, "targetPort": name("p"), "name": EVIL}]},
        },
        {
            "apiVersion": "cloud.google.com/v1", "kind": "BackendConfig",
            "metadata": {"name": name("config"), "namespace": name("n")},
            "spec": {(name("timeout")): EVIL, "timeoutSec": EVIL, "cdn": {"enabled": true}, "healthCheck": {"requestPath": name("/"), "type": EVIL, "port": 1}, "sessionAffinity": {"affinityType": EVIL}},
        },
        {
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": "--server=http://evil.example.com", "namespace": name("n")},
            "data": {"nginx.conf": format!("events {{}}\nhttp {{ server {{ listen 8080; location '/socket.io/{0}' {{ proxy_pass http://a; proxy_read_timeout '{0}'; }} location /socket.io/ {{ proxy_pass http://b; }} }} }}\n", EVIL.replace(['{', '}', '\''], ""))},
        },
    ]);
    for (at, object) in objects.as_array().unwrap().iter().enumerate() {
        scratch.write(
            &format!("k8s/{at}.yaml"),
            &format!("{object:#}\n").replace('\u{9b}', "\\u009b"),
        );
    }
    scratch
}

/// Nothing in what a run says steers a terminal, or is a command to GitHub Actions that sioway did not mean.
#[track_caller]
fn says_no_evil(run: &Run, arguments: &[&str]) {
    assert!([0, 1, 2].contains(&run.status), "{arguments:?}: {}", run.err);
    for text in [&run.out, &run.err] {
        harmless(text);
        let mut lines = text.lines().map(str::trim_start);
        let injected = lines.find(|line| line.starts_with("::add-mask::"));
        assert!(injected.is_none(), "{arguments:?}: {injected:?}");
    }
}

#[test]
fn names_of_files_stay_names_in_every_format() {
    let scratch = named();
    for format in FORMATS {
        let arguments = ["lint", "--format", format];
        let run = scratch.run(&arguments);
        says_no_evil(&run, &arguments);
        is_whole(format, &run.out);
        assert!(!run.out.is_empty(), "{format}: {}", run.err);
    }
    for arguments in
        [&["lint", "--show-files"][..], &["lint", "--fix", "--verbose"], &["trace", "."]]
    {
        says_no_evil(&scratch.run(arguments), arguments);
    }
}

#[test]
fn values_stay_values_in_every_command_and_format() {
    let scratch = valued();
    for format in FORMATS {
        let arguments = ["lint", "k8s", "--format", format];
        let run = scratch.run(&arguments);
        assert_eq!(run.status, i32::from(format != "sarif"), "{format}: {}{}", run.out, run.err);
        says_no_evil(&run, &arguments);
        is_whole(format, &run.out);
    }
    let formats: [(&[&str], &[&str]); 3] = [
        (
            &["diff", "--against", "k8s"],
            &["text", "json", "github", "gitlab", "sarif", "rdjson", "markdown", "html"],
        ),
        (&["trace", "k8s"], &["text", "json", "markdown"]),
        (&["graph", "k8s"], &["text", "mermaid", "svg"]),
    ];
    for (command, formats) in formats {
        for format in formats {
            let arguments = [command, &["--format", format]].concat();
            let run = scratch.run(&arguments);
            assert!(!run.out.is_empty(), "{arguments:?}: {}", run.err);
            says_no_evil(&run, &arguments);
            is_whole(format, &run.out);
        }
    }
    let adopted = scratch.path("adopted");
    fs::create_dir(&adopted).unwrap();
    let output =
        scratch.command(&["init", "--from", "../k8s"]).current_dir(&adopted).output().unwrap();
    assert_ne!(output.status.code(), Some(101));
    if let Ok(text) = fs::read_to_string(adopted.join("app.toml")) {
        harmless(&text);
        text.parse::<toml::Table>().unwrap();
    }
}

/// What is read by machines is what they read, and pages have no elements but their own.
fn is_whole(format: &str, text: &str) {
    match format {
        "json" | "sarif" | "gitlab" | "rdjson" => {
            serde_json::from_str::<serde_json::Value>(text).unwrap();
        }
        "junit" | "svg" => {
            let mut reader = python();
            reader.args(["-c", "import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.stdin)"]);
            let mut child = reader.stdin(Stdio::piped()).spawn().unwrap();
            child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
            assert!(child.wait().unwrap().success(), "{text}");
        }
        "html" => assert!(!text.contains("<script") && !text.contains("<img"), "{text}"),
        "markdown" => {
            let mut fence = None;
            for line in text.lines() {
                let ticks = line.chars().take_while(|c| *c == '`').count();
                match fence {
                    None if ticks >= 3 => fence = Some(ticks),
                    None => assert!(!line.contains("<script") && !line.contains("<img"), "{line}"),
                    Some(open) if ticks >= open && line.len() == ticks => fence = None,
                    Some(_) => {}
                }
            }
            assert_eq!(fence, None, "a fence is open at the end: {text}");
        }
        _ => {}
    }
}

/// kubectl takes a name for an option that looks like one, and `--server` is where it sends its credentials.
#[test]
fn names_of_objects_are_no_options_of_kubectl() {
    let scratch = valued();
    let harmless =
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: nginx, namespace: shop}\ndata: {}\n";
    scratch.write("k8s/harmless.yaml", harmless);
    let run = scratch.ok(&["doctor", "k8s", "--print-commands"]);
    says_no_evil(&run, &["doctor"]);
    assert!(!run.out.contains("--server"), "{}", run.out);
    assert!(run.out.contains("--namespace shop get configmaps nginx "), "{}", run.out);
}

#[test]
fn a_file_whose_name_is_no_text_is_told_of() {
    let scratch = Scratch::new();
    let name = std::ffi::OsString::from_vec(b"odd\xff.yaml".to_vec());
    fs::write(scratch.path("").join(name), faulty()).unwrap();
    scratch.write("good.yaml", &faulty());
    let run = scratch.run(&["lint", "--format", "concise"]);
    assert_eq!(run.status, 2);
    assert!(run.out.contains("its name is not UTF-8"), "{}", run.out);
    assert!(run.out.contains("good.yaml:"), "the others are judged: {}", run.out);
}

/// What is no file, by its name.
fn with_specials() -> Scratch {
    let scratch = Scratch::with_app(MINIMAL);
    scratch.ok(&["render", "-o", "k8s"]);
    scratch.write("special/good.yaml", &faulty());
    let path = |name: &str| scratch.path(&format!("special/{name}"));
    succeed(Command::new("mkfifo").arg(path("pipe.yaml")));
    symlink("/dev/zero", path("endless.yaml")).unwrap();
    symlink("around.yaml", path("around.yaml")).unwrap();
    symlink("..", path("up")).unwrap();
    symlink("nowhere", path("dangling.yaml")).unwrap();
    UnixListener::bind(path("socket.yaml")).unwrap();
    scratch
}

const SPECIALS: [&str; 5] =
    ["pipe.yaml", "endless.yaml", "around.yaml", "dangling.yaml", "socket.yaml"];

#[test]
fn what_is_no_file_hangs_no_command() {
    let scratch = with_specials();
    let refuses = &|arguments: &[&str]| {
        let run = scratch.run(arguments);
        assert_eq!(run.status, 2, "{arguments:?}: {}{}", run.out, run.err);
        says_no_evil(&run, arguments);
    };
    for name in SPECIALS {
        let path = format!("special/{name}");
        let profile = format!("./{path}");
        let commands: [&[&str]; 14] = [
            &["lint", &path],
            &["lint", "k8s", "--baseline", &path],
            &["render", &path, "-o", "-"],
            &["render", "--profile", &profile, "-o", "-"],
            &["render", "--templates", &path, "-o", "-"],
            &["diff", "--against", &path],
            &["trace", &path],
            &["graph", &path],
            &["runbook", &path],
            &["blame", &path, "k8s"],
            &["doctor", "k8s", "--cluster", &path],
            &["doctor", "k8s", "--cloud", &path],
            &["external-diff", &path, "k8s"],
            &["init", "--from", &path],
        ];
        // A pipe that the call names is waited for, a while.
        std::thread::scope(|scope| {
            for arguments in commands {
                scope.spawn(move || refuses(arguments));
            }
        });
    }
    let run = scratch.run(&["lint", "special", "--format", "concise"]);
    assert!(run.out.contains("special/good.yaml:"), "{}{}", run.out, run.err);
}

#[test]
fn a_report_replaces_files_only() {
    let scratch = with_specials();
    for name in ["pipe.yaml", "socket.yaml"] {
        let path = scratch.path(&format!("special/{name}"));
        let before = fs::symlink_metadata(&path).unwrap().file_type();
        let output = format!("json:special/{name}");
        let run = scratch.run(&["lint", "k8s", "--output", &output]);
        assert_eq!(run.status, 2);
        assert!(run.err.contains("it is not a file"), "{}", run.err);
        let after = fs::symlink_metadata(&path).unwrap().file_type();
        assert_eq!((before.is_fifo(), before.is_socket()), (after.is_fifo(), after.is_socket()));
    }
}

#[test]
fn stdin_without_an_end_is_refused() {
    let scratch = Scratch::with_app(MINIMAL);
    for arguments in [&["lint", "-"][..], &["krm"], &["blame", "-"], &["diff", "--against", "-"]] {
        let mut run = scratch.command(arguments);
        let output = run.stdin(File::open("/dev/zero").unwrap()).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(text.contains("`stdin` is larger than 64 MiB"), "{arguments:?}: {text}");
    }
}

#[test]
fn numbers_without_measure_are_refused_or_borne() {
    let scratch = Scratch::with_app(MINIMAL);
    scratch.write("k8s/service.yaml", &faulty());
    scratch.ok(&["lint", "k8s", "--baseline", "known.json", "--update-baseline"]);
    let known =
        scratch.read("known.json").replace("\"count\": 1", "\"count\": 18446744073709551615");
    let mut known: serde_json::Value = serde_json::from_str(&known).unwrap();
    let again = known["findings"][0].clone();
    known["findings"].as_array_mut().unwrap().push(again);
    scratch.write("known.json", &known.to_string());
    let run = scratch.run(&["lint", "k8s", "--baseline", "known.json"]);
    assert_eq!(run.status, 0, "{}", run.err);
    for setting in [
        "session.max-age=9223372036854775807h",
        "session.max-age=99999999999999999999s",
        "nginx.max-body=99999999999999999999G",
        "workload.replicas=9223372036854775807",
        "port=-1",
        "session.drain=0x7fffffffffffffff",
        "health.interval=18446744073709551615s",
    ] {
        let run = scratch.run(&["render", "-o", "-", "--set", setting]);
        assert_eq!(run.status, 2, "{setting}: {}", run.out);
        says_no_evil(&run, &[setting]);
    }
}

#[test]
fn names_in_a_description_lead_nowhere() {
    for value in
        ["../x", "a/b", "/etc", ".", "..", "a\\nb", "a\\u001b[31m", "\\u202e", "-x", "a b", ""]
    {
        let scratch = Scratch::with_app(&MINIMAL.replace("\"chat\"", &format!("\"{value}\"")));
        let run = scratch.run(&["render"]);
        assert_eq!(run.status, 2, "{value:?}: {}", run.err);
        says_no_evil(&run, &[value]);
        assert_eq!(scratch.list(""), ["app.toml"], "{value:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_current_directory_whose_name_is_no_text_is_told_of() {
    let scratch = Scratch::new();
    let here = scratch.path("").join(std::ffi::OsString::from_vec(b"odd\xff".to_vec()));
    fs::create_dir(&here).unwrap();
    fs::write(here.join("app.toml"), MINIMAL).unwrap();
    for arguments in [&["lint"][..], &["render"], &["diff"], &["trace"], &["init", "x"]] {
        let run = scratch.command(arguments).current_dir(&here).output().unwrap();
        let told = String::from_utf8(run.stderr).unwrap();
        assert_eq!(run.status.code(), Some(2), "{arguments:?}: {told}");
        assert!(
            told.contains("cannot work in `")
                && told.contains("odd\u{fffd}`: its name is not UTF-8"),
            "{told}"
        );
    }
}
