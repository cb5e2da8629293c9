//! The one user of Handlebars: texts that the compiler makes itself. Charts are not among them.
//!
//! Strict, so that a missing variable is an error, and without HTML escapes, because nothing here is HTML.

use std::collections::BTreeMap;

use handlebars::Handlebars;
use serde::Serialize;

use crate::directory::paths;
use crate::fabric_line::{self, Generation, ServiceBuilder};
use crate::model::{KafkaCluster, NamespaceMode, Network, Owner, Release, names};

const CORE_1: &str = include_str!("templates/core-1.yaml.hbs");
const CORE_2: &str = include_str!("templates/core-2.yaml.hbs");
const CORE_3: &str = include_str!("templates/core-3.yaml.hbs");
const ORDERER_1: &str = include_str!("templates/orderer-1.yaml.hbs");
const ORDERER_2: &str = include_str!("templates/orderer-2.yaml.hbs");
const ORDERER_3: &str = include_str!("templates/orderer-3.yaml.hbs");
const KAFKA: &str = include_str!("templates/kafka.yaml.hbs");
const README: &str = include_str!("templates/README.md.hbs");

/// Where the charts mount the first block of a system channel.
const SYSTEM_CHANNEL_BLOCK: &str = "/etc/fabric/genesis/system-channel.block";
/// Builder of chaincodes as a service in the peer's image.
const IMAGE_BUILDER: &str = "/opt/hyperledger/ccaas_builder";
/// Where the charts mount theirs.
const CHARTS_BUILDER: &str = "/etc/fabric/builders/ccaas";

/// A template that does not fit its data: a fault of this program.
#[derive(Debug, thiserror::Error)]
#[error("template `{template}` cannot be rendered: {source}")]
pub struct RenderError {
    template: &'static str,
    #[source]
    source: Box<handlebars::RenderError>,
}

/// How an orderer without ledgers begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrdererStart {
    /// It joins channels.
    Participation,
    /// With the first block of a system channel.
    SystemChannel,
}

/// What core.yaml and orderer.yaml are made from: facts of the network, and a switch for each section that not every line
/// knows.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NodeConfiguration<'a> {
    network: &'a str,
    line: &'a str,
    service_builder: &'static str,
    builder_environment: &'static str,
    system_channel: bool,
    plain: bool,
    system_channel_block: &'static str,
    #[serde(flatten)]
    sections: BTreeMap<&'static str, bool>,
}

impl<'a> NodeConfiguration<'a> {
    fn of(network: &'a Network, start: OrdererStart) -> Self {
        let line = network.line();
        let all = fabric_line::LINES.iter().flat_map(|line| line.sections);
        let mut sections: BTreeMap<_, _> = all.map(|section| (section.name, false)).collect();
        sections.extend(line.sections(&network.fabric).map(|section| (section, true)));
        Self {
            network: &network.name,
            line: line.name,
            service_builder: match line.service_builder(&network.fabric) {
                ServiceBuilder::Image => IMAGE_BUILDER,
                ServiceBuilder::Charts | ServiceBuilder::None => CHARTS_BUILDER,
            },
            builder_environment: line.builder_environment.unwrap_or_default(),
            system_channel: start == OrdererStart::SystemChannel,
            plain: network.transport.is_plain(),
            system_channel_block: SYSTEM_CHANNEL_BLOCK,
            sections,
        }
    }
}

/// core.yaml for peers of the network.
pub fn core_yaml(network: &Network) -> Result<String, RenderError> {
    let text = match network.line().generation {
        Generation::One => CORE_1,
        Generation::Two => CORE_2,
        Generation::Three => CORE_3,
    };
    render("core.yaml", text, &NodeConfiguration::of(network, OrdererStart::Participation))
}

/// orderer.yaml for orderers of the network that begin in this way.
pub fn orderer_yaml(network: &Network, start: OrdererStart) -> Result<String, RenderError> {
    let text = match network.line().generation {
        Generation::One => ORDERER_1,
        Generation::Two => ORDERER_2,
        Generation::Three => ORDERER_3,
    };
    render("orderer.yaml", text, &NodeConfiguration::of(network, start))
}

#[derive(Serialize)]
struct Readme<'a> {
    name: &'a str,
    network: &'a str,
    namespace: &'a str,
    /// The chart holds one owner's part; then whose.
    owner: Option<&'a str>,
    /// Where the Secrets of this release come from.
    manifests: Vec<String>,
    wait: bool,
    settings_of: Option<String>,
    version: String,
    fabric: String,
    organizations: Vec<ReadmeOrganization<'a>>,
    kafka: Option<ReadmeKafka<'a>>,
    channels: Vec<ReadmeChannel<'a>>,
    chaincodes: Vec<ReadmeChaincode<'a>>,
    images: Vec<ReadmeImage<'a>>,
}

#[derive(Serialize)]
struct ReadmeImage<'a> {
    name: &'a str,
    reference: String,
}

