//! An S3 server in the test, as far as the registry uses one, behind a wire that misbehaves.
//!
//! It creates under a lock, so that one writer of a name wins; nobody's signature is looked at.
//! Left out: objects in parts.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt::Write;
use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use chart_format::digest::Sha256;
use chart_registry_store::Timestamp;
use futures_util::stream;
use http_body_util::{BodyExt, Full, StreamBody, combinators::BoxBody};
use hyper::body::{Frame, Incoming};
use hyper::header::{
    CONTENT_LENGTH, CONTENT_RANGE, ETAG, HeaderValue, IF_NONE_MATCH, LAST_MODIFIED, RANGE,
};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// Names in one answer to a listing.
const PAGE: usize = 100;

/// How one request goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// It is carried out, and the connection ends without an answer.
    CutBehind,
    /// The connection ends before it is carried out.
    CutBefore,
    /// It is carried out, and answered with 500.
    BrokenBehind,
    /// It is not carried out: the server is overloaded.
    Overloaded,
    /// It is not carried out: another write of the same name is said to be on its way.
    Conflict,
    /// Half of the answer comes.
    Half,
    /// The answer takes a while.
    Slow,
}

const WRITES: [Fault; 6] = [
    Fault::CutBehind,
    Fault::BrokenBehind,
    Fault::CutBefore,
    Fault::Overloaded,
    Fault::Conflict,
    Fault::Slow,
];

const READS: [Fault; 4] = [Fault::CutBehind, Fault::Overloaded, Fault::Half, Fault::Slow];

struct Object {
    bytes: Bytes,
    written: SystemTime,
}

/// Requests so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Requests {
    pub(super) gets: u64,
    pub(super) puts: u64,
    pub(super) lists: u64,
    pub(super) deletes: u64,
    pub(super) faults: u64,
}

#[derive(Default)]
struct Inner {
    objects: BTreeMap<String, Object>,
    requests: Requests,
    misbehaves: bool,
    decisions: usize,
}

/// The server; clones are the same one.
#[derive(Clone)]
pub(super) struct S3 {
    inner: Arc<Mutex<Inner>>,
    pub(super) address: SocketAddr,
}

type Body = BoxBody<Bytes, io::Error>;

/// What stands in a query, decoded.
type Query = BTreeMap<String, String>;

impl S3 {
    pub(super) fn start(runtime: &Runtime) -> Self {
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let server = Self { inner: Arc::default(), address: listener.local_addr().unwrap() };
        let accepting = server.clone();
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let server = accepting.clone();
                let service = service_fn(move |request| {
                    let server = server.clone();
                    async move { server.answer(request).await }
                });
                tokio::spawn(async move {
                    let connections = auto::Builder::new(TokioExecutor::new());
                    drop(connections.serve_connection(TokioIo::new(stream), service).await);
                });
            }
        });
        server
    }

    /// From now on one request in three goes wrong, or none.
    pub(super) fn misbehave(&self, misbehaves: bool) {
        self.lock().misbehaves = misbehaves;
    }

    pub(super) fn requests(&self) -> Requests {
        self.lock().requests
    }

    /// Names below a prefix.
    pub(super) fn names(&self, prefix: &str) -> Vec<String> {
        self.lock().objects.keys().filter(|name| name.starts_with(prefix)).cloned().collect()
    }

    pub(super) fn read(&self, name: &str) -> Bytes {
        self.lock().objects[name].bytes.clone()
    }

    pub(super) fn write(&self, name: &str, bytes: Bytes) {
        self.lock().objects.insert(name.to_owned(), Object { bytes, written: SystemTime::now() });
    }

    /// Makes everything older.
    pub(super) fn age(&self, by: Duration) {
        for object in self.lock().objects.values_mut() {
            object.written -= by;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    async fn answer(&self, request: Request<Incoming>) -> Result<Response<Body>, io::Error> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
        let is_read = [Method::GET, Method::HEAD].contains(&head.method);
        let fault = self.lock().fault(if is_read { &READS } else { &WRITES });
        let cut = || io::Error::from(io::ErrorKind::ConnectionAborted);
        match fault {
            Some(Fault::CutBefore) => return Err(cut()),
            Some(Fault::Overloaded) => return Ok(error(503, "SlowDown")),
            Some(Fault::Conflict) => return Ok(error(409, "ConditionalRequestConflict")),
            _ => {}
        }
        let answer = self.lock().carry_out(&head, body);
        match fault {
            Some(Fault::CutBehind) => Err(cut()),
            Some(Fault::BrokenBehind) => Ok(error(500, "InternalError")),
            Some(Fault::Half) => {
                let length = HeaderValue::from(answer.body().len());
                let mut answer = answer.map(|bytes| half(&bytes));
                answer.headers_mut().insert(CONTENT_LENGTH, length);
                Ok(answer)
            }
            Some(Fault::Slow) => {
                let late = tokio::time::timeout(Duration::from_millis(60), pending::<()>());
                drop(late.await);
                Ok(answer.map(whole))
            }
            _ => Ok(answer.map(whole)),
        }
    }
}

