//! What is and what is not a difference between two configurations.

use crate::diagnostic::Sources;
use crate::diff::{Change, compare};
use crate::fix::apply;
use crate::set::{File, Set};

/// What sioway renders for a session path, with a page beside it.
const OURS: &str = "\
events {
    worker_connections 1024;
}
http {
    map $http_upgrade $connection_upgrade {
        default upgrade;
        '' close;
    }
    log_format sessions '$request_method';
    upstream socketio {
        server 127.0.0.1:3000;
    }
    server {
        listen 8080 default_server;
        server_tokens off;
        access_log /dev/stdout sessions;
        keepalive_timeout 650s;
        location = /health {
            return 200 \"ok\\n\";
        }
        location ^~ /socket.io/ {
            proxy_pass http://socketio;
            proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
            proxy_set_header Host $host;
            proxy_read_timeout 60s;
            proxy_buffering off;
            client_max_body_size 1m;
        }
    }
}
";

/// A ConfigMap with its keys.
fn map(name: &str, keys: &[(&str, &str)]) -> String {
    let mut text = format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata:\n");
    for (key, value) in keys {
        text.extend(["  ", key, ": |\n"]);
        text.extend(value.lines().flat_map(|line| ["    ", line, "\n"]));
    }
    text
}

/// The differences between two manifests, and the second with all edits made that there are.
fn compared(ours: &str, theirs: &str) -> (Vec<Change>, String) {
    let mut sources = Sources::default();
    let ids = [sources.add("ours.yaml", ours), sources.add("theirs.yaml", theirs)];
    let files = ids.map(|id| [File::of(&sources, id, false)]);
    let [mine, yours] = [0, 1].map(|side: usize| Set::new(&files[side]));
    let diffs = compare(&mine, &yours);
    let changes: Vec<Change> = diffs.into_iter().flat_map(|diff| diff.changes).collect();
    let edits: Vec<_> = changes
        .iter()
        .filter_map(|one| one.edit.as_ref().ok())
        .map(|(_, edit)| edit.clone())
        .collect();
    let text = apply(theirs, &edits).map(|applied| applied.text);
    (changes, text.unwrap_or_else(|refused| panic!("{}", refused.why)))
}

/// What differs from ours, as `path: old -> new`, and the text with the edits made, after which nothing differs that
/// has one.
fn told(theirs: &str) -> (Vec<String>, String) {
    let ours = map("c", &[("nginx.conf", OURS)]);
    let (changes, text) = compared(&ours, &map("c", &[("nginx.conf", theirs)]));
    let (again, _) = compared(&ours, &text);
    let left: Vec<&Change> = again.iter().filter(|one| one.edit.is_ok()).collect();
    assert!(left.is_empty(), "{left:#?}\n{text}");
    let said = |one: &Change| {
        let path = one.path.trim_start_matches("data[\"nginx.conf\"].");
        let left = if one.edit.is_err() { " (left)" } else { "" };
        format!(
            "{path}: {} -> {}{left}",
            one.old.as_deref().unwrap_or("-"),
            one.new.as_deref().unwrap_or("-")
        )
    };
    (changes.iter().map(said).collect(), text)
}

#[test]
fn what_is_inherited_and_right_is_no_difference() {
    let lines = "            proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
            proxy_set_header Host $host;
            proxy_read_timeout 60s;
";
    let without = OURS.replace(lines, "");
    for level in ["    server {\n", "http {\n"] {
        let theirs = without.replace(level, &format!("{level}{lines}"));
        assert_eq!(told(&theirs).0, [] as [&str; 0], "{level}");
    }
    let higher = OURS.replace("        keepalive_timeout 650s;\n", "");
    let higher = higher.replace("http {\n", "http {\n    keepalive_timeout 650;\n");
    assert_eq!(told(&higher).0, [] as [&str; 0]);
}

#[test]
fn what_a_new_header_would_hide_is_repeated() {
    let theirs = OURS
        .replace("            proxy_set_header Upgrade $http_upgrade;\n", "")
        .replace("            proxy_set_header Connection $connection_upgrade;\n", "")
        .replace("            proxy_set_header Host $host;\n", "")
        .replace(
            "    server {\n",
            "    server {\n        proxy_set_header Host $host;\n        proxy_set_header X-Tenant \"a b\";\n",
        );
    let (found, text) = told(&theirs);
    assert_eq!(
        found,
        [
            "http.server.location[^~ /socket.io/].proxy_set_header[Upgrade]: - -> proxy_set_header Upgrade $http_upgrade;",
            "http.server.location[^~ /socket.io/].proxy_set_header[Connection]: - -> proxy_set_header Connection $connection_upgrade;",
        ]
    );
    let location = &text[text.find("location ^~").unwrap()..];
    for line in [
        "Host $host;",
        "X-Tenant \"a b\";",
        "Upgrade $http_upgrade;",
        "Connection $connection_upgrade;",
    ] {
        assert_eq!(
            location.matches(&format!("proxy_set_header {line}\n")).count(),
            1,
            "{line}\n{text}"
        );
    }
}

