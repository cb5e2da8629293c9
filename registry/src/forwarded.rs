//! Who is behind a reverse proxy: addresses in `X-Forwarded-For`, believed only from proxies that the
//! configuration names.
//!
//! The header is read from its end, where the nearest proxy wrote: the first address that is no
//! trusted proxy is the client. What stands before it may be anybody's invention.
//!
//! Left out: `Forwarded`, the PROXY protocol, and the scheme and host that proxies tell: URLs that the
//! registry writes are relative.

use std::fmt::{self, Display, Formatter};
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use axum::http::HeaderMap;

/// The header that proxies add addresses to.
const HEADER: &str = "x-forwarded-for";

/// Most addresses that are looked at: a header is no way to keep the server busy.
const MAX_HOPS: usize = 32;

/// A range of addresses: `10.0.0.0/8`, or one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    bits: u128,
    prefix: u8,
}

/// Why a text is no range of addresses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no address and no range of addresses")]
pub struct NetworkError {
    text: String,
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let wrong = || NetworkError { text: text.to_owned() };
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        // IPv4 addresses are the last 32 bits of mapped IPv6 ones, so that one comparison does.
        let (own, longest) = if address.is_ipv4() { (96, 32) } else { (0, 128) };
        let prefix = match prefix {
            None => longest,
            Some(digits) => digits.parse().ok().filter(|it| *it <= longest).ok_or_else(wrong)?,
        };
        let prefix = own + prefix;
        Ok(Self { bits: bits(address) & mask(prefix), prefix })
    }
}

impl Display for Network {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let address = Ipv6Addr::from_bits(self.bits);
        match address.to_ipv4_mapped().filter(|_| self.prefix >= 96) {
            Some(address) => write!(formatter, "{address}/{}", self.prefix - 96),
            None => write!(formatter, "{address}/{}", self.prefix),
        }
    }
}

impl Network {
    /// Whether an address is one of the range.
    pub fn holds(&self, address: IpAddr) -> bool {
        bits(address) & mask(self.prefix) == self.bits
    }
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

fn mask(prefix: u8) -> u128 {
    u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0)
}

/// The address of whoever sent a request over a connection from `peer`.
pub(crate) fn client(trusted: &[Network], peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.holds(address));
    let mut client = peer.to_canonical();
    let values = headers.get_all(HEADER).iter().rev();
    let hops = values.flat_map(|value| value.to_str().unwrap_or_default().rsplit(','));
    for hop in hops.take(MAX_HOPS) {
        if !is_trusted(client) {
            break;
        }
        match hop.trim().parse::<IpAddr>() {
            Ok(address) => client = address.to_canonical(),
            // Nobody knows who is behind that: the proxy answers for it.
            Err(_) => break,
        }
    }
    client
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn seen(trusted: &[&str], peer: &str, values: &[&str]) -> String {
        let trusted: Vec<Network> = trusted.iter().map(|text| text.parse().unwrap()).collect();
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(HEADER, value.parse().unwrap());
        }
        client(&trusted, address(peer), &headers).to_string()
    }

    #[test]
    fn only_named_proxies_are_believed() {
        assert_eq!(seen(&[], "10.0.0.1", &["1.2.3.4"]), "10.0.0.1");
        assert_eq!(seen(&["10.0.0.0/8"], "10.0.0.1", &["1.2.3.4"]), "1.2.3.4");
        assert_eq!(seen(&["10.0.0.0/8"], "11.0.0.1", &["1.2.3.4"]), "11.0.0.1");
        assert_eq!(seen(&["10.0.0.0/8"], "::ffff:10.0.0.1", &["2001:db8::1"]), "2001:db8::1");
        assert_eq!(seen(&["10.0.0.1"], "10.0.0.1", &[]), "10.0.0.1");
    }

    #[test]
    fn what_a_client_invents_before_its_own_address_is_not_read() {
        let proxies = ["10.0.0.0/8", "fd00::/8"];
        assert_eq!(seen(&proxies, "10.0.0.1", &["9.9.9.9, 1.2.3.4, 10.0.0.2"]), "1.2.3.4");
        assert_eq!(seen(&proxies, "fd00::1", &["9.9.9.9", "1.2.3.4"]), "1.2.3.4");
        assert_eq!(seen(&proxies, "10.0.0.1", &["1.2.3.4, nonsense"]), "10.0.0.1");
        assert_eq!(seen(&proxies, "10.0.0.1", &["10.0.0.3, 10.0.0.2"]), "10.0.0.3");
        let long = vec!["10.0.0.2"; 10_000].join(",");
        assert_eq!(seen(&proxies, "10.0.0.1", &[&format!("1.2.3.4,{long}")]), "10.0.0.2");
    }

    #[test]
    fn ranges_are_read_strictly() {
        let holds =
            |network: &str, text: &str| network.parse::<Network>().unwrap().holds(address(text));
        assert!(holds("192.168.1.7/24", "192.168.1.200"));
        assert!(!holds("192.168.1.0/24", "192.168.2.1"));
        assert!(holds("0.0.0.0/0", "1.2.3.4") && !holds("0.0.0.0/0", "2001:db8::1"));
        assert!(holds("::/0", "2001:db8::1"));
        for wrong in ["", "10.0.0.0/33", "10.0.0", "::/129", "10.0.0.0/", "10.0.0.0/-1", "host"] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
    }
}
