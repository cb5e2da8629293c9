//! `chart-builder identities`: keys and certificates. The only command that uses the clock and randomness.

use std::path::PathBuf;

use chart_builder::check;
use chart_builder::directory::NetworkDirectory;
use chart_builder::identities::{self, Format, Provided, Request};
use chart_builder::model::Layout;
use fabric_artifacts::x509::{Issuance, TEN_YEARS};
use time::{Duration, OffsetDateTime};

use super::build::LayoutWord;
use super::{CommandError, Terminal};

/// Certificates are valid a little earlier than now, as cryptogen's are: clocks of nodes differ.
const CLOCK_SKEW: Duration = Duration::minutes(5);

/// Makes the keys and certificates that are missing; never overwrites one.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The network directory.
    #[arg(value_name = "DIR", default_value = ".")]
    directory: PathBuf,
    /// Make only this organization's.
    #[arg(long, value_name = "ORGANIZATION")]
    owner: Option<String>,
    /// What is made of the key pairs.
    #[arg(long, value_enum, default_value_t = FormatWord::Manifests)]
    format: FormatWord,
    /// As `build --layout`: owners get manifests of their own.
    #[arg(long, value_enum, value_name = "LAYOUT")]
    layout: Option<LayoutWord>,
}

/// `--format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum FormatWord {
    /// Namespaces and Secrets for `kubectl apply --server-side`.
    Manifests,
    /// cryptogen's directory layout in private/crypto-config, beside the manifests.
    Cryptogen,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments, terminal: &mut Terminal<'_>) -> Result<(), CommandError> {
    let directory = NetworkDirectory::new(&arguments.directory);
    let _exclusive = directory.take()?;
    let source = directory.source()?;
    let layout = arguments.layout.map(Layout::from);
    let checked = check::check_adjusted(&source, &directory.lock()?, &|spec| {
        spec.release.layout = layout.or(spec.release.layout);
    });
    let Some(network) = checked.network else {
        return Err(CommandError::refused(source, checked.diagnostics));
    };
    let request = Request {
        owner: arguments.owner.clone(),
        format: match arguments.format {
            FormatWord::Manifests => Format::Manifests,
            FormatWord::Cryptogen => Format::Cryptogen,
        },
    };
    let provided = provide(&directory, &network, &request)?;
    report(&provided, terminal)
}

/// Makes what is missing, as of now and with the system's randomness.
pub(super) fn provide(
    directory: &NetworkDirectory,
    network: &chart_builder::model::Network,
    request: &Request,
) -> Result<Provided, CommandError> {
    let mut random = rand::rng();
    let issuance = Issuance {
        not_before: not_before(OffsetDateTime::now_utc()),
        lifetime: TEN_YEARS,
        random: &mut random,
    };
    Ok(identities::provide(directory, network, request, issuance)?)
}

/// Five minutes ago, on a whole minute.
fn not_before(now: OffsetDateTime) -> OffsetDateTime {
    let whole = now
        - Duration::seconds(i64::from(now.second()))
        - Duration::nanoseconds(i64::from(now.nanosecond()));
    whole - CLOCK_SKEW
}

/// Commands go to standard output, everything else to standard error.
fn report(provided: &Provided, terminal: &mut Terminal<'_>) -> Result<(), CommandError> {
    for file in &provided.written {
        writeln!(terminal.talk, "made {file}")?;
    }
    if provided.written.is_empty() {
        writeln!(terminal.talk, "everything is there; no key and no certificate was made")?;
    }
    for file in &provided.without_key {
        writeln!(
            terminal.talk,
            "note: the key of {file} is not here, so no manifest has its Secret"
        )?;
    }
    for ending in &provided.endings {
        writeln!(terminal.talk, "warning: {}", ending.sentence())?;
    }
    if let Some(share) = &provided.share {
        writeln!(terminal.talk, "{share}")?;
    }
    writeln!(terminal.talk, "keep private/ safe: it is in no package and not in git. Next:")?;
    for command in &provided.commands {
        writeln!(terminal.data, "{command}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn certificates_begin_on_a_whole_minute_some_minutes_ago() {
        let now = datetime!(2026-11-25 15:03:59.5 UTC);
        assert_eq!(not_before(now), datetime!(2026-11-25 14:58 UTC));
    }
}
