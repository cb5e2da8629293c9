//! What the fuzz targets call: one function for each kind of bytes that strangers send or that a
//! damaged disk returns, with what must hold for every answer.
//!
//! `registry/fuzz` calls these with bytes that a fuzzer makes; the tests below call them with the
//! seeds and with thousands of changed seeds, so a target cannot rot while nobody fuzzes.
//! Left out: HTTP framing, which is hyper's.

#![expect(clippy::missing_panics_doc, reason = "a target panics when what it says does not hold")]

mod seeds;

use std::collections::BTreeSet;

use axum::http::header::RANGE;
use axum::http::{HeaderMap, HeaderValue};
use bytes::Bytes;
use chart_format::archive::{Limits, open};
use chart_format::digest::Sha256;
use chart_format::index::Index;
use chart_format::metadata::Metadata;
use chart_registry_catalog::State;
use chart_registry_store::{RepositoryPath, SealedCommit};

use crate::chartmuseum::Created;
use crate::identity::looked_at;
use crate::oci::{Reference, document};
use crate::openpgp::Keyring;
use crate::openpgp::clear_text::ClearText;
use crate::provenance;
use crate::routes::ROUTES;
use crate::routes::range::{Part, wanted};
use crate::target::{Pattern, Segments};
use crate::upstream::index::Known;
use crate::upstream::oci::Challenge;

/// Small, so that a fuzzer comes to the limits.
const LIMITS: Limits = Limits {
    package_bytes: 64 << 10,
    total_bytes: 256 << 10,
    file_bytes: 64 << 10,
    entries: 100,
    path_bytes: 128,
    ratio: 100,
    text_bytes: 16 << 10,
};

/// When signatures are looked at, in seconds since 1970: after the seeds were made.
const NOW: u64 = 1_800_000_000;

