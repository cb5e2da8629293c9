//! The exporter of Kafka's metrics, which Kafka's image runs in bash, against brokers of a few bytes on loopback.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::process::Command;
use std::thread::{self, JoinHandle};

use crate::world::{World, chart_file};

/// What the exporter asks: version 1 of the metadata request, all topics.
const QUESTION: &[u8] = b"\0\0\0\x0e\0\x03\0\x01\0\0\0\x01\xff\xff\xff\xff\xff\xff";

/// A broker that answers `questions` times; it ends with what it was asked.
struct Broker {
    address: String,
    thread: JoinHandle<Vec<Vec<u8>>>,
}

impl Broker {
    fn start(answer: Vec<u8>, questions: usize) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let thread = thread::spawn(move || {
            let answer_one = |_| {
                let (mut connection, _) = listener.accept().unwrap();
                let mut question = vec![0; QUESTION.len()];
                connection.read_exact(&mut question).unwrap();
                connection.write_all(&answer).unwrap();
                question
            };
            (0..questions).map(answer_one).collect()
        });
        Self { address, thread }
    }
}

/// A port on which nobody listens.
fn nobody() -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().to_string()
}

fn text(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend(u16::try_from(text.len()).unwrap().to_be_bytes());
    bytes.extend(text.as_bytes());
}

fn numbers(bytes: &mut Vec<u8>, numbers: &[i32]) {
    bytes.extend(i32::try_from(numbers.len()).unwrap().to_be_bytes());
    for number in numbers {
        bytes.extend(number.to_be_bytes());
    }
}

/// A topic with one partition.
fn topic(bytes: &mut Vec<u8>, name: &str, leader: i32, in_sync: &[i32]) {
    bytes.extend(0_u16.to_be_bytes());
    text(bytes, name);
    // Kafka's own topics begin like this.
    bytes.push(u8::from(name.starts_with("__")));
    bytes.extend(1_i32.to_be_bytes());
    bytes.extend(0_u16.to_be_bytes());
    bytes.extend(0_i32.to_be_bytes());
    bytes.extend(leader.to_be_bytes());
    numbers(bytes, &[0, 1, 2]);
    numbers(bytes, in_sync);
}

/// Four brokers, a channel that lacks a copy, one that has no leader, and a topic of Kafka's own.
fn answer() -> Vec<u8> {
    let mut bytes = 1_i32.to_be_bytes().to_vec();
    bytes.extend(4_i32.to_be_bytes());
    for number in 0..4_i32 {
        bytes.extend(number.to_be_bytes());
        text(&mut bytes, &format!("kafka{number}.kafka"));
        bytes.extend(9092_i32.to_be_bytes());
        // No rack.
        bytes.extend((-1_i16).to_be_bytes());
    }
    bytes.extend(2_i32.to_be_bytes());
    bytes.extend(3_i32.to_be_bytes());
    topic(&mut bytes, "mychannel", 2, &[2, 0]);
    topic(&mut bytes, "__consumer_offsets", 1, &[0, 1, 2]);
    topic(&mut bytes, "other.channel", -1, &[0, 1, 2]);
    let mut whole = u32::try_from(bytes.len()).unwrap().to_be_bytes().to_vec();
    whole.extend(bytes);
    whole
}

const METRICS: &[&str] = &[
    "kafka_brokers 4",
    "kafka_topic_partition_leader{topic=\"mychannel\",partition=\"0\"} 2",
    "kafka_topic_partition_replicas{topic=\"mychannel\",partition=\"0\"} 3",
    "kafka_topic_partition_in_sync_replica{topic=\"mychannel\",partition=\"0\"} 2",
    "kafka_topic_partition_under_replicated_partition{topic=\"mychannel\",partition=\"0\"} 1",
    "kafka_topic_partition_leader{topic=\"other.channel\",partition=\"0\"} -1",
    "kafka_topic_partition_replicas{topic=\"other.channel\",partition=\"0\"} 3",
    "kafka_topic_partition_in_sync_replica{topic=\"other.channel\",partition=\"0\"} 3",
    "kafka_topic_partition_under_replicated_partition{topic=\"other.channel\",partition=\"0\"} 0",
];

/// What the exporter has written after these rounds; `None` on a machine without bash.
fn exported(brokers: &[&str], rounds: usize) -> Option<Vec<String>> {
    if Command::new("bash").arg("--version").output().is_err() {
        println!("not run: there is no bash on this machine");
        return None;
    }
    let world = World::new();
    let script = format!("{}\n{}", world.round(), chart_file("fabric-kafka/files/exporter.sh"));
    world.write("exporter.sh", &world.in_pod(&script));
    let output = Command::new("bash")
        .arg(world.path("exporter.sh"))
        .arg(world.path("metrics.txt"))
        .env("WORLD", world.path(""))
        .env("ROUNDS", rounds.to_string())
        .env("BROKERS", brokers.join("\n"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(!world.exists("metrics.txt.new"), "nobody reads half a file");
    let mut metrics = world.lines("metrics.txt");
    // The first line says when it was asked.
    let asked = metrics.remove(0);
    let seconds = asked.strip_prefix("kafka_exporter_asked_seconds ");
    assert!(seconds.is_some_and(|it| it.parse::<u64>().is_ok()), "{asked}");
    Some(metrics)
}

#[test]
fn the_answer_of_a_broker_becomes_metrics_of_the_channels_topics() {
    let broker = Broker::start(answer(), 2);
    let Some(metrics) = exported(&[&broker.address], 2) else { return };
    assert_eq!(metrics, METRICS);
    assert_eq!(broker.thread.join().unwrap(), [QUESTION, QUESTION], "once in each round");
}

#[test]
fn the_next_broker_is_asked_when_one_is_gone_or_breaks_off() {
    let whole = answer();
    let torn = Broker::start(whole[..whole.len() / 2].to_vec(), 1);
    let broker = Broker::start(whole, 1);
    let Some(metrics) = exported(&[&nobody(), &torn.address, &broker.address], 1) else {
        return;
    };
    assert_eq!(metrics, METRICS);
}

#[test]
fn without_any_broker_there_are_none() {
    let Some(metrics) = exported(&[&nobody(), &nobody()], 1) else { return };
    assert_eq!(metrics, ["kafka_brokers 0"]);
}
