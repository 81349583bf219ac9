//! The `sioway` binary: parse, run, exit.

use std::process::ExitCode;

fn main() -> ExitCode {
    sioway::cli::main().into()
}
