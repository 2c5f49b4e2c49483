//! What `epollscope watch` costs the program that it watches: round trips of 64 bytes against an echo server in C, alone,
//! under watch, and under strace, in turns. `cargo bench --bench watch` prints the tables of `docs/benchmarks.md`.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use nix::pty::{Winsize, openpty};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

const EPOLLSCOPE: &str = env!("CARGO_BIN_EXE_epollscope");
const MESSAGE: [u8; 64] = [b'x'; 64];
const CONNECTIONS: &[usize] = &[1, 64];
/// How often each server has its turn, and for how long.
const ROUNDS: usize = 15;
const TURN: Duration = Duration::from_millis(400);
/// How many connections a program has that is looked at from outside, and how often each is measured.
const PEEKED: &[usize] = &[10, 1_000, 10_000];
const LOOKED: usize = 10;
/// How many of them have a message under way.
const BUSY: usize = 10;

/// Under what a server runs. The first is what the others are compared with; it runs twice, which shows the noise.
const WATCHERS: &[(&str, &[&str])] = &[
    ("alone", &[]),
    ("alone, again", &[]),
    ("`watch -q`", &[EPOLLSCOPE, "watch", "-q", "-o", "/dev/null", "--"]),
    ("`watch -q --no-source`", &[EPOLLSCOPE, "watch", "-q", "--no-source", "-o", "/dev/null", "--"]),
    ("`watch`", &[EPOLLSCOPE, "watch", "-o", "/dev/null", "--"]),
    ("`strace -f`", &["strace", "-f", "-o", "/dev/null"]),
    ("`strace -f --seccomp-bpf`", &["strace", "-f", "--seccomp-bpf", "-e", "trace=%network,%desc", "-o", "/dev/null"]),
];

fn main() {
    // Without `cargo bench`, as in `cargo test --benches`, it is only to be seen that it runs.
    let short = !std::env::args().any(|arg| arg == "--bench");
    let server = compiled();
    let (rounds, turn) = if short { (1, Duration::from_millis(20)) } else { (ROUNDS, TURN) };
    println!("| slowdown of round trips, median (quartiles) | {} |", headings(CONNECTIONS, "connection"));
    println!("|---|{}", "---:|".repeat(CONNECTIONS.len()));
    let columns: Vec<HashMap<&str, Vec<f64>>> =
        CONNECTIONS.iter().map(|count| slowdowns(&server, *count, rounds, turn)).collect();
    for (name, _) in &WATCHERS[1..] {
        let cells: Vec<String> =
            columns.iter().map(|column| column.get(name).map_or("–".into(), |all| quartiles(all))).collect();
        println!("| {name} | {} |", cells.join(" | "));
    }
    let (counts, times, turn) = if short { (&PEEKED[..1], 1, turn) } else { (PEEKED, LOOKED, Duration::from_secs(1)) };
    let peeked: Vec<PeekCost> = counts.iter().map(|count| peek(&server, *count, times, turn)).collect();
    println!("\n| `watch -p PID`, median (quartiles) | {} |", headings(counts, "connection"));
    println!("|---|{}", "---:|".repeat(counts.len()));
    let row = |name: &str, of: fn(&PeekCost) -> &[f64]| {
        let cells: Vec<String> = peeked.iter().map(|cost| quartiles(of(cost))).collect();
        println!("| {name} | {} |", cells.join(" | "));
    };
    row("the first look, ms of processor time", |cost| &cost.first);
    row("the screen, percent of a processor", |cost| &cost.percent);
    row("slowdown of round trips, peeked at", |cost| &cost.slowdown);
    row("the same, not peeked at", |cost| &cost.control);
}

fn headings(counts: &[usize], what: &str) -> String {
    let heading = |count: &usize| format!("{count} {what}{}", if *count == 1 { "" } else { "s" });
    counts.iter().map(heading).collect::<Vec<_>>().join(" | ")
}

fn quartiles(all: &[f64]) -> String {
    let mut all = all.to_vec();
    all.sort_unstable_by(f64::total_cmp);
    let at = |quarter: usize| all[(all.len() - 1) * quarter / 4];
    format!("{:.2} ({:.2} to {:.2})", at(2), at(1), at(3))
}

/// The level-triggered server of the tests.
fn compiled() -> PathBuf {
    let to = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench-level");
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/programs/right/level.c");
    let compiled = Command::new("cc").args(["-O2", "-g", "-o"]).arg(&to).arg(source).status();
    assert!(compiled.is_ok_and(|status| status.success()), "this bench needs a C compiler");
    to
}

struct Server {
    child: Child,
    port: u16,
}

impl Server {
    /// `None` where there is no such watcher.
    fn start(watcher: &[&str], server: &Path) -> Option<Self> {
        let mut command = Command::new(watcher.first().map_or(server, Path::new));
        if !watcher.is_empty() {
            command.args(&watcher[1..]).arg(server);
        }
        let mut child = command.stdout(Stdio::piped()).stdin(Stdio::null()).spawn().ok()?;
        let mut port = String::new();
        let mut output = BufReader::new(child.stdout.take().expect("a pipe"));
        output.read_line(&mut port).expect("a line");
        let port = port.trim().parse().unwrap_or_else(|_| panic!("no port of {watcher:?}"));
        Some(Self { child, port })
    }

