//! Virtual repositories: several repositories under one name.
//!
//! The first member that has a version decides about it, and names that a repository here has come
//! from no upstream (`chart-registry-catalog` has the rules). Callers see the members that they may
//! read; what the others decide stays decided, so that the same version is never other bytes for
//! somebody else, and nobody is given a public package in the place of one that is kept from them.
//!
//! The merged index is made when somebody asks for it and a member has changed, once for all who see
//! the same members. Packages and manifests are looked up in the members themselves.
//!
//! Left out: writing. A path is read by those who are authorized for it, and a write would touch
//! another one.

mod reading;
mod settings;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwapOption;
use chart_registry_catalog::{Layer, Layers, Repository};
use chart_registry_store::RepositoryPath;
use futures_util::future::join_all;
use tokio::time::Instant;

use crate::access::{Identity, Permission};
use crate::refusal::{Code, Fault, Refusal};
use crate::registry::Registry;
use crate::sight::{Sight, edition};
use crate::upstream::Upstream;

pub(crate) use reading::Holders;
pub use settings::VirtualRepository;
pub(crate) use settings::faults;

/// Merged indexes of one virtual repository that are kept: one for each set of members that somebody
/// may read.
const KEPT: usize = 16;

/// The virtual repositories of a registry, by their paths.
#[derive(Default)]
pub(crate) struct Virtuals(BTreeMap<String, Virtual>);

/// One virtual repository.
pub(crate) struct Virtual {
    declared: VirtualRepository,
    mixed: Arc<[String]>,
    /// By the members that are hidden.
    places: Mutex<BTreeMap<Vec<bool>, Arc<Place>>>,
}

/// What callers see of whom the same members are hidden.
struct Place {
    made: ArcSwapOption<Made>,
    making: tokio::sync::Mutex<()>,
    asked: Mutex<Instant>,
}

struct Made {
    layers: Layers,
    edition: u64,
    repository: Arc<Repository>,
}

impl Virtuals {
    /// Makes ready what the settings name.
    pub(crate) fn new(declared: &[VirtualRepository], proxies: &[Upstream]) -> Result<Self, Fault> {
        if let Some((what, fix)) = faults(declared, proxies).into_iter().next() {
            return Err(Fault::Configuration { reason: format!("{what}: {fix}") });
        }
        let of = |it: &VirtualRepository| Virtual {
            declared: it.clone(),
            mixed: Arc::from(it.mixed_names.as_slice()),
            places: Mutex::default(),
        };
        Ok(Self(declared.iter().map(|it| (it.path.as_str().to_owned(), of(it))).collect()))
    }

    /// The virtual repository at exactly this path.
    pub(crate) fn at(&self, path: &str) -> Option<&Virtual> {
        self.0.get(path)
    }

    /// Their paths.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &RepositoryPath> {
        self.0.values().map(|it| &it.declared.path)
    }

    /// The merged repositories of a path that are in memory.
    pub(crate) fn kept(&self, path: &str) -> Vec<Arc<Repository>> {
        let Some(it) = self.at(path) else { return Vec::new() };
        let places = locked(&it.places);
        let made = places.values().filter_map(|place| place.made.load_full());
        made.map(|made| Arc::clone(&made.repository)).collect()
    }
}

impl Virtual {
    /// Why nothing can be published or changed there, with where it can be.
    pub(crate) fn refuse_write(
        &self,
        registry: &Registry,
        permission: Permission,
        may_read: impl Fn(&RepositoryPath) -> bool,
    ) -> Refusal {
        let path = &self.declared.path;
        let publishes = permission == Permission::Publish;
        let act = if publishes { "publish to" } else { "change the version in" };
        // Nobody publishes to a proxy; what it has fetched can be taken away and held.
        let takes =
            |it: &RepositoryPath| !publishes || registry.proxies().at(it.as_str()).is_none();
        let shown = |it: &&RepositoryPath| takes(it) && may_read(it);
        let targets: Vec<String> = match &self.declared.publish_to {
            Some(target) if publishes => vec![format!("`{target}`")],
            _ => self.declared.members.iter().filter(shown).map(|it| format!("`{it}`")).collect(),
        };
        let fix = match targets.as_slice() {
            [] => format!("{act} a repository that it shows; ask the registry's operator which"),
            targets => format!("{act} {}, which it shows", targets.join(" or ")),
        };
        let what = format!("`{path}` shows what other repositories have, and takes nothing itself");
        Refusal::new(Code::Forbidden, &what, &format!("repository `{path}`"), &fix)
    }

