//! One network of a scenario: its directory, its release, its namespaces.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::Duration;

use suite::process::Outcome;
use tempfile::TempDir;

use crate::cluster::Cluster;
use crate::observation::{self, Pod};
use crate::poll;
use crate::settings::Case;
use crate::stopwatch::timed;
use crate::topology::{CHANNEL, Topology};

/// What an install or an upgrade may take on a small machine.
pub(crate) const INSTALL: Duration = Duration::from_mins(5);

/// What it may take until pods, blocks and heights are where they belong.
pub(crate) const SETTLE: Duration = Duration::from_mins(2);

/// A network; dropping it deletes its namespaces, after a look at what is wrong when the scenario has failed.
pub(crate) struct Network<'a> {
    pub(crate) cluster: &'a Cluster,
    case: &'a Case,
    pub(crate) topology: Topology,
    folder: TempDir,
    /// What the last successful build printed to run next.
    commands: RefCell<Vec<String>>,
}

impl<'a> Network<'a> {
    /// network.yaml in a directory of its own; panics when the cluster has namespaces of these names.
    pub(crate) fn new(cluster: &'a Cluster, case: &'a Case, topology: Topology) -> Self {
        for namespace in topology.namespaces() {
            let found = cluster.kubectl(&["get", "namespace", &namespace, "--ignore-not-found"]);
            assert!(
                found.success().stdout.is_empty(),
                "namespace `{namespace}` exists; if it is left over: kubectl delete namespace {namespace}"
            );
        }
        let folder = tempfile::tempdir().expect("a directory");
        let commands = RefCell::default();
        let network = Self { cluster, case, topology, folder, commands };
        network.write_topology();
        network
    }

    /// Identities, the printed commands, the first build.
    pub(crate) fn prepare(&self) {
        self.apply_identities();
        self.build().success();
    }

    /// Version 1 of a network, installed and tested.
    pub(crate) fn running(cluster: &'a Cluster, case: &'a Case, topology: Topology) -> Self {
        let network = Self::new(cluster, case, topology);
        network.prepare();
        timed("install", || network.install()).success();
        timed("helm test", || network.test()).success();
        network
    }

    /// The network directory.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes network.yaml anew after the topology has changed.
    pub(crate) fn write_topology(&self) {
        std::fs::write(self.path().join("network.yaml"), self.topology.text()).expect("a topology");
    }

    /// A command as a user types it in the network directory.
    pub(crate) fn shell(&self, line: &str) -> Outcome {
        self.cluster.shell(&self.case.helm, self.path(), line)
    }

    /// `chart-builder identities`, and the commands that it prints.
    pub(crate) fn apply_identities(&self) {
        for command in self.identities() {
            self.shell(&command).success();
        }
    }

    /// `chart-builder identities`; the commands that it prints.
    pub(crate) fn identities(&self) -> Vec<String> {
        let outcome = self.shell("chart-builder identities").success();
        let commands = printed_commands(&outcome);
        assert!(!commands.is_empty(), "`identities` prints no command to run next\n{outcome}");
        commands
    }

    /// `chart-builder build` of the version at hand.
    pub(crate) fn build(&self) -> Outcome {
        let outcome = self.shell("chart-builder build --out dist");
        if outcome.code == 0 {
            *self.commands.borrow_mut() = printed_commands(&outcome);
        }
        outcome
    }

    /// `dist/<name>-<version>.tgz`.
    pub(crate) fn package(&self) -> String {
        format!("dist/{}-{}.tgz", self.topology.name, self.topology.version)
    }

    /// The install that the last build printed: it waits until everything is ready.
    pub(crate) fn install(&self) -> Outcome {
        self.shell(&self.printed("helm upgrade --install "))
    }

    /// The same without waiting.
    pub(crate) fn install_without_waiting(&self) -> Outcome {
        self.shell(&self.printed("helm upgrade --install ").replace(" --wait", ""))
    }

    /// The test that the last build printed.
    pub(crate) fn test(&self) -> Outcome {
        self.shell(&self.printed("helm test "))
    }

