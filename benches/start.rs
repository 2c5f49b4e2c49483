//! The real program on a pseudo-terminal: how soon its first picture is there, what it costs when nothing happens, how
//! often it draws when everything does, and how large it is. `cargo bench --bench start` prints the rows of `docs/benchmarks.md`.

use std::fs::{self, OpenOptions};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::fd::AsFd as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use nix::fcntl::OFlag;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::{PtyMaster, grantpt, posix_openpt, ptsname_r, unlockpt};

const EPOLLSCOPE: &str = env!("CARGO_BIN_EXE_epollscope");
/// What ends each picture: the end of a synchronised update.
const PICTURE: &[u8] = b"\x1b[?2026l";
const STARTS: usize = 20;
const IDLE: Duration = Duration::from_secs(10);
const BUSY: Duration = Duration::from_secs(3);
const CLIENTS: usize = 8;
const KEYS: usize = 20;
/// Stands on the help screen, and nowhere else.
const HELP: &str = "Drive the server";
/// So long is waited for what must come.
const LONG: Duration = Duration::from_secs(10);

fn main() {
    // Without `cargo bench`, as in `cargo test --benches`, it is only to be seen that it runs.
    let short = !std::env::args().any(|arg| arg == "--bench");
    println!("| of the program on a terminal | budget | measured |");
    println!("|---|---:|---:|");
    let mut starts: Vec<Duration> = (0..if short { 1 } else { STARTS }).map(|_| start()).collect();
    starts.sort_unstable();
    let (median, worst) = (starts[starts.len() / 2], starts[starts.len() - 1]);
    println!(
        "| from exec to the first picture, median of {} (worst) | 50 ms | {} ms ({}) |",
        starts.len(),
        millis(median),
        millis(worst)
    );
    let time = if short { Duration::from_millis(100) } else { IDLE };
    let idle = idle(time);
    println!("| idle for {} s: pictures | 0 | {} |", time.as_secs_f32(), idle.pictures);
    println!("| idle: processor time of all its threads | 0 ms | {} ms |", millis(idle.time));
    println!("| idle: times that a thread woke | 0 | {} |", idle.woke);
    let busy = busy(if short { Duration::from_millis(300) } else { BUSY });
    println!("| busy, {:.0} requests/s: pictures a second | 30 | {:.1} |", busy.requests, busy.pictures);
    println!(
        "| busy: from a key to what it opens on the screen, median of {KEYS} (worst) | 33 ms | {} ms ({}) |",
        millis(busy.keys[KEYS / 2]),
        millis(busy.keys[KEYS - 1])
    );
    let size = fs::metadata(EPOLLSCOPE).expect("the program").len();
    println!("| the program, stripped | 8,000,000 bytes | {size} bytes |");
}

fn millis(time: Duration) -> String {
    format!("{:.1}", time.as_secs_f64() * 1e3)
}

/// The program on a terminal of 120x40.
struct Program {
    /// When it was started.
    began: Instant,
    master: PtyMaster,
    child: Child,
    pictures: usize,
    /// The end of what came, where a picture's end may have begun.
    rest: Vec<u8>,
    /// What is on the screen.
    screen: vt100::Parser,
}

impl Program {
    fn start(args: &[&str]) -> Self {
        let flags = OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC;
        let master = posix_openpt(flags).expect("a pseudo-terminal");
        grantpt(&master).and_then(|()| unlockpt(&master)).expect("its other end");
        let path = ptsname_r(&master).expect("its name");
        let slave = OpenOptions::new().read(true).write(true).custom_flags(flags.bits()).open(&path).expect("opened");
        let stdio = || Stdio::from(slave.try_clone().expect("an fd"));
        let size = Command::new("stty").args(["rows", "40", "cols", "120"]).stdin(stdio()).status();
        assert!(size.is_ok_and(|status| status.success()), "stty(1) sets the size");
        let mut command = Command::new(EPOLLSCOPE);
        command.args(["--listen", "127.0.0.1:0"]).args(args).env("TERM", "xterm-256color").env("LC_ALL", "C");
        command.process_group(0).stdin(stdio()).stdout(stdio()).stderr(stdio());
        let began = Instant::now();
        let child = command.spawn().expect("started");
        Self { began, master, child, pictures: 0, rest: Vec::new(), screen: vt100::Parser::new(40, 120, 0) }
    }

    /// Takes in what it draws for so long, or until it is `seen`, counting pictures; whether it was.
    fn watch(&mut self, time: Duration, seen: impl Fn(&Self) -> bool) -> bool {
        let end = Instant::now() + time;
        let mut buffer = vec![0; 65_536];
        while !seen(self) {
            let left = end.saturating_duration_since(Instant::now());
            let timeout = PollTimeout::try_from(left).unwrap_or(PollTimeout::ZERO);
            let mut fds = [PollFd::new(self.master.as_fd(), PollFlags::POLLIN)];
            if left.is_zero() || poll(&mut fds, timeout).unwrap_or(0) == 0 {
                return false;
            }
            let n = self.master.read(&mut buffer).unwrap_or(0);
            self.screen.process(&buffer[..n]);
            self.rest.extend_from_slice(&buffer[..n]);
            self.pictures += self.rest.windows(PICTURE.len()).filter(|bytes| *bytes == PICTURE).count();
            self.rest.drain(..self.rest.len().saturating_sub(PICTURE.len() - 1));
        }
        true
    }

