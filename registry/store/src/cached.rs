//! Reads that never wait for the disk, or do not happen.

use std::path::Path;

use bytes::Bytes;

/// The bytes of a file, when name and content are in the kernel's memory and there are at most
/// `limit` of them. `None` says nothing about the file: ask again where waiting is allowed.
#[cfg(target_os = "linux")]
pub(crate) fn read(path: &Path, limit: u64) -> Option<Bytes> {
    use std::io::IoSliceMut;

    use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, fstat, openat2};
    use rustix::io::{ReadWriteFlags, preadv2};

    let flags = OFlags::RDONLY | OFlags::CLOEXEC;
    let file = openat2(CWD, path, flags, Mode::empty(), ResolveFlags::CACHED).ok()?;
    let size = u64::try_from(fstat(&file).ok()?.st_size).ok()?;
    if size == 0 || size > limit {
        return None;
    }
    let mut bytes = vec![0; usize::try_from(size).ok()?];
    let target = &mut [IoSliceMut::new(&mut bytes)];
    let length = preadv2(&file, target, 0, ReadWriteFlags::NOWAIT).ok()?;
    (length == bytes.len()).then(|| Bytes::from(bytes))
}

/// Other systems cannot promise not to wait.
#[cfg(not(target_os = "linux"))]
pub(crate) fn read(_path: &Path, _limit: u64) -> Option<Bytes> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_whole_file_or_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("object");
        std::fs::write(&path, b"package").unwrap();
        // Just written, so it is in memory; file systems that cannot promise that answer nothing.
        if let Some(bytes) = read(&path, 7) {
            assert_eq!(bytes, "package");
        }
        assert_eq!(read(&path, 6), None);
        assert_eq!(read(&directory.path().join("absent"), 7), None);
    }
}