    /// The command that the last build printed and that begins like this.
    pub(crate) fn printed(&self, beginning: &str) -> String {
        let commands = self.commands.borrow();
        let found = commands.iter().find(|command| command.starts_with(beginning));
        found.unwrap_or_else(|| panic!("build has not printed `{beginning}`: {commands:?}")).clone()
    }

    /// A command of Helm in the release's namespace; `{}` stands for the release.
    pub(crate) fn helm(&self, line: &str) -> Outcome {
        let name = &self.topology.name;
        self.shell(&format!("helm {} --namespace {name}", line.replace("{}", name)))
    }

    /// What `helm template --no-hooks` prints, object by object, as text: kubectl reads YAML as Helm writes it.
    pub(crate) fn objects(&self) -> Vec<String> {
        let text =
            self.helm(&format!("template {{}} {} --no-hooks", self.package())).success().stdout;
        // A line of three dashes begins a document; within a block text it would be indented.
        let documents = text.split("\n---\n");
        documents.filter(|it| it.contains("\nkind: ")).map(str::to_owned).collect()
    }

    /// Every pod of the network's workloads, by `<namespace>/<workload>`.
    pub(crate) fn pods(&self) -> BTreeMap<String, Pod> {
        let namespaces = self.topology.namespaces();
        namespaces.iter().flat_map(|name| observation::pods(self.cluster, name)).collect()
    }

    /// UIDs of [`Self::pods`].
    pub(crate) fn pod_uids(&self) -> BTreeMap<String, String> {
        self.pods().into_iter().map(|(key, pod)| (key, pod.uid)).collect()
    }

    /// The same of peers and orderers alone.
    pub(crate) fn node_uids(&self) -> BTreeMap<String, String> {
        let node = |key: &str| key.contains("/orderer") || key.contains("/peer");
        let mut uids = self.pod_uids();
        uids.retain(|key, _| node(key) && !key.ends_with("-roller"));
        uids
    }

    /// `<namespace>/<workload>` of a workload of an organization.
    pub(crate) fn key(&self, organization: &str, workload: &str) -> String {
        format!("{}/{workload}", self.namespace(organization))
    }

    /// The namespace of an organization.
    pub(crate) fn namespace(&self, organization: &str) -> String {
        self.topology.namespace(organization)
    }

    /// Heights of all peers on the first channel.
    pub(crate) fn peer_heights(&self) -> Result<BTreeMap<String, u64>, String> {
        self.peer_heights_on(CHANNEL)
    }

    /// Heights of all peers on a channel.
    pub(crate) fn peer_heights_on(&self, channel: &str) -> Result<BTreeMap<String, u64>, String> {
        let height = |pod: &Pod| observation::height(self.cluster, pod, channel);
        self.peers().into_iter().map(|(key, pod)| Ok((key, height(&pod)?))).collect()
    }

    /// What the peers say about the newest block of a channel, its number, hash and the hash before: one text if they agree.
    pub(crate) fn newest_blocks(&self, channel: &str) -> BTreeSet<String> {
        let say = |pod: &Pod| observation::information(self.cluster, pod, channel);
        let peers = self.peers().into_values();
        peers.map(|pod| say(&pod).expect("a peer that answers").to_string()).collect()
    }

    /// The peers' pods, by `<namespace>/<peer>`.
    pub(crate) fn peers(&self) -> BTreeMap<String, Pod> {
        let peer = |(key, _): &(String, Pod)| key.contains("/peer") && !key.ends_with("-roller");
        self.pods().into_iter().filter(peer).collect()
    }

    /// Waits until all peers have the same height; that height.
    pub(crate) fn settled_height(&self) -> u64 {
        let Topology { org1_peers, org2_peers, .. } = self.topology;
        let third = u32::from(self.topology.has_org3());
        let count = usize::try_from(org1_peers + org2_peers + third);
        let count = count.expect("a small number");
        poll::until("all peers have the same height", SETTLE, || {
            let heights = self.peer_heights()?;
            let mut values: Vec<u64> = heights.values().copied().collect();
            values.dedup();
            match values.as_slice() {
                [height] if heights.len() == count => Ok(*height),
                _ => Err(format!("{heights:?}")),
            }
        })
    }

