//! Whatever sioway renders, its own rules have nothing to say about.

use proptest::test_runner::{Config, TestRunner};
use sioway::diagnostic::{Finding, Sources};
use sioway::path::{AppFacts, Model};
use sioway::plan::Plan;
use sioway::render::{Renderer, Style};
use sioway::rules;
use sioway::set::{File, Place, Set};
use sioway::spec::{Layout, Spec};

use crate::properties::{decided, gke};
use crate::specs::app_toml;

/// What the rules find in an app's files, with its description known or not.
fn findings(renderer: &Renderer, spec: &Spec, plan: &Plan, told: bool) -> Vec<(String, Finding)> {
    let made = renderer.files(plan, "app.toml").unwrap();
    let mut sources = Sources::default();
    let ids: Vec<_> = made.iter().map(|file| sources.add(&*file.name, &*file.text)).collect();
    let description = sources.add("app.toml", "name\n");
    let place = Place { source: description, span: (0..4).into() };
    let facts = [AppFacts::of(spec, &plan.names.service, place)];
    let read = |id: &_| {
        let text = sources.get(*id);
        File::read(*id, &text.name, &text.text, false)
    };
    let files: Vec<File<'_>> = ids.iter().map(read).collect();
    let set = Set::new(&files);
    let apps = if told { &facts[..] } else { &[] };
    let found = rules::check(&Model::new(&set, apps));
    let found = rules::suppress(found, &set, &sources, &rules::Policy::default());
    found
        .into_iter()
        .map(|finding| {
            let label = &finding.diagnostic.labels[0];
            (sources.locate(label.source, label.span), finding)
        })
        .collect()
}

#[test]
fn random_apps_lint_clean() {
    let profile = gke();
    for layout in [Layout::Files, Layout::OneFile, Layout::Kustomize] {
        for comments in [true, false] {
            let renderer = Renderer::new(Style { comments, layout, ..Style::default() });
            let mut runner = TestRunner::new(Config {
                cases: 60,
                failure_persistence: None,
                ..Config::default()
            });
            let property = runner.run(&app_toml(), |text| {
                if let Some((spec, plan)) = decided(&text, &profile) {
                    for told in [true, false] {
                        let found = findings(&renderer, &spec, &plan, told);
                        assert!(found.is_empty(), "{text}\n{found:#?}");
                    }
                }
                Ok(())
            });
            property.unwrap();
        }
    }
}

#[test]
fn the_examples_lint_clean() {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_sioway"));
    let output = command.args(["lint", "out"]).current_dir(crate::tools::root()).output().unwrap();
    assert!(output.status.success(), "{}", crate::tools::both(&output));
}
