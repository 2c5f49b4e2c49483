//! `epollscope grade --look`: the calls of a case on the workbench's screen.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;

use crate::cli::messages::{no_screen, print, tell};
use crate::error::Failure;
use crate::grade::{Case, Graded, Options, Verdict, grade};
use crate::i18n::{Both, Lang, message};
use crate::trace::{Header, Playback, Timeline, Writer};
use crate::tui::terminal::{Signals, Terminal};
use crate::tui::{Screen as _, Stack, Theme, WorkbenchScreen, run as show};

const INSTEAD: Both = ("without --look no screen is needed", "不用 --look 就不需要屏幕");

/// Plays the case, and shows its calls at the moment that proves the verdict, or at its end.
pub(super) fn run(case: &'static Case, options: &Options, theme: Theme) -> Result<(), Failure> {
    let lang = options.lang;
    let signals = Signals::block().map_err(Failure::refused)?;
    Terminal::check().map_err(no_screen(INSTEAD))?;
    let graded = grade(case, options).map_err(|why| {
        tell(&why);
        Failure::check(message!("case {} could not be played", "无法进行用例 {}", case.id))
    })?;
    let mut screen = WorkbenchScreen::replay(recorded(&graded)?, theme, lang);
    while !screen.is_read() {
        screen.take_in(&mut |_| {});
    }
    let end = graded.records.len() as u64;
    screen.look_at(
        match &graded.verdict {
            Verdict::Unclean(said) | Verdict::Fail(said) => said.moment.min(end),
            Verdict::Pass | Verdict::NotApplicable(_) => end,
        },
        None,
    );
    let mut terminal = Terminal::enter().map_err(no_screen(INSTEAD))?;
    let ended = show(Stack::new(&mut screen), &mut terminal, &signals, &mut |_: &_| Ok(()));
    drop(terminal);
    ended.map(drop).map_err(Failure::refused)?;
    print(&verdict(&graded, lang))
}

fn verdict(graded: &Graded, lang: Lang) -> String {
    let mut text = Vec::new();
    // Writing into memory does not fail.
    let _ = super::text::case(&mut text, graded, lang);
    String::from_utf8_lossy(&text).into_owned()
}

/// Its records, as if they came from a file: by the file.
fn recorded(graded: &Graded) -> Result<(Playback, Timeline), Failure> {
    let file = std::env::temp_dir().join(format!("epollscope-grade-{}.jsonl", std::process::id()));
    let written = write(&file, graded).map_err(Failure::refused);
    // It stays open while it is read.
    let read = written.and_then(|()| Playback::open(&file).map_err(Failure::refused));
    // If it is still there, nobody needs it.
    let _ = std::fs::remove_file(&file);
    read
}

fn write(file: &Path, graded: &Graded) -> io::Result<()> {
    let header = Header::now(format!("watch: case {}", graded.case.id));
    let mut writer = Writer::new(BufWriter::new(File::create_new(file)?), &header)?;
    graded.records.iter().try_for_each(|record| writer.write(record))?;
    writer.finish().map(drop)
}
