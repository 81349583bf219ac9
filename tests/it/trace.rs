//! What `sioway trace` says of small manifests. What it predicts is compared with real processes in `tests/lab`.

use serde_json::Value;
use sioway::diagnostic::Sources;
use sioway::path::Model;
use sioway::set::{File, Set};
use sioway::trace::{Options, Step, StepKind, Trace, Verdict, trace};

use crate::tools::{Run, Scratch, both, python};

const INGRESS: &str = "\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: chat, annotations: {kubernetes.io/ingress.class: gce}}
spec:
  rules:
    - host: chat.example.com
      http:
        paths:
          - {path: /socket.io, pathType: Prefix, backend: {service: {name: chat, port: {number: 80}}}}
";

const SERVICE: &str = "\
apiVersion: v1
kind: Service
metadata:
  name: chat
  annotations:
    cloud.google.com/neg: '{\"ingress\":true}'
    cloud.google.com/backend-config: '{\"default\":\"chat\"}'
spec:
  selector: {app: chat}
  ports: [{name: http, port: 80, targetPort: 3000}]
";

const BACKEND: &str = "\
apiVersion: cloud.google.com/v1
kind: BackendConfig
metadata: {name: chat}
spec:
  timeoutSec: 86400
  sessionAffinity: {affinityType: CLIENT_IP}
  connectionDraining: {drainingTimeoutSec: 60}
";

const PODS: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: chat}
spec:
  replicas: 3
  template:
    metadata: {labels: {app: chat}}
    spec:
      terminationGracePeriodSeconds: 90
      containers:
        - {name: app, image: chat, ports: [{containerPort: 3000}]}
";

/// Manifests that a case changes.
pub(crate) struct Files(pub(crate) String);

impl Files {
    pub(crate) fn good() -> Self {
        Self([INGRESS, SERVICE, BACKEND, PODS].join("---\n"))
    }

    pub(crate) fn with(self, old: &str, new: &str) -> Self {
        assert!(self.0.contains(old), "{old}\n{}", self.0);
        Self(self.0.replace(old, new))
    }

    pub(crate) fn trace_with(&self, options: &Options) -> Vec<(Trace, String)> {
        let mut sources = Sources::default();
        let source = sources.add("k8s.yaml", self.0.as_str());
        let files = [File::read(source, "k8s.yaml", &self.0, true)];
        let set = Set::new(&files);
        let line = |step: &Step| {
            let place = step.decided_by?;
            let line = sources.position(place.source, place.span.start).line;
            self.0.lines().nth(line - 1).map(str::trim)
        };
        let traces = trace(&Model::new(&set, &[]), options).into_iter();
        let with_lines = traces.map(|trace| {
            let lines: Vec<String> =
                trace.steps.iter().filter_map(line).map(str::to_owned).collect();
            (trace, lines.join("\n"))
        });
        with_lines.collect()
    }

    pub(crate) fn trace(&self) -> Trace {
        let mut traces = self.trace_with(&Options::default());
        assert_eq!(traces.len(), 1, "{traces:#?}");
        traces.remove(0).0
    }

    /// The step, its verdict, a part of its outcome, its first rule.
    pub(crate) fn says(&self, kind: StepKind, verdict: Verdict, outcome: &str, rule: &str) {
        let trace = self.trace();
        let step = trace.step(kind).unwrap_or_else(|| panic!("no {kind:?}: {trace:#?}"));
        assert_eq!(step.outcome.verdict, verdict, "{step:#?}");
        assert!(step.outcome.text.contains(outcome), "{outcome}: {step:#?}");
        assert_eq!(step.rules.first().copied().unwrap_or_default(), rule, "{step:#?}");
    }

    pub(crate) fn decided_by(&self, line: &str) {
        let traces = self.trace_with(&Options::default());
        let (trace, lines) = &traces[0];
        assert!(lines.contains(line), "{line}\nnot in\n{lines}\n{trace:#?}");
    }
}

use StepKind::{
    DirectWebSocket, Handshake, Health, IdlePoll, LargeMessage, Life, Poll, Post, Rollout, Upgrade,
};
use Verdict::{Bad, Good, NotReached, Unknown};

#[test]
fn a_good_way() {
    let files = Files::good();
    for kind in
        [Handshake, Poll, Post, IdlePoll, Upgrade, DirectWebSocket, LargeMessage, Life, Rollout]
    {
        files.says(kind, Good, "", "");
    }
    files.says(Health, Unknown, "what the app answers to `/` is in none of the files", "");
    assert_eq!(files.trace().host.as_deref(), Some("chat.example.com"));
}

