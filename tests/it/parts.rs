//! Large sets are judged in parts: what is found must not depend on where a part ends.

use sioway::diagnostic::{Finding, Sources};
use sioway::path::Model;
use sioway::rules::{self, ALL};
use sioway::set::{File, Set};

/// The documents of all examples in the catalogue, one a file, the first ones of all before the second ones: what
/// belongs together falls into different parts.
fn scattered(directory: impl Fn(usize) -> String) -> Vec<(String, String)> {
    let mut files = Vec::new();
    let fences = ALL.iter().flat_map(|rule| {
        let page = rule.page();
        ["Example", "Use instead", "More cases"].map(|heading| page.fences(heading))
    });
    for (number, fence) in fences.flatten().enumerate() {
        let documents: Vec<&str> = match fence.language {
            "yaml" => fence.text.split("\n---\n").collect(),
            _ => vec![fence.text],
        };
        let extension = if fence.language == "yaml" { "yaml" } else { "conf" };
        for (place, text) in documents.into_iter().enumerate() {
            let name = format!("{}/{number:03}.{extension}", directory(number));
            files.push((place, name.replace(".yaml", &format!("-{place}.yaml")), text.to_owned()));
        }
    }
    files.sort();
    files.into_iter().map(|(_, name, text)| (name, text)).collect()
}

fn sorted(mut findings: Vec<Finding>) -> Vec<String> {
    findings.sort_by_key(|finding| finding.diagnostic.labels.first().map(|one| one.span.start));
    let mut said: Vec<String> = findings.iter().map(|finding| format!("{finding:?}")).collect();
    said.sort();
    said
}

fn compare(texts: &[(String, String)]) {
    let mut sources = Sources::default();
    let ids: Vec<_> = texts.iter().map(|(name, text)| sources.add(&**name, &**text)).collect();
    let files: Vec<File<'_>> = ids.iter().map(|id| File::of(&sources, *id, true)).collect();
    let set = Set::new(&files);
    let model = Model::new(&set, &[]);
    assert!(model.parts().len() > 3, "{} files are one part", files.len());
    let in_parts = rules::check(&model, &sources);
    let at_once: Vec<Finding> = ALL.iter().flat_map(|rule| rule.findings(&model)).collect();
    assert!(at_once.len() > 50, "{} findings", at_once.len());
    assert_eq!(sorted(in_parts), sorted(at_once));
}

#[test]
fn beside_each_other() {
    compare(&scattered(|_| "k8s".to_owned()));
}

#[test]
fn in_directories_of_their_own() {
    compare(&scattered(|number| format!("apps/{number:03}")));
}
