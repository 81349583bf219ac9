//! `sioway diff`: what it finds, what it leaves alone, and that its edits end what it finds.

use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;

use crate::specs::adoptable;
use crate::tools::{MINIMAL, Run, Scratch, git};

fn json(run: &Run) -> Value {
    serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}\n{}{}", run.out, run.err))
}

/// Rendered manifests in a directory of their own, without what tells them for sioway's.
pub(crate) fn existing(scratch: &Scratch) {
    scratch.ok(&["render", "-o", "k8s"]);
    for name in scratch.list("k8s") {
        let path = format!("k8s/{name}");
        if name == ".sioway.lock" || name == "kustomization.yaml" {
            std::fs::remove_file(scratch.path(&path)).unwrap();
        } else {
            let text = scratch.read(&path);
            let own = text.lines().filter(|line| !line.starts_with("# Rendered by"));
            scratch.write(&path, &own.map(|line| format!("{line}\n")).collect::<Vec<_>>().concat());
        }
    }
}

#[test]
fn what_was_just_rendered_does_not_differ() {
    let scratch = Scratch::with_app(MINIMAL);
    scratch.ok(&["render"]);
    assert_eq!(scratch.ok(&["diff"]).out, "");
    existing(&scratch);
    let run = scratch.ok(&["diff", "--against", "k8s", "--format", "json"]);
    let all = json(&run);
    assert_eq!(all["summary"]["same"], 4, "{}", run.out);
    assert_eq!(all["version"], 1);
}

#[test]
fn a_difference_has_its_place_its_reason_and_its_origin() {
    let scratch = Scratch::with_app(MINIMAL);
    existing(&scratch);
    let text = scratch
        .read("k8s/backendconfig.yaml")
        .replace("timeoutSec: 86400", "timeoutSec: 30 # why?");
    scratch.write("k8s/backendconfig.yaml", &text);
    let run = scratch.run(&["diff", "--against", "k8s", "--format", "json"]);
    assert_eq!(run.status, 1);
    let all = json(&run);
    let object =
        all["objects"].as_array().unwrap().iter().find(|one| one["status"] == "change").unwrap();
    let change = &object["changes"][0];
    assert_eq!(
        (&object["kind"], &change["path"]),
        (&"BackendConfig".into(), &"spec.timeoutSec".into())
    );
    assert_eq!((&change["old"], &change["new"]), (&"30".into(), &"86400".into()));
    assert_eq!(change["rule"], "websocket-cut-by-timeout");
    assert_eq!(change["file"], "k8s/backendconfig.yaml");
    assert_eq!(change["origin"], "`session.max-age`, the default");
    assert!(change["line"].as_u64().unwrap() > 5);
}

#[test]
fn a_dump_of_the_cluster_is_compared_without_what_the_server_wrote() {
    let scratch = Scratch::with_app(MINIMAL);
    existing(&scratch);
    let text = scratch.read("k8s/service.yaml").replace(
        "metadata:\n",
        "metadata:\n  uid: 7d1c\n  resourceVersion: \"7\"\n  creationTimestamp: \"2026-01-01T00:00:00Z\"\n",
    ) + "  clusterIP: 10.0.0.1\nstatus:\n  loadBalancer: {}\n";
    scratch.write("k8s/service.yaml", &text);
    assert_eq!(scratch.ok(&["diff", "--against", "k8s"]).out, "");
    let ignored = scratch.ok(&["diff", "--against", "k8s", "--show-ignored"]).out;
    assert!(ignored.contains("status: the server's"), "{ignored}");
    assert!(ignored.contains("spec.clusterIP: somebody else's"), "{ignored}");
}

#[test]
fn what_is_not_there_is_added_beside_its_siblings() {
    let scratch = Scratch::with_app(MINIMAL);
    existing(&scratch);
    std::fs::remove_file(scratch.path("k8s/backendconfig.yaml")).unwrap();
    scratch.write(
        "k8s/kustomization.yaml",
        "resources:\n  - service.yaml # first\n  - ingress.yaml\n",
    );
    let run = scratch.run(&["diff", "--against", "k8s"]);
    assert!(run.out.contains("+ BackendConfig default/chat, which is not there"), "{}", run.out);
    scratch.ok(&["diff", "--against", "k8s", "--write"]);
    assert!(!scratch.read("k8s/backendconfig.yaml").contains("Rendered by sioway"));
    // Kustomize builds nothing of a file that is not listed: so is the one that was there already.
    assert_eq!(
        scratch.read("k8s/kustomization.yaml"),
        "resources:\n  - service.yaml # first\n  - ingress.yaml\n  - backendconfig.yaml\n  - nginx-configmap.yaml\n"
    );
    assert_eq!(scratch.ok(&["diff", "--against", "k8s"]).status, 0);
}

