//! The gRPC server: listener, TLS, limits, and the end of it all.
//!
//! The service is declared by hand (it has one method), so that a build needs no protobuf compiler.

use std::convert::Infallible;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio_stream::wrappers::ReceiverStream;
use tonic::body::Body;
use tonic::server::{Grpc, NamedService, StreamingService};
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Certificate, Identity, Server, ServerTlsConfig};
use tonic::{Request, Response, Status, Streaming};
use tonic_prost::ProstCodec;

use crate::message::ChaincodeMessage;
use crate::session;
use crate::settings::{Settings, Tls};

/// The largest message in either direction: what Fabric's own shim and the peer agree on.
pub const MAX_MESSAGE_BYTES: usize = 100 * 1024 * 1024;

/// How long running transactions get after the signal to stop; below Kubernetes' 30 s until it kills.
pub const DRAIN: Duration = Duration::from_secs(20);

/// Pings on an idle connection, and how long their answer may take: the values of Fabric's shim.
const KEEPALIVE: (Duration, Duration) = (Duration::from_mins(1), Duration::from_secs(20));

/// How long a client may take for the TLS handshake; a probe that says nothing is let go then.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// Conversations on one connection: a peer has one.
const STREAMS: u32 = 16;

/// Messages to one peer that wait for the network.
const OUTBOUND_MESSAGES: usize = 64;

const SERVICE: &str = "protos.Chaincode";
const METHOD: &str = "/protos.Chaincode/Connect";

/// Why the server cannot start or stopped by itself.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file of the TLS settings is not readable.
    #[error("cannot read the {what} `{}`; check the mount and its mode", path.display())]
    Read {
        /// What the file is.
        what: &'static str,
        /// Where.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Certificate, key or roots are not PEM, or do not belong together.
    #[error("cannot use the TLS files; check that they are PEM and that key and certificate match")]
    Tls(#[source] tonic::transport::Error),
    /// The address is in use, not ours, or not an address.
    #[error("cannot listen on `{address}`; set `CHAINCODE_SERVER_ADDRESS` to a free `host:port`")]
    Listen {
        /// As set.
        address: String,
        /// Why.
        source: std::io::Error,
    },
    /// The listener broke.
    #[error("the server stopped")]
    Serve(#[source] tonic::transport::Error),
}

/// Open the listener that the settings name.
pub async fn listen(settings: &Settings) -> Result<TcpListener, Error> {
    let address = &settings.address;
    TcpListener::bind(address)
        .await
        .map_err(|source| Error::Listen { address: address.clone(), source })
}

/// Serve peers until `stop` is done, then let running transactions end for at most [`DRAIN`].
pub async fn serve(
    settings: &Settings,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send,
) -> Result<(), Error> {
    let (drain, draining) = watch::channel(false);
    let mut builder = Server::builder()
        .http2_keepalive_interval(Some(KEEPALIVE.0))
        .http2_keepalive_timeout(Some(KEEPALIVE.1))
        .max_concurrent_streams(STREAMS);
    if let Some(tls) = read_tls(&settings.tls)? {
        builder = builder.tls_config(tls).map_err(Error::Tls)?;
    }
    let connect = Connect { chaincode_id: settings.chaincode_id.as_str().into(), draining };
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    let mut stopped = drain.subscribe();
    let serving = builder
        .add_service(ChaincodeService(connect))
        .serve_with_incoming_shutdown(incoming, async move { session::drains(&mut stopped).await });
    tokio::pin!(serving);
    tokio::select! {
        ended = &mut serving => return ended.map_err(Error::Serve),
        () = stop => tracing::info!("draining"),
    }
    drain.send_replace(true);
    if let Ok(ended) = tokio::time::timeout(DRAIN, serving).await {
        return ended.map_err(Error::Serve);
    }
    tracing::warn!(seconds = DRAIN.as_secs(), "transactions were still running");
    Ok(())
}

fn read_tls(tls: &Tls) -> Result<Option<ServerTlsConfig>, Error> {
    let Tls::Enabled { certificate, key, client_ca } = tls else {
        return Ok(None);
    };
    let certificate = read("TLS certificate", certificate)?;
    let key = read("TLS key", key)?;
    let mut config =
        ServerTlsConfig::new().identity(Identity::from_pem(certificate, key)).timeout(HANDSHAKE);
    if let Some(client_ca) = client_ca {
        let roots = Certificate::from_pem(read("client CA certificates", client_ca)?);
        config = config.client_ca_root(roots);
    }
    Ok(Some(config))
}

fn read(what: &'static str, path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|source| Error::Read { what, path: path.to_owned(), source })
}

/// Answers one call of `Connect`: a session of its own.
#[derive(Debug, Clone)]
struct Connect {
    chaincode_id: Arc<str>,
    draining: watch::Receiver<bool>,
}

impl StreamingService<ChaincodeMessage> for Connect {
    type Response = ChaincodeMessage;
    type ResponseStream = ReceiverStream<Result<ChaincodeMessage, Status>>;
    type Future = BoxFuture<'static, Result<Response<Self::ResponseStream>, Status>>;

    fn call(&mut self, request: Request<Streaming<ChaincodeMessage>>) -> Self::Future {
        let peer = request.remote_addr().map(|address| address.to_string()).unwrap_or_default();
        let (sender, receiver) = mpsc::channel(OUTBOUND_MESSAGES);
        let Self { chaincode_id, draining } = self.clone();
        tokio::spawn(async move {
            tracing::info!(peer, "peer connected");
            let inbound = request.into_inner();
            let ended = session::converse(&chaincode_id, inbound, sender.clone(), draining).await;
            match ended {
                Ok(()) => tracing::info!(peer, "stream ended"),
                Err(status) => {
                    tracing::warn!(peer, reason = status.message(), "stream broken off");
                    // A peer that is gone does not need to hear why.
                    let _gone = sender.send(Err(status)).await;
                }
            }
        });
        Box::pin(async move { Ok(Response::new(ReceiverStream::new(receiver))) })
    }
}

/// The service as tonic's server wants it.
#[derive(Debug, Clone)]
struct ChaincodeService(Connect);

impl NamedService for ChaincodeService {
    const NAME: &'static str = SERVICE;
}

impl tower::Service<http::Request<Body>> for ChaincodeService {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        if request.uri().path() != METHOD {
            return Box::pin(async {
                Ok(Status::unimplemented("only Connect is served").into_http())
            });
        }
        let connect = self.0.clone();
        Box::pin(async move {
            let mut grpc = Grpc::new(ProstCodec::<ChaincodeMessage, ChaincodeMessage>::default())
                .max_decoding_message_size(MAX_MESSAGE_BYTES)
                .max_encoding_message_size(MAX_MESSAGE_BYTES);
            Ok(grpc.streaming(connect, request).await)
        })
    }
}

#[cfg(test)]
mod tests;
