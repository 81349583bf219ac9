//! `sioway diff --write` in one overlay of several: what the others build stays right.

use crate::diff::existing;
use crate::together::{PODS, kustomize, overlaid};
use crate::tools::{MINIMAL, Scratch};

/// The differences of production are taken away, and a second look finds none.
fn settled(scratch: &Scratch, directory: &str) -> String {
    let told = scratch.run(&["diff", "--against", directory]).out;
    scratch.ok(&["diff", "--against", directory, "--write"]);
    let after = scratch.run(&["diff", "--against", directory]);
    assert!(after.status == 0 && !after.out.contains('~'), "{}", after.out);
    told
}

const HOST: &str = "chat.example.com";

/// Production gives the base's host another name; the app's own host is the base's.
#[test]
fn no_overlay_gets_a_host_twice() {
    let scratch = overlaid(&[]);
    let patch = "namespace: production\nresources:\n  - ../base\npatches:\n  - path: pods.yaml\n  - target: {kind: Ingress}\n    patch: |-\n      - {op: replace, path: /spec/rules/0/host, value: old.example.com}\n";
    scratch.write("k8s/production/kustomization.yaml", patch);
    let before = kustomize(&scratch, "k8s/staging");
    let told = settled(&scratch, "k8s/production");
    assert!(told.contains("an item of `spec.rules` of Ingress `chat` would stand twice"), "{told}");
    assert_eq!(kustomize(&scratch, "k8s/staging"), before);
    let hosts = kustomize(&scratch, "k8s/production");
    assert_eq!(hosts.matches(&format!("host: {HOST}")).count(), 1, "{hosts}");
    assert_eq!(hosts.matches("host: old.example.com").count(), 1, "{hosts}");
}

/// A host is one environment's: another one that builds from the same base does not answer for it.
#[test]
fn no_overlay_gets_the_host_of_another() {
    let scratch = overlaid(&[]);
    for (name, more) in [("production", "  - path: pods.yaml\n"), ("staging", "")] {
        let text = format!(
            "namespace: {name}\nresources:\n  - ../base\npatches:\n{more}  - target: {{kind: Ingress}}\n    patch: |-\n      - {{op: replace, path: /spec/rules/0/host, value: {name}.example.com}}\n"
        );
        scratch.write(&format!("k8s/{name}/kustomization.yaml"), &text);
    }
    let before = kustomize(&scratch, "k8s/staging");
    let told = settled(&scratch, "k8s/production");
    let why = "where Ingress `chat` would answer for `chat.example.com` too";
    assert!(told.contains(why), "{told}");
    assert_eq!(kustomize(&scratch, "k8s/staging"), before);
}

/// What two overlays build with names of their own, and a kustomization.yaml lists both.
const BASE: [(&str, &str); 4] = [
    ("kustomization.yaml", "resources: [service.yaml, config.yaml, ingress.yaml]\n"),
    (
        "service.yaml",
        "apiVersion: v1\nkind: Service\nmetadata:\n  name: chat\n  annotations:\n    cloud.google.com/backend-config: '{\"default\": \"chat\"}'\n    cloud.google.com/neg: '{\"ingress\": true}'\nspec:\n  selector: {app: chat}\n  ports: [{name: http, port: 80, targetPort: 3000}]\n",
    ),
    (
        "config.yaml",
        "apiVersion: cloud.google.com/v1\nkind: BackendConfig\nmetadata:\n  name: chat\nspec:\n  timeoutSec: 30\n",
    ),
    (
        "ingress.yaml",
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: chat\n  annotations:\n    kubernetes.io/ingress.class: gce\nspec:\n  rules:\n    - host: chat.example.com\n      http:\n        paths:\n          - path: /\n            pathType: Prefix\n            backend: {service: {name: chat, port: {number: 80}}}\n",
    ),
];

