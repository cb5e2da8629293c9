//! The registry over HTTP, without a network: requests go straight into the router.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

#[path = "../support/mod.rs"]
mod support;
#[path = "../../examples/bucket_start/synthetic.rs"]
mod synthetic;

mod access_tokens;
mod atomic;
mod bootstrap;
mod buckets;
mod carrying;
mod certificates;
mod changes;
mod checkpoints;
mod commands;
mod configuration;
mod credentials;
mod damaged;
mod deviations;
mod docker_upstream;
mod drop_in;
mod harness;
mod hostile;
mod hostile_upstreams;
mod identity;
mod importing;
mod issuer;
mod lessons;
mod life;
mod loose;
mod merging;
mod oci;
mod oci_upstreams;
mod oidc;
mod operations;
mod outbound;
mod pages;
mod parity;
mod policies;
mod power;
mod provenance;
mod proxies;
mod publishing;
mod reading;
mod reference;
mod releases;
mod replicas;
mod rows;
mod secure;
mod serving;
mod signed;
mod space;
mod table;
mod tenants;
mod three_processes;
mod tls;
mod touched;
mod views;
mod webhooks;
mod wire;
