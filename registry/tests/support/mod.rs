//! Packages for tests.

use std::io::Write;

use bytes::Bytes;
use chart_format::digest::Sha256;
use flate2::Compression;
use flate2::write::GzEncoder;

/// A package of chart `name` whose content differs with `payload`.
pub(crate) fn package(name: &str, version: &str, payload: &str) -> Bytes {
    let chart = format!("apiVersion: v2\nname: {name}\nversion: {version}\n");
    package_of(name, &[("Chart.yaml", chart.as_bytes()), ("values.yaml", payload.as_bytes())])
}

/// A package with these files below the chart's directory.
pub(crate) fn package_of(name: &str, files: &[(&str, &[u8])]) -> Bytes {
    let mut archive = tar::Builder::new(Vec::new());
    for (path, bytes) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, format!("{name}/{path}"), *bytes).unwrap();
    }
    gzip(&archive.into_inner().unwrap(), Compression::default())
}

/// Values that compress to half their size: comments of 67 bytes, each another one.
pub(crate) fn incompressible(lines: u32) -> String {
    (0..lines).fold(String::new(), |mut text, line| {
        text.push_str("# ");
        text.push_str(&Sha256::of(&line.to_be_bytes()).to_string());
        text.push('\n');
        text
    })
}

/// `bytes` as a gzip file.
pub(crate) fn gzip(bytes: &[u8], level: Compression) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), level);
    encoder.write_all(bytes).unwrap();
    Bytes::from(encoder.finish().unwrap())
}
