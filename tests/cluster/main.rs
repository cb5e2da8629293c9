//! The cluster suite: what the product promises about a living network, tried on a real Kubernetes.
//!
//! `cargo test --package suite --test cluster -- --cluster [WORD]...` runs the scenarios that the words name,
//! one after the other, against the cluster that `KUBECONFIG` names. Without `--cluster` nothing is touched: whoever runs
//! all tests of the workspace may have a cluster in the environment that is not for trials. Every scenario has networks
//! of its own with prefixed namespaces; it acts through the programs and the commands that they print, and deletes what
//! it made. README.md beside this file says how to run it, [`settings`] reads the environment.

mod cluster;
mod files;
mod network;
mod observation;
mod poll;
mod random;
mod registry;
mod scenarios;
mod settings;
mod stopwatch;
mod timeline;
mod topology;
mod writer;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use cluster::Cluster;
use scenarios::{SCENARIOS, Scenario};
use settings::{Case, Settings};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let chosen = choose(&words);
    if words.iter().any(|word| word == "--list") {
        for scenario in chosen {
            println!("{}: {}", scenario.name, scenario.about);
        }
        return ExitCode::SUCCESS;
    }
    if !words.iter().any(|word| word == "--cluster") {
        println!(
            "not run: the cluster suite makes and deletes namespaces; ask for it with `-- --cluster`"
        );
        return ExitCode::SUCCESS;
    }
    let Some(settings) = Settings::from_environment() else {
        return ExitCode::SUCCESS;
    };
    let cluster = Cluster::new(settings);
    let mut results = Vec::new();
    for (index, scenario) in chosen.iter().enumerate() {
        for case in scenario.cases(&cluster.settings, index) {
            results.push(run(&cluster, scenario, &case));
        }
    }
    summarize(&results)
}

/// The scenario of that name, or those whose names hold the word, for each word; all of them without words.
fn choose(words: &[String]) -> Vec<&'static Scenario> {
    let words: Vec<&String> = words.iter().filter(|word| !word.starts_with("--")).collect();
    let named = |word: &str| SCENARIOS.iter().any(|scenario| scenario.name == word);
    let meant =
        |word: &str, name: &str| if named(word) { name == word } else { name.contains(word) };
    let wanted = |scenario: &&Scenario| {
        words.is_empty() || words.iter().any(|word| meant(word, scenario.name))
    };
    SCENARIOS.iter().filter(wanted).collect()
}

/// What came of one scenario with one case.
struct Run {
    title: String,
    passed: bool,
    took: Duration,
}

fn run(cluster: &Cluster, scenario: &Scenario, case: &Case) -> Run {
    let title = format!("{} [Fabric {}, {}]", scenario.name, case.fabric, case.helm.name());
    println!("\n=== {title}\n    {}", scenario.about);
    let begin = Instant::now();
    // A failed scenario has cleaned up after itself and must not take the others with it.
    let passed = catch_unwind(AssertUnwindSafe(|| (scenario.run)(cluster, case))).is_ok();
    let took = begin.elapsed();
    println!("{} in {:.1} s", if passed { "passed" } else { "FAILED" }, took.as_secs_f64());
    Run { title, passed, took }
}

fn summarize(results: &[Run]) -> ExitCode {
    println!("\n=== summary");
    for Run { title, passed, took } in results {
        let word = if *passed { "passed" } else { "FAILED" };
        println!("{word} {:7.1} s  {title}", took.as_secs_f64());
    }
    let failed = results.iter().filter(|run| !run.passed).count();
    println!("{} passed, {failed} failed", results.len() - failed);
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
