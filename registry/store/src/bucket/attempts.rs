//! One request to an object store, and what its answer means.
//!
//! `object_store` is told to try once: only here it is known what may be tried again. Reading, listing
//! and writing of bytes under their own digest may; creating may not, because the second attempt is
//! told of the first one.

use std::time::Duration;

use object_store::Error;
use object_store::path::Path;
use tokio::time::Instant;

use crate::error::StoreError;

/// How long one request may take whose body is 1 MiB at most.
const REQUEST_LIMIT: Duration = Duration::from_secs(10);

/// How long one request may take that carries a part of something large.
const PART_LIMIT: Duration = Duration::from_mins(2);

/// How often a request is sent that may be sent again.
const ATTEMPTS: u32 = 5;

/// After so many limits of one request it is not sent again.
const PATIENCE: u32 = 2;

/// Wait after the first failure; doubled each time, 3 s together.
const FIRST_WAIT: Duration = Duration::from_millis(200);

/// What an object store says when it does not do what it was asked.
#[derive(Debug)]
pub(super) enum Refused {
    /// There is no such object.
    Absent,
    /// There is an object under this name.
    Taken(String),
    /// It will not, whenever it is asked: permissions, configuration.
    Never(String),
    /// Nobody knows what it did: it is overloaded, broken, or did not answer.
    Unknown(String),
}

impl Refused {
    pub(super) fn into_error(self, action: &'static str, path: &Path) -> StoreError {
        let path = path.to_string();
        let (reason, passing) = match self {
            Self::Absent => ("it is not there".to_owned(), false),
            Self::Taken(reason) | Self::Never(reason) => (reason, false),
            Self::Unknown(reason) => (reason, true),
        };
        StoreError::Bucket { action, path, reason, passing }
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        let text = plain(&error);
        match error {
            // A bucket that is gone is not an object that is absent.
            Error::NotFound { .. }
                if ["NoSuchBucket", "ContainerNotFound"].iter().any(|it| text.contains(it)) =>
            {
                Self::Never(text)
            }
            Error::NotFound { .. } => Self::Absent,
            Error::AlreadyExists { .. }
            | Error::Precondition { .. }
            | Error::NotModified { .. } => Self::Taken(text),
            Error::PermissionDenied { .. }
            | Error::Unauthenticated { .. }
            | Error::NotSupported { .. }
            | Error::NotImplemented { .. }
            | Error::InvalidPath { .. }
            | Error::UnknownConfigurationKey { .. } => Self::Never(text),
            _ => Self::Unknown(text),
        }
    }
}

/// What the server says about an error in its XML, or else the error in one line without control
/// characters, which a server may have sent.
fn plain(error: &Error) -> String {
    let text = error.to_string();
    let said = element(&text, "Code").zip(element(&text, "Message"));
    let text = said.map_or(text.clone(), |(code, message)| format!("{code}: {message}"));
    let words = text.split(|c: char| c.is_control() || c == ' ').filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ").chars().take(500).collect()
}

fn element<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, after) = text.split_once(&format!("<{name}>"))?;
    after.split_once(&format!("</{name}>")).map(|(content, _)| content)
}

/// One attempt.
pub(super) async fn once<T>(
    work: impl Future<Output = object_store::Result<T>>,
) -> Result<T, Refused> {
    once_within(REQUEST_LIMIT, work).await
}

async fn once_within<T>(
    limit: Duration,
    work: impl Future<Output = object_store::Result<T>>,
) -> Result<T, Refused> {
    match tokio::time::timeout(limit, work).await {
        Ok(result) => result.map_err(Refused::from),
        Err(_) => Err(Refused::Unknown(format!("no answer within {} s", limit.as_secs()))),
    }
}

/// Several attempts, as long as nobody knows what became of the last one.
pub(super) async fn often<T, Work>(work: impl FnMut() -> Work) -> Result<T, Refused>
where
    Work: Future<Output = object_store::Result<T>>,
{
    often_within(REQUEST_LIMIT, work).await
}

/// The same with a part of something large.
pub(super) async fn often_large<T, Work>(work: impl FnMut() -> Work) -> Result<T, Refused>
where
    Work: Future<Output = object_store::Result<T>>,
{
    often_within(PART_LIMIT, work).await
}

async fn often_within<T, Work>(
    limit: Duration,
    mut work: impl FnMut() -> Work,
) -> Result<T, Refused>
where
    Work: Future<Output = object_store::Result<T>>,
{
    let until = Instant::now() + limit * PATIENCE;
    let mut wait = FIRST_WAIT;
    for attempt in 1.. {
        let left = until.saturating_duration_since(Instant::now());
        let unknown = match once_within(limit.min(left), work()).await {
            // Nothing here has a condition: it is somebody else's request that is in the way.
            Err(Refused::Unknown(reason) | Refused::Taken(reason)) => reason,
            decided => return decided,
        };
        if attempt == ATTEMPTS || Instant::now() + wait >= until {
            return Err(Refused::Unknown(unknown));
        }
        tracing::debug!(reason = unknown, "a request is sent again");
        pause(wait).await;
        wait *= 2;
    }
    Err(Refused::Unknown("it was not asked".to_owned()))
}

/// Gives a bucket time to come to itself.
pub(super) async fn pause(wait: Duration) {
    tokio::time::sleep(wait).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn generic(text: &str) -> Error {
        Error::Generic { store: "S3", source: text.into() }
    }

    #[test]
    fn what_a_server_says_is_one_line_of_words() {
        let xml = "503: <Error> <Code>SlowDown</Code>\n <Message>Please\nreduce</Message></Error>";
        assert_eq!(plain(&generic(xml)), "SlowDown: Please reduce");
        let text = plain(&generic("broken\r\n\u{1b}[31mred <Code>"));
        assert_eq!(text, "Generic S3 error: broken [31mred <Code>");
        assert!(plain(&generic(&"x".repeat(9_000))).len() <= 500);
    }

    #[test]
    fn a_bucket_that_is_gone_is_not_an_object_that_is_absent() {
        let not_found = |text: &str| Error::NotFound { path: "a".to_owned(), source: text.into() };
        assert!(matches!(Refused::from(not_found("<Code>NoSuchKey</Code>")), Refused::Absent));
        for code in ["NoSuchBucket", "ContainerNotFound"] {
            let refused = Refused::from(not_found(&format!("<Code>{code}</Code>")));
            assert!(matches!(refused, Refused::Never(_)), "{code}");
        }
    }
}
