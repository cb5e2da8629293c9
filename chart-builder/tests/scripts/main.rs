//! The scripts inside the curated charts, run by `sh` against a network that is a directory of files.
//!
//! Paths of pods become paths of a temporary directory, `peer` and `nc` are the fakes beside this file, and the end of a
//! round counts instead of waiting. What the scripts do on a real network is the cluster suite's matter.

#[cfg(test)]
mod converge;
#[cfg(test)]
mod coordinator;
#[cfg(test)]
mod coredns;
#[cfg(test)]
mod created_channel;
#[cfg(test)]
mod directories;
#[cfg(test)]
mod dns;
#[cfg(test)]
mod exporter;
#[cfg(test)]
mod inside;
#[cfg(test)]
mod join;
#[cfg(test)]
mod later_channels;
#[cfg(test)]
mod legacy;
#[cfg(test)]
mod looped;
#[cfg(test)]
mod node;
#[cfg(test)]
mod preflight;
#[cfg(test)]
mod roller;
#[cfg(test)]
mod updates;
#[cfg(test)]
mod world;
