//! Callers with certificates, through the real server: what their names give, and when they end.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use chart_registry::tls::{CertificateFiles, ClientFiles, Development, Tls};
use chart_registry::{Anonymous, Declared, IdentityOptions, Options, Registry, serve_tls};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DnType, IsCa, Issuer,
    KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams, SanType, SerialNumber,
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::secure::connected;

/// An authority of clients.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub(crate) pem: String,
}

/// A client's certificate and its key.
pub(crate) struct ClientPair {
    serial: u64,
    pub(crate) certificate: String,
    pub(crate) key: String,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut parameters = CertificateParams::default();
        parameters.distinguished_name.push(DnType::CommonName, name);
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let pem = parameters.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(parameters, key), pem }
    }

    /// A certificate for a workload with this URI, from two days ago until `days` from now.
    pub(crate) fn client(&self, serial: u64, uri: &str, days: i64) -> ClientPair {
        let key = KeyPair::generate().unwrap();
        let mut parameters = CertificateParams::default();
        parameters.serial_number = Some(SerialNumber::from(serial));
        parameters.distinguished_name.push(DnType::CommonName, "runner");
        parameters.subject_alt_names.push(SanType::URI(uri.try_into().unwrap()));
        let day = Duration::from_hours(24);
        let today = rcgen::date_time_ymd(1970, 1, 1)
            + SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        parameters.not_before = today - 2 * day;
        let span = day * u32::try_from(days.unsigned_abs()).unwrap();
        parameters.not_after = if days < 0 { today - span } else { today + span };
        let certificate = parameters.signed_by(&key, &self.issuer).unwrap().pem();
        ClientPair { serial, certificate, key: key.serialize_pem() }
    }

    /// A revocation list that names these certificates.
    fn list(&self, revoked: &[&ClientPair]) -> String {
        let then = rcgen::date_time_ymd(2026, 1, 1);
        let named = revoked.iter().map(|pair| RevokedCertParams {
            serial_number: SerialNumber::from(pair.serial),
            revocation_time: then,
            reason_code: None,
            invalidity_date: None,
        });
        let list = CertificateRevocationListParams {
            this_update: then,
            next_update: rcgen::date_time_ymd(2126, 1, 1),
            crl_number: SerialNumber::from(1_u64),
            issuing_distribution_point: None,
            revoked_certs: named.collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        list.signed_by(&self.issuer).unwrap().pem().unwrap()
    }
}

/// A server that takes certificates of an authority; it ends with the test.
pub(crate) struct Secured {
    pub(crate) address: SocketAddr,
    trusted: String,
    folder: TempDir,
    tls: Tls,
    task: JoinHandle<()>,
}

impl Drop for Secured {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What a client gets: status, head and body.
pub(crate) type Got = std::io::Result<(u16, String, String)>;

impl Secured {
    /// `prepare` makes the storage before the registry opens it.
    pub(crate) async fn new(
        options: Options,
        authority: &Authority,
        (optional, revoked): (bool, Option<&str>),
        prepare: impl AsyncFnOnce(&Path),
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| -> PathBuf {
            let file = folder.path().join(name);
            std::fs::write(&file, text).unwrap();
            file
        };
        let names = vec!["localhost".to_owned()];
        let development = Development { directory: folder.path().join("tls"), names };
        let files = development.prepare(SystemTime::now()).unwrap();
        let trusted = std::fs::read_to_string(development.authority()).unwrap();
        let authorities = write("clients.crt", &authority.pem);
        let revoked = revoked.map(|list| write("revoked.crl", list));
        let clients = Some(ClientFiles { authorities, revoked, optional });
        let tls = Tls::load(CertificateFiles { clients, ..files }).unwrap();
        let storage = folder.path().join("storage");
        prepare(&storage).await;
        let registry = Registry::open_with(&storage, options).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serve = serve_tls(listener, registry, tls.clone(), std::future::pending());
        let task = tokio::spawn(async move { serve.await.unwrap() });
        Self { address, trusted, folder, tls, task }
    }

