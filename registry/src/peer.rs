//! Who is at the other end of a connection, as the server saw it.

use std::net::IpAddr;

/// The client of a connection; left in every request that comes over it.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    /// Its address, or that of the proxy before it.
    pub(crate) address: IpAddr,
}
