//! Organizations that run their nodes somewhere else: members of channels of which nothing is built here.

use super::{Channel, Network, Organization};

/// Where nodes that somebody else runs are reached.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct External {
    /// Peers that stand for it: first contacts of gossip, and where its endorsements are had.
    pub anchors: Vec<Endpoint>,
    /// Orderers that clients and peers here reach.
    pub orderers: Vec<Endpoint>,
}

/// Host and port as the rest of the world dials them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Endpoint {
    /// DNS name.
    pub host: String,
    /// TCP port.
    pub port: u16,
}

impl Endpoint {
    /// Reads `host:port`; the host is a DNS name in lower case, because certificates are for names.
    pub fn parse(text: &str) -> Option<Self> {
        let (host, port) = text.rsplit_once(':')?;
        let port = port.parse().ok().filter(|port| *port > 0)?;
        let is_label = |label: &str| {
            let inner = label.bytes();
            let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
            (1..=63).contains(&label.len())
                && inner.clone().all(|byte| plain(byte) || byte == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        let is_name = host.len() <= 253 && host.split('.').all(is_label);
        let is_address = host.parse::<std::net::Ipv4Addr>().is_ok();
        (is_name && !is_address).then(|| Self { host: host.to_owned(), port })
    }
}

impl Organization {
    /// Its nodes run somewhere else.
    pub fn is_external(&self) -> bool {
        self.external.is_some()
    }
}

impl Network {
    /// Somebody else has a part in it, so that nothing here can bring it up alone.
    pub fn has_external(&self) -> bool {
        self.organizations.iter().any(Organization::is_external)
    }

    /// Orderers that run somewhere else order the channel.
    pub fn is_ordered_elsewhere(&self, channel: &Channel) -> bool {
        let mut consenters = channel.consenters.iter();
        consenters
            .any(|it| self.organization(&it.organization).is_some_and(Organization::is_external))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_a_name_with_a_port() {
        let endpoint = Endpoint::parse("peer0.auditor.example.net:443").unwrap();
        assert_eq!((endpoint.host.as_str(), endpoint.port), ("peer0.auditor.example.net", 443));
        for wrong in
            ["peer0", "peer0:", "peer0:0", "peer0:70000", "10.0.0.1:443", "Peer0:443", "a..b:1"]
        {
            assert_eq!(Endpoint::parse(wrong), None, "{wrong}");
        }
    }
}
