//! The table covers what the axes declare, and what they forbid is refused with the reason that they give.

use chart_builder::check::check;
use chart_builder::diagnostic::Severity;
use chart_builder::lock::Lock;
use chart_builder::source::Source;
use suite::topologies::axes::AXES;
use suite::topologies::cover::{Cell, completed, pairs, wanted, with};
use suite::topologies::forbidden::{Forbidden, forbidden};
use suite::topologies::{self, Row, TABLE, extended, write_table};
use suite::workspace;

use super::assert_none;
use super::samples::sample;

/// A row that loses its place takes its pairs with it: the table that is needed is the one that is committed.
#[test]
fn every_allowed_pair_of_values_has_a_topology() {
    let committed = workspace::read(TABLE);
    let rows = topologies::rows();
    let fresh = write_table(&extended()) != committed;
    assert!(!fresh, "{TABLE} leaves pairs out: run `cargo dev generate`");
    let mut open = wanted().clone();
    for row in &rows {
        for pair in pairs(&row.choice()) {
            open.remove(&pair);
        }
    }
    let name =
        |(axis, value): Cell| format!("{} {}", AXES[axis].name, AXES[axis].values[value].name);
    let open: Vec<String> = open
        .into_iter()
        .map(|(first, second)| format!("{} with {}", name(first), name(second)))
        .collect();
    assert_none("every pair of values that a network can have stands in a topology", &open);
}

/// Before anything is built, so that every row is told at once.
#[test]
fn every_topology_and_its_successor_pass_the_rules() {
    let mut faults = Vec::new();
    for row in topologies::rows() {
        for text in [topologies::topology(&row), topologies::successor(&row).text] {
            let source = Source::new("network.yaml", text);
            let checked = check(&source, &Lock::default());
            let errors = checked.diagnostics.iter().filter(|it| it.severity == Severity::Error);
            faults.extend(errors.map(|it| format!("{}: {}: {}", row.name, it.code, it.message)));
        }
    }
    faults.dedup();
    assert_none("pairs that no network can have are forbidden", &faults);
}

#[test]
fn every_forbidden_pair_is_refused_with_the_diagnostic_that_the_axes_name() {
    let mut faults = Vec::new();
    for forbidden in forbidden() {
        let row = of_pair(&forbidden);
        let found = refusal(&row, [forbidden.first, forbidden.second]);
        if !found.as_ref().is_err_and(|words| words.contains(forbidden.code)) {
            faults.push(format!("{forbidden:?} gives {found:?}"));
        }
    }
    assert_none("what the axes forbid is refused, for the reason that they give", &faults);
}

/// A topology with both values of a pair. The rest is what a topology without an opinion has, so that nothing else can be the
/// reason; but a successor has to have a network before it that is built.
fn of_pair(forbidden: &Forbidden) -> Row {
    let cells = [cell(forbidden.first), cell(forbidden.second)];
    let mut choice = if forbidden.first.0 == "successor" {
        let mut before = completed(&with(&cells[1..])).expect("a network with the second value");
        before[cells[0].0] = Some(cells[0].1);
        before
    } else {
        with(&cells)
    };
    for value in choice.iter_mut().filter(|value| value.is_none()) {
        *value = Some(0);
    }
    Row::of("forbidden", &choice).expect("no value is open")
}

/// What is said of a topology, or of its successor once it is built.
fn refusal(row: &Row, pair: [(&str, &str); 2]) -> Result<(), String> {
    let source = Source::new("network.yaml", topologies::topology(row));
    let checked = check(&source, &Lock::default());
    if checked.network.is_none() {
        let codes: Vec<&str> = checked.diagnostics.iter().map(|it| it.code).collect();
        return Err(codes.join(" "));
    }
    if pair.iter().any(|(axis, _)| *axis == "successor") { sample(row).map(|_| ()) } else { Ok(()) }
}

fn cell((axis, value): (&str, &str)) -> Cell {
    let index = AXES.iter().position(|it| it.name == axis);
    let index = index.unwrap_or_else(|| panic!("there is no axis `{axis}`"));
    let value = AXES[index].values.iter().position(|it| it.name == value);
    (index, value.unwrap_or_else(|| panic!("a forbidden pair names a value that `{axis}` has not")))
}
