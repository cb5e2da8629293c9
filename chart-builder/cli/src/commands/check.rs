//! `chart-builder check`: every fault of the topology, without building.

use std::path::PathBuf;

use chart_builder::build;
use chart_builder::diagnostic::Diagnostics;
use chart_builder::diagnostic::report::{self, Style};
use chart_builder::directory::{DirectoryError, NetworkDirectory};
use chart_builder::source::Source;

use super::{CommandError, Terminal};

/// Reports every fault of network.yaml, alone and against network.lock and public/; builds nothing.
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
    /// One JSON document; `{"failure"}` when a file cannot be read.
    Json,
}

/// Runs the command; true when nothing forbids a build. The report is the command's data.
pub(crate) fn run(
    arguments: &Arguments,
    terminal: &mut Terminal<'_>,
) -> Result<bool, CommandError> {
    let directory = NetworkDirectory::new(&arguments.directory);
    match examine(&directory) {
        Ok((source, diagnostics)) => {
            match arguments.format {
                Format::Text => {
                    let text = report::text(&source, &diagnostics, terminal.style);
                    write!(terminal.data, "{text}")?;
                }
                Format::Json => writeln!(terminal.data, "{}", report::json(&source, &diagnostics))?,
            }
            Ok(!diagnostics.has_errors())
        }
        Err(error) => {
            let error = CommandError::from(error);
            if arguments.format == Format::Json {
                let failure = error.report(Style::Plain);
                writeln!(
                    terminal.data,
                    "{}",
                    serde_json::json!({ "failure": failure.trim_end() })
                )?;
            }
            Err(error)
        }
    }
}

fn examine(directory: &NetworkDirectory) -> Result<(Source, Diagnostics), DirectoryError> {
    let (source, lock) = (directory.source()?, directory.lock()?);
    let public = build::with_sources(directory, &source, directory.public()?)?;
    let diagnostics = build::examine(&source, &lock, &public);
    Ok((source, diagnostics))
}
