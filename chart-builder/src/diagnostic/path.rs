//! Key paths: the addresses of everything in a topology.

use std::fmt;

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Segment {
    /// Key of a mapping.
    Key(String),
    /// Index of a list, from 0.
    Index(usize),
}

/// Keys and indexes from the root of the file; shown as `organizations[2].namespace`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct KeyPath {
    segments: Vec<Segment>,
}

impl KeyPath {
    /// The whole document.
    pub fn root() -> Self {
        Self::default()
    }

    /// The entry `key` below this path.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        self.with(Segment::Key(key.to_owned()))
    }

    /// The item `index` below this path.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.with(Segment::Index(index))
    }

    /// The path that this one stands in; the root's parent is the root.
    #[must_use]
    pub fn parent(&self) -> Self {
        let end = self.segments.len().saturating_sub(1);
        Self { segments: self.segments.get(..end).unwrap_or_default().to_vec() }
    }

    /// The steps from the root.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// This path is `other` or stands below it.
    pub fn is_within(&self, other: &Self) -> bool {
        self.segments.starts_with(&other.segments)
    }

    fn with(&self, segment: Segment) -> Self {
        let mut segments = self.segments.clone();
        segments.push(segment);
        Self { segments }
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, segment) in self.segments.iter().enumerate() {
            match segment {
                Segment::Key(key) if at == 0 => write!(formatter, "{key}")?,
                Segment::Key(key) => write!(formatter, ".{key}")?,
                Segment::Index(index) => write!(formatter, "[{index}]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_shown_the_way_people_write_it() {
        let path = KeyPath::root().key("organizations").index(2).key("namespace");
        assert_eq!(path.to_string(), "organizations[2].namespace");
    }

    #[test]
    fn is_within_itself_and_its_parents_and_nothing_else() {
        let path = KeyPath::root().key("channels").index(0).key("name");
        assert!(path.is_within(&path) && path.is_within(&path.parent()));
        assert!(!path.parent().is_within(&path));
        assert!(!path.is_within(&KeyPath::root().key("channels").index(1)));
    }
}
