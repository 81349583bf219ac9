//! What the user sees. The only room that knows colours.
//!
//! Data goes to stdout, everything else to stderr.

mod adopted;
pub mod blame;
pub mod checks;
mod clean;
mod console;
pub mod diff;
pub mod findings;
mod format;
mod html;
mod markdown;
pub mod picture;
mod progress;
mod runbook;
mod snippet;
mod step;
mod table;
pub mod trace;
mod wrap;

pub use adopted::text as adopted_text;
pub use clean::leading as leading_name;
pub use console::{Console, When};
pub use format::{Format, Report};
pub use progress::Progress;
pub use runbook::markdown as runbook_markdown;
pub use step::Step;
pub use table::table;
