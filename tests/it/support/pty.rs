//! A terminal to run the real program in: a pseudo-terminal whose screen can be read and whose keys can be pressed.
//!
//! It waits for what is to be seen, never for time. The child gets the pseudo-terminal as its controlling terminal from
//! setsid(1), and its size is changed by stty(1): the crate's own code stays free of `unsafe`.

use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::os::{fd::AsFd, unix::fs::OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::libc::pid_t;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::{PtyMaster, grantpt, posix_openpt, ptsname_r, unlockpt};
use nix::sys::signal::{Signal, kill};
use nix::sys::termios::{Termios, tcgetattr};
use nix::unistd::Pid;

use crate::support::loopback::{Loopback, loopback};

/// The program that these tests are about.
pub(crate) const EPOLLSCOPE: &str = env!("CARGO_BIN_EXE_epollscope");

/// Long enough for any machine; only a failing test waits for it.
pub(crate) const DEADLINE: Duration = Duration::from_mins(1);

/// A program on a terminal of its own. Dropped, it is killed.
pub(crate) struct Pty {
    /// `None` after the terminal hung up.
    master: Option<PtyMaster>,
    slave_path: String,
    pid: Pid,
    exit: Receiver<ExitStatus>,
    screen: vt100::Parser<Answers>,
    raw: Vec<u8>,
    _loopback: Loopback,
}

/// A folder for state, of somebody who has seen the welcome and knows the program. A test of a new user names another.
fn acquainted() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let state = Path::new(env!("CARGO_TARGET_TMPDIR")).join("acquainted");
        let own = state.join("epollscope");
        std::fs::create_dir_all(&own).expect("a folder");
        std::fs::write(own.join("first-minute.json"), r#"{"finished":true}"#).expect("a file");
        state
    })
}

/// What the terminal answers to a question for the cursor's place.
#[derive(Default)]
pub(crate) struct Answers(Vec<u8>);

impl vt100::Callbacks for Answers {
    fn unhandled_csi(
        &mut self,
        screen: &mut vt100::Screen,
        intermediate: Option<u8>,
        _: Option<u8>,
        params: &[&[u16]],
        last: char,
    ) {
        if intermediate.is_none() && last == 'n' && params == [[6]] {
            let (row, col) = screen.cursor_position();
            self.0.extend(format!("\x1b[{};{}R", row + 1, col + 1).bytes());
        }
    }
}

impl Pty {
    /// Starts `program` on a terminal of so many columns and rows. Its environment is the test's own, but says that the
    /// terminal is an xterm, nothing of colours, and no language, and its user has seen the welcome; `env` is set on top, where an empty value removes the
    /// name.
    pub(crate) fn spawn(program: &str, args: &[&str], (cols, rows): (u16, u16), env: &[(&str, &str)]) -> Self {
        let loopback = loopback();
        // Not openpty(3): a program that another test starts meanwhile would inherit its fds, and no end would come.
        let flags = OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC;
        let master = posix_openpt(flags).expect("a pseudo-terminal");
        grantpt(&master).and_then(|()| unlockpt(&master)).expect("its other end");
        let slave_path = ptsname_r(&master).expect("its name");
        let slave = OpenOptions::new().read(true).write(true).custom_flags(flags.bits()).open(&slave_path);
        let slave = slave.expect("its other end");
        set_size(&slave_path, cols, rows);
        let slave = || Stdio::from(slave.try_clone().expect("an fd"));
        let mut command = Command::new("setsid");
        // A test that runs in the background or under nohup has signals ignored, and a child would inherit that.
        command
            .args(["-c", "env", "--default-signal", program])
            .args(args)
            .stdin(slave())
            .stdout(slave())
            .stderr(slave());
        command.env("TERM", "xterm-256color").env("LC_ALL", "C").env("XDG_STATE_HOME", acquainted());
        for name in ["NO_COLOR", "COLORTERM", "COLORFGBG", "EPOLLSCOPE_THEME"] {
            command.env_remove(name);
        }
        for (name, value) in env {
            if value.is_empty() {
                command.env_remove(name)
            } else {
                command.env(name, value)
            };
        }
        let mut child = command.spawn().expect("setsid, which util-linux and busybox have");
        let pid = Pid::from_raw(pid_t::try_from(child.id()).expect("a pid"));
        // wait(2) knows no deadline, a channel does.
        let (tell, exit) = channel();
        std::thread::spawn(move || tell.send(child.wait().expect("a child")));
        Self {
            master: Some(master),
            slave_path,
            pid,
            exit,
            screen: vt100::Parser::new_with_callbacks(rows, cols, 0, Answers::default()),
            raw: Vec::new(),
            _loopback: loopback,
        }
    }

    /// Presses keys, or what a terminal sends for them.
    pub(crate) fn type_keys(&mut self, keys: &str) {
        let mut master = self.master.as_ref().expect("a terminal that did not hang up");
        master.write_all(keys.as_bytes()).expect("the terminal takes keys");
    }

    /// Presses keys and reads until the screen's text has what they are for, one after the other; at first only reads,
    /// where there are no keys.
    pub(crate) fn types_until(&mut self, steps: &[(&str, &str)]) {
        for (keys, wanted) in steps {
            self.type_keys(keys);
            self.until(|text| text.contains(wanted), wanted);
        }
    }

    /// Presses `q`, which is to end the program without a complaint.
    pub(crate) fn quits(&mut self) {
        self.type_keys("q");
        assert_eq!(self.wait_exit().code(), Some(0), "{}", self.text());
    }

