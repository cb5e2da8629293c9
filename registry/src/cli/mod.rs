//! The program `chart-registry`: its commands, its start and its end.
//!
//! Exit codes: 0 after an orderly end, 1 when the registry cannot be opened or served, 2 for a
//! configuration or flags that do not make sense, 3 after an import that left files.

mod authorization_server;
mod config;
mod descriptors;
mod export;
mod flags;
mod import;
mod operate;
mod password;
mod stopping;
mod tls;
mod token;

use std::io::Write;
use std::net::SocketAddr;
use std::num::NonZero;
use std::path::Path;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tokio::net::TcpListener;

use crate::chartmuseum::ImportError;
use crate::identity::IdentityOptions;
use crate::logging;
use crate::operations::bundle::TakeError;
use crate::operations::restore::RestoreError;
use crate::outbound::{OutboundSettings, Proxies};
use crate::refusal::Fault;
use crate::registry::{Options, Registry, Versions};
use crate::server::{serve, serve_tls};
use crate::settings::{LogFormat, Settings};
use crate::tls::TlsError;
use crate::webhooks::WebhookSettings;
use config::{Config, Faulty};
use export::Export;
use flags::Flags;
use import::{Failed, Import};
use operate::{Collect, Restore, Verify, finish};
use stopping::Signals;
use tls::Served;

/// A Helm chart repository server.
#[derive(Parser)]
#[command(name = "chart-registry", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the charts of a storage directory over HTTP.
    Serve(Flags),
    /// Look at the configuration without serving.
    #[command(subcommand)]
    Config(Config),
    /// Import what other programs have stored; exit code 3 when a file was left.
    #[command(subcommand)]
    Import(Import),
    /// Make, list and revoke tokens on the storage itself.
    Token(token::Token),
    /// Read a password from stdin and print its hash, for the users of the configuration.
    Password,
    /// Write what is stored as files: for any web server, or to carry over an air gap.
    #[command(subcommand)]
    Export(Export),
    /// Take away stored bytes that nothing needs any more; servers may run.
    Gc(Collect),
    /// Compare every stored thing with the journal; exit code 1 when something is wrong.
    Verify(Verify),
    /// Make a storage of a backup, as it was after some journal entry.
    Restore(Restore),
}

/// Why the program ends with an error.
#[derive(Debug, thiserror::Error)]
enum ServeError {
    #[error("no place for the packages is named: give `--data DIR`")]
    NoData,
    #[error("callers are declared wrongly: {}", faults.join("; "))]
    Identity { faults: Vec<String> },
    #[error(
        "`listen: {listen}` can be reached from other machines, and this registry knows nobody: \
         everybody there could publish and delete; make a first token with `chart-registry token \
         create --data {place}`, or declare users, or choose `--anonymous read`; else listen on 127.0.0.1, \
         or accept it with `--anonymous all`"
    )]
    Exposed { listen: SocketAddr, place: String },
    #[error("cannot open the storage `{place}`: {fault}")]
    Open { place: String, fault: Fault },
    #[error("cannot listen on {listen}: {source}")]
    Listen { listen: SocketAddr, source: std::io::Error },
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error("{0}; what was imported before stays")]
    Import(#[from] ImportError),
    #[error("{0}; what was imported before stays")]
    Take(TakeError),
    #[error(transparent)]
    Restore(RestoreError),
    #[error(transparent)]
    Fault(#[from] Fault),
    #[error("cannot {action}: {source}")]
    Run { action: &'static str, source: std::io::Error },
}

impl ServeError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::NoData | Self::Identity { .. } | Self::Exposed { .. } => ExitCode::from(2),
            Self::Open { .. }
            | Self::Listen { .. }
            | Self::Tls(_)
            | Self::Import(_)
            | Self::Take(_)
            | Self::Restore(_)
            | Self::Fault(_)
            | Self::Run { .. } => ExitCode::FAILURE,
        }
    }
}

/// Runs the program.
pub fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Serve(flags) => start(flags),
        Command::Config(command) => match command.run() {
            Ok(text) => config::print(&text).map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS),
            Err(Faulty(faults)) => complain(&faults.join("\n"), ExitCode::from(2)),
        },
        Command::Export(command) => finish(command.run()),
        Command::Gc(command) => finish(command.run()),
        Command::Verify(command) => finish(command.run()),
        Command::Restore(command) => finish(command.run()),
        Command::Import(command) => match command.run() {
            Ok((text, complete)) => match config::print(&text) {
                Ok(()) if complete => ExitCode::SUCCESS,
                Ok(()) => ExitCode::from(3),
                Err(_) => ExitCode::FAILURE,
            },
            Err(Failed::Faulty(Faulty(faults))) => complain(&faults.join("\n"), ExitCode::from(2)),
            Err(Failed::Error(error)) => complain(&error.to_string(), error.exit_code()),
        },
        Command::Token(token) => tool(token::run(token)),
        Command::Password => tool(password::run()),
    }
}

/// Without a stderr the exit code says it.
fn complain(text: &str, code: ExitCode) -> ExitCode {
    drop(writeln!(std::io::stderr(), "{text}"));
    code
}

