//! `lint --fix`: carries out what rules say has one right edit.
//!
//! A file gets all of its edits or none, and so does a finding whose repair concerns several files. Of findings that
//! want different things of one place the first is repaired; the others are for the next round, which may find that
//! nothing is left of them.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;

use crate::commands::files::replace;
use crate::commands::stop::Result;
use crate::diagnostic::{
    Applicability, Diagnostic, Edit, Finding, Label, Severity, SourceId, Sources,
};
use crate::fix::{Refused, apply};
use crate::report::Console;

/// Edits the files of findings that have edits, and says how many files changed. Of those that are `left` alone it
/// speaks once.
pub(super) fn repair(
    found: &[Finding],
    sources: &Sources,
    with_unsafe: bool,
    left: &mut BTreeSet<String>,
    console: Console,
) -> Result<usize> {
    let wanted = |finding: &&Finding| {
        let fits = finding.fix == Applicability::Safe
            || with_unsafe && finding.fix == Applicability::Unsafe;
        fits && !finding.edits.is_empty()
    };
    let plan = Plan::of(found.iter().filter(wanted).collect(), sources);
    for (source, refused) in &plan.refused {
        if left.insert(sources.get(*source).name.to_string()) {
            console.diagnostics(sources, &[left_alone(*source, refused)]);
        }
    }
    let mut changed = 0;
    for (source, text) in &plan.texts {
        let file = sources.get(*source);
        if *text != *file.text {
            replace(Utf8Path::new(&*file.name), text.as_bytes())?;
            console.say(&format!("fixed {}: {}", file.name, plan.rules_in(*source)));
            changed += 1;
        }
    }
    Ok(changed)
}

/// What is repaired in one round.
struct Plan<'f> {
    findings: Vec<&'f Finding>,
    /// Which of them are repaired.
    kept: Vec<bool>,
    /// Those of each file, by their numbers.
    of_file: BTreeMap<SourceId, Vec<usize>>,
    /// The files afterwards.
    texts: BTreeMap<SourceId, String>,
    /// The files that are left alone, and why.
    refused: Vec<(SourceId, Refused)>,
}

impl<'f> Plan<'f> {
    fn of(findings: Vec<&'f Finding>, sources: &Sources) -> Self {
        let mut of_file: BTreeMap<SourceId, Vec<usize>> = BTreeMap::new();
        for (number, finding) in findings.iter().enumerate() {
            for source in files_of(finding) {
                of_file.entry(source).or_default().push(number);
            }
        }
        let mut waiting: BTreeSet<SourceId> = of_file.keys().copied().collect();
        let kept = vec![true; findings.len()];
        let (texts, refused) = (BTreeMap::new(), Vec::new());
        let mut plan = Self { findings, kept, of_file, texts, refused };
        while let Some(source) = waiting.pop_first() {
            // Each time that a file comes again it has fewer findings, so that this ends.
            waiting.extend(plan.carry_out(source, &sources.get(source).text));
        }
        plan
    }

    /// Edits a file, or gives up findings in it: the files of those are to be looked at again.
    fn carry_out(&mut self, source: SourceId, text: &str) -> BTreeSet<SourceId> {
        self.texts.remove(&source);
        let own = self.kept_in(source);
        if own.is_empty() {
            return BTreeSet::new();
        }
        let given_up = match apply(text, &self.edits(&own, source)) {
            Ok(applied) => {
                self.texts.insert(source, applied.text);
                return BTreeSet::new();
            }
            Err(refused) if refused.is_clash => self.in_the_way(source, text, &own),
            Err(refused) => {
                self.refused.push((source, refused));
                own
            }
        };
        for number in &given_up {
            self.kept[*number] = false;
        }
        given_up.into_iter().flat_map(|number| files_of(self.findings[number])).collect()
    }

    /// Of findings that clash, those that are in an earlier one's way.
    fn in_the_way(&self, source: SourceId, text: &str, own: &[usize]) -> Vec<usize> {
        let (mut fitting, mut others) = (Vec::new(), Vec::new());
        for number in own {
            fitting.push(*number);
            let outcome = apply(text, &self.edits(&fitting, source));
            if outcome.is_err_and(|refused| refused.is_clash) {
                others.extend(fitting.pop());
            }
        }
        if others.is_empty() { fitting } else { others }
    }

    fn kept_in(&self, source: SourceId) -> Vec<usize> {
        let own = self.of_file.get(&source).into_iter().flatten().copied();
        own.filter(|number| self.kept[*number]).collect()
    }

    /// What some findings have to change in a file.
    fn edits(&self, numbers: &[usize], source: SourceId) -> Vec<Edit> {
        let edits = numbers.iter().flat_map(|number| &self.findings[*number].edits);
        edits.filter(|(file, _)| *file == source).map(|(_, edit)| edit.clone()).collect()
    }

    /// The rules whose findings are repaired in a file.
    fn rules_in(&self, source: SourceId) -> String {
        let own = self.kept_in(source).into_iter();
        let rules: BTreeSet<&str> = own.map(|number| self.findings[number].diagnostic.id).collect();
        rules.into_iter().collect::<Vec<_>>().join(", ")
    }
}

fn files_of(finding: &Finding) -> BTreeSet<SourceId> {
    finding.edits.iter().map(|(source, _)| *source).collect()
}

fn left_alone(source: SourceId, refused: &Refused) -> Diagnostic {
    let label = Label::new(source, refused.span, &*refused.why);
    let message = "this file is left as it is: an edit here would not be safe";
    let mut problem = Diagnostic::at("edit-refused", message, label)
        .help("make the change by hand, as the findings say");
    problem.severity = Severity::Warning;
    problem
}
