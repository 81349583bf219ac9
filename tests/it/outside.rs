//! Whatever a git repository says or links to, nothing outside of it is read, shown or changed.

use std::fs;
use std::os::unix::fs::symlink;

use crate::hostile::faulty;
use crate::tools::{MINIMAL, Scratch};

/// A git repository, and beside it a file that is nobody's business.
fn repository() -> Scratch {
    let scratch = Scratch::new();
    scratch.write("private", "token hunter2 ]\n");
    scratch.write("private.yaml", &format!("{}token: [hunter2\n", faulty()));
    scratch.write("private.toml", "token hunter2 ]\n");
    fs::create_dir_all(scratch.path("repo/.git")).unwrap();
    scratch.write("repo/app.toml", MINIMAL);
    scratch
}

/// Runs in the repository. What lies outside of it is neither told nor changed.
#[track_caller]
fn keeps_private(scratch: &Scratch, arguments: &[&str]) {
    let names = ["private", "private.yaml", "private.toml"];
    let before = names.map(|name| scratch.read(name));
    let output = scratch.command(arguments).current_dir(scratch.path("repo")).output().unwrap();
    let told = crate::tools::both(&output);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {told}");
    assert!(told.contains("leads out of the repository"), "{arguments:?}: {told}");
    assert!(!told.contains("hunter2"), "{arguments:?}: {told}");
    assert!(names.map(|name| scratch.read(name)) == before, "{arguments:?}: {told}");
}

#[test]
fn what_a_repository_says_leads_to_nothing_outside() {
    let profile = |path: &str| format!("{MINIMAL}profile = \"{path}\"\n");
    for (name, text) in [
        ("app.toml", profile("../private.toml")),
        ("app.toml", profile("./own.toml")),
        ("app.toml", profile("./link.toml")),
        ("app.toml", profile("there/private.toml")),
        ("sioway.toml", "apps = [\"there/private.toml\"]\n".to_owned()),
        ("sioway.toml", "apps = [\"link.toml\"]\n".to_owned()),
        ("app.toml", profile("deep/../private.toml")),
        ("sioway.toml", "apps = [\"app.toml\"]\ntemplates = \"own\"\n".to_owned()),
        ("sioway.toml", "apps = [\"app.toml\"]\ntemplates = \"../templates\"\n".to_owned()),
        ("sioway.toml", "apps = [\"app.toml\"]\ntemplates = \"deep/../templates\"\n".to_owned()),
    ] {
        let scratch = repository();
        scratch.write("repo/own.toml", "extends = \"../private.toml\"\n");
        symlink("../private.toml", scratch.path("repo/link.toml")).unwrap();
        symlink("..", scratch.path("repo/there")).unwrap();
        scratch.write("templates/service.yaml.j2", "token: hunter2\n");
        deep(&scratch);
        fs::create_dir(scratch.path("repo/own")).unwrap();
        symlink("../../private", scratch.path("repo/own/service.yaml.j2")).unwrap();
        scratch.write(&format!("repo/{name}"), &text);
        keeps_private(&scratch, &["render"]);
    }
    let scratch = repository();
    symlink("../private.toml", scratch.path("repo/sioway.toml")).unwrap();
    keeps_private(&scratch, &["render"]);
}

/// A link whose parent is the directory above the repository, and not the repository.
fn deep(scratch: &Scratch) {
    fs::create_dir(scratch.path("below")).unwrap();
    symlink("../below", scratch.path("repo/deep")).unwrap();
}

