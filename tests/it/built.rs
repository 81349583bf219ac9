//! What sioway makes of a kustomization.yaml, held against the real Kustomize.

use std::cell::Cell;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;
use sioway::diagnostic::Sources;
use sioway::kustomize::{Built, Tree, build, is_kustomization};

use crate::diff::apps;
use crate::tools::{Run, Scratch, git, root, succeed, tool};

/// Every text below a directory, by its path.
fn texts(directory: &Path, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            texts(&path, found);
        } else if let Ok(text) = std::fs::read_to_string(&path) {
            found.push((path.to_str().unwrap().to_owned(), text));
        }
    }
}

/// What a directory below another one builds.
pub(crate) fn built(all: &Path, directory: &Path) -> Result<Built, Vec<String>> {
    let (mut tree, mut sources, mut found) = (Tree::default(), Sources::default(), Vec::new());
    texts(all, &mut found);
    for (path, text) in found {
        let source = sources.add(&*path, text);
        tree.add(&path, source);
    }
    let directory = directory.to_str().unwrap();
    let said = |one: &sioway::diagnostic::Diagnostic| {
        let label = &one.labels[0];
        format!("{}: {}", sources.locate(label.source, label.span), one.message)
    };
    build(&tree, &sources, directory, directory).map_err(|all| all.iter().map(said).collect())
}

fn kustomize(directory: &Path) -> String {
    succeed(Command::new(tool("kubectl", "kubectl/kubectl")).arg("kustomize").arg(directory))
}

/// The objects of a stream, in an order that does not depend on it.
pub(crate) fn objects(stream: &str) -> Vec<Value> {
    let read = serde_yaml::Deserializer::from_str(stream);
    let mut all: Vec<Value> =
        read.map(|one| serde::Deserialize::deserialize(one).unwrap()).collect();
    all.sort_by_key(|one| format!("{} {}", one["kind"], one["metadata"]["name"]));
    all
}

/// Holds every kustomization below a directory against the real one, but components.
fn hold(all: &Path) -> usize {
    let mut found = Vec::new();
    texts(all, &mut found);
    let roots = found
        .iter()
        .filter(|(path, text)| is_kustomization(path) && !text.contains("kind: Component"));
    let mut count = 0;
    for (path, _) in roots {
        let directory = Path::new(path).parent().unwrap();
        let ours = built(all, directory).unwrap_or_else(|all| panic!("{path}: {all:#?}"));
        let (ours, theirs) = (objects(&ours.text), objects(&kustomize(directory)));
        for (one, other) in ours.iter().zip(&theirs) {
            assert_eq!(one, other, "{path}");
        }
        assert_eq!(ours.len(), theirs.len(), "{path}");
        count += 1;
    }
    count
}

#[test]
fn every_tree_is_built_as_kustomize_builds_it() {
    let trees = root().join("tests/it/trees");
    let count: usize =
        std::fs::read_dir(&trees).unwrap().map(|tree| hold(&tree.unwrap().path())).sum();
    assert!(count >= 11, "only {count} kustomizations");
}

/// A copy of a tree, with an app.toml for what it builds.
fn tree(name: &str, app: &str) -> Scratch {
    let scratch = Scratch::with_app(app);
    let from = root().join("tests/it/trees").join(name);
    let mut found = Vec::new();
    texts(&from, &mut found);
    for (path, text) in found {
        let path = Path::new(&path).strip_prefix(&from).unwrap();
        scratch.write(&format!("k8s/{}", path.display()), &text);
    }
    scratch
}