#[test]
fn the_chance_of_another_pod_is_exact() {
    let files = Files::good().with("  sessionAffinity: {affinityType: CLIENT_IP}\n", "");
    files.says(Handshake, Good, "`200 0{sid}`", "");
    files.says(
        Post,
        Bad,
        "`400 {\"code\":1,\"message\":\"Session ID unknown\"}` in 2 of 3 tries",
        "session-affinity-missing",
    );
    files.says(
        Upgrade,
        Bad,
        "`400 Session ID unknown` in 2 of 3 tries",
        "session-affinity-missing",
    );
    files.says(DirectWebSocket, Good, "`101`", "");
    let options = Options { replicas: Some(1), ..Options::default() };
    let (one_pod, _) = files.trace_with(&options).remove(0);
    assert_ne!(one_pod.verdict(), Bad);
    let unknown = Files([INGRESS, SERVICE].join("---\n"))
        .with("    cloud.google.com/backend-config: '{\"default\":\"chat\"}'\n", "");
    unknown.says(Post, Bad, "in n-1 of n tries", "session-affinity-missing");
}

#[test]
fn an_annotation_on_the_ingress_is_named_first() {
    let annotation = "    cloud.google.com/backend-config: '{\"default\":\"chat\"}'\n";
    let files = Files::good().with(annotation, "");
    files.says(Post, Bad, "in 2 of 3 tries", "backendconfig-not-attached");
    files.says(
        Life,
        Bad,
        "closed after 30 s by the load balancer, busy or not",
        "websocket-cut-by-timeout",
    );
    let own = "annotations: {kubernetes.io/ingress.class: gce, cloud.google.com/backend-config: '{\"default\":\"chat\"}'}";
    let files = files.with("annotations: {kubernetes.io/ingress.class: gce}", own);
    files.says(Post, Bad, "in 2 of 3 tries", "backendconfig-on-ingress");
    files.decided_by("metadata: {name: chat, annotations: {kubernetes.io/ingress.class: gce, cloud.google.com/backend-config");
}

#[test]
fn a_port_that_the_annotation_does_not_name_has_no_config() {
    let files = Files::good().with("'{\"default\":\"chat\"}'", "'{\"ports\":{\"8080\":\"chat\"}}'");
    files.says(Poll, Bad, "in 2 of 3 tries", "backendconfig-port-unmatched");
    files.decided_by("cloud.google.com/backend-config: '{\"ports\":{\"8080\":\"chat\"}}'");
}

#[test]
fn affinity_ends_at_a_node() {
    let files = Files::good().with("    cloud.google.com/neg: '{\"ingress\":true}'\n", "");
    files.says(Poll, Good, "", "");
    let files = files.with("  selector: {app: chat}", "  type: NodePort\n  selector: {app: chat}");
    files.says(Poll, Bad, "in 2 of 3 tries", "neg-not-requested");
    let local = files.with("  type: NodePort", "  type: NodePort\n  externalTrafficPolicy: Local");
    local.says(Poll, Good, "", "");
}

#[test]
fn what_the_controller_refuses_takes_no_effect() {
    for (old, new, rule) in [
        (
            "'{\"default\":\"chat\"}'",
            "'{\"default\":\"chat\"}}'",
            "backendconfig-annotation-invalid",
        ),
        ("'{\"default\":\"chat\"}'", "'{}'", "backendconfig-annotation-invalid"),
        ("path: /socket.io,", "path: \"/socket.io/*\",", "wildcard-in-prefix-path"),
        ("port: {number: 80}", "port: {number: 81}", "service-not-found"),
        (
            "spec:\n  timeoutSec",
            "spec:\n  healthCheck: {checkIntervalSec: 10}\n  timeoutSec",
            "health-check-incomplete",
        ),
        (
            "spec:\n  timeoutSec",
            "spec:\n  healthCheck: {checkIntervalSec: 10, timeoutSec: 12}\n  timeoutSec",
            "health-check-timeout-over-interval",
        ),
        ("timeoutSec: 86400", "timeoutSec: 0", "backendconfig-value-refused"),
        ("drainingTimeoutSec: 60", "drainingTimeoutSec: 7200", "backendconfig-value-refused"),
        (
            "spec:\n  timeoutSec",
            "spec:\n  healthCheck: {type: TCP}\n  timeoutSec",
            "health-check-type-unsupported",
        ),
        (
            "CLIENT_IP}",
            "GENERATED_COOKIE, affinityCookieTtlSec: 90000}",
            "affinity-ttl-out-of-range",
        ),
    ] {
        let files = Files::good().with(old, new);
        let options = Options { path: Some("/socket.io/".into()), ..Options::default() };
        let (trace, _) = files.trace_with(&options).remove(0);
        let step = trace.step(Handshake).unwrap();
        assert!(
            step.outcome.text.starts_with("nothing of these files takes effect"),
            "{new}: {step:#?}"
        );
        assert_eq!(step.rules, [rule], "{new}");
    }
}

