//! A runbook as Markdown.

use std::fmt::Write as _;

use super::clean::one_line;
use super::markdown::{code, fence, plain};
use super::picture::mermaid_way;
use crate::picture::Side;
use crate::runbook::{Answer, Question, Runbook};

/// The whole document.
pub fn markdown(runbook: &Runbook) -> String {
    let parts = [
        head(runbook),
        objects(runbook),
        way(runbook),
        first(runbook),
        questions(runbook),
        delays(runbook),
        back(runbook),
    ];
    parts.join("\n")
}

fn head(runbook: &Runbook) -> String {
    format!(
        "# Runbook: {}\n\nWhat to do when Socket.IO sessions of this app break. Written by {}.\n",
        plain(&one_line(&runbook.title)),
        ticked(&one_line(&runbook.written_by))
    )
}

fn objects(runbook: &Runbook) -> String {
    let row = |[object, file]: &[String; 2]| {
        format!("| {} | {} |\n", said(object), ticked(&one_line(file)))
    };
    let rows: String = runbook.objects.iter().map(row).collect();
    format!(
        "## What there is\n\nAll of it in the namespace {}.\n\n| object | file |\n|---|---|\n{rows}",
        ticked(&runbook.namespace)
    )
}

fn way(runbook: &Runbook) -> String {
    let side = |one: &Side| format!("{} {}", said(&one.value), said(&one.what));
    let mut text = format!(
        "## The way of a request\n\n```mermaid\n{}```\n\nTimeouts that must stand in one order:\n\n| smaller | | larger |\n|---|---|---|\n",
        mermaid_way(&runbook.picture)
    );
    for rung in &runbook.picture.rungs {
        let (lower, upper) = (side(&rung.lower), side(&rung.upper));
        let _ = writeln!(text, "| {lower} | {} | {upper} |", said(rung.sign));
    }
    text
}

fn first(runbook: &Runbook) -> String {
    format!(
        "## Begin here\n\n{}\nThe first goes through files, cluster, load balancer and endpoint and names the first \
         layer that is broken; the\nsecond asks the endpoint alone; the third names the line of the manifests that \
         explains what it saw.\n",
        shell(&runbook.first.join("\n"))
    )
}

fn questions(runbook: &Runbook) -> String {
    let mut text = "## By hand\n\nBegin with question 1 and go where the answer sends you. Keep the quotes: without \
                    them the shell takes the & of a\nURL for itself, and the server answers 400 to a question that \
                    nobody meant to ask.\n"
        .replace('&', "&amp;");
    for (number, one) in (1..).zip(&runbook.questions) {
        text.push('\n');
        text.push_str(&question(number, one));
    }
    text
}

fn question(number: usize, question: &Question) -> String {
    let by_itself = match question.sioway.split_once(": ") {
        Some((command, where_to_look)) => {
            format!("By itself: {}: {}\n\n", ticked(command), said(where_to_look))
        }
        None => String::new(),
    };
    let answers: String = question.answers.iter().map(answer).collect();
    let sources: Vec<String> = question.sources.iter().map(|source| ticked(source)).collect();
    format!(
        "### {number}. {}\n\n{}\n{by_itself}{}\n\n| seen | then | rules |\n|---|---|---|\n{answers}\nSources: {}.\n",
        said(&question.ask),
        shell(&question.command),
        said(&question.proves),
        sources.join(", ")
    )
}

fn answer(answer: &Answer) -> String {
    let rules: Vec<String> = answer.rules.iter().map(|rule| ticked(rule)).collect();
    format!("| {} | {} | {} |\n", said(&answer.seen), said(&answer.then), rules.join(", "))
}

fn delays(runbook: &Runbook) -> String {
    let mut text =
        "## How long a change takes\n\n| what changes | how long | source |\n|---|---|---|\n"
            .to_owned();
    for delay in &runbook.delays {
        let (what, takes) = (said(delay.what), said(&delay.takes));
        let source = if delay.source.is_empty() { String::new() } else { ticked(delay.source) };
        let _ = writeln!(text, "| {what} | {takes} | {source} |");
    }
    text
}

fn back(runbook: &Runbook) -> String {
    format!(
        "## The way back\n\nBy git, so that what is described and what runs stay one. If it was not the newest change, \
         set COMMIT to another one\nof the list.\n\n{}\nWhat was taken back takes as long as what was changed. A block \
         that is only removed from a BackendConfig stays in\nforce (kubernetes/ingress-gce:pkg/backends/features); what \
         sioway renders says each setting, so that the way back sets\nit again.\n",
        shell(&runbook.back.join("\n"))
    )
}

/// Text of sioway's own with names in it, which have passed their types: easier to read unrendered than [`plain`].
fn said(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('|', "\\|").replace('*', "\\*")
}

/// Code in backticks, unless it holds what would end it.
fn ticked(text: &str) -> String {
    if text.contains(['`', '|']) { code(text) } else { format!("`{text}`") }
}

/// Lines for a shell.
fn shell(lines: &str) -> String {
    let fence = fence(lines);
    format!("{fence}sh\n{lines}\n{fence}\n")
}
