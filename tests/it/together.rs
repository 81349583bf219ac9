//! `sioway diff --write` where something else hangs on what is edited: whoever names a port, whoever builds from a base,
//! whoever shares a pod.

use std::process::Command;

use crate::diff::existing;
use crate::tools::{MINIMAL, Scratch, succeed, tool};

pub(crate) const PODS: &str = "name = \"chat\"\nhost = \"chat.example.com\"\nport = 3000\nnamespace = \"production\"\n[workload]\nimage = \"chat:1\"\n";

/// Routes to port 8000 of the Service, by others: seven that mean it, and those that do not.
const ROUTES: &str = "\
apiVersion: extensions/v1beta1
kind: Ingress
metadata: {name: admin}
spec:
  backend:
    serviceName: chat
    servicePort: 8000 # admin
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: twice}
spec:
  rules:
    - host: a.example.com
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 8000}}}}]}
    - host: a.example.com
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: chat, port: {number: 8000}}}}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: route}
spec:
  rules:
    - matches: [{path: {value: /a}}, {path: {value: /b}}]
      backendRefs: [{name: chat, port: 8000}, {name: other, port: 8000}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: elsewhere, namespace: elsewhere}
spec:
  defaultBackend: {service: {name: chat, port: {number: 8000}}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: across, namespace: edge}
spec:
  rules:
    - backendRefs: [{name: chat, namespace: default, port: 8000}, {name: chat, port: 8000}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: away, namespace: default}
spec:
  rules:
    - backendRefs: [{name: chat, namespace: edge, port: 8000}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: GRPCRoute
metadata: {name: calls}
spec:
  rules:
    - filters: [{type: RequestMirror, requestMirror: {backendRef: {name: chat, port: 8000}}}]
      backendRefs: [{name: other, port: 8000}, {name: chat, port: 8000, weight: 1}]
---
apiVersion: traefik.io/v1alpha1
kind: IngressRouteTCP
metadata: {name: raw}
spec:
  routes: [{match: HostSNI(`*`), services: [{name: chat, port: 8000}]}]
";

#[test]
fn whoever_names_a_port_follows_its_number() {
    let scratch = Scratch::with_app(MINIMAL);
    existing(&scratch);
    let old = scratch.read("k8s/service.yaml").replace("port: 80\n", "port: 8000\n");
    scratch.write("k8s/service.yaml", &old);
    scratch.write("k8s/routes.yaml", ROUTES);
    let own = "          - path: /api\n            pathType: Prefix\n            backend:\n              service:\n                name: chat\n                port:\n                  number: 8000 # ours\n";
    let ingress = scratch.read("k8s/ingress.yaml") + own;
    scratch.write("k8s/ingress.yaml", &ingress);
    let run = scratch.run(&["diff", "--against", "k8s"]);
    assert_eq!(run.out.matches("leads nowhere under the old one").count(), 8, "{}", run.out);
    let patch = scratch.run(&["diff", "--against", "k8s", "--format", "unified"]).out;
    scratch.ok(&["diff", "--against", "k8s", "--write"]);
    let routes = ROUTES
        .replace("servicePort: 8000", "servicePort: 80")
        .replace(
            "{path: /, pathType: Prefix, backend: {service: {name: chat, port: {number: 8000}}}}",
            "{path: /, pathType: Prefix, backend: {service: {name: chat, port: {number: 80}}}}",
        )
        .replace("{name: chat, port: 8000}, {name: other", "{name: chat, port: 80}, {name: other")
        .replace("namespace: default, port: 8000", "namespace: default, port: 80")
        .replace("backendRef: {name: chat, port: 8000}", "backendRef: {name: chat, port: 80}")
        .replace("{name: chat, port: 8000, weight: 1}", "{name: chat, port: 80, weight: 1}")
        .replace("services: [{name: chat, port: 8000}]", "services: [{name: chat, port: 80}]");
    assert_eq!(scratch.read("k8s/routes.yaml"), routes);
    let own = own.replace("8000", "80");
    assert!(
        scratch.read("k8s/ingress.yaml").ends_with(&own),
        "{}",
        scratch.read("k8s/ingress.yaml")
    );
    assert!(patch.contains("+    servicePort: 80 # admin\n"), "{patch}");
    let again = scratch.run(&["diff", "--against", "k8s", "--format", "unified"]);
    assert_eq!((again.status, again.out.as_str()), (0, ""));
}

#[test]
fn pods_with_a_container_of_others_that_is_root_are_left_to_people() {
    let scratch = Scratch::with_app(PODS);
    existing(&scratch);
    let text = scratch.read("k8s/deployment.yaml").replace("        runAsNonRoot: true\n", "");
    let other = "      containers:\n        - name: agent\n          image: agent:1\n          securityContext: {runAsUser: 0}\n";
    let text = text.replace("      containers:\n", other);
    scratch.write("k8s/deployment.yaml", &text);
    let run = scratch.run(&["diff", "--against", "k8s", "--write"]);
    assert_eq!(run.status, 1, "{}", run.err);
    let why = "container `agent`, which is not app.toml's, runs as root";
    assert!(run.err.contains(why), "{}", run.err);
    assert_eq!(scratch.read("k8s/deployment.yaml"), text);
    // One that says so for itself may.
    let allowed = text.replace("{runAsUser: 0}", "{runAsUser: 0, runAsNonRoot: false}");
    scratch.write("k8s/deployment.yaml", &allowed);
    scratch.ok(&["diff", "--against", "k8s", "--write"]);
    assert!(scratch.read("k8s/deployment.yaml").contains("runAsNonRoot: true\n"));
}

pub(crate) fn kustomize(scratch: &Scratch, directory: &str) -> String {
    let mut command = Command::new(tool("kubectl", "kubectl/kubectl"));
    succeed(command.arg("kustomize").arg(scratch.path(directory)))
}

/// What an app renders to as a base, in parts, and two overlays of it, of which production patches the pods.
pub(crate) fn overlaid(edits: &[(&str, &str, &str)]) -> Scratch {
    let scratch = Scratch::with_app(&PODS.replace("namespace = \"production\"\n", ""));
    scratch.ok(&["render", "-o", "k8s/base"]);
    scratch.write("app.toml", PODS);
    std::fs::remove_file(scratch.path("k8s/base/.sioway.lock")).unwrap();
    for (file, old, new) in edits {
        let path = format!("k8s/base/{file}");
        let text = scratch.read(&path);
        assert!(text.contains(old), "{old}\n{text}");
        scratch.write(&path, &text.replace(old, new));
    }
    let patch = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: chat}\nspec:\n  replicas: 3 # evening\n  template:\n    metadata:\n      labels:\n        tier: web\n";
    scratch.write("k8s/production/pods.yaml", patch);
    scratch.write(
        "k8s/production/kustomization.yaml",
        "namespace: production\nresources:\n  - ../base\npatches:\n  - path: pods.yaml\n",
    );
    scratch
        .write("k8s/staging/kustomization.yaml", "namespace: staging\nresources:\n  - ../base\n");
    scratch
}

