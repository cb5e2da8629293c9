//! What a person writes: the topology file, with every structural fault in it.

pub mod codes;
pub mod tree;
