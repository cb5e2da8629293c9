//! From the command line and the environment to the sources of the configuration.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};

use crate::settings::{CHARTMUSEUM_FILE, Form, PREFIX, Row, Sources, TABLE};

/// Other names of flags.
const ALIASES: [(&str, &str); 1] = [("data", "storage")];

/// The flags of every setting, and the configuration file.
#[derive(Debug, Clone, Default)]
pub(super) struct Flags {
    config: Option<PathBuf>,
    given: BTreeMap<String, Vec<String>>,
}

/// Why the sources cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the configuration file `{}`: {source}", path.display())]
pub(super) struct Unreadable {
    path: PathBuf,
    source: std::io::Error,
}

impl Flags {
    /// Adds the environment and the file that it or the flag names.
    pub(super) fn sources(self) -> Result<Sources, Unreadable> {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.to_string_lossy().into_owned()))
        };
        let environment: BTreeMap<String, String> = std::env::vars_os().filter_map(text).collect();
        let named = environment.get(&format!("{PREFIX}CONFIG")).filter(|path| !path.is_empty());
        let config = self.config.or_else(|| named.map(PathBuf::from));
        let file = match config {
            None => None,
            Some(path) => match std::fs::read_to_string(&path) {
                Ok(text) => Some((path, text)),
                Err(source) => return Err(Unreadable { path, source }),
            },
        };
        // Whether it counts is known when everything is read.
        let named = environment.get(CHARTMUSEUM_FILE).filter(|path| !path.is_empty());
        let chartmuseum = named.map(|path| {
            let text = std::fs::read_to_string(path).map_err(|error| error.to_string());
            (PathBuf::from(path), text)
        });
        Ok(Sources { file, chartmuseum, environment, flags: self.given })
    }
}

impl Args for Flags {
    fn augment_args(command: Command) -> Command {
        let config = Arg::new("config")
            .long("config")
            .value_name("FILE")
            .help(format!("Configuration file; `{PREFIX}CONFIG` names it, too"))
            .value_parser(clap::value_parser!(PathBuf));
        TABLE.iter().fold(command.arg(config), |command, row| command.arg(argument(row)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Flags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut flags = Self::default();
        flags.update_from_arg_matches(matches)?;
        Ok(flags)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.config = matches.get_one::<PathBuf>("config").cloned();
        for row in TABLE {
            if let Some(values) = matches.get_many::<String>(row.flag) {
                self.given.insert(row.flag.to_owned(), values.cloned().collect());
            }
        }
        Ok(())
    }
}

fn argument(row: &'static Row) -> Arg {
    let argument = Arg::new(row.flag).long(row.flag).help(row.doc);
    let argument = match ALIASES.iter().find(|(flag, _)| *flag == row.flag) {
        Some((_, alias)) => argument.alias(*alias),
        None => argument,
    };
    match row.form {
        // Alone it means true; `--flag=false` takes back what the file says.
        Form::Switch => argument
            .action(ArgAction::Set)
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("true")
            .value_name("true|false"),
        Form::One(value) => argument.action(ArgAction::Set).value_name(value),
        Form::Many(value) => argument.action(ArgAction::Append).value_name(value),
        Form::Word(words) => {
            let help = format!("{} One of: {}.", row.doc, words.join(", "));
            argument.action(ArgAction::Set).value_name("WORD").help(help)
        }
    }
}
