//! `chart-builder publish`: the built charts of a network appear in a chart-registry, all of them at
//! once or none.
//!
//! Nothing is built here: what is published are the packages that somebody has looked at. Sending
//! them again is a success, so a pipeline whose answer was lost simply runs again.

mod advice;
mod answer;
mod client;
mod destination;
mod error;
mod form;
mod packages;

use std::path::PathBuf;

use chart_builder::check;
use chart_builder::directory::NetworkDirectory;
use chart_builder::model::Network;
use chart_builder::shell::word;
use serde_json::json;

use self::answer::{Receipt, Released};
use self::client::Repository;
use self::destination::{Destination, Secrets};
use self::form::Form;
use self::packages::Package;
use super::build::commands;
use super::{CommandError, Terminal};

pub(crate) use self::error::PublishError;

/// Publishes the built charts of a network to a repository of a chart-registry, in one commit.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The network directory: the packages of its releases at the version of network.yaml are published.
    #[arg(value_name = "DIR", default_value = ".")]
    directory: PathBuf,
    /// URL of the repository, as for `helm repo add`.
    #[arg(long, value_name = "URL")]
    to: String,
    /// Where the packages are [default: DIR/dist].
    #[arg(long, value_name = "DIR")]
    from: Option<PathBuf>,
    /// Publish every package of `--from`, without looking at network.yaml.
    #[arg(long, requires = "from", conflicts_with = "directory")]
    all: bool,
    /// Let the registry decide about everything and store nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    secrets: Secrets,
    /// PEM file of authorities to trust besides the system's.
    #[arg(long, value_name = "FILE")]
    ca_file: Vec<PathBuf>,
    /// One JSON document: what became of each package.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments, terminal: &mut Terminal<'_>) -> Result<(), CommandError> {
    let destination = Destination::parse(&arguments.to)?;
    let credentials = arguments.secrets.read(|name| std::env::var(name).ok())?;
    let (network, packages) = chosen(arguments)?;
    let form = Form::new(&packages, rand::random());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime =
        runtime.map_err(|source| PublishError::System { action: "start the runtime", source })?;
    let ca_files = arguments.ca_file.clone();
    let released = runtime.block_on(async {
        let repository = Repository::find(destination.clone(), credentials, ca_files).await?;
        repository.publish(&packages, (&form, arguments.dry_run)).await
    })?;
    if arguments.json {
        return print_json(&destination, (&packages, &released), terminal);
    }
    print(&destination, (&packages, &released), terminal)?;
    if !arguments.dry_run {
        print_commands(&destination, (network.as_ref(), &packages), terminal)?;
    }
    Ok(())
}

/// The packages to publish, and the network when they are chosen by its topology.
fn chosen(arguments: &Arguments) -> Result<(Option<Network>, Vec<Package>), CommandError> {
    if let Some(from) = arguments.from.as_ref().filter(|_| arguments.all) {
        return Ok((None, packages::of_directory(from)?));
    }
    let directory = NetworkDirectory::new(&arguments.directory);
    let source = directory.source()?;
    let checked = check::check(&source, &directory.lock()?);
    let Some(network) = checked.network else {
        return Err(CommandError::refused(source, checked.diagnostics));
    };
    let from = arguments.from.clone().unwrap_or_else(|| directory.path("dist"));
    let packages = packages::of_network(&network, &from)?;
    Ok((Some(network), packages))
}

/// A receipt with the package that it is for.
fn pairs<'a>(
    packages: &'a [Package],
    released: &'a Released,
) -> impl Iterator<Item = (&'a Receipt, Option<&'a Package>)> {
    released.packages.iter().map(|receipt| {
        let is_of =
            |it: &&Package| it.name == receipt.name && it.version.to_string() == receipt.version;
        (receipt, packages.iter().find(is_of))
    })
}

fn print(
    destination: &Destination,
    (packages, released): (&[Package], &Released),
    terminal: &mut Terminal<'_>,
) -> Result<(), CommandError> {
    for (receipt, package) in pairs(packages, released) {
        let became = match (receipt.created, released.dry_run) {
            (true, false) => "published",
            (true, true) => "possible ",
            (false, _) => "there    ",
        };
        let signed = package.is_some_and(|it| it.provenance.is_some());
        let signed = if signed { ", with its signature" } else { "" };
        let Receipt { name, version, digest, .. } = receipt;
        writeln!(terminal.talk, "{became} {name} {version} sha256:{digest}{signed}")?;
        if package.is_some_and(|it| it.digest.to_string() != *digest) {
            writeln!(
                terminal.talk,
                "          the same files in other bytes: what was published first stays"
            )?;
        }
        for warning in &receipt.warnings {
            writeln!(terminal.talk, "warning: {warning}")?;
        }
    }
    let (url, seq) = (destination.shown(), released.seq);
    if released.dry_run {
        writeln!(terminal.talk, "{url} would take this release; nothing was stored")?;
    } else {
        writeln!(terminal.talk, "{url} has it since journal entry {seq}")?;
    }
    Ok(())
}

/// The view that shows one network's charts, and how its releases are installed from there.
fn print_commands(
    destination: &Destination,
    (network, packages): (Option<&Network>, &[Package]),
    terminal: &mut Terminal<'_>,
) -> Result<(), CommandError> {
    let Some(name) = packages.first().and_then(|package| package.network.as_deref()) else {
        return Ok(());
    };
    if packages.iter().any(|package| package.network.as_deref() != Some(name)) {
        return Ok(());
    }
    let view = word(&format!("{}/~network={name}", destination.shown()));
    writeln!(terminal.data, "helm repo add {name} {view} --force-update")?;
    let Some(network) = network else { return Ok(()) };
    let releases = network.releases();
    let charts = releases
        .iter()
        .map(|release| format!("{name}/{} --version {}", release.name, network.version));
    for command in commands(network, releases.iter().zip(charts)) {
        writeln!(terminal.data, "{command}")?;
    }
    Ok(())
}

fn print_json(
    destination: &Destination,
    (packages, released): (&[Package], &Released),
    terminal: &mut Terminal<'_>,
) -> Result<(), CommandError> {
    let items: Vec<_> = pairs(packages, released)
        .map(|(receipt, package)| {
            json!({
                "name": receipt.name,
                "version": receipt.version,
                "digest": format!("sha256:{}", receipt.digest),
                "created": receipt.created,
                "provenance": package.is_some_and(|it| it.provenance.is_some()),
                "warnings": receipt.warnings,
            })
        })
        .collect();
    let document = json!({
        "repository": destination.shown(),
        "dryRun": released.dry_run,
        "seq": released.seq,
        "packages": items,
    });
    writeln!(terminal.data, "{document}")?;
    Ok(())
}
