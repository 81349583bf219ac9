//! Random repositories: the catalogue's examples and rendered apps, with their documents scattered over files,
//! directories and kustomizations, renamed so that some have to do with each other and others do not.

use std::collections::BTreeMap;
use std::path::Path;

use proptest::prelude::*;
use sioway::rules::ALL;

/// A document, and the extension of a file for it.
type Document = (&'static str, String);

/// What belongs together, such as the documents of one example.
pub(crate) type Clusters = Vec<Vec<Document>>;

/// A repository.
#[derive(Debug, Default)]
pub(crate) struct Repository {
    /// The files by their names.
    pub(crate) files: BTreeMap<String, String>,
    /// The Services that descriptions speak of: name and namespace.
    pub(crate) described: Vec<(String, String)>,
}

/// Numbers that decide everything. Where they end, the first choice is taken each time: a shorter list makes a
/// simpler repository.
pub(crate) fn choices() -> impl Strategy<Value = Vec<u16>> {
    prop::collection::vec(any::<u16>(), 20..250)
}

struct Choices<'c>(std::slice::Iter<'c, u16>);

impl Choices<'_> {
    /// One of so many.
    fn below(&mut self, count: usize) -> usize {
        self.0.next().map_or(0, |choice| usize::from(*choice) * count / (usize::from(u16::MAX) + 1))
    }

    /// Whether something happens that happens once in so many times.
    fn once_in(&mut self, count: usize) -> bool {
        self.below(count) == count - 1
    }

    fn one_of<'t, T: ?Sized>(&mut self, all: &[&'t T]) -> &'t T {
        all[self.below(all.len())]
    }
}

/// All examples of the catalogue, and what the examples of apps render to.
pub(crate) fn clusters() -> Clusters {
    let headings = ["Example", "Use instead", "More cases"];
    let pages = ALL.iter().map(|rule| rule.page());
    let mut clusters: Clusters = Vec::new();
    for page in pages {
        for fence in headings.iter().flat_map(|heading| page.fences(heading)) {
            let extension = if fence.language == "yaml" { "yaml" } else { "conf" };
            clusters.push(documents(extension, fence.text));
        }
    }
    for app in ["coditect", "minimal", "nginx-gateway", "static-cdn"] {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("out").join(app);
        let entries = std::fs::read_dir(directory).unwrap();
        let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
        paths.retain(|path| !path.ends_with("kustomization.yaml"));
        let texts = paths.iter().map(|path| std::fs::read_to_string(path).unwrap());
        clusters.push(texts.flat_map(|text| documents("yaml", &text)).collect());
    }
    clusters.extend(OTHERS.map(|text| documents("yaml", text)));
    clusters
}

/// What no example has: an autoscaler, a Gateway with a policy, two Services with one BackendConfig, and Services that
/// are named where nothing leads to them.
const OTHERS: [&str; 3] = [
    include_str!("scatter/scaled.yaml"),
    include_str!("scatter/gateway.yaml"),
    include_str!("scatter/shared.yaml"),
];

fn documents(extension: &'static str, text: &str) -> Vec<Document> {
    match extension {
        "yaml" => text.split("\n---\n").map(|one| (extension, format!("{one}\n"))).collect(),
        _ => vec![(extension, text.to_owned())],
    }
}

const DIRECTORIES: [&str; 10] = [
    "",
    "a",
    "a/base",
    "a/overlays/dev",
    "a/overlays/prod",
    "a/conf.d",
    "b",
    "b/base",
    "b/base/patches",
    "common",
];

/// The repository that some numbers decide on.
pub(crate) fn repository(clusters: &Clusters, numbers: &[u16]) -> Repository {
    let mut choices = Choices(numbers.iter());
    let mut made = Repository::default();
    // Where each document is in a directory of its own, all that belongs together has to be asked for.
    let apart = choices.once_in(2);
    for _ in 0..=choices.below(5) {
        let cluster = &clusters[choices.below(clusters.len())];
        scatter(cluster, apart, &mut choices, &mut made);
    }
    if choices.once_in(8) {
        include(&mut choices, &mut made);
    }
    for _ in 0..choices.below(4) {
        kustomize(&mut choices, &mut made);
    }
    if choices.once_in(4) {
        disturb(&mut choices, &mut made);
    }
    if choices.once_in(4) {
        let name = choices.one_of(&["chat", "web", "chat-k"]).to_owned();
        let namespace = choices.one_of(&["dev", "prod"]).to_owned();
        made.described.push((name, namespace));
    }
    made
}

