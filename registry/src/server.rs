//! The accept loop: limits per connection, and an end that loses nothing.
//!
//! At shutdown the listener is closed, requests that run are answered, idle connections are closed.
//! What the time before it is for stands in `draining`.
//! Left out: HTTP/2, PROXY protocol.

use std::convert::Infallible;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::http::header::CONNECTION;
use axum::http::{HeaderValue, Request};
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_rustls::server::TlsStream;

use crate::draining::Draining;
use crate::external::Encrypted;
use crate::forwarded::{self, Network, Source, Told};
use crate::identity::{Certificates, Certified};
use crate::paced::Paced;
use crate::peer::Peer;
use crate::registry::Registry;
use crate::routes::{self, Answering};
use crate::tls::{ClientCertificate, Loaded, Tls};

/// A request's headers must be there within this time; it also ends idle connections.
const HEADER_READ_LIMIT: Duration = Duration::from_secs(30);

/// Wait after a failed `accept`: what fails it (no free descriptors) does not pass at once.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How bytes come from clients.
#[derive(Clone)]
enum Transport {
    Plain,
    Tls(Tls),
}

/// What every connection needs.
struct Serving {
    answering: Answering,
    server: http1::Builder,
    transport: Transport,
    graceful: GracefulShutdown,
    trusted_proxies: Arc<[Network]>,
    certificates: Certificates,
    draining: Draining,
}

/// Serves `registry` on `listener` until `shutdown` completes and every running request is answered.
///
/// Requests that do not end in the time that the options give are cut off, with a warning in the
/// log; nothing that was acknowledged is touched by that.
pub async fn serve(
    listener: TcpListener,
    registry: Registry,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    serve_on(listener, (registry, Transport::Plain), shutdown).await
}

/// Like [`serve`], over TLS; the certificate may change meanwhile.
pub async fn serve_tls(
    listener: TcpListener,
    registry: Registry,
    tls: Tls,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let follow = tokio::spawn(tls.clone().follow());
    let served = serve_on(listener, (registry, Transport::Tls(tls)), shutdown).await;
    follow.abort();
    served
}

async fn serve_on(
    listener: TcpListener,
    (registry, transport): (Registry, Transport),
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let limit = registry.options().drain;
    let connections = Arc::new(Semaphore::new(registry.options().connections));
    let serving = Serving {
        answering: routes::answering(registry.clone()),
        server: server(),
        transport,
        graceful: GracefulShutdown::new(),
        trusted_proxies: registry.options().trusted_proxies.clone().into(),
        certificates: registry.options().identity.certificates().clone(),
        draining: registry.draining().clone(),
    };
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let (stream, address, permit) = tokio::select! {
            () = &mut shutdown => break,
            accepted = accept(&listener, &connections) => accepted?,
        };
        serving.spawn_connection(stream, address, permit);
    }
    drop(listener);
    registry.begin_drain();
    if tokio::time::timeout(limit, serving.graceful.shutdown()).await.is_err() {
        tracing::warn!(?limit, "requests did not end in time and are cut off");
    }
    registry.close().await;
    Ok(())
}