#[derive(Serialize)]
struct ReadmeOrganization<'a> {
    name: &'a str,
    msp_id: &'a str,
    namespace: &'a str,
    nodes: String,
}

#[derive(Serialize)]
struct ReadmeKafka<'a> {
    namespace: &'a str,
    nodes: String,
    copies: u32,
    in_sync: u32,
}

#[derive(Serialize)]
struct ReadmeChannel<'a> {
    name: &'a str,
    members: String,
    consenters: String,
}

#[derive(Serialize)]
struct ReadmeChaincode<'a> {
    name: &'a str,
    channel: &'a str,
    version: &'a str,
    sequence: u64,
}

/// The README of a release's chart.
pub fn readme(network: &Network, release: &Release) -> Result<String, RenderError> {
    render("README.md", README, &Readme::of(network, release))
}

impl<'a> Readme<'a> {
    fn of(network: &'a Network, release: &'a Release) -> Self {
        let organizations = network.organizations.iter().map(|organization| {
            let peers = organization.peers.iter().map(|peer| peer.name.as_str());
            let orderers = organization.orderers.iter().map(|orderer| orderer.name.as_str());
            ReadmeOrganization {
                name: &organization.name,
                msp_id: &organization.msp_id,
                namespace: &organization.namespace,
                nodes: list(peers.chain(orderers)),
            }
        });
        let channels = network.channels.iter().map(|channel| ReadmeChannel {
            name: &channel.name,
            members: list(channel.members.iter().map(|member| member.organization.as_str())),
            consenters: list(channel.consenters.iter().map(|consenter| consenter.host.as_str())),
        });
        let chaincodes = network.chaincodes.iter().map(|chaincode| ReadmeChaincode {
            name: &chaincode.name,
            channel: &chaincode.channel,
            version: &chaincode.version,
            sequence: chaincode.sequence,
        });
        let kafka = network.kafka.as_ref().filter(|_| release.holds(&KafkaCluster::OWNER));
        let kafka = kafka.map(|cluster| ReadmeKafka {
            namespace: &cluster.namespace,
            nodes: list(cluster.nodes().map(|node| node.name.as_str())),
            copies: cluster.replication_factor,
            in_sync: cluster.min_insync,
        });
        Self {
            kafka,
            name: &release.name,
            network: &network.name,
            namespace: &release.namespace,
            owner: match &release.owner {
                Owner::Network => None,
                Owner::Organization(name) => Some(name),
                Owner::Shared(part) => Some(part),
            },
            manifests: manifests(network, release),
            wait: network.starts_alone(release),
            settings_of: peers_of(network, release),
            version: network.version.to_string(),
            fabric: network.fabric.to_string(),
            organizations: organizations.collect(),
            channels: channels.collect(),
            chaincodes: chaincodes.collect(),
            images: images(network),
        }
    }
}

/// Files with the Secrets of a release, relative to the network directory.
fn manifests(network: &Network, release: &Release) -> Vec<String> {
    let here = network.organizations.iter().filter(|it| release.holds_organization(&it.name));
    let shared = !matches!(release.owner, Owner::Organization(_));
    let namespace = shared.then(|| paths::NAMESPACE_MANIFEST.to_owned());
    namespace.into_iter().chain(here.map(|it| paths::manifest(&it.name))).collect()
}

/// Key of the values of peers in this release, for an example.
fn peers_of(network: &Network, release: &Release) -> Option<String> {
    let mut here = network.organizations.iter().filter(|it| release.holds_organization(&it.name));
    let organization = here.find(|it| !it.peers.is_empty())?;
    let prefixed = network.namespaces == NamespaceMode::Prefixed;
    let base = names::base_namespace(&network.name, &organization.namespace, prefixed);
    Some(names::peers_alias(base))
}

fn images(network: &Network) -> Vec<ReadmeImage<'_>> {
    let nodes = network.images.components.iter();
    let nodes = nodes.map(|(component, image)| (component.purpose(), image));
    let services = network.chaincodes.iter().filter(|it| it.package.is_none());
    let chaincodes = services.map(|it| (it.name.as_str(), &it.image));
    nodes
        .chain(chaincodes)
        .map(|(name, image)| ReadmeImage { name, reference: image.reference() })
        .collect()
}

fn list<'a>(items: impl Iterator<Item = &'a str>) -> String {
    items.collect::<Vec<_>>().join(", ")
}

fn render<Data: Serialize>(
    template: &'static str,
    text: &str,
    data: &Data,
) -> Result<String, RenderError> {
    let mut handlebars = Handlebars::new();
    handlebars.set_strict_mode(true);
    handlebars.register_escape_fn(handlebars::no_escape);
    handlebars
        .register_partial("kafka", KAFKA)
        .map_err(handlebars::RenderError::from)
        .and_then(|()| handlebars.render_template(text, data))
        .map_err(|source| RenderError { template, source: Box::new(source) })
}

