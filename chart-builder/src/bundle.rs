//! Puts a network's chart together: its own files, and the curated charts that it needs below `charts/`.
//!
//! Several aliases of a curated chart share one copy. Both the package and the tree that `--unpacked` writes are made
//! from the result, so that they hold the same files.

use std::collections::{BTreeMap, BTreeSet};

use chart_format::archive::{Package, PackageError};
use chart_format::lock::ChartLock;
use chart_format::metadata::{Dependency, Metadata};
use chart_format::name::{ChartName, NameError};

use crate::curated::{CuratedCharts, CuratedError};
use crate::model::Network;

/// What a network's own chart consists of, the curated charts apart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NetworkChart {
    /// Its name, which is also that of its release.
    pub name: String,
    /// One sentence for lists of charts.
    pub description: String,
    /// Annotations of `Chart.yaml`.
    pub annotations: BTreeMap<String, String>,
    /// Constraint on the version of Kubernetes.
    pub kube_version: Option<String>,
    /// The curated charts that it is made of, in the order of `Chart.yaml`.
    pub components: Vec<Component>,
    /// Its files by path with `/`: values, schema, README, templates. Neither `Chart.yaml` nor anything below `charts/`.
    pub files: BTreeMap<String, Vec<u8>>,
}

/// One use of a curated chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    /// Name of the curated chart.
    pub chart: String,
    /// Name under which its values stand, if it is not its own.
    pub alias: Option<String>,
    /// Path of the value that switches it.
    pub condition: Option<String>,
}

/// A chart that cannot be put together.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// A curated chart is not at hand.
    #[error(transparent)]
    Curated(#[from] CuratedError),
    /// A name that no chart can have.
    #[error(transparent)]
    Name(#[from] NameError),
    /// What is put together is no chart: every fault is in the list.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// A file of the network's own chart where something else belongs.
    #[error("the network's chart cannot have a file `{path}` of its own")]
    Reserved {
        /// The file.
        path: String,
    },
}

/// Puts the chart of a network together.
pub fn bundle(
    network: &Network,
    chart: &NetworkChart,
    curated: &CuratedCharts,
) -> Result<Package, BundleError> {
    let mut files = chart.files.clone();
    let reserved = |path: &&String| {
        path.as_str() == "Chart.yaml"
            || path.as_str() == "Chart.lock"
            || path.starts_with("charts/")
    };
    if let Some(path) = files.keys().find(reserved) {
        return Err(BundleError::Reserved { path: path.clone() });
    }
    let names: BTreeSet<&str> = chart.components.iter().map(|it| it.chart.as_str()).collect();
    for name in names {
        for (path, bytes) in &curated.chart(name)?.files {
            files.insert(format!("charts/{name}/{path}"), bytes.clone());
        }
    }
    let metadata = metadata(network, chart, curated)?;
    let lock = ChartLock::of_vendored(&metadata.dependencies);
    files.insert("Chart.yaml".to_owned(), metadata.to_chart_yaml().into_bytes());
    files.insert("Chart.lock".to_owned(), lock.to_yaml().into_bytes());
    Ok(Package::from_tree(files)?)
}

fn metadata(
    network: &Network,
    chart: &NetworkChart,
    curated: &CuratedCharts,
) -> Result<Metadata, BundleError> {
    let mut dependencies = Vec::new();
    for component in &chart.components {
        let version = &curated.chart(&component.chart)?.version;
        let mut dependency = Dependency::vendored(ChartName::parse(&component.chart)?, version);
        dependency.alias.clone_from(&component.alias);
        dependency.condition.clone_from(&component.condition);
        dependencies.push(dependency);
    }
    let mut metadata = Metadata::new(ChartName::parse(&chart.name)?, network.version.clone());
    metadata.description = Some(chart.description.clone());
    metadata.app_version = Some(network.fabric.to_string());
    metadata.annotations.clone_from(&chart.annotations);
    metadata.kube_version.clone_from(&chart.kube_version);
    metadata.dependencies = dependencies;
    Ok(metadata)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example;

    fn component(chart: &str, alias: &str) -> Component {
        Component { chart: chart.to_owned(), alias: Some(alias.to_owned()), condition: None }
    }

    fn chart() -> NetworkChart {
        NetworkChart {
            name: "article".to_owned(),
            description: "A network".to_owned(),
            components: vec![component("fabric-org", "org1"), component("fabric-org", "org2")],
            files: BTreeMap::from([("values.yaml".to_owned(), b"{}\n".to_vec())]),
            ..NetworkChart::default()
        }
    }

    #[test]
    fn aliases_share_one_copy_of_their_chart() {
        let curated = CuratedCharts::embedded().unwrap();
        let package = bundle(&example::article(), &chart(), &curated).unwrap();
        assert_eq!(package.metadata.dependencies.len(), 2);
        let tree = package.tree().unwrap();
        let copies = tree.keys().filter(|path| path.ends_with("fabric-org/Chart.yaml"));
        assert_eq!(copies.collect::<Vec<_>>(), ["article/charts/fabric-org/Chart.yaml"]);
        assert!(tree.contains_key("article/charts/fabric-org/charts/fabric-common/Chart.yaml"));
        let text = String::from_utf8(tree["article/charts/fabric-org/Chart.yaml"].clone()).unwrap();
        assert!(text.starts_with("annotations:\n"), "Helm's own form: {text}");
    }

    #[test]
    fn the_lock_has_the_digest_that_helm_computes() {
        let curated = CuratedCharts::embedded().unwrap();
        let package = bundle(&example::article(), &chart(), &curated).unwrap();
        assert!(package.lock.unwrap().is_in_sync_with(&package.metadata.dependencies));
    }

    #[test]
    fn a_network_cannot_bring_its_own_curated_chart() {
        let curated = CuratedCharts::embedded().unwrap();
        let mut own = chart();
        own.files.insert("charts/fabric-org/values.yaml".to_owned(), Vec::new());
        let error = bundle(&example::article(), &own, &curated).unwrap_err();
        assert!(matches!(error, BundleError::Reserved { .. }), "{error}");
    }
}
