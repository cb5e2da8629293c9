use std::time::Duration;

use bytes::Bytes;
use chart_format::digest::Sha256;

use super::{filled, store_on};
use crate::directory::Spool;
use crate::key::Key;
use crate::listing::{Family, OLD};
use crate::simulation::{Faults, SimulatedBucket};
use crate::store::Store;

/// An object that is old enough to be taken away.
async fn old_object(bucket: &SimulatedBucket, store: &Store, bytes: &Bytes) -> Key {
    let digest = Sha256::of(bytes);
    store.put_object(digest, Spool::Memory(bytes.clone())).await.unwrap();
    let key = Key::Object(digest);
    bucket.make_older(&key.to_string(), Duration::from_hours(30));
    key
}

#[tokio::test]
async fn what_is_old_is_taken_away_and_what_is_needed_becomes_young() {
    let bucket = SimulatedBucket::new(Faults::None);
    let store = store_on(&bucket).await;
    let bytes = Bytes::from_static(b"package");
    let key = old_object(&bucket, &store, &bytes).await;
    assert!(!store.remove_if_older(key, Duration::from_hours(31)).await.unwrap());
    assert!(store.renew(key).await.unwrap());
    assert!(!store.remove_if_older(key, OLD).await.unwrap(), "it is young");
    let key = old_object(&bucket, &store, &bytes).await;
    store.put_object(Sha256::of(&bytes), Spool::Memory(bytes.clone())).await.unwrap();
    assert!(!store.remove_if_older(key, OLD).await.unwrap(), "it was put again");
    let key = old_object(&bucket, &store, &bytes).await;
    assert!(store.remove_if_older(key, OLD).await.unwrap());
    assert!(!store.renew(key).await.unwrap(), "it is gone");
    assert_eq!(bucket.names().await, ["FORMAT"], "no mark stays");
}

#[tokio::test]
async fn pages_list_a_family_in_order() {
    let bucket = SimulatedBucket::new(Faults::None);
    let (journal, head) = filled(&bucket, 6).await;
    journal.compact(head.seq).await.unwrap();
    let store = store_on(&bucket).await;
    let mut keys = Vec::new();
    for word in ["a", "b", "c", "d", "e"] {
        keys.push(old_object(&bucket, &store, &Bytes::from(word)).await.to_string());
    }
    keys.sort();
    let (mut listed, mut after) = (Vec::new(), String::new());
    loop {
        let page = store.page(Family::Objects, &after, 2).await.unwrap();
        let Some(last) = page.last() else { break };
        after = last.path.clone();
        assert!(page.iter().all(|it| it.key.is_some() && it.age > OLD), "{page:?}");
        listed.extend(page.into_iter().map(|it| it.path));
    }
    assert_eq!(listed, keys);
    let commits = store.page(Family::Commits, "", 100).await.unwrap();
    assert_eq!(commits.len(), 6, "segments are another family");
    assert_eq!(store.page(Family::Segments, "", 100).await.unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_was_put_is_there_whoever_takes_away_at_the_same_time() {
    let bucket = SimulatedBucket::new(Faults::None);
    let store = store_on(&bucket).await;
    let slow = bucket.with(Faults::Slow);
    let (publisher, cleaner, other) =
        (store_on(&slow).await, store_on(&slow).await, store_on(&slow).await);
    let bytes = Bytes::from_static(b"package");
    let mut taken = 0;
    for round in 0..2_000 {
        let key = old_object(&bucket, &store, &bytes).await;
        let put = async {
            if round % 2 == 0 {
                let spool = Spool::Memory(bytes.clone());
                publisher.put_object(Sha256::of(&bytes), spool).await.map(|_| true)
            } else {
                publisher.renew(key).await
            }
        };
        let clean = async |store: &Store| store.remove_if_older(key, OLD).await.unwrap();
        let (put, one, two) = tokio::join!(put, clean(&cleaner), clean(&other));
        let there = store.open_object(Sha256::of(&bytes)).await.unwrap().is_some();
        assert_eq!(there, put.unwrap(), "round {round}");
        taken += u32::from(one || two);
    }
    assert!((100..1_900).contains(&taken), "{taken} rounds took something away");
}
