//! Services and workloads of a rendered network, and how a name leads to one of them.

use std::collections::BTreeMap;

use chart_builder::model::Layout;
use serde_json::Value;

use super::certificates::{self, Public};
use super::dials::Dial;
use crate::topologies::renders::name;
use crate::topologies::samples::Version;

/// Names of container ports that never speak TLS.
const PLAIN: &[&str] = &["operations", "metrics", "kafka", "client", "couchdb", "zookeeper"];

/// Names of ports that monitoring reads, or clients and chaincodes outside of the cluster; and `cluster`, which orderers have
/// without TLS whatever their consensus is, while only consenters that vote dial it.
const OUTSIDERS: &[&str] = &["operations", "metrics", "events", "chaincode", "cluster"];

/// A port of a Service: namespace, Service, port.
pub(super) type Offer = (String, String, u16);

/// What is in the cluster.
pub(super) struct Cluster<'a> {
    services: BTreeMap<(&'a str, &'a str), &'a Value>,
    workloads: Vec<Workload<'a>>,
    public: &'a Public,
    /// Names of organizations by namespace.
    owners: BTreeMap<&'a str, &'a str>,
    domain: &'a str,
    layout: Layout,
    /// The topology's own words: what is outside has to stand there.
    topology: &'a str,
}

/// Something that runs pods.
struct Workload<'a> {
    namespace: &'a str,
    labels: &'a Value,
    pod: &'a Value,
}

/// A container's port: its number, its name, and the pod.
struct Listener<'a> {
    name: &'a str,
    pod: &'a Value,
}

impl<'a> Cluster<'a> {
    pub(super) fn new(objects: &'a [Value], version: &'a Version, topology: &'a str) -> Self {
        let namespace = |it: &'a Value| it["metadata"]["namespace"].as_str().unwrap_or_default();
        let services = objects.iter().filter(|it| it["kind"] == "Service");
        let services = services
            .map(|it| ((namespace(it), it["metadata"]["name"].as_str().unwrap_or_default()), it))
            .collect();
        let workloads = objects.iter().filter(|it| {
            ["StatefulSet", "Deployment", "DaemonSet"].iter().any(|kind| it["kind"] == *kind)
                && it["spec"]["replicas"] != 0
        });
        let workloads = workloads
            .map(|it| Workload {
                namespace: namespace(it),
                labels: &it["spec"]["template"]["metadata"]["labels"],
                pod: &it["spec"]["template"]["spec"],
            })
            .collect();
        let network = &version.network;
        let owners = network.organizations.iter();
        Self {
            services,
            workloads,
            public: &version.public,
            owners: owners.map(|it| (it.namespace.as_str(), it.name.as_str())).collect(),
            domain: &network.cluster_domain,
            layout: network.layout,
            topology,
        }
    }

    /// Whether the topology names this host.
    pub(super) fn is_given(&self, host: &str) -> bool {
        host.contains('.') && self.topology.contains(host)
    }

    /// The Service behind a dialled name; `None` for a name outside of the cluster that the topology gives.
    pub(super) fn reach(&self, dial: &Dial) -> Result<Option<Offer>, String> {
        let Some(service) = self.service(dial) else {
            return if self.is_given(&dial.host) {
                Ok(None)
            } else {
                Err("no Service has this name".to_owned())
            };
        };
        if self.listeners(service, dial.port)?.is_empty() {
            return Err(format!("nothing listens behind {}", name(service)));
        }
        let word = |key: &str| service["metadata"][key].as_str().unwrap_or_default().to_owned();
        Ok(Some((word("namespace"), word("name"), dial.port)))
    }

