//! The policies of a new channel: the ones of Fabric's own sample network.

use std::collections::BTreeMap;

use prost::Message as _;

use super::capability::Level;
use super::messages as wire;
use super::messages::{ImplicitMetaPolicy, OutOf, SignaturePolicyEnvelope};
use super::tree::PolicyRule;
use crate::msp::{Msp, OrganizationalUnits};
use crate::policy::{PrincipalRole, SignaturePolicy};

/// `common.Policy.SIGNATURE`.
pub(super) const SIGNATURE: i32 = 1;
/// The policy of an organization that runs peers: who endorses for it.
pub(super) const ENDORSEMENT: &str = "Endorsement";
/// `common.Policy.IMPLICIT_META`.
const IMPLICIT_META: i32 = 3;

/// How many of the groups below have to agree; the numbers of `common.ImplicitMetaPolicy.Rule`.
#[derive(Clone, Copy)]
enum Quantity {
    Any,
    Majority,
}

/// Policies by name.
pub(super) type Policies = BTreeMap<String, PolicyRule>;

/// `/Channel`: anybody reads and writes, the majority of administrators changes.
pub(super) fn of_group() -> Policies {
    Policies::from([
        ("Readers".to_owned(), implicit("Readers", Quantity::Any)),
        ("Writers".to_owned(), implicit("Writers", Quantity::Any)),
        ("Admins".to_owned(), implicit("Admins", Quantity::Majority)),
    ])
}

/// `/Channel/Orderer`: a block needs the signature of any orderer.
pub(super) fn of_orderers() -> Policies {
    let mut policies = of_group();
    policies.insert("BlockValidation".to_owned(), implicit("Writers", Quantity::Any));
    policies
}

/// `/Channel/Application`: definitions and transactions need the majority of organizations unless a chaincode says otherwise.
///
/// Before `V2_0` there are no definitions, and the policies for them are left out.
pub(super) fn of_applications(level: Level) -> Policies {
    let mut policies = of_group();
    if level >= Level::V2_0 {
        for name in ["LifecycleEndorsement", ENDORSEMENT] {
            policies.insert(name.to_owned(), implicit(ENDORSEMENT, Quantity::Majority));
        }
    }
    policies
}

/// The group of an organization that runs orderers.
pub(super) fn of_orderer_organization(msp: &Msp) -> Policies {
    let members = [PrincipalRole::Member];
    of_organization(&msp.id, &members, &members)
}

/// The group of an organization that runs peers; without organizational units every member is as good as the other.
pub(super) fn of_application_organization(msp: &Msp) -> Policies {
    let (readers, writers, endorser): (&[_], &[_], _) = match msp.units {
        OrganizationalUnits::None => {
            (&[PrincipalRole::Member], &[PrincipalRole::Member], PrincipalRole::Member)
        }
        OrganizationalUnits::ClientAndPeer | OrganizationalUnits::All => (
            &[PrincipalRole::Admin, PrincipalRole::Peer, PrincipalRole::Client],
            &[PrincipalRole::Admin, PrincipalRole::Client],
            PrincipalRole::Peer,
        ),
    };
    let mut policies = of_organization(&msp.id, readers, writers);
    policies.insert(ENDORSEMENT.to_owned(), signature(&msp.id, &[endorser]));
    policies
}

/// `/Channel/Consortiums`: no signature is needed, so the rule for the whole channel does not depend on consortiums.
pub(super) fn of_consortiums() -> Policies {
    let rule = wire::SignaturePolicy {
        rule: Some(wire::SignatureRule::OutOf(OutOf { n: 0, rules: Vec::new() })),
    };
    let policy = SignaturePolicyEnvelope { version: 0, rule: Some(rule), identities: Vec::new() };
    let rule = PolicyRule { kind: SIGNATURE, value: policy.encode_to_vec() };
    Policies::from([("Admins".to_owned(), rule)])
}

/// Who may create a channel from a consortium: the administrator of any member.
pub(super) fn of_channel_creation() -> wire::Policy {
    let rule = implicit("Admins", Quantity::Any);
    wire::Policy { r#type: rule.kind, value: rule.value }
}

/// An organization's own group: who reads, writes and endorses for it; its administrators change it.
fn of_organization(msp_id: &str, readers: &[PrincipalRole], writers: &[PrincipalRole]) -> Policies {
    Policies::from([
        ("Readers".to_owned(), signature(msp_id, readers)),
        ("Writers".to_owned(), signature(msp_id, writers)),
        ("Admins".to_owned(), signature(msp_id, &[PrincipalRole::Admin])),
    ])
}

fn implicit(sub_policy: &str, quantity: Quantity) -> PolicyRule {
    let rule = match quantity {
        Quantity::Any => 0,
        Quantity::Majority => 2,
    };
    let policy = ImplicitMetaPolicy { sub_policy: sub_policy.to_owned(), rule };
    PolicyRule { kind: IMPLICIT_META, value: policy.encode_to_vec() }
}

fn signature(msp_id: &str, roles: &[PrincipalRole]) -> PolicyRule {
    PolicyRule { kind: SIGNATURE, value: SignaturePolicy::any_role(msp_id, roles).encode() }
}
