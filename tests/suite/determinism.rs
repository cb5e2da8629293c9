//! The same network directory gives the same bytes: elsewhere, later, under another user's habits, without keys.

use std::fs;
use std::path::Path;
use std::process::Command;

use suite::process::run;

use crate::network::Network;
use crate::programs;

/// Copies a tree; the entries of every directory are made in reverse order.
fn copy_reversed(from: &Path, to: &Path, skipped: &[&str]) {
    fs::create_dir_all(to).expect("a directory");
    let mut entries: Vec<_> = fs::read_dir(from).expect("a directory").flatten().collect();
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.file_name()));
    for entry in entries {
        let name = entry.file_name();
        if skipped.contains(&name.to_string_lossy().as_ref()) {
            continue;
        }
        if entry.path().is_dir() {
            copy_reversed(&entry.path(), &to.join(name), &[]);
        } else {
            fs::write(to.join(name), fs::read(entry.path()).expect("a file")).expect("a copy");
        }
    }
}

fn bytes(network: &Network, folder: &str) -> Vec<u8> {
    fs::read(network.package(folder)).expect("a package")
}

#[test]
fn a_second_build_gives_the_same_bytes_and_leaves_the_lock_alone() {
    let network = Network::article();
    let lock = fs::read(network.path().join("network.lock")).expect("a lock");
    network.builder(&["build", "--out", "again"]).success();
    assert!(bytes(&network, "dist") == bytes(&network, "again"), "the two packages differ");
    assert_eq!(fs::read(network.path().join("network.lock")).expect("a lock"), lock);
}

#[test]
fn another_place_time_zone_locale_umask_and_file_order_give_the_same_bytes() {
    let network = Network::article();
    let elsewhere = tempfile::tempdir().expect("a directory");
    let copy = elsewhere.path().join("a place with a longer name");
    copy_reversed(network.path(), &copy, &["dist", "private"]);
    let builder = programs::directory().join("chart-builder");
    let mut shell = Command::new("sh");
    shell.args(["-c", "umask 077; exec \"$0\" build --locked --out out"]).arg(builder);
    shell.env_clear().env("TZ", "Asia/Kathmandu").env("LC_ALL", "tr_TR.UTF-8").env("HOSTNAME", "x");
    run(shell.current_dir(&copy)).success();
    let package = network.package("dist");
    let name = package.file_name().expect("a file name");
    let ours = fs::read(copy.join("out").join(name)).expect("the package of the copy");
    assert!(ours == bytes(&network, "dist"), "the two packages differ");
}

#[test]
fn keys_that_are_missing_or_unreadable_change_nothing() {
    let network = Network::article();
    let private = network.path().join("private");
    fs::remove_dir_all(&private).expect("the keys");
    network.builder(&["build", "--locked", "--out", "missing"]).success();
    // A file in the place of the directory cannot be read as one, not even by root.
    fs::write(&private, "").expect("a file");
    network.builder(&["build", "--locked", "--out", "unreadable"]).success();
    for folder in ["missing", "unreadable"] {
        assert!(
            bytes(&network, "dist") == bytes(&network, folder),
            "{folder}: the packages differ"
        );
    }
}

#[test]
fn a_locked_build_writes_nothing_but_its_output() {
    let network = Network::of_example("article");
    network.builder(&["identities"]).success();
    let before = listing(network.path());
    network.builder(&["build", "--locked", "--out", "dist"]).failure().says("network.lock");
    assert_eq!(listing(network.path()), before);
}

/// Every path and content below a directory.
fn listing(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().flatten();
    entries
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let bytes = fs::read(entry.path()).expect("a file");
            (entry.path().to_string_lossy().into_owned(), bytes)
        })
        .collect()
}