    fn connect(&self, count: usize) -> Vec<TcpStream> {
        let connect = || TcpStream::connect(("127.0.0.1", self.port)).expect("connected");
        (0..count).map(|_| connect()).inspect(|client| client.set_nodelay(true).expect("set")).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // strace leaves what it has started: under its filter that would spin.
        let children = fs::read_to_string(format!("/proc/{0}/task/{0}/children", self.child.id())).unwrap_or_default();
        for child in children.split_whitespace().filter_map(|child| child.parse().ok()) {
            let _ = kill(Pid::from_raw(child), Signal::SIGKILL);
        }
        let _ = kill(Pid::from_raw(self.child.id().cast_signed()), Signal::SIGTERM);
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Round trips a second over all `clients`, each of which has one message under way.
fn rate(clients: &mut [TcpStream], turn: Duration) -> f64 {
    let (start, mut trips) = (Instant::now(), 0_u32);
    while start.elapsed() < turn {
        for client in &mut *clients {
            client.write_all(&MESSAGE).expect("sent");
        }
        for client in &mut *clients {
            let mut echo = [0; MESSAGE.len()];
            client.read_exact(&mut echo).expect("an echo");
            assert_eq!(echo, MESSAGE);
            trips += 1;
        }
    }
    f64::from(trips) / start.elapsed().as_secs_f64()
}

/// How much slower each is than the first, round by round.
fn slowdowns(server: &Path, count: usize, rounds: usize, turn: Duration) -> HashMap<&'static str, Vec<f64>> {
    let started = WATCHERS.iter().filter_map(|(name, watcher)| Some((*name, Server::start(watcher, server)?)));
    let mut all: Vec<(&str, Server, Vec<TcpStream>)> =
        started.map(|(name, server)| (name, server.connect(count), server)).map(|(n, c, s)| (n, s, c)).collect();
    let mut slowdowns: HashMap<&str, Vec<f64>> = HashMap::new();
    for round in 0..rounds {
        let rates: HashMap<&str, f64> = (0..all.len())
            .map(|turn| (turn + round) % all.len())
            .collect::<Vec<_>>()
            .into_iter()
            .map(|at| (all[at].0, rate(&mut all[at].2, turn)))
            .collect();
        let alone = rates[WATCHERS[0].0];
        for (name, rate) in rates {
            slowdowns.entry(name).or_default().push(alone / rate);
        }
    }
    slowdowns
}

/// What looking at a program from outside costs.
#[derive(Default)]
struct PeekCost {
    /// Processor time of a look at all registrations, in milliseconds.
    first: Vec<f64>,
    percent: Vec<f64>,
    slowdown: Vec<f64>,
    control: Vec<f64>,
}

/// Looks at a server with so many connections once and again, and on the screen, in turns with nobody who looks.
fn peek(server: &Path, count: usize, times: usize, turn: Duration) -> PeekCost {
    let server = Server::start(&[], server).expect("it runs");
    let mut clients = server.connect(count);
    let busy = &mut clients[..BUSY.min(count)];
    let pid = server.child.id().to_string();
    let mut cost = PeekCost::default();
    for _ in 0..times {
        let before = used_by_children();
        let seen = Command::new(EPOLLSCOPE).args(["watch", "-p", &pid]).output().expect("it runs");
        assert!(seen.status.success(), "{}", String::from_utf8_lossy(&seen.stderr));
        cost.first.push((used_by_children() - before) * 1e3);
        let alone = rate(busy, turn);
        cost.control.push(alone / rate(busy, turn));
        let screen = Screen::start(&pid);
        let (from, before) = (Instant::now(), screen.used());
        let peeked = rate(busy, turn);
        cost.percent.push((screen.used() - before) / from.elapsed().as_secs_f64() * 100.0);
        cost.slowdown.push(alone / peeked);
    }
    cost
}

/// Seconds of processor time.
fn used_by_children() -> f64 {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("asked");
    let (user, system) = (usage.user_time(), usage.system_time());
    let micros = (user.tv_sec() + system.tv_sec()) * 1_000_000 + user.tv_usec() + system.tv_usec();
    Duration::from_micros(micros.unsigned_abs()).as_secs_f64()
}

/// `watch -p` on a terminal that nobody looks at, past its first picture.
struct Screen(Child);

impl Screen {
    fn start(pid: &str) -> Self {
        let size = Winsize { ws_row: 40, ws_col: 120, ws_xpixel: 0, ws_ypixel: 0 };
        let pty = openpty(&size, None).expect("a terminal");
        let theirs = || Stdio::from(pty.slave.try_clone().expect("copied"));
        let mut command = Command::new("setsid");
        command.args(["-c", EPOLLSCOPE, "watch", "-p", pid]).env("TERM", "xterm-256color");
        let child = command.stdin(theirs()).stdout(theirs()).stderr(theirs()).spawn().expect("setsid of util-linux");
        drop(pty.slave);
        let mut ours = File::from(pty.master);
        let (tell, shown) = channel();
        thread::spawn(move || {
            let (mut all, mut piece) = (Vec::new(), [0; 4096]);
            while let Ok(count @ 1..) = ours.read(&mut piece) {
                all.extend_from_slice(&piece[..count]);
                // The end of a picture.
                if all.windows(8).any(|bytes| bytes == b"\x1b[?2026l") {
                    all.clear();
                    let _ = tell.send(());
                }
            }
        });
        shown.recv().expect("a picture");
        Self(child)
    }

    /// Seconds of processor time of all its threads so far. proc_pid_schedstat(5)
    fn used(&self) -> f64 {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.0.id())).expect("it runs").flatten();
        let spent = tasks.filter_map(|task| fs::read_to_string(task.path().join("schedstat")).ok());
        let nanos = spent.filter_map(|line| line.split_whitespace().next()?.parse::<u64>().ok()).sum();
        Duration::from_nanos(nanos).as_secs_f64()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = kill(Pid::from_raw(self.0.id().cast_signed()), Signal::SIGTERM);
        let _ = self.0.wait();
    }
}
