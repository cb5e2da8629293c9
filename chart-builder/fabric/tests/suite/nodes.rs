//! Real nodes load our identities and take our block: an orderer leads the channel, a peer joins it for its administrator.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use fabric_artifacts::msp::config_yaml;
use fabric_artifacts::x509::Issued;

use crate::fixture::{Node, Organization, genesis};
use crate::programs::{fabric, output};

/// What an orderer logs when the raft of a channel has a leader.
const LEADER: &str = "Raft leader changed: 0 -> 1";
/// What a peer logs when it serves.
const STARTED: &str = "Started peer with ID=";
/// Far beyond the few seconds that it takes.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

#[test]
fn an_orderer_leads_a_channel_from_our_block() {
    for (version, program) in fabric("orderer") {
        let organization = Organization::valid_now("Org1", 1, 1);
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        write_node(&organization, &organization.orderers[0], root);
        let join = root.join("ledger/pendingops/join");
        fs::create_dir_all(&join).unwrap();
        let genesis = genesis(std::slice::from_ref(&organization));
        fs::write(join.join("mychannel.join"), genesis.encode().unwrap()).unwrap();
        fs::write(root.join("orderer.yaml"), orderer_configuration(root)).unwrap();
        let mut orderer = Process::start(Command::new(&program).arg("start"), root);
        let log = orderer.read_until(LEADER);
        assert!(
            log.last().is_some_and(|line| line.contains(LEADER)),
            "{version}: no leader\n{}",
            log.join("\n")
        );
    }
}

#[test]
fn a_peer_joins_a_channel_with_our_block() {
    for (version, program) in fabric("peer") {
        let organization = Organization::valid_now("Org1", 1, 1);
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        write_node(&organization, &organization.peers[0], root);
        write_msp(&organization, &organization.admin, &root.join("admin"));
        let block = root.join("genesis.block");
        let genesis = genesis(std::slice::from_ref(&organization));
        fs::write(&block, genesis.encode().unwrap()).unwrap();
        fs::write(root.join("core.yaml"), peer_configuration(root)).unwrap();
        let mut peer = Process::start(Command::new(&program).args(["node", "start"]), root);
        let log = peer.read_until(STARTED);
        assert!(
            log.last().is_some_and(|line| line.contains(STARTED)),
            "{version}: not started\n{}",
            log.join("\n")
        );
        let administrator = |arguments: &[&str]| {
            let mut command = Command::new(&program);
            command.args(arguments).env("FABRIC_CFG_PATH", root);
            output(command.env("CORE_PEER_MSPCONFIGPATH", root.join("admin")))
        };
        administrator(&["channel", "join", "-b", block.to_str().unwrap()]);
        let channels = String::from_utf8(administrator(&["channel", "list"])).unwrap();
        assert!(channels.lines().any(|line| line == "mychannel"), "{version}: {channels}");
    }
}

/// Killed at the end, whatever happens.
pub(crate) struct Process {
    child: Child,
    lines: Receiver<String>,
}

