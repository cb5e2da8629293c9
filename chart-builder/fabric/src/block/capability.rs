//! Which rules of a channel follow from its capabilities.
//!
//! Left out: which release knows which capability; that is for those who choose the release.

/// A capability's version: `V1_4_3` is 1, 4, 3. Without capability it is the lowest of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Level([u32; 3]);

impl Level {
    /// From here `NodeOUs` can be on, with the units `client` and `peer`.
    pub(crate) const V1_1: Self = Self([1, 1, 0]);
    /// From here orderer organizations can name their endpoints themselves.
    pub(crate) const V1_4_2: Self = Self([1, 4, 2]);
    /// From here the units `admin` and `orderer` count; before, administrators are named one by one.
    pub(crate) const V1_4_3: Self = Self([1, 4, 3]);
    /// From here chaincodes have the lifecycle with endorsement policies of its own, and the channel names no endpoints.
    pub(crate) const V2_0: Self = Self([2, 0, 0]);
    /// From here a channel can order with BFT.
    pub(crate) const V3_0: Self = Self([3, 0, 0]);

    /// The level of a name; empty is a channel without capabilities. `None`: this is no capability.
    pub(crate) fn read(name: &str) -> Option<Self> {
        if name.is_empty() {
            return Some(Self::default());
        }
        let mut level = [0; 3];
        let mut places = level.iter_mut();
        for number in name.strip_prefix('V')?.split('_') {
            if !number.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            *places.next()? = number.parse().ok()?;
        }
        Some(Self(level))
    }

    /// The level of a name that is checked elsewhere; what is no capability counts as none.
    pub(crate) fn of(name: &str) -> Self {
        Self::read(name).unwrap_or_default()
    }
}

/// Organizations of a channel with this application capability approve definitions of chaincodes; before, one of them
/// instantiates a chaincode for all.
pub fn has_definitions(application_capability: &str) -> bool {
    Level::of(application_capability) >= Level::V2_0
}

#[cfg(test)]
mod tests {
    use super::Level;

    #[test]
    fn orders_fabrics_names() {
        let names = ["", "V1_1", "V1_2", "V1_3", "V1_4_2", "V1_4_3", "V2_0", "V2_5", "V3_0"];
        assert!(names.iter().map(|name| Level::read(name)).is_sorted_by(|a, b| a < b));
        assert!(names.iter().all(|name| Level::read(name).is_some()));
    }

    #[test]
    fn refuses_what_is_no_capability() {
        for name in ["2_0", "V", "V2.0", "V1_4_2_1", "Vx", "V+1", "v2_0", "V1__1"] {
            assert_eq!(Level::read(name), None, "{name}");
        }
    }
}
