//! Adoption: what is rendered from an adopted app.toml is what it was adopted from.

use std::fs;

use proptest::test_runner::{Config, TestRunner};
use serde::Deserialize;
use sioway::adopt::{Adopted, Fate, Wish, adopt};
use sioway::diagnostic::{Finding, Sources};
use sioway::diff::{ObjectDiff, Status, compare, foreign};
use sioway::path::Model;
use sioway::plan::Plan;
use sioway::render::{File as Rendered, Renderer, Style};
use sioway::rules;
use sioway::set::{File, Set};
use sioway::spec::{Layout, Profile, ProfileError, ProfileText, load_chain};

use crate::descriptions::described;
use crate::properties::decided;
use crate::specs::adoptable;
use crate::tools::{MINIMAL, Scratch, root};

/// The profiles that the command offers.
fn profiles() -> Vec<Profile> {
    let fetch = |name: &str, _: Option<&str>| {
        let text = match name {
            "gke" => include_str!("../../profiles/gke.toml"),
            "gke-internal" => include_str!("../../profiles/gke-internal.toml"),
            _ => return Err(ProfileError::Unknown(Vec::new())),
        };
        Ok(ProfileText { identity: name.into(), shown: name.into(), text: text.into() })
    };
    let load = |name| load_chain(name, &fetch).unwrap_or_else(|(_, all)| panic!("{all:?}"));
    vec![load("gke"), load("gke-internal")]
}

/// Reads some files, and does something with them.
fn with_model<T>(files: &[(String, String)], then: impl FnOnce(&Model<'_>, &Sources) -> T) -> T {
    let mut sources = Sources::default();
    let ids: Vec<_> =
        files.iter().map(|(name, text)| sources.add(name.as_str(), text.as_str())).collect();
    let read = |id: &_| {
        let text = sources.get(*id);
        File::read(*id, &text.name, &text.text, false)
    };
    let files: Vec<File<'_>> = ids.iter().map(read).collect();
    let set = Set::new(&files);
    then(&Model::new(&set, &[]), &sources)
}

/// The apps that some files hold.
fn adopted(files: &[(String, String)], wish: Wish<'_>, profiles: &[Profile]) -> Vec<Adopted> {
    let renderer = renderer(Layout::Files);
    with_model(files, |model, sources| adopt(model, sources, wish, profiles, &renderer))
}

/// The profile that an app.toml names.
fn profile_of<'p>(text: &str, profiles: &'p [Profile]) -> &'p Profile {
    let internal = text.contains("profile = \"gke-internal\"");
    &profiles[usize::from(internal)]
}

/// Renders an adopted app.toml and compares it with what it was adopted from: what differs is listed, or a rule
/// finds it; what is not rendered is listed.
fn is_told(files: &[(String, String)], app: &Adopted, profiles: &[Profile]) {
    assert_eq!(app.refusal, None);
    let text = app.app_toml("./app.schema.json");
    let (_, plan) = decided(&text, profile_of(&text, profiles))
        .unwrap_or_else(|| panic!("it is refused:\n{text}"));
    let rendered = renderer(Layout::Files).files(&plan, "app.toml").unwrap();
    with_model(files, |model, _| {
        let findings = rules::check(model);
        with_model(&as_files(&rendered), |ours, _| {
            for diff in compare(ours.set, model.set) {
                if diff.ours.is_some() {
                    differences_are_told(&diff, app, &findings, &text);
                }
            }
        });
    });
}

fn differences_are_told(diff: &ObjectDiff<'_>, app: &Adopted, findings: &[Finding], text: &str) {
    let name = diff.name();
    let said = format!("{} `{}`", name.kind, name.name);
    let is_listed = |path: &str, kept: bool| {
        app.remainder.iter().any(|one| {
            let holds = one.path == path || (kept && path.starts_with(&one.path));
            one.object == said && holds && (one.fate == Fate::Kept) == kept
        })
    };
    if diff.status == Status::Add {
        assert!(is_listed("", false), "{said} is not told\n{text}");
    }
    for change in &diff.changes {
        let is_found = findings.iter().any(|finding| {
            let of = finding.object.as_ref();
            of.is_some_and(|of| of.kind == name.kind && of.name == name.name)
                && change.path.starts_with(&finding.path)
        });
        assert!(
            is_found || is_listed(&change.path, false),
            "{said} {} is not told\n{text}",
            change.path
        );
    }
    let (Some(ours), Some(theirs)) = (&diff.ours, &diff.theirs) else {
        return;
    };
    for one in foreign(ours, theirs) {
        let of_server = one.is_servers
            || one.path.contains("last-applied")
            || one.path.starts_with("spec.clusterIP")
            || one.path.starts_with("spec.ipFamil")
            || one.path == "spec.internalTrafficPolicy";
        let of_nginx = name.kind == "ConfigMap" && one.path.starts_with("data");
        assert!(
            of_server || of_nginx || is_listed(&one.path, true),
            "{said} {} is not told\n{text}",
            one.path
        );
    }
}

