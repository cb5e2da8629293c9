//! `chart-builder images`: what a cluster without a way to public registries has to hold.

use std::path::PathBuf;

use chart_builder::check;
use chart_builder::directory::NetworkDirectory;
use chart_builder::images;

use super::{CommandError, Terminal};

/// Lists every image that the network's charts use; `images.registry` in network.yaml puts one mirror before them all.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The network directory.
    #[arg(value_name = "DIR", default_value = ".")]
    directory: PathBuf,
    /// One JSON document: a list of {image, for}.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments, terminal: &mut Terminal<'_>) -> Result<(), CommandError> {
    let directory = NetworkDirectory::new(&arguments.directory);
    let source = directory.source()?;
    let checked = check::check(&source, &directory.lock()?);
    let Some(network) = checked.network else {
        return Err(CommandError::refused(source, checked.diagnostics));
    };
    let used = images::images(&network);
    if arguments.json {
        let items: Vec<_> = used
            .iter()
            .map(|it| serde_json::json!({ "image": it.reference, "for": it.purposes }))
            .collect();
        writeln!(terminal.data, "{}", serde_json::Value::from(items))?;
        return Ok(());
    }
    // References alone are data, so that a loop can read them.
    for image in used {
        writeln!(terminal.data, "{}", image.reference)?;
    }
    Ok(())
}