const LABEL: &str = "app.kubernetes.io/name: chat";

#[test]
fn a_selector_and_the_labels_that_it_chooses_go_into_one_base() {
    let scratch =
        overlaid(&[("deployment.yaml", LABEL, "app: chat"), ("service.yaml", LABEL, "app: chat")]);
    scratch.ok(&["diff", "--against", "k8s/production", "--write"]);
    let after = scratch.run(&["diff", "--against", "k8s/production"]);
    assert_eq!((after.status, after.out.as_str()), (0, ""));
    // The label is the other overlay's too, whose Service asks for it.
    let staging = kustomize(&scratch, "k8s/staging");
    assert_eq!(staging.matches(LABEL).count(), 3, "{staging}");
    assert!(!scratch.read("k8s/production/pods.yaml").contains(LABEL));
}

/// What production alone is to have, while staging stays as it is.
fn laid_over(scratch: &Scratch, file: &str, why: &str) -> String {
    let before = kustomize(scratch, "k8s/staging");
    let told = scratch.run(&["diff", "--against", "k8s/production"]).out;
    assert!(told.contains(&format!("said in k8s/production/{file}: {why}")), "{told}");
    let git = |arguments: &[&str]| {
        succeed(Command::new("git").args(arguments).current_dir(scratch.path("")));
    };
    git(&["init", "-q", "."]);
    git(&["add", "."]);
    let patch = scratch.run(&["diff", "--against", "k8s/production", "--format", "unified"]).out;
    scratch.write("p.diff", &patch);
    git(&["apply", "--check", "p.diff"]);
    scratch.ok(&["diff", "--against", "k8s/production", "--write"]);
    assert_eq!(kustomize(scratch, "k8s/staging"), before);
    let after = scratch.run(&["diff", "--against", "k8s/production"]);
    assert_eq!((after.status, after.out.as_str()), (0, ""));
    let listed = scratch.read("k8s/production/kustomization.yaml");
    assert!(listed.contains("  - path: pods.yaml\n  - path: "), "{listed}");
    assert!(listed.contains(&format!("\n  - path: {file}\n")), "{listed}");
    let text = scratch.read(&format!("k8s/production/{file}"));
    assert!(patch.contains(&format!("+++ b/k8s/production/{file}\n")), "{patch}");
    text
}