fn renderer(layout: Layout) -> Renderer {
    Renderer::new(Style { comments: true, layout, ..Style::default() })
}

fn as_files(rendered: &[Rendered]) -> Vec<(String, String)> {
    let pair = |file: &Rendered| (format!("out/{}", file.name), file.text.clone());
    rendered.iter().map(pair).collect()
}

/// What lint calls a fault is not taken over: of random descriptions those are left out that have one.
fn is_healthy(text: &str) -> bool {
    let number = |key: &str| -> u32 {
        let (_, rest) = text.split_once(key).unwrap();
        rest.split_once('s').unwrap().0.parse().unwrap()
    };
    number("max-age = \"") >= 600 && number("drain = \"") > 0
}

/// Renders, adopts what was rendered, and renders that: the same bytes.
fn goes_round(text: &str, plan: &Plan, renderer: &Renderer, profiles: &[Profile]) {
    let before = renderer.files(plan, "app.toml").unwrap();
    let apps = adopted(&as_files(&before), Wish::default(), profiles);
    assert_eq!(apps.len(), 1, "{text}");
    let described = apps[0].app_toml("./app.schema.json");
    let (_, plan) = decided(&described, profile_of(&described, profiles))
        .unwrap_or_else(|| panic!("refused:\n{described}\n{text}"));
    let other = renderer.files(&plan, "app.toml").unwrap();
    for (one, other) in before.iter().zip(&other) {
        let mut lines = one.text.lines().zip(other.text.lines());
        let first = lines.find(|(one, other)| one != other);
        assert_eq!(first, None, "{text}\n{described}");
        assert_eq!(one.text.len(), other.text.len(), "{text}\n{described}");
    }
    assert_eq!(before.len(), other.len());
    let remainder = &apps[0].remainder;
    assert!(remainder.is_empty(), "{text}\n{described}\n{remainder:#?}");
}

#[test]
fn every_key_that_shows_is_adopted() {
    let profiles = profiles();
    let counted = std::cell::Cell::new(0);
    let renderer = renderer(Layout::Files);
    let mut runner =
        TestRunner::new(Config { cases: 500, failure_persistence: None, ..Config::default() });
    let property = runner.run(&described(), |text| {
        if let Some((_, plan)) = decided(&text, profile_of(&text, &profiles)) {
            goes_round(&text, &plan, &renderer, &profiles);
            counted.set(counted.get() + 1);
        }
        Ok(())
    });
    property.unwrap();
    assert!(counted.get() > 100, "only {} were rendered", counted.get());
}

#[test]
fn what_is_rendered_is_adopted_and_rendered_again() {
    let profiles = profiles();
    let counted = std::cell::Cell::new(0);
    for layout in [Layout::Files, Layout::OneFile] {
        let renderer = renderer(layout);
        let mut runner =
            TestRunner::new(Config { cases: 120, failure_persistence: None, ..Config::default() });
        let property = runner.run(&adoptable(), |text| {
            let Some((_, plan)) = decided(&text, &profiles[0]).filter(|_| is_healthy(&text)) else {
                return Ok(());
            };
            goes_round(&text, &plan, &renderer, &profiles);
            counted.set(counted.get() + 1);
            Ok(())
        });
        property.unwrap();
    }
    assert!(counted.get() > 180, "only {} were rendered", counted.get());
}

/// Without sioway's own comments some keys cannot be told. What follows from that is.
#[test]
fn whatever_an_app_toml_does_not_say_is_listed() {
    let profiles = profiles();
    for layout in [Layout::Files, Layout::OneFile, Layout::Kustomize] {
        let renderer = Renderer::new(Style { comments: false, layout, ..Style::default() });
        let mut runner =
            TestRunner::new(Config { cases: 40, failure_persistence: None, ..Config::default() });
        let property = runner.run(&adoptable(), |text| {
            let Some((_, plan)) = decided(&text, &profiles[0]) else {
                return Ok(());
            };
            let files = as_files(&renderer.files(&plan, "app.toml").unwrap());
            let apps = adopted(&files, Wish::default(), &profiles);
            assert_eq!(apps.len(), 1, "{text}");
            is_told(&files, &apps[0], &profiles);
            Ok(())
        });
        property.unwrap();
    }
}

