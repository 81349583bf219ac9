//! The questions that find the broken layer of a live app, in the order in which they tell most.
//!
//! Every fault of the request path looks alike from a browser: `400`. The tree begins where the browser stands, with
//! what Engine.IO itself says, and goes inwards only as far as the answers make it. A question says what its answers
//! do not prove as well: most wrong diagnoses are a test that could not fail, or one that could not succeed.
//!
//! It is data, in `outside` and `inside`; [`render`] prints it.

mod inside;
mod outside;

use std::fmt::Write as _;

/// One question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question {
    /// Its name, for [`Next::Ask`].
    pub id: &'static str,
    /// The question.
    pub ask: &'static str,
    /// The command of sioway's that asks it, and the checks that answer; empty where none does.
    pub sioway: &'static str,
    /// What to run, ready for a shell but for the [`PLACEHOLDERS`].
    pub command: &'static str,
    /// What an answer proves, and what it does not.
    pub proves: &'static str,
    /// What may be seen, the likeliest first.
    pub look_for: &'static [Answer],
    /// Where the readings come from.
    pub sources: &'static [&'static str],
}

/// One thing that may be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// What is seen.
    pub seen: &'static str,
    /// The rules that find its cause in the files.
    pub rules: &'static [&'static str],
    /// Where it leads.
    pub next: Next,
}

/// Where an answer leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// To the question of that name.
    Ask(&'static str),
    /// To the end.
    Verdict(&'static str),
}

/// An answer that leads to another question.
const fn ask(seen: &'static str, rules: &'static [&'static str], next: &'static str) -> Answer {
    Answer { seen, rules, next: Next::Ask(next) }
}

/// An answer that ends the search.
const fn verdict(
    seen: &'static str,
    rules: &'static [&'static str],
    verdict: &'static str,
) -> Answer {
    Answer { seen, rules, next: Next::Verdict(verdict) }
}

/// The words in the commands that stand for something of one's own.
pub const PLACEHOLDERS: &[(&str, &str)] = &[
    ("HOST", "the host that browsers use"),
    ("SOCKETPATH", "the Socket.IO path without its slashes: socket.io, or theia/socket.io"),
    ("NAMESPACE, INGRESS, SERVICE", "the names of the objects"),
    ("BACKENDCONFIG", "the name that the annotation of the Service gives"),
    (
        "BACKEND",
        "the name of the backend service; add --region=REGION in place of --global if it has one",
    ),
    ("POD, CONTAINER", "one pod of the Service, and nginx in it"),
    (
        "SERVERPORT, TARGETPORT",
        "the port of the Socket.IO server in the pod; the one that the Service sends to",
    ),
    ("PATH", "the directory with the manifests"),
    ("HEALTHPATH", "the path of the health check without its first slash"),
];

/// Every question, the first one to ask first.
pub fn questions() -> impl Iterator<Item = &'static Question> {
    outside::QUESTIONS.iter().chain(inside::QUESTIONS)
}

/// The question of that name.
pub fn question(id: &str) -> Option<&'static Question> {
    questions().find(|question| question.id == id)
}

const WIDTH: usize = 100;

/// Who asks the questions, where they need not be asked by hand.
const BY_ITSELF: &str = "Most of it sioway asks by itself: `sioway doctor PATH` goes through files, cluster, load \
                         balancer and endpoint and names the first layer that is broken, `sioway probe https://HOST` \
                         asks the endpoint alone, and `sioway blame https://HOST PATH` names the line of the \
                         manifests. The questions are for where it is not at hand, and for those who want to see \
                         for themselves.";

/// The tree as plain text of at most 100 columns.
pub fn render() -> String {
    let mut out = String::new();
    let intro = "Begin with question 1 and go where the answer sends you. In the commands, replace what is \
                 written in capitals. Keep the quotes: without them the shell takes the & of a URL for itself, \
                 and the server answers 400 to a question that nobody meant to ask.";
    paragraph(&mut out, "", "", intro);
    out.push('\n');
    paragraph(&mut out, "", "", BY_ITSELF);
    out.push('\n');
    for (word, stands_for) in PLACEHOLDERS {
        paragraph(&mut out, &format!("  {word}: "), "    ", stands_for);
    }
    for (number, question) in (1..).zip(questions()) {
        out.push('\n');
        one(&mut out, number, question);
    }
    out
}

