//! `sioway lint --fix` as its users meet it: what it edits, what it leaves alone, and what it says.

use std::collections::BTreeMap;

use serde_json::Value;
use sioway::rules::ALL;

use crate::chat::{INGRESS, SERVICE};
use crate::rules::marked;
use crate::tools::{Run, Scratch};

const CONFIG: &str = "\
apiVersion: cloud.google.com/v1
kind: BackendConfig
metadata: {name: chat}
spec:
  timeoutSec: 30 # for now
  sessionAffinity: {affinityType: CLIENT_IP}
  connectionDraining: {drainingTimeoutSec: 60}
";

fn app() -> Scratch {
    let scratch = Scratch::new();
    scratch.write("ingress.yaml", INGRESS);
    scratch.write("service.yaml", SERVICE);
    scratch.write("config.yaml", CONFIG);
    scratch
}

/// What is left, each with its fix.
fn left(run: &Run) -> BTreeMap<String, String> {
    let all: Value = serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{}", run.err));
    let text = |one: &Value, key: &str| one[key].as_str().unwrap().to_owned();
    let findings = all["findings"].as_array().unwrap().iter();
    findings.map(|one| (text(one, "rule"), text(one, "fix"))).collect()
}

fn fix(scratch: &Scratch, more: &[&str]) -> Run {
    scratch.run(&[&["lint", ".", "--fix", "--format", "json"], more].concat())
}

fn found(entries: &[(&str, &str)]) -> BTreeMap<String, String> {
    entries.iter().map(|(rule, fix)| ((*rule).to_owned(), (*fix).to_owned())).collect()
}

#[test]
fn one_line_is_changed_and_the_rest_stays() {
    let scratch = app();
    let run = fix(&scratch, &[]);
    assert_eq!((run.status, left(&run)), (0, found(&[])), "{}", run.err);
    assert_eq!(run.err, "fixed config.yaml: websocket-cut-by-timeout\n");
    assert_eq!(scratch.read("config.yaml"), CONFIG.replace("30 #", "86400 #"));
    assert_eq!(scratch.read("service.yaml"), SERVICE);
    assert_eq!(fix(&scratch, &[]).err, "");
}

#[test]
fn a_choice_is_left_to_the_flag_for_choices() {
    let scratch = app();
    scratch.write("config.yaml", &CONFIG.replace("30 #", "300 #"));
    let run = fix(&scratch, &[]);
    assert_eq!(left(&run), found(&[("websocket-cut-by-timeout", "unsafe")]), "{}", run.err);
    assert_eq!(scratch.read("config.yaml"), CONFIG.replace("30 #", "300 #"));
    let run = fix(&scratch, &["--unsafe-fixes"]);
    assert_eq!(left(&run), found(&[]), "{}", run.err);
    assert_eq!(scratch.read("config.yaml"), CONFIG.replace("30 #", "86400 #"));
}

#[test]
fn a_patch_of_kustomize_is_left_alone() {
    let scratch = app();
    scratch.write("config.yaml", &CONFIG.replace("  timeoutSec: 30 # for now\n", ""));
    let resources = "resources: [ingress.yaml, service.yaml, config.yaml]\n";
    scratch.write("kustomization.yaml", &format!("{resources}patches: [{{path: patch.yaml}}]\n"));
    let patch = "apiVersion: cloud.google.com/v1\nkind: BackendConfig\nmetadata: {name: chat}\n\
                 spec:\n  timeoutSec: 30\n";
    scratch.write("patch.yaml", patch);
    let run = fix(&scratch, &["--unsafe-fixes"]);
    assert_eq!(left(&run), found(&[("websocket-cut-by-timeout", "manual")]), "{}", run.err);
    assert_eq!((run.err.as_str(), &*scratch.read("patch.yaml")), ("", patch));
    let text = scratch.run(&["lint", "."]).out;
    assert!(text.contains("patch.yaml:5:") && text.contains("a patch of Kustomize's"), "{text}");
}

