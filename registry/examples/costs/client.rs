//! A client that keeps its connection, for loads that arrive by the clock.

use std::net::SocketAddr;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

pub(crate) struct Client {
    stream: BufReader<TcpStream>,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) tag: Option<String>,
    pub(crate) location: Option<String>,
    pub(crate) body: Vec<u8>,
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream: BufReader::with_capacity(64 << 10, stream) }
    }

    pub(crate) async fn get(&mut self, path: &str, headers: &str) -> Answer {
        self.send(("GET", path), headers, &[]).await
    }

    pub(crate) async fn post(&mut self, path: &str, body: &[u8]) -> Answer {
        self.send(("POST", path), "", body).await
    }

    /// Number of the last commit.
    pub(crate) async fn head(&mut self) -> u64 {
        let head = self.get("/-/v1/head", "").await;
        serde_json::from_slice::<serde_json::Value>(&head.body).unwrap()["seq"].as_u64().unwrap()
    }

    /// Sends a request with these lines of headers, and reads an answer whose length is said.
    pub(crate) async fn send(
        &mut self,
        (method, path): (&str, &str),
        headers: &str,
        body: &[u8],
    ) -> Answer {
        let length = body.len();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: r\r\ncontent-length: {length}\r\n{headers}\r\n"
        );
        let bytes = [head.as_bytes(), body].concat();
        self.stream.write_all(&bytes).await.unwrap();
        let mut line = String::new();
        self.stream.read_line(&mut line).await.unwrap();
        let status = line.split(' ').nth(1).unwrap().parse().unwrap();
        let (mut length, mut tag, mut location) = (0, None, None);
        loop {
            line.clear();
            self.stream.read_line(&mut line).await.unwrap();
            let Some((name, value)) = line.trim_end().split_once(": ") else { break };
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.parse().unwrap(),
                "etag" => tag = Some(value.to_owned()),
                "location" => location = Some(value.to_owned()),
                _ => {}
            }
        }
        let mut body = vec![0; if status == 304 { 0 } else { length }];
        self.stream.read_exact(&mut body).await.unwrap();
        Answer { status, tag, location, body }
    }
}
