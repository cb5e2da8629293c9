//! Pages of what is stored, and the two steps that keep things young and take old ones away.

use std::io;
use std::time::Duration;

use super::{Directory, Spool};
use crate::disk::ListedFile;
use crate::error::StoreError;
use crate::key::Key;
use crate::listing::{Family, Listed, YOUNG};
use crate::object::ObjectReader;
use crate::store::PutOutcome;

impl Directory {
    /// At most about `count` things of a family, in the order of their paths, behind the path
    /// `after`; none at the end. A page ends with a directory, so it may be longer.
    pub fn page(
        &self,
        family: Family,
        after: &str,
        count: usize,
    ) -> Result<Vec<Listed>, StoreError> {
        let mut page = Vec::new();
        for directory in self.directories(family)? {
            // Directories of one family have names of one length: their order is that of paths.
            if *after > *directory && !after.starts_with(&format!("{directory}/")) {
                continue;
            }
            let files = self.files(&directory)?.into_iter();
            let files = files.filter(|file| !(file.is_directory && family == Family::Commits));
            let listed = files.map(|file| Listed::of(&directory, &file));
            page.extend(listed.filter(|it| *it.path > *after));
            if page.len() >= count {
                break;
            }
        }
        Ok(page)
    }

    fn directories(&self, family: Family) -> Result<Vec<String>, StoreError> {
        let root = family.directory();
        if !family.is_spread() {
            return Ok(vec![root.to_owned()]);
        }
        let names = self.files(root)?.into_iter().filter(|file| file.is_directory);
        Ok(names.map(|file| format!("{root}/{}", file.name)).collect())
    }

    fn files(&self, directory: &str) -> Result<Vec<ListedFile>, StoreError> {
        self.disk.list(directory).map_err(|error| StoreError::io("list", directory, error))
    }

    /// Makes a thing young when it is old enough for somebody to take it away soon; false when it is
    /// not there.
    pub fn renew(&self, key: &Key) -> Result<bool, StoreError> {
        self.refuse_after_failed_sync()?;
        let path = key.to_string();
        self.disk.renew(&path, YOUNG).map_err(|error| StoreError::io("renew", path, error))
    }

    /// Takes a thing away when it is older than `age`; false when it is younger, or not there.
    pub fn remove_if_older(&self, key: &Key, age: Duration) -> Result<bool, StoreError> {
        self.refuse_after_failed_sync()?;
        let path = key.to_string();
        let removed = self.disk.remove_if_older(&path, age);
        removed.map_err(|error| StoreError::io("remove", path, error))
    }

    /// Stores a thing whose bytes follow from its name, and sees to it that it is young.
    pub(super) fn put_young(
        &self,
        key: &Key,
        put: impl Fn() -> Result<PutOutcome, StoreError>,
    ) -> Result<PutOutcome, StoreError> {
        loop {
            // What was taken away between the two is put again.
            if put()? == PutOutcome::Created {
                return Ok(PutOutcome::Created);
            }
            if self.renew(key)? {
                return Ok(PutOutcome::Exists);
            }
        }
    }

    /// Stores the bytes of an object that somebody has opened, when it was taken away meanwhile.
    pub(super) fn put_again(
        &self,
        key: &Key,
        reader: &ObjectReader,
    ) -> Result<PutOutcome, StoreError> {
        if self.renew(key)? {
            return Ok(PutOutcome::Exists);
        }
        if let ObjectReader::Whole(bytes) = reader {
            return self.put_young(key, || self.put_new(key, bytes));
        }
        let (tmp, mut file) = self.make_tmp()?;
        let copied = io::copy(&mut reader.to_read(), &mut file);
        copied.map_err(|error| StoreError::io("write", tmp.path().display().to_string(), error))?;
        self.put_spooled(key, &Spool::Tmp(tmp))
    }

    /// The part of an upload is as old as it came; as an object it is new.
    pub(super) fn put_part_as(&self, key: &Key, part: &Key) -> Result<PutOutcome, StoreError> {
        let link = || self.sync_and_link(&part.to_string(), key);
        loop {
            let outcome = link()?;
            if self.renew(key)? {
                return Ok(outcome);
            }
        }
    }

    /// Puts a note, and makes it young when it is there already.
    pub fn put_note(&self, key: &Key, bytes: &bytes::Bytes) -> Result<PutOutcome, StoreError> {
        self.put_young(key, || self.put_new(key, bytes))
    }
}

impl Listed {
    fn of(directory: &str, file: &ListedFile) -> Self {
        let path = format!("{directory}/{}", file.name);
        let key = if file.is_directory { None } else { Key::parse(&path) };
        Self { path, key, size: file.size, age: file.age }
    }
}
