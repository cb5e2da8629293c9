//! `chart-registry config`: what the server would be told, and what is wrong with it.

use std::io::{self, Write};

use clap::Subcommand;

use super::flags::Flags;
use super::{authorization_server, tls};
use crate::settings::{self, Loaded, Place};

/// What to do with the configuration.
#[derive(Subcommand)]
pub(super) enum Config {
    /// Report every fault of the configuration; exit code 2 if there is one.
    Check(Flags),
    /// Print every setting with where its value comes from.
    Show(Flags),
    /// Print the reference of all settings as Markdown.
    Reference,
}

/// Why there is no configuration: one line for each fault.
pub(super) struct Faulty(pub(super) Vec<String>);

/// Reads everything that says what the server does.
pub(super) fn load(flags: Flags) -> Result<Loaded, Faulty> {
    let sources = flags.sources().map_err(|error| Faulty(vec![error.to_string()]))?;
    let told =
        |faults: Vec<settings::Fault>| Faulty(faults.iter().map(ToString::to_string).collect());
    settings::read(&sources).map_err(told)
}

impl Config {
    /// Runs the command; the text for stdout, or what is wrong.
    pub(super) fn run(self) -> Result<String, Faulty> {
        match self {
            Self::Check(flags) => check(&load(flags)?),
            Self::Show(flags) => Ok(show(&load(flags)?)),
            Self::Reference => Ok(settings::reference()),
        }
    }
}

fn check(loaded: &Loaded) -> Result<String, Faulty> {
    tls::check(&loaded.settings.tls).map_err(|error| {
        let place = loaded.place("tls.certificate");
        Faulty(vec![format!("{place}: {error}")])
    })?;
    authorization_server::load(&loaded.settings.authorization_server).map_err(|fault| {
        let place = loaded.place("authorization-server.key");
        Faulty(vec![format!("{place}: {fault}")])
    })?;
    let notices = loaded.notices.iter().map(|notice| format!("notice: {notice}\n"));
    Ok(format!("{}the configuration has no faults\n", notices.collect::<String>()))
}

fn show(loaded: &Loaded) -> String {
    let lines = loaded.shown().into_iter().map(|shown| {
        let value = match shown.values.join(", ") {
            value if value.is_empty() => "(none)".to_owned(),
            value => value,
        };
        let source = match shown.place {
            Place::Default => "default".to_owned(),
            place => place.to_string(),
        };
        format!("{:<28} {value:<32} {source}\n", shown.name)
    });
    lines.collect()
}

/// Writes what a command answers; nobody may be there to read it.
pub(super) fn print(text: &str) -> io::Result<()> {
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}
