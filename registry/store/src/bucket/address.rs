//! How a bucket is written: `s3://bucket/prefix?region=eu-1&endpoint=https://s3.example`.
//!
//! Credentials are never part of it. They come from the environment names that each provider's own
//! tools use, from the files that these name, or from the machine.

use std::fmt;
use std::str::FromStr;

/// Where a bucket is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    pub(super) kind: Kind,
    pub(super) bucket: String,
    /// What stands before every name, without slashes at its ends; often empty.
    pub(super) prefix: String,
    /// The server, where it is not the provider's own.
    pub(super) endpoint: Option<String>,
}

/// Whose protocol it speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    S3 { region: Option<String>, virtual_hosts: bool },
    Google,
    Azure { account: Option<String> },
}

/// Why a text is not the address of a bucket.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It begins with something else.
    #[error("`{text}` does not begin with s3://, gs:// or az://")]
    Scheme {
        /// The text.
        text: String,
    },
    /// Something in the place of a bucket's name that cannot be one.
    #[error("`{bucket}` is not the name of a bucket: write s3://BUCKET/PREFIX?region=REGION")]
    Bucket {
        /// What stands there.
        bucket: String,
    },
    /// A prefix that cannot be one.
    #[error(
        "`{prefix}` cannot stand before the names in a bucket: use letters, digits and `-_./`, and \
         nothing empty between two slashes"
    )]
    Prefix {
        /// The prefix.
        prefix: String,
    },
    /// A parameter that this kind of bucket does not have.
    #[error("a {scheme}:// address has no parameter `{name}`: it has {known}")]
    Parameter {
        /// The kind of bucket.
        scheme: &'static str,
        /// The parameter.
        name: String,
        /// Those that there are.
        known: &'static str,
    },
    /// An endpoint that is not one.
    #[error("the endpoint `{endpoint}` is not one: write https://HOST, without a user")]
    Endpoint {
        /// What stands there.
        endpoint: String,
    },
}

impl Kind {
    fn scheme(&self) -> &'static str {
        match self {
            Self::S3 { .. } => "s3",
            Self::Google => "gs",
            Self::Azure { .. } => "az",
        }
    }

    fn parameters(&self) -> &'static str {
        match self {
            Self::S3 { .. } => "`region`, `endpoint` and `virtual-hosts` (true or false)",
            Self::Google => "`endpoint`",
            Self::Azure { .. } => "`account` and `endpoint`",
        }
    }
}

impl Address {
    /// The address with its parameters.
    pub fn to_text(&self) -> String {
        let (mut parameters, endpoint) = (Vec::new(), self.endpoint.as_ref());
        match &self.kind {
            Kind::S3 { region, virtual_hosts } => {
                parameters.extend(region.iter().map(|region| format!("region={region}")));
                parameters.extend(virtual_hosts.then(|| "virtual-hosts=true".to_owned()));
            }
            Kind::Google => {}
            Kind::Azure { account } => {
                parameters.extend(account.iter().map(|account| format!("account={account}")));
            }
        }
        parameters.extend(endpoint.map(|endpoint| format!("endpoint={endpoint}")));
        if parameters.is_empty() {
            return self.to_string();
        }
        format!("{self}?{}", parameters.join("&"))
    }

