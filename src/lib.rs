//! placeholder
pub mod cli;
pub mod commands;
pub mod diagnostic;
pub mod exit;
pub mod plan;
pub mod render;
pub mod report;
pub mod spec;