fn one(out: &mut String, number: usize, question: &Question) {
    paragraph(out, &format!("{number}. "), "   ", question.ask);
    out.push('\n');
    for line in question.command.lines() {
        let _ = writeln!(out, "     {line}");
    }
    out.push('\n');
    if !question.sioway.is_empty() {
        paragraph(out, "   By itself: ", "     ", question.sioway);
        out.push('\n');
    }
    paragraph(out, "   ", "   ", question.proves);
    out.push('\n');
    for answer in question.look_for {
        paragraph(out, "   - ", "     ", answer.seen);
        if !answer.rules.is_empty() {
            let rules = answer.rules.join(", ");
            paragraph(out, "       rules: ", "         ", &rules);
        }
        paragraph(out, "       ", "         ", &lead(answer.next));
    }
    let sources = question.sources.join(", ");
    paragraph(out, "   Sources: ", "     ", &sources);
}

fn lead(next: Next) -> String {
    match next {
        Next::Verdict(text) => text.to_owned(),
        Next::Ask(id) => {
            let at = questions().position(|question| question.id == id);
            at.map_or_else(String::new, |at| format!("go on with question {}", at + 1))
        }
    }
}

/// Breaks a text into lines; the first begins with `first`, the others with `rest`.
fn paragraph(out: &mut String, first: &str, rest: &str, text: &str) {
    let mut line = first.to_owned();
    let mut empty = true;
    for word in text.split_whitespace() {
        if !empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
            out.push_str(&line);
            out.push('\n');
            rest.clone_into(&mut line);
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    out.push_str(&line);
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::kube::RULES_MENTIONED;

    #[test]
    fn every_answer_leads_somewhere() {
        for question in questions() {
            assert!(!question.look_for.is_empty(), "{}", question.id);
            for answer in question.look_for {
                match answer.next {
                    Next::Ask(id) => assert!(super::question(id).is_some(), "{id}"),
                    Next::Verdict(text) => assert!(!text.is_empty()),
                }
            }
        }
    }

    #[test]
    fn every_question_is_reached_from_the_first() {
        let first = questions().next().expect("there are questions").id;
        let (mut reached, mut open) = (BTreeSet::from([first]), vec![first]);
        while let Some(id) = open.pop() {
            let asked = question(id).expect("it exists");
            for answer in asked.look_for {
                if let Next::Ask(id) = answer.next
                    && reached.insert(id)
                {
                    open.push(id);
                }
            }
        }
        let all: BTreeSet<&str> = questions().map(|question| question.id).collect();
        assert_eq!(reached, all);
    }

    #[test]
    fn the_way_inwards_does_not_turn_back() {
        let at = |id| questions().position(|question| question.id == id);
        for question in questions() {
            for answer in question.look_for {
                if let Next::Ask(id) = answer.next {
                    assert!(at(id) > at(question.id), "{} to {id}", question.id);
                }
            }
        }
    }

    #[test]
    fn rules_are_the_ones_listed() {
        let rules = questions().flat_map(|question| question.look_for);
        for rule in rules.flat_map(|answer| answer.rules) {
            assert!(RULES_MENTIONED.contains(rule), "{rule}");
        }
    }

    #[test]
    fn urls_with_a_query_stand_in_single_quotes() {
        for question in questions() {
            for (at, _) in question.command.match_indices("?EIO") {
                let before = &question.command[..at];
                let quotes = before.matches('\'').count();
                assert_eq!(quotes % 2, 1, "{}", question.id);
                assert!(question.command[at..].starts_with("?EIO=4&transport="));
            }
        }
    }

    #[test]
    fn commands_send_no_head_requests() {
        for question in questions() {
            let command = question.command;
            assert!(!command.contains("curl -I") && !command.contains("--head"));
        }
    }

    #[test]
    fn lines_fit_into_a_hundred_columns() {
        let text = render();
        for line in text.lines() {
            assert!(line.chars().count() <= 100, "{line}");
            assert_eq!(line, line.trim_end());
        }
        assert!(text.starts_with("Begin with question 1"));
        assert!(text.contains("go on with question 2"));
    }
}