fn whole(bytes: Bytes) -> Body {
    Full::new(bytes).map_err(|never: Infallible| match never {}).boxed()
}

/// The length of all is told before, so that the end is missed.
fn half(bytes: &Bytes) -> Body {
    let cut = Err(io::Error::from(io::ErrorKind::ConnectionAborted));
    let frames = [Ok(Frame::data(bytes.slice(..bytes.len() / 2))), cut];
    BodyExt::boxed(StreamBody::new(stream::iter(frames)))
}

fn error(status: u16, code: &str) -> Response<Body> {
    said(status, code).map(whole)
}

fn said(status: u16, code: &str) -> Response<Bytes> {
    let text = format!("<Error><Code>{code}</Code><Message>in a test</Message></Error>");
    let mut response = Response::new(Bytes::from(text));
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        if let (b'%', [high, low, behind @ ..]) = (*first, rest) {
            let digits = [*high, *low];
            let digits = std::str::from_utf8(&digits).unwrap();
            bytes.push(u8::from_str_radix(digits, 16).unwrap());
            rest = behind;
        } else {
            bytes.push(*first);
        }
    }
    String::from_utf8(bytes).unwrap()
}

impl Inner {
    fn fault(&mut self, faults: &[Fault]) -> Option<Fault> {
        if !self.misbehaves {
            return None;
        }
        self.decisions += 1;
        // Two in three go well, so that every request comes through at last.
        let fault =
            self.decisions.is_multiple_of(3).then(|| faults[self.decisions / 3 % faults.len()]);
        self.requests.faults += u64::from(fault.is_some());
        fault
    }

    fn carry_out(&mut self, head: &hyper::http::request::Parts, body: Bytes) -> Response<Bytes> {
        let path = decoded(head.uri.path().trim_start_matches('/'));
        let (_, name) = path.split_once('/').unwrap_or((&path, ""));
        let query: Query = head
            .uri
            .query()
            .unwrap_or_default()
            .split('&')
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .map(|(key, value)| (decoded(key), decoded(value)))
            .collect();
        match head.method {
            Method::GET if query.contains_key("list-type") => self.list(&query),
            Method::GET | Method::HEAD => self.get(name, head.headers.get(RANGE)),
            Method::PUT => self.put(name, body, head.headers.contains_key(IF_NONE_MATCH)),
            Method::POST if query.contains_key("delete") => self.delete(&body),
            _ => said(501, "NotImplemented"),
        }
    }

