//! Keys and certificates: structure, determinism, and what is refused.

use std::net::IpAddr;

use fabric_artifacts::Error;
use fabric_artifacts::x509::{
    Authority, AuthorityKind, Certificate, Issuance, Leaf, PrivateKey, Role, Subject, TEN_YEARS,
};
use sha2::{Digest as _, Sha256};
use time::Duration;
use time::macros::datetime;

use crate::fixture::{BEGIN, Organization, Seeded, issuance};

fn authority(seed: &str) -> Authority {
    let subject = AuthorityKind::Signing.subject("Org1", "org1");
    Authority::create(&subject, &mut issuance(&mut Seeded::new(seed))).unwrap()
}

fn identity(role: Role) -> Leaf {
    Leaf::Identity { common_name: "peer0.org1".to_owned(), role }
}

fn tls(names: &[&str]) -> Leaf {
    let names = names.iter().map(|name| (*name).to_owned()).collect();
    Leaf::Tls { common_name: "peer0.org1".to_owned(), names }
}

#[test]
fn same_seed_and_time_give_the_same_bytes() {
    let (first, second) = (Organization::new("Org1", 1, 1), Organization::new("Org1", 1, 1));
    let texts = |organization: &Organization| {
        vec![
            organization.ca.certificate().pem().to_owned(),
            organization.ca.key().to_pem().unwrap(),
            organization.peers[0].tls.certificate.pem().to_owned(),
            organization.peers[0].tls.key.to_pem().unwrap(),
        ]
    };
    assert_eq!(texts(&first), texts(&second));
    assert_ne!(
        first.ca.certificate().pem(),
        Organization::new("Org2", 1, 1).ca.certificate().pem()
    );
}

#[test]
fn every_signature_has_a_low_s() {
    for round in 0..40 {
        let authority = authority(&format!("round {round}"));
        let mut random = Seeded::new(&format!("leaf {round}"));
        let leaf = authority.issue(&identity(Role::Peer), &mut issuance(&mut random)).unwrap();
        assert!(authority.certificate().has_low_s(), "authority {round}");
        assert!(leaf.certificate.has_low_s(), "leaf {round}");
    }
}

#[test]
fn key_identifier_is_the_hash_of_the_uncompressed_point() {
    let authority = authority("identifier");
    let point = authority.key().public_point();
    assert_eq!((point.len(), point[0]), (65, 4));
    let identifier = Sha256::digest(point).to_vec();
    assert_eq!(authority.certificate().subject_key_id(), Some(identifier.as_slice()));
    assert_eq!(authority.certificate().authority_key_id(), None);
    let mut random = Seeded::new("leaf");
    let leaf = authority.issue(&identity(Role::Peer), &mut issuance(&mut random)).unwrap();
    assert_eq!(leaf.certificate.authority_key_id(), Some(identifier.as_slice()));
    assert_eq!(leaf.certificate.subject_key_id(), None);
}

#[test]
fn identities_carry_exactly_one_role() {
    let authority = authority("roles");
    for (role, unit) in [
        (Role::Peer, "peer"),
        (Role::Orderer, "orderer"),
        (Role::Admin, "admin"),
        (Role::Client, "client"),
    ] {
        let mut random = Seeded::new(unit);
        let issued = authority.issue(&identity(role), &mut issuance(&mut random)).unwrap();
        let certificate = issued.certificate;
        assert_eq!(certificate.organizational_units(), [unit]);
        assert_eq!(certificate.subject().common_name, "peer0.org1");
        assert_eq!(certificate.subject().organization, None);
        assert!(!certificate.is_authority());
        assert!(!certificate.authenticates_servers() && !certificate.authenticates_clients());
    }
}

