//! Blobs that come in parts. What came so far is in the store, and so any process goes on with it.

use bytes::Bytes;
use chart_registry_store::{
    Algorithm, Digest, DigestHasher, Key, PutOutcome, Spool, UploadId, UploadPart,
};
use futures_util::Stream;
use serde::{Deserialize, Serialize};

use super::Name;
use super::blobs::{Hashed, too_large};
use crate::refusal::{Code, Fault, PublishError, Refusal};
use crate::registry::Registry;
use crate::spool::{self, Target};

/// Most uploads that are not complete, in all repositories.
const MAX_OPEN_UPLOADS: usize = 1_024;

/// Most parts of an upload.
const MAX_PARTS: usize = 10_000;

/// How far an upload has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Progress {
    /// Its name.
    pub(crate) id: UploadId,
    /// Bytes received so far.
    pub(crate) received: u64,
}

/// What an upload is for.
#[derive(Serialize, Deserialize)]
struct Session {
    name: String,
}

/// First and last byte of a part, as `Content-Range` names them.
pub(crate) type Place = Option<(u64, u64)>;

impl Registry {
    /// Begins an upload.
    pub(crate) async fn begin_upload(&self, name: &Name) -> Result<Progress, PublishError> {
        self.refuse_when_blocked()?;
        if self.store().open_uploads().await? >= MAX_OPEN_UPLOADS {
            let what = format!("{MAX_OPEN_UPLOADS} uploads are not complete");
            let fix =
                "complete or cancel uploads; those of which nothing comes for a day are removed";
            return Err(Refusal::new(Code::TooManyUploads, &what, &name.text(), fix).into());
        }
        let id = UploadId(rand::random());
        let session = serde_json::to_vec(&Session { name: name.text() })
            .map_err(|error| Fault::io("begin an upload", error.into()))?;
        self.store().begin_upload(id, session.into()).await?;
        Ok(Progress { id, received: 0 })
    }

    /// How far an upload of this repository has come.
    pub(crate) async fn upload(&self, name: &Name, id: &str) -> Result<Progress, PublishError> {
        let (id, parts) = self.parts(name, id).await?;
        Ok(Progress { id, received: end(&parts) })
    }

    async fn parts(
        &self,
        name: &Name,
        id: &str,
    ) -> Result<(UploadId, Vec<UploadPart>), PublishError> {
        let id = UploadId::parse(id).ok_or_else(unknown)?;
        let text = self.store().read(Key::Upload(id)).await?.ok_or_else(unknown)?;
        let session: Session = serde_json::from_slice(&text).map_err(|_| unknown())?;
        if session.name != name.text() {
            return Err(unknown().into());
        }
        Ok((id, self.store().upload_parts(id).await?))
    }

    /// Adds the next part to an upload.
    pub(crate) async fn continue_upload<E: std::fmt::Display>(
        &self,
        (name, id): (&Name, &str),
        place: Place,
        body: impl Stream<Item = Result<Bytes, E>> + Unpin,
    ) -> Result<Progress, PublishError> {
        self.refuse_when_blocked()?;
        let (id, parts) = self.parts(name, id).await?;
        let received = self.add((id, &parts), place, body).await?;
        Ok(Progress { id, received })
    }

    async fn add<E: std::fmt::Display>(
        &self,
        (id, parts): (UploadId, &[UploadPart]),
        place: Place,
        body: impl Stream<Item = Result<Bytes, E>> + Unpin,
    ) -> Result<u64, PublishError> {
        let offset = end(parts);
        refuse_other_place(place, offset)?;
        if parts.len() >= MAX_PARTS {
            let what = format!("the upload has {MAX_PARTS} parts");
            let fix = "send larger parts";
            return Err(Refusal::new(Code::TooLarge, &what, "upload", fix).into());
        }
        let limit = self.options().max_blob_bytes.saturating_sub(offset);
        // Hashed at the end: only then the algorithm is known, and another process may go on.
        let (spool, size) =
            spool::collect(self.store(), body, (limit, too_large), |_: &[u8]| {}).await?;
        refuse_other_size(place, size)?;
        if size == 0 {
            return Ok(offset);
        }
        match self.store().put_part(id, offset, spool).await?.ok_or_else(unknown)? {
            PutOutcome::Created => Ok(offset + size),
            PutOutcome::Exists => Err(out_of_order(offset + 1).into()),
        }
    }

