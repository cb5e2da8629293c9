//! Real orderers take what leads to a channel and changes it: system channels, creations and updates, signed by an
//! administrator through the real `peer`.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use fabric_artifacts::block::{
    BatchLimits, Block, Capabilities, ChannelGenesis, ConfigTree, ConfigUpdate, Consensus,
};

use crate::bft::bft;
use crate::fixture::{BEGIN, Organization, genesis};
use crate::nodes::{PATIENCE, Process, free_port, write_msp, write_node};
use crate::programs::{fabric_of, output};
use crate::system::{creation, system};

/// What an orderer logs when the raft of a channel has a leader.
pub(crate) const RAFT_LEADS: &str = "Raft leader changed: 0 -> 1";
/// What an orderer logs when its BFT begins.
const BFT_LEADS: &str = "Starting view with number 0";
/// Versions whose orderers begin with a system channel; that of 1.0 and 1.1 knows neither capabilities nor units.
const WITH_SOLO: [&str; 5] = ["1.0.6", "1.1.1", "1.4.12", "2.2.15", "2.5.16"];
/// What an orderer logs when it serves.
const SERVES: &str = "Beginning to serve requests";

/// From the file of a system channel to a member's anchors: what networks up to 2.2 begin with.
#[test]
fn solo_orderers_make_a_channel_from_a_consortium() {
    for (version, program) in fabric_of("orderer", &WITH_SOLO) {
        let organization = Organization::valid_now("Org1", 1, 1);
        let network = Network::new((version, &program), (&organization, 0));
        let mut genesis = genesis(std::slice::from_ref(&organization));
        let (channel, orderer, application) = match version {
            "1.0.6" => ("", "", ""),
            "1.1.1" => ("V1_1", "V1_1", "V1_1"),
            "1.4.12" => ("V1_4_3", "V1_4_2", "V1_4_2"),
            _ => ("V2_0", "V2_0", "V2_0"),
        };
        genesis.capabilities = Capabilities {
            channel: channel.to_owned(),
            orderer: orderer.to_owned(),
            application: application.to_owned(),
        };
        if network.names_administrators() {
            let msp = organization.msp_with_admin();
            genesis.orderers[0].msp = msp.clone();
            genesis.applications[0].msp = msp;
        }
        let block = system(&genesis, Consensus::Solo).encode().unwrap();
        let _running = network.boot(&block);
        make_channel(&network, &genesis, &Consensus::Solo);
    }
}

#[test]
fn raft_orderers_make_a_channel_from_a_consortium() {
    for (version, program) in fabric_of("orderer", &["1.4.12", "2.2.15", "2.5.16"]) {
        let organization = Organization::valid_now("Org1", 1, 1);
        let network = Network::new((version, &program), (&organization, 0));
        let mut genesis = genesis(std::slice::from_ref(&organization));
        if version == "1.4.12" {
            genesis.capabilities.channel = "V1_4_3".to_owned();
            genesis.capabilities.orderer = "V1_4_2".to_owned();
            genesis.capabilities.application = "V1_4_2".to_owned();
        } else {
            genesis.capabilities.application = "V2_0".to_owned();
        }
        let consensus = genesis.consensus.clone();
        let block = system(&genesis, consensus.clone()).encode().unwrap();
        let (mut orderer, mut log) = network.boot(&block);
        wait_for(&mut orderer, &mut log, RAFT_LEADS);
        make_channel(&network, &genesis, &consensus);
    }
}

/// Makes a channel from the consortium and sets its member's anchors.
fn make_channel(network: &Network<'_>, genesis: &ChannelGenesis, consensus: &Consensus) {
    let version = network.version;
    let creation = creation(genesis).update().unwrap().transaction(BEGIN);
    network.administrate("create", &["-f", &network.file("creation.tx", &creation)]);
    // The members are those of the consortium, without anchors.
    let read = network.tree().configuration().unwrap();
    let mut member = genesis.applications[0].clone();
    let anchors = std::mem::take(&mut member.anchors);
    assert_eq!(read.applications, [member.clone()], "{version}");
    assert_eq!(read.consensus, *consensus, "{version}");
    assert_eq!(read.capabilities, genesis.capabilities, "{version}");
    member.anchors = anchors;
    let changed = network.change(|tree| tree.set_anchors(&member).unwrap());
    assert_eq!(changed.configuration().unwrap().applications, [member], "{version}");
}