#[test]
fn what_a_patch_sets_is_not_set_in_the_base() {
    let scratch = app();
    scratch.write(
        "service.yaml",
        &SERVICE.replace("cloud.google.com/back", "beta.cloud.google.com/back"),
    );
    scratch.write("config.yaml", &CONFIG.replace("30 #", "86400 #"));
    let patch =
        "[{op: add, path: /metadata/annotations/cloud.google.com~1backend-config, value: x}]";
    scratch.write(
        "kustomization.yaml",
        &format!(
            "resources: [ingress.yaml, service.yaml, config.yaml]\n\
             patches:\n  - target: {{kind: Service, name: chat}}\n    patch: |\n      {patch}\n"
        ),
    );
    let before = scratch.read("service.yaml");
    let run = fix(&scratch, &["--unsafe-fixes"]);
    assert_eq!(left(&run), found(&[("backendconfig-beta-key", "manual")]), "{}", run.err);
    assert_eq!(scratch.read("service.yaml"), before);
}

#[test]
fn a_name_that_kustomize_changes_is_not_attached() {
    let scratch = app();
    scratch.write("config.yaml", &CONFIG.replace("30 #", "86400 #"));
    let bare =
        SERVICE.replace("    cloud.google.com/backend-config: '{\"default\": \"chat\"}'\n", "");
    scratch.write("service.yaml", &bare);
    let resources = "resources: [ingress.yaml, service.yaml, config.yaml]\n";
    scratch.write("kustomization.yaml", &format!("namePrefix: my-\n{resources}"));
    let run = fix(&scratch, &["--unsafe-fixes"]);
    assert_eq!(left(&run)["backendconfig-not-attached"], "manual", "{}", run.err);
    assert_eq!(scratch.read("service.yaml"), bare);
    scratch.write("kustomization.yaml", resources);
    fix(&scratch, &[]);
    assert_ne!(scratch.read("service.yaml"), bare);
}

#[test]
fn templates_and_values_of_charts_are_left_alone() {
    let scratch = app();
    let template = CONFIG.replace("30 #", "{{ .Values.timeout }} #");
    scratch.write("config.yaml", &template);
    let values = "service:\n  annotations:\n    beta.cloud.google.com/backend-config: '{\"default\": \"x\"}'\n";
    scratch.write("values.yaml", values);
    let run = fix(&scratch, &["--unsafe-fixes"]);
    assert_eq!(left(&run), found(&[("backendconfig-beta-key", "manual")]), "{}", run.err);
    assert_eq!(scratch.read("config.yaml"), template);
    assert_eq!(scratch.read("values.yaml"), values);
}

#[test]
fn configurations_that_are_filled_in_later_are_left_alone() {
    let scratch = Scratch::new();
    let conf = "server {\n    listen 8080;\n    server_name @@HOST@@;\n    location /socket.io/ {\n        \
                proxy_pass http://127.0.0.1:3000;\n        proxy_read_timeout 10s;\n    }\n}\n";
    scratch.write("nginx.conf", conf);
    let run = fix(&scratch, &["--unsafe-fixes"]);
    assert_eq!(scratch.read("nginx.conf"), conf, "{}", run.err);
    assert_eq!(left(&run)["read-timeout-too-short"], "manual");
    scratch.write("nginx.conf", &conf.replace("@@HOST@@", "a.example.com"));
    fix(&scratch, &[]);
    assert!(scratch.read("nginx.conf").contains("proxy_read_timeout 3600s;"));
}

#[test]
fn a_place_in_doubt_is_left_as_it_is() {
    let scratch = app();
    let anchored = CONFIG
        .replace("spec:\n", "x: &t 30\nspec:\n")
        .replace("timeoutSec: 30", "timeoutSec: *t")
        .replace("  connectionDraining: {drainingTimeoutSec: 60}\n", "");
    scratch.write("config.yaml", &anchored);
    scratch.write(
        "service.yaml",
        &SERVICE.replace("cloud.google.com/back", "beta.cloud.google.com/back"),
    );
    let run = fix(&scratch, &[]);
    let others = "  connectionDraining:\n    drainingTimeoutSec: 60\n";
    assert_eq!(scratch.read("config.yaml"), anchored + others, "others there are repaired");
    assert_eq!(scratch.read("service.yaml"), SERVICE, "and other files");
    assert_eq!(run.err.matches("this is left as it is").count(), 1, "{}", run.err);
    assert!(run.err.contains("config.yaml:6:15") && run.err.contains("an alias"), "{}", run.err);
    assert_eq!(left(&run), found(&[("websocket-cut-by-timeout", "safe")]));
}