/// A target's name, the function, and what a fuzzer begins with.
pub type Target = (&'static str, fn(&[u8]), fn() -> Vec<Vec<u8>>);

/// All targets.
pub const TARGETS: &[Target] = &[
    ("archive", archive, seeds::archives),
    ("index", index, seeds::indexes),
    ("index_cache", index_cache, seeds::indexes),
    ("chart_yaml", chart_yaml, seeds::chart_yamls),
    ("signature", signature, seeds::signatures),
    ("oidc_token", oidc_token, seeds::oidc_tokens),
    ("target", target, seeds::targets),
    ("range", range, seeds::ranges),
    ("upstream", upstream, seeds::upstreams),
    ("challenge", challenge, seeds::challenges),
    ("manifest", manifest, seeds::manifests),
    ("reference", reference, seeds::references),
    ("journal", journal, seeds::journals),
    ("checkpoint", checkpoint, seeds::checkpoints),
];

/// A package: what is taken keeps every rule that later readers rely on.
pub fn archive(data: &[u8]) {
    let Ok(opened) = open(data, &LIMITS) else { return };
    assert_eq!(opened.digest, Sha256::of(data), "all bytes belong to the package");
    assert!(opened.entries.len() <= LIMITS.entries);
    let top = format!("{}/", opened.metadata.name);
    for entry in &opened.entries {
        let clean = entry.path.split('/').all(|part| !["", ".", ".."].contains(&part));
        assert!(clean && entry.path.starts_with(&top), "{}", entry.path);
        assert!(entry.size <= LIMITS.file_bytes);
    }
    let mut paths: Vec<_> = opened.entries.iter().map(|entry| &entry.path).collect();
    paths.sort_unstable();
    paths.dedup();
    assert_eq!(paths.len(), opened.entries.len(), "no path twice");
}

/// An index of another server: what is read is written and read again as the same.
pub fn index(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(index) = Index::parse(text) else { return };
    let json = index.to_json();
    let again = Index::parse(&json).map(|index| index.to_json());
    assert_eq!(again.as_ref().ok(), Some(&json), "{again:?}");
    let yaml = Index::parse(&index.to_yaml()).map(|index| index.to_json());
    assert_eq!(yaml.as_ref().ok(), Some(&json), "{yaml:?}");
}

/// The index of an upstream: what is shown of it are names and versions that the registry itself
/// would take, in order, each once, and an index that Helm can read.
pub fn upstream(data: &[u8]) {
    let Ok(known) = Known::read(data, None, |name| name != "denied") else { return };
    let shown = known.repository();
    let mut files = BTreeSet::new();
    for entry in shown.entries() {
        let file = entry.file_name();
        assert!(!file.contains(['/', '\\']) && !file.starts_with('.'), "{file}");
        assert!(&*entry.chart != "denied" && files.insert(file), "{}", entry.version);
        assert!(shown.find(&entry.chart, &entry.version).is_some());
    }
    let text: Vec<u8> = shown.index_frames().flatten().collect();
    assert_eq!(text.len() as u64, shown.index_length());
    let text = String::from_utf8(text);
    let read = text.ok().and_then(|text| Index::parse(&text).ok());
    let count = read.map(|index| index.iter().count());
    assert_eq!(count, Some(files.len()));
}

/// How an upstream asks for a credential: whatever it says, nothing breaks.
pub fn challenge(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Some(Challenge::Bearer { realm, .. }) = Challenge::parse(text) {
        assert!(realm.len() <= text.len());
    }
}

/// What `ChartMuseum` left beside its packages.
pub fn index_cache(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    drop(Created::parse(text));
}

/// A Chart.yaml: the forms that the registry and Helm write of it say the same.
pub fn chart_yaml(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(metadata) = Metadata::parse(text) else { return };
    let clean = metadata.sanitized();
    let json = clean.to_json();
    let written = Metadata::parse(&clean.to_chart_yaml()).map(|metadata| metadata.to_json());
    assert_eq!(written.as_ref().ok(), Some(&json), "{written:?}");
    let value = serde_json::from_str(&json);
    assert!(value.is_ok(), "{json}");
    let read = value.ok().and_then(|value| Metadata::from_json(&value).ok());
    assert_eq!(read.map(|metadata| metadata.to_json()), Some(json));
}

/// A provenance file and, behind the first NUL, public keys: what verifies is a text that the owner
/// of a seed's key has signed.
pub fn signature(data: &[u8]) {
    let (prov, keys) = match data.iter().position(|byte| *byte == 0) {
        Some(at) => (&data[..at], &data[at + 1..]),
        None => (data, &data[..0]),
    };
    let _ = provenance::parse(prov);
    let (Ok(prov), Ok(keys)) = (std::str::from_utf8(prov), std::str::from_utf8(keys)) else {
        return;
    };
    if let (Ok(text), Ok(keyring)) = (ClearText::parse(prov), Keyring::parse(keys)) {
        let signed = keyring.verify(&text, NOW).is_ok();
        assert!(!signed || seeds::is_signed(&text), "nobody has signed this");
    }
}

/// A token of an issuer and, behind the first NUL, a key set: what the key of the seeds has signed is
/// one of the seeds, and nothing else.
pub fn oidc_token(data: &[u8]) {
    let (token, keys) = match data.iter().position(|byte| *byte == 0) {
        Some(at) => (&data[..at], &data[at + 1..]),
        None => (data, &data[..0]),
    };
    let Ok(token) = std::str::from_utf8(token) else { return };
    let _ = looked_at(token, keys, NOW.cast_signed());
    let signed = looked_at(token, seeds::OIDC_KEYS.as_bytes(), NOW.cast_signed());
    assert!(!signed || seeds::is_issued(token), "nobody has signed this");
}

/// A request target: rows of one method agree about the repository, and its name is a clean path.
pub fn target(data: &[u8]) {
    let Ok(path) = std::str::from_utf8(data) else { return };
    let Ok(segments) = Segments::read(path, "") else { return };
    let mut seen: Vec<(&str, RepositoryPath)> = Vec::new();
    for route in ROUTES {
        let Some(target) = Pattern::parse(route.path).target(&segments) else { continue };
        assert!(RepositoryPath::parse(target.repository.as_str()).is_ok());
        for parameter in &target.parameters {
            let unclean = parameter.contains(|c: char| c == '/' || c == '\\' || c.is_control());
            assert!(!unclean && ![".", ".."].contains(&parameter.as_str()), "{parameter}");
        }
        let ours = !route.path.starts_with("/-/");
        for (_, other) in seen.iter().filter(|(method, _)| ours && *method == route.method) {
            assert_eq!(*other, target.repository, "{path} of {}", route.path);
        }
        if ours {
            seen.push((route.method, target.repository));
        }
    }
}

/// The size of a body (8 bytes) and a `Range` header: a part lies in the body and is not empty.
pub fn range(data: &[u8]) {
    let Some((size, header)) = data.split_first_chunk::<8>() else { return };
    let Ok(header) = HeaderValue::from_bytes(header) else { return };
    let size = u64::from_le_bytes(*size);
    let headers = HeaderMap::from_iter([(RANGE, header)]);
    if let Part::Bytes(part) = wanted(&headers, "tag", size) {
        assert!(part.start < part.end && part.end <= size, "{part:?} of {size}");
    }
}

/// A manifest that is pushed: its type can be sent back, and it names each blob once.
pub fn manifest(data: &[u8]) {
    let _ = document::annotations(data);
    let Ok(read) = document::parse(data, None) else { return };
    assert!(HeaderValue::from_str(&read.media_type).is_ok(), "{}", read.media_type);
    let digests: BTreeSet<_> = read.blobs.iter().map(|blob| blob.digest).collect();
    assert_eq!(digests.len(), read.blobs.len());
    let parts = read.chart.iter().flat_map(|chart| chart.provenance.iter().chain([&chart.package]));
    for part in parts {
        assert!(digests.contains(&part.digest), "a part of the chart is one of its blobs");
    }
}

/// A tag or digest in a request: what is read is what stands there.
pub fn reference(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(reference) = Reference::parse(text) else { return };
    assert_eq!(reference.text(), text);
}

/// Lines of a journal: each is refused or taken whole, and what is taken can be applied or refused.
pub fn journal(data: &[u8]) {
    let mut state = State::default();
    for (seq, line) in (1_u64..).zip(data.split_inclusive(|byte| *byte == b'\n')) {
        let Ok(sealed) = SealedCommit::parse(seq, Bytes::copy_from_slice(line)) else { return };
        assert_eq!(sealed.head().seq, seq);
        for event in &sealed.commit().events {
            let Ok(next) = state.with_event(event, seq, sealed.commit().time) else { return };
            state = next;
        }
    }
    let file = state.to_checkpoint();
    let again = file.as_deref().map(State::from_checkpoint);
    assert!(matches!(again, Some(Ok(_))), "{again:?}");
}

/// A checkpoint whose digest is right: refused, or a state that writes itself again.
pub fn checkpoint(data: &[u8]) {
    let _ = State::from_checkpoint(data);
    let mut file = data.to_vec();
    file.extend_from_slice(Sha256::of(data).as_bytes());
    let Ok(state) = State::from_checkpoint(&file) else { return };
    let _ = state.repository("").index_frames().count();
    let written = state.to_checkpoint();
    let again = written.as_deref().map(State::from_checkpoint);
    assert!(matches!(again, None | Some(Ok(_))), "{again:?}");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::Index;

    use super::*;

    #[test]
    fn every_seed_passes_its_target_and_every_target_has_seeds() {
        for (name, target, seeds) in TARGETS {
            assert!(!seeds().is_empty(), "{name}");
            for seed in seeds() {
                target(&seed);
            }
        }
    }

    #[test]
    fn every_target_has_a_program() {
        let manifest = include_str!("../../fuzz/Cargo.toml");
        for (name, ..) in TARGETS {
            assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
        }
    }

    /// A byte put, taken away or changed at some place.
    type Edit = (Index, u8, u8);

    fn edited(mut seed: Vec<u8>, edits: &[Edit]) -> Vec<u8> {
        for (place, kind, byte) in edits {
            let at = place.index(seed.len() + 1);
            match kind % 3 {
                0 => seed.insert(at, *byte),
                1 if at < seed.len() => seed[at] = *byte,
                _ if at < seed.len() => drop(seed.remove(at)),
                _ => {}
            }
        }
        seed
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn changed_seeds_pass_their_targets(
            which in any::<Index>(),
            edits in prop::collection::vec(any::<Edit>(), 1..6),
        ) {
            for (_, target, seeds) in TARGETS {
                let seeds = seeds();
                target(&edited(seeds[which.index(seeds.len())].clone(), &edits));
            }
        }
    }
}
