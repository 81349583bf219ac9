//! `sioway diff` on values: what is the same, what belongs to others, and what cannot stand beside what is written.

use serde_json::Value;

use crate::diff::existing;
use crate::tools::{MINIMAL, Scratch};

/// An app whose pods are rendered too.
const WORKLOAD: &str = "name = \"chat\"\nhost = \"chat.example.com\"\nport = 3000\n\n[workload]\nimage = \"chat:1\"\nenv = { LEVEL = \"info\" }\n";

/// The manifests of an app, of which one is changed.
fn with(app: &str, file: &str, edits: &[(&str, &str)]) -> Scratch {
    let scratch = Scratch::with_app(app);
    existing(&scratch);
    change(&scratch, file, edits);
    scratch
}

fn change(scratch: &Scratch, file: &str, edits: &[(&str, &str)]) {
    let path = format!("k8s/{file}");
    let text = edits.iter().fold(scratch.read(&path), |text, (old, new)| {
        assert!(text.contains(old), "{old}\n{text}");
        text.replacen(old, new, 1)
    });
    scratch.write(&path, &text);
}

fn diff(scratch: &Scratch) -> String {
    scratch.run(&["diff", "--against", "k8s"]).out
}

fn changes(scratch: &Scratch) -> Vec<Value> {
    let run = scratch.run(&["diff", "--against", "k8s", "--format", "json"]);
    let all: Value = serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{}", run.err));
    let objects = all["objects"].as_array().unwrap().iter();
    objects.flat_map(|one| one["changes"].as_array().unwrap().clone()).collect()
}

/// Writes, and tells what became of a file; there is no difference afterwards.
fn written(scratch: &Scratch, file: &str) -> String {
    scratch.ok(&["diff", "--against", "k8s", "--write"]);
    let left = scratch.run(&["diff", "--against", "k8s"]);
    assert_eq!((left.status, left.out.as_str()), (0, ""));
    scratch.read(&format!("k8s/{file}"))
}

fn is_same(scratch: &Scratch) {
    let run = scratch.run(&["diff", "--against", "k8s"]);
    assert_eq!((run.status, run.out.as_str()), (0, ""), "{}", run.err);
}

/// A file, what others wrote into it, what of that has to go, and why.
type Exclusion =
    (&'static str, &'static [(&'static str, &'static str)], &'static str, &'static str);

const EXCLUSIONS: &[Exclusion] = &[
    (
        "poddisruptionbudget.yaml",
        &[("maxUnavailable: 1", "minAvailable: 50%")],
        "minAvailable",
        "the API server refuses both",
    ),
    (
        "deployment.yaml",
        &[("value: info", "valueFrom:\n                configMapKeyRef: {name: a, key: b}")],
        "valueFrom",
        "a variable has a value or a source",
    ),
    (
        "deployment.yaml",
        &[("tcpSocket:\n              port: 3000", "exec:\n              command: [\"true\"]")],
        "exec",
        "a probe has one handler",
    ),
    (
        "deployment.yaml",
        &[(
            "sleep:\n                seconds: 70",
            "exec:\n                command: [sleep, \"70\"]",
        )],
        "exec",
        "a hook has one handler",
    ),
    (
        "deployment.yaml",
        &[("emptyDir: {}", "hostPath: {path: /tmp}")],
        "hostPath",
        "a volume has one source",
    ),
    (
        "deployment.yaml",
        &[("  strategy:\n    rollingUpdate:\n", "  strategy:\n    type: Recreate\n    x:\n")],
        "Recreate",
        "has no rolling update",
    ),
    (
        "deployment.yaml",
        &[("type: RuntimeDefault", "type: Localhost\n          localhostProfile: mine.json")],
        "localhostProfile",
        "only the type `Localhost`",
    ),
    (
        "service.yaml",
        &[
            ("type: ClusterIP", "type: NodePort\n  externalTrafficPolicy: Local"),
            ("targetPort: 8080", "targetPort: 8080\n      nodePort: 30080"),
        ],
        "nodePort",
        "refuses it with `ClusterIP`",
    ),
    (
        "ingress.yaml",
        &[(
            "service:\n                name: chat\n                port:\n                  number: 80\n",
            "resource: {kind: Bucket, name: files}\n",
        )],
        "resource",
        "a backend is a Service or a resource",
    ),
    (
        "deployment.yaml",
        &[("allowPrivilegeEscalation: false", "privileged: true")],
        "privileged: true",
        "who is privileged may gain privileges",
    ),
    (
        "deployment.yaml",
        &[("runAsNonRoot: true", "runAsUser: 0")],
        "runAsUser: 0",
        "no container starts that must not run as root",
    ),
    (
        "deployment.yaml",
        &[(
            "              path: /health\n",
            "              path: /health\n              scheme: HTTPS\n",
        )],
        "scheme",
        "answers in the pod by plain HTTP",
    ),
    (
        "deployment.yaml",
        &[("drop:\n", "add: [CAP_SYS_ADMIN, NET_RAW]\n              drop:\n")],
        "CAP_SYS_ADMIN",
        "who is `CAP_SYS_ADMIN` may gain privileges",
    ),
    (
        "deployment.yaml",
        &[(
            "readOnlyRootFilesystem: true",
            "readOnlyRootFilesystem: true\n            runAsUser: 0",
        )],
        "runAsUser: 0",
        "no container starts that must not run as root",
    ),
    (
        "deployment.yaml",
        &[("            limits:\n", "            limits:\n              cpu: 0.05\n")],
        "0.05",
        "a limit below what is requested",
    ),
];

