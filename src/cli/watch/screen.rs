//! `epollscope watch -- COMMAND` on the screen.

use crate::analysis::History;
use crate::cli::args::WatchArgs;
use crate::cli::findings;
use crate::cli::messages::{no_screen, tell};
use crate::cli::recording::Recording;
use crate::error::Failure;
use crate::i18n::{Both, Lang};
use crate::record::Record;
use crate::tui::terminal::{Signals, Terminal};
use crate::tui::{Stack, Theme, WatchScreen, run as show};
use crate::watch::{HoldAt, Live, PROGRAM, Start, ending};

const INSTEAD: Both = ("`--format text` needs no screen", "`--format text` 不需要屏幕");

/// Shows the program until it is left, and gives its exit status: 0 where it did not end by itself. And the findings.
pub(super) fn run(start: Start, args: &WatchArgs, theme: Theme, lang: Lang) -> Result<(u8, u64), Failure> {
    let mut recording = Recording::open(args.record.to())?;
    let signals = Signals::block().map_err(Failure::refused)?;
    let source = super::source(&start);
    let usual = if matches!(start, Start::Attach(_)) { HoldAt::No } else { HoldAt::Epoll };
    let live = Live::start(start, !args.no_source, args.hold.map_or(usual, HoldAt::from)).map_err(super::refused)?;
    recording.begin(source)?;
    let mut screen = WatchScreen::new(live, theme, lang);
    let mut terminal = Terminal::enter().map_err(no_screen(INSTEAD))?;
    let ended = show(Stack::new(&mut screen), &mut terminal, &signals, &mut recording);
    drop(terminal);
    let end = screen.end().cloned();
    let mut noted = Ok(());
    screen.close(|record: &Record| recording.note(record, &mut noted));
    ended.map(drop).and(noted).map_err(|error| recording.failed(error))?;
    recording.finish()?;
    let found = screen.history().findings();
    let count = found.len() as u64 + found.dropped();
    if count > 0 {
        tell(&findings::text(found, &proof(screen.history(), lang), lang).trim_end());
    }
    let Some(end) = end.transpose().map_err(super::refused)? else { return Ok((0, count)) };
    if end.lacks_depths {
        super::tell_lack_of_depths(lang);
    }
    tell(&ending(PROGRAM, end.status.into(), lang));
    Ok((end.status, count))
}

/// The calls that prove what was found, as far as they are held.
fn proof(history: &History, lang: Lang) -> findings::Proof {
    let mut proof = findings::Proof::default();
    let mut found = history.findings().iter().peekable();
    for record in history.range(history.first(), history.len()) {
        proof.keep(&record);
        while let Some(finding) = found.next_if(|finding| finding.seq <= record.seq.0) {
            proof.find(finding, lang);
        }
    }
    proof
}
