//! Whose turn it is to deliver, and how far each webhook has come.
//!
//! A lease is a row of numbered records, written with create-if-absent: whoever writes the next one
//! has the turn. Renewing is writing the next one, with the positions in it; a turn whose row does
//! not grow for a while, by the clock of whoever looks, may be taken over. So no two clocks are ever
//! compared. Two may deliver for a moment when one of them slept: what is told twice has one id.

use std::collections::BTreeMap;

use bytes::Bytes;
use chart_registry_store::{Key, Lease, PutOutcome, Store, StoreError, Task};
use serde::{Deserialize, Serialize};

/// Records that stay behind the newest one, for those who read one after the other.
const KEPT_RECORDS: u64 = 8;

/// Webhook to the number of the last commit that it was told.
pub(super) type Positions = BTreeMap<String, u64>;

/// What stands in the store about a turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    /// Random text that tells writers apart.
    pub(super) nonce: String,
    /// True when whoever had the turn has ended in order.
    pub(super) released: bool,
    pub(super) positions: Positions,
}

/// The newest record that somebody has seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) epoch: u64,
    pub(super) record: Record,
}

/// The row of records of this task.
#[derive(Clone)]
pub(super) struct Leases {
    store: Store,
}

impl Record {
    pub(super) fn new(positions: Positions) -> Self {
        let nonce = format!("{:032x}", rand::random::<u128>());
        Self { nonce, released: false, positions }
    }
}

impl Leases {
    pub(super) fn new(store: Store) -> Self {
        Self { store }
    }

    /// The newest record of all. Lists: only for a start and before a turn is taken over.
    ///
    /// Positions that cannot be read are those of the record before it: what was told since is told
    /// again.
    pub(super) async fn newest(&self) -> Result<Option<Seen>, StoreError> {
        let leases = self.store.list_leases(Task::Webhooks).await?;
        let newest = leases.last().map(|lease| lease.epoch);
        for Lease { epoch: at, .. } in leases.into_iter().rev() {
            if let Some(record) = self.read(at, None).await? {
                return Ok(newest.map(|epoch| Seen { epoch, record }));
            }
        }
        Ok(newest.map(|epoch| Seen { epoch, record: Record::new(Positions::new()) }))
    }

    /// The record of an epoch; one that cannot be read is taken to be like the one `before` it.
    pub(super) async fn read(
        &self,
        epoch: u64,
        before: Option<&Record>,
    ) -> Result<Option<Record>, StoreError> {
        let key = key(epoch);
        let Some(bytes) = self.store.read(key).await? else { return Ok(None) };
        let record = serde_json::from_slice(&bytes);
        let unreadable = |error: serde_json::Error| {
            tracing::error!(%key, %error, "a lease cannot be read: an older one is used");
            before.cloned()
        };
        Ok(record.map_or_else(unreadable, Some))
    }

    /// Writes the record of an epoch; false when somebody else has.
    pub(super) async fn write(&self, epoch: u64, record: &Record) -> Result<bool, StoreError> {
        let failed = |error: serde_json::Error| StoreError::DamagedFormat {
            reason: format!("a lease cannot be written: {error}"),
        };
        let bytes = Bytes::from(serde_json::to_vec(record).map_err(failed)?);
        match self.store.put_new(key(epoch), bytes.clone()).await {
            Ok(PutOutcome::Created) => Ok(true),
            // An answer may have been lost: what stands there tells.
            Ok(PutOutcome::Exists) | Err(StoreError::OutcomeUnknown { .. }) => {
                Ok(self.store.read(key(epoch)).await? == Some(bytes))
            }
            Err(error) => Err(error),
        }
    }

    /// Takes away what is far behind an epoch.
    pub(super) async fn forget_before(&self, epoch: u64) {
        let Some(old) = epoch.checked_sub(KEPT_RECORDS).filter(|old| *old > 0) else { return };
        if let Err(error) = self.store.remove(key(old)).await {
            tracing::debug!(%error, "an old lease stays");
        }
    }
}

fn key(epoch: u64) -> Key {
    Key::Lease(Lease { task: Task::Webhooks, epoch })
}