#[test]
fn of_fields_that_exclude_each_other_one_is_left() {
    for (file, edits, gone, reason) in EXCLUSIONS {
        let scratch = with(WORKLOAD, file, edits);
        let told = diff(&scratch);
        assert!(told.contains(reason), "{gone}: {told}");
        let name = gone.split(':').next().unwrap();
        assert!(told.lines().any(|line| line.starts_with("  - ") && line.contains(name)), "{told}");
        let after = written(&scratch, file);
        assert!(!after.contains(gone), "{after}");
    }
}

/// Where the edit is used apart from the others, as a suggestion on a pull request, it still is one.
#[test]
fn what_goes_and_what_comes_is_one_edit() {
    let scratch = with(
        WORKLOAD,
        "poddisruptionbudget.yaml",
        &[("  maxUnavailable: 1", "  minAvailable: 50% # half of them")],
    );
    let both = changes(&scratch);
    let told: Vec<(&Value, &Value, &Value)> =
        both.iter().map(|one| (&one["path"], &one["old"], &one["new"])).collect();
    assert_eq!(
        told,
        [
            (&"spec.maxUnavailable".into(), &Value::Null, &"1".into()),
            (&"spec.minAvailable".into(), &"\"50%\"".into(), &Value::Null)
        ]
    );
    assert_eq!(both[0]["edit"], both[1]["edit"]);
}

/// What stands in a base under what an overlay says: the one is not written without the other.
#[test]
fn one_of_two_is_exchanged_where_kustomize_builds_it() {
    let scratch =
        with(WORKLOAD, "poddisruptionbudget.yaml", &[("maxUnavailable: 1", "minAvailable: 50%")]);
    let names = scratch.list("k8s");
    let list = names.join(", ");
    scratch.write("k8s/kustomization.yaml", &format!("resources: [{list}]\n"));
    let after = written(&scratch, "poddisruptionbudget.yaml");
    assert!(after.contains("maxUnavailable: 1") && !after.contains("minAvailable"), "{after}");
}

#[test]
fn a_port_by_its_name_is_the_port_by_its_number() {
    let scratch = with(
        MINIMAL,
        "ingress.yaml",
        &[("number: 80", "name: http"), ("number: 80", "name: http")],
    );
    is_same(&scratch);
    let scratch = with(MINIMAL, "ingress.yaml", &[("number: 80", "name: web")]);
    let after = written(&scratch, "ingress.yaml");
    assert!(!after.contains("name: web"), "{after}");
}