#[test]
fn a_selector_of_a_base_is_laid_over_where_an_overlay_alone_sets_the_label() {
    let old = "app.kubernetes.io/name: old";
    let scratch = overlaid(&[("service.yaml", LABEL, old), ("deployment.yaml", LABEL, old)]);
    let patch = scratch.read("k8s/production/pods.yaml");
    let own = patch.replace("tier: web", "app.kubernetes.io/name: other # ours");
    scratch.write("k8s/production/pods.yaml", &own);
    let service = scratch.read("k8s/base/service.yaml");
    let why =
        "k8s/staging builds from this base too, where Service `chat` would lack pods to choose";
    let text = laid_over(&scratch, "service-patch.yaml", why);
    let wanted = "apiVersion: v1\nkind: Service\nmetadata:\n  name: chat\n  namespace: default\nspec:\n  selector:\n    app.kubernetes.io/name: chat\n";
    assert_eq!(text, wanted);
    assert_eq!(scratch.read("k8s/base/service.yaml"), service);
    assert_eq!(
        scratch.read("k8s/production/pods.yaml"),
        own.replace(": other", ": chat").replace("s: 3", "s: 2")
    );
}

/// A base without the BackendConfig that its Service is to name.
fn unattached() -> Scratch {
    let attached = "    cloud.google.com/backend-config: '{\"default\":\"chat\"}'\n";
    let scratch = overlaid(&[
        ("service.yaml", attached, ""),
        ("kustomization.yaml", "  - backendconfig.yaml\n", ""),
    ]);
    std::fs::remove_file(scratch.path("k8s/base/backendconfig.yaml")).unwrap();
    scratch
}

const LACKS: &str =
    "k8s/staging builds from this base too, where Service `chat` would lack BackendConfig `chat`";

#[test]
fn a_reference_of_a_base_is_laid_over_where_what_it_names_is_added_to_an_overlay() {
    let scratch = unattached();
    let text = laid_over(&scratch, "service-patch.yaml", LACKS);
    assert!(
        text.ends_with(
            "  annotations:\n    cloud.google.com/backend-config: '{\"default\":\"chat\"}'\n"
        ),
        "{text}"
    );
    // Without the other overlay nothing is in the way.
    let scratch = unattached();
    std::fs::remove_dir_all(scratch.path("k8s/staging")).unwrap();
    scratch.ok(&["diff", "--against", "k8s/production", "--write"]);
    assert!(!scratch.list("k8s/production").contains(&"service-patch.yaml".to_owned()));
}

/// A label more in a base's selector is taken away in the overlay alone.
#[test]
fn what_is_too_much_in_a_base_is_taken_away_in_the_overlay() {
    let scratch = unattached();
    let text = scratch.read("k8s/base/service.yaml");
    let more = text.replace("  selector:\n", "  selector:\n    app: chat\n");
    scratch.write("k8s/base/service.yaml", &more);
    let text = laid_over(&scratch, "service-patch.yaml", LACKS);
    assert!(text.contains("  selector:\n    app: null\n"), "{text}");
}

#[test]
fn what_cannot_be_laid_over_is_left_to_people() {
    let scratch = unattached();
    scratch.write("k8s/production/service-patch.yaml", "# Theirs.\n");
    scratch.write("k8s/production/chat-service-patch.yaml", "# Theirs.\n");
    let (before, service) =
        (kustomize(&scratch, "k8s/staging"), scratch.read("k8s/base/service.yaml"));
    let run = scratch.run(&["diff", "--against", "k8s/production", "--write"]);
    assert_eq!(run.status, 1, "{}", run.out);
    assert!(run.err.contains(LACKS), "{}", run.err);
    let told = scratch.run(&["diff", "--against", "k8s/production"]).out;
    assert!(told.contains(&format!("left to people: {LACKS}")), "{told}");
    assert_eq!(scratch.read("k8s/base/service.yaml"), service);
    assert_eq!(kustomize(&scratch, "k8s/staging"), before);
}

