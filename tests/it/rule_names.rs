//! Whoever names a rule names one that there is.

use std::collections::BTreeSet;
use std::path::Path;

use crate::doctor::{HEALTHY, by_read_outs, scratch};
use crate::tools::root;

/// The texts of a directory's code that could be the name of a rule: words of small letters, joined by `-`.
fn names_in(directory: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(names_in(&path));
        } else {
            let text = std::fs::read_to_string(&path).unwrap();
            // Line by line, so that a quote within a text spoils its own line only.
            let literals = text.lines().flat_map(|line| line.split('"').skip(1).step_by(2));
            found.extend(literals.filter(|text| is_name(text)).map(str::to_owned));
        }
    }
    found
}

fn is_name(text: &str) -> bool {
    let word = |word: &str| {
        !word.is_empty() && word.bytes().all(|one| one.is_ascii_lowercase() || one.is_ascii_digit())
    };
    text.contains('-') && text.split('-').all(word)
}

/// Every such text of a room is the name of a rule, or one of these.
#[track_caller]
fn hold(room: &str, others: &[&str], least: usize) {
    let names = names_in(&root().join("src").join(room));
    let (rules, rest): (Vec<&str>, Vec<&str>) =
        names.iter().map(String::as_str).partition(|name| sioway::rules::is_known(name));
    assert_eq!(rest, others, "{room}: neither a rule nor known to be something else");
    assert!(rules.len() >= least, "{room} names {} rules: {rules:?}", rules.len());
}

#[test]
fn trace_names_rules_that_there_are() {
    let others = [
        "direct-websocket",
        "health-check",
        "idle-poll",
        "ingress-nginx",
        "large-message",
        "load-balancer",
        "not-reached",
        "second-poll",
        "timeout-server",
        "websocket-life",
    ];
    hold("trace", &others, 30);
}

#[test]
fn probe_names_rules_that_there_are() {
    let others = [
        "cache-headers",
        "cookie-affinity",
        "fresh-session",
        "http-version",
        "https-redirect",
        "large-message",
        "no-cache",
        "no-store",
        "poll-ping",
        "unknown-session",
    ];
    hold("live/probe/checks", &others, 30);
}

/// Each check that is said to be the cause of another is there too.
#[test]
fn doctor_names_rules_and_checks_that_there_are() {
    let examined = by_read_outs(&scratch(), &HEALTHY);
    let of_doctor =
        |id: &&str| ["files-", "cluster-", "cloud-"].iter().any(|one| id.starts_with(one));
    let behind_gateway = crate::doctor::gateway::with(|_, _| {});
    let all = [examined.ids(|_| true), behind_gateway.ids(|_| true)].concat();
    let mut checks: Vec<&str> = all.into_iter().filter(of_doctor).collect();
    // What is not looked at is said only where there is some of it.
    checks.extend(["cluster-cdn-filter", "cluster-imports"]);
    checks.sort_unstable();
    checks.dedup();
    hold("doctor/checks", &checks, 15);
    let link = std::fs::read_to_string(root().join("src/doctor/link.rs")).unwrap();
    let names: Vec<&str> =
        link.split('"').skip(1).step_by(2).filter(|text| is_name(text)).collect();
    let known = |name: &&str| sioway::rules::is_known(name) || checks.contains(name);
    assert!(names.len() > 5 && names.iter().all(known), "{names:?}");
}

#[test]
fn blame_names_rules_that_there_are() {
    let others = [
        "cookie-affinity",
        "fresh-session",
        "in-files",
        "large-message",
        "not-in-files",
        "poll-ping",
        "unknown-session",
    ];
    hold("blame", &others, 3);
}
