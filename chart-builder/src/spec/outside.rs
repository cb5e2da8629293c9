//! What a person writes about the world outside of the cluster.

use crate::model::{ExposureKind, GatewayListener};

/// `exposure`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Exposure {
    /// `type`.
    pub kind: Option<ExposureKind>,
    /// `domain`.
    pub domain: Option<String>,
    /// `gateways`.
    pub gateways: Vec<GatewayListener>,
}

/// `external` of an organization.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct External {
    /// `anchors`.
    pub anchors: Vec<String>,
    /// `orderers`.
    pub orderers: Vec<String>,
}
