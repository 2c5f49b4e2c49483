//! `epollscope`: the workbench.

use super::messages::{no_screen, open_to_all, stdout, tell, warn_if_open};
use super::recording::Recording;
use super::settings::Settings;
use crate::cli::args::{ScreenArgs, ServerArgs};
use crate::error::Failure;
use crate::guide::Kept;
use crate::i18n::{Both, Lang, words};
use crate::probe::{Mode, WhenFull};
use crate::record::{Call, Record};
use crate::server::Setup;
use crate::session::Session;
use crate::tui::terminal::{Signals, Terminal};
use crate::tui::{CodeLanguage, Ended, Stack, Theme, WorkbenchScreen, read_aloud, run as show};

/// Room in the ring, in records: 14 MiB, some tenths of a second of a server that runs freely.
const CAPACITY: usize = 1 << 18;

const INSTEAD: Both = ("`epollscope serve` works without", "`epollscope serve` 不需要屏幕");

pub(super) fn run(
    args: &ServerArgs,
    lang: Lang,
    (how, theme): (ScreenArgs, Theme),
    welcome: bool,
    settings: &Settings,
) -> Result<(), Failure> {
    if !how.linear {
        Terminal::check().map_err(no_screen(INSTEAD))?;
    }
    let mut recording = Recording::open(args.record.to())?;
    let signals = Signals::block().map_err(Failure::refused)?;
    let when_full = if recording.is_on() { WhenFull::Wait } else { WhenFull::Drop };
    let setup =
        Setup { listen: args.listen, policy: args.policy.policy(), gate: Mode::Held, capacity: CAPACITY, when_full };
    let session = Session::open(&setup).map_err(Failure::refused)?;
    recording.begin(format!("workbench {}", session.addr()))?;
    let warning = warn_if_open(session.addr(), lang).then(|| open_to_all(session.addr(), lang));
    let mut screen = WorkbenchScreen::new(session, theme, lang);
    screen.welcome(warning);
    screen.prefer(CodeLanguage::load(settings.code()), settings.pace);
    screen.lead(Kept::load(), welcome && settings.welcome && !how.linear);
    let ended = if how.linear {
        read_aloud(&mut screen, &signals, &mut recording, &mut stdout())
    } else {
        let mut terminal = Terminal::enter().map_err(no_screen(INSTEAD))?;
        show(Stack::new(&mut screen), &mut terminal, &signals, &mut recording)
    };
    let (mut noted, mut fds) = (Ok(()), 0);
    let close = |record: &Record| {
        fds += u32::from(matches!(record.call, Call::Close { .. }));
        recording.note(record, &mut noted);
    };
    let closed = screen.session_mut().map_or(Ok(()), |session| session.close(close));
    let ended = ended.and_then(|ended| noted.map(|()| ended)).map_err(|error| recording.failed(error))?;
    recording.finish()?;
    closed.map_err(Failure::refused)?;
    if ended == Ended::Quit {
        tell(&words!(
            lang,
            "step 7, destroy: {fds} fds closed, including the listener and the epoll object",
            "第 7 步，销毁：关闭了 {fds} 个 fd，包括监听套接字和 epoll 对象"
        ));
    }
    Ok(())
}
