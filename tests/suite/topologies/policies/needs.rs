//! Which connections Fabric needs, said once more from the topology's own words and not from the compiler's.
//!
//! Organizations are the grain: all of their nodes of a kind are alike.

use serde_json::Value;

/// A topology as its author wrote it.
pub(super) struct Needs<'a>(pub(super) &'a Value);

/// An end of a connection: organization and component.
pub(super) type End<'a> = (&'a str, &'a str);

/// Components that this file knows.
pub(super) const COMPONENTS: &[&str] = &[
    "peer",
    "converge",
    "orderer",
    "joined",
    "chaincode",
    "ca",
    "cli",
    "roller",
    "preflight",
    "test",
    "kafka",
    "zookeeper",
];

impl Needs<'_> {
    /// Whether somebody has to connect.
    pub(super) fn connection(
        &self,
        (from, client): End<'_>,
        (to, server): End<'_>,
        port: u16,
    ) -> bool {
        let own = from == to;
        match (client, server, port) {
            ("peer" | "converge" | "cli", "peer", 7051) => {
                own || self.any(|channel| Self::member(channel, from) && Self::member(channel, to))
            }
            ("peer" | "cli", "orderer", 7050) | ("converge", "orderer", 7050 | 8443) => {
                self.any(|channel| Self::member(channel, from) && self.orders(channel, to))
            }
            ("orderer", "orderer", 7050 | 8443) | ("roller", "orderer", 8443) => {
                own || self.any(|channel| self.orders(channel, from) && self.orders(channel, to))
            }
            ("orderer", "peer", 9443) => {
                self.any(|channel| self.orders(channel, from) && Self::member(channel, to))
            }
            ("peer" | "test", "chaincode", 9999)
            | ("cli", "ca", 7054)
            | ("joined", "orderer", 8443) => own,
            ("orderer" | "test", "kafka", 9092) => self.owns_orderers(from),
            ("test", "peer", 7051 | 9443) | ("test", "orderer", 7050 | 8443) => true,
            _ => false,
        }
    }

    /// Whether a component looks up names.
    pub(super) fn names(component: &str) -> bool {
        component != "chaincode"
    }

    /// Whether a component calls the API server, whose address no topology of the table tells.
    pub(super) fn api_server(component: &str, port: u16) -> bool {
        component == "roller" && (port == 443 || port == 6443)
    }

    fn any(&self, holds: impl Fn(&Value) -> bool) -> bool {
        self.0["channels"].as_array().into_iter().flatten().any(holds)
    }

    fn member(channel: &Value, organization: &str) -> bool {
        let members = channel["members"].as_array().into_iter().flatten();
        members.into_iter().any(|it| *it == organization || it["org"] == organization)
    }

    fn orders(&self, channel: &Value, organization: &str) -> bool {
        let group = channel["ordering"].as_str();
        let group = group.map_or(&self.0["ordering"], |it| &self.0["ordering"]["groups"][it]);
        if let Some(consenters) = group["consenters"].as_array() {
            let prefix = format!("{organization}/");
            return consenters
                .iter()
                .any(|it| it.as_str().is_some_and(|it| it.starts_with(&prefix)));
        }
        self.owns_orderers(organization)
    }

    fn owns_orderers(&self, organization: &str) -> bool {
        let mut organizations = self.0["organizations"].as_array().into_iter().flatten();
        let owner = organizations.find(|it| it["name"] == organization);
        owner.is_some_and(|it| !it["orderers"].is_null())
    }
}
