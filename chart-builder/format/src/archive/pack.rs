//! Makes a package's bytes.

use std::io::{self, Write};

use flate2::{Compression, GzBuilder};

use super::content_digest;
use super::faults::PackageError;
use super::package::Package;
use crate::digest::Sha256;

/// The time of every file of every package, 1980-01-01T00:00:00Z: no clock may reach a package,
/// and some tools warn about times near zero.
pub const MODIFIED_UNIX_SECONDS: u64 = 315_532_800;

/// "Unknown", what Go writes and what does not tell where a package was made.
const GZIP_OS_UNKNOWN: u8 = 255;

/// The level is part of what makes bytes reproducible, as is the exact version of the compressor.
const LEVEL: u32 = 6;

/// A finished package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    /// The `.tgz`.
    pub bytes: Vec<u8>,
    /// SHA-256 of the bytes, as indexes give it.
    pub digest: Sha256,
    /// Digest of the content alone, as [`super::Opened::content`].
    pub content: Sha256,
}

/// Packs a chart; the same content gives the same bytes.
///
/// Refuses what [`super::open`] would refuse, and reports all faults.
pub fn pack(package: &Package) -> Result<Packed, PackageError> {
    let files = package.checked_files()?;
    let mut hashed: Vec<(&str, Sha256)> =
        files.iter().map(|(path, content)| (path.as_str(), Sha256::of(content))).collect();
    hashed.sort_by(|left, right| left.0.cmp(right.0));
    let content = content_digest(hashed.iter().map(|(path, digest)| (*path, digest)));
    let bytes = compress(&files).map_err(|error| PackageError::of_write(&error))?;
    Ok(Packed { digest: Sha256::of(&bytes), bytes, content })
}

fn compress(files: &[(String, std::borrow::Cow<'_, [u8]>)]) -> io::Result<Vec<u8>> {
    let total: usize = files.iter().map(|(_, content)| content.len() + 1024).sum();
    let mut archive = tar::Builder::new(Vec::with_capacity(total + 1024));
    for (path, content) in files {
        append(&mut archive, path, content)?;
    }
    let archive = archive.into_inner()?;
    let mut gzip = GzBuilder::new()
        .mtime(0)
        .operating_system(GZIP_OS_UNKNOWN)
        .write(Vec::with_capacity(total / 4), Compression::new(LEVEL));
    gzip.write_all(&archive)?;
    gzip.finish()
}

fn append(archive: &mut tar::Builder<Vec<u8>>, path: &str, content: &[u8]) -> io::Result<()> {
    let mut header = tar::Header::new_ustar();
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(MODIFIED_UNIX_SECONDS);
    header.set_entry_type(tar::EntryType::Regular);
    header.set_size(content.len() as u64);
    if header.set_path(path).is_err() {
        // Too long for name and prefix: an extended header carries it, as in Go's archives.
        archive.append_pax_extensions([("path", path.as_bytes())])?;
        let end = path.floor_char_boundary(100);
        header.set_path(&path[..end])?;
    }
    header.set_cksum();
    archive.append(&header, content)
}
