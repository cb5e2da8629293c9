//! One release for each owner: accounts with rights in one namespace each, in two orders.

use suite::process::Outcome;
use suite::workspace;

use crate::cluster::Cluster;
use crate::network::{INSTALL, Network};
use crate::observation;
use crate::poll;
use crate::settings::Case;
use crate::stopwatch::timed;
use crate::topology::{CHAINCODE, ORGANIZATIONS, Topology};

/// Peers before their orderers, and the other way round.
const ORDERS: [[&str; 3]; 2] = [["org1", "orderer", "org2"], ["orderer", "org2", "org1"]];

pub(super) fn run(cluster: &Cluster, case: &Case) {
    for (round, order) in ORDERS.iter().enumerate() {
        println!("  order: {}", order.join(", "));
        let scenario = format!("owners{round}");
        let topology = Topology { per_owner: true, ..Topology::new(cluster, case, &scenario) };
        let network = Network::new(cluster, case, topology);
        let owners = prepare(&network);
        install_all(&network, &owners, order);
        test_all(&network, &owners);
    }
}

/// An account that may do things in the namespace of one organization.
pub(super) struct Owner {
    pub(super) organization: &'static str,
    namespace: String,
    kubeconfig: String,
}

impl Owner {
    /// A command that this owner runs.
    pub(super) fn run(&self, network: &Network<'_>, command: &str) -> Outcome {
        network.shell(&format!("{command} --kubeconfig {}", self.kubeconfig))
    }
}

/// Namespaces by the cluster's owner, Secrets by the owners, charts.
pub(super) fn prepare(network: &Network<'_>) -> Vec<Owner> {
    let mut owners = Vec::new();
    identities(network, &mut owners, &ORGANIZATIONS);
    network.build().success();
    owners
}

/// What `identities` prints, each command by the one who may; accounts for these new owners.
pub(super) fn identities(network: &Network<'_>, owners: &mut Vec<Owner>, new: &[&'static str]) {
    let commands = network.identities();
    let (namespaces, secrets): (Vec<_>, Vec<_>) =
        commands.iter().partition(|command| command.ends_with("namespace.yaml"));
    for command in namespaces {
        network.shell(command).success();
    }
    owners.extend(new.iter().map(|organization| owner(network, organization)));
    assert!(secrets.len() == owners.len(), "{secrets:?}");
    for owner in owners {
        let directory = format!("/{}/", owner.organization);
        let own = secrets.iter().find(|it| it.to_lowercase().contains(&directory));
        owner.run(network, own.expect("a command for each owner")).success();
    }
}

/// The Role of the documentation, bound to an account, and a kubeconfig with its token.
fn owner(network: &Network<'_>, organization: &'static str) -> Owner {
    let namespace = network.namespace(organization);
    let documentation = workspace::read("docs/layouts.md");
    let role = documentation.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next());
    let role = role.expect("the Role of an owner in the documentation");
    std::fs::write(network.path().join("role.yaml"), role).expect("a file");
    let kubeconfig = format!("{organization}.kubeconfig");
    let script = format!(
        "set -e
kubectl apply --namespace {namespace} -f role.yaml
kubectl create serviceaccount --namespace {namespace} owner
kubectl create rolebinding --namespace {namespace} owner --role network-owner --serviceaccount {namespace}:owner
token=$(kubectl create token --namespace {namespace} owner --duration 2h)
kubectl config view --raw --minify --flatten > {kubeconfig}
export KUBECONFIG={kubeconfig}
kubectl config set-credentials owner --token \"$token\"
kubectl config set-context --current --user owner --namespace {namespace}"
    );
    network.shell(&script).success();
    let owner = Owner { organization, namespace, kubeconfig };
    let others = format!("{}-elsewhere", owner.namespace);
    owner.run(network, &format!("kubectl get pods --namespace {others}")).failure();
    owner.run(network, "kubectl get namespaces").failure();
    owner
}

fn install_all(network: &Network<'_>, owners: &[Owner], order: &[&str; 3]) {
    for organization in order {
        let owner = owners.iter().find(|it| it.organization == *organization).expect("an owner");
        let installed = timed(&format!("install {organization}"), || install(network, owner));
        installed.success();
    }
    timed("until the definition is committed for both", || {
        for organization in ["org1", "org2"] {
            converges(network, organization);
        }
    });
}

/// The release of an owner, by the owner.
pub(super) fn install(network: &Network<'_>, owner: &Owner) -> Outcome {
    let command = network.printed(&format!("helm upgrade --install {} ", owner.namespace));
    assert!(command.contains(" --wait"), "one owner has all consenters: {command}");
    owner.run(network, &command)
}

/// Waits until converge of an organization has done everything, the definition of the chaincode too.
pub(super) fn converges(network: &Network<'_>, organization: &str) {
    let namespace = network.namespace(organization);
    poll::until("everything is as desired", INSTALL, || {
        let logs = ["logs", "deployment/converge", "--container=converge"];
        let all = network.cluster.kubectl(&[&logs[..], &["--namespace", &namespace]].concat());
        let done = all.stdout.contains("everything is as desired");
        if done { Ok(()) } else { Err(all.to_string()) }
    });
    let definition = observation::definition(network.cluster, &namespace);
    assert!(definition["sequence"] == 1, "{CHAINCODE}: {definition}");
}

/// The tests of every owner, by the owner.
pub(super) fn test_all(network: &Network<'_>, owners: &[Owner]) {
    for owner in owners {
        let command = network.printed(&format!("helm test {} ", owner.namespace));
        let organization = owner.organization;
        let tested = timed(&format!("helm test {organization}"), || owner.run(network, &command));
        let tested = tested.success();
        assert!(!tested.stdout.contains("not run:"), "{tested}");
    }
    network.settled_height();
}
