//! Organizations, their MSPs, and the addresses that they name.

use std::collections::{BTreeMap, BTreeSet};

use super::super::capability::Level;
use super::super::configuration::{ApplicationOrganization, OrdererOrganization};
use super::super::fault::GenesisFault;
use super::{ORDERER, is_address, is_group_name, is_host, is_word};
use crate::msp::{Msp, OrganizationalUnits};
use crate::x509::{Certificate, Role};

/// The organizations of a channel under its capability.
#[derive(Clone, Copy)]
pub(super) struct Members<'a> {
    pub(super) level: Level,
    pub(super) orderers: &'a [OrdererOrganization],
}

impl Members<'_> {
    pub(super) fn check_orderers(&self, faults: &mut Vec<GenesisFault>) {
        self.check_group(ORDERER, self.orderers.iter().map(|each| (&each.name, &each.msp)), faults);
    }

    pub(super) fn check_group<'b>(
        &self,
        group: &'static str,
        organizations: impl Iterator<Item = (&'b String, &'b Msp)>,
        faults: &mut Vec<GenesisFault>,
    ) {
        let mut names = BTreeSet::new();
        let mut by_id: BTreeMap<&str, &str> = BTreeMap::new();
        for (name, msp) in organizations {
            if !is_group_name(name) {
                faults.push(GenesisFault::OrganizationName { name: name.clone() });
            }
            if !names.insert(name) {
                faults.push(GenesisFault::DuplicateOrganization { group, name: name.clone() });
            } else if let Some(first) = by_id.insert(&msp.id, name) {
                let (first, second) = (first.to_owned(), name.clone());
                faults.push(GenesisFault::DuplicateMspId { first, second, id: msp.id.clone() });
            }
            self.check_msp(name, msp, faults);
        }
        if names.is_empty() {
            faults.push(GenesisFault::NoOrganization { group });
        }
    }

    fn check_msp(&self, organization: &str, msp: &Msp, faults: &mut Vec<GenesisFault>) {
        if !is_word(&msp.id) {
            let organization = organization.to_owned();
            faults.push(GenesisFault::MspId { organization, id: msp.id.clone() });
        }
        let mut reasons = Vec::new();
        check_authorities("signing", (&msp.roots, &msp.intermediates), &mut reasons);
        check_authorities("TLS", (&msp.tls_roots, &msp.tls_intermediates), &mut reasons);
        for reason in reasons {
            faults.push(GenesisFault::Roots { organization: organization.to_owned(), reason });
        }
        for reason in self.admin_faults(msp) {
            faults.push(GenesisFault::Admins { organization: organization.to_owned(), reason });
        }
    }

    /// Who administers, by the rules of the capability: Fabric sets an MSP up in three different ways.
    fn admin_faults(&self, msp: &Msp) -> Vec<String> {
        let mut reasons = Vec::new();
        let most = if self.level >= Level::V1_4_3 {
            OrganizationalUnits::All
        } else if self.level >= Level::V1_1 {
            OrganizationalUnits::ClientAndPeer
        } else {
            OrganizationalUnits::None
        };
        if msp.units > most {
            let known = match most {
                OrganizationalUnits::None => "no organizational units",
                _ => "only the organizational units `client` and `peer`",
            };
            reasons.push(format!("below this channel capability Fabric knows {known}"));
        }
        if msp.admins.is_empty() && (msp.units != OrganizationalUnits::All || most != msp.units) {
            reasons.push(
                "without the organizational unit `admin`, which counts from the channel capability `V1_4_3` on, it needs the certificate of an administrator"
                    .to_owned(),
            );
        }
        let authorities = read_all(msp.roots.iter().chain(&msp.intermediates));
        for admin in &msp.admins {
            if let Err(reason) = check_admin(admin, &authorities, msp.units) {
                reasons.push(format!("an administrator's certificate: {reason}"));
            }
        }
        reasons
    }

    /// Fabric refuses two different MSPs with one id, also when they stand in different groups.
    pub(super) fn check_across_groups(
        &self,
        groups: &[&[ApplicationOrganization]],
        faults: &mut Vec<GenesisFault>,
    ) {
        let orderers = self.orderers.iter().map(|orderer| (0, &orderer.msp));
        let members = (1..)
            .zip(groups)
            .flat_map(|(group, members)| members.iter().map(move |member| (group, &member.msp)));
        let mut seen: Vec<(usize, &Msp)> = Vec::new();
        let mut reported = BTreeSet::new();
        for (group, msp) in orderers.chain(members) {
            // Two of one group are reported there.
            let differs = seen.iter().any(|(other_group, other)| {
                *other_group != group && other.id == msp.id && *other != msp
            });
            if differs && reported.insert(&msp.id) {
                faults.push(GenesisFault::DifferentMsp { id: msp.id.clone() });
            }
            seen.push((group, msp));
        }
    }

    pub(super) fn check_endpoints(
        &self,
        groups: &[&[ApplicationOrganization]],
        faults: &mut Vec<GenesisFault>,
    ) {
        for organization in self.orderers {
            let name = || organization.name.clone();
            if organization.endpoints.is_empty() {
                faults.push(GenesisFault::NoEndpoint { organization: name() });
            }
            for endpoint in organization.endpoints.iter().filter(|endpoint| !is_address(endpoint)) {
                let endpoint = endpoint.clone();
                faults.push(GenesisFault::Endpoint { organization: name(), endpoint });
            }
        }
        for organization in groups.iter().copied().flatten() {
            for anchor in &organization.anchors {
                if !is_host(&anchor.host) || anchor.port == 0 {
                    let endpoint = format!("{}:{}", anchor.host, anchor.port);
                    let organization = organization.name.clone();
                    faults.push(GenesisFault::Endpoint { organization, endpoint });
                }
            }
        }
    }
}

