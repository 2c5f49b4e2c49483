//! The real program on a pseudo-terminal: how soon its first picture is there, what it costs when nothing happens, how
//! often it draws when everything does, and how large it is. `cargo bench --bench start` prints the README's rows.

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
    let idle = idle(if short { Duration::from_millis(100) } else { IDLE });
    println!("| idle for {} s: pictures | 0 | {} |", IDLE.as_secs(), idle.pictures);
    println!("| idle: processor time of all its threads | 0 ms | {} ms |", millis(idle.time));
    println!("| idle: times that a thread woke | 0 | {} |", idle.woke);
    let busy = busy(if short { Duration::from_millis(300) } else { BUSY });
    println!("| busy, {} requests/s: pictures a second | 30 | {:.1} |", busy.requests, busy.pictures);
    println!(
        "| busy: from a key to the next picture, median of 20 (worst) | 33 ms | {} ms ({}) |",
        millis(busy.key),
        millis(busy.worst)
    );
    let size = fs::metadata(EPOLLSCOPE).expect("the program").len();
    println!("| the program, stripped | 4,000,000 bytes | {size} bytes |");
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
    /// What came after the last picture that was looked for.
    rest: Vec<u8>,
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
        Self { began, master, child, pictures: 0, rest: Vec::new() }
    }

    /// Takes in what it draws for so long, or until `seen` is in what came, counting pictures; whether it was.
    fn watch(&mut self, time: Duration, seen: &[u8]) -> bool {
        let end = Instant::now() + time;
        loop {
            if let Some(at) = find(&self.rest, seen).filter(|_| !seen.is_empty()) {
                self.rest.drain(..at + seen.len());
                return true;
            }
            let left = end.saturating_duration_since(Instant::now());
            let timeout = PollTimeout::try_from(left).unwrap_or(PollTimeout::ZERO);
            let mut fds = [PollFd::new(self.master.as_fd(), PollFlags::POLLIN)];
            if left.is_zero() || poll(&mut fds, timeout).unwrap_or(0) == 0 {
                return false;
            }
            let mut buffer = vec![0; 65_536];
            let n = self.master.read(&mut buffer).unwrap_or(0);
            self.pictures += buffer[..n].windows(PICTURE.len()).filter(|bytes| *bytes == PICTURE).count();
            self.rest.extend_from_slice(&buffer[..n]);
            if seen.is_empty() {
                self.rest.clear();
            }
        }
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

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len().max(1)).position(|window| window == wanted)
}

/// From exec to the end of the first picture.
fn start() -> Duration {
    let mut program = Program::start(&[]);
    assert!(program.watch(Duration::from_secs(10), PICTURE), "no picture came");
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
    program.watch(Duration::from_secs(10), PICTURE);
    program.press(b"cr");
    program.watch(Duration::from_secs(1), b"");
    let (before, pictures) = (program.spent(), program.pictures);
    program.watch(time, b"");
    let after = program.spent();
    Idle { pictures: program.pictures - pictures, time: after.0.saturating_sub(before.0), woke: after.1 - before.1 }
}

struct Busy {
    requests: u64,
    pictures: f64,
    key: Duration,
    worst: Duration,
}

/// The server runs freely, and clients from outside have it echo as fast as it can.
fn busy(time: Duration) -> Busy {
    let mut program = Program::start(&["--accept", "drain"]);
    program.watch(Duration::from_secs(10), PICTURE);
    program.press(b"r");
    program.watch(Duration::from_millis(300), b"");
    let addr = ("127.0.0.1", program.port());
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(|| echoes(addr, &over))).collect();
        program.watch(time / 3, b"");
        let (began, pictures) = (Instant::now(), program.pictures);
        program.watch(time, b"");
        #[allow(clippy::cast_precision_loss, reason = "some hundred pictures")]
        let pictures = (program.pictures - pictures) as f64 / began.elapsed().as_secs_f64();
        let mut keys: Vec<Duration> = (0..20).map(|_| answered(&mut program)).collect();
        keys.sort_unstable();
        over.store(true, Ordering::Relaxed);
        let rates = clients.into_iter().map(|client| client.join().expect("a client"));
        Busy { requests: rates.sum(), pictures, key: keys[10], worst: keys[19] }
    })
}

/// Opens the help, and closes it; how long until the next picture. What a picture holds is only what changed.
fn answered(program: &mut Program) -> Duration {
    let began = Instant::now();
    program.press(b"?");
    assert!(program.watch(Duration::from_secs(5), PICTURE), "no picture came");
    let took = began.elapsed();
    program.press(b"\x1b");
    program.watch(Duration::from_millis(97), b"");
    took
}

/// One client: requests a second.
fn echoes(addr: (&str, u16), over: &AtomicBool) -> u64 {
    let mut stream = TcpStream::connect(addr).expect("connected");
    stream.set_nodelay(true).expect("an option");
    let (began, mut count, mut message) = (Instant::now(), 0_u64, [b'x'; 64]);
    while !over.load(Ordering::Relaxed) {
        if stream.write_all(&message).and_then(|()| stream.read_exact(&mut message)).is_err() {
            break;
        }
        count += 1;
    }
    count / began.elapsed().as_secs().max(1)
}
