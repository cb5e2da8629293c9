//! Public certificates, found by the Secret that will hold them.

use std::collections::BTreeMap;

use fabric_artifacts::x509::Certificate;

/// Files of `public/`.
pub(super) type Public = BTreeMap<String, Vec<u8>>;

/// Whether some public file is this certificate.
pub(super) fn holds(public: &Public, pem: &str) -> bool {
    public.values().any(|bytes| bytes == pem.as_bytes())
}

/// The TLS certificate of Secret `<node>-tls` in the namespace of an organization: `public/<organization>/…/<node>/tls.pem`.
pub(super) fn of_secret(public: &Public, organization: &str, secret: &str) -> Option<Certificate> {
    let owner = secret.strip_suffix("-tls")?;
    let (start, end) = (format!("public/{organization}/"), format!("/{owner}/tls.pem"));
    let found = public.iter().find(|(path, _)| path.starts_with(&start) && path.ends_with(&end));
    let text = std::str::from_utf8(found?.1).expect("PEM is text");
    Some(Certificate::from_pem(text).expect("a certificate"))
}
