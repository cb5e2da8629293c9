//! YAML as Helm reads it: a document tree, a writer that is safe for YAML 1.1 readers, and a
//! reader with Go's rules for unquoted words.
//!
//! Helm reads YAML 1.1: an unquoted `no` is a boolean, `1_000` a number, and a map key `on` becomes
//! the key `true`. The writer therefore leaves a word unquoted only when no version of YAML can
//! take it for anything but text.
//!
//! ```
//! use chart_format::yaml::{Map, write};
//!
//! let values = Map::new().with("replicas", 1).with_comment("tag", "Pinned by the lock.", "1.10");
//! assert_eq!(write(&values.into()), "replicas: 1\n# Pinned by the lock.\ntag: \"1.10\"\n");
//! ```
//!
//! Left out: anchors, tags, flow style, floating-point numbers (write them as text).

mod go_json;
mod go_order;
mod go_scalar;
mod go_style;
mod go_yaml;
mod read;
mod scalar;
mod tree;
mod write;

pub use go_json::go_json;
pub(crate) use go_json::go_json_ordered;
pub use go_yaml::go_yaml;
pub use read::{Limits, ReadError, ReadFault, go_text, read};
pub use tree::{Entry, Map, Node, UnsupportedNumber};
pub use write::write;
