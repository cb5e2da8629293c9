//! Packages and events of charts that look like real ones.

use std::fmt::Write;

use bytes::Bytes;
use chart_format::digest::Sha256;
use chart_registry_store::Event;
use flate2::Compression;
use flate2::write::GzEncoder;

/// About 700 bytes of Chart.yaml, as charts of applications have it.
pub(crate) fn chart_json(name: &str, version: &str) -> serde_json::Value {
    serde_json::json!({
        "name": name,
        "home": "https://charts.example.org/applications",
        "sources": ["https://git.example.org/applications", "https://git.example.org/charts"],
        "version": version,
        "description": "An application with a database, a cache and everything that they need",
        "keywords": ["application", "database", "cache", "messages"],
        "maintainers": [{"name": "Somebody", "email": "somebody@example.org"}],
        "icon": "https://charts.example.org/icons/application.svg",
        "apiVersion": "v2",
        "appVersion": version,
        "annotations": {"images": format!("- image: example.org/application:{version}\n"), "licenses": "Apache-2.0"},
        "kubeVersion": ">=1.25.0-0",
        "type": "application",
    })
}

/// The event of a package that nobody reads.
pub(crate) fn event(name: &str, version: &str) -> Event {
    event_in("", name, version)
}

/// The same in a repository.
pub(crate) fn event_in(repository: &str, name: &str, version: &str) -> Event {
    let digest = Sha256::of(format!("{name} {version}").as_bytes()).to_string();
    let publish = serde_json::json!({
        "repo": repository, "name": name, "version": version, "request": "",
        "actor": { "sub": "bench", "via": "bench" },
        "package": { "sha256": digest, "size": 12_000 }, "content": digest,
        "oci": { "fn": 1, "config": digest, "manifest": digest },
        "chart": chart_json(name, version),
    });
    Event::Publish(serde_json::from_str(&publish.to_string()).unwrap())
}

/// A package of 12 KB that inflates to 80 KB.
pub(crate) fn package(name: &str, version: &str) -> Bytes {
    let chart = chart_json(name, version).to_string();
    let mut values = String::new();
    for line in 0..300_u32 {
        let digest = Sha256::of(format!("{name} {version} {line}").as_bytes()).to_string();
        writeln!(values, "key{line}: {}", &digest[..40]).unwrap();
    }
    let template = "# a line that compresses well and stands here many times over\n".repeat(950);
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::default()));
    let files = [("Chart.yaml", chart), ("values.yaml", values), ("templates/a.yaml", template)];
    for (path, text) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, format!("{name}/{path}"), text.as_bytes()).unwrap();
    }
    Bytes::from(archive.into_inner().unwrap().finish().unwrap())
}
