//! Keys, texts and signatures that `GnuPG` 2.2 made; `fixtures/` has one directory for each kind.

use super::*;

/// Valid from 2026-01-01 on, for two years, or one for subkeys.
const MADE: u64 = 1_767_225_600;
const DAY: u64 = 86_400;
const NOW: u64 = MADE + 30 * DAY;

/// Name, public key, the same after its revocation, a provenance file.
const KINDS: [(&str, &str, &str, &str); 5] = [
    (
        "RSA",
        include_str!("fixtures/rsa2048/key.asc"),
        include_str!("fixtures/rsa2048/revoked.asc"),
        include_str!("fixtures/rsa2048/org-1.0.0.tgz.prov.golden"),
    ),
    (
        "Ed25519",
        include_str!("fixtures/ed25519/key.asc"),
        include_str!("fixtures/ed25519/revoked.asc"),
        include_str!("fixtures/ed25519/org-1.0.0.tgz.prov.golden"),
    ),
    (
        "P-256",
        include_str!("fixtures/nistp256/key.asc"),
        include_str!("fixtures/nistp256/revoked.asc"),
        include_str!("fixtures/nistp256/org-1.0.0.tgz.prov.golden"),
    ),
    (
        "P-384",
        include_str!("fixtures/nistp384/key.asc"),
        include_str!("fixtures/nistp384/revoked.asc"),
        include_str!("fixtures/nistp384/org-1.0.0.tgz.prov.golden"),
    ),
    (
        "an RSA certificate with an Ed25519 subkey",
        include_str!("fixtures/subkey/key.asc"),
        include_str!("fixtures/subkey/revoked.asc"),
        include_str!("fixtures/subkey/org-1.0.0.tgz.prov.golden"),
    ),
];

fn verify(ring: &str, file: &str, now: u64) -> Result<String, SignatureError> {
    Keyring::parse(ring)?.verify(&ClearText::parse(file)?, now)
}

#[test]
fn a_good_signature_of_each_kind_is_accepted() {
    for (kind, key, _, file) in KINDS {
        let fingerprint = verify(key, file, NOW).unwrap_or_else(|error| panic!("{kind}: {error}"));
        assert_eq!(fingerprint.len(), 40, "{kind}");
        // Line ends and blanks at the ends of lines are nobody's words.
        let sent = file.replace('\n', "\r\n");
        assert_eq!(verify(key, &sent, NOW), Ok(fingerprint.clone()), "{kind}");
        let all: String = KINDS.iter().map(|(_, key, _, _)| *key).collect();
        assert_eq!(verify(&all, file, NOW), Ok(fingerprint), "{kind}");
    }
}

/// Key, and what `helm package --sign` of Helm 3.19 and 4.2 wrote with it.
const SIGNED_BY_HELM: [(&str, [&str; 2]); 2] = [
    (
        include_str!("fixtures/helm/rsa2048.asc"),
        [
            include_str!("fixtures/helm/rsa2048-helm3.prov.golden"),
            include_str!("fixtures/helm/rsa2048-helm4.prov.golden"),
        ],
    ),
    (
        include_str!("fixtures/helm/nistp256.asc"),
        [
            include_str!("fixtures/helm/nistp256-helm3.prov.golden"),
            include_str!("fixtures/helm/nistp256-helm4.prov.golden"),
        ],
    ),
];

#[test]
fn what_helm_signs_is_accepted() {
    let now = MADE + 400 * DAY;
    for (key, files) in SIGNED_BY_HELM {
        for file in files {
            let accepted = verify(key, file, now);
            assert!(accepted.is_ok(), "{accepted:?}: {file}");
            assert_eq!(
                verify(key, &file.replace("1.0.0", "1.0.1"), now),
                Err(SignatureError::Wrong)
            );
        }
    }
}

