//! Parts of the configuration file that hold lists of things: each is a type that derives
//! `Deserialize`, read with positions.

use serde::de::DeserializeOwned;

use super::Settings;
use super::deserialize;
use super::document::{Misplaced, Node, Value};
use super::fault::Wrong;

/// A part of the file with a name of its own at the first level.
#[derive(Debug)]
pub struct Section {
    /// Its key.
    pub name: &'static str,
    /// What it is for, in Markdown, with an example.
    pub doc: &'static str,
    /// Reads it into the settings.
    pub(super) take: fn(&mut Settings, &Node, &mut Reading),
}

/// Every section.
pub const SECTIONS: &[Section] = &[
    Section {
        name: "identity",
        doc: "Who callers are. `chart-registry password` makes the hash of a password that it reads.\n\n\
          ```yaml\nidentity:\n  users:\n    - name: alice\n      \
          password: $argon2id$v=19$m=19456,t=2,p=1$...\n      grants:\n        - below: team/a\n          \
          permissions: [read, publish]\n```",
        take: |settings, node, reading| {
            settings.identity = one(node, reading).unwrap_or_default();
            for (what, fix) in settings.identity.faults() {
                reading.faults.push((node.position, Wrong::new(what, fix)));
            }
        },
    },
    Section {
        name: "outbound",
        doc: "How the registry asks other servers. `ca-files` are PEM files of authorities that it trusts \
          besides those of the system. `private-hosts` are hosts that it may ask although their \
          addresses are those of a private network, whoever names them; a host in a URL of this file \
          needs no place here.\n\n\
          ```yaml\noutbound:\n  ca-files: [/etc/ssl/company.pem]\n  private-hosts: [keys.idp.internal]\n```",
        take: |settings, node, reading| {
            settings.outbound = one(node, reading).unwrap_or_default();
        },
    },
];

/// What was found while a section was read.
#[derive(Debug, Default)]
pub struct Reading {
    pub(super) faults: Vec<Misplaced>,
}

/// A list of things; one that cannot be read is reported where it fails, and the others are read.
pub fn list<T: DeserializeOwned>(node: &Node, reading: &mut Reading) -> Vec<T> {
    let items = match &node.value {
        Value::Null => return Vec::new(),
        Value::List(items) => items,
        Value::Scalar { .. } | Value::Map(_) => {
            let wrong = Wrong::new("here stands no list", "begin each item with `- `");
            reading.faults.push((node.position, wrong));
            return Vec::new();
        }
    };
    items.iter().filter_map(|item| deserialize::read(item, &mut reading.faults)).collect()
}

/// One thing; nothing when it is not there or cannot be read.
pub fn one<T: DeserializeOwned>(node: &Node, reading: &mut Reading) -> Option<T> {
    match node.value {
        Value::Null => None,
        Value::Scalar { .. } | Value::List(_) | Value::Map(_) => {
            deserialize::read(node, &mut reading.faults)
        }
    }
}
