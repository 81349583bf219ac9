//! Links among the files: one to a file is that file, one to a directory is not followed, and none is passed over in
//! silence.

use std::fs;
use std::os::unix::fs::symlink;

use crate::tools::{MINIMAL, Run, Scratch};

/// A manifest with one fault.
fn faulty() -> String {
    let scratch = Scratch::with_app(MINIMAL);
    scratch.ok(&["render", "-o", "k8s"]);
    scratch.read("k8s/service.yaml").replace("backend-config", "backendconfig")
}

/// A directory `k8s` with a link in it, beside the files that are given.
fn linked(link: &str, to: &str, files: &[&str]) -> Scratch {
    let scratch = Scratch::new();
    for file in files {
        scratch.write(file, &faulty());
    }
    fs::create_dir_all(scratch.path(link).parent().unwrap()).unwrap();
    symlink(to, scratch.path(link)).unwrap();
    scratch
}

#[track_caller]
fn has(run: &Run, status: i32, text: &str) {
    assert_eq!(run.status, status, "{}{}", run.out, run.err);
    assert!(run.out.contains(text) || run.err.contains(text), "{text}:\n{}{}", run.out, run.err);
}

#[test]
fn a_link_to_a_file_is_that_file() {
    let scratch = linked("k8s/service.yaml", "../shared/service.yaml", &["shared/service.yaml"]);
    let run = scratch.run(&["lint", "k8s", "--format", "concise"]);
    has(&run, 1, "k8s/service.yaml:");
}

/// As the kubelet lays them out: the files lead through a link to a directory whose name begins with a dot.
#[test]
fn a_mounted_config_map_is_read() {
    let scratch =
        linked("k8s/service.yaml", "..data/service.yaml", &["k8s/..2026_01/service.yaml"]);
    symlink("..2026_01", scratch.path("k8s/..data")).unwrap();
    let run = scratch.run(&["lint", "k8s", "--format", "concise"]);
    has(&run, 1, "k8s/service.yaml:");
    assert_eq!(run.out.matches(".yaml:").count(), 1, "{}", run.out);
    assert!(!format!("{}{}", run.out, run.err).contains("not followed"), "{}", run.out);
}

#[test]
fn a_file_is_read_once_under_its_own_name() {
    let scratch = linked("k8s/a.yaml", "b/service.yaml", &["k8s/b/service.yaml"]);
    symlink("b", scratch.path("k8s/c")).unwrap();
    symlink("..", scratch.path("k8s/up")).unwrap();
    let run = scratch.run(&["lint", "k8s", "--format", "concise"]);
    has(&run, 1, "k8s/b/service.yaml:");
    assert!(!run.out.contains("a.yaml") && !run.out.contains("not followed"), "{}", run.out);
    has(
        &scratch.run(&["lint", "k8s", "--show-files"]),
        0,
        "k8s/a.yaml\tlink to k8s/b/service.yaml, not checked twice\n",
    );
    // Of two links to a file elsewhere the first counts.
    scratch.write("elsewhere.yaml", &faulty());
    for name in ["k8s/one.yaml", "k8s/two.yaml"] {
        symlink("../elsewhere.yaml", scratch.path(name)).unwrap();
    }
    let run = scratch.run(&["lint", "k8s", "--format", "concise"]);
    assert!(run.out.contains("k8s/one.yaml:") && !run.out.contains("two.yaml"), "{}", run.out);
}

#[test]
fn a_link_to_a_directory_is_not_followed_and_told_of() {
    let scratch = linked("k8s/shared", "../elsewhere", &["elsewhere/service.yaml"]);
    let told = "`k8s/shared` is a link to a directory, which is not followed";
    has(&scratch.run(&["lint", "k8s"]), 2, told);
    scratch.write("k8s/other.yaml", "kind: ConfigMap\n");
    for arguments in [&["lint", "k8s"][..], &["lint", "k8s", "--show-files"], &["trace", "k8s"]] {
        let run = scratch.run(arguments);
        assert!(format!("{}{}", run.out, run.err).contains(told), "{arguments:?}: {}", run.err);
    }
    has(&scratch.run(&["lint", "k8s"]), 0, "link-skipped");
    has(&scratch.run(&["lint", "k8s", "k8s/shared"]), 1, "k8s/shared/service.yaml");
    scratch.write(".gitignore", "k8s/shared\n");
    let run = scratch.run(&["lint", "k8s"]);
    assert!(!format!("{}{}", run.out, run.err).contains("not followed"), "{}", run.err);
}

