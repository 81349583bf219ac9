//! The commands, one file each: the only room that reads and writes files.

pub mod blame;
pub mod completions;
pub mod diff;
pub mod doctor;
pub mod explain;
pub mod external_diff;
pub mod graph;
pub mod init;
pub mod krm;
pub mod lint;
pub mod man;
pub mod probe;
pub mod profiles;
pub mod render;
pub mod runbook;
pub mod schema;
pub mod templates;
pub mod trace;

mod app;
mod files;
mod interrupt;
mod many;
mod outputs;
mod paths;
mod pick;
mod profile_files;
mod repository;
mod shelf;
mod stop;
mod streams;
mod subject;
mod template_files;
mod together;

pub use stop::{Result, Stop};
