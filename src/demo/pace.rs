//! How long each thing is shown.

use std::time::Duration;

use unicode_width::UnicodeWidthStr as _;

use super::Beat;

/// What a caption takes, however short it is, until eyes have found it.
const NOTICED: Duration = Duration::from_millis(1_200);
/// Cells that are read in a second. A Chinese character takes two, and about twice as long as a letter.
const READ: f64 = 20.0;
/// What a client did, or the policy.
const ACT: Duration = Duration::from_millis(1_200);
/// One system call.
const CALL: Duration = Duration::from_millis(750);
/// One of the later calls of a long row, which are all of a kind.
const QUICK: Duration = Duration::from_millis(220);
/// What is seen when the server has come to rest.
const REST: Duration = Duration::from_millis(900);

/// How long `beat` is shown at speed 1; a caption that says `text`.
pub fn dwell(beat: Beat, text: &str) -> Duration {
    match beat {
        Beat::Caption => NOTICED + reading(text),
        Beat::Act => ACT,
        Beat::Call => CALL,
        Beat::Further => QUICK,
        Beat::Rest => REST,
    }
}

/// How long it takes to read `text`.
fn reading(text: &str) -> Duration {
    let cells = u32::try_from(text.width()).unwrap_or(u32::MAX);
    Duration::from_secs_f64(f64::from(cells) / READ)
}