#[test]
fn a_repair_of_two_files_is_made_in_both_or_in_none() {
    let named = "kubernetes.io/ingress.class: gce, cloud.google.com/backend-config: '{\"default\": \"chat\"}'";
    let ingress = INGRESS.replace("kubernetes.io/ingress.class: gce", named);
    let bare =
        SERVICE.replace("    cloud.google.com/backend-config: '{\"default\": \"chat\"}'\n", "");
    let anchored = bare.replace("annotations:", "annotations: &a");
    for (service, moved) in [(&bare, true), (&anchored, false)] {
        let scratch = app();
        scratch.write("config.yaml", &CONFIG.replace("30 #", "86400 #"));
        scratch.write("ingress.yaml", &ingress);
        scratch.write("service.yaml", service);
        let run = fix(&scratch, &[]);
        assert_eq!(scratch.read("ingress.yaml") == INGRESS, moved, "{}", run.err);
        assert_eq!(scratch.read("service.yaml") == SERVICE, moved, "{}", run.err);
        assert_eq!(run.status == 0, moved, "{}", run.out);
    }
}

#[test]
fn files_are_all_written_or_none_is() {
    let scratch = app();
    let named = "kubernetes.io/ingress.class: gce, cloud.google.com/backend-config: '{\"default\": \"chat\"}'";
    let ingress = INGRESS.replace("kubernetes.io/ingress.class: gce", named);
    let bare =
        SERVICE.replace("    cloud.google.com/backend-config: '{\"default\": \"chat\"}'\n", "");
    scratch.write("ingress.yaml", &ingress);
    scratch.write("service.yaml", &bare);
    // Not even root can write aside what a directory stands in the place of.
    let taken = scratch.path(".service.yaml.sioway-new");
    std::fs::create_dir(&taken).unwrap();
    let there = scratch.list("");
    let run = fix(&scratch, &[]);
    assert_eq!(run.status, 2, "{}", run.err);
    assert!(run.err.contains("service.yaml") && !run.err.contains("fixed"), "{}", run.err);
    assert_eq!(scratch.read("ingress.yaml"), ingress);
    assert_eq!(scratch.read("service.yaml"), bare);
    assert_eq!(scratch.read("config.yaml"), CONFIG);
    assert_eq!(scratch.list(""), there, "nothing is left beside them");
    std::fs::remove_dir(&taken).unwrap();
    let run = fix(&scratch, &[]);
    assert_eq!((run.status, left(&run)), (0, found(&[])), "{}", run.err);
    assert_eq!(scratch.read("ingress.yaml"), INGRESS);
    assert_eq!(scratch.read("service.yaml"), SERVICE);
}

#[test]
fn a_misspelt_key_is_renamed_before_another_rule_misses_it() {
    let cases = [
        (("timeoutSec: 30 #", "timeout: 3600 #"), ("timeoutSec: 30 #", "timeoutSec: 3600 #")),
        // The name says what was meant, and the next round what is wrong with it.
        (("timeoutSec: 30 #", "timeout: 30 #"), ("timeoutSec: 30 #", "timeoutSec: 86400 #")),
        (
            (
                "connectionDraining: {drainingTimeoutSec: 60}",
                "connectionDraning: {drainingTimeoutSec: 45}",
            ),
            (
                "connectionDraining: {drainingTimeoutSec: 60}",
                "connectionDraining: {drainingTimeoutSec: 45}",
            ),
        ),
    ];
    for (before, after) in cases {
        let scratch = app();
        // Others have something to repair in the same document.
        let none = CONFIG.replace("CLIENT_IP", "NONE");
        let before = none.replace(before.0, before.1);
        scratch.write("config.yaml", &before);
        let run = fix(&scratch, &["--unsafe-fixes"]);
        let wanted = CONFIG.replace(after.0, after.1).replace("Sec: 30 #", "Sec: 86400 #");
        assert_eq!(scratch.read("config.yaml"), wanted, "{}", run.err);
        assert_eq!((run.status, left(&run)), (0, found(&[])), "{before}\n{}", run.err);
        assert!(!run.err.contains("edit-refused"), "{}", run.err);
    }
}

