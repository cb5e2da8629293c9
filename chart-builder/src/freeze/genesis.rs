//! What channels begin with: made once from certificates and topology, read for ever after.
//!
//! A channel begins with a block 0 of its own, or with a transaction to the system channel of its orderers, which begins
//! with a block 0.

use std::collections::BTreeMap;

use chart_format::digest::Sha256;

use super::configuration::View;
use super::{Inputs, Words, codes, finding};
use crate::diagnostic::{Diagnostics, KeyPath};
use crate::directory::paths;
use crate::lock::LockedChannel;
use crate::material::{AnchorUpdate, Creation, FrozenChannel, Material};
use crate::model::{Channel, ONLY_GROUP, OrderingGroup, SystemChannel};

/// Puts what every channel begins with into the material; returns the files that were made now, by path.
pub(super) fn provide(
    inputs: &Inputs<'_>,
    material: &mut Material,
    diagnostics: &mut Diagnostics,
) -> BTreeMap<String, Vec<u8>> {
    let mut provider = Provider { inputs, material, diagnostics, new_files: BTreeMap::new() };
    for group in &inputs.network.ordering {
        if let Some(system) = &group.system_channel {
            provider.system_channel(group, system);
        }
    }
    for (index, channel) in inputs.network.channels.iter().enumerate() {
        let path = KeyPath::root().key("channels").index(index);
        if inputs.network.is_ordered_elsewhere(channel) {
            provider.given_channel(channel, path);
        } else if inputs.network.system_channel_of(channel).is_some() {
            provider.creation(channel, path);
        } else {
            provider.channel(channel, path);
        }
    }
    provider.new_files
}

struct Provider<'a> {
    inputs: &'a Inputs<'a>,
    material: &'a mut Material,
    diagnostics: &'a mut Diagnostics,
    new_files: BTreeMap<String, Vec<u8>>,
}

type Fault = (&'static str, Words);

/// A file that a channel begins with.
struct Beginning<'a> {
    /// Name of the channel.
    channel: &'a str,
    /// Path of the file.
    file: String,
    /// Where the topology says it.
    path: KeyPath,
    /// What is frozen of the channel.
    locked: Option<&'a LockedChannel>,
}

