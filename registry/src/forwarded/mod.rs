//! What reverse proxies say about a request, believed only of proxies that the configuration names:
//! who sent it, and which scheme, host and path it was sent to.
//!
//! Headers are read from their ends, where the nearest proxy wrote, as far as trusted proxies have
//! written them; what stands before that may be anybody's invention. `Forwarded` is read where no
//! `X-Forwarded-*` header is: a proxy that writes one kind may pass the other on as a client
//! invented it.
//!
//! Left out: `X-Forwarded-Port`, which stands in `X-Forwarded-Host`, and the PROXY protocol.

mod elements;

use std::fmt::{self, Display, Formatter};
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use axum::http::{HeaderMap, HeaderName};

use crate::external::is_host;
use crate::target::base_path;

/// The headers that proxies add their words to, those of the first kind before the other.
const FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const PREFIX: HeaderName = HeaderName::from_static("x-forwarded-prefix");
const FORWARDED: HeaderName = HeaderName::from_static("forwarded");

/// Most proxies that are followed: a header is no way to keep the server busy.
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

/// Which URL a request was sent to, as far as trusted proxies say it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Told {
    /// `http` or `https`.
    pub(crate) scheme: Option<&'static str>,
    /// The host, with its port.
    pub(crate) host: Option<String>,
    /// What the proxy took away from the beginning of the path, without slashes at its ends.
    pub(crate) prefix: String,
}

/// Where a request comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Source {
    /// Who sent it.
    pub(crate) address: IpAddr,
    /// What it was sent to.
    pub(crate) told: Told,
}

impl Told {
    /// The path of the registry as clients see it, `/` before each part: what was taken away, then
    /// the base path.
    pub(crate) fn place(&self, base_path: &str) -> String {
        let mut place = String::new();
        for part in [self.prefix.as_str(), base_path].into_iter().filter(|part| !part.is_empty()) {
            place.extend(["/", part]);
        }
        place
    }
}

/// The source of a request that came over a connection from `peer`.
pub(crate) fn source(trusted: &[Network], peer: IpAddr, headers: &HeaderMap) -> Source {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.holds(address));
    let peer = peer.to_canonical();
    if !is_trusted(peer) {
        return Source { address: peer, told: Told::default() };
    }
    if [FOR, HOST, PROTO, PREFIX].iter().any(|name| headers.contains_key(name)) {
        return by_single_headers(is_trusted, peer, headers);
    }
    elements::read(is_trusted, peer, headers)
}

/// By `X-Forwarded-*`: each proxy replaces what it finds, or adds to its end.
fn by_single_headers(
    is_trusted: impl Fn(IpAddr) -> bool,
    peer: IpAddr,
    headers: &HeaderMap,
) -> Source {
    let mut address = peer;
    // The peer is the first of them.
    let mut proxies = 1;
    for hop in backwards(headers, &FOR) {
        let Some(hop) = node(hop) else {
            // Nobody knows who is behind that: the proxy answers for it.
            break;
        };
        address = hop;
        if !is_trusted(address) {
            break;
        }
        proxies += 1;
    }
    let said = |name| backwards(headers, name).take(proxies).last();
    let told = Told {
        scheme: said(&PROTO).and_then(scheme),
        host: said(&HOST).filter(|host| is_host(host)).map(str::to_owned),
        prefix: said(&PREFIX).and_then(|path| base_path(path).ok()).unwrap_or_default(),
    };
    Source { address, told }
}

/// The values of a header that is a list, the last one first.
fn backwards<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    let values = headers.get_all(name).iter().rev();
    let items = values.flat_map(|value| value.to_str().unwrap_or_default().rsplit(','));
    items.take(MAX_HOPS).map(str::trim)
}

/// An address, perhaps with a port.
fn node(text: &str) -> Option<IpAddr> {
    let bare = || text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let address = bare().parse().ok();
    let address = address.or_else(|| text.parse().ok().map(|it: SocketAddr| it.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}

fn scheme(text: &str) -> Option<&'static str> {
    ["http", "https"].into_iter().find(|known| text.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn seen(trusted: &[&str], peer: &str, values: &[&str]) -> String {
        let headers: Vec<_> = values.iter().map(|value| ("x-forwarded-for", *value)).collect();
        from(trusted, peer, &headers).address.to_string()
    }

    fn from(trusted: &[&str], peer: &str, headers: &[(&'static str, &str)]) -> Source {
        let trusted: Vec<Network> = trusted.iter().map(|text| text.parse().unwrap()).collect();
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        source(&trusted, address(peer), &map)
    }

    /// Scheme, host and prefix as one text.
    fn told(peer: &str, headers: &[(&'static str, &str)]) -> String {
        let Told { scheme, host, prefix } = from(&["10.0.0.0/8"], peer, headers).told;
        let (scheme, host) = (scheme.unwrap_or_default(), host.unwrap_or_default());
        format!("{scheme} {host} {prefix}")
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
    fn scheme_host_and_prefix_are_those_of_the_outermost_proxy_that_is_trusted() {
        let all = [
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "charts.example:8443"),
            ("x-forwarded-prefix", "/team/helm/"),
        ];
        assert_eq!(told("10.0.0.1", &all), "https charts.example:8443 team/helm");
        assert_eq!(told("11.0.0.1", &all), "  ", "a stranger is not believed");
        // One proxy that adds to what a client invented, then two of them.
        let host = ("x-forwarded-host", "evil.example, charts.example");
        assert_eq!(told("10.0.0.1", &[("x-forwarded-for", "1.2.3.4"), host]), " charts.example ");
        let two = [
            ("x-forwarded-for", "9.9.9.9, 1.2.3.4, 10.0.0.2"),
            ("x-forwarded-host", "evil.example, charts.example, inner"),
            ("x-forwarded-proto", "gopher, HTTPS, http"),
        ];
        assert_eq!(told("10.0.0.1", &two), "https charts.example ");
        // One that replaces them, behind another one that adds its address only.
        let one = [("x-forwarded-for", "1.2.3.4, 10.0.0.2"), ("x-forwarded-host", "a.example")];
        assert_eq!(told("10.0.0.1", &one), " a.example ");
    }

    #[test]
    fn what_is_no_scheme_host_or_path_is_left_alone() {
        for (name, value) in [
            ("x-forwarded-proto", "javascript"),
            ("x-forwarded-host", "a\"><script>"),
            ("x-forwarded-host", "a/b"),
            ("x-forwarded-prefix", "/a/../b"),
            ("x-forwarded-prefix", "/<b>"),
        ] {
            assert_eq!(told("10.0.0.1", &[(name, value)]), "  ", "{value}");
        }
        // Two slashes would begin the name of another host.
        let prefix = [("x-forwarded-prefix", "//evil.example")];
        assert_eq!(told("10.0.0.1", &prefix), "  evil.example");
        let place = from(&["10.0.0.0/8"], "10.0.0.1", &prefix).told.place("");
        assert_eq!(place, "/evil.example");
    }

    #[test]
    fn addresses_may_have_ports() {
        let proxies = ["10.0.0.0/8"];
        assert_eq!(seen(&proxies, "10.0.0.1", &["1.2.3.4:5678"]), "1.2.3.4");
        assert_eq!(seen(&proxies, "10.0.0.1", &["[2001:db8::1]:443"]), "2001:db8::1");
        assert_eq!(seen(&proxies, "10.0.0.1", &["[2001:db8::1]"]), "2001:db8::1");
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
