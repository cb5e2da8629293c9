//! `chart-builder init`: the topology to start with.

use std::path::{Path, PathBuf};

use chart_builder::directory::{Access, DirectoryError, NetworkDirectory, Writer, paths};
use chart_builder::init::{self, Choices, Started};
use chart_builder::source::Source;
use semver::Version;

use super::{CommandError, Terminal};

/// Writes a network.yaml to start with: an example with comments, or what earlier files describe.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The network directory; made if it is not there.
    #[arg(value_name = "DIR", default_value = ".")]
    directory: PathBuf,
    /// cryptogen's configuration (cluster-config.yaml) and, after it, configtx.yaml; or values.yaml of the chart of 2018.
    #[arg(long, value_name = "FILE", num_args = 1..=2)]
    from: Vec<PathBuf>,
    /// Version of Fabric; from 2.4.1 on orderers agree by Raft, whatever the files say.
    #[arg(long, value_name = "VERSION")]
    fabric: Option<Version>,
    /// Name of the network, where the files have none.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
}

/// Runs the command. An existing network.yaml is never overwritten.
pub(crate) fn run(arguments: &Arguments, terminal: &mut Terminal<'_>) -> Result<(), CommandError> {
    let choices = Choices { name: name(arguments), fabric: arguments.fabric.clone() };
    let started = match arguments.from.as_slice() {
        [] => init::from_nothing(&choices),
        [first, rest @ ..] => {
            let first = source(first)?;
            let configtx = rest.first().map(|path| source(path)).transpose()?;
            init::from_files(&first, configtx.as_ref(), &choices)
                .map_err(|error| CommandError::refused(*error.source_file, error.diagnostics))?
        }
    };
    let Started { topology, notes } = started;
    let directory = NetworkDirectory::new(&arguments.directory);
    std::fs::create_dir_all(directory.root())
        .map_err(DirectoryError::io("create", directory.root().to_owned()))?;
    Writer::new(directory.root()).put_new(paths::TOPOLOGY, topology.as_bytes(), Access::Public)?;
    for note in notes {
        writeln!(terminal.talk, "note: {note}")?;
    }
    let shown = arguments.directory.display();
    writeln!(terminal.talk, "wrote {}. Next:", directory.path(paths::TOPOLOGY).display())?;
    for command in ["check", "identities", "build"] {
        writeln!(terminal.data, "chart-builder {command} {shown}")?;
    }
    Ok(())
}

fn source(path: &Path) -> Result<Source, CommandError> {
    Ok(chart_builder::directory::source_file(path)?)
}

/// The name that was given, or that of the directory, or the article's.
fn name(arguments: &Arguments) -> String {
    let directory = arguments.directory.file_name().and_then(|name| name.to_str());
    let derived = directory.and_then(chart_builder::spec::grammar::label_of);
    arguments.name.clone().or(derived).unwrap_or_else(|| "article".to_owned())
}