    /// One request on a connection of its own.
    pub(crate) async fn ask(
        &self,
        own: Option<&ClientPair>,
        (method, path): (&str, &str),
        headers: &str,
    ) -> Got {
        let own = own.map(|pair| (pair.certificate.as_str(), pair.key.as_str()));
        let mut stream = connected(self.address, &self.trusted, own).await?;
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: r\r\nconnection: close\r\ncontent-length: 0\r\n\
             {headers}\r\n"
        );
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head.split(' ').nth(1).and_then(|it| it.parse().ok());
        let status = status.ok_or_else(|| std::io::Error::other("no answer"))?;
        Ok((status, head.to_ascii_lowercase(), body.to_owned()))
    }

    async fn status(&self, own: Option<&ClientPair>, path: &str) -> std::io::Result<u16> {
        self.ask(own, ("GET", path), "").await.map(|(status, ..)| status)
    }
}

/// Callers whose certificates have a URI that begins so may do something below a path.
pub(crate) fn declared(uri: &str, below: &str, permission: &str) -> Value {
    json!({ "names": { "uri": uri },
            "grants": [{ "below": below, "permissions": [permission] }] })
}

fn options(anonymous: Option<Anonymous>) -> Options {
    let certificates = json!([
        declared("spiffe://acme/ci/*", "team", "read"),
        { "names": { "common-name": "runner", "uri": "spiffe://acme/ci/lead" },
          "subject": "lead", "grants": [{ "below": "", "permissions": ["administer"] }] },
    ]);
    let declared: Declared =
        serde_json::from_value(json!({ "certificates": certificates })).unwrap();
    let identity = IdentityOptions::new(anonymous, &declared, None).unwrap();
    Options { identity, ..Options::default() }
}

async fn secured(authority: &Authority, optional: bool, revoked: Option<&str>) -> Secured {
    Secured::new(options(None), authority, (optional, revoked), async |_| ()).await
}

#[tokio::test]
async fn the_names_of_a_certificate_say_who_the_caller_is_and_what_it_may_do() {
    let authority = Authority::new("clients");
    let server = secured(&authority, false, None).await;
    let ci = authority.client(1, "spiffe://acme/ci/net", 1);
    let lead = authority.client(2, "spiffe://acme/ci/lead", 1);
    let other = authority.client(3, "spiffe://acme/web", 1);
    let me = async |own: &ClientPair, path: &str| {
        let (status, _, body) = server.ask(Some(own), ("GET", path), "").await.unwrap();
        assert_eq!(status, 200, "{body}");
        serde_json::from_str::<Value>(&body).unwrap()
    };
    let seen = me(&ci, "/-/v1/identity/team").await;
    assert_eq!(seen["subject"], "certificate:spiffe://acme/ci/net");
    assert!(seen["via"].as_str().unwrap().starts_with("certificate:"), "{seen}");
    assert_eq!(seen["permissions"], json!(["read"]));
    assert_eq!(server.status(Some(&ci), "/team/index.yaml").await.unwrap(), 200);
    assert_eq!(server.status(Some(&ci), "/index.yaml").await.unwrap(), 403);
    assert_eq!(me(&lead, "/-/v1/identity").await["subject"], "lead");
    assert_eq!(server.status(Some(&lead), "/-/v1/tokens").await.unwrap(), 200);

    // One that no rule means is nobody, and is asked for another credential.
    let (status, head, _) = server.ask(Some(&other), ("GET", "/index.yaml"), "").await.unwrap();
    assert!(status == 401 && head.contains("www-authenticate: basic"), "{head}");
    // A credential in the request goes first, and one that is wrong is not saved by a certificate.
    let wrong = "authorization: Bearer cr_x\r\n";
    let (status, ..) = server.ask(Some(&lead), ("GET", "/index.yaml"), wrong).await.unwrap();
    assert_eq!(status, 401);
    // What a page of another site lets a browser send comes with the certificate, too.
    let foreign = "sec-fetch-site: cross-site\r\n";
    let post = ("POST", "/api/charts");
    let (status, _, body) = server.ask(Some(&lead), post, foreign).await.unwrap();
    assert!(status == 403 && body.contains("another site"), "{status} {body}");
    let (status, _, body) = server.ask(Some(&lead), post, "").await.unwrap();
    assert!(status == 400 && body.contains("no-package"), "{status} {body}");
}

