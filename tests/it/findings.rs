//! The formats of findings, by those who read them: Python's parsers, and the published schemas.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, TestRunner};
use sioway::diagnostic::{
    Applicability, Diagnostic, Finding, Label, ObjectName, RuleCard, Severity, SourceId, Sources,
};
use sioway::report::findings::{Format, Report, json_schema, write};

use crate::tools::{Scratch, both, python, tool};

const FORMATS: [(Format, &str); 7] = [
    (Format::Text, "txt"),
    (Format::Concise, "concise"),
    (Format::Json, "json"),
    (Format::Sarif, "sarif"),
    (Format::Github, "github"),
    (Format::Junit, "xml"),
    (Format::Markdown, "md"),
];

const RULES: [RuleCard; 2] = [card("drain-disabled"), card("neg-not-requested")];

const fn card(id: &'static str) -> RuleCard {
    RuleCard {
        id,
        severity: Severity::Warning,
        summary: "A rule.",
        page: "# A rule\n",
        grade: "documented",
    }
}

/// What a report is made of, whatever its texts may be.
#[derive(Debug)]
struct Case {
    sources: Sources,
    findings: Vec<Finding>,
    problems: Vec<Diagnostic>,
}

impl Case {
    fn write(&self, format: Format) -> String {
        let report = Report {
            place: "",
            pictures: &[],
            sources: &self.sources,
            findings: &self.findings,
            problems: &self.problems,
            rules: &RULES,
            checked: 2,
            command: "lint",
        };
        write(format, &report, false)
    }
}

/// Text of the kinds that break formats.
pub(crate) fn text() -> impl Strategy<Value = String> {
    const HOSTILE: [&str; 35] = [
        "<script>",
        "</details>",
        "]]>",
        "-->",
        "&amp;",
        "\u{1b}[31m",
        "\r\n",
        "\n",
        "\n\n| a |",
        "`",
        "```",
        "|",
        "\\",
        "\\|",
        "\"",
        "'",
        "%",
        "%0A",
        "::error::x",
        "\n::error::x",
        "##[error]",
        "@user",
        "#1",
        "漢字",
        "\u{0}",
        "\u{fffe}",
        "\u{85}",
        "\u{2028}",
        "\u{202e}",
        "\t",
        ":",
        ",",
        "{0}",
        "[a](1)",
        "https://a.b",
    ];
    let piece = prop_oneof![
        4 => prop::sample::select(&HOSTILE[..]).prop_map(str::to_owned),
        2 => "[a-z ]{0,9}",
        1 => any::<char>().prop_map(String::from),
        1 => Just("x".repeat(2_000)),
    ];
    vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

fn diagnostic(ids: [SourceId; 2]) -> impl Strategy<Value = Diagnostic> {
    let label = (any::<bool>(), 0..60_usize, 0..60_usize, text()).prop_map(
        move |(second, start, end, text)| {
            Label::new(ids[usize::from(second)], (start..end).into(), text)
        },
    );
    let severity = prop::sample::select(vec![Severity::Info, Severity::Warning, Severity::Error]);
    let rule = prop::sample::select(vec!["drain-disabled", "neg-not-requested", "of-no-card"]);
    let more = (vec(text(), 0..2), prop::option::of(text()));
    (rule, severity, text(), vec(label, 0..4), more).prop_map(
        |(id, severity, message, labels, (notes, help))| Diagnostic {
            id,
            severity,
            message,
            labels,
            notes,
            help,
        },
    )
}

fn finding(ids: [SourceId; 2]) -> impl Strategy<Value = Finding> {
    let object = (text(), prop::option::of(text()), text())
        .prop_map(|(kind, namespace, name)| ObjectName { kind, namespace, name });
    let fix = prop::sample::select(vec![
        Applicability::Safe,
        Applicability::Unsafe,
        Applicability::Manual,
        Applicability::None,
    ]);
    (diagnostic(ids), prop::option::of(object), text(), fix).prop_map(
        |(diagnostic, object, path, fix)| Finding {
            diagnostic,
            object,
            path,
            fix,
            edits: Vec::new(),
        },
    )
}

fn case() -> impl Strategy<Value = Case> {
    vec((text(), text()), 2).prop_flat_map(|files| {
        let mut sources = Sources::default();
        let ids: Vec<SourceId> =
            files.into_iter().map(|(name, text)| sources.add(name, text)).collect();
        let ids = [ids[0], ids[1]];
        (vec(finding(ids), 0..5), vec(diagnostic(ids), 0..2)).prop_map(
            move |(findings, problems)| Case { sources: sources.clone(), findings, problems },
        )
    })
}

/// So many findings, each in a line of its own.
fn many(number: usize) -> Case {
    let mut sources = Sources::default();
    let id = sources.add("big.yaml", "key: value\n".repeat(number));
    let finding = |index: usize| {
        let message = format!("`timeoutSec` is {index}, and WebSockets are cut by it");
        let label = Label::new(id, (index * 11..index * 11 + 3).into(), "set here");
        Finding {
            diagnostic: Diagnostic::at("drain-disabled", message, label)
                .help(format!("write `{index}`")),
            object: Some(ObjectName {
                kind: "BackendConfig".into(),
                namespace: Some("web".into()),
                name: format!("chat-{index}"),
            }),
            path: "spec.timeoutSec".into(),
            fix: Applicability::Safe,
            edits: Vec::new(),
        }
    };
    Case { findings: (0..number).map(finding).collect(), problems: Vec::new(), sources }
}

/// Reads every report of a folder with parsers that are not sioway's.
const CHECK: &str = "\
import glob, json, re, sys, xml.etree.ElementTree
from jsonschema import Draft4Validator, Draft7Validator
sarif = Draft4Validator(json.load(open(sys.argv[2])))
own = json.load(open('schema.json'))
Draft7Validator.check_schema(own)
own = Draft7Validator(own)
faults = []
def check(name, condition, what):
    if not condition: faults.append(f'{name}: {what}')
def valid(name, schema, value):
    for error in schema.iter_errors(value):
        faults.append(f'{name}: {list(error.absolute_path)}: {error.message[:300]}')
for index in range(int(sys.argv[1])):
    name = f'{index}.json'
    report = json.load(open(name, encoding='utf-8'))
    valid(name, own, report)
    told = len(report['findings']) + len(report['problems'])
    name = f'{index}.sarif'
    log = json.load(open(name, encoding='utf-8'))
    valid(name, sarif, log)
    run = log['runs'][0]
    results, notifications = run['results'], run['invocations'][0]['toolExecutionNotifications']
    check(name, len(results) + len(notifications) == told, 'something is missing')
    prints = [result['partialFingerprints']['siowayFinding/v1'] for result in results]
    check(name, len(set(prints)) == len(prints), 'two results have one fingerprint')
    for result in results:
        check(name, result['message']['text'] is not None and len(result['locations']) == 1, 'GitHub refuses it')
        location = result['locations'][0]['physicalLocation']
        check(name, re.fullmatch(r'(file://)?[A-Za-z0-9._~/%-]*', location['artifactLocation']['uri']), location)
        if 'ruleIndex' in result:
            check(name, run['tool']['driver']['rules'][result['ruleIndex']]['id'] == result['ruleId'], 'wrong rule')
    name = f'{index}.xml'
    cases = xml.etree.ElementTree.parse(name).getroot().findall('./testsuite/testcase')
    check(name, len(cases) == max(told, 1), 'something is missing')
    names = {(case.get('classname'), case.get('name')) for case in cases}
    check(name, len(names) == len(cases), 'two tests have one name')
print('\\n'.join(faults))
sys.exit(bool(faults))
";

#[test]
fn whatever_is_found_is_valid_in_every_format() {
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::default() });
    let scratch = Scratch::new();
    scratch.write("schema.json", &json_schema().to_string());
    let cases = 100;
    for index in 0..cases {
        let case = case().new_tree(&mut runner).unwrap().current();
        for (format, extension) in FORMATS {
            scratch.write(&format!("{index}.{extension}"), &case.write(format));
        }
    }
    let schema = tool("sarif-2.1.0-rtm.5.json", "sarif/sarif-2.1.0-rtm.5.json");
    let output = python()
        .args(["-c", CHECK, &cases.to_string()])
        .arg(schema)
        .current_dir(scratch.path(""))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", both(&output));
}

