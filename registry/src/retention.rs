//! Versions that go by rule: first a plan, then the deletions of exactly that plan.
//!
//! Nothing goes while the clock cannot be trusted: a clock that jumps forward makes everything old.

use chart_format::digest::Hasher;
use chart_registry_catalog::policy::retained;
use chart_registry_store::{Delete, Event, Timestamp};
use serde::Serialize;

use crate::clock::{Clocks, TRUSTED_MILLISECONDS};
use crate::refusal::{Code, PublishError, Refusal};
use crate::registry::{Origin, Registry};

/// Deletions in one commit.
const GROUP: usize = 64;

/// The versions that the rules let go.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Plan {
    /// What somebody sends who wants exactly this to happen.
    #[serde(rename = "plan")]
    pub(crate) name: String,
    /// Versions that go, by name, newest first.
    pub(crate) versions: Vec<Going>,
    /// Bytes of their packages.
    pub(crate) bytes: u64,
    /// Whether they have gone.
    pub(crate) deleted: bool,
}

/// A version that goes.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Going {
    name: String,
    version: String,
    created: Timestamp,
    size: u64,
}

impl Registry {
    /// What the rules at a repository let go now.
    pub(crate) fn retention_plan(&self, repository: &str) -> Result<Plan, Refusal> {
        let now = self.trusted_time(Clocks::now())?;
        let state = self.state();
        let (_, policy) = state.policy(repository);
        let content = state.repository(repository);
        let going = retained(&policy, &content, now);
        let mut hasher = Hasher::new();
        let (mut versions, mut bytes) = (Vec::with_capacity(going.len()), 0);
        for entry in going {
            hasher.update(format!("{}\n{}\n", entry.chart, entry.version).as_bytes());
            bytes += entry.package.size;
            versions.push(Going {
                name: entry.chart.to_string(),
                version: entry.version.to_string(),
                created: entry.created,
                size: entry.package.size,
            });
        }
        Ok(Plan { name: hasher.finish().to_string(), versions, bytes, deleted: false })
    }

    /// Deletes what a plan names, if it is still what the rules say.
    pub(crate) async fn retain(&self, origin: Origin, plan: &str) -> Result<Plan, PublishError> {
        self.refuse_when_blocked()?;
        let found = self.retention_plan(&origin.repository)?;
        if found.name != plan {
            let what = "the rules let other versions go now than those in the plan";
            let fix = "ask with ?dry-run again, look at its answer, and send its `plan`";
            return Err(Refusal::new(Code::PolicyChanged, what, "parameter plan", fix).into());
        }
        for group in found.versions.chunks(GROUP) {
            let delete = |going: &Going| {
                let Origin { actor, request, repository: repo } = origin.clone();
                let (name, version) = (going.name.clone(), going.version.clone());
                Event::Delete(Delete { repo, name, version, actor, request })
            };
            self.commit_all(group.iter().map(delete).collect()).await?;
        }
        Ok(Plan { deleted: true, ..found })
    }

    fn trusted_time(&self, clocks: Clocks) -> Result<Timestamp, Refusal> {
        let set = clocks.set_since(self.clocks_at_start());
        let behind = self.state().time().milliseconds() - clocks.wall.milliseconds();
        if set.abs() <= TRUSTED_MILLISECONDS && behind <= TRUSTED_MILLISECONDS {
            return Ok(clocks.wall);
        }
        let what = format!(
            "the clock was set by {} s since the start, and is {} s behind the journal",
            set / 1_000,
            behind.max(0) / 1_000
        );
        let fix = "set the clock right and restart the registry; nothing is deleted meanwhile";
        Err(Refusal::new(Code::ClockJumped, &what, "clock", fix))
    }
}
