//! Curated charts: plain Helm, honest scripts, links that packages turn into files.

use suite::workspace;

use super::assert_none;

/// Directories of curated charts, by name.
fn charts() -> Vec<String> {
    let mut names: Vec<String> = workspace::files_like("charts/", "/Chart.yaml")
        .iter()
        .filter(|name| name.matches('/').count() == 2)
        .filter_map(|name| name.split('/').nth(1).map(str::to_owned))
        .collect();
    names.dedup();
    names
}

#[test]
fn no_handlebars_source_lies_below_templates() {
    let mut faults = workspace::files_like("", ".hbs");
    faults.retain(|name| name.contains("/templates/") && name.starts_with("charts/"));
    assert_none("Helm parses everything below a chart's templates/", &faults);
}

#[test]
fn charts_carry_the_library_as_a_link() {
    let mut faults = Vec::new();
    for chart in charts().iter().filter(|chart| *chart != "fabric-common") {
        let link = workspace::path(&format!("charts/{chart}/charts/fabric-common"));
        match std::fs::read_link(&link) {
            Ok(target) if target == std::path::Path::new("../../fabric-common") => {}
            Ok(target) => faults.push(format!("{} leads to {}", link.display(), target.display())),
            Err(error) => faults.push(format!("{}: {error}", link.display())),
        }
    }
    assert_none("a curated chart carries charts/fabric-common as a link to the library", &faults);
}

#[test]
fn charts_have_documented_values_and_a_schema() {
    let mut faults = Vec::new();
    for chart in charts() {
        for file in ["values.yaml", "values.schema.json", "README.md"] {
            let name = format!("charts/{chart}/{file}");
            // A library has no settings of its own: the charts that use it have them.
            let library = workspace::read(&format!("charts/{chart}/Chart.yaml")).contains(
                "
type: library
",
            );
            let needed = file == "README.md" || !library;
            if needed && !workspace::path(&name).is_file() {
                faults.push(format!("{name} is missing"));
            }
        }
    }
    assert_none("a curated chart documents and types its values", &faults);
}

#[test]
fn scripts_prove_by_state_and_wait_in_one_place() {
    let mut faults = Vec::new();
    for name in workspace::files().iter().filter(|name| name.starts_with("charts/")) {
        if workspace::path(name).is_dir() || name.ends_with("README.md") {
            continue;
        }
        let text = workspace::read(name);
        let mut function = "";
        for (index, line) in text.lines().enumerate() {
            let code = line.split(" #").next().unwrap_or_default().trim();
            if code.starts_with('#') || code.starts_with("//") {
                continue;
            }
            if let Some(opened) = code.strip_suffix("() {") {
                function = opened;
            } else if code == "}" {
                function = "";
            }
            let sleeps =
                code.split(|sign: char| !sign.is_alphanumeric()).any(|word| word == "sleep");
            if sleeps && function != ROUND_END {
                faults.push(format!("{name}:{}: `sleep` outside of {ROUND_END}()", index + 1));
            }
            if code.contains("|| true") || code.contains("|| :") {
                faults.push(format!("{name}:{}: a failure is thrown away", index + 1));
            }
            if function != TELLING
                && code.contains("grep")
                && ERROR_WORDS.iter().any(|word| code.to_lowercase().contains(word))
            {
                faults.push(format!("{name}:{}: an error's text is taken as proof", index + 1));
            }
        }
    }
    assert_none("scripts of charts read the state anew and wait in one function", &faults);
}

/// The one function that ends a round; the next round reads the state anew.
const ROUND_END: &str = "end_round";

/// The one function that reads an error's text: to show it to people.
const TELLING: &str = "reason";

/// Words of error messages: looking for them means trusting a text instead of reading the state.
const ERROR_WORDS: &[&str] =
    &["error", "already exists", "failed", "not found", "denied", "refused"];