#[test]
fn what_is_inherited_and_wrong_is_set_where_it_matters() {
    let theirs = OURS
        .replace("            proxy_read_timeout 60s;\n", "")
        .replace("            proxy_set_header Upgrade $http_upgrade;\n", "")
        .replace("            proxy_set_header Connection $connection_upgrade;\n", "")
        .replace("            proxy_set_header Host $host;\n", "")
        .replace(
            "http {\n",
            "http {\n    proxy_read_timeout 5s;\n    proxy_set_header Host example;\n    proxy_set_header Upgrade $http_upgrade;\n    proxy_set_header Connection $connection_upgrade;\n",
        );
    let (found, text) = told(&theirs);
    assert_eq!(
        found,
        [
            "http.server.location[^~ /socket.io/].proxy_set_header[Host]: Host example -> Host $host",
            "http.server.location[^~ /socket.io/].proxy_read_timeout: 5s -> 60s",
        ]
    );
    assert!(text.contains("proxy_read_timeout 5s;") && text.contains("Host example;"), "{text}");
    let location = &text[text.find("location ^~").unwrap()..];
    assert_eq!(location.matches("proxy_set_header").count(), 3, "{text}");
}

#[test]
fn a_new_location_keeps_what_the_server_sends() {
    let start = OURS.find("        location ^~").unwrap();
    let theirs = OURS[..start].to_owned()
        + "        proxy_set_header X-Tenant a;\n        proxy_set_header Host other;\n        location / { proxy_pass http://127.0.0.1:4000; }\n    }\n}\n";
    let (found, text) = told(&theirs);
    assert_eq!(found.len(), 1, "{found:?}");
    let location = &text[text.find("location ^~").unwrap()..];
    assert!(
        location.contains("\n                proxy_set_header X-Tenant a;\n            }\n"),
        "{text}"
    );
    assert!(!location.contains("Host other"), "{text}");
}

#[test]
fn a_location_may_not_undo_what_its_server_says() {
    let theirs = OURS
        .replace("proxy_buffering off;", "proxy_buffering off;\n            keepalive_timeout 5s;");
    let (found, text) = told(&theirs);
    assert_eq!(found, ["http.server.location[^~ /socket.io/].keepalive_timeout: 5s -> 650s"]);
    assert_eq!(text.matches("keepalive_timeout 650s;").count(), 2);
}

#[test]
fn other_names_and_spellings_are_the_same() {
    for (ours, theirs) in [
        ("60s", "1m"),
        ("60s", "60000ms"),
        ("1m", "1024k"),
        ("1m", "1048576"),
        ("proxy_buffering off", "proxy_buffering OFF"),
        ("$connection_upgrade", "$upgrading"),
        ("default upgrade;\n        '' close;", "\"\" close; default 'upgrade';"),
        ("server_tokens off;", "gzip on; gzip_types text/css;"),
        ("access_log /dev/stdout sessions;", "# no log\n"),
        ("socketio", "app"),
        ("location ^~", "location"),
        ("650s", "650s 600s"),
        ("return 200 \"ok\\n\"", "return 200 healthy"),
        ("http://socketio;", "http://127.0.0.1:3000;"),
        ("            client_max_body_size 1m;\n", ""),
    ] {
        let text = OURS.replace(ours, theirs);
        assert_ne!(text, OURS, "{ours}");
        assert_eq!(told(&text).0, [] as [&str; 0], "{ours} and {theirs}");
    }
    let direct = OURS.replace("http://socketio;", "http://127.0.0.1:3000;");
    let direct =
        direct.replace("    upstream socketio {\n        server 127.0.0.1:3000;\n    }\n", "");
    assert_eq!(told(&direct).0, [] as [&str; 0]);
}

