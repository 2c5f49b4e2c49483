//! The terminal, borrowed and given back.
//!
//! A screen takes over what belongs to the user's shell: the line settings, the picture, the cursor. Whatever ends the
//! program, they are given back first: leaving, an error, a signal, a panic in any thread, an abort. What was borrowed is
//! kept in one place, from which it is given back once, by whoever comes first.
//!
//! crossterm spells the sequences. The line settings are set here, since its `enable_raw_mode` does nothing for a
//! terminal that a shell changed while the program was stopped; and keys are read here, for which see [`Keyboard`].

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd as _;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::style::{Attribute, ResetColor, SetAttribute};
use crossterm::terminal::{
    BeginSynchronizedUpdate, DisableLineWrap, EnableLineWrap, EndSynchronizedUpdate, EnterAlternateScreen,
    LeaveAlternateScreen,
};
use crossterm::{cursor, queue};
use nix::sys::signal::{SigSet, SigmaskHow, Signal, kill};
use nix::sys::termios::{FlushArg, SetArg, Termios, cfmakeraw, tcflush, tcgetattr, tcsetattr};
use nix::unistd::Pid;
use ratatui::prelude::{CrosstermBackend, Frame, Rect, Size};

use super::clipboard::copying;
use crate::i18n::{Lang, words};
use crate::sys::{self, GiveBack, Patient};

