//! Where a store is, as an operator writes it: a directory, or the address of a bucket.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use crate::bucket::address::{Address, AddressError};

/// Where a store is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A directory of the local disk.
    Directory(PathBuf),
    /// A bucket of an object store.
    Bucket(Address),
}

impl Location {
    /// The place with everything that was said about it; there are no secrets in it.
    pub fn to_text(&self) -> String {
        match self {
            Self::Directory(path) => path.display().to_string(),
            Self::Bucket(address) => address.to_text(),
        }
    }
}

impl FromStr for Location {
    type Err = AddressError;

    /// What has `://` in it is meant to be a bucket.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.contains("://") {
            return text.parse().map(Self::Bucket);
        }
        Ok(Self::Directory(PathBuf::from(text)))
    }
}

impl fmt::Display for Location {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directory(path) => path.display().fmt(formatter),
            Self::Bucket(address) => address.fmt(formatter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_directories_and_buckets_apart() {
        for (text, shown) in [("/var/lib/charts", "/var/lib/charts"), ("charts", "charts")] {
            let location: Location = text.parse().unwrap();
            assert_eq!(location, Location::Directory(PathBuf::from(text)));
            assert_eq!(location.to_string(), shown);
        }
        let location: Location = "s3://charts/a?region=eu-1".parse().unwrap();
        assert!(matches!(&location, Location::Bucket(_)));
        assert_eq!(location.to_string(), "s3://charts/a");
        assert_eq!(location.to_text(), "s3://charts/a?region=eu-1");
        assert!("ftp://charts".parse::<Location>().is_err());
    }
}
