//! What is known about the Kubernetes cluster.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// The cluster; everything that nobody said is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cluster {
    /// Address of the DNS Service.
    pub dns: Option<IpAddr>,
    /// Range of Services.
    pub service_cidr: Option<Range>,
    /// Range of pods.
    pub pod_cidr: Option<Range>,
    /// Further servers that nodes ask for names.
    pub node_dns: Vec<IpAddr>,
    /// What runs containers on the nodes.
    pub runtime: NodeRuntime,
    /// Where pods reach the API server, behind its Service.
    pub api_server: Option<ApiServer>,
}

impl super::Network {
    /// Domains that cluster DNS answers as the namespaces of their organizations.
    pub fn rewritten_domains(&self) -> impl Iterator<Item = (&str, &str)> {
        let dotted = self.organizations.iter().filter(|it| it.domain.contains('.'));
        let rewritten = dotted.filter(|_| self.rewrites_domains);
        rewritten.map(|it| (it.domain.as_str(), it.namespace.as_str()))
    }
}

/// What runs containers on the nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NodeRuntime {
    /// containerd or another one that is no Docker engine.
    #[default]
    Containerd,
    /// A Docker engine.
    Docker,
}

/// A range of addresses as Kubernetes writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    base: IpAddr,
    prefix: u8,
}

/// Addresses and port of the API server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApiServer {
    /// Its addresses.
    pub range: Range,
    /// Its port.
    pub port: u16,
}

/// A text that is no range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no range of addresses")]
pub struct RangeError(String);

impl Range {
    /// The address lies in the range.
    pub fn contains(self, address: IpAddr) -> bool {
        match (self.base, address) {
            (IpAddr::V4(base), IpAddr::V4(address)) => {
                let host_bits = 32_u32.saturating_sub(u32::from(self.prefix));
                let network = |it: std::net::Ipv4Addr| u64::from(it.to_bits()) >> host_bits;
                network(base) == network(address)
            }
            (IpAddr::V6(base), IpAddr::V6(address)) => {
                let host_bits = 128_u32.saturating_sub(u32::from(self.prefix));
                let network =
                    |it: std::net::Ipv6Addr| it.to_bits().checked_shr(host_bits).unwrap_or(0);
                network(base) == network(address)
            }
            _ => false,
        }
    }

    /// Every address of the other one lies in this one.
    pub fn covers(self, other: Self) -> bool {
        self.prefix <= other.prefix && self.contains(other.base)
    }

    /// The address so many steps behind the first one; `None` behind the last one.
    pub fn address(self, step: u128) -> Option<IpAddr> {
        let most: u32 = if self.base.is_ipv4() { 32 } else { 128 };
        let host_bits = most.saturating_sub(u32::from(self.prefix));
        let last = 1_u128.checked_shl(host_bits).map_or(u128::MAX, |size| size - 1);
        if step > last {
            return None;
        }
        Some(match self.base {
            IpAddr::V4(base) => {
                let address = (u128::from(base.to_bits()) & !last) + step;
                IpAddr::V4(Ipv4Addr::from_bits(u32::try_from(address).ok()?))
            }
            IpAddr::V6(base) => IpAddr::V6(Ipv6Addr::from_bits((base.to_bits() & !last) + step)),
        })
    }

    /// Its addresses, without the first and the last one where there are more than two: networks keep those for themselves.
    pub fn usable(self) -> impl Iterator<Item = IpAddr> {
        let many = self.address(2).is_some();
        let steps = u128::from(many)..u128::MAX;
        steps.map_while(move |step| {
            let next = self.address(step + 1).is_some();
            self.address(step).filter(|_| next || !many)
        })
    }

    /// The two have an address in common.
    pub fn overlaps(self, other: Self) -> bool {
        let (wide, narrow) =
            if self.prefix <= other.prefix { (self, other) } else { (other, self) };
        wide.contains(narrow.base)
    }
}

impl FromStr for Range {
    type Err = RangeError;

    fn from_str(text: &str) -> Result<Self, RangeError> {
        let error = || RangeError(text.to_owned());
        let (base, prefix) = text.split_once('/').ok_or_else(error)?;
        let base: IpAddr = base.parse().map_err(|_| error())?;
        let prefix: u8 = prefix.parse().map_err(|_| error())?;
        let most = if base.is_ipv4() { 32 } else { 128 };
        if prefix > most {
            return Err(error());
        }
        Ok(Self { base, prefix })
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.base, self.prefix)
    }
}

impl FromStr for ApiServer {
    type Err = RangeError;

    fn from_str(text: &str) -> Result<Self, RangeError> {
        let error = || RangeError(text.to_owned());
        let (range, port) = text.rsplit_once(':').ok_or_else(error)?;
        let port: u16 = port.parse().map_err(|_| error())?;
        Ok(Self { range: range.parse()?, port })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(text: &str) -> Range {
        text.parse().unwrap()
    }

    #[test]
    fn a_range_contains_its_addresses_and_no_other() {
        let services = range("10.96.0.0/16");
        assert!(services.contains("10.96.255.255".parse().unwrap()));
        assert!(!services.contains("10.97.0.0".parse().unwrap()));
        assert!(range("0.0.0.0/0").contains("192.0.2.1".parse().unwrap()));
        assert!(!services.contains("fd00::1".parse().unwrap()));
        assert!(range("fd00::/8").contains("fd12::1".parse().unwrap()));
        assert!(range("::/0").contains("2001:db8::1".parse().unwrap()));
    }

    #[test]
    fn ranges_overlap_both_ways() {
        assert!(range("10.0.0.0/8").overlaps(range("10.96.0.0/16")));
        assert!(range("10.96.0.0/16").overlaps(range("10.0.0.0/8")));
        assert!(!range("10.96.0.0/16").overlaps(range("10.244.0.0/16")));
    }

    #[test]
    fn a_range_counts_its_addresses() {
        let usable = |text| range(text).usable().map(|it| it.to_string()).collect::<Vec<_>>();
        assert_eq!(
            usable("10.96.0.70/29"),
            ["10.96.0.65", "10.96.0.66", "10.96.0.67", "10.96.0.68", "10.96.0.69", "10.96.0.70"]
        );
        assert_eq!(usable("10.96.0.9/32"), ["10.96.0.9"]);
        assert_eq!(usable("255.255.255.254/31"), ["255.255.255.254", "255.255.255.255"]);
        assert_eq!(range("fd00::/64").usable().nth(1).unwrap().to_string(), "fd00::2");
        assert_eq!(range("0.0.0.0/0").usable().next().unwrap().to_string(), "0.0.0.1");
    }

    #[test]
    fn a_range_covers_what_lies_in_it_whole() {
        assert!(range("10.96.0.0/16").covers(range("10.96.0.64/26")));
        assert!(!range("10.96.0.64/26").covers(range("10.96.0.0/16")));
        assert!(!range("10.96.0.0/16").covers(range("10.97.0.0/26")));
        assert!(!range("10.96.0.0/16").covers(range("fd00::/112")));
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for text in ["10.96.0.0", "10.96.0.0/33", "10.96/16", "services/16", ""] {
            assert!(text.parse::<Range>().is_err(), "{text}");
        }
    }

    #[test]
    fn an_api_server_is_a_range_and_a_port() {
        let server: ApiServer = "10.200.0.1/32:6443".parse().unwrap();
        assert_eq!((server.range.to_string().as_str(), server.port), ("10.200.0.1/32", 6443));
        for text in ["10.200.0.1:6443", "10.200.0.1/32", "10.200.0.1/32:https"] {
            assert!(text.parse::<ApiServer>().is_err(), "{text}");
        }
    }
}
