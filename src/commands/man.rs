//! `sioway man`: the manual page.

use clap::CommandFactory;

use super::stop::Result;
use crate::cli::Cli;
use crate::exit::ExitStatus;
use crate::report::Console;

/// Prints the manual page: the overview, then a section for each command.
pub fn run(console: Console) -> Result {
    let mut command = Cli::command();
    command.build();
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut page)?;
    for subcommand in command.get_subcommands().filter(|subcommand| subcommand.get_name() != "help")
    {
        let man = clap_mangen::Man::new(subcommand.clone());
        let title = format!("sioway {}", subcommand.get_name()).to_uppercase();
        page.extend_from_slice(format!(".SH \"{title}\"\n").as_bytes());
        man.render_synopsis_section(&mut page)?;
        man.render_description_section(&mut page)?;
        man.render_options_section(&mut page)?;
    }
    console.data(&String::from_utf8_lossy(&page))?;
    Ok(ExitStatus::Success)
}
