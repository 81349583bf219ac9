//! Everything that is tested from outside: the binary, and what it writes.
//!
//! Tools that a test needs are installed by `tests/run.sh`. One that is missing fails
//! the test, and says so: a skipped test would look like a passed one.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test that cannot go on fails")]

mod adopt;
mod adopt_unsure;
mod agreement;
mod blame;
mod budgets;
mod built;
mod chat;
mod crash;
mod described;
mod descriptions;
mod diff;
mod diff_beta;
mod diff_effective;
mod diff_formats;
mod diff_markdown;
mod diff_values;
mod doctor;
mod documents;
mod edits;
mod errors;
mod escaping;
mod external_diff;
mod faults;
mod files;
mod findings;
#[allow(dead_code, unreachable_pub, reason = "a library of its own, to cargo-fuzz")]
#[path = "../../fuzz/src/lib.rs"]
mod fuzz;
mod fuzzed;
mod groups;
mod health;
mod hostile;
mod in_repository;
mod integrations;
mod kubernetes;
mod kustomize;
#[path = "../lab/mod.rs"]
mod lab;
mod links;
mod lint;
mod lint_fix;
mod lint_fix_careful;
mod lint_inline;
mod lint_render;
mod manifest;
mod many_directories;
mod merged_lists;
mod monitoring;
mod name_references;
mod nginx;
mod offline;
mod outside;
mod overlays;
mod pages;
mod pairing;
mod parts;
mod probe;
mod properties;
mod refusals;
mod repairs;
mod repairs_nginx;
mod restyled;
mod rule_names;
mod rules;
mod runbook;
mod scale;
mod scatter;
mod schema;
mod senders;
mod specs;
mod streams;
mod templates;
mod together;
mod tools;
mod trace;
mod trace_many;
mod trace_nginx;
mod transcripts;
mod verify;
mod workspace;
mod written_anew;
