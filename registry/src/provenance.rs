//! Provenance files: what they say about a package.
//!
//! A provenance file is a clear-signed text: Chart.yaml, a line `...`, then a map from file names to
//! digests. Helm checks the signature, the name of the downloaded file and its digest. The registry
//! checks name and digest, so that what it serves can be verified at all; `openpgp` checks signatures
//! where a policy asks for them.

use chart_format::digest::Sha256;
use chart_format::yaml;

use crate::openpgp::SignatureError;
use crate::openpgp::clear_text::ClearText;
use crate::refusal::{Code, Refusal};

/// Most bytes of a provenance file; those of usual charts have a few thousand.
pub(crate) const MAX_PROVENANCE_BYTES: u64 = 256 << 10;

/// The package that a provenance file vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Vouched {
    /// Name of the package's file.
    pub(crate) file_name: String,
    /// Digest that the package must have.
    pub(crate) digest: Sha256,
    /// The text that says so, with its signature.
    pub(crate) text: ClearText,
}

/// Reads what a provenance file says.
pub(crate) fn parse(bytes: &[u8]) -> Result<Vouched, Refusal> {
    let text = std::str::from_utf8(bytes).map_err(|_| bad("it is no text"))?;
    let unsigned =
        |error: SignatureError| bad(&format!("it is no clear-signed OpenPGP message: {error}"));
    let text = ClearText::parse(text).map_err(unsigned)?;
    let message = text.text();
    let (_, sums) = message
        .split_once("\n...\n")
        .ok_or_else(|| bad("the line `...` between Chart.yaml and the digests is missing"))?;
    let unreadable = |error: yaml::ReadError| bad(&format!("the digests are no YAML: {error}"));
    let sums = yaml::read(sums, yaml::Limits::METADATA).map_err(unreadable)?;
    let files = sums.get("files").and_then(serde_json::Value::as_object);
    let mut files = files.into_iter().flatten();
    let (Some((file_name, digest)), None) = (files.next(), files.next()) else {
        return Err(bad("`files` does not name exactly one file"));
    };
    let digest = digest.as_str().and_then(|text| text.strip_prefix("sha256:"));
    let digest = digest.and_then(|hex| Sha256::parse(hex).ok());
    let digest = digest.ok_or_else(|| bad(&format!("`{file_name}` has no SHA-256 digest")))?;
    Ok(Vouched { file_name: file_name.clone(), digest, text })
}

impl Vouched {
    /// Refuses a provenance file of other bytes than those that are stored.
    pub(crate) fn agrees(&self, file_name: &str, stored: Sha256) -> Result<(), Refusal> {
        if self.file_name != file_name {
            let what = format!("it vouches for `{}`, not for `{file_name}`", self.file_name);
            return Err(bad(&what));
        }
        if self.digest != stored {
            return Err(bad(&format!(
                "it vouches for the package sha256:{}, stored is sha256:{stored}",
                self.digest
            )));
        }
        Ok(())
    }
}

fn bad(what: &str) -> Refusal {
    let fix = "sign the package that is published with `helm package --sign`, and do not edit it";
    Refusal::new(Code::BadProvenance, what, "provenance file", fix)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGIN_MESSAGE: &str = "-----BEGIN PGP SIGNED MESSAGE-----";
    const BEGIN_SIGNATURE: &str = "-----BEGIN PGP SIGNATURE-----";
    const END_SIGNATURE: &str = "-----END PGP SIGNATURE-----";

    fn file(sums: &str) -> String {
        format!(
            "{BEGIN_MESSAGE}\nHash: SHA512\n\napiVersion: v2\nname: org\nversion: 1.0.0\n\n...\n{sums}\n\
             {BEGIN_SIGNATURE}\n\nwsBzBAEBCgAnBQJ=\n{END_SIGNATURE}\n"
        )
    }

    #[test]
    fn names_the_package_and_its_digest() {
        let digest = Sha256::of(b"package");
        let text = file(&format!("files:\n  org-1.0.0.tgz: sha256:{digest}"));
        let expected = parse(text.as_bytes()).unwrap();
        assert_eq!((expected.file_name.as_str(), expected.digest), ("org-1.0.0.tgz", digest));
        assert_eq!(parse(text.replace('\n', "\r\n").as_bytes()), Ok(expected.clone()));
        assert_eq!(expected.agrees("org-1.0.0.tgz", digest), Ok(()));
        assert!(expected.agrees("org-1.0.1.tgz", digest).is_err());
        assert!(expected.agrees("org-1.0.0.tgz", Sha256::of(b"other")).is_err());
    }

    #[test]
    fn refuses_what_vouches_for_nothing() {
        let good = file(&format!("files:\n  org-1.0.0.tgz: sha256:{}", Sha256::of(b"")));
        for text in [
            String::new(),
            "no signature".to_owned(),
            good.replace(END_SIGNATURE, ""),
            good.replace("\n...\n", "\n"),
            file("files: {}"),
            file("files:\n  a.tgz: md5:00"),
            file("files:\n  a.tgz: 1\n  b.tgz: 2"),
            file("files: ["),
            file("other: 1"),
        ] {
            let refusal = parse(text.as_bytes()).unwrap_err();
            assert_eq!(refusal.code, Code::BadProvenance, "{text}");
        }
        assert!(parse(b"\xff").is_err());
    }
}