/// Why there can be no screen here. Each says what works instead.
#[derive(Debug, thiserror::Error)]
pub enum TerminalError {
    #[error("{}", self.words(Lang::En))]
    NotATerminal(&'static str),
    #[error("{}", self.words(Lang::En))]
    Unnamed,
    #[error("{}", self.words(Lang::En))]
    Dumb,
    /// The system refused the terminal's settings or size, or a write to it.
    #[error("{}", self.words(Lang::En))]
    Refused(#[from] io::Error),
}

impl TerminalError {
    pub fn words(&self, lang: Lang) -> String {
        match self {
            Self::NotATerminal(which) => {
                let zh = if *which == "input" { "标准输入" } else { "标准输出" };
                lang.of(
                    format!("standard {which} is not a terminal, but the screen needs one"),
                    zh.to_owned() + "不是终端，而屏幕需要终端",
                )
            }
            Self::Unnamed => lang.of(
                "TERM is not set, so the abilities of this terminal are unknown; set it (TERM=xterm-256color suits most terminals)",
                "没有设置 TERM，不知道这个终端能做什么；请设置它（多数情况用 TERM=xterm-256color）",
            )
            .to_owned(),
            Self::Dumb => lang.of(
                "TERM is `dumb`: a terminal that cannot move the cursor; if it can, set TERM to its kind (xterm-256color suits \
                 most)",
                "TERM 是 `dumb`，即不能移动光标的终端；如果能，请把 TERM 设为它的类型（多数情况用 xterm-256color）",
            )
            .to_owned(),
            Self::Refused(error) => words!(lang, "the terminal cannot be used: {error}", "无法使用终端：{error}"),
        }
    }
}

/// Presses and the wheel, as SGR reports. crossterm would ask for every move too, which is a flood of reports. With Shift a
/// terminal keeps the mouse to itself, to select text.
const MOUSE_ON: &[u8] = b"\x1b[?1000h\x1b[?1006h";
const MOUSE_OFF: &[u8] = b"\x1b[?1006l\x1b[?1000l";

static MOUSE: AtomicBool = AtomicBool::new(true);

/// The terminal while it is ours: the line settings to restore, and how it is written to. Static, because a panic hook
/// must find it.
static BORROWED: Mutex<Option<(Termios, Patient)>> = Mutex::new(None);

/// The terminal while it is ours: raw, on its alternate screen, without a cursor. Give it back by dropping this.
#[derive(Debug)]
pub struct Terminal {
    screen: ratatui::Terminal<CrosstermBackend<FrameBytes>>,
    bytes: FrameBytes,
    anew: bool,
}

impl Terminal {
    /// Whether there is a terminal to take, so that this is known before anything else is begun.
    pub fn check() -> Result<(), TerminalError> {
        let term = std::env::var("TERM").unwrap_or_default();
        require(io::stdin().is_terminal(), io::stdout().is_terminal(), &term)
    }

    /// Reads keys from the controlling terminal, because a recording is read from standard input. tty(4)
    pub fn take_keys_from_tty() -> Result<(), TerminalError> {
        let tty = File::open("/dev/tty").map_err(|_| TerminalError::NotATerminal("input"))?;
        nix::unistd::dup2_stdin(&tty).map_err(|errno| TerminalError::Refused(errno.into()))
    }

    /// Takes the terminal: raw mode, alternate screen, no cursor, pastes marked as such, and clicks and
    /// the wheel, unless [`Terminal::leave_the_mouse`] was called. Its size is not judged. From here on a panic gives the terminal back before it prints its message.
    pub fn enter() -> Result<Self, TerminalError> {
        Self::check()?;
        give_back_before_a_panic_speaks();
        let bytes = FrameBytes::default();
        let screen = ratatui::Terminal::new(CrosstermBackend::new(bytes.clone()))?;
        // From here on, dropping this gives back what was taken, be it all or half.
        let terminal = Self { screen, bytes, anew: true };
        take()?;
        Ok(terminal)
    }

    /// From the next [`Terminal::enter`] on, the mouse stays the terminal's own.
    pub fn leave_the_mouse() {
        MOUSE.store(false, Ordering::Relaxed);
    }

    /// Draws a frame: what changed since the last one, in a single write that the terminal shows at once. Fails if a
    /// panic in another thread gave the terminal back, so that nothing is drawn over its message.
    pub fn draw(&mut self, render: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        queue!(self.bytes, BeginSynchronizedUpdate)?;
        if std::mem::take(&mut self.anew) {
            // Not ratatui's `clear`: it asks where the cursor is, and takes keys for the answer.
            let size = self.screen.size()?;
            self.screen.resize(Rect::from(size))?;
        }
        self.screen.draw(render)?;
        queue!(self.bytes, EndSynchronizedUpdate)?;
        let sent = match &mut *borrowed() {
            Some((_, out)) => out.write_all(&self.bytes.0.borrow()),
            None => Err(io::Error::other("a part of the program failed and the screen was closed")),
        };
        self.bytes.0.borrow_mut().clear();
        sent
    }

    /// Asks the terminal to put `text` on its clipboard.
    pub fn copy(&mut self, text: &str) -> io::Result<()> {
        match &mut *borrowed() {
            Some((_, out)) => out.write_all(copying(text).as_bytes()),
            None => Ok(()),
        }
    }

    pub fn size(&self) -> io::Result<Size> {
        self.screen.size()
    }

    /// Gives the terminal back, stops as Ctrl-Z stops any program, and takes the terminal again when continued.
    ///
    /// The whole process group stops: cargo, which ran us, or a pipe's other end; else the shell would go on waiting.
    /// Where no shell could continue us, the kernel does not stop us, and this returns at once.
    pub fn suspend(&mut self) -> io::Result<()> {
        give_back();
        // SIGTSTP and not SIGSTOP, which would stop us for ever where nobody can continue us. It may be blocked, for
        // `Signals` to read; unblocked in this thread alone, it stops the process before kill(2) returns.
        let before = SigSet::from(Signal::SIGTSTP).thread_swap_mask(SigmaskHow::SIG_UNBLOCK)?;
        kill(Pid::from_raw(0), Signal::SIGTSTP)?;
        before.thread_set_mask()?;
        self.resume()
    }

    /// Takes the terminal again, and draws the next frame from nothing: somebody else may have written on the screen.
    pub fn resume(&mut self) -> io::Result<()> {
        self.anew = true;
        take()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        give_back();
    }
}

/// The bytes of a frame, until it is whole. A frame that a panic cuts short is so never shown.
#[derive(Clone, Debug, Default)]
struct FrameBytes(Rc<RefCell<Vec<u8>>>);

impl Write for FrameBytes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Whether a screen is possible with such an input, output and `TERM`.
pub fn require(input: bool, output: bool, term: &str) -> Result<(), TerminalError> {
    match (input, output, term) {
        (false, ..) => Err(TerminalError::NotATerminal("input")),
        (_, false, _) => Err(TerminalError::NotATerminal("output")),
        (.., "") => Err(TerminalError::Unnamed),
        (.., "dumb") => Err(TerminalError::Dumb),
        _ => Ok(()),
    }
}

fn borrowed() -> MutexGuard<'static, Option<(Termios, Patient)>> {
    BORROWED.lock().unwrap_or_else(PoisonError::into_inner)
}

fn take() -> io::Result<()> {
    let mut borrowed = borrowed();
    let stdin = io::stdin();
    let out = Patient::on(io::stdout().as_fd())?;
    let before = tcgetattr(&stdin)?;
    let mut raw = before.clone();
    cfmakeraw(&mut raw);
    tcsetattr(&stdin, SetArg::TCSANOW, &raw)?;
    // Already ours when a stop from outside ended: then the settings of before are the ones that were found at first.
    let (before, out) = borrowed.get_or_insert((before, out));
    sys::give_back_on_death(Some(GiveBack { bytes: farewell(), settings: before.clone().into(), again: &[] }));
    let mut bytes = Vec::new();
    queue!(bytes, EnterAlternateScreen, cursor::Hide, DisableLineWrap, EnableBracketedPaste)?;
    if MOUSE.load(Ordering::Relaxed) {
        bytes.extend(MOUSE_ON);
    }
    out.write_all(&bytes)
}

/// Gives back what is borrowed, if something is. A terminal that is gone needs nothing any more, so errors are no news.
fn give_back() {
    let mut borrowed = borrowed();
    let Some((before, mut out)) = borrowed.take() else { return };
    sys::give_back_on_death(None);
    if out.write_all(&farewell()).is_err() {
        // Nobody reads: what waits in the terminal makes room.
        let _ = tcflush(&out, FlushArg::TCOFLUSH);
        let _ = out.write_all(&farewell());
    }
    let _ = tcsetattr(io::stdin(), SetArg::TCSANOW, &before);
}

/// What is written when the terminal is given back.
fn farewell() -> Vec<u8> {
    let mut bytes = MOUSE_OFF.to_vec();
    let _ = queue!(
        bytes,
        EndSynchronizedUpdate,
        DisableBracketedPaste,
        ResetColor,
        SetAttribute(Attribute::Reset),
        EnableLineWrap,
        LeaveAlternateScreen,
        cursor::Show
    );
    bytes
}

fn give_back_before_a_panic_speaks() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let speak = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            give_back();
            speak(panic);
        }));
    });
}

#[cfg(test)]
#[test]
fn giving_back_what_was_not_taken_is_nothing() {
    give_back();
    give_back();
}
