//! What to do when sessions of one app break: the questions of [`crate::kube::tree`] with the app's own names in them,
//! how long a change takes to arrive, and the way back.
//!
//! Every command is ready for a shell. Names that stand in it have passed their types, which let nothing through that
//! a shell takes for more than a letter; paths of files are quoted.

mod delays;
mod fill;

use crate::doctor::requests::quoted;
use crate::kube::tree::{self, Next};
use crate::picture::{Picture, planned};
use crate::plan::Plan;
use crate::spec::Port;

use self::fill::{Names, with_pod};

pub use delays::Delay;

/// What is known of an app besides its plan.
#[derive(Debug, Clone)]
pub struct Subject<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// Where the Socket.IO server listens in its pod.
    pub port: Port,
    /// The file that describes the app.
    pub described: String,
    /// The directory of its manifests.
    pub manifests: String,
    /// Whether sioway renders into it; others keep it by hand.
    pub is_rendered: bool,
    /// The environment, where there are several.
    pub environment: Option<String>,
    /// Its objects: kind and name, and the file.
    pub objects: Vec<[String; 2]>,
}

/// A runbook.
#[derive(Debug, Clone)]
pub struct Runbook {
    /// The app, and its environment.
    pub title: String,
    /// The command that writes it again.
    pub written_by: String,
    /// The objects, each with its file.
    pub objects: Vec<[String; 2]>,
    /// The namespace of all of them.
    pub namespace: String,
    /// The way of a request, and the timeouts.
    pub picture: Picture,
    /// What to run before anything else.
    pub first: Vec<String>,
    /// What to ask then, in order.
    pub questions: Vec<Question>,
    /// How long changes take.
    pub delays: Vec<Delay>,
    /// The way back by git.
    pub back: Vec<String>,
}

/// A question, with the app's own names.
#[derive(Debug, Clone)]
pub struct Question {
    /// The question.
    pub ask: String,
    /// The command of sioway's that asks it, and where in its output the answer is.
    pub sioway: String,
    /// The commands.
    pub command: String,
    /// What an answer proves, and what it does not.
    pub proves: String,
    /// What may be seen, which rules find its cause, and what then.
    pub answers: Vec<Answer>,
    /// Where it comes from.
    pub sources: &'static [&'static str],
}

/// What may be seen.
#[derive(Debug, Clone)]
pub struct Answer {
    /// What is seen.
    pub seen: String,
    /// The rules that find its cause.
    pub rules: &'static [&'static str],
    /// What then.
    pub then: String,
}

/// The runbook of an app.
pub fn runbook(subject: &Subject<'_>) -> Runbook {
    let names = Names::of(subject);
    let plan = subject.plan;
    let title = match &subject.environment {
        Some(environment) => format!("{}, {environment}", plan.name),
        None => plan.name.to_string(),
    };
    Runbook {
        written_by: format!("sioway runbook {}", named(subject)),
        objects: subject.objects.clone(),
        namespace: plan.namespace.to_string(),
        picture: Picture { title: title.clone(), ..planned(plan) },
        title,
        first: first(subject, &names),
        questions: tree::questions().map(|one| question(one, &names)).collect(),
        delays: delays::of(plan),
        back: back(subject),
    }
}

/// The app as an argument of a command.
fn named(subject: &Subject<'_>) -> String {
    let environment = subject.environment.as_deref();
    let environment = environment.map_or(String::new(), |name| format!(" --env {}", quoted(name)));
    quoted(&subject.described) + &environment
}

fn first(subject: &Subject<'_>, names: &Names) -> Vec<String> {
    let (url, manifests) = (names.url(), quoted(&subject.manifests));
    vec![
        format!("sioway doctor {}", named(subject)),
        format!("sioway probe {url} --path {}", names.path()),
        format!("sioway blame {url}{} {manifests}", names.path()),
    ]
}

fn question(question: &tree::Question, names: &Names) -> Question {
    let answer = |answer: &tree::Answer| Answer {
        seen: names.fill(answer.seen),
        rules: answer.rules,
        then: match answer.next {
            Next::Verdict(text) => names.fill(text),
            Next::Ask(id) => {
                let at = tree::questions().position(|one| one.id == id).unwrap_or_default();
                format!("go on with question {}", at + 1)
            }
        },
    };
    Question {
        ask: names.fill(question.ask),
        sioway: names.fill(question.sioway),
        command: with_pod(question, names),
        proves: names.fill(question.proves),
        answers: question.look_for.iter().map(answer).collect(),
        sources: question.sources,
    }
}

/// The newest change of the app is taken back, and what is rendered is looked at before it is pushed.
fn back(subject: &Subject<'_>) -> Vec<String> {
    let files = format!("{} {}", quoted(&subject.described), quoted(&subject.manifests));
    vec![
        format!("git log --oneline --max-count 10 -- {files}"),
        format!("COMMIT=$(git log --max-count 1 --format=%H -- {files})"),
        "git show --stat \"$COMMIT\"".to_owned(),
        "git revert --no-edit \"$COMMIT\"".to_owned(),
        if subject.is_rendered {
            format!("sioway render {} --check", named(subject))
        } else {
            format!("sioway diff {}", named(subject))
        },
        "git push".to_owned(),
    ]
}
