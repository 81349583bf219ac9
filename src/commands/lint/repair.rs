//! `lint --fix`: carries out what rules say has one right edit.
//!
//! A finding gets all of its edits or none, whether they concern one file or several, and the files of a round are all
//! written or none. A finding whose edits would not be safe is left alone, and only that one. Of findings that want
//! different things of one place the first is repaired; the others are for the next round, which may find that nothing
//! is left of them.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;

use crate::commands::interrupt;
use crate::commands::stop::Result;
use crate::commands::together::{Together, alone};
use crate::diagnostic::{
    Applicability, Diagnostic, Edit, Finding, Label, Severity, SourceId, Sources, ValueChange,
};
use crate::fix::{Refused, apply};
use crate::report::Console;

/// The files with places that are left alone, and why.
pub(super) type Left = BTreeSet<(String, String)>;

/// Edits the files of findings that have edits, and says how many files changed. Of what is `left` alone it speaks
/// once.
pub(super) fn repair(
    found: &[Finding],
    sources: &Sources,
    with_unsafe: bool,
    left: &mut Left,
    console: Console,
) -> Result<usize> {
    let wanted = |finding: &&Finding| {
        let fits = finding.fix == Applicability::Safe
            || with_unsafe && finding.fix == Applicability::Unsafe;
        fits && !finding.edits.is_empty()
    };
    let plan = Plan::of(found.iter().filter(wanted).collect(), sources);
    plan.tell_refused(sources, left, console);
    let mut changed: Vec<(&SourceId, &String)> = plan.texts.iter().collect();
    changed.retain(|(source, text)| **text != *sources.get(**source).text);
    alone(|| {
        let mut files = Together::default();
        for (source, text) in &changed {
            interrupt::check()?;
            let file = sources.get(**source);
            files.edit(Utf8Path::new(&*file.name), &file.text, text.as_bytes())?;
        }
        files.publish()
    })?;
    for (source, _) in &changed {
        console.say(&format!("fixed {}: {}", sources.get(**source).name, plan.rules_in(**source)));
    }
    Ok(changed.len())
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
    /// The places that are left alone, and why.
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
        if let Ok(applied) = apply(text, &self.edits(&own, source)) {
            self.texts.insert(source, applied.text);
            return BTreeSet::new();
        }
        let given_up = self.without_place(source, text, own);
        for number in &given_up {
            self.kept[*number] = false;
        }
        given_up.into_iter().flat_map(|number| files_of(self.findings[number])).collect()
    }

    /// Of findings that cannot all be repaired, those that cannot be at all, and those in an earlier one's way.
    fn without_place(&mut self, source: SourceId, text: &str, mut own: Vec<usize>) -> Vec<usize> {
        // A key that was misspelt says what was meant: the rule that misses it waits.
        own.sort_by_key(|number| !self.renames(*number));
        let (mut fitting, mut others) = (Vec::new(), Vec::new());
        for number in own {
            fitting.push(number);
            if apply(text, &self.edits(&fitting, source)).is_err() {
                fitting.pop();
                others.push(number);
                self.refused.extend(self.refusal(number, source, text));
            }
        }
        others
    }

    fn renames(&self, number: usize) -> bool {
        self.findings[number].edits.iter().any(|(_, edit)| {
            let (Edit::Value { change, .. } | Edit::Within { change, .. }) = edit else {
                return false;
            };
            matches!(change, ValueChange::Rename { .. })
        })
    }

    /// Why a finding could not even be repaired alone, unless that is known.
    fn refusal(&self, number: usize, source: SourceId, text: &str) -> Option<(SourceId, Refused)> {
        let refused = (source, apply(text, &self.edits(&[number], source)).err()?);
        (!self.refused.contains(&refused)).then_some(refused)
    }

    fn kept_in(&self, source: SourceId) -> Vec<usize> {
        let own = self.of_file.get(&source).into_iter().flatten().copied();
        own.filter(|number| self.kept[*number]).collect()
    }

    /// Says what is left alone, and why, unless an earlier round has.
    fn tell_refused(&self, sources: &Sources, left: &mut Left, console: Console) {
        let mut told = Left::new();
        for (source, refused) in &self.refused {
            let place = (sources.get(*source).name.to_string(), refused.why.clone());
            if !left.contains(&place) {
                console.diagnostics(sources, &[left_alone(*source, refused)]);
                told.insert(place);
            }
        }
        left.extend(told);
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
    let message = "this is left as it is: an edit here would not be safe";
    let mut problem = Diagnostic::at("edit-refused", message, label)
        .help("make the change by hand, as the findings say");
    problem.severity = Severity::Warning;
    problem
}
