//! The way of a provenance file: read, compare with the stored package, verify where the policy
//! asks, store, commit.
//!
//! It is written once: what a client has verified never changes.

use chart_registry_catalog::State;
use chart_registry_store::{Event, ObjectReader, PackageRef, Provenance, Signer};

use crate::committer;
use crate::openpgp::{Keyring, SignatureError};
use crate::provenance::{self, Vouched};
use crate::refusal::{Code, Fault, PublishError, Refusal};
use crate::registry::{Origin, Registry};
use crate::spool::Received;

impl Registry {
    /// Takes a provenance file of a version that is there.
    pub(crate) async fn publish_provenance(
        &self,
        origin: Origin,
        received: Received,
        dry_run: bool,
    ) -> Result<(), PublishError> {
        self.refuse_when_blocked()?;
        let vouched = read(&received)?;
        let file = &vouched.file_name;
        let path = origin.repository.clone();
        let has = |state: &State| state.repository(&path).find_package(file).is_some();
        let repository = self.state_with(has).await?.repository(&path);
        let found = repository.find_package(file).ok_or_else(|| {
            let fix = "publish the package first, or both in one form";
            Refusal::new(Code::NotFound, "chart not found", file, fix)
        })?;
        vouched.agrees(file, found.package.sha256)?;
        let signer = self.signer(&path, &vouched).await?;
        let version = (found.chart.to_string(), found.version.to_string());
        let event = Event::Provenance(event(origin, version, (&received, found.package), signer));
        committer::decide_now(&self.state(), std::slice::from_ref(&event))?;
        if dry_run {
            return Ok(());
        }
        self.store().put_object(received.sha256, received.spool).await?;
        self.commit(event).await.map(drop)
    }

    /// Whose signature a provenance file carries, where the policy wants to know; a signature by
    /// nobody whom it names is refused.
    pub(crate) async fn signer(
        &self,
        repository: &str,
        vouched: &Vouched,
    ) -> Result<Option<Signer>, PublishError> {
        let (prefix, policy) = self.state().policy(repository);
        let Some(signed) = &policy.signed else { return Ok(None) };
        let digest = policy.digest().map_err(|error| Fault::Index { reason: error.to_string() })?;
        let now = u64::try_from(self.moment().milliseconds() / 1_000).unwrap_or_default();
        let (ring, text) = (signed.keyring.clone(), vouched.text.clone());
        // Checking takes a while: as with packages, two at a time.
        let turn = self.inspector().await?;
        let check = move || Keyring::parse(&ring).and_then(|ring| ring.verify(&text, now));
        let checked = turn.run(check).await?;
        let fingerprint = checked.map_err(|error| refused(&error, &prefix))?;
        Ok(Some(Signer { fingerprint, policy: digest }))
    }

    /// The bytes of a version's provenance file.
    pub(crate) async fn open_provenance(
        &self,
        file: String,
        provenance: PackageRef,
    ) -> Result<ObjectReader, Fault> {
        let digest = provenance.sha256;
        let lost = || Fault::LostPackage { file, digest: digest.prefixed() };
        self.open_object(digest).await?.ok_or_else(lost)
    }
}

fn refused(error: &SignatureError, prefix: &str) -> Refusal {
    let fix = match error {
        SignatureError::UnknownKey { .. } => {
            format!("sign with a key that the policy at `/{prefix}` names, or let it name this one")
        }
        SignatureError::KeyExpired { .. } => {
            "extend the key's life and let the policy name it again, or sign with another"
                .to_owned()
        }
        SignatureError::KeyRevoked { .. } => "sign with another key".to_owned(),
        SignatureError::SignatureExpired
        | SignatureError::Time
        | SignatureError::Damaged(_)
        | SignatureError::PrivateKey
        | SignatureError::Algorithm(_)
        | SignatureError::NotForSigning { .. }
        | SignatureError::Wrong => {
            "sign the package again with `helm package --sign`, and do not edit what it writes"
                .to_owned()
        }
    };
    Refusal::new(Code::BadSignature, &error.to_string(), "provenance file", &fix)
}

/// What a provenance file says.
pub(crate) fn read(file: &Received) -> Result<Vouched, Refusal> {
    provenance::parse(file.in_memory().map_or(&[], |bytes| bytes))
}

/// The event that makes a provenance file available.
pub(crate) fn event(
    origin: Origin,
    (name, version): (String, String),
    (file, package): (&Received, PackageRef),
    signer: Option<Signer>,
) -> Provenance {
    let Origin { actor, request, repository: repo } = origin;
    let provenance = PackageRef { sha256: file.sha256, size: file.size };
    let package = package.sha256;
    Provenance { repo, name, version, actor, request, provenance, package, signer, oci: None }
}
