//! How a running orderer takes up channels that a release adds, and which ones it leaves alone.

use crate::world::{Outcome, World, chart_file};

const STAMP_FILE: &str = "pod/var/hyperledger/production/network.stamp";

/// SHA-256 of `block`.
const DIGEST: &str = "496aca80e4d8f29fb8e8cd816c3afb48d3f103970b3a2ee1600c08ca67326dee";

/// An orderer whose volume is stamped for `first`, in a release that adds `later`.
fn orderer() -> World {
    let world = World::new();
    world.write(STAMP_FILE, "network=demo\nnode=orderer0.orderer\ngenesis.first=11\n");
    world.write("pod/desired/orderer0.channels", "channel first\nchannel later\n");
    let stamp = format!("network=demo\ngenesis.first=11\ngenesis.later={DIGEST}\n");
    world.write("pod/desired/orderer0.stamp", &stamp);
    world.write("pod/desired/first.block", "first block");
    world.write("pod/desired/later.block", "block");
    world.write("participation", "first\n");
    world
}

fn rounds(world: &World, count: usize) -> Outcome {
    let script = chart_file("fabric-orderer/files/channels.sh");
    world.run(&script, count, &[("NODE", "orderer0")])
}

#[test]
fn an_added_channel_is_joined_and_stamped_once_the_orderer_has_it() {
    let world = orderer();
    let outcome = rounds(&world, 1);
    assert!(outcome.text.contains("orderer0 joins channel later: answer 201"), "{}", outcome.text);
    assert_eq!(world.lines("posted"), ["block"]);
    let kept = ["network=demo", "node=orderer0.orderer", "genesis.first=11"];
    assert_eq!(world.lines(STAMP_FILE), kept, "an answer proves nothing yet");
    let outcome = rounds(&world, 1);
    assert!(outcome.text.contains("has channel later as consenter"), "{}", outcome.text);
    let added = format!("genesis.later={DIGEST}");
    let stamped = [&kept[..], &[added.as_str()]].concat();
    assert_eq!(world.lines(STAMP_FILE), stamped);
    world.remove("asked");
    assert_eq!(rounds(&world, 3).text, "", "there is nothing left to do");
    assert!(!world.exists("asked"));
}

#[test]
fn the_length_of_a_request_is_the_length_of_its_form() {
    let world = orderer();
    rounds(&world, 1);
    let request = std::fs::read_to_string(world.path("request")).unwrap();
    let (head, form) = request.split_once("\r\n\r\n").unwrap();
    let length = format!("Content-Length: {}", form.len());
    assert!(head.lines().any(|line| line == length), "{head}");
    assert!(form.starts_with(&format!("--{DIGEST}\r\n")), "{form}");
    assert!(form.ends_with(&format!("\r\n--{DIGEST}--\r\n")), "{form}");
}

#[test]
fn a_channel_of_the_stamp_is_left_alone_also_when_the_orderer_has_lost_it() {
    let world = orderer();
    world.write("participation", "later\n");
    rounds(&world, 2);
    assert_eq!(world.lines("asked"), ["GET /participation/v1/channels/later"]);
    assert_eq!(world.lines("participation"), ["later"]);
}

#[test]
fn an_orderer_that_does_not_answer_is_asked_again() {
    let world = orderer();
    world.remove("participation");
    let outcome = rounds(&world, 3);
    assert_eq!(outcome.text.matches("does not answer").count(), 1, "{}", outcome.text);
    assert_eq!(world.lines("asked").len(), 3);
    assert_eq!(world.lines(STAMP_FILE).len(), 3);
}

#[test]
fn a_block_of_another_digest_is_given_to_nobody() {
    let world = orderer();
    world.write("pod/desired/later.block", "another block");
    let outcome = rounds(&world, 2);
    assert!(outcome.text.contains("is not the one that this release was built with"));
    assert_eq!(world.lines("participation"), ["first"]);
    assert!(world.lines("asked").iter().all(|it| it.starts_with("GET")));
}

#[test]
fn an_upgrade_ends_when_every_orderer_that_answers_has_its_channels() {
    let world = World::new();
    let own = [
        "channel first orderer0.orderer:8443",
        "channel later orderer0.orderer:8443",
        "channel later orderer1.orderer:8443",
    ];
    let own = own.join("\n") + "\n";
    let page = |channel: &str| format!("participation_status{{channel=\"{channel}\"}} 1\n");
    let script = chart_file("fabric-orderer/files/joined.sh");
    let run = |world: &World| world.run(&script, 3, &[("CHANNELS", own.as_str())]);
    world.write("metrics.orderer0.orderer", &page("first"));
    let outcome = run(&world);
    assert!(outcome.text.contains("orderer0.orderer has not joined channel later"));
    assert_eq!(world.lines("rounds").len(), 3);
    world.write("metrics.orderer0.orderer", &(page("first") + &page("later")));
    let outcome = run(&world);
    assert!(outcome.success && world.lines("rounds").is_empty(), "{}", outcome.text);
}
