//! The reference of the configuration, made from its tables.

use std::fmt::Write as _;

use super::Settings;
use super::chartmuseum::{Meaning, NAMES};
use super::sections::SECTIONS;
use super::table::{PREFIX, TABLE};
use super::value::Form;

const HEAD: &str = "\
# Configuration of chart-registry

Generated from the tables of `registry/src/settings`.

A setting stands in the configuration file, in the environment, or in a flag; the later of these wins.
The file is named by `--config FILE` or `CHART_REGISTRY_CONFIG`; without one there is none.
It is YAML without anchors and tags; what the program does not know is refused, with the nearest name that it knows.

```yaml
data: /var/lib/chart-registry
listen: 0.0.0.0:8080
read-only: true
tls:
  certificate: /etc/chart-registry/tls.crt
  key: /etc/chart-registry/tls.key
```

An empty variable is no variable.
A list stands in one variable with commas between its items, and in as many flags as it has items.

```sh
chart-registry config check --config registry.yaml
chart-registry config show --config registry.yaml
```

`config check` reports every fault at once, with its place and what to do, and ends with exit code 2; it looks at the files of `tls`, too.
`config show` prints every setting with where its value comes from.
Both read the same sources as `serve`.

";

const FOREIGN: &str = "\
## Variables of ChartMuseum

The environment is read by the names of ChartMuseum, too, so that its manifests keep working.
They win over the file, and this program's own names and flags win over them.
The file of ChartMuseum that `CONFIG` names is read below its variables, by the same meanings; a key that ChartMuseum does not know is refused with its line.
What would leave the registry less protected than it says is refused; the rest is told in the log.
`chartmuseum-environment: false` reads none of them.

| Variable | Key in the file | Here |
|---|---|---|
";

/// The text of the reference.
pub fn reference() -> String {
    let mut text = format!("{HEAD}## Settings\n\n| Name | Flag | Variable | Default | Meaning |\n");
    text.push_str("|---|---|---|---|---|\n");
    let defaults = Settings::default();
    for row in TABLE {
        let values: Vec<String> = (row.show)(&defaults);
        let default = match values.iter().find(|value| !value.is_empty()) {
            Some(value) => format!("`{value}`"),
            None => "none".to_owned(),
        };
        let (name, flag, variable, doc) =
            (row.name, flag(row.flag, row.form), row.variable(), row.doc);
        writeln!(text, "| `{name}` | `{flag}` | `{variable}` | {default} | {doc} |")
            .unwrap_or_default();
    }
    for section in SECTIONS {
        write!(text, "\n## Section `{}`\n\n{}\n", section.name, section.doc).unwrap_or_default();
    }
    write!(text, "\n{FOREIGN}").unwrap_or_default();
    for name in NAMES {
        let key = if name.key.is_empty() { "none".to_owned() } else { format!("`{}`", name.key) };
        writeln!(text, "| `{}` | {key} | {} |", name.name, meaning(&name.meaning))
            .unwrap_or_default();
    }
    let note = format!(
        "\nOf names that begin with `{PREFIX}`, `{PREFIX}SERVICE_*` and `{PREFIX}PORT*` are left alone: \
         Kubernetes sets them for a Service named `chart-registry`.\n"
    );
    text.push_str(&note);
    text
}

fn flag(flag: &str, form: Form) -> String {
    match form {
        Form::Switch => format!("--{flag}"),
        Form::One(value) => format!("--{flag} {value}"),
        Form::Many(value) => format!("--{flag} {value}..."),
        // In a table a bar ends the cell.
        Form::Word(words) => format!("--{flag} {}", words.join("\\|")),
    }
}

fn meaning(meaning: &Meaning) -> String {
    match meaning {
        Meaning::File => "The file that it names is read.".to_owned(),
        Meaning::Same { row, .. } => format!("`{row}`"),
        Meaning::Told { why, .. } => format!("Nothing: {why}."),
        Meaning::Refused { unless: [], what, fix } => format!("Refused: {what}; {fix}."),
        Meaning::Refused { unless, what, fix } => {
            format!("Refused unless it is `{}`: {what}; {fix}.", unless[0])
        }
    }
}
