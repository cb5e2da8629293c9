//! FT623: registrations that are lost with their pod.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;
use crate::model::{CaDatabase, Storage};

pub(super) static RULE: Rule = Rule {
    code: "FT623",
    severity: Severity::Error,
    title: "registrations of a Fabric CA are kept",
    about: "A Fabric CA whose database is gone knows nobody whom it has registered, and can revoke nobody whom it has \
            certified. Only the profile `dev` accepts that; with PostgreSQL the database is somewhere else.",
    fires: &[case(&[("mspId: Org1MSP", "ca: {storage: emptyDir}")])],
    near_misses: &[
        case(&[("mspId: Org1MSP", "ca: {storage: emptyDir, db: postgres}")]),
        case(&[
            ("mspId: Org1MSP", "ca: {storage: emptyDir}"),
            ("profile: production", "profile: dev"),
        ]),
    ],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for organization in context.organizations() {
        let Some(ca) = organization.decided.ca.as_ref().filter(|_| context.production()) else {
            continue;
        };
        if ca.storage == Storage::EmptyDir && ca.database == CaDatabase::Sqlite {
            findings.report(Finding::at(
                organization.path.key("ca").key("storage"),
                format!("the Fabric CA of `{}` keeps nothing", organization.decided.name),
                "registrations and revocations would be lost with the pod",
                "use a claim, `db: postgres`, or `profile: dev`",
            ));
        }
    }
}
