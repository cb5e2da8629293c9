//! Version lines of Hyperledger Fabric: one file each, and one list.
//!
//! A line is what Fabric calls major.minor. Its file says what the official images of the line carry and what its code
//! understands; nobody else compares Fabric versions.

mod couchdb;
mod generations;
mod line;
mod v1_0;
mod v1_1;
mod v1_2;
mod v1_3;
mod v1_4;
mod v2_0;
mod v2_1;
mod v2_2;
mod v2_3;
mod v2_4;
mod v2_5;
mod v3_0;
mod v3_1;

pub use couchdb::couchdb;
pub use line::{
    BFT, Bootstrap, ETCDRAFT, EmptyVariable, FabricLine, Generation, KAFKA, Lifecycle, SOLO,
    ServiceBuilder, Since, known,
};
use semver::Version;

/// Every line that charts are built for, oldest first.
pub const LINES: &[&FabricLine] = &[
    &v1_0::LINE,
    &v1_1::LINE,
    &v1_2::LINE,
    &v1_3::LINE,
    &v1_4::LINE,
    &v2_0::LINE,
    &v2_1::LINE,
    &v2_2::LINE,
    &v2_3::LINE,
    &v2_4::LINE,
    &v2_5::LINE,
    &v3_0::LINE,
    &v3_1::LINE,
];

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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    #[test]
    fn a_line_stands_for_its_newest_version() {
        assert_eq!(look_up("2.5"), Lookup::Known(&v2_5::LINE, Version::new(2, 5, 16)));
        assert_eq!(look_up("2.4"), Lookup::Known(&v2_4::LINE, Version::new(2, 4, 9)));
        assert_eq!(look_up("v3.1.4"), Lookup::Known(&v3_1::LINE, Version::new(3, 1, 4)));
    }

    #[test]
    fn other_versions_are_versions_without_charts() {
        assert_eq!(look_up("0.6.1"), Lookup::NotBuilt(Version::new(0, 6, 1)));
        assert_eq!(look_up("3.2"), Lookup::NotBuilt(Version::new(3, 2, 0)));
        assert_eq!(look_up("latest"), Lookup::Unreadable);
    }

    #[test]
    fn names_say_what_numbers_say_and_lines_are_sorted() {
        for line in LINES {
            assert_eq!(line.name, format!("{}.{}", line.number.0, line.number.1));
        }
        assert!(LINES.is_sorted_by_key(|line| line.number));
        assert_eq!(names(), "1.0, 1.1, 1.2, 1.3, 1.4, 2.0, 2.1, 2.2, 2.3, 2.4, 2.5, 3.0 or 3.1");
    }

    #[test]
    fn every_line_has_its_file_and_every_file_is_in_the_list() {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/fabric_line");
        let files = std::fs::read_dir(directory).expect("the lines can be listed");
        let names = files.map(|file| file.expect("a file").file_name().into_string());
        let names = names.map(|name| name.expect("a plain name"));
        let found: BTreeSet<_> = names.filter(|name| name.starts_with('v')).collect();
        let file = |line: &&FabricLine| format!("v{}_{}.rs", line.number.0, line.number.1);
        assert_eq!(found, LINES.iter().map(file).collect());
    }

    #[test]
    fn nothing_begins_after_the_newest_patch_and_a_line_follows_older_ones() {
        for line in LINES {
            let capabilities = [
                line.channel_capabilities,
                line.orderer_capabilities,
                line.application_capabilities,
            ];
            let all = capabilities.into_iter().chain([line.consensus, line.sections]).flatten();
            for it in all {
                assert!(it.patch <= line.newest_patch, "{}: {}", line.name, it.name);
            }
            for before in line.follows {
                let known = LINES.iter().find(|other| other.name == *before);
                assert!(known.is_some_and(|other| other.number < line.number), "{}", line.name);
            }
        }
    }

    #[test]
    fn a_channel_gets_the_newest_capability_that_its_patch_has() {
        let default = |text: &str| {
            let version: Version = text.parse().expect("a version");
            let line = of(&version).expect("a line");
            let it = line.default_capabilities(&version);
            (it.channel, it.orderer, it.application)
        };
        let names = |channel: &str, orderer: &str, application: &str| {
            (channel.to_owned(), orderer.to_owned(), application.to_owned())
        };
        assert_eq!(default("1.0.6"), names("", "", ""));
        assert_eq!(default("1.4.1"), names("V1_3", "V1_1", "V1_3"));
        assert_eq!(default("1.4.2"), names("V1_4_2", "V1_4_2", "V1_4_2"));
        assert_eq!(default("1.4.12"), names("V1_4_3", "V1_4_2", "V1_4_2"));
        assert_eq!(default("2.2.15"), names("V2_0", "V2_0", "V2_0"));
        assert_eq!(default("3.1.5"), names("V2_0", "V2_0", "V2_5"));
    }
}
