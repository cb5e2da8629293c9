//! The header `Forwarded` of RFC 7239: one element for each proxy, `for=1.2.3.4;host=a;proto=https`.
//!
//! What cannot be read ends the reading: what stands before it is nobody's word.

use std::net::IpAddr;

use axum::http::HeaderMap;

use super::{FORWARDED, MAX_HOPS, Source, Told, node, scheme};
use crate::external::is_host;
use crate::quoted::unquoted;

/// One element, as far as it is of use.
#[derive(Debug, Default, PartialEq, Eq)]
struct Element {
    address: Option<String>,
    host: Option<String>,
    proto: Option<String>,
}

/// The source of a request that came from a trusted proxy.
pub(super) fn read(
    is_trusted: impl Fn(IpAddr) -> bool,
    peer: IpAddr,
    headers: &HeaderMap,
) -> Source {
    let mut source = Source { address: peer, told: Told::default() };
    let values = headers.get_all(FORWARDED).iter();
    let texts: Vec<&str> = values.map(|value| value.to_str().unwrap_or("?")).collect();
    let Some(elements) = elements(&texts.join(",")) else { return source };
    for element in elements.into_iter().rev().take(MAX_HOPS) {
        if !is_trusted(source.address) {
            break;
        }
        // The farther proxy knows better; what it leaves out the nearer one may have said.
        source.told.scheme = element.proto.as_deref().and_then(scheme).or(source.told.scheme);
        source.told.host = element.host.filter(|host| is_host(host)).or(source.told.host);
        match element.address.as_deref().and_then(node) {
            Some(address) => source.address = address,
            None => break,
        }
    }
    source
}

/// The elements of a list; `None` when it breaks the grammar, so that a quote that a client left open
/// swallows nothing.
fn elements(text: &str) -> Option<Vec<Element>> {
    let mut all = Vec::new();
    let mut element = Element::default();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (name, behind) = rest.split_once('=')?;
        let (value, behind) = value(behind)?;
        element.set(name.trim(), value)?;
        rest = behind.trim_start();
        match rest.chars().next() {
            None => break,
            Some(';') => {}
            Some(',') => all.push(std::mem::take(&mut element)),
            Some(_) => return None,
        }
        rest = rest[1..].trim_start();
    }
    all.push(element);
    Some(all)
}

impl Element {
    /// Notes a value; one name twice is no element.
    fn set(&mut self, name: &str, value: String) -> Option<()> {
        let is_token =
            |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        if name.is_empty() || !name.bytes().all(is_token) {
            return None;
        }
        let place = match name.to_ascii_lowercase().as_str() {
            "for" => &mut self.address,
            "host" => &mut self.host,
            "proto" => &mut self.proto,
            _ => return Some(()),
        };
        place.replace(value).is_none().then_some(())
    }
}

/// A token or a quoted text at the beginning, and what follows it.
fn value(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([';', ',', ' ', '\t', '"']).unwrap_or(text.len());
        return Some((text[..end].to_owned(), &text[end..]));
    };
    unquoted(quoted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forwarded::{Network, source};

    fn seen(values: &[&str]) -> String {
        let trusted: Vec<Network> = vec!["10.0.0.0/8".parse().unwrap()];
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(FORWARDED, value.parse().unwrap());
        }
        let Source { address, told } = source(&trusted, "10.0.0.1".parse().unwrap(), &headers);
        let (scheme, host) = (told.scheme.unwrap_or_default(), told.host.unwrap_or_default());
        format!("{address} {scheme} {host}")
    }

    #[test]
    fn the_element_of_the_outermost_proxy_that_is_trusted_counts() {
        assert_eq!(seen(&["for=1.2.3.4;host=a.example;proto=https"]), "1.2.3.4 https a.example");
        let chain =
            "For=\"[2001:db8::1]:4711\";Host=\"a.example:8443\";Proto=HTTPS, for=10.0.0.2;host=b";
        assert_eq!(seen(&[chain]), "2001:db8::1 https a.example:8443");
        assert_eq!(seen(&["for=9.9.9.9;host=evil", "for=1.2.3.4;host=a"]), "1.2.3.4  a");
        assert_eq!(seen(&["for=1.2.3.4", "for=10.0.0.2;proto=https"]), "1.2.3.4 https ");
        assert_eq!(seen(&["for=9.9.9.9, for=_hidden;host=a"]), "10.0.0.1  a");
        assert_eq!(seen(&["for=unknown;by=10.0.0.1;secret=x"]), "10.0.0.1  ");
    }

    #[test]
    fn what_breaks_the_grammar_is_nobodys_word() {
        for text in [
            "for=\"1.2.3.4, for=1.2.3.4",
            "for=1.2.3.4 host=a",
            "for",
            "=1.2.3.4",
            "for=1.2.3.4;for=5.6.7.8",
            "for=1.2.3.4\"x\"",
            "f\u{e9}r=1.2.3.4",
        ] {
            assert_eq!(seen(&[text]), "10.0.0.1  ", "{text}");
        }
        assert_eq!(seen(&["for=1.2.3.4;host=\"a<b\""]), "1.2.3.4  ");
    }

    #[test]
    fn it_is_not_read_beside_the_other_headers() {
        let trusted: Vec<Network> = vec!["10.0.0.0/8".parse().unwrap()];
        let mut headers = HeaderMap::new();
        headers.append(FORWARDED, "for=9.9.9.9;host=evil.example".parse().unwrap());
        headers.append("x-forwarded-for", "1.2.3.4".parse().unwrap());
        let seen = source(&trusted, "10.0.0.1".parse().unwrap(), &headers);
        assert_eq!((seen.address.to_string(), seen.told.host), ("1.2.3.4".to_owned(), None));
    }
}
