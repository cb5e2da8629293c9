//! The harness of the suite: where things lie, which judges are present, how outputs are compared.
//!
//! Nothing here is product code. The harness reports by panicking with all that a reader needs; a judge that is missing
//! makes a test say "not run" loudly, and with `REQUIRE_ORACLES=1` makes it fail.

pub mod bench;
pub mod generate;
pub mod golden;
pub mod kube;
pub mod oracles;
pub mod package;
pub mod process;
pub mod registry_costs;
pub mod schema;
pub mod topologies;
pub mod workspace;