/// An Ingress, a probe or a monitor of somebody else's may ask for it by that name.
#[test]
fn a_port_that_is_there_keeps_its_name() {
    let scratch = with(WORKLOAD, "ingress.yaml", &[("number: 80", "name: web")]);
    let attached = ("'{\"default\":\"chat\"}'", "'{\"ports\": {\"web\": \"chat\"}}'");
    change(&scratch, "service.yaml", &[("name: http", "name: web"), attached]);
    change(&scratch, "deployment.yaml", &[("- name: http\n", "- name: web\n")]);
    is_same(&scratch);
    // Another port has the name: two of one name are refused by the API server.
    let ports = "          ports:\n            - name: app\n";
    let more = "          ports:\n            - name: app\n              containerPort: 9113\n            - hostPort: 3000\n";
    change(&scratch, "deployment.yaml", &[(ports, more)]);
    let ports = "  ports:\n";
    let more = "  ports:\n    - name: http\n      port: 8080\n";
    change(&scratch, "service.yaml", &[(ports, more)]);
    is_same(&scratch);
    // The BackendConfig is said under the name that stays.
    change(&scratch, "service.yaml", &[("\"web\": \"chat\"", "\"web\": \"old\"")]);
    assert!(written(&scratch, "service.yaml").contains("'{\"ports\": {\"web\": \"chat\"}}'"));
}

/// Under a name that no port has, an entry attaches nothing, and nobody complains.
#[test]
fn a_backendconfig_is_attached_under_the_name_that_stays() {
    let app = format!("{MINIMAL}\n[cdn]\nstatic-paths = [\"/static/\"]\n");
    let web = ("name: http", "name: web");
    let attached = "    cloud.google.com/backend-config: '{\"ports\":{\"http\":\"chat\",\"static\":\"chat-static\"}}'\n";
    let is_attached = |scratch: &Scratch| {
        let after = written(scratch, "service.yaml");
        let text = after.replace('\\', "");
        assert!(text.contains("\"web\":\"chat\"") && !text.contains("\"http\""), "{after}");
        let found = scratch.run(&["lint", "k8s"]).out;
        assert!(!found.contains("backendconfig-port-unmatched"), "{found}");
    };
    is_attached(&with(&app, "service.yaml", &[web]));
    let scratch = with(&app, "service.yaml", &[web, (attached, "")]);
    is_attached(&scratch);
    let text = scratch.read("k8s/service.yaml");
    let (above, below) = text.split_once("  annotations:\n").unwrap();
    let below = below.split_once("# sioway").unwrap().1;
    scratch.write("k8s/service.yaml", &format!("{above}# sioway{below}"));
    is_attached(&scratch);
    // The default would attach it to a port of others, too.
    let other = ("  ports:\n", "  ports:\n    - name: metrics\n      port: 9113\n");
    let attached = "    cloud.google.com/backend-config: '{\"default\":\"chat\"}'\n";
    let scratch = with(MINIMAL, "service.yaml", &[other, web, (attached, "")]);
    let after = written(&scratch, "service.yaml").replace('\\', "");
    assert!(after.contains("{\"ports\":{\"web\":\"chat\"}}"), "{after}");
}

/// The pods are to have a root file system that is read-only: nginx starts where its files are on a volume.
#[test]
fn files_that_nginx_makes_are_on_a_volume() {
    let scratch = with(WORKLOAD, "deployment.yaml", &[]);
    let text = scratch.read("k8s/nginx-configmap.yaml");
    let is_file = |line: &&str| line.contains("_temp_path") || line.contains("pid ");
    let bare: Vec<&str> = text.lines().filter(|line| !is_file(line)).collect();
    assert_eq!(bare.len() + 6, text.lines().count());
    scratch.write("k8s/nginx-configmap.yaml", &(bare.join("\n") + "\n"));
    assert_eq!(changes(&scratch).len(), 6);
    let after = written(&scratch, "nginx-configmap.yaml");
    assert_eq!(after.lines().filter(is_file).count(), 6, "{after}");
    // Elsewhere below it, or on a volume of their own, they may stay.
    let moved =
        text.replace("/tmp/client_body", "/tmp/a").replace("/tmp/proxy", "/var/cache/nginx/proxy");
    scratch.write("k8s/nginx-configmap.yaml", &moved);
    assert_eq!(changes(&scratch).len(), 1);
    let volume = "            - name: nginx-tmp\n";
    let more = format!(
        "            - name: nginx-tmp\n              mountPath: /var/cache/nginx\n{volume}"
    );
    change(&scratch, "deployment.yaml", &[(volume, &more)]);
    is_same(&scratch);
}

