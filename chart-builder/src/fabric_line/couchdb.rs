//! Which CouchDB a version of Fabric was released with: its Makefile names the one that its own tests ran against.

use semver::Version;

/// Repository and tag, by the first version of Fabric that was tried with them.
const TRIED: &[(Version, (&str, &str))] = &[
    (Version::new(1, 0, 0), ("hyperledger/fabric-couchdb", "0.4.22")),
    (Version::new(2, 0, 0), ("couchdb", "2.3.1")),
    (Version::new(2, 2, 0), ("couchdb", "3.1.2")),
    (Version::new(2, 2, 15), ("couchdb", "3.3.3")),
    (Version::new(2, 3, 0), ("couchdb", "3.1.2")),
    (Version::new(2, 4, 9), ("couchdb", "3.2.2")),
    (Version::new(2, 5, 3), ("couchdb", "3.3.3")),
    (Version::new(2, 5, 11), ("couchdb", "3.4.2")),
    (Version::new(3, 0, 0), ("couchdb", "3.3.3")),
    (Version::new(3, 1, 0), ("couchdb", "3.4.2")),
];

/// Repository and tag of the `CouchDB` for peers of this version.
pub fn couchdb(fabric: &Version) -> (&'static str, &'static str) {
    let fitting = TRIED.iter().rev().find(|(first, _)| first <= fabric);
    fitting.or(TRIED.last()).map_or(("couchdb", "3.4.2"), |(_, image)| *image)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_gets_what_it_was_tried_with() {
        assert!(TRIED.is_sorted_by(|left, right| left.0 < right.0));
        assert_eq!(couchdb(&Version::new(2, 5, 16)), ("couchdb", "3.4.2"));
        assert_eq!(couchdb(&Version::new(2, 5, 10)), ("couchdb", "3.3.3"));
        assert_eq!(couchdb(&Version::new(2, 2, 14)), ("couchdb", "3.1.2"));
        assert_eq!(couchdb(&Version::new(1, 4, 12)), ("hyperledger/fabric-couchdb", "0.4.22"));
    }
}