impl Provider<'_> {
    fn system_channel(&mut self, group: &OrderingGroup, system: &SystemChannel) {
        let ordering = KeyPath::root().key("ordering");
        let beginning = Beginning {
            channel: &system.name,
            file: paths::genesis_block(&system.name),
            path: if group.name == ONLY_GROUP {
                ordering
            } else {
                ordering.key("groups").key(&group.name)
            },
            locked: self.inputs.lock.system_channels.get(&system.name),
        };
        let genesis = self.view().system_genesis(group, system);
        if let Some(genesis) = self.provide(&beginning, genesis.map(|it| it.encode())) {
            let genesis_sha256 = Sha256::of(&genesis).to_string();
            let frozen = FrozenChannel { genesis, genesis_sha256 };
            self.material.system_channels.insert(system.name.clone(), frozen);
        }
    }

    fn channel(&mut self, channel: &Channel, path: KeyPath) {
        let beginning = Beginning {
            channel: &channel.name,
            file: paths::genesis_block(&channel.name),
            path,
            locked: self.inputs.lock.channels.get(&channel.name),
        };
        let genesis = self.view().genesis(channel);
        if let Some(genesis) = self.provide(&beginning, genesis.map(|it| it.encode())) {
            let genesis_sha256 = Sha256::of(&genesis).to_string();
            let frozen = FrozenChannel { genesis, genesis_sha256 };
            self.material.channels.insert(channel.name.clone(), frozen);
        }
    }

    /// A channel that somebody else orders: its block 0 is given, not made.
    fn given_channel(&mut self, channel: &Channel, path: KeyPath) {
        let file = paths::genesis_block(&channel.name);
        let given = match self.inputs.lock.channels.get(&channel.name) {
            Some(locked) => self.frozen(&file, locked.origin.sha256()),
            None => self.given(&channel.name, &file),
        };
        match given {
            Ok(genesis) => {
                let genesis_sha256 = Sha256::of(&genesis).to_string();
                let frozen = FrozenChannel { genesis, genesis_sha256 };
                self.material.channels.insert(channel.name.clone(), frozen);
            }
            Err((code, words)) => self.diagnostics.push(finding(code, path, words)),
        }
    }

    fn given(&self, channel: &str, file: &str) -> Result<Vec<u8>, Fault> {
        let why = "somebody else orders this channel, and peers here join it by its block 0 alone"
            .to_owned();
        let fix = format!(
            "ask the ordering service's owner for block 0 of channel `{channel}` and put it there: with Fabric's programs \
             `peer channel fetch 0 {file} --channelID {channel} --orderer HOST:PORT --tls --cafile CERTIFICATE`"
        );
        let Some(bytes) = self.inputs.public.bytes(file) else {
            let message = format!("`{file}` is not there");
            return Err((codes::MISSING_BLOCK, Words { message, why, fix }));
        };
        let fault = match fabric_artifacts::block::Block::read(bytes) {
            Ok(block) if block.channel != channel => {
                format!("it is of channel `{}`", block.channel)
            }
            Ok(block) if block.number != 0 => format!("it is block {}", block.number),
            Ok(_) => return Ok(bytes.to_vec()),
            Err(error) => error.to_string(),
        };
        let message = format!("`{file}` is not block 0 of channel `{channel}`: {fault}");
        Err((codes::UNKNOWN_BLOCK, Words { message, why, fix }))
    }

    fn creation(&mut self, channel: &Channel, path: KeyPath) {
        let beginning = Beginning {
            channel: &channel.name,
            file: paths::channel_creation(&channel.name),
            path: path.clone(),
            locked: self.inputs.lock.channels.get(&channel.name),
        };
        let creation = self.view().creation(channel);
        let transaction = creation
            .as_ref()
            .map(|(creation, time)| creation.update().map(|it| it.transaction(*time)));
        let Some(transaction) = self.provide(&beginning, transaction) else { return };
        match self.view().complete_creation(channel, transaction) {
            Some(Ok(creation)) => {
                self.material.creations.insert(channel.name.clone(), creation);
            }
            Some(Err(error)) => {
                let (code, words) = cannot_be_made(&channel.name, &error);
                self.diagnostics.push(finding(code, path, words));
            }
            None => {}
        }
    }

    fn view(&self) -> View<'_> {
        View { network: self.inputs.network, material: self.material }
    }

    /// The frozen file, or the one that is made now; nothing when it cannot be had, which is reported, or when
    /// certificates are missing, which is said already.
    fn provide(
        &mut self,
        beginning: &Beginning<'_>,
        made: Option<Result<Vec<u8>, fabric_artifacts::Error>>,
    ) -> Option<Vec<u8>> {
        let provided = match beginning.locked {
            Some(locked) => self
                .check_frozen_consenters(beginning.channel, locked)
                .and_then(|()| self.frozen(&beginning.file, locked.origin.sha256()))
                .map(Some),
            None => made.map(|made| self.first(beginning, made)).transpose(),
        };
        match provided {
            Ok(Some(bytes)) => {
                if !self.inputs.public.contains(&beginning.file) {
                    self.new_files.insert(beginning.file.clone(), bytes.clone());
                }
                Some(bytes)
            }
            Ok(None) => None,
            Err((code, words)) => {
                self.diagnostics.push(finding(code, beginning.path.clone(), words));
                None
            }
        }
    }

    /// The file that a running channel was started from.
    fn frozen(&self, file: &str, sha256: &str) -> Result<Vec<u8>, Fault> {
        let why =
            "orderers and peers keep the first block for ever; another one is another channel"
                .to_owned();
        let fix = format!("restore `{file}` from version control");
        let Some(bytes) = self.inputs.public.bytes(file) else {
            let message =
                format!("`{file}` is not there, and network.lock freezes it with SHA-256 {sha256}");
            return Err((codes::MISSING_BLOCK, Words { message, why, fix }));
        };
        let own = Sha256::of(bytes).to_string();
        if own != sha256 {
            let message = format!("`{file}` has SHA-256 {own}, and network.lock freezes {sha256}");
            return Err((codes::CHANGED_BLOCK, Words { message, why, fix }));
        }
        Ok(bytes.to_vec())
    }

    /// Certificates of those who vote stand in the configuration.
    fn check_frozen_consenters(&self, channel: &str, locked: &LockedChannel) -> Result<(), Fault> {
        for consenter in &locked.made_from.consenters {
            let (organization, node) = (&consenter.organization, &consenter.orderer);
            let complete = self.material.organizations.contains_key(organization);
            let certificates = [
                (paths::tls_certificate(organization, node), &consenter.tls_sha256),
                (paths::sign_certificate(organization, node), &consenter.sign_sha256),
            ];
            for (file, frozen) in certificates {
                let Some(frozen) = frozen else { continue };
                let own = self.inputs.public.bytes(&file).map(|pem| Sha256::of(pem).to_string());
                let Some(own) = own.filter(|own| complete && own != frozen) else { continue };
                let words = Words {
                    message: format!(
                        "`{file}` has SHA-256 {own}, and network.lock freezes {frozen} for consenter {} of channel \
                         `{channel}`",
                        consenter.id
                    ),
                    why: "the channel's configuration holds this certificate; channel updates are not built yet"
                        .to_owned(),
                    fix: format!("restore `{file}` from version control"),
                };
                return Err((codes::CHANGED_CERTIFICATE, words));
            }
        }
        Ok(())
    }

    /// The file of a new channel.
    fn first(
        &self,
        beginning: &Beginning<'_>,
        made: Result<Vec<u8>, fabric_artifacts::Error>,
    ) -> Result<Vec<u8>, Fault> {
        let file = &beginning.file;
        let made = made.map_err(|error| cannot_be_made(beginning.channel, &error))?;
        match self.inputs.public.bytes(file) {
            Some(present) if present != made => Err((
                codes::UNKNOWN_BLOCK,
                Words {
                    message: format!(
                        "`{file}` is there, is not in network.lock, and is not what this topology makes"
                    ),
                    why: "it may be of a running channel whose lock was lost, and it is never overwritten"
                        .to_owned(),
                    fix: format!(
                        "restore network.lock from version control, or remove `{file}` if no orderer was started from it"
                    ),
                },
            )),
            Some(_) | None => Ok(made),
        }
    }
}

