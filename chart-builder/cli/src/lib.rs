//! The program `chart-builder` as a function, so that a test can call it without a process.
//!
//! Exit codes: 0 when the command did its work, 1 when the topology has errors, 2 when something failed, 64 when the
//! command line is wrong.

mod commands;

use std::ffi::OsString;
use std::io;
use std::process::ExitCode;

use chart_builder::build::BuildError;
use chart_builder::diagnostic::report::Style;
use clap::{Parser, Subcommand};

use commands::{CommandError, Terminal};

/// The topology has errors.
const FINDINGS: u8 = 1;
/// Something failed.
const FAILURE: u8 = 2;
/// The command line is wrong (`EX_USAGE` of sysexits).
const USAGE: u8 = 64;

/// Compiles one topology file into versioned Helm charts for a Hyperledger Fabric network.
#[derive(Debug, Parser)]
#[command(name = "chart-builder", version, arg_required_else_help = true)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(commands::init::Arguments),
    Check(commands::check::Arguments),
    Identities(commands::identities::Arguments),
    Sign(commands::sign::Arguments),
    Build(commands::build::Arguments),
    Images(commands::images::Arguments),
    Publish(commands::publish::Arguments),
    Serve(commands::serve::Arguments),
    Explain(commands::explain::Arguments),
}

/// Runs the program with the arguments of this process.
pub fn main() -> ExitCode {
    let (mut data, mut talk) = (anstream::stdout(), anstream::stderr());
    let mut terminal = Terminal { data: &mut data, talk: &mut talk, style: Style::Coloured };
    ExitCode::from(run(std::env::args_os(), &mut terminal))
}

fn run(arguments: impl IntoIterator<Item = OsString>, terminal: &mut Terminal<'_>) -> u8 {
    let command_line = match CommandLine::try_parse_from(arguments) {
        Ok(command_line) => command_line,
        Err(error) => return refuse(&error, terminal),
    };
    match dispatch(&command_line.command, terminal) {
        Ok(code) => code,
        // Nobody reads on, as in `chart-builder check | head`: that is nothing to complain about.
        Err(CommandError::Print(error)) if error.kind() == io::ErrorKind::BrokenPipe => FAILURE,
        Err(error) => {
            // A closed standard error is nobody to tell.
            let _ = write!(terminal.talk, "{}", error.report(terminal.style));
            exit_code(&error)
        }
    }
}

fn dispatch(command: &Command, terminal: &mut Terminal<'_>) -> Result<u8, CommandError> {
    match command {
        Command::Check(arguments) => {
            commands::check::run(arguments, terminal).map(|good| if good { 0 } else { FINDINGS })
        }
        Command::Init(arguments) => commands::init::run(arguments, terminal).map(|()| 0),
        Command::Explain(arguments) => {
            commands::explain::run(arguments, terminal).map(|known| if known { 0 } else { USAGE })
        }
        Command::Identities(arguments) => {
            commands::identities::run(arguments, terminal).map(|()| 0)
        }
        Command::Sign(arguments) => commands::sign::run(arguments, terminal).map(|()| 0),
        Command::Build(arguments) => commands::build::run(arguments, terminal).map(|()| 0),
        Command::Images(arguments) => commands::images::run(arguments, terminal).map(|()| 0),
        Command::Publish(arguments) => commands::publish::run(arguments, terminal).map(|()| 0),
        Command::Serve(arguments) => commands::serve::run(arguments, terminal).map(|()| 0),
    }
}

/// Help and version are data; everything else that clap says is a wrong command line.
fn refuse(error: &clap::Error, terminal: &mut Terminal<'_>) -> u8 {
    let text = error.render();
    let written = if error.use_stderr() {
        write!(terminal.talk, "{}", text.ansi())
    } else {
        write!(terminal.data, "{}", text.ansi())
    };
    match (error.use_stderr(), written) {
        (true, _) => USAGE,
        (false, Ok(())) => 0,
        (false, Err(_)) => FAILURE,
    }
}

fn exit_code(error: &CommandError) -> u8 {
    match error {
        CommandError::Refused { .. } | CommandError::Build(BuildError::Refused { .. }) => FINDINGS,
        CommandError::Build(_)
        | CommandError::Identities(_)
        | CommandError::Directory(_)
        | CommandError::Output(_)
        | CommandError::Serve(_)
        | CommandError::Publish(_)
        | CommandError::Print(_) => FAILURE,
    }
}

#[cfg(test)]
mod tests;
