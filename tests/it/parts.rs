//! Large sets are judged in parts, and many files in groups: what is found must not depend on where one ends.

use sioway::diagnostic::{Finding, Sources};
use sioway::path::Model;
use sioway::rules::{self, ALL};
use sioway::set::{File, Set, by_directory, settle};

/// The documents of all examples in the catalogue, one a file, the first ones of all before the second ones: what
/// belongs together falls into different parts.
fn scattered(directory: impl Fn(usize) -> String) -> Vec<(String, String)> {
    let mut files = Vec::new();
    let fences = ALL.iter().flat_map(|rule| {
        let page = rule.page();
        ["Example", "Use instead", "More cases"].map(|heading| page.fences(heading))
    });
    for (number, fence) in fences.flatten().enumerate() {
        let documents: Vec<&str> = match fence.language {
            "yaml" => fence.text.split("\n---\n").collect(),
            _ => vec![fence.text],
        };
        let extension = if fence.language == "yaml" { "yaml" } else { "conf" };
        for (place, text) in documents.into_iter().enumerate() {
            let name = format!("{}/{number:03}.{extension}", directory(number));
            files.push((place, name.replace(".yaml", &format!("-{place}.yaml")), text.to_owned()));
        }
    }
    files.sort();
    files.into_iter().map(|(_, name, text)| (name, text)).collect()
}

fn sorted(mut findings: Vec<Finding>) -> Vec<String> {
    findings.sort_by_key(|finding| finding.diagnostic.labels.first().map(|one| one.span.start));
    let mut said: Vec<String> = findings.iter().map(|finding| format!("{finding:?}")).collect();
    said.sort();
    said
}

fn compare(texts: &[(String, String)]) {
    let mut sources = Sources::default();
    let ids: Vec<_> = texts.iter().map(|(name, text)| sources.add(&**name, &**text)).collect();
    let files: Vec<File<'_>> = ids.iter().map(|id| File::of(&sources, *id, true)).collect();
    let set = Set::new(&files);
    let model = Model::new(&set, &[]);
    assert!(model.parts().len() > 3, "{} files are one part", files.len());
    let in_parts = rules::check(&model);
    let at_once: Vec<Finding> = ALL.iter().flat_map(|rule| rule.findings(&model)).collect();
    assert!(at_once.len() > 50, "{} findings", at_once.len());
    assert_eq!(sorted(in_parts), sorted(at_once));
}

/// The findings of all files at once, and of groups that end wherever a directory ends.
fn both(texts: &[(String, String)], size: usize) -> (Vec<String>, Vec<String>) {
    let (at_once, groups, _) = judged(texts, size);
    (at_once, groups)
}

/// The same, with how many groups there were at first and at last.
fn judged(texts: &[(String, String)], size: usize) -> (Vec<String>, Vec<String>, [usize; 2]) {
    let mut sources = Sources::default();
    let ids: Vec<_> = texts.iter().map(|(name, text)| sources.add(&**name, &**text)).collect();
    let read = |number: &usize| File::of(&sources, ids[*number], true);
    let files: Vec<File<'_>> = (0..ids.len()).map(|number| read(&number)).collect();
    let at_once = rules::check(&Model::new(&Set::new(&files), &[]));
    let names: Vec<&str> = texts.iter().map(|(name, _)| &**name).collect();
    let groups = by_directory(&names, size);
    let first = groups.len();
    let judged = settle(groups, |numbers| {
        let files: Vec<File<'_>> = numbers.iter().map(read).collect();
        let set = Set::of_group(&files);
        let model = Model::new(&set, &[]);
        Ok::<_, ()>((rules::check(&model), model.reach()))
    });
    let judged = judged.unwrap();
    let counts = [first, judged.len()];
    (sorted(at_once), sorted(judged.into_iter().flatten().collect()), counts)
}

fn compare_groups(texts: &[(String, String)], size: usize, least: usize) {
    let (at_once, groups, [before, after]) = judged(texts, size);
    assert!(at_once.len() > 50, "{} findings", at_once.len());
    assert!(after > least && after < before, "{after} of {before} groups");
    assert_same(&groups, &at_once);
}

/// Which lines are only there: all of them would be too many to read.
fn assert_same(groups: &[String], at_once: &[String]) {
    let lost: Vec<_> = at_once.iter().filter(|one| !groups.contains(one)).collect();
    let made: Vec<_> = groups.iter().filter(|one| !at_once.contains(one)).collect();
    assert!(lost.is_empty() && made.is_empty(), "lost {lost:#?}\nmade {made:#?}");
    assert_eq!(groups.len(), at_once.len());
}

/// Each document in a directory of its own.
fn apart() -> Vec<(String, String)> {
    let texts = scattered(|number| format!("apps/{number:03}")).into_iter();
    let apart = texts.map(|(name, text)| {
        let (directory, file) = name.rsplit_once('/').unwrap();
        let place = file.rsplit_once('-').map_or("0.conf", |(_, place)| place);
        (format!("{place}/{directory}/{file}"), text)
    });
    apart.collect()
}

