//! The build: a network directory becomes the charts of its releases.
//!
//! [`compile_network`] is pure and shows the steps by name; [`build`] and [`crate::output`] are the edges around it.
//! Nothing here looks at a clock, at randomness or into `private/`.

use std::collections::BTreeSet;

use chart_format::archive::{self, Package, PackageError, Packed};
use chart_format::digest::Sha256;

use crate::bundle::{self, BundleError, NetworkChart};
use crate::check::{self, Checked};
use crate::curated::{CuratedCharts, CuratedError};
use crate::diagnostic::{Diagnostics, Severity};
use crate::directory::{
    Access, DirectoryError, Exclusive, NetworkDirectory, PublicFiles, Writer, paths,
};
use crate::freeze::{self, Frozen};
use crate::lock::{self, Lock};
use crate::lower::{self, LowerError};
use crate::model::{Layout, Network, Release};
use crate::release_size::{self, ReleaseSize};
use crate::source::Source;
use crate::spec;

/// How a build treats what is not frozen yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// Nothing is frozen: what would have to be is an error. The network directory is only read.
    pub locked: bool,
    /// Pins of curated charts may move on to the charts at hand.
    pub update_charts: bool,
    /// The layout, where it is not the topology that says it.
    pub layout: Option<Layout>,
    /// A network that was built with another layout moves on to the one that is asked for.
    pub change_layout: bool,
}

/// Everything that a build depends on, the builder's version apart.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// The topology.
    pub source: &'a Source,
    /// What is frozen.
    pub lock: &'a Lock,
    /// Certificates, blocks and sources.
    pub public: &'a PublicFiles,
    /// The curated charts at hand.
    pub curated: &'a CuratedCharts,
    /// Pins of curated charts may move on.
    pub update_charts: bool,
}

/// The chart of one release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuiltChart {
    /// The release that it is for.
    pub release: Release,
    /// The chart.
    pub chart: Package,
    /// The chart's package with its digest.
    pub packed: Packed,
    /// What Helm will store of a release of it.
    pub release_size: ReleaseSize,
}

impl BuiltChart {
    /// `<name>-<version>.tgz`, Helm's name of a package.
    pub fn file_name(&self) -> String {
        format!("{}-{}.tgz", self.chart.metadata.name, self.chart.metadata.version)
    }
}

/// Built charts, and what the build freezes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// The topology that it was built from: places of the diagnostics are places in this text.
    pub source: Source,
    /// The decided network.
    pub network: Network,
    /// The charts, one for each release of the network.
    pub charts: Vec<BuiltChart>,
    /// The layout that the network was built with before, if this build changes it.
    pub moved_from: Option<Layout>,
    /// The lock after the build, and the blocks that are written before it.
    pub frozen: Frozen,
    /// Warnings.
    pub diagnostics: Diagnostics,
}

/// Why nothing was built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The topology, the certificates or the lock forbid it; every finding is in the list.
    #[error("the network cannot be built: {} errors", .diagnostics.count(Severity::Error))]
    Refused {
        /// The topology, to show places in.
        topology: Box<Source>,
        /// Every finding.
        diagnostics: Diagnostics,
    },
    /// A curated chart cannot be used.
    #[error(transparent)]
    Curated(#[from] CuratedError),
    /// The values cannot be made.
    #[error(transparent)]
    Lower(#[from] LowerError),
    /// The chart cannot be put together.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// The chart cannot be packed; a private key inside is one of the reasons.
    #[error(transparent)]
    Pack(#[from] PackageError),
    /// Helm could not store a release.
    #[error(
        "Helm would store about {bytes} bytes for the release `{release}`, and Kubernetes takes 1048576; above \
         {} nothing is built; every channel counts with its genesis block, in the values and in ConfigMaps, and every \
         organization with its objects: use `layout: per-owner`, or make smaller networks of it",
        release_size::LIMIT_BYTES
    )]
    TooLarge {
        /// Name of the release.
        release: String,
        /// Predicted size in bytes.
        bytes: u64,
    },
    /// `--locked`, and something is not frozen.
    #[error(
        "network.lock would change, and `--locked` forbids it; build once without it and commit network.lock and \
         public/:\n{diff}"
    )]
    NotFrozen {
        /// What would change, line by line.
        diff: String,
    },
    /// The size of a release cannot be computed.
    #[error("cannot compress the release to see its size")]
    Size(#[source] std::io::Error),
    /// A file cannot be read or written.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
}

/// Builds the charts of a network directory and freezes what is new there.
pub fn build(
    directory: &NetworkDirectory,
    curated: &CuratedCharts,
    options: Options,
) -> Result<Built, BuildError> {
    let exclusive = if options.locked { None } else { Some(directory.take()?) };
    let source = directory.source()?;
    let lock = directory.lock()?;
    let public = with_sources(directory, &source, directory.public()?)?;
    let moved = moved(&lock, options);
    let inputs = Inputs {
        source: &source,
        lock: moved.as_ref().unwrap_or(&lock),
        public: &public,
        curated,
        update_charts: options.update_charts,
    };
    let mut built = compile_network(&inputs, check_in(&inputs, options.layout))?;
    built.moved_from = moved.and(lock.network.as_ref()).map(|locked| locked.layout);
    match exclusive {
        None => refuse_changes(&lock, &built.frozen)?,
        Some(exclusive) => record(directory, &exclusive, &built.frozen)?,
    }
    Ok(built)
}

/// The lock as if the network had always had the layout that it moves on to; nothing if it stays.
fn moved(lock: &Lock, options: Options) -> Option<Lock> {
    let layout = options.layout.filter(|_| options.change_layout)?;
    let locked = lock.network.as_ref()?;
    (locked.layout != layout).then(|| lock.with_layout(layout))
}

