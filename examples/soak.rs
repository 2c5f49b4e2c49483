//! A long load of peers of all kinds against `serve --record` or the workbench. Every byte is compared, the memory is
//! watched, and at the end the recording is read, or the terminal looked at.
//!
//!     cargo build --release && cargo run --release --example soak -- --minutes 60 --peers 10000 [--workbench]

#[path = "../tests/soak/mod.rs"]
mod soak;

use std::error::Error;
use std::fs::OpenOptions;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use clap::Parser;
use nix::fcntl::OFlag;
use nix::pty::{grantpt, posix_openpt, ptsname_r, unlockpt};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use epollscope::trace::Reader;
use soak::Load;

type Any<T> = Result<T, Box<dyn Error>>;

#[derive(Parser)]
struct Args {
    /// How long it takes
    #[arg(long, default_value_t = 60)]
    minutes: u64,
    /// How many peers are connected
    #[arg(long, default_value_t = 10_000)]
    peers: usize,
    /// How many reads and answers a second all peers make together
    #[arg(long, default_value_t = 2_000)]
    rate: u64,
    /// Load the workbench on a pseudo-terminal, and not `serve --record`
    #[arg(long)]
    workbench: bool,
    /// The program (default: the one built beside this)
    #[arg(long)]
    program: Option<PathBuf>,
}

/// What is loaded.
struct Target {
    child: Child,
    pid: u32,
    addr: SocketAddr,
    /// What it wrote last to its terminal.
    screen: Option<Arc<Mutex<Vec<u8>>>>,
}

fn main() -> Any<()> {
    let args = Args::parse();
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard)?;
    let beside =
        || Ok::<_, std::io::Error>(std::env::current_exe()?.ancestors().nth(2).map(|at| at.join("epollscope")));
    let program = args.program.clone().or(beside()?).ok_or("where is epollscope? --program says it")?;
    let recording = std::env::temp_dir().join(format!("epollscope-soak-{}.jsonl", std::process::id()));
    let mut target = if args.workbench { workbench(&program)? } else { serve(&program, &recording)? };
    let mut load = Load::new(target.addr, args.peers, args.rate);
    let began = Instant::now();
    let end = began + Duration::from_secs(args.minutes * 60);
    let mut sizes = Vec::new();
    println!("minute  connected       bytes  memory MB");
    for minute in 1.. {
        for part in 1..=6 {
            load.run_until((began + Duration::from_secs(60 * (minute - 1) + 10 * part)).min(end));
            sizes.push(memory(target.pid));
        }
        let size = sizes.last().copied().unwrap_or(0);
        println!("{minute:>6} {:>10} {:>11} {:>10.1}", load.connected, load.bytes, mb(size));
        if Instant::now() >= end || !load.wrong.is_empty() {
            break;
        }
    }
    let (connected, bytes, wrong) = (load.connected, load.bytes, std::mem::take(&mut load.wrong));
    drop(load);
    kill(Pid::from_raw(target.pid.try_into()?), Signal::SIGTERM)?;
    let status = target.child.wait()?;
    for wrong in &wrong {
        println!("WRONG: {wrong}");
    }
    println!("{connected} connections, {bytes} bytes compared, {} wrong; it ended with {status}", wrong.len());
    let half = &sizes[sizes.len() / 2..];
    let [first, last] =
        [&half[..half.len().div_ceil(2)], &half[half.len() / 2..]].map(|part| part.iter().max().copied());
    let (first, last) = (first.unwrap_or(0), last.unwrap_or(0));
    println!("the most memory in the third quarter: {:.1} MB; in the fourth: {:.1} MB", mb(first), mb(last));
    let whole = match &target.screen {
        Some(screen) => {
            let screen = screen.lock().map_err(|_| "the reader failed")?;
            let restored = [&b"\x1b[?1049l"[..], b"\x1b[?25h", b"\x1b[?2004l"]
                .iter()
                .all(|bytes| screen.windows(bytes.len()).any(|window| window == *bytes));
            println!("the terminal is {}", if restored { "given back" } else { "NOT given back" });
            restored
        }
        None => is_complete(&recording)?,
    };
    let level = last <= first + first / 50;
    if !level {
        println!("the memory grows");
    }
    if wrong.is_empty() && status.success() && whole && level {
        Ok(())
    } else {
        Err("it is not as it should be".into())
    }
}

