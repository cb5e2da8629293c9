//! The crate from outside: identities, blocks and packages, alone and beside Fabric's own programs.
//!
//! Fabric's programs are used where `FABRIC_PROGRAMS` names a directory that holds `<version>/bin`; `openssl` where it is on
//! the path. Without them those tests print `not run: …`; the goldens stand for them.

#[cfg(test)]
mod bft;
#[cfg(test)]
mod channels;
#[cfg(test)]
mod configtxgen;
#[cfg(test)]
mod cryptogen;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod genesis;
#[cfg(test)]
mod goldens;
#[cfg(test)]
mod identities;
#[cfg(test)]
mod imports;
#[cfg(test)]
mod nodes;
#[cfg(test)]
mod openssl;
#[cfg(test)]
mod oracle;
#[cfg(test)]
mod packages;
#[cfg(test)]
mod profile;
#[cfg(test)]
mod programs;
#[cfg(test)]
mod signatures;
#[cfg(test)]
mod system;
#[cfg(test)]
mod updates;
