//! What a request is about, read from its target exactly once.
//!
//! The path is cut at its slashes, each segment is decoded once, and the segments are matched with
//! the table of routes. What comes out names the repository, and nothing reads the path again: the
//! repository that a caller is authorized for is the one that a handler gets.
//!
//! Left out: the query; it never says which repository is meant.

mod decode;
mod pattern;

use chart_registry_store::RepositoryPath;

pub(crate) use decode::{Segments, base_path};
pub(crate) use pattern::Pattern;

/// What a path names, according to one row of the table of routes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// The repository; the root for rows that name none.
    pub(crate) repository: RepositoryPath,
    /// The segment `~...` that chooses a view, if the row allows one and the path has it.
    pub(crate) view: Option<String>,
    /// The parameters of the row, in its order.
    pub(crate) parameters: Vec<String>,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::routes::ROUTES;

    fn read(path: &str) -> Vec<(&'static str, Target)> {
        let Ok(segments) = Segments::read(path, "") else { return Vec::new() };
        let row = |route: &crate::routes::Route| {
            let pattern = Pattern::parse(route.path);
            pattern.target(&segments).map(|target| (route.path, target))
        };
        ROUTES.iter().filter_map(row).collect()
    }

    /// Pieces that confuse readers of paths, one after the other.
    fn confusing() -> impl Strategy<Value = String> {
        let piece = prop::sample::select(vec![
            "/",
            "//",
            "a",
            "b",
            "team",
            "api",
            "charts",
            "v2",
            "-",
            "v1",
            "~latest=3",
            "~",
            ".",
            "..",
            "%2e%2e",
            "%2f",
            "%2F",
            "%5c",
            "\\",
            "%00",
            "%",
            "%zz",
            "%25",
            "%252f",
            ";",
            "+",
            "index.yaml",
            "a-1.0.0.tgz",
            "manifests",
            "blobs",
            "uploads",
            "tags",
            "list",
            "prov",
            "values",
            "%61",
            "%C3%A9",
            "%ff",
            "A",
        ]);
        prop::collection::vec(piece, 0..14).prop_map(|pieces| format!("/{}", pieces.concat()))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        /// Rows of one method never disagree about the repository, and what they name is what the
        /// decoded path says.
        #[test]
        fn every_path_names_one_repository_and_names_it_literally(path in confusing()) {
            for (row, target) in read(&path) {
                let fixed = row.contains("{repository}");
                prop_assert!(fixed || target.repository == RepositoryPath::root());
                let plain = path.replace("%61", "a").replace("%C3%A9", "\u{e9}").replace("%25", "%");
                let text = target.repository.as_str();
                prop_assert!(plain.contains(text), "{} of {}", text, path);
                prop_assert!(RepositoryPath::parse(text).is_ok());
                for parameter in &target.parameters {
                    let clean = parameter.chars().all(|c| c != '/' && c != '\\' && !c.is_control());
                    prop_assert!(clean && parameter != ".." && parameter != ".", "{}", path);
                }
            }
            for (row, target) in read(&path) {
                for (other, also) in read(&path) {
                    let same = target.repository == also.repository;
                    prop_assert!(same || row.starts_with("/-/") || other.starts_with("/-/"), "{}", path);
                }
            }
        }
    }

    #[test]
    fn a_path_is_matched_by_the_row_that_it_is_meant_for() {
        let rows = |path: &str| {
            let texts = read(path).into_iter().map(|(row, target)| {
                format!("{row} in `{}` with {:?}", target.repository, target.parameters)
            });
            texts.collect::<Vec<_>>()
        };
        let index = "/{repository}/{view}/index.yaml";
        assert_eq!(rows("/index.yaml"), [format!("{index} in `` with []")]);
        assert_eq!(rows("/a/b/index.yaml"), [format!("{index} in `a/b` with []")]);
        assert_eq!(rows("/a/~latest=1/index.yaml"), [format!("{index} in `a` with []")]);
        assert_eq!(rows("/a/~x/~y/index.yaml"), Vec::<String>::new());
        // `charts` is no tenant: this is a file of that name in the repository `a`.
        let file = "/{repository}/{view}/charts/{file}";
        assert_eq!(rows("/a/charts/index.yaml"), [format!("{file} in `a` with [\"index.yaml\"]")]);
        assert_eq!(rows("/a/charts/b%2Bc.tgz"), [format!("{file} in `a` with [\"b+c.tgz\"]")]);
        assert_eq!(rows("/a%2Fb/index.yaml"), Vec::<String>::new());
        assert_eq!(rows("/%61/index.yaml"), [format!("{index} in `a` with []")]);
        assert_eq!(rows("/a/../b/index.yaml"), Vec::<String>::new());
        let deep = "/1/2/3/4/5/6/7/8";
        assert_eq!(rows(&format!("{deep}/index.yaml")).len(), 1);
        assert_eq!(rows(&format!("{deep}/9/index.yaml")), Vec::<String>::new());
    }
}
