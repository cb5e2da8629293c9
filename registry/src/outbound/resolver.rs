//! Names to addresses, without those that a name of others must not lead to.
//!
//! The address that was judged is the one that is connected to, so a name that answers differently
//! the second time gains nothing.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::{is_public, normal};

/// The resolver of the system, with an eye on what it says.
pub(super) struct Guarded {
    /// Hosts that may have private addresses.
    private: Arc<BTreeSet<String>>,
}

/// A host has no other address than private ones, and the configuration does not name it.
#[derive(Debug, thiserror::Error)]
#[error("`{host}` has the address {address}, which is not public")]
pub(super) struct PrivateAddress {
    pub(super) host: String,
    pub(super) address: IpAddr,
}

impl Guarded {
    pub(super) fn new(private: BTreeSet<String>) -> Self {
        Self { private: Arc::new(private) }
    }
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let host = normal(name.as_str());
        let private = self.private.contains(&host);
        Box::pin(async move {
            let found = tokio::net::lookup_host((host.as_str(), 0)).await?;
            let (usable, refused): (Vec<SocketAddr>, Vec<SocketAddr>) =
                found.partition(|address| private || is_public(address.ip()));
            match refused.first() {
                Some(address) if usable.is_empty() => {
                    let address = address.ip();
                    Err(PrivateAddress { host, address }.into())
                }
                _ => Ok(Box::new(usable.into_iter()) as Addrs),
            }
        })
    }
}