#[test]
fn rules_are_chosen_as_the_load_balancer_does() {
    let files = Files::good()
        .with("annotations: {kubernetes.io/ingress.class: gce}", "x: y")
        .with("spec:\n  rules:", "spec:\n  ingressClassName: gce\n  rules:");
    files.says(Handshake, Bad, "no load balancer is made", "ingress-class-ignored");
    files.says(Poll, NotReached, "there is no session", "");
    let twice = "    - host: chat.example.com\n      http:\n        paths:\n          - {path: /api, pathType: Prefix, backend: {service: {name: chat, port: {number: 80}}}}\n---\napiVersion: v1\nkind: Service";
    let twice = Files::good().with("---\napiVersion: v1\nkind: Service", twice);
    twice.says(Handshake, Bad, "`404`", "duplicate-host");
}

#[test]
fn only_the_classic_load_balancer_cuts_busy_websockets() {
    let short = Files::good().with("timeoutSec: 86400", "timeoutSec: 30");
    short.says(
        Life,
        Bad,
        "closed after 30 s by the load balancer, busy or not",
        "websocket-cut-by-timeout",
    );
    short.decided_by("timeoutSec: 30");
    let internal = short.with("ingress.class: gce", "ingress.class: gce-internal");
    internal.says(Life, Good, "as long as the client answers the ping", "websocket-cut-by-timeout");
    assert_eq!(internal.trace().step(Life).unwrap().outcome.cautions.len(), 1);
    let shorter = internal.with("timeoutSec: 30", "timeoutSec: 20");
    shorter.says(
        Life,
        Bad,
        "closed after 20 s by the load balancer, when it is quiet",
        "websocket-cut-by-timeout",
    );
    shorter.says(IdlePoll, Bad, "cut by the load balancer after 20 s", "websocket-cut-by-timeout");
}

#[test]
fn a_cdn_matters_when_it_is_forced_and_does_not_tell_requests_apart() {
    let cdn = |more: &str| {
        Files::good().with(
            "spec:\n  timeoutSec",
            &format!("spec:\n  cdn: {{enabled: true{more}}}\n  timeoutSec"),
        )
    };
    cdn("").says(Handshake, Good, "`200 0{sid}`", "cdn-on-session-traffic");
    cdn(", cachePolicy: {includeHost: true}").says(Poll, Good, "", "cdn-key-drops-query");
    cdn("").says(Upgrade, Good, "", "");
    cdn(", cacheMode: FORCE_CACHE_ALL").says(Handshake, Good, "", "cdn-on-session-traffic");
    for policy in [
        "{includeHost: true}",
        "{includeQueryString: false}",
        "{includeQueryString: true, queryStringWhitelist: [sid]}",
        "{includeQueryString: true, queryStringBlacklist: [t]}",
    ] {
        let files = cdn(&format!(", cacheMode: FORCE_CACHE_ALL, cachePolicy: {policy}"));
        files.says(Handshake, Bad, "another client's session", "cdn-key-drops-query");
        files.says(Post, Bad, "`400 {\"code\":1", "cdn-key-drops-query");
        files.says(Upgrade, Bad, "no `101`", "cdn-key-drops-query");
    }
    let listed = cdn(
        ", cacheMode: FORCE_CACHE_ALL, cachePolicy: {includeQueryString: true, queryStringWhitelist: [sid, t]}",
    );
    listed.says(Poll, Good, "", "cdn-on-session-traffic");
    let internal = cdn(", cacheMode: FORCE_CACHE_ALL, cachePolicy: {}")
        .with("ingress.class: gce", "ingress.class: gce-internal");
    internal.says(Handshake, Good, "", "");
}