    /// Changes the terminal's size; the kernel sends the foreground `SIGWINCH`.
    pub(crate) fn resize(&mut self, cols: u16, rows: u16) {
        set_size(&self.slave_path, cols, rows);
        self.screen.screen_mut().set_size(rows, cols);
    }

    /// Sends the program a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        kill(self.pid, signal).expect("a running program");
    }

    /// The program's process.
    pub(crate) fn pid(&self) -> Pid {
        self.pid
    }

    /// Waits this long for the program to write; whether it did not.
    pub(crate) fn is_silent(&mut self, time: Duration) -> bool {
        !self.read_more(Instant::now() + time)
    }

    /// Takes the terminal away, as a window that is closed does; the kernel sends the program `SIGHUP`.
    pub(crate) fn hang_up(&mut self) {
        self.master = None;
    }

    /// Reads until the screen's text is as wanted, at the end of a picture: a part of one still shows what was before.
    ///
    /// # Panics
    /// Where it never is; the message shows the screen.
    pub(crate) fn until(&mut self, wanted: impl Fn(&str) -> bool, what: &str) {
        let end = Instant::now() + DEADLINE;
        while self.is_amid_a_picture() || !wanted(&self.text()) {
            assert!(self.read_more(end), "never came: {what}; the screen:\n{}", self.text());
        }
    }

    /// Whether what was read ends within a synchronized update, as each picture is one.
    fn is_amid_a_picture(&self) -> bool {
        let last = |bytes: &[u8]| self.raw.windows(bytes.len()).rposition(|window| window == bytes);
        last(b"\x1b[?2026h") > last(b"\x1b[?2026l")
    }

    /// Reads until the program closed its terminal, and tells how it ended.
    ///
    /// # Panics
    /// Where it never ends; the message shows the screen.
    pub(crate) fn wait_exit(&mut self) -> ExitStatus {
        let end = Instant::now() + DEADLINE;
        while self.master.is_some() && self.read_more(end) {}
        let status = self.exit.recv_timeout(end.saturating_duration_since(Instant::now()));
        status.unwrap_or_else(|e| panic!("it runs on ({e}); the screen:\n{}", self.text()))
    }

    /// How many bytes nobody has read, once they are more than `before` or as many for so long.
    pub(crate) fn waits_for_reader(&self, time: Duration, before: usize) -> usize {
        let master = self.master.as_ref().expect("a terminal that did not hang up");
        let end = Instant::now() + time;
        loop {
            let now = usize::try_from(epollscope::sys::unread(master.as_fd()).expect("a count")).expect("a count");
            if now > before || Instant::now() > end {
                return now;
            }
            std::thread::yield_now();
        }
    }

    /// Whether the program ends within this time, although nobody reads what it writes. What it wrote is there to be read.
    pub(crate) fn ends_unread(&mut self, time: Duration) -> bool {
        let Ok(status) = self.exit.recv_timeout(time) else { return false };
        let (tell, exit) = channel();
        tell.send(status).expect("the other end is here");
        self.exit = exit;
        true
    }

    /// Reads until the program has drawn once more and listens again; or how it ended.
    pub(crate) fn next_picture(&mut self) -> Option<ExitStatus> {
        let (end, from) = (Instant::now() + DEADLINE, self.raw.len());
        while !self.raw[from..].windows(8).any(|bytes| bytes == b"\x1b[?2026l") {
            if !self.read_more(end) {
                assert!(Instant::now() < end, "it draws nothing; the screen:\n{}", self.text());
                return Some(self.wait_exit());
            }
        }
        None
    }

    /// What the screen shows, as of what was read.
    pub(crate) fn text(&self) -> String {
        self.screen().contents()
    }

    /// The screen with its colours, as of what was read.
    pub(crate) fn screen(&self) -> &vt100::Screen {
        self.screen.screen()
    }

    /// All that the program ever wrote to the terminal, as of what was read.
    pub(crate) fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// The terminal's line settings; on Linux its master end tells them, also after the program has gone.
    pub(crate) fn termios(&self) -> Termios {
        tcgetattr(self.master.as_ref().expect("a terminal that did not hang up")).expect("its settings")
    }

    /// Waits for the program to write, and shows it; false where it closed the terminal, or time is up.
    pub(crate) fn read_more(&mut self, end: Instant) -> bool {
        let mut master = self.master.as_ref().expect("a terminal that did not hang up");
        let left = end.saturating_duration_since(Instant::now());
        let left = PollTimeout::try_from(left).expect("a short time");
        match poll(&mut [PollFd::new(master.as_fd(), PollFlags::POLLIN)], left) {
            Ok(0) => return false,
            Err(Errno::EINTR) => return true,
            other => other.expect("poll"),
        };
        let mut bytes = [0; 16_384];
        // EIO is how a master end tells that nobody holds the other one any more.
        let Ok(n @ 1..) = master.read(&mut bytes) else { return false };
        self.raw.extend_from_slice(&bytes[..n]);
        self.screen.process(&bytes[..n]);
        let answer = std::mem::take(&mut self.screen.callbacks_mut().0);
        master.write_all(&answer).expect("the terminal takes an answer");
        true
    }
}

pub(crate) fn set_size(path: &str, cols: u16, rows: u16) {
    let [cols, rows] = [cols, rows].map(|n| n.to_string());
    let status = Command::new("stty").args(["-F", path, "cols", &cols, "rows", &rows]).status();
    assert!(status.expect("stty, which coreutils and busybox have").success());
}

impl Drop for Pty {
    fn drop(&mut self) {
        // Killed only if it was not waited for: its number may be another's by then.
        if matches!(self.exit.try_recv(), Err(std::sync::mpsc::TryRecvError::Empty)) {
            let _ = kill(self.pid, Signal::SIGKILL);
        }
    }
}
