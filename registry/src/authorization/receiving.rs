//! What a request that publishes brings, before anybody looks into it.

use bytes::Bytes;
use futures_util::Stream;

use super::{Authorized, Publish};
use crate::form_fields::FormFields;
use crate::provenance::MAX_PROVENANCE_BYTES;
use crate::refusal::PublishError;
use crate::spool::{self, Received};

impl Authorized<Publish> {
    /// Largest package in bytes.
    pub(crate) fn max_upload_bytes(&self) -> u64 {
        self.registry.options().max_upload_bytes
    }

    /// Which fields of a form bring what.
    pub(crate) fn form_fields(&self) -> &FormFields {
        &self.registry.options().form_fields
    }

    /// Receives a package without looking into it.
    pub(crate) async fn receive<E: std::fmt::Display>(
        &self,
        body: impl Stream<Item = Result<Bytes, E>> + Unpin,
    ) -> Result<Received, PublishError> {
        spool::receive(self.registry.store(), body, self.max_upload_bytes()).await
    }

    /// Receives a provenance file without looking into it.
    pub(crate) async fn receive_provenance<E: std::fmt::Display>(
        &self,
        body: impl Stream<Item = Result<Bytes, E>> + Unpin,
    ) -> Result<Received, PublishError> {
        spool::receive(self.registry.store(), body, MAX_PROVENANCE_BYTES).await
    }
}