#[test]
fn a_link_that_leads_nowhere_is_an_error() {
    for (to, name) in [("nowhere", "a.yaml"), ("a.yaml", "a.yaml")] {
        let link = format!("k8s/{name}");
        let scratch = linked(&link, to, &["k8s/good.yaml"]);
        let run = scratch.run(&["lint", "k8s", "--format", "concise"]);
        has(&run, 2, "cannot read `k8s/a.yaml`: ");
        assert!(run.out.contains("k8s/good.yaml:"), "the others are judged: {}", run.out);
    }
    let scratch = linked("k8s/README", "nowhere", &["k8s/good.yaml"]);
    assert_eq!(scratch.run(&["lint", "k8s"]).status, 1);
}

/// What was passed over was taken for missing, and added once more.
#[test]
fn diff_finds_the_objects_of_links() {
    let scratch = Scratch::with_app(MINIMAL);
    scratch.ok(&["render", "-o", "k8s"]);
    fs::remove_file(scratch.path("k8s/kustomization.yaml")).unwrap();
    let names = scratch.list("k8s");
    fs::create_dir(scratch.path("shared")).unwrap();
    fs::rename(scratch.path("k8s/service.yaml"), scratch.path("shared/service.yaml")).unwrap();
    symlink("../shared/service.yaml", scratch.path("k8s/service.yaml")).unwrap();
    fs::create_dir(scratch.path("more")).unwrap();
    symlink("../more", scratch.path("k8s/more")).unwrap();
    let told = "`k8s/more` is a link to a directory, which is not followed";
    let run = scratch.run(&["diff", "--against", "k8s"]);
    has(&run, 0, told);
    assert_eq!(run.err.matches(told).count(), 1, "{}", run.err);
    let whole = scratch.read("shared/service.yaml");
    let edited = whole.replace("backend-config", "backendconfig");
    scratch.write("shared/service.yaml", &edited);
    has(&scratch.run(&["diff", "--against", "k8s", "--write"]), 0, told);
    assert!(scratch.read("shared/service.yaml").contains("backend-config"));
    assert!(scratch.path("k8s/service.yaml").is_symlink());
    let after: Vec<String> =
        scratch.list("k8s").into_iter().filter(|name| !name.starts_with("more")).collect();
    assert_eq!(after, names);
}

/// What is above a link is not what the words say, and that file is edited that was read.
#[test]
fn a_way_up_from_a_link_leads_to_one_file() {
    let scratch = Scratch::with_app(MINIMAL);
    scratch.ok(&["render", "-o", "k8s"]);
    fs::remove_file(scratch.path("k8s/kustomization.yaml")).unwrap();
    fs::create_dir(scratch.path("k8s/sub")).unwrap();
    symlink("k8s/sub", scratch.path("link")).unwrap();
    let edited = scratch.read("k8s/service.yaml").replace("port: 80", "port: 81");
    assert_ne!(edited, scratch.read("k8s/service.yaml"));
    let workspace = "apps = [\"app.toml\"]\n[environment.prod]\nout = \"out\"\nagainst = ";
    for (option, against) in [
        (&["--against", "link/.."][..], ""),
        (&["--against", "link/../service.yaml", "--against", "k8s"], ""),
        (&[], "link/.."),
        (&[], "link/../../k8s"),
    ] {
        scratch.write("sioway.toml", &format!("{workspace}\"{against}\"\n"));
        scratch.write("k8s/service.yaml", &edited);
        scratch.write("service.yaml", &edited);
        let arguments = [&["diff", "--write"], option].concat();
        assert_eq!(scratch.run(&arguments).status, 0, "{arguments:?}");
        assert!(scratch.read("k8s/service.yaml").contains("port: 80\n"), "{arguments:?}");
        assert_eq!(scratch.read("service.yaml"), edited, "{arguments:?}");
    }
}
