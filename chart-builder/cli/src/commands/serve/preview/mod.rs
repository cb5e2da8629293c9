//! What a preview does when the topology has changed: a function from the file to an outcome, without watcher and server.
//!
//! A preview works in `.preview/`, on a copy of the topology with lock, certificates and keys of its own. The network's own
//! are never written, and never used: on the cluster a preview never meets the network itself. Only in a directory that
//! holds nothing but a topology it has the network's own name; as soon as there is a lock, a certificate or a key, it
//! goes on as another preview network, under a name and in namespaces of its own. So it does after an edit that the
//! preview's lock forbids, which is no error here: people try things out.

use std::fs;
use std::path::PathBuf;

use chart_builder::build::{self, BuildError, Built, Inputs};
use chart_builder::check::{self, Checked};
use chart_builder::curated::CuratedCharts;
use chart_builder::diagnostic::report::Style;
use chart_builder::diagnostic::{Diagnostic, Severity};
use chart_builder::directory::{
    Access, DirectoryError, Exclusive, NetworkDirectory, PublicFiles, Writer, paths,
};
use chart_builder::identities::{Format, Provided, Request};
use chart_builder::lock::Lock;
use chart_builder::model::{Crypto, NamespaceMode, Network};
use chart_builder::source::Source;
use chart_builder::spec::Spec;
use semver::Version;

use super::state::{Published, State, StateError};
use crate::commands::CommandError;
use crate::commands::identities::provide;
use crate::commands::sign::sign_all;

/// Code of the rule about names that are too long.
const NAME_TOO_LONG: &str = "FT207";

/// A preview of one network directory.
pub(super) struct Preview {
    directory: NetworkDirectory,
    home: NetworkDirectory,
    exclusive: Exclusive,
    curated: CuratedCharts,
    state: State,
}

/// What came of a look at the topology.
#[derive(Debug)]
pub(super) enum Outcome {
    /// A new version is ready to be published.
    Changed(Box<Release>),
    /// The chart is the one that was published last.
    Unchanged(Box<Release>),
    /// The topology has faults; what was published before stays. The text is for people.
    Faulty(String),
}

/// A version of the preview network.
#[derive(Debug)]
pub(super) struct Release {
    /// The chart.
    pub(super) built: Built,
    /// `kubectl` commands for its namespaces and Secrets.
    pub(super) apply: Vec<String>,
    /// Why this is another network than before, if it is.
    pub(super) new_network: Option<String>,
}

/// A preview that cannot go on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PreviewError {
    /// Its state cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
    /// Its files cannot be used.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// A version of the preview cannot be written.
    #[error("a preview of version `{base}` has no version")]
    Version {
        /// `metadata.version`.
        base: Version,
        /// Why.
        source: semver::Error,
    },
}

/// Why a look ends early.
enum Stop {
    /// The user has to change something.
    Faulty(CommandError),
    /// The preview cannot go on.
    Broken(PreviewError),
}

impl<Error: Into<PreviewError>> From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Broken(error.into())
    }
}

/// The topology as it is decided for the preview.
struct Plan {
    network: Network,
    lock: Lock,
}

impl Preview {
    /// The preview of `directory`, as the last run left it. A second one at the same time is refused.
    pub(super) fn open(
        directory: NetworkDirectory,
        curated: CuratedCharts,
    ) -> Result<Self, PreviewError> {
        let path = directory.path(paths::PREVIEW);
        Writer::new(directory.root()).directory(paths::PREVIEW, Access::Private)?;
        let home = NetworkDirectory::new(&path);
        let exclusive = home.take()?;
        // Nothing in here is to be committed, whatever the network's own .gitignore says.
        Writer::new(&path).replace(paths::GIT_IGNORE, b"*\n", Access::Public)?;
        let state = State::read(&path)?;
        Ok(Self { directory, home, exclusive, curated, state })
    }

    /// Where the embedded registry keeps what was published.
    pub(super) fn registry(&self) -> PathBuf {
        self.home.path("registry")
    }

