//! From text to comparisons, with the grammar of upstream's regular expressions.

use semver::Version;

use super::version::parse_version;
use super::{Alternative, Comparison, Constraint, MAX_CONSTRAINT_BYTES, Operator, Precision};

/// Why a text is no constraint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConstraintError {
    /// Nothing stands where a comparison must stand.
    #[error("constraint `{0}` has an empty part: write a comparison such as `>=1.2`, or `*`")]
    Empty(String),
    /// Something that is no comparison.
    #[error(
        "constraint `{constraint}` has `{part}`: write comparisons such as `>=1.2 <2` or `^1.2 || ~2.0`"
    )]
    NotAComparison {
        /// The whole constraint.
        constraint: String,
        /// Where it stops making sense.
        part: String,
    },
    /// More than [`MAX_CONSTRAINT_BYTES`].
    #[error("a constraint of {0} bytes: at most {MAX_CONSTRAINT_BYTES} are read")]
    TooLong(usize),
}

const BLANKS: [char; 5] = [' ', '\t', '\n', '\r', '\u{c}'];

/// Longer operators before those that they begin with.
const OPERATORS: [(&str, Operator); 11] = [
    ("!=", Operator::NotEqual),
    (">=", Operator::GreaterOrEqual),
    ("=>", Operator::GreaterOrEqual),
    ("<=", Operator::LessOrEqual),
    ("=<", Operator::LessOrEqual),
    ("~>", Operator::Tilde),
    ("=", Operator::Equal),
    (">", Operator::Greater),
    ("<", Operator::Less),
    ("~", Operator::Tilde),
    ("^", Operator::Caret),
];

pub(super) fn parse(text: &str) -> Result<Constraint, ConstraintError> {
    if text.len() > MAX_CONSTRAINT_BYTES {
        return Err(ConstraintError::TooLong(text.len()));
    }
    let rewritten = rewrite_ranges(text);
    let alternatives =
        rewritten.split("||").map(|part| alternative(text, part)).collect::<Result<_, _>>()?;
    Ok(Constraint { alternatives })
}

/// Turns each hyphen range `1.2 - 1.4` into `>= 1.2, <= 1.4`.
fn rewrite_ranges(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        if let Some((low, high, after)) = range(rest) {
            out.push_str(">= ");
            out.push_str(low);
            out.push_str(", <= ");
            out.push_str(high);
            out.push(' ');
            rest = after;
        } else {
            let next = rest.chars().next().map_or(0, char::len_utf8);
            out.push_str(&rest[..next]);
            rest = &rest[next..];
        }
    }
    out
}

fn range(text: &str) -> Option<(&str, &str, &str)> {
    let (low, rest) = version_text(text.trim_start_matches(BLANKS))?;
    let rest = blanks(blanks(rest)?.strip_prefix('-')?)?;
    let (high, rest) = version_text(rest)?;
    Some((low, high, rest.trim_start_matches(BLANKS)))
}

/// Skips at least one blank.
fn blanks(text: &str) -> Option<&str> {
    let rest = text.trim_start_matches(BLANKS);
    (rest.len() < text.len()).then_some(rest)
}

fn alternative(constraint: &str, part: &str) -> Result<Alternative, ConstraintError> {
    let bad = |part: &str| ConstraintError::NotAComparison {
        constraint: constraint.to_owned(),
        part: part.trim().to_owned(),
    };
    let mut rest = part.trim_start_matches(BLANKS);
    if rest.is_empty() {
        return Err(ConstraintError::Empty(constraint.to_owned()));
    }
    let mut comparisons = Vec::new();
    loop {
        let start = rest;
        let (comparison, after) = comparison(rest).ok_or_else(|| bad(start))?;
        comparisons.push(comparison);
        let trimmed = after.trim_start_matches(BLANKS);
        if trimmed.is_empty() {
            break;
        }
        rest = match trimmed.strip_prefix(',') {
            Some(next) => next.trim_start_matches(BLANKS),
            None if trimmed.len() < after.len() => trimmed,
            None => return Err(bad(start)),
        };
    }
    let admits_prereleases = comparisons.iter().any(|one| !one.version.pre.is_empty());
    Ok(Alternative { comparisons, admits_prereleases })
}

/// Reads one comparison and gives back what follows it.
fn comparison(text: &str) -> Option<(Comparison, &str)> {
    let (operator, rest) = OPERATORS
        .iter()
        .find_map(|(word, operator)| Some((*operator, text.strip_prefix(word)?)))
        .unwrap_or((Operator::Equal, text));
    let (written, rest) = version_text(rest.trim_start_matches(BLANKS))?;
    let (version, precision) = partial_version(written)?;
    Some((Comparison { operator, version, precision }, rest))
}

/// The longest prefix that looks like a version, with `x` and `*` for numbers:
/// `v?N(.N)?(.N)?(-pre)?(+build)?`.
fn version_text(text: &str) -> Option<(&str, &str)> {
    let mut rest = numeral(text.strip_prefix('v').unwrap_or(text))?;
    for _ in 0..2 {
        if let Some(after) = rest.strip_prefix('.').and_then(numeral) {
            rest = after;
        }
    }
    for sign in ['-', '+'] {
        if let Some(after) = rest.strip_prefix(sign).and_then(identifiers) {
            rest = after;
        }
    }
    Some(text.split_at(text.len() - rest.len()))
}

fn numeral(text: &str) -> Option<&str> {
    let rest =
        text.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, 'x' | 'X' | '*'));
    (rest.len() < text.len()).then_some(rest)
}

/// Skips dot-separated identifiers; a dot without an identifier behind it stays.
fn identifiers(text: &str) -> Option<&str> {
    let one = |text: &str| {
        let rest = text.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '-').len();
        (rest < text.len()).then_some(rest)
    };
    let mut rest = &text[text.len() - one(text)?..];
    while let Some(after) = rest.strip_prefix('.')
        && let Some(left) = one(after)
    {
        rest = &after[after.len() - left..];
    }
    Some(rest)
}

/// Completes a partial version with zeros; its pre-release stays, its build goes.
fn partial_version(written: &str) -> Option<(Version, Precision)> {
    let text = written.strip_prefix('v').unwrap_or(written);
    let end = text.find(['-', '+']).unwrap_or(text.len());
    let (numbers, tail) = text.split_at(end);
    let prerelease =
        if tail.starts_with('-') { tail.split('+').next().unwrap_or_default() } else { "" };
    let is_open = |part: Option<&str>| part.is_none_or(|part| matches!(part, "x" | "X" | "*"));
    let mut parts = numbers.split('.');
    let (major, minor, patch) = (parts.next(), parts.next(), parts.next());
    let (complete, precision) = if is_open(major) {
        (format!("0.0.0{prerelease}"), Precision::Any)
    } else if is_open(minor) {
        (format!("{}.0.0{prerelease}", major?), Precision::Major)
    } else if is_open(patch) {
        (format!("{}.{}.0{prerelease}", major?, minor?), Precision::Minor)
    } else {
        (written.to_owned(), Precision::Full)
    };
    Some((parse_version(&complete).ok()?, precision))
}