#[tokio::test]
async fn a_certificate_may_be_left_out_where_it_is_optional_and_a_bad_one_gets_no_connection() {
    let (authority, strangers) = (Authority::new("clients"), Authority::new("strangers"));
    let required = secured(&authority, false, None).await;
    let optional = secured(&authority, true, None).await;
    let stranger = strangers.client(1, "spiffe://acme/ci/lead", 1);
    let expired = authority.client(2, "spiffe://acme/ci/lead", -1);
    let good = authority.client(3, "spiffe://acme/ci/lead", 1);
    for server in [&required, &optional] {
        assert!(server.status(Some(&stranger), "/health").await.is_err());
        assert!(server.status(Some(&expired), "/health").await.is_err());
        assert_eq!(server.status(Some(&good), "/index.yaml").await.unwrap(), 200);
    }
    assert!(required.status(None, "/health").await.is_err());
    assert_eq!(optional.status(None, "/health").await.unwrap(), 200);
    assert_eq!(optional.status(None, "/index.yaml").await.unwrap(), 401);
}

#[tokio::test]
async fn a_revoked_certificate_gets_no_connection_and_an_open_one_ends_with_its_next_answer() {
    let authority = Authority::new("clients");
    let first = authority.client(1, "spiffe://acme/ci/lead", 1);
    let second = authority.client(2, "spiffe://acme/ci/lead", 1);
    let server = secured(&authority, true, Some(&authority.list(&[&first]))).await;
    assert!(server.status(Some(&first), "/index.yaml").await.is_err());
    assert_eq!(server.status(Some(&second), "/index.yaml").await.unwrap(), 200);

    let own = Some((second.certificate.as_str(), second.key.as_str()));
    let mut open = connected(server.address, &server.trusted, own).await.unwrap();
    let request = b"GET /-/v1/head HTTP/1.1\r\nhost: r\r\n\r\n";
    open.write_all(request).await.unwrap();
    let mut answer = vec![0; 4_096];
    let read = open.read(&mut answer).await.unwrap();
    let head = String::from_utf8_lossy(&answer[..read]).to_ascii_lowercase();
    assert!(head.starts_with("http/1.1 200") && !head.contains("connection: close"), "{head}");
    std::fs::write(server.folder.path().join("revoked.crl"), authority.list(&[&first, &second]))
        .unwrap();
    assert!(server.tls.reload().unwrap());
    open.write_all(request).await.unwrap();
    let mut rest = Vec::new();
    open.read_to_end(&mut rest).await.unwrap();
    let rest = String::from_utf8_lossy(&rest).to_ascii_lowercase();
    assert!(rest.contains("connection: close"), "{rest}");
    assert!(server.status(Some(&second), "/index.yaml").await.is_err());
    assert_eq!(server.status(None, "/health").await.unwrap(), 200);
}

#[tokio::test]
async fn a_list_that_is_none_is_named_and_an_authority_without_one_lets_nobody_in() {
    let (authority, other) = (Authority::new("clients"), Authority::new("others"));
    let client = authority.client(1, "spiffe://acme/ci/lead", 1);
    let server = secured(&authority, true, Some(&other.list(&[]))).await;
    assert!(server.status(Some(&client), "/index.yaml").await.is_err());
    std::fs::write(server.folder.path().join("revoked.crl"), &authority.pem).unwrap();
    let error = server.tls.reload().unwrap_err().to_string();
    assert!(error.contains("revoked.crl") && error.contains("revocation list"), "{error}");
}