#[test]
fn times_and_sizes_are_told_apart() {
    for (ours, theirs) in
        [("3600s", "60m"), ("3600s", "1h"), ("60m", "1h"), ("1h", "3600"), ("90s", "1m30s")]
    {
        let mine = map("c", &[("nginx.conf", &OURS.replace("60s", ours))]);
        let yours = map("c", &[("nginx.conf", &OURS.replace("60s", theirs))]);
        assert!(compared(&mine, &yours).0.is_empty(), "{ours} and {theirs}");
    }
    assert_eq!(
        told(&OURS.replace("client_max_body_size 1m", "client_max_body_size 60")).0.len(),
        1
    );
}

#[test]
fn a_definition_comes_only_with_what_uses_it() {
    let map = "    map $http_upgrade $connection_upgrade {\n        default upgrade;\n        '' close;\n    }\n";
    let constant = OURS.replace(map, "").replace("$connection_upgrade", "\"upgrade\"");
    let (found, text) = told(&constant);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(text.contains("map $http_upgrade $connection_upgrade {"), "{text}");
    let (found, _) = told(&OURS.replace("'' close;", "'' '';"));
    assert_eq!(found, ["http.map[$http_upgrade $connection_upgrade].'': '' -> close"]);
    let (found, _) = told(&OURS.replace("map $http_upgrade", "map $http_connection"));
    let variable = "$connection_upgrade";
    let head = format!("http.map[$http_connection {variable}]: $http_connection {variable}");
    assert_eq!(found, [format!("{head} -> $http_upgrade {variable}")]);
}

#[test]
fn an_upstream_that_leads_elsewhere_gets_no_second_server() {
    let (found, text) = told(&OURS.replace("127.0.0.1:3000", "127.0.0.1:4000"));
    assert_eq!(found, ["http.upstream[socketio].server: 127.0.0.1:4000 -> 127.0.0.1:3000"]);
    assert_eq!(text.matches("server 127.0.0.1").count(), 1);
    let two = "server 127.0.0.1:4000; server 127.0.0.1:5000;";
    let (found, _) = told(&OURS.replace("server 127.0.0.1:3000;", two));
    assert!(found[0].ends_with("(left)"), "{found:?}");
}

#[test]
fn reasons_claim_nothing_that_is_not_so() {
    let reason = |from: &str, to: &str| {
        let ours = map("c", &[("nginx.conf", OURS)]);
        let text = OURS.replace(from, to);
        assert_ne!(text, OURS);
        let (changes, _) = compared(&ours, &map("c", &[("nginx.conf", &text)]));
        assert_eq!(changes.len(), 1, "{changes:#?}");
        (changes[0].why.rule, changes[0].why.reason)
    };
    assert_eq!(reason("Host $host", "Host $http_host"), (None, ""));
    assert_eq!(reason("Host $host", "Host $proxy_host").0, Some("host-not-forwarded"));
    assert_eq!(reason("read_timeout 60s", "read_timeout 1d"), (None, ""));
    assert_eq!(reason("read_timeout 60s", "read_timeout 20s").0, Some("read-timeout-too-short"));
    assert_eq!(reason("size 1m", "size 0"), (None, ""));
    let elsewhere = reason("proxy_pass http://socketio", "proxy_pass http://127.0.0.1:9");
    assert_eq!(elsewhere, (None, "these requests go to another server"));
}

/// Ours without what only a whole nginx.conf has.
fn split() -> (String, String) {
    let start = OURS.find("    upstream").unwrap();
    let whole = OURS[..start].to_owned() + "    include /etc/nginx/conf.d/*.conf;\n}\n";
    let inner = OURS[start..].strip_suffix("}\n").unwrap();
    (whole, inner.lines().flat_map(|line| [&line[4..], "\n"]).collect())
}

const POD: &str = "---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
        - name: nginx
          image: nginx
          volumeMounts:
            - {name: whole, mountPath: /etc/nginx/nginx.conf, subPath: nginx.conf}
            - {name: sites, mountPath: /etc/nginx/conf.d}
      volumes:
        - {name: whole, configMap: {name: c}}
        - {name: sites, configMap: {name: sites}}
";

#[test]
fn what_is_included_from_another_key_is_compared_where_it_is() {
    let (whole, inner) = split();
    let ours = map("c", &[("nginx.conf", OURS)]);
    let theirs = map("c", &[("nginx.conf", &whole), ("default.conf", &inner)]);
    assert_eq!(compared(&ours, &theirs).0, []);
    let (changes, text) = compared(&ours, &theirs.replace("650s", "65s"));
    assert_eq!(changes.len(), 1, "{changes:#?}");
    assert_eq!(changes[0].path, "data[\"default.conf\"].server.keepalive_timeout");
    assert_eq!(text, theirs);
}