#[test]
fn http2_to_the_pod_has_no_upgrade() {
    let files = Files::good().with(
        "    cloud.google.com/neg:",
        "    cloud.google.com/app-protocols: '{\"http\":\"HTTP2\"}'\n    cloud.google.com/neg:",
    );
    files.says(Upgrade, Bad, "`502`", "http2-to-backend");
    files.says(Poll, Good, "", "");
}

const MISSING: &str = "backendconfig-missing";

#[test]
fn what_is_not_given_is_unknown() {
    let alone = Files(INGRESS.to_owned());
    let options = Options { path: Some("/socket.io/".into()), ..Options::default() };
    let (trace, _) = alone.trace_with(&options).remove(0);
    let step = trace.step(Handshake).unwrap();
    assert_eq!(step.outcome.verdict, Unknown);
    assert!(
        step.outcome.text.contains("the Service `chat` is not among the files given"),
        "{step:#?}"
    );
    let no_pods = Files([INGRESS, SERVICE, BACKEND].join("---\n"));
    no_pods.says(
        Handshake,
        Unknown,
        "the pods of the Service `chat` are not among the files given",
        "",
    );
    no_pods.says(Rollout, Unknown, "the pods are not among the files given", "");
    let no_config = Files([INGRESS, SERVICE, PODS].join("---\n"));
    no_config.says(Poll, Unknown, "the BackendConfig `chat` is not among the files given", MISSING);
    no_config.says(Life, Unknown, "the BackendConfig `chat` is not among the files given", MISSING);
    let nginx = Files::good().with("image: chat,", "image: nginx,");
    nginx.says(Handshake, Unknown, "an nginx whose configuration is not among the files given", "");
}

#[test]
fn where_the_server_is_mounted_must_be_said() {
    let elsewhere = Files::good().with("path: /socket.io,", "path: /chat/socket.io,");
    elsewhere.says(Handshake, Unknown, "whether the server is mounted at `/chat/socket.io/`", "");
    let marked = elsewhere.with(
        "kind: Ingress\n",
        "kind: Ingress\n# sioway: socketio path=/chat/socket.io/ server-path=/chat/socket.io/\n",
    );
    marked.says(Handshake, Good, "", "");
    let wrong = marked.with("server-path=/chat/socket.io/", "server-path=/socket.io/");
    wrong.says(Handshake, Bad, "`404` of the app", "prefix-not-mapped");
}

#[test]
fn other_controllers_keep_sessions_by_their_own_annotations() {
    let class = |class: &str| {
        Files::good().with(
            "kubernetes.io/ingress.class: gce",
            &format!("kubernetes.io/ingress.class: {class}"),
        )
    };
    let lost = "`400 {\"code\":1,\"message\":\"Session ID unknown\"}` in 2 of 3 tries";
    class("nginx").says(Poll, Bad, lost, "session-affinity-missing");
    class("alb").says(Poll, Bad, lost, "session-affinity-missing");
    // It may be set for all in a ConfigMap, or otherwise than by what sioway knows.
    class("haproxy").says(Poll, Unknown, "no affinity by cookie or address", "");
    class("istio").says(
        Poll,
        Unknown,
        "whether this controller keeps a session on its pod is not known",
        "",
    );
    let by_node = "alb.ingress.kubernetes.io/target-group-attributes: stickiness.enabled=true, ";
    let to_nodes = class("alb").with("annotations: {", &format!("annotations: {{{by_node}"));
    to_nodes.says(Poll, Unknown, "a client is kept on a node", "");
    for (name, annotation) in [
        ("nginx", "nginx.ingress.kubernetes.io/affinity: cookie"),
        ("haproxy", "haproxy-ingress.github.io/affinity: cookie"),
        (
            "alb",
            "alb.ingress.kubernetes.io/target-type: ip, alb.ingress.kubernetes.io/target-group-attributes: 'stickiness.enabled=true'",
        ),
    ] {
        let files = class(name).with("annotations: {", &format!("annotations: {{{annotation}, "));
        files.says(Poll, Good, "", "");
        let share = files.trace().step(Poll).unwrap().outcome.without_cookies;
        assert_eq!(share.and_then(sioway::trace::Share::fraction), Some((2, 3)), "{name}");
    }
}