#[test]
fn names_are_written_as_the_base_has_them() {
    let app = "name = \"b-chat\"\nhost = \"chat.example.com\"\nport = 3000\nselector = {app = \"chat\"}\nnginx.placement = \"none\"\n";
    let scratch = Scratch::with_app(app);
    for (name, text) in BASE {
        scratch.write(&format!("k8s/base/{name}"), text);
    }
    for name in ["a", "b"] {
        let text = format!("resources:\n  - ../base\nnamePrefix: {name}-\n");
        scratch.write(&format!("k8s/{name}/kustomization.yaml"), &text);
    }
    scratch.write("k8s/all/kustomization.yaml", "resources:\n  - ../a\n  - ../b\n");
    settled(&scratch, "k8s/b");
    let base = scratch.read("k8s/base/ingress.yaml");
    assert_eq!(base.matches("name: chat\n").count(), 2, "{base}");
    assert!(base.contains("- path: /socket.io/\n"), "{base}");
    // The annotation is no reference to Kustomize: it is said for `b` alone.
    assert!(scratch.read("k8s/base/service.yaml").contains("'{\"default\": \"chat\"}'"));
    assert!(scratch.read("k8s/b/service-patch.yaml").contains("'{\"default\":\"b-chat\"}'"));
    let other = kustomize(&scratch, "k8s/a");
    assert!(!other.contains("b-chat"), "{other}");
    assert_eq!(other.matches("name: a-chat\n").count(), 5, "{other}");
}

/// A patch of the overlay that meets an object of somebody else.
#[test]
fn a_patch_that_meets_others_is_left_as_it_is() {
    let scratch = overlaid(&[]);
    let patch = "namespace: production\nresources:\n  - ../base\n  - talk.yaml\npatches:\n  - path: pods.yaml\n  - target: {kind: BackendConfig}\n    patch: |-\n      - {op: replace, path: /spec/timeoutSec, value: 40} # both\n";
    scratch.write("k8s/production/kustomization.yaml", patch);
    scratch.write(
        "k8s/production/talk.yaml",
        "apiVersion: cloud.google.com/v1\nkind: BackendConfig\nmetadata: {name: talk}\nspec: {timeoutSec: 30}\n",
    );
    let told = settled(&scratch, "k8s/production");
    assert!(told.contains("the edit would also change BackendConfig `talk`"), "{told}");
    let built = kustomize(&scratch, "k8s/production");
    assert_eq!(built.matches("  timeoutSec: 40\n").count(), 1, "{built}");
    let own = scratch.read("k8s/production/backendconfig-patch.yaml");
    assert!(own.ends_with("spec:\n  timeoutSec: 86400\n"), "{own}");
}

/// Who applies objects without a namespace gives them one, which is then the new one's too.
#[test]
fn what_is_added_has_a_namespace_if_its_siblings_have_one() {
    for siblings in ["  namespace: default\n", ""] {
        let scratch = Scratch::with_app(MINIMAL);
        existing(&scratch);
        std::fs::remove_file(scratch.path("k8s/ingress.yaml")).unwrap();
        for file in scratch.list("k8s") {
            let path = format!("k8s/{file}");
            scratch.write(&path, &scratch.read(&path).replace("  namespace: default\n", siblings));
        }
        scratch.ok(&["diff", "--against", "k8s", "--write"]);
        let ingress = scratch.read("k8s/ingress.yaml");
        assert_eq!(ingress.contains("  namespace: default\n"), !siblings.is_empty(), "{ingress}");
        assert_eq!(scratch.run(&["diff", "--against", "k8s"]).status, 0);
    }
}

/// What Kustomize could not build is said, and of what is in another namespace that it is.
#[test]
fn what_cannot_be_built_is_not_written() {
    let scratch = overlaid(&[]);
    scratch.write("app.toml", &PODS.replace("namespace = \"production\"\n", ""));
    let run = scratch.run(&["diff", "--against", "k8s/production", "--write"]);
    let why =
        "builds one of this name in the namespace `production`, and app.toml asks for `default`";
    assert!(run.status == 1 && run.err.contains(why), "{}", run.err);
    // Beside what a patch takes away there is no room for another of its name.
    let deleted = "resources:\n  - ../base\npatches:\n  - patch: |-\n      apiVersion: cloud.google.com/v1\n      kind: BackendConfig\n      metadata: {name: chat}\n      $patch: delete\n";
    scratch.write("k8s/production/kustomization.yaml", deleted);
    let run = scratch.run(&["diff", "--against", "k8s/production", "--write"]);
    assert!(run.err.contains("Kustomize could not build this any more"), "{}", run.err);
    assert!(run.err.contains("two of the name BackendConfig `chat`"), "{}", run.err);
}