    /// Looks at the topology and builds the next version, if there is something new.
    pub(super) fn look(&mut self) -> Result<Outcome, PreviewError> {
        let source = match self.directory.source() {
            Ok(source) => source,
            Err(error) => return Ok(faulty(&CommandError::from(error))),
        };
        match self.release(&source) {
            Ok(outcome) => Ok(outcome),
            Err(Stop::Faulty(error)) => Ok(faulty(&error)),
            Err(Stop::Broken(error)) => Err(error),
        }
    }

    /// Remembers that a version is in the registry.
    pub(super) fn published(&mut self, release: &Release) -> Result<(), PreviewError> {
        self.state.published = Some(Published {
            version: release.built.network.version.clone(),
            sha256: release.built.digest().to_string(),
        });
        self.state.new_network = None;
        Ok(self.state.write(self.home.root())?)
    }

    /// Forgets the last version, because the registry holds another chart under its number: the next look takes a new one.
    pub(super) fn forget(&mut self) {
        self.state.published = None;
    }

    fn release(&mut self, source: &Source) -> Result<Outcome, Stop> {
        let plan = self.plan(source)?;
        let site = self.site();
        let provided = self.identities(source, &plan.network)?;
        sign_all(&site, (source, &plan.network), &plan.lock).map_err(Stop::Faulty)?;
        let public = build::with_sources(&self.directory, source, site.public()?)?;
        let apply = provided.commands;
        let inputs = self.inputs(source, &plan.lock, &public);
        if let Some(built) = self.built_before(&inputs, &plan.network)? {
            let new_network = None;
            return Ok(Outcome::Unchanged(Box::new(Release { built, apply, new_network })));
        }
        let version = self.next_version(&plan.network.version)?;
        let built = self.compile(&self.inputs(source, &plan.lock, &public), &version)?;
        build::record(&site, &self.exclusive, &built.frozen).map_err(stop)?;
        let new_network = self.state.new_network.clone();
        Ok(Outcome::Changed(Box::new(Release { built, apply, new_network })))
    }

