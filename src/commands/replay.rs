//! `epollscope replay`: a recording on the workbench's screen.

use std::path::Path;

use super::tell;
use crate::error::Failure;
use crate::trace::{Lang, Playback, TraceError};
use crate::ui::terminal::{Signals, Terminal};
use crate::ui::{App, Theme, run as show};

pub(super) fn run(file: &Path, lang: Lang, theme: Theme) -> Result<(), Failure> {
    // A FIFO is opened when somebody writes to it, and until then a signal may end the wait.
    let playback = if file == Path::new("-") {
        let playback = Playback::stdin().map_err(unreadable)?;
        Terminal::take_keys_from_tty().map_err(Failure::refused)?;
        playback
    } else {
        Playback::open(file).map_err(unreadable)?
    };
    let signals = Signals::block().map_err(Failure::refused)?;
    Terminal::check().map_err(Failure::refused)?;
    let mut app = App::replay(playback, theme, lang);
    if std::fs::metadata(file).is_ok_and(|metadata| metadata.is_file()) {
        app.begin_at_the_start();
    }
    let mut terminal = Terminal::enter().map_err(Failure::refused)?;
    let ended = show(&mut app, &mut terminal, &signals, |_| Ok(()));
    drop(terminal);
    app.problems().iter().for_each(|problem| tell(problem));
    ended.map(drop).map_err(Failure::refused)
}

/// A recording that the system does not let us read is one thing, a file that is none another.
fn unreadable(error: TraceError) -> Failure {
    match error {
        TraceError::Io { .. } => Failure::refused(error),
        _ => Failure::usage(error),
    }
}
