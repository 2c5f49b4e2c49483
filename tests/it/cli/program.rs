//! A program that runs without a screen: started, listened to, and ended. What is waited for is what it says, never time.

use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::support::loopback::{Loopback, loopback};
use crate::support::pty::EPOLLSCOPE;

/// Long enough for any machine; only a failing test waits for it.
pub(super) const DEADLINE: Duration = Duration::from_secs(20);

/// What one of a program's outputs has said, as of what was read.
struct Said {
    lines: Receiver<String>,
    text: String,
}

impl Said {
    fn of(output: impl Read + Send + 'static) -> Self {
        let (tell, lines) = channel();
        std::thread::spawn(move || {
            let mut output = BufReader::new(output);
            loop {
                let mut line = Vec::new();
                if output.read_until(b'\n', &mut line).is_ok_and(|n| n == 0)
                    || tell.send(String::from_utf8_lossy(&line).into_owned()).is_err()
                {
                    return;
                }
            }
        });
        Self { lines, text: String::new() }
    }

    /// Reads until `wanted` was said so many times, or to the end; whether that came in time.
    fn until(&mut self, wanted: &str, times: usize) -> bool {
        let end = Instant::now() + DEADLINE;
        while self.text.matches(wanted).count() < times {
            match self.lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(line) => self.text.push_str(&line),
                Err(RecvTimeoutError::Disconnected) => return wanted == Self::END,
                Err(RecvTimeoutError::Timeout) => return false,
            }
        }
        true
    }

    /// Never said.
    const END: &str = "\0";
}

/// A running program. Dropped, it is killed.
pub(super) struct Program {
    command: String,
    child: Child,
    stdout: Option<Said>,
    stderr: Said,
    _loopback: Loopback,
}

/// How it ended.
pub(super) struct Ended {
    pub(super) code: Option<i32>,
    pub(super) stdout: String,
    pub(super) stderr: String,
    /// All of it, for the message of a test that fails.
    pub(super) story: String,
}

impl Program {
    pub(super) fn start(args: &[&str]) -> Self {
        Self::spawn(Command::new(EPOLLSCOPE).args(args))
    }

    /// `epollscope serve` on a free port, once it listens.
    pub(super) fn serve(args: &[&str]) -> Self {
        let mut program = Self::start(&[&["serve", "--listen", "127.0.0.1:0"], args].concat());
        program.says("epollscope: listening on 127.0.0.1:");
        program
    }

    pub(super) fn spawn(command: &mut Command) -> Self {
        Self::spawn_to(command, Stdio::piped())
    }

    pub(super) fn spawn_to(command: &mut Command, stdout: Stdio) -> Self {
        let words = std::iter::once(command.get_program()).chain(command.get_args());
        let words: Vec<_> = words.map(|word| word.to_string_lossy().into_owned()).collect();
        command.stdin(Stdio::null()).stdout(stdout).stderr(Stdio::piped());
        let loopback = loopback();
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{words:?}: {error}"));
        let stdout = child.stdout.take().map(Said::of);
        let stderr = Said::of(child.stderr.take().expect("a pipe"));
        Self { command: words.join(" "), child, stdout, stderr, _loopback: loopback }
    }

    fn story(&self) -> String {
        let stdout = self.stdout.as_ref().map_or("", |said| &said.text);
        format!("{}\n--- stdout\n{stdout}\n--- stderr\n{}", self.command, self.stderr.text)
    }

    /// Waits until it has said so on standard error.
    #[track_caller]
    pub(super) fn says(&mut self, wanted: &str) {
        assert!(self.stderr.until(wanted, 1), "never said {wanted:?}: {}", self.story());
    }

    /// Waits until it has written this so many times on standard output.
    #[track_caller]
    pub(super) fn writes(&mut self, wanted: &str, times: usize) {
        let came = self.stdout.as_mut().is_some_and(|said| said.until(wanted, times));
        assert!(came, "never wrote {wanted:?} {times} times: {}", self.story());
    }

    /// Waits until it is inside a call on this path, as /proc tells.
    pub(super) fn opens(&self, path: &str) {
        let wchan = format!("/proc/{}/wchan", self.child.id());
        let end = Instant::now() + DEADLINE;
        while !std::fs::read_to_string(&wchan).is_ok_and(|at| at.contains("fifo") || at.contains("partner")) {
            assert!(Instant::now() < end, "it does not wait for a reader of {path}");
            std::thread::yield_now();
        }
    }

    /// Where it listens, once it says so.
    pub(super) fn addr_once_it_listens(&mut self) -> SocketAddr {
        self.says("epollscope: listening on ");
        self.addr()
    }

    /// Where it listens, as its first line says.
    pub(super) fn addr(&self) -> SocketAddr {
        let line = self.stderr.text.lines().next().unwrap_or_default();
        let addr = line.strip_prefix("epollscope: listening on ").and_then(|addr| addr.parse().ok());
        addr.unwrap_or_else(|| panic!("the first line is {line:?}: {}", self.story()))
    }

    pub(super) fn connect(&self) -> TcpStream {
        let client = TcpStream::connect(self.addr()).expect("a connection");
        client.set_read_timeout(Some(DEADLINE)).expect("a deadline");
        client
    }

    pub(super) fn signal(self, signal: Signal) -> Ended {
        let pid = i32::try_from(self.child.id()).expect("a pid");
        kill(Pid::from_raw(pid), signal).expect("a running program");
        self.end()
    }

    /// Waits for its end.
    pub(super) fn end(mut self) -> Ended {
        let all = self.stderr.until(Said::END, 1) && self.stdout.as_mut().is_none_or(|said| said.until(Said::END, 1));
        assert!(all, "it runs on: {}", self.story());
        let code = self.child.wait().expect("a child").code();
        let stdout = self.stdout.as_ref().map(|said| said.text.clone()).unwrap_or_default();
        Ended { code, stdout, stderr: self.stderr.text.clone(), story: format!("{}\n--- exit {code:?}", self.story()) }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Ended {
    #[track_caller]
    pub(super) fn with(&self, code: i32, says: &[&str]) -> &Self {
        assert_eq!(self.code, Some(code), "{}", self.story);
        for wanted in says {
            assert!(self.stderr.contains(wanted), "it does not say {wanted:?}: {}", self.story);
        }
        self
    }
}