#[test]
fn apps_that_are_added_to_one_directory_keep_their_files_apart() {
    let scratch = Scratch::new();
    scratch.write("sioway.toml", "apps = [\"apps/*/app.toml\"]\n");
    for app in ["chat", "live"] {
        let text = format!("name = \"{app}\"\nhost = \"{app}.example.com\"\nport = 3000\n");
        scratch.write(&format!("apps/{app}/app.toml"), &text);
    }
    assert_eq!(scratch.run(&["diff", "--against", "new/k8s", "--write"]).status, 2, "a slip");
    assert_eq!(scratch.list(""), ["apps", "sioway.toml"]);
    scratch.write("new/k8s/live-notes.yaml", "mine: true\n");
    let patch = scratch.run(&["diff", "--against", "new/k8s", "--format", "unified"]).out;
    assert_eq!(patch.matches("new file mode").count(), 8, "{patch}");
    scratch.ok(&["diff", "--against", "new/k8s", "--write"]);
    assert_eq!(scratch.list("new/k8s").len(), 9);
    assert_eq!(scratch.list(""), ["apps", "new", "sioway.toml"]);
    scratch.ok(&["diff", "--against", "new/k8s"]);
}

/// Two apps of one name: what the files were rendered from, and what they are compared with.
pub(crate) fn apps() -> impl proptest::strategy::Strategy<Value = (String, String)> {
    use proptest::prelude::*;
    (adoptable(), adoptable()).prop_map(|(one, other)| {
        let named = |text: &str| {
            let lines = text.lines().map(|line| match line.split_once(" = ") {
                Some(("name", _)) => "name = \"chat\"".to_owned(),
                Some(("namespace", _)) => "namespace = \"talk\"".to_owned(),
                _ => line.to_owned(),
            });
            lines.collect::<Vec<_>>().join("\n") + "\n"
        };
        (named(&one), named(&other))
    })
}

#[test]
fn writing_ends_the_differences_and_the_patch_writes_the_same() {
    let mut runner =
        TestRunner::new(Config { cases: 60, failure_persistence: None, ..Config::default() });
    let counted = std::cell::Cell::new(0);
    let property = runner.run(&apps(), |(there, wanted)| {
        let scratch = Scratch::with_app(&there);
        if scratch.run(&["render", "-o", "k8s"]).status != 0 {
            return Ok(());
        }
        std::fs::remove_dir_all(scratch.path("k8s")).unwrap();
        existing(&scratch);
        scratch.write("app.toml", &wanted);
        let run = scratch.run(&["diff", "--against", "k8s"]);
        if run.status == 2 {
            return Ok(());
        }
        let git = |arguments: &[&str]| git(&scratch.path(""), arguments);
        git(&["init", "-q", "."]);
        git(&["add", "."]);
        let patch = scratch.run(&["diff", "--against", "k8s", "--format", "unified"]);
        scratch.write("p.diff", &patch.out);
        if !patch.out.is_empty() {
            git(&["apply", "p.diff"]);
        }
        let patched: Vec<String> =
            scratch.list("k8s").iter().map(|name| scratch.read(&format!("k8s/{name}"))).collect();
        git(&["checkout", "-q", "--", "k8s"]);
        git(&["clean", "-fdq", "k8s"]);
        let written = scratch.run(&["diff", "--against", "k8s", "--write"]);
        // A configuration in quotes is left to people.
        if written.err.contains("edit-refused") {
            return Ok(());
        }
        assert_eq!(written.status, 0, "{there}\n{wanted}\n{}", written.err);
        let after: Vec<String> =
            scratch.list("k8s").iter().map(|name| scratch.read(&format!("k8s/{name}"))).collect();
        assert_eq!(after, patched);
        let again = scratch.run(&["diff", "--against", "k8s"]);
        assert_eq!(again.status, 0, "{there}\n{wanted}\n{}", again.out);
        counted.set(counted.get() + usize::from(!patch.out.is_empty()));
        Ok(())
    });
    property.unwrap();
    assert!(counted.get() > 10, "only {} were repaired", counted.get());
}

#[test]
fn lint_repairs_what_has_one_right_edit() {
    let scratch = Scratch::with_app(MINIMAL);
    existing(&scratch);
    let good = scratch.read("k8s/backendconfig.yaml");
    scratch.write(
        "k8s/backendconfig.yaml",
        &good.replace("affinityType: CLIENT_IP", "affinityType: NONE # for now"),
    );
    let run = scratch.run(&["lint", "k8s", "--format", "concise"]);
    assert!(run.out.contains("session-affinity-missing"), "{}", run.out);
    let run = scratch.run(&["lint", "k8s", "--fix"]);
    assert_eq!((run.status, run.out.as_str()), (0, ""), "{}", run.err);
    assert_eq!(
        scratch.read("k8s/backendconfig.yaml"),
        good.replace("affinityType: CLIENT_IP", "affinityType: CLIENT_IP # for now")
    );
}

