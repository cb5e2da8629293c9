//! The program: arguments, environment, log and signals, and nothing that decides anything.

use std::error::Error as _;
use std::io::Write as _;
use std::process::ExitCode;

use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use crate::server;
use crate::settings::{Fault, Settings};

const HELP: &str = "\
fabric-canary: a small chaincode as a service

It takes no arguments. Environment:
  CHAINCODE_ID               package id <label>:<sha256>; CORE_CHAINCODE_ID_NAME is the same
  CHAINCODE_SERVER_ADDRESS   host:port to listen on [0.0.0.0:9999]
  CHAINCODE_TLS_CERT         PEM file with the server's certificate
  CHAINCODE_TLS_KEY          PEM file with its private key
  CHAINCODE_CLIENT_CA_CERT   PEM file with the roots of clients; only their clients are served then
  CHAINCODE_TLS_DISABLED     true: plain text, for development
  CHAINCODE_LOG              error, warn, info, debug or trace [info]

Exit codes: 0 stopped by SIGTERM or SIGINT, 1 cannot run, 2 wrong usage or environment.
";

#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("argument `{0}` is not known; see --help")]
    Argument(String),
    #[error("the environment is not complete:{}", list(.0))]
    Settings(Vec<Fault>),
    #[error("cannot start the runtime")]
    Runtime(#[source] std::io::Error),
    #[error(transparent)]
    Server(#[from] server::Error),
}

/// Run the program `fabric-canary` with this process's arguments and environment.
pub fn main() -> ExitCode {
    let arguments: Vec<_> =
        std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    match arguments.first().map(String::as_str) {
        Some("--help" | "-h") => return print(HELP),
        Some("--version" | "-V") => {
            return print(concat!("fabric-canary ", env!("CARGO_PKG_VERSION"), "\n"));
        }
        Some(other) => return fail(&Error::Argument(other.to_owned())),
        None => {}
    }
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

fn run() -> Result<(), Error> {
    let settings = Settings::read(|name| std::env::var(name).ok()).map_err(Error::Settings)?;
    let filter = EnvFilter::builder()
        .with_default_directive(tracing::Level::INFO.into())
        .with_env_var("CHAINCODE_LOG")
        .from_env_lossy();
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .init();
    let runtime = tokio::runtime::Runtime::new().map_err(Error::Runtime)?;
    runtime.block_on(async {
        // Before the listener: a signal that comes early is not lost.
        let stop = stop_signal().map_err(Error::Runtime)?;
        let listener = server::listen(&settings).await?;
        tracing::info!(
            version = env!("CARGO_PKG_VERSION"),
            address = settings.address,
            chaincode = settings.chaincode_id,
            tls = settings.tls != crate::settings::Tls::Disabled,
            "serving"
        );
        Ok(server::serve(&settings, listener, stop).await?)
    })
}

/// Done at the first SIGTERM or SIGINT.
fn stop_signal() -> std::io::Result<impl Future<Output = ()> + Send> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

fn print(text: &str) -> ExitCode {
    match std::io::stdout().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn fail(error: &Error) -> ExitCode {
    // Without a standard error there is nobody to tell.
    let _unheard = std::io::stderr().write_all(tell(error).as_bytes());
    match error {
        Error::Argument(_) | Error::Settings(_) => ExitCode::from(2),
        Error::Runtime(_) | Error::Server(_) => ExitCode::FAILURE,
    }
}

/// The error and its causes on one line.
fn tell(error: &Error) -> String {
    let mut text = format!("fabric-canary: {error}");
    let mut cause = error.source();
    while let Some(source) = cause {
        text = text + ": " + &source.to_string();
        cause = source.source();
    }
    text + "\n"
}

fn list(faults: &[Fault]) -> String {
    faults.iter().fold(String::new(), |text, fault| text + "\n  " + &fault.to_string())
}
