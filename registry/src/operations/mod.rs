//! What operators do with a storage beside serving it. Each works while servers run on the same
//! storage, through the same interface as they do.
//!
//! - `gc`: takes away what nothing needs any more;
//! - `verify`: compares every stored thing with the journal;
//! - `files`: repositories as files that any web server can serve;
//! - `bundle`: one file that carries charts and images over an air gap;
//! - `restore`: makes a storage of a copy of another one, as it was at some moment.

pub(crate) mod bundle;
pub(crate) mod files;
pub(crate) mod gc;
pub(crate) mod restore;
pub(crate) mod verify;

use chart_registry_store::{Digest, DigestHasher, ObjectReader};

/// The digest that the bytes of an object have, and their number.
async fn hashed(reader: &ObjectReader, digest: Digest) -> std::io::Result<(Digest, u64)> {
    let mut hasher = DigestHasher::new(digest.algorithm());
    let mut offset = 0;
    loop {
        let piece = reader.piece(offset).await?;
        if piece.is_empty() {
            return Ok((hasher.finish(), offset));
        }
        hasher.update(&piece);
        offset += piece.len() as u64;
    }
}

#[cfg(test)]
mod gc_tests;
