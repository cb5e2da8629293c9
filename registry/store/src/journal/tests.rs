use std::sync::Arc;

use chart_format::digest::Sha256;

use super::*;
use crate::commit::{Commit, READER};
use crate::simulation::Unreliable;
use crate::timestamp::Timestamp;

fn commit_after(head: Head, nonce: &str) -> SealedCommit {
    Commit {
        seq: head.seq + 1,
        prev: head.hash,
        time: Timestamp::default(),
        writer: "test".to_owned(),
        nonce: nonce.to_owned(),
        min_reader: READER,
        events: Vec::new(),
    }
    .seal()
    .unwrap()
}

async fn heads(journal: &Journal) -> Result<Vec<String>, StoreError> {
    let mut nonces = Vec::new();
    journal
        .replay(Head::EMPTY, |commit| {
            nonces.push(commit.commit().nonce.clone());
            Ok::<(), StoreError>(())
        })
        .await?;
    Ok(nonces)
}

#[tokio::test]
async fn a_second_writer_gets_the_entry_that_was_first() {
    let directory = tempfile::tempdir().unwrap();
    let one = Journal::new(Store::open(directory.path()).await.unwrap());
    let two = Journal::new(Store::open(directory.path()).await.unwrap());
    let first = commit_after(Head::EMPTY, "one");
    assert!(matches!(one.append(&first).await.unwrap(), Appended::Ours));
    let Appended::Theirs(theirs) = two.append(&commit_after(Head::EMPTY, "two")).await.unwrap()
    else {
        panic!("two commits under one number");
    };
    assert_eq!(theirs.bytes(), first.bytes());
    let next = commit_after(theirs.head(), "two");
    assert!(matches!(two.append(&next).await.unwrap(), Appended::Ours));
    assert_eq!(heads(&one).await.unwrap(), ["one", "two"]);
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_writes_exactly_once() {
    let directory = tempfile::tempdir().unwrap();
    let unreliable = Unreliable::open(directory.path()).unwrap();
    let journal = Journal::new(Store::Unreliable(Arc::new(unreliable)));
    let mut head = Head::EMPTY;
    let mut expected = Vec::new();
    for number in 0..60 {
        let commit = commit_after(head, &number.to_string());
        assert!(matches!(journal.append(&commit).await.unwrap(), Appended::Ours), "{number}");
        head = commit.head();
        expected.push(number.to_string());
    }
    assert_eq!(heads(&journal).await.unwrap(), expected);
}

#[tokio::test]
async fn replay_refuses_gaps_foreign_entries_and_flipped_bits() {
    let directory = tempfile::tempdir().unwrap();
    let journal = Journal::new(Store::open(directory.path()).await.unwrap());
    let mut head = Head::EMPTY;
    for number in 0..3 {
        let commit = commit_after(head, &number.to_string());
        journal.append(&commit).await.unwrap();
        head = commit.head();
    }
    let path = directory.path().join(Key::Commit(2).to_string());
    let bytes = std::fs::read(&path).unwrap();

    std::fs::remove_file(&path).unwrap();
    let gap = heads(&journal).await.unwrap_err();
    assert!(matches!(gap, StoreError::MissingCommit { seq: 2, last: 3 }), "{gap}");

    let foreign = commit_after(Head { seq: 1, hash: Sha256::of(b"elsewhere") }, "foreign");
    std::fs::write(&path, foreign.bytes()).unwrap();
    let foreign = heads(&journal).await.unwrap_err();
    assert!(matches!(foreign, StoreError::BrokenChain { seq: 2, .. }), "{foreign}");

    let text = String::from_utf8(bytes).unwrap();
    std::fs::write(&path, text.replace(r#""nonce":"1""#, r#""nonce":"7""#)).unwrap();
    let flipped = heads(&journal).await.unwrap_err();
    assert!(matches!(flipped, StoreError::BrokenChain { seq: 3, .. }), "{flipped}");
}
