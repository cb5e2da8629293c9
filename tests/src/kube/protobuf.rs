//! Reads a Secret in Kubernetes' protobuf form, in which Helm stores its releases.
//!
//! `k8s\0`, then `runtime.Unknown { raw = 2 }`, in it `Secret { metadata = 1, data = 2, type = 3 }`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

/// The Secret as its JSON form; nothing when the bytes are something else.
pub(super) fn secret(bytes: &[u8]) -> Option<Value> {
    let unknown = fields(bytes.strip_prefix(b"k8s\0")?)?;
    let secret = fields(first(&unknown, 2)?)?;
    let metadata = fields(first(&secret, 1)?)?;
    let data: Map<String, Value> = pairs(&secret, 2)?
        .into_iter()
        .map(|(key, value)| (key, Value::String(STANDARD.encode(value))))
        .collect();
    let labels: Map<String, Value> = pairs(&metadata, 11)?
        .into_iter()
        .map(|(key, value)| (key, json!(String::from_utf8_lossy(value))))
        .collect();
    let text = |message: &[Field<'_>], number| {
        first(message, number).map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    };
    Some(json!({
        "metadata": {
            "name": text(&metadata, 1)?, "namespace": text(&metadata, 3), "labels": labels,
        },
        "type": text(&secret, 3), "data": data,
    }))
}

/// Number and bytes of a field that has a length; fields of other kinds are passed over.
type Field<'a> = (u64, &'a [u8]);

fn fields(mut bytes: &[u8]) -> Option<Vec<Field<'_>>> {
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes)?;
        let length = match key & 7 {
            0 => {
                varint(&mut bytes)?;
                continue;
            }
            1 => 8,
            2 => usize::try_from(varint(&mut bytes)?).ok()?,
            5 => 4,
            _ => return None,
        };
        let (value, rest) = bytes.split_at_checked(length)?;
        bytes = rest;
        fields.push((key >> 3, value));
    }
    Some(fields)
}

fn first<'a>(fields: &[Field<'a>], number: u64) -> Option<&'a [u8]> {
    fields.iter().find(|(found, _)| *found == number).map(|(_, value)| *value)
}

/// Entries of a map field: key = 1, value = 2.
fn pairs<'a>(message: &[Field<'a>], number: u64) -> Option<Vec<(String, &'a [u8])>> {
    let entries = message.iter().filter(|(found, _)| *found == number);
    entries
        .map(|(_, entry)| {
            let entry = fields(entry)?;
            let key = String::from_utf8(first(&entry, 1)?.to_vec()).ok()?;
            Some((key, first(&entry, 2).unwrap_or_default()))
        })
        .collect()
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}
