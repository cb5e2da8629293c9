//! Writes a bundle: one tar archive, complete or not there.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Read};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use chart_registry_catalog::State;
use chart_registry_store::{Digest, ObjectReader, Store};
use serde::Serialize;

use super::select::{Choice, Piece, select};
use super::{INDEX, Index, LAYOUT, Layout, SEQ, SINCE, blob_path, digest_of};
use crate::refusal::Fault;

/// What went into a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Bundled {
    /// The journal's number up to which it holds things: what the next `--since` is.
    pub(crate) seq: u64,
    /// Versions of charts.
    pub(crate) charts: u64,
    /// Images that they name.
    pub(crate) images: u64,
    /// Images that they name and that this registry does not hold.
    pub(crate) missing_images: Vec<String>,
    /// SHA-256 of the file.
    pub(crate) digest: String,
    /// Its size in bytes.
    pub(crate) bytes: u64,
}

/// Writes what was chosen into a file.
pub(crate) async fn write(
    store: &Store,
    state: &State,
    choice: &Choice,
    to: &Path,
) -> Result<Bundled, Fault> {
    let selection = select(store, state, choice).await?;
    let seq = state.head().seq;
    let annotations = BTreeMap::from([
        (SEQ.to_owned(), seq.to_string()),
        (SINCE.to_owned(), choice.since.to_string()),
    ]);
    let index = Index {
        schema_version: 2,
        media_type: Some("application/vnd.oci.image.index.v1+json".to_owned()),
        manifests: selection.manifests,
        annotations,
    };
    let layout = Layout { image_layout_version: "1.0.0".to_owned() };
    let (part, to) = (part_of(to), to.to_owned());
    let file = part.clone();
    let mut archive = on_disk(move || {
        let mut archive = tar::Builder::new(BufWriter::new(File::create(&file)?));
        append_json(&mut archive, LAYOUT, &layout)?;
        append_json(&mut archive, INDEX, &index)?;
        Ok(archive)
    })
    .await?;
    for (digest, piece) in selection.pieces {
        let reader = opened(store, digest, piece).await?;
        archive = on_disk(move || {
            append_object(&mut archive, digest, &reader)?;
            Ok(archive)
        })
        .await?;
    }
    let finished = on_disk(move || {
        let file = archive.into_inner()?.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        let digest = digest_of(&part)?;
        std::fs::rename(&part, &to)?;
        Ok((digest, file.metadata()?.len()))
    });
    let (digest, bytes) = finished.await?;
    Ok(Bundled {
        seq,
        charts: selection.charts,
        images: selection.images,
        missing_images: selection.missing.into_iter().collect(),
        digest: digest.prefixed(),
        bytes,
    })
}

async fn on_disk<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, Fault> {
    let stopped = |_| Fault::Stopped { part: "writing of a bundle" };
    let done = tokio::task::spawn_blocking(work).await.map_err(stopped)?;
    done.map_err(|error| Fault::io("write the bundle", error))
}

async fn opened(store: &Store, digest: Digest, piece: Piece) -> Result<ObjectReader, Fault> {
    let size = piece.size();
    if let Piece::Made(bytes) = piece {
        return Ok(ObjectReader::Whole(bytes));
    }
    let lost = || Fault::LostPackage { file: "blob".to_owned(), digest: digest.to_string() };
    let reader = store.open_blob(digest).await?.filter(|reader| reader.size() == size);
    reader.ok_or_else(lost)
}

fn part_of(to: &Path) -> PathBuf {
    let mut name = to.as_os_str().to_owned();
    name.push(".part");
    PathBuf::from(name)
}

fn append_json(
    archive: &mut tar::Builder<impl io::Write>,
    path: &str,
    value: &impl Serialize,
) -> io::Result<()> {
    let bytes = Bytes::from(serde_json::to_vec(value)?);
    append(archive, path, &ObjectReader::Whole(bytes))
}

/// Appends the bytes of an object, which must be those of its digest.
fn append_object(
    archive: &mut tar::Builder<impl io::Write>,
    digest: Digest,
    reader: &ObjectReader,
) -> io::Result<()> {
    let mut hasher = chart_registry_store::DigestHasher::new(digest.algorithm());
    let mut source = reader.to_read();
    let mut buffer = vec![0; 64 << 10];
    loop {
        let count = source.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        hasher.update(&buffer[..count]);
    }
    if hasher.finish() != digest {
        return Err(io::Error::other(format!("the object {digest} is damaged")));
    }
    append(archive, &blob_path(&digest), reader)
}

fn append(
    archive: &mut tar::Builder<impl io::Write>,
    path: &str,
    reader: &ObjectReader,
) -> io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_size(reader.size());
    header.set_mode(0o644);
    // The same content makes the same file.
    header.set_mtime(0);
    header.set_cksum();
    archive.append_data(&mut header, path, reader.to_read())
}
