//! What a person writes about the servers beside nodes: state databases, Fabric CA servers; and about tests of chaincodes.

use super::{Resources, Storage};
use crate::model::{CaDatabase, IssuingAuthority};

/// `couchdb`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CouchDb {
    /// `storage`.
    pub storage: Option<Storage>,
    /// `resources`.
    pub resources: Resources,
}

/// `ca`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ca {
    /// `enabled`.
    pub enabled: Option<bool>,
    /// `db`.
    pub database: Option<CaDatabase>,
    /// `authority`.
    pub authority: Option<IssuingAuthority>,
    /// `acknowledge`.
    pub acknowledge: Vec<String>,
    /// `storage`.
    pub storage: Option<Storage>,
    /// `resources`.
    pub resources: Resources,
}

/// `test` of a chaincode.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChaincodeTest {
    /// `invoke`.
    pub invoke: Option<String>,
    /// `query`.
    pub query: Option<String>,
    /// `expect`.
    pub expect: Option<String>,
}
