//! The client of the registry: limits, redirects, private addresses, credentials, authorities, proxies.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::body::Body;
use axum::extract::Request as Received;
use axum::http::header::{AUTHORIZATION, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response as Answer};
use bytes::Bytes;
use chart_registry::outbound::{
    Client, Credentials, Limits, Outbound, OutboundError, OutboundSettings, Proxies, Request, Url,
};
use chart_registry::tls::{Development, Tls};
use chart_registry::{Registry, serve_tls};
use futures_util::stream;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

const LIMITS: Limits = Limits { bytes: 1_000, time: Duration::from_secs(30) };

type Seen = Arc<Mutex<Vec<(String, HeaderMap)>>>;

/// A server that answers by the last part of the path, and remembers what it was asked.
struct Server {
    address: SocketAddr,
    seen: Seen,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    async fn new(answer: impl Fn(&str) -> Answer + Clone + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Seen::default();
        let into = Arc::clone(&seen);
        let router = Router::new().fallback(move |request: Received| {
            let uri = request.uri().to_string();
            into.lock().unwrap().push((uri.clone(), request.headers().clone()));
            let answer = answer(&uri);
            async move { answer }
        });
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, seen, task }
    }

    fn url(&self, path: &str) -> Url {
        Url::parse(&format!("http://{}{path}", self.address)).unwrap()
    }

    fn asked(&self) -> Vec<String> {
        self.seen.lock().unwrap().iter().map(|(uri, _)| uri.clone()).collect()
    }

    fn authorizations(&self) -> Vec<Option<String>> {
        let text = |headers: &HeaderMap| {
            headers.get(AUTHORIZATION).map(|value| value.to_str().unwrap().to_owned())
        };
        self.seen.lock().unwrap().iter().map(|(_, headers)| text(headers)).collect()
    }
}

fn redirect(to: &str) -> Answer {
    (StatusCode::FOUND, [(LOCATION, to.to_owned())]).into_response()
}

fn outbound() -> Outbound {
    Outbound::new(OutboundSettings::default()).unwrap()
}

/// A client for which the configuration names `url`.
fn client(url: &Url) -> Client {
    outbound().client(std::slice::from_ref(url), &[]).unwrap()
}

async fn text(client: &Client, url: Url) -> Result<String, OutboundError> {
    let bytes = client.send(Request::get(url, LIMITS)).await?.bytes().await?;
    Ok(String::from_utf8(bytes.to_vec()).unwrap())
}

#[tokio::test]
async fn a_private_address_is_asked_only_when_the_configuration_names_its_host() {
    let server = Server::new(|_| "here".into_response()).await;
    let (url, port) = (server.url("/"), server.address.port());
    let by_name = Url::parse(&format!("http://LOCALHOST:{port}/")).unwrap();
    let other = Url::parse("https://charts.example/").unwrap();
    let stranger = client(&other);
    for disguised in [
        url.clone(),
        by_name.clone(),
        Url::parse(&format!("http://0x7f000001:{port}/")).unwrap(),
        Url::parse(&format!("http://[::ffff:127.0.0.1]:{port}/")).unwrap(),
    ] {
        let refused = text(&stranger, disguised.clone()).await.unwrap_err();
        assert!(matches!(refused, OutboundError::Private { .. }), "{disguised}: {refused}");
        assert!(refused.to_string().contains("outbound.private-hosts"), "{refused}");
    }
    assert_eq!(server.asked(), Vec::<String>::new());

    assert_eq!(text(&client(&url), url.clone()).await.unwrap(), "here");
    assert_eq!(text(&client(&by_name), by_name.clone()).await.unwrap(), "here");
    let private_hosts = vec!["localhost".to_owned()];
    let settings = OutboundSettings { private_hosts, ..OutboundSettings::default() };
    let listed = Outbound::new(settings).unwrap().client(&[], &[]).unwrap();
    assert_eq!(text(&listed, by_name).await.unwrap(), "here");
    assert!(matches!(text(&listed, url).await, Err(OutboundError::Private { .. })));
}

