//! One webhook: from its position on, one event after the other, until each is taken.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use chart_registry_catalog::State;
use chart_registry_store::{SealedCommit, Store};
use tokio::sync::watch;
use tokio::time::sleep;

use super::board::{Board, Failure};
use super::event::{CloudEvent, Wanted};
use super::settings::{OnRefusal, Pace, Webhook};
use super::signature::Secrets;
use crate::committer::now;
use crate::outbound::{Client, Limits, Outbound, Request, Response};
use crate::refusal::Fault;
use crate::registry::Options;

const ID: HeaderName = HeaderName::from_static("webhook-id");
const TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
const SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");

/// Commits that are read at once.
const BATCH: u64 = 64;

/// Most bytes of an answer; nobody looks at them.
const ANSWER_BYTES: u64 = 64 << 10;

/// A webhook, ready to be told something.
pub(super) struct Hook {
    webhook: Webhook,
    wanted: Wanted,
    secrets: Secrets,
    client: Client,
}

impl Hook {
    pub(super) async fn prepare(
        webhook: &Webhook,
        options: &Options,
        outbound: &Outbound,
    ) -> Result<Self, Fault> {
        let named = std::slice::from_ref(webhook.url.url());
        Ok(Self {
            webhook: webhook.clone(),
            wanted: Wanted::new(webhook, &options.base_path),
            secrets: Secrets::read(&webhook.secret_file).await?,
            client: outbound.client(named, &[]).map_err(Fault::Outbound)?,
        })
    }

    pub(super) fn name(&self) -> &str {
        self.webhook.name.as_str()
    }

    /// Sends an event once.
    async fn send(&self, event: &CloudEvent, answer: Duration) -> Result<(), Refused> {
        let seconds = u64::try_from(now().milliseconds() / 1_000).unwrap_or_default();
        let signature = self.secrets.sign(&event.id, seconds, &event.body);
        let limits = Limits { bytes: ANSWER_BYTES, time: answer };
        let mut request = Request::post(self.webhook.url.url().clone(), event.body.clone(), limits);
        let content_type = "application/cloudevents+json; charset=utf-8".to_owned();
        for (name, value) in [
            (CONTENT_TYPE, content_type),
            (ID, event.id.clone()),
            (TIMESTAMP, seconds.to_string()),
            (SIGNATURE, signature),
        ] {
            // All of these are plain text that we made.
            if let Ok(value) = HeaderValue::from_str(&value) {
                request = request.header(name, value);
            }
        }
        let response = self.client.send(request).await;
        let response = response.map_err(|error| Refused::passing(error.to_string()))?;
        judge(response).await
    }
}

/// Why an event was not taken.
struct Refused {
    reason: String,
    /// True when the receiver says that the event itself is wrong.
    for_good: bool,
    /// How long the receiver asks us to wait.
    wait: Option<Duration>,
}

impl Refused {
    fn passing(reason: String) -> Self {
        Self { reason, for_good: false, wait: None }
    }
}

async fn judge(response: Response) -> Result<(), Refused> {
    let status = response.status();
    let wait = response.header(RETRY_AFTER.as_str()).and_then(|text| text.trim().parse().ok());
    // Read to its end a connection can be used again; that it was taken is clear already.
    let _unread = response.bytes().await;
    if status.is_success() {
        return Ok(());
    }
    let passing = [
        StatusCode::UNAUTHORIZED,
        StatusCode::FORBIDDEN,
        StatusCode::NOT_FOUND,
        StatusCode::REQUEST_TIMEOUT,
        StatusCode::TOO_EARLY,
        StatusCode::TOO_MANY_REQUESTS,
    ];
    let for_good = status.is_client_error() && !passing.contains(&status);
    let hint = if status.is_redirection() { "; name the URL that it redirects to" } else { "" };
    let reason = format!("the receiver answered {status}{hint}");
    Err(Refused { reason, for_good, wait: wait.map(Duration::from_secs) })
}

