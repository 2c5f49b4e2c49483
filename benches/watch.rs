//! What `epollscope watch` costs the program that it watches: round trips of 64 bytes against an echo server in C, alone,
//! under watch, and under strace, in turns. `cargo bench --bench watch` prints the tables of `docs/benchmarks.md`.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

const EPOLLSCOPE: &str = env!("CARGO_BIN_EXE_epollscope");
const MESSAGE: [u8; 64] = [b'x'; 64];
const CONNECTIONS: &[usize] = &[1, 64];
/// How often each server has its turn, and for how long.
const ROUNDS: usize = 15;
const TURN: Duration = Duration::from_millis(400);
/// How many connections a look from outside goes through, and how often it is measured.
const LOOKS: &[usize] = &[10, 1_000, 10_000];
const LOOKED: usize = 20;

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
    let (looks, looked) = if short { (&LOOKS[..1], 1) } else { (LOOKS, LOOKED) };
    println!("\n| `watch -p PID`, of all its threads, median (quartiles) | {} |", headings(looks, "connection"));
    println!("|---|{}", "---:|".repeat(looks.len()));
    let cells: Vec<String> = looks.iter().map(|count| quartiles(&look(&server, *count, looked))).collect();
    println!("| processor time of one look, ms | {} |", cells.join(" | "));
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
        // Both take what they watch along.
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

/// The processor time of single looks at a server with so many connections, in milliseconds.
fn look(server: &Path, count: usize, times: usize) -> Vec<f64> {
    let server = Server::start(&[], server).expect("it runs");
    let _clients = server.connect(count);
    let used = || {
        let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("asked");
        let time = usage.user_time() + usage.system_time();
        f64::from(i32::try_from(time.tv_sec()).expect("small")) * 1e3
            + f64::from(i32::try_from(time.tv_usec()).expect("small")) / 1e3
    };
    let pid = server.child.id().to_string();
    let once = || {
        let before = used();
        let seen = Command::new(EPOLLSCOPE).args(["watch", "-p", &pid]).output().expect("it runs");
        assert!(seen.status.success(), "{}", String::from_utf8_lossy(&seen.stderr));
        used() - before
    };
    (0..times).map(|_| once()).collect()
}
