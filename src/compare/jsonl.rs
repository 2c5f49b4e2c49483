//! A comparison as a trace: step by step the records of each twin, each line with the twin's name.

use std::io::{self, Write};

use super::comparison::Comparison;
use crate::trace::{Header, Writer};

/// Writes the header. It does not say when: times are steps and calls.
///
/// # Errors
/// Those of `out`.
pub fn begin<W: Write>(out: W, twins: &Comparison) -> io::Result<W> {
    let names: Vec<&str> = twins.twins().iter().map(super::Variant::name).collect();
    let source = format!("compare {}: {}", twins.scene().name, names.join(", "));
    let header = Header { started: None, ..Header::now(source) };
    Writer::new(out, &header)?.finish()
}

/// Writes the records of a step that has been played.
///
/// # Errors
/// Those of `out`.
pub fn step<W: Write>(mut out: W, twins: &Comparison, step: usize) -> io::Result<W> {
    for twin in twins.twins() {
        let (from, to) = twin.step(step);
        let mut lines = Writer::of_twin(out, twin.name());
        twin.timeline().range(from, to).try_for_each(|record| lines.write(&record))?;
        out = lines.finish()?;
    }
    Ok(out)
}