#[test]
fn a_rendered_file_that_was_broken_is_made_whole() {
    let app = "name = \"chat\"\nhost = \"chat.example.com\"\nport = 3000\n";
    for (file, good, bad) in [
        ("backendconfig.yaml", "affinityType: CLIENT_IP", "affinityType: NONE"),
        ("backendconfig.yaml", "timeoutSec: 86400", "timeoutSec: 30"),
        ("backendconfig.yaml", "checkIntervalSec: 10", "checkIntervalSec: \"10\""),
        (
            "service.yaml",
            "    cloud.google.com/backend-config:",
            "    cloud.google.com/backendconfig:",
        ),
        ("ingress.yaml", "- path: /\n", "- path: /*\n"),
    ] {
        let scratch = Scratch::with_app(app);
        scratch.ok(&["render", "app.toml", "-o", "out"]);
        let path = format!("out/{file}");
        let whole = scratch.read(&path);
        assert!(whole.contains(good), "{whole}");
        scratch.write(&path, &whole.replacen(good, bad, 1));
        assert_ne!(left(&scratch.run(&["lint", "out", "--format", "json"])), found(&[]), "{bad}");
        let run = fix(&scratch, &["--unsafe-fixes"]);
        assert_eq!(scratch.read(&path), whole, "{bad}\n{}{}", run.out, run.err);
    }
}

#[test]
fn a_stream_has_no_file_to_edit() {
    let run = app().run(&["lint", "-", "--fix"]);
    assert_eq!((run.status, run.out.as_str()), (2, ""), "{}", run.err);
    assert!(run.err.contains("stdin"), "{}", run.err);
}

#[test]
fn findings_that_clash_are_repaired_one_after_the_other() {
    let scratch = app();
    let named = "{\"ports\": {\"80\": \"chat\"}}";
    let class = "kubernetes.io/ingress.class: gce";
    let key = format!("cloud.google.com/backend-config: '{named}'");
    scratch.write("config.yaml", &CONFIG.replace("30 #", "86400 #"));
    scratch.write("ingress.yaml", &INGRESS.replace(class, &format!("{class}, {key}")));
    let own = "    cloud.google.com/backend-config: '{\"default\": \"chat\"}'\n";
    scratch.write("service.yaml", &SERVICE.replace(own, ""));
    let before = scratch.run(&["lint", ".", "--format", "json"]);
    let both = ["backendconfig-not-attached", "backendconfig-on-ingress"];
    assert!(left(&before).keys().eq(both), "{}", before.out);
    let run = fix(&scratch, &[]);
    assert_eq!((run.status, left(&run)), (0, found(&[])), "{}", run.err);
    assert_eq!(scratch.read("ingress.yaml"), INGRESS);
    assert_eq!(scratch.read("service.yaml"), SERVICE.replace("{\"default\": \"chat\"}", named));
}