/// The manifests in a directory of the transcripts.
fn written_by_hand(directory: &str) -> Vec<(String, String)> {
    let path = root().join("tests/cmd/adopt.in/k8s").join(directory);
    let mut files: Vec<(String, String)> = fs::read_dir(path)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, fs::read_to_string(path).unwrap())
        })
        .collect();
    files.sort();
    files
}

#[test]
fn manifests_of_every_style_are_told() {
    let profiles = profiles();
    let styles = [
        ("board", 1),
        ("everything", 1),
        ("flow", 1),
        ("live", 1),
        ("none", 0),
        ("pair", 2),
        ("plain", 1),
        ("split", 1),
    ];
    for (directory, count) in styles {
        let files = written_by_hand(directory);
        let apps = adopted(&files, Wish::default(), &profiles);
        assert_eq!(apps.len(), count, "{directory}");
        for app in &apps {
            is_told(&files, app, &profiles);
            let again = adopted(&files, Wish::default(), &profiles);
            let other = again.iter().find(|one| one.name == app.name).unwrap();
            assert_eq!(app.app_toml("a"), other.app_toml("a"));
        }
    }
}

#[test]
fn the_same_manifests_in_another_style_make_the_same_app_toml() {
    let profiles = profiles();
    let files = written_by_hand("board");
    let plain = adopted(&files, Wish::default(), &profiles)[0].app_toml("a");
    let json = |text: &str| -> String {
        let documents = serde_yaml::Deserializer::from_str(text);
        let documents = documents.map(|one| serde_json::Value::deserialize(one).unwrap());
        let texts: Vec<String> = documents.map(|one| one.to_string()).collect();
        texts.join("\n---\n")
    };
    let crlf = |text: &str| text.replace('\n', "\r\n");
    let styles: [&dyn Fn(&str) -> String; 2] = [&json, &crlf];
    for style in styles {
        let other: Vec<(String, String)> =
            files.iter().map(|(name, text)| (name.clone(), style(text))).collect();
        assert_eq!(adopted(&other, Wish::default(), &profiles)[0].app_toml("a"), plain);
    }
}

#[test]
fn a_path_says_which_app_is_meant() {
    let profiles = profiles();
    let wish = Wish { path: Some("/votes/socket.io/"), ..Wish::default() };
    let apps = adopted(&written_by_hand("pair"), wish, &profiles);
    let services: Vec<&str> = apps.iter().map(|app| &*app.service).collect();
    assert_eq!(services, ["news-votes"]);
}

/// What breaks sessions is not taken over, and said.
#[test]
fn faults_become_comments() {
    let profiles = profiles();
    let comments = |directory: &str| -> String {
        let app = adopted(&written_by_hand(directory), Wish::default(), &profiles);
        let text = app[0].app_toml("a");
        let lines = text.lines().filter_map(|line| line.strip_prefix("# "));
        lines.collect::<Vec<_>>().join(" ")
    };
    let board = comments("board");
    assert!(board.contains("timeoutSec was 30: every WebSocket was cut after 30 s"), "{board}");
    assert!(board.contains("there was no sessionAffinity"), "{board}");
    let everything = comments("everything");
    assert!(
        everything.contains("was \"none\", which is not taken over: polling needs"),
        "{everything}"
    );
    assert!(everything.contains("`chat-cfg` was named on the Ingress"), "{everything}");
    assert!(everything.contains("connectionDraining was not set"), "{everything}");
}

/// What a cluster prints goes in by a pipe.
#[test]
fn a_stream_is_adopted() {
    let directory = tempfile::tempdir().unwrap();
    let dump = root().join("tests/cmd/adopt.in/k8s/live/dump.yaml");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_sioway"))
        .args(["init", "--from", "-"])
        .current_dir(directory.path())
        .stdin(fs::File::open(dump).unwrap())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = fs::read_to_string(directory.path().join("app.toml")).unwrap();
    assert!(text.starts_with("#:schema ./app.schema.json\n"), "{text}");
    assert!(text.contains("\nname = \"game\"\n"), "{text}");
}