    /// Waits for the first picture.
    fn appears(&mut self) {
        assert!(self.watch(LONG, |program| program.pictures > 0), "no picture came");
    }

    /// Lets so much time pass.
    fn pass(&mut self, time: Duration) {
        self.watch(time, |_| false);
    }

    fn shows(&self, text: &str) -> bool {
        self.screen.screen().contents().contains(text)
    }

    fn press(&mut self, key: &[u8]) {
        self.master.write_all(key).expect("the terminal takes keys");
    }

    /// Processor time, and how often a thread woke, over all threads.
    fn spent(&self) -> (Duration, u64) {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.child.id())).expect("its threads");
        let mut spent = (Duration::ZERO, 0);
        for task in tasks.flatten() {
            let text = fs::read_to_string(task.path().join("schedstat")).unwrap_or_default();
            let mut numbers = text.split_whitespace().map(|word| word.parse().unwrap_or(0));
            spent.0 += Duration::from_nanos(numbers.next().unwrap_or(0));
            spent.1 += numbers.nth(1).unwrap_or(0);
        }
        spent
    }

    /// The address that it listens on, from /proc.
    fn port(&self) -> u16 {
        let tcp = fs::read_to_string(format!("/proc/{}/net/tcp", self.child.id())).expect("/proc");
        let inodes: Vec<String> = fs::read_dir(format!("/proc/{}/task", self.child.id()))
            .expect("its threads")
            .flatten()
            .filter_map(|task| fs::read_dir(task.path().join("fd")).ok())
            .flat_map(|fds| fds.flatten().filter_map(|fd| fs::read_link(fd.path()).ok()))
            .filter_map(|link| Some(link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned()))
            .collect();
        let listens = |line: &&str| {
            let words: Vec<&str> = line.split_whitespace().collect();
            words.get(3) == Some(&"0A") && words.get(9).is_some_and(|inode| inodes.iter().any(|own| own == inode))
        };
        let line = tcp.lines().find(listens).expect("it listens");
        let local = line.split_whitespace().nth(1).and_then(|local| local.rsplit_once(':')).expect("an address").1;
        u16::from_str_radix(local, 16).expect("a port")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// From exec to the end of the first picture.
fn start() -> Duration {
    let mut program = Program::start(&[]);
    program.appears();
    program.began.elapsed()
}

struct Idle {
    pictures: usize,
    time: Duration,
    woke: u64,
}

/// The server blocked in epoll_wait, a client connected, and nobody does anything.
fn idle(time: Duration) -> Idle {
    let mut program = Program::start(&[]);
    program.appears();
    program.press(b"cr");
    program.pass(Duration::from_secs(1));
    let (before, pictures) = (program.spent(), program.pictures);
    program.pass(time);
    let after = program.spent();
    Idle { pictures: program.pictures - pictures, time: after.0.saturating_sub(before.0), woke: after.1 - before.1 }
}

struct Busy {
    requests: f64,
    pictures: f64,
    /// The quickest answer first.
    keys: Vec<Duration>,
}

/// The server runs freely, and clients from outside have it echo as fast as it can.
fn busy(time: Duration) -> Busy {
    let mut program = Program::start(&["--accept", "drain"]);
    program.appears();
    program.press(b"r");
    program.pass(Duration::from_millis(300));
    let addr = ("127.0.0.1", program.port());
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(|| echoes(addr, &over))).collect();
        program.pass(time / 3);
        let (began, pictures) = (Instant::now(), program.pictures);
        program.pass(time);
        #[allow(clippy::cast_precision_loss, reason = "some hundred pictures")]
        let pictures = (program.pictures - pictures) as f64 / began.elapsed().as_secs_f64();
        let keys: Option<Vec<Duration>> = (0..KEYS).map(|_| answered(&mut program)).collect();
        // Before anything can fail, for the clients are waited for.
        over.store(true, Ordering::Relaxed);
        let rates = clients.into_iter().map(|client| client.join().expect("a client"));
        let requests = rates.sum();
        let mut keys = keys.expect("each key was answered");
        keys.sort_unstable();
        Busy { requests, pictures, keys }
    })
}

/// Opens the help, and closes it; how long until all of it was on the screen.
fn answered(program: &mut Program) -> Option<Duration> {
    let began = Instant::now();
    program.press(b"?");
    program.watch(LONG, |program| program.shows(HELP)).then_some(())?;
    let took = began.elapsed();
    program.press(b"?");
    program.watch(LONG, |program| !program.shows(HELP)).then_some(())?;
    // Not in step with the pictures.
    program.pass(Duration::from_millis(97));
    Some(took)
}

/// One client: requests a second.
fn echoes(addr: (&str, u16), over: &AtomicBool) -> f64 {
    let mut stream = TcpStream::connect(addr).expect("connected");
    stream.set_nodelay(true).and_then(|()| stream.set_read_timeout(Some(LONG))).expect("options");
    let (began, mut count, mut message) = (Instant::now(), 0_u32, [b'x'; 64]);
    while !over.load(Ordering::Relaxed) {
        if stream.write_all(&message).and_then(|()| stream.read_exact(&mut message)).is_err() {
            break;
        }
        count += 1;
    }
    f64::from(count) / began.elapsed().as_secs_f64()
}