    fn inputs<'a>(
        &'a self,
        source: &'a Source,
        lock: &'a Lock,
        public: &'a PublicFiles,
    ) -> Inputs<'a> {
        Inputs { source, lock, public, curated: &self.curated, update_charts: true }
    }

    fn compile(&self, inputs: &Inputs<'_>, version: &Version) -> Result<Built, Stop> {
        let checked = check_as(inputs.source, inputs.lock, (self.state.network, Some(version)));
        build::compile_network(inputs, checked).map_err(stop)
    }

    /// The version that was published last, if it is what the topology makes now.
    fn built_before(&self, inputs: &Inputs<'_>, network: &Network) -> Result<Option<Built>, Stop> {
        let Some(published) = &self.state.published else { return Ok(None) };
        if preview_version(&network.version, self.state.counter)? != published.version {
            return Ok(None);
        }
        let built = self.compile(inputs, &published.version)?;
        Ok((built.digest().to_string() == published.sha256).then_some(built))
    }

    /// Takes the next number, durably, before anything is made with it.
    fn next_version(&mut self, base: &Version) -> Result<Version, PreviewError> {
        self.state.counter += 1;
        self.state.write(self.home.root())?;
        preview_version(base, self.state.counter)
    }

    /// Decides the network, in a new preview network if the network itself or the lock leaves no other way.
    fn plan(&mut self, source: &Source) -> Result<Plan, Stop> {
        if self.state.network == 1
            && let Some(own) = self.of_the_network_itself()
        {
            let reason = format!("`{own}` is there, and a preview never meets the network itself");
            return self.begin_network(source, reason);
        }
        let lock = self.site().lock()?;
        let checked = check_as(source, &lock, (self.state.network, None));
        if let Some(network) = checked.network {
            return Ok(Plan { network, lock });
        }
        let reasons = checked.diagnostics.iter().filter(|it| it.severity == Severity::Error);
        let reasons: Vec<&str> = reasons.map(|it| it.message.as_str()).collect();
        self.begin_network(source, reasons.join("; "))
    }

    /// What shows that the network itself was made: its lock, certificates or keys.
    fn of_the_network_itself(&self) -> Option<&'static str> {
        let parts = [paths::LOCK, paths::PUBLIC, paths::PRIVATE];
        parts.into_iter().find(|part| self.directory.path(part).exists())
    }

    /// Begins another preview network, if the topology has no fault but that it contradicts the lock.
    ///
    /// The reason is kept until a version of the new network is published: people have to read it, whatever comes between.
    fn begin_network(&mut self, source: &Source, reason: String) -> Result<Plan, Stop> {
        let number = self.state.network + 1;
        let lock = Lock::default();
        let checked = check_as(source, &lock, (number, None));
        let Some(network) = checked.network.clone() else { return Err(refused(source, checked)) };
        self.state = State {
            network: number,
            published: None,
            new_network: Some(reason),
            ..self.state.clone()
        };
        self.state.write(self.home.root())?;
        Ok(Plan { network, lock })
    }

    /// Keys and certificates of the preview's own, beside a copy of the topology.
    fn identities(&self, source: &Source, network: &Network) -> Result<Provided, Stop> {
        let site = self.site();
        fs::create_dir_all(site.root())
            .map_err(DirectoryError::io("create", site.root().to_owned()))?;
        let text = source.text().as_bytes();
        Writer::new(site.root()).replace(paths::TOPOLOGY, text, Access::Public)?;
        let request = Request { owner: None, format: Format::Manifests };
        // A preview's keys are its own: nothing is taken from a tree of real ones.
        let network = Network { crypto: Crypto::Generated, ..network.clone() };
        provide(&site, &network, &request).map_err(Stop::Faulty)
    }

    /// The directory of the preview network at hand.
    fn site(&self) -> NetworkDirectory {
        NetworkDirectory::new(self.home.path(&format!("network-{}", self.state.network)))
    }
}

/// Checks the topology as the preview network of this number; every one after the first has a name and namespaces of
/// its own.
fn check_as(source: &Source, lock: &Lock, (network, version): (u32, Option<&Version>)) -> Checked {
    let adjust = |spec: &mut Spec| {
        if let Some(version) = version {
            spec.version = Some(version.to_string());
        }
        if network > 1 {
            spec.name = spec.name.as_ref().map(|name| format!("{name}-p{network}"));
            spec.release.namespaces = Some(NamespaceMode::Prefixed);
        }
    };
    let mut checked = check::check_adjusted(source, lock, &adjust);
    if network > 1 {
        checked.diagnostics =
            checked.diagnostics.iter().cloned().map(|it| explained(it, network)).collect();
    }
    checked
}

/// A name may be too long only because of what a preview adds to it.
fn explained(mut found: Diagnostic, network: u32) -> Diagnostic {
    if found.code == NAME_TOO_LONG {
        found.fix = format!(
            "{}, or undo the last edit: this preview network adds `-p{network}` to the name, and the name to namespaces",
            found.fix
        );
    }
    found
}

/// `1.0.0` is previewed as `1.0.0-preview.<number>`: older than the version itself.
fn preview_version(base: &Version, number: u64) -> Result<Version, PreviewError> {
    let before = if base.pre.is_empty() { String::new() } else { format!("{}.", base.pre) };
    let text = format!("{}.{}.{}-{before}preview.{number}", base.major, base.minor, base.patch);
    Version::parse(&text).map_err(|source| PreviewError::Version { base: base.clone(), source })
}

fn refused(source: &Source, checked: Checked) -> Stop {
    Stop::Faulty(CommandError::refused(source.clone(), checked.diagnostics))
}

fn stop(error: BuildError) -> Stop {
    Stop::Faulty(CommandError::from(error))
}

fn faulty(error: &CommandError) -> Outcome {
    Outcome::Faulty(error.report(Style::Plain))
}

#[cfg(test)]
mod tests;