    /// The namespace of the Service behind a dialled name.
    pub(super) fn namespace(&self, dial: &Dial) -> Option<&'a str> {
        self.service(dial)?["metadata"]["namespace"].as_str()
    }

    /// The organization whose Service is behind a dialled name.
    pub(super) fn owner(&self, dial: &Dial) -> Option<&'a str> {
        self.owners.get(self.namespace(dial)?).copied()
    }

    /// Each owner has a release of its own.
    pub(super) fn is_of_one_owner(&self) -> bool {
        self.layout == Layout::PerOwner
    }

    /// Why a client would refuse the certificate of its target.
    pub(super) fn certificate_fault(&self, dial: &Dial) -> Option<String> {
        self.certificate_fault_for(&dial.host, dial)
    }

    /// The same of a client that knows the target by another name.
    pub(super) fn certificate_fault_for(&self, host: &str, dial: &Dial) -> Option<String> {
        let service = self.service(dial)?;
        let namespace = service["metadata"]["namespace"].as_str()?;
        for listener in self.listeners(service, dial.port).ok()? {
            let Some(secret) = tls_secret(listener.pod) else { continue };
            if PLAIN.contains(&listener.name) {
                continue;
            }
            if listener.name == "chaincode" {
                if let Some(fault) = other_than_told(listener.pod, host) {
                    return Some(fault);
                }
                continue;
            }
            let owner = self.owners.get(namespace)?;
            let Some(certificate) = certificates::of_secret(self.public, owner, secret) else {
                return Some(format!(
                    "no public certificate belongs to Secret {namespace}/{secret}"
                ));
            };
            if !certificate.dns_names().iter().any(|it| it == host) {
                let names = certificate.dns_names().join(", ");
                return Some(format!("the certificate of {namespace}/{secret} has only {names}"));
            }
        }
        None
    }

    /// Every port of every Service, those apart that are for others.
    pub(super) fn offered(&self) -> Vec<Offer> {
        let ports = |service: &Value| -> Vec<u16> {
            let ports = service["spec"]["ports"].as_array().into_iter().flatten();
            let ports = ports.filter(|it| !OUTSIDERS.iter().any(|name| it["name"] == *name));
            ports.filter_map(|it| u16::try_from(it["port"].as_u64()?).ok()).collect()
        };
        // What is for clients outside is dialled by nobody here.
        let inside =
            |it: &&Value| it["spec"]["type"].is_null() || it["spec"]["type"] == "ClusterIP";
        let services = self.services.iter().filter(|(_, it)| inside(it));
        services
            .flat_map(|((namespace, name), service)| {
                let offer = |port| ((*namespace).to_owned(), (*name).to_owned(), port);
                ports(service).into_iter().map(offer)
            })
            .collect()
    }

    /// As a pod finds it: by the address that it is told, else by the search list: `name`, `name.namespace`, `….svc`,
    /// `….svc.<domain>`.
    fn service(&self, dial: &Dial) -> Option<&'a Value> {
        if let Some(address) = &dial.address {
            let mut services = self.services.values();
            return services.find(|it| it["spec"]["clusterIP"] == **address).copied();
        }
        let host = dial
            .host
            .strip_suffix(self.domain)
            .map_or(dial.host.as_str(), |rest| rest.strip_suffix('.').unwrap_or(rest));
        let host = host.strip_suffix(".svc").unwrap_or(host);
        let (name, namespace) = host.split_once('.').unwrap_or((host, dial.namespace.as_str()));
        self.services.get(&(namespace, name)).copied()
    }

    fn listeners(&self, service: &Value, port: u16) -> Result<Vec<Listener<'a>>, String> {
        let ports = service["spec"]["ports"].as_array().into_iter().flatten();
        let Some(port) = ports.into_iter().find(|it| it["port"] == port) else {
            return Err(format!("{} has no port {port}", name(service)));
        };
        let target = if port["targetPort"].is_null() { &port["port"] } else { &port["targetPort"] };
        let namespace = service["metadata"]["namespace"].as_str().unwrap_or_default();
        let selector = service["spec"]["selector"].as_object();
        let selected = |workload: &&Workload<'_>| {
            workload.namespace == namespace
                && selector.is_some_and(|it| {
                    !it.is_empty() && it.iter().all(|(key, value)| workload.labels[key] == *value)
                })
        };
        let pods = self.workloads.iter().filter(selected).map(|workload| workload.pod);
        Ok(pods.filter_map(|pod| listener(pod, target)).collect())
    }
}

/// The port of a pod that a Service's `targetPort` means.
fn listener<'a>(pod: &'a Value, target: &Value) -> Option<Listener<'a>> {
    let lists = ["containers", "initContainers"].into_iter();
    let containers = lists.filter_map(|list| pod[list].as_array()).flatten();
    let mut ports = containers.filter_map(|it| it["ports"].as_array()).flatten();
    let port = ports.find(|it| it["name"] == *target || it["containerPort"] == *target)?;
    Some(Listener { name: port["name"].as_str().unwrap_or_default(), pod })
}

/// The Secret with the TLS key pair that a pod mounts.
fn tls_secret(pod: &Value) -> Option<&str> {
    let volumes = pod["volumes"].as_array().into_iter().flatten();
    let secrets = volumes.filter_map(|it| it["secret"]["secretName"].as_str());
    secrets.into_iter().find(|name| name.ends_with("-tls"))
}

/// A peer makes the certificate for its chaincodes itself, at each start, for the host that it tells them.
fn other_than_told(pod: &Value, host: &str) -> Option<String> {
    let containers = pod["containers"].as_array().into_iter().flatten();
    let mut variables = containers.filter_map(|it| it["env"].as_array()).flatten();
    let told =
        variables.find(|it| it["name"] == "CORE_PEER_CHAINCODEADDRESS")?["value"].as_str()?;
    let (told, _) = told.split_once(':').unwrap_or((told, ""));
    (told != host).then(|| format!("the peer makes its certificate for chaincodes for {told}"))
}
