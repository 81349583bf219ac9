//! The pages and pictures that sioway makes, opened in Chromium: narrow and wide, in light and in dark.

use serde_json::{Value, json};

use crate::tools::{MINIMAL, Scratch, node, root, succeed, tool};

/// Text that would be markup, a script or a request if it were taken for anything but text.
const HOSTILE: &str = r"</style></pre><script>document.title='taken'</script><img src=http://example.com/x onerror=alert(1)>&amp;";

/// How the manifests of the transcript of `trace` are named in a scratch directory.
const FILES: [&str; 2] = ["chat.yaml", "nginx.conf"];

/// A directory with two manifests that break sessions.
fn broken() -> Scratch {
    let scratch = Scratch::new();
    for file in FILES {
        let text =
            std::fs::read_to_string(root().join("tests/cmd/trace.in/k8s").join(file)).unwrap();
        scratch.write(&format!("k8s/{file}"), &text);
    }
    scratch
}

/// What Chromium sees in a file, of each width and in each scheme of colours.
fn seen(scratch: &Scratch, file: &str, views: &[(u32, &str)]) -> Vec<Value> {
    let views: Vec<Value> =
        views.iter().map(|(width, scheme)| json!({ "width": width, "scheme": scheme })).collect();
    let wanted = json!({ "file": scratch.path(file), "views": views });
    let script = root().join("tests/it/browser.js");
    let mut browser = node();
    browser.arg(script).arg(tool("chromium", "chromium/chromium")).arg(wanted.to_string());
    serde_json::from_str(&succeed(&mut browser)).unwrap()
}

