//! The loop of a linear form: it reads lines, takes in the server's records, and writes what is new.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::os::fd::AsFd as _;
use std::time::{Duration, Instant};

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, raise};
use ratatui::prelude::Rect;

use super::key::named;
use super::lines::Written;
use crate::i18n::Lang;
use crate::tui::navigator::Notice;
use crate::tui::run::noting;
use crate::tui::save::save;
use crate::tui::stack::{Next, Screen};
use crate::tui::terminal::{Caught, Signals};
use crate::tui::{Ended, Observer};

/// What never settles, such as a server that spins, is written this often, and its next key read then.
const PATIENCE: Duration = Duration::from_secs(1);
/// The most bytes of a line: enough for a text to send.
const LONGEST: usize = 1 << 16;
/// What is saved as a picture has this size.
const PAGE: Rect = Rect::new(0, 0, 120, 40);

/// Reads keys as lines from standard input and writes the changes of `screen` to `out`, until it is left, a signal comes, or
/// there are no more lines.
///
/// # Errors
/// `out` or the observer failed.
pub fn read_aloud(
    screen: &mut dyn Screen,
    signals: &Signals,
    observer: &mut impl Observer,
    out: &mut impl Write,
) -> io::Result<Ended> {
    let lang = screen.looks().1;
    let mut reader = Reader { written: Written::default(), saves: false, lang };
    let mut typed = Typed::default();
    let hint = lang.of(
        "A line is a key: Space or an empty line, c, Enter, Left, … ? lists all keys, q leaves.",
        "每行一个按键：Space 或空行、c、Enter、Left 等；? 列出全部按键，q 离开。",
    );
    writeln!(out, "{hint}")?;
    let (mut looked, mut since) = (Instant::now(), Instant::now());
    loop {
        noting(observer, |each| screen.take_in(each))?;
        let elapsed = std::mem::replace(&mut looked, Instant::now()).elapsed();
        observer.pass(elapsed);
        if let Some(text) = observer.warning(lang) {
            screen.tell(Notice { text, alert: true });
        }
        let passed = screen.pass(elapsed);
        let now = screen.linear(reader.written.at);
        let settled = now.settled;
        let is_due = settled || since.elapsed() >= PATIENCE;
        if is_due {
            reader.write(now, out)?;
            since = Instant::now();
            match typed.lines.pop_front() {
                Some(line) => {
                    if reader.key(screen, &line, out)? {
                        return Ok(Ended::Quit);
                    }
                    continue;
                }
                None if typed.is_over => return Ok(Ended::Quit),
                None => {}
            }
        }
        out.flush()?;
        let left = (!settled).then(|| PATIENCE.saturating_sub(since.elapsed()));
        let next = [left, passed.again].into_iter().flatten().min();
        let timeout = next.map_or(PollTimeout::NONE, |next| PollTimeout::try_from(next).unwrap_or(PollTimeout::MAX));
        let stdin = io::stdin();
        let also = [signals.as_fd(), stdin.as_fd()];
        screen.sleep(&also[..if typed.is_over { 1 } else { 2 }], timeout);
        for caught in signals.drain().collect::<Vec<_>>() {
            match caught {
                Caught::Interrupt | Caught::Terminate | Caught::HangUp => return Ok(Ended::Signal(caught)),
                Caught::Stop => raise(Signal::SIGSTOP)?,
                Caught::Continue | Caught::Resize => {}
            }
        }
        typed.read()?;
    }
}

/// What was written, and what the next line is.
struct Reader {
    written: Written,
    /// The next line is the name of a file.
    saves: bool,
    lang: Lang,
}

impl Reader {
    fn write(&mut self, now: super::Linear, out: &mut impl Write) -> io::Result<()> {
        self.written.news(now, self.lang).iter().try_for_each(|line| writeln!(out, "{line}"))
    }

