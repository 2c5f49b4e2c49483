//! A server of `tests/programs` under `epollscope watch`.

use std::fmt;
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::net::TcpStream;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Output, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;

use super::loopback::{Loopback, loopback};
use super::pty::EPOLLSCOPE;

/// Only a failing test waits for it.
const LONG: Duration = Duration::from_mins(1);

/// A program that runs, and what its watcher has said. Dropped, both are killed.
pub(crate) struct Watched {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
    said: String,
    port: u16,
}

/// What a watcher has said in all.
pub(crate) struct Ended {
    said: String,
    pub(crate) status: i32,
}

impl Watched {
    /// Starts a program; `None` where this machine can't, which is said loudly.
    pub(crate) fn start(program: &str) -> Option<Self> {
        let command = command_of(program)?;
        let mut child = Command::new(EPOLLSCOPE)
            .args(["watch", "--"])
            .arg(command.get_program())
            .args(command.get_args())
            .env("LC_ALL", "C")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it runs");
        let (input, errors) = (child.stdin.take(), child.stderr.take().expect("a pipe"));
        let lines = lines_of(errors);
        let mut output = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut first = String::new();
        output.read_line(&mut first).expect("a line");
        let mut watched = Self { child, input, lines, said: String::new(), port: 0 };
        if first.is_empty() {
            let ended = watched.ended();
            assert!(ended.says("ptrace is not allowed"), "{ended}");
            skip("ptrace is not allowed here");
            return None;
        }
        watched.port = first.trim().parse().unwrap_or_else(|_| panic!("a port: {first}"));
        // What else it prints is read, so that it never waits for room.
        std::thread::spawn(move || std::io::copy(&mut output, &mut std::io::sink()));
        Some(watched)
    }

    /// Takes over a program that runs already
    pub(crate) fn attach(server: &Running, options: &[&str]) -> Self {
        let mut command = Command::new(EPOLLSCOPE);
        command.args(["watch", "--trace", "-p", &server.pid()]).args(options).env("LC_ALL", "C");
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("it runs");
        let lines = lines_of(child.stderr.take().expect("a pipe"));
        Self { child, input: None, lines, said: String::new(), port: server.port }
    }

    /// Ends the watcher alone, at once.
    pub(crate) fn kill(mut self) {
        self.child.kill().and_then(|()| self.child.wait()).expect("ended");
    }

    pub(crate) fn connect(&self) -> TcpStream {
        connect(self.port)
    }

    pub(crate) fn say(&mut self, text: &str) {
        self.input.as_mut().expect("a pipe").write_all(text.as_bytes()).expect("written");
    }

    /// Reads until the watcher has said this.
    pub(crate) fn until(&mut self, wanted: &str) {
        let end = Instant::now() + LONG;
        loop {
            match self.lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(line) => {
                    self.said += &line;
                    if line.contains(wanted) {
                        return;
                    }
                }
                Err(error) => panic!("{error}: it has not said {wanted:?}:\n{}", self.said),
            }
        }
    }

    /// Whether the watcher has said this by now.
    pub(crate) fn has_said(&mut self, wanted: &str) -> bool {
        self.read_on(Duration::ZERO);
        self.said.contains(wanted)
    }

    /// Ends the program with SIGTERM, which is passed on, and what it has left behind with another.
    pub(crate) fn end(mut self) -> Ended {
        let pid = Pid::from_raw(self.child.id().cast_signed());
        let end = Instant::now() + LONG;
        while self.child.try_wait().expect("it can be waited for").is_none() {
            kill(pid, Signal::SIGTERM).expect("sent");
            assert!(Instant::now() < end, "it does not end");
            self.read_on(Duration::from_millis(200));
        }
        self.ended()
    }

    fn read_on(&mut self, long: Duration) {
        while let Ok(line) = self.lines.recv_timeout(long) {
            self.said += &line;
        }
    }

    /// Waits until the program has ended by itself.
    pub(crate) fn ended(&mut self) -> Ended {
        while let Ok(line) = self.lines.recv_timeout(LONG) {
            self.said += &line;
        }
        let status = self.child.wait().expect("it has ended");
        Ended { said: std::mem::take(&mut self.said), status: status.code().unwrap_or(-1) }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        // It takes the program along.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Ended {
    pub(crate) fn says(&self, text: &str) -> bool {
        self.said.contains(text)
    }

    /// Whether one line has all of these.
    pub(crate) fn has_line_with(&self, parts: &[&str]) -> bool {
        self.said.split_inclusive('\n').any(|line| parts.iter().all(|part| line.contains(part)))
    }

    /// How many lines have a call of this name.
    pub(crate) fn calls(&self, name: &str) -> usize {
        self.said.lines().filter(|line| line.contains(name)).count()
    }

    /// The findings at the end, each up to its fd; or that there are none.
    pub(crate) fn findings(&self) -> Vec<&str> {
        let lines = self.said.lines().skip_while(|line| !line.ends_with("finding") && !line.ends_with("findings"));
        let mut lines = lines.peekable();
        if lines.peek() == Some(&"no findings") {
            return vec!["no findings"];
        }
        let named = lines.filter_map(|line| line.strip_prefix("  ").filter(|line| !line.starts_with(' ')));
        named
            .map(|line| line.split(" (").next().unwrap_or(line))
            .map(|line| match line.match_indices(": ").nth(1) {
                Some((at, _)) => &line[..at],
                None => line,
            })
            .collect()
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.said)
    }
}