/// With names of its own for each example, so that only its own documents have to do with each other.
fn named_apart(texts: Vec<(String, String)>) -> Vec<(String, String)> {
    let named = texts.into_iter().map(|(name, text)| {
        let number: Vec<u8> = name.rsplit('/').next().unwrap().bytes().take(3).collect();
        let own: String = number.iter().map(|digit| char::from(digit - b'0' + b'k')).collect();
        let text = ["chat", "web", "nginx-conf", "app"]
            .iter()
            .fold(text, |text, word| text.replace(&format!(": {word}"), &format!(": {own}{word}")));
        (name, text)
    });
    named.collect()
}

#[test]
fn in_groups_of_one_document() {
    compare_groups(&apart(), 1, 3);
}

#[test]
fn in_groups_of_one_document_with_names_of_their_own() {
    compare_groups(&named_apart(apart()), 1, 150);
}

#[test]
fn in_groups_of_some_apps_with_names_of_their_own() {
    compare_groups(&named_apart(scattered(|number| format!("apps/{number:03}"))), 6, 10);
}

/// What the overlay does to the base shows in neither: without it the namespaces do not fit.
#[test]
fn an_overlay_in_another_group_is_found() {
    let object = |head: &str, name: &str, rest: &str| {
        format!("apiVersion: {head}\nmetadata: {{name: {name}, namespace: {rest}}}\n")
    };
    let service = "v1\nkind: Service";
    let annotated = "a, annotations: {cloud.google.com/backend-config: '{\"default\": \"chat\"}'}";
    let ports = "spec: {type: NodePort, selector: {app: chat}, ports: [{port: 80}]}\n";
    let ingress = "spec:\n  rules:\n  - http:\n      paths:\n      - path: /socket.io\n        pathType: Prefix\n        \
                   backend: {service: {name: chat, port: {number: 80}}}\n";
    let texts = [
        ("base/kustomization.yaml", "resources: [ingress.yaml, service.yaml]\n".to_owned()),
        ("base/ingress.yaml", object("networking.k8s.io/v1\nkind: Ingress", "chat", "a") + ingress),
        ("base/service.yaml", object(service, "chat", annotated) + ports),
        ("config/config.yaml", object("cloud.google.com/v1\nkind: BackendConfig", "chat", "b")),
        ("overlay/kustomization.yaml", "namespace: b\nresources: [../base]\n".to_owned()),
    ];
    let texts = texts.map(|(name, text)| (name.to_owned(), text));
    let missing = |texts: &[(String, String)]| {
        let (at_once, groups) = both(texts, 1);
        assert_same(&groups, &at_once);
        at_once.iter().any(|one| one.contains("backendconfig-missing"))
    };
    assert!(missing(&texts[..4]));
    assert!(!missing(&texts));
}

#[test]
fn beside_each_other() {
    compare(&scattered(|_| "k8s".to_owned()));
}

#[test]
fn in_directories_of_their_own() {
    compare(&scattered(|number| format!("apps/{number:03}")));
}

/// The findings of each rule by itself, of all rules file by file, and of groups of one directory.
fn ways_of(texts: &[(&str, &str)]) -> [Vec<String>; 3] {
    let texts: Vec<(String, String)> =
        texts.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let mut sources = Sources::default();
    let ids: Vec<_> = texts.iter().map(|(name, text)| sources.add(&**name, &**text)).collect();
    let files: Vec<File<'_>> = ids.iter().map(|id| File::of(&sources, *id, true)).collect();
    let set = Set::new(&files);
    let model = Model::new(&set, &[]);
    let whole = ALL.iter().flat_map(|rule| rule.findings(&model)).collect();
    let by_file = rules::check_parts(&model, &model.parts_of(1));
    [sorted(whole), sorted(by_file), both(&texts, 1).1]
}

const INGRESS: &str = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: chat}\nspec:\n  rules:\n  \
                       - http:\n      paths:\n      - path: /socket.io/\n        pathType: Prefix\n        \
                       backend: {service: {name: chat, port: {number: 80}}}\n";

/// One rule says it of the port that sessions come to, and again, as a warning, of the Service.
#[test]
fn the_worst_is_said_of_a_place_wherever_a_part_ends() {
    let service = "apiVersion: v1\nkind: Service\nmetadata:\n  name: chat\n  annotations:\n    \
                   cloud.google.com/neg: '{\"ingress\": true}'\n    \
                   cloud.google.com/backend-config: '{\"ports\": {\"3000\": \"chat\"}}'\n\
                   spec: {selector: {app: chat}, ports: [{port: 80, targetPort: 3000}]}\n";
    let other =
        "apiVersion: v1\nkind: Service\nmetadata: {name: other}\nspec: {ports: [{port: 80}]}\n";
    let ways = ways_of(&[
        ("a/service.yaml", service),
        ("b/ingress.yaml", INGRESS),
        ("c/other.yaml", other),
    ]);
    for found in &ways {
        let own = found.iter().filter(|one| one.contains("backendconfig-port-unmatched"));
        let own: Vec<_> = own.collect();
        assert!(own.len() == 1 && own[0].contains("severity: Error"), "{own:#?}");
        assert_same(found, &ways[0]);
    }
}

