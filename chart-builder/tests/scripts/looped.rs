//! The loop of converge, as the tests of its parts run it.

use crate::world::{Outcome, World, chart_file};

/// Rounds of a member whose release holds all owners.
pub(super) fn converge(world: &World, rounds: usize) -> Outcome {
    converge_as("together", world, rounds)
}

/// Rounds of a release that is `together` with those of all owners, or `alone`.
pub(super) fn converge_as(ready_when: &str, world: &World, rounds: usize) -> Outcome {
    let variables = [
        ("READY_WHEN", ready_when),
        ("WAIT_SECONDS", "5"),
        ("IDLE_SECONDS", "20"),
        ("COMMIT_DELAY_SECONDS", "60"),
        ("CORE_PEER_TLS_ROOTCERT_FILE", "root.pem"),
    ];
    world.run(&chart_file("fabric-org/files/converge.sh"), rounds, &variables)
}

/// Its pod is ready.
pub(super) fn is_done(world: &World) -> bool {
    world.exists("pod/tmp/converged")
}