/// The end of a command that prints its answer itself.
fn tool<E: std::fmt::Display>(result: Result<(), E>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => complain(&error.to_string(), ExitCode::FAILURE),
    }
}

fn start(flags: Flags) -> ExitCode {
    let loaded = match config::load(flags) {
        Ok(loaded) => loaded,
        Err(Faulty(faults)) => {
            logging::install(LogFormat::Text);
            for fault in faults {
                tracing::error!("{fault}");
            }
            return ExitCode::from(2);
        }
    };
    logging::install(loaded.settings.log_format);
    for notice in &loaded.notices {
        tracing::info!("{notice}");
    }
    match run(loaded.settings) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            error.exit_code()
        }
    }
}

/// A worker for each two processors: what takes long runs on threads of its own, and workers that wake
/// each other cost a small answer more than they give.
fn run(settings: Settings) -> Result<(), ServeError> {
    let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(processors.div_ceil(2))
        .enable_all()
        .build()
        .map_err(|source| failed("start the workers", source))?;
    runtime.block_on(running(settings))
}

async fn running(settings: Settings) -> Result<(), ServeError> {
    let listen = settings.listen;
    let Some(storage) = settings.data() else { return Err(ServeError::NoData) };
    let to_import = settings.import.clone();
    let tls = tls::load(&settings.tls, &storage, listen)?;
    // Caught from here on: a signal during the start ends the program in order, too.
    let signals = Signals::new().map_err(|source| failed("watch for signals", source))?;
    let delay = settings.drain_delay;
    let registry = Registry::open_at(&storage, options(settings)?)
        .await
        .map_err(|fault| ServeError::Open { place: storage.to_string(), fault })?;
    if !listen.ip().is_loopback() && registry.is_open_to_everybody() {
        return Err(ServeError::Exposed { listen, place: storage.to_string() });
    }
    if let Some(from) = to_import.chartmuseum {
        import::at_start(&registry, &from, (storage, to_import.depth)).await?;
    }
    let listener =
        TcpListener::bind(listen).await.map_err(|source| ServeError::Listen { listen, source })?;
    let address = listener.local_addr().map_err(|source| failed("read the address", source))?;
    let state = registry.state();
    let versions = state.visible_versions();
    let scheme = if tls.is_some() { "https" } else { "http" };
    tracing::info!(seq = state.head().seq, versions, "listening on {scheme}://{address}");
    announce(scheme, address);
    let stop = signals.stop(registry.clone(), delay);
    let served = match tls {
        Some(Served { tls, authority }) => {
            if let Some(file) = authority {
                tell_trust(&file, address);
            }
            serve_tls(listener, registry, tls, stop).await
        }
        None => serve(listener, registry, stop).await,
    };
    served.map_err(|source| failed("serve", source))?;
    tracing::info!("stopped");
    Ok(())
}

/// What the settings say to the registry itself.
fn options(settings: Settings) -> Result<Options, ServeError> {
    let basic = settings.basic_user.as_deref().zip(settings.basic_password.as_ref());
    let identity = IdentityOptions::new(settings.anonymous, &settings.identity, basic)
        .map_err(|faults| ServeError::Identity { faults })?;
    let server = authorization_server::load(&settings.authorization_server)
        .map_err(|fault| ServeError::Identity { faults: vec![fault] })?;
    let identity = match server {
        Some(server) => identity.with_authorization_server(server),
        None => identity,
    };
    Ok(Options {
        max_upload_bytes: settings.max_upload_bytes,
        max_blob_bytes: settings.max_blob_bytes,
        writable: !settings.read_only,
        deletes: settings.deletes,
        versions: if settings.strict_versions { Versions::Full } else { Versions::Loose },
        serves_metrics: settings.metrics,
        allowed_origin: settings.allowed_origin,
        form_fields: settings.form_fields,
        artifact_hub: settings.artifact_hub,
        base_path: settings.base_path,
        identity,
        external_url: settings.external_url,
        drain: settings.drain,
        trusted_proxies: settings.trusted_proxies,
        collect_every: settings.collect_every,
        keep_deleted: settings.keep_deleted,
        outbound: OutboundSettings { proxies: Proxies::from_environment(), ..settings.outbound },
        connections: descriptors::room(settings.connections),
        proxies: settings.proxies,
        virtuals: settings.virtuals,
        webhooks: WebhookSettings { hooks: settings.webhooks, ..WebhookSettings::default() },
        ..Options::default()
    })
}

/// Tells the address on stdout, whatever the log leaves out: with port 0 nobody knows it otherwise.
fn announce(scheme: &str, address: SocketAddr) {
    if let Err(error) = writeln!(std::io::stdout(), "{scheme}://{address}") {
        tracing::debug!(%error, "nobody reads stdout");
    }
}

/// Says how clients come to trust a certificate for development.
fn tell_trust(authority: &Path, address: SocketAddr) {
    let (file, port) = (authority.display(), address.port());
    tracing::info!(
        "the certificate is for development; a client that is to trust this server needs its \
         authority: `helm repo add NAME https://localhost:{port} --ca-file {file}`, \
         `curl --cacert {file} https://localhost:{port}/index.yaml`"
    );
}

fn failed(action: &'static str, source: std::io::Error) -> ServeError {
    ServeError::Run { action, source }
}