/// `against` of an environment is read and edited, and `sioway.toml` is no word of whoever runs sioway.
#[test]
fn against_of_an_environment_leads_to_nothing_outside() {
    let directory = |scratch: &Scratch| scratch.path("elsewhere").display().to_string();
    for against in
        ["../elsewhere", "there/elsewhere", "deep/../elsewhere", "deep/../private.yaml", "/"]
    {
        let scratch = repository();
        scratch.write(
            "elsewhere/service.yaml",
            &scratch.read("private.yaml").replace("token: [hunter2", ""),
        );
        symlink("..", scratch.path("repo/there")).unwrap();
        deep(&scratch);
        let against = if against == "/" { directory(&scratch) } else { against.to_owned() };
        let before = scratch.read("elsewhere/service.yaml");
        // One app has it for its own, and several share it.
        for apps in ["\"app.toml\"", "\"app.toml\", \"other/app.toml\""] {
            scratch.write("repo/other/app.toml", &MINIMAL.replace("\"chat\"", "\"other\""));
            let text = format!(
                "apps = [{apps}]\n[environment.prod]\nout = \"out/{{name}}\"\nagainst = \"{against}\"\n"
            );
            scratch.write("repo/sioway.toml", &text);
            keeps_private(&scratch, &["diff"]);
            keeps_private(&scratch, &["diff", "--write"]);
            keeps_private(&scratch, &["doctor", "chat", "--print-commands"]);
            assert_eq!(scratch.read("elsewhere/service.yaml"), before);
        }
        // Who names it in the call means it.
        let mut call = scratch.command(&["diff", "--against", "../elsewhere"]);
        let output = call.current_dir(scratch.path("repo")).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", crate::tools::both(&output));
    }
}

/// What is rendered is edited by `diff --write`, and may have become a link.
#[test]
fn the_output_leads_diff_to_nothing_outside() {
    let scratch = repository();
    scratch.write("elsewhere/service.yaml", &scratch.read("private.yaml"));
    fs::create_dir(scratch.path("repo/out")).unwrap();
    symlink("../../elsewhere", scratch.path("repo/out/chat")).unwrap();
    keeps_private(&scratch, &["diff", "--write"]);
}

#[test]
fn a_kustomization_leads_to_nothing_outside() {
    for list in [
        "resources: [../../private.yaml]",
        "resources: [link.yaml]",
        "resources: [there/private.yaml]",
        "resources: [../../elsewhere]",
        "patches: [{path: ../../private.yaml}]",
        "configMapGenerator: [{name: n, files: [../../private]}]",
    ] {
        let scratch = repository();
        scratch.write("elsewhere/kustomization.yaml", "resources: [../private.yaml]\n");
        scratch.write("repo/k8s/kustomization.yaml", &format!("{list}\n"));
        symlink("../../private.yaml", scratch.path("repo/k8s/link.yaml")).unwrap();
        symlink("../..", scratch.path("repo/k8s/there")).unwrap();
        keeps_private(&scratch, &["diff", "--against", "k8s", "--write"]);
    }
}

#[test]
fn a_link_among_manifests_leads_to_nothing_outside() {
    for to in ["../../private.yaml", "there/private.yaml"] {
        let scratch = repository();
        fs::create_dir(scratch.path("repo/k8s")).unwrap();
        symlink("../..", scratch.path("repo/k8s/there")).unwrap();
        symlink(to, scratch.path("repo/k8s/link.yaml")).unwrap();
        let commands: [&[&str]; 4] = [
            &["lint", "k8s"],
            &["lint", "--fix", "--unsafe-fixes"],
            &["diff", "--against", "k8s", "--write"],
            &["trace", "k8s"],
        ];
        for arguments in commands {
            keeps_private(&scratch, arguments);
        }
    }
}

/// Links that lie where reports, repairs and new files are to be written.
#[test]
fn nothing_is_written_through_a_link_that_leads_outside() {
    let scratch = repository();
    let app = Scratch::with_app(MINIMAL).ok(&["render", "-o", "-"]).out;
    scratch.write("private.yaml", &app.replace("timeoutSec: ", "timeoutsec: "));
    let run = scratch.command(&["render", "-o", "k8s"]).current_dir(scratch.path("repo")).output();
    assert!(run.unwrap().status.success());
    symlink("../private", scratch.path("repo/report")).unwrap();
    symlink("..", scratch.path("repo/reports")).unwrap();
    symlink("../private.yaml", scratch.path("repo/link.yaml")).unwrap();
    deep(&scratch);
    for arguments in [
        &["lint", "k8s", "--output", "json:report"][..],
        &["lint", "k8s", "--output", "json:reports/new.json"],
        &["lint", "k8s", "--baseline", "reports/private", "--update-baseline"],
        &["diff", "--against", "k8s", "--output", "html:reports/private"],
        &["lint", "link.yaml", "--fix", "--unsafe-fixes"],
        &["templates", "eject", "reports/new"],
        &["templates", "eject", "deep/../new"],
        &["lint", "k8s", "--output", "json:deep/../private"],
        &["lint", "k8s", "--baseline", "deep/../new.json", "--update-baseline"],
    ] {
        keeps_private(&scratch, arguments);
    }
    assert_eq!(scratch.list(""), ["below", "private", "private.toml", "private.yaml", "repo"]);
    fs::remove_file(scratch.path("repo/app.toml")).unwrap();
    scratch.write("repo/sioway.toml", "apps = [\"reports/*/app.toml\"]\n");
    keeps_private(&scratch, &["init", "chat"]);
}