#[test]
fn an_expired_key_is_refused() {
    for (kind, key, _, file) in KINDS {
        for now in [MADE + 731 * DAY, MADE + 10_000 * DAY] {
            let refused = verify(key, file, now);
            assert!(
                matches!(refused, Err(SignatureError::KeyExpired { .. })),
                "{kind}: {refused:?}"
            );
        }
    }
}

#[test]
fn a_revoked_key_is_refused() {
    for (kind, _, revoked, file) in KINDS {
        let refused = verify(revoked, file, NOW);
        assert!(matches!(refused, Err(SignatureError::KeyRevoked { .. })), "{kind}: {refused:?}");
    }
}

#[test]
fn a_changed_text_is_refused() {
    for (kind, key, _, file) in KINDS {
        for (from, to) in
            [("1.0.0.tgz", "1.0.1.tgz"), ("sha256:b", "sha256:c"), ("blanks", "blank")]
        {
            let changed = file.replacen(from, to, 1);
            assert_ne!(changed, file, "{kind}");
            assert_eq!(verify(key, &changed, NOW), Err(SignatureError::Wrong), "{kind} {from}");
        }
    }
}

#[test]
fn a_key_that_nobody_has_is_refused() {
    for (index, (kind, _, _, file)) in KINDS.into_iter().enumerate() {
        let (_, other, _, _) = KINDS[(index + 1) % KINDS.len()];
        let refused = verify(other, file, NOW);
        assert!(matches!(refused, Err(SignatureError::UnknownKey { .. })), "{kind}: {refused:?}");
    }
}

#[test]
fn a_signature_from_the_future_is_refused() {
    let (_, key, _, file) = KINDS[1];
    assert_eq!(verify(key, file, MADE - DAY), Err(SignatureError::Time));
    assert!(verify(key, file, MADE - 60).is_ok(), "clocks differ by a minute");
}

#[test]
fn no_damage_to_key_or_file_makes_it_good_or_panics() {
    for (kind, key, _, file) in KINDS {
        let (ring, text) = (Keyring::parse(key).unwrap(), ClearText::parse(file).unwrap());
        let block = armor::blocks(&text.signature, armor::SIGNATURE).unwrap().remove(0);
        let good = ring.verify(&text, NOW).unwrap();
        let mut accepted = 0;
        for at in 0..block.len() {
            let mut changed = block.clone();
            changed[at] ^= 1 << (at % 8);
            let result = Signature::parse(packet_body(&changed))
                .and_then(|signature| ring.verify_one(&signature, &text.canonical(), NOW));
            assert!(result.as_ref().is_ok_and(|it| *it == good) || result.is_err(), "{kind} {at}");
            accepted += usize::from(result.is_ok());
        }
        // The frame, the hint of the issuer, the two early bytes and bit counts are not signed.
        assert!(accepted < 30, "{kind}: {accepted} of {} changes went unnoticed", block.len());
        let keys = armor::blocks(key, armor::PUBLIC_KEY).unwrap().remove(0);
        for length in 0..keys.len() {
            let mut found = Vec::new();
            // Reading ends with an answer, whatever is cut off.
            drop(Certificate::read_all(&mut Packets::new(&keys[..length]), &mut found));
        }
    }
}

/// The body of a packet with a header of two bytes or, from 192 bytes on, three.
fn packet_body(packet: &[u8]) -> &[u8] {
    &packet[if packet.len() > 192 { 3 } else { 2 }..]
}

#[test]
fn a_ring_with_a_private_key_or_without_any_is_refused() {
    let block = |kind: &str| {
        format!("-----BEGIN PGP {kind} BLOCK-----\n\n-----END PGP {kind} BLOCK-----\n")
    };
    let private = block(&["PRIVATE", "KEY"].join(" "));
    assert_eq!(Keyring::parse(&private).unwrap_err(), SignatureError::PrivateKey);
    for text in ["", "no key", &block("PUBLIC KEY")] {
        assert!(Keyring::parse(text).is_err(), "{text}");
    }
}
