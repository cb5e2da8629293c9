//! Which parts of the topology cannot be used, so that nobody complains twice.

use std::collections::BTreeSet;

use crate::diagnostic::{Diagnostics, KeyPath};

/// Paths that a structural fault has taken away.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Faults {
    unusable: BTreeSet<KeyPath>,
}

impl Faults {
    /// The places of these findings.
    pub fn of(diagnostics: &Diagnostics) -> Self {
        let paths = diagnostics.iter().map(|diagnostic| diagnostic.place.path.clone());
        Self { unusable: paths.filter(|path| *path != KeyPath::root()).collect() }
    }

    /// Adds a path.
    pub fn add(&mut self, path: KeyPath) {
        self.unusable.insert(path);
    }

    /// Neither this value nor anything around it is faulty.
    pub fn usable(&self, path: &KeyPath) -> bool {
        let mut around = path.clone();
        loop {
            if self.unusable.contains(&around) {
                return false;
            }
            if around == KeyPath::root() {
                return true;
            }
            around = around.parent();
        }
    }

    /// Neither this value, nor anything around it, nor anything in it is faulty.
    pub fn whole(&self, path: &KeyPath) -> bool {
        let below = self.unusable.range(path.clone()..).next();
        self.usable(path) && !below.is_some_and(|below| below.is_within(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_takes_away_what_is_below_and_touches_what_is_around() {
        let list = KeyPath::root().key("organizations");
        let mut faults = Faults::default();
        faults.add(list.index(1));
        assert!(!faults.usable(&list.index(1).key("name")));
        assert!(faults.usable(&list) && !faults.whole(&list));
        assert!(faults.whole(&list.index(0)));
    }
}
