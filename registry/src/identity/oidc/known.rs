//! The keys of one issuer as they were fetched: which of them are fresh, and when to ask again.
//!
//! Left out: asking; that is `issuers`.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::keys::Keys;

/// Keys are fetched again after this time.
const FRESH: Duration = Duration::from_hours(1);

/// Keys that cannot be fetched again are used for this long.
const USABLE: Duration = Duration::from_hours(24);

/// After the first attempts, two are so far apart, whatever tokens ask for.
const PAUSE: Duration = Duration::from_secs(30);

/// So many attempts come without a pause.
const BURST: u32 = 4;

/// What is known of an issuer's keys.
#[derive(Default)]
pub(super) struct Known(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    keys: Option<(Arc<Keys>, Instant)>,
    /// The moment from which on all attempts of a burst are there again.
    full_at: Option<Instant>,
}

/// What there is for a token.
pub(super) enum Found {
    /// Keys with the one that is wanted, to be fetched again beside the request.
    Aged(Arc<Keys>),
    /// Keys with the one that is wanted.
    Fresh(Arc<Keys>),
    /// Keys without the one that is wanted, if there are any.
    Lacking(Option<Arc<Keys>>),
}

impl Known {
    /// What there is for a token that names this key.
    pub(super) fn find(&self, name: Option<&str>) -> Found {
        let inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let age = |at: &Instant| Instant::now().saturating_duration_since(*at);
        let Some((keys, at)) = inner.keys.as_ref().filter(|(_, at)| age(at) < USABLE) else {
            return Found::Lacking(None);
        };
        let keys = Arc::clone(keys);
        match (keys.know(name), age(at) < FRESH) {
            (true, true) => Found::Fresh(keys),
            (true, false) => Found::Aged(keys),
            (false, _) => Found::Lacking(Some(keys)),
        }
    }

    /// Takes one attempt to fetch keys; false when there were too many.
    pub(super) fn may_try(&self) -> bool {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let after = inner.full_at.map_or(now, |at| at.max(now)) + PAUSE;
        let may = after.saturating_duration_since(now) <= PAUSE * BURST;
        if may {
            inner.full_at = Some(after);
        }
        may
    }

    /// Keeps keys that were fetched.
    pub(super) fn keep(&self, keys: Keys) -> Arc<Keys> {
        let keys = Arc::new(keys);
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inner.keys = Some((Arc::clone(&keys), Instant::now()));
        keys
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> Keys {
        let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
        let set = format!(r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","kid":"a","x":"{x}"}}]}}"#);
        Keys::read(set.as_bytes()).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn keys_age_and_are_used_for_a_day_when_there_are_no_newer_ones() {
        let known = Known::default();
        assert!(matches!(known.find(None), Found::Lacking(None)));
        known.keep(keys());
        assert!(matches!(known.find(Some("a")), Found::Fresh(_)));
        assert!(matches!(known.find(Some("b")), Found::Lacking(Some(_))));
        tokio::time::advance(FRESH).await;
        assert!(matches!(known.find(Some("a")), Found::Aged(_)));
        tokio::time::advance(USABLE).await;
        assert!(matches!(known.find(Some("a")), Found::Lacking(None)));
    }

    #[tokio::test(start_paused = true)]
    async fn attempts_are_few_at_once_and_then_as_many_as_time_allows() {
        let known = Known::default();
        let attempts = |known: &Known| (0..20).filter(|_| known.may_try()).count();
        assert_eq!(attempts(&known), 4);
        tokio::time::advance(PAUSE).await;
        assert_eq!(attempts(&known), 1);
        tokio::time::advance(USABLE).await;
        assert_eq!(attempts(&known), 4);
    }
}
