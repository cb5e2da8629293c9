//! One request to an object store, and what its answer means.
//!
//! `object_store` is told to try once: only here it is known what may be tried again. Reading, listing
//! and writing of bytes under their own digest may; creating may not, because the second attempt is
//! told of the first one.

use std::time::Duration;

use object_store::Error;
use object_store::path::Path;

use crate::error::StoreError;

/// How long one request may take, with its body of a few MiB at most.
const REQUEST_LIMIT: Duration = Duration::from_secs(20);

/// How often a request is sent that may be sent again.
const ATTEMPTS: u32 = 5;

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

/// The error in one line without control characters, which a server may have sent.
fn plain(error: &Error) -> String {
    let text: String = error.to_string().chars().take(500).collect();
    text.split(|c: char| c.is_control() || c == ' ')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// One attempt.
pub(super) async fn once<T>(
    work: impl Future<Output = object_store::Result<T>>,
) -> Result<T, Refused> {
    match tokio::time::timeout(REQUEST_LIMIT, work).await {
        Ok(result) => result.map_err(Refused::from),
        Err(_) => Err(Refused::Unknown(format!("no answer within {} s", REQUEST_LIMIT.as_secs()))),
    }
}

/// Several attempts, as long as nobody knows what became of the last one.
pub(super) async fn often<T, Work>(mut work: impl FnMut() -> Work) -> Result<T, Refused>
where
    Work: Future<Output = object_store::Result<T>>,
{
    let mut wait = FIRST_WAIT;
    for _ in 1..ATTEMPTS {
        match once(work()).await {
            Err(Refused::Unknown(reason)) => tracing::debug!(reason, "a request is sent again"),
            decided => return decided,
        }
        pause(wait).await;
        wait *= 2;
    }
    once(work()).await
}

/// Gives a bucket time to come to itself.
pub(super) async fn pause(wait: Duration) {
    tokio::time::sleep(wait).await;
}