/// Most people write `targetPort: http`.
#[test]
fn a_port_that_is_asked_for_by_its_name_is_the_same() {
    let scratch = with(WORKLOAD, "service.yaml", &[("targetPort: 8080", "targetPort: http")]);
    change(
        &scratch,
        "deployment.yaml",
        &[("              port: 8080\n", "              port: http\n")],
    );
    is_same(&scratch);
    // Nobody has it, or it is another port.
    change(&scratch, "deployment.yaml", &[("- name: http\n", "- name: web\n")]);
    let told: Vec<Value> = changes(&scratch).iter().map(|one| one["old"].clone()).collect();
    assert_eq!(told, ["\"http\"", "\"http\""]);
    // The pods of a workload that is new have the names that are rendered.
    let scratch = with(WORKLOAD, "service.yaml", &[("targetPort: 8080", "targetPort: web")]);
    change(
        &scratch,
        "deployment.yaml",
        &[("- name: http\n", "- name: web\n"), ("  name: chat\n", "  name: old\n")],
    );
    assert!(diff(&scratch).contains("\"web\" → 8080"));
}

/// The API server changes no selector of a workload that runs, and one that asks for less has the same pods.
#[test]
fn a_workload_keeps_the_selector_that_it_has() {
    let labels = "matchLabels:\n      app.kubernetes.io/name: chat\n";
    let scratch = with(WORKLOAD, "deployment.yaml", &[(labels, "matchLabels:\n      app: chat\n")]);
    let pods = "      labels:\n        app.kubernetes.io/name: chat\n";
    change(&scratch, "deployment.yaml", &[(pods, &format!("{pods}        app: chat\n"))]);
    is_same(&scratch);
    change(
        &scratch,
        "deployment.yaml",
        &[("      app: chat\n", "      app.kubernetes.io/name: old\n")],
    );
    let told = diff(&scratch);
    assert!(told.contains("one that runs is deleted first"), "{told}");
}

/// Volumes are named as anybody likes.
#[test]
fn a_volume_of_another_name_is_the_same() {
    let scratch = with(WORKLOAD, "deployment.yaml", &[]);
    let text = scratch.read("k8s/deployment.yaml");
    let text = text
        .replace("name: nginx-conf\n", "name: conf\n")
        .replace("name: nginx-tmp", "name: scratch");
    let text = text.replace("emptyDir: {}", "emptyDir: {medium: Memory}");
    scratch.write("k8s/deployment.yaml", &text);
    is_same(&scratch);
    // It is another one where something else is in it, or a key has another name.
    let other = text.replace("            name: chat-nginx\n", "            name: other-nginx\n");
    assert_ne!(text, other);
    scratch.write("k8s/deployment.yaml", &other);
    let after = written(&scratch, "deployment.yaml");
    assert!(after.contains("name: nginx-conf\n") && after.contains("name: other-nginx"), "{after}");
    let other = text.replace(
        "            name: chat-nginx\n",
        "            name: chat-nginx\n            items: [{key: nginx.conf, path: main.conf}]\n",
    );
    scratch.write("k8s/deployment.yaml", &other);
    assert!(written(&scratch, "deployment.yaml").contains("name: nginx-conf\n"));
}

#[test]
fn a_backendconfig_is_attached_in_many_ways() {
    const OURS: &str = "'{\"default\":\"chat\"}'";
    for theirs in [
        "'{\"ports\": {\"http\": \"chat\"}}'",
        "'{\"ports\": {\"80\": \"chat\"}}'",
        "'{\"default\": \"chat\", \"ports\": {\"metrics\": \"other\"}}'",
        "'{\"default\": \"other\", \"ports\": {\"http\": \"chat\"}}'",
    ] {
        is_same(&with(MINIMAL, "service.yaml", &[(OURS, theirs)]));
    }
    for (theirs, after) in [
        (
            "'{\"ports\": {\"http\": \"old\", \"metrics\": \"m\"}}'",
            "'{\"ports\": {\"http\": \"chat\", \"metrics\": \"m\"}}'",
        ),
        ("'{\"default\": \"old\"}'", "'{\"default\": \"chat\"}'"),
        ("'{ \"ports\": {\"80\": \"old\"} }'", "'{ \"ports\": {\"80\": \"chat\"} }'"),
        ("'{\"default\": '", OURS),
    ] {
        let scratch = with(MINIMAL, "service.yaml", &[(OURS, theirs)]);
        let text = written(&scratch, "service.yaml");
        assert!(text.contains(after), "{theirs}\n{text}");
    }
}

