//! Which connections Fabric needs, said once more from the topology's own words and not from the compiler's.
//!
//! Organizations are the grain: all of their nodes of a kind are alike. What has an address and no pod is known by its
//! port: whoever may dial that port may dial it everywhere.

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
    "kafka-exporter",
    "storage",
    "dns-fixup",
    "dns-fixup-restore",
    "dns-fixup-coredns",
];

/// Components that change or read objects of Kubernetes.
const CALLS_API_SERVER: &[&str] =
    &["roller", "dns-fixup", "dns-fixup-restore", "dns-fixup-coredns"];

/// Ways of running chaincodes in an engine.
const DOCKER: &[&str] = &["docker-host", "docker-remote", "dind"];

/// Ports of API servers, where nobody says which one.
const API_SERVER: &[u16] = &[443, 6443];

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
            // Without TLS consenters meet on a port of their own; orderers of solo and Kafka never meet.
            ("orderer", "orderer", 7060) if self.0["tls"]["enabled"] != false => false,
            ("orderer", "orderer", 7060) if !self.has_consenters() => false,
            ("orderer", "orderer", 7050 | 7060 | 8443) | ("roller", "orderer", 8443) => {
                own || self.any(|channel| self.orders(channel, from) && self.orders(channel, to))
            }
            ("orderer", "peer", 9443) => {
                self.any(|channel| self.orders(channel, from) && Self::member(channel, to))
            }
            // Jobs of the builder, which are pods of no chart.
            ("chaincode", "peer", 7052) => own && self.chaincode_mode(from) == "k8s-builder",
            ("peer" | "test", "chaincode", 9999)
            | ("cli" | "test", "ca", 7054)
            | ("joined", "orderer", 8443)
            | ("kafka" | "kafka-exporter", "kafka", 9092)
            | ("roller", "kafka-exporter", 9308)
            | ("kafka", "zookeeper", 2181)
            | ("zookeeper", "zookeeper", 2888 | 3888) => own,
            ("orderer" | "test", "kafka", 9092) => own || self.owns_orderers(from),
            // Tests in Kafka's namespace ask nobody but brokers.
            ("test", "peer", 7051 | 9443) | ("test", "orderer", 7050 | 8443) => !from.is_empty(),
            _ => false,
        }
    }

    /// Whether a component looks up names.
    pub(super) fn names(&self, (organization, component): End<'_>) -> bool {
        // Chaincodes that a peer's builder starts look for their peer, and have the label of all chaincodes.
        let calls_back =
            component == "chaincode" && self.chaincode_mode(organization) == "k8s-builder";
        calls_back || (component != "chaincode" && component != "storage")
    }

    /// Whether a component may dial this port wherever it is.
    pub(super) fn dials(&self, (organization, component): End<'_>, port: u16) -> bool {
        let mode = self.chaincode_mode(organization);
        let calls = CALLS_API_SERVER.contains(&component)
            || (component == "peer" && mode == "k8s-builder")
            // Names are looked for from inside of the engine beside the peer.
            || (component == "test" && self.has_peers(organization) && DOCKER.contains(&mode));
        if calls && self.0["cluster"]["apiServer"].is_null() && API_SERVER.contains(&port) {
            return true;
        }
        match component {
            "ca" => self.organization(organization)["ca"]["db"] == "postgres",
            "peer" if mode == "dind" && port == 443 => true,
            // A test looks for names from inside of the engine.
            "peer" | "test" if mode == "docker-remote" && self.has_peers(organization) => {
                let endpoint = &self.setting(organization, "endpoint");
                ends_with_port(endpoint, port) || self.elsewhere(organization, port)
            }
            "peer" | "converge" | "cli" | "test" | "orderer" => self.elsewhere(organization, port),
            _ => false,
        }
    }

    /// Whether anybody may call a component at this port.
    pub(super) fn open(&self, (organization, component): End<'_>, port: u16) -> bool {
        let version = self.0["fabric"]["version"].as_str().unwrap_or_default();
        let events = ["1.0", "1.1", "1.2"].iter().any(|line| version.starts_with(line));
        let called = match (component, port) {
            ("peer", 7051) | ("orderer", 7050) | ("ca", 7054) => true,
            ("peer", 7053) => events,
            _ => false,
        };
        let exposed = !matches!(self.0["exposure"]["type"].as_str(), None | Some("none"));
        let mode = self.chaincode_mode(organization);
        // Chaincodes in an engine call back, and are no pods.
        let started = mode != "dind" && DOCKER.contains(&mode);
        (called && exposed)
            || (called && component != "ca" && self.shares_with_others(organization))
            || (component == "peer" && port == 7052 && started)
    }

    /// Nodes of somebody else on a channel of this organization have such a port.
    fn elsewhere(&self, organization: &str, port: u16) -> bool {
        let has = |other: &Value| {
            let lists = ["anchors", "orderers"].map(|list| &other["external"][list]);
            let endpoints = lists.into_iter().filter_map(Value::as_array).flatten();
            endpoints.into_iter().any(|endpoint| ends_with_port(endpoint, port))
        };
        self.others(organization).any(has)
    }

    fn shares_with_others(&self, organization: &str) -> bool {
        self.others(organization).next().is_some()
    }

    /// Organizations elsewhere that are on a channel with this one.
    fn others(&self, organization: &str) -> impl Iterator<Item = &Value> {
        let all = self.0["organizations"].as_array().into_iter().flatten();
        all.filter(move |other| {
            let name = other["name"].as_str().unwrap_or_default();
            let on =
                |channel: &Value, it: &str| Self::member(channel, it) || self.orders(channel, it);
            !other["external"].is_null() && self.any(|it| on(it, organization) && on(it, name))
        })
    }

    fn has_peers(&self, organization: &str) -> bool {
        !self.organization(organization)["peers"].is_null()
    }

    fn organization(&self, name: &str) -> &Value {
        let mut all = self.0["organizations"].as_array().into_iter().flatten();
        all.find(|it| it["name"] == name).unwrap_or(&Value::Null)
    }

    /// A setting of how chaincodes run: an organization's own wins.
    fn setting(&self, organization: &str, key: &str) -> &Value {
        let own = &self.organization(organization)["chaincode"][key];
        if own.is_null() { &self.0["chaincode"][key] } else { own }
    }

    fn chaincode_mode(&self, organization: &str) -> &str {
        self.setting(organization, "mode").as_str().unwrap_or("ccaas")
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

    fn has_consenters(&self) -> bool {
        let groups = self.0["ordering"]["groups"].as_object();
        let groups = groups.into_iter().flat_map(|groups| groups.values());
        let votes = |group: &Value| !matches!(group["type"].as_str(), Some("solo" | "kafka"));
        groups.chain([&self.0["ordering"]]).any(votes)
    }

    fn owns_orderers(&self, organization: &str) -> bool {
        let mut organizations = self.0["organizations"].as_array().into_iter().flatten();
        let owner = organizations.find(|it| it["name"] == organization);
        owner.is_some_and(|it| !it["orderers"].is_null() || it["external"]["orderers"].is_array())
    }
}

fn ends_with_port(address: &Value, port: u16) -> bool {
    let number = address.as_str().and_then(|it| it.rsplit_once(':')).map(|(_, number)| number);
    number == Some(port.to_string().as_str())
}