    /// Both organizations have approved and committed the definition, the test has read its transaction back, and all peers
    /// have the same blocks.
    pub(crate) fn committed_everywhere(&self) {
        self.assert_committed(1);
        let height = self.settled_height();
        println!("             height {height} at every peer");
        // Block 0, one at least with the approvals, the definition, a transaction.
        assert!(height >= 4, "height {height}");
        let blocks = self.newest_blocks(CHANNEL);
        assert!(blocks.len() == 1, "peers have different blocks: {blocks:?}");
    }

    /// Waits until every pod of the network is ready.
    pub(crate) fn wait_ready(&self, count: usize) {
        poll::until("every pod is ready", INSTALL, || {
            let pods = self.pods();
            let late: Vec<&String> =
                pods.iter().filter(|(_, pod)| !pod.ready).map(|(key, _)| key).collect();
            if late.is_empty() && pods.len() == count {
                return Ok(());
            }
            Err(format!("{} of {count} pods, not ready: {late:?}", pods.len()))
        });
    }

    /// How many pods the workloads have: nodes, a converge and chaincode servers for each organization with peers, and in
    /// production a roller in each namespace.
    pub(crate) fn pod_count(&self) -> usize {
        let Topology { org1_peers, org2_peers, orderers, servers, .. } = self.topology;
        // Four brokers, an ensemble of three, and what tells their metrics.
        let kafka = if self.topology.consensus == "kafka" { 8 } else { 0 };
        // One for each organization, and one for Kafka.
        let rollers = if self.topology.consensus == "kafka" { 4 } else { 3 };
        let rollers = if self.topology.profile == "dev" { 0 } else { rollers };
        let nodes = org1_peers + org2_peers + orderers;
        let servers = if self.topology.has_chaincode { 2 * servers } else { 0 };
        usize::try_from(nodes + 2 + servers + rollers + kafka).expect("a small number")
    }

    /// Panics unless both organizations have approved and committed this sequence.
    pub(crate) fn assert_committed(&self, sequence: u64) {
        for organization in ["org1", "org2"] {
            let definition = observation::definition(self.cluster, &self.namespace(organization));
            let approvals = &definition["approvals"];
            let approved = approvals["Org1MSP"] == true && approvals["Org2MSP"] == true;
            assert!(definition["sequence"] == sequence && approved, "{definition}");
        }
    }

    /// Deletes the network's namespaces and waits until they are gone.
    pub(crate) fn delete_namespaces(&self) {
        let namespaces = self.topology.namespaces();
        let mut arguments = vec!["delete", "namespace", "--ignore-not-found", "--timeout=180s"];
        arguments.extend(namespaces.iter().map(String::as_str));
        self.cluster.kubectl(&arguments).success();
    }
}

impl Drop for Network<'_> {
    fn drop(&mut self) {
        let failed = std::thread::panicking();
        // A second panic would end the whole suite.
        let cleaned = catch_unwind(AssertUnwindSafe(|| {
            if failed {
                observation::print_state(self.cluster, &self.topology.namespaces());
            }
            if failed && self.cluster.settings.keep {
                println!("kept: namespaces {:?}", self.topology.namespaces());
            } else {
                timed("clean up", || self.delete_namespaces());
            }
        }));
        if cleaned.is_err() {
            println!("left over: namespaces {:?}", self.topology.namespaces());
        }
    }
}

/// The lines of a program's output that are commands to run next.
pub(crate) fn printed_commands(outcome: &Outcome) -> Vec<String> {
    let lines = outcome.stdout.lines().chain(outcome.stderr.lines());
    let command = |line: &&str| line.starts_with("kubectl ") || line.starts_with("helm ");
    lines.map(str::trim).filter(command).map(str::to_owned).collect()
}

/// Commands in the words of preflight, which stand behind other words on their line; Helm 4 puts quotes around a line.
pub(crate) fn commands_within(outcome: &Outcome, beginning: &str) -> Vec<String> {
    let lines = outcome.stdout.lines().chain(outcome.stderr.lines());
    let command =
        |line: &str| line.find(beginning).map(|at| line[at..].trim_end_matches('"').to_owned());
    let mut commands: Vec<String> = lines.filter_map(command).collect();
    commands.sort();
    commands.dedup();
    commands
}
