//! Where reports are written: one format to stdout, others to files.

use std::str::FromStr;

use camino::Utf8PathBuf;
use clap::ValueEnum;

use super::files::replace;
use super::interrupt;
use super::stop::Result;
use crate::report::Console;

/// `FORMAT:FILE`.
#[derive(Debug, Clone)]
pub(super) struct Output<F> {
    /// The format.
    pub(super) format: F,
    file: Utf8PathBuf,
}

impl<F: ValueEnum> FromStr for Output<F> {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let wrong = || {
            let names: Vec<String> = F::value_variants()
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
        Ok(Self { format: F::from_str(format, false).map_err(|_| wrong())?, file: file.into() })
    }
}

/// Writes a report to files and to stdout; `text` is the report in a format, with colours or without.
pub(super) fn write_all<F: Copy>(
    format: F,
    outputs: &[Output<F>],
    text: impl Fn(F, bool) -> String,
    console: Console,
) -> Result<()> {
    for output in outputs {
        let text = text(output.format, false);
        interrupt::carefully(|| replace(&output.file, text.as_bytes()))?;
    }
    console.painted(|color| text(format, color))?;
    Ok(())
}