    fn get(&mut self, name: &str, range: Option<&HeaderValue>) -> Response<Bytes> {
        self.requests.gets += 1;
        let Some(object) = self.objects.get(name) else { return said(404, "NoSuchKey") };
        let size = object.bytes.len();
        let range = range.map(|range| range.to_str().unwrap().trim_start_matches("bytes="));
        let range = range.and_then(|range| range.split_once('-')).map(|(first, last)| {
            let last = last.parse::<usize>().unwrap_or(size).min(size.saturating_sub(1));
            (first.parse::<usize>().unwrap(), last)
        });
        if range.is_some_and(|(first, _)| first >= size) {
            return said(416, "InvalidRange");
        }
        let mut response = Response::new(object.bytes.clone());
        if let Some((first, last)) = range {
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            *response.body_mut() = object.bytes.slice(first..=last);
            let range = format!("bytes {first}-{last}/{size}");
            response.headers_mut().insert(CONTENT_RANGE, range.parse().unwrap());
        }
        let headers = response.headers_mut();
        headers.insert(ETAG, object.tag().parse().unwrap());
        headers.insert(LAST_MODIFIED, object.date().parse().unwrap());
        response
    }

    fn put(&mut self, name: &str, bytes: Bytes, creates: bool) -> Response<Bytes> {
        self.requests.puts += 1;
        if creates && self.objects.contains_key(name) {
            return said(412, "PreconditionFailed");
        }
        let object = Object { bytes, written: SystemTime::now() };
        let tag = object.tag();
        self.objects.insert(name.to_owned(), object);
        let mut response = Response::new(Bytes::new());
        response.headers_mut().insert(ETAG, tag.parse().unwrap());
        response
    }

    fn delete(&mut self, body: &Bytes) -> Response<Bytes> {
        self.requests.deletes += 1;
        let text = String::from_utf8(body.to_vec()).unwrap();
        let mut answer = "<DeleteResult>".to_owned();
        for part in text.split("<Key>").skip(1) {
            let name = part.split("</Key>").next().unwrap();
            self.objects.remove(name);
            write!(answer, "<Deleted><Key>{name}</Key></Deleted>").unwrap();
        }
        Response::new(Bytes::from(answer + "</DeleteResult>"))
    }

    fn list(&mut self, query: &Query) -> Response<Bytes> {
        self.requests.lists += 1;
        let word = |name: &str| query.get(name).cloned().unwrap_or_default();
        let (prefix, after) = (word("prefix"), word("start-after").max(word("continuation-token")));
        let names = self.objects.iter().filter(|(name, _)| name.starts_with(&prefix));
        let mut names = names.filter(|(name, _)| **name > after);
        let mut answer = "<ListBucketResult>".to_owned();
        let mut last = "";
        for (name, object) in names.by_ref().take(PAGE) {
            let (size, date, tag) = (object.bytes.len(), object.stamp(), object.tag());
            write!(
                answer,
                "<Contents><Key>{name}</Key><Size>{size}</Size><LastModified>{date}</LastModified>\
                 <ETag>{tag}</ETag></Contents>"
            )
            .unwrap();
            last = name;
        }
        if names.next().is_some() {
            write!(answer, "<NextContinuationToken>{last}</NextContinuationToken>").unwrap();
        }
        Response::new(Bytes::from(answer + "</ListBucketResult>"))
    }
}

impl Object {
    fn tag(&self) -> String {
        format!("\"{}\"", &Sha256::of(&self.bytes).to_string()[..32])
    }

    /// `2026-11-26T09:00:00.123Z`.
    fn stamp(&self) -> String {
        let since = self.written.duration_since(UNIX_EPOCH).unwrap().as_millis();
        Timestamp::from_milliseconds(i64::try_from(since).unwrap()).to_string()
    }

    /// `26 Nov 2026 09:00:00 +0000`.
    fn date(&self) -> String {
        const MONTHS: [&str; 12] =
            ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let stamp = self.stamp();
        let month = MONTHS[stamp[5..7].parse::<usize>().unwrap() - 1];
        format!("{} {month} {} {} +0000", &stamp[8..10], &stamp[..4], &stamp[11..19])
    }
}
