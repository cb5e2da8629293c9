//! A token that is revoked in one process is worth nothing in another one, without a restart of it.
//!
//! That a second is enough for it is proved where time is virtual, by the tests of replicas.

use std::time::{Duration, Instant};

use crate::logged::{Logged, program};

/// Long enough for a machine that does much else.
const PATIENCE: Duration = Duration::from_mins(1);

fn made(storage: &str, subject: &str) -> String {
    let made = program(&["token", "create", "--data", storage, "--subject", subject]).output();
    let made = made.unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    String::from_utf8(made.stdout).unwrap().trim().to_owned()
}

#[test]
fn a_revoked_token_is_dead_in_every_process() {
    let folder = tempfile::tempdir().unwrap();
    let storage = folder.path().join("storage");
    let storage = storage.to_str().unwrap();
    std::fs::create_dir(storage).unwrap();
    let admin = made(storage, "admin");
    let start = |name: &str| Logged::start(&["--data", storage], &[], &folder.path().join(name));
    let (one, other) = (start("one.log"), start("other.log"));
    let bearer = |token: &str| format!("authorization: Bearer {token}\r\n");
    for round in 0..5 {
        let token = made(storage, &format!("ci-{round}"));
        let id = token.split('_').nth(1).unwrap();
        let status = |process: &Logged| process.ask("GET /index.yaml", &bearer(&token), b"").status;
        assert_eq!((status(&one), status(&other)), (200, 200));
        let revoke = format!("DELETE /-/v1/tokens/{id}");
        assert_eq!(one.ask(&revoke, &bearer(&admin), b"").status, 200);
        let revoked = Instant::now();
        assert_eq!(status(&one), 401);
        while status(&other) != 401 {
            assert!(revoked.elapsed() < PATIENCE, "the other process still takes the token");
            std::thread::yield_now();
        }
    }
    // What the storage's own command revokes is dead in both.
    let token = made(storage, "last");
    let id = token.split('_').nth(1).unwrap();
    let revoke = program(&["token", "revoke", "--data", storage, id]).output().unwrap();
    assert!(revoke.status.success(), "{}", String::from_utf8_lossy(&revoke.stderr));
    for process in [&one, &other] {
        let begin = Instant::now();
        while process.ask("GET /index.yaml", &bearer(&token), b"").status != 401 {
            assert!(begin.elapsed() < PATIENCE, "a process still takes the token");
            std::thread::yield_now();
        }
    }
}