/// To Google's load balancers `/socket.io/` is `/socket.io/*`, and the later of two such routes wins.
#[test]
fn a_route_with_a_star_is_not_written_again() {
    let app = "name = \"chat\"\nhost = \"chat.example.com\"\nport = 3000\nselector = {app = \"chat\"}\nnginx.placement = \"none\"\n";
    let scratch = Scratch::with_app(app);
    for (name, text) in BASE {
        let star = "          - path: /socket.io/*\n            backend: {service: {name: other, port: {number: 80}}}\n          - path: /\n";
        scratch.write(&format!("k8s/{name}"), &text.replace("          - path: /\n", star));
    }
    let told = settled(&scratch, "k8s");
    assert!(told.contains("\"other\" → \"chat\""), "{told}");
    let built = kustomize(&scratch, "k8s");
    assert_eq!(built.matches("path: /socket.io/").count(), 1, "{built}");
}

/// The last line of a patch in the kustomization.yaml is followed by a line of that patch, and by a patch of another file.
#[test]
fn a_patch_in_place_grows_beside_one_that_is_new() {
    let app = "name = \"b-chat\"\nhost = \"chat.example.com\"\nport = 3000\nselector = {app = \"chat\"}\nnginx.placement = \"none\"\n";
    for eol in ["\n", "\r\n"] {
        let scratch = Scratch::with_app(app);
        for (name, text) in BASE {
            scratch.write(&format!("k8s/base/{name}"), text);
        }
        scratch.write("k8s/a/kustomization.yaml", "resources:\n  - ../base\nnamePrefix: a-\n");
        let patched = "resources:\n  - ../base\nnamePrefix: b-\npatches:\n  - patch: |\n      apiVersion: cloud.google.com/v1\n      kind: BackendConfig\n      metadata:\n        name: chat\n      spec:\n        timeoutSec: 86400\n";
        scratch.write("k8s/b/kustomization.yaml", &patched.replace('\n', eol));
        settled(&scratch, "k8s/b");
        let grown = scratch.read("k8s/b/kustomization.yaml");
        let kept = patched.replace('\n', eol);
        assert!(grown.starts_with(&kept), "{grown}");
        let behind = grown[kept.len()..].lines().collect::<Vec<_>>();
        assert_eq!(behind.first(), Some(&"        cdn:"), "{grown}");
        assert_eq!(behind.last(), Some(&"  - path: service-patch.yaml"), "{grown}");
    }
}

/// A patch in quotes cannot grow: the rest of its kustomization.yaml does.
#[test]
fn a_patch_in_quotes_is_left_to_people_alone() {
    let drain = ("backendconfig.yaml", "  connectionDraining:\n    drainingTimeoutSec: 60\n", "");
    let scratch = overlaid(&[drain]);
    let patch = "namespace: production\nresources:\n  - ../base\npatches:\n  - path: pods.yaml\n  - patch: \"apiVersion: cloud.google.com/v1\\nkind: BackendConfig\\nmetadata: {name: chat}\\nspec:\\n  timeoutSec: 86400\\n\"\n";
    scratch.write("k8s/production/kustomization.yaml", patch);
    std::fs::remove_file(scratch.path("k8s/base/ingress.yaml")).unwrap();
    let base = scratch.read("k8s/base/kustomization.yaml");
    scratch.write("k8s/base/kustomization.yaml", &base.replace("  - ingress.yaml\n", ""));
    let told = scratch.run(&["diff", "--against", "k8s/production"]).out;
    let why = "left to people: a text of several lines can only be changed in a block `|`";
    assert!(told.contains(why), "{told}");
    let run = scratch.run(&["diff", "--against", "k8s/production", "--write"]);
    assert!(run.err.contains("this is left as it is: a text of several lines"), "{}", run.err);
    let grown = scratch.read("k8s/production/kustomization.yaml");
    assert!(grown.contains("  - ../base\n  - ingress.yaml\n"), "{grown}");
    let again = scratch.run(&["diff", "--against", "k8s/production"]).out;
    assert!(again.contains(why) && !again.contains("Ingress"), "{again}");
}
