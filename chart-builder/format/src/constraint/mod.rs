//! Version constraints with Helm's meaning.
//!
//! Helm uses `Masterminds/semver`, whose rules differ from every Rust crate: a bare `1.2` is
//! `~1.2`, `1.2.3` is exact, and pre-releases are admitted when any member of an AND group names
//! one. This is its behaviour from 3.4.0 on (Helm 3.19 and 4).
//!
//! ```
//! use chart_format::constraint::Constraint;
//!
//! let constraint = Constraint::parse(">=1.25.0-0 <2").unwrap();
//! assert!(constraint.matches(&"1.30.2-gke.1".parse().unwrap()));
//! ```

mod parse;
mod version;

use semver::Version;

pub use parse::ConstraintError;
pub use version::{VersionError, parse_version};

/// Longest text in bytes that is parsed.
pub const MAX_CONSTRAINT_BYTES: usize = 4096;

/// Alternatives, each a list of comparisons that must all hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Constraint {
    alternatives: Vec<Alternative>,
}

/// What stands between two `||`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Alternative {
    comparisons: Vec<Comparison>,
    /// Some member names a pre-release, so pre-releases are considered at all.
    admits_prereleases: bool,
}

/// An operator and a version that may be partial.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Comparison {
    operator: Operator,
    version: Version,
    precision: Precision,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    /// Nothing or `=`: equal, or `~` when the version is partial.
    Equal,
    NotEqual,
    Greater,
    Less,
    GreaterOrEqual,
    LessOrEqual,
    Tilde,
    Caret,
}

/// How much of a version is written out; the rest is missing or `x`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Precision {
    /// Nothing: `*`.
    Any,
    /// `1`
    Major,
    /// `1.2`
    Minor,
    /// `1.2.3`
    Full,
}

impl Constraint {
    /// Parses a constraint; the empty text is none, as in Helm.
    pub fn parse(text: &str) -> Result<Self, ConstraintError> {
        parse::parse(text)
    }

    /// Whether the version satisfies the constraint; build metadata is ignored.
    pub fn matches(&self, version: &Version) -> bool {
        self.alternatives.iter().any(|alternative| {
            (version.pre.is_empty() || alternative.admits_prereleases)
                && alternative.comparisons.iter().all(|comparison| comparison.matches(version))
        })
    }

    /// Whether a version in Helm's loose spelling (`v1.2`, `1`) satisfies the constraint; what is
    /// no version satisfies none.
    pub fn matches_text(&self, version: &str) -> bool {
        parse_version(version).is_ok_and(|version| self.matches(&version))
    }
}

impl std::str::FromStr for Constraint {
    type Err = ConstraintError;

    fn from_str(text: &str) -> Result<Self, ConstraintError> {
        Self::parse(text)
    }
}

/// The version that Helm picks: the one spelled exactly as wanted, else the newest that satisfies
/// the constraint. An empty `wanted` means the newest that is no pre-release.
///
/// Versions may come in any order; of several that differ only in build metadata the first wins.
pub fn pick<'versions>(
    versions: impl IntoIterator<Item = &'versions str>,
    wanted: &str,
) -> Result<Option<&'versions str>, ConstraintError> {
    let constraint = Constraint::parse(if wanted.is_empty() { "*" } else { wanted })?;
    let mut newest: Option<(Version, &str)> = None;
    for text in versions {
        if text == wanted {
            return Ok(Some(text));
        }
        let Ok(version) = parse_version(text) else { continue };
        let is_newer = newest.as_ref().is_none_or(|(best, _)| version.cmp_precedence(best).is_gt());
        if is_newer && constraint.matches(&version) {
            newest = Some((version, text));
        }
    }
    Ok(newest.map(|(_, text)| text))
}

impl Comparison {
    /// Assumes that a pre-release has been admitted.
    fn matches(&self, version: &Version) -> bool {
        let order = version.cmp_precedence(&self.version);
        match self.operator {
            Operator::Equal if self.precision == Precision::Full => order.is_eq(),
            Operator::Equal | Operator::Tilde => self.tilde(version),
            Operator::NotEqual => self.not_equal(version),
            Operator::Greater => self.greater(version),
            Operator::Less => order.is_lt(),
            Operator::GreaterOrEqual => order.is_ge(),
            Operator::LessOrEqual => self.less_or_equal(version),
            Operator::Caret => self.caret(version),
        }
    }

    fn tilde(&self, version: &Version) -> bool {
        if version.cmp_precedence(&self.version).is_lt() {
            return false;
        }
        let zero = (self.version.major, self.version.minor, self.version.patch) == (0, 0, 0);
        // Upstream takes `~0.0.0`, written out or as `*`, for everything.
        if zero && matches!(self.precision, Precision::Any | Precision::Full) {
            return true;
        }
        version.major == self.version.major
            && (version.minor == self.version.minor || self.precision == Precision::Major)
    }

    fn caret(&self, version: &Version) -> bool {
        if version.cmp_precedence(&self.version).is_lt() {
            return false;
        }
        if self.version.major > 0 || self.precision == Precision::Major {
            return version.major == self.version.major;
        }
        if version.major > 0 {
            return false;
        }
        if self.version.minor > 0 || self.precision == Precision::Minor {
            return version.minor == self.version.minor;
        }
        version.minor == 0 && version.patch == self.version.patch
    }

    fn not_equal(&self, version: &Version) -> bool {
        let wanted = &self.version;
        match self.precision {
            Precision::Full | Precision::Any => version.cmp_precedence(wanted).is_ne(),
            Precision::Major => version.major != wanted.major,
            Precision::Minor => {
                (version.major, version.minor) != (wanted.major, wanted.minor)
                    || ((!version.pre.is_empty() || !wanted.pre.is_empty())
                        && version.pre != wanted.pre)
            }
        }
    }

    fn greater(&self, version: &Version) -> bool {
        let wanted = &self.version;
        match self.precision {
            Precision::Full | Precision::Any => version.cmp_precedence(wanted).is_gt(),
            // `>11` means beyond all of 11.
            Precision::Major => version.major > wanted.major,
            Precision::Minor => (version.major, version.minor) > (wanted.major, wanted.minor),
        }
    }

    fn less_or_equal(&self, version: &Version) -> bool {
        let wanted = &self.version;
        match self.precision {
            Precision::Full => version.cmp_precedence(wanted).is_le(),
            Precision::Major => version.major <= wanted.major,
            Precision::Minor | Precision::Any => {
                (version.major, version.minor) <= (wanted.major, wanted.minor)
            }
        }
    }
}

#[cfg(test)]
mod tests;