impl Process {
    pub(crate) fn start(command: &mut Command, root: &Path) -> Self {
        command.env("FABRIC_CFG_PATH", root).current_dir(root);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (sender, lines) = channel();
        let log = BufReader::new(child.stderr.take().unwrap());
        thread::spawn(move || {
            for line in log.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Self { child, lines }
    }

    /// The log up to the first line with this text, or all of it when the process ends or takes too long.
    pub(crate) fn read_until(&mut self, text: &str) -> Vec<String> {
        let mut log = Vec::new();
        while let Ok(line) = self.lines.recv_timeout(PATIENCE) {
            log.push(line);
            if log.last().is_some_and(|line| line.contains(text)) {
                break;
            }
        }
        log
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `msp` and `tls` of a node.
pub(crate) fn write_node(organization: &Organization, node: &Node, root: &Path) {
    write_msp(organization, &node.sign, &root.join("msp"));
    let files = [
        ("ca.pem", organization.tls_ca.certificate().pem().to_owned()),
        ("tls.pem", node.tls.certificate.pem().to_owned()),
        ("tls.key", node.tls.key.to_pem().unwrap()),
    ];
    for (name, text) in files {
        write(&root.join("tls").join(name), &text);
    }
}

pub(crate) fn write_msp(organization: &Organization, identity: &Issued, root: &Path) {
    let files = [
        ("cacerts/ca.pem", organization.ca.certificate().pem().to_owned()),
        ("tlscacerts/tlsca.pem", organization.tls_ca.certificate().pem().to_owned()),
        ("config.yaml", config_yaml("cacerts/ca.pem")),
        ("signcerts/sign.pem", identity.certificate.pem().to_owned()),
        ("keystore/sign.key", identity.key.to_pem().unwrap()),
    ];
    for (name, text) in files {
        write(&root.join(name), &text);
    }
}

pub(crate) fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn orderer_configuration(root: &Path) -> String {
    // A port of 0 would become the default one, so the system names a free one.
    let port = free_port();
    let root = root.display();
    format!(
        "General:
  ListenAddress: 127.0.0.1
  ListenPort: {port}
  BootstrapMethod: none
  LocalMSPID: Org1MSP
  LocalMSPDir: {root}/msp
  TLS:
    Enabled: true
    PrivateKey: {root}/tls/tls.key
    Certificate: {root}/tls/tls.pem
    RootCAs: [{root}/tls/ca.pem]
  Cluster:
    SendBufferSize: 100
  BCCSP:
    Default: SW
    SW: {{Hash: SHA2, Security: 256}}
FileLedger:
  Location: {root}/ledger
ChannelParticipation:
  Enabled: true
  MaxRequestBodySize: 1 MB
Consensus:
  WALDir: {root}/wal
  SnapDir: {root}/snap
"
    )
}

fn peer_configuration(root: &Path) -> String {
    let (port, chaincode_port) = (free_port(), free_port());
    let root = root.display();
    format!(
        "peer:
  id: peer0.org1
  networkId: test
  address: 127.0.0.1:{port}
  listenAddress: 127.0.0.1:{port}
  chaincodeListenAddress: 127.0.0.1:{chaincode_port}
  chaincodeAddress: 127.0.0.1:{chaincode_port}
  localMspId: Org1MSP
  mspConfigPath: {root}/msp
  fileSystemPath: {root}/data
  tls:
    enabled: true
    cert: {{file: {root}/tls/tls.pem}}
    key: {{file: {root}/tls/tls.key}}
    rootcert: {{file: {root}/tls/ca.pem}}
    serverhostoverride: peer0.org1
  BCCSP:
    Default: SW
    SW: {{Hash: SHA2, Security: 256}}
  gossip:
    orgLeader: true
    useLeaderElection: false
    bootstrap: 127.0.0.1:{port}
  handlers:
    authFilters: [{{name: DefaultAuth}}]
    decorators: [{{name: DefaultDecorator}}]
    endorsers: {{escc: {{name: DefaultEndorsement}}}}
    validators: {{vscc: {{name: DefaultValidation}}}}
  discovery: {{enabled: false}}
  limits: {{concurrency: {{endorserService: 100, deliverService: 100, gatewayService: 100}}}}
vm: {{endpoint: ''}}
chaincode:
  startuptimeout: 300s
  executetimeout: 30s
  mode: net
  externalBuilders: [{{name: none, path: {root}}}]
  system: {{_lifecycle: enable, cscc: enable, lscc: enable, qscc: enable}}
ledger:
  state: {{stateDatabase: goleveldb, totalQueryLimit: 100000}}
  history: {{enableHistoryDatabase: false}}
  pvtdataStore: {{collElgProcMaxDbBatchSize: 5000, collElgProcDbBatchesInterval: 1000, deprioritizedDataReconcilerInterval: 60m, purgeInterval: 100, purgedKeyAuditLogging: false}}
  snapshots: {{rootDir: {root}/snapshots}}
operations: {{listenAddress: 127.0.0.1:0}}
metrics: {{provider: disabled}}
"
    )
}
