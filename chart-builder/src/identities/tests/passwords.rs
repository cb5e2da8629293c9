use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::*;
use crate::model::{Resources, StateDatabase, Storage};

/// The article's network whose first peer has a `CouchDB`.
fn with_couchdb() -> Network {
    let mut network = example::article();
    network.organizations[0].peers[0].state_database =
        StateDatabase::CouchDb { storage: Storage::EmptyDir, resources: Resources::default() };
    network
}

#[test]
fn a_state_database_has_one_password_for_ever_and_it_stands_in_a_secret() {
    let root = tempfile::tempdir().unwrap();
    run(root.path(), &with_couchdb(), 1).unwrap();
    let path = root.path().join("private/Org1/nodes/peer0/couchdb.password");
    let password = fs::read_to_string(&path).unwrap();
    assert_eq!(password.trim_end().len(), 48);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let manifest = || fs::read_to_string(root.path().join("private/Org1/manifest.yaml")).unwrap();
    let first = manifest();
    let text = first.split("---\n").find(|it| it.contains("name: peer0-couchdb")).unwrap();
    assert!(text.contains("type: kubernetes.io/basic-auth"), "{text}");
    let encoded = STANDARD.encode(password.trim_end());
    assert!(text.contains(&format!("password: {encoded}")), "{text}");
    run(root.path(), &with_couchdb(), 2).unwrap();
    assert_eq!(manifest(), first);
    fs::write(&path, "two words\n").unwrap();
    let found = faults(run(root.path(), &with_couchdb(), 3));
    assert!(found[0].contains("couchdb.password"), "{found:?}");
}