#[cfg(test)]
mod tests {
    use chart_format::yaml;

    use super::*;
    use crate::example;
    use crate::model::Layout;

    fn of_version(text: &str) -> Network {
        Network { fabric: text.parse().unwrap(), ..example::article() }
    }

    #[test]
    fn configurations_have_no_docker_endpoint_and_the_builder_for_services() {
        for (version, builder, environment) in [
            ("2.0.1", CHARTS_BUILDER, "environmentWhitelist"),
            ("2.2.15", CHARTS_BUILDER, "propagateEnvironment"),
            ("2.4.0", CHARTS_BUILDER, "propagateEnvironment"),
            ("2.4.1", IMAGE_BUILDER, "propagateEnvironment"),
            ("2.5.16", IMAGE_BUILDER, "propagateEnvironment"),
            ("3.1.5", IMAGE_BUILDER, "propagateEnvironment"),
        ] {
            let text = core_yaml(&of_version(version)).unwrap();
            assert!(text.contains("networkId: article\n"), "{text}");
            assert!(text.contains("vm:\n  endpoint: \"\"\n"), "{text}");
            let entry = format!(
                "- name: ccaas_builder\n      path: {builder}\n      {environment}:\n        - CHAINCODE_AS_A"
            );
            assert!(text.contains(&entry), "{version}: {text}");
            assert!(!text.contains("docker"), "{text}");
        }
    }

    #[test]
    fn an_orderer_begins_as_its_line_can() {
        let yaml = |version, start| orderer_yaml(&of_version(version), start).unwrap();
        let text = yaml("1.4.12", OrdererStart::SystemChannel);
        assert!(
            text.contains("  GenesisMethod: file\n  GenesisFile: /etc/fabric/genesis/"),
            "{text}"
        );
        // Without a certificate of its own here, 1.4 dials the other consenters without TLS.
        assert!(
            text.contains("  Cluster:\n    # ") && text.contains("    ClientCertificate: /etc")
        );
        let text = yaml("2.2.15", OrdererStart::SystemChannel);
        assert!(text.contains("  BootstrapMethod: file\n  BootstrapFile: /etc"), "{text}");
        assert!(!text.contains("ChannelParticipation"), "{text}");
        let text = yaml("2.5.16", OrdererStart::SystemChannel);
        assert!(
            text.contains("  BootstrapMethod: file\n") && text.contains("\nKafka:\n"),
            "{text}"
        );
        let text = yaml("2.5.16", OrdererStart::Participation);
        assert!(text.contains("  BootstrapMethod: none\n") && !text.contains("Kafka"), "{text}");
        let text = yaml("3.1.5", OrdererStart::Participation);
        assert!(!text.contains("BootstrapMethod"), "{text}");
    }

    fn of_release(network: &Network, index: usize) -> String {
        readme(network, &network.releases()[index]).unwrap()
    }

    #[test]
    fn the_readme_of_an_owner_is_about_its_own_release() {
        let network = Network { layout: Layout::PerOwner, ..example::article() };
        let text = of_release(&network, 1);
        assert!(text.starts_with("# article-org2 1.0.0"), "{text}");
        assert!(text.contains("-f private/Org2/manifest.yaml\n"), "{text}");
        assert!(text.contains("article-org2 --version 1.0.0 --namespace org2 --wait"), "{text}");
        assert!(text.contains("--set org2.peers.peer0"), "{text}");
        assert!(!of_release(&network, 2).contains("--set"), "orderers have no peers");
    }

    #[test]
    fn every_line_has_configurations_that_are_yaml() {
        for line in fabric_line::LINES {
            for patch in 0..=line.newest_patch {
                let version = format!("{}.{patch}", line.name);
                let network = of_version(&version);
                for start in [OrdererStart::Participation, OrdererStart::SystemChannel] {
                    let text = orderer_yaml(&network, start).unwrap();
                    assert!(yaml::read(&text, yaml::Limits::METADATA).is_ok(), "{version}: {text}");
                }
                let text = core_yaml(&network).unwrap();
                assert!(yaml::read(&text, yaml::Limits::METADATA).is_ok(), "{version}: {text}");
            }
        }
    }

    #[test]
    fn a_readme_names_every_organization_and_the_command_that_installs() {
        let text = of_release(&example::article(), 0);
        assert!(text.contains("| Org1 | Org1MSP | `org1` | peer0, peer1 |"), "{text}");
        assert!(text.contains("helm upgrade --install article"), "{text}");
        assert!(text.contains("| canary | `fabric-canary:0.1.0` |"), "{text}");
    }

    #[test]
    fn a_missing_variable_is_an_error() {
        let network = example::article();
        let data = NodeConfiguration::of(&network, OrdererStart::Participation);
        let error = render("demo", "{{missing}}", &data).unwrap_err();
        assert!(error.to_string().starts_with("template `demo` cannot be rendered"), "{error}");
    }
}
