//! Every image that the charts of a network name: what an air-gapped cluster has to hold.
//!
//! A function of the decided network: a tag stays a tag, and nobody is asked whether an image exists. Left out: images that a
//! person sets in the values of a release.

use std::collections::{BTreeMap, BTreeSet};

use chart_format::yaml::{self, Map, Node};

use crate::model::{Chaincode, Component, Network, Owner, Release};
use crate::resolve;

/// Under which Artifact Hub, and whoever fills the registry of a cluster without a way out, look for the images of a chart.
pub const ANNOTATION: &str = "artifacthub.io/images";

/// An image and what runs it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UsedImage {
    /// What a node pulls: registry, repository, tag or digest.
    pub reference: String,
    /// What runs it, in words.
    pub purposes: Vec<String>,
}

/// The images of a network by reference, each once.
pub fn images(network: &Network) -> Vec<UsedImage> {
    used(network, |_| true, |_| true)
}

/// The images that the chart of one release names.
pub fn images_of(network: &Network, release: &Release) -> Vec<UsedImage> {
    if release.owner == Owner::Network {
        return images(network);
    }
    let mut own = network.clone();
    own.organizations.retain(|it| !it.is_external() && release.holds_organization(&it.name));
    own.kafka = own.kafka.filter(|_| release.holds(&Owner::Shared("kafka")));
    let runs = |component| resolve::runs(&own, component);
    let holds = |chaincode: &Chaincode| {
        let channel = network.channel(&chaincode.channel);
        let mut members = channel.into_iter().flat_map(|channel| &channel.members);
        members.any(|it| !it.peers.is_empty() && release.holds_organization(&it.organization))
    };
    used(network, runs, holds)
}

/// The images of a release as [`ANNOTATION`] has them.
pub fn annotation(network: &Network, release: &Release) -> String {
    let entry = |image: UsedImage| {
        let name = image.name().to_owned();
        Node::from(Map::new().with("name", name).with("image", image.reference))
    };
    let entries: Vec<Node> = images_of(network, release).into_iter().map(entry).collect();
    yaml::write(&entries.into())
}

impl UsedImage {
    /// The last part of its repository.
    fn name(&self) -> &str {
        let last = self.reference.rsplit('/').next().unwrap_or_default();
        last.split(['@', ':']).next().unwrap_or_default()
    }
}

fn used(
    network: &Network,
    runs: impl Fn(Component) -> bool,
    holds: impl Fn(&Chaincode) -> bool,
) -> Vec<UsedImage> {
    let mut used: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut add = |reference: String, purpose: String| {
        used.entry(reference).or_default().insert(purpose);
    };
    for (component, image) in network.images.components.iter().filter(|(it, _)| runs(**it)) {
        add(image.reference(), component.purpose().to_owned());
    }
    for chaincode in network.chaincodes.iter().filter(|it| holds(it)) {
        let servers = |sequence| format!("servers of chaincode {} {sequence}", chaincode.name);
        // What peers build and start themselves has no server.
        if !chaincode.image.repository.is_empty() {
            add(chaincode.image.reference(), servers(chaincode.sequence));
        }
        if let Some(previous) = &chaincode.previous {
            add(previous.image.reference(), servers(previous.sequence));
        }
    }
    used.into_iter()
        .map(|(reference, purposes)| UsedImage {
            reference,
            purposes: purposes.into_iter().collect(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example;
    use crate::model::{Component, PreviousChaincode};

    #[test]
    fn an_image_with_several_purposes_is_one_line() {
        let mut network = example::article();
        let peer = network.images.components[&Component::Peer].clone();
        network.images.components.insert(Component::Cli, peer);
        let images = images(&network);
        let peer = images.iter().find(|it| it.reference.contains("fabric-peer")).unwrap();
        assert_eq!(peer.purposes.len(), 2, "{peer:?}");
    }

    #[test]
    fn the_annotation_names_what_its_own_release_runs() {
        let mut network = example::article();
        network.layout = crate::model::Layout::PerOwner;
        let releases = network.releases();
        let [peers, _, orderers] = &releases[..] else { panic!("{releases:?}") };
        let text = annotation(&network, peers);
        assert!(
            text.contains("- name: fabric-peer\n  image: ") && text.contains("canary"),
            "{text}"
        );
        assert!(!text.contains("fabric-orderer"), "{text}");
        let text = annotation(&network, orderers);
        assert!(text.contains("fabric-orderer") && !text.contains("canary"), "{text}");
        let images: Vec<_> = images(&network).into_iter().map(|it| it.reference).collect();
        let mut together: Vec<_> = releases
            .iter()
            .flat_map(|it| images_of(&network, it).into_iter().map(|it| it.reference))
            .collect();
        together.sort();
        together.dedup();
        assert_eq!(together, images);
    }

    #[test]
    fn a_name_is_the_end_of_a_repository() {
        for (reference, name) in [
            ("busybox:1.36.1", "busybox"),
            ("mirror.example.com:5000/fabric/peer@sha256:11", "peer"),
        ] {
            let image = UsedImage { reference: reference.to_owned(), purposes: Vec::new() };
            assert_eq!(image.name(), name);
        }
    }

    #[test]
    fn the_server_of_the_sequence_before_counts_while_it_runs() {
        let mut network = example::article();
        let chaincode = &mut network.chaincodes[0];
        let image = crate::model::Image { tag: "0.0.9".to_owned(), ..chaincode.image.clone() };
        chaincode.previous = Some(PreviousChaincode { sequence: 1, image });
        let references: Vec<_> = images(&network).into_iter().map(|it| it.reference).collect();
        assert!(references.iter().any(|it| it.ends_with(":0.0.9")), "{references:?}");
    }
}
