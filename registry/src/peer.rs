//! Who sent a request, as the server saw it or a trusted proxy said it.

use std::net::IpAddr;

/// The client; left in every request that the server takes.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    /// Its address, or that of a proxy before it that nobody named.
    pub(crate) address: IpAddr,
}
