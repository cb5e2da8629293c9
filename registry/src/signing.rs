//! The way of a provenance file: read, compare with the stored package, store, commit.
//!
//! It is written once: what a client has verified never changes.

use chart_registry_catalog::State;
use chart_registry_store::{Event, ObjectReader, PackageRef, Provenance};

use crate::inspection::Inspected;
use crate::provenance;
use crate::refusal::{Code, Fault, PublishError, Refusal};
use crate::registry::{Origin, Registry};
use crate::spool::Received;

impl Registry {
    /// Takes a provenance file of a version that is there.
    pub(crate) async fn publish_provenance(
        &self,
        origin: Origin,
        received: Received,
    ) -> Result<(), PublishError> {
        self.refuse_when_blocked()?;
        let vouched = provenance::parse(received.in_memory().map_or(&[], |bytes| bytes))?;
        let file = &vouched.file_name;
        let path = origin.repository.clone();
        let has = |state: &State| state.repository(&path).find_file(file).is_some();
        let repository = self.state_with(has).await.repository(&path);
        let found = repository.find_file(file).ok_or_else(|| {
            let fix = "publish the package first, or both in one form";
            Refusal::new(Code::NotFound, "chart not found", file, fix)
        })?;
        vouched.agrees(file, found.entry.package.sha256)?;
        let version = (found.entry.chart.to_string(), found.entry.version.to_string());
        let event = provenance_event(origin, version, (&received, found.entry.package));
        self.sign(received, event).await
    }

    pub(crate) async fn sign(
        &self,
        received: Received,
        event: Provenance,
    ) -> Result<(), PublishError> {
        self.store().put_object(received.sha256, received.spool).await?;
        self.commit(Event::Provenance(event)).await.map(drop)
    }

    /// The bytes of a version's provenance file.
    pub(crate) async fn open_provenance(
        &self,
        file: String,
        provenance: PackageRef,
    ) -> Result<ObjectReader, Fault> {
        let digest = provenance.sha256;
        let lost = || Fault::LostPackage { file, digest: digest.prefixed() };
        self.store().open_object(digest).await?.ok_or_else(lost)
    }
}

/// A provenance file that came with its package, and its event.
pub(crate) fn signed(
    origin: &Origin,
    inspected: &Inspected,
    (file, served): (Received, PackageRef),
) -> Result<(Received, Provenance), Refusal> {
    let vouched = provenance::parse(file.in_memory().map_or(&[], |bytes| bytes))?;
    let (name, version) = (inspected.name.clone(), inspected.version.clone());
    vouched.agrees(&format!("{name}-{version}.tgz"), served.sha256)?;
    let event = provenance_event(origin.clone(), (name, version), (&file, served));
    Ok((file, event))
}

fn provenance_event(
    origin: Origin,
    (name, version): (String, String),
    (file, package): (&Received, PackageRef),
) -> Provenance {
    let Origin { actor, request, repository: repo } = origin;
    let provenance = PackageRef { sha256: file.sha256, size: file.size };
    Provenance { repo, name, version, actor, request, provenance, package: package.sha256 }
}