    /// Makes a blob of an upload and, if there is a body, of that behind it.
    pub(crate) async fn finish_upload<E: std::fmt::Display>(
        &self,
        (name, id): (&Name, &str),
        (digest, place): (Digest, Place),
        body: impl Stream<Item = Result<Bytes, E>> + Unpin,
    ) -> Result<(), PublishError> {
        self.refuse_when_blocked()?;
        let (id, parts) = self.parts(name, id).await?;
        let hashed = if parts.is_empty() {
            refuse_other_place(place, 0)?;
            let hashed = self.receive_hashed(body, digest).await?;
            refuse_other_size(place, hashed.size)?;
            hashed
        } else {
            self.add((id, &parts), place, body).await?;
            let parts = self.store().upload_parts(id).await?;
            self.assemble(id, &parts, digest.algorithm()).await?
        };
        let taken = self.take_blob(name, digest, hashed).await;
        // What is left behind goes a day later, as all uploads that nobody completes.
        if let Err(error) = self.store().end_upload(id).await {
            tracing::warn!(%error, upload = %id, "a complete upload cannot be removed yet");
        }
        taken
    }

    /// Hashes the parts, and joins them when there are several.
    async fn assemble(
        &self,
        id: UploadId,
        parts: &[UploadPart],
        algorithm: Algorithm,
    ) -> Result<Hashed, PublishError> {
        let mut hasher = DigestHasher::new(algorithm);
        let mut target = match parts {
            [_] => None,
            _ => Some(Target::default()),
        };
        for part in parts {
            let reader = self.store().open_part(id, part.offset).await?.ok_or_else(unknown)?;
            let mut offset = 0;
            while offset < part.size {
                let piece = reader.piece(offset).await.map_err(|e| Fault::io("read a part", e))?;
                if piece.is_empty() {
                    return Err(unknown().into());
                }
                offset += piece.len() as u64;
                hasher.update(&piece);
                if let Some(joined) = target {
                    target = Some(joined.write(self.store(), &piece).await?);
                }
            }
        }
        let spool = match target {
            Some(joined) => joined.finish().await?,
            None => Spool::Part(id, 0),
        };
        Ok(Hashed { spool, digest: hasher.finish(), size: end(parts) })
    }

    /// Forgets an upload.
    pub(crate) async fn cancel_upload(&self, name: &Name, id: &str) -> Result<(), PublishError> {
        self.refuse_when_blocked()?;
        let (id, _) = self.parts(name, id).await?;
        Ok(self.store().end_upload(id).await?)
    }
}

fn end(parts: &[UploadPart]) -> u64 {
    parts.last().map_or(0, |part| part.offset + part.size)
}

fn unknown() -> Refusal {
    let fix = "begin a new upload; this one is complete, cancelled, or was given up";
    Refusal::new(Code::UploadUnknown, "there is no such upload here", "upload", fix)
}

fn out_of_order(offset: u64) -> Refusal {
    let what = format!("the next byte of the upload is not number {offset}");
    let fix = "ask for the upload's status and send what is missing";
    Refusal::new(Code::OutOfOrder, &what, "content-range", fix)
}

fn refuse_other_place(place: Place, offset: u64) -> Result<(), Refusal> {
    match place {
        Some((first, _)) if first != offset => Err(out_of_order(first)),
        Some(_) | None => Ok(()),
    }
}

fn refuse_other_size(place: Place, size: u64) -> Result<(), Refusal> {
    match place {
        Some((first, last))
            if last.checked_sub(first).and_then(|it| it.checked_add(1)) != Some(size) =>
        {
            let what =
                format!("the part has {size} bytes, and `Content-Range` says {first}-{last}");
            Err(Refusal::new(Code::BadSize, &what, "content-range", "send the part again"))
        }
        Some(_) | None => Ok(()),
    }
}
