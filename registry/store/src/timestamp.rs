//! Moments in milliseconds, written as RFC 3339 in UTC.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

/// A moment, in milliseconds since 1970 in UTC; always between the years 0 and 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Timestamp(i64);

/// The last millisecond of the year 9999; RFC 3339 has no words for later ones.
const LAST_MILLISECOND: i64 = 253_402_300_799_999;

impl Timestamp {
    /// A moment that is `milliseconds` after 1970; what lies outside of 1970-9999 is moved to its edge.
    pub fn from_milliseconds(milliseconds: i64) -> Self {
        Self(milliseconds.clamp(0, LAST_MILLISECOND))
    }

    /// Milliseconds since 1970.
    pub fn milliseconds(self) -> i64 {
        self.0
    }

    /// Reads RFC 3339; fractions below a millisecond are dropped.
    pub fn parse(text: &str) -> Option<Self> {
        let moment = OffsetDateTime::parse(text, &Rfc3339).ok()?;
        let milliseconds = moment.unix_timestamp_nanos().div_euclid(1_000_000);
        i64::try_from(milliseconds).ok().map(Self::from_milliseconds)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shape = format_description!(
            "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z"
        );
        let text = OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000)
            .map_err(|_| fmt::Error)?
            .format(shape)
            .map_err(|_| fmt::Error)?;
        formatter.write_str(&text)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text)
            .ok_or_else(|| serde::de::Error::custom(format!("`{text}` is not RFC 3339")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_milliseconds_and_reads_them_back() {
        let moment = Timestamp::from_milliseconds(1_763_802_000_123);
        assert_eq!(moment.to_string(), "2025-11-22T09:00:00.123Z");
        assert_eq!(Timestamp::parse("2025-11-22T10:00:00.1239+01:00"), Some(moment));
    }

    #[test]
    fn stays_within_what_rfc_3339_can_write() {
        assert_eq!(Timestamp::from_milliseconds(-5).to_string(), "1970-01-01T00:00:00.000Z");
        assert_eq!(Timestamp::from_milliseconds(i64::MAX).to_string(), "9999-12-31T23:59:59.999Z");
    }
}