#[test]
fn raft_orderers_take_updates() {
    for (version, program) in fabric_of("orderer", &["2.5.16", "3.1.5"]) {
        let organization = Organization::valid_now("Org1", 1, 1);
        let network = Network::new((version, &program), (&organization, 0));
        let genesis = genesis(std::slice::from_ref(&organization));
        take_updates(&network, (&genesis, &second()), RAFT_LEADS);
    }
}

/// One consenter is a quorum by itself; updates are refused unless the block validation policy is the one for the consenters.
#[test]
fn a_bft_orderer_takes_updates() {
    for (version, program) in fabric_of("orderer", &["3.1.5"]) {
        let organization = Organization::valid_now("Org1", 1, 2);
        let network = Network::new((version, &program), (&organization, 0));
        let mut genesis = bft(std::slice::from_ref(&organization));
        let Consensus::Bft { consenters, .. } = &mut genesis.consensus else { unreachable!() };
        let second = consenters.pop().unwrap();
        let (_running, tree) = take_updates(&network, (&genesis, &self::second()), BFT_LEADS);
        let mut read = tree.configuration().unwrap();
        assert_eq!(read.consensus, genesis.consensus, "{version}");
        let Consensus::Bft { consenters, .. } = &mut read.consensus else { unreachable!() };
        consenters.push(second);
        let tree = network.change(|tree| tree.set_consensus(&read.consensus).unwrap());
        assert_eq!(tree.configuration().unwrap().consensus, read.consensus, "{version}");
    }
}

/// Three of four have to sign a block, and each orderer keeps the same one.
#[test]
fn four_bft_orderers_of_two_organizations_order_an_update() {
    for (version, program) in fabric_of("orderer", &["3.1.5"]) {
        let organizations =
            [Organization::valid_now("Org1", 1, 2), Organization::valid_now("Org2", 1, 2)];
        let networks: Vec<Network<'_>> = organizations
            .iter()
            .flat_map(|organization| [(organization, 0), (organization, 1)])
            .map(|place| Network::new((version, &program), place))
            .collect();
        let mut genesis = bft(&organizations);
        let Consensus::Bft { consenters, .. } = &mut genesis.consensus else { unreachable!() };
        for (consenter, network) in consenters.iter_mut().zip(&networks) {
            "localhost".clone_into(&mut consenter.host);
            consenter.port = network.port;
        }
        let block = genesis.encode().unwrap();
        let mut running: Vec<_> = networks.iter().map(|network| network.join(&block)).collect();
        for (orderer, log) in &mut running {
            wait_for(orderer, log, BFT_LEADS);
        }
        let mut member = genesis.applications[1].clone();
        member.anchors[0].port = 7999;
        let tree = networks[3].change(|tree| tree.set_anchors(&member).unwrap());
        assert_eq!(tree.configuration().unwrap().applications[1], member);
        for network in &networks[..3] {
            assert_eq!(network.tree_after(0), tree);
        }
    }
}

fn wait_for(orderer: &mut Process, log: &mut Vec<String>, text: &str) {
    if !log.iter().any(|line| line.contains(text)) {
        log.extend(orderer.read_until(text));
    }
    assert!(log.iter().any(|line| line.contains(text)), "no `{text}`\n{}", log.join("\n"));
}

/// The organization that joins.
fn second() -> Organization {
    Organization::valid_now("Org2", 1, 0)
}

