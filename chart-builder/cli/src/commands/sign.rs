//! `chart-builder sign`: what administrators say to updates of channels. Beside `identities` the only command that uses keys.

use std::collections::BTreeMap;
use std::path::PathBuf;

use chart_builder::build;
use chart_builder::check;
use chart_builder::directory::{NetworkDirectory, PublicFiles};
use chart_builder::freeze::{self, Inputs};
use chart_builder::identities::{Signed, sign};
use chart_builder::lock::Lock;
use chart_builder::model::{Layout, Network};
use chart_builder::source::Source;

use super::build::LayoutWord;
use super::{CommandError, Terminal};

/// Signs updates of built channels, for every member whose administrator's key is in this directory.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The network directory.
    #[arg(value_name = "DIR", default_value = ".")]
    directory: PathBuf,
    /// Sign only for this organization.
    #[arg(long, value_name = "ORGANIZATION")]
    owner: Option<String>,
    /// As `build --layout`.
    #[arg(long, value_enum, value_name = "LAYOUT")]
    layout: Option<LayoutWord>,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments, terminal: &mut Terminal<'_>) -> Result<(), CommandError> {
    let directory = NetworkDirectory::new(&arguments.directory);
    let _exclusive = directory.take()?;
    let source = directory.source()?;
    let lock = directory.lock()?;
    let layout = arguments.layout.map(Layout::from);
    let checked = check::check_adjusted(&source, &lock, &|spec| {
        spec.release.layout = layout.or(spec.release.layout);
    });
    let Some(network) = &checked.network else {
        return Err(CommandError::refused(source, checked.diagnostics));
    };
    let public = build::with_sources(&directory, &source, directory.public()?)?;
    let inputs = inputs(network, &lock, &public);
    let pending = match freeze::pending_updates(&inputs) {
        Ok(pending) => pending,
        Err(mut diagnostics) => {
            diagnostics.locate(&checked.tree, &source);
            return Err(CommandError::refused(source, diagnostics));
        }
    };
    let signed = sign(&directory, &pending, arguments.owner.as_deref(), &mut rand::random)?;
    report(&signed, terminal)
}

/// Signs what a preview needs, with the keys of the preview itself; faults are the build's to tell.
pub(super) fn sign_all(
    directory: &NetworkDirectory,
    (source, network): (&Source, &Network),
    lock: &Lock,
) -> Result<(), CommandError> {
    let public = build::with_sources(directory, source, directory.public()?)?;
    if let Ok(pending) = freeze::pending_updates(&inputs(network, lock, &public)) {
        sign(directory, &pending, None, &mut rand::random)?;
    }
    Ok(())
}

/// Curated charts have no part in updates.
fn inputs<'a>(network: &'a Network, lock: &'a Lock, public: &'a PublicFiles) -> Inputs<'a> {
    Inputs { network, lock, public, charts: NO_CHARTS, update_charts: false }
}

static NO_CHARTS: &BTreeMap<String, chart_builder::lock::LockedChart> = &BTreeMap::new();

fn report(signed: &Signed, terminal: &mut Terminal<'_>) -> Result<(), CommandError> {
    for file in &signed.written {
        writeln!(terminal.talk, "made {file}")?;
    }
    if signed.updates.is_empty() {
        writeln!(terminal.talk, "no channel changes; nothing is to be signed")?;
    }
    for update in &signed.updates {
        let (channel, joining) = (&update.channel, update.adds.join(", "));
        let (all, have) = (update.signed.len() + update.unsigned.len(), update.signed.len());
        writeln!(terminal.talk, "{joining} joins channel {channel}: {have} of {all} have signed")?;
        let needed = (all / 2 + 1).saturating_sub(have);
        if needed > 0 {
            let others = update.unsigned.join(", ");
            writeln!(terminal.talk, "{needed} more needed, of {others}, where their keys are")?;
        }
    }
    Ok(())
}
