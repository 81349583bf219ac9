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
    /// 130, as shells say it of Ctrl-C: somebody ended the run before it was done.
    Interrupted,
}

/// The status of a run that was interrupted.
pub const INTERRUPTED: u8 = 130;

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        match status {
            ExitStatus::Success => Self::SUCCESS,
            ExitStatus::Findings => Self::from(1),
            ExitStatus::Count(count) => Self::from(count),
            ExitStatus::Failure => Self::from(2),
            ExitStatus::Interrupted => Self::from(INTERRUPTED),
        }
    }
}