/// A kustomization that lists nothing of an app has no say in its repairs; nor has the same Ingress of another
/// environment.
#[test]
fn another_environment_and_a_kustomization_elsewhere_leave_a_repair_alone() {
    let ignored = INGRESS.replace("rules:", "ingressClassName: gce\n  rules:");
    let annotated = INGRESS
        .replace("{name: chat}", "{name: chat, annotations: {kubernetes.io/ingress.class: gce}}");
    let kustomization = "resources: [x.yaml]\n";
    let ways = ways_of(&[
        ("dev/ingress.yaml", &ignored),
        ("other/kustomization.yaml", kustomization),
        ("prod/ingress.yaml", &annotated),
    ]);
    for found in &ways {
        let own = found.iter().find(|one| one.contains("ingress-class-ignored")).unwrap();
        assert!(own.contains("fix: Safe") && !own.contains("Kustomize"), "{own}");
        assert_same(found, &ways[0]);
    }
}

/// It is one by its kind, whatever its file is called; the patches that it names are looked up like those of others.
#[test]
fn a_kustomization_of_another_name_has_its_patches_in_other_groups() {
    let kustomization = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\npatches:\n\
                         - target: {kind: BackendConfig}\n  path: ../patches/cdn.yaml\n";
    let patch = "- op: remove\n  path: /spec/cdn\n";
    for elsewhere in ["", "resources: [x.yaml]\n"] {
        let ways = ways_of(&[
            ("a/prod.yaml", kustomization),
            ("other/kustomization.yaml", elsewhere),
            ("patches/cdn.yaml", patch),
        ]);
        for found in &ways {
            assert!(found.iter().any(|one| one.contains("disabling-block-removed")), "{found:#?}");
            assert_same(found, &ways[0]);
        }
    }
}

/// What an environment lacks is not another one's; what they share is everybody's.
#[test]
fn environments_are_not_joined() {
    let ingress = INGRESS
        .replace("{name: chat}", "{name: chat, annotations: {kubernetes.io/ingress.class: gce}}");
    let service = "apiVersion: v1\nkind: Service\nmetadata:\n  name: chat\n  annotations:\n    \
                   cloud.google.com/neg: '{\"ingress\": true}'\n    \
                   cloud.google.com/backend-config: '{\"default\": \"chat\"}'\n\
                   spec: {selector: {app: chat}, ports: [{port: 80, targetPort: 3000}]}\n";
    let config = "apiVersion: cloud.google.com/v1\nkind: BackendConfig\nmetadata: {name: chat}\n\
                  spec: {timeoutSec: 86400, connectionDraining: {drainingTimeoutSec: 20}}\n";
    let pods = |count: usize| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: chat}}\nspec:\n  replicas: {count}\n  \
             selector: {{matchLabels: {{app: chat}}}}\n  template:\n    metadata: {{labels: {{app: chat}}}}\n    \
             spec: {{terminationGracePeriodSeconds: 60, containers: [{{name: chat, image: chat, ports: [{{containerPort: 3000}}]}}]}}\n"
        )
    };
    let (one, three) = (pods(1), pods(3));
    let about = |files: &[(&str, &str)]| {
        let ways = ways_of(files);
        assert_same(&ways[1], &ways[0]);
        assert_same(&ways[2], &ways[0]);
        let affinity = ways[0].iter().filter(|one| one.contains("session-affinity-missing"));
        affinity.cloned().collect::<Vec<_>>()
    };
    let both = [
        ("dev/ingress.yaml", &*ingress),
        ("dev/service.yaml", service),
        ("prod/config.yaml", config),
        ("prod/ingress.yaml", &ingress),
        ("prod/pods.yaml", &one),
        ("prod/service.yaml", service),
    ];
    assert_eq!(about(&both), Vec::<String>::new(), "of one pod in prod");
    let own = [&both[..], &[("dev/pods.yaml", &*three)]].concat();
    assert_eq!(about(&own), Vec::<String>::new(), "the BackendConfig is not the one of dev");
    for found in ways_of(&own) {
        let lacking = found.iter().filter(|one| one.contains("id: \"backendconfig-missing\""));
        let lacking: Vec<&String> = lacking.collect();
        assert!(lacking.len() == 1 && lacking[0].contains("SourceId(1)"), "{found:#?}");
    }
    let own = [&both[..], &[("dev/config.yaml", config)]].concat();
    let found = about(&own);
    assert!(found.len() == 1 && found[0].contains("severity: Warning"), "{found:#?}");
    let shared: Vec<_> =
        both.iter().map(|(name, text)| (name.trim_start_matches("prod/"), *text)).collect();
    let shared = [&shared[..], &[("dev/pods.yaml", &*three)]].concat();
    let common: Vec<_> = shared
        .into_iter()
        .filter(|(name, _)| !matches!(*name, "ingress.yaml" | "service.yaml"))
        .collect();
    assert_eq!(about(&common).len(), 1, "what lies above belongs to all below");
}
