//! FT351: blocks that do not fit into Kafka's messages.

use super::context::groups;
use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};
use crate::model::ConsensusType;
use crate::spec::quantity;

/// Room for what goes with a block, as Fabric's guide for Kafka has it.
const HEADROOM_BYTES: u32 = 1 << 20;
/// What an orderer can send: 1 MiB below the limit that is compiled into it.
const MOST_BYTES: u32 = 99 << 20;

pub(super) static RULE: Rule = Rule {
    code: "FT351",
    severity: Severity::Error,
    title: "absoluteMaxBytes + 1 MiB ≤ messageMaxBytes ≤ 99 MiB",
    about: "A transaction or configuration as large as a block may be has to fit into one message of Kafka, with what goes \
            around it; an orderer sends none of 100 MiB or more. A message that a broker refuses is lost, and with it \
            the transaction.",
    fires: &[
        case(&[("type: etcdraft", "type: kafka\n  kafka: {brokers: {messageMaxBytes: 10MiB}}")]),
        case(&[
            ("type: etcdraft", "type: kafka"),
            ("absoluteMaxBytes: 10MiB", "absoluteMaxBytes: 99MiB"),
        ]),
        case(&[("type: etcdraft", "type: kafka\n  kafka: {brokers: {messageMaxBytes: 100MiB}}")]),
        case(&[("type: etcdraft", "type: kafka\n  kafka: {brokers: {messageMaxBytes: lots}}")]),
    ],
    near_misses: &[
        case(&[("type: etcdraft", "type: kafka\n  kafka: {brokers: {messageMaxBytes: 11MiB}}")]),
        case(&[
            ("type: etcdraft", "type: kafka"),
            ("absoluteMaxBytes: 10MiB", "absoluteMaxBytes: 98MiB"),
        ]),
    ],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some(cluster) = &context.network.kafka else { return };
    let path = KeyPath::root().key("ordering").key("kafka").key("brokers").key("messageMaxBytes");
    let said = context.spec.kafka.as_ref().and_then(|it| it.brokers.message_max_bytes.as_deref());
    if let Some(said) = said {
        let fault = match quantity::bytes(said) {
            None => Some("sizes are bytes with KiB or MiB"),
            Some(bytes) if bytes > MOST_BYTES => {
                Some("an orderer sends no message of 100 MiB or more")
            }
            Some(_) => None,
        };
        if let Some(why) = fault {
            let message = format!("`{said}` is no size of a message");
            findings.report(Finding::at(path, message, why, "write at most `99MiB`"));
            return;
        }
    }
    for (at, group) in groups(context) {
        if group.consensus != Some(ConsensusType::Kafka) {
            continue;
        }
        let said = group.batch.absolute_max_bytes.as_deref();
        // A size that cannot be read is reported by FT315.
        let Some(block) = said.map_or(Some(10 << 20), quantity::bytes) else { continue };
        if block.saturating_add(HEADROOM_BYTES) > cluster.message_max_bytes {
            let message = format!(
                "blocks of {block} bytes do not fit into Kafka's messages of {} bytes",
                cluster.message_max_bytes
            );
            let finding = Finding::at(
                at.key("batch").key("absoluteMaxBytes"),
                message,
                "Kafka refuses a message above its limit; 1 MiB is for what goes with a block",
                "lower `absoluteMaxBytes`, or raise `messageMaxBytes` to at most `99MiB`",
            );
            findings.report(finding.rests_on(path.clone()));
        }
    }
}