    /// Presses the keys of a line; whether the screen is left.
    fn key(&mut self, screen: &mut dyn Screen, line: &str, out: &mut impl Write) -> io::Result<bool> {
        let lang = self.lang;
        let asks = screen.linear(self.written.at).asks.is_some();
        self.written.attend();
        if std::mem::take(&mut self.saves) {
            let done = if line.trim().is_empty() { return Ok(false) } else { save(screen, PAGE, line.trim()) };
            let (Ok(said) | Err(said)) = done;
            writeln!(out, "{said}")?;
            return Ok(false);
        }
        let mut press = |code| screen.input(&Event::Key(KeyEvent::new(code, KeyModifiers::NONE)));
        let code = named(line);
        let next = match code {
            Some(KeyCode::Esc) => press(KeyCode::Esc),
            _ if asks => {
                for letter in line.chars() {
                    press(KeyCode::Char(letter));
                }
                press(KeyCode::Enter)
            }
            Some(KeyCode::Char('?')) => {
                for key in screen.keys() {
                    writeln!(out, "{}: {}", key.shown, lang.pick(key.says))?;
                }
                Next::Stay
            }
            Some(code) => press(code),
            None => {
                let what = lang.of("no key has this name; ? lists all keys", "没有这个按键；? 列出全部按键");
                writeln!(out, "{what}")?;
                Next::Stay
            }
        };
        match next {
            Next::Stay => {}
            Next::Quit | Next::Pop => return Ok(true),
            Next::Copy(text) => {
                // Whoever reads lines copies from them; what the screen says of the terminal's clipboard is not true here.
                self.written.said = screen.linear(self.written.at).said;
                writeln!(out, "{text}")?;
            }
            Next::Save => {
                self.saves = true;
                let asks = lang.of(
                    "save to, a name with .svg, .txt or .jsonl; an empty line cancels:",
                    "保存到（.svg、.txt 或 .jsonl；空行放弃）：",
                );
                writeln!(out, "{asks}")?;
            }
            Next::Push(_) | Next::Visit(_) => {
                let where_else = lang.of(
                    "that is a command of its own here: epollscope lesson, demo or compare, with --linear",
                    "这里请另用命令：epollscope lesson、demo 或 compare，加上 --linear",
                );
                writeln!(out, "{where_else}")?;
            }
        }
        Ok(false)
    }
}

/// The lines of standard input.
#[derive(Default)]
struct Typed {
    bytes: Vec<u8>,
    lines: VecDeque<String>,
    is_over: bool,
}

impl Typed {
    /// Takes what can be read without waiting.
    fn read(&mut self) -> io::Result<()> {
        let stdin = io::stdin();
        let fd = stdin.as_fd();
        let mut bytes = [0; 4_096];
        while !self.is_over && self.lines.is_empty() {
            match poll(&mut [PollFd::new(fd, PollFlags::POLLIN)], PollTimeout::ZERO) {
                Ok(0) => break,
                Ok(_) | Err(Errno::EINTR) => {}
                Err(errno) => return Err(errno.into()),
            }
            match nix::unistd::read(fd, &mut bytes) {
                // A terminal that is gone says EIO.
                Ok(0) | Err(Errno::EIO) => self.end(),
                Ok(n) => self.take(&bytes[..n]),
                Err(Errno::EINTR | Errno::EAGAIN) => break,
                Err(errno) => return Err(errno.into()),
            }
        }
        Ok(())
    }

    fn take(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        while let Some(end) = self.bytes.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.bytes.drain(..=end).collect();
            self.push(&line[..end]);
        }
        if self.bytes.len() > LONGEST {
            let line = std::mem::take(&mut self.bytes);
            self.push(&line);
        }
    }

    fn end(&mut self) {
        self.is_over = true;
        let line = std::mem::take(&mut self.bytes);
        if !line.is_empty() {
            self.push(&line);
        }
    }

    fn push(&mut self, line: &[u8]) {
        self.lines.push_back(String::from_utf8_lossy(line).trim_end_matches('\r').to_owned());
    }
}
