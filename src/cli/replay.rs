//! `epollscope replay`: a recording on the workbench's screen.

use std::path::Path;

use super::messages::{no_screen, tell};
use super::reading::{check_twin, tell_twin, twins_of};
use crate::error::Failure;
use crate::i18n::{Both, Lang, words};
use crate::trace::Playback;
use crate::tui::terminal::{Signals, Terminal};
use crate::tui::{Stack, Theme, WorkbenchScreen, run as show};

/// What needs no screen.
const INSTEAD: Both = (
    "`epollscope export` and `epollscope diff` read it without",
    "`epollscope export` 和 `epollscope diff` 不需要屏幕也能读它",
);

pub(super) fn run(file: &Path, twin: Option<&str>, lang: Lang, theme: Theme) -> Result<(), Failure> {
    // A FIFO is opened when somebody writes to it, and until then a signal may end the wait.
    let (playback, timeline) = if file == Path::new("-") {
        let opened = Playback::stdin(twin).map_err(Failure::refused)?;
        Terminal::take_keys_from_tty().map_err(no_screen(INSTEAD))?;
        opened
    } else {
        Playback::open_twin(file, twin).map_err(Failure::refused)?
    };
    check_twin(playback.header(), twin)?;
    let others = twins_of(playback.header()).filter(|_| twin.is_none()).map(|names| others(names, lang));
    let signals = Signals::block().map_err(Failure::refused)?;
    Terminal::check().map_err(no_screen(INSTEAD))?;
    tell_twin(&file.display(), playback.header(), twin, lang);
    let mut app = WorkbenchScreen::replay((playback, timeline), theme, lang);
    if std::fs::metadata(file).is_ok_and(|metadata| metadata.is_file()) {
        app.begin_at_the_start();
    }
    // What standard error was told is hidden behind the screen.
    if others.is_some() {
        app.welcome(others);
    }
    let mut terminal = Terminal::enter().map_err(no_screen(INSTEAD))?;
    let ended = show(Stack::new(&mut app), &mut terminal, &signals, &mut |_: &_| Ok(()));
    drop(terminal);
    app.problems().iter().for_each(tell);
    ended.map(drop).map_err(Failure::refused)
}

/// Which twin is looked at where nobody chose, and how another is.
fn others(names: &str, lang: Lang) -> String {
    let first = names.split(", ").next().unwrap_or_default().escape_debug();
    let names = names.escape_debug();
    words!(
        lang,
        "this is the twin {first} of {names}; `--twin NAME` shows another",
        "这是 {names} 中的 {first}；`--twin NAME` 显示另一个"
    )
}
