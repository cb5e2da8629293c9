//! Every Fabric line's configuration files, held against the samples and the programs of that line.
//!
//! Programs are looked for below `FABRIC_PROGRAMS`, one directory for each version with `bin` and `config`; what is not
//! there is named as not run.

#[cfg(test)]
mod channels;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod network;
#[cfg(test)]
mod node;
#[cfg(test)]
mod nodes;
#[cfg(test)]
mod programs;