#[test]
fn tls_certificates_serve_and_dial_under_every_name() {
    let authority = authority("tls");
    let names: Vec<String> = (1..=32).map(|sequence| format!("basic-{sequence}")).collect();
    let mut wanted = vec!["peer0.org1".to_owned(), "10.0.0.7".to_owned(), "::1".to_owned()];
    wanted.extend(names);
    let leaf = Leaf::Tls { common_name: "peer0.org1".to_owned(), names: wanted.clone() };
    let mut random = Seeded::new("leaf");
    let certificate = authority.issue(&leaf, &mut issuance(&mut random)).unwrap().certificate;
    assert!(certificate.authenticates_servers() && certificate.authenticates_clients());
    assert_eq!(certificate.dns_names().len(), 33);
    let addresses: Vec<IpAddr> = vec!["10.0.0.7".parse().unwrap(), "::1".parse().unwrap()];
    assert_eq!(certificate.ip_addresses(), addresses);
    assert_eq!(certificate.missing_names(&wanted), Vec::<&str>::new());
    let others = ["PEER0.org1".to_owned(), "basic-33".to_owned(), "10.0.0.8".to_owned()];
    assert_eq!(certificate.missing_names(&others), ["basic-33", "10.0.0.8"]);
    assert!(certificate.organizational_units().is_empty());
}

#[test]
fn clients_never_serve() {
    let subject = AuthorityKind::Tls.subject("Org1", "org1");
    let mut random = Seeded::new("administration");
    let mut issuance = issuance(&mut random);
    let authority = Authority::create(&subject, &mut issuance).unwrap();
    let leaf = Leaf::Client { common_name: "client@org1".to_owned() };
    let client = authority.issue(&leaf, &mut issuance).unwrap().certificate;
    assert!(client.authenticates_clients() && !client.authenticates_servers());
}

#[test]
fn validity_is_what_was_asked_for() {
    let certificate = authority("validity");
    let certificate = certificate.certificate();
    assert_eq!(certificate.not_before(), BEGIN);
    assert_eq!(certificate.not_after(), BEGIN + TEN_YEARS);
}

#[test]
fn no_certificate_outlives_its_authority() {
    let authority = authority("validity");
    let mut random = Seeded::new("leaf");
    let mut late = Issuance { not_before: BEGIN + Duration::days(365), ..issuance(&mut random) };
    let leaf = authority.issue(&identity(Role::Peer), &mut late).unwrap();
    assert_eq!(leaf.certificate.not_after(), authority.certificate().not_after());
    late.not_before = BEGIN + Duration::days(3651);
    let error = authority.issue(&identity(Role::Peer), &mut late).unwrap_err();
    assert!(error.to_string().contains("renew the authority first"), "{error}");
}

#[test]
fn years_after_2049_are_written_and_read() {
    let mut random = Seeded::new("far");
    let mut issuance = issuance(&mut random);
    issuance.lifetime = Duration::days(36500);
    let subject = AuthorityKind::Tls.subject("Org1", "org1");
    let authority = Authority::create(&subject, &mut issuance).unwrap();
    assert_eq!(authority.certificate().not_after(), BEGIN + Duration::days(36500));
}

#[test]
fn refuses_impossible_lifetimes() {
    for (not_before, lifetime) in [
        (BEGIN, Duration::ZERO),
        (BEGIN, Duration::days(-1)),
        (BEGIN, Duration::MAX),
        (datetime!(1949-01-01 00:00 UTC), Duration::days(1)),
    ] {
        let mut random = Seeded::new("lifetime");
        let mut issuance = Issuance { not_before, lifetime, random: &mut random };
        let subject = AuthorityKind::Tls.subject("Org1", "org1");
        let error = Authority::create(&subject, &mut issuance).unwrap_err();
        assert!(matches!(error, Error::Validity { .. }), "{error}");
    }
}

#[test]
fn renews_with_the_same_key_and_other_names() {
    let authority = authority("renewal");
    let mut random = Seeded::new("leaf");
    let mut issuance = issuance(&mut random);
    let first = authority.issue(&tls(&["peer0"]), &mut issuance).unwrap();
    issuance.not_before += Duration::days(30);
    let second =
        authority.certify(&first.key, &tls(&["peer0", "peer0.org1"]), &mut issuance).unwrap();
    assert_eq!(second.public_key_info(), first.certificate.public_key_info());
    assert_ne!(second.pem(), first.certificate.pem());
    assert_eq!(second.dns_names(), ["peer0", "peer0.org1"]);
    second.check_key(&first.key).unwrap();
}

