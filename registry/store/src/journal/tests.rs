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

async fn filled(directory: &std::path::Path, commits: u64) -> (Journal, Head) {
    let journal = Journal::new(Store::open(directory).await.unwrap());
    let mut head = Head::EMPTY;
    for number in 0..commits {
        let commit = commit_after(head, &number.to_string());
        assert!(matches!(journal.append(&commit).await.unwrap(), Appended::Ours));
        head = commit.head();
    }
    (journal, head)
}

/// Sets the clock of every segment back, so that its single commits may go.
fn age_segments(directory: &std::path::Path) {
    for entry in std::fs::read_dir(directory.join("journal/seg")).unwrap() {
        let file = std::fs::File::open(entry.unwrap().path()).unwrap();
        let hours = std::time::Duration::from_hours(2);
        file.set_modified(std::time::SystemTime::now() - hours).unwrap();
    }
}

#[tokio::test]
async fn segments_replace_single_commits_an_hour_later_and_say_the_same() {
    let directory = tempfile::tempdir().unwrap();
    let (journal, head) = filled(directory.path(), 10).await;
    let before = heads(&journal).await.unwrap();
    let compacted = journal.compact(head.seq).await.unwrap();
    assert_eq!(compacted, Compacted { segments: 2, removed: 0 });
    age_segments(directory.path());
    let compacted = journal.compact(head.seq).await.unwrap();
    assert_eq!(compacted, Compacted { segments: 0, removed: 8 });
    assert!(!directory.path().join(Key::Commit(8).to_string()).exists());
    assert!(directory.path().join(Key::Commit(9).to_string()).exists());
    assert_eq!(heads(&journal).await.unwrap(), before);
    assert!(journal.holds(head).await.unwrap());
    assert!(!journal.holds(Head { seq: 3, ..head }).await.unwrap());
}

#[tokio::test]
async fn a_writer_that_slept_hears_of_the_segment_above_its_number() {
    let directory = tempfile::tempdir().unwrap();
    let (journal, head) = filled(directory.path(), 8).await;
    let before = heads(&journal).await.unwrap();
    journal.compact(head.seq).await.unwrap();
    age_segments(directory.path());
    journal.compact(head.seq).await.unwrap();

    let sleeper = commit_after(Head::EMPTY, "sleeper");
    let Appended::Theirs(theirs) = journal.append(&sleeper).await.unwrap() else {
        panic!("a commit was written below the head");
    };
    assert_eq!(theirs.commit().nonce, "0");
    // Its file means nothing, and goes with the next round.
    assert_eq!(heads(&journal).await.unwrap(), before);
    assert_eq!(journal.compact(head.seq).await.unwrap().removed, 1);
}

#[tokio::test]
async fn a_damaged_segment_is_named_and_nothing_of_it_removed() {
    let directory = tempfile::tempdir().unwrap();
    let (journal, head) = filled(directory.path(), 4).await;
    journal.compact(head.seq).await.unwrap();
    age_segments(directory.path());
    let path = Key::Segment(crate::Segment::of(1)).to_string();
    std::fs::write(directory.path().join(&path), b"\x1f\x8b").unwrap();
    age_segments(directory.path());
    for error in [heads(&journal).await.unwrap_err(), journal.compact(head.seq).await.unwrap_err()]
    {
        assert!(error.to_string().contains(&path), "{error}");
    }
    assert!(directory.path().join(Key::Commit(1).to_string()).exists());
}
