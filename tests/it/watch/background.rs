//! A program whose first process ends before the others.

use std::path::Path;

use crate::support::program::{run, text};
use crate::support::watched::{is_forbidden, python};

#[test]
fn a_server_that_goes_on_in_the_background_leaves_no_ghost() {
    let Some(python) = python() else { return };
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs/right/background.py");
    let ended = run(&["watch", "-q", "--", python.to_str().expect("text"), program.to_str().expect("text")], "");
    if is_forbidden(&ended) {
        return;
    }
    let said = [text(&ended.stdout), text(&ended.stderr)].concat();
    assert!(said.contains("no findings"), "{said}");
}
