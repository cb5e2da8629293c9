//! What is wrong with a topology that is well written: one file and one code for each rule, and one list.
//!
//! A rule reads the user's words, the decided network and the lock, and reports places by key path. It stays silent about
//! what a structural fault has made unusable: [`Findings::report`] drops findings whose place, or anything they rest on,
//! is faulty. Every rule carries its documentation, cases in which it fires, and near misses in which it does not; a
//! test runs them all.

mod aliases_range;
mod aliases_unfit;
mod anchor_unknown;
mod batch_sizes;
mod bft_capability;
mod bft_one_owner;
mod bft_surplus;
mod bft_timeouts;
mod bft_too_few;
mod builder_on_alpine;
mod ca_empty_dir;
mod ca_root_key;
mod capabilities_unknown;
mod ccaas_too_old;
mod chaincode_capability;
mod chaincode_channel;
mod chaincode_dns_unfit;
mod chaincode_duplicate;
mod chaincode_legacy;
mod chaincode_name;
mod chaincode_name_too_long;
mod chaincode_named_as_node;
mod chaincode_nowhere;
mod chaincode_package;
mod chaincode_runtime_unfit;
mod chaincode_unacknowledged;
mod chaincode_unread;
mod chaincode_version;
mod channel_duplicate;
mod channel_empty;
mod channel_name;
mod cluster_dns_range;
mod cluster_domain;
mod cluster_unreadable;
mod collection_invalid;
mod collection_members;
mod collection_unfit;
mod consensus_version;
mod consenter_single;
mod consenter_unknown;
mod consenters_even;
mod consenters_many;
mod consenters_none;
mod context;
mod couchdb;
mod couchdb_empty_dir;
mod couchdb_unused;
mod crypto_path;
mod dind_too_new;
mod docker_remote;
mod domains_unresolved;
mod empty_dir;
mod endorsement_grammar;
mod endorsement_member;
mod existing_claim_shared;
mod exposure_domain;
mod exposure_ports;
mod external_endpoint;
mod external_nodes;
mod external_ordering;
mod fabric_broken;
mod fabric_version;
mod frozen;
mod frozen_anchors;
mod frozen_ca;
mod frozen_chaincode;
mod frozen_channel_removed;
mod frozen_channel_settings;
mod frozen_collections;
mod frozen_consensus;
mod frozen_consenters;
mod frozen_consortium;
mod frozen_definition;
mod frozen_fabric_line;
mod frozen_hosts;
mod frozen_kafka;
mod frozen_logs;
mod frozen_members;
mod frozen_msp_id;
mod frozen_namespace;
mod frozen_network;
mod frozen_orderer_gone;
mod frozen_organization_removed;
mod frozen_peer_gone;
mod frozen_sequence;
mod frozen_state_database;
mod frozen_storage;
mod frozen_system_channel;
mod frozen_system_settings;
mod image_latest;
mod image_of_version;
mod image_reference;
mod image_unpublished;
mod indexes_path;
mod indexes_without_couchdb;
mod kafka_message_size;
mod kafka_namespace;
mod kafka_sizes;
mod kafka_storage;
mod kafka_unused;
mod ledger_on_nfs;
mod log_volume;
mod logs;
mod member_duplicate;
mod member_peer_unknown;
mod member_unknown;
mod member_without_peers;
mod monitoring_labels;
mod monitoring_unheard;
mod msp_duplicate;
mod msp_grammar;
mod name_too_long;
mod namespace_alias;
mod namespace_duplicate;
mod namespace_grammar;
mod namespace_of_network;
mod namespace_reserved;
mod network_name;
mod network_version;
mod nodes;
mod object_name;
mod ordering_foreign_settings;
mod ordering_group_unknown;
mod ordering_group_unused;
mod ordering_unreadable;
mod organization_domain;
mod organization_duplicate;
mod organization_empty;
mod organization_name;
mod override_unknown;
mod plain_raft;
mod plain_too_old;
mod plain_unfit;
mod quantity_unreadable;
mod raft_ticks;
mod release_name;
mod removal_unknown;
mod request_above_limit;
mod secret_literal;
mod services_without_peers;
mod solo_orderers;
mod solo_production;
mod state_databases_mixed;
mod storage_contradiction;
mod system_channel_name;
mod system_channel_orderers;
mod volume_nodes;
mod volume_overlap;
mod volume_path;
mod volume_place;
mod volumes;

pub use context::{Context, Finding, Findings};

use crate::diagnostic::Severity;

/// A rule: what it is called, what it is for, and how it is checked.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Stable code.
    pub code: &'static str,
    /// Whether its findings forbid a build.
    pub severity: Severity,
    /// One line for lists.
    pub title: &'static str,
    /// A paragraph for `explain`: whose limit it is, and what happens without the rule.
    pub about: &'static str,
    /// Edits of the example topology that make it fire.
    pub fires: &'static [Case],
    /// Edits that come close and are fine.
    pub near_misses: &'static [Case],
    /// Reports what is wrong.
    pub check: fn(&Context<'_>, &mut Findings<'_>),
}

/// Edits of the example topology: each pair is a text and what stands there instead.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// What the network was when it was built last; `None` for a network that was never built.
    pub built: Option<&'static [(&'static str, &'static str)]>,
    /// What it is now.
    pub edits: &'static [(&'static str, &'static str)],
}

/// A case of a network that was never built.
pub const fn case(edits: &'static [(&'static str, &'static str)]) -> Case {
    Case { built: None, edits }
}

/// A case of a network that was built from the unedited example.
pub const fn rebuilt(edits: &'static [(&'static str, &'static str)]) -> Case {
    Case { built: Some(&[]), edits }
}

