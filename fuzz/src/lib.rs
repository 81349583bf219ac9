//! What is fuzzed: one function a target, and what must hold of any bytes.
//!
//! `cargo fuzz run TARGET` looks for new inputs; a test of sioway itself replays those that are kept in `corpus/`.

#![allow(clippy::expect_used, clippy::missing_panics_doc, reason = "a target fails by a panic")]

mod app;
mod edits;
mod files;
mod judged;
mod kustomize;
mod manifest;
mod nginx;
mod outside;
mod patch;
mod written;

pub use judged::harmless;

/// Something that is to bear any bytes.
pub type Target = fn(&[u8]);

/// Every target, by its name.
pub const ALL: &[(&str, Target)] = &[
    ("app_toml", app::app_toml),
    ("profile", app::profile),
    ("workspace", app::workspace),
    ("edit_nginx", edits::nginx),
    ("edit_values", edits::values),
    ("lint", judged::lint),
    ("adopt", judged::adopt),
    ("diff", written::diff),
    ("krm", written::krm),
    ("kustomize", kustomize::kustomize),
    ("yaml_read", manifest::yaml_read),
    ("embedded_position", manifest::embedded_position),
    ("json_read", manifest::json_read),
    ("nginx_parse", nginx::parse),
    ("wire", outside::wire),
    ("url", outside::url),
    ("read_outs", outside::read_outs),
    ("unified_diff", patch::unified_diff),
];

/// Runs one target.
pub fn run(name: &str, bytes: &[u8]) {
    let target = ALL.iter().find(|(other, _)| *other == name);
    target.expect("a target of this name").1(bytes);
}