#[test]
fn an_authority_below_another_issues_within_its_time() {
    let root = authority("root");
    let mut random = Seeded::new("below");
    let mut issuance = issuance(&mut random);
    issuance.lifetime *= 2;
    let subject = AuthorityKind::Signing.subject("Org1", "below.org1");
    let below = root.subordinate(&subject, &mut issuance).unwrap();
    below.certificate().verify_issued_by(root.certificate()).unwrap();
    below.certificate().check_authority().unwrap();
    assert_eq!(below.certificate().not_after(), root.certificate().not_after());
    let issued = below.issue(&identity(Role::Client), &mut issuance).unwrap();
    issued.certificate.verify_issued_by(below.certificate()).unwrap();
    assert!(issued.certificate.verify_issued_by(root.certificate()).is_err());
    assert!(issued.certificate.has_low_s() && below.certificate().has_low_s());
}

#[test]
fn an_authority_survives_pem() {
    let authority = authority("files");
    let certificate = Certificate::from_pem(authority.certificate().pem()).unwrap();
    let key = PrivateKey::from_pem(&authority.key().to_pem().unwrap()).unwrap();
    let again = Authority::new(certificate, key).unwrap();
    let issue = |authority: &Authority| {
        let mut random = Seeded::new("leaf");
        authority.issue(&identity(Role::Peer), &mut issuance(&mut random)).unwrap()
    };
    assert_eq!(issue(&again).certificate, issue(&authority).certificate);
}

#[test]
fn pem_ends_with_exactly_one_newline() {
    let authority = authority("newline");
    for text in [authority.certificate().pem().to_owned(), authority.key().to_pem().unwrap()] {
        assert!(text.ends_with("-----\n") && !text.ends_with("\n\n"), "{text:?}");
        assert!(!text.contains('\r'));
    }
}

#[test]
fn leaves_inherit_place_but_not_organization() {
    let subject = Subject {
        country: Some("DE".to_owned()),
        locality: Some("Köln".to_owned()),
        ..AuthorityKind::Signing.subject("Org1", "org1")
    };
    let mut random = Seeded::new("place");
    let mut issuance = issuance(&mut random);
    let authority = Authority::create(&subject, &mut issuance).unwrap();
    let leaf = authority.issue(&identity(Role::Peer), &mut issuance).unwrap().certificate;
    assert_eq!(authority.certificate().subject(), &subject);
    assert_eq!(leaf.subject().country.as_deref(), Some("DE"));
    assert_eq!(leaf.subject().locality.as_deref(), Some("Köln"));
    assert_eq!(leaf.subject().organization, None);
}

#[test]
fn verification_names_what_differs() {
    let own = authority("own");
    let mut random = Seeded::new("leaf");
    let leaf = own.issue(&identity(Role::Peer), &mut issuance(&mut random)).unwrap().certificate;
    leaf.verify_issued_by(own.certificate()).unwrap();
    own.certificate().verify_issued_by(own.certificate()).unwrap();
    let reason = |authority: &Certificate| match leaf.verify_issued_by(authority) {
        Err(Error::NotIssuedBy { reason, .. }) => reason,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        reason(authority("other").certificate()),
        "its issuer has another key of the same name"
    );
    let mut random = Seeded::new("tls");
    let subject = AuthorityKind::Tls.subject("Org1", "org1");
    let tls_ca = Authority::create(&subject, &mut issuance(&mut random)).unwrap();
    assert_eq!(reason(tls_ca.certificate()), "its issuer has another name");
    let error = leaf.verify_issued_by(&leaf).unwrap_err();
    assert!(matches!(error, Error::NotAnAuthority { .. }), "{error}");
}

