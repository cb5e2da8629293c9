//! Views that were made, kept as long as somebody asks for them.
//!
//! A view is brought up to date when it is asked for: a publish costs the same however many views
//! there are. Those who want the same view wait for whoever makes it; other views go on.
//!
//! A kept view holds on to what the repository was when it was last asked for, so one that nobody
//! asks for any more is forgotten.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use chart_registry_catalog::{Damaged, Repository, View, ViewSpec};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::refusal::Fault;
use crate::registry::Registry;

/// Views of one repository that are kept at the same time; the one that was not asked for longest
/// makes room.
const KEPT_VIEWS: usize = 64;

/// How long a view is kept that nobody asks for.
const KEPT_FOR: Duration = Duration::from_mins(10);

/// Name under which a repository is seen, and what is chosen of it.
type Key = (String, ViewSpec);

/// Views that are made at the same time.
const MADE_AT_ONCE: usize = 2;

/// The views that are kept.
pub(crate) struct Views {
    kept: Mutex<BTreeMap<Key, Arc<Place>>>,
    /// Whoever makes a view needs one.
    permits: Arc<Semaphore>,
}

impl Default for Views {
    fn default() -> Self {
        Self { kept: Mutex::default(), permits: Arc::new(Semaphore::new(MADE_AT_ONCE)) }
    }
}

/// The place of one view.
struct Place {
    /// The view as it was made last, and the number of the commit that it knows.
    made: ArcSwapOption<(u64, View)>,
    making: Mutex<()>,
    asked: Mutex<Instant>,
}

/// A repository and a number that is larger for a later state of it: that of the last commit, or of
/// whatever else it is made of.
pub(crate) type Base = (u64, Arc<Repository>);

impl Views {
    /// The views of a repository that are in memory.
    pub(crate) fn of_repository(&self, path: &str) -> Vec<Arc<Repository>> {
        let kept = self.lock();
        // What is merged has the members that are seen behind its path.
        let is_of_path = |name: &str| name.split(' ').next() == Some(path);
        let of_path = kept.iter().filter(|((name, _), _)| is_of_path(name));
        let made = of_path.filter_map(|(_, place)| place.made.load_full());
        made.map(|made| Arc::clone(made.1.repository())).collect()
    }

    /// The view, when it is there and up to date.
    pub(crate) fn kept(&self, key: &Key, base: &Base) -> Option<Arc<Repository>> {
        let place = self.lock().get(key).map(Arc::clone)?;
        *locked(&place.asked) = Instant::now();
        place.current(base)
    }

    /// The view, made now if need be. That may take a while.
    pub(crate) fn make(&self, key: Key, base: &Base) -> Result<Arc<Repository>, Damaged> {
        let spec = key.1.clone();
        let place = self.place(key);
        let _making = locked(&place.making);
        if let Some(repository) = place.current(base) {
            return Ok(repository);
        }
        let (seq, repository) = (base.0, Arc::clone(&base.1));
        let view = match place.made.load_full() {
            Some(before) => before.1.updated(repository)?,
            None => View::new(spec, repository)?,
        };
        let shown = Arc::clone(view.repository());
        place.made.store(Some(Arc::new((seq, view))));
        Ok(shown)
    }

    /// Forgets the views that nobody has asked for lately.
    fn forget(&self, now: Instant) {
        self.lock().retain(|_, place| now.duration_since(*locked(&place.asked)) < KEPT_FOR);
    }

