//! Hyperledger Fabric artefacts, made natively and reproducibly: no Fabric program is needed to build a network.
//!
//! - [`x509`]: P-256 keys, certificate authorities, identities and TLS certificates; reading and checking them.
//! - [`msp`]: what an organization's MSP says, as channel configuration and as `config.yaml`.
//! - [`cryptogen`]: the directory layout of Fabric's own tool for the same material, written and read.
//! - [`policy`]: the signature policy language, `AND('Org1MSP.peer', 'Org2MSP.peer')`.
//! - [`block`]: genesis blocks of every consensus, reading configuration blocks back, and updates of a configuration.
//! - [`ccaas`]: packages of chaincode as a service and their ids.
//! - [`sources`]: packages of chaincode that peers build, for both lifecycles.
//!
//! Nothing here reads a clock, a file or the environment: time and randomness are parameters, so equal input gives equal
//! bytes. Deliberately left out: signatures over transactions, idemix.

pub mod block;
pub mod ccaas;
pub mod cryptogen;
mod error;
mod hex;
pub mod msp;
pub mod policy;
pub mod sources;
pub mod x509;

pub use error::Error;
