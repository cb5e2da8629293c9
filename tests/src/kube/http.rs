//! HTTP/1.1, one request on a connection: enough for clients that are asked to close.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;

use serde_json::{Value, json};

/// A request with its body.
pub(super) struct Request {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: BTreeMap<String, String>,
    pub(super) content_type: String,
    pub(super) body: Vec<u8>,
}

/// Status, type and body.
pub(super) struct Answer {
    status: u16,
    content_type: String,
    body: Vec<u8>,
}

impl Answer {
    pub(super) fn ok(document: &Value) -> Self {
        Self::json(200, document)
    }

    pub(super) fn json(status: u16, document: &Value) -> Self {
        let body = document.to_string().into_bytes();
        Self { status, content_type: "application/json".to_owned(), body }
    }

    pub(super) fn empty(content_type: &str) -> Self {
        Self { status: 200, content_type: content_type.to_owned(), body: Vec::new() }
    }

    /// Kubernetes' own form of a failure.
    pub(super) fn failure(status: u16, reason: &str, message: &str) -> Self {
        let document = json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": message, "reason": reason, "code": status,
        });
        Self::json(status, &document)
    }
}

/// Reads one request, writes one answer, closes. A connection that breaks is the client's affair.
pub(super) fn converse(stream: TcpStream, answer: impl Fn(&Request) -> Answer) {
    let mut reader = BufReader::new(stream);
    if let Ok(request) = read(&mut reader) {
        let answer = answer(&request);
        let head = format!(
            "HTTP/1.1 {} Answer\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            answer.status,
            answer.content_type,
            answer.body.len()
        );
        let mut stream = reader.into_inner();
        let written =
            stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&answer.body));
        drop(written);
    }
}

fn read(reader: &mut BufReader<TcpStream>) -> std::io::Result<Request> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let (mut length, mut content_type) = (0, String::new());
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().unwrap_or(0),
            "content-type" => value.clone_into(&mut content_type),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let (path, query) = target.split_once('?').unwrap_or((target.as_str(), ""));
    Ok(Request { method, path: path.to_owned(), query: parameters(query), content_type, body })
}

fn parameters(query: &str) -> BTreeMap<String, String> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), unescape(value))).collect()
}

fn unescape(value: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = value.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let code = tail.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
        let byte = code.and_then(|pair| u8::from_str_radix(pair, 16).ok());
        if let (b'%', Some(byte)) = (first, byte) {
            bytes.push(byte);
            rest = &tail[2..];
        } else {
            bytes.push(first);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
