//! P-256 keys and X.509 certificates in the shape that `cryptogen` gives them.
//!
//! Signatures are deterministic (RFC 6979) and low-S, which Fabric demands of identities; subject key identifiers are the
//! SHA-256 of the uncompressed public point, 32 bytes, as `cryptogen` made them up to 2.5. Left out: other curves, RSA,
//! revocation lists and signing requests; a certificate is checked against the authority that issued it, not along a path.
//!
//! ```
//! use fabric_artifacts::x509::{Authority, AuthorityKind, Issuance, Leaf, Role, TEN_YEARS};
//! # fn main() -> Result<(), fabric_artifacts::Error> {
//! # let mut random = rand::rngs::StdRng::from_seed([7; 32]);
//! # use rand::SeedableRng;
//! let mut issuance = Issuance {
//!     not_before: time::macros::datetime!(2026-11-25 15:00 UTC),
//!     lifetime: TEN_YEARS,
//!     random: &mut random,
//! };
//! let ca = Authority::create(&AuthorityKind::Signing.subject("Org1", "org1"), &mut issuance)?;
//! let peer = Leaf::Identity { common_name: "peer0.org1".to_owned(), role: Role::Peer };
//! let issued = ca.issue(&peer, &mut issuance)?;
//! issued.certificate.verify_issued_by(ca.certificate())?;
//! # Ok(())
//! # }
//! ```

mod authority;
mod certificate;
mod extension;
mod key;
mod subject;

pub use authority::{Authority, AuthorityKind, Issuance, Issued, Leaf, Role, TEN_YEARS};
pub use certificate::Certificate;
pub use key::PrivateKey;
pub use subject::Subject;
