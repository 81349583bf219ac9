//! The probe that runs in the cluster: its arguments, against the real thing.

use serde_json::json;
use serde_yaml::Value;

use crate::lab::bench::free_port;
use crate::probe::server;
use crate::tools::{Run, Scratch};

/// The Job that an app's `[verify]` makes.
fn job(scratch: &Scratch, file: &str) -> Value {
    scratch.ok(&["render", "-o", "out"]);
    serde_yaml::from_str(&scratch.read(&format!("out/{file}"))).unwrap()
}

fn app(more: &str) -> Scratch {
    Scratch::with_app(&format!("name = \"chat\"\nhost = \"chat.example.com\"\nport = 3000\n{more}"))
}

/// Runs what the Job's container would.
fn run(scratch: &Scratch, job: &Value) -> Run {
    let arguments = job["spec"]["template"]["spec"]["containers"][0]["args"].as_sequence().unwrap();
    let arguments: Vec<&str> =
        arguments.iter().map(|argument| argument.as_str().unwrap()).collect();
    scratch.run(&arguments)
}

#[test]
fn the_job_succeeds_where_sessions_do() {
    let port = free_port();
    let _server = server(port, &json!({ "path": "/live/socket.io/" }));
    let scratch = app(&format!(
        "[socketio]\npath = \"/live/socket.io/\"\n[verify]\nimage = \"sioway\"\nurl = \"http://127.0.0.1:{port}\"\nwait = \"0s\"\n"
    ));
    let job = job(&scratch, "verify-job.yaml");
    let run = run(&scratch, &job);
    assert_eq!(run.status, 0, "{}{}", run.out, run.err);
}

#[test]
fn the_job_fails_where_no_session_starts() {
    let port = free_port();
    let _server = server(port, &json!({ "path": "/other/" }));
    let scratch = app(&format!(
        "[verify]\nimage = \"sioway\"\nurl = \"http://127.0.0.1:{port}\"\nwait = \"0s\"\nsessions = 1\n"
    ));
    let job = job(&scratch, "verify-job.yaml");
    assert_ne!(run(&scratch, &job).status, 0);
}

#[test]
fn one_transport_is_probed_alone() {
    for (transports, told) in
        [("polling", "--transports=polling"), ("websocket", "--transports=websocket")]
    {
        let scratch = app(&format!(
            "[socketio]\ntransports = [\"{transports}\"]\n[verify]\nimage = \"sioway\"\n"
        ));
        let job = job(&scratch, "verify-job.yaml");
        let arguments = &job["spec"]["template"]["spec"]["containers"][0]["args"];
        let all = [
            "probe",
            "http://chat.example.com",
            "--path=/socket.io/",
            told,
            "--sessions=20",
            "--wait=600s",
        ];
        assert_eq!(arguments, &Value::from(all.map(Value::from).to_vec()));
    }
}

#[test]
fn the_pods_have_no_rights_and_no_service_selects_them() {
    let scratch =
        app("labels = { app = \"chat\", team = \"talk\" }\nselector = { app = \"chat\" }\n\
         [verify]\nimage = \"sioway\"\nschedule = \"*/15 * * * *\"\n");
    let job = job(&scratch, "verify-job.yaml");
    let cron: Value = serde_yaml::from_str(&scratch.read("out/verify-cronjob.yaml")).unwrap();
    let template = &job["spec"]["template"];
    assert_eq!(template, &cron["spec"]["jobTemplate"]["spec"]["template"]);
    let labels = template["metadata"]["labels"].as_mapping().unwrap();
    assert!(labels.get("app").is_none() && labels["team"] == "talk");
    let pod = &template["spec"];
    assert_eq!(pod["automountServiceAccountToken"], false);
    assert_eq!(pod["securityContext"]["runAsNonRoot"], true);
    assert_eq!(pod["securityContext"]["seccompProfile"]["type"], "RuntimeDefault");
    let container = &pod["containers"][0];
    assert_eq!(container["securityContext"]["readOnlyRootFilesystem"], true);
    assert_eq!(container["securityContext"]["allowPrivilegeEscalation"], false);
    assert_eq!(container["securityContext"]["capabilities"]["drop"][0], "ALL");
    assert!(container["resources"]["limits"]["memory"].is_string());
    // The deadline is above all that the probe waits for.
    assert!(job["spec"]["activeDeadlineSeconds"].as_u64().unwrap() > 600);
}

#[test]
fn what_is_not_asked_for_is_not_there() {
    let scratch =
        app("[verify]\nimage = \"sioway\"\nafter-sync = false\nschedule = \"0 4 * * *\"\n");
    scratch.ok(&["render", "-o", "out"]);
    let files = scratch.list("out");
    assert!(
        files.contains(&"verify-cronjob.yaml".into()) && !files.contains(&"verify-job.yaml".into())
    );
}

#[test]
fn a_name_that_makes_too_long_a_name_is_refused() {
    let name = "a".repeat(47);
    let of = |more: &str| {
        let text = format!(
            "name = \"{name}\"\nnamespace = \"{name}\"\nhost = \"a.example.com\"\nport = 3000\n{more}"
        );
        Scratch::with_app(&text).run(&["render", "-o", "-"])
    };
    for refused in ["[verify]\nimage = \"sioway\"\nschedule = \"0 4 * * *\"\n", "[monitoring]\n"] {
        let run = of(refused);
        assert_eq!(run.status, 2);
        assert!(run.err.contains("error[name-too-long]"), "{}", run.err);
    }
    // A Job may be called longer than a CronJob.
    assert_eq!(of("[verify]\nimage = \"sioway\"\n").status, 0);
}
