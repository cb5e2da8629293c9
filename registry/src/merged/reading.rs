//! Which member holds what somebody asks a virtual repository for.

use chart_format::version::ChartVersion;
use chart_registry_catalog::{Entry, Layers, version_of};

use super::Virtual;
use crate::access::Identity;
use crate::oci::{Name, Reference};
use crate::registry::Registry;

/// Where something may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Holders {
    /// In the first of these that has it.
    AnyOf(Vec<String>),
    /// It is there and not shown, or was taken away.
    Nobody,
}

impl Virtual {
    /// The member whose package has this file name, as far as it is known; else the members that may
    /// have it unknown to the registry.
    pub(crate) fn package_holders(
        &self,
        (registry, identity): (&Registry, &Identity),
        file: &str,
    ) -> Holders {
        let layers = self.layers(registry, &self.hidden(identity));
        let Some((name, version)) = ChartVersion::in_file_name(file) else {
            return Holders::Nobody;
        };
        match layers.decided(name, version).map(available) {
            Some((number, true)) => Holders::AnyOf(self.paths(&[number])),
            Some((_, false)) => Holders::Nobody,
            None => Holders::AnyOf(self.paths(&layers.giving(name))),
        }
    }

    /// Where a manifest may be.
    pub(crate) fn manifest_holders(
        &self,
        (registry, identity): (&Registry, &Identity),
        (name, reference): (&Name, &Reference),
    ) -> Holders {
        let layers = self.layers(registry, &self.hidden(identity));
        let version = match reference {
            Reference::Tag(tag) => version_of(tag),
            Reference::Digest(_) => None,
        };
        let decided =
            version.and_then(|version| layers.decided(&name.last, &version).map(available));
        match decided {
            Some((number, true)) => Holders::AnyOf(self.paths(&[number])),
            Some((_, false)) => Holders::Nobody,
            None => Holders::AnyOf(self.paths(&layers.giving(&name.last))),
        }
    }

    /// The members as they are now, and numbers and paths of those that a caller sees, in order.
    pub(crate) fn members(
        &self,
        (registry, identity): (&Registry, &Identity),
    ) -> (Layers, Vec<(usize, String)>) {
        let hidden = self.hidden(identity);
        let members = self.declared.members.iter().zip(&hidden).enumerate();
        let seen = members.filter(|(_, (_, hidden))| !**hidden);
        let seen = seen.map(|(number, (member, _))| (number, member.as_str().to_owned())).collect();
        (self.layers(registry, &hidden), seen)
    }

    fn paths(&self, numbers: &[usize]) -> Vec<String> {
        let of = |number: &usize| self.declared.members.get(*number);
        numbers.iter().filter_map(of).map(|it| it.as_str().to_owned()).collect()
    }
}

fn available((number, entry): (usize, Option<&Entry>)) -> (usize, bool) {
    (number, entry.is_some_and(Entry::available))
}
