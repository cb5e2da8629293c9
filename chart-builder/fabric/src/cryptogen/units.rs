//! Reading `msp/config.yaml` as `cryptogen` writes it: one key on a line, nothing quoted but words.

use std::collections::{BTreeMap, BTreeSet};

use crate::msp::OrganizationalUnits;
use crate::x509::Role;

/// What the file says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Read {
    pub(super) units: OrganizationalUnits,
    /// Paths of the authorities that roles are bound to, relative to the MSP.
    pub(super) certificates: BTreeSet<String>,
}

/// Reads the file; an error names the line.
pub(super) fn read(text: &str) -> Result<Read, String> {
    let mut enabled = false;
    let mut role = None;
    let mut units: BTreeMap<Role, String> = BTreeMap::new();
    let mut certificates = BTreeSet::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') || line == "---" {
            continue;
        }
        let fault = |reason: &str| format!("line {number}: {reason}");
        let (key, value) =
            line.split_once(':').ok_or_else(|| fault("expected `<key>:` or `<key>: <value>`"))?;
        let value = value.trim().trim_matches(['"', '\'']);
        match (key, value, role) {
            ("NodeOUs" | "Certificate", "", _) => {}
            ("Enable", "true" | "false", _) => enabled = value == "true",
            ("ClientOUIdentifier", "", _) => role = Some(Role::Client),
            ("PeerOUIdentifier", "", _) => role = Some(Role::Peer),
            ("AdminOUIdentifier", "", _) => role = Some(Role::Admin),
            ("OrdererOUIdentifier", "", _) => role = Some(Role::Orderer),
            ("Certificate", path, Some(_)) => {
                certificates.insert(path.to_owned());
            }
            ("OrganizationalUnitIdentifier", unit, Some(role)) => {
                units.insert(role, unit.to_owned());
            }
            _ => return Err(fault(&format!("`{line}` is nothing that `cryptogen` writes"))),
        }
    }
    if !enabled {
        return Ok(Read { units: OrganizationalUnits::None, certificates: BTreeSet::new() });
    }
    for (role, unit) in &units {
        if unit != role.organizational_unit() {
            let expected = role.organizational_unit();
            return Err(format!("the organizational unit `{unit}` has to be `{expected}`"));
        }
    }
    let has: BTreeSet<Role> = units.into_keys().collect();
    let units = [OrganizationalUnits::ClientAndPeer, OrganizationalUnits::All]
        .into_iter()
        .find(|units| units.roles().iter().copied().collect::<BTreeSet<_>>() == has)
        .ok_or("expected the roles client and peer, or client, peer, admin and orderer")?;
    Ok(Read { units, certificates })
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::msp::OrganizationalUnits;

    #[test]
    fn reads_what_is_written() {
        for units in [OrganizationalUnits::ClientAndPeer, OrganizationalUnits::All] {
            let text = units.config_yaml("cacerts/ca.pem").unwrap();
            let found = read(&text).unwrap();
            assert_eq!(found.units, units);
            assert_eq!(found.certificates.into_iter().collect::<Vec<_>>(), ["cacerts/ca.pem"]);
            let off = read(&text.replace("true", "false")).unwrap();
            assert_eq!(off.units, OrganizationalUnits::None);
        }
    }

    #[test]
    fn refuses_other_words_and_other_keys() {
        let text = OrganizationalUnits::All.config_yaml("cacerts/ca.pem").unwrap();
        for (from, to, reason) in [
            ("Identifier: peer", "Identifier: node", "`node` has to be `peer`"),
            ("  Enable: true", "  Enable: perhaps", "line 2"),
            ("NodeOUs:", "NodeOUs", "line 1"),
            ("  AdminOUIdentifier:", "  GuestOUIdentifier:", "line 9"),
        ] {
            assert!(text.contains(from), "{text}");
            let error = read(&text.replace(from, to)).unwrap_err();
            assert!(error.contains(reason), "{error}");
        }
        let partly: String = text.split_inclusive('\n').take(8).collect();
        assert_eq!(read(&partly).unwrap().units, OrganizationalUnits::ClientAndPeer);
        let partly: String = text.split_inclusive('\n').take(11).collect();
        assert!(read(&partly).unwrap_err().contains("expected the roles"));
    }
}