#[test]
fn code_scanning_takes_as_many_results_as_it_may() {
    let scratch = Scratch::new();
    scratch.write("log.sarif", &many(26_000).write(Format::Sarif));
    let code = "import gzip, json; text = open('log.sarif', 'rb').read(); \
                print(len(json.loads(text)['runs'][0]['results']), len(gzip.compress(text)))";
    let output = python().args(["-c", code]).current_dir(scratch.path("")).output().unwrap();
    let numbers = both(&output);
    let numbers: Vec<usize> =
        numbers.split_whitespace().map(|number| number.parse().unwrap()).collect();
    assert_eq!(numbers[0], 25_000);
    assert!(numbers[1] < 10_000_000, "{} bytes", numbers[1]);
}

/// The Markdown outside of its code blocks.
pub(crate) fn prose(markdown: &str) -> String {
    let mut fence: Option<&str> = None;
    let mut prose = String::new();
    for line in markdown.lines() {
        match fence {
            Some(open) if line == open => fence = None,
            Some(_) => {}
            None if line.starts_with("```") => {
                fence = Some(line.trim_end_matches("text").trim_end_matches("mermaid"));
            }
            None => prose = prose + line + "\n",
        }
    }
    assert_eq!(fence, None, "a code block is not closed\n{markdown}");
    prose
}

proptest! {
    #![proptest_config(Config { cases: 150, failure_persistence: None, ..Config::default() })]

    #[test]
    fn nothing_quoted_leaves_its_place_in_a_comment(case in case()) {
        let markdown = case.write(Format::Markdown);
        prop_assert!(markdown.chars().count() <= 65_536);
        let mut prose = prose(&markdown).replacen("<!-- sioway lint -->\n### ", "", 1);
        for line in prose.lines().filter(|line| line.starts_with("| ")) {
            prop_assert_eq!(line.matches('|').count(), 5, "{}", line);
        }
        for tag in ["<details>", "</details>", "<summary>", "</summary>", "<code>", "</code>", "`sioway lint`"] {
            prose = prose.replace(tag, "");
        }
        for free in ['<', '>', '`', '@', '*', '_', '[', '\\'] {
            prop_assert!(!prose.contains(free), "{}\n{}", free, prose);
        }
    }

    #[test]
    fn a_line_is_a_finding(case in case()) {
        let told = case.findings.len() + case.problems.len();
        let controls = |text: &str| text.contains(|character: char| character.is_control() && character != '\n');
        let concise = case.write(Format::Concise);
        prop_assert_eq!(concise.lines().count(), told);
        prop_assert!(!controls(&concise), "{:?}", concise);
        let github = case.write(Format::Github);
        prop_assert_eq!(github.lines().count(), told);
        for line in github.lines() {
            let command = ["::error ", "::warning ", "::notice "].into_iter().any(|start| line.starts_with(start));
            prop_assert!(command && !controls(line), "{:?}", line);
        }
        prop_assert!(!controls(&case.write(Format::Text)), "{:?}", case);
    }
}
