//! FT509: an image that cannot be pulled as it is written.

use super::context::images;
use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;

pub(super) static RULE: Rule = Rule {
    code: "FT509",
    severity: Severity::Error,
    title: "an image reference can be read and is pinned",
    about: "Repositories are lower case; a tag has letters, digits and `_.-`; a digest is `sha256:` and 64 hexadecimal \
            digits. A chaincode's image names a tag or a digest, because there is nothing it could default to.",
    fires: &[
        case(&[("image: cc/asset:1.0", "image: cc/Asset:1.0")]),
        case(&[("image: cc/asset:1.0", "image: cc/asset")]),
        case(&[("tools: busybox:1.36.1", "tools: busybox@sha256:1234")]),
        case(&[("tools: busybox:1.36.1", "tools: {tag: \"1 36\"}")]),
    ],
    near_misses: &[
        case(&[("image: cc/asset:1.0", "image: localhost:5000/cc/asset:1.0")]),
        case(&[("tools: busybox:1.36.1", "tools: {tag: \"1.37\"}")]),
    ],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (path, image) in images(context) {
        let fault = if !is_repository(&image.repository) {
            format!("`{}` is no repository", image.repository)
        } else if image.tag.is_empty() && image.digest.is_none() {
            format!("image `{}` has neither tag nor digest", image.repository)
        } else if !image.tag.is_empty() && !is_tag(&image.tag) {
            format!("`{}` is no tag", image.tag)
        } else if image.digest.as_deref().is_some_and(|digest| !is_digest(digest)) {
            format!("`{}` is no digest", image.digest.as_deref().unwrap_or_default())
        } else {
            continue;
        };
        findings.report(Finding::at(
            path,
            fault,
            "the kubelet could not pull it, or would pull something else tomorrow",
            "write `repository:tag`, or `repository@sha256:` and 64 hexadecimal digits",
        ));
    }
}

fn is_repository(text: &str) -> bool {
    let inside = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
    text.split('/').all(|part| {
        !part.is_empty()
            && part.chars().all(inside)
            && part.starts_with(|c: char| c.is_ascii_alphanumeric())
            && part.ends_with(|c: char| c.is_ascii_alphanumeric())
    })
}

fn is_tag(text: &str) -> bool {
    let inside = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    text.len() <= 128 && text.chars().all(inside) && !text.starts_with(['.', '-'])
}

fn is_digest(text: &str) -> bool {
    let hex = text.strip_prefix("sha256:").unwrap_or_default();
    hex.len() == 64 && hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
