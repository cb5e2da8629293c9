//! How large Helm's record of a release will be: one Secret, which Kubernetes limits to 1 MiB.
//!
//! Helm stores `base64(gzip(JSON))` of the release: the root chart's files (base64 within the JSON), its values, and every
//! rendered object; files of subcharts are not stored (`pkg/storage/driver/util.go`). Nothing can be rendered here, so
//! the objects of each use of a curated chart are stood in for by what they are made of: shared values, own values,
//! templates and scripts. gzip looks back 32 KiB only, so what organizations have in common counts once for each.

use std::collections::BTreeMap;
use std::io::{self, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chart_format::archive::Package;
use flate2::Compression;
use flate2::write::GzEncoder;

/// Above this, a person should know, in bytes.
pub const WARNING_BYTES: u64 = 512 << 10;
/// Above this, nothing is built, in bytes: the prediction may be a tenth too small.
pub const LIMIT_BYTES: u64 = 900 << 10;

// A prediction may be a tenth too small.
const _: () = assert!(LIMIT_BYTES * 11 / 10 < 1 << 20);

/// What the stand-ins compress to, against what Helm stores: 100 of theirs are this many of Helm's. A fitted
/// number, no law: when it was fitted, the prediction for 7 nodes was 1.26 times the truth. Other
/// charts would need another one; a test against real Helm tells when these do.
const PERCENT_OF_STAND_INS: u64 = 62;

/// Templates and scripts of what not every part has, and the words in a part's values that say that it has it; a file with
/// several lines is there when one of them says so. Paths of templates are those below `templates/`.
const OPTIONAL: &[(&str, &[u8])] = &[
    ("_couchdb.tpl", b"couchdb:"),
    ("_ca.tpl", b"database:"),
    ("ca.yaml", b"database:"),
    ("_directories.tpl", b"share:\n"),
    ("_directories.tpl", b"volumes:\n"),
    ("_exposure.tpl", b"nodePorts:"),
    ("exposure.yaml", b"nodePorts:"),
    ("_cli.tpl", b"cli: true"),
    ("cli.yaml", b"cli: true"),
    ("_roller.tpl", b"oneByOne: true"),
    ("_exposure.tpl", b"exposure:\n"),
    ("exposure.yaml", b"exposure:\n"),
    ("fixup-daemon.yaml", b"daemon: true"),
    ("files/coordinator.sh", b"daemon: true"),
    ("files/node.sh", b"daemon: true"),
    ("files/container.sh", b"daemon: true"),
    ("fixup-coredns.yaml", b"coredns:\n"),
    ("files/coredns.sh", b"coredns:\n"),
    ("_fixup.tpl", b"daemon: true"),
    ("_fixup.tpl", b"coredns:\n"),
];

/// Predicted size of Helm's Secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReleaseSize {
    /// Bytes of the Secret's value.
    pub bytes: u64,
}

impl ReleaseSize {
    /// It comes near the limit.
    pub fn is_large(self) -> bool {
        self.bytes > WARNING_BYTES
    }

    /// Helm could not store it.
    pub fn is_too_large(self) -> bool {
        self.bytes > LIMIT_BYTES
    }
}

/// Predicts the size for a release of `chart`.
pub fn predict(chart: &Package) -> io::Result<ReleaseSize> {
    let mut release = GzEncoder::new(Counter(0), Compression::best());
    let schema = chart.schema.as_deref().unwrap_or_default();
    for file in
        chart.templates.values().chain(chart.files.values()).map(Vec::as_slice).chain([schema])
    {
        release.write_all(STANDARD.encode(file).as_bytes())?;
    }
    let values = chart.values.as_deref().unwrap_or_default();
    release.write_all(values)?;
    let sections = sections(values);
    for dependency in &chart.metadata.dependencies {
        let section = |key: &str| sections.get(key.as_bytes()).copied().unwrap_or_default();
        let own = section(dependency.key());
        release.write_all(section("global"))?;
        release.write_all(own)?;
        let used = chart.subcharts.iter().find(|it| it.metadata.name == dependency.name);
        used.map_or(Ok(()), |used| write_sources(&mut release, used, own))?;
    }
    let stand_ins = release.finish()?.0;
    Ok(ReleaseSize { bytes: stand_ins.div_ceil(3) * 4 * PERCENT_OF_STAND_INS / 100 })
}