/// What a pattern of the workspace finds is no word of whoever runs sioway, even where nothing is wrong with it.
#[test]
fn a_description_that_is_a_link_leads_to_nothing_outside() {
    for (link, to) in [
        ("repo/apps/chat", "../../elsewhere"),
        ("repo/apps/chat/app.toml", "../../../elsewhere/app.toml"),
        // It may have a repository of its own.
        ("repo/apps/chat", "../../another"),
    ] {
        let scratch = repository();
        let text = MINIMAL.replace("chat.example.com", "hunter2.example.com");
        scratch.write("elsewhere/app.toml", &text);
        scratch.write("another/app.toml", &text);
        fs::create_dir(scratch.path("another/.git")).unwrap();
        scratch.write("repo/sioway.toml", "apps = [\"apps/*/app.toml\"]\n");
        scratch.write("repo/other/service.yaml", &faulty());
        let link = scratch.path(link);
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        symlink(to, link).unwrap();
        let commands: [&[&str]; 7] = [
            &["render"],
            &["render", "chat", "-o", "-"],
            &["render", "other"],
            &["diff", "chat"],
            &["runbook", "chat"],
            &["trace"],
            &["lint"],
        ];
        for arguments in commands {
            keeps_private(&scratch, arguments);
        }
        // Another app is rendered all the same, and who names the file means it.
        scratch.write("repo/apps/good/app.toml", &MINIMAL.replace("\"chat\"", "\"good\""));
        keeps_private(&scratch, &["render"]);
        assert_eq!(scratch.list("repo/out"), ["good"]);
        let mut call = scratch.command(&["render", "apps/chat/app.toml", "-o", "-"]);
        let output = call.current_dir(scratch.path("repo")).output().unwrap();
        assert!(crate::tools::both(&output).contains("hunter2"));
        assert_eq!(output.status.code(), Some(0));
    }
}

/// A link to another repository leads out as any other does.
#[test]
fn another_repository_is_outside() {
    let scratch = repository();
    scratch.write("another/private.yaml", &scratch.read("private.yaml"));
    fs::create_dir(scratch.path("another/.git")).unwrap();
    symlink("../another", scratch.path("repo/link")).unwrap();
    scratch.write("repo/k8s/service.yaml", &faulty());
    for arguments in [
        &["lint", "k8s", "--output", "json:link/report.json"][..],
        &["lint", "k8s", "--baseline", "link/known.json", "--update-baseline"],
        &["templates", "eject", "link/new"],
    ] {
        keeps_private(&scratch, arguments);
    }
    assert_eq!(scratch.list("another"), [".git", "private.yaml"]);
    // A repository within the own one is within it.
    fs::create_dir_all(scratch.path("repo/part/.git")).unwrap();
    let mut call = scratch.command(&["lint", "k8s", "--output", "json:part/report.json"]);
    let output = call.current_dir(scratch.path("repo")).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", crate::tools::both(&output));
}

/// What is rendered may have become a link, which doctor reads.
#[test]
fn the_output_leads_doctor_to_nothing_outside() {
    let scratch = repository();
    scratch.write("elsewhere/service.yaml", &scratch.read("private.yaml"));
    fs::create_dir(scratch.path("repo/out")).unwrap();
    symlink("../../elsewhere", scratch.path("repo/out/chat")).unwrap();
    keeps_private(&scratch, &["doctor", "chat", "--print-commands"]);
}