    /// What a caller sees.
    pub(crate) async fn sight(
        &self,
        registry: &Registry,
        identity: &Identity,
    ) -> Result<Sight, Fault> {
        let stale = self.freshen(registry, identity).await?;
        let hidden = self.hidden(identity);
        let made = self.made(registry, &hidden).await?;
        let words: String = hidden.iter().map(|it| if *it { '-' } else { '+' }).collect();
        let key = format!("{} {words}", self.declared.path);
        Ok(Sight { key, base: (made.edition, Arc::clone(&made.repository)), stale })
    }

    /// Which members a caller does not see.
    fn hidden(&self, identity: &Identity) -> Vec<bool> {
        let hidden = |member| !identity.may(Permission::Read, member);
        self.declared.members.iter().map(hidden).collect()
    }

    /// The members as they are now.
    fn layers(&self, registry: &Registry, hidden: &[bool]) -> Layers {
        let state = registry.state();
        let layer = |(member, hidden): (&RepositoryPath, &bool)| {
            let path = member.as_str();
            let layer = match registry.proxies().at(path) {
                Some(proxy) => {
                    let shown = proxy.repository().unwrap_or_else(|| state.repository(path));
                    Layer::upstream(&state, path, shown)
                }
                None => Layer::own(&state, path),
            };
            layer.hidden(*hidden)
        };
        let layers = self.declared.members.iter().zip(hidden).map(layer).collect();
        Layers::new(layers, Arc::clone(&self.mixed))
    }

    /// Brings proxies among the members up to date; tells which of those that the caller sees may be
    /// old.
    async fn freshen(
        &self,
        registry: &Registry,
        identity: &Identity,
    ) -> Result<Option<String>, Fault> {
        let proxies = self
            .declared
            .members
            .iter()
            .filter_map(|member| Some((member, registry.proxies().at(member.as_str())?)));
        let proxies: Vec<_> = proxies.collect();
        let asked = join_all(proxies.iter().map(|(_, proxy)| proxy.freshen(registry))).await;
        asked.into_iter().collect::<Result<(), Fault>>()?;
        let told = proxies.iter().filter_map(|(member, proxy)| {
            let failure = proxy.failure()?;
            identity.may(Permission::Read, member).then(|| format!("{member}: {failure}"))
        });
        let told: Vec<String> = told.collect();
        Ok((!told.is_empty()).then(|| told.join("; ")))
    }

    /// The merged repository for those of whom these members are hidden.
    async fn made(&self, registry: &Registry, hidden: &[bool]) -> Result<Arc<Made>, Fault> {
        let place = self.place(hidden);
        let current = |layers: &Layers| place.made.load_full().filter(|it| it.layers.is(layers));
        if let Some(made) = current(&self.layers(registry, hidden)) {
            return Ok(made);
        }
        let _making = place.making.lock().await;
        // What is there now: who waited here gets what others have made meanwhile.
        let layers = self.layers(registry, hidden);
        if let Some(made) = current(&layers) {
            return Ok(made);
        }
        let work = move || {
            let repository = layers.merged().map_err(|_| Fault::unreadable())?;
            Ok(Made { layers, edition: edition(), repository })
        };
        let stopped = |_| Fault::Stopped { part: "preparation of an index" };
        let made: Result<Made, Fault> = tokio::task::spawn_blocking(work).await.map_err(stopped)?;
        let made = Arc::new(made?);
        place.made.store(Some(Arc::clone(&made)));
        Ok(made)
    }

    fn place(&self, hidden: &[bool]) -> Arc<Place> {
        let mut places = locked(&self.places);
        let now = Instant::now();
        if let Some(place) = places.get(hidden) {
            *locked(&place.asked) = now;
            return Arc::clone(place);
        }
        if places.len() >= KEPT {
            let by_time = places.iter().map(|(key, place)| (*locked(&place.asked), key.clone()));
            let oldest = by_time.min();
            oldest.map(|(_, key)| places.remove(&key));
        }
        let place = Arc::new(Place {
            made: ArcSwapOption::empty(),
            making: tokio::sync::Mutex::default(),
            asked: Mutex::new(now),
        });
        places.insert(hidden.to_vec(), Arc::clone(&place));
        place
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
