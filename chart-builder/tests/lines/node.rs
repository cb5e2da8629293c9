//! A node of a small network in a directory of its own, and its processes.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use chart_builder::fabric_line::SOLO;
use chart_builder::model::Network;
use chart_builder::render::{OrdererStart, core_yaml, orderer_yaml};
use fabric_artifacts::block::{
    ApplicationOrganization, BatchLimits, Capabilities, Consensus, Consortium, OrdererOrganization,
    SystemChannelGenesis,
};
use fabric_artifacts::msp::config_yaml;
use fabric_artifacts::x509::Issued;
use time::macros::datetime;

use crate::network::{Certificates, network};

/// What an orderer of any version logs when it serves.
const SERVING: &str = "Beginning to serve requests";
/// What a peer of any version logs when it serves.
const STARTED: &str = "Started peer with ID=";
/// Far beyond the seconds that it takes.
const PATIENCE: Duration = Duration::from_mins(2);

/// A node of an organization in a directory of its own.
pub(crate) struct Node {
    pub(crate) network: Network,
    pub(crate) certificates: Certificates,
    pub(crate) root: tempfile::TempDir,
    ports: BTreeMap<&'static str, u16>,
}

impl Node {
    pub(crate) fn new(version: &str) -> Self {
        let root = tempfile::tempdir().unwrap();
        // All at once, so that no two are the same.
        let listeners: Vec<_> =
            PORTS.iter().map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
        let ports = PORTS.into_iter().zip(&listeners);
        let ports = ports.map(|(port, it)| (port, it.local_addr().unwrap().port())).collect();
        let (network, certificates) = (network(version), Certificates::issue());
        let node = Self { network, certificates, root, ports };
        let tls = &node.certificates.tls;
        node.write("fabric/tls/ca.crt", node.certificates.tls_ca.certificate().pem().as_bytes());
        node.write("fabric/tls/tls.crt", tls.certificate.pem().as_bytes());
        node.write("fabric/tls/tls.key", tls.key.to_pem().unwrap().as_bytes());
        node.write("fabric/admin/ca.pem", node.certificates.tls_ca.certificate().pem().as_bytes());
        node
    }

