//! How large Helm's record of a release will be: one Secret, which Kubernetes limits to 1 MiB.
//!
//! Helm stores `base64(gzip(JSON))` of the release: the root chart's files (base64 within the JSON), its values, and every
//! rendered object; files of subcharts are not stored (`pkg/storage/driver/util.go`). Nothing can be rendered here, so
//! the objects are stood in for by what they are made of: templates, scripts and values once for each use of a curated
//! chart, and a measured share for each node.

use std::io::{self, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chart_format::archive::Package;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::model::Network;

/// Above this, a person should know, in bytes.
pub const WARNING_BYTES: u64 = 512 << 10;
/// Above this, nothing is built, in bytes: the prediction may be a tenth too small.
pub const LIMIT_BYTES: u64 = 900 << 10;

/// Compressed bytes of a node's objects beside those of its siblings; measured with both Helms.
const BYTES_PER_NODE: u64 = 160;
/// Compressed bytes of what every release has: information, labels, hooks of the umbrella.
const BASE_BYTES: u64 = 2048;

/// Predicted size of Helm's Secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReleaseSize {
    /// Bytes of the Secret's value.
    pub bytes: u64,
}

impl ReleaseSize {
    /// It comes near the limit.
    pub fn is_large(self) -> bool {
        self.bytes > WARNING_BYTES
    }

    /// Helm could not store it.
    pub fn is_too_large(self) -> bool {
        self.bytes > LIMIT_BYTES
    }
}

/// Predicts the size for a release of `chart`.
pub fn predict(network: &Network, chart: &Package) -> io::Result<ReleaseSize> {
    let mut release = GzEncoder::new(Counter(0), Compression::best());
    let values = chart.values.as_deref().unwrap_or_default();
    for file in chart.templates.values().chain(chart.files.values()) {
        release.write_all(STANDARD.encode(file).as_bytes())?;
    }
    release.write_all(STANDARD.encode(chart.schema.as_deref().unwrap_or_default()).as_bytes())?;
    // Once as values, once in the objects that are made of them.
    release.write_all(values)?;
    release.write_all(values)?;
    for dependency in &chart.metadata.dependencies {
        let used = chart.subcharts.iter().find(|it| it.metadata.name == dependency.name);
        for file in used.iter().flat_map(|it| it.templates.values().chain(it.files.values())) {
            release.write_all(file)?;
        }
    }
    let compressed = release.finish()?.0 + BASE_BYTES + BYTES_PER_NODE * nodes(network);
    Ok(ReleaseSize { bytes: compressed.div_ceil(3) * 4 })
}

fn nodes(network: &Network) -> u64 {
    let of = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    network.organizations.iter().map(|it| of(it.peers.len()) + of(it.orderers.len())).sum()
}

/// Counts bytes and keeps none.
struct Counter(u64);

impl io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
