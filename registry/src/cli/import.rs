//! `chart-registry import`: what other programs have stored becomes versions here.

use std::path::{Path, PathBuf};

use chart_format::digest::Sha256;
use chart_registry_store::{Location, RepositoryPath};
use clap::{Args, Subcommand};

use super::config::{self, Faulty};
use super::export::repository;
use super::flags::Flags;
use super::{ServeError, options};
use crate::chartmuseum::{Choice, Report, import};
use crate::operations::bundle;
use crate::registry::Registry;

/// What to import.
#[derive(Subcommand)]
pub(super) enum Import {
    /// Import the storage directory of `ChartMuseum`; its files are read and never changed.
    Chartmuseum(Chartmuseum),
    /// Import a bundle that `export bundle` made; what is there already is left alone.
    Bundle(Bundle),
}

#[derive(Args)]
pub(super) struct Bundle {
    /// The file.
    #[arg(value_name = "FILE")]
    from: PathBuf,

    /// What `export bundle` told of the file: `sha256:...`. Another file is not imported.
    #[arg(long, value_name = "DIGEST", value_parser = digest)]
    digest: Option<Sha256>,

    /// Put everything below this path.
    #[arg(long, value_name = "PATH", default_value = "", value_parser = repository)]
    into: RepositoryPath,

    /// Write the report as JSON.
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    flags: Flags,
}

#[derive(Args)]
pub(super) struct Chartmuseum {
    /// The directory: `--storage-local-rootdir` of `ChartMuseum`.
    #[arg(value_name = "DIR")]
    from: PathBuf,

    /// Take only repositories of this depth; all without it.
    #[arg(long, value_name = "N")]
    depth: Option<usize>,

    /// Decide about every package and store nothing.
    #[arg(long)]
    dry_run: bool,

    /// Write the report as JSON.
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    flags: Flags,
}

/// Why nothing was imported, or not everything.
pub(super) enum Failed {
    Faulty(Faulty),
    Error(ServeError),
}

impl Import {
    /// Runs the command; the text for stdout, and whether everything was imported.
    pub(super) fn run(self) -> Result<(String, bool), Failed> {
        let (flags, json) = match &self {
            Self::Chartmuseum(command) => (command.flags.clone(), command.json),
            Self::Bundle(command) => (command.flags.clone(), command.json),
        };
        let loaded = config::load(flags).map_err(Failed::Faulty)?;
        let Some(data) = loaded.settings.data() else {
            return Err(Failed::Error(ServeError::NoData));
        };
        let report = match self {
            Self::Chartmuseum(command) => command.into_registry(data, loaded.settings),
            Self::Bundle(command) => command.into_registry(&data, loaded.settings),
        };
        let report = report.map_err(Failed::Error)?;
        let text = if json { as_json(&report) } else { report.to_string() };
        Ok((text, report.is_complete()))
    }
}

impl Bundle {
    #[tokio::main]
    async fn into_registry(
        self,
        data: &Location,
        settings: crate::settings::Settings,
    ) -> Result<Report, ServeError> {
        let registry = Registry::open_at(data, options(settings)?)
            .await
            .map_err(|fault| ServeError::Open { place: data.to_string(), fault })?;
        let source = bundle::Source { file: self.from, digest: self.digest };
        bundle::take(&registry, source, &self.into).await.map_err(ServeError::Take)
    }
}

impl Chartmuseum {
    #[tokio::main]
    async fn into_registry(
        self,
        data: Location,
        settings: crate::settings::Settings,
    ) -> Result<Report, ServeError> {
        let depth = self.depth.or(settings.import.depth);
        let registry = Registry::open_at(&data, options(settings)?)
            .await
            .map_err(|fault| ServeError::Open { place: data.to_string(), fault })?;
        let Self { from, dry_run, .. } = self;
        let choice = Choice { dry_run, depth, trust_sizes: false, except: directory(data) };
        import(&registry, &from, choice).await.map_err(ServeError::Import)
    }
}

/// A digest as `export bundle` and `sha256sum` write it.
fn digest(text: &str) -> Result<Sha256, String> {
    Sha256::parse(text).map_err(|error| error.to_string())
}

/// The directory of the registry itself, which may lie in the one that is imported.
fn directory(data: Location) -> Option<PathBuf> {
    match data {
        Location::Directory(path) => Some(path),
        Location::Bucket(_) => None,
    }
}

fn as_json(report: &Report) -> String {
    // A report holds nothing that JSON cannot say.
    let text = serde_json::to_string_pretty(report).unwrap_or_default();
    format!("{text}\n")
}

/// Imports before serving, and tells in the log what was left.
///
/// A start must not read every package again: a published name with the same size is left alone.
pub(super) async fn at_start(
    registry: &Registry,
    from: &Path,
    (data, depth): (Location, Option<usize>),
) -> Result<(), ServeError> {
    let choice = Choice { dry_run: false, depth, trust_sizes: true, except: directory(data) };
    let report = import(registry, from, choice).await?;
    for left in &report.quarantined {
        tracing::error!(file = left.file, why = left.why, fix = left.fix, "quarantined");
    }
    for left in &report.left {
        tracing::warn!(file = left.file, why = left.why, fix = left.fix, "not imported");
    }
    let (imported, present) = (report.imported.len(), report.present);
    tracing::info!(imported, present, "imported `{}`", from.display());
    Ok(())
}
