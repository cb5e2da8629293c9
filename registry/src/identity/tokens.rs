//! Issuing and listing tokens: what an order may say, and what is shown.
//!
//! Whoever issues a token administers every path that it reaches, so nobody gives what they do not
//! have.

use std::str::FromStr;

use chart_registry_catalog::{State, Token};
use chart_registry_store::{Issued, RepositoryPath, Timestamp, TokenGrant};
use serde::{Deserialize, Serialize};

use super::{Secret, check_subject, declared};
use crate::refusal::{Code, Refusal};

/// Most grants of a token.
const MAX_GRANTS: usize = 64;

/// Longest life of a token that ends, in days.
const MAX_DAYS: i64 = 3_650;

const MINUTE_MILLISECONDS: i64 = 60_000;
const HOUR_MILLISECONDS: i64 = 60 * MINUTE_MILLISECONDS;
const DAY_MILLISECONDS: i64 = 24 * HOUR_MILLISECONDS;

/// How long a token is worth something: `30m`, `12h`, `90d` or `never` for one that does not end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Lifetime {
    milliseconds: Option<i64>,
}

impl Default for Lifetime {
    /// 90 days: a token that lives for ever is somebody's decision.
    fn default() -> Self {
        Self { milliseconds: Some(90 * DAY_MILLISECONDS) }
    }
}

impl FromStr for Lifetime {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "never" {
            return Ok(Self { milliseconds: None });
        }
        let wrong = || {
            format!(
                "`{}` is no time until an end: write `30m`, `12h`, `90d` (at most {MAX_DAYS} days) or \
                 `never`",
                text.escape_debug()
            )
        };
        let unit = text.chars().next_back().ok_or_else(wrong)?;
        let number = text.strip_suffix(unit).unwrap_or_default();
        let unit = match unit {
            'm' => MINUTE_MILLISECONDS,
            'h' => HOUR_MILLISECONDS,
            'd' => DAY_MILLISECONDS,
            _ => return Err(wrong()),
        };
        let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        let number = Some(number).filter(|_| digits).and_then(|number| number.parse::<i64>().ok());
        let milliseconds = number.and_then(|number| number.checked_mul(unit));
        let fits = |it: &i64| (1..=MAX_DAYS * DAY_MILLISECONDS).contains(it);
        let milliseconds = milliseconds.filter(fits).ok_or_else(wrong)?;
        Ok(Self { milliseconds: Some(milliseconds) })
    }
}

impl TryFrom<String> for Lifetime {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

/// What a new token is to be.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Order {
    /// Who acts when it is used.
    pub(crate) subject: String,
    /// What it allows.
    pub(crate) grants: Vec<TokenGrant>,
    /// How long.
    #[serde(default)]
    pub(crate) expires_in: Lifetime,
}

/// A token as it is told about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Shown {
    id: String,
    subject: String,
    grants: Vec<TokenGrant>,
    by: String,
    created: Timestamp,
    expires: Option<Timestamp>,
    revoked: Option<Timestamp>,
    valid: bool,
}

impl Order {
    /// What the journal is to know of the token, which reaches nothing outside of `path`.
    pub(crate) fn issued(
        self,
        secret: &Secret,
        path: &RepositoryPath,
        now: Timestamp,
    ) -> Result<Issued, Refusal> {
        self.check()?;
        if let Some(grant) = self.grants.iter().find(|grant| !grant.below.is_within(path)) {
            let what = format!("the token would reach `/{}`, outside of `/{path}`", grant.below);
            let fix = "leave the grant out, or send the order to a path that holds all grants";
            return Err(Refusal::new(Code::Forbidden, &what, "grants", fix));
        }
        let Self { subject, grants, expires_in } = self;
        let end = |life| Timestamp::from_milliseconds(now.milliseconds().saturating_add(life));
        Ok(Issued {
            subject,
            secret: secret.digest(),
            grants,
            expires: expires_in.milliseconds.map(end),
        })
    }

