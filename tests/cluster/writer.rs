//! A client that writes without pause and records what it was told: every value that was committed has to be there later.
//!
//! It is a pod of its own beside converge of `Org1`, with the same identity and configuration, so that it lives while
//! every pod of the network dies. It goes to another orderer and to other peers when something fails, as clients do.

use serde_json::{Value, json};

use crate::network::{Network, SETTLE};
use crate::poll;
use crate::topology::{CHAINCODE, CHANNEL};

/// Name of the pod.
const POD: &str = "writer";

/// One transaction after the other, and for each a line `VALID number time` or `failed number time reason`; the time is
/// in hundredths of seconds since the node started.
const SCRIPT: &str = r#"
number=0
turn=0
orderers=$(echo "$ORDERERS" | wc -w)
while [ ! -e /tmp/stop ]; do
  number=$((number + 1))
  orderer=$(echo "$ORDERERS" | tr ' ' '\n' | sed -n "$((turn % orderers + 1))p")
  peer=peer$((turn % 2))
  set -- -C "$CHANNEL" -n "$CHAINCODE" -c "{\"Args\":[\"put\",\"writer-$number\",\"$number\"]}"
  set -- "$@" --waitForEvent --waitForEventTimeout 4s --connTimeout 1s
  set -- "$@" -o "$orderer" --tls --cafile /etc/fabric/roots/OrdererMSP.pem
  for organization in 1 2; do
    set -- "$@" --peerAddresses "$peer.$NETWORK-org$organization:7051"
    set -- "$@" --tlsRootCertFiles "/etc/fabric/roots/Org${organization}MSP.pem"
  done
  if CORE_PEER_ADDRESS=$peer:7051 timeout 6 peer chaincode invoke "$@" >/tmp/said 2>&1; then
    result=VALID
  else
    result=failed
    turn=$((turn + 1))
  fi
  echo "$result $number $(cut -d ' ' -f 1 /proc/uptime | tr -d .) $orderer $peer $(tail -n 1 /tmp/said)"
done
echo stopped
exec tail -f /dev/null
"#;

/// Reads every number back by one peer, and prints those that are missing.
const READ_BACK: &str = r#"
for number in $NUMBERS; do
  found=$(CORE_PEER_ADDRESS=peer0:7051 timeout 30 peer chaincode query -C "$CHANNEL" -n "$CHAINCODE" \
    -c "{\"Args\":[\"get\",\"writer-$number\"]}" 2>/tmp/said)
  [ "$found" = "$number" ] || echo "$number: $found $(tail -n 1 /tmp/said)"
done
"#;

/// What a client was told.
#[derive(Debug)]
pub(crate) struct Record {
    /// Numbers of the transactions that were committed as VALID.
    pub(crate) valid: Vec<u64>,
    /// How many were refused or took too long.
    pub(crate) failed: usize,
    /// When they were committed, in seconds of the node's clock.
    pub(crate) committed: Vec<f64>,
    /// Every line that the client wrote.
    pub(crate) lines: Vec<String>,
}

impl Record {
    /// Prints what came of it.
    pub(crate) fn tell(&self) {
        println!(
            "             {} transactions are there, {} failed, longest gap {:.1} s",
            self.valid.len(),
            self.failed,
            self.longest_gap()
        );
    }

    /// Longest time between two that were committed, in seconds.
    pub(crate) fn longest_gap(&self) -> f64 {
        self.longest_gap_ending_within(f64::MIN, f64::MAX)
    }

    /// The same of the gaps that end between two moments.
    pub(crate) fn longest_gap_ending_within(&self, begin: f64, end: f64) -> f64 {
        let gaps = self.gaps().filter(|(_, to)| *to > begin && *to <= end);
        gaps.map(|(from, to)| to - from).fold(0.0, f64::max)
    }

    /// What the client wrote during the longest gap, with the transactions at both of its ends.
    pub(crate) fn told_in_longest_gap(&self) -> Vec<&str> {
        let longest = self.longest_gap();
        let found = self.gaps().find(|(from, to)| to - from >= longest);
        let within = |line: &&str| {
            let time = line.split(' ').nth(2).and_then(|time| time.parse::<f64>().ok());
            found.zip(time).is_some_and(|((from, to), time)| {
                let time = time / 100.0;
                time >= from && time <= to
            })
        };
        self.lines.iter().map(String::as_str).filter(within).collect()
    }

    fn gaps(&self) -> impl Iterator<Item = (f64, f64)> {
        self.committed.windows(2).map(|pair| (pair[0], pair[1]))
    }
}

/// A writer in the namespace of `Org1`.
pub(crate) struct Writer<'a> {
    network: &'a Network<'a>,
    namespace: String,
}