fn cannot_be_made(channel: &str, error: &fabric_artifacts::Error) -> Fault {
    let words = Words {
        message: error.to_string(),
        why: "an orderer would refuse it".to_owned(),
        fix: format!("edit channel `{channel}` in network.yaml"),
    };
    (codes::GENESIS, words)
}

impl View<'_> {
    /// A creation with everything that follows from it; nothing when a certificate is missing.
    fn complete_creation(
        &self,
        channel: &Channel,
        transaction: Vec<u8>,
    ) -> Option<Result<Creation, fabric_artifacts::Error>> {
        let (creation, time) = self.creation(channel)?;
        let mut anchors = BTreeMap::new();
        for member in channel.members.iter().filter(|member| !member.anchors.is_empty()) {
            let organization = self.application(member, &channel.capabilities)?;
            let update = match creation.first_anchors(&organization) {
                Ok(update) => update,
                Err(error) => return Some(Err(error)),
            };
            let mark = fabric_artifacts::block::anchors_mark(&organization);
            let update = AnchorUpdate { transaction: update.transaction(time), mark };
            anchors.insert(member.organization.clone(), update);
        }
        let mut marks = match creation.update() {
            Ok(update) => vec![update.encode()],
            Err(error) => return Some(Err(error)),
        };
        for orderer in super::facts::orderers(self.network, &channel.consenters) {
            let msp = self.msp(&orderer.organization, &channel.capabilities)?;
            marks.push(msp.mark());
        }
        let sha256 = Sha256::of(&transaction).to_string();
        Some(Ok(Creation { transaction, sha256, marks, anchors }))
    }
}
