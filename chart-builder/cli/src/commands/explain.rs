//! `chart-builder explain`: what a code of a report means.

use chart_builder::diagnostic::{explanation, explanations};

use super::{CommandError, Terminal};

/// Explains a code of a report, with edits that are reported and edits that are fine.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The code, for example FT201; without one, every code is listed.
    #[arg(value_name = "CODE")]
    code: Option<String>,
}

/// Runs the command; false when there is no such code.
pub(crate) fn run(
    arguments: &Arguments,
    terminal: &mut Terminal<'_>,
) -> Result<bool, CommandError> {
    let Some(code) = &arguments.code else {
        for found in explanations() {
            let what = if found.title.is_empty() { found.about } else { found.title };
            writeln!(terminal.data, "{} {:7} {what}", found.code, found.severity.word())?;
        }
        return Ok(true);
    };
    if let Some(found) = explanation(code) {
        write!(terminal.data, "{}", found.text())?;
        return Ok(true);
    }
    writeln!(terminal.talk, "error: there is no code `{code}`; `chart-builder explain` lists all")?;
    Ok(false)
}