/// Checks the topology in the layout that the command names, or the topology, or the lock.
fn check_in(inputs: &Inputs<'_>, layout: Option<Layout>) -> Checked {
    check::check_adjusted(inputs.source, inputs.lock, &|spec| {
        spec.release.layout = layout.or(spec.release.layout);
    })
}

/// The files of `public/` together with the sources that the topology names: indexes of chaincodes, and their packages.
pub fn with_sources(
    directory: &NetworkDirectory,
    source: &Source,
    mut public: PublicFiles,
) -> Result<PublicFiles, DirectoryError> {
    // What is wrong with the topology is told when it is checked.
    let spec = spec::parse(source, &mut Diagnostics::default()).spec.unwrap_or_default();
    let indexes = spec.chaincodes.iter().filter_map(|it| it.indexes.as_deref());
    let packages = spec.chaincodes.iter().filter_map(|it| it.package.as_deref());
    let sources = indexes.chain(packages);
    let directories: BTreeSet<String> = sources.filter_map(paths::source_directory).collect();
    directory.add_sources(&mut public, directories.iter().map(String::as_str))?;
    Ok(public)
}

/// From the text of a topology to packed charts. Pure: the same inputs give the same bytes.
pub fn compile(inputs: &Inputs<'_>) -> Result<Built, BuildError> {
    compile_network(inputs, check::check(inputs.source, inputs.lock))
}

/// From a checked topology to packed charts: the steps of a build, by name.
pub fn compile_network(inputs: &Inputs<'_>, checked: Checked) -> Result<Built, BuildError> {
    let Checked { network, diagnostics, tree } = checked;
    let Some(network) = network else { return Err(refused(inputs.source, diagnostics)) };
    let pins = inputs.curated.pins(lower::charts_of(&network))?;
    let frozen = freeze::freeze(&freeze::Inputs {
        network: &network,
        lock: inputs.lock,
        public: inputs.public,
        charts: &pins,
        update_charts: inputs.update_charts,
    })
    .map_err(|mut diagnostics| {
        diagnostics.locate(&tree, inputs.source);
        refused(inputs.source, diagnostics)
    })?;
    let lowered = lower::lower(&network, &frozen.material)?;
    let charts = network.releases().into_iter().zip(&lowered);
    let charts = charts.map(|(release, chart)| pack((&network, release), chart, inputs.curated));
    let charts = charts.collect::<Result<Vec<_>, _>>()?;
    let source = inputs.source.clone();
    Ok(Built { source, network, charts, moved_from: None, frozen, diagnostics })
}

/// The package of a release's chart, unless Helm could not store a release of it.
fn pack(
    (network, release): (&Network, Release),
    lowered: &NetworkChart,
    curated: &CuratedCharts,
) -> Result<BuiltChart, BuildError> {
    let chart = bundle::bundle(network, lowered, curated)?;
    let packed = archive::pack(&chart)?;
    let release_size = release_size::predict(&chart).map_err(BuildError::Size)?;
    if release_size.is_too_large() {
        return Err(BuildError::TooLarge { release: release.name, bytes: release_size.bytes });
    }
    Ok(BuiltChart { release, chart, packed, release_size })
}

impl Built {
    /// One digest over all packages, in their order; a single package's own.
    pub fn digest(&self) -> Sha256 {
        match &self.charts[..] {
            [only] => only.packed.digest,
            charts => {
                let lines =
                    charts.iter().map(|it| format!("{}  {}\n", it.packed.digest, it.file_name()));
                Sha256::of(lines.collect::<String>().as_bytes())
            }
        }
    }
}

/// Everything that a build would refuse before it makes a chart: faults of the topology, and, as far as certificates and
/// blocks are there or were frozen, what does not fit them. Pure.
///
/// Pins of curated charts are left to the build, which knows the charts at hand.
pub fn examine(source: &Source, lock: &Lock, public: &PublicFiles) -> Diagnostics {
    let Checked { network, mut diagnostics, tree } = check::check(source, lock);
    let identities = format!("{}/", paths::PUBLIC);
    let begun =
        lock.network.is_some() || public.iter().any(|(path, _)| path.starts_with(&identities));
    if let Some(network) = network.filter(|_| begun) {
        let inputs = freeze::Inputs {
            network: &network,
            lock,
            public,
            charts: &lock.charts,
            update_charts: false,
        };
        if let Err(found) = freeze::freeze(&inputs) {
            diagnostics.extend(found.iter().cloned());
            diagnostics.locate(&tree, source);
        }
    }
    diagnostics
}

fn refused(source: &Source, diagnostics: Diagnostics) -> BuildError {
    BuildError::Refused { topology: Box::new(source.clone()), diagnostics }
}

/// What `--locked` says: the lock as it is has to be the lock as it would be.
fn refuse_changes(lock: &Lock, frozen: &Frozen) -> Result<(), BuildError> {
    if *lock == frozen.lock && frozen.new_blocks.is_empty() {
        return Ok(());
    }
    let diff = lock::diff(&lock::write(lock), &lock::write(&frozen.lock));
    Err(BuildError::NotFrozen { diff })
}

/// Writes blocks first, then the lock that names them: a crash in between is made good by the next build.
pub fn record(
    directory: &NetworkDirectory,
    _exclusive: &Exclusive,
    frozen: &Frozen,
) -> Result<(), BuildError> {
    let writer = Writer::new(directory.root());
    for (path, block) in &frozen.new_blocks {
        writer.put_new(path, block, Access::Public)?;
    }
    Ok(writer.replace(paths::LOCK, lock::write(&frozen.lock).as_bytes(), Access::Public)?)
}

#[cfg(test)]
#[path = "build_tests.rs"]
mod tests;
