//! What holds for every app that sioway accepts.

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, TestRunner};
use sioway::plan::{Plan, decide};
use sioway::render::{Renderer, Style, outputs};
use sioway::spec::{Layers, Profile, ProfileText, Spec, load_chain};

use crate::specs::app_toml;

/// The profile `gke`.
pub(crate) fn gke() -> Profile {
    let text = || include_str!("../../profiles/gke.toml").to_owned();
    let fetch = |_: &str, _: Option<&str>| {
        Ok(ProfileText { identity: "gke".into(), shown: "gke".into(), text: text() })
    };
    load_chain("gke", &fetch).unwrap_or_else(|(_, problems)| panic!("{problems:?}"))
}

/// The plan of a description; `None` where the description is refused.
pub(crate) fn plan(text: &str, profile: &Profile) -> Option<Plan> {
    decided(text, profile).map(|(_, plan)| plan)
}

/// A description as it was read, and as it was decided; `None` where it is refused.
pub(crate) fn decided(text: &str, profile: &Profile) -> Option<(Spec, Plan)> {
    let mut layers = Layers::default();
    layers.add("app.toml", text).unwrap_or_else(|problems| panic!("{problems:?}\n{text}"));
    layers.lay_on(profile);
    let spec = layers.spec().unwrap_or_else(|problems| panic!("{problems:?}\n{text}"));
    let plan = decide(&spec, &profile.platform, &layers).ok()?;
    Some((spec, plan))
}

#[test]
fn rendering_neither_fails_nor_varies() {
    let (profile, renderer) = (gke(), Renderer::new(Style { comments: true, ..Style::default() }));
    let again = Renderer::new(Style { comments: true, ..Style::default() });
    let mut runner =
        TestRunner::new(Config { cases: 300, failure_persistence: None, ..Config::default() });
    let property = runner.run(&app_toml(), |text| {
        let Some(plan) = plan(&text, &profile) else {
            return Ok(());
        };
        let files = renderer
            .files(&plan, "app.toml")
            .map_err(|failure| TestCaseError::fail(format!("{failure:?}")))?;
        prop_assert_eq!(&files, &again.files(&plan, "app.toml").unwrap());
        for file in &files {
            prop_assert!(file.text.ends_with('\n') && !file.text.contains('\t'), "{}", file.text);
            let trailing = file.text.lines().find(|line| line.ends_with(' '));
            prop_assert!(
                trailing.is_none() || file.name.contains("nginx"),
                "{trailing:?} in {}",
                file.name
            );
            prop_assert!(!file.text.contains("\n\n\n"), "{}", file.text);
        }
        Ok(())
    });
    property.unwrap();
}

#[test]
fn the_generator_makes_apps_that_are_accepted() {
    let (profile, mut runner) = (gke(), TestRunner::deterministic());
    let mut text = || app_toml().new_tree(&mut runner).unwrap().current();
    let accepted = (0..200).filter(|_| plan(&text(), &profile).is_some()).count();
    assert!(accepted > 190, "{accepted} of 200");
}

#[test]
fn without_comments_the_same_objects_come_out() {
    let profile = gke();
    let [with, without] =
        [true, false].map(|comments| Renderer::new(Style { comments, ..Style::default() }));
    let mut runner =
        TestRunner::new(Config { cases: 100, failure_persistence: None, ..Config::default() });
    let property = runner.run(&app_toml(), |text| {
        let Some(plan) = plan(&text, &profile) else {
            return Ok(());
        };
        let files = with
            .files(&plan, "app.toml")
            .unwrap()
            .into_iter()
            .zip(without.files(&plan, "app.toml").unwrap());
        for (with, without) in files {
            let value = |text: &str| {
                without_nginx_comments(serde_yaml::from_str::<serde_yaml::Value>(text).unwrap())
            };
            prop_assert_eq!(value(&with.text), value(&without.text), "{}", with.name);
        }
        Ok(())
    });
    property.unwrap();
}

/// nginx's comments are text to Kubernetes, and the hash of that text changes with them.
fn without_nginx_comments(mut object: serde_yaml::Value) -> serde_yaml::Value {
    if let Some(data) = object.get_mut("data").and_then(|data| data.as_mapping_mut()) {
        for (_, text) in data.iter_mut() {
            let lines = text.as_str().unwrap().lines();
            let kept = lines.filter(|line| !line.trim_start().starts_with('#'));
            *text = kept.collect::<Vec<_>>().join("\n").into();
        }
    }
    let template = object.get_mut("spec").and_then(|spec| spec.get_mut("template"));
    if let Some(annotations) = template.and_then(|it| it["metadata"].get_mut("annotations")) {
        annotations["checksum/nginx-conf"] = "of another text".into();
    }
    object
}

#[test]
fn an_apps_objects_have_names_of_their_own() {
    let profile = gke();
    let mut runner =
        TestRunner::new(Config { cases: 200, failure_persistence: None, ..Config::default() });
    let property = runner.run(&app_toml(), |text| {
        let Some(plan) = plan(&text, &profile) else {
            return Ok(());
        };
        let mut objects: Vec<_> =
            outputs().iter().filter(|one| (one.when)(&plan)).map(|one| one.object(&plan)).collect();
        let count = objects.len();
        objects.sort();
        objects.dedup();
        prop_assert_eq!(objects.len(), count);
        Ok(())
    });
    property.unwrap();
}
