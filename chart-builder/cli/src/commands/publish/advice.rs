//! Which version to take when the one that was built is taken.

use semver::{BuildMetadata, Prerelease, Version};

/// The first version behind all of these that changes nothing but the last number: of a pre-release
/// its own last one, else the patch.
pub(super) fn next(versions: impl IntoIterator<Item = Version>) -> Option<Version> {
    let newest = versions.into_iter().max_by(Version::cmp_precedence)?;
    let next = Version { build: BuildMetadata::EMPTY, ..newest.clone() };
    if newest.pre.is_empty() {
        return Some(Version { patch: newest.patch.checked_add(1)?, ..next });
    }
    let text = newest.pre.as_str();
    let (before, last) = match text.rsplit_once('.') {
        Some((before, last)) => (format!("{before}."), last),
        None => (String::new(), text),
    };
    let text = match last.parse::<u64>() {
        Ok(number) => format!("{before}{}", number.checked_add(1)?),
        Err(_) => format!("{text}.1"),
    };
    Some(Version { pre: Prerelease::new(&text).ok()?, ..next })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_version_is_behind_all_that_are_there() {
        let next = |texts: &[&str]| {
            let versions = texts.iter().map(|text| Version::parse(text).unwrap());
            super::next(versions).map(|version| version.to_string())
        };
        assert_eq!(next(&["1.0.0", "1.2.9", "1.2.10-rc.1"]).unwrap(), "1.2.10-rc.2");
        assert_eq!(next(&["1.0.0", "0.9.0", "1.0.0-rc.1"]).unwrap(), "1.0.1");
        assert_eq!(next(&["1.0.0+build.7"]).unwrap(), "1.0.1");
        assert_eq!(next(&["1.0.0-beta"]).unwrap(), "1.0.0-beta.1");
        assert_eq!(next(&["2.0.0-7"]).unwrap(), "2.0.0-8");
        assert_eq!(next(&[]), None);
    }
}
