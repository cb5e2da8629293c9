//! `chart-builder build`: the network directory becomes one chart, or one for each owner.

mod moving;

use std::path::{Path, PathBuf};

use chart_builder::build::{self, Built, Options};
use chart_builder::curated::CuratedCharts;
use chart_builder::diagnostic::report;
use chart_builder::directory::NetworkDirectory;
use chart_builder::model::{Layout, Network, Owner, Release, STORAGE_RELEASE};
use chart_builder::output::Output;
use chart_builder::shell::word;

use super::{CommandError, Terminal};

/// Builds the network's charts: network.yaml + network.lock + public/ -> one package for each release.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
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
    /// One release for all, or one for each owner, where network.yaml does not say it.
    #[arg(long, value_enum, value_name = "LAYOUT")]
    layout: Option<LayoutWord>,
    /// Cut a network that was built already into other releases; the printed commands move its objects.
    #[arg(long, requires = "layout", conflicts_with = "locked")]
    change_layout: bool,
}

/// `--layout`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum LayoutWord {
    /// One release `<network>` for the whole network.
    Umbrella,
    /// One release `<network>-<organization>` for each organization, in its own namespace.
    PerOwner,
}

impl From<LayoutWord> for Layout {
    fn from(word: LayoutWord) -> Self {
        match word {
            LayoutWord::Umbrella => Self::Umbrella,
            LayoutWord::PerOwner => Self::PerOwner,
        }
    }
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments, terminal: &mut Terminal<'_>) -> Result<(), CommandError> {
    let directory = NetworkDirectory::new(&arguments.directory);
    let curated = curated(arguments.charts.as_deref())?;
    let options = Options {
        locked: arguments.locked,
        update_charts: arguments.update_charts,
        layout: arguments.layout.map(Layout::from),
        change_layout: arguments.change_layout,
    };
    let built = build::build(&directory, &curated, options)?;
    let out = arguments.out.clone().unwrap_or_else(|| directory.path("dist"));
    let output = Output::open(out, &directory)?;
    let mut packages = Vec::new();
    for chart in &built.charts {
        packages.push(output.package(&chart.file_name(), &chart.packed.bytes)?);
        if arguments.unpacked {
            let files = chart.chart.tree().map_err(build::BuildError::from)?;
            let tree = output.unpacked(&chart.release.name, &files)?;
            writeln!(terminal.talk, "files     {}", tree.display())?;
        }
    }
    print_warnings(&built, terminal)?;
    print_result(&built, (&packages, arguments.locked), terminal)
}

/// The curated charts of `--charts`, or the ones in this program.
pub(super) fn curated(charts: Option<&Path>) -> Result<CuratedCharts, CommandError> {
    let curated = match charts {
        Some(directory) => CuratedCharts::read(directory),
        None => CuratedCharts::embedded(),
    };
    Ok(curated.map_err(build::BuildError::from)?)
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
    for chart in built.charts.iter().filter(|chart| chart.release_size.is_large()) {
        writeln!(
            terminal.talk,
            "warning: Helm will store about {} KiB for the release `{}`, and Kubernetes takes 1024: nothing is built \
             above 900",
            chart.release_size.bytes / 1024,
            chart.release.name
        )?;
    }
    Ok(())
}

fn print_result(
    built: &Built,
    (packages, locked): (&[PathBuf], bool),
    terminal: &mut Terminal<'_>,
) -> Result<(), CommandError> {
    for (chart, package) in built.charts.iter().zip(packages) {
        writeln!(terminal.talk, "chart     {}", package.display())?;
        writeln!(terminal.talk, "sha256    {}", chart.packed.digest)?;
        writeln!(
            terminal.talk,
            "release   about {} KiB in Helm's Secret, of 1024",
            chart.release_size.bytes.div_ceil(1024)
        )?;
    }
    // A locked build froze nothing: there is nothing new to commit.
    let commit = if locked { "" } else { "commit network.lock and public/. " };
    writeln!(terminal.talk, "{commit}Next, after the manifests of `chart-builder identities`:")?;
    let chart = |chart: &Path| word(&chart.to_string_lossy());
    let releases = built.charts.iter().map(|chart| &chart.release);
    let charts = releases.zip(packages.iter().map(|package| chart(package)));
    let mut commands = commands(&built.network, charts);
    if let Some(before) = built.moved_from {
        commands = moving::commands(&built.network, before, commands);
    }
    for command in commands {
        writeln!(terminal.data, "{command}")?;
    }
    Ok(())
}

/// How each release is installed, upgraded and tested; a chart is a path, or a name with `--version`.
///
/// All installs come first: a test of one owner may need the others.
pub(super) fn commands<'a>(
    network: &Network,
    charts: impl Iterator<Item = (&'a Release, String)>,
) -> Vec<String> {
    let charts: Vec<(&Release, String)> = charts.collect();
    let install = |(release, chart): &(&Release, String)| {
        let Release { name, namespace, .. } = release;
        let wait = if network.starts_alone(release) { " --wait --timeout 10m" } else { "" };
        let asks = network.asks_for_nfs_server() && release.holds(&Owner::Shared(STORAGE_RELEASE));
        let server = if asks { " --set fabric-storage.nfs.server=ADDRESS" } else { "" };
        format!("helm upgrade --install {name} {chart} --namespace {namespace}{wait}{server}")
    };
    let test = |(release, _): &(&Release, String)| {
        let Release { name, namespace, .. } = release;
        format!("helm test {name} --namespace {namespace} --timeout 5m")
    };
    charts.iter().map(install).chain(charts.iter().map(test)).collect()
}

#[cfg(test)]
mod tests;
