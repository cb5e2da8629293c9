//! How a network is cut into Helm releases: one for all, or one for each owner.
//!
//! The names are frozen: another name is another release, and Helm gives no object of one release to another by itself.

use super::{Layout, Network, Organization, names};

/// A Helm release of the network, and the chart that it is installed from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// Name of the release and of its chart.
    pub name: String,
    /// Namespace that the release is stored in.
    pub namespace: String,
    /// Whose objects it holds.
    pub owner: Owner,
}

/// Whose objects a release holds, or whose a part of the network is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    /// The whole network's.
    Network,
    /// Those of the organization with this name.
    Organization(String),
    /// A part that several organizations use, by its name in releases, for example `kafka`.
    Shared(&'static str),
}

impl Release {
    /// It holds organizations, and not a shared part alone.
    pub fn has_organizations(&self) -> bool {
        !matches!(self.owner, Owner::Shared(_))
    }

    /// It holds what belongs to this owner.
    pub fn holds(&self, owner: &Owner) -> bool {
        self.owner == Owner::Network || self.owner == *owner
    }

    /// It holds the nodes of this organization.
    pub fn holds_organization(&self, organization: &str) -> bool {
        match &self.owner {
            Owner::Network => true,
            Owner::Organization(own) => own == organization,
            Owner::Shared(_) => false,
        }
    }
}

impl Organization {
    /// Something of it runs in its namespace.
    pub fn has_nodes(&self) -> bool {
        !(self.peers.is_empty() && self.orderers.is_empty())
    }
}

impl Network {
    /// The releases, organizations in the order of the topology, then shared parts.
    pub fn releases(&self) -> Vec<Release> {
        match self.layout {
            Layout::Umbrella => vec![Release {
                name: self.name.clone(),
                namespace: self.name.clone(),
                owner: Owner::Network,
            }],
            Layout::PerOwner => self.releases_of_owners(),
        }
    }

    fn releases_of_owners(&self) -> Vec<Release> {
        let organizations = self.organizations.iter().filter(|it| it.has_nodes());
        let organizations = organizations.map(|organization| Release {
            name: names::owner_release(&self.name, &organization.name),
            namespace: organization.namespace.clone(),
            owner: Owner::Organization(organization.name.clone()),
        });
        let shared = self.shared_parts().into_iter().map(|(part, namespace)| Release {
            name: names::owner_release(&self.name, part),
            namespace,
            owner: Owner::Shared(part),
        });
        organizations.chain(shared).collect()
    }

    /// Parts that several organizations use, with the namespace of each.
    fn shared_parts(&self) -> Vec<(&'static str, String)> {
        let kafka = self.kafka.iter().map(|cluster| ("kafka", cluster.namespace.clone()));
        // Volumes lie in no namespace; the look at their directories is a pod, in the namespace of the network's name.
        let storage = self.has_directories().then(|| (super::STORAGE_RELEASE, self.name.clone()));
        kafka.chain(storage).collect()
    }

    /// The release that holds the objects of an organization.
    pub fn release_of(&self, organization: &Organization) -> String {
        names::release_of(&self.name, self.layout, &organization.name)
    }

    /// The pods of this release become ready without any other owner.
    ///
    /// An orderer with an empty volume starts when enough other consenters of its channel have said that it is new (see
    /// `fabric-orderer/files/join.sh`): with consenters of several owners it waits for the others.
    pub fn starts_alone(&self, release: &Release) -> bool {
        let mut channels = self.channels.iter().filter(|channel| channel.consensus.votes());
        channels.all(|channel| {
            let own = channel.consenters.iter();
            let own = own.filter(|it| release.holds_organization(&it.organization)).count();
            let all = channel.consenters.len();
            let mut members = channel.members.iter().filter(|it| !it.peers.is_empty());
            match own {
                0 => true,
                // Nobody else votes: a peer has to say that the channel is new.
                1 if all == 1 => members.any(|it| release.holds_organization(&it.organization)),
                _ => own > all - all / 2,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example;

    fn per_owner() -> Network {
        Network { layout: Layout::PerOwner, ..example::article() }
    }

    #[test]
    fn an_umbrella_is_one_release_in_the_namespace_of_its_name() {
        let releases = example::article().releases();
        let [release] = &releases[..] else { panic!("one release: {releases:?}") };
        assert_eq!((release.name.as_str(), release.namespace.as_str()), ("article", "article"));
        assert!(release.holds_organization("Org1") && release.holds(&Owner::Shared("kafka")));
    }

    #[test]
    fn every_owner_has_a_release_in_its_own_namespace() {
        let releases = per_owner().releases();
        let seen: Vec<_> =
            releases.iter().map(|it| (it.name.as_str(), it.namespace.as_str())).collect();
        assert_eq!(
            seen,
            [("article-org1", "org1"), ("article-org2", "org2"), ("article-orderer", "orderer")]
        );
        assert!(releases[0].holds_organization("Org1") && !releases[0].holds_organization("Org2"));
    }

    #[test]
    fn an_organization_without_nodes_has_no_release() {
        let mut network = per_owner();
        network.organizations[1].peers.clear();
        assert_eq!(network.releases().len(), 2);
    }

    #[test]
    fn orderers_of_several_owners_wait_for_each_other() {
        let mut network = per_owner();
        let releases = network.releases();
        assert!(releases.iter().all(|release| network.starts_alone(release)));
        network.channels[0].consenters[0].organization = "Org1".to_owned();
        let alone: Vec<_> = releases.iter().map(|it| network.starts_alone(it)).collect();
        assert_eq!(alone, [false, true, false]);
    }

    #[test]
    fn a_single_orderer_waits_for_a_peer_that_tells_the_height() {
        let mut network = per_owner();
        network.channels[0].consenters.truncate(1);
        let orderer = network.releases().remove(2);
        assert!(!network.starts_alone(&orderer));
        network.layout = Layout::Umbrella;
        assert!(network.starts_alone(&network.releases()[0]), "all are in one release");
    }
}
