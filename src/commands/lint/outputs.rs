//! Where findings are written: one format to stdout, others to files.

use std::io::IsTerminal;
use std::str::FromStr;

use camino::Utf8PathBuf;
use clap::ValueEnum;

use crate::commands::files::replace;
use crate::commands::stop::Result;
use crate::report::Console;
use crate::report::findings::{Format, Report, write};

/// `FORMAT:FILE`.
#[derive(Debug, Clone)]
pub(super) struct Output {
    format: Format,
    file: Utf8PathBuf,
}

impl FromStr for Output {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let wrong = || {
            let names: Vec<String> = Format::value_variants()
                .iter()
                .filter_map(|format| Some(format.to_possible_value()?.get_name().to_owned()))
                .collect();
            format!("write `FORMAT:FILE`, where the format is one of {}", names.join(", "))
        };
        let (format, file) = text.split_once(':').ok_or_else(wrong)?;
        if file.is_empty() {
            return Err(wrong());
        }
        if file == "-" {
            return Err("stdout has the format of `--format`; name a file".to_owned());
        }
        Ok(Self {
            format: Format::from_str(format, false).map_err(|_| wrong())?,
            file: file.into(),
        })
    }
}

/// Writes a report to stdout and to files.
pub(super) fn write_all(
    format: Format,
    outputs: &[Output],
    report: &Report<'_>,
    console: Console,
) -> Result<()> {
    for output in outputs {
        replace(&output.file, write(output.format, report, false).as_bytes())?;
    }
    let color = console.colors(std::io::stdout().is_terminal());
    console.data(&write(format, report, color))?;
    Ok(())
}
