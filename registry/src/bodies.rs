//! Bodies that are being sent, and what they hold in memory.
//!
//! A body is read from the snapshot that was there when its request came. What is published
//! meanwhile replaces parts of it, which stay in memory until the body is sent. Slow readers could
//! so hold any amount of memory; when all of them together hold too much, the slowest lose their
//! bodies. What they hold is computed now and then from the snapshots, so that publishing counts
//! nothing.
//!
//! Left out: connections that do not move at all ([`crate::paced`]); packages, which are read from
//! the disk piece by piece.

use std::collections::BTreeMap;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use arc_swap::ArcSwap;
use bytes::Bytes;
use chart_registry_catalog::{Repository, State, held_beyond};
use futures_util::Stream;
use tokio::time::Instant;

use crate::merged::Virtuals;
use crate::upstream::Proxies;
use crate::views::Views;

/// What the readers of old snapshots may hold in memory together.
const MOST_HELD_BYTES: u64 = 64 << 20;

/// Time between two looks.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Time between two looks when much is held already: somebody may publish a lot in a second.
const LOOK_SOON: Duration = Duration::from_millis(200);

/// The bodies that are being sent.
#[derive(Default)]
pub(crate) struct Bodies {
    sending: Mutex<BTreeMap<u64, Arc<Sending>>>,
    next: AtomicU64,
}

/// The frames of a body that are still to come.
type Frames = Box<dyn Iterator<Item = io::Result<Bytes>> + Send>;

/// One body.
struct Sending {
    /// Path of the repository.
    path: String,
    began: Instant,
    sent: AtomicU64,
    /// What is still to come; nothing when the body was taken away.
    rest: Mutex<Option<(Arc<Repository>, Frames)>>,
}

/// A body with the snapshot that it reads.
type Watched = (Arc<Sending>, Arc<Repository>);

/// A body as a stream; it ends with an error when it was taken away.
pub(crate) struct SentBody {
    number: u64,
    sending: Arc<Sending>,
    bodies: Arc<Bodies>,
}

impl Bodies {
    /// The stream of these frames of a repository at `path`, or of a view of it.
    pub(crate) fn send(
        self: &Arc<Self>,
        path: &str,
        repository: Arc<Repository>,
        frames: impl Iterator<Item = io::Result<Bytes>> + Send + 'static,
    ) -> SentBody {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let sending = Arc::new(Sending {
            path: path.to_owned(),
            began: Instant::now(),
            sent: AtomicU64::new(0),
            rest: Mutex::new(Some((repository, Box::new(frames)))),
        });
        locked(&self.sending).insert(number, Arc::clone(&sending));
        SentBody { number, sending, bodies: Arc::clone(self) }
    }

    /// Takes bodies away from the slowest until what is held is at most `limit`; gives their number,
    /// and the bytes that are held then.
    ///
    /// `present` gives the snapshots of a path that are in memory in any case.
    fn relieve(&self, present: &dyn Fn(&str) -> Vec<Arc<Repository>>, limit: u64) -> (usize, u64) {
        let mut held = Vec::new();
        for (path, bodies) in self.by_path() {
            let old: Vec<_> = bodies.iter().map(|(_, repository)| Arc::clone(repository)).collect();
            let bytes = held_beyond(&present(&path), &old);
            held.extend(bodies.into_iter().map(|(sending, _)| sending).zip(bytes));
        }
        let mut total: u64 = held.iter().map(|(_, bytes)| bytes).sum();
        let now = Instant::now();
        held.sort_by_key(|(sending, _)| sending.bytes_per_second(now));
        let mut taken = 0;
        for (sending, bytes) in held {
            if total <= limit {
                break;
            }
            total -= bytes;
            taken += 1;
            *locked(&sending.rest) = None;
        }
        (taken, total)
    }

    /// The bodies by the path of their repository, the fastest first: what two of them hold counts
    /// for the faster one, so that taking away the slower one frees what is counted for it.
    fn by_path(&self) -> BTreeMap<String, Vec<Watched>> {
        let all: Vec<_> = locked(&self.sending).values().map(Arc::clone).collect();
        let now = Instant::now();
        let mut paths: BTreeMap<String, Vec<Watched>> = BTreeMap::new();
        for sending in all {
            let repository = locked(&sending.rest).as_ref().map(|(it, _)| Arc::clone(it));
            if let Some(repository) = repository {
                paths.entry(sending.path.clone()).or_default().push((sending, repository));
            }
        }
        for bodies in paths.values_mut() {
            bodies.sort_by_key(|(sending, _)| std::cmp::Reverse(sending.bytes_per_second(now)));
        }
        paths
    }
}

impl Sending {
    fn bytes_per_second(&self, now: Instant) -> u64 {
        let seconds = now.duration_since(self.began).as_secs() + 1;
        self.sent.load(Ordering::Relaxed) / seconds
    }
}

