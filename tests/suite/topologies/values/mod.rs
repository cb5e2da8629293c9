//! No setting is dead: every leaf of every values.yaml is changed, and the manifest of some topology changes with it; and
//! the guard refuses every fact that is not the compiled one.
//!
//! Many leaves are changed in one rendering: most values show in the manifest as they stand. What is only seen by a
//! difference is looked for by halves.

mod facts;
mod leaves;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::{Map, Value};
use suite::oracles::Oracle;
use suite::package::files;
use suite::process::{Outcome, run};
use suite::topologies::Row;
use tempfile::TempDir;

use super::assert_none;
use super::renders::{RENDERS, objects};
use super::samples::Package;
use leaves::{Leaf, Mark, NETWORK};

/// Settings that no manifest shows, each with the reason.
const UNSEEN: &[(&str, &str)] = &[];

/// A packed chart that is rendered again and again.
struct Chart<'a> {
    package: &'a Package,
    settings: Vec<String>,
    /// Aliases by curated chart: the first use of each.
    aliases: BTreeMap<String, String>,
    values: Value,
    /// What it renders without changes.
    plain: &'a [Value],
    home: TempDir,
}

impl<'a> Chart<'a> {
    fn new(row: &Row, package: &'a Package, plain: &'a [Value]) -> Self {
        let tree = files(&package.bytes);
        let text = |name: &str| {
            let bytes = &tree[&format!("{}/{name}", package.release)];
            leaves::read(std::str::from_utf8(bytes).expect("YAML is text"))
        };
        let mut aliases = BTreeMap::new();
        for used in text("Chart.yaml")["dependencies"].as_array().into_iter().flatten() {
            let name = used["name"].as_str().unwrap_or_default();
            let alias = used["alias"].as_str().unwrap_or(name);
            aliases.entry(name.to_owned()).or_insert_with(|| alias.to_owned());
        }
        let home = tempfile::tempdir().expect("a directory");
        std::fs::write(home.path().join("chart.tgz"), &package.bytes).expect("a package");
        let values = text("values.yaml");
        Self { package, settings: row.settings(), aliases, values, plain, home }
    }

    /// Where the settings of a curated chart stand; the network's own stand at the top.
    fn place(&self, chart: &str) -> Option<Vec<String>> {
        if chart == NETWORK {
            Some(Vec::new())
        } else {
            Some(vec![self.aliases.get(chart)?.clone()])
        }
    }

    /// Names of nodes in the facts of a curated chart; hosts of nodes that are exposed, for the network's own settings.
    fn nodes(&self, chart: &str) -> Vec<String> {
        if chart == NETWORK {
            let outside = self.values["global"]["fabric"]["outside"]["nodes"].as_object();
            return outside.into_iter().flat_map(|it| it.keys().cloned()).collect();
        }
        let Some(alias) = self.aliases.get(chart) else { return Vec::new() };
        let facts = &self.values[alias]["facts"];
        let lists = ["peers", "orderers", "brokers"].iter().filter_map(|it| facts[*it].as_object());
        lists.flat_map(|it| it.keys().cloned()).collect()
    }

    /// Renders with these values on top.
    fn render(&self, helm: &Oracle, values: &Value, more: &[&str]) -> Outcome {
        let file: PathBuf = self.home.path().join("values.json");
        std::fs::write(&file, values.to_string()).expect("a file");
        let mut command = helm.command(self.home.path());
        command.args(["template", &self.package.release, "chart.tgz"]);
        command.args(["--namespace", &self.package.namespace, "--values", "values.json"]);
        command.args(["--api-versions", "gateway.networking.k8s.io/v1/TLSRoute"]).args(more);
        for setting in &self.settings {
            command.args(["--set", setting]);
        }
        run(&mut command)
    }
}

/// A leaf with the value that is tried.
type Trial<'a> = (&'a Leaf, &'a Value, &'a Mark);

/// A search over one chart.
struct Search<'a> {
    helm: &'a Oracle,
    chart: &'a Chart<'a>,
}

/// What became of a leaf.
type Verdict<'l> = (&'l Leaf, Fate);

/// A leaf that was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// The manifest changed.
    Alive,
    /// Helm or the chart refused the value.
    Refused,
}

