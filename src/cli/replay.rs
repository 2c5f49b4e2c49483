//! `epollscope replay`: a recording on the workbench's screen.

use std::path::Path;

use super::messages::{no_screen, quiet, stdout, tell};
use super::reading::{check_variant, tell_variant, variants_of};
use crate::cli::args::ScreenArgs;
use crate::error::Failure;
use crate::i18n::{Both, Lang, shown, words};
use crate::trace::Playback;
use crate::tui::terminal::{Signals, Terminal};
use crate::tui::{CodeLanguage, Stack, Theme, WorkbenchScreen, read_aloud, run as show};

const INSTEAD: Both = (
    "`epollscope export` and `epollscope diff` read it without",
    "`epollscope export` 和 `epollscope diff` 不需要屏幕也能读它",
);

pub(super) fn run(
    (file, variant): (&Path, Option<&str>),
    lang: Lang,
    (how, theme): (ScreenArgs, Theme),
    code: CodeLanguage,
) -> Result<(), Failure> {
    // A FIFO is opened when somebody writes to it, and until then a signal may end the wait.
    let (playback, timeline) = if file == Path::new("-") {
        let opened = Playback::stdin(variant).map_err(Failure::refused)?;
        Terminal::take_keys_from_tty().map_err(no_screen(INSTEAD))?;
        opened
    } else {
        Playback::open_variant(file, variant).map_err(Failure::refused)?
    };
    check_variant(playback.header(), variant)?;
    let others = variants_of(playback.header()).filter(|_| variant.is_none()).map(|names| others(names, lang));
    let signals = Signals::block().map_err(Failure::refused)?;
    if !how.linear {
        Terminal::check().map_err(no_screen(INSTEAD))?;
    }
    tell_variant(&shown(file), playback.header(), variant, lang);
    let mut screen = WorkbenchScreen::replay((playback, timeline), theme, lang);
    screen.prefer(code, 0);
    if std::fs::metadata(file).is_ok_and(|metadata| metadata.is_file()) {
        screen.begin_at_the_start();
    }
    // What standard error was told is hidden behind the screen.
    if others.is_some() {
        screen.welcome(others);
    }
    if how.linear {
        let read = read_aloud(&mut screen, &signals, &mut |_: &_| Ok(()), &mut stdout());
        screen.problems().iter().for_each(tell);
        return quiet(read.map(drop));
    }
    let mut terminal = Terminal::enter().map_err(no_screen(INSTEAD))?;
    let ended = show(Stack::new(&mut screen), &mut terminal, &signals, &mut |_: &_| Ok(()));
    drop(terminal);
    screen.problems().iter().for_each(tell);
    ended.map(drop).map_err(Failure::refused)
}

/// Which variant is looked at where nobody chose, and how another is.
fn others(names: &str, lang: Lang) -> String {
    let first = names.split(", ").next().unwrap_or_default().escape_debug();
    let names = names.escape_debug();
    words!(
        lang,
        "this is the variant {first} of {names}; `--variant NAME` selects another",
        "这是 {names} 中的 {first}；`--variant NAME` 显示另一个"
    )
}