impl Stream for SentBody {
    type Item = io::Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        let mut rest = locked(&self.sending.rest);
        let Some((_, frames)) = rest.as_mut() else {
            let reason = "the reader was too slow, and its snapshot was needed no longer";
            return Poll::Ready(Some(Err(io::Error::new(io::ErrorKind::TimedOut, reason))));
        };
        let frame = frames.next();
        let length = frame.as_ref().and_then(|frame| Some(frame.as_ref().ok()?.len() as u64));
        self.sending.sent.fetch_add(length.unwrap_or(0), Ordering::Relaxed);
        Poll::Ready(frame)
    }
}

impl Drop for SentBody {
    fn drop(&mut self) {
        locked(&self.bodies.sending).remove(&self.number);
    }
}

/// The snapshots of a path that are in memory, whoever reads them.
pub(crate) fn present(
    state: &Arc<ArcSwap<State>>,
    views: &Arc<Views>,
    (proxies, virtuals): &(Arc<Proxies>, Arc<Virtuals>),
) -> impl Fn(&str) -> Vec<Arc<Repository>> + Send + 'static {
    let (state, views) = (Arc::downgrade(state), Arc::downgrade(views));
    let (proxies, virtuals) = (Arc::downgrade(proxies), Arc::downgrade(virtuals));
    move |path| {
        let stored = state.upgrade().map(|state| state.load().repository(path));
        let views = views.upgrade().map(|views| views.of_repository(path));
        let shown = proxies.upgrade().and_then(|it| it.at(path)?.repository());
        let merged = virtuals.upgrade().map(|it| it.kept(path));
        let made = views.into_iter().chain(merged).flatten();
        stored.into_iter().chain(shown).chain(made).collect()
    }
}

/// Watches what bodies hold until the registry is gone; `present` gives the snapshots of a path that
/// are in memory in any case.
pub(crate) async fn watch(bodies: Weak<Bodies>, present: impl Fn(&str) -> Vec<Arc<Repository>>) {
    let mut pause = LOOK_EVERY;
    loop {
        tokio::time::sleep(pause).await;
        let Some(bodies) = bodies.upgrade() else { return };
        let (taken, held) = bodies.relieve(&present, MOST_HELD_BYTES);
        pause = if held > MOST_HELD_BYTES / 4 { LOOK_SOON } else { LOOK_EVERY };
        if taken > 0 {
            tracing::warn!(bodies = taken, "slow readers held too much memory and were cut off");
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use chart_registry_store::{Event, Timestamp};
    use futures_util::StreamExt;

    use super::*;

    /// Snapshots of a repository with one version more each.
    fn snapshots(count: u64) -> Vec<Arc<Repository>> {
        let mut state = State::default();
        let digest = "0".repeat(64);
        (0..count)
            .map(|number| {
                let version = format!("1.{number}.0");
                let publish = serde_json::json!({
                    "repo": "", "name": "org", "version": version, "request": "",
                    "actor": { "sub": "test", "via": "test" },
                    "package": { "sha256": digest, "size": 1 }, "content": digest,
                    "chart": { "name": "org", "version": version },
                });
                let publish = serde_json::from_str(&publish.to_string()).unwrap();
                let event = Event::Publish(publish);
                state = state.with_event(&event, number + 1, Timestamp::default()).unwrap();
                state.repository("")
            })
            .collect()
    }

    #[tokio::test(start_paused = true)]
    async fn the_slowest_lose_their_bodies_until_the_others_fit() {
        let bodies = Arc::new(Bodies::default());
        let states = snapshots(40);
        let mut streams: Vec<_> = states
            .iter()
            .map(|repository| {
                let frames = [vec![0; 100], vec![0; 100]].map(|frame| Ok(Bytes::from(frame)));
                bodies.send("", Arc::clone(repository), frames.into_iter())
            })
            .collect();
        // The first ten have not moved.
        for stream in &mut streams[10..] {
            assert_eq!(stream.next().await.unwrap().unwrap().len(), 100);
        }
        let present = |_: &str| vec![Arc::clone(&states[39])];
        assert_eq!(bodies.relieve(&present, u64::MAX).0, 0);
        let held = held_beyond(&present(""), &states[10..]).iter().sum();
        let (taken, _) = bodies.relieve(&present, held);
        assert_eq!(taken, 10);
        for (number, stream) in streams.iter_mut().enumerate() {
            assert_eq!(stream.next().await.unwrap().is_ok(), number >= 10, "{number}");
        }
        assert_eq!(
            bodies.relieve(&present, 0),
            (29, 0),
            "the present snapshot is in memory anyway"
        );
        drop(streams);
        assert!(locked(&bodies.sending).is_empty());
    }
}
