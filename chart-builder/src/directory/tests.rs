use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::{Access, DirectoryError, NetworkDirectory, PublicFiles, Writer};

fn mode(path: impl AsRef<std::path::Path>) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_new_file_is_never_overwritten() {
    let root = tempfile::tempdir().unwrap();
    let writer = Writer::new(root.path());
    writer.put_new("private/Org1/ca.key", b"first", Access::Private).unwrap();
    let second = writer.put_new("private/Org1/ca.key", b"second", Access::Private);
    assert!(matches!(second, Err(DirectoryError::Exists { .. })), "{second:?}");
    assert_eq!(fs::read(root.path().join("private/Org1/ca.key")).unwrap(), b"first");
    let names: Vec<_> = fs::read_dir(root.path().join("private/Org1")).unwrap().collect();
    assert_eq!(names.len(), 1, "no temporary file stays");
}

#[test]
fn private_things_are_for_the_owner_alone() {
    let root = tempfile::tempdir().unwrap();
    let writer = Writer::new(root.path());
    writer.put_new("private/Org1/ca.key", b"key", Access::Private).unwrap();
    writer.put_new("public/Org1/ca.pem", b"certificate", Access::Public).unwrap();
    assert_eq!(mode(root.path().join("private")), 0o700);
    assert_eq!(mode(root.path().join("private/Org1")), 0o700);
    assert_eq!(mode(root.path().join("private/Org1/ca.key")), 0o600);
    assert_eq!(mode(root.path().join("public/Org1")), 0o755);
    assert_eq!(mode(root.path().join("public/Org1/ca.pem")), 0o644);
}

#[test]
fn a_private_file_that_was_opened_up_is_closed_again() {
    let root = tempfile::tempdir().unwrap();
    let writer = Writer::new(root.path());
    writer.replace("private/manifest.yaml", b"text", Access::Private).unwrap();
    let path = root.path().join("private/manifest.yaml");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    writer.replace("private/manifest.yaml", b"text", Access::Private).unwrap();
    assert_eq!(mode(path), 0o600);
}

type Close = fn(&Writer) -> Result<(), DirectoryError>;

#[test]
fn private_directories_that_were_opened_up_are_closed_again() {
    let root = tempfile::tempdir().unwrap();
    let writer = Writer::new(root.path());
    writer.replace("private/Org1/manifest.yaml", b"text", Access::Private).unwrap();
    let close: [Close; 2] = [
        |writer| writer.replace("private/Org1/manifest.yaml", b"text", Access::Private),
        |writer| writer.settle("private/Org1/manifest.yaml", Access::Private),
    ];
    for close in close {
        for directory in ["private", "private/Org1"] {
            fs::set_permissions(root.path().join(directory), fs::Permissions::from_mode(0o777))
                .unwrap();
        }
        close(&writer).unwrap();
        assert_eq!(mode(root.path().join("private")), 0o700);
        assert_eq!(mode(root.path().join("private/Org1")), 0o700);
    }
}

#[test]
fn public_files_are_regular_files_and_limited() {
    let root = tempfile::tempdir().unwrap();
    let writer = Writer::new(root.path());
    writer.put_new("private/Org1/ca.key", b"key", Access::Private).unwrap();
    writer.put_new("public/Org1/ca.pem", b"certificate", Access::Public).unwrap();
    let public = root.path().join("public");
    let read = || NetworkDirectory::new(root.path()).public().map(|_| ());
    read().unwrap();
    std::os::unix::fs::symlink("../private/Org1/ca.key", public.join("key.pem")).unwrap();
    let error = read().unwrap_err().to_string();
    assert!(error.contains("key.pem` is no regular file"), "{error}");
    fs::remove_file(public.join("key.pem")).unwrap();
    // A socket stands for pipes and devices: nothing that has to be waited for is opened.
    let socket = std::os::unix::net::UnixListener::bind(public.join("s")).unwrap();
    assert!(matches!(read(), Err(DirectoryError::NotAFile { .. })));
    drop(socket);
    fs::remove_file(public.join("s")).unwrap();
    let large = vec![0; 1 + usize::try_from(super::MAX_PUBLIC_FILE_BYTES).unwrap()];
    fs::write(public.join("large"), &large).unwrap();
    assert!(matches!(read(), Err(DirectoryError::TooLarge { .. })));
}

#[test]
fn a_device_is_never_read_to_its_end() {
    let error = super::file(std::path::Path::new("/dev/zero"), 10).unwrap_err();
    assert!(matches!(error, DirectoryError::NotAFile { .. }), "{error}");
}

#[test]
fn a_crash_leaves_the_old_file_or_the_new_one() {
    for steps in 0..3 {
        let root = tempfile::tempdir().unwrap();
        Writer::new(root.path()).replace("network.lock", b"old", Access::Public).unwrap();
        let crashed = Writer::crashing_after(root.path(), steps)
            .replace("network.lock", b"new", Access::Public)
            .is_err();
        let bytes = fs::read(root.path().join("network.lock")).unwrap();
        assert_eq!(bytes, if crashed { b"old" } else { b"new" }, "after {steps} steps");
        Writer::new(root.path()).replace("network.lock", b"new", Access::Public).unwrap();
        assert_eq!(fs::read(root.path().join("network.lock")).unwrap(), b"new");
    }
}

#[test]
fn a_second_writer_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let directory = NetworkDirectory::new(root.path());
    let first = directory.take().unwrap();
    assert!(matches!(directory.take(), Err(DirectoryError::Busy { .. })));
    drop(first);
    directory.take().unwrap();
}

#[test]
fn public_files_have_paths_with_slashes_and_no_dot_files() {
    let root = tempfile::tempdir().unwrap();
    let writer = Writer::new(root.path());
    writer.put_new("public/Org1/msp/cacerts/ca.pem", b"a", Access::Public).unwrap();
    writer.put_new("public/.DS_Store", b"b", Access::Public).unwrap();
    let files = NetworkDirectory::new(root.path()).public().unwrap();
    let names: Vec<_> = files.iter().map(|(name, _)| name.to_owned()).collect();
    assert_eq!(names, ["public/Org1/msp/cacerts/ca.pem"]);
}

#[test]
fn a_directory_without_public_files_is_an_empty_tree() {
    let root = tempfile::tempdir().unwrap();
    assert_eq!(NetworkDirectory::new(root.path()).public().unwrap(), PublicFiles::default());
}

#[test]
fn a_lock_that_is_not_there_freezes_nothing() {
    let root = tempfile::tempdir().unwrap();
    assert_eq!(NetworkDirectory::new(root.path()).lock().unwrap(), crate::lock::Lock::default());
}

#[test]
fn a_broken_lock_says_file_line_and_column() {
    let root = tempfile::tempdir().unwrap();
    let text = "apiVersion: fabric-lock/v1\nkind: FabricNetworkLock\nnetwork: {name: n}\n";
    fs::write(root.path().join("network.lock"), text).unwrap();
    let error = NetworkDirectory::new(root.path()).lock().unwrap_err().to_string();
    assert!(error.contains("network.lock`:3:"), "{error}");
    assert!(error.contains("layout"), "{error}");
}