#[allow(clippy::cast_precision_loss, reason = "some thousand MB")]
fn mb(kb: u64) -> f64 {
    kb as f64 / 1024.0
}

fn serve(program: &Path, recording: &Path) -> Any<Target> {
    let mut command = Command::new(program);
    command.args(["serve", "--listen", "127.0.0.1:0", "--format", "none", "--record"]).arg(recording);
    let mut child = command.stderr(Stdio::piped()).spawn()?;
    let mut lines = BufReader::new(child.stderr.take().ok_or("no pipe")?).lines();
    let first = lines.next().ok_or("it says nothing")??;
    let addr = first.rsplit(' ').next().ok_or("no address")?.parse()?;
    std::thread::spawn(move || lines.map_while(Result::ok).for_each(|line| println!("{line}")));
    Ok(Target { pid: child.id(), child, addr, screen: None })
}

fn workbench(program: &Path) -> Any<Target> {
    let flags = OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC;
    let mut master = posix_openpt(flags)?;
    grantpt(&master)?;
    unlockpt(&master)?;
    let path = ptsname_r(&master)?;
    let slave = OpenOptions::new().read(true).write(true).custom_flags(flags.bits()).open(&path)?;
    Command::new("stty").args(["-F", &path, "cols", "120", "rows", "40"]).status()?;
    // A port that was free a moment ago.
    let addr = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let mut command = Command::new("setsid");
    command.arg("-c").arg(program).args(["--listen", &addr.to_string()]).env("TERM", "xterm-256color");
    let child = command.stdin(slave.try_clone()?).stdout(slave.try_clone()?).stderr(slave.try_clone()?).spawn()?;
    drop(slave);
    let screen = Arc::new(Mutex::new(Vec::new()));
    let (mut reads, seen) =
        (std::fs::File::from(std::os::fd::AsFd::as_fd(&master).try_clone_to_owned()?), Arc::clone(&screen));
    std::thread::spawn(move || {
        let mut buffer = vec![0; 1 << 16];
        while let Ok(n @ 1..) = reads.read(&mut buffer) {
            let Ok(mut seen) = seen.lock() else { return };
            seen.extend_from_slice(&buffer[..n]);
            let old = seen.len().saturating_sub(1 << 17);
            seen.drain(..old);
        }
    });
    // Held before the first call, until it runs.
    while !screen.lock().is_ok_and(|seen| seen.windows(8).any(|bytes| bytes == b"\x1b[?2026l")) {
        std::thread::yield_now();
    }
    master.write_all(b"r")?;
    Ok(Target { pid: child.id(), child, addr, screen: Some(screen) })
}

/// The memory that a process has, in kilobytes.
fn memory(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("a running process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
    line.split_whitespace().next().and_then(|kb| kb.parse().ok()).expect("a number")
}

/// Whether every line of the recording can be read, to the close of the epoll.
fn is_complete(recording: &Path) -> Any<bool> {
    let file = std::fs::File::open(recording)?;
    let bytes = file.metadata()?.len();
    let mut reader = Reader::new(recording.display().to_string(), BufReader::with_capacity(1 << 20, file))?;
    let (mut records, mut wrong) = (0_u64, 0_u64);
    for record in &mut reader {
        match record {
            Ok(_) => records += 1,
            Err(error) => {
                println!("WRONG: {error}");
                wrong += 1;
            }
        }
    }
    println!("the recording has {records} records in {bytes} bytes; {wrong} lines can't be read");
    std::fs::remove_file(recording)?;
    Ok(records > 0 && wrong == 0)
}
