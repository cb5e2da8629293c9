//! The policies of a new channel: the ones of Fabric's own sample network.

use std::collections::BTreeMap;

use prost::Message as _;

use super::messages::{ImplicitMetaPolicy, Policy};
use crate::policy::{PrincipalRole, SignaturePolicy};

/// `common.Policy.SIGNATURE`.
const SIGNATURE: i32 = 1;
/// `common.Policy.IMPLICIT_META`.
const IMPLICIT_META: i32 = 3;

/// How many of the groups below have to agree; the numbers of `common.ImplicitMetaPolicy.Rule`.
#[derive(Clone, Copy)]
enum Quantity {
    Any,
    Majority,
}

/// Policies by name.
type Policies = BTreeMap<String, Policy>;

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
pub(super) fn of_applications() -> Policies {
    let mut policies = of_group();
    for name in ["LifecycleEndorsement", "Endorsement"] {
        policies.insert(name.to_owned(), implicit("Endorsement", Quantity::Majority));
    }
    policies
}

/// An organization's own group: who reads, writes and endorses for it; its administrators change it.
pub(super) fn of_organization(
    msp_id: &str,
    readers: &[PrincipalRole],
    writers: &[PrincipalRole],
    endorsers: Option<PrincipalRole>,
) -> Policies {
    let mut policies = Policies::from([
        ("Readers".to_owned(), signature(msp_id, readers)),
        ("Writers".to_owned(), signature(msp_id, writers)),
        ("Admins".to_owned(), signature(msp_id, &[PrincipalRole::Admin])),
    ]);
    if let Some(role) = endorsers {
        policies.insert("Endorsement".to_owned(), signature(msp_id, &[role]));
    }
    policies
}

fn implicit(sub_policy: &str, quantity: Quantity) -> Policy {
    let rule = match quantity {
        Quantity::Any => 0,
        Quantity::Majority => 2,
    };
    let policy = ImplicitMetaPolicy { sub_policy: sub_policy.to_owned(), rule };
    Policy { r#type: IMPLICIT_META, value: policy.encode_to_vec() }
}

fn signature(msp_id: &str, roles: &[PrincipalRole]) -> Policy {
    Policy { r#type: SIGNATURE, value: SignaturePolicy::any_role(msp_id, roles).encode() }
}
