//! Real keys and certificates, made by `openssl`, against the search for keys.

#![expect(clippy::print_stdout, reason = "a test that did not run must say so")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::Write;
use std::process::{Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chart_format::keys;

/// Runs `openssl` with the input and gives its output; nothing where there is no `openssl`.
fn openssl(arguments: &str, input: &[u8]) -> Option<Vec<u8>> {
    let spawned = Command::new("openssl")
        .args(arguments.split_whitespace())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut child) = spawned else {
        assert!(std::env::var_os("REQUIRE_ORACLES").is_none(), "no openssl");
        println!("not run: no openssl");
        return None;
    };
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "openssl {arguments}");
    Some(output.stdout)
}

#[test]
fn every_form_of_a_real_key_is_found() {
    let forms = [
        "pkey",
        "pkey -traditional",
        "pkey -outform DER",
        "pkey -traditional -outform DER",
        "pkcs8 -topk8 -passout pass:secret",
        "pkcs8 -topk8 -passout pass:secret -outform DER",
        "pkcs8 -topk8 -nocrypt -outform DER",
    ];
    for algorithm in [
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256",
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384",
        "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048",
        "genpkey -algorithm ED25519",
    ] {
        let Some(key) = openssl(algorithm, b"") else { return };
        for form in forms {
            // Ed25519 has no form of its own.
            if algorithm.contains("ED25519") && form.contains("traditional") {
                continue;
            }
            let Some(converted) = openssl(form, &key) else { return };
            for bytes in [converted.clone(), STANDARD.encode(&converted).into_bytes()] {
                assert!(keys::find(&bytes).is_some(), "{algorithm}, {form}");
            }
        }
        let Some(public) = openssl("pkey -pubout", &key) else { return };
        let Some(public_der) = openssl("pkey -pubout -outform DER", &key) else { return };
        for bytes in [public, public_der] {
            assert_eq!(keys::find(&bytes), None, "{algorithm}");
            assert_eq!(keys::find(STANDARD.encode(&bytes).as_bytes()), None, "{algorithm}");
        }
    }
}

#[test]
fn certificates_and_requests_pass() {
    let directory = tempfile::tempdir().unwrap();
    let key = directory.path().join("key.pem");
    for kind in ["ec -pkeyopt ec_paramgen_curve:P-256", "rsa:2048"] {
        for what in ["-x509 -days 10", ""] {
            for form in ["PEM", "DER"] {
                let command = format!(
                    "req -new {what} -newkey {kind} -nodes -subj /CN=peer0.org1 -outform {form} -keyout {}",
                    key.display()
                );
                let Some(made) = openssl(&command, b"") else { return };
                assert_eq!(keys::find(&made), None, "{command}");
                assert_eq!(keys::find(STANDARD.encode(&made).as_bytes()), None, "{command}");
                assert!(keys::find(&std::fs::read(&key).unwrap()).is_some());
            }
        }
    }
}
