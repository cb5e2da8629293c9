//! What Fabric's own programs made stands for them where they are missing. `UPDATE_GOLDENS=1` writes them anew.
//!
//! The inputs come from a seed, so a golden is compared with what is made now.

use std::fs;
use std::path::{Path, PathBuf};

use fabric_artifacts::block::{ConfigTree, ConfigUpdate, Consensus};

use crate::bft::bft;
use crate::fixture::{Organization, article, genesis};
use crate::oracle::Generator;
use crate::profile::{creation_profile, profile, system_profile};
use crate::programs::fabric_of;
use crate::system::{LINES, creation, genesis_of, system};
use crate::updates::compute;

#[test]
fn bft_is_what_configtxgen_makes() {
    let genesis = bft(&[Organization::new("Org1", 1, 2), Organization::new("Orderers", 0, 2)]);
    let golden = golden("bft-3.1.5.block", |directory| {
        generator("3.1.5", directory, |generator| {
            let profile = profile(&genesis, directory);
            generator.generate(&profile, "mychannel", &["-outputBlock"])
        })
    });
    assert_eq!(ConfigTree::of_block(&golden).unwrap(), genesis.tree().unwrap());
}

#[test]
fn system_channels_are_what_configtxgen_makes() {
    let kafka = Consensus::Kafka { brokers: vec!["kafka0.kafka:9092".to_owned()] };
    let cases = [
        ("2.2.15", "kafka-2.2.15.block", LINES[5], kafka),
        ("1.4.12", "solo-1.4.12.block", LINES[0], Consensus::Solo),
        ("1.4.12", "units-1.4.12.block", LINES[3], Consensus::Solo),
    ];
    for (version, file, line, consensus) in cases {
        let genesis = system(&genesis_of(line, 1), consensus);
        let golden = golden(file, |directory| {
            generator(version, directory, |generator| {
                let profile = system_profile(&genesis, directory);
                generator.generate(&profile, &genesis.channel, &["-outputBlock"])
            })
        });
        assert_eq!(ConfigTree::of_block(&golden).unwrap(), genesis.tree().unwrap(), "{file}");
    }
}

/// The envelope of the golden has the time of its making; the update in it is the end of both.
#[test]
fn channel_creations_are_what_configtxgen_makes() {
    let genesis = genesis_of(LINES[5], 1);
    let creation = creation(&genesis);
    let golden = golden("creation-2.2.15.tx", |directory| {
        generator("2.2.15", directory, |generator| {
            let profile = creation_profile(&creation, &genesis.applications, directory);
            generator.generate(&profile, &creation.channel, &["-outputCreateChannelTx"])
        })
    });
    let ours = creation.update().unwrap();
    let start = golden.len() - ours.encode().len();
    assert_eq!(ConfigUpdate::decode(&golden[start..]).unwrap(), ours);
}

#[test]
fn updates_are_what_configtxlator_computes() {
    let raft = genesis(&article(3)).tree().unwrap();
    let mut new = raft.clone();
    new.set_consensus(&genesis(&article(4)).consensus).unwrap();
    new.remove_application("Org2").unwrap();
    let golden = golden("update-2.5.16.pb", |_| {
        let (_, program) = fabric_of("configtxlator", &["2.5.16"]).pop()?;
        Some(compute(&raft, &new, &program))
    });
    let ours = ConfigUpdate::between("mychannel", &raft, &new).unwrap();
    assert_eq!(ConfigUpdate::decode(&golden).unwrap(), ours);
}

fn generator(
    version: &'static str,
    directory: &Path,
    generate: impl FnOnce(&Generator<'_>) -> Vec<u8>,
) -> Option<Vec<u8>> {
    let (version, program) = fabric_of("configtxgen", &[version]).pop()?;
    Some(generate(&Generator { version, program: &program, directory }))
}

/// The golden, made anew where that is asked for and the program is there.
fn golden(name: &str, make: impl FnOnce(&Path) -> Option<Vec<u8>>) -> Vec<u8> {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("UPDATE_GOLDENS").is_some_and(|value| value == "1") {
        let directory = tempfile::tempdir().unwrap();
        if let Some(fresh) = make(directory.path()) {
            fs::write(&path, fresh).unwrap();
        }
    }
    fs::read(path).unwrap()
}
