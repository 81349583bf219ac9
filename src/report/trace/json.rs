//! For scripts: version 1 of the shape that `sioway schema trace` prints.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;

use super::TraceReport;
use crate::report::clean::quiet_json;
use crate::set::Place;
use crate::trace::{self, Share, Trace};

/// What `sioway trace --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "sioway trace")]
struct Document<'a> {
    /// Of this shape; other keys may be added without a new one.
    #[schemars(extend("const" = 1))]
    version: u32,
    /// The steps of all sessions, one session after the other.
    steps: Vec<Step<'a>>,
    /// The sessions.
    traces: Vec<Session<'a>>,
}

/// One session.
#[derive(Debug, Serialize, JsonSchema)]
struct Session<'a> {
    /// The host; null where no file names one.
    host: Option<&'a str>,
    /// Other hosts that lead the same way.
    also: &'a [String],
    /// The path.
    path: &'a str,
    /// How many pods are reckoned with, in words.
    pods: &'a str,
    /// `good`, `bad` or `unknown`.
    verdict: &'static str,
}

/// One request of a session, or one stretch of its life.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Step<'a> {
    /// The host of its session.
    host: Option<&'a str>,
    /// The path of its session.
    path: &'a str,
    /// Its name.
    #[serde(rename = "step")]
    name: &'static str,
    /// The request; empty where it is none.
    request: &'a str,
    /// What each hop does with it.
    hops: Vec<Hop<'a>>,
    /// What the client gets, in words.
    outcome: &'a str,
    /// `good`, `bad`, `unknown` or `not-reached`.
    verdict: &'static str,
    /// The rules that explain a bad outcome, the best first.
    rules: &'a [&'static str],
    /// The status of the answer.
    status: Option<u16>,
    /// Engine.IO's error code.
    code: Option<u8>,
    /// How many tries fail, of how many; null where all do, or where the number of pods is not known.
    share: Option<[u64; 2]>,
    /// The same for a client that keeps no cookies, where that matters.
    without_cookies: Option<[u64; 2]>,
    /// Whether it happens now and then, how often no file tells.
    now_and_then: bool,
    /// Milliseconds until a connection is closed or a request given up.
    after_ms: Option<u64>,
    /// What may still go wrong.
    cautions: &'a [String],
    /// The file that decides a bad or unknown outcome.
    file: Option<&'a str>,
    /// The line that does.
    line: Option<usize>,
}

/// What one hop does with a request.
#[derive(Debug, Serialize, JsonSchema)]
struct Hop<'a> {
    /// Its name.
    #[serde(rename = "hop")]
    name: &'static str,
    /// What it does.
    what: &'a str,
    /// The file that says so.
    file: Option<&'a str>,
    /// The line that does.
    line: Option<usize>,
}

/// The schema (draft-07) of what `--format json` writes.
pub fn json_schema() -> serde_json::Value {
    let settings = SchemaSettings::draft07().for_serialize();
    let schema = settings.into_generator().into_root_schema_for::<Document<'_>>();
    schema.to_value()
}

pub(super) fn write(report: &TraceReport<'_>) -> String {
    let traces = report.traces.iter();
    let document = Document {
        version: 1,
        steps: traces.clone().flat_map(|trace| steps(report, trace)).collect(),
        traces: traces.map(session).collect(),
    };
    let text = serde_json::to_string_pretty(&document).expect("numbers and strings are valid JSON");
    quiet_json(&text) + "\n"
}

fn session(trace: &Trace) -> Session<'_> {
    Session {
        host: trace.host.as_deref(),
        also: &trace.also,
        path: &trace.path,
        pods: &trace.pods,
        verdict: trace.verdict().id(),
    }
}

fn steps<'a>(report: &TraceReport<'a>, trace: &'a Trace) -> Vec<Step<'a>> {
    trace.steps.iter().map(|one| step(report, trace, one)).collect()
}

fn step<'a>(report: &TraceReport<'a>, trace: &'a Trace, step: &'a trace::Step) -> Step<'a> {
    let outcome = &step.outcome;
    let (file, line) = place(report, step.decided_by);
    let pair = |share: Option<Share>| share.and_then(Share::fraction).map(|(lost, of)| [lost, of]);
    Step {
        host: trace.host.as_deref(),
        path: &trace.path,
        name: step.step.id(),
        request: &step.request,
        hops: step.hops.iter().map(|one| hop(report, one)).collect(),
        outcome: &outcome.text,
        verdict: outcome.verdict.id(),
        rules: &step.rules,
        status: outcome.status,
        code: outcome.code,
        share: pair(outcome.share),
        without_cookies: pair(outcome.without_cookies),
        now_and_then: outcome.now_and_then,
        after_ms: outcome.after,
        cautions: &outcome.cautions,
        file,
        line,
    }
}

fn hop<'a>(report: &TraceReport<'a>, hop: &'a trace::Hop) -> Hop<'a> {
    let (file, line) = place(report, hop.place);
    Hop { name: hop.hop.id(), what: &hop.what, file, line }
}

fn place<'a>(report: &TraceReport<'a>, place: Option<Place>) -> (Option<&'a str>, Option<usize>) {
    let Some(place) = place else {
        return (None, None);
    };
    let line = report.sources.position(place.source, place.span.start).line;
    (Some(&report.sources.get(place.source).name), Some(line))
}
