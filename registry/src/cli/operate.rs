//! Commands of operators: they work on a storage while servers run on it, and when none does.
//!
//! Each writes one JSON document on stdout, or lines for people.

use std::process::ExitCode;
use std::time::Duration;

use chart_registry_store::{Journal, Location, Store};
use clap::Args;
use serde::Serialize;

use super::ServeError;
use super::config::{self, Faulty};
use super::flags::Flags;
use super::import::Failed;
use crate::opening;
use crate::operations::gc::Collector;
use crate::operations::restore::restore;
use crate::operations::verify::{Verified, verify};
use crate::refusal::Fault;
use crate::settings;

/// What a command says on stdout, and whether it found everything in order.
pub(super) type Said = Result<(String, bool), Failed>;

#[derive(Args)]
pub(super) struct Collect {
    /// Say what would be taken away, and take nothing away.
    #[arg(long)]
    dry_run: bool,

    /// How long those who publish have to name what they stored, before anything goes.
    #[arg(long, value_name = "TIME", default_value = "1m", value_parser = time)]
    pause: Duration,

    #[command(flatten)]
    flags: Flags,
}

#[derive(Args)]
pub(super) struct Verify {
    /// Write everything as one JSON document.
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    flags: Flags,
}

#[derive(Args)]
pub(super) struct Restore {
    /// The backup: a copy of a storage.
    #[arg(value_name = "DIR")]
    backup: Location,

    /// Restore up to this number of the journal; all of it without it.
    #[arg(long, value_name = "SEQ")]
    at: Option<u64>,

    #[command(flatten)]
    flags: Flags,
}

fn time(text: &str) -> Result<Duration, String> {
    settings::duration(text).map_err(|wrong| format!("{}: {}", wrong.what, wrong.fix))
}

impl Collect {
    pub(super) fn run(self) -> Said {
        let Self { dry_run, pause, flags } = self;
        let loaded = config::load(flags.clone()).map_err(Failed::Faulty)?;
        let keep_deleted = loaded.settings.keep_deleted;
        let data = data(flags)?;
        on_runtime(async move {
            let store = existing(data).await?;
            let journal = Journal::new(store.clone());
            let opened = opening::open(&store, &journal).await?;
            let collector = Collector { store, journal, keep_deleted, dry_run };
            let collected = collector.collect_after(pause, opened.state).await?;
            Ok((json(&collected), true))
        })
    }
}

impl Verify {
    pub(super) fn run(self) -> Said {
        let data = data(self.flags)?;
        let as_json = self.json;
        on_runtime(async move {
            let verified = verify(&existing(data).await?).await?;
            let text = if as_json { json(&verified) } else { lines(&verified) };
            Ok((text, verified.fault_count == 0))
        })
    }
}

impl Restore {
    pub(super) fn run(self) -> Said {
        let Self { backup, at, flags } = self;
        let data = data(flags)?;
        on_runtime(async move {
            let from = existing(backup).await?;
            let to = opened(data, true).await?;
            let restored = restore(&from, &to, at).await.map_err(ServeError::Restore)?;
            Ok((json(&restored), true))
        })
    }
}

/// The storage that the configuration names.
pub(super) fn data(flags: Flags) -> Result<Location, Failed> {
    let loaded = config::load(flags).map_err(Failed::Faulty)?;
    loaded.settings.data().ok_or(Failed::Error(ServeError::NoData))
}

async fn opened(location: Location, writable: bool) -> Result<Store, ServeError> {
    let store = Store::open_at(&location, writable).await;
    store.map_err(|error| unopened(&location, error.into()))
}

/// Opens a storage that is there: a wrong path must not make an empty one.
pub(super) async fn existing(location: Location) -> Result<Store, ServeError> {
    if let Location::Directory(path) = &location
        && let Err(source) = std::fs::metadata(path.join("FORMAT"))
    {
        return Err(unopened(&location, Fault::io("find a storage there", source)));
    }
    // A bucket that is only read is never made.
    opened(location, false).await
}

fn unopened(location: &Location, fault: Fault) -> ServeError {
    ServeError::Open { place: location.to_string(), fault }
}

#[tokio::main]
pub(super) async fn on_runtime(
    work: impl Future<Output = Result<(String, bool), ServeError>>,
) -> Said {
    work.await.map_err(Failed::Error)
}

pub(super) fn json(value: &impl Serialize) -> String {
    // What is written here holds nothing that JSON cannot say.
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    format!("{text}\n")
}

fn lines(verified: &Verified) -> String {
    let Verified { seq, head, versions, objects, bytes, garbage, checkpoints, .. } = verified;
    let mut faults = String::new();
    for fault in &verified.faults {
        faults.push_str(&fault.to_string());
        faults.push('\n');
    }
    format!(
        "{faults}journal up to {seq} ({head}), {versions} versions, {objects} objects with {bytes} \
         bytes, {garbage} of them needed by nothing, {checkpoints} checkpoints: {} faults\n",
        verified.fault_count
    )
}

/// How a command of this module ends.
pub(super) fn finish(said: Said) -> ExitCode {
    match said {
        Ok((text, in_order)) => match config::print(&text) {
            Ok(()) if in_order => ExitCode::SUCCESS,
            Ok(()) | Err(_) => ExitCode::FAILURE,
        },
        Err(Failed::Faulty(Faulty(faults))) => {
            super::complain(&faults.join("\n"), ExitCode::from(2))
        }
        Err(Failed::Error(error)) => super::complain(&error.to_string(), error.exit_code()),
    }
}
