//! Alerts, as Prometheus itself evaluates them: what fires, and what does not.

use std::process::Command;

use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::kubernetes::validate;
use crate::properties::gke;
use crate::specs::adoptable;
use crate::tools::{Scratch, both, root, tool};

const ALL: &str =
    "alerts = [\"cloud-monitoring\", \"managed-prometheus\", \"prometheus-operator\"]\n";

fn promtool(scratch: &Scratch, arguments: &[&str]) -> (bool, String) {
    let mut command = Command::new(tool("promtool", "prometheus/promtool"));
    let output = command.args(arguments).current_dir(scratch.path("")).output().unwrap();
    (output.status.success(), both(&output))
}

fn is_json(name: &str) -> bool {
    std::path::Path::new(name).extension().is_some_and(|extension| extension == "json")
}

/// A file of the example, as it lies in the repository.
fn example(file: &str) -> Value {
    let path = root().join("out/watched").join(file);
    let text = std::fs::read_to_string(path).unwrap();
    serde_yaml::from_str(&text).unwrap()
}

/// The rules of an object, in a file that Prometheus takes.
fn rules(object: &Value) -> String {
    json!({ "groups": object["spec"]["groups"] }).to_string()
}

/// How the metrics are called, by the object whose rules ask them.
struct Names {
    file: &'static str,
    requests: &'static str,
    failed_upgrades: &'static str,
    session_length: &'static str,
    requests_of: &'static str,
    logged_of: &'static str,
}

/// As <https://docs.cloud.google.com/monitoring/promql/promql-mapping> and
/// prometheus-community/stackdriver_exporter make them, written out by hand.
const NAMES: [Names; 2] = [
    Names {
        file: "globalrules.yaml",
        requests: "loadbalancing_googleapis_com:https_request_count",
        failed_upgrades: "logging_googleapis_com:user_sioway_talk_watched_failed_upgrades",
        session_length: "logging_googleapis_com:user_sioway_talk_watched_session_length",
        requests_of: "monitored_resource=\"https_lb_rule\",",
        logged_of: "monitored_resource=\"l7_lb_rule\",",
    },
    Names {
        file: "prometheusrule.yaml",
        requests: "stackdriver_https_lb_rule_loadbalancing_googleapis_com_https_request_count",
        failed_upgrades: "stackdriver_l_7_lb_rule_logging_googleapis_com_user_sioway_talk_watched_failed_upgrades",
        session_length: "stackdriver_l_7_lb_rule_logging_googleapis_com_user_sioway_talk_watched_session_length",
        requests_of: "unit=\"1\",",
        logged_of: "unit=\"1\",",
    },
];

const BACKEND: &str = "k8s1-0123abcd-talk-watched-80-89abcdef";

impl Names {
    /// Requests a minute with a status, at a rule of a backend.
    fn requests(&self, backend: &str, rule: &str, code: u32, a_minute: u32) -> Value {
        let series = format!(
            "{}{{{}backend_target_name=\"{backend}\",matched_url_path_rule=\"{rule}\",response_code=\"{code}\"}}",
            self.requests, self.requests_of
        );
        json!({ "series": series, "values": format!("0+{a_minute}x120") })
    }

    fn session(&self, code: u32, a_minute: u32) -> Value {
        self.requests(BACKEND, "/socket.io/*", code, a_minute)
    }

    fn refused(&self, a_minute: u32) -> Value {
        let series = format!("{}{{{}project_id=\"p\"}}", self.failed_upgrades, self.logged_of);
        json!({ "series": series, "values": format!("0+{a_minute}x120") })
    }

