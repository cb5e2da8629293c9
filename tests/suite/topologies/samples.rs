//! Every topology of the table as a network directory: identities from a fixed seed, two versions, packed.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use chart_builder::build::{BuildError, Built, BuiltChart, Options, build};
use chart_builder::check::check;
use chart_builder::curated::CuratedCharts;
use chart_builder::diagnostic::report::{self, Style};
use chart_builder::directory::NetworkDirectory;
use chart_builder::identities::{self, Request};
use chart_builder::model::Network;
use fabric_artifacts::x509::{Issuance, TEN_YEARS};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use serde_json::Value;
use suite::topologies::{self, Row, Successor};
use time::macros::datetime;
use walkdir::WalkDir;

use super::parallel;

/// One version of a network.
pub(super) struct Version {
    /// What was built.
    pub(super) network: Network,
    /// The packages, one for each release.
    pub(super) packages: Vec<Package>,
    /// Files of `public/`, by path.
    pub(super) public: BTreeMap<String, Vec<u8>>,
    /// `network.lock`.
    pub(super) lock: String,
}

/// A packed chart and the release that it is for.
#[derive(PartialEq, Eq)]
pub(super) struct Package {
    pub(super) release: String,
    pub(super) namespace: String,
    pub(super) bytes: Vec<u8>,
}

/// A topology of the table and its successor.
pub(super) struct Sample {
    pub(super) row: Row,
    pub(super) document: Value,
    pub(super) first: Version,
    /// The first version again, from a topology with the keys of every mapping in another order.
    pub(super) shuffled: Version,
    pub(super) successor: Successor,
    pub(super) second: Version,
}

/// All of them; with `TOPOLOGIES=n003,n017` those alone, for somebody who looks into a failure.
pub(super) static SAMPLES: LazyLock<Vec<Sample>> = LazyLock::new(|| {
    let mut rows = topologies::rows();
    if let Ok(some) = std::env::var("TOPOLOGIES") {
        rows.retain(|row| some.split(',').any(|name| name == row.name));
    }
    parallel(&rows, sample)
});

static CURATED: LazyLock<CuratedCharts> =
    LazyLock::new(|| CuratedCharts::embedded().expect("the curated charts"));

fn sample(row: &Row) -> Sample {
    let document = topologies::document(row);
    let folder = tempfile::tempdir().expect("a directory");
    let first = version(folder.path(), &topologies::topology(row), 1);
    let other = tempfile::tempdir().expect("a directory");
    let shuffled = version(other.path(), &topologies::reversed(&document), 1);
    let successor = topologies::successor(row);
    let second = version(folder.path(), &successor.text, 2);
    Sample { row: row.clone(), document, first, shuffled, successor, second }
}

/// Builds a topology in a network directory; its keys come from `seed` as far as they are not there.
fn version(folder: &Path, topology: &str, seed: u8) -> Version {
    fs::write(folder.join("network.yaml"), topology).expect("a topology");
    let directory = NetworkDirectory::new(folder);
    let source = directory.source().expect("a topology");
    let lock = directory.lock().expect("a lock");
    let checked = check(&source, &lock);
    let Some(network) = checked.network else {
        panic!("{topology}\n{}", report::text(&source, &checked.diagnostics, Style::Plain))
    };
    let mut random = StdRng::from_seed([seed; 32]);
    let issuance = Issuance {
        not_before: datetime!(2026-11-25 15:00 UTC),
        lifetime: TEN_YEARS,
        random: &mut random,
    };
    identities::provide(&directory, &network, &Request::default(), issuance)
        .unwrap_or_else(|error| panic!("{topology}\n{error}"));
    let built = build(&directory, &CURATED, Options::default())
        .unwrap_or_else(|error| panic!("{topology}\n{}", words(error)));
    let Built { network, charts, .. } = built;
    let package = |it: BuiltChart| Package {
        release: it.release.name,
        namespace: it.release.namespace,
        bytes: it.packed.bytes,
    };
    let packages = charts.into_iter().map(package).collect();
    let lock = fs::read_to_string(folder.join("network.lock")).expect("a lock");
    Version { network, packages, public: public(folder), lock }
}

fn words(error: BuildError) -> String {
    match error {
        BuildError::Refused { topology, diagnostics } => {
            report::text(&topology, &diagnostics, Style::Plain)
        }
        other => other.to_string(),
    }
}

fn public(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = WalkDir::new(folder.join("public")).into_iter().flatten();
    let files = entries.filter(|entry| entry.file_type().is_file());
    files
        .map(|entry| {
            let path = entry.path().strip_prefix(folder).expect("a path below the directory");
            (path.to_string_lossy().into_owned(), fs::read(entry.path()).expect("a file"))
        })
        .collect()
}
