//! kubectl and gcloud, asked: they log in, know contexts and projects, and speak to every version of the API. git,
//! asked what changed.
//!
//! Each run ends within a time, with all that it started. What went wrong is said plainly; a layer that was not read
//! is never taken for a healthy one.

mod cloud;
mod cluster;
mod forward;
mod git;
mod run;
mod trouble;

pub use cloud::ask as ask_cloud;
pub use cluster::{ask as ask_cluster, context};
pub use forward::Forward;
pub use git::{Differing, Untold, differing};
pub use run::{Failure, Output, run};
