//! Who sent a request, as the server saw it or a trusted proxy said it.

use std::net::IpAddr;
use std::sync::Arc;

use crate::identity::Certified;

/// The client; left in every request that the server takes.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    /// Its address, or that of a proxy before it that nobody named.
    pub(crate) address: IpAddr,
    /// Who it is by the certificate of its connection, if rules mean that one.
    pub(crate) certified: Option<Arc<Certified>>,
}
