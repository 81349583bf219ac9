//! What `sioway diff` writes into a comment, however much there is to say.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::Config;
use sioway::diagnostic::{ObjectName, Severity};
use sioway::diff::Status;
use sioway::picture::{Amount, Picture, Rung, Side, State, Station};
use sioway::report::Report as _;
use sioway::report::diff::{AppDiff, ChangeEntry, DiffReport, ObjectEntry};

use crate::findings::{prose, text};

fn change() -> impl Strategy<Value = ChangeEntry> {
    (text(), prop::option::of(text()), prop::option::of(text())).prop_map(|(path, old, new)| {
        ChangeEntry {
            path,
            old,
            new,
            place: None,
            there: None,
            repair: None,
            rule: Some("drain-disabled"),
            severity: Severity::Warning,
            reason: "without draining the requests of a pod that leaves are cut",
            origin: None,
            notes: Vec::new(),
        }
    })
}

fn object() -> impl Strategy<Value = ObjectEntry> {
    let status = prop::sample::select(vec![Status::Change, Status::Add, Status::OnlyThere]);
    // Some objects alone are more than a comment holds.
    let changes = prop_oneof![
        9 => vec(change(), 0..4),
        1 => change().prop_flat_map(|one| (0..400_usize).prop_map(move |many| vec![one.clone(); many])),
    ];
    (text(), text(), status, prop::option::of(text()), changes).prop_map(
        |(kind, name, status, file, changes)| ObjectEntry {
            name: ObjectName { kind, namespace: None, name },
            status,
            file,
            changes,
            foreign: Vec::new(),
        },
    )
}

fn picture() -> impl Strategy<Value = Picture> {
    let station =
        (text(), vec(text(), 0..3), vec(text(), 0..2)).prop_map(|(name, facts, faults)| {
            let state = if faults.is_empty() { State::Right } else { State::Broken };
            Station { faults, state, ..Station::right(name, facts) }
        });
    let side = |what: &str, seconds: u64| Side {
        what: what.to_owned(),
        value: format!("{seconds} s"),
        amount: Amount::Milliseconds(seconds * 1_000),
    };
    vec(station, 2..6).prop_map(move |stations| Picture {
        title: String::new(),
        stations,
        rungs: vec![Rung {
            lower: side("less", 1),
            sign: "≤",
            upper: side("more", 2),
            holds: true,
        }],
    })
}

fn app() -> impl Strategy<Value = AppDiff> {
    (text(), prop::option::of(text()), vec(object(), 1..6), picture()).prop_map(
        |(app, environment, objects, picture)| AppDiff {
            app,
            described: None,
            environment,
            objects,
            picture: Some(picture),
        },
    )
}

fn report() -> impl Strategy<Value = DiffReport> {
    let many =
        app().prop_flat_map(|one| (50..120_usize).prop_map(move |many| vec![one.clone(); many]));
    let apps = prop_oneof![4 => vec(app(), 0..4), 1 => many];
    apps.prop_map(|apps| DiffReport { apps, ..DiffReport::default() })
}

/// What is folded, outside of code blocks: each part is opened and closed, and none is in another.
fn is_balanced(prose: &str) {
    let mut open = false;
    for (at, _) in prose.match_indices("details>") {
        let closes = prose[..at].ends_with("</");
        assert_eq!(open, closes, "{prose}");
        open = !closes;
    }
    assert!(!open, "a part is not closed: {prose}");
}

proptest! {
    #![proptest_config(Config { cases: 30, failure_persistence: None, max_shrink_iters: 0, ..Config::default() })]

    #[test]
    fn a_comment_is_whole_pieces_with_the_summary_first(report in report()) {
        let markdown = report.markdown();
        let units: usize = markdown.chars().map(char::len_utf16).sum();
        prop_assert!(units <= 65_536, "{units}");
        let summary = report.summary();
        let heading = format!("<!-- sioway diff -->\n### sioway diff: {} to add, {} to change", summary.add, summary.change);
        prop_assert!(markdown.starts_with(&heading), "{markdown}");
        let mut prose = prose(&markdown);
        is_balanced(&prose);
        for line in prose.lines().filter(|line| line.starts_with("| ") && !line.contains("| smaller |")) {
            let bars = line.matches('|').count();
            prop_assert!(bars == 5 || bars == 4, "{line}");
        }
        prose = prose.replacen("<!-- sioway diff -->\n", "", 1);
        for tag in ["<details>", "</details>", "<summary>", "</summary>", "<code>", "</code>", "`sioway diff`"] {
            prose = prose.replace(tag, "");
        }
        for free in ['<', '>', '`', '@', '*', '_', '[', '\\'] {
            prop_assert!(!prose.contains(free), "{free}\n{prose}");
        }
        for line in markdown.lines().filter(|line| line.starts_with("  n")) {
            let quotes = line.matches('"').count();
            prop_assert!(quotes == 2 || line.contains(" --> "), "{line}");
        }
    }

    #[test]
    fn an_app_has_its_picture_however_much_differs(mut app in app(), change in change(), many in 500..900_usize) {
        app.objects.truncate(3);
        app.objects[0].changes = vec![change; many];
        app.objects[0].status = Status::Change;
        for station in app.picture.iter_mut().flat_map(|picture| &mut picture.stations) {
            *station = Station::right("", Vec::new());
        }
        let report = DiffReport { apps: vec![app], ..DiffReport::default() };
        let markdown = report.markdown();
        prop_assert_eq!(markdown.matches("```mermaid\n").count(), 1);
        prop_assert_eq!(markdown.matches("| smaller | | larger |").count(), 1);
        prop_assert!(markdown.contains("| field | old | new | why |"), "some of the details are there");
        let rows = markdown.lines().filter(|line| line.starts_with("| ")).count();
        let is_cut = markdown.ends_with("`sioway diff` shows all of them.\n");
        prop_assert!(is_cut || rows > many, "{}", markdown);
    }
}
