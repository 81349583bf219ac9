//! `sioway lint` as its users meet it: what it reads, what it says of broken files, what it accepts.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Stdio;

use serde_json::Value;

use crate::tools::{Run, Scratch, both};

/// A location for Socket.IO that forwards no upgrade.
const BROKEN_NGINX: &str = "\
server {
    listen 8080;
    location /socket.io/ {
        proxy_pass http://127.0.0.1:3000;
    }
}
";

const RULE: &str = "upgrade-not-forwarded";

fn with_fault() -> Scratch {
    let scratch = Scratch::new();
    scratch.write("conf/nginx.conf", BROKEN_NGINX);
    scratch
}

fn json(run: &Run) -> Value {
    serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}\n{}{}", run.out, run.err))
}

fn rules(run: &Run) -> Vec<String> {
    let findings = json(run)["findings"].as_array().unwrap().clone();
    findings.iter().map(|one| one["rule"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn findings_exit_with_1_and_their_absence_with_0() {
    let scratch = with_fault();
    let run = scratch.run(&["lint", "."]);
    assert_eq!(run.status, 1, "{}", run.err);
    assert!(run.out.contains("conf/nginx.conf:4:9"), "{}", run.out);
    assert_eq!(scratch.run(&["lint", ".", "--exit-zero"]).status, 0);
    let fixed = BROKEN_NGINX.replace(
        "3000;",
        "3000;\n        proxy_http_version 1.1;\n        proxy_set_header Host $host;\n        \
         proxy_set_header Upgrade $http_upgrade;\n        proxy_set_header Connection upgrade;",
    );
    scratch.write("conf/nginx.conf", &fixed);
    let run = scratch.run(&["lint", ".", "--format", "json"]);
    assert!(!rules(&run).contains(&RULE.to_owned()), "{}", run.out);
}

#[test]
fn the_json_has_the_promised_shape() {
    let run = with_fault().run(&["lint", ".", "--format", "json"]);
    let all = json(&run);
    let finding =
        all["findings"].as_array().unwrap().iter().find(|one| one["rule"] == RULE).unwrap();
    assert_eq!(all["version"], 1);
    assert_eq!(finding["severity"], "error");
    assert_eq!((&finding["file"], &finding["line"]), (&"conf/nginx.conf".into(), &4.into()));
    assert_eq!(finding["column"], 9);
    assert_eq!(finding["object"], Value::Null);
    assert_eq!(finding["path"], "server.location[/socket.io/].proxy_pass");
    assert!(["safe", "unsafe", "manual", "none"].contains(&finding["fix"].as_str().unwrap()));
}

#[test]
fn sarif_exits_with_0_and_several_formats_can_be_written_at_once() {
    let scratch = with_fault();
    let run = scratch.run(&[
        "lint",
        ".",
        "--format",
        "sarif",
        "--output",
        "junit:a.xml",
        "--output",
        "json:b.json",
    ]);
    assert_eq!(run.status, 0);
    assert_eq!(json(&run)["version"], "2.1.0");
    assert!(scratch.read("a.xml").contains("<testsuite"));
    assert!(scratch.read("b.json").contains(RULE));
    let run = scratch.run(&["lint", ".", "--output", "pdf:a.pdf"]);
    assert_eq!(run.status, 2);
    assert!(run.err.contains("text, concise, json"), "{}", run.err);
}

#[test]
fn a_broken_file_is_named_and_the_others_are_judged() {
    let scratch = with_fault();
    scratch.write("a.yaml", "kind: Service\nmetadata:\n\tname: a\n");
    scratch.write("b/nginx.conf", "server {\n    listen 80\n}\n");
    let run = scratch.run(&["lint", ".", "--format", "json"]);
    assert_eq!(run.status, 2);
    assert!(rules(&run).contains(&RULE.to_owned()));
    let text = scratch.run(&["lint", "."]);
    let said = text.out + &text.err;
    assert!(said.contains("a.yaml:3:1") && said.contains("b/nginx.conf:2:"), "{said}");
}

#[test]
fn what_is_no_text_or_cannot_be_read_is_named() {
    let scratch = with_fault();
    std::fs::write(scratch.path("latin.yaml"), b"kind: Service # caf\xe9\n").unwrap();
    std::fs::write(scratch.path("blob.conf"), [0xff, 0x00, 0x80]).unwrap();
    symlink("loop.yaml", scratch.path("loop.yaml")).unwrap();
    symlink(".", scratch.path("round")).unwrap();
    let run = scratch.run(&["lint", ".", "--format", "concise"]);
    assert_eq!(run.status, 2);
    let said = run.out + &run.err;
    assert!(said.contains("latin.yaml` is not UTF-8"), "{said}");
    assert!(!said.contains("blob.conf"), "nobody named it: {said}");
    assert!(said.contains(RULE), "{said}");
    let run = scratch.run(&["lint", "gone.yaml"]);
    assert_eq!(run.status, 2);
    assert!((run.out + &run.err).contains("gone.yaml"));
    std::fs::set_permissions(scratch.path("latin.yaml"), PermissionsExt::from_mode(0o000)).unwrap();
    assert_eq!(scratch.run(&["lint", "latin.yaml"]).status, 2);
}

#[test]
fn what_git_ignores_is_not_read() {
    let scratch = with_fault();
    scratch.write(".gitignore", "conf/\n");
    scratch.write("a.yaml", "kind: A\n");
    assert_eq!(scratch.run(&["lint"]).status, 0);
    assert_eq!(scratch.run(&["lint", "conf/nginx.conf"]).status, 1, "unless it is named");
}

#[test]
fn templates_are_named_and_skipped() {
    let scratch = Scratch::new();
    scratch.write("chart/templates/a.yaml", "{{- if .Values.a }}\nkind: A\n{{- end }}\n");
    let run = scratch.run(&["lint", ".", "--format", "json"]);
    assert_eq!(run.status, 0, "{}", run.out);
    assert_eq!(json(&run)["problems"][0]["id"], "template-skipped", "{}", run.out);
    let listed = scratch.ok(&["lint", "--show-files"]).out;
    assert_eq!(listed, "chart/templates/a.yaml\ttemplate, not checked\n");
}

#[test]
fn what_the_images_of_nginx_fill_in_is_read() {
    let scratch = Scratch::new();
    let text = BROKEN_NGINX.replace("8080", "${NGINX_PORT}");
    scratch.write("nginx/templates/default.conf.template", &text);
    scratch.write("mail/welcome.template", "Dear {{ name }},\n");
    let run = scratch.run(&["lint", "--format", "json"]);
    assert!(rules(&run).contains(&RULE.to_owned()), "{}", run.out);
    let listed = scratch.ok(&["lint", "--show-files"]).out;
    assert_eq!(listed, "nginx/templates/default.conf.template\tnginx\n");
}

#[test]
fn what_is_not_utf8_is_named_with_its_line() {
    let scratch = Scratch::new();
    std::fs::write(scratch.path("latin.yaml"), b"kind: A\nname: caf\xe9\n").unwrap();
    let run = scratch.run(&["lint"]);
    assert_eq!(run.status, 2, "{}", run.err);
    assert!(run.out.contains("`latin.yaml` is not UTF-8 text: see line 2"), "{}", run.out);
    let listed = scratch.run(&["lint", "--show-files"]);
    assert_eq!(listed.status, 2);
    assert!(listed.err.contains("see line 2"), "{}", listed.err);
}

#[test]
fn a_stream_is_read_from_stdin() {
    let scratch = Scratch::new();
    let mut child = scratch
        .command(&["lint", "-", "--format", "concise"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let map = format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: nginx\ndata:\n  default.conf: |\n{}",
        BROKEN_NGINX.lines().map(|line| format!("    {line}\n")).collect::<Vec<_>>().concat()
    );
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), map.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(out.contains("<stdin>:10:13: error[upgrade-not-forwarded]"), "{out}");
}

#[test]
fn a_comment_accepts_a_finding_and_says_why() {
    let scratch = with_fault();
    let allowed = |comment: &str| {
        BROKEN_NGINX
            .replace("        proxy_pass", &format!("        {comment}\n        proxy_pass"))
    };
    scratch
        .write("conf/nginx.conf", &allowed("# sioway: allow(upgrade-not-forwarded) polling only"));
    let run = scratch.run(&["lint", "--format", "json"]);
    assert!(!rules(&run).contains(&RULE.to_owned()), "{}", run.out);
    for (comment, rule) in [
        ("# sioway: allow(drain-disabled) why", "unused-allow"),
        ("# sioway: allow(no-such-rule) why", "unused-allow"),
        ("# sioway: allow(upgrade-not-forwarded)", "broken-remark"),
        ("# sioway: nonsense", "broken-remark"),
    ] {
        scratch.write("conf/nginx.conf", &allowed(comment));
        let found = rules(&scratch.run(&["lint", "--format", "json"]));
        assert!(
            found.contains(&rule.to_owned()) && found.contains(&RULE.to_owned()),
            "{comment}: {found:?}"
        );
    }
}

#[test]
fn the_workspace_sets_rules() {
    let scratch = with_fault();
    let lint = |config: &str| {
        scratch.write("sioway.toml", config);
        scratch.run(&["lint", "--format", "json"])
    };
    let off = lint("[lint]\ndisable = [\"upgrade-not-forwarded\"]\n");
    assert!(!rules(&off).contains(&RULE.to_owned()), "{}", off.out);
    let lower = lint("[lint.severity]\nupgrade-not-forwarded = \"info\"\n");
    let severity = json(&lower)["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["rule"] == RULE)
        .unwrap()["severity"]
        .clone();
    assert_eq!(severity, "info");
    let elsewhere = lint("[lint.per-path.\"other/**\"]\ndisable = [\"upgrade-not-forwarded\"]\n");
    assert!(rules(&elsewhere).contains(&RULE.to_owned()));
    let here = lint("[lint.per-path.\"conf/**\"]\ndisable = [\"upgrade-not-forwarded\"]\n");
    assert!(!rules(&here).contains(&RULE.to_owned()));
    let wrong = lint("[lint]\ndisable = [\"upgrade-not-forwardet\"]\n");
    assert_eq!(wrong.status, 2);
    assert!(wrong.err.contains("did you mean `upgrade-not-forwarded`?"), "{}", wrong.err);
}

#[test]
fn a_rule_that_does_not_exist_is_refused_with_its_line() {
    let scratch = with_fault();
    for (config, place) in [
        ("[lint]\ndisable = [\"upgrade-not-forwardd\"]\n", "sioway.toml:2:12"),
        (
            "[lint.per-path.\"conf/**\".severity]\nupgrade-not-forwardd = \"info\"\n",
            "sioway.toml:2:1",
        ),
    ] {
        scratch.write("sioway.toml", config);
        let run = scratch.run(&["lint"]);
        assert_eq!(run.status, 2, "{}", run.err);
        for text in [place, "there is no such rule", "did you mean `upgrade-not-forwarded`?"] {
            assert!(run.err.contains(text), "{text}\n{}", run.err);
        }
    }
}

#[test]
fn a_baseline_accepts_what_is_there_and_nothing_more() {
    let scratch = with_fault();
    let lint = || scratch.run(&["lint", "--baseline", "known.json"]);
    assert_eq!(lint().status, 2, "there is none yet");
    scratch.ok(&["lint", "--baseline", "known.json", "--update-baseline"]);
    assert_eq!(lint().status, 0);
    scratch.write("conf/nginx.conf", &format!("# one more line\n{BROKEN_NGINX}"));
    assert_eq!(lint().status, 0, "lines may move");
    scratch.write("more/nginx.conf", BROKEN_NGINX);
    let run = lint();
    assert_eq!(run.status, 1);
    assert!(
        run.out.contains("more/nginx.conf") && !run.out.contains("conf/nginx.conf:5"),
        "{}",
        run.out
    );
    scratch.write("known.json", "{}");
    assert_eq!(lint().status, 2);
}

/// The repository has one, wherever somebody stands in it.
#[test]
fn a_baseline_holds_in_every_directory() {
    let scratch = with_fault();
    std::fs::create_dir(scratch.path(".git")).unwrap();
    scratch.write("more/nginx.conf", BROKEN_NGINX);
    scratch.ok(&["lint", "--baseline", "known.json", "--update-baseline"]);
    let known = scratch.read("known.json");
    let inside = |arguments: &[&str]| {
        let mut command =
            scratch.command(&[&["lint", "--baseline", "../known.json"], arguments].concat());
        let output = command.current_dir(scratch.path("more")).output().unwrap();
        (output.status.code(), both(&output))
    };
    assert_eq!(inside(&["."]), (Some(0), String::new()));
    // What is not looked at stays accepted.
    assert_eq!(inside(&[".", "--update-baseline"]), (Some(0), String::new()));
    assert_eq!(scratch.read("known.json"), known);
    std::fs::remove_file(scratch.path("conf/nginx.conf")).unwrap();
    let (status, told) = inside(&["."]);
    assert!(status == Some(0) && told.contains("accepted findings are gone"), "{told}");
}

/// What stdout leads to may be a file that others write too.
#[test]
fn a_report_to_stdout_replaces_nothing() {
    let scratch = with_fault();
    scratch.write("log.txt", "keep me\n");
    for name in ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"] {
        let log = std::fs::OpenOptions::new().append(true).open(scratch.path("log.txt")).unwrap();
        let output = format!("json:{name}");
        let mut command = scratch.command(&["lint", "--format", "concise", "--output", &output]);
        assert_eq!(command.stdout(log).status().unwrap().code(), Some(1));
    }
    let log = scratch.read("log.txt");
    assert!(log.starts_with("keep me\n{"), "{log}");
    assert_eq!((log.matches("\n{").count(), log.matches(": error[").count()), (3, 3), "{log}");
    let run = scratch.run(&["lint", "--output", "json:/dev/stderr", "--output", "json:/dev/null"]);
    assert!(run.status == 1 && run.err.starts_with('{'), "{}", run.err);
}

#[test]
fn large_and_hostile_files_end_in_bounded_time() {
    let scratch = with_fault();
    let nested = (0..1_000).map(|depth| " ".repeat(depth) + "a:\n").collect::<String>();
    scratch.write("nested.yaml", &nested);
    let bomb = (1..30).fold("a0: &a0 [x, x]\n".to_owned(), |text, n| {
        format!("{text}a{n}: &a{n} [*a{0}, *a{0}, *a{0}]\n", n - 1)
    });
    scratch.write("bomb.yaml", &bomb);
    scratch.write("large.yaml", &"- a: some text that is repeated\n".repeat(1_500_000));
    let started = std::time::Instant::now();
    let run = scratch.run(&["lint", "--format", "json"]);
    assert_eq!(run.status, 2, "the nesting is refused");
    assert!(rules(&run).contains(&RULE.to_owned()));
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}