async fn accept(
    listener: &TcpListener,
    connections: &Arc<Semaphore>,
) -> io::Result<(TcpStream, IpAddr, OwnedSemaphorePermit)> {
    let permit = Arc::clone(connections).acquire_owned().await.map_err(io::Error::other)?;
    loop {
        match listener.accept().await {
            Ok((stream, address)) => return Ok((stream, address.ip(), permit)),
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

fn server() -> http1::Builder {
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(HEADER_READ_LIMIT);
    server
}

impl Serving {
    fn spawn_connection(&self, stream: TcpStream, address: IpAddr, permit: OwnedSemaphorePermit) {
        // Answers are small and whole: waiting for more to send only delays them.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "cannot set TCP_NODELAY");
        }
        let connection = Connection {
            answering: self.answering.clone(),
            server: self.server.clone(),
            watcher: self.graceful.watcher(),
            address,
            encrypted: matches!(self.transport, Transport::Tls(_)),
            trusted_proxies: Arc::clone(&self.trusted_proxies),
            client: None,
            draining: self.draining.clone(),
        };
        let (transport, certificates) = (self.transport.clone(), self.certificates.clone());
        let stream = Paced::new(stream);
        tokio::spawn(async move {
            match transport {
                Transport::Plain => connection.run(stream).await,
                Transport::Tls(tls) => {
                    let loaded = tls.current();
                    if let Some(stream) = handshake(&loaded, stream).await {
                        let client = Client::of(&stream, &certificates, (tls, loaded));
                        Connection { client, ..connection }.run(stream).await;
                    }
                }
            }
            drop(permit);
        });
    }
}

/// The stream behind TLS; a client that takes too long or has no right to it is gone.
async fn handshake(
    loaded: &Loaded,
    stream: Paced<TcpStream>,
) -> Option<TlsStream<Paced<TcpStream>>> {
    match tokio::time::timeout(HEADER_READ_LIMIT, loaded.acceptor().accept(stream)).await {
        Ok(Ok(stream)) => Some(stream),
        Ok(Err(error)) => {
            tracing::debug!(%error, "no TLS with a client");
            None
        }
        Err(_) => None,
    }
}

/// A client that has shown a certificate.
#[derive(Clone)]
struct Client {
    certified: Option<Arc<Certified>>,
    tls: Tls,
    /// What the certificate was judged by.
    loaded: Arc<Loaded>,
}

impl Client {
    fn of(
        stream: &TlsStream<Paced<TcpStream>>,
        certificates: &Certificates,
        (tls, loaded): (Tls, Arc<Loaded>),
    ) -> Option<Self> {
        let certificate = stream.get_ref().1.peer_certificates().and_then(<[_]>::first)?;
        let certificate = ClientCertificate::read(certificate);
        let certified = certificate.and_then(|it| certificates.identify(&it)).map(Arc::new);
        Some(Self { certified, tls, loaded })
    }

    /// Ends the connection with this answer when certificates may be judged otherwise by now.
    fn end_when_outdated(&self, response: &mut Response) {
        if self.tls.has_changed_since(&self.loaded) {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
    }
}

/// The body of a request; most requests have none.
fn body(incoming: Incoming) -> Body {
    if incoming.is_end_stream() { Body::empty() } else { Body::new(incoming) }
}

/// One connection of a client.
struct Connection {
    answering: Answering,
    server: http1::Builder,
    watcher: Watcher,
    address: IpAddr,
    encrypted: bool,
    trusted_proxies: Arc<[Network]>,
    client: Option<Client>,
    draining: Draining,
}

impl Connection {
    async fn run(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let Self { answering, server, watcher, .. } = self;
        let (address, encrypted) = (self.address, self.encrypted);
        let (trusted_proxies, draining) = (self.trusted_proxies, self.draining);
        let certified = self.client.as_ref().and_then(|client| client.certified.clone());
        let client = self.client.map(Arc::new);
        let service = service_fn(move |request: Request<Incoming>| {
            let mut request = request.map(body);
            let Source { address, told } =
                forwarded::source(&trusted_proxies, address, request.headers());
            request.extensions_mut().insert(Peer { address, certified: certified.clone() });
            if told != Told::default() {
                request.extensions_mut().insert(told);
            }
            if encrypted {
                request.extensions_mut().insert(Encrypted);
            }
            let (answering, client) = (answering.clone(), client.clone());
            let draining = draining.clone();
            async move {
                let mut response = answering.answer(request).await;
                draining.mark(&mut response);
                if let Some(client) = client {
                    client.end_when_outdated(&mut response);
                }
                Ok::<_, Infallible>(response)
            }
        });
        let connection = server.serve_connection(TokioIo::new(stream), service);
        if let Err(error) = watcher.watch(connection).await {
            // Clients that vanish are daily life.
            tracing::debug!(%error, "connection ended early");
        }
    }
}
