//! Every topology of the table as a network directory: identities from a fixed seed, two versions, packed.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::{LazyLock, Mutex};

use chart_builder::build::{BuildError, Built, BuiltChart, Options, build};
use chart_builder::check::check;
use chart_builder::curated::CuratedCharts;
use chart_builder::diagnostic::report::{self, Style};
use chart_builder::directory::NetworkDirectory;
use chart_builder::identities::{self, Format, Request};
use chart_builder::model::Network;
use fabric_artifacts::x509::{Issuance, TEN_YEARS};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use serde_json::Value;
use suite::topologies::{self, Row, Successor};
use time::macros::datetime;
use walkdir::WalkDir;

use super::{assert_none, elsewhere, parallel};

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

/// All of them; with `TOPOLOGIES=n003,n017` those alone, for somebody who looks into a failure. What cannot be built is left
/// out here, and a test of its own tells why.
pub(super) static SAMPLES: LazyLock<Vec<Sample>> = LazyLock::new(|| {
    let mut rows = topologies::rows();
    if let Ok(some) = std::env::var("TOPOLOGIES") {
        rows.retain(|row| some.split(',').any(|name| name == row.name));
    }
    let built = parallel(&rows, |row| {
        let refused = |words| format!("{}: {words}", row.name);
        sample(row).map_err(refused)
    });
    let (samples, refused): (Vec<_>, Vec<_>) = built.into_iter().partition(Result::is_ok);
    *REFUSED.lock().expect("nobody panics with it") =
        refused.into_iter().filter_map(Result::err).collect();
    samples.into_iter().filter_map(Result::ok).collect()
});

/// Why some topologies could not be built.
static REFUSED: Mutex<Vec<String>> = Mutex::new(Vec::new());

#[test]
fn every_topology_of_the_table_is_built() {
    assert!(!SAMPLES.is_empty(), "no topology was built");
    assert_none("what the rules take is built", &REFUSED.lock().expect("nobody panics with it"));
}

static CURATED: LazyLock<CuratedCharts> =
    LazyLock::new(|| CuratedCharts::embedded().expect("the curated charts"));

/// Both versions of a topology, or why one of them is refused.
pub(super) fn sample(row: &Row) -> Result<Sample, String> {
    let document = topologies::document(row);
    let folder = tempfile::tempdir().expect("a directory");
    prepare(folder.path(), &document, 1)?;
    let first = version(folder.path(), &topologies::topology(row), 1)?;
    let other = tempfile::tempdir().expect("a directory");
    prepare(other.path(), &document, 1)?;
    let shuffled = version(other.path(), &topologies::reversed(&document), 1)?;
    let successor = topologies::successor(row);
    prepare(folder.path(), &successor.document, 2)?;
    let second = version(folder.path(), &successor.text, 2)?;
    Ok(Sample { row: row.clone(), document, first, shuffled, successor, second })
}

/// What has to lie in a network directory before `identities`: files that the topology names, a tree of cryptogen, and roots of
/// external organizations.
fn prepare(folder: &Path, document: &Value, seed: u8) -> Result<(), String> {
    for (path, bytes) in topologies::files(document) {
        let file = folder.join(path);
        fs::create_dir_all(file.parent().expect("a directory")).expect("a directory");
        fs::write(file, bytes).expect("a file");
    }
    if document["crypto"]["source"] == "files" {
        let mut own = document.clone();
        own.as_object_mut().expect("a mapping").remove("crypto");
        // A second version finds the keys of the first one there.
        let home = folder.join("elsewhere");
        fs::create_dir_all(&home).expect("a directory");
        prepare(&home, &own, seed)?;
        let request = Request { format: Format::Cryptogen, ..Request::default() };
        provide(&home, &topologies::written(&own), &request, seed)?;
        copy(&home.join("private/crypto-config"), &folder.join("crypto-config"));
    }
    let organizations = document["organizations"].as_array().into_iter().flatten();
    let members = organizations.filter(|it| it["external"]["anchors"].is_array());
    for external in members {
        let name = external["name"].as_str().expect("a name");
        // Lines without etcdraft have a system channel elsewhere, too.
        let system = ["solo", "kafka"].iter().any(|it| document["ordering"]["type"] == *it);
        let ordering = if system { "solo" } else { "etcdraft" };
        let own = serde_json::json!({
            "apiVersion": document["apiVersion"], "kind": document["kind"], "fabric": document["fabric"],
            "ordering": {"type": ordering},
            "metadata": {"name": "elsewhere", "version": "1.0.0"},
            "release": {"profile": "dev"}, "organizations": [{"name": name, "peers": 1, "orderers": 1}],
            "channels": [{"name": "own", "members": [name]}],
        });
        let home = tempfile::tempdir().expect("a directory");
        provide(home.path(), &topologies::written(&own), &Request::default(), 9)?;
        let msp = format!("public/{name}/msp");
        copy(&home.path().join(&msp), &folder.join(&msp));
        let version = document["fabric"]["version"].as_str().unwrap_or_default();
        if ["1.0", "1.1", "1.2", "1.3"].iter().any(|it| version.starts_with(it)) {
            // Lines without organizational units know administrators by their certificates.
            let named = folder.join(&msp).join("admincerts");
            fs::create_dir_all(&named).expect("a directory");
            let admin = home.path().join(format!("public/{name}/admin/sign.pem"));
            fs::copy(admin, named.join("admin.pem")).expect("a certificate");
        }
    }
    elsewhere::order(folder, document, seed)
}

pub(super) fn copy(from: &Path, to: &Path) {
    for entry in WalkDir::new(from) {
        let entry = entry.expect("an entry");
        let target = to.join(entry.path().strip_prefix(from).expect("a path below the directory"));
        if entry.file_type().is_dir() {
            fs::create_dir_all(target).expect("a directory");
        } else {
            fs::copy(entry.path(), target).expect("a file");
        }
    }
}

/// Makes the certificates and keys that a topology lacks, from `seed`.
pub(super) fn provide(
    folder: &Path,
    topology: &str,
    request: &Request,
    seed: u8,
) -> Result<NetworkDirectory, String> {
    fs::write(folder.join("network.yaml"), topology).expect("a topology");
    let directory = NetworkDirectory::new(folder);
    let source = directory.source().expect("a topology");
    let lock = directory.lock().expect("a lock");
    let checked = check(&source, &lock);
    let Some(network) = checked.network else {
        return Err(report::text(&source, &checked.diagnostics, Style::Plain));
    };
    let mut random = StdRng::from_seed([seed; 32]);
    let issuance = Issuance {
        not_before: datetime!(2026-11-25 15:00 UTC),
        lifetime: TEN_YEARS,
        random: &mut random,
    };
    identities::provide(&directory, &network, request, issuance)
        .map_err(|error| error.to_string())?;
    Ok(directory)
}

/// Builds a topology in a network directory; its keys come from `seed` as far as they are not there.
fn version(folder: &Path, topology: &str, seed: u8) -> Result<Version, String> {
    let directory = provide(folder, topology, &Request::default(), seed)?;
    elsewhere::agree(&directory)?;
    let Built { network, charts, .. } = built(&directory)?;
    let package = |it: BuiltChart| Package {
        release: it.release.name,
        namespace: it.release.namespace,
        bytes: it.packed.bytes,
    };
    let packages = charts.into_iter().map(package).collect();
    let lock = fs::read_to_string(folder.join("network.lock")).expect("a lock");
    Ok(Version { network, packages, public: public(folder), lock })
}

pub(super) fn built(directory: &NetworkDirectory) -> Result<Built, String> {
    build(directory, &CURATED, Options::default()).map_err(words)
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