fn check_authorities(
    what: &str,
    (roots, intermediates): (&[String], &[String]),
    reasons: &mut Vec<String>,
) {
    if roots.is_empty() {
        reasons.push(format!("it has no {what} root"));
    }
    for root in roots {
        let checked = Certificate::from_pem(root).and_then(|root| root.check_authority());
        if let Err(error) = checked {
            reasons.push(format!("a {what} root: {error}"));
        }
    }
    let authorities = read_all(roots.iter().chain(intermediates));
    for intermediate in intermediates {
        let checked = Certificate::from_pem(intermediate)
            .and_then(|intermediate| intermediate.check_authority().map(|()| intermediate));
        match checked {
            Err(error) => reasons.push(format!("an intermediate {what} authority: {error}")),
            Ok(intermediate) if !is_issued(&intermediate, &authorities) => {
                let name = &intermediate.subject().common_name;
                reasons.push(format!(
                    "an intermediate {what} authority: none of its authorities has issued `{name}`"
                ));
            }
            Ok(_) => {}
        }
    }
}

fn check_admin(
    pem: &str,
    authorities: &[Certificate],
    units: OrganizationalUnits,
) -> Result<(), String> {
    let admin = Certificate::from_pem(pem).map_err(|error| error.to_string())?;
    let name = &admin.subject().common_name;
    if !is_issued(&admin, authorities) {
        return Err(format!("none of its authorities has issued `{name}`"));
    }
    let allowed: &[Role] = match units {
        OrganizationalUnits::None => return Ok(()),
        OrganizationalUnits::ClientAndPeer => &[Role::Client],
        OrganizationalUnits::All => &[Role::Client, Role::Admin],
    };
    let has = |role: &Role| {
        admin.organizational_units().iter().any(|unit| unit == role.organizational_unit())
    };
    if allowed.iter().any(has) {
        Ok(())
    } else {
        let allowed: Vec<_> =
            allowed.iter().map(|role| format!("`{}`", role.organizational_unit())).collect();
        Err(format!("`{name}` needs the organizational unit {}", allowed.join(" or ")))
    }
}

/// Certificates that cannot be read have been reported with their organization.
pub(super) fn read_all<'a>(certificates: impl Iterator<Item = &'a String>) -> Vec<Certificate> {
    certificates.filter_map(|pem| Certificate::from_pem(pem).ok()).collect()
}

pub(super) fn is_issued(certificate: &Certificate, authorities: &[Certificate]) -> bool {
    authorities.iter().any(|authority| certificate.verify_issued_by(authority).is_ok())
}
