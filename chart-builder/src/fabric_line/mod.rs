//! Version lines of Hyperledger Fabric: one file each, and one list.
//!
//! A line is what Fabric calls major.minor. Its file says what the official images of the line carry and what its code
//! understands; nobody else compares Fabric versions.

mod v2_5;
mod v3_0;
mod v3_1;

use semver::Version;

use crate::model::Capabilities;

/// Every line that charts are built for, oldest first.
pub const LINES: &[&FabricLine] = &[&v2_5::LINE, &v3_0::LINE, &v3_1::LINE];

/// First version whose peer image carries the builder for chaincode as a service (tags v2.4.0 and v2.4.1 compared).
pub const FIRST_WITH_CCAAS: Version = Version::new(2, 4, 1);

/// What is true for all versions of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FabricLine {
    /// `major.minor`.
    pub name: &'static str,
    /// Major and minor number.
    pub number: (u64, u64),
    /// Newest patch that is known to work; what `fabric.version: <line>` stands for.
    pub newest_patch: u64,
    /// Patches whose official images do not run, with the reason.
    pub broken: &'static [(u64, &'static str)],
    /// Repository of the peer's image.
    pub peer_repository: &'static str,
    /// Repository of the orderer's image.
    pub orderer_repository: &'static str,
    /// Capabilities of the channel group that the code understands; the first one is the default.
    pub channel_capabilities: &'static [&'static str],
    /// The same of the orderer group.
    pub orderer_capabilities: &'static [&'static str],
    /// The same of the application group.
    pub application_capabilities: &'static [&'static str],
}

/// What `fabric.version` turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup {
    /// A version of a line that is built.
    Known(&'static FabricLine, Version),
    /// A version without charts; newer or older than every line.
    NotBuilt(Version),
    /// No version at all.
    Unreadable,
}

/// The newest line.
pub fn newest() -> &'static FabricLine {
    LINES.last().copied().unwrap_or(&v3_1::LINE)
}

/// The line of a version.
pub fn of(version: &Version) -> Option<&'static FabricLine> {
    LINES.iter().copied().find(|line| line.number == (version.major, version.minor))
}

/// Reads `2.5.16`, or a line like `2.5` as its newest known version.
pub fn look_up(text: &str) -> Lookup {
    let text = text.strip_prefix('v').unwrap_or(text);
    if let Some(line) = LINES.iter().copied().find(|line| line.name == text) {
        return Lookup::Known(line, line.newest());
    }
    let dots = text.matches('.').count();
    let full = if dots == 1 { format!("{text}.0") } else { text.to_owned() };
    match Version::parse(&full) {
        Ok(version) => match of(&version) {
            Some(line) => Lookup::Known(line, version),
            None => Lookup::NotBuilt(version),
        },
        Err(_) => Lookup::Unreadable,
    }
}

/// `2.5, 3.0 or 3.1`, for messages.
pub fn names() -> String {
    let names: Vec<_> = LINES.iter().map(|line| line.name).collect();
    match names.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}

impl FabricLine {
    /// Newest version that is known to work.
    pub const fn newest(&self) -> Version {
        Version::new(self.number.0, self.number.1, self.newest_patch)
    }

    /// What new channels get when the topology says nothing.
    pub fn default_capabilities(&self) -> Capabilities {
        let first = |names: &[&str]| names.first().copied().unwrap_or_default().to_owned();
        Capabilities {
            channel: first(self.channel_capabilities),
            orderer: first(self.orderer_capabilities),
            application: first(self.application_capabilities),
        }
    }

    /// Why the official images of this version do not run, if they do not.
    pub fn broken(&self, version: &Version) -> Option<&'static str> {
        let found = self.broken.iter().find(|(patch, _)| *patch == version.patch);
        found.map(|(_, reason)| *reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_stands_for_its_newest_version() {
        assert_eq!(look_up("2.5"), Lookup::Known(&v2_5::LINE, Version::new(2, 5, 16)));
        assert_eq!(look_up("v3.1.4"), Lookup::Known(&v3_1::LINE, Version::new(3, 1, 4)));
    }

    #[test]
    fn other_versions_are_versions_without_charts() {
        assert_eq!(look_up("1.4.12"), Lookup::NotBuilt(Version::new(1, 4, 12)));
        assert_eq!(look_up("2.4"), Lookup::NotBuilt(Version::new(2, 4, 0)));
        assert_eq!(look_up("latest"), Lookup::Unreadable);
    }

    #[test]
    fn names_say_what_numbers_say_and_lines_are_sorted() {
        for line in LINES {
            assert_eq!(line.name, format!("{}.{}", line.number.0, line.number.1));
        }
        assert!(LINES.is_sorted_by_key(|line| line.number));
        assert_eq!(names(), "2.5, 3.0 or 3.1");
    }
}