#[test]
fn what_is_included_from_another_config_map_is_compared_where_it_is() {
    let (whole, inner) = split();
    let ours = map("c", &[("nginx.conf", OURS)]);
    let sites = map("sites", &[("default.conf", &inner), ("other.conf", "server { listen 9; }")]);
    let theirs = map("c", &[("nginx.conf", &whole)]) + "---\n" + &sites + POD;
    assert_eq!(compared(&ours, &theirs).0, []);
    let worse =
        theirs.replace("proxy_buffering off;", "# all of it\n            proxy_buffering on;");
    let worse = worse.replace("proxy_set_header Host $host;", "# the name");
    let (changes, text) = compared(&ours, &worse);
    assert_eq!(changes.len(), 2, "{changes:#?}");
    assert!(text.contains("# all of it") && text.contains("proxy_buffering off;"), "{text}");
    assert_eq!(compared(&ours, &text).0, []);
}

#[test]
fn what_is_included_from_nowhere_is_left() {
    let (whole, _) = split();
    let (found, text) = told(&whole);
    assert!(!found.is_empty() && found.iter().all(|one| one.ends_with("(left)")), "{found:?}");
    assert_eq!(text, map("c", &[("nginx.conf", &whole)]));
}

#[test]
fn a_fragment_is_compared_with_what_it_can_say() {
    let ours = map("c", &[("nginx.conf", OURS)]);
    let start = OURS.find("    map").unwrap();
    let fragment: String = OURS[start..]
        .strip_suffix("}\n")
        .unwrap()
        .lines()
        .flat_map(|line| [line.get(4..).unwrap_or_default(), "\n"])
        .collect();
    let theirs = map("c", &[("default.conf", &fragment.replace("650s", "65s"))]);
    let (changes, text) = compared(&ours, &theirs);
    let paths: Vec<(&str, bool)> =
        changes.iter().map(|one| (&*one.path, one.edit.is_ok())).collect();
    assert_eq!(
        paths,
        [
            ("data[\"default.conf\"].events", false),
            ("data[\"default.conf\"].server.keepalive_timeout", true)
        ]
    );
    assert_eq!(text, map("c", &[("default.conf", &fragment)]));
}

#[test]
fn a_file_that_several_blocks_include_is_left() {
    let header = "            proxy_set_header Host $host;\n";
    let theirs = OURS.replace(header, "            include headers.conf;\n").replace(
        "        location ^~",
        "        location / {\n            proxy_pass http://socketio;\n            include headers.conf;\n        }\n        location ^~",
    );
    let headers = "proxy_set_header Host $proxy_host;\n";
    let ours = map("c", &[("nginx.conf", OURS)]);
    let keys = [("nginx.conf", theirs.as_str()), ("headers.conf", headers)];
    let (changes, text) = compared(&ours, &map("c", &keys));
    assert_eq!(changes.len(), 1, "{changes:#?}");
    assert!(changes[0].edit.is_err(), "{changes:#?}");
    assert_eq!(text, map("c", &keys));
    let once = theirs.replacen("include headers.conf;", "", 1);
    let keys = [("nginx.conf", once.as_str()), ("headers.conf", headers)];
    let (changes, text) = compared(&ours, &map("c", &keys));
    assert_eq!(changes[0].path, "data[\"headers.conf\"].proxy_set_header[Host]");
    assert_eq!(text, map("c", &[keys[0], ("headers.conf", "proxy_set_header Host $host;\n")]));
}

/// nginx would not start: `no resolver defined`, or `to be in shared memory`.
#[test]
fn servers_that_are_resolved_later_bring_what_that_needs() {
    let pods = "        zone socketio 64k;\n        server chat-0.pods:3000 resolve;\n";
    let ours = OURS.replace("        server 127.0.0.1:3000;\n", pods);
    let ours = ours.replace("http {\n", "http {\n    include /tmp/resolver.conf;\n");
    let written = |theirs: &str| {
        let (_, text) =
            compared(&map("c", &[("nginx.conf", &ours)]), &map("c", &[("nginx.conf", theirs)]));
        (text.matches("include /tmp/resolver.conf;").count(), text.matches("zone ").count())
    };
    assert_eq!(written(OURS), (1, 1));
    let named = OURS.replace("upstream socketio", "upstream app");
    assert_eq!(written(&named.replace("http://socketio", "http://app")), (1, 1));
    assert_eq!(written(&ours.replace("64k", "128k")), (1, 1));
    let own = ours.replace("include /tmp/resolver.conf;", "resolver 10.0.0.10 valid=5s;");
    assert_eq!(written(&own), (0, 1));
}