/// Every page's faults, with all rules at once: what they repair stays repaired.
#[test]
fn all_rules_together_come_to_an_end() {
    let mut changed = 0;
    for rule in ALL {
        let page = rule.page();
        let fences = page.fences("Example").into_iter().chain(page.fences("More cases"));
        for (index, fence) in fences.enumerate() {
            let scratch = Scratch::new();
            let name = if fence.language == "nginx" { "nginx.conf" } else { "k8s.yaml" };
            let text = marked(fence.text).1;
            scratch.write(name, &text);
            let run = fix(&scratch, &["--unsafe-fixes"]);
            let place = format!("{} {index}\n{text}\n{}\n{}", rule.id, run.err, scratch.read(name));
            let open = left(&run).into_values().any(|fix| matches!(&*fix, "safe" | "unsafe"));
            assert!(!open && !run.err.contains("left as it is"), "{place}");
            let once = scratch.read(name);
            fix(&scratch, &["--unsafe-fixes"]);
            assert_eq!(scratch.read(name), once, "{place}");
            changed += usize::from(once != text);
        }
    }
    assert!(changed > 100, "{changed} examples are changed");
}

/// What two editors wrote has two kinds of line ends: each line keeps its own, and a new one takes its neighbour's.
#[test]
fn each_line_keeps_its_end() {
    const HEAD: &str =
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: chat}\ndata:\n  a.conf: |\n";
    const NGINX: &str = "# sioway: socketio path=/socket.io/
map $http_x $y { default 1; }
server {
  listen 8080;
  # one
  location /socket.io/ { # way
    proxy_pass http://127.0.0.1:3000;
    proxy_set_header X-A \"b c\"; # odd
    proxy_read_timeout 20s; # too short

    proxy_buffering on; # two
  }
  location / {
    proxy_pass http://127.0.0.1:3000/;
  }
}
";
    let windows = |text: &str| text.replace('\n', "\r\n");
    let indented: String = NGINX
        .split_inclusive('\n')
        .map(|line| if line.trim().is_empty() { line.to_owned() } else { format!("    {line}") })
        .collect();
    let repaired = |name: &str, text: &str| {
        let scratch = Scratch::new();
        scratch.write(name, text);
        scratch.run(&["lint", ".", "--fix"]);
        scratch.read(name)
    };
    let unix = repaired("a.yaml", &format!("{HEAD}{indented}"));
    let within = unix.strip_prefix(HEAD).unwrap();
    assert_ne!(within, indented);
    let mixed = repaired("a.yaml", &format!("{HEAD}{}", windows(&indented)));
    assert_eq!(mixed, format!("{HEAD}{}", windows(within)));
    let other = repaired("a.yaml", &format!("{}{indented}", windows(HEAD)));
    assert_eq!(other, format!("{}{within}", windows(HEAD)));
    // A file of nginx's own, whose first line alone is of another kind.
    let unix = repaired("a.conf", &format!("# first\n{NGINX}"));
    let mixed = repaired("a.conf", &format!("# first\n{}", windows(NGINX)));
    assert_eq!(mixed, format!("# first\n{}", windows(unix.strip_prefix("# first\n").unwrap())));
}

/// What a comment says stays, or nothing is written.
#[test]
fn an_old_backend_with_comments_is_left_to_people() {
    let old = |name: &str, port: &str| {
        format!(
            "apiVersion: extensions/v1beta1\nkind: Ingress\nmetadata: {{name: chat}}\nspec:\n  # all else\n  backend: # b\n    \
             # the web\n    serviceName: web{name}\n    servicePort: 80{port}\n"
        )
    };
    let new = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: chat}\nspec:\n  # all else\n  \
               defaultBackend: # b\n    # the web\n    service:\n      name: web\n      port:\n        number: 80\n";
    for (text, wanted) in [
        (old("", ""), Ok(new)),
        (old(" # w", ""), Err("# w")),
        (old("", " # p"), Err("# p")),
        (old("\n    # between", ""), Err("# between")),
        (
            old("", "").replace("# the web", "# serviceName is the web"),
            Err("# serviceName is the web"),
        ),
    ] {
        let scratch = Scratch::new();
        scratch.write("a.yaml", &text);
        let run = scratch.run(&["lint", "a.yaml", "--fix"]);
        assert_eq!(scratch.read("a.yaml"), wanted.unwrap_or(&text), "{}", run.out);
        if let Err(comment) = wanted {
            let note = format!("not repaired by `--fix`: `{comment}` would be lost");
            assert!(run.out.contains(&note), "{}{}", run.out, run.err);
        }
    }
}