/// The network with its orderer still running.
pub(crate) fn take_updates(
    network: &Network<'_>,
    (genesis, other): (&ChannelGenesis, &Organization),
    leads: &str,
) -> (Process, ConfigTree) {
    let version = network.version;
    let (mut orderer, mut log) = network.join(&genesis.encode().unwrap());
    wait_for(&mut orderer, &mut log, leads);
    let mut member = genesis.applications[0].clone();
    member.name = other.name.clone();
    member.msp = other.msp();
    member.anchors[0].host = "peer0.org2".to_owned();
    let batch = BatchLimits { max_messages: 7, timeout: "1s".to_owned(), ..genesis.batch.clone() };
    let tree = network.change(|tree| {
        tree.set_batch(&batch).unwrap();
        tree.put_application(&member).unwrap();
    });
    assert_eq!(tree.sequence, 1, "{version}");
    let read = tree.configuration().unwrap();
    assert_eq!(read.batch, batch, "{version}");
    assert_eq!(read.applications, [genesis.applications[0].clone(), member], "{version}");
    assert_eq!(tree.root.groups["Application"].version, 1, "{version}");
    assert_eq!(tree.root.groups["Orderer"].values["BatchSize"].version, 1, "{version}");
    (orderer, tree)
}

/// One orderer of an organization, and its administrator.
pub(crate) struct Network<'a> {
    version: &'static str,
    orderer: &'a Path,
    organization: &'a Organization,
    /// Name of the orderer in its certificate.
    host: &'a str,
    directory: tempfile::TempDir,
    port: u16,
}

impl<'a> Network<'a> {
    pub(crate) fn new(
        (version, orderer): (&'static str, &'a Path),
        (organization, number): (&'a Organization, usize),
    ) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        let node = &organization.orderers[number];
        write_node(organization, node, root);
        write_msp(organization, &organization.admin, &root.join("admin"));
        let client = client_configuration(root, &organization.msp().id, version != "1.0.6");
        fs::write(root.join("core.yaml"), client).unwrap();
        let (host, port) = (node.host.as_str(), free_port());
        let network = Self { version, orderer, organization, host, directory, port };
        if network.names_administrators() {
            for msp in ["msp", "admin"] {
                let msp = network.root().join(msp);
                fs::remove_file(msp.join("config.yaml")).unwrap();
                fs::create_dir(msp.join("admincerts")).unwrap();
                let admin = network.organization.admin.certificate.pem();
                fs::write(msp.join("admincerts/admin.pem"), admin).unwrap();
            }
        }
        network
    }

    /// The client of 1.0 cannot be told the name in the orderer's certificate.
    fn has_tls(&self) -> bool {
        self.version != "1.0.6"
    }

    /// Nodes of these versions do not know the organizational unit `admin`.
    fn names_administrators(&self) -> bool {
        matches!(self.version, "1.0.6" | "1.1.1")
    }

    /// Starts the orderer with the file of a system channel.
    fn boot(&self, block: &[u8]) -> (Process, Vec<String>) {
        let file = self.file("system.block", block);
        let (method, key) = match self.version {
            version if version.starts_with("1.") => ("GenesisMethod", "GenesisFile"),
            _ => ("BootstrapMethod", "BootstrapFile"),
        };
        self.start(&format!("  {method}: file\n  {key}: {file}\n"), "")
    }

    /// Starts the orderer in a channel of its own.
    fn join(&self, block: &[u8]) -> (Process, Vec<String>) {
        let join = self.root().join("ledger/pendingops/join");
        fs::create_dir_all(&join).unwrap();
        fs::write(join.join("mychannel.join"), block).unwrap();
        let participation = "ChannelParticipation:\n  Enabled: true\n  MaxRequestBodySize: 1 MB\n";
        self.start("  BootstrapMethod: none\n", participation)
    }