/// One app in the folders of its environments is one app.toml with profiles, which nobody can guess.
#[test]
fn apps_of_one_name_are_told_before_anything_is_written() {
    let scratch = Scratch::with_app(MINIMAL);
    for stage in ["dev", "prod"] {
        let of_stage = format!("namespace=\"{stage}\"");
        scratch.ok(&["render", "app.toml", "-o", &format!("k8s/{stage}"), "--set", &of_stage]);
    }
    fs::remove_file(scratch.path("app.toml")).unwrap();
    let before = scratch.list(".");
    let run = scratch.run(&["init", "--from", "k8s"]);
    assert_eq!(run.status, 2, "{}", run.out);
    assert!(
        run.err.contains("several apps of the name `chat`: in k8s/dev, k8s/prod"),
        "{}",
        run.err
    );
    assert!(run.err.contains("`sioway init --from k8s/dev`"), "{}", run.err);
    assert_eq!(scratch.list("."), before);
    scratch.ok(&["init", "--from", "k8s/dev"]);
    assert!(scratch.read("app.toml").contains("namespace = \"dev\""));
}

#[test]
fn what_a_gateway_leads_to_is_told() {
    let scratch = Scratch::with_app(MINIMAL);
    fs::remove_file(scratch.path("app.toml")).unwrap();
    scratch.write(
        "k8s/all.yaml",
        "apiVersion: v1\nkind: Service\nmetadata: {name: chat}\nspec: {selector: {app: chat}, ports: [{port: 80}]}\n---\n\
         apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: way}\nspec:\n  rules:\n  \
         - matches: [{path: {type: PathPrefix, value: /socket.io/}}]\n    backendRefs: [{name: chat, port: 80}]\n",
    );
    let run = scratch.run(&["init", "--from", "k8s"]);
    assert_eq!(run.status, 2, "{}", run.out);
    assert!(run.err.contains("HTTPRoute `way` leads to one, and no Ingress does"), "{}", run.err);
}

/// What makes an Ingress of the beta one of today is no fault of the Service that it names.
#[test]
fn a_conversion_is_told_as_one() {
    let scratch = Scratch::with_app(MINIMAL);
    fs::remove_file(scratch.path("app.toml")).unwrap();
    scratch.write(
        "k8s/all.yaml",
        "apiVersion: v1\nkind: Service\nmetadata: {name: chat}\nspec: {selector: {app: chat}, ports: [{port: 80, targetPort: 3000}]}\n---\n\
         apiVersion: extensions/v1beta1\nkind: Ingress\nmetadata: {name: chat}\nspec:\n  rules:\n  - host: chat.example.com\n    http:\n      paths:\n      \
         - path: /socket.io/*\n        backend: {serviceName: chat, servicePort: 80}\n      - path: /admin\n        backend: {serviceName: admin, servicePort: 80}\n",
    );
    let out = scratch.ok(&["init", "--from", "k8s"]).out;
    let admin =
        out.lines().find(|line| line.contains("paths[path=/admin].backend")).unwrap_or(&out);
    assert!(admin.contains("ingress-api-removed"), "{out}");
}

/// A rule without a host, and a certificate without a name, are somebody's: no item beside them hides any.
#[test]
fn what_has_no_name_hides_nothing() {
    let scratch = Scratch::with_app(MINIMAL);
    fs::remove_file(scratch.path("app.toml")).unwrap();
    scratch.write(
        "k8s/all.yaml",
        "apiVersion: v1\nkind: Service\nmetadata: {name: chat}\nspec: {selector: {app: chat}, ports: [{port: 80, targetPort: 3000}]}\n---\n\
         apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: chat}\nspec:\n  tls:\n  - secretName: one\n  - hosts: [b.example.com]\n  - secretName: two\n  rules:\n  \
         - host: \"*.chat.example.com\"\n    http: &all {paths: [{path: /, pathType: Prefix, backend: {service: {name: chat, port: {number: 80}}}}]}\n  \
         - host: chat.example.com\n    http:\n      paths:\n      - {path: /socket.io/, pathType: Prefix, backend: {service: {name: chat, port: {number: 80}}}}\n      \
         - {path: /v1/*, pathType: ImplementationSpecific, backend: {service: {name: api, port: {number: 80}}}}\n  \
         - http: *all\n",
    );
    let out = scratch.ok(&["init", "--from", "k8s"]).out;
    let (_, kept) = out.split_once("left as it is").unwrap_or_else(|| panic!("{out}"));
    for path in [
        "spec.tls[1]: ",
        "spec.tls[secretName=two]: ",
        "spec.rules[host=*.chat.example.com]: ",
        "spec.rules[2]: ",
        ".paths[path=/v1/*]: ",
    ] {
        assert!(kept.contains(path), "{path}\n{out}");
    }
}