    /// WebSockets a minute, all of one length in seconds.
    fn lengths(&self, length: u32, a_minute: f64) -> Vec<Value> {
        let metric = example("log-metric-session-length.json");
        let bounds = metric["bucketOptions"]["explicitBuckets"]["bounds"].as_array().unwrap();
        let mut ends: Vec<String> = bounds.iter().map(Value::to_string).collect();
        ends.push("+Inf".into());
        let bucket = |end: &String| {
            let count =
                if end.parse::<f64>().unwrap() >= f64::from(length) { a_minute } else { 0.0 };
            let series =
                format!("{}_bucket{{{}le=\"{end}\"}}", self.session_length, self.logged_of);
            json!({ "series": series, "values": format!("0+{count}x120") })
        };
        let total = format!("{}_count{{{}project_id=\"p\"}}", self.session_length, self.logged_of);
        let total = json!({ "series": total, "values": format!("0+{a_minute}x120") });
        ends.iter().map(bucket).chain([total]).collect()
    }

    /// Series, and the alerts that they cause.
    fn cases(&self) -> Vec<(Vec<Value>, Vec<&'static str>)> {
        let (bad, unanswered, refused) =
            ("SocketIoBadRequests", "SocketIoUnanswered", "SocketIoUpgradesFail");
        let (short, cut) = ("SocketIoSessionsShort", "SocketIoSessionsCut");
        let other_app = "k8s1-0123abcd-talk-unwatched-80-89abcdef";
        let other_port = "k8s1-0123abcd-talk-watched-81-89abcdef";
        vec![
            (vec![], vec![]),
            // Half a per cent is the example's own threshold.
            (vec![self.session(200, 1_000), self.session(400, 10)], vec![bad]),
            (vec![self.session(200, 1_000), self.session(400, 4)], vec![]),
            // A plain path of the URL map counts too; other paths and other backends do not.
            (vec![self.session(200, 100), self.requests(BACKEND, "/socket.io", 400, 9)], vec![bad]),
            (vec![self.session(200, 100), self.requests(BACKEND, "/*", 400, 90)], vec![]),
            (
                vec![self.session(200, 100), self.requests(other_app, "/socket.io/*", 400, 90)],
                vec![],
            ),
            (
                vec![self.session(200, 100), self.requests(other_port, "/socket.io/*", 400, 90)],
                vec![],
            ),
            (vec![self.session(200, 100), self.session(404, 90), self.session(101, 5)], vec![]),
            (vec![self.session(502, 2)], vec![unanswered]),
            (vec![self.requests(BACKEND, "/*", 503, 2)], vec![unanswered]),
            (vec![self.session(502, 1), self.session(500, 50), self.session(504, 50)], vec![]),
            (vec![self.refused(6)], vec![refused]),
            (vec![self.refused(5)], vec![]),
            (self.lengths(30, 2.0), vec![short]),
            (self.lengths(600, 2.0), vec![]),
            // Too few to say anything.
            (self.lengths(30, 0.1), vec![]),
            // 8 h is the example's `max-age`.
            (self.lengths(28_801, 2.0), vec![cut]),
            (self.lengths(10_000, 2.0), vec![]),
        ]
    }
}

