//! Manifests for `kubectl apply --server-side`: an organization's namespace and its Secrets.
//!
//! They are rewritten whole from the keys and certificates that lie here. Keys of roots are never in them,
//! unless the topology acknowledges it for a Fabric CA server. The shape of
//! the Secrets is the same as cert-manager's, so that one can take the place of the other.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chart_format::yaml::{self, Map, Node};

use super::error::IdentitiesError;
use super::plan::{OrganizationPlan, Place};
use super::{Site, passwords};
use crate::directory::{MAX_PUBLIC_FILE_BYTES, NetworkDirectory, optional_file, paths};
use crate::model::{Layout, Network};
use crate::shell;

/// What the objects are managed by, as Kubernetes' recommended label says it.
const MANAGED_BY: &str = "chart-builder-identities";

/// The manifest of an organization: its namespace in an umbrella, and a Secret for each key pair that lies here.
pub(super) fn organization(
    site: &Site<'_>,
    plan: &OrganizationPlan,
) -> Result<String, IdentitiesError> {
    let mut documents = match site.network.layout {
        Layout::Umbrella => vec![namespace(site.network, &plan.namespace)],
        Layout::PerOwner => Vec::new(),
    };
    for credential in &plan.credentials {
        let root = plan.authorities.iter().find(|authority| authority.kind == credential.issuer);
        let Some(root) = root else { continue };
        let pair = (credential.secret.as_ref(), &root.place, &credential.place);
        documents.extend(secret(site, &plan.namespace, pair)?);
    }
    for authority in &plan.authorities {
        let pair = (authority.secret.as_ref(), &authority.place, &authority.place);
        documents.extend(secret(site, &plan.namespace, pair)?);
    }
    documents.extend(passwords::secrets(site, plan, &labels(site.network))?);
    Ok(text(&documents))
}

/// The manifest of the namespaces that belong to no organization, if there are some: the one with the network's name, where
/// no pod of Fabric runs (the umbrella's, or, per owner, the one from which directories are looked at), and Kafka's.
pub(super) fn umbrella(network: &Network) -> Option<String> {
    let own = network.layout == Layout::Umbrella || network.has_directories();
    let own = own.then_some(network.name.as_str());
    let kafka = network.kafka.as_ref().map(|cluster| cluster.namespace.as_str());
    let namespaces = own.into_iter().chain(kafka).map(|name| namespace(network, name));
    let namespaces: Vec<_> = namespaces.collect();
    (!namespaces.is_empty()).then(|| text(&namespaces))
}

/// The manifest of an owner's namespace, for whoever has rights in the whole cluster; an umbrella's owner has them.
pub(super) fn owner_namespace(network: &Network, plan: &OrganizationPlan) -> Option<String> {
    match network.layout {
        Layout::Umbrella => None,
        Layout::PerOwner => Some(text(&[namespace(network, &plan.namespace)])),
    }
}

fn text(documents: &[Node]) -> String {
    let documents: Vec<String> = documents.iter().map(yaml::write).collect();
    documents.join("---\n")
}

fn labels(network: &Network) -> Map {
    Map::new()
        .with("app.kubernetes.io/managed-by", MANAGED_BY)
        .with("app.kubernetes.io/part-of", network.name.as_str())
}

fn namespace(network: &Network, name: &str) -> Node {
    let mut labels = labels(network);
    let level = network.pod_security(name).word();
    for mode in ["enforce", "audit", "warn"] {
        labels.insert(format!("pod-security.kubernetes.io/{mode}"), level);
    }
    Map::new()
        .with("apiVersion", "v1")
        .with("kind", "Namespace")
        .with("metadata", Map::new().with("name", name).with("labels", labels))
        .into()
}

/// The Secret of a key pair; none if the pair is in no Secret, or its key is somewhere else.
fn secret(
    site: &Site<'_>,
    namespace: &str,
    (name, root, pair): (Option<&String>, &Place, &Place),
) -> Result<Option<Node>, IdentitiesError> {
    let Some(name) = name else { return Ok(None) };
    let read =
        |relative: &str| optional_file(&site.directory.path(relative), MAX_PUBLIC_FILE_BYTES);
    let files = (read(&root.certificate)?, read(&pair.certificate)?, read(&pair.key)?);
    let (Some(root), Some(certificate), Some(key)) = files else { return Ok(None) };
    let metadata = Map::new()
        .with("name", name.as_str())
        .with("namespace", namespace)
        .with("labels", labels(site.network));
    let data = Map::new()
        .with("ca.crt", STANDARD.encode(root))
        .with("tls.crt", STANDARD.encode(certificate))
        .with("tls.key", STANDARD.encode(key));
    let secret = Map::new()
        .with("apiVersion", "v1")
        .with("kind", "Secret")
        .with("metadata", metadata)
        .with("type", "kubernetes.io/tls")
        .with("data", data);
    Ok(Some(secret.into()))
}

/// What to run next, one command for each manifest.
pub(super) fn commands(directory: &NetworkDirectory, manifests: &[String]) -> Vec<String> {
    let file = |relative: &String| shell::word(&directory.path(relative).to_string_lossy());
    manifests
        .iter()
        .map(|manifest| format!("kubectl apply --server-side -f {}", file(manifest)))
        .collect()
}

/// Where the manifests of these organizations lie, namespaces first: they are for the owner of the cluster.
pub(super) fn places(network: &Network, plans: &[OrganizationPlan]) -> Vec<String> {
    let umbrella = umbrella(network).map(|_| paths::NAMESPACE_MANIFEST.to_owned());
    let owners = plans.iter().filter(|plan| owner_namespace(network, plan).is_some());
    let owners = owners.map(|plan| paths::owner_namespace_manifest(&plan.name));
    let secrets = plans.iter().map(|plan| paths::manifest(&plan.name));
    umbrella.into_iter().chain(owners).chain(secrets).collect()
}