/// The work for one webhook during a turn.
pub(super) struct Delivery {
    pub(super) store: Store,
    pub(super) state: Arc<ArcSwap<State>>,
    pub(super) applied: watch::Receiver<u64>,
    pub(super) hook: Arc<Hook>,
    pub(super) board: Arc<Board>,
    pub(super) pace: Pace,
    /// Number of the last commit that the webhook was told.
    pub(super) position: u64,
    /// Becomes true when the turn ends: what is on its way is waited for, nothing new begins.
    pub(super) ending: watch::Receiver<bool>,
}

/// The turn has ended.
struct Ended;

impl Delivery {
    /// Works until the turn or the registry ends, or the task is aborted.
    pub(super) async fn run(mut self) {
        while let Ok(()) = self.tell_what_is_new().await {}
    }

    async fn tell_what_is_new(&mut self) -> Result<(), Ended> {
        let position = self.position;
        let mut failures = 0;
        tokio::select! {
            more = self.applied.wait_for(|seq| *seq > position) => more.map(drop).map_err(|_| Ended)?,
            _ = self.ending.wait_for(|ending| *ending) => return Err(Ended),
        }
        loop {
            match self.read().await {
                Ok(commits) => {
                    for (seq, events) in commits {
                        self.tell_all(&events).await?;
                        self.position = seq;
                        self.board.reached(self.hook.name(), seq, !events.is_empty());
                    }
                    return Ok(());
                }
                Err(fault) => {
                    failures += 1;
                    self.failed(Refused::passing(fault.to_string()), failures).await?;
                }
            }
        }
    }

    /// The numbers of the next commits, with what is to be told of each.
    async fn read(&self) -> Result<Vec<(u64, Vec<CloudEvent>)>, Fault> {
        let head = self.state.load().head().seq;
        let count = head.saturating_sub(self.position).min(BATCH);
        let mut commits = Vec::new();
        let first = self.position + 1;
        for (seq, bytes) in (first..).zip(self.store.read_commits(first, count).await?) {
            let commit = SealedCommit::parse(seq, bytes)?;
            commits.push((seq, self.hook.wanted.of(&commit)?));
        }
        Ok(commits)
    }

    async fn tell_all(&mut self, events: &[CloudEvent]) -> Result<(), Ended> {
        for event in events {
            self.tell(event).await?;
        }
        Ok(())
    }

    /// Sends an event until it is taken, or passed over.
    async fn tell(&mut self, event: &CloudEvent) -> Result<(), Ended> {
        let mut failures = 0;
        loop {
            if *self.ending.borrow() {
                return Err(Ended);
            }
            let Err(refused) = self.hook.send(event, self.pace.answer).await else {
                self.board.delivered(self.hook.name());
                return Ok(());
            };
            if refused.for_good && self.hook.webhook.on_refusal == OnRefusal::Skip {
                let (hook, id, reason) = (self.hook.name(), &event.id, &refused.reason);
                tracing::warn!(hook, id, reason, "an event is passed over");
                self.board.skipped(hook, refused.reason);
                return Ok(());
            }
            failures += 1;
            self.failed(refused, failures).await?;
        }
    }

    /// Says why something failed, and waits until it is tried again.
    async fn failed(&mut self, refused: Refused, failures: u32) -> Result<(), Ended> {
        let (hook, wait) = (self.hook.name(), self.wait(failures, refused.wait));
        if failures == 1 {
            let reason = &refused.reason;
            tracing::warn!(hook, reason, "a webhook is not taken; it is sent again");
        }
        self.board.failed(hook, Failure { reason: refused.reason, failures, wait });
        tokio::select! {
            () = sleep(wait) => Ok(()),
            _ = self.ending.wait_for(|ending| *ending) => Err(Ended),
        }
    }

    /// Doubled with each failure, a little apart for each, and never beyond the longest wait.
    fn wait(&self, failures: u32, asked: Option<Duration>) -> Duration {
        let factor = 1_u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX);
        let doubled = self.pace.first_wait.saturating_mul(factor).min(self.pace.longest_wait);
        let apart = doubled.mul_f64(rand::random_range(0.8..1.0));
        apart.max(asked.unwrap_or_default()).min(self.pace.longest_wait)
    }
}