    /// The process that serves, and its log so far.
    fn start(&self, bootstrap: &str, more: &str) -> (Process, Vec<String>) {
        let (root, port, tls) = (self.root().display(), self.port, self.has_tls());
        let msp_id = self.organization.msp().id;
        // Every version refuses keys that it does not know.
        let (cluster, consensus) = if self.names_administrators() {
            ("", String::new())
        } else {
            let cluster =
                "  Cluster:\n    SendBufferSize: 100\n  Authentication:\n    TimeWindow: 15m\n";
            (cluster, format!("Consensus:\n  WALDir: {root}/wal\n  SnapDir: {root}/snap\n"))
        };
        let more = format!("{more}{consensus}");
        let ledger = if self.version.starts_with("1.") { "  LedgerType: file\n" } else { "" };
        let text = format!(
            "General:
{ledger}{bootstrap}  ListenAddress: 127.0.0.1
  ListenPort: {port}
  LocalMSPID: {msp_id}
  LocalMSPDir: {root}/msp
  TLS:
    Enabled: {tls}
    PrivateKey: {root}/tls/tls.key
    Certificate: {root}/tls/tls.pem
    RootCAs: [{root}/tls/ca.pem]
{cluster}  BCCSP:
    Default: SW
    SW: {{Hash: SHA2, Security: 256}}
FileLedger:
  Location: {root}/ledger
{more}"
        );
        fs::write(self.root().join("orderer.yaml"), text).unwrap();
        let mut orderer = Process::start(Command::new(self.orderer).arg("start"), self.root());
        let log = orderer.read_until(SERVES);
        assert!(
            log.last().is_some_and(|line| line.contains(SERVES)),
            "{}: not started\n{}",
            self.version,
            log.join("\n")
        );
        (orderer, log)
    }

    /// `peer channel …` as the organization's administrator.
    fn administrate(&self, verb: &str, arguments: &[&str]) {
        output(&mut self.command(verb, arguments));
    }

    pub(crate) fn command(&self, verb: &str, arguments: &[&str]) -> Command {
        let root = self.root();
        let mut command = Command::new(self.orderer.with_file_name("peer"));
        command.args(["channel", verb, "-c", "mychannel", "-o"]);
        command.arg(format!("127.0.0.1:{}", self.port));
        if self.has_tls() {
            command.args(["--ordererTLSHostnameOverride", self.host, "--tls", "--cafile"]);
            command.arg(root.join("tls/ca.pem"));
        }
        command.args(arguments);
        command.env("FABRIC_CFG_PATH", root).current_dir(root);
        command.env("CORE_PEER_MSPCONFIGPATH", root.join("admin"));
        command
    }

    /// The configuration that the orderer has now.
    fn tree(&self) -> ConfigTree {
        let file = self.root().join("config.block");
        self.administrate("fetch", &["config", file.to_str().unwrap()]);
        let block = fs::read(file).unwrap();
        assert_eq!(Block::read(&block).unwrap().channel, "mychannel");
        ConfigTree::of_block(&block).unwrap()
    }

    /// Changes the configuration by an update that the administrator signs and sends; what the orderer has then.
    fn change(&self, change: impl FnOnce(&mut ConfigTree)) -> ConfigTree {
        let old = self.tree();
        let mut new = old.clone();
        change(&mut new);
        let update = ConfigUpdate::between("mychannel", &old, &new).unwrap();
        let transaction = self.file("update.tx", &update.transaction(BEGIN));
        self.administrate("update", &["-f", &transaction]);
        let tree = self.tree_after(old.sequence);
        // What we say the configuration is then is what the orderer says, versions included.
        assert_eq!(old.apply(&update).unwrap(), tree, "{}", self.version);
        tree
    }

    /// The configuration after this one: updates are ordered after they were taken.
    pub(crate) fn tree_after(&self, sequence: u64) -> ConfigTree {
        let begin = Instant::now();
        loop {
            let tree = self.tree();
            if tree.sequence > sequence {
                return tree;
            }
            assert!(begin.elapsed() < PATIENCE, "{}: the update is not ordered", self.version);
        }
    }

    pub(crate) fn file(&self, name: &str, content: &[u8]) -> String {
        let file = self.root().join(name);
        fs::write(&file, content).unwrap();
        file.to_str().unwrap().to_owned()
    }

    fn root(&self) -> &Path {
        self.directory.path()
    }
}

/// What every version of `peer` needs to sign and send.
fn client_configuration(root: &Path, msp_id: &str, tls: bool) -> String {
    let root = root.display();
    format!(
        "peer:
  id: client
  localMspId: {msp_id}
  mspConfigPath: {root}/admin
  tls:
    enabled: {tls}
    rootcert:
      file: {root}/tls/ca.pem
  BCCSP:
    Default: SW
    SW:
      Hash: SHA2
      Security: 256
logging:
  level: info
"
    )
}
