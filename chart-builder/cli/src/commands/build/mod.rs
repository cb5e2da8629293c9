//! `chart-builder build`: the network directory becomes a chart.

use std::path::{Path, PathBuf};

use chart_builder::build::{self, Built, Options};
use chart_builder::curated::CuratedCharts;
use chart_builder::diagnostic::report;
use chart_builder::directory::NetworkDirectory;
use chart_builder::model::Network;
use chart_builder::output::Output;
use chart_builder::shell::word;

use super::{CommandError, Terminal};

/// Builds the network's chart: network.yaml + network.lock + public/ -> one package.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The network directory.
    #[arg(value_name = "DIR", default_value = ".")]
    directory: PathBuf,
    /// Where the package goes [default: DIR/dist].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Write the chart's files, too, in a directory of its name.
    #[arg(long)]
    unpacked: bool,
    /// Freeze nothing: fail when network.lock would change, and write only to --out.
    #[arg(long, conflicts_with = "update_charts")]
    locked: bool,
    /// A directory of curated charts to use in place of the ones in this program.
    #[arg(long, value_name = "DIR")]
    charts: Option<PathBuf>,
    /// Move the pins in network.lock on to the curated charts at hand.
    #[arg(long)]
    update_charts: bool,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments, terminal: &mut Terminal<'_>) -> Result<(), CommandError> {
    let directory = NetworkDirectory::new(&arguments.directory);
    let curated = curated(arguments.charts.as_deref())?;
    let options = Options { locked: arguments.locked, update_charts: arguments.update_charts };
    let built = build::build(&directory, &curated, options)?;
    let out = arguments.out.clone().unwrap_or_else(|| directory.path("dist"));
    let output = Output::open(out, &directory)?;
    let package = output.package(&file_name(&built), &built.packed.bytes)?;
    if arguments.unpacked {
        let name = &built.network.name;
        let tree = output.unpacked(name, &built.chart.tree().map_err(build::BuildError::from)?)?;
        writeln!(terminal.talk, "files     {}", tree.display())?;
    }
    print_warnings(&built, terminal)?;
    print_result(&built, (&package, arguments.locked), terminal)
}

/// The curated charts of `--charts`, or the ones in this program.
pub(super) fn curated(charts: Option<&Path>) -> Result<CuratedCharts, CommandError> {
    let curated = match charts {
        Some(directory) => CuratedCharts::read(directory),
        None => CuratedCharts::embedded(),
    };
    Ok(curated.map_err(build::BuildError::from)?)
}

/// `<name>-<version>.tgz`, Helm's name of a package.
pub(super) fn file_name(built: &Built) -> String {
    format!("{}-{}.tgz", built.network.name, built.network.version)
}

/// Warnings of the topology, and of the release's size.
pub(super) fn print_warnings(
    built: &Built,
    terminal: &mut Terminal<'_>,
) -> Result<(), CommandError> {
    if !built.diagnostics.is_empty() {
        write!(
            terminal.talk,
            "{}",
            report::text(&built.source, &built.diagnostics, terminal.style)
        )?;
    }
    if built.release_size.is_large() {
        writeln!(
            terminal.talk,
            "warning: Helm will store about {} KiB for a release, and Kubernetes takes 1024: nothing is built above 900",
            built.release_size.bytes / 1024
        )?;
    }
    Ok(())
}

fn print_result(
    built: &Built,
    (package, locked): (&Path, bool),
    terminal: &mut Terminal<'_>,
) -> Result<(), CommandError> {
    writeln!(terminal.talk, "chart     {}", package.display())?;
    writeln!(terminal.talk, "sha256    {}", built.packed.digest)?;
    writeln!(
        terminal.talk,
        "release   about {} KiB in Helm's Secret, of 1024",
        built.release_size.bytes.div_ceil(1024)
    )?;
    // A locked build froze nothing: there is nothing new to commit.
    let commit = if locked { "" } else { "commit network.lock and public/. " };
    writeln!(terminal.talk, "{commit}Next, after the manifests of `chart-builder identities`:")?;
    let chart = word(&package.to_string_lossy());
    for command in commands(&built.network, &chart) {
        writeln!(terminal.data, "{command}")?;
    }
    Ok(())
}

/// How a network is installed, upgraded and tested; `chart` is a path, or a name with `--version`.
pub(super) fn commands(network: &Network, chart: &str) -> [String; 2] {
    let name = &network.name;
    [
        format!("helm upgrade --install {name} {chart} --namespace {name} --wait --timeout 10m"),
        format!("helm test {name} --namespace {name} --timeout 5m"),
    ]
}

#[cfg(test)]
mod tests;