/// A port of somebody else's takes the default: it keeps it.
#[test]
fn the_default_of_other_ports_stays() {
    let scratch = with(
        MINIMAL,
        "service.yaml",
        &[
            ("'{\"default\":\"chat\"}'", "'{\"default\":\"other\"}'"),
            ("  ports:\n", "  ports:\n    - name: metrics\n      port: 9113\n"),
        ],
    );
    let text = written(&scratch, "service.yaml");
    assert!(text.contains("\"default\":\"other\""), "{text}");
    assert!(text.contains("\"http\":\"chat\"") || text.contains("\"http\": \"chat\""), "{text}");
}

#[test]
fn entries_of_others_stay_in_annotations() {
    let neg = "'{\"ingress\":true}'";
    is_same(&with(
        MINIMAL,
        "service.yaml",
        &[(neg, "'{\"ingress\": true, \"exposed_ports\": {\"80\": {}}}'")],
    ));
    let scratch = with(MINIMAL, "service.yaml", &[(neg, "'{\"exposed_ports\": {\"80\": {}}}'")]);
    let told = changes(&scratch);
    assert_eq!(told[0]["path"], "metadata.annotations[\"cloud.google.com/neg\"]");
    let text = written(&scratch, "service.yaml");
    assert!(
        text.contains("\"exposed_ports\": {\"80\": {}}") && text.contains("\"ingress\": true"),
        "{text}"
    );
}

const CERTIFIED: &str = "name = \"chat\"\nhost = [\"chat.example.com\", \"talk.example.com\"]\nport = 3000\n\n[ingress]\ntls = { managed-certificate = true }\n";

#[test]
fn certificates_and_hosts_of_others_stay() {
    let name = "networking.gke.io/managed-certificates: \"chat\"";
    let scratch = Scratch::with_app(CERTIFIED);
    existing(&scratch);
    let line = scratch.read("k8s/ingress.yaml");
    let line =
        line.lines().find(|line| line.contains("managed-certificates")).unwrap().trim().to_owned();
    assert!(line.replace('"', "") == name.replace('"', ""), "{line}");
    change(
        &scratch,
        "ingress.yaml",
        &[(&line, "networking.gke.io/managed-certificates: shop, chat")],
    );
    change(
        &scratch,
        "managedcertificate.yaml",
        &[("  domains:\n", "  domains:\n    - shop.example.com\n")],
    );
    is_same(&scratch);
    change(&scratch, "ingress.yaml", &[("shop, chat", "shop, old # for now")]);
    let domain = scratch.read("k8s/managedcertificate.yaml");
    let domain =
        domain.lines().find(|line| line.contains("talk.example.com")).unwrap().to_owned() + "\n";
    change(&scratch, "managedcertificate.yaml", &[(&domain, "")]);
    let told: Vec<Value> = changes(&scratch).iter().map(|one| one["new"].clone()).collect();
    assert_eq!(told, ["\"talk.example.com\"", "\"shop, old, chat\""]);
    let ingress = written(&scratch, "ingress.yaml");
    assert!(ingress.contains("managed-certificates: \"shop, old, chat\" # for now"), "{ingress}");
    let domains = scratch.read("k8s/managedcertificate.yaml");
    assert!(
        domains.contains("shop.example.com") && domains.contains("talk.example.com"),
        "{domains}"
    );
}

