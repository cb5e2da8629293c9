//! Lowers a decided network and its public material to the charts of its releases: values, their schema, and the few
//! files that tie the curated charts together. An umbrella is one chart of all parts; per owner, each chart has the parts
//! of its owner. Both are made in the same way from the same parts.
//!
//! Two kinds of values, never mixed: facts of the topology (`global.fabric` and `<alias>.facts`), whose digests are
//! compiled into the chart so that nobody changes them by hand, and settings of people who run the network. Everything
//! that Kubernetes sees is rendered by the curated charts from these values; this module knows no Kubernetes object.

mod aliases;
mod chaincode;
mod chaincode_runtime;
mod collections;
mod compiled;
mod dns;
mod error;
mod exposure;
mod files;
mod global;
mod identity_files;
mod kafka;
mod line;
mod monitoring;
mod orderers;
mod organization;
mod policies;
mod schema;
mod settings;
mod storage;
mod view;

use std::collections::BTreeMap;

use chart_format::yaml::{self, Map};

pub use error::LowerError;

use crate::bundle::{Component, NetworkChart};
use crate::curated::{CONTRACT, CONTRACT_ANNOTATION};
use crate::images;
use crate::material::Material;
use crate::model::{Network, Organization, Owner, Peer, names};
use view::View;

/// Oldest Kubernetes that the charts are written for; `-0` admits the suffixes of vendors.
const KUBE_VERSION: &str = ">=1.28.0-0";

/// The same where a pod has a sidecar: an init container with `restartPolicy: Always`. Kubernetes 1.28 drops that word unless a
/// feature gate is on, and would wait for the sidecar to end.
const KUBE_VERSION_OF_SIDECARS: &str = ">=1.29.0-0";

/// Weight of the first preflight hook; the next ones follow. Below everything that an operator would add.
const FIRST_PREFLIGHT: i64 = -1000;

/// Stands above the facts of every part.
const FACTS: &str = "Facts. To change one, edit network.yaml and build the next version.";

/// Values of one use of a curated chart.
struct Part {
    /// Whose it is: the release of this owner holds it.
    owner: Owner,
    /// Name of the curated chart.
    chart: &'static str,
    /// Name under which its values stand.
    alias: String,
    /// Whom it is for, as a comment above its values.
    comment: String,
    /// Facts of the topology, guarded by their digests.
    facts: Map,
    /// Settings that the topology gives.
    settings: Map,
    /// Names of nodes that have settings, and the key they stand under.
    nodes: Option<(&'static str, Vec<String>)>,
}

/// The curated charts that a network needs, `fabric-common` within each of them.
pub fn charts_of(network: &Network) -> Vec<&'static str> {
    let mut charts = vec!["fabric-network"];
    if !network.organizations.is_empty() {
        charts.push("fabric-dns");
    }
    if network.organizations.iter().any(|it| !it.peers.is_empty()) {
        charts.push("fabric-org");
    }
    if network.organizations.iter().any(|it| !it.orderers.is_empty()) {
        charts.push("fabric-orderer");
    }
    if network.has_directories() {
        charts.push("fabric-storage");
    }
    if network.chaincodes.iter().any(|it| it.package.is_none()) {
        charts.push("fabric-chaincode");
    }
    if network.kafka.is_some() {
        charts.push("fabric-kafka");
    }
    if network.monitoring.is_some() && !network.organizations.is_empty() {
        charts.push("fabric-monitoring");
    }
    charts
}

/// The charts of the network's releases, in the order of [`Network::releases`].
pub fn lower(network: &Network, material: &Material) -> Result<Vec<NetworkChart>, LowerError> {
    let releases = network.releases();
    releases.iter().map(|release| chart(&View { network, material, release })).collect()
}

fn chart(view: &View<'_>) -> Result<NetworkChart, LowerError> {
    let View { network, release, .. } = *view;
    let global = global::facts(view)?;
    let parts = parts(view)?;
    refuse_equal_aliases(&parts)?;
    let values = values(view, &global, &parts)?;
    let mut files = files::templates(view, &compiled::template(&global, &parts));
    files.insert("values.yaml".to_owned(), yaml::write(&values.into()));
    files.insert("values.schema.json".to_owned(), schema::schema(view, &parts)?);
    files.insert("README.md".to_owned(), files::readme(view)?);
    files.insert(chart_format::summary::PATH.to_owned(), files::network_summary(view)?);
    let of_owner = match &release.owner {
        Owner::Network => String::new(),
        Owner::Organization(organization) => format!(": organization {organization}"),
        Owner::Shared(part) => format!(": {part}"),
    };
    Ok(NetworkChart {
        name: release.name.clone(),
        description: format!("Hyperledger Fabric network {}{of_owner}", network.name),
        annotations: BTreeMap::from([
            (CONTRACT_ANNOTATION.to_owned(), CONTRACT.to_owned()),
            (images::ANNOTATION.to_owned(), images::annotation(network, release)),
            (chart_format::summary::NETWORK_ANNOTATION.to_owned(), network.name.clone()),
        ]),
        kube_version: Some(kube_version(network).to_owned()),
        components: components(&parts),
        files: files.into_iter().map(|(path, text)| (path, text.into_bytes())).collect(),
    })
}

