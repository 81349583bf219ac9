//! How a run ends, as scripts see it.

use std::process::ExitCode;

/// The exit status of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExitStatus {
    /// 0: nothing to report.
    Success,
    /// 1: differences, findings or failed checks.
    Findings,
    /// So many failed checks, for who asked to have them counted.
    Count(u8),
    /// 2: the input or the call is at fault, or the world failed us.
    Failure,
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        match status {
            ExitStatus::Success => Self::SUCCESS,
            ExitStatus::Findings => Self::from(1),
            ExitStatus::Count(count) => Self::from(count),
            ExitStatus::Failure => Self::from(2),
        }
    }
}
