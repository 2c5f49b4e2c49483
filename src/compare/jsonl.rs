//! A comparison as a trace: the records of each variant, step by step, each line with the variant's name.

use std::io::{self, Write};

use super::comparison::Comparison;
use crate::trace::{Header, Writer};

/// Writes the header. It has no date: times in this trace are steps and calls.
pub fn begin<W: Write>(out: W, comparison: &Comparison) -> io::Result<W> {
    let names: Vec<&str> = comparison.variants().iter().map(super::Variant::name).collect();
    let source = format!("compare {}: {}", comparison.scene.name, names.join(", "));
    let header = Header { started: None, ..Header::now(source) };
    Writer::new(out, &header)?.finish()
}

/// Writes the records of a step that has been played.
pub fn step<W: Write>(mut out: W, comparison: &Comparison, step: usize) -> io::Result<W> {
    for variant in comparison.variants() {
        let (from, to) = variant.step(step);
        let mut lines = Writer::of_variant(out, variant.name());
        variant.timeline().range(from, to).try_for_each(|record| lines.write(&record))?;
        out = lines.finish()?;
    }
    Ok(out)
}
