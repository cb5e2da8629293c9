//! Two organizations with one signing root, before a network begins like that.
//!
//! Left out: roots of TLS, which organizations may share, and organizations that are frozen with one root.

use std::collections::BTreeMap;

use fabric_artifacts::x509::Certificate;

use super::{Inputs, Words, codes, finding};
use crate::diagnostic::{Diagnostics, KeyPath};
use crate::material::OrganizationMaterial;

/// Compares the roots by which members of organizations are known.
pub(super) fn check(
    inputs: &Inputs<'_>,
    organizations: &BTreeMap<String, OrganizationMaterial>,
    diagnostics: &mut Diagnostics,
) {
    let mut owners: BTreeMap<Vec<u8>, &str> = BTreeMap::new();
    for (index, organization) in inputs.network.organizations.iter().enumerate() {
        let name = organization.name.as_str();
        let root = organizations.get(name).and_then(|own| Certificate::from_pem(&own.ca).ok());
        let Some(root) = root else { continue };
        let Some(other) = owners.insert(root.der().to_vec(), name) else { continue };
        let frozen = |name: &str| inputs.lock.organizations.contains_key(name);
        if frozen(name) && frozen(other) {
            continue;
        }
        diagnostics.push(finding(
            codes::SHARED_ROOT,
            KeyPath::root().key("organizations").index(index),
            Words {
                message: format!("the signing root of `{name}` is that of `{other}`"),
                why: "whoever one of them certifies would be a member of both, with the votes of both"
                    .to_owned(),
                fix: format!(
                    "put the root of `{name}` into `public/{name}/msp/cacerts/ca.pem`, or name one organization for both"
                ),
            },
        ));
    }
}
