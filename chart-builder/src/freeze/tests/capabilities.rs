//! What a channel's configuration says follows from its capabilities, not from the newest that Fabric knows.

use fabric_artifacts::block::{Block, ConfigTree};
use fabric_artifacts::msp::OrganizationalUnits;

use super::{BTreeMap, Site, words};
use crate::model::Capabilities;

fn site(channel: &str, orderer: &str, application: &str) -> Site {
    let mut site = Site::new();
    site.network.channels[0].capabilities = Capabilities {
        channel: channel.to_owned(),
        orderer: orderer.to_owned(),
        application: application.to_owned(),
    };
    site
}

#[test]
fn below_v1_4_3_administrators_are_named_and_from_there_on_known_by_their_unit() {
    for (channel, units, named) in
        [("V1_4_2", OrganizationalUnits::None, true), ("V1_4_3", OrganizationalUnits::All, false)]
    {
        let frozen = site(channel, "V1_4_2", "V1_4_2").build();
        let genesis = &frozen.material.channels["mychannel"].genesis;
        let configuration = Block::read(genesis).unwrap().configuration;
        let orderers = configuration.orderers.iter().map(|it| (&it.name, &it.msp));
        let members = configuration.applications.iter().map(|it| (&it.name, &it.msp));
        for (organization, msp) in orderers.chain(members) {
            let own = &frozen.material.organizations[organization];
            let admins = if named { vec![own.admin.clone()] } else { Vec::new() };
            assert_eq!((msp.units, &msp.admins), (units, &admins), "{channel} {organization}");
        }
    }
}

#[test]
fn the_lock_has_the_policies_of_a_block_without_definitions() {
    let frozen = site("V1_4_3", "V1_4_2", "V1_4_2").build();
    let tree = ConfigTree::of_block(&frozen.material.channels["mychannel"].genesis).unwrap();
    let policies: BTreeMap<_, _> = tree
        .group(&["Application"])
        .unwrap()
        .policies
        .iter()
        .map(|(name, policy)| {
            (format!("/Channel/Application/{name}"), words(policy.rule.as_ref().unwrap()))
        })
        .collect();
    let locked = &frozen.lock.channels["mychannel"].made_from.policies;
    let locked = locked.iter().filter(|(path, _)| path.starts_with("/Channel/Application/"));
    let locked: BTreeMap<_, _> = locked.map(|(path, rule)| (path.clone(), rule.clone())).collect();
    assert_eq!(locked, policies);
}