impl<'a> Writer<'a> {
    /// Makes the pod and waits for its first committed transaction.
    pub(crate) fn start(network: &'a Network<'a>) -> Self {
        let writer = Self { network, namespace: network.namespace("org1") };
        network.cluster.apply(&writer.pod());
        writer.wait_for_another();
        writer
    }

    /// Waits until one more transaction than now has been committed.
    pub(crate) fn wait_for_another(&self) {
        let before = self.count();
        poll::until("the client goes on", SETTLE, || match self.count() {
            count if count > before => Ok(()),
            count => Err(format!("{count} transactions\n{}", self.lines().join("\n"))),
        });
    }

    /// Ends the writing; panics if anything that was committed is not there.
    pub(crate) fn stop(self) -> Record {
        self.exec("touch /tmp/stop");
        poll::until("the client stops", SETTLE, || {
            let lines = self.lines();
            lines.iter().any(|line| line == "stopped").then_some(()).ok_or(lines.join("\n"))
        });
        let record = self.record();
        let numbers: Vec<String> = record.valid.iter().map(u64::to_string).collect();
        let lost = self.exec(&format!("NUMBERS='{}'\n{READ_BACK}", numbers.join(" ")));
        assert!(lost.trim().is_empty(), "committed and not there:\n{lost}");
        let delete = ["delete", "pod", POD, "--namespace", &self.namespace, "--grace-period=0"];
        self.network.cluster.kubectl(&delete).success();
        record
    }

    /// The time by the clock of the records.
    pub(crate) fn now(&self) -> f64 {
        let uptime = self.exec("cut -d ' ' -f 1 /proc/uptime");
        uptime.trim().parse().expect("seconds since the node started")
    }

    /// What the client was told until now.
    pub(crate) fn record(&self) -> Record {
        let lines = self.lines();
        let committed: Vec<(u64, f64)> = lines.iter().filter_map(|line| committed(line)).collect();
        Record {
            failed: lines.iter().filter(|line| line.starts_with("failed ")).count(),
            valid: committed.iter().map(|(number, _)| *number).collect(),
            committed: committed.into_iter().map(|(_, time)| time / 100.0).collect(),
            lines,
        }
    }

    fn count(&self) -> usize {
        self.lines().iter().filter(|line| committed(line).is_some()).count()
    }

    fn lines(&self) -> Vec<String> {
        let logs = self.network.cluster.kubectl(&["logs", POD, "--namespace", &self.namespace]);
        logs.stdout.lines().map(str::to_owned).collect()
    }

    fn exec(&self, script: &str) -> String {
        let exec = ["exec", POD, "--namespace", &self.namespace, "--", "sh", "-c", script];
        self.network.cluster.kubectl(&exec).success().stdout
    }

    fn pod(&self) -> Value {
        let mut pod = beside_converge(self.network, "org1", POD, SCRIPT);
        let orderers = 0..self.network.topology.orderers;
        let orderer =
            |number| format!("orderer{number}.{}:7050", self.network.namespace("orderer"));
        let variables = [
            ("CHANNEL", CHANNEL.to_owned()),
            ("CHAINCODE", CHAINCODE.to_owned()),
            ("NETWORK", self.network.topology.name.clone()),
            ("ORDERERS", orderers.map(orderer).collect::<Vec<_>>().join(" ")),
        ];
        let environment = &mut pod["spec"]["containers"][0]["env"];
        let environment = environment.as_array_mut().expect("an environment");
        environment.extend(variables.map(|(name, value)| json!({"name": name, "value": value})));
        pod
    }
}

/// The pod of an organization's converge with another name and another command: a client with its identity.
pub(crate) fn beside_converge(
    network: &Network<'_>,
    organization: &str,
    name: &str,
    script: &str,
) -> Value {
    let namespace = network.namespace(organization);
    let converge = network.cluster.get(&["deployment", "converge", "--namespace", &namespace]);
    let template = &converge["spec"]["template"];
    let mut spec = template["spec"].clone();
    spec["initContainers"] = Value::Null;
    // Where owners release alone, there is a container beside it.
    let named = |container: &&Value| container["name"] == "converge";
    let found = spec["containers"].as_array().into_iter().flatten().find(named).cloned();
    spec["containers"] = json!([found.expect("the container of converge")]);
    let container = &mut spec["containers"][0];
    container["readinessProbe"] = Value::Null;
    container["command"] = json!(["sh", "-c", script]);
    let mut labels = template["metadata"]["labels"].clone();
    labels["fabric.network/node"] = json!(name);
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "labels": labels},
        "spec": spec,
    })
}

/// Number and time of a committed transaction.
fn committed(line: &str) -> Option<(u64, f64)> {
    let mut words = line.strip_prefix("VALID ")?.split(' ');
    Some((words.next()?.parse().ok()?, words.next()?.parse().ok()?))
}
