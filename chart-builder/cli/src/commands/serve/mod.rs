//! `chart-builder serve`: a preview. Builds the network, serves its chart on loopback, prints what to type next, and
//! publishes a new version whenever the topology changes.

mod preview;
mod state;
mod watch;

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use bytes::Bytes;
use chart_builder::directory::{NetworkDirectory, paths};
use chart_registry::{Code, Fault, Options, PublishError, Registry};
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;

use self::preview::{Outcome, Preview, PreviewError, Release};
use self::watch::{Changes, WatchError};
use super::build::{commands, curated, print_warnings};
use super::{CommandError, Terminal};

/// Previews a network: builds it, serves the chart on loopback, and publishes again whenever network.yaml changes.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The network directory.
    #[arg(value_name = "DIR", default_value = ".")]
    directory: PathBuf,
    /// Where the charts are served, on loopback; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8879")]
    listen: SocketAddr,
    /// A directory of curated charts to use in place of the ones in this program.
    #[arg(long, value_name = "DIR")]
    charts: Option<PathBuf>,
}

/// Why a preview ends.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServeError {
    /// Its files cannot be used.
    #[error(transparent)]
    Preview(#[from] PreviewError),
    /// The address cannot be used.
    #[error(
        "cannot listen on `{address}`: name another one with `--listen`, port 0 takes a free one"
    )]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// The address can be reached from other machines.
    #[error(
        "`{address}` can be reached from other machines, and a preview has no authentication: name a loopback address \
         with `--listen`, or serve the package with `chart-registry`"
    )]
    Exposed {
        /// The address.
        address: SocketAddr,
    },
    /// The file cannot be watched.
    #[error(transparent)]
    Watch(#[from] WatchError),
    /// The embedded registry cannot be opened.
    #[error("cannot open the registry of the preview")]
    Registry(#[from] Fault),
    /// The embedded registry does not take a package.
    #[error("cannot publish the preview")]
    Publish(#[from] PublishError),
    /// The runtime or a signal handler fails.
    #[error("cannot {action}")]
    System {
        /// What was tried.
        action: &'static str,
        /// Why not.
        source: io::Error,
    },
}

/// Runs the command until it is interrupted.
pub(crate) fn run(arguments: &Arguments, terminal: &mut Terminal<'_>) -> Result<(), CommandError> {
    if !arguments.listen.ip().is_loopback() {
        return Err(ServeError::Exposed { address: arguments.listen }.into());
    }
    let directory = NetworkDirectory::new(&arguments.directory);
    // A directory without topology is a mistake, not something to wait for.
    directory.source()?;
    let curated = curated(arguments.charts.as_deref())?;
    let preview = Preview::open(directory.clone(), curated).map_err(ServeError::from)?;
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|source| ServeError::System { action: "start the runtime", source })?;
    let changes = Changes::of(&directory.path(paths::TOPOLOGY)).map_err(ServeError::from)?;
    runtime.block_on(Server { preview, directory, terminal }.run(arguments.listen, changes))
}

/// A running preview.
struct Server<'a, 'terminal> {
    preview: Preview,
    directory: NetworkDirectory,
    terminal: &'a mut Terminal<'terminal>,
}

impl Server<'_, '_> {
    async fn run(mut self, listen: SocketAddr, mut changes: Changes) -> Result<(), CommandError> {
        let fault = |source| ServeError::Listen { address: listen, source };
        let listener = TcpListener::bind(listen).await.map_err(fault)?;
        let address = listener.local_addr().map_err(fault)?;
        // Only this process publishes: a page in a browser on this machine cannot.
        let options = Options { writable: false, ..Options::default() };
        let registry = Registry::open_with(&self.preview.registry(), options)
            .await
            .map_err(ServeError::from)?;
        let (stop, stopped) = oneshot::channel::<()>();
        let server = chart_registry::serve(listener, registry.clone(), async {
            // A dropped sender is a stop as well.
            stopped.await.ok();
        });
        let server = tokio::spawn(server);
        let ended = self.follow(&registry, address, &mut changes).await;
        drop(stop);
        let result = server.await.map_err(io::Error::other).flatten();
        ended?;
        result.map_err(|source| ServeError::System { action: "serve the charts", source })?;
        writeln!(self.terminal.talk, "stopped; the next `serve` goes on where this one ended")?;
        Ok(())
    }

    /// Looks, publishes and prints at first and after every change, until a signal comes.
    async fn follow(
        &mut self,
        registry: &Registry,
        address: SocketAddr,
        changes: &mut Changes,
    ) -> Result<(), CommandError> {
        let mut signals = Signals::new()?;
        let mut first = true;
        loop {
            self.look(registry, (address, first)).await?;
            first = false;
            writeln!(self.terminal.talk, "watching {}; Ctrl-C ends the preview", self.topology())?;
            self.terminal.talk.flush()?;
            tokio::select! {
                () = signals.next() => return Ok(()),
                told = changes.next() => told.map_err(ServeError::from)?,
            }
        }
    }

    fn topology(&self) -> String {
        self.directory.path(paths::TOPOLOGY).display().to_string()
    }

    /// One look: publishes what is new, and prints what to do with it.
    async fn look(
        &mut self,
        registry: &Registry,
        (address, first): (SocketAddr, bool),
    ) -> Result<(), CommandError> {
        loop {
            let release = match self.preview.look().map_err(ServeError::from)? {
                Outcome::Changed(release) => release,
                // What was published is published again: the registry may have been removed.
                Outcome::Unchanged(release) if first => release,
                Outcome::Unchanged(_) => {
                    writeln!(self.terminal.talk, "the chart is the same; nothing to publish")?;
                    return Ok(());
                }
                Outcome::Faulty(text) => {
                    write!(self.terminal.talk, "{text}")?;
                    writeln!(self.terminal.talk, "nothing was published; what is there stays")?;
                    return Ok(());
                }
            };
            match publish(registry, &release).await {
                Ok(()) => {
                    self.preview.published(&release).map_err(ServeError::from)?;
                    return self.print(address, &release);
                }
                Err(error) if is_conflict(&error) => self.preview.forget(),
                Err(error) => return Err(ServeError::from(error).into()),
            }
        }
    }

    /// What is there, and the commands that install it: whole, to be pasted.
    fn print(&mut self, address: SocketAddr, release: &Release) -> Result<(), CommandError> {
        let network = &release.built.network;
        if let Some(reason) = &release.new_network {
            writeln!(
                self.terminal.talk,
                "this is a new preview network, `{}`, with namespaces of its own: {reason}",
                network.name
            )?;
        }
        print_warnings(&release.built, self.terminal)?;
        writeln!(self.terminal.talk, "published {} {}. Next:", network.name, network.version)?;
        let repository = format!("{}-preview", network.name);
        let charts = release.built.charts.iter().map(|chart| {
            let release = &chart.release;
            (release, format!("{repository}/{} --version {}", release.name, network.version))
        });
        let add = format!("helm repo add {repository} http://{address} --force-update");
        let install = commands(network, charts);
        for command in release.apply.iter().chain([&add]).chain(&install) {
            writeln!(self.terminal.data, "{command}")?;
        }
        self.terminal.data.flush()?;
        Ok(())
    }
}

/// Publishes the chart of every release; what is there already is fine.
async fn publish(registry: &Registry, release: &Release) -> Result<(), PublishError> {
    for chart in &release.built.charts {
        registry.publish(Bytes::from(chart.packed.bytes.clone())).await?;
    }
    Ok(())
}

/// The registry holds another chart of this version.
fn is_conflict(error: &PublishError) -> bool {
    match error {
        PublishError::Refused(refusal) => {
            [Code::VersionExists, Code::VersionDeleted, Code::VersionTwin].contains(&refusal.code)
        }
        PublishError::Fault(_) => false,
    }
}

/// SIGINT and SIGTERM.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn new() -> Result<Self, ServeError> {
        let handler = |kind| {
            signal(kind).map_err(|source| ServeError::System { action: "wait for signals", source })
        };
        Ok(Self {
            interrupt: handler(SignalKind::interrupt())?,
            terminate: handler(SignalKind::terminate())?,
        })
    }

    /// Waits for either.
    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
