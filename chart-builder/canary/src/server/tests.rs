use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tonic::transport::{Channel, ClientTlsConfig, Endpoint};

use super::*;
use crate::fake_peer::FakePeer;

/// An authority with a certificate for `canary-1` and one for a client, as files.
struct Authority {
    directory: TempDir,
    root: String,
}

impl Authority {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut parameters = CertificateParams::new(Vec::new()).unwrap();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let issuer = CertifiedIssuer::self_signed(parameters, key).unwrap();
        for name in ["canary-1", "peer0"] {
            let key = KeyPair::generate().unwrap();
            let parameters = CertificateParams::new(vec![name.to_owned()]).unwrap();
            let certificate = parameters.signed_by(&key, &issuer).unwrap();
            fs::write(directory.path().join(format!("{name}.crt")), certificate.pem()).unwrap();
            fs::write(directory.path().join(format!("{name}.key")), key.serialize_pem()).unwrap();
        }
        let root = issuer.pem();
        fs::write(directory.path().join("ca.crt"), &root).unwrap();
        Self { directory, root }
    }

    fn path(&self, file: &str) -> PathBuf {
        self.directory.path().join(file)
    }

    fn tls(&self, client_ca: Option<PathBuf>) -> Tls {
        Tls::Enabled {
            certificate: self.path("canary-1.crt"),
            key: self.path("canary-1.key"),
            client_ca,
        }
    }

    fn client(&self) -> ClientTlsConfig {
        ClientTlsConfig::new()
            .domain_name("canary-1")
            .ca_certificate(Certificate::from_pem(&self.root))
    }

    fn client_identity(&self) -> Identity {
        let read = |file| fs::read(self.path(file)).unwrap();
        Identity::from_pem(read("peer0.crt"), read("peer0.key"))
    }
}

struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    served: JoinHandle<Result<(), Error>>,
}

fn settings(tls: Tls) -> Settings {
    Settings { chaincode_id: "canary-1:00".to_owned(), address: "127.0.0.1:0".to_owned(), tls }
}

async fn start(tls: Tls) -> Running {
    let settings = settings(tls);
    let listener = listen(&settings).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let served =
        tokio::spawn(
            async move { serve(&settings, listener, async { drop(stopped.await) }).await },
        );
    Running { address, stop, served }
}

async fn connect(
    address: SocketAddr,
    tls: Option<ClientTlsConfig>,
) -> Result<Channel, tonic::transport::Error> {
    let scheme = if tls.is_some() { "https" } else { "http" };
    let mut endpoint = Endpoint::from_shared(format!("{scheme}://{address}"))?
        .connect_timeout(Duration::from_mins(2));
    if let Some(tls) = tls {
        endpoint = endpoint.tls_config(tls)?;
    }
    endpoint.connect().await
}

async fn peer(channel: Channel) -> Result<FakePeer, Status> {
    let (sender, receiver) = mpsc::channel(16);
    let mut client = tonic::client::Grpc::new(channel)
        .max_decoding_message_size(MAX_MESSAGE_BYTES)
        .max_encoding_message_size(MAX_MESSAGE_BYTES);
    client.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
    let response = client
        .streaming(
            Request::new(ReceiverStream::new(receiver)),
            http::uri::PathAndQuery::from_static(METHOD),
            ProstCodec::<ChaincodeMessage, ChaincodeMessage>::default(),
        )
        .await?;
    Ok(FakePeer::new(sender, Box::pin(response.into_inner())))
}

#[tokio::test]
async fn serves_several_peers_over_tls_at_once() {
    let authority = Authority::new();
    let running = start(authority.tls(None)).await;
    let mut peers = Vec::new();
    for _ in 0..3 {
        let channel = connect(running.address, Some(authority.client())).await.unwrap();
        let mut peer = peer(channel).await.unwrap();
        assert_eq!(peer.register().await, "canary-1:00");
        peers.push(peer);
    }
    for peer in &mut peers {
        assert_eq!(peer.transact("t1", &["init"]).await.status, 200);
        assert_eq!(peer.transact("t2", &["transfer", "a", "b", "10"]).await.status, 200);
        assert_eq!(peer.transact("t3", &["query", "b"]).await.payload, b"210");
        let refused = peer.transact("t4", &["transfer", "a", "b", "91"]).await;
        assert_eq!(refused.message, "account `a` has 90, which is less than 91");
    }
}

