//! The limit of open files: the usual one of 1,024 is far below what a server needs.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Files that are open whatever comes: the journal, the log, the runtime.
const ALWAYS: usize = 256;

/// Raises the limit of open files for so many connections; the number that it has room for.
///
/// A part of the connections reads a package or takes an upload, which is one file more.
pub(super) fn room(connections: usize) -> usize {
    let needed = connections.saturating_add(connections / 4).saturating_add(ALWAYS);
    let limit = getrlimit(Resource::Nofile);
    let wanted = u64::try_from(needed).unwrap_or(u64::MAX);
    let possible = limit.maximum.map_or(wanted, |maximum| maximum.min(wanted));
    let mut files = limit.current.unwrap_or(u64::MAX);
    if files < possible {
        match setrlimit(Resource::Nofile, Rlimit { current: Some(possible), ..limit }) {
            Ok(()) => files = possible,
            Err(error) => tracing::warn!(%error, files, "the limit of open files stays"),
        }
    }
    let files = usize::try_from(files).unwrap_or(usize::MAX);
    if files >= needed {
        return connections;
    }
    let room = (files.saturating_sub(ALWAYS) / 5 * 4).max(1);
    tracing::warn!(
        files,
        connections = room,
        "the limit of open files has no room for {connections} connections at a time; \
         raise it (`ulimit -Hn`, `LimitNOFILE=` of systemd), or lower `connections`"
    );
    room
}
