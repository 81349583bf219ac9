//! Workspaces: found upwards, with environments, and with apps that do not get in each other's way.

use std::process::Command;

use crate::tools::{MINIMAL, Scratch, both, root};

#[test]
fn out_is_what_the_examples_render_to() {
    let mut check = Command::new(env!("CARGO_BIN_EXE_sioway"));
    let output = check.args(["render", "--check", "--prune"]).current_dir(root()).output().unwrap();
    assert!(output.status.success(), "run `cargo run -- render --prune`\n{}", both(&output));
}

fn two_environments() -> Scratch {
    let scratch = Scratch::new();
    scratch.write(
        "sioway.toml",
        "apps = [\"apps/*/app.toml\"]\n\
         [environment.staging]\nprofile = \"profiles/staging.toml\"\nout = \"clusters/staging/{namespace}/{name}\"\n\
         [environment.production]\nout = \"clusters/production/{namespace}/{name}\"\n",
    );
    scratch.write(
        "profiles/staging.toml",
        "extends = \"gke\"\nnamespace = \"stage\"\n[session]\nmax-age = \"1h\"\n",
    );
    scratch
        .write("apps/chat/app.toml", "name = \"chat\"\nhost = \"chat.example.com\"\nport = 3000\n");
    scratch
}

#[test]
fn lint_judges_each_environment_by_what_is_asked_for_there() {
    let scratch = two_environments();
    let profile = scratch.read("profiles/staging.toml").replace("namespace = \"stage\"\n", "");
    scratch.write("profiles/staging.toml", &profile);
    scratch.ok(&["render"]);
    assert_eq!(scratch.ok(&["lint", "."]).out, "");
    let staging = scratch.path("clusters/staging");
    let mut lint = scratch.command(&["lint"]);
    assert!(lint.current_dir(staging).status().unwrap().success());
    let file = "clusters/production/default/chat/backendconfig.yaml";
    let shorter = scratch.read(file).replace("timeoutSec: 86400", "timeoutSec: 3600");
    scratch.write(file, &shorter);
    let run = scratch.run(&["lint", ".", "--format", "concise"]);
    assert!(run.status == 1 && run.out.starts_with(file), "a day is asked for here: {}", run.out);
    assert_eq!(run.out.lines().count(), 1, "{}", run.out);
}

#[test]
fn what_is_wrong_in_every_environment_is_told_once() {
    let scratch = two_environments();
    let app = scratch.read("apps/chat/app.toml") + "[session]\nmax-age = \"48h\"\n";
    scratch.write("apps/chat/app.toml", &app);
    let run = scratch.run(&["render"]);
    assert_eq!(run.status, 2);
    assert_eq!(run.err.matches("error[").count(), 1, "{}", run.err);
}

#[test]
fn who_chose_the_profile_is_told() {
    let scratch = two_environments();
    scratch.write("profiles/staging.toml", "extends = \"gke-internal\"\n");
    let app = scratch.read("apps/chat/app.toml") + "[ingress.tls]\nmanaged-certificate = true\n";
    scratch.write("apps/chat/app.toml", &app);
    let run = scratch.run(&["render", "--check"]);
    let note = "`profile` is `profiles/staging.toml`, by sioway.toml, environment staging: chooses";
    assert!(run.err.contains(note), "{}", run.err);
}

#[test]
fn environments_have_profiles_and_directories() {
    let scratch = two_environments();
    scratch.ok(&["render"]);
    assert!(
        scratch.read("clusters/staging/stage/chat/backendconfig.yaml").contains("timeoutSec: 3600")
    );
    assert!(
        scratch
            .read("clusters/production/default/chat/backendconfig.yaml")
            .contains("timeoutSec: 86400")
    );
    std::fs::remove_dir_all(scratch.path("clusters")).unwrap();
    scratch.ok(&["render", "--env", "staging"]);
    assert_eq!(scratch.list("clusters"), ["staging"]);
    let run = scratch.run(&["render", "--env", "stagin"]);
    assert_eq!(run.status, 2);
    assert!(run.err.contains("there are production, staging"), "{}", run.err);
    assert_eq!(scratch.run(&["render", "-o", "x"]).status, 2, "one directory, two environments");
}

