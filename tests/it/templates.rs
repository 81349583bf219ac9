//! Templates of the user's own.

use crate::tools::{MINIMAL, Scratch};

fn with_template(name: &str, text: &str) -> Scratch {
    let scratch = Scratch::with_app(MINIMAL);
    scratch.write(&format!("own/{name}"), text);
    scratch
}

#[test]
fn ejected_templates_render_the_same() {
    let scratch = Scratch::with_app(MINIMAL);
    scratch.ok(&["templates", "eject", "own"]);
    let embedded = scratch.ok(&["render", "-o", "-"]).out;
    assert_eq!(scratch.ok(&["render", "-o", "-", "--templates", "own"]).out, embedded);
    let run = scratch.run(&["templates", "eject", "own"]);
    assert_eq!(run.status, 2);
    assert!(run.err.contains("is there already"), "{}", run.err);
}

#[test]
fn one_may_be_replaced_and_others_added() {
    let scratch =
        with_template("service.yaml.j2", "kind: Service\nmetadata:\n  name: {{ names.service }}\n");
    scratch.write(
        "own/servicemonitor.yaml.j2",
        "kind: ServiceMonitor\nmetadata:\n  name: {{ name ~ '-monitor' }}\n",
    );
    scratch.write("own/_part.yaml.j2", "not: a file\n");
    scratch.write("sioway.toml", "apps = [\"app.toml\"]\ntemplates = \"own\"\n");
    scratch.ok(&["render"]);
    assert!(
        scratch.read("out/chat/service.yaml").ends_with("kind: Service\nmetadata:\n  name: chat\n")
    );
    assert!(
        scratch
            .read("out/chat/servicemonitor.yaml")
            .ends_with("kind: ServiceMonitor\nmetadata:\n  name: chat-monitor\n")
    );
    assert!(scratch.read("out/chat/kustomization.yaml").contains("  - servicemonitor.yaml\n"));
    assert!(!scratch.path("out/chat/_part.yaml").exists());
}

/// A template, where it fails, and why.
const FAILING: [(&str, &str, &str); 12] = [
    ("a: {{ nmae }}\n", "own/service.yaml.j2:1:7", "`nmae` is undefined"),
    ("a: 1\nb: {{ names.srevice }}\n", "own/service.yaml.j2:2:7", "`names.srevice` is undefined"),
    ("a: 1\n{% for x in %}\n", "own/service.yaml.j2:2:13", "unexpected"),
    ("{% if a %}\n", "own/service.yaml.j2:1:9", "unexpected end of input"),
    ("a: {{ name | sort }}\n", "own/service.yaml.j2:1:14", "is unknown"),
    ("a: {{ name | safe }}\n", "own/service.yaml.j2:1:14", "is unknown"),
    (
        "{% autoescape false %}{{ name }}{% endautoescape %}\n",
        "own/service.yaml.j2:1:26",
        "with escaping on",
    ),
    ("a: {{ none }}\n", "own/service.yaml.j2:1:7", "nothing to print"),
    ("{% include \"gone.yaml.j2\" %}\n", "own/service.yaml.j2:1:4", "gone.yaml"),
    ("{% for a in range(9) %}x{% endfor %}\n", "own/service.yaml.j2:1:13", "range is unknown"),
    ("a: {{ name | block(9000000000) }}\n", "own/service.yaml.j2:1:14", "indentation"),
    ("a: {{ 1 // 0 }}\n", "own/service.yaml.j2:1:7", "unable to calculate"),
];

#[test]
fn a_failing_template_is_a_diagnostic_with_its_line() {
    for (template, place, reason) in FAILING {
        let scratch = with_template("service.yaml.j2", template);
        let run = scratch.run(&["render", "--templates", "own"]);
        assert_eq!(run.status, 2, "{template}{}", run.err);
        assert!(
            run.err.contains("error[template-failed]: the template `service.yaml.j2` failed"),
            "{}",
            run.err
        );
        assert!(
            run.err.contains(place) && run.err.contains(reason),
            "{template}: {place} {reason}\n{}",
            run.err
        );
        assert!(!scratch.path("out").exists());
    }
}

#[test]
fn output_that_is_not_yaml_is_refused() {
    for template in [
        "a: b: c\n",
        "a: [1\n",
        "{{ name }}-{{ hosts }}: [\n",
        "a:\n\tb: 1\n",
        "# nothing\n",
        "kind: Service\n",
    ] {
        let run = with_template("service.yaml.j2", template).run(&["render", "--templates", "own"]);
        assert_eq!(run.status, 2, "{template}");
        assert!(
            run.err.contains(
                "error[template-output]: the template `service.yaml.j2` did not make a manifest"
            ),
            "{}",
            run.err
        );
    }
}

#[test]
fn two_objects_of_one_name_are_refused() {
    let twice = "kind: Service\nmetadata: { name: a }\n---\nkind: Service\nmetadata: { name: a }\n";
    let run = with_template("service.yaml.j2", twice).run(&["render", "--templates", "own"]);
    assert_eq!(run.status, 2);
    assert!(run.err.contains("define the same object, Service `a`"), "{}", run.err);
}

#[test]
fn a_template_that_cannot_name_a_file_is_refused() {
    let run = with_template("a b.yaml.j2", "kind: A\nmetadata: { name: a }\n").run(&[
        "render",
        "--templates",
        "own",
    ]);
    assert_eq!(run.status, 2);
    assert!(run.err.contains("cannot name a rendered file"), "{}", run.err);
}

#[test]
fn loops_that_run_away_end() {
    let nest = |depth: usize| {
        let open: Vec<String> = (0..depth).map(|i| format!("{{% for a{i} in l %}}")).collect();
        let open = open.concat();
        format!(
            "{{% set l = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' | list_of %}}{open}x{}",
            "{% endfor %}".repeat(depth)
        )
    };
    // No filter makes a list of characters; a list of this length is written out.
    let list = format!("[{}]", "1, ".repeat(60));
    let template = nest(7).replace("'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' | list_of", &list);
    let started = std::time::Instant::now();
    let run = with_template("service.yaml.j2", &template).run(&["render", "--templates", "own"]);
    assert_eq!(run.status, 2);
    assert!(run.err.contains("a loop in it does not end"), "{}", run.err);
    assert!(started.elapsed().as_secs() < 20);
    let recursion = "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}\n";
    let run = with_template("service.yaml.j2", recursion).run(&["render", "--templates", "own"]);
    assert_eq!(run.status, 2, "{}", run.err);
}

#[test]
fn folders_without_templates_and_files_of_no_language_are_refused() {
    let scratch = with_template("notes.txt", "");
    let run = scratch.run(&["render", "--templates", "own"]);
    assert!(run.err.contains("error[no-templates]"), "{}", run.err);
    let run = with_template("notes.txt.j2", "").run(&["render", "--templates", "own"]);
    assert!(run.err.contains("error[template-name]"), "{}", run.err);
    let run = scratch.run(&["render", "--templates", "gone"]);
    assert_eq!(run.status, 2);
}