/// The brightness of `rgb(1, 2, 3)`, as WCAG reckons it (<https://www.w3.org/TR/WCAG21/#dfn-relative-luminance>).
fn brightness(color: &str) -> f64 {
    let inside = color.trim_start_matches("rgb(").trim_end_matches(')');
    let linear = |part: &str| {
        let part = part.trim().parse::<f64>().unwrap_or_else(|_| panic!("{color}")) / 255.0;
        if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    let parts: Vec<f64> = inside.split(',').map(linear).collect();
    0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
}

fn contrast(one: &str, other: &str) -> f64 {
    let (one, other) = (brightness(one), brightness(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// A page is whole by itself, fits, and can be read.
fn is_good(scratch: &Scratch, file: &str) -> Value {
    let mut last = Value::Null;
    let views = [(360, "light"), (360, "dark"), (1280, "light"), (1280, "dark")];
    for ((width, scheme), page) in views.into_iter().zip(seen(scratch, file, &views)) {
        let at = format!("{file}, {width}, {scheme}: {page}");
        assert_eq!(page["overflow"], 0, "{at}");
        for empty in ["wide", "cut", "errors"] {
            assert_eq!(page[empty], json!([]), "{empty} in {at}");
        }
        assert_eq!(page["requests"].as_array().unwrap().len(), 1, "{at}");
        for (ink, ground) in [("ink", "ground"), ("drawn", "box")] {
            let [ink, ground] = [ink, ground].map(|key| page[key].as_str().unwrap());
            assert!(contrast(ink, ground) >= 4.5, "{ink} on {ground}: {at}");
        }
        let is_dark = brightness(page["ground"].as_str().unwrap()) < 0.5;
        assert_eq!(is_dark, scheme == "dark", "{at}");
        let elements: Vec<&str> =
            page["elements"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        for foreign in ["script", "img", "link", "iframe", "object"] {
            assert!(!elements.contains(&foreign), "{foreign} in {at}");
        }
        last = page;
    }
    last
}

#[test]
fn a_page_of_lint_shows_the_way_the_ladder_the_findings_and_their_repair() {
    let scratch = broken();
    let run = scratch.run(&["lint", "k8s", "--output", "html:page.html"]);
    assert_eq!(run.status, 1, "{}", run.err);
    let page = is_good(&scratch, "page.html");
    assert_eq!(page["drawings"], 2);
    let text = page["text"].as_str().unwrap();
    for told in
        ["Load balancer", "nginx's read timeout", "upgrade-not-forwarded", "Before and after"]
    {
        assert!(text.contains(told), "{told}: {text}");
    }
    let html = scratch.read("page.html");
    let mut written = html.lines().filter(|line| line.contains("<span class=\"new\">+"));
    assert!(written.any(|line| line.contains("proxy_set_header Upgrade $http_upgrade;")), "{html}");
}

#[test]
fn a_page_of_diff_shows_what_is_there_and_what_is_rendered() {
    let scratch = broken();
    scratch.write("app.toml", MINIMAL);
    let run = scratch.run(&["diff", "--against", "k8s", "--format", "html"]);
    assert_eq!(run.status, 1, "{}", run.err);
    scratch.write("page.html", &run.out);
    let page = is_good(&scratch, "page.html");
    let text = page["text"].as_str().unwrap();
    for told in ["before", "after", "backendconfig-not-attached", "the load balancer's timeout"] {
        assert!(text.contains(told), "{told}: {text}");
    }
}

#[test]
fn a_page_of_doctor_shows_what_does_not_hold() {
    let scratch = Scratch::new();
    let copied = std::process::Command::new("cp")
        .arg("-r")
        .arg(root().join("tests/cmd/doctor.in/."))
        .arg(scratch.path("."))
        .status();
    assert!(copied.unwrap().success());
    let saved = ["--cluster", "cluster-before.json", "--cloud", "cloud-before.json"];
    let run = scratch.run(&[&["doctor", "k8s", "--format", "html"][..], &saved].concat());
    assert_eq!(run.status, 1, "{}", run.err);
    scratch.write("page.html", &run.out);
    let text = is_good(&scratch, "page.html")["text"].as_str().unwrap().to_owned();
    for told in ["What does not hold", "cloud-affinity", "All checks"] {
        assert!(text.contains(told), "{told}: {text}");
    }
}

#[test]
fn nothing_out_of_files_becomes_markup() {
    let scratch = broken();
    let manifest = scratch.read("k8s/chat.yaml");
    let hostile = HOSTILE.replace('\'', "''");
    let annotated = manifest.replacen(
        "metadata:\n",
        &format!("metadata:\n  labels: {{ note: '{hostile}' }}\n"),
        1,
    );
    scratch.write(
        "k8s/<b>&amp;<script>.yaml",
        &annotated.replace("chat.example.com", "'<i>x</i>.example.com'"),
    );
    std::fs::remove_file(scratch.path("k8s/chat.yaml")).unwrap();
    for arguments in
        [&["lint", "k8s", "--format", "html"][..], &["graph", "k8s", "--format", "svg"][..]]
    {
        let run = scratch.run(arguments);
        assert!(run.status < 2, "{}", run.err);
        assert!(run.out.contains("&#60;i&#62;x"), "{}", run.out);
        let file = if arguments[0] == "lint" { "page.html" } else { "picture.svg" };
        scratch.write(file, &run.out);
        let page = &seen(&scratch, file, &[(1280, "light")])[0];
        let elements = page["elements"].to_string();
        for markup in ["\"script\"", "\"img\"", "\"i\"", "\"b\""] {
            assert!(!elements.contains(markup), "{markup} in {elements}");
        }
        assert_eq!(page["errors"], json!([]), "{page}");
        assert_ne!(page["title"], "taken");
    }
}

#[test]
fn pictures_of_every_example_can_be_read() {
    let scratch = broken();
    let run = scratch.ok(&["graph", "k8s", "--format", "svg", "--replicas", "3"]);
    scratch.write("broken.svg", &run.out);
    let mut every = scratch.command(&["graph", "--format", "svg"]);
    scratch.write("every.svg", &succeed(every.current_dir(root())));
    for file in ["broken.svg", "every.svg"] {
        let views = [(1280, "light"), (1280, "dark")];
        for ((_, scheme), page) in views.into_iter().zip(seen(&scratch, file, &views)) {
            for empty in ["wide", "cut", "errors"] {
                assert_eq!(page[empty], json!([]), "{empty} in {file}, {scheme}");
            }
            let [ink, ground] = ["drawn", "box"].map(|key| page[key].as_str().unwrap());
            assert!(contrast(ink, ground) >= 4.5, "{file}, {scheme}: {ink} on {ground}");
            assert_eq!(brightness(ground) < 0.5, scheme == "dark", "{file}, {scheme}");
        }
    }
}

/// The lines of a ladder, without their spaces: apps write `24h`, files `24 h`.
fn ladder(drawn: &str) -> Vec<String> {
    let rungs = drawn.lines().filter(|line| line.contains("  <  ") || line.contains("  ≤  "));
    rungs.map(|line| line.replace(' ', "")).collect()
}

#[test]
fn the_picture_of_an_app_and_that_of_its_files_have_one_ladder() {
    let scratch = Scratch::new();
    let drawn = |of: &str| {
        let mut graph = scratch.command(&["graph", of]);
        succeed(graph.current_dir(root()))
    };
    let apps: Vec<String> = std::fs::read_dir(root().join("examples"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| root().join("out").join(name).is_dir())
        .collect();
    assert!(apps.len() > 3, "{apps:?}");
    for app in apps {
        let planned = drawn(&format!("examples/{app}/app.toml"));
        let read = drawn(&format!("out/{app}"));
        assert!(!read.contains('✗') && !read.contains(": broken"), "{read}");
        let (planned, read) = (ladder(&planned), ladder(&read));
        assert!(read.len() > 1, "{app}: {read:?}");
        // The timeout of an app is how long its sessions are to last: that is one number there. Behind a gateway the
        // files tell of its pods, and the description of the app's.
        let gateway = root().join("out").join(&app).join("nginx-deployment.yaml").is_file();
        let is_both = |rung: &&String| {
            let is_drain = gateway && rung.contains("thedrain");
            !is_drain && !rung.contains("howlongasessionistolast")
        };
        for rung in read.iter().filter(is_both) {
            assert!(planned.contains(rung), "{app}: {rung} is not in {planned:?}");
        }
    }
}