#[test]
fn a_workspace_is_found_from_below_and_paths_are_shown_from_there() {
    let scratch = two_environments();
    scratch.write("apps/bad/app.toml", "name = \"bad\"\n");
    let mut command = scratch.command(&["render", "bad", "--env", "production"]);
    let output = command.current_dir(scratch.path("apps/chat")).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let mut command = scratch.command(&["render", "-v", "chat", "--env", "production"]);
    let output = command.current_dir(scratch.path("apps/chat")).output().unwrap();
    assert!(
        both(&output).contains("add ../../clusters/production/default/chat/service.yaml"),
        "{}",
        both(&output)
    );
    let header = scratch.read("clusters/production/default/chat/service.yaml");
    assert!(
        header.starts_with("# Rendered by sioway from apps/chat/app.toml."),
        "the same wherever one stands"
    );
}

#[test]
fn one_broken_app_does_not_stop_the_others() {
    let scratch = two_environments();
    scratch.write("apps/bad/app.toml", "name = \"bad\"\nhost = 3\n");
    let run = scratch.run(&["render"]);
    assert_eq!(run.status, 2);
    assert!(run.err.contains("apps/bad/app.toml:2:8"), "{}", run.err);
    assert!(scratch.path("clusters/production/default/chat/service.yaml").exists());
}

#[test]
fn two_apps_that_claim_the_same_are_both_refused() {
    let scratch = Scratch::new();
    scratch.write("sioway.toml", "apps = [\"*/app.toml\"]\n");
    let app = |name: &str, more: &str| {
        format!("name = \"{name}\"\nhost = \"{name}.example.com\"\nport = 1\n{more}")
    };
    scratch.write("a/app.toml", &app("a", ""));
    scratch.write("b/app.toml", &app("b", "[names]\nservice = \"a\"\n"));
    scratch.write("c/app.toml", &app("c", ""));
    let run = scratch.run(&["render"]);
    assert_eq!(run.status, 2);
    assert_eq!(run.err.matches("error[same-object]").count(), 2, "{}", run.err);
    assert!(
        run.err.contains("b/app.toml defines the same object, Service `a` in namespace `default`"),
        "{}",
        run.err
    );
    assert!(run.err.contains("a/app.toml defines the same object"), "{}", run.err);
    assert_eq!(scratch.list("out"), ["c"], "refused before anything of theirs is written");

    scratch.write("b/app.toml", &app("a", "namespace = \"other\"\n"));
    let run = scratch.run(&["render"]);
    assert_eq!(run.err.matches("error[same-directory]").count(), 2, "{}", run.err);
}

#[test]
fn the_same_object_in_two_environments_is_no_clash() {
    two_environments().ok(&["render"]);
}

#[test]
fn an_empty_render_is_an_error() {
    let scratch = Scratch::new();
    let run = scratch.run(&["render"]);
    assert_eq!(run.status, 2);
    assert!(
        run.err.contains("there is no app.toml here, and no sioway.toml here or above"),
        "{}",
        run.err
    );
    scratch.write("sioway.toml", "apps = [\"apps/*/app.toml\"]\n");
    let run = scratch.run(&["render"]);
    assert_eq!(run.status, 2);
    assert!(run.err.contains("error[no-apps]: the workspace has no apps"), "{}", run.err);
}

#[test]
fn profiles_chain_loop_and_go_missing() {
    let scratch = two_environments();
    scratch.write("profiles/a.toml", "extends = \"b\"\n");
    scratch.write("profiles/b.toml", "extends = \"a\"\n");
    let run = scratch.run(&["render", "--profile", "a", "--env", "production"]);
    assert_eq!(run.status, 2);
    assert!(run.err.contains("profiles/a.toml → profiles/b.toml → profiles/a.toml"), "{}", run.err);
    assert!(run.err.contains("profiles/b.toml:1:11"), "{}", run.err);
    let run = scratch.run(&["render", "--profile", "gkee", "--env", "production"]);
    assert!(run.err.contains("did you mean \"gke\"?"), "{}", run.err);
    scratch.write("profiles/lost.toml", "extends = \"./gone.toml\"\n");
    let run = scratch.run(&["render", "--profile", "lost", "--env", "production"]);
    assert_eq!(run.status, 2);
    assert!(run.err.contains("gone.toml"), "{}", run.err);
    scratch.write("profiles/rootless.toml", "namespace = \"x\"\n");
    let run = scratch.run(&["render", "--profile", "rootless", "--env", "production"]);
    assert!(run.err.contains("add `extends = \"gke\"`"), "{}", run.err);
    scratch.ok(&["render", "--profile", "staging", "--env", "production"]);
}