/// What another overlay's patch names by its number keeps it, and all that goes with it.
#[test]
fn what_a_patch_of_others_names_by_its_number_is_left_to_people() {
    let port = "apiVersion: v1\nkind: Service\nmetadata: {name: chat}\nspec:\n  ports: [{port: 8000, appProtocol: http}]\n";
    let service = overlaid(&[
        ("service.yaml", "port: 80\n", "port: 8000\n"),
        ("ingress.yaml", "number: 80\n", "number: 8000\n"),
    ]);
    let container = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: chat}\nspec: {template: {spec: {containers: [{name: app, ports: [{containerPort: 4000, protocol: TCP, name: chat}]}]}}}\n";
    let pods = overlaid(&[
        ("deployment.yaml", "containerPort: 3000", "containerPort: 4000"),
        ("deployment.yaml", "port: 3000", "port: 4000"),
        ("nginx-configmap.yaml", "127.0.0.1:3000", "127.0.0.1:4000"),
    ]);
    for (scratch, patch, field) in [(service, port, "`spec.ports`"), (pods, container, ".ports`")] {
        let listed = "namespace: staging\nresources:\n  - ../base\npatches:\n  - path: own.yaml\n";
        scratch.write("k8s/staging/kustomization.yaml", listed);
        scratch.write("k8s/staging/own.yaml", patch);
        let before = kustomize(&scratch, "k8s/staging");
        let run = scratch.run(&["diff", "--against", "k8s/production", "--write"]);
        assert_eq!(run.status, 1, "{}", run.out);
        assert_eq!(kustomize(&scratch, "k8s/staging"), before);
        assert!(run.err.contains("where a patch would no longer meet an item of"), "{}", run.err);
        assert!(run.err.contains(field), "{}", run.err);
        // Without that patch nothing is in the way.
        scratch.write(
            "k8s/staging/own.yaml",
            &patch.replace(": 8000", ": 80").replace("4000", "3000"),
        );
        scratch.ok(&["diff", "--against", "k8s/production", "--write"]);
        let after = scratch.run(&["diff", "--against", "k8s/production"]);
        assert_eq!((after.status, after.out.as_str()), (0, ""));
    }
}

/// Behind a Gateway the app has its load balancer: an Ingress would be one more.
#[test]
fn an_ingress_beside_a_route_is_left_to_people() {
    let scratch = Scratch::with_app(MINIMAL);
    existing(&scratch);
    std::fs::remove_file(scratch.path("k8s/ingress.yaml")).unwrap();
    let route = "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: chat}\nspec:\n  parentRefs: [{name: edge}]\n  rules:\n    - backendRefs: [{name: chat, port: 80}]\n";
    scratch.write("k8s/route.yaml", route);
    let told = scratch.run(&["diff", "--against", "k8s"]).out;
    for part in
        ["+ spec: beside HTTPRoute `chat`", "k8s/route.yaml:7:21", "left to people: which of"]
    {
        assert!(told.contains(part), "{part}\n{told}");
    }
    let run = scratch.run(&["diff", "--against", "k8s", "--write"]);
    assert!(run.status == 1 && run.err.contains("which of the two is to stay"), "{}", run.err);
    assert!(!scratch.list("k8s").contains(&"ingress.yaml".to_owned()));
    // A route within a mesh brings nobody in.
    scratch.write("k8s/route.yaml", &route.replace("name: edge", "kind: Service, name: chat"));
    scratch.ok(&["diff", "--against", "k8s", "--write"]);
    assert!(scratch.list("k8s").contains(&"ingress.yaml".to_owned()));
}

/// The number that is to be ours is somebody else's port, and ours has another one.
#[test]
fn a_port_that_leads_elsewhere_on_purpose_is_left_to_people() {
    let scratch = Scratch::with_app(PODS);
    scratch.ok(&["render", "-o", "k8s"]);
    let edit = |file: &str, old: &str, new: &str| {
        let path = format!("k8s/{file}");
        scratch.write(&path, &scratch.read(&path).replace(old, new));
    };
    let web = "      port: 8000\n      targetPort: 8080\n    - name: web\n      port: 80\n      targetPort: 9000\n";
    edit("service.yaml", "      port: 80\n      targetPort: 8080\n", web);
    edit("ingress.yaml", "number: 80\n", "number: 8000\n");
    let is_left = |scratch: &Scratch| {
        let run = scratch.run(&["diff", "--against", "k8s", "--write"]);
        run.err.matches("port 80 of the Service leads to 9000 of its pods").count()
    };
    let admin =
        "containers:\n        - {name: admin, image: 'admin:1', ports: [{containerPort: 9000}]}\n";
    edit("deployment.yaml", "containers:\n", admin);
    assert_eq!(is_left(&scratch), 3);
    assert!(scratch.read("k8s/service.yaml").contains("port: 80\n      targetPort: 9000\n"));
    assert_eq!(scratch.read("k8s/ingress.yaml").matches("number: 8000\n").count(), 2);
    // One that leads to nobody is taken.
    edit("deployment.yaml", "containerPort: 9000", "containerPort: 9001");
    assert_eq!(is_left(&scratch), 0);
    assert!(scratch.read("k8s/service.yaml").contains("port: 80\n      targetPort: 8080\n"));
    assert_eq!(scratch.read("k8s/ingress.yaml").matches("number: 80\n").count(), 2);
}