#[test]
fn a_rollout_needs_time() {
    let files = Files::good().with("  connectionDraining: {drainingTimeoutSec: 60}\n", "");
    files.says(Rollout, Bad, "cut at once", "drain-disabled");
    let files = Files::good()
        .with("terminationGracePeriodSeconds: 90", "terminationGracePeriodSeconds: 20");
    files.says(Rollout, Bad, "cut after 20 s, though 60 s", "grace-shorter-than-drain");
    files.decided_by("terminationGracePeriodSeconds: 20");
    let files = Files::good().with("  replicas: 3", "  replicas: 3\n  strategy: {type: Recreate}");
    files.says(Rollout, Bad, "all pods go before the first new one", "rollout-cuts-sessions");
    for missing in ["100%", "3", "5"] {
        let all =
            format!("  replicas: 3\n  strategy: {{rollingUpdate: {{maxUnavailable: {missing}}}}}");
        let files = Files::good().with("  replicas: 3", &all);
        files.says(Rollout, Bad, "all pods go before the first new one", "rollout-cuts-sessions");
        files.decided_by("maxUnavailable");
    }
    let few = "  replicas: 3\n  strategy: {rollingUpdate: {maxUnavailable: 2}}";
    Files::good().with("  replicas: 3", few).says(Rollout, Good, "may end for 60 s", "");
}

#[test]
fn the_host_and_the_path_can_be_chosen() {
    let files = Files::good();
    let asked = |host: Option<&str>, path: Option<&str>| {
        let options = Options {
            host: host.map(str::to_owned),
            path: path.map(str::to_owned),
            ..Options::default()
        };
        files.trace_with(&options).remove(0).0
    };
    let elsewhere = asked(Some("other.example.com"), None);
    assert!(elsewhere.step(Handshake).unwrap().outcome.text.contains("`404`"));
    let other = asked(None, Some("/other/"));
    assert!(other.step(Handshake).unwrap().outcome.text.contains("`404`"));
    assert_eq!(asked(Some("chat.example.com"), Some("/socket.io/")), files.trace());
}

fn scratch() -> Scratch {
    let scratch = Scratch::new();
    scratch.write("k8s.yaml", &Files::good().0);
    scratch
}

fn json(run: &Run) -> Value {
    serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {}{}", run.out, run.err))
}

#[test]
fn exits_by_what_is_predicted() {
    let scratch = scratch();
    assert_eq!(scratch.run(&["trace"]).status, 0);
    assert_eq!(scratch.run(&["trace", "k8s.yaml"]).status, 0);
    scratch.write("k8s.yaml", &Files::good().with("CLIENT_IP", "NONE").0);
    assert_eq!(scratch.run(&["trace", "."]).status, 1);
    assert_eq!(scratch.run(&["--exit-zero", "trace", "."]).status, 0);
    assert_eq!(scratch.run(&["trace", "--replicas", "1"]).status, 0);
    for bad in [
        &["trace", "nowhere.yaml"][..],
        &["trace", "nobody"],
        &["trace", "--path", "socket.io"],
        &["trace", "--path", "/a b/"],
        &["trace", "--replicas", "0"],
    ] {
        let run = scratch.run(bad);
        assert_eq!(run.status, 2, "{bad:?}: {}{}", run.out, run.err);
    }
    scratch.write("broken.yaml", "a: [\n");
    let run = scratch.run(&["trace", "."]);
    assert_eq!(run.status, 2);
    assert!(run.out.contains("second poll"), "what can be read is traced: {}", run.out);
    scratch.write("k8s.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: a}\n");
    let run = scratch.run(&["trace", "k8s.yaml"]);
    assert_eq!(run.status, 2);
    assert!(run.err.contains("nothing here speaks of Socket.IO"), "{}", run.err);
}

#[test]
fn json_is_as_its_schema_says() {
    let scratch = scratch();
    scratch.write("schema.json", &scratch.ok(&["schema", "trace"]).out);
    scratch.write("trace.json", &scratch.ok(&["trace", "k8s.yaml", "--format", "json"]).out);
    let check = "import json, jsonschema; jsonschema.validate(json.load(open('trace.json')), json.load(open('schema.json')), cls=jsonschema.Draft7Validator)";
    let output = python().args(["-c", check]).current_dir(scratch.path("")).output().unwrap();
    assert!(output.status.success(), "{}", both(&output));
    let document = json(&scratch.run(&["trace", "k8s.yaml", "--format", "json"]));
    assert_eq!(document["version"], 1);
    let step = &document["steps"][1];
    assert_eq!(step["step"], "second-poll");
    assert_eq!(step["outcome"], "`200 40{sid}`");
    assert!(step["rules"].as_array().unwrap().is_empty());
    let hop = step["hops"].as_array().unwrap().iter().find(|hop| hop["hop"] == "affinity").unwrap();
    assert_eq!((&hop["file"], &hop["line"]), (&"k8s.yaml".into(), &27.into()));
}