/// Every rule, by code.
pub const RULES: &[&Rule] = &[
    &namespace_grammar::RULE,
    &namespace_reserved::RULE,
    &organization_duplicate::RULE,
    &msp_duplicate::RULE,
    &namespace_duplicate::RULE,
    &namespace_of_network::RULE,
    &name_too_long::RULE,
    &network_name::RULE,
    &msp_grammar::RULE,
    &organization_name::RULE,
    &cluster_domain::RULE,
    &network_version::RULE,
    &override_unknown::RULE,
    &namespace_alias::RULE,
    &release_name::RULE,
    &plain_unfit::RULE,
    &plain_raft::RULE,
    &plain_too_old::RULE,
    &channel_name::RULE,
    &channel_duplicate::RULE,
    &member_unknown::RULE,
    &member_duplicate::RULE,
    &member_without_peers::RULE,
    &member_peer_unknown::RULE,
    &anchor_unknown::RULE,
    &ordering_group_unknown::RULE,
    &consenters_none::RULE,
    &consenters_even::RULE,
    &consenter_single::RULE,
    &consenter_unknown::RULE,
    &batch_sizes::RULE,
    &raft_ticks::RULE,
    &ordering_unreadable::RULE,
    &fabric_version::RULE,
    &fabric_broken::RULE,
    &capabilities_unknown::RULE,
    &organization_empty::RULE,
    &channel_empty::RULE,
    &image_of_version::RULE,
    &image_unpublished::RULE,
    &consensus_version::RULE,
    &bft_capability::RULE,
    &solo_orderers::RULE,
    &solo_production::RULE,
    &bft_too_few::RULE,
    &bft_surplus::RULE,
    &ordering_group_unused::RULE,
    &ordering_foreign_settings::RULE,
    &system_channel_orderers::RULE,
    &system_channel_name::RULE,
    &bft_timeouts::RULE,
    &consenters_many::RULE,
    &bft_one_owner::RULE,
    &kafka_sizes::RULE,
    &kafka_message_size::RULE,
    &kafka_unused::RULE,
    &kafka_namespace::RULE,
    &kafka_storage::RULE,
    &frozen_network::RULE,
    &frozen_msp_id::RULE,
    &frozen_namespace::RULE,
    &frozen_organization_removed::RULE,
    &frozen_channel_removed::RULE,
    &frozen_members::RULE,
    &frozen_anchors::RULE,
    &frozen_consenters::RULE,
    &frozen_channel_settings::RULE,
    &frozen_peer_gone::RULE,
    &frozen_orderer_gone::RULE,
    &frozen_storage::RULE,
    &frozen_fabric_line::RULE,
    &frozen_sequence::RULE,
    &frozen_definition::RULE,
    &frozen_chaincode::RULE,
    &frozen_logs::RULE,
    &frozen_hosts::RULE,
    &frozen_collections::RULE,
    &frozen_state_database::RULE,
    &frozen_ca::RULE,
    &frozen_kafka::RULE,
    &frozen_consensus::RULE,
    &frozen_system_channel::RULE,
    &frozen_consortium::RULE,
    &frozen_system_settings::RULE,
    &ccaas_too_old::RULE,
    &chaincode_name::RULE,
    &chaincode_name_too_long::RULE,
    &chaincode_version::RULE,
    &chaincode_channel::RULE,
    &chaincode_duplicate::RULE,
    &endorsement_grammar::RULE,
    &endorsement_member::RULE,
    &image_reference::RULE,
    &image_latest::RULE,
    &chaincode_named_as_node::RULE,
    &chaincode_runtime_unfit::RULE,
    &chaincode_unacknowledged::RULE,
    &chaincode_dns_unfit::RULE,
    &docker_remote::RULE,
    &dind_too_new::RULE,
    &chaincode_nowhere::RULE,
    &chaincode_package::RULE,
    &chaincode_unread::RULE,
    &builder_on_alpine::RULE,
    &chaincode_capability::RULE,
    &chaincode_legacy::RULE,
    &collection_invalid::RULE,
    &collection_members::RULE,
    &collection_unfit::RULE,
    &indexes_without_couchdb::RULE,
    &state_databases_mixed::RULE,
    &indexes_path::RULE,
    &empty_dir::RULE,
    &storage_contradiction::RULE,
    &existing_claim_shared::RULE,
    &quantity_unreadable::RULE,
    &request_above_limit::RULE,
    &object_name::RULE,
    &secret_literal::RULE,
    &removal_unknown::RULE,
    &couchdb_unused::RULE,
    &couchdb_empty_dir::RULE,
    &ca_root_key::RULE,
    &ca_empty_dir::RULE,
    &services_without_peers::RULE,
    &volume_path::RULE,
    &volume_overlap::RULE,
    &volume_place::RULE,
    &ledger_on_nfs::RULE,
    &volume_nodes::RULE,
    &organization_domain::RULE,
    &log_volume::RULE,
    &crypto_path::RULE,
    &exposure_ports::RULE,
    &exposure_domain::RULE,
    &external_endpoint::RULE,
    &external_nodes::RULE,
    &external_ordering::RULE,
    &cluster_unreadable::RULE,
    &cluster_dns_range::RULE,
    &domains_unresolved::RULE,
    &aliases_range::RULE,
    &aliases_unfit::RULE,
    &monitoring_unheard::RULE,
    &monitoring_labels::RULE,
];

/// Runs every rule.
pub fn check(context: &Context<'_>, diagnostics: &mut crate::diagnostic::Diagnostics) {
    for rule in RULES {
        let mut findings = Findings::new(context, rule, diagnostics);
        (rule.check)(context, &mut findings);
    }
}

#[cfg(test)]
mod tests;
