//! The program `chart-registry`.
fn main() {}
