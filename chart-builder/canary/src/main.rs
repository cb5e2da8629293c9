//! The program `fabric-canary`.
fn main() {}