#[test]
fn an_app_of_another_platform_is_not_moved_by_an_environment() {
    let scratch = two_environments();
    scratch.write(
        "apps/chat/app.toml",
        "name = \"chat\"\nhost = \"c.example.com\"\nport = 1\nprofile = \"gke-internal\"\n",
    );
    let run = scratch.run(&["render", "--env", "staging"]);
    assert_eq!(run.status, 2);
    assert!(
        run.err.contains("error[profiles-differ]") && run.err.contains("apps/chat/app.toml:4:11"),
        "{}",
        run.err
    );
    scratch.write("profiles/staging.toml", "extends = \"gke-internal\"\n");
    scratch.ok(&["render", "--env", "staging"]);
}

#[test]
fn comments_and_layouts_are_the_workspaces_to_choose() {
    let scratch = Scratch::new();
    scratch.write("chat/app.toml", "name = \"chat\"\nhost = \"chat.example.com\"\nport = 3000\n");
    scratch.write("sioway.toml", "apps = [\"*/app.toml\"]\ncomments = false\n");
    scratch.ok(&["render"]);
    for name in ["service.yaml", "backendconfig.yaml", "nginx-configmap.yaml"] {
        let text = scratch.read(&format!("out/chat/{name}"));
        let comments: Vec<&str> = text
            .lines()
            .filter(|line| line.trim_start().starts_with('#'))
            // What speaks to sioway itself stays.
            .filter(|line| !line.trim_start().starts_with("# sioway:"))
            .collect();
        assert_eq!(
            comments,
            ["# Rendered by sioway from chat/app.toml. Change that file, then run: sioway render"]
        );
    }
    scratch.write("sioway.toml", "apps = [\"*/app.toml\"]\nlayout = \"one-file\"\n");
    scratch.ok(&["render", "--prune"]);
    assert_eq!(scratch.list("out/chat"), [".sioway.lock", "manifests.yaml"]);
    assert_eq!(scratch.read("out/chat/manifests.yaml"), scratch.ok(&["render", "-o", "-"]).out);
    scratch.write("sioway.toml", "apps = [\"*/app.toml\"]\nlayout = \"kustomize\"\n");
    scratch.ok(&["render", "--prune"]);
    let files = [
        ".sioway.lock",
        "backendconfig.yaml",
        "ingress.yaml",
        "kustomization.yaml",
        "nginx.conf",
        "service.yaml",
    ];
    assert_eq!(scratch.list("out/chat"), files);
}

#[test]
fn apps_are_found_by_name_path_and_directory() {
    let scratch = two_environments();
    for app in ["chat", "apps/chat/app.toml", "apps/chat"] {
        scratch.ok(&["render", app, "--env", "staging"]);
    }
    scratch.write(
        "apps/oddly-placed/app.toml",
        "name = \"odd\"\nhost = \"o.example.com\"\nport = 1\n",
    );
    scratch.ok(&["render", "odd", "--env", "staging"]);
    assert!(scratch.path("clusters/staging/stage/odd").exists());
    let run = scratch.run(&["render", "chatt"]);
    assert_eq!(run.status, 2);
    assert!(run.err.contains("there is no app `chatt`"), "{}", run.err);
}

#[test]
fn the_directory_of_an_app_that_is_gone_is_told_and_pruned() {
    let scratch = two_environments();
    scratch.ok(&["render"]);
    let app = scratch.read("apps/chat/app.toml");
    scratch.write("apps/chat/app.toml", &app.replace("\"chat\"", "\"talk\""));
    let stale = "clusters/staging/stage/chat";
    let run = scratch.ok(&["render"]);
    assert!(run.err.contains(stale), "{}", run.err);
    assert_eq!(scratch.run(&["render", "--check", "--prune"]).status, 1);
    assert!(scratch.path(stale).is_dir(), "a check removes nothing");
    scratch.write("clusters/staging/stage/chat/mine.yaml", "a: 1\n");
    scratch.ok(&["render", "--prune"]);
    assert_eq!(scratch.list(stale), ["mine.yaml"], "what is not ours stays");
    assert_eq!(scratch.list("clusters/production/default"), ["talk"]);
}

