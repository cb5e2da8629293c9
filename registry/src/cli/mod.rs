//! The program `chart-registry`: its flags, its start and its end.
//!
//! Exit codes: 0 after an orderly end, 1 when the registry cannot be opened or served, 2 for flags
//! that do not make sense.

mod tls;

use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::logging::{self, LogFormat};
use crate::refusal::Fault;
use crate::registry::{Options, Registry};
use crate::server::{serve, serve_tls};
use crate::target::base_path;
use crate::tls::TlsError;
use tls::{Served, TlsFlags};

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
    Serve(Serve),
}

#[derive(Args)]
struct Serve {
    /// Directory that holds the packages and their journal; made when it does not exist.
    #[arg(long, value_name = "DIR")]
    storage: PathBuf,

    /// Address and port to listen on; port 0 takes a free one, which the log names.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,

    /// Largest package that is taken, in bytes.
    #[arg(long, value_name = "BYTES", default_value_t = Options::default().max_upload_bytes)]
    max_upload_bytes: u64,

    /// Largest blob that OCI clients push, in bytes.
    #[arg(long, value_name = "BYTES", default_value_t = Options::default().max_blob_bytes)]
    max_blob_bytes: u64,

    /// Path that clients reach the registry under, when a proxy passes it on as it is.
    #[arg(long, value_name = "PATH", default_value = "", value_parser = base_path)]
    base_path: String,

    /// Let everybody who reaches a non-loopback address publish and delete.
    #[arg(long, conflicts_with = "read_only")]
    allow_anonymous_publish: bool,

    /// Refuse every publish and delete.
    #[arg(long)]
    read_only: bool,

    #[command(flatten)]
    tls: TlsFlags,

    /// How log lines on stderr look.
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    log_format: LogFormat,
}

/// Why the program ends with an error.
#[derive(Debug, thiserror::Error)]
enum ServeError {
    #[error(
        "`--listen {listen}` can be reached from other machines, and this version knows no users: \
         everybody there could publish and delete; listen on 127.0.0.1, or choose `--read-only`, or \
         accept it with `--allow-anonymous-publish`"
    )]
    Exposed { listen: SocketAddr },
    #[error("cannot open the storage `{}`: {fault}", path.display())]
    Open { path: PathBuf, fault: Fault },
    #[error("cannot listen on {listen}: {source}")]
    Listen { listen: SocketAddr, source: std::io::Error },
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error("cannot {action}: {source}")]
    Run { action: &'static str, source: std::io::Error },
}

impl ServeError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Exposed { .. } => ExitCode::from(2),
            Self::Open { .. } | Self::Listen { .. } | Self::Tls(_) | Self::Run { .. } => {
                ExitCode::FAILURE
            }
        }
    }
}

/// Runs the program.
pub fn main() -> ExitCode {
    let Command::Serve(serve) = Cli::parse().command;
    logging::install(serve.log_format);
    match run(serve) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            error.exit_code()
        }
    }
}

#[tokio::main]
async fn run(flags: Serve) -> Result<(), ServeError> {
    let Serve { listen, storage, max_upload_bytes, max_blob_bytes, base_path, .. } = flags;
    if !listen.ip().is_loopback() && !flags.read_only && !flags.allow_anonymous_publish {
        return Err(ServeError::Exposed { listen });
    }
    let tls = flags.tls.load(&storage, listen)?;
    // Caught from here on: a signal during the start ends the program in order, too.
    let stop = stop_signals().map_err(|source| failed("watch for signals", source))?;
    let writable = !flags.read_only;
    let options =
        Options { max_upload_bytes, max_blob_bytes, writable, base_path, ..Options::default() };
    let registry = Registry::open_with(&storage, options)
        .await
        .map_err(|fault| ServeError::Open { path: storage, fault })?;
    let listener =
        TcpListener::bind(listen).await.map_err(|source| ServeError::Listen { listen, source })?;
    let address = listener.local_addr().map_err(|source| failed("read the address", source))?;
    let state = registry.state();
    let versions = state.visible_versions();
    let scheme = if tls.is_some() { "https" } else { "http" };
    tracing::info!(seq = state.head().seq, versions, "listening on {scheme}://{address}");
    announce(scheme, address);
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

/// Completes at the first SIGTERM or SIGINT.
fn stop_signals() -> std::io::Result<impl Future<Output = ()> + Send + 'static> {
    let terminate = signal(SignalKind::terminate())?;
    let interrupt = signal(SignalKind::interrupt())?;
    Ok(first_of(terminate, interrupt))
}

async fn first_of(mut terminate: Signal, mut interrupt: Signal) {
    tokio::select! {
        _ = terminate.recv() => tracing::info!("SIGTERM: finishing the running requests"),
        _ = interrupt.recv() => tracing::info!("SIGINT: finishing the running requests"),
    }
}