/// What is written, line by line.
fn lines_of(errors: impl Read + Send + 'static) -> Receiver<String> {
    let (tell, lines) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(errors).split(b'\n').map_while(Result::ok) {
            // A test that has failed listens no more.
            let _ = tell.send(String::from_utf8_lossy(&line).into_owned() + "\n");
        }
    });
    lines
}

/// A program of `tests/programs` that nobody watches yet. Dropped, it is killed.
pub(crate) struct Running {
    child: Child,
    port: u16,
    _loopback: Loopback,
}

impl Running {
    /// Starts it; `None` where this machine can't, which is said loudly.
    pub(crate) fn start(program: &str) -> Option<Self> {
        Some(Self::of(&mut command_of(program)?))
    }

    /// Starts a command that first prints its port.
    pub(crate) fn of(command: &mut Command) -> Self {
        let loopback = loopback();
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).process_group(0).spawn().expect("it runs");
        let mut port = String::new();
        BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut port).expect("a line");
        Self { port: port.trim().parse().unwrap_or_else(|_| panic!("a port: {port}")), child, _loopback: loopback }
    }

    pub(crate) fn pid(&self) -> String {
        self.child.id().to_string()
    }

    pub(crate) fn connect(&self) -> TcpStream {
        connect(self.port)
    }

    /// Ends it with its children.
    pub(crate) fn kill(&mut self) {
        let _ = killpg(Pid::from_raw(self.child.id().cast_signed()), Signal::SIGKILL);
        let _ = self.child.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            self.kill();
        }
    }
}

fn connect(port: u16) -> TcpStream {
    let client = TcpStream::connect(("127.0.0.1", port)).expect("connected");
    client.set_read_timeout(Some(LONG)).expect("set");
    client
}

/// What starts a program of `tests/programs`.
fn command_of(program: &str) -> Option<Command> {
    if Path::new(program).extension().is_some_and(|extension| extension == "py") {
        let mut command = Command::new(python()?);
        command.arg(folder().join(program));
        return Some(command);
    }
    compiled(program).map(Command::new)
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs")
}

fn skip(why: &str) {
    eprintln!("SKIPPED: {why}");
}

/// Whether ptrace is not allowed here, which is said loudly.
pub(crate) fn is_forbidden(output: &Output) -> bool {
    let forbidden = String::from_utf8_lossy(&output.stderr).contains("ptrace is not allowed");
    if forbidden {
        skip("ptrace is not allowed here");
    }
    forbidden
}

/// The Python interpreter itself: what is called so may be a script that looks for it.
pub(crate) fn python() -> Option<PathBuf> {
    static FOUND: OnceLock<Option<PathBuf>> = OnceLock::new();
    let found = FOUND.get_or_init(|| {
        let output = Command::new("python3").args(["-c", "import sys; print(sys.executable)"]).output().ok()?;
        let path = String::from_utf8(output.stdout).ok()?;
        output.status.success().then(|| PathBuf::from(path.trim()))
    });
    if found.is_none() {
        skip("python3 is not installed");
    }
    found.clone()
}

/// A program in C or Rust, compiled.
pub(crate) fn compiled(program: &str) -> Option<PathBuf> {
    let source = folder().join(program);
    let name = program.replace(['/', '.'], "-");
    let to = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    // Several tests may compile it at once: it comes whole or not at all.
    let part = to.with_extension(format!("{:?}", std::thread::current().id()).replace(['(', ')'], "-"));
    let (compiler, options) = match source.extension().and_then(|extension| extension.to_str()) {
        Some("rs") => ("rustc", &["-O", "-g", "--edition", "2024", "-o"][..]),
        _ => ("cc", &["-O2", "-g", "-w", "-o"][..]),
    };
    let Ok(output) = Command::new(compiler).args(options).arg(&part).arg(&source).output() else {
        skip(&format!("{compiler} is not installed"));
        return None;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::rename(&part, &to).expect("renamed");
    Some(to)
}

/// `@ level.c:27`, for the one line of a program that has this text.
pub(crate) fn at_line(program: &str, text: &str) -> String {
    let path = folder().join(program);
    let source = std::fs::read_to_string(&path).expect("a program");
    let mut lines = (1..).zip(source.lines()).filter(|(_, line)| line.contains(text));
    let (number, _) = lines.next().unwrap_or_else(|| panic!("{program} has no {text:?}"));
    assert!(lines.next().is_none(), "{program} has {text:?} twice");
    format!("@ {}:{number}\n", path.file_name().expect("a name").display())
}
