//! The server over TLS: who is trusted, certificates that change, clients that have to have one.

use std::net::SocketAddr;
use std::path::Path;
use std::time::SystemTime;

use chart_registry::tls::{CertificateFiles, ClientFiles, Development, Tls};
use chart_registry::{Registry, serve_tls};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::secure::connected;

/// A running server; it ends with the test.
struct Serving {
    address: SocketAddr,
    task: JoinHandle<()>,
    _storage: TempDir,
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serving(tls: Tls) -> Serving {
    let storage = tempfile::tempdir().unwrap();
    let registry = Registry::open(storage.path()).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serve = serve_tls(listener, registry, tls, std::future::pending());
    let task = tokio::spawn(async move { serve.await.unwrap() });
    Serving { address, task, _storage: storage }
}

/// The first line of the answer to `GET /health`.
async fn health(
    address: SocketAddr,
    authority: &str,
    own: Option<(&str, &str)>,
) -> std::io::Result<String> {
    let mut stream = connected(address, authority, own).await?;
    stream.write_all(b"GET /health HTTP/1.1\r\nhost: r\r\nconnection: close\r\n\r\n").await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(String::from_utf8(answer).unwrap().lines().next().unwrap_or_default().to_owned())
}

/// An authority and a certificate that it signed for `localhost`, with its key.
struct Issued {
    authority: String,
    certificate: String,
    key: String,
}

fn issued() -> Issued {
    let authority_key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority_pem = authority.self_signed(&authority_key).unwrap().pem();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let leaf = leaf.signed_by(&key, &Issuer::from_params(&authority, authority_key)).unwrap();
    Issued { authority: authority_pem, certificate: leaf.pem(), key: key.serialize_pem() }
}

fn write(directory: &Path, issued: &Issued) -> CertificateFiles {
    let files = CertificateFiles {
        certificate: directory.join("tls.crt"),
        key: directory.join("tls.key"),
        clients: None,
    };
    std::fs::write(&files.certificate, &issued.certificate).unwrap();
    std::fs::write(&files.key, &issued.key).unwrap();
    files
}

const FINE: &str = "HTTP/1.1 200 OK";

#[tokio::test]
async fn a_certificate_for_development_is_trusted_by_those_who_have_its_authority() {
    let directory = tempfile::tempdir().unwrap();
    let names = vec!["localhost".to_owned()];
    let development = Development { directory: directory.path().join("tls"), names };
    let files = development.prepare(SystemTime::now()).unwrap();
    let serving = serving(Tls::load(files).unwrap()).await;
    let authority = std::fs::read_to_string(development.authority()).unwrap();
    assert_eq!(health(serving.address, &authority, None).await.unwrap(), FINE);
    assert!(health(serving.address, &issued().authority, None).await.is_err());
}

#[tokio::test]
async fn a_new_certificate_is_taken_while_serving_and_one_that_does_not_work_is_not() {
    let directory = tempfile::tempdir().unwrap();
    let (first, second) = (issued(), issued());
    let files = write(directory.path(), &first);
    let tls = Tls::load(files.clone()).unwrap();
    let serving = serving(tls.clone()).await;
    assert_eq!(health(serving.address, &first.authority, None).await.unwrap(), FINE);
    assert!(!tls.reload().unwrap(), "nothing changed");

    // The key of one certificate with another one, as between two writes.
    std::fs::write(&files.certificate, &second.certificate).unwrap();
    let error = tls.reload().unwrap_err().to_string();
    assert!(error.contains("tls.crt") && error.contains("key"), "{error}");
    assert_eq!(health(serving.address, &first.authority, None).await.unwrap(), FINE);

    std::fs::write(&files.key, &second.key).unwrap();
    assert!(tls.reload().unwrap());
    assert_eq!(health(serving.address, &second.authority, None).await.unwrap(), FINE);
    assert!(health(serving.address, &first.authority, None).await.is_err());
}

#[tokio::test]
async fn with_authorities_of_clients_only_their_clients_connect() {
    let directory = tempfile::tempdir().unwrap();
    let (server, clients, others) = (issued(), issued(), issued());
    let mut files = write(directory.path(), &server);
    let authorities = directory.path().join("clients.crt");
    std::fs::write(&authorities, &clients.authority).unwrap();
    files.clients = Some(ClientFiles { authorities, revoked: None, optional: false });
    let serving = serving(Tls::load(files).unwrap()).await;
    let ask = |own: Option<(String, String)>| {
        let authority = server.authority.clone();
        async move {
            let own = own.as_ref().map(|(certificate, key)| (&**certificate, &**key));
            health(serving.address, &authority, own).await
        }
    };
    assert_eq!(ask(Some((clients.certificate, clients.key))).await.unwrap(), FINE);
    assert!(ask(Some((others.certificate, others.key))).await.is_err());
    assert!(ask(None).await.is_err());
}

#[tokio::test]
async fn files_that_are_no_certificate_or_key_are_named_with_what_to_do() {
    let directory = tempfile::tempdir().unwrap();
    let issued = issued();
    for (file, text, expected) in [
        ("tls.crt", "", "holds no certificate"),
        ("tls.crt", "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n", "is not PEM"),
        ("tls.key", "", "holds no private key"),
        ("tls.key", issued.certificate.as_str(), "holds no private key"),
    ] {
        let files = write(directory.path(), &issued);
        std::fs::write(directory.path().join(file), text).unwrap();
        let error = Tls::load(files).err().unwrap().to_string();
        assert!(error.contains(file) && error.contains(expected), "{error}");
    }
    let files = write(directory.path(), &issued);
    std::fs::remove_file(&files.key).unwrap();
    let error = Tls::load(files).err().unwrap().to_string();
    assert!(error.contains("cannot read") && error.contains("tls.key"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_never_begins_tls_is_closed() {
    let directory = tempfile::tempdir().unwrap();
    let serving = serving(Tls::load(write(directory.path(), &issued())).unwrap()).await;
    let mut silent = TcpStream::connect(serving.address).await.unwrap();
    let mut answer = Vec::new();
    silent.read_to_end(&mut answer).await.unwrap();
    assert!(answer.is_empty());
}
