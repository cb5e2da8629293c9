use std::os::unix::fs::PermissionsExt;
use std::sync::Mutex;

use super::*;
use crate::disk::ListedFile;
use crate::simulation::SimulatedDisk;

/// A disk on which one kind of operation fails.
struct Failing {
    disk: SimulatedDisk,
    fails: Mutex<Option<(&'static str, io::ErrorKind)>>,
}

impl Disk for Arc<Failing> {
    fn perform(&self, operation: &Operation) -> io::Result<()> {
        match *self.fails.lock().unwrap() {
            Some((verb, kind)) if verb == operation.verb() => Err(io::Error::from(kind)),
            _ => self.disk.perform(operation),
        }
    }

    fn read(&self, path: &str) -> io::Result<Option<Bytes>> {
        self.disk.read(path)
    }

    fn list(&self, directory: &str) -> io::Result<Vec<ListedFile>> {
        self.disk.list(directory)
    }

    fn renew(&self, path: &str, limit: Duration) -> io::Result<bool> {
        self.disk.renew(path, limit)
    }

    fn remove_if_older(&self, path: &str, limit: Duration) -> io::Result<bool> {
        self.disk.remove_if_older(path, limit)
    }

    fn is_read_only(&self) -> bool {
        self.disk.is_read_only()
    }
}

fn failing() -> (Arc<Failing>, Directory) {
    let disk = SimulatedDisk::new(|_| false);
    let failing = Arc::new(Failing { disk, fails: Mutex::new(None) });
    let directory = Directory::on(Box::new(Arc::clone(&failing))).unwrap();
    (failing, directory)
}

const COMMIT: Key = Key::Commit(1);

#[test]
fn the_first_writer_of_a_name_wins() {
    let root = tempfile::tempdir().unwrap();
    let directory = Directory::open(root.path()).unwrap();
    let (first, second) = (Bytes::from_static(b"first"), Bytes::from_static(b"second"));
    assert_eq!(directory.put_new(&COMMIT, &first).unwrap(), PutOutcome::Created);
    assert_eq!(directory.put_new(&COMMIT, &second).unwrap(), PutOutcome::Exists);
    assert_eq!(directory.read(&COMMIT).unwrap(), Some(first));
    assert_eq!(directory.read(&Key::Commit(2)).unwrap(), None);
    assert_eq!(directory.list("tmp").unwrap(), Vec::<String>::new());
}

#[test]
fn files_are_readable_by_their_owner_only() {
    let root = tempfile::tempdir().unwrap();
    let storage = root.path().join("a/b");
    let directory = Directory::open(&storage).unwrap();
    directory.put_new(&COMMIT, &Bytes::from_static(b"x")).unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&storage.join(COMMIT.to_string())), 0o600);
    assert_eq!(mode(&storage), 0o700);
    assert_eq!(mode(&storage.join("objects/sha256/ab")), 0o700);
}

#[test]
fn an_upload_on_disk_becomes_an_object_and_leaves_nothing_behind() {
    let root = tempfile::tempdir().unwrap();
    let directory = Directory::open(root.path()).unwrap();
    let (tmp, mut file) = directory.make_tmp().unwrap();
    std::io::Write::write_all(&mut file, b"package").unwrap();
    let digest = Sha256::of(b"package");
    let spool = Spool::Tmp(tmp);
    assert_eq!(directory.put_object(&digest, &spool).unwrap(), PutOutcome::Created);
    assert_eq!(directory.put_object(&digest, &spool).unwrap(), PutOutcome::Exists);
    drop(spool);
    let bytes = directory.read(&Key::Object(digest)).unwrap();
    assert_eq!(bytes.as_deref(), Some(&b"package"[..]));
    assert_eq!(directory.list("tmp").unwrap(), Vec::<String>::new());
}

/// Copying programs leave out empty directories, and a backup what can be made again.
#[test]
fn a_copy_without_empty_directories_takes_writes_again() {
    let root = tempfile::tempdir().unwrap();
    let (first, second) = (Bytes::from_static(b"first"), Bytes::from_static(b"second"));
    let put = |directory: &Directory, bytes: &Bytes| {
        let spool = Spool::Memory(bytes.clone());
        directory.put_object(&Sha256::of(bytes), &spool).unwrap()
    };
    assert_eq!(put(&Directory::open(root.path()).unwrap(), &first), PutOutcome::Created);
    let mut waiting = vec![root.path().to_owned()];
    while let Some(folder) = waiting.pop() {
        // Only empty ones go.
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            let wanted = ["objects", "sha256", "journal"].iter().any(|name| entry.ends_with(name));
            if entry.is_dir() && (wanted || std::fs::remove_dir(&entry).is_err()) {
                waiting.push(entry);
            }
        }
    }
    assert!(!root.path().join("tmp").exists());
    let directory = Directory::open(root.path()).unwrap();
    assert_eq!(put(&directory, &first), PutOutcome::Exists);
    assert_eq!(put(&directory, &second), PutOutcome::Created);
    drop(directory.make_tmp().unwrap());
}

#[test]
fn refuses_a_directory_with_something_else_in_it() {
    let root = tempfile::tempdir().unwrap();
    std::fs::write(root.path().join("org-1.0.0.tgz"), b"x").unwrap();
    let error = Directory::open(root.path()).err().unwrap();
    assert!(matches!(error, StoreError::NotAStore { .. }), "{error}");
}

