//! Reads and writes chart packages with tar and gzip alone, so that our own code is not its own judge.

use std::collections::BTreeMap;
use std::io::Read as _;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

/// Contents of a package's files, by path.
pub type Files = BTreeMap<String, Vec<u8>>;

/// Every file of a package.
pub fn files(package: &[u8]) -> Files {
    let mut archive = tar::Archive::new(GzDecoder::new(package));
    let entries = archive.entries().expect("a tar inside of gzip");
    entries
        .map(|entry| {
            let mut entry = entry.expect("an entry of the tar");
            let path = entry.path().expect("a path").to_string_lossy().into_owned();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).expect("the bytes of an entry");
            (path, bytes)
        })
        .collect()
}

/// A package of these files, whatever their paths are: `..` and `/` are written as they stand.
pub fn pack(files: &Files) -> Vec<u8> {
    let entries: Vec<(&str, &[u8])> =
        files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect();
    pack_entries(&entries)
}

/// As [`pack`], with the entries in this order; a path may come twice.
pub fn pack_entries(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (path, bytes) in entries {
        let mut header = plain_header(path);
        header.set_size(u64::try_from(bytes.len()).expect("a length of 64 bits"));
        header.set_cksum();
        builder.append(&header, *bytes).expect("memory takes every entry");
    }
    finish(builder)
}

/// A package with one more entry: a symbolic link.
pub fn pack_with_link(files: &Files, path: &str, target: &str) -> Vec<u8> {
    let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (path, bytes) in files {
        let mut header = plain_header(path);
        header.set_size(u64::try_from(bytes.len()).expect("a length of 64 bits"));
        header.set_cksum();
        builder.append(&header, bytes.as_slice()).expect("memory takes every entry");
    }
    let mut header = plain_header(path);
    header.set_entry_type(tar::EntryType::Symlink);
    header.set_size(0);
    header.set_link_name(target).expect("a short target");
    header.set_cksum();
    builder.append(&header, &[][..]).expect("memory takes every entry");
    finish(builder)
}

/// A header whose path is written byte for byte: the crate's own setter refuses what we need for bad packages.
fn plain_header(path: &str) -> tar::Header {
    let mut header = tar::Header::new_ustar();
    let field = &mut header.as_old_mut().name;
    assert!(path.len() <= field.len(), "`{path}` is longer than a tar header's name");
    field[..path.len()].copy_from_slice(path.as_bytes());
    header.set_mode(0o644);
    header.set_entry_type(tar::EntryType::Regular);
    header
}

fn finish(builder: tar::Builder<GzEncoder<Vec<u8>>>) -> Vec<u8> {
    let encoder = builder.into_inner().expect("memory takes the end of the tar");
    encoder.finish().expect("memory takes the end of the gzip stream")
}
