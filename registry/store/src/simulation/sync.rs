//! Syncs that a simulated disk may swallow.

/// Which syncs the disk swallows: it answers success and does nothing.
pub type Forgets = fn(&Sync<'_>) -> bool;

/// A sync that the disk may swallow, with what tells one place in the program from another.
#[derive(Debug)]
pub enum Sync<'a> {
    /// The bytes of a file.
    File {
        /// All of them.
        content: &'a [u8],
    },
    /// The names in a directory.
    Directory {
        /// Which one.
        path: &'a str,
        /// How the link just before it ended; `None` when the last operation was no link.
        linked: Option<bool>,
        /// The directory that was made just before it; `None` when the last operation made none.
        made: Option<&'a str>,
        /// Whether the layout was complete before.
        sealed: bool,
    },
}