fn kube_version(network: &Network) -> &'static str {
    let mut peers = network.organizations.iter().flat_map(|organization| &organization.peers);
    if peers.any(Peer::has_couchdb) { KUBE_VERSION_OF_SIDECARS } else { KUBE_VERSION }
}

/// The parts of the release at hand.
fn parts(view: &View<'_>) -> Result<Vec<Part>, LowerError> {
    let mut parts = Vec::new();
    for organization in view.organizations() {
        if !organization.peers.is_empty() {
            parts.push(organization::part(view, organization)?);
        }
        if !organization.orderers.is_empty() {
            parts.push(orderers::part(view, organization)?);
        }
    }
    parts.retain(|part| view.release.holds(&part.owner));
    // Each hook has a weight of its own: the order of equal ones is not promised by Helm.
    for (part, weight) in parts.iter_mut().zip(FIRST_PREFLIGHT..) {
        part.settings.insert("preflight", Map::new().with("enabled", true).with("weight", weight));
        part.settings
            .comment("preflight", "The check of Secrets before install, upgrade and rollback.");
    }
    parts.extend(storage::part(view)?);
    for chaincode in view.chaincodes()?.into_iter().filter(|it| it.package.is_none()) {
        parts.push(chaincode::part(view, chaincode)?);
    }
    parts.extend(dns::part(view)?);
    parts.extend(kafka::part(view));
    parts.extend(monitoring::part(view)?);
    Ok(parts)
}

/// The owner of an organization's nodes.
fn owner(organization: &Organization) -> Owner {
    Owner::Organization(organization.name.clone())
}

fn refuse_equal_aliases(parts: &[Part]) -> Result<(), LowerError> {
    // Checks of names and monitoring are parts themselves; their keys are reserved for them.
    let reserved = names::RESERVED_ALIASES.iter().copied();
    let mut owners: BTreeMap<&str, &str> =
        reserved.filter(|(alias, _)| !names::ALIASES_OF_PARTS.contains(alias)).collect();
    for part in parts {
        if let Some(first) = owners.insert(part.alias.as_str(), part.comment.as_str()) {
            return Err(LowerError::AliasTaken {
                alias: part.alias.clone(),
                first: first.to_owned(),
                second: part.comment.clone(),
            });
        }
    }
    Ok(())
}

fn values(view: &View<'_>, global: &Map, parts: &[Part]) -> Result<Map, LowerError> {
    let mut shared = Map::new();
    if let Some(addresses) = exposure::addresses(view.network) {
        shared = shared.with_comment("exposure", "What clients outside are told.", addresses);
    }
    let mut values = Map::new().with_comment(
        "global",
        "What all parts share: facts of the topology (fabric) and where images come from (images).",
        shared
            .with_comment(
                "images",
                "An image's own registry and digest win.",
                settings::images(&view.network.images),
            )
            .with_comment(
                "networkPolicy",
                "Who reaches whom.",
                settings::network_policy(view.network),
            )
            .with_comment("fabric", FACTS, global.clone()),
    );
    if view.release.has_organizations() {
        values = values.with_comment("tests", "What `helm test` does.", settings::tests(view)?);
    }
    for part in parts {
        let own = part.settings.clone().with_comment("facts", FACTS, part.facts.clone());
        let comment = format!("{}. All settings: charts/{}/values.yaml.", part.comment, part.chart);
        values = values.with_comment(part.alias.clone(), comment, own);
    }
    Ok(values)
}

fn components(parts: &[Part]) -> Vec<Component> {
    let network = Component { chart: "fabric-network".to_owned(), alias: None, condition: None };
    let aliased = parts.iter().map(|part| Component {
        chart: part.chart.to_owned(),
        alias: Some(part.alias.clone()),
        condition: None,
    });
    std::iter::once(network).chain(aliased).collect()
}

#[cfg(test)]
mod tests;
