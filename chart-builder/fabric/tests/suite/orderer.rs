//! A real orderer loads our identities and leads a channel that begins with our block.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use fabric_artifacts::msp::config_yaml;

use crate::fixture::{Organization, genesis};
use crate::programs::fabric;

/// What an orderer logs when the raft of a channel has a leader.
const LEADER: &str = "Raft leader changed: 0 -> 1";
/// Far beyond the few seconds that it takes.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn an_orderer_leads_a_channel_from_our_block() {
    for (version, program) in fabric("orderer") {
        let organization = Organization::valid_now("Org1", 1, 1);
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        write_identity(&organization, root);
        let join = root.join("ledger/pendingops/join");
        fs::create_dir_all(&join).unwrap();
        let genesis = genesis(std::slice::from_ref(&organization));
        fs::write(join.join("mychannel.join"), genesis.encode().unwrap()).unwrap();
        fs::write(root.join("orderer.yaml"), configuration(root)).unwrap();
        let mut orderer = Orderer::start(&program, root);
        let log = orderer.read_until(LEADER);
        assert!(
            log.last().is_some_and(|line| line.contains(LEADER)),
            "{version}: no leader\n{}",
            log.join("\n")
        );
    }
}

/// Killed at the end, whatever happens.
struct Orderer {
    child: Child,
    lines: Receiver<String>,
}

impl Orderer {
    fn start(program: &Path, root: &Path) -> Self {
        let mut command = Command::new(program);
        command.arg("start").env("FABRIC_CFG_PATH", root).current_dir(root);
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

    /// The log up to the first line with this text, or all of it when the orderer ends or takes too long.
    fn read_until(&mut self, text: &str) -> Vec<String> {
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

impl Drop for Orderer {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn write_identity(organization: &Organization, root: &Path) {
    let node = &organization.orderers[0];
    let files = [
        ("msp/cacerts/ca.pem", organization.ca.certificate().pem().to_owned()),
        ("msp/tlscacerts/tlsca.pem", organization.tls_ca.certificate().pem().to_owned()),
        ("msp/config.yaml", config_yaml("cacerts/ca.pem")),
        ("msp/signcerts/sign.pem", node.sign.certificate.pem().to_owned()),
        ("msp/keystore/sign.key", node.sign.key.to_pem().unwrap()),
        ("tls/ca.pem", organization.tls_ca.certificate().pem().to_owned()),
        ("tls/tls.pem", node.tls.certificate.pem().to_owned()),
        ("tls/tls.key", node.tls.key.to_pem().unwrap()),
    ];
    for (path, text) in files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

fn configuration(root: &Path) -> String {
    // A port of 0 would become the default one, so the system names a free one.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
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
