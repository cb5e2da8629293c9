//! FT510: an image that is another one tomorrow.

use super::context::images;
use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;

pub(super) static RULE: Rule = Rule {
    code: "FT510",
    severity: Severity::Error,
    title: "no image has the tag `latest`",
    about: "A release of a network is a version: with `latest` two nodes of one release run different programs, and a \
            rollback rolls nothing back.",
    fires: &[case(&[("image: cc/asset:1.0", "image: cc/asset:latest")])],
    near_misses: &[case(&[("image: cc/asset:1.0", "image: cc/asset:latest-1.0")])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (path, image) in images(context) {
        if image.tag == "latest" && image.digest.is_none() {
            findings.report(Finding::at(
                path,
                format!("image `{}` has the tag `latest`", image.repository),
                "it is another image tomorrow, and a rollback would not bring this one back",
                "write a version as tag, or a digest",
            ));
        }
    }
}
