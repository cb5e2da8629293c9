//! The one user of Handlebars: texts that the compiler makes itself. Charts are not among them.
//!
//! Strict, so that a missing variable is an error, and without HTML escapes, because nothing here is HTML.

use handlebars::Handlebars;
use semver::Version;
use serde::Serialize;

use crate::model::Network;

const CORE_2_5: &str = include_str!("templates/core-2.5.yaml.hbs");
const CORE_3: &str = include_str!("templates/core-3.yaml.hbs");
const ORDERER_2_5: &str = include_str!("templates/orderer-2.5.yaml.hbs");
const ORDERER_3: &str = include_str!("templates/orderer-3.yaml.hbs");
const README: &str = include_str!("templates/README.md.hbs");

/// A template that does not fit its data: a fault of this program.
#[derive(Debug, thiserror::Error)]
#[error("template `{template}` cannot be rendered: {source}")]
pub struct RenderError {
    template: &'static str,
    #[source]
    source: Box<handlebars::RenderError>,
}

#[derive(Serialize)]
struct NodeConfiguration<'a> {
    network: &'a str,
}

/// core.yaml for peers of this Fabric version.
pub fn core_yaml(fabric: &Version, network: &str) -> Result<String, RenderError> {
    let text = if fabric.major < 3 { CORE_2_5 } else { CORE_3 };
    render("core.yaml", text, &NodeConfiguration { network })
}

/// orderer.yaml for orderers of this Fabric version.
pub fn orderer_yaml(fabric: &Version, network: &str) -> Result<String, RenderError> {
    let text = if fabric.major < 3 { ORDERER_2_5 } else { ORDERER_3 };
    render("orderer.yaml", text, &NodeConfiguration { network })
}

#[derive(Serialize)]
struct Readme<'a> {
    name: &'a str,
    version: String,
    fabric: String,
    organizations: Vec<ReadmeOrganization<'a>>,
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

/// The README of a network's chart.
pub fn readme(network: &Network) -> Result<String, RenderError> {
    render("README.md", README, &Readme::of(network))
}

impl<'a> Readme<'a> {
    fn of(network: &'a Network) -> Self {
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
        Self {
            name: &network.name,
            version: network.version.to_string(),
            fabric: network.fabric.to_string(),
            organizations: organizations.collect(),
            channels: channels.collect(),
            chaincodes: chaincodes.collect(),
            images: images(network),
        }
    }
}

fn images(network: &Network) -> Vec<ReadmeImage<'_>> {
    let nodes = network.images.components.iter();
    let nodes = nodes.map(|(component, image)| (component.purpose(), image));
    let chaincodes = network.chaincodes.iter().map(|it| (it.name.as_str(), &it.image));
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
        .render_template(text, data)
        .map_err(|source| RenderError { template, source: Box::new(source) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example;

    #[test]
    fn configurations_have_no_docker_endpoint_and_the_builder_for_services() {
        for version in [Version::new(2, 5, 16), Version::new(3, 1, 5)] {
            let text = core_yaml(&version, "tradenet").unwrap();
            assert!(text.contains("networkId: tradenet\n"), "{text}");
            assert!(text.contains("vm:\n  endpoint: \"\"\n"), "{text}");
            assert!(text.contains("name: ccaas_builder\n"), "{text}");
            assert!(!text.contains("docker"), "{text}");
        }
    }

    #[test]
    fn only_the_older_line_is_told_to_start_without_a_system_channel() {
        let text = orderer_yaml(&Version::new(2, 5, 16), "tradenet").unwrap();
        assert!(text.contains("BootstrapMethod: none"), "{text}");
        let text = orderer_yaml(&Version::new(3, 1, 5), "tradenet").unwrap();
        assert!(!text.contains("BootstrapMethod"), "{text}");
    }

    #[test]
    fn a_readme_names_every_organization_and_the_command_that_installs() {
        let text = readme(&example::article()).unwrap();
        assert!(text.contains("| Org1 | Org1MSP | `org1` | peer0, peer1 |"), "{text}");
        assert!(text.contains("helm upgrade --install article"), "{text}");
        assert!(text.contains("| canary | `fabric-canary:0.1.0` |"), "{text}");
    }

    #[test]
    fn a_missing_variable_is_an_error() {
        let error = render("demo", "{{missing}}", &NodeConfiguration { network: "n" }).unwrap_err();
        assert!(error.to_string().starts_with("template `demo` cannot be rendered"), "{error}");
    }
}