#[tokio::test]
async fn carries_values_far_above_the_default_limit_of_grpc() {
    let running = start(Tls::Disabled).await;
    let mut peer = peer(connect(running.address, None).await.unwrap()).await.unwrap();
    peer.register().await;
    let value = "x".repeat(16 * 1024 * 1024);
    assert_eq!(peer.transact("t1", &["put", "k", &value]).await.status, 200);
    assert_eq!(peer.transact("t2", &["get", "k"]).await.payload.len(), value.len());
}

#[tokio::test]
async fn a_client_without_the_right_root_is_not_served() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let running = start(authority.tls(None)).await;
    assert!(connect(running.address, Some(stranger.client())).await.is_err());
    // A connection in plain text opens, and no more than that.
    let plain = match connect(running.address, None).await {
        Ok(channel) => peer(channel).await.err(),
        Err(error) => Some(Status::unavailable(error.to_string())),
    };
    assert!(plain.is_some(), "plain text was served on a TLS port");
}

#[tokio::test]
async fn a_client_ca_admits_its_clients_only() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let running = start(authority.tls(Some(authority.path("ca.crt")))).await;
    let own = authority.client().identity(authority.client_identity());
    let mut admitted = peer(connect(running.address, Some(own)).await.unwrap()).await.unwrap();
    admitted.register().await;
    let foreign = authority.client().identity(stranger.client_identity());
    for tls in [authority.client(), foreign] {
        // TLS 1.3 tells a client of its refusal at the first read only.
        let Ok(channel) = connect(running.address, Some(tls)).await else { continue };
        let refused = match peer(channel).await {
            Ok(mut peer) => !matches!(peer.try_next().await, Some(Ok(_))),
            Err(_) => true,
        };
        assert!(refused);
    }
}

#[tokio::test]
async fn stopping_ends_idle_streams_well() {
    let running = start(Tls::Disabled).await;
    let mut peer = peer(connect(running.address, None).await.unwrap()).await.unwrap();
    peer.register().await;
    assert_eq!(peer.transact("t1", &["ping"]).await.payload, b"pong");
    running.stop.send(()).unwrap();
    assert!(peer.try_next().await.is_none());
    running.served.await.unwrap().unwrap();
    assert!(connect(running.address, None).await.is_err());
}

#[tokio::test]
async fn a_protocol_fault_reaches_the_peer_as_a_status() {
    let running = start(Tls::Disabled).await;
    let mut peer = peer(connect(running.address, None).await.unwrap()).await.unwrap();
    peer.next().await.unwrap();
    peer.say(crate::message::Type::Ready).await;
    let status = peer.next().await.unwrap_err();
    assert_eq!(status.message(), "message Ready (4) is not expected in state Created");
}

#[tokio::test]
async fn tls_files_that_are_missing_or_do_not_fit_are_named() {
    let authority = Authority::new();
    let start = async |certificate: &Path, key: &Path| {
        let (certificate, key) = (certificate.to_owned(), key.to_owned());
        let settings = settings(Tls::Enabled { certificate, key, client_ca: None });
        let listener = listen(&settings).await.unwrap();
        serve(&settings, listener, async {}).await.unwrap_err()
    };
    let missing = authority.path("missing.key");
    let error = start(&authority.path("canary-1.crt"), &missing).await;
    assert!(error.to_string().starts_with("cannot read the TLS key `"), "{error}");
    let error = start(&authority.path("canary-1.crt"), &authority.path("peer0.key")).await;
    assert!(matches!(error, Error::Tls(_)), "{error}");
    let error = start(&authority.path("canary-1.key"), &authority.path("canary-1.key")).await;
    assert!(matches!(error, Error::Tls(_)), "{error}");
}

#[tokio::test]
async fn an_address_in_use_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let settings = Settings { address: address.clone(), ..settings(Tls::Disabled) };
    let error = listen(&settings).await.unwrap_err();
    assert!(error.to_string().starts_with(&format!("cannot listen on `{address}`")), "{error}");
}