/// The name and the key identifier still fit; only the signature knows that another serial number was signed.
#[test]
fn a_changed_certificate_is_not_its_authoritys() {
    let authority = authority("forged");
    let mut random = Seeded::new("leaf");
    let leaf = authority.issue(&identity(Role::Peer), &mut issuance(&mut random)).unwrap();
    let mut pem = leaf.certificate.pem().as_bytes().to_vec();
    let within_serial_number = "-----BEGIN CERTIFICATE-----\n".len() + 28;
    let byte = &mut pem[within_serial_number];
    *byte = if *byte == b'A' { b'B' } else { b'A' };
    let forged = Certificate::from_pem(std::str::from_utf8(&pem).unwrap()).unwrap();
    assert_eq!(forged.subject(), leaf.certificate.subject());
    let error = forged.verify_issued_by(authority.certificate()).unwrap_err();
    assert!(error.to_string().ends_with("the signature is wrong"), "{error}");
}

#[test]
fn keys_and_certificates_belong_together() {
    let own = authority("own");
    let other = authority("other");
    let error = Authority::new(own.certificate().clone(), other.key().clone()).unwrap_err();
    assert_eq!(error.to_string(), "the private key does not belong to certificate `ca.org1`");
    let mut random = Seeded::new("leaf");
    let leaf = own.issue(&identity(Role::Peer), &mut issuance(&mut random)).unwrap();
    let error = Authority::new(leaf.certificate, leaf.key).unwrap_err();
    assert!(error.to_string().contains("CA:TRUE"), "{error}");
}

#[test]
fn refuses_names_that_a_certificate_cannot_hold() {
    let authority = authority("names");
    let long = "a".repeat(65);
    let leaves = [
        Leaf::Client { common_name: String::new() },
        Leaf::Client { common_name: long.clone() },
        tls(&["bad host"]),
        tls(&[""]),
        tls(&["a..b"]),
        tls(&[&long]),
    ];
    for leaf in leaves {
        let mut random = Seeded::new("leaf");
        let error = authority.issue(&leaf, &mut issuance(&mut random)).unwrap_err();
        assert!(matches!(error, Error::Name { .. }), "{leaf:?}: {error}");
    }
}

#[test]
fn refuses_text_that_is_not_one_certificate() {
    let own = authority("pem");
    let pem = own.certificate().pem();
    let key = own.key().to_pem().unwrap();
    let cases = [
        (String::new(), "does not begin"),
        ("junk".to_owned(), "does not begin"),
        (format!("comment\n{pem}"), "does not begin"),
        (format!("{pem}{pem}"), "several"),
        (key, "labelled `PRIVATE KEY`"),
        (pem.replacen("MII", "%%%", 1), "CERTIFICATE"),
    ];
    for (text, part) in cases {
        let error = Certificate::from_pem(&text).unwrap_err().to_string();
        assert!(error.contains(part), "{text}: {error}");
    }
    assert!(Certificate::from_pem(&format!("\n{pem}\n")).is_ok());
}

#[test]
fn refuses_keys_that_are_not_pkcs8_p256() {
    // The right curve in the wrong container.
    let label = "EC PRIVATE KEY";
    let sec1 = format!("-----BEGIN {label}-----\nMHcCAQEEIA==\n-----END {label}-----\n");
    for text in ["", "junk", &sec1] {
        let error = PrivateKey::from_pem(text).unwrap_err().to_string();
        assert!(error.contains("openssl pkcs8 -topk8 -nocrypt"), "{error}");
    }
}

#[test]
fn debug_output_of_a_key_is_not_secret() {
    let text = format!("{:?}", authority("debug"));
    assert!(text.contains("PrivateKey { .. }"), "{text}");
}

proptest::proptest! {
    #[test]
    fn reading_damaged_certificates_never_panics(position in 0_usize..700, value: u8) {
        use proptest::prelude::prop_assume;
        let mut text = authority("damage").certificate().pem().as_bytes().to_vec();
        prop_assume!(position < text.len());
        text[position] = value;
        if let Ok(text) = String::from_utf8(text) {
            let _ = Certificate::from_pem(&text);
        }
    }
}
