//! Asking `configtxgen` and `configtxlator`, and comparing what they say.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::programs::output;

/// What differs by nature: configtxgen takes a random nonce and the time of day, and both are hashed.
pub(crate) const IGNORED_IN_BLOCKS: [&str; 4] = [
    "/data/data/0/payload/header/signature_header/nonce",
    "/data/data/0/payload/header/channel_header/timestamp",
    "/data/data/0/payload/header/channel_header/tx_id",
    "/header/data_hash",
];

/// Metadata of a genesis block from 2.0 on: the last configuration is block 0.
const LAST_CONFIGURATION: [u8; 4] = [0x0a, 0x02, 0x0a, 0x00];

/// What differs by nature in a transaction: the time of day.
const IGNORED_IN_TRANSACTIONS: [&str; 1] = ["/payload/header/channel_header/timestamp"];

/// A program with its version, and the directory that it works in.
pub(crate) struct Generator<'a> {
    pub(crate) version: &'a str,
    pub(crate) program: &'a Path,
    pub(crate) directory: &'a Path,
}

impl Generator<'_> {
    /// What configtxgen writes for the profile `Genesis` with this option and channel.
    pub(crate) fn generate(&self, profile: &str, channel: &str, option: &[&str]) -> Vec<u8> {
        fs::write(self.directory.join("configtx.yaml"), profile).unwrap();
        let file = self.directory.join("output");
        let mut command = Command::new(self.program);
        command.args(["-profile", "Genesis", "-channelID", channel]);
        output(command.env("FABRIC_CFG_PATH", self.directory).args(option).arg(&file));
        fs::read(file).unwrap()
    }

    /// Both blocks have to say the same.
    ///
    /// Before 2.0 the number of the last configuration was kept elsewhere, and the number 0 takes no byte there.
    pub(crate) fn compare_blocks(&self, ours: &[u8], theirs: &[u8]) {
        let mut ignored = IGNORED_IN_BLOCKS.to_vec();
        let mut length = theirs.len();
        if self.version.starts_with("1.") {
            ignored.push("/metadata");
            length += LAST_CONFIGURATION.len();
        }
        assert_eq!(ours.len(), length, "{}: the blocks have other lengths", self.version);
        self.compare("common.Block", (ours, theirs), &ignored);
    }

    /// Both transactions have to say the same.
    pub(crate) fn compare_transactions(&self, ours: &[u8], theirs: &[u8]) {
        assert_eq!(ours.len(), theirs.len(), "{}: other lengths", self.version);
        self.compare("common.Envelope", (ours, theirs), &IGNORED_IN_TRANSACTIONS);
    }

    fn compare(&self, kind: &str, (ours, theirs): (&[u8], &[u8]), ignored: &[&str]) {
        let translator = self.program.with_file_name("configtxlator");
        let mut ours = decode(kind, ours, &translator);
        let mut theirs = decode(kind, theirs, &translator);
        for pointer in ignored {
            remove(&mut ours, pointer);
            remove(&mut theirs, pointer);
        }
        assert!(
            ours == theirs,
            "{}: they differ\nours: {ours:#}\nconfigtxgen's: {theirs:#}",
            self.version
        );
    }
}

/// Takes a field away that has to be there: an ignored path that is gone hides nothing.
pub(crate) fn remove(value: &mut Value, pointer: &str) {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let parent = value.pointer_mut(parent).and_then(Value::as_object_mut);
    let removed = parent.and_then(|parent| parent.remove(key));
    assert!(removed.is_some(), "{pointer} is missing");
}

/// A message as configtxlator shows it.
pub(crate) fn decode(kind: &str, message: &[u8], translator: &Path) -> Value {
    let directory = tempfile::tempdir().unwrap();
    let input = directory.path().join("message");
    fs::write(&input, message).unwrap();
    let mut command = Command::new(translator);
    let text = output(command.args(["proto_decode", "--type", kind, "--input"]).arg(&input));
    serde_json::from_slice(&text).unwrap()
}
