//! `epollscope replay`: a recording on the workbench's screen.

use std::path::Path;

use anyhow::anyhow;

use super::tell;
use crate::error::Failure;
use crate::trace::{Header, Lang, Playback, TraceError};
use crate::ui::terminal::{Signals, Terminal};
use crate::ui::{App, Theme, run as show};

pub(super) fn run(file: &Path, twin: Option<&str>, lang: Lang, theme: Theme) -> Result<(), Failure> {
    // A FIFO is opened when somebody writes to it, and until then a signal may end the wait.
    let playback = if file == Path::new("-") {
        let playback = Playback::stdin(twin).map_err(unreadable)?;
        Terminal::take_keys_from_tty().map_err(Failure::refused)?;
        playback
    } else {
        Playback::open_twin(file, twin).map_err(unreadable)?
    };
    if let Some(twin) = twin {
        is_among(twin, playback.header()).map_err(Failure::usage)?;
    }
    let signals = Signals::block().map_err(Failure::refused)?;
    Terminal::check().map_err(Failure::refused)?;
    let mut app = App::replay(playback, theme, lang);
    if std::fs::metadata(file).is_ok_and(|metadata| metadata.is_file()) {
        app.begin_at_the_start();
    }
    let mut terminal = Terminal::enter().map_err(Failure::refused)?;
    let ended = show(&mut app, &mut terminal, &signals, |_| Ok(()));
    drop(terminal);
    app.problems().iter().for_each(tell);
    ended.map(drop).map_err(Failure::refused)
}

/// The source of such a recording names its twins: `compare message: level, edge`.
fn is_among(twin: &str, header: &Header) -> anyhow::Result<()> {
    let names = header.source.strip_prefix("compare ").and_then(|source| source.rsplit_once(": "));
    let Some((_, names)) = names else {
        return Err(anyhow!("this is not a recording of `epollscope compare`; leave --twin out"));
    };
    if names.split(", ").any(|name| name == twin) {
        return Ok(());
    }
    Err(anyhow!("this recording has no twin {twin:?}; it has {}", names.escape_debug()))
}

/// A recording that the system does not let us read is one thing, a file that is none another.
fn unreadable(error: TraceError) -> Failure {
    match error {
        TraceError::Io { .. } => Failure::refused(error),
        _ => Failure::usage(error),
    }
}
