//! Paths of rows of the table of routes.

/// A path of the row, in a repository of a tenant.
pub(crate) fn filled(path: &str) -> String {
    let path = path.replace("{repository}", "team/a").replace("{view}", "~latest=3");
    let path = path.replace("{reference}", "1.0.0").replace("{id}", &"0".repeat(32));
    let digest = format!("sha256:{}", "0".repeat(64));
    let path = path.replace("{digest}", &digest);
    path.replace("{file}", "x-1.0.0.tgz")
        .replace("{name}", "x")
        .replace("{version}", "1.0.0")
        .replace("{channel}", "stable")
}