#[test]
fn a_port_gets_another_number_in_its_place() {
    let scratch = with(WORKLOAD, "service.yaml", &[("port: 80\n", "port: 8000 # old\n")]);
    let text = written(&scratch, "service.yaml");
    assert!(text.contains("port: 80 # old\n") && text.matches("name: http").count() == 1, "{text}");
    let scratch =
        with(WORKLOAD, "deployment.yaml", &[("containerPort: 8080", "containerPort: 80")]);
    let text = written(&scratch, "deployment.yaml");
    assert_eq!(text.matches("containerPort:").count(), 2, "{text}");
    // The same number in another protocol is another port.
    let scratch = with(
        MINIMAL,
        "service.yaml",
        &[("  ports:\n", "  ports:\n    - name: quic\n      port: 80\n      protocol: UDP\n")],
    );
    is_same(&scratch);
}

#[test]
fn a_selector_is_ours_alone() {
    let line = "  selector:\n    app.kubernetes.io/name: chat\n";
    let more = "  selector:\n    app.kubernetes.io/name: chat\n    track: stable\n";
    let scratch = with(MINIMAL, "service.yaml", &[(line, more)]);
    let told = diff(&scratch);
    assert!(told.contains("- spec.selector.track: \"stable\""), "{told}");
    assert!(told.contains("it chooses only pods that have this too"), "{told}");
    assert!(!written(&scratch, "service.yaml").contains("track"));
    // Where all pods have it, as with common labels of Kustomize, it chooses the same ones.
    let scratch = with(WORKLOAD, "service.yaml", &[(line, more)]);
    let labels = "      labels:\n        app.kubernetes.io/name: chat\n";
    change(&scratch, "deployment.yaml", &[(labels, &format!("{labels}        track: stable\n"))]);
    is_same(&scratch);
    // Labels of objects are everybody's.
    let scratch =
        with(MINIMAL, "service.yaml", &[("metadata:\n", "metadata:\n  labels: {team: a}\n")]);
    is_same(&scratch);
    let budget = "poddisruptionbudget.yaml";
    let scratch = with(
        WORKLOAD,
        budget,
        &[(
            "    matchLabels:\n",
            "    matchExpressions: [{key: a, operator: Exists}]\n    matchLabels:\n",
        )],
    );
    assert!(!written(&scratch, budget).contains("matchExpressions"));
}

#[test]
fn the_same_amount_is_no_difference() {
    let scratch = with(
        WORKLOAD,
        "deployment.yaml",
        &[("cpu: 50m", "cpu: \"0.05\""), ("memory: 64Mi", "memory: 67108864")],
    );
    is_same(&scratch);
}

/// What is there is not as it is rendered, but none of it is what a rule finds.
#[test]
fn no_fault_is_named_that_is_not_there() {
    let scratch = with(
        WORKLOAD,
        "backendconfig.yaml",
        &[
            ("timeoutSec: 86400", "timeoutSec: 100000"),
            ("drainingTimeoutSec: 60", "drainingTimeoutSec: 300"),
            ("checkIntervalSec: 10", "checkIntervalSec: 30"),
            ("timeoutSec: 5", "timeoutSec: 7"),
            ("requestPath: /health", "requestPath: /ready"),
            ("affinityType: CLIENT_IP", "affinityType: GENERATED_COOKIE"),
            ("affinityCookieTtlSec: 0", "affinityCookieTtlSec: 86400"),
            ("sampleRate: 1.0", "sampleRate: 0.5"),
        ],
    );
    change(
        &scratch,
        "nginx-configmap.yaml",
        &[("keepalive_timeout 650s", "keepalive_timeout 700s")],
    );
    change(
        &scratch,
        "deployment.yaml",
        &[("terminationGracePeriodSeconds: ", "terminationGracePeriodSeconds: 1")],
    );
    change(&scratch, "ingress.yaml", &[("pathType: Prefix", "pathType: ImplementationSpecific")]);
    let all = changes(&scratch);
    assert_eq!(all.len(), 11, "{all:#?}");
    for one in &all {
        assert_eq!(one["rule"], Value::Null, "{one:#}");
        let reason = one["reason"].as_str().unwrap_or_default();
        let known = ["app.toml asks for another value", ""];
        assert!(known.contains(&reason), "{one:#}");
    }
}

