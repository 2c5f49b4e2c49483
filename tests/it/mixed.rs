//! Runs in which everything happens, in an order drawn from a seed: clients come, send, stop reading, end, close and

use crate::support::random_run::{Run, played};

#[test]
fn a_wait_reports_what_the_world_expected() {
    for seed in 100..112 {
        played(|| Run::new(seed).play(100));
    }
}