    fn check(&self) -> Result<(), Refusal> {
        let bad = |what: &str, place, fix| Err(Refusal::new(Code::BadRequest, what, place, fix));
        if let Err(reason) = check_subject(&self.subject) {
            return bad(&reason, "subject", "name who acts when the token is used");
        }
        if self.grants.is_empty() || self.grants.len() > MAX_GRANTS {
            let what = format!("a token has 1 to {MAX_GRANTS} grants");
            return bad(&what, "grants", "name at least one path with its permissions");
        }
        if let Err(reason) = declared::grants(&self.grants) {
            return bad(&reason, "grants", "name permissions that exist for each path");
        }
        Ok(())
    }
}

impl Shown {
    fn of(id: &str, token: &Token, now: Timestamp) -> Self {
        let issued = &token.issued;
        Self {
            id: id.to_owned(),
            subject: issued.subject.clone(),
            grants: issued.grants.clone(),
            by: token.by.clone(),
            created: token.created,
            expires: issued.expires,
            revoked: token.revoked,
            valid: token.is_valid(now),
        }
    }

    /// The tokens that reach no further than `path`: those that whoever administers it may see.
    pub(crate) fn within(state: &State, path: &RepositoryPath, now: Timestamp) -> Vec<Self> {
        let tokens = state.tokens().filter(|(_, token)| is_within(token, path));
        tokens.map(|(id, token)| Self::of(id, token, now)).collect()
    }
}

/// Whether everything that a token allows lies within a path.
pub(crate) fn is_within(token: &Token, path: &RepositoryPath) -> bool {
    token.issued.grants.iter().all(|grant| grant.below.is_within(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> RepositoryPath {
        RepositoryPath::parse(text).unwrap()
    }

    fn order(below: &str, permission: &str) -> Order {
        let grants =
            vec![TokenGrant { below: path(below), permissions: vec![permission.to_owned()] }];
        Order { subject: "ci@team-a".to_owned(), grants, expires_in: "30d".parse().unwrap() }
    }

    #[test]
    fn a_token_reaches_nothing_outside_of_the_path_of_its_order() {
        let now = Timestamp::from_milliseconds(0);
        let secret = Secret::random();
        let issued = order("team/a", "publish").issued(&secret, &path("team"), now).unwrap();
        assert_eq!(issued.expires, Some(Timestamp::from_milliseconds(30 * DAY_MILLISECONDS)));
        for below in ["", "other", "teams"] {
            let refused = order(below, "read").issued(&secret, &path("team"), now).unwrap_err();
            assert_eq!(refused.code, Code::Forbidden, "{below}");
        }
    }

    #[test]
    fn an_order_that_makes_no_sense_is_refused_with_the_field() {
        let fine = order("team", "read");
        let subject = Order { subject: "a b".to_owned(), ..fine.clone() };
        let grants = Order { grants: Vec::new(), ..fine.clone() };
        let permission = order("team", "write");
        let enter = order("team", "enter");
        for (order, place) in
            [(subject, "subject"), (grants, "grants"), (permission, "grants"), (enter, "grants")]
        {
            let refusal = order.check().unwrap_err();
            assert_eq!((refusal.code, refusal.place.as_str()), (Code::BadRequest, place));
        }
        assert!(fine.check().is_ok());
        assert!(serde_json::from_str::<Order>(r#"{"subject":"a","grants":[],"day":1}"#).is_err());
    }

    #[test]
    fn a_lifetime_is_a_number_and_a_unit_or_never() {
        let of = |text: &str| text.parse::<Lifetime>().map(|it| it.milliseconds);
        assert_eq!(of("30m"), Ok(Some(30 * MINUTE_MILLISECONDS)));
        assert_eq!(of("12h"), Ok(Some(12 * HOUR_MILLISECONDS)));
        assert_eq!(of("3650d"), Ok(Some(MAX_DAYS * DAY_MILLISECONDS)));
        assert_eq!(of("never"), Ok(None));
        for wrong in
            ["", "d", "0d", "-1d", "+1d", "3651d", "12", "1y", "99999999999999999999d", "1\u{fc}"]
        {
            assert!(of(wrong).is_err(), "{wrong}");
        }
    }
}
