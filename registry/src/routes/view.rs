//! `~latest=N` in a path: a smaller index under a URL of its own, as a repository for stock clients.

use crate::refusal::{Code, Refusal};

/// Most versions of a chart that a view may ask for; beyond that the whole index is not larger.
const MAX_VERSIONS: usize = 1_000;

/// The number of versions in `~latest=N`.
pub(super) fn parse(view: &str) -> Result<usize, Refusal> {
    let conditions = view.strip_prefix('~').unwrap_or(view);
    let number = conditions.strip_prefix("latest=").filter(|text| !text.starts_with('+'));
    let number = number.and_then(|text| text.parse().ok());
    number.filter(|number| (1..=MAX_VERSIONS).contains(number)).ok_or_else(|| {
        let what = format!("there is no view `{view}`");
        let fix = format!("use `~latest=N` with N from 1 to {MAX_VERSIONS}");
        Refusal::new(Code::BadRequest, &what, "path", &fix)
    })
}