/// The changes of a file after its texts are changed, and the differences that were told.
fn written(app: &str, file: &str, edits: &[(&str, &str)]) -> (String, String) {
    let scratch = Scratch::with_app(app);
    existing(&scratch);
    let path = format!("k8s/{file}");
    let text = edits.iter().fold(scratch.read(&path), |text, (old, new)| {
        assert!(text.contains(old), "{old}\n{text}");
        text.replacen(old, new, 1)
    });
    scratch.write(&path, &text);
    let told = scratch.run(&["diff", "--against", "k8s"]).out;
    scratch.ok(&["diff", "--against", "k8s", "--write"]);
    let again = scratch.run(&["diff", "--against", "k8s"]);
    assert_eq!((again.status, again.out.as_str()), (0, ""));
    (told, scratch.read(&path))
}

#[test]
fn the_route_for_everything_is_not_added_a_second_time() {
    let all = "          - path: /\n            pathType: Prefix\n";
    let star = "          - path: /*\n            pathType: ImplementationSpecific\n";
    let scratch = Scratch::with_app(MINIMAL);
    existing(&scratch);
    let text = scratch.read("k8s/ingress.yaml");
    assert!(text.contains(all), "{text}");
    scratch.write("k8s/ingress.yaml", &text.replace(all, star));
    let same = scratch.run(&["diff", "--against", "k8s"]);
    assert_eq!((same.status, same.out.as_str()), (0, ""));
    // Where it leads is compared.
    let at = text.find(all).unwrap();
    let elsewhere = text[at..].replace(all, star).replace("name: chat", "name: web # theirs");
    scratch.write("k8s/ingress.yaml", &(text[..at].to_owned() + &elsewhere));
    scratch.ok(&["diff", "--against", "k8s", "--write"]);
    let wanted = text[..at].to_owned() + &elsewhere.replace("name: web", "name: chat");
    assert_eq!(scratch.read("k8s/ingress.yaml"), wanted);
    // To ingress-nginx it is another path.
    let nginx = text.replace("ingress.class: gce", "ingress.class: nginx").replace(all, star);
    scratch.write("k8s/ingress.yaml", &nginx);
    assert!(scratch.run(&["diff", "--against", "k8s"]).out.contains("paths[path=/]"));
}

#[test]
fn a_port_that_is_renumbered_keeps_its_backendconfig() {
    let own = r#"{"ports":{"8000":"chat","9000":"web"}}"#;
    let more = "targetPort: 8080\n      protocol: TCP\n    - name: web\n      port: 9000\n      targetPort: 9000\n      protocol: TCP\n    - x: y";
    let (_, text) = written(
        MINIMAL,
        "service.yaml",
        &[
            (r#"{"default":"chat"}"#, own),
            ("port: 80\n", "port: 8000\n"),
            ("targetPort: 8080\n      protocol: TCP", &more.replace("\n    - x: y", "")),
        ],
    );
    assert!(text.contains(r#"{"ports":{"9000":"web","80":"chat"}}"#), "{text}");
}

#[test]
fn annotations_that_come_all_at_once_come_with_their_reasons() {
    let scratch = Scratch::with_app(MINIMAL);
    existing(&scratch);
    let text = scratch.read("k8s/service.yaml");
    let lines = text.lines().filter(|line| {
        !line.contains("annotations:")
            && !line.contains("cloud.google.com")
            && !line.starts_with("    #")
    });
    scratch.write("k8s/service.yaml", &lines.flat_map(|line| [line, "\n"]).collect::<String>());
    let out = scratch.run(&["diff", "--against", "k8s"]).out;
    assert!(out.contains("(backendconfig-not-attached)\n"), "{out}");
}

#[test]
fn what_does_not_lead_to_nginx_does_not_come_from_its_port() {
    let app = "name = \"chat\"\nhost = \"chat.example.com\"\nport = 3000\n[nginx]\nplacement = \"none\"\n";
    let (told, _) = written(app, "service.yaml", &[("targetPort: 3000", "targetPort: 4000")]);
    assert!(told.contains("rendered from `port`, app.toml:3:8"), "{told}");
    let (told, _) = written(MINIMAL, "service.yaml", &[("targetPort: 8080", "targetPort: 4000")]);
    assert!(told.contains("rendered from `nginx.listen`"), "{told}");
}