#[test]
fn refuses_a_newer_a_damaged_and_a_lost_format() {
    let root = tempfile::tempdir().unwrap();
    Directory::open(root.path()).unwrap().put_new(&COMMIT, &Bytes::from_static(b"x")).unwrap();
    let format = root.path().join("FORMAT");
    let open = || Directory::open(root.path()).err().unwrap();

    std::fs::write(&format, b"{\"format\":2}").unwrap();
    assert!(matches!(open(), StoreError::NewerFormat { found: 2, supported: 1 }));
    std::fs::write(&format, b"{").unwrap();
    assert!(matches!(open(), StoreError::DamagedFormat { .. }));
    std::fs::remove_file(&format).unwrap();
    assert!(matches!(open(), StoreError::DamagedFormat { .. }));
}

#[test]
fn a_full_disk_refuses_the_write_and_recovers() {
    let (disk, directory) = failing();
    let bytes = Bytes::from_static(b"x");
    for verb in ["write", "link"] {
        *disk.fails.lock().unwrap() = Some((verb, io::ErrorKind::StorageFull));
        let error = directory.put_new(&COMMIT, &bytes).err().unwrap();
        assert!(matches!(error, StoreError::Full { .. }), "{error}");
        assert_eq!(directory.read(&COMMIT).unwrap(), None);
    }
    *disk.fails.lock().unwrap() = None;
    assert_eq!(directory.put_new(&COMMIT, &bytes).unwrap(), PutOutcome::Created);
}

#[test]
fn after_a_failed_sync_nothing_is_written_any_more() {
    let (disk, directory) = failing();
    *disk.fails.lock().unwrap() = Some(("sync", io::ErrorKind::Other));
    let bytes = Bytes::from_static(b"x");
    directory.put_new(&COMMIT, &bytes).unwrap_err();
    *disk.fails.lock().unwrap() = None;
    let error = directory.put_new(&COMMIT, &bytes).err().unwrap();
    assert!(matches!(error, StoreError::ReadOnly { .. }), "{error}");
    assert_eq!(directory.read(&COMMIT).unwrap(), None);
}

#[test]
fn what_is_stored_again_is_young_and_only_old_things_are_taken_away() {
    use crate::listing::{Family, OLD, YOUNG};
    let folder = tempfile::tempdir().unwrap();
    let directory = Directory::open(folder.path()).unwrap();
    let bytes = Bytes::from_static(b"package");
    let digest = Sha256::of(&bytes);
    let key = Key::Object(digest);
    let spool = Spool::Memory(bytes);
    let age = |hours: u64| {
        let file = std::fs::File::open(folder.path().join(key.to_string())).unwrap();
        let moment = std::time::SystemTime::now() - Duration::from_hours(hours);
        file.set_modified(moment).unwrap();
    };
    let listed = || directory.page(Family::Objects, "", 10).unwrap();
    assert!(listed().is_empty() && !directory.renew(&key).unwrap());
    assert!(!directory.remove_if_older(&key, OLD).unwrap());
    directory.put_object(&digest, &spool).unwrap();
    assert_eq!((listed()[0].key, listed()[0].size), (Some(key), 7));
    // Between young and old nothing is done, by anybody.
    age(11);
    assert!(directory.renew(&key).unwrap() && listed()[0].age > YOUNG / 2);
    age(23);
    assert!(!directory.remove_if_older(&key, OLD).unwrap());
    for stored in [false, true] {
        age(25);
        if stored {
            let reader = ObjectReader::Whole(Bytes::from_static(b"package"));
            directory.put_object(&digest, &Spool::Stored(reader)).unwrap();
        } else {
            directory.put_object(&digest, &spool).unwrap();
        }
        assert!(listed()[0].age < YOUNG && !directory.remove_if_older(&key, OLD).unwrap());
    }
    age(25);
    assert!(directory.remove_if_older(&key, OLD).unwrap() && listed().is_empty());
    let reader = ObjectReader::Whole(Bytes::from_static(b"package"));
    directory.put_object(&digest, &Spool::Stored(reader)).unwrap();
    assert_eq!(listed().len(), 1);
}

#[test]
fn pages_follow_each_other_in_order_and_name_what_is_foreign() {
    use crate::listing::Family;
    let folder = tempfile::tempdir().unwrap();
    let directory = Directory::open(folder.path()).unwrap();
    for number in 0..40_u32 {
        let bytes = Bytes::from(number.to_string());
        directory.put_object(&Sha256::of(&bytes), &Spool::Memory(bytes)).unwrap();
    }
    let foreign = Key::Object(Sha256::of(b"0")).directory();
    std::fs::write(folder.path().join(&foreign).join("foreign"), "x").unwrap();
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let page = directory.page(Family::Objects, &after, 3).unwrap();
        let Some(last) = page.last() else { break };
        after.clone_from(&last.path);
        all.extend(page);
    }
    assert_eq!(all.len(), 41);
    assert!(all.is_sorted_by(|one, other| one.path < other.path));
    let foreign = format!("{foreign}/foreign");
    let unknown: Vec<_> = all.iter().filter(|it| it.key.is_none()).map(|it| &it.path).collect();
    assert_eq!(unknown, [&foreign]);
}