impl Search<'_> {
    /// Those of the leaves that have an effect, or are refused.
    fn fates<'l>(&self, trials: &[Trial<'l>]) -> Vec<Verdict<'l>> {
        if trials.is_empty() {
            return Vec::new();
        }
        let outcome = self.chart.render(self.helm, &self.values(trials), &[]);
        let by_text = trials.iter().all(|it| matches!(it.2, Mark::Text(_)));
        if outcome.code == 0 && by_text {
            let seen =
                |it: &&Trial<'_>| matches!(it.2, Mark::Text(text) if outcome.stdout.contains(text));
            return trials.iter().filter(seen).map(|it| (it.0, Fate::Alive)).collect();
        }
        if outcome.code == 0 && objects(&outcome.stdout) == self.chart.plain {
            return Vec::new();
        }
        if let [only] = trials {
            let fate = if outcome.code == 0 { Fate::Alive } else { Fate::Refused };
            return vec![(only.0, fate)];
        }
        let (left, right) = trials.split_at(trials.len() / 2);
        [self.fates(left), self.fates(right)].concat()
    }

    fn values(&self, trials: &[Trial<'_>]) -> Value {
        let mut values = Value::Object(Map::new());
        for (leaf, value, _) in trials {
            let place = self.chart.place(&leaf.chart).expect("the chart is used");
            let path = place.iter().chain(&leaf.path);
            let target = path.fold(&mut values, |map, key| {
                if !map.is_object() {
                    *map = Value::Object(Map::new());
                }
                &mut map[key.as_str()]
            });
            *target = (*value).clone();
        }
        values
    }
}

/// Takes out of `open` what is alive in this chart, and names what was refused; `shown` asks for leaves whose value stands in
/// the manifest.
fn look(
    (helm, chart): (&Oracle, &Chart<'_>),
    open: &mut BTreeMap<Leaf, Value>,
    shown: bool,
) -> Vec<Leaf> {
    let mut values = Vec::new();
    for (number, (leaf, default)) in open.iter().enumerate() {
        let Some(default) = chart.value(leaf, default) else { continue };
        let nodes = chart.nodes(&leaf.chart);
        let (value, mark) = leaves::another(leaf, default, number, &nodes);
        if matches!(mark, Mark::Text(_)) == shown {
            values.push((leaf.clone(), value, mark));
        }
    }
    let trials: Vec<Trial<'_>> =
        values.iter().map(|(leaf, value, mark)| (leaf, value, mark)).collect();
    let mut refused = Vec::new();
    for (leaf, fate) in (Search { helm, chart }).fates(&trials) {
        match fate {
            Fate::Alive => {
                open.remove(leaf);
            }
            Fate::Refused => refused.push(leaf.clone()),
        }
    }
    refused
}

impl Chart<'_> {
    /// The value of a setting here; settings of curated charts that the network does not mention have their defaults.
    fn value<'v>(&'v self, leaf: &Leaf, default: &'v Value) -> Option<&'v Value> {
        let place = self.place(&leaf.chart)?;
        let mut value = Some(&self.values);
        for key in place.iter().chain(&leaf.path) {
            value = value.and_then(|it| it.get(key));
        }
        value.or((leaf.chart != NETWORK).then_some(default))
    }
}

/// Charts of all topologies, those that are rendered fastest first.
fn charts() -> Vec<Chart<'static>> {
    let mut charts = Vec::new();
    for render in RENDERS.iter() {
        let sample = render.sample;
        for (index, package) in sample.first.packages.iter().enumerate() {
            charts.push((&sample.row, package, render.of_package(index)));
        }
        // Servers of the sequence before are in a second version alone.
        if let ([package], true) =
            (&sample.second.packages[..], sample.row.is("successor", "sequence"))
        {
            charts.push((&sample.row, package, &render.second[..]));
        }
    }
    // A chart that does not render at all says nothing about its values; another test tells that.
    charts.retain(|(_, _, plain)| !plain.is_empty());
    charts.sort_by_key(|(_, _, plain)| plain.len());
    charts.into_iter().map(|(row, package, plain)| Chart::new(row, package, plain)).collect()
}

#[test]
fn every_setting_changes_the_manifest_of_some_topology() {
    let (Some(helm), false) = (Oracle::helm4(), RENDERS.is_empty()) else { return };
    let charts = charts();
    let mut open = leaves::of_charts();
    for chart in &charts {
        open.extend(leaves::of_network(&chart.values));
    }
    let unseen = |leaf: &Leaf| UNSEEN.iter().any(|(name, _)| *name == leaf.to_string());
    let mut refused = BTreeSet::new();
    for chart in &charts {
        if open.is_empty() {
            break;
        }
        for shown in [true, false] {
            refused.extend(look((&helm, chart), &mut open, shown));
        }
    }
    let dead = open.keys().filter(|it| !unseen(it));
    let fate = |leaf: &Leaf| if refused.contains(leaf) { "is refused" } else { "has no effect" };
    let dead: Vec<String> = dead.map(|leaf| format!("{leaf} {}", fate(leaf))).collect();
    assert_none("every setting has an effect in some topology", &dead);
    let known = leaves::names(&open);
    let stale = UNSEEN.iter().filter(|(name, _)| !known.iter().any(|it| it.to_string() == *name));
    let stale: Vec<String> = stale.map(|(name, _)| (*name).to_owned()).collect();
    assert_none("what is excused has no effect", &stale);
}
