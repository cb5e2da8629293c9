//! How `ChartMuseum` is configured, and what each part of that means here: the same as a setting,
//! nothing that matters, or something that this registry does not do.
//!
//! [`NAMES`] is the one table for its variables and for the keys of the file that `CONFIG` names. As
//! there, a variable wins over the file.
//!
//! What would leave the registry less protected than the operator believes is refused; what is
//! merely different is told.

mod file;
mod names;
#[cfg(test)]
mod tests;

pub use names::NAMES;

use std::collections::BTreeMap;

use super::fault::{Fault, Place, Wrong};
use super::layers::{Assignment, Sources};
use super::table::Row;

/// What is said, by name of the variable, and where.
type Said = BTreeMap<&'static str, (String, Place)>;

/// The variable that names a file.
pub const FILE: &str = "CONFIG";

/// A variable of `ChartMuseum`.
#[derive(Debug)]
pub struct Name {
    /// Its name.
    pub name: &'static str,
    /// The same in the file; empty for what stands in none.
    pub key: &'static str,
    /// What it means here.
    pub meaning: Meaning,
}

/// What a variable means here.
#[derive(Debug)]
pub enum Meaning {
    /// A file with others.
    File,
    /// The same as a setting.
    Same {
        /// Name of the setting.
        row: &'static str,
        /// From its text to that of the setting; `None` where it says nothing.
        read: fn(&str, &Said) -> Result<Option<String>, Wrong>,
    },
    /// Nothing. Told when it is set.
    Told {
        /// Values that ask for what is done here anyway.
        unless: &'static [&'static str],
        /// Why nobody misses it.
        why: &'static str,
    },
    /// Something that is not done, unless its value is one of these.
    Refused {
        /// Values that ask for nothing.
        unless: &'static [&'static str],
        /// What is not done.
        what: &'static str,
        /// What to do instead.
        fix: &'static str,
    },
}

/// What the names of `ChartMuseum` come to.
#[derive(Default)]
pub(super) struct Foreign {
    pub(super) assignments: Vec<Assignment>,
    pub(super) faults: Vec<Fault>,
    pub(super) notices: Vec<Fault>,
}

/// Reads the file and the variables that are set; an empty one is not.
pub(super) fn read(sources: &Sources) -> Foreign {
    let mut foreign = Foreign::default();
    let mut said = match &sources.chartmuseum {
        Some((path, Ok(text))) => file::read(path, text, &mut foreign.faults),
        Some((path, Err(reason))) => {
            let what = format!("cannot read `{}`: {reason}", path.display());
            foreign.faults.push(refused(&what, "name a file that is there", place(FILE)));
            Said::new()
        }
        None => Said::new(),
    };
    for Name { name, .. } in NAMES {
        if let Some(text) = sources.environment.get(*name).filter(|text| !text.is_empty()) {
            said.insert(name, (text.clone(), place(name)));
        }
    }
    for Name { name, meaning, .. } in NAMES {
        if let Some((text, place)) = said.get(name) {
            foreign.mean(meaning, (text, &said), place.clone());
        }
    }
    foreign
}

impl Foreign {
    fn mean(&mut self, meaning: &Meaning, (text, said): (&str, &Said), place: Place) {
        match meaning {
            Meaning::File => {}
            Meaning::Same { row, read } => match (read(text, said), Row::named(row)) {
                (Ok(Some(value)), Some(row)) => {
                    self.assignments.push(Assignment { row, values: vec![value], place });
                }
                (Ok(_), _) => {}
                (Err(wrong), _) => self.faults.push(wrong.at(place)),
            },
            Meaning::Told { unless, .. } | Meaning::Refused { unless, .. }
                if unless.contains(&text) => {}
            Meaning::Told { why, .. } => {
                self.notices.push(Wrong::new(*why, "it can be removed").at(place));
            }
            Meaning::Refused { what, fix, .. } => self.faults.push(refused(what, fix, place)),
        }
    }
}

fn place(name: &str) -> Place {
    Place::Environment(name.to_owned())
}

/// A fault that goes away with the names of `ChartMuseum`, too.
fn refused(what: &str, fix: &str, place: Place) -> Fault {
    Wrong::new(what, format!("{fix}, or set `chartmuseum-environment: false`")).at(place)
}