/// A file, an edit of it, and the rule that finds it.
const FAULTS: &[(&str, (&str, &str), &str)] = &[
    ("backendconfig.yaml", ("timeoutSec: 86400", "timeoutSec: 3600"), "websocket-cut-by-timeout"),
    ("backendconfig.yaml", ("  timeoutSec: 86400\n", ""), "websocket-cut-by-timeout"),
    ("backendconfig.yaml", ("drainingTimeoutSec: 60", "drainingTimeoutSec: 0"), "drain-disabled"),
    (
        "backendconfig.yaml",
        ("checkIntervalSec: 10", "checkIntervalSec: 3"),
        "health-check-timeout-over-interval",
    ),
    (
        "backendconfig.yaml",
        ("    checkIntervalSec: 10\n    timeoutSec: 5", "    timeoutSec: 20"),
        "health-check-incomplete",
    ),
    (
        "backendconfig.yaml",
        ("affinityType: CLIENT_IP", "affinityType: NONE"),
        "session-affinity-missing",
    ),
    (
        "backendconfig.yaml",
        ("affinityCookieTtlSec: 0", "affinityCookieTtlSec: 600"),
        "affinity-ttl-ignored",
    ),
    ("backendconfig.yaml", ("enabled: false", "enabled: true"), "cdn-on-session-traffic"),
    ("backendconfig.yaml", ("port: 8080", "port: 80"), "health-port-unserved"),
    (
        "nginx-configmap.yaml",
        ("keepalive_timeout 650s", "keepalive_timeout 65s"),
        "keepalive-shorter-than-lb",
    ),
    (
        "ingress.yaml",
        ("                name: chat\n", "                name: other\n"),
        "socketio-path-unrouted",
    ),
    ("service.yaml", ("targetPort: 8080", "targetPort: 9999"), "target-port-unserved"),
    (
        "service.yaml",
        ("cloud.google.com/backend-config", "example.com/backend-config"),
        "backendconfig-not-attached",
    ),
    ("service.yaml", ("'{\"ingress\":true}'", "'{\"ingress\":false}'"), "neg-not-requested"),
];

#[test]
fn a_fault_that_is_there_is_named() {
    for (file, edit, rule) in FAULTS {
        let scratch = with(WORKLOAD, file, &[*edit]);
        let all = changes(&scratch);
        assert!(all.iter().any(|one| one["rule"] == *rule), "{rule}: {all:#?}");
    }
}

/// An internal load balancer takes its timeout for silence, and one pod needs no affinity.
#[test]
fn reasons_know_the_load_balancer_and_the_pods() {
    let internal = format!("profile = \"gke-internal\"\n{MINIMAL}");
    let scratch = with(&internal, "backendconfig.yaml", &[("timeoutSec: 86400", "timeoutSec: 30")]);
    let told = diff(&scratch);
    assert!(told.contains("closes a WebSocket that is silent for this long"), "{told}");
    let scratch =
        with(&internal, "backendconfig.yaml", &[("timeoutSec: 86400", "timeoutSec: 600")]);
    assert_eq!(changes(&scratch)[0]["rule"], Value::Null);
    let scratch =
        with(WORKLOAD, "backendconfig.yaml", &[("affinityType: CLIENT_IP", "affinityType: NONE")]);
    change(&scratch, "deployment.yaml", &[("replicas: 2", "replicas: 1")]);
    let all = changes(&scratch);
    assert!(all.iter().all(|one| one["rule"] != "session-affinity-missing"), "{all:#?}");
}