    /// True when the bytes go to the server unencrypted, because its address says so.
    pub fn is_plain(&self) -> bool {
        self.endpoint.as_ref().is_some_and(|endpoint| endpoint.starts_with("http://"))
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), AddressError> {
        match (&mut self.kind, name) {
            (_, "endpoint") => {
                if value.contains('@') {
                    return Err(AddressError::Endpoint { endpoint: "…@…".to_owned() });
                }
                if !value.starts_with("https://") && !value.starts_with("http://") {
                    return Err(AddressError::Endpoint { endpoint: value.to_owned() });
                }
                self.endpoint = Some(value.trim_end_matches('/').to_owned());
            }
            (Kind::S3 { region, .. }, "region") => *region = Some(value.to_owned()),
            (Kind::S3 { virtual_hosts, .. }, "virtual-hosts")
                if ["true", "false"].contains(&value) =>
            {
                *virtual_hosts = value == "true";
            }
            (Kind::Azure { account }, "account") => *account = Some(value.to_owned()),
            (kind, _) => {
                let (scheme, known) = (kind.scheme(), kind.parameters());
                return Err(AddressError::Parameter { scheme, name: name.to_owned(), known });
            }
        }
        Ok(())
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown =
            || AddressError::Scheme { text: text.split('?').next().unwrap_or_default().to_owned() };
        let (scheme, rest) = text.split_once("://").ok_or_else(unknown)?;
        let kind = match scheme {
            "s3" => Kind::S3 { region: None, virtual_hosts: false },
            "gs" => Kind::Google,
            "az" => Kind::Azure { account: None },
            _ => return Err(unknown()),
        };
        let (place, parameters) = rest.split_once('?').unwrap_or((rest, ""));
        let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
        let named = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        // A name with `@` or `:` is a user with a password, which is told to nobody.
        if bucket.is_empty() || !bucket.chars().all(named) {
            let bucket = if bucket.contains('@') { "…@…" } else { bucket }.to_owned();
            return Err(AddressError::Bucket { bucket });
        }
        let prefix = prefix.trim_end_matches('/');
        let parts = || prefix.split('/');
        let plain =
            parts().all(|it| !it.is_empty() && it.chars().all(named) && it != "." && it != "..");
        if !prefix.is_empty() && !plain {
            return Err(AddressError::Prefix { prefix: prefix.to_owned() });
        }
        let (bucket, prefix) = (bucket.to_owned(), prefix.to_owned());
        let mut address = Self { kind, bucket, prefix, endpoint: None };
        for parameter in parameters.split('&').filter(|it| !it.is_empty()) {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            address.set(name, value)?;
        }
        Ok(address)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}://{}", self.kind.scheme(), self.bucket)?;
        if !self.prefix.is_empty() {
            write!(formatter, "/{}", self.prefix)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_three_kinds_of_buckets() {
        let address: Address =
            "s3://charts/team/a/?region=eu-1&endpoint=http://127.0.0.1:7070/".parse().unwrap();
        assert_eq!(address.to_string(), "s3://charts/team/a");
        let text = "s3://charts/team/a?region=eu-1&endpoint=http://127.0.0.1:7070";
        assert_eq!(address.to_text(), text);
        assert_eq!(address.endpoint.as_deref(), Some("http://127.0.0.1:7070"));
        assert_eq!(
            address.kind,
            Kind::S3 { region: Some("eu-1".to_owned()), virtual_hosts: false }
        );
        assert!(address.is_plain());
        let address: Address = "gs://charts".parse().unwrap();
        assert_eq!((address.prefix.as_str(), address.is_plain()), ("", false));
        let address: Address = "az://charts/x?account=acme".parse().unwrap();
        assert_eq!(address.kind, Kind::Azure { account: Some("acme".to_owned()) });
    }

    #[test]
    fn what_cannot_be_a_bucket_is_refused_without_telling_secrets() {
        for text in [
            "/var/lib/charts",
            "http://bucket/x",
            "s3://",
            "s3:///x",
            "s3://a b",
            "s3://bucket/a//b",
            "s3://bucket/../b",
            "s3://bucket/a?account=x",
            "s3://bucket?virtual-hosts=perhaps",
            "gs://bucket?region=x",
            "s3://bucket?endpoint=127.0.0.1:7070",
            "s3://bucket?endpoint=https://me:hush@host",
        ] {
            assert!(text.parse::<Address>().is_err(), "{text}");
        }
        let error = "s3://AKIA:hush@bucket/x".parse::<Address>().unwrap_err().to_string();
        assert!(!error.contains("hush"), "{error}");
        let error = "ftp://x?secret=hush".parse::<Address>().unwrap_err().to_string();
        assert!(!error.contains("hush"), "{error}");
    }
}