/// Puts the documents of a cluster into files.
fn scatter(cluster: &[Document], apart: bool, choices: &mut Choices<'_>, made: &mut Repository) {
    let renamed = choices.one_of(&["", "", "k", "m", "n"]);
    let namespace = choices.one_of(&["", "", "dev", "prod", "?"]);
    let layout = if apart { 4 } else { choices.below(4) };
    let home = choices.one_of(&DIRECTORIES);
    let file = format!("{}-{home}", made.files.len()).replace('/', "-");
    for (number, (extension, text)) in cluster.iter().enumerate() {
        if choices.once_in(16) {
            continue;
        }
        let text = changed(text, renamed, namespace, choices);
        let own = format!("{home}/{file}-{number}");
        let directory = match layout {
            0 | 1 => home,
            4 if !choices.once_in(8) => own.trim_start_matches('/'),
            _ => choices.one_of(&DIRECTORIES),
        };
        let own = if layout == 0 {
            format!("{file}.{extension}")
        } else {
            format!("{file}-{number}.{extension}")
        };
        let path = joined(directory, &own);
        if *extension == "yaml" && choices.once_in(16) {
            made.files.insert(path, listed(&text));
            continue;
        }
        if *extension == "yaml" && choices.once_in(8) {
            let other = choices.one_of(&DIRECTORIES);
            let twin = text.replace("86400", "30").replace("CLIENT_IP", "NONE");
            made.files.insert(joined(other, &format!("{file}-{number}-twin.yaml")), twin);
        }
        if layout > 0
            && text.contains("kind: ConfigMap")
            && choices.once_in(3)
            && generate(&text, directory, made)
        {
            continue;
        }
        made.files.entry(path).and_modify(|all| *all = format!("{all}---\n{text}")).or_insert(text);
    }
}

/// With other names, in a namespace, with a slip of the pen or a comment.
fn changed(text: &str, renamed: &str, namespace: &str, choices: &mut Choices<'_>) -> String {
    let mut text = rename(text, renamed);
    let namespace = if namespace == "?" { choices.one_of(&["", "dev", "prod"]) } else { namespace };
    if !namespace.is_empty() {
        text = in_namespace(&text, namespace);
    }
    if choices.once_in(12) {
        text = slip(&text, choices);
    }
    if choices.once_in(10) {
        text = remark(&text, choices);
    }
    text
}

fn joined(directory: &str, name: &str) -> String {
    if directory.is_empty() { name.to_owned() } else { format!("{directory}/{name}") }
}

/// With names of its own, so that only documents with the same ones have to do with it.
fn rename(text: &str, end: &str) -> String {
    if end.is_empty() {
        return text.to_owned();
    }
    let words = ["chat", "web", "nginx-conf", "app", "api"];
    words.iter().fold(text.to_owned(), |text, word| {
        let text = text.replace(&format!(": {word}"), &format!(": {word}-{end}"));
        text.replace(&format!("\"{word}"), &format!("\"{word}-{end}"))
    })
}

fn in_namespace(text: &str, namespace: &str) -> String {
    if text.contains("namespace:") {
        return text.to_owned();
    }
    let flow =
        text.replacen("\nmetadata: {", &format!("\nmetadata: {{namespace: {namespace}, "), 1);
    flow.replacen("\nmetadata:\n", &format!("\nmetadata:\n  namespace: {namespace}\n"), 1)
}

/// Changes one of the names.
fn slip(text: &str, choices: &mut Choices<'_>) -> String {
    let (word, other) =
        [("chat", "chta"), ("web", "wep"), ("app", "apps"), ("chat", "pre-chat")][choices.below(4)];
    let places: Vec<usize> = text.match_indices(word).map(|(at, _)| at).collect();
    if places.is_empty() {
        return text.to_owned();
    }
    let at = places[choices.below(places.len())];
    format!("{}{other}{}", &text[..at], &text[at + word.len()..])
}

/// Says something to sioway, in a comment on some line.
fn remark(text: &str, choices: &mut Choices<'_>) -> String {
    let rule = ALL[choices.below(ALL.len())].id;
    let said = match choices.below(4) {
        0 => "sioway: socketio".to_owned(),
        1 => "sioway: socketio path=/theia/socket.io/ max-message=5MB".to_owned(),
        2 => "Socket.IO goes through here".to_owned(),
        _ => format!("sioway: allow({rule}) as we know"),
    };
    let lines: Vec<&str> = text.lines().collect();
    let at = choices.below(lines.len().max(1));
    let line = lines.get(at).copied().unwrap_or_default();
    let indent = &line[..line.len() - line.trim_start().len()];
    let mut lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
    lines.insert(at, format!("{indent}# {said}"));
    lines.join("\n") + "\n"
}

fn listed(text: &str) -> String {
    let inner: Vec<String> = text.lines().map(|line| format!("    {line}")).collect();
    let inner = inner.join("\n").replacen("    ", "  - ", 1);
    if inner.trim_start().starts_with("- #") || inner.starts_with("  - \n") {
        return text.to_owned();
    }
    format!("apiVersion: v1\nkind: List\nitems:\n{inner}\n")
}