    pub(crate) fn write(&self, path: &str, bytes: &[u8]) -> PathBuf {
        let path = self.root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    /// The directory that the charts mount: administrators by certificate where the version does not know their unit.
    fn write_msp(&self, directory: &str, identity: &Issued) {
        let write = |path: &str, text: &str| {
            self.write(&format!("{directory}/{path}"), text.as_bytes());
        };
        write("cacerts/ca.pem", self.certificates.ca.certificate().pem());
        write("tlscacerts/tlsca.pem", self.certificates.tls_ca.certificate().pem());
        write("signcerts/cert.pem", identity.certificate.pem());
        write("keystore/key.pem", &identity.key.to_pem().unwrap());
        if self.network.line().knows_admin_unit(&self.network.fabric) {
            write("config.yaml", &config_yaml("cacerts/ca.pem"));
        } else {
            write("admincerts/admin.pem", self.certificates.admin.certificate.pem());
        }
    }

    pub(crate) fn write_builder(&self) {
        let charts =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../charts/fabric-org/files/builder");
        for program in ["detect", "build", "release"] {
            let text = fs::read(charts.join(format!("{program}.sh"))).unwrap();
            let path = self.write(&format!("fabric/builders/ccaas/bin/{program}"), &text);
            fs::set_permissions(path, fs::Permissions::from_mode(0o555)).unwrap();
        }
    }

    /// The text with paths of this directory and ports that are free.
    fn on_loopback(&self, text: &str) -> String {
        let root = self.root.path().display();
        let mut text = text.replace("/etc/fabric", &format!("{root}/fabric"));
        text = text.replace("/var/hyperledger", &format!("{root}/hyperledger"));
        text = text.replace("ListenAddress: 0.0.0.0\n", "ListenAddress: 127.0.0.1\n");
        for (port, free) in &self.ports {
            text = text.replace(&format!("0.0.0.0:{port}"), &format!("127.0.0.1:{free}"));
            text = text.replace(&format!("127.0.0.1:{port}"), &format!("127.0.0.1:{free}"));
            text = text.replace(&format!("ListenPort: {port}\n"), &format!("ListenPort: {free}\n"));
        }
        text
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env("FABRIC_CFG_PATH", self.root.path().join("fabric"));
        command.env("CORE_PEER_LOCALMSPID", "Org1MSP").current_dir(self.root.path());
        command
    }

    pub(crate) fn start_peer(&self, version: &str, program: &Path) -> Process {
        self.write_msp("fabric/msp", &self.certificates.peer);
        let text = self.on_loopback(&core_yaml(&self.network).unwrap());
        self.write("fabric/core.yaml", text.as_bytes());
        let address = self.peer_address();
        let roots = self.certificates.tls_ca.certificate().pem();
        let mut command = self.command(program);
        command.args(["node", "start"]).env("CORE_PEER_ID", "peer0.org1");
        command.env("CORE_PEER_ADDRESS", &address).env("CORE_PEER_GOSSIP_BOOTSTRAP", &address);
        command.env("CORE_PEER_GOSSIP_ENDPOINT", &address);
        let configuration = serde_json::json!({ "tlsroot": roots }).to_string();
        command.env("CHAINCODE_AS_A_SERVICE_BUILDER_CONFIG", configuration);
        let mut peer = Process::start(&mut command);
        peer.expect_line(version, STARTED);
        peer
    }

    /// The version's orderers begin with a system channel.
    pub(crate) fn has_system_channel(&self) -> bool {
        let line = self.network.line();
        line.participation.is_none() && line.needs_system_channel(&self.network.fabric, SOLO)
    }

    pub(crate) fn start_orderer(&self, version: &str, program: &Path) -> Process {
        let start = if self.has_system_channel() {
            self.write("fabric/genesis/system-channel.block", &system_channel(self));
            OrdererStart::SystemChannel
        } else {
            OrdererStart::Participation
        };
        self.write_msp("fabric/orderer", &self.certificates.orderer);
        let text = self.on_loopback(&orderer_yaml(&self.network, start).unwrap());
        self.write("fabric/orderer.yaml", text.as_bytes());
        let mut command = self.command(program);
        command.arg("start").env("ORDERER_GENERAL_LOCALMSPID", "Org1MSP");
        let directory = self.root.path().join("fabric/orderer");
        command.env("ORDERER_GENERAL_LOCALMSPDIR", directory);
        let mut orderer = Process::start(&mut command);
        orderer.expect_line(version, SERVING);
        orderer
    }

    pub(crate) fn orderer_address(&self) -> String {
        format!("localhost:{}", self.ports["7050"])
    }

    fn peer_address(&self) -> String {
        format!("localhost:{}", self.ports["7051"])
    }

    /// `peer` as the administrator.
    pub(crate) fn administrator(&self, program: &Path) -> Command {
        self.write_msp("fabric/administrator", &self.certificates.admin);
        let fabric = self.root.path().join("fabric");
        let mut command = self.command(program);
        command.env("CORE_PEER_MSPCONFIGPATH", fabric.join("administrator"));
        command.env("CORE_PEER_ADDRESS", self.peer_address());
        command.env("CORE_PEER_TLS_ROOTCERT_FILE", fabric.join("tls/ca.crt"));
        // Fabric 1.0 answers in its log.
        command.env("CORE_LOGGING_FORMAT", "%{message}");
        command
    }
}

/// Ports of our configuration files.
const PORTS: [&str; 6] = ["7050", "7051", "7052", "7053", "8443", "9443"];

/// Block 0 of a system channel with the capabilities of the version.
fn system_channel(node: &Node) -> Vec<u8> {
    let own = &node.network.capabilities;
    let msp = node.certificates.msp(&own.channel);
    let member =
        ApplicationOrganization { name: "Org1".to_owned(), msp: msp.clone(), anchors: Vec::new() };
    let genesis = SystemChannelGenesis {
        channel: "system-channel".to_owned(),
        capabilities: Capabilities {
            channel: own.channel.clone(),
            orderer: own.orderer.clone(),
            application: own.application.clone(),
        },
        batch: BatchLimits {
            timeout: "2s".to_owned(),
            max_messages: 500,
            absolute_max_bytes: 10 << 20,
            preferred_max_bytes: 2 << 20,
        },
        consensus: Consensus::Solo,
        orderers: vec![OrdererOrganization {
            name: "Org1".to_owned(),
            msp,
            endpoints: vec![node.orderer_address()],
        }],
        consortiums: vec![Consortium {
            name: "SampleConsortium".to_owned(),
            members: vec![member],
        }],
        timestamp: datetime!(2026-11-25 12:00 UTC),
    };
    genesis.encode().unwrap()
}

/// Ended at the end, whatever happens.
pub(crate) struct Process {
    child: Child,
    lines: Receiver<String>,
}

impl Process {
    fn start(command: &mut Command) -> Self {
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

    /// Reads the log up to a line with this text.
    fn expect_line(&mut self, version: &str, text: &str) {
        let mut log = Vec::new();
        while let Ok(line) = self.lines.recv_timeout(PATIENCE) {
            log.push(line);
            if log.last().is_some_and(|line| line.contains(text)) {
                return;
            }
        }
        panic!("{version}: no `{text}`\n{}", log.join("\n"));
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
