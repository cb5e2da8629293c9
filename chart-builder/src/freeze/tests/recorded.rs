//! Locks that somebody edited, or that another builder made.

use super::*;

#[test]
fn an_edited_fact_in_the_lock_is_an_error() {
    type Edit = fn(&mut Lock);
    let peer = |lock: &mut Lock| {
        lock.organizations.get_mut("Org1").unwrap().nodes.get_mut("peer1").unwrap().clone()
    };
    let edits: &[(Edit, &str)] = &[
        (|lock| lock.network.as_mut().unwrap().release = "foo".to_owned(), "`foo`"),
        (|lock| lock.organizations.get_mut("Org1").unwrap().release = "bar".to_owned(), "`bar`"),
        (|lock| lock.organizations.get_mut("Org1").unwrap().has_orderers = true, "hasOrderers"),
        (|lock| node(lock).host = "peer1.evil".to_owned(), "`peer1.evil`"),
        (|lock| node(lock).index = 0, "`peer0` there"),
        (|lock| node(lock).kind = lock::NodeKind::Orderer, "`orderer1` there"),
        (|lock| node(lock).gossip_bootstrap = Some("evil:7051".to_owned()), "`evil:7051`"),
        (|lock| channel(lock).sequence = 4, "`4` there"),
        (|lock| channel(lock).made_from.consensus = crate::model::Consensus::Solo, "`solo`"),
        (|lock| channel(lock).made_from.consenters[0].id = 9, "`9` there"),
        (|lock| channel(lock).made_from.consenters[0].port = 9, "orderer0.orderer:9"),
        (|lock| channel(lock).made_from.orderers[0].endpoints.clear(), "`orderers`"),
    ];
    let mut site = Site::new();
    let built = site.build().lock;
    assert_eq!(peer(&mut built.clone()).index, 1);
    for (edit, said) in edits {
        site.lock = built.clone();
        edit(&mut site.lock);
        let found = site.findings();
        assert!(found.iter().all(|(code, _)| *code == codes::CHANGED_LOCK), "{said}: {found:#?}");
        assert!(found[0].1.contains(said), "{said}: {found:#?}");
        assert!(found[0].1.contains("restore network.lock from version control"));
    }
}

fn node(lock: &mut Lock) -> &mut lock::LockedNode {
    lock.organizations.get_mut("Org1").unwrap().nodes.get_mut("peer1").unwrap()
}

fn channel(lock: &mut Lock) -> &mut lock::LockedChannel {
    lock.channels.get_mut("mychannel").unwrap()
}

#[test]
fn another_package_than_the_frozen_one_is_an_error() {
    let mut site = Site::new();
    site.build();
    let built = site.lock.clone();
    let edited = |edit: fn(&mut lock::LockedChaincode)| {
        let mut lock = built.clone();
        edit(lock.chaincodes.get_mut("canary").unwrap());
        lock
    };
    site.lock = edited(|it| it.package_id = "canary-1:00".to_owned());
    let found = site.findings();
    assert_eq!((found.len(), found[0].0), (1, codes::CHANGED_PACKAGE), "{found:#?}");
    assert!(found[0].1.contains("freezes `canary-1:00`"), "{}", found[0].1);
    site.lock = edited(|it| it.label = "other".to_owned());
    assert_eq!(site.findings()[0].0, codes::CHANGED_PACKAGE);
    site.lock = edited(|it| {
        it.sequence = 2;
        it.previous = Some(lock::LockedPrevious {
            sequence: 1,
            label: it.label.clone(),
            package_id: "canary-1:00".to_owned(),
            indexes_sha256: None,
            image: it.image.clone(),
        });
    });
    let found = site.findings();
    assert!(found.iter().any(|(_, text)| text.contains("for sequence 1")), "{found:#?}");
}
