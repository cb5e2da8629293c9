//! The commands of the program: each reads its arguments, calls the library, and prints.
//!
//! Standard output is data (paths, commands, JSON), standard error is talk.

pub(crate) mod build;
pub(crate) mod check;
pub(crate) mod explain;
pub(crate) mod identities;
pub(crate) mod images;
pub(crate) mod init;
pub(crate) mod publish;
pub(crate) mod serve;
pub(crate) mod sign;

use std::io::{self, Write};

use chart_builder::build::BuildError;
use chart_builder::diagnostic::Diagnostics;
use chart_builder::diagnostic::report::{self, Style};
use chart_builder::directory::DirectoryError;
use chart_builder::identities::IdentitiesError;
use chart_builder::output::OutputError;
use chart_builder::source::Source;

/// Where a command prints.
pub(crate) struct Terminal<'a> {
    /// Standard output.
    pub(crate) data: &'a mut dyn Write,
    /// Standard error.
    pub(crate) talk: &'a mut dyn Write,
    /// How findings look.
    pub(crate) style: Style,
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommandError {
    /// The topology has errors.
    #[error("the topology has errors")]
    Refused {
        /// The topology.
        topology: Box<Source>,
        /// Every finding.
        diagnostics: Diagnostics,
    },
    /// The chart was not built.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The identities were not made.
    #[error(transparent)]
    Identities(#[from] IdentitiesError),
    /// A file of the network directory cannot be used.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// What was built cannot be written.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// The preview cannot go on.
    #[error(transparent)]
    Serve(#[from] serve::ServeError),
    /// The charts were not published.
    #[error(transparent)]
    Publish(#[from] publish::PublishError),
    /// The output cannot be written.
    #[error("cannot print")]
    Print(#[from] io::Error),
}

impl CommandError {
    /// The topology has errors.
    pub(crate) fn refused(topology: Source, diagnostics: Diagnostics) -> Self {
        Self::Refused { topology: Box::new(topology), diagnostics }
    }

    /// The whole report: findings in their places, or the error with everything that caused it.
    pub(crate) fn report(&self, style: Style) -> String {
        match self {
            Self::Refused { topology, diagnostics }
            | Self::Build(BuildError::Refused { topology, diagnostics }) => {
                report::text(topology, diagnostics, style)
            }
            Self::Build(_)
            | Self::Identities(_)
            | Self::Directory(_)
            | Self::Output(_)
            | Self::Serve(_)
            | Self::Publish(_)
            | Self::Print(_) => chain(self),
        }
    }
}

/// `error: …`, then one line for each cause.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = format!("error: {error}\n");
    let mut cause = error.source();
    while let Some(error) = cause {
        text.extend(["  because ", &error.to_string(), "\n"]);
        cause = error.source();
    }
    text
}
