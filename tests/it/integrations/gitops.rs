//! What Argo CD and Flux read: the plugin's commands as Argo CD runs them, and the directories as both build them.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use super::{blocks, page, yaml};
use crate::tools::{MINIMAL, Run, Scratch, both, root, succeed, tool};

fn plugin() -> Value {
    yaml(&std::fs::read_to_string(root().join("integrations/argocd/plugin.yaml")).unwrap())
}

/// A command of the plugin, in a directory of the repository, with the parameters of an application.
///
/// `argoproj/argo-cd:cmpserver/plugin/plugin.go` starts the command with its arguments in that directory; a parameter is
/// `PARAM_` and its name in capitals (`…/plugin/config.go`, `reposerver/…/parameters`).
fn start(command: &Value, directory: &Path, parameters: &[(&str, &str)]) -> Output {
    let words = |key: &str| -> Vec<String> {
        let list = command[key].as_array().unwrap();
        list.iter().map(|word| word.as_str().unwrap().to_owned()).collect()
    };
    let mut line = words("command");
    line.extend(words("args"));
    let sioway = Path::new(env!("CARGO_BIN_EXE_sioway")).parent().unwrap();
    let mut run = Command::new(&line[0]);
    run.args(&line[1..]).current_dir(directory).env_clear();
    run.env("PATH", format!("{}:/usr/bin:/bin", sioway.display()));
    for (name, value) in parameters {
        run.env(format!("PARAM_{}", name.to_uppercase()), value);
    }
    run.output().unwrap()
}

fn is_found(directory: &Path) -> bool {
    let output = start(&plugin()["spec"]["discover"]["find"], directory, &[]);
    assert!(output.status.success(), "{}", both(&output));
    !output.stdout.is_empty()
}

fn generate(scratch: &Scratch, directory: &str, parameters: &[(&str, &str)]) -> Run {
    let output = start(&plugin()["spec"]["generate"], &scratch.path(directory), parameters);
    Run {
        status: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A workspace with two apps and two environments.
fn workspace() -> Scratch {
    let scratch = Scratch::new();
    scratch.write(
        "sioway.toml",
        "apps = [\"apps/*/app.toml\"]\n[environment.staging]\nout = \"staging/{name}\"\n\
        profile = \"profiles/short.toml\"\n[environment.production]\nout = \"production/{name}\"\n",
    );
    scratch.write("profiles/short.toml", "extends = \"gke\"\n[session]\nmax-age = \"1h\"\n");
    scratch.write("apps/chat/app.toml", MINIMAL);
    scratch.write("apps/news/app.toml", &MINIMAL.replace("chat", "news"));
    scratch.write("docs/readme.md", "");
    scratch
}

#[test]
fn the_plugin_has_the_keys_of_argo_cd_and_no_others() {
    let plugin = plugin();
    assert_eq!(
        (&plugin["apiVersion"], &plugin["kind"]),
        (&"argoproj.io/v1alpha1".into(), &"ConfigManagementPlugin".into())
    );
    let keys =
        |value: &Value| -> Vec<String> { value.as_object().unwrap().keys().cloned().collect() };
    // Without a version, an application names it `sioway` alone (operator-manual/config-management-plugins.md).
    assert_eq!(keys(&plugin["spec"]), ["discover", "generate", "parameters"]);
    let page = page("gitops.md");
    for parameter in plugin["spec"]["parameters"]["static"].as_array().unwrap() {
        let name = parameter["name"].as_str().unwrap();
        assert!(page.contains(&format!("`{name}`")), "{name}");
        let script = plugin["spec"]["generate"]["args"][0].as_str().unwrap();
        assert!(script.contains(&format!("$PARAM_{}", name.to_uppercase())), "{name} is not used");
    }
    let example =
        blocks(&page, "yaml").into_iter().find(|block| block.contains("plugin:")).unwrap();
    let example = yaml(&example);
    let used = &example["spec"]["source"]["plugin"];
    assert_eq!(used["name"], plugin["metadata"]["name"]);
    assert_eq!(used["parameters"][0]["name"], plugin["spec"]["parameters"]["static"][0]["name"]);
}

#[test]
fn apps_and_workspaces_are_found_and_nothing_else() {
    let scratch = workspace();
    assert!(is_found(&scratch.path("")) && is_found(&scratch.path("apps/chat")));
    assert!(!is_found(&scratch.path("docs")) && !is_found(&scratch.path("apps")));
}

#[test]
fn an_application_is_what_render_makes_of_it() {
    let scratch = workspace();
    for environment in ["staging", "production"] {
        let run = generate(&scratch, "apps/chat", &[("environment", environment)]);
        let wanted =
            scratch.ok(&["render", "-o", "-", "--env", environment, "apps/chat/app.toml"]).out;
        assert_eq!((run.status, run.out.as_str()), (0, wanted.as_str()), "{}", run.err);
        assert!(!run.out.contains("name: news"), "one path is one app");
        assert!(yaml(&run.out).as_array().unwrap().iter().all(|object| object["kind"].is_string()));
    }
    let staging = generate(&scratch, "apps/chat", &[("environment", "staging")]).out;
    assert!(staging.contains("timeoutSec: 3600"), "{staging}");
    let internal = generate(
        &scratch,
        "apps/chat",
        &[("environment", "production"), ("profile", "gke-internal")],
    )
    .out;
    assert!(internal.contains("gce-internal"), "{internal}");
    let all = generate(&scratch, "", &[("environment", "production")]).out;
    assert!(all.contains("name: chat") && all.contains("name: news"), "{all}");
}

/// Argo CD prunes to what is printed: a part of it would delete the rest.
#[test]
fn nothing_is_printed_where_anything_is_wrong() {
    let scratch = workspace();
    let fails = |directory: &str, parameters: &[(&str, &str)], message: &str| {
        let run = generate(&scratch, directory, parameters);
        assert_eq!((run.status, run.out.as_str()), (2, ""), "{}", run.err);
        assert!(run.err.contains(message), "{message}\n{}", run.err);
    };
    fails("apps/chat", &[], "add `--env` with one of");
    fails("apps/chat", &[("environment", "moon")], "there is no environment `moon`");
    fails("apps/chat", &[("environment", "x; touch y")], "there is no environment `x; touch y`");
    scratch.write("apps/news/app.toml", "name = \"news\"\n");
    fails("", &[("environment", "production")], "`host` is not given");
    std::fs::remove_dir_all(scratch.path("apps")).unwrap();
    fails("", &[("environment", "production")], "the workspace has no apps");
}

/// Argo CD and Flux build a directory with a kustomization.yaml by Kustomize.
#[test]
fn the_directories_that_the_page_names_are_built() {
    let scratch = Scratch::with_app(MINIMAL);
    scratch.ok(&["render"]);
    let page = page("gitops.md");
    let paths: Vec<String> = blocks(&page, "yaml")
        .iter()
        .map(|block| yaml(block))
        .flat_map(|object| {
            [object["spec"]["source"]["path"].clone(), object["spec"]["path"].clone()]
        })
        .filter_map(|path| path.as_str().map(str::to_owned))
        .filter(|path| path.contains("out/"))
        .collect();
    assert_eq!(paths, ["out/chat", "./out/chat"]);
    for path in paths {
        let mut kubectl = Command::new(tool("kubectl", "kubectl/kubectl"));
        let built = succeed(kubectl.arg("kustomize").arg(scratch.path(&path)));
        assert_eq!(yaml(&built).as_array().unwrap().len(), 4, "{built}");
    }
}