    fn place(&self, key: Key) -> Arc<Place> {
        let mut kept = self.lock();
        if let Some(place) = kept.get(&key) {
            return Arc::clone(place);
        }
        let of_repository = kept.iter().filter(|((path, _), _)| *path == key.0);
        let by_time = of_repository.map(|(other, place)| (*locked(&place.asked), other.clone()));
        let mut by_time: Vec<_> = by_time.collect();
        if by_time.len() >= KEPT_VIEWS {
            by_time.sort();
            by_time.first().map(|(_, oldest)| kept.remove(oldest));
        }
        let place = Arc::new(Place {
            made: ArcSwapOption::empty(),
            making: Mutex::default(),
            asked: Mutex::new(Instant::now()),
        });
        kept.insert(key, Arc::clone(&place));
        place
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Key, Arc<Place>>> {
        locked(&self.kept)
    }
}

impl Place {
    /// What was made, when it is of this repository or of a later one.
    fn current(&self, (seq, base): &Base) -> Option<Arc<Repository>> {
        let made = self.made.load_full()?;
        let current = made.0 >= *seq || Arc::ptr_eq(made.1.base(), base);
        current.then(|| Arc::clone(made.1.repository()))
    }
}

impl Registry {
    /// A view of a repository that is seen under a name, of at least the given snapshot.
    pub(crate) async fn view(
        &self,
        (name, base): (&str, &Base),
        selection: ViewSpec,
    ) -> Result<Arc<Repository>, Fault> {
        let (key, base) = ((name.to_owned(), selection), (base.0, Arc::clone(&base.1)));
        if let Some(view) = self.views().kept(&key, &base) {
            return Ok(view);
        }
        let stopped = || Fault::Stopped { part: "preparation of an index" };
        let permit = Arc::clone(&self.views().permits).acquire_owned().await;
        let permit = permit.map_err(|_| stopped())?;
        let views = Arc::clone(self.views());
        let work = move || {
            let view = views.make(key, &base);
            drop(permit);
            view
        };
        let view = tokio::task::spawn_blocking(work).await.map_err(|_| stopped())?;
        view.map_err(|_| Fault::unreadable())
    }
}

/// Forgets unused views now and then, until the registry is gone.
pub(crate) async fn forget_unused(views: Weak<Views>) {
    let mut rounds = tokio::time::interval(KEPT_FOR / 10);
    loop {
        rounds.tick().await;
        let Some(views) = views.upgrade() else { return };
        views.forget(Instant::now());
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use chart_registry_catalog::State;

    use super::*;

    fn key(text: &str) -> Key {
        (String::new(), ViewSpec::parse(text).unwrap())
    }

    fn base(seq: u64) -> Base {
        (seq, State::default().repository(""))
    }

    #[tokio::test(start_paused = true)]
    async fn a_view_is_kept_as_long_as_it_is_asked_for() {
        let (views, first) = (Views::default(), base(1));
        assert!(views.kept(&key("latest=1"), &first).is_none());
        let made = views.make(key("latest=1"), &first).unwrap();
        let kept = views.kept(&key("latest=1"), &first).unwrap();
        assert!(Arc::ptr_eq(&made, &kept));
        // Commits elsewhere change nothing; one that it does not know does.
        assert!(views.kept(&key("latest=1"), &(5, Arc::clone(&first.1))).is_some());
        assert!(views.kept(&key("latest=1"), &base(5)).is_none());
        // Who comes with an older snapshot gets what is known already.
        views.make(key("latest=1"), &base(7)).unwrap();
        assert!(views.kept(&key("latest=1"), &base(6)).is_some());

        tokio::time::advance(KEPT_FOR / 2).await;
        assert!(views.kept(&key("latest=1"), &base(7)).is_some());
        tokio::time::advance(KEPT_FOR * 2 / 3).await;
        views.forget(Instant::now());
        assert!(views.kept(&key("latest=1"), &base(7)).is_some());
        tokio::time::advance(KEPT_FOR).await;
        views.forget(Instant::now());
        assert!(views.kept(&key("latest=1"), &base(7)).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn the_view_that_was_not_asked_for_longest_makes_room() {
        let (views, base) = (Views::default(), base(1));
        for number in 1..=KEPT_VIEWS {
            views.make(key(&format!("latest={number}")), &base).unwrap();
            tokio::time::advance(Duration::from_secs(1)).await;
        }
        assert!(views.kept(&key("latest=1"), &base).is_some());
        tokio::time::advance(Duration::from_secs(1)).await;
        views.make(key("chart=org"), &base).unwrap();
        assert!(views.kept(&key("latest=1"), &base).is_some());
        assert!(views.kept(&key("latest=2"), &base).is_none());
        assert_eq!(views.lock().len(), KEPT_VIEWS);
    }
}
