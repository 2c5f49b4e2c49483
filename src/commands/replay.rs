//! `epollscope replay`: a recording on the workbench's screen.

use std::path::Path;

use super::reading::choose_twin;
use super::{no_screen, tell};
use crate::error::Failure;
use crate::trace::{Lang, Playback};
use crate::ui::terminal::{Signals, Terminal};
use crate::ui::{App, Theme, run as show};

/// What needs no screen.
const INSTEAD: &str = "`epollscope export` and `epollscope diff` read it without";

pub(super) fn run(file: &Path, twin: Option<&str>, lang: Lang, theme: Theme) -> Result<(), Failure> {
    // A FIFO is opened when somebody writes to it, and until then a signal may end the wait.
    let playback = if file == Path::new("-") {
        let playback = Playback::stdin(twin).map_err(Failure::refused)?;
        Terminal::take_keys_from_tty().map_err(no_screen(INSTEAD))?;
        playback
    } else {
        Playback::open_twin(file, twin).map_err(Failure::refused)?
    };
    choose_twin(&file.display(), playback.header(), twin)?;
    let signals = Signals::block().map_err(Failure::refused)?;
    Terminal::check().map_err(no_screen(INSTEAD))?;
    let mut app = App::replay(playback, theme, lang);
    if std::fs::metadata(file).is_ok_and(|metadata| metadata.is_file()) {
        app.begin_at_the_start();
    }
    let mut terminal = Terminal::enter().map_err(no_screen(INSTEAD))?;
    let ended = show(&mut app, &mut terminal, &signals, |_| Ok(()));
    drop(terminal);
    app.problems().iter().for_each(tell);
    ended.map(drop).map_err(Failure::refused)
}