/// Everything that objects of a part with these values are rendered from, libraries included: a README is for people.
fn write_sources(release: &mut impl io::Write, chart: &Package, own: &[u8]) -> io::Result<()> {
    let read = chart.files.iter().filter(|(path, _)| path.as_str() != "README.md");
    let says = |words: &[u8]| own.windows(words.len()).any(|window| window == words);
    let unused = |path: &str| {
        let mut words = OPTIONAL.iter().filter(|(optional, _)| *optional == path).peekable();
        words.peek().is_some() && !words.any(|(_, words)| says(words))
    };
    for (_, file) in read.chain(&chart.templates).filter(|(path, _)| !unused(path)) {
        release.write_all(file)?;
    }
    chart.subcharts.iter().try_for_each(|library| write_sources(release, library, own))
}

/// The top-level entries of our own values file: a line that is neither indented nor a comment begins one. Keys such as
/// `no` and `26` are quoted there, and have nothing in them that needs an escape.
fn sections(values: &[u8]) -> BTreeMap<&[u8], &[u8]> {
    let mut starts = Vec::new();
    let mut offset = 0;
    for line in values.split_inclusive(|byte| *byte == b'\n') {
        match line {
            [b' ' | b'#' | b'\n', ..] | [] => {}
            [quote @ (b'"' | b'\''), key @ ..] => {
                let length = key.iter().take_while(|byte| *byte != quote).count();
                starts.push((offset, offset + 1..offset + 1 + length));
            }
            key => {
                let length = key.iter().take_while(|byte| **byte != b':').count();
                starts.push((offset, offset..offset + length));
            }
        }
        offset += line.len();
    }
    let ends = starts.iter().skip(1).map(|(start, _)| *start).chain([values.len()]);
    let ranges = starts.iter().zip(ends);
    ranges
        .filter_map(|((start, key), end)| {
            Some((values.get(key.clone())?, values.get(*start..end)?))
        })
        .collect()
}

/// Counts bytes and keeps none.
struct Counter(u64);

impl io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_the_top_level_entries() {
        let values = b"# above\nglobal:\n  a: 1\n# next\norg1:\n  b: |\n    org2: no\nlast: {}\n";
        let sections = sections(values);
        let names: Vec<_> = sections.keys().map(|key| String::from_utf8_lossy(key)).collect();
        assert_eq!(names, ["global", "last", "org1"]);
        assert_eq!(sections[&b"global"[..]], b"global:\n  a: 1\n# next\n");
    }

    #[test]
    fn keys_that_need_quotes_have_sections_as_well() {
        let mut values = chart_format::yaml::Map::new();
        for name in ["no", "26", "0x1f", "1e3", "org1", "null"] {
            values = values.with(name, chart_format::yaml::Map::new().with("a", 1_i64));
        }
        let text = chart_format::yaml::write(&values.into());
        let sections = sections(text.as_bytes());
        for name in ["no", "26", "0x1f", "1e3", "org1", "null"] {
            let section = sections.get(name.as_bytes()).map(|it| String::from_utf8_lossy(it));
            assert!(section.is_some_and(|it| it.ends_with("  a: 1\n")), "{name} in {text}");
        }
    }

    #[test]
    fn what_is_left_out_is_there_under_the_name_that_the_list_has() {
        let curated = crate::curated::CuratedCharts::embedded().unwrap();
        let files: Vec<&str> = curated
            .names()
            .flat_map(|name| curated.chart(name).unwrap().files.keys())
            .map(|path| path.strip_prefix("charts/fabric-common/").unwrap_or(path))
            .map(|path| path.strip_prefix("templates/").unwrap_or(path))
            .collect();
        for (optional, _) in OPTIONAL {
            assert!(files.contains(optional), "{optional}");
        }
    }

    #[test]
    fn limits_leave_room_below_kubernetes_own() {
        let size = |bytes| ReleaseSize { bytes };
        assert!(!size(WARNING_BYTES).is_large() && size(WARNING_BYTES + 1).is_large());
        assert!(!size(LIMIT_BYTES).is_too_large() && size(LIMIT_BYTES + 1).is_too_large());
    }
}