#[test]
fn nothing_is_stale_while_an_app_is_broken() {
    let scratch = two_environments();
    scratch.ok(&["render"]);
    scratch.write("apps/chat/app.toml", "name = \"chat\"\n");
    let run = scratch.run(&["render", "--prune"]);
    assert_eq!(run.status, 2);
    assert!(scratch.path("clusters/staging/stage/chat/service.yaml").is_file());
}

#[test]
fn one_app_is_compared_without_the_files_of_others() {
    let scratch = Scratch::new();
    scratch.write("sioway.toml", "apps = [\"apps/*/app.toml\"]\n");
    for app in ["chat", "live", "news"] {
        let text = format!("name = \"{app}\"\nhost = \"{app}.example.com\"\nport = 3000\n");
        scratch.write(&format!("apps/{app}/app.toml"), &text);
    }
    scratch.ok(&["render"]);
    // Whoever read one of these would say so.
    for app in ["live", "news"] {
        scratch.write(&format!("apps/{app}/app.toml"), "name = [[[\n");
        std::fs::write(scratch.path(&format!("out/{app}/service.yaml")), b"\xff\xfe").unwrap();
        scratch.write(&format!("out/{app}/ingress.yaml"), "a: [b\n");
    }
    let run = scratch.ok(&["diff", "chat"]);
    assert_eq!((run.out.as_str(), run.err.as_str()), ("", ""));
    let config = scratch.read("out/chat/backendconfig.yaml").replace("86400", "30");
    scratch.write("out/chat/backendconfig.yaml", &config);
    let run = scratch.run(&["diff", "chat"]);
    assert_eq!((run.status, run.err.as_str()), (1, ""), "{}", run.out);
    assert_eq!(scratch.run(&["diff"]).status, 2, "the others are as broken as they look");
}

#[test]
fn hand_written_manifests_of_an_environment_lie_where_it_says() {
    let scratch = Scratch::new();
    scratch.write(
        "sioway.toml",
        "apps = [\"apps/*/app.toml\"]\n[environment.live]\nout = \"out/{name}\"\nagainst = \"k8s/{namespace}/{name}\"\n",
    );
    for app in ["chat", "news"] {
        let text = format!("name = \"{app}\"\nhost = \"{app}.example.com\"\nport = 3000\n");
        scratch.write(&format!("apps/{app}/app.toml"), &text);
        scratch.ok(&["render", app, "-o", &format!("k8s/default/{app}")]);
    }
    scratch.ok(&["diff"]);
    scratch.write("k8s/default/news/service.yaml", "a: [b\n");
    assert_eq!(scratch.ok(&["diff", "chat"]).err, "");
    std::fs::remove_file(scratch.path("k8s/default/chat/service.yaml")).unwrap();
    assert!(scratch.run(&["diff", "chat"]).err.contains("kustomization.yaml:7:5"));
    let listed = scratch.read("k8s/default/chat/kustomization.yaml");
    let others = listed.replace("  - service.yaml\n", "");
    scratch.write("k8s/default/chat/kustomization.yaml", &others);
    let run = scratch.run(&["diff", "chat"]);
    assert!(run.out.contains("+ Service default/chat, which is not there"), "{}", run.out);
}

#[test]
fn a_rendered_file_names_its_description_alike_however_that_was_asked_for() {
    let scratch = Scratch::new();
    scratch.write("sioway.toml", "apps = [\"apps/*/app.toml\"]\n");
    scratch.write("apps/chat/app.toml", MINIMAL);
    std::fs::create_dir(scratch.path("apps/news")).unwrap();
    let wanted = scratch.ok(&["render", "-o", "-", "chat"]).out;
    assert!(wanted.contains("# Rendered by sioway from apps/chat/app.toml."), "{wanted}");
    let asked = [
        (".", "./apps/chat/app.toml"),
        (".", "apps/./chat"),
        ("apps/chat", "./app.toml"),
        ("apps/chat", "."),
        ("apps/news", "../chat/app.toml"),
        ("apps/news", "../../apps/chat"),
    ];
    for (directory, app) in asked {
        let mut command = scratch.command(&["render", "-o", "-", app]);
        let output = command.current_dir(scratch.path(directory)).output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), wanted, "{app} from {directory}");
    }
}
