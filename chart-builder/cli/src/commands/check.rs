//! `chart-builder check`: every fault of the topology, without building.

use std::path::PathBuf;

use chart_builder::check;
use chart_builder::diagnostic::report;
use chart_builder::directory::NetworkDirectory;

use super::{CommandError, Terminal};

/// Reports every fault of network.yaml, alone and against network.lock; builds nothing.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The network directory.
    #[arg(value_name = "DIR", default_value = ".")]
    directory: PathBuf,
    /// How the report looks.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// `--format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// One JSON document.
    Json,
}

/// Runs the command; true when nothing forbids a build. The report is the command's data.
pub(crate) fn run(
    arguments: &Arguments,
    terminal: &mut Terminal<'_>,
) -> Result<bool, CommandError> {
    let directory = NetworkDirectory::new(&arguments.directory);
    let (source, lock) = (directory.source()?, directory.lock()?);
    let checked = check::check(&source, &lock);
    match arguments.format {
        Format::Text => {
            let text = report::text(&source, &checked.diagnostics, terminal.style);
            write!(terminal.data, "{text}")?;
        }
        Format::Json => writeln!(terminal.data, "{}", report::json(&source, &checked.diagnostics))?,
    }
    Ok(!checked.diagnostics.has_errors())
}
