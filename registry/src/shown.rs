//! What pages show of stored packages: their files, with the text of those that are small.
//!
//! A package never changes, so what was read of one is kept under its digest, as far as it fits.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use chart_format::archive::Limits;
use chart_format::digest::Sha256;
use chart_registry_catalog::Entry;
use flate2::bufread::GzDecoder;

use crate::refusal::Fault;
use crate::registry::Registry;

/// Largest file whose text is kept.
const TEXT_BYTES: u64 = 512 << 10;

/// Most bytes of text that are kept of one package.
const PACKAGE_TEXT_BYTES: u64 = 4 << 20;

/// Most bytes of packages that are kept together.
const KEPT_BYTES: u64 = 32 << 20;

/// What one file costs besides its text.
const FILE_COST: u64 = 200;

/// A package as pages see it.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    /// Its files, sorted by path.
    pub(crate) files: Vec<File>,
}

/// One file of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct File {
    /// Path below the chart's directory.
    pub(crate) path: String,
    /// Its bytes.
    pub(crate) size: u64,
    /// Digest of its content.
    pub(crate) digest: Sha256,
    /// Its content, as far as it is shown.
    pub(crate) text: Text,
}

/// The content of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Text {
    /// All of it.
    Whole(String),
    /// It is no UTF-8, or has zeros.
    Binary,
    /// It is too large, or the package is.
    TooLarge,
}

impl File {
    /// The text, when it is shown.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.text {
            Text::Whole(text) => Some(text),
            Text::Binary | Text::TooLarge => None,
        }
    }
}

impl Shown {
    /// Reads a package. Inflates all of it: call it where that may take its time.
    pub(crate) fn read(package: &Bytes) -> io::Result<Self> {
        let inflated = GzDecoder::new(&package[..]).take(Limits::HELM.total_bytes);
        let mut archive = tar::Archive::new(inflated);
        let (mut files, mut kept) = (Vec::new(), 0);
        for entry in archive.entries()? {
            let mut entry = entry?;
            if !entry.header().entry_type().is_file() {
                continue;
            }
            let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            let Some((_, path)) = path.trim_start_matches("./").split_once('/') else { continue };
            let mut content = Vec::new();
            entry.read_to_end(&mut content)?;
            let size = content.len() as u64;
            let digest = Sha256::of(&content);
            let fits = size <= TEXT_BYTES && kept + size <= PACKAGE_TEXT_BYTES;
            let text = if fits { text(content) } else { Text::TooLarge };
            if matches!(text, Text::Whole(_)) {
                kept += size;
            }
            files.push(File { path: path.to_owned(), size, digest, text });
        }
        files.sort_by(|left, right| left.path.cmp(&right.path));
        Ok(Self { files })
    }

    /// The file at a path.
    pub(crate) fn file(&self, path: &str) -> Option<&File> {
        let at = self.files.binary_search_by(|file| file.path.as_str().cmp(path)).ok()?;
        self.files.get(at)
    }

    /// The text of the file at a path.
    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.file(path)?.text()
    }

    /// The README, in any letter case.
    pub(crate) fn readme(&self) -> Option<&str> {
        let mut files = self.files.iter();
        files.find(|file| file.path.eq_ignore_ascii_case("readme.md"))?.text()
    }

    fn cost(&self) -> u64 {
        let cost = |file: &File| FILE_COST + file.text().map_or(0, str::len) as u64;
        self.files.iter().map(cost).sum()
    }
}

fn text(content: Vec<u8>) -> Text {
    if content.contains(&0) {
        return Text::Binary;
    }
    String::from_utf8(content).map_or(Text::Binary, Text::Whole)
}

/// The packages that were read last.
#[derive(Default)]
pub(crate) struct Kept(Mutex<VecDeque<(Sha256, Arc<Shown>)>>);

impl Kept {
    /// What was read of a package, when it is kept.
    pub(crate) fn get(&self, digest: Sha256) -> Option<Arc<Shown>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().position(|(known, _)| *known == digest)?;
        let found = kept.remove(at)?;
        let shown = Arc::clone(&found.1);
        kept.push_front(found);
        Some(shown)
    }

    /// Keeps what was read, and drops what was not asked for the longest.
    pub(crate) fn put(&self, digest: Sha256, shown: &Arc<Shown>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.iter().any(|(known, _)| *known == digest) {
            return;
        }
        kept.push_front((digest, Arc::clone(shown)));
        let mut sum = 0;
        kept.retain(|(_, shown)| {
            sum += shown.cost();
            sum <= KEPT_BYTES
        });
    }
}

impl Registry {
    /// A package as pages show it.
    pub(crate) async fn shown(&self, entry: &Entry) -> Result<Arc<Shown>, Fault> {
        let digest = entry.package.sha256;
        if let Some(shown) = self.shown_packages().get(digest) {
            return Ok(shown);
        }
        let turn = self.inspector().await?;
        // Somebody else may have read it meanwhile.
        if let Some(shown) = self.shown_packages().get(digest) {
            return Ok(shown);
        }
        let reader = self.open_package(entry).await?;
        let package = reader.read_all().await.map_err(|e| Fault::io("read a package", e))?;
        let kept = Arc::clone(self.shown_packages());
        let read = move || {
            let shown = Arc::new(Shown::read(&package)?);
            kept.put(digest, &shown);
            Ok(shown)
        };
        let shown: io::Result<Arc<Shown>> = turn.run(read).await?;
        shown.map_err(|error| Fault::io("unpack a package", error))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn package(files: &[(&str, &[u8])]) -> Bytes {
        let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
        for (path, bytes) in files {
            let mut header = tar::Header::new_ustar();
            header.set_size(bytes.len() as u64);
            archive.append_data(&mut header, path, *bytes).unwrap();
        }
        let mut encoder = archive.into_inner().unwrap();
        encoder.flush().unwrap();
        Bytes::from(encoder.finish().unwrap())
    }

    #[test]
    fn small_texts_are_shown_and_the_rest_is_named() {
        let large = vec![b'a'; 600 << 10];
        let shown = Shown::read(&package(&[
            ("x/values.yaml", b"a: 1\n"),
            ("x/ReadMe.md", b"# x\n"),
            ("x/files/picture", b"\xff\x00"),
            ("x/files/large.txt", &large),
        ]));
        let shown = shown.unwrap();
        let paths: Vec<_> = shown.files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths, ["ReadMe.md", "files/large.txt", "files/picture", "values.yaml"]);
        assert_eq!(shown.text("values.yaml"), Some("a: 1\n"));
        assert_eq!(shown.readme(), Some("# x\n"));
        assert_eq!(shown.file("files/picture").unwrap().text, Text::Binary);
        assert_eq!(shown.file("files/large.txt").unwrap().text, Text::TooLarge);
        assert!(shown.file("x").is_none());
    }

    #[test]
    fn what_was_not_asked_for_the_longest_is_dropped() {
        let kept = Kept::default();
        let of = |number: u8| Sha256::of(&[number]);
        let text = "a".repeat(usize::try_from(KEPT_BYTES / 3).unwrap());
        for number in 0..3 {
            let file = File {
                path: "a".to_owned(),
                size: 0,
                digest: of(number),
                text: Text::Whole(text.clone()),
            };
            kept.put(of(number), &Arc::new(Shown { files: vec![file] }));
            assert!(kept.get(of(0)).is_some(), "{number}");
        }
        assert!(kept.get(of(2)).is_some());
        assert!(kept.get(of(1)).is_none());
    }
}