#[test]
fn what_cannot_be_read_is_not_taken_for_missing() {
    let scratch = Scratch::with_app(MINIMAL);
    existing(&scratch);
    let broken = scratch.read("k8s/service.yaml").replace("spec:", "spec: :\n  a: b: c");
    scratch.write("k8s/service.yaml", &broken);
    let before = scratch.list("k8s");
    for arguments in [&["--write"][..], &[]] {
        let run = scratch.run(&[&["diff", "--against", "k8s"], arguments].concat());
        assert_eq!(run.status, 2, "{}{}", run.out, run.err);
        assert!(run.err.contains("k8s/service.yaml:"), "{}", run.err);
        assert_eq!(scratch.list("k8s"), before);
    }
    scratch.write("k8s/values.yaml", "name: {{ .Values.name }}\n");
    std::fs::remove_file(scratch.path("k8s/service.yaml")).unwrap();
    let run = scratch.run(&["diff", "--against", "k8s"]);
    assert!(run.err.contains("this is a template"), "{}", run.err);
}

#[test]
fn reasons_depend_on_what_is_there() {
    let scratch = Scratch::with_app(MINIMAL);
    existing(&scratch);
    let map = scratch.read("k8s/nginx-configmap.yaml");
    let forwarded = |value: &str| {
        let text = map.replace("Connection $connection_upgrade", &format!("Connection {value}"));
        assert_ne!(text, map);
        scratch.write("k8s/nginx-configmap.yaml", &text);
        scratch.run(&["diff", "--against", "k8s"]).out
    };
    let constant = forwarded("\"upgrade\"");
    assert!(constant.contains("(constant-connection-upgrade)"), "{constant}");
    let closed = forwarded("close");
    assert!(closed.contains("no WebSocket gets through without it"), "{closed}");
}

/// The configuration of a page with an API, which has no session yet; and a server for metrics before it.
#[test]
fn what_is_written_into_nginx_lets_it_start() {
    const PAGE: &str = "      server {\n        listen 8080;\n        location / { root /usr/share/nginx/html; try_files $uri /index.html; }\n        location /api/ { proxy_pass http://127.0.0.1:4000; }\n      }\n";
    const METRICS: &str = "      server {\n        listen 9113;\n        location /stub_status { stub_status; }\n      }\n";
    for (servers, intact) in [(PAGE.to_owned(), ""), (format!("{METRICS}{PAGE}"), METRICS)] {
        let scratch = Scratch::with_app(MINIMAL);
        existing(&scratch);
        let map = format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: chat-nginx\ndata:\n  nginx.conf: |\n    events {{}}\n    http {{\n{servers}    }}\n"
        );
        scratch.write("k8s/nginx-configmap.yaml", &map);
        scratch.ok(&["diff", "--against", "k8s", "--write"]);
        let written = scratch.read("k8s/nginx-configmap.yaml");
        assert!(
            written.contains(intact) && written.contains("location ^~ /socket.io/"),
            "{written}"
        );
        let found = scratch.run(&["lint", "k8s", "--format", "concise"]).out;
        assert!(!found.contains("nginx-would-not-start"), "{found}\n{written}");
        assert!(!written.contains("$client_address"), "{written}");
    }
}

#[test]
fn a_port_has_a_name_or_a_number() {
    let scratch = Scratch::with_app(MINIMAL);
    existing(&scratch);
    let ingress = scratch.read("k8s/ingress.yaml").replace("number: 80", "name: other");
    scratch.write("k8s/ingress.yaml", &ingress);
    scratch.ok(&["diff", "--against", "k8s", "--write"]);
    let written = scratch.read("k8s/ingress.yaml");
    assert!(written.contains("number: 80") && !written.contains("name: other"), "{written}");
}

#[test]
fn an_empty_stream_is_not_taken_for_an_empty_cluster() {
    let scratch = Scratch::with_app(MINIMAL);
    for text in ["", "error: no such directory\n", "foo: bar\n"] {
        assert_eq!(status_of_stream(&scratch, text), 2, "{text}");
    }
    assert_eq!(status_of_stream(&scratch, "apiVersion: v1\nkind: List\nitems: []\n"), 1);
}

fn status_of_stream(scratch: &Scratch, text: &str) -> i32 {
    scratch.write("stream", text);
    let file = std::fs::File::open(scratch.path("stream")).unwrap();
    let output = scratch.command(&["diff", "--against", "-"]).stdin(file).output().unwrap();
    output.status.code().unwrap()
}

#[test]
fn two_apps_do_not_overwrite_what_each_adds() {
    let scratch = Scratch::new();
    scratch.write("sioway.toml", "apps = [\"*/app.toml\"]\n");
    for name in ["one", "two"] {
        let app = MINIMAL.replace("\"chat\"", &format!("\"{name}\"")).replace("chat.", name);
        scratch.write(&format!("{name}/app.toml"), &app);
    }
    scratch.write("k8s/kustomization.yaml", "resources:\n  - namespace.yaml\n");
    scratch
        .write("k8s/namespace.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: talk}\n");
    scratch.ok(&["diff", "--against", "k8s", "--write"]);
    assert!(scratch.read("k8s/service.yaml").contains("name: one\n"));
    assert!(scratch.read("k8s/two-service.yaml").contains("name: two\n"));
    assert_eq!(scratch.ok(&["diff", "--against", "k8s"]).status, 0);
}