/// Has Kustomize generate a ConfigMap from files.
fn generate(text: &str, directory: &str, made: &mut Repository) -> bool {
    let Ok(map) = serde_yaml::from_str::<serde_yaml::Value>(text) else {
        return false;
    };
    let name = map["metadata"]["name"].as_str().unwrap_or_default();
    let kustomization = joined(directory, "kustomization.yaml");
    if name.is_empty() || made.files.contains_key(&kustomization) {
        return false;
    }
    let mut entries = Vec::new();
    for (key, value) in map["data"].as_mapping().into_iter().flatten() {
        let (Some(key), Some(value)) = (key.as_str(), value.as_str()) else { continue };
        let file = format!("{}-{key}", made.files.len());
        made.files.insert(joined(directory, &file), value.to_owned());
        entries.push(format!("  - {key}={file}\n"));
    }
    let text = format!("configMapGenerator:\n- name: {name}\n  files:\n{}", entries.concat());
    made.files.insert(kustomization, text);
    true
}

const HEAD: &str = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n";

/// What a kustomization may do besides.
const MORE: [&str; 7] = [
    "",
    "namespace: dev\n",
    "namePrefix: pre-\n",
    "nameSuffix: -x\n",
    "replicas: [{name: chat, count: 3}]\n",
    "replacements: [{path: r.yaml}]\n",
    "vars: []\n",
];

/// A patch that stands in a kustomization.
const INLINE: &str = "- patch: '{\"apiVersion\": \"cloud.google.com/v1\", \"kind\": \"BackendConfig\", \
                      \"metadata\": {\"name\": \"chat\"}, \"spec\": {\"timeoutSec\": 20}}'\n";

/// Adds a kustomization of some of the files.
fn kustomize(choices: &mut Choices<'_>, made: &mut Repository) {
    let directory = choices.one_of(&DIRECTORIES);
    let file = if choices.once_in(8) { "kustomize-it.yaml" } else { "kustomization.yaml" };
    let name = joined(directory, file);
    let mut lists = lists(directory, choices, made);
    let inline = choices.once_in(4).then(|| INLINE.to_owned());
    lists.entry("patches").or_default().extend(inline);
    let filled = lists.iter().filter(|(_, entries)| !entries.is_empty());
    let written = filled.map(|(key, entries)| format!("{key}:\n{}", entries.concat()));
    let text = choices.one_of(&MORE).to_owned() + &written.collect::<String>();
    let own = made.files.entry(name).or_insert_with(|| HEAD.to_owned());
    *own += &text;
}

/// Some of the files, by how a kustomization of a directory takes them in.
fn lists(
    directory: &str,
    choices: &mut Choices<'_>,
    made: &Repository,
) -> BTreeMap<&'static str, Vec<String>> {
    const KEYS: [&str; 6] = ["", "", "resources", "resources", "patchesStrategicMerge", "patches"];
    let depth = if directory.is_empty() { 0 } else { directory.split('/').count() };
    let up = "../".repeat(depth);
    let mut lists: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for name in made.files.keys() {
        let key = choices.one_of(&KEYS);
        let beside = name.strip_prefix(directory).and_then(|rest| rest.strip_prefix('/'));
        let entry = beside.map_or_else(|| format!("{up}{name}"), str::to_owned);
        match (key, name.rsplit_once('/')) {
            ("resources", Some((other, "kustomization.yaml"))) => {
                let key = choices.one_of(&["resources", "components"]);
                lists.entry(key).or_default().push(format!("- {up}{other}\n"));
            }
            ("", _) | (_, Some((_, "kustomization.yaml"))) => {}
            ("patches", _) => lists.entry(key).or_default().push(format!("- path: {entry}\n")),
            _ => lists.entry(key).or_default().push(format!("- {entry}\n")),
        }
    }
    lists
}

/// Adds an nginx whose session traffic is in a file that it includes, which may be anywhere.
fn include(choices: &mut Choices<'_>, made: &mut Repository) {
    let directory = choices.one_of(&DIRECTORIES);
    let whole = "events {}\nhttp {\n  include conf.d/*.conf;\n}\n";
    let server = "server {\n  listen 80;\n  location /socket.io/ {\n    proxy_pass http://chat:3000;\n  }\n}\n";
    let upstream = "upstream chat {\n  server a:3000;\n  server b:3000;\n}\n";
    made.files.insert(joined(directory, "nginx.conf"), whole.to_owned());
    let other = choices.one_of(&[directory, directory, "b"]);
    made.files.insert(joined(other, "conf.d/server.conf"), server.to_owned());
    made.files.insert(joined(directory, "conf.d/upstream.conf"), upstream.to_owned());
}

/// Adds what is no manifest, or a file that says something to many others.
fn disturb(choices: &mut Choices<'_>, made: &mut Repository) {
    let directory = choices.one_of(&DIRECTORIES);
    let step = "- op: remove\n  path: /spec/cdn\n";
    let (name, text) = [
        ("broken.yaml", "a: [b\n"),
        ("values.yaml", "kind: {{ .Values.kind }}\nname: {{ x }}\n"),
        ("map.conf", "map $http_upgrade $connection_upgrade { default upgrade; '' close; }\n"),
        ("step.yaml", step),
        (
            "class.yaml",
            "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: gce}\n",
        ),
    ][choices.below(5)];
    made.files.insert(joined(directory, name), text.to_owned());
}
