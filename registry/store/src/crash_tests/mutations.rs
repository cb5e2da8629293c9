//! One sync of the program left out at a time. The check of the crashes has to notice each; and the
//! list has to name every place of the program that syncs, so that none comes without its proof.

use std::collections::BTreeSet;
use std::path::Path;

use super::{crash_everywhere, cut_the_restored, history, packing, pushes};
use crate::simulation::{Forgets, Sync};

/// A file below `src`, and the function in it that syncs.
type Site = (&'static str, &'static str);

/// The sync that is left out, where it stands, and how it is told from others.
type Mutation = (&'static str, Site, Forgets);

const LAYOUT: Site = ("directory/mod.rs", "make_layout");
const START: Site = ("directory/mod.rs", "clean");
const SETTLED: Site = ("directory/mod.rs", "settled");
const LINK: Site = ("directory/mod.rs", "sync_and_link");
const MISSING: Site = ("directory/uploads.rs", "make_missing_directories");
const SHELVES: Site = ("directory/uploads.rs", "make_missing_shelves");
const WIDE: Site = ("directory/uploads.rs", "make_wide_directory");

/// What syncs and is no part of a history: the operations themselves, and the storage's own directory,
/// which is made before there is a disk to simulate.
const ELSEWHERE: [Site; 2] = [("files.rs", "perform"), ("files.rs", "make_durably")];

/// In a history of publishes, a yank and a deletion.
const HISTORY: &[Mutation] = &[
    (
        "an object's bytes",
        LINK,
        |sync| matches!(sync, Sync::File { content } if content.starts_with(b"first package")),
    ),
    (
        "a commit's bytes",
        LINK,
        |sync| matches!(sync, Sync::File { content } if content.starts_with(b"{\"v\":1")),
    ),
    (
        "FORMAT's bytes",
        LINK,
        |sync| matches!(sync, Sync::File { content } if content.starts_with(b"{\"format\"")),
    ),
    (
        "an object's name",
        LINK,
        |sync| matches!(sync, Sync::Directory { path, linked: Some(true), .. } if path.starts_with("objects/")),
    ),
    (
        "the name of an object that is there already",
        LINK,
        |sync| matches!(sync, Sync::Directory { path, linked: Some(false), .. } if path.starts_with("objects/")),
    ),
    ("a commit's name", LINK, |sync| {
        matches!(sync, Sync::Directory { path: "journal", linked: Some(true), .. })
    }),
    ("FORMAT's name", LINK, |sync| {
        matches!(sync, Sync::Directory { path: "", linked: Some(_), .. })
    }),
    ("the commits that a killed process left", START, |sync| {
        matches!(sync, Sync::Directory { path: "journal", linked: None, made: None, .. })
    }),
    ("the names of the 256 object directories", LAYOUT, |sync| {
        matches!(sync, Sync::Directory { path: "objects/sha256", sealed: false, .. })
    }),
    ("the name objects/sha256", LAYOUT, |sync| {
        matches!(sync, Sync::Directory { path: "objects", sealed: false, .. })
    }),
    ("the names journal/ and objects/", LAYOUT, |sync| {
        matches!(sync, Sync::Directory { path: "", linked: None, sealed: false, .. })
    }),
];

/// In the making of segments.
const PACKING: &[Mutation] = &[
    (
        "a segment's bytes",
        LINK,
        |sync| matches!(sync, Sync::File { content } if content.starts_with(&[0x1f, 0x8b])),
    ),
    ("the names of segments before their single commits go", SETTLED, |sync| {
        matches!(sync, Sync::Directory { path: "journal/seg", linked: None, .. })
    }),
];

/// In a start on a copy that lacks directories.
const RESTORED: &[Mutation] = &[
    ("the name of a directory that was missing", MISSING, |sync| {
        matches!(sync, Sync::Directory { path: "journal", made: Some("journal/seg"), .. })
    }),
    ("the names of object directories that were missing", SHELVES, |sync| {
        matches!(sync, Sync::Directory { path: "objects/sha256", made: Some(_), sealed: true, .. })
    }),
];

/// In pushes of blobs.
const PUSHES: &[Mutation] = &[
    (
        "a blob's bytes",
        LINK,
        |sync| matches!(sync, Sync::File { content } if *content == pushes::FIRST),
    ),
    (
        "a blob's name",
        LINK,
        |sync| matches!(sync, Sync::Directory { path, .. } if path.starts_with("objects/sha512/")),
    ),
    ("the name of the blob's directory", WIDE, |sync| {
        matches!(sync, Sync::Directory { path: "objects/sha512", .. })
    }),
    (
        "a note's bytes",
        LINK,
        |sync| matches!(sync, Sync::File { content } if *content == pushes::NOTE),
    ),
    ("a note's name", LINK, |sync| matches!(sync, Sync::Directory { path: "staged", .. })),
    ("the name objects/sha512", LAYOUT, |sync| {
        matches!(sync, Sync::Directory { path: "objects", sealed: false, .. })
    }),
    ("the name staged", LAYOUT, |sync| matches!(sync, Sync::Directory { path: "", .. })),
];

/// What finds the first fault of all crashes of a history.
type Judge = fn(Forgets) -> Result<(), String>;

const ALL: [(&[Mutation], Judge); 4] = [
    (HISTORY, |forgets| crash_everywhere(history, forgets, &mut 0)),
    (PACKING, |forgets| crash_everywhere(packing, forgets, &mut 0)),
    (RESTORED, |forgets| cut_the_restored(forgets, &mut 0)),
    (PUSHES, |forgets| pushes::crash_everywhere(forgets, &mut 0)),
];

#[test]
fn leaving_out_any_sync_is_noticed() {
    for (mutations, judge) in ALL {
        let unnoticed: Vec<_> = mutations
            .iter()
            .filter(|(_, _, forgets)| judge(*forgets).is_ok())
            .map(|(name, ..)| name)
            .collect();
        assert!(unnoticed.is_empty(), "nothing depends on the sync of {unnoticed:?}");
    }
}

/// File and function of every line that syncs.
fn syncing(folder: &Path, below: &str, found: &mut BTreeSet<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let path = if below.is_empty() { name.clone() } else { format!("{below}/{name}") };
        if ["simulation", "crash_tests", "tests", "tests.rs", "space_tests.rs"]
            .contains(&name.as_str())
        {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            syncing(&entry.path(), &path, found);
            continue;
        }
        let mut function = String::new();
        for line in std::fs::read_to_string(entry.path()).unwrap().lines() {
            if let Some((_, rest)) = line.split_once("fn ") {
                function = rest.split(['(', '<']).next().unwrap_or_default().to_owned();
            }
            let words = ["perform(&Operation::Sync", ".sync_all()", ".sync_data()", "fsync("];
            if words.iter().any(|word| line.contains(word)) {
                found.insert((path.clone(), function.clone()));
            }
        }
    }
}

#[test]
fn every_place_that_syncs_is_left_out_once() {
    let mut found = BTreeSet::new();
    syncing(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "", &mut found);
    let listed = ALL.iter().flat_map(|(mutations, _)| mutations.iter().map(|(_, site, _)| *site));
    let owned = |(file, function): Site| (file.to_owned(), function.to_owned());
    let listed: BTreeSet<_> = listed.chain(ELSEWHERE).map(owned).collect();
    assert_eq!(found, listed);
}