/// A configuration that does all that sioway's does, in its own way, or is no worse for it.
#[test]
fn a_configuration_without_the_fault_is_not_blamed() {
    let scratch = Scratch::with_app(MINIMAL);
    existing(&scratch);
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: chat-nginx\ndata:\n  nginx.conf: |\n    events { worker_connections 2048; }\n    http {\n      server {\n        listen 8080;\n        keepalive_timeout 1000s;\n        location /health { return 200; }\n        location /socket.io/ {\n          proxy_pass http://127.0.0.1:3000;\n          proxy_buffering off;\n          proxy_http_version 1.1;\n          proxy_set_header Upgrade $http_upgrade;\n          proxy_set_header Connection $http_connection;\n          proxy_set_header Host $http_host;\n          proxy_read_timeout 2h;\n          client_max_body_size 20m;\n        }\n      }\n    }\n";
    scratch.write("k8s/nginx-configmap.yaml", map);
    let all = changes(&scratch);
    assert!(all.iter().any(|one| one["path"].as_str().unwrap().contains("[Host]")), "{all:#?}");
    for one in &all {
        assert_eq!(one["rule"], Value::Null, "{one:#}");
    }
    // The same with what the rules find.
    let faulty = [
        ("1000s", "60s"),
        ("return 200", "return 301 /"),
        ("2h", "20s"),
        ("20m", "10k"),
        ("Connection $http_connection", "Connection close"),
        ("Host $http_host", "Host $proxy_host"),
        ("off;", "on;"),
        ("2048", "64"),
    ];
    change(&scratch, "nginx-configmap.yaml", &faulty);
    let rules = changes(&scratch);
    for rule in [
        "keepalive-shorter-than-lb",
        "health-location-missing",
        "read-timeout-too-short",
        "body-limit-too-small",
        "upgrade-not-forwarded",
        "host-not-forwarded",
        "polling-buffered",
        "too-few-connections",
    ] {
        assert!(rules.iter().any(|one| one["rule"] == rule), "{rule}: {rules:#?}");
    }
}

/// Of the certificates that an Ingress names only one is the app's; the others stay, and so do domains of it.
#[test]
fn what_others_share_with_an_app_is_not_adopted_and_stays() {
    let scratch = Scratch::with_app(CERTIFIED);
    existing(&scratch);
    change(
        &scratch,
        "ingress.yaml",
        &[("managed-certificates: chat", "managed-certificates: shop, chat")],
    );
    change(
        &scratch,
        "service.yaml",
        &[("'{\"ingress\":true}'", "'{\"ingress\":true,\"exposed_ports\":{\"80\":{}}}'")],
    );
    scratch.write(
        "k8s/shop.yaml",
        "apiVersion: networking.gke.io/v1\nkind: ManagedCertificate\nmetadata: {name: shop, namespace: default}\nspec: {domains: [shop.example.com]}\n",
    );
    std::fs::remove_file(scratch.path("app.toml")).unwrap();
    let run = scratch.ok(&["init", "--from", "k8s"]);
    assert!(
        run.out.contains("exposed_ports") && run.out.contains("shop, chat"),
        "{}{}",
        run.out,
        run.err
    );
    let left = scratch.ok(&["diff", "--against", "k8s"]);
    assert!(left.out.ends_with("6 the same, 1 only there\n"), "{}", left.out);
}

/// Who writes a number of pods beside an autoscaler sets them back with each apply.
#[test]
fn what_an_autoscaler_says_is_no_difference() {
    let scratch = with(WORKLOAD, "deployment.yaml", &[("replicas: 2", "replicas: 7")]);
    assert!(diff(&scratch).contains("spec.replicas"));
    let scaler = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: chat}\nspec:\n  \
                  maxReplicas: 9\n  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: chat}\n";
    scratch.write("k8s/hpa.yaml", scaler);
    assert!(changes(&scratch).is_empty(), "{}", diff(&scratch));
    scratch.write("k8s/hpa.yaml", &scaler.replace("name: chat}\n", "name: other}\n"));
    assert!(diff(&scratch).contains("spec.replicas"));
}

/// The controller refuses it beside `ingress`, and with it the whole annotation.
#[test]
fn a_neg_of_a_chosen_name_is_left_to_people() {
    let named = r#"'{"exposed_ports":{"80":{"name":"chat-neg"}}}'"#;
    let scratch = with(MINIMAL, "service.yaml", &[(r#"'{"ingress":true}'"#, named)]);
    let before = scratch.read("k8s/service.yaml");
    let run = scratch.run(&["diff", "--against", "k8s", "--write"]);
    assert_eq!(run.status, 1, "{}{}", run.out, run.err);
    assert_eq!(scratch.read("k8s/service.yaml"), before);
    assert!(
        diff(&scratch).contains("left to people: a port in `exposed_ports`"),
        "{}",
        diff(&scratch)
    );
}