#[tokio::test]
async fn an_answer_costs_no_more_bytes_than_its_limit_whether_it_tells_its_length_or_not() {
    let server = Server::new(|path| match path {
        "/told" => "x".repeat(1_001).into_response(),
        "/fits" => "x".repeat(1_000).into_response(),
        _ => {
            let endless =
                stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from("x".repeat(100))));
            Body::from_stream(endless).into_response()
        }
    })
    .await;
    let client = client(&server.url("/"));
    assert_eq!(text(&client, server.url("/fits")).await.unwrap().len(), 1_000);
    for path in ["/told", "/endless"] {
        let error = text(&client, server.url(path)).await.unwrap_err();
        assert!(matches!(error, OutboundError::TooLarge { limit: 1_000, .. }), "{error}");
    }
}

#[tokio::test]
async fn an_answer_that_does_not_come_or_does_not_end_is_given_up() {
    let server = Server::new(|_| {
        let first = Ok::<_, std::io::Error>(Bytes::from("x"));
        Body::from_stream(futures_util::StreamExt::chain(stream::iter([first]), stream::pending()))
            .into_response()
    })
    .await;
    let limits = Limits { time: Duration::from_secs(1), ..LIMITS };
    // On a machine that does much else even the beginning may come too late.
    let error = match client(&server.url("/")).send(Request::get(server.url("/"), limits)).await {
        Ok(response) => response.bytes().await.unwrap_err(),
        Err(error) => error,
    };
    assert!(matches!(error, OutboundError::TooSlow { .. }), "{error}");

    // A listener that accepts nothing answers nothing.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}/", silent.local_addr().unwrap())).unwrap();
    let error = client(&url).send(Request::get(url, limits)).await.unwrap_err();
    assert!(matches!(error, OutboundError::TooSlow { .. }), "{error}");
}

#[tokio::test]
async fn redirects_stay_with_the_host_and_those_that_the_configuration_allows() {
    let other = Server::new(|_| "other".into_response()).await;
    let elsewhere = other.url("/there").to_string();
    let by_name = format!("http://localhost:{}/there", other.address.port());
    let server = Server::new(move |path| match path {
        "/near" => redirect("/end?x=1"),
        "/round" => redirect("/round"),
        "/far" => redirect(&elsewhere),
        "/named" => redirect(&by_name),
        "/scheme" => redirect("https://charts.example/"),
        "/file" => redirect("file:///etc/passwd"),
        "/bad" => redirect("http://["),
        _ => "end".into_response(),
    })
    .await;
    let client = client(&server.url("/"));
    assert_eq!(text(&client, server.url("/near")).await.unwrap(), "end");
    for path in ["/round", "/far", "/named", "/scheme", "/file", "/bad"] {
        let error = text(&client, server.url(path)).await.unwrap_err();
        assert!(matches!(error, OutboundError::Redirect { .. }), "{path}: {error}");
    }
    assert_eq!(other.asked(), Vec::<String>::new());

    // A host to which redirects may lead is still not one with a private address.
    let allowed = ["127.0.0.1".to_owned(), "localhost".to_owned()];
    let client = outbound().client(&[server.url("/")], &allowed).unwrap();
    let error = text(&client, server.url("/named")).await.unwrap_err();
    assert!(matches!(error, OutboundError::Private { .. }), "{error}");
    let request = Request::get(server.url("/far"), LIMITS);
    let credentials = Credentials::Basic { user: "ci".to_owned(), password: "secret".to_owned() };
    let request = request.credentials(Some(credentials));
    let response = client.send(request).await.unwrap();
    assert_eq!(response.bytes().await.unwrap(), "other");
    assert_eq!(server.authorizations().last().unwrap().as_deref(), Some("Basic Y2k6c2VjcmV0"));
    assert_eq!(other.authorizations(), [None], "credentials stay with their host");
}

#[tokio::test]
async fn a_post_is_sent_once_and_its_redirect_is_an_answer() {
    let server = Server::new(|_| redirect("/again")).await;
    let request = Request::post(server.url("/hook"), Bytes::from("{}"), LIMITS);
    let response = client(&server.url("/")).send(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::FOUND);
    assert_eq!(server.asked(), ["/hook"]);
}

#[tokio::test]
async fn only_web_addresses_without_a_password_in_them_are_asked() {
    for text in
        ["file:///etc/passwd", "ftp://charts.example/", "http://user:secret@charts.example/?k=v"]
    {
        let url = Url::parse(text).unwrap();
        let error = client(&url).send(Request::get(url, LIMITS)).await.unwrap_err();
        assert!(matches!(error, OutboundError::BadUrl { .. }), "{text}: {error}");
        let told = format!("{error} {error:?}");
        assert!(!told.contains("secret") && !told.contains("k=v"), "{told}");
    }
}