#[test]
fn several_sessions_are_several_traces() {
    let scratch = scratch();
    let second = Files::good().0.replace("chat", "talk").replace("/socket.io,", "/talk/socket.io,");
    scratch.write("talk.yaml", &second);
    let document = json(&scratch.run(&["trace", ".", "--format", "json"]));
    let paths: Vec<&str> = document["traces"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["path"].as_str().unwrap())
        .collect();
    assert_eq!(paths, ["/socket.io/", "/talk/socket.io/"]);
    let document =
        json(&scratch.run(&["trace", ".", "--host", "talk.example.com", "--format", "json"]));
    assert_eq!(document["traces"].as_array().unwrap().len(), 1);
}

#[test]
fn a_comment_holds_it() {
    let scratch = Scratch::new();
    let all: Vec<String> =
        (0..60).map(|n| Files::good().0.replace("chat", &format!("chat{n}"))).collect();
    scratch.write("k8s.yaml", &all.join("---\n"));
    let run = scratch.run(&["trace", "k8s.yaml", "--format", "markdown"]);
    assert!(run.out.encode_utf16().count() <= 65_536);
    assert!(run.out.contains("more left out"), "{}", &run.out[run.out.len() - 300..]);
}

#[test]
fn hostile_names_steer_nothing() {
    let scratch = Scratch::new();
    let hostile =
        Files::good().with("    - host: chat.example.com", "    - host: \"a\\e[31m|<b>@x\\u202e\"");
    scratch.write("k8s.yaml", &hostile.0);
    for format in ["text", "json", "markdown"] {
        let out = scratch.run(&["trace", "k8s.yaml", "--format", format]).out;
        assert!(!out.contains(['\u{1b}', '\u{202e}']), "{format}: {out}");
    }
}

#[test]
fn apps_are_rendered_in_memory() {
    let scratch = Scratch::with_app(&format!("{}replicas = 3\n", crate::tools::MINIMAL));
    let document = json(&scratch.ok(&["trace", "--format", "json"]));
    let verdicts: Vec<&str> = document["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| step["verdict"].as_str().unwrap())
        .collect();
    assert!(!verdicts.contains(&"bad"), "{document:#}");
    assert_eq!(document["traces"][0]["pods"], "3 pods");
    assert_eq!(scratch.list(""), ["app.toml"], "nothing is written");
    let cut =
        scratch.run(&["trace", "app.toml", "--set", "session.max-age=60s", "--format", "json"]);
    assert_eq!(cut.status, 0, "60 s are what the app asks for: {}", cut.out);
}

#[test]
fn every_example_is_predicted_to_work() {
    let root = crate::tools::root();
    for example in std::fs::read_dir(root.join("examples")).unwrap() {
        let app = example.unwrap().path().join("app.toml");
        let run = Scratch::new().run(&["trace", app.to_str().unwrap(), "--format", "json"]);
        assert_eq!(run.status, 0, "{}: {}", app.display(), run.out);
        let steps = json(&run)["steps"].as_array().unwrap().clone();
        let reached =
            steps.iter().all(|step| step["verdict"] == "good" || step["verdict"] == "unknown");
        assert!(reached && steps.len() >= 4, "{}: {steps:#?}", app.display());
    }
}

#[test]
fn no_input_panics() {
    let root = crate::tools::root();
    let mut all = Files::good().0;
    for app in ["workload", "nginx-gateway", "coditect"] {
        for file in std::fs::read_dir(root.join("out").join(app)).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "yaml") {
                all += "---\n";
                all += &std::fs::read_to_string(path).unwrap();
            }
        }
    }
    let lines: Vec<&str> = all.lines().collect();
    let options = Options { replicas: Some(2), ..Options::default() };
    for step in 0..60 {
        // A tenth of the lines is missing, each time another.
        let kept =
            lines.iter().enumerate().filter(|(index, _)| (index * 7 + step) % 10 != step % 7);
        let text: Vec<&str> = kept.map(|(_, line)| *line).collect();
        Files(text.join("\n")).trace_with(&options);
        let end = all.floor_char_boundary(all.len() * step / 60);
        Files(all[..end].to_owned()).trace_with(&options);
    }
}

