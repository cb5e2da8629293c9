//! `chart-registry export`: what is stored here leaves as files, while servers run.

use std::path::PathBuf;

use chart_registry_store::{Journal, RepositoryPath, Store};
use clap::{Args, Subcommand};

use super::ServeError;
use super::flags::Flags;
use super::operate::{Said, data, existing, json, on_runtime};
use crate::opening;
use crate::operations::{bundle, files};

/// What to write.
#[derive(Subcommand)]
pub(super) enum Export {
    /// Write a directory that any web server can serve as chart repositories.
    Files(Files),
    /// Write one file that carries charts, signatures and images over an air gap.
    Bundle(Bundle),
}

#[derive(Args)]
pub(super) struct Files {
    /// The directory; what is there already and equal is left alone.
    #[arg(value_name = "DIR")]
    to: PathBuf,

    /// Only repositories at and below this path.
    #[arg(long, value_name = "PATH", default_value = "", value_parser = repository)]
    below: RepositoryPath,

    #[command(flatten)]
    flags: Flags,
}

#[derive(Args)]
pub(super) struct Bundle {
    /// The file.
    #[arg(value_name = "FILE")]
    to: PathBuf,

    /// Only charts at and below this path.
    #[arg(long, value_name = "PATH", default_value = "", value_parser = repository)]
    below: RepositoryPath,

    /// Only charts that came or were signed after this number of the journal: `seq` of the bundle
    /// before.
    #[arg(long, value_name = "SEQ", default_value_t = 0)]
    since: u64,

    /// Leave out the container images that charts name.
    #[arg(long)]
    without_images: bool,

    #[command(flatten)]
    flags: Flags,
}

impl Export {
    /// Runs the command; the text for stdout.
    pub(super) fn run(self) -> Said {
        match self {
            Self::Files(Files { to, below, flags }) => {
                let from = data(flags)?;
                on_runtime(async move {
                    let store = existing(from).await?;
                    let state = state(&store).await?;
                    Ok((json(&files::write(&store, &state, &below, &to).await?), true))
                })
            }
            Self::Bundle(Bundle { to, below, since, without_images, flags }) => {
                let from = data(flags)?;
                on_runtime(async move {
                    let store = existing(from).await?;
                    let state = state(&store).await?;
                    let choice = bundle::Choice { below, since, images: !without_images };
                    let bundled = bundle::write(&store, &state, &choice, &to).await?;
                    Ok((json(&bundled), true))
                })
            }
        }
    }
}

async fn state(store: &Store) -> Result<chart_registry_catalog::State, ServeError> {
    let journal = Journal::new(store.clone());
    Ok(opening::open(store, &journal).await?.state)
}

/// A path of a repository, as clients write it.
pub(super) fn repository(text: &str) -> Result<RepositoryPath, String> {
    RepositoryPath::parse(text).map_err(|error| error.to_string())
}
