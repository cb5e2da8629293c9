//! The program `chart-builder`.
fn main() {}