/// The differences between the app and what the real Kustomize builds.
fn of_stream(scratch: &Scratch, directory: &str) -> Run {
    let stream = kustomize(&scratch.path(directory));
    let mut command = scratch.command(&["diff", "--against", "-"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(stream.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    Run { status: output.status.code().unwrap(), out, err: String::new() }
}

/// Takes the differences away, which must end them in what Kustomize builds.
fn write(scratch: &Scratch, directory: &str) {
    assert_eq!(of_stream(scratch, directory).status, 1, "there are differences before");
    let run = scratch.ok(&["diff", "--against", directory, "--write"]);
    let after = of_stream(scratch, directory);
    assert_eq!(after.status, 0, "{}\n{}", after.out, run.err);
    let again = scratch.run(&["diff", "--against", directory]);
    assert_eq!(again.status, 0, "{}", again.out);
}

const PRODUCTION: &str = "\
name = \"chat\"
host = \"chat.example.com\"
port = 3000
namespace = \"production\"
[workload]
image = \"registry.example.com/chat:1\"
replicas = 3
";

/// The changes of a run, each as `path file:line`.
fn places(scratch: &Scratch, directory: &str) -> Vec<String> {
    let run = scratch.run(&["diff", "--against", directory, "--format", "json"]);
    assert_eq!(run.status, 1, "{}", run.err);
    let all: Value = serde_json::from_str(&run.out).unwrap();
    let changes = all["objects"].as_array().unwrap().iter().flat_map(|object| {
        object["changes"].as_array().unwrap().iter().map(|change| {
            let text = |key: &str| change[key].as_str().unwrap_or("").to_owned();
            format!("{} {}:{}", text("path"), text("file"), change["line"])
        })
    });
    changes.collect()
}

#[test]
fn a_difference_is_shown_where_the_value_is_set() {
    let scratch = tree("layers", PRODUCTION);
    let places = places(&scratch, "k8s/overlays/production");
    for place in [
        // A base, which a patch of the overlay does not speak of.
        "spec.timeoutSec k8s/base/backendconfig.yaml:6",
        // A component's patch within its kustomization.yaml.
        "spec.sessionAffinity.affinityType k8s/components/long/kustomization.yaml:11",
        // The steps of a JSON patch.
        "spec.connectionDraining.drainingTimeoutSec k8s/overlays/production/drain.yaml:4",
        // A partial manifest.
        "metadata.annotations[\"cloud.google.com/neg\"] k8s/overlays/production/service-patch.yaml:8",
        // The file that a generator reads.
        "data[\"nginx.conf\"].http.server.location[/socket.io/].proxy_read_timeout k8s/base/nginx.conf:25",
        // Nobody sets it, and the overlay has a patch for this object.
        "spec.template.spec.terminationGracePeriodSeconds k8s/overlays/production/kustomization.yaml:20",
        // Nobody sets it, and there is none.
        "spec.cdn k8s/base/backendconfig.yaml:6",
    ] {
        assert!(places.iter().any(|one| one == place), "{place}\n{places:#?}");
    }
}

#[test]
fn writing_ends_the_differences_in_what_kustomize_builds() {
    let scratch = tree("layers", PRODUCTION);
    let before = kustomize(&scratch.path("k8s/overlays/staging"));
    write(&scratch, "k8s/overlays/production");
    // Every comment is where it was, but for those on lines that went.
    for (file, comment) in [
        ("base/backendconfig.yaml", "timeoutSec: 86400 # the load balancer's own default"),
        ("base/nginx.conf", "proxy_read_timeout 90s; # the default"),
        ("overlays/production/kustomization.yaml", "replicas: 3 # enough for the evening"),
        ("overlays/production/drain.yaml", "# Production drains longer."),
        ("overlays/production/service-patch.yaml", "true}' # to be turned on again"),
        ("components/long/kustomization.yaml", "affinityType: CLIENT_IP # until the move"),
    ] {
        let text = scratch.read(&format!("k8s/{file}"));
        assert!(text.contains(comment), "{comment}\n{text}");
    }
    let listed = scratch.read("k8s/overlays/production/kustomization.yaml");
    assert!(listed.contains("  - edge\n  - poddisruptionbudget.yaml\n"), "{listed}");
    // What went into the patch of one overlay does not reach the other.
    let after = kustomize(&scratch.path("k8s/overlays/staging"));
    assert_ne!(before, after);
    assert!(!after.contains("terminationGracePeriodSeconds"), "{after}");
}

#[test]
fn an_edit_of_a_base_names_the_overlays_that_it_reaches() {
    let scratch = tree("layers", PRODUCTION);
    let run = scratch.run(&["diff", "--against", "k8s/overlays/production"]);
    let told = "an edit of k8s/base/backendconfig.yaml also reaches k8s/overlays/staging";
    assert_eq!(run.out.matches(told).count(), 1, "{}", run.out);
    // The component is this overlay's alone.
    assert!(!run.out.contains("an edit of k8s/components"), "{}", run.out);
    // What lists them both is reached by each of them.
    let both = "resources:\n  - ../production\n  - ../staging\n";
    scratch.write("k8s/overlays/both/kustomization.yaml", both);
    let again = scratch.run(&["diff", "--against", "k8s/overlays/production"]);
    assert_eq!(again.out, run.out);
    let alone = tree("layers", PRODUCTION);
    std::fs::remove_dir_all(alone.path("k8s/overlays/staging")).unwrap();
    let run = alone.run(&["diff", "--against", "k8s/overlays/production"]);
    assert!(!run.out.contains("also reaches"), "{}", run.out);
}

#[test]
fn names_with_a_prefix_are_the_overlays_own() {
    let app = "name = \"staging-chat\"\nhost = \"staging.example.com\"\nport = 3000\nnamespace = \"staging\"\n\
        selector = { \"app.kubernetes.io/name\" = \"chat\", group = \"chat\" }\n\
        [names]\nbackend-config = \"staging-chat-backend\"\n[ingress]\ntls = { managed-certificate = true }\n";
    let scratch = tree("layers", app);
    write(&scratch, "k8s/overlays/staging");
    // The name that the prefix makes of it is the one that is wanted.
    let added = scratch.read("k8s/overlays/staging/managedcertificate.yaml");
    assert!(added.contains("  name: chat\n"), "{added}");
    let added = scratch.read("k8s/overlays/staging/backendconfig.yaml");
    assert!(added.contains("  name: chat-backend\n"), "{added}");
}

#[test]
fn a_name_that_kustomize_would_not_give_is_refused() {
    let app =
        "name = \"chat\"\nhost = \"staging.example.com\"\nport = 3000\nnamespace = \"staging\"\n";
    let scratch = tree("layers", app);
    let run = scratch.run(&["diff", "--against", "k8s/overlays/staging", "--write"]);
    assert_eq!(run.status, 1);
    assert!(run.err.contains("Kustomize gives no object the name `chat` there"), "{}", run.err);
    assert_eq!(scratch.list("k8s/overlays/staging"), ["kustomization.yaml"]);
}

#[test]
fn what_is_not_followed_is_named_with_its_line_and_the_way_in() {
    let not_followed = [
        ("resources: [https://example.com/a.yaml]\n", "`https://example.com/a.yaml`, which lies"),
        ("resources: [github.com/a/b//c?ref=v1]\n", "`github.com/a/b//c?ref=v1`, which lies"),
        ("helmCharts: [{name: a}]\n", "`helmCharts` is not followed"),
        ("replacements: [{path: r.yaml}]\n", "`replacements` is not followed"),
        ("vars: [{name: A}]\n", "`vars` is not followed"),
        ("generators: [g.yaml]\n", "`generators` is not followed"),
        ("transformers: [t.yaml]\n", "`transformers` is not followed"),
        ("labels: [{pairs: {a: b}, fields: [{path: x}]}]\n", "`fields` of `labels`"),
        ("patches: [{target: {labelSelector: a in (b)}, patch: '[]'}]\n", "`labelSelector` of"),
    ];
    for (text, said) in not_followed {
        let scratch = Scratch::with_app(crate::tools::MINIMAL);
        scratch.write("k8s/kustomization.yaml", &format!("# Theirs.\n{text}"));
        let run = scratch.run(&["diff", "--against", "k8s"]);
        assert_eq!((run.status, run.out.as_str()), (2, ""), "{text}");
        assert!(run.err.contains(said), "{text}\n{}", run.err);
        assert!(run.err.contains("k8s/kustomization.yaml:2:"), "{}", run.err);
        let way = "`kubectl kustomize k8s | sioway diff --against -`";
        assert!(run.err.contains(way), "{}", run.err);
    }
}

#[test]
fn what_kustomize_refuses_is_refused() {
    let broken = [
        ("# Nothing yet.\n", "this kustomization.yaml says nothing"),
        ("resources: [gone.yaml]\n", "there is no such file"),
        ("resources: [.]\n", "this leads back to where it came from"),
        ("resources: [s.yaml, s.yaml]\n", "there are two of the name Service `chat`"),
        ("resources: [s.yaml]\npatches: [{path: p.yaml}]\n", "an object that is not there"),
        (
            "resources: [s.yaml]\npatches:\n- target: {kind: Service}\n  patch: '[{\"op\": \"remove\", \"path\": \"/spec/x\"}]'\n",
            "the object has no `/spec/x`",
        ),
        (
            "resources: [s.yaml]\npatchesJson6902:\n- target: {version: v1, kind: Service, name: other}\n  patch: '[]'\n",
            "an object that is not there",
        ),
        ("components: [s]\n", "there is no kustomization.yaml in this directory"),
    ];
    for (text, said) in broken {
        let scratch = Scratch::with_app(crate::tools::MINIMAL);
        scratch.write("k8s/kustomization.yaml", text);
        let service = "apiVersion: v1\nkind: Service\nmetadata: {name: chat}\nspec: {}\n";
        scratch.write("k8s/s.yaml", service);
        scratch.write("k8s/p.yaml", &service.replace("chat", "other"));
        let output = Command::new(tool("kubectl", "kubectl/kubectl"))
            .arg("kustomize")
            .arg(scratch.path("k8s"))
            .output()
            .unwrap();
        assert!(!output.status.success(), "{text}");
        let run = scratch.run(&["diff", "--against", "k8s"]);
        assert_eq!((run.status, run.out.as_str()), (2, ""), "{text}");
        assert!(run.err.contains(said), "{text}\n{}", run.err);
    }
}

#[test]
fn steps_of_a_json_patch_do_what_kustomize_makes_of_them() {
    let steps = [
        r#"{"op": "replace", "path": "/data/y", "value": "2"}"#,
        r#"{"op": "replace", "path": "/no/y", "value": "2"}"#,
        r#"{"op": "replace", "path": "/metadata/labels", "value": {"a": "b"}}"#,
        r#"{"op": "replace", "path": "/list/-1", "value": "2"}"#,
        r#"{"op": "replace", "path": "/list/2", "value": "2"}"#,
        r#"{"op": "add", "path": "/list/-", "value": "2"}"#,
        r#"{"op": "add", "path": "/list/-1", "value": "2"}"#,
        r#"{"op": "add", "path": "/list/-3", "value": "2"}"#,
        r#"{"op": "add", "path": "/list/-4", "value": "2"}"#,
        r#"{"op": "add", "path": "/list/3", "value": "2"}"#,
        r#"{"op": "add", "path": "/no/y", "value": "2"}"#,
        r#"{"op": "remove", "path": "/data/y"}"#,
        r#"{"op": "remove", "path": "/list/-2"}"#,
        r#"{"op": "remove", "path": "/list/-3"}"#,
        r#"{"op": "copy", "from": "/data/y", "path": "/data/z"}"#,
        r#"{"op": "copy", "from": "/list/-1", "path": "/data/z"}"#,
        r#"{"op": "move", "from": "/data/y", "path": "/data/z"}"#,
        r#"{"op": "move", "from": "/data/x", "path": "/data/z"}"#,
        r#"{"op": "test", "path": "/data/y", "value": null}"#,
        r#"{"op": "test", "path": "/data/x", "value": "2"}"#,
        r#"{"op": "test", "path": "/list/5", "value": null}"#,
    ];
    let outcomes = steps.map(|step| {
        let scratch = Scratch::with_app(crate::tools::MINIMAL);
        let object =
            "apiVersion: example.com/v1\nkind: X\nmetadata: {name: x}\ndata: {x: '1'}\nlist: [a, b]\n";
        scratch.write("k8s/x.yaml", object);
        let text = format!(
            "resources: [x.yaml]\npatches:\n- target: {{kind: X}}\n  patch: |\n    [{step}]\n"
        );
        scratch.write("k8s/kustomization.yaml", &text);
        let directory = scratch.path("k8s");
        let theirs = Command::new(tool("kubectl", "kubectl/kubectl"))
            .arg("kustomize")
            .arg(&directory)
            .output()
            .unwrap();
        let ours = built(&directory, &directory);
        assert_eq!(ours.is_ok(), theirs.status.success(), "{step}: {:?}", ours.err());
        let Ok(ours) = ours else { return false };
        let theirs = String::from_utf8(theirs.stdout).unwrap();
        assert_eq!(objects(&ours.text), objects(&theirs), "{step}");
        true
    });
    assert!(outcomes.contains(&true) && outcomes.contains(&false));
}

#[test]
fn several_builds_of_one_object_are_not_chosen_from() {
    let scratch = tree("layers", PRODUCTION);
    let run = scratch.run(&["diff", "--against", "k8s"]);
    assert_eq!(run.status, 1, "{}", run.err);
    // Each is in a namespace of its own: the app tells which is meant.
    assert!(!run.out.contains("k8s/overlays/staging/"), "{}", run.out);
    let text = scratch.read("k8s/overlays/staging/kustomization.yaml");
    let same = text.replace("namespace: staging", "namespace: production");
    scratch.write("k8s/overlays/staging/kustomization.yaml", &same.replace("namePrefix", "#"));
    let run = scratch.run(&["diff", "--against", "k8s"]);
    assert_eq!(run.status, 2, "{}", run.out);
    let said = "is in k8s/overlays/production, k8s/overlays/staging";
    assert!(run.err.contains(said), "{}", run.err);
    assert!(run.err.contains("`--against k8s/overlays/"), "{}", run.err);
}

#[test]
fn what_is_not_listed_is_listed() {
    let scratch = Scratch::with_app(crate::tools::MINIMAL);
    scratch.ok(&["render", "-o", "k8s"]);
    let text = scratch.read("k8s/kustomization.yaml");
    let lines = text.lines().filter(|line| !line.contains("backendconfig.yaml"));
    let without: Vec<String> = lines.map(|line| format!("{line}\n")).collect();
    scratch.write("k8s/kustomization.yaml", &without.concat());
    let run = scratch.run(&["diff", "--against", "k8s"]);
    assert!(run.out.contains("+ resources: backendconfig.yaml\n      k8s/kustomization.yaml:"));
    write(&scratch, "k8s");
    assert!(scratch.read("k8s/kustomization.yaml").contains("  - backendconfig.yaml\n"));
}

/// A base that an app was rendered to, and overlays that change it in some of these ways.
fn overlaid(scratch: &Scratch, ways: u8) {
    let has = |bit: u8| ways & (1 << bit) != 0;
    let layout = if has(0) { "layout = \"kustomize\"\n" } else { "" };
    scratch.write("sioway.toml", &format!("apps = [\"app.toml\"]\n{layout}"));
    scratch.ok(&["render", "-o", "k8s/base"]);
    std::fs::remove_file(scratch.path("k8s/base/.sioway.lock")).unwrap();
    let mut text = "# One of two.\nresources:\n  - ../base # shared\n".to_owned();
    let mut patches = String::new();
    if has(1) {
        text.push_str("commonAnnotations: {team: edge}\nlabels: [{pairs: {stage: one}}]\n");
    }
    if has(2) {
        let part = "# Theirs.\napiVersion: cloud.google.com/v1\nkind: BackendConfig\nmetadata: {name: x}\n\
            spec:\n  timeoutSec: 7 # short\n  connectionDraining: null\n";
        scratch.write("k8s/over/part.yaml", part);
        patches.push_str("  - {path: part.yaml, target: {kind: BackendConfig, name: chat}}\n");
    }
    if has(3) {
        patches.push_str(
            "  - patch: |-\n      # Theirs too.\n      apiVersion: v1\n      kind: Service\n      metadata:\n        \
            name: chat\n        namespace: talk\n        annotations:\n          cloud.google.com/neg: '{}' # off\n",
        );
    }
    if has(4) {
        scratch.write(
            "k8s/over/steps.yaml",
            "# Steps.\n- op: add\n  path: /spec/timeoutSec\n  value: 9 # shorter\n- op: add\n  path: /spec/cdn\n  \
            value:\n    enabled: true\n",
        );
        patches.push_str("  - {target: {kind: Backend.*, name: chat}, path: steps.yaml}\n");
    }
    if has(5) {
        text.push_str("namespace: talk\n");
    }
    if !patches.is_empty() {
        text = text + "patches:\n" + &patches;
    }
    scratch.write("k8s/over/kustomization.yaml", &text);
    scratch.write("k8s/other/kustomization.yaml", "resources: [../base]\n");
}

/// What the edits make of the tree: as a patch that git applies, and written.
fn edited(scratch: &Scratch) -> Option<()> {
    let git = |arguments: &[&str]| git(&scratch.path(""), arguments);
    git(&["init", "-q", "."]);
    git(&["add", "."]);
    let patch = scratch.run(&["diff", "--against", "k8s/over", "--format", "unified"]);
    scratch.write("p.diff", &patch.out);
    if patch.out.is_empty() {
        return None;
    }
    git(&["apply", "p.diff"]);
    let all = || {
        let mut found = Vec::new();
        texts(&scratch.path("k8s"), &mut found);
        found.sort();
        found
    };
    let patched = all();
    git(&["checkout", "-q", "--", "k8s"]);
    git(&["clean", "-fdq", "k8s"]);
    let run = scratch.run(&["diff", "--against", "k8s/over", "--write"]);
    assert_eq!(all(), patched);
    (run.status == 0).then_some(())
}

/// Whether an app renders to what Kustomize builds as it is: it fails on control characters, and garbles others, which
/// annotations may have.
fn is_buildable(scratch: &Scratch, app: &str) -> bool {
    scratch.write("app.toml", app);
    let rendered = scratch.run(&["render", "-o", "probe", "--force", "--prune"]);
    let mut kustomize = Command::new(tool("kubectl", "kubectl/kubectl"));
    rendered.status == 0
        && kustomize.arg("kustomize").arg(scratch.path("probe")).output().unwrap().status.success()
        && of_stream(scratch, "probe").status == 0
}

#[test]
fn what_is_written_into_layers_ends_the_differences() {
    let config = Config { cases: 80, failure_persistence: None, ..Config::default() };
    let (ended, refused) = (Cell::new(0), Cell::new(0));
    let cases = (apps(), 0_u8..64);
    let property = TestRunner::new(config).run(&cases, |((there, wanted), ways)| {
        let scratch = Scratch::with_app(&there);
        if !is_buildable(&scratch, &there) || !is_buildable(&scratch, &wanted) {
            return Ok(());
        }
        scratch.write("app.toml", &there);
        overlaid(&scratch, ways);
        scratch.write("app.toml", &wanted);
        match edited(&scratch) {
            Some(()) => {
                let after = of_stream(&scratch, "k8s/over");
                assert_eq!(after.status, 0, "{there}\n{wanted}\n{ways}\n{}", after.out);
                ended.set(ended.get() + 1);
            }
            None => refused.set(refused.get() + 1),
        }
        kustomize(&scratch.path("k8s/other"));
        Ok(())
    });
    property.unwrap();
    // A configuration in quotes is left to people, and so is which servers of an upstream go.
    let (ended, refused) = (ended.get(), refused.get());
    assert!(ended > 1 && 8 * ended > refused, "{ended} ended, {refused} not");
}

#[test]
fn a_list_without_names_is_not_replaced_by_a_patch() {
    let app = format!("{PRODUCTION}[ingress]\ntls = {{ secret = \"chat-tls\" }}\n");
    let scratch = tree("layers", &app);
    let base = scratch.read("k8s/base/ingress.yaml");
    let base = base.replace("spec:\n", "spec:\n  tls:\n    - secretName: theirs # not ours\n");
    scratch.write("k8s/base/ingress.yaml", &base);
    let text = scratch.read("k8s/overlays/production/kustomization.yaml");
    let patch = "  - patch: |-\n      apiVersion: networking.k8s.io/v1\n      kind: Ingress\n      metadata: {name: chat}\n      spec: {ingressClassName: gce}\n";
    let text = text.replace("patches:\n", &format!("patches:\n{patch}"));
    scratch.write("k8s/overlays/production/kustomization.yaml", &text);
    write(&scratch, "k8s/overlays/production");
    let built = kustomize(&scratch.path("k8s/overlays/production"));
    assert!(built.contains("secretName: theirs") && built.contains("secretName: chat-tls"));
}

#[test]
fn what_all_objects_get_is_said_to_reach_all() {
    let scratch = Scratch::with_app(
        "name = \"chat\"\nhost = \"chat.example.com\"\nport = 3000\nlabels = { team = \"edge\" }\n",
    );
    scratch.ok(&["render", "-o", "k8s"]);
    let text = scratch.read("k8s/kustomization.yaml");
    scratch.write("k8s/kustomization.yaml", &(text + "commonLabels: {team: other} # all of it\n"));
    let run = scratch.run(&["diff", "--against", "k8s"]);
    assert!(run.out.contains("an edit here changes every object"), "{}", run.out);
    write(&scratch, "k8s");
    let text = scratch.read("k8s/kustomization.yaml");
    assert!(text.ends_with("commonLabels: {team: edge} # all of it\n"), "{text}");
}

#[test]
fn what_a_patch_takes_away_is_put_back_in_the_patch() {
    let scratch = Scratch::with_app(crate::tools::MINIMAL);
    scratch.ok(&["render", "-o", "k8s/base"]);
    let patches = "resources: [../base]\npatches:\n  - target: {kind: BackendConfig}\n    patch: |\n      \
        apiVersion: cloud.google.com/v1\n      kind: BackendConfig\n      metadata: {name: chat}\n      spec:\n        \
        timeoutSec: null # the default will do\n  - target: {kind: BackendConfig}\n    patch: |\n      \
        - op: remove\n        path: /spec/logging\n";
    scratch.write("k8s/over/kustomization.yaml", patches);
    let run = scratch.run(&["diff", "--against", "k8s/over"]);
    let told = "k8s/over/kustomization.yaml:9:21";
    assert!(run.out.contains(told), "{}", run.out);
    assert!(run.out.contains("left to people: a JSON patch removes it"), "{}", run.out);
    let run = scratch.run(&["diff", "--against", "k8s/over", "--write"]);
    assert_eq!(run.status, 1);
    assert!(run.err.contains("this is left as it is: a JSON patch removes it"), "{}", run.err);
    let text = scratch.read("k8s/over/kustomization.yaml");
    assert_eq!(text, patches.replace("null #", "86400 #"));
    let left = of_stream(&scratch, "k8s/over");
    assert!(left.out.contains("spec.logging") && !left.out.contains("timeoutSec"), "{}", left.out);
}

#[test]
fn an_old_config_map_of_a_cluster_is_not_the_one_that_is_compared() {
    let scratch = tree("layers", PRODUCTION);
    let stream = kustomize(&scratch.path("k8s/overlays/production"));
    let current = objects(&stream).into_iter().find(|one| one["kind"] == "ConfigMap").unwrap();
    let mut old = current.clone();
    old["metadata"]["name"] = "chat-nginx-2545ktb46h".into();
    old["data"]["nginx.conf"] = "events {\n}\nhttp {\n}\n".into();
    for both in [[&old, &current], [&current, &old]] {
        scratch.write("dump.yaml", &both.map(|one| format!("---\n{one}\n")).concat());
        let run = scratch.run(&["diff", "--against", "dump.yaml"]);
        let name = current["metadata"]["name"].as_str().unwrap();
        assert!(run.out.contains(&format!("~ ConfigMap production/{name}")), "{}", run.out);
        assert!(run.out.contains("- ConfigMap production/chat-nginx-2545ktb46h"), "{}", run.out);
    }
}

#[test]
fn no_value_of_a_secret_is_told() {
    let scratch = tree("layers", PRODUCTION);
    let text = scratch.read("k8s/base/kustomization.yaml");
    let generator =
        "secretGenerator:\n  - name: keys\n    literals: [key=hunter2]\n    envs: [.env]\n";
    let listed = text.replace("  - service.yaml", "  - secret.yaml\n  - service.yaml") + generator;
    scratch.write("k8s/base/kustomization.yaml", &listed);
    scratch.write("k8s/base/.env", "OTHER=hunter3\n");
    let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: chat}\nstringData: {a: hunter4}\n";
    scratch.write("k8s/base/secret.yaml", secret);
    for format in ["text", "json", "markdown", "unified"] {
        let overlay = ["diff", "--against", "k8s/overlays/production", "--show-ignored"];
        let run = scratch.run(&[&overlay[..], &["--format", format]].concat());
        assert_eq!(run.status, 1, "{}", run.err);
        assert!(!run.out.contains("hunter") && !run.err.contains("hunter"), "{format}");
    }
    write(&scratch, "k8s/overlays/production");
}

#[test]
fn an_environment_may_be_against_an_overlay() {
    let scratch = tree("layers", PRODUCTION);
    scratch.write(
        "sioway.toml",
        "apps = [\"app.toml\"]\n[environment.production]\nout = \"out/{name}\"\nagainst = \"k8s/overlays/production\"\n",
    );
    let run = scratch.run(&["diff", "--env", "production"]);
    assert!(run.out.contains("k8s/overlays/production/drain.yaml:4:10"), "{}{}", run.out, run.err);
    scratch.ok(&["diff", "--write"]);
    assert_eq!(of_stream(&scratch, "k8s/overlays/production").status, 0);
}

#[test]
fn a_list_that_a_json_patch_changes_is_left_to_people() {
    let scratch = Scratch::with_app(crate::tools::MINIMAL);
    scratch.ok(&["render", "-o", "k8s/base"]);
    let before = scratch.read("k8s/base/ingress.yaml");
    scratch.write(
        "k8s/over/kustomization.yaml",
        "resources: [../base]\npatches:\n- target: {kind: Ingress}\n  patch: |\n    - op: replace\n      path: \
         /spec/rules/0/http/paths/0\n      value: {path: /x, pathType: Exact, backend: {service: {name: x, port: {number: 1}}}}\n",
    );
    let run = scratch.run(&["diff", "--against", "k8s/over", "--write"]);
    assert_eq!(run.status, 1);
    assert!(run.err.contains("a JSON patch changes items of this list"), "{}", run.err);
    assert_eq!(scratch.read("k8s/base/ingress.yaml"), before);
}
