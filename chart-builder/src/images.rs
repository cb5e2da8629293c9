//! Every image that the charts of a network name: what an air-gapped cluster has to hold.
//!
//! A function of the decided network: a tag stays a tag, and nobody is asked whether an image exists. Left out: images that a
//! person sets in the values of a release.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::Network;

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
    let mut used: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut add = |reference: String, purpose: String| {
        used.entry(reference).or_default().insert(purpose);
    };
    for (component, image) in &network.images.components {
        add(image.reference(), component.purpose().to_owned());
    }
    for chaincode in &network.chaincodes {
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
    fn the_server_of_the_sequence_before_counts_while_it_runs() {
        let mut network = example::article();
        let chaincode = &mut network.chaincodes[0];
        let image = crate::model::Image { tag: "0.0.9".to_owned(), ..chaincode.image.clone() };
        chaincode.previous = Some(PreviousChaincode { sequence: 1, image });
        let references: Vec<_> = images(&network).into_iter().map(|it| it.reference).collect();
        assert!(references.iter().any(|it| it.ends_with(":0.0.9")), "{references:?}");
    }
}