/// A file for `promtool test rules`: of each rule, whether it fires two hours on.
fn unit_tests(object: &Value, cases: Vec<(Vec<Value>, Vec<&'static str>)>) -> String {
    let alerts: Vec<&Value> =
        object["spec"]["groups"][0]["rules"].as_array().unwrap().iter().collect();
    let test = |(series, firing): (Vec<Value>, Vec<&str>)| {
        let expected = |alert: &&Value| {
            let name = alert["alert"].as_str().unwrap();
            let fired =
                json!({ "exp_labels": alert["labels"], "exp_annotations": alert["annotations"] });
            let fired = if firing.contains(&name) { vec![fired] } else { vec![] };
            json!({ "eval_time": "110m", "alertname": name, "exp_alerts": fired })
        };
        let expected: Vec<Value> = alerts.iter().map(expected).collect();
        json!({ "interval": "1m", "input_series": series, "alert_rule_test": expected })
    };
    let tests: Vec<Value> = cases.into_iter().map(test).collect();
    json!({ "rule_files": ["rules.json"], "evaluation_interval": "1m", "tests": tests }).to_string()
}

#[test]
fn alerts_fire_for_what_they_name_and_for_nothing_else() {
    for names in NAMES {
        let (scratch, object) = (Scratch::new(), example(names.file));
        scratch.write("rules.json", &rules(&object));
        scratch.write("tests.json", &unit_tests(&object, names.cases()));
        let (passed, said) = promtool(&scratch, &["test", "rules", "tests.json"]);
        assert!(passed, "{}\n{said}", names.file);
        // A test that cannot fail would pass here too.
        let wrong = vec![(vec![names.refused(6)], vec!["SocketIoUnanswered"])];
        scratch.write("tests.json", &unit_tests(&object, wrong));
        assert!(!promtool(&scratch, &["test", "rules", "tests.json"]).0);
    }
}

#[test]
fn alerts_wait_before_they_fire() {
    let (names, scratch) = (&NAMES[0], Scratch::new());
    let object = example(names.file);
    scratch.write("rules.json", &rules(&object));
    let tests = unit_tests(&object, vec![(vec![names.refused(60)], vec![])]);
    scratch.write("tests.json", &tests.replace("110m", "4m"));
    let (passed, said) = promtool(&scratch, &["test", "rules", "tests.json"]);
    assert!(passed, "{said}");
}

#[test]
fn prometheus_reads_every_rule_and_graph_of_random_apps() {
    let (profile, mut runner) = (gke(), TestRunner::deterministic());
    let (scratch, mut checked) = (Scratch::new(), 0);
    let watched =
        adoptable().prop_map(|text| format!("{text}[monitoring]\n{ALL}dashboard = true\n"));
    let mut streams = Vec::new();
    while checked < 15 {
        let text = watched.new_tree(&mut runner).unwrap().current();
        if crate::properties::plan(&text, &profile).is_none() {
            continue;
        }
        checked += 1;
        scratch.write("app.toml", &text);
        let out = format!("out{checked}");
        scratch.ok(&["render", "-o", &out]);
        for file in ["globalrules.yaml", "prometheusrule.yaml"] {
            let object: Value =
                serde_yaml::from_str(&scratch.read(&format!("{out}/{file}"))).unwrap();
            scratch.write("rules.json", &rules(&object));
            let (passed, said) = promtool(&scratch, &["check", "rules", "rules.json"]);
            assert!(passed, "{text}\n{said}");
        }
        scratch
            .write("rules.json", &graphs(&scratch.read(&format!("{out}/grafana-dashboard.yaml"))));
        let (passed, said) = promtool(&scratch, &["check", "rules", "rules.json"]);
        assert!(passed, "{text}\n{said}");
        let json = scratch.list(&out).into_iter().filter(|name| is_json(name));
        streams.extend(json.map(|name| scratch.path(&format!("{out}/{name}"))));
    }
    assert_eq!(validate(&streams), format!("{} objects are valid\n", streams.len()));
}

/// The queries of a dashboard as recording rules, so that Prometheus checks them.
fn graphs(config_map: &str) -> String {
    let object: Value = serde_yaml::from_str(config_map).unwrap();
    let data = object["data"].as_object().unwrap();
    let dashboard: Value =
        serde_json::from_str(data.values().next().unwrap().as_str().unwrap()).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    assert!(panels.len() >= 2 && dashboard["uid"].as_str().unwrap().len() <= 40);
    let rule = |(at, panel): (usize, &Value)| json!({ "record": format!("graph:{at}"), "expr": panel["targets"][0]["expr"] });
    let rules: Vec<Value> = panels.iter().enumerate().map(rule).collect();
    json!({ "groups": [{ "name": "graphs", "rules": rules }] }).to_string()
}

#[test]
fn policies_and_rules_say_the_same() {
    let rules = example("globalrules.yaml");
    let rules = rules["spec"]["groups"][0]["rules"].as_array().unwrap().clone();
    assert_eq!(rules.len(), 5);
    for (rule, file) in rules.iter().zip([
        "bad-requests",
        "unanswered",
        "failed-upgrades",
        "short-sessions",
        "cut-sessions",
    ]) {
        let policy = example(&format!("alert-policy-{file}.json"));
        let condition = &policy["conditions"][0]["conditionPrometheusQueryLanguage"];
        assert_eq!(
            (&condition["query"], &condition["duration"], &condition["alertRule"]),
            (&rule["expr"], &rule["for"], &rule["alert"])
        );
        assert_eq!(
            policy["notificationChannels"],
            json!(["projects/talk-prod/notificationChannels/1234567890"])
        );
    }
}

#[test]
fn the_metrics_of_the_log_take_the_websockets_of_the_app_alone() {
    let filter = example("log-metric-failed-upgrades.json")["filter"].as_str().unwrap().to_owned();
    let pattern = filter.split("requestUrl=~\"").nth(1).unwrap().split("\" AND").next().unwrap();
    let pattern = regex_lite::Regex::new(&pattern.replace(r"\\", r"\")).unwrap();
    for url in [
        "https://chat.example.com/socket.io/?EIO=4&transport=websocket",
        "https://chat.example.org/socket.io/?EIO=4&transport=websocket&sid=lv_VI97HAXpY6yYWAAAC",
        "https://chat.example.org:443/socket.io?transport=websocket&EIO=4",
    ] {
        assert!(pattern.is_match(url), "{url}");
    }
    for url in [
        "https://chat.example.com/socket.io/?EIO=4&transport=polling",
        "https://chat.example.com/socket.io/?EIO=4&transport=websockets",
        "https://chat.example.com/other/?EIO=4&transport=websocket",
        "https://chatxexample.com/socket.io/?EIO=4&transport=websocket",
        "https://a.chat.example.com/socket.io/?EIO=4&transport=websocket",
        "https://example.net/?u=https://chat.example.com/socket.io/?transport=websocket",
    ] {
        assert!(!pattern.is_match(url), "{url}");
    }
}

#[test]
fn apps_that_only_poll_have_no_alerts_on_websockets() {
    let app = format!(
        "name = \"chat\"\nhost = \"a.example.com\"\nport = 3000\n[socketio]\ntransports = [\"polling\"]\n[monitoring]\n{ALL}"
    );
    let scratch = Scratch::with_app(&app);
    scratch.ok(&["render"]);
    let files = scratch.list("out/chat");
    let json: Vec<&String> = files.iter().filter(|name| is_json(name)).collect();
    assert_eq!(json, ["alert-policy-bad-requests.json", "alert-policy-unanswered.json"]);
}

#[test]
fn the_internal_load_balancer_has_metrics_of_its_own() {
    let app = format!(
        "name = \"chat\"\nhost = \"a.example.com\"\nport = 3000\nprofile = \"gke-internal\"\n[monitoring]\n{ALL}"
    );
    let scratch = Scratch::with_app(&app);
    let out = scratch.ok(&["render", "-o", "-"]).out;
    assert!(out.contains("loadbalancing_googleapis_com:https_internal_request_count{monitored_resource=\"internal_http_lb_rule\""));
    // It leaves WebSockets alone that are in use.
    assert!(!out.contains("SocketIoSessionsCut"));
}

#[test]
fn a_threshold_that_changes_is_written_into_the_files_that_are_there() {
    let app = |share: &str| {
        format!(
            "name = \"chat\"\nhost = \"a.example.com\"\nport = 3000\n[monitoring]\n{ALL}bad-requests = \"{share}\"\n"
        )
    };
    let scratch = Scratch::with_app(&app("1%"));
    scratch.ok(&["render", "-o", "k8s"]);
    assert_eq!(scratch.ok(&["diff", "--against", "k8s"]).out, "");
    scratch.write("app.toml", &app("2%"));
    let run = scratch.run(&["diff", "--against", "k8s"]);
    assert_eq!(run.status, 1, "{}", run.err);
    assert!(
        run.out.contains("SocketIoBadRequests") || run.out.contains("GlobalRules"),
        "{}",
        run.out
    );
    scratch.ok(&["diff", "--against", "k8s", "--write"]);
    assert_eq!(scratch.ok(&["diff", "--against", "k8s"]).out, "");
    assert!(scratch.read("k8s/globalrules.yaml").contains("> 0.02"));
}
