//! `epollscope export`: a recording as a Chrome trace, or as a table.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use anyhow::{Context as _, anyhow};

use super::reading::Recorded;
use super::{quiet, tell};
use crate::cli::ExportFormat;
use crate::error::Failure;
use crate::trace::export::{Perfetto, Waits};

pub(super) fn run(file: &Path, twin: Option<&str>, to: ExportFormat, output: Option<&Path>) -> Result<(), Failure> {
    let mut recorded = Recorded::open(file, twin)?;
    let out: Box<dyn Write> = match output {
        Some(path) => Box::new(create(path, file)?),
        None => Box::new(io::stdout().lock()),
    };
    let written = match to {
        ExportFormat::Perfetto => as_perfetto(&mut recorded, BufWriter::new(out)),
        ExportFormat::Csv => as_csv(&mut recorded, BufWriter::new(out)),
    };
    let name = recorded.name().to_owned();
    let wrong = recorded.close();
    quiet(written)?;
    match wrong {
        0 => Ok(()),
        1 => Err(Failure::check(anyhow!("{name}: 1 line could not be read; the rest was exported"))),
        _ => Err(Failure::check(anyhow!("{name}: {wrong} lines could not be read; the rest was exported"))),
    }
}

fn create(path: &Path, input: &Path) -> Result<File, Failure> {
    let of = |path: &Path| path.metadata().map(|of| (of.is_file(), of.dev(), of.ino())).ok();
    // Writing it would empty what is to be read.
    if of(path).is_some_and(|it| it.0 && of(input) == Some(it)) {
        let same = anyhow!("{} is the recording itself; choose another file with --output", path.display());
        return Err(Failure::usage(same));
    }
    let created = File::create(path);
    created
        .with_context(|| format!("cannot write to {}; choose another file with --output", path.display()))
        .map_err(Failure::refused)
}

fn as_perfetto(recorded: &mut Recorded, out: impl Write) -> io::Result<()> {
    let mut trace = Perfetto::new(out, recorded.header())?;
    recorded.try_for_each(|record| trace.write(&record))?;
    let (_, left_out) = trace.finish()?;
    if left_out > 0 {
        tell(&format_args!("{}: {left_out} records were left out, of more threads than there may be", recorded.name()));
    }
    Ok(())
}

fn as_csv(recorded: &mut Recorded, out: impl Write) -> io::Result<()> {
    let mut table = Waits::new(out)?;
    recorded.try_for_each(|record| table.write(&record))?;
    table.finish().map(drop)
}
