//! The suite: what a user, an operator and a maintainer may rely on, checked with real programs.

mod bench;
mod buckets;
mod chartmuseum;
mod cli;
mod determinism;
mod helm;
mod monitoring;
mod network;
mod pages;
mod programs;
mod readme;
mod registry;
mod registry_behind_nginx;
mod registry_chart;
mod registry_tls;
mod server;
mod tidy;
mod topologies;
