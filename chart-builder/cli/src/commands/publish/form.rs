//! The body of a release: a form with every package and every provenance file.

use bytes::{BufMut, Bytes, BytesMut};

use super::packages::Package;

/// A form that is ready to be sent.
#[derive(Debug, Clone)]
pub(super) struct Form {
    /// Its `Content-Type`.
    pub(super) content_type: String,
    pub(super) body: Bytes,
}

impl Form {
    /// The form of these packages; `chance` makes the text between its parts.
    pub(super) fn new(packages: &[Package], chance: u128) -> Self {
        let boundary = format!("chart-builder-{chance:032x}");
        let mut body = BytesMut::new();
        for package in packages {
            let name = &package.file_name;
            part(&mut body, (&boundary, "chart", name), &package.bytes);
            if let Some(provenance) = &package.provenance {
                part(&mut body, (&boundary, "prov", &format!("{name}.prov")), provenance);
            }
        }
        body.put_slice(format!("--{boundary}--\r\n").as_bytes());
        let content_type = format!("multipart/form-data; boundary={boundary}");
        Self { content_type, body: body.freeze() }
    }
}

fn part(body: &mut BytesMut, (boundary, field, name): (&str, &str, &str), content: &[u8]) {
    // A quote or the end of a line would end the name.
    let name: String = name
        .chars()
        .map(|sign| if sign == '"' || sign.is_control() { '_' } else { sign })
        .collect();
    let head = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    );
    body.reserve(head.len() + content.len() + 2);
    body.put_slice(head.as_bytes());
    body.put_slice(content);
    body.put_slice(b"\r\n");
}