/// nginx takes the method that is said last, and `keepalive` belongs to the one before it.
#[test]
fn an_upstream_chooses_a_server_in_one_way() {
    let server = "        server 127.0.0.1:3000;\n";
    let two = format!("{server}        server 127.0.0.1:3001;\n");
    let method = "        hash $remote_addr consistent;\n";
    let ours = OURS.replace(server, &format!("{method}{two}"));
    let written = |lines: &str| {
        let theirs = OURS.replace(server, lines);
        let (changes, text) =
            compared(&map("c", &[("nginx.conf", &ours)]), &map("c", &[("nginx.conf", &theirs)]));
        let all = |map: &str| map.replace("\n    ", "\n");
        let again = compared(&map("c", &[("nginx.conf", &ours)]), &text).0;
        assert!(again.is_empty(), "{again:#?}\n{text}");
        let block = all(&text).split("upstream socketio {\n").nth(1).unwrap().to_owned();
        (changes.len(), block.split("    }\n").next().unwrap().to_owned())
    };
    assert_eq!(
        written(&format!("        ip_hash; # all\n{two}")),
        (1, format!("{}{two}", method.replace(";\n", "; # all\n")))
    );
    assert_eq!(
        written(&format!("{method}        least_conn;\n{two}")),
        (1, format!("{method}{two}"))
    );
    let alive = "        keepalive 32;\n";
    assert_eq!(written(&format!("{two}{alive}")), (1, format!("{two}{method}{alive}")));
    assert_eq!(
        written(&format!("        random two;\n{two}        ip_hash;\n")),
        (2, format!("{method}{two}"))
    );
}

/// Of several servers on one port the one is compared that answers for the app's host; health checks come by address.
#[test]
fn the_server_that_answers_for_the_host_is_compared() {
    let ingress = "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: c}\nspec:\n  rules:\n    - host: chat.example.com\n";
    let ours = map("c", &[("nginx.conf", OURS)]) + ingress;
    let health = "        location = /health {\n            return 200 \"ok\\n\";\n        }\n";
    let own = OURS
        .replace(health, "")
        .replace(
            "listen 8080 default_server;",
            "listen 8080;\n        server_name chat.example.com;",
        )
        .replace("proxy_read_timeout 60s;", "proxy_read_timeout 5s;");
    let first = format!(
        "    server {{\n        listen 8080 default_server;\n{health}        location / {{\n            return 404;\n        }}\n    }}\n"
    );
    let theirs = own.replace("    server {\n", &format!("{first}    server {{\n"));
    let (changes, text) = compared(&ours, &map("c", &[("nginx.conf", &theirs)]));
    let paths: Vec<&str> = changes.iter().map(|one| &*one.path).collect();
    let path = "data[\"nginx.conf\"].http.server[chat.example.com].location[^~ /socket.io/].proxy_read_timeout";
    assert!(paths.len() == 1 && paths[0].ends_with("proxy_read_timeout"), "{path}\n{changes:#?}");
    assert_eq!(text, map("c", &[("nginx.conf", &theirs.replace(" 5s;", " 60s;"))]));
}

/// By some methods nginx does not start beside a `backup`, and by one after `keepalive` it keeps no connection.
#[test]
fn a_method_that_would_not_work_is_left_to_people() {
    let server = "        server 127.0.0.1:3000;\n";
    let method = "        hash $remote_addr consistent;\n";
    let two = format!("{server}        server 127.0.0.1:3001;\n");
    let ours = OURS.replace(server, &format!("{method}{two}"));
    let why = |lines: &str| {
        let theirs = OURS.replace(server, lines);
        let (changes, text) =
            compared(&map("c", &[("nginx.conf", &ours)]), &map("c", &[("nginx.conf", &theirs)]));
        assert_eq!(text, map("c", &[("nginx.conf", &theirs)]));
        changes.into_iter().find_map(|one| one.edit.err()).unwrap()
    };
    let backup = two.replace("3001;", "3001 backup;");
    assert!(why(&backup).starts_with("a server there is a `backup`"));
    assert!(why(&format!("        least_conn;\n{backup}")).starts_with("a server there"));
    let late = why(&format!("{two}        keepalive 32;\n        ip_hash;\n"));
    assert!(late.starts_with("it stands after `keepalive`"), "{late}");
}
