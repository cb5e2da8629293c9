//! Our certificates as openssl sees them.

use std::fs;
use std::path::Path;
use std::process::Command;

use fabric_artifacts::x509::Authority;

use crate::fixture::{Organization, Seeded, issuance};
use crate::programs::{has_openssl, output};

#[test]
fn openssl_verifies_every_chain() {
    if !has_openssl() {
        return;
    }
    let organization = Organization::new("Org1", 1, 1);
    let directory = tempfile::tempdir().unwrap();
    let peer = &organization.peers[0];
    let orderer = &organization.orderers[0];
    let cases = [
        (&organization.ca, &peer.sign, "any"),
        (&organization.ca, &orderer.sign, "any"),
        (&organization.ca, &organization.admin, "any"),
        (&organization.tls_ca, &peer.tls, "sslserver"),
        (&organization.tls_ca, &orderer.tls, "sslclient"),
        (&organization.tls_ca, &organization.admin_tls, "sslclient"),
    ];
    for (authority, issued, purpose) in cases {
        let root = directory.path().join("root.pem");
        let leaf = directory.path().join("leaf.pem");
        fs::write(&root, authority.certificate().pem()).unwrap();
        fs::write(&leaf, issued.certificate.pem()).unwrap();
        // The fixture's certificates begin at a fixed time, which may lie in the future of this machine.
        let moment = (crate::fixture::BEGIN.unix_timestamp() + 3600).to_string();
        let mut command = Command::new("openssl");
        command.args(["verify", "-x509_strict", "-check_ss_sig", "-purpose", purpose]);
        command.args(["-attime", &moment, "-CAfile"]);
        output(command.arg(&root).arg(&leaf));
    }
}

#[test]
fn openssl_verifies_the_chain_through_an_intermediate_authority() {
    if !has_openssl() {
        return;
    }
    let organization = Organization::new("Org1", 1, 0);
    let (intermediate, issued) = crate::fixture::intermediate(&organization);
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = directory.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let moment = (crate::fixture::BEGIN.unix_timestamp() + 3600).to_string();
    let mut command = Command::new("openssl");
    command.args(["verify", "-x509_strict", "-check_ss_sig", "-attime", &moment, "-CAfile"]);
    command.arg(file("root.pem", organization.ca.certificate().pem())).arg("-untrusted");
    command.arg(file("intermediate.pem", intermediate.certificate().pem()));
    output(command.arg(file("leaf.pem", issued.certificate.pem())));
}

#[test]
fn openssl_reads_the_keys() {
    if !has_openssl() {
        return;
    }
    let mut random = Seeded::new("keys");
    let subject = fabric_artifacts::x509::AuthorityKind::Signing.subject("Org1", "org1");
    let authority = Authority::create(&subject, &mut issuance(&mut random)).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let key = directory.path().join("key.pem");
    let certificate = directory.path().join("certificate.pem");
    fs::write(&key, authority.key().to_pem().unwrap()).unwrap();
    fs::write(&certificate, authority.certificate().pem()).unwrap();
    let public =
        |arguments: &[&str], file: &Path| output(Command::new("openssl").args(arguments).arg(file));
    assert_eq!(
        String::from_utf8(public(&["pkey", "-pubout", "-in"], &key)).unwrap(),
        String::from_utf8(public(&["x509", "-pubkey", "-noout", "-in"], &certificate)).unwrap()
    );
}