#[test]
fn a_cookie_that_ends_before_the_session() {
    let short = "GENERATED_COOKIE, affinityCookieTtlSec: 60}";
    let files = Files::good().with("CLIENT_IP}", short);
    files.says(Poll, Good, "", "affinity-ttl-too-short");
    // It is the poll that goes on that meets it.
    let lost = "Session ID unknown\"}` in 2 of 3 tries: from 60 s after the first request on";
    files.says(IdlePoll, Bad, lost, "affinity-ttl-too-short");
    files.decided_by("affinityCookieTtlSec: 60");
    files.with("replicas: 3", "replicas: 1").says(IdlePoll, Good, "", "");
    let files = Files::good().with("CLIENT_IP}", short);
    let long = files.with("TtlSec: 60", "TtlSec: 3600");
    long.says(Poll, Good, "", "");
}

#[test]
fn a_health_check_that_asks_the_services_port() {
    let nginx = "\
apiVersion: v1
kind: ConfigMap
metadata: {name: nginx}
data:
  nginx.conf: |
    events {}
    http {
      server {
        listen 3000;
        location = /health { return 200; }
        location /socket.io/ { proxy_pass http://127.0.0.1:4000; }
      }
    }
";
    let asked = "spec:\n  healthCheck: {requestPath: /health, port: 80}\n  timeoutSec";
    let pods = "[{containerPort: 3000}], volumeMounts: [{name: c, mountPath: /etc/nginx}]}\n      volumes: [{name: c, configMap: {name: nginx}}]";
    let files = Files(format!("{}---\n{nginx}", Files::good().0));
    let files = files.with("[{containerPort: 3000}]}", pods).with("image: chat,", "image: nginx,");
    let files = files.with("spec:\n  timeoutSec", asked);
    files.says(Health, Bad, "unhealthy", "health-port-unserved");
    files.says(Handshake, Bad, "502", "health-port-unserved");
    let right = files.with("port: 80}\n  timeoutSec", "port: 3000}\n  timeoutSec");
    right.says(Health, Good, "healthy", "");
}

#[test]
fn a_backend_config_that_is_not_given() {
    let files = Files([INGRESS, SERVICE, PODS].join("---\n"));
    let options = Options { path: Some("/socket.io/".into()), ..Options::default() };
    let (trace, _) = files.trace_with(&options).remove(0);
    for kind in [Handshake, Post, Life, Rollout] {
        let step = trace.step(kind).unwrap();
        assert_eq!(step.outcome.verdict, Unknown, "{step:#?}");
        assert_eq!(step.rules, ["backendconfig-missing"], "{step:#?}");
    }
}

#[test]
fn a_protocol_is_read_from_the_older_key_first() {
    let http2 = "    service.alpha.kubernetes.io/app-protocols: '{\"http\":\"HTTP2\"}'\n    cloud.google.com/app-protocols: '{\"http\":\"HTTP\"}'\n";
    let key = "    cloud.google.com/neg:";
    let files = Files::good().with(key, &format!("{http2}{key}"));
    files.says(Upgrade, Bad, "502", "http2-to-backend");
}

#[test]
fn a_path_that_leads_to_another_service() {
    let mark = "# sioway: socketio path=/ide/socket.io/\n";
    let files = Files::good()
        .with("apiVersion: v1\nkind: Service", &format!("{mark}apiVersion: v1\nkind: Service"));
    let rules = "paths:\n          - {path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}";
    let files = files.with("path: /socket.io,", "path: /api,").with("paths:", rules);
    files.says(Handshake, Bad, "what the Service `web` answers", "socketio-path-unrouted");
    files.decided_by("path: /, pathType: Prefix");
    files.with("path: /,", "path: /web,").says(Handshake, Bad, "404", "socketio-path-unrouted");
}

#[test]
fn a_path_that_stands_for_itself_alone() {
    let files = Files::good().with("pathType: Prefix", "pathType: Exact");
    files.says(Handshake, Bad, "404", "path-matches-only-itself");
    files.decided_by("path: /socket.io,");
}

#[test]
fn a_target_that_no_container_has() {
    let files = Files::good().with("targetPort: 3000", "targetPort: web");
    files.says(Handshake, Bad, "502", "target-port-unserved");
    files
        .with("{containerPort: 3000}", "{name: web, containerPort: 3000}")
        .says(Handshake, Good, "", "");
    let number = Files::good().with("targetPort: 3000", "targetPort: 3001");
    number.says(Handshake, Good, "", "target-port-unserved");
}

#[test]
fn a_health_check_of_socketio_itself() {
    let mark = "# sioway: socketio path=/socket.io/\n";
    let files = Files::good()
        .with("apiVersion: v1\nkind: Service", &format!("{mark}apiVersion: v1\nkind: Service"));
    let asked = "spec:\n  healthCheck: {requestPath: /socket.io/}\n  timeoutSec";
    let files = files.with("spec:\n  timeoutSec", asked);
    files.says(Health, Bad, "400", "health-path-unanswered");
    files.says(Handshake, Bad, "502", "health-path-unanswered");
    files.with("/socket.io/}", "/health}").says(Health, Unknown, "what the app answers", "");
}

/// An nginx in the pods, which chooses one of two servers by the client's address.
pub(crate) fn by_address(trust: &str) -> Files {
    let nginx = format!(
        "\
apiVersion: v1
kind: ConfigMap
metadata: {{name: nginx}}
data:
  nginx.conf: |
    events {{}}
    http {{
      {trust}
      upstream app {{ ip_hash; server 127.0.0.1:4000; server 127.0.0.1:4001; }}
      server {{
        listen 3000;
        location / {{
          proxy_pass http://app;
          proxy_http_version 1.1;
          proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        }}
      }}
    }}
"
    );
    let pods = "[{containerPort: 3000}], volumeMounts: [{name: c, mountPath: /etc/nginx}]}\n      volumes: [{name: c, configMap: {name: nginx}}]";
    let files = Files(format!("{}---\n{nginx}", Files::good().0));
    files.with("[{containerPort: 3000}]}", pods).with("image: chat,", "image: nginx,")
}

#[test]
fn requests_come_from_where_the_class_sends_them() {
    let forwarded = |files: &Files| {
        let trace = files.trace();
        let hops = trace.step(Handshake).unwrap().hops.iter();
        let sent = hops.map(|hop| hop.what.clone()).find(|what| what.contains("X-Forwarded-For"));
        sent.unwrap_or_else(|| panic!("{trace:#?}"))
    };
    let classic = by_address("");
    assert!(forwarded(&classic).contains("203.0.113.10, 35.191.0.1`"));
    classic.says(Poll, Bad, "400", "hash-sees-load-balancer");
    for class in ["gce-internal", "gce-regional-external"] {
        let own = by_address("").with("ingress.class: gce", &format!("ingress.class: {class}"));
        let sent = forwarded(&own);
        assert!(sent.contains("203.0.113.10, 192.0.2.3`"), "{class}: {sent}");
        own.says(Poll, Bad, "400", "hash-sees-load-balancer");
        let check = own.trace().step(Health).unwrap().clone();
        assert!(!format!("{check:?}").contains("192.0.2."), "{check:?}");
    }
}

#[test]
fn trust_in_googles_ranges_is_none_in_a_subnet_of_ones_own() {
    const GOOGLE: &str = "set_real_ip_from 130.211.0.0/22; set_real_ip_from 35.191.0.0/16;";
    const HEADER: &str = "real_ip_header X-Forwarded-For; real_ip_recursive on;";
    let found = |class: &str, trust: &str| {
        let files = by_address(&format!("{trust} {HEADER}"))
            .with("ingress.class: gce", &format!("ingress.class: {class}"));
        crate::rules::found(rule("hash-sees-load-balancer"), "yaml", &files.0)
    };
    let rule_says = |class: &str, trust: &str| {
        let all = found(class, trust);
        assert_eq!(all.len(), 1, "{class} {trust}: {all:#?}");
        let said = &all[0].1.diagnostic;
        (said.message.clone(), said.help.clone().unwrap())
    };
    let (message, help) = rule_says("gce", GOOGLE);
    assert!(message.starts_with("every client has the load balancer's address"), "{message}");
    assert!(help.contains("35.191.0.0/16"), "{help}");
    for class in ["gce-internal", "gce-regional-external"] {
        let (message, help) = rule_says(class, GOOGLE);
        assert!(message.starts_with("sessions change servers"), "{message}");
        assert!(help.contains("proxy-only subnet") && !help.contains("35.191"), "{help}");
    }
    let own = "set_real_ip_from 10.129.0.0/23; set_real_ip_from 10.128.0.9;";
    assert!(found("gce-internal", own).is_empty(), "{:#?}", found("gce-internal", own));
}

pub(crate) fn rule(id: &str) -> &'static sioway::rules::Rule {
    sioway::rules::ALL.iter().find(|one| one.id == id).unwrap()
}
