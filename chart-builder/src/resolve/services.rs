//! What an organization runs beside its nodes.

use super::nodes::{built_in, inherit, volume};
use crate::lock::LockedOrganization;
use crate::model::{CaDatabase, CertificateAuthority, IssuingAuthority, Storage, names};
use crate::spec;

/// Size of the claim of a Fabric CA server when nobody says one.
const CA_SIZE: &str = "1Gi";

/// The Fabric CA server of an organization, if it has one.
pub(super) fn certificate_authority(
    said: Option<&spec::Ca>,
    locked: Option<&LockedOrganization>,
) -> Option<CertificateAuthority> {
    let said = said.filter(|said| said.enabled != Some(false))?;
    let claim = match locked.and_then(|locked| locked.ca_storage.as_ref()) {
        Some(Storage::Claim { claim, .. }) => claim.clone(),
        _ => names::data_claim(names::CA),
    };
    let storage: Vec<_> = said.storage.iter().collect();
    Some(CertificateAuthority {
        authority: said.authority.unwrap_or(IssuingAuthority::Intermediate),
        database: said.database.unwrap_or(CaDatabase::Sqlite),
        storage: volume(&storage, claim, CA_SIZE),
        resources: inherit(&[&said.resources], built_in("50m", "64Mi", "256Mi")),
    })
}