#[tokio::test]
async fn who_cannot_be_reached_is_told_without_the_query() {
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let url = Url::parse(&format!("http://{gone}/a?token=secret")).unwrap();
    let error = client(&url).send(Request::get(url, LIMITS)).await.unwrap_err().to_string();
    assert!(error.contains(&format!("`http://{gone}/a` cannot be reached")), "{error}");
    assert!(error.to_lowercase().contains("refused") && !error.contains("secret"), "{error}");
}

#[tokio::test]
async fn a_server_is_trusted_by_the_authorities_that_the_settings_name() {
    let directory = tempfile::tempdir().unwrap();
    let names = vec!["localhost".to_owned()];
    let development = Development { directory: directory.path().join("tls"), names };
    let tls = Tls::load(development.prepare(SystemTime::now()).unwrap()).unwrap();
    let registry = Registry::open(&directory.path().join("storage")).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let serving = tokio::spawn(serve_tls(listener, registry, tls, std::future::pending()));
    let url = Url::parse(&format!("https://localhost:{port}/health")).unwrap();

    let error = text(&client(&url), url.clone()).await.unwrap_err();
    assert!(matches!(error, OutboundError::Unreachable { .. }), "{error}");
    assert!(error.to_string().contains("certificate"), "{error}");

    let ca_files = vec![development.authority()];
    let settings = OutboundSettings { ca_files, ..OutboundSettings::default() };
    let trusting =
        Outbound::new(settings).unwrap().client(std::slice::from_ref(&url), &[]).unwrap();
    assert_eq!(text(&trusting, url).await.unwrap(), r#"{"healthy":true}"#);
    serving.abort();

    let empty = directory.path().join("empty.pem");
    std::fs::write(&empty, "").unwrap();
    for file in [empty, directory.path().join("absent.pem")] {
        let settings = OutboundSettings { ca_files: vec![file], ..OutboundSettings::default() };
        let error = Outbound::new(settings).err().unwrap().to_string();
        assert!(error.contains(".pem") && error.contains("PEM certificates"), "{error}");
    }
}

#[tokio::test]
async fn a_proxy_is_asked_for_what_it_is_meant_for() {
    let proxy = Server::new(|_| "by proxy".into_response()).await;
    let server = Server::new(|_| "direct".into_response()).await;
    let proxies = Proxies {
        http: Some(proxy.address.to_string()),
        https: None,
        except: Some("localhost".to_owned()),
    };
    let settings = OutboundSettings { proxies, ..OutboundSettings::default() };
    let direct = Url::parse(&format!("http://localhost:{}/x", server.address.port())).unwrap();
    let client =
        Outbound::new(settings).unwrap().client(std::slice::from_ref(&direct), &[]).unwrap();
    let far = Url::parse("http://charts.invalid/index.yaml").unwrap();
    assert_eq!(text(&client, far).await.unwrap(), "by proxy");
    assert_eq!(text(&client, direct).await.unwrap(), "direct");
    assert_eq!(proxy.asked(), ["http://charts.invalid/index.yaml"]);
    // What stands in a URL is judged whoever would connect.
    let metadata = Url::parse("http://169.254.169.254/latest").unwrap();
    assert!(matches!(text(&client, metadata).await, Err(OutboundError::Private { .. })));
    assert_eq!(proxy.asked().len(), 1);
}

#[test]
fn the_settings_are_read_strictly_and_hold_no_proxies() {
    let read = serde_json::from_str::<OutboundSettings>;
    let settings =
        read(r#"{"ca-files":["/etc/ca.pem"],"private-hosts":["idp.internal"]}"#).unwrap();
    assert_eq!(settings.private_hosts, ["idp.internal"]);
    assert!(read(r#"{"proxies":{}}"#).is_err() && read(r#"{"ca-file":"x"}"#).is_err());
    let proxies = Proxies { http: Some("http://u:secret@p".to_owned()), ..Proxies::default() };
    assert!(!format!("{proxies:?}").contains("secret"));
}
