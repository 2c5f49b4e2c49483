//! What it costs to fold records, to reach a moment, to keep records and to open a recording, beside the budgets.
//!
//! `cargo bench --bench fold` prints the two tables of `docs/benchmarks.md`. Every figure is the median of rounds that go through the cases in turn, in
//! processor time but for "first" and "whole"; memory is what a process of its own grows by.

use std::fmt::Write as _;
use std::hint::black_box;
use std::net::SocketAddr;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use epollscope::analysis::query::Query;
use epollscope::analysis::search::{Search, Wanted, Way};
use epollscope::analysis::{Findings, History};
use epollscope::record::{
    Call, Chunk, CtlOp, Dir, Fd, Interest, MsgFlags, Nanos, Ready, Record, Ret, Seq, Tid, Timeout,
};
use epollscope::trace::{Header, Playback, Reader, World, Writer};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::time::{ClockId, clock_gettime};

const MILLION: usize = 1_000_000;
const ROUNDS: usize = 5;

/// A stream of records: an echo server with so many connections, as its tap records it.
#[derive(Clone, Copy)]
struct Case {
    name: &'static str,
    connections: i32,
    /// How many of them send, in turn.
    active: i32,
    /// The clients are recorded too.
    clients: bool,
}

const CASES: [Case; 5] = [
    Case { name: "64 connections", connections: 64, active: 64, clients: false },
    Case { name: "1,000 connections, clients in the trace", connections: 1_000, active: 1_000, clients: true },
    Case { name: "4,000 connections", connections: 4_000, active: 4_000, clients: false },
    Case { name: "10,000 connections, 64 active", connections: 10_000, active: 64, clients: false },
    Case { name: "10,000 connections, all active", connections: 10_000, active: 10_000, clients: false },
];

const SERVER: Tid = Tid(100);
const CLIENTS: Tid = Tid(101);
const LISTENER: Fd = Fd(3);
const EPOLL: Fd = Fd(4);

impl Case {
    /// The first `MILLION` records.
    fn records(self) -> Vec<Record> {
        let mut stream = Stream { records: Vec::with_capacity(MILLION + 1_000), t: 0 };
        stream.open(self);
        let mut next = 0;
        while stream.records.len() < MILLION {
            stream.turn(self, next);
            next = (next + Stream::AT_ONCE) % self.active;
        }
        stream.records.truncate(MILLION);
        stream.records
    }
}

struct Stream {
    records: Vec<Record>,
    t: u64,
}

impl Stream {
    /// So many events has a return of epoll_wait.
    const AT_ONCE: i32 = 16;

    fn say(&mut self, tid: Tid, call: Call) {
        self.t += 1_300;
        let seq = Seq(self.records.len() as u64 + 1);
        self.records.push(Record { seq, t: Nanos(self.t), tid, call });
    }

    fn open(&mut self, case: Case) {
        let addr: SocketAddr = "127.0.0.1:9292".parse().expect("an address");
        let ok = Ret::OK;
        self.say(SERVER, Call::CloseRange { first: 3, ret: ok });
        self.say(SERVER, Call::Socket { ret: Ret::from_raw(LISTENER.0) });
        self.say(SERVER, Call::Listen { fd: LISTENER, backlog: 4_096, ret: ok });
        self.say(SERVER, Call::Getsockname { fd: LISTENER, addr: addr.into(), ret: ok });
        self.say(SERVER, Call::EpollCreate1 { ret: Ret::from_raw(EPOLL.0) });
        self.control(LISTENER, Interest::IN);
        for n in 0..case.connections {
            let port = 20_000 + u16::try_from(n).expect("a port");
            let peer = SocketAddr::from(([127, 0, 0, 1], port)).into();
            if case.clients {
                let fd = Fd(n + 5);
                self.say(CLIENTS, Call::Socket { ret: Ret::from_raw(fd.0) });
                self.say(CLIENTS, Call::Getsockname { fd, addr: peer, ret: ok });
                self.say(CLIENTS, Call::Connect { fd, addr: addr.into(), ret: ok });
            }
            let fd = Fd(n + 5);
            self.say(SERVER, Call::Accept4 { fd: LISTENER, peer, ret: Ret::from_raw(fd.0) });
            self.control(fd, Interest::IN | Interest::RDHUP);
            self.say(SERVER, Call::Sample { fd, unread: 0, unsent: 0, ready: Ready::OUT });
        }
    }

    fn control(&mut self, fd: Fd, interest: Interest) {
        self.say(SERVER, Call::EpollCtl { epfd: EPOLL, op: CtlOp::Add, fd, interest, ret: Ret::OK });
    }

    /// A wait, and what is done about what it reports: each client has sent 100 bytes.
    fn turn(&mut self, case: Case, first: i32) {
        const BYTES: usize = 100;
        let ret = Ret::value(BYTES);
        // Each says something else, and hears it again.
        let now = self.t;
        let chunk = |fd: Fd| Chunk::new(format!("{fd:06} at {now:014}").as_bytes());
        let fds = || (first..case.active.min(first + Self::AT_ONCE)).map(|n| Fd(n + 5));
        self.say(SERVER, Call::EpollWaitEnter { epfd: EPOLL, max_events: 64, timeout: Timeout::NONE });
        if case.clients {
            for fd in fds() {
                self.say(CLIENTS, Call::Sendto { fd, len: 100, flags: MsgFlags::empty(), ret });
                self.say(CLIENTS, Call::Data { fd, dir: Dir::Out, chunk: chunk(fd) });
            }
        }
        self.say(SERVER, Call::EpollWait { epfd: EPOLL, ret: Ret::value(fds().count()) });
        for fd in fds() {
            self.say(SERVER, Call::Event { epfd: EPOLL, fd, ready: Ready::IN });
        }
        for fd in fds() {
            self.say(SERVER, Call::Sample { fd, unread: 100, unsent: 0, ready: Ready::IN | Ready::OUT });
        }
        for fd in fds() {
            self.say(SERVER, Call::Recvfrom { fd, len: 1_024, flags: MsgFlags::empty(), ret });
            self.say(SERVER, Call::Data { fd, dir: Dir::In, chunk: chunk(fd) });
            self.say(SERVER, Call::Sendto { fd, len: 100, flags: MsgFlags::empty(), ret });
            self.say(SERVER, Call::Data { fd, dir: Dir::Out, chunk: chunk(fd) });
        }
        if case.clients {
            for fd in fds() {
                self.say(CLIENTS, Call::Recvfrom { fd, len: 1_024, flags: MsgFlags::empty(), ret });
                self.say(CLIENTS, Call::Data { fd, dir: Dir::In, chunk: chunk(fd) });
            }
        }
    }
}

/// What was measured of one case in one round.
#[derive(Clone, Copy)]
struct Round {
    fold: Duration,
    /// With the lints besides.
    lints: Duration,
    /// All of it searched for what is not there: what a record tells, and a name, which the world tells.
    search: Duration,
    name: Duration,
    push: Duration,
    seek: Duration,
    slowest_seek: Duration,
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "--grow") {
        let case = arguments.get(at + 1).and_then(|n| n.parse::<usize>().ok()).and_then(|n| CASES.get(n));
        return println!("{}", growth(*case.expect("a case's number")));
    }
    let mut rounds: Vec<Vec<Round>> = CASES.map(|_| Vec::new()).into();
    for _ in 0..ROUNDS {
        for (case, rounds) in CASES.into_iter().zip(&mut rounds) {
            rounds.push(round(&case.records()));
        }
    }
    let mut table = head(
        "1,000,000 records",
        &[
            ("fold, M/s", "≥ 10"),
            ("with lints, M/s", ""),
            ("kept, M/s", ""),
            ("seek, ms", "≤ 5"),
            ("slowest, ms", "≤ 5"),
            ("search, ms", ""),
            ("for a name, ms", ""),
            ("bytes each", "≤ 96"),
        ],
    );
    for (n, (case, rounds)) in CASES.into_iter().zip(&rounds).enumerate() {
        let rate = |of: fn(&Round) -> Duration| 1.0 / median(rounds, of).as_secs_f64();
        let ms = |of: fn(&Round) -> Duration| median(rounds, of).as_secs_f64() * 1e3;
        let _ = writeln!(
            table,
            "| {} | {:.1} | {:.1} | {:.1} | {:.2} | {:.2} | {:.0} | {:.0} | {:.1} |",
            case.name,
            rate(|round| round.fold),
            rate(|round| round.lints),
            rate(|round| round.push),
            ms(|round| round.seek),
            ms(|round| round.slowest_seek),
            ms(|round| round.search),
            ms(|round| round.name),
            grown(n)
        );
    }
    println!("{table}");
    println!("{}", opening());
}

/// The head of a table, with a row for the budgets.
fn head(of: &str, columns: &[(&str, &str)]) -> String {
    let row = |first: &str, cells: Vec<&str>| format!("| {first} | {} |\n", cells.join(" | "));
    let names = row(of, columns.iter().map(|(name, _)| *name).collect());
    let line = row("---", vec!["---:"; columns.len()]);
    names + &line + &row("*budget*", columns.iter().map(|(_, budget)| *budget).collect())
}

fn median(rounds: &[Round], of: fn(&Round) -> Duration) -> Duration {
    let mut times: Vec<Duration> = rounds.iter().map(of).collect();
    times.sort_unstable();
    times[times.len() / 2]
}

/// The processor time that a job takes in this thread, whoever else uses the processor meanwhile.
fn timed<T>(job: impl FnOnce() -> T) -> (Duration, T) {
    let now = || Duration::from(clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).expect("a clock"));
    let start = now();
    let made = black_box(job());
    (now().saturating_sub(start), made)
}

fn round(records: &[Record]) -> Round {
    let (fold, world) = timed(|| {
        let mut world = World::default();
        for record in records {
            world.apply(record);
        }
        world
    });
    drop(world);
    let (lints, found) = timed(|| {
        let (mut world, mut findings) = (World::default(), Findings::default());
        for record in records {
            world.apply(record);
            findings.apply(record, &world);
        }
        (world, findings)
    });
    drop(found);
    let (push, timeline) = timed(|| timeline(records));
    // Moments all over, in no order that a cache would like.
    let mut seeks: Vec<Duration> =
        (0..100_u64).map(|n| timed(|| timeline.at(n * 7_368_787 % timeline.len())).0).collect();
    seeks.sort_unstable();
    let search = |text| {
        let query = Query::parse(text).expect("a query");
        timed(|| Search::new(Wanted::Query(query), Way::Backward, timeline.len()).run(&timeline)).0
    };
    let (search, name) = (search("fd 999999 EAGAIN"), search("nobody"));
    Round { fold, lints, search, name, push, seek: seeks[seeks.len() / 2], slowest_seek: seeks[seeks.len() - 1] }
}

fn timeline(records: &[Record]) -> History {
    let mut timeline = History::default();
    for record in records {
        timeline.push(*record);
    }
    timeline
}

/// Bytes that a record costs in a timeline, its checkpoints included.
#[allow(clippy::cast_precision_loss, reason = "a figure for people")]
fn growth(case: Case) -> f64 {
    let records = case.records();
    let before = resident();
    let timeline = timeline(&records);
    let grown = resident() - before;
    drop(black_box(timeline));
    grown as f64 / records.len() as f64
}

/// Bytes of this process that lie in memory.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").expect("statm");
    let pages: usize = statm.split(' ').nth(1).and_then(|pages| pages.parse().ok()).expect("a number");
    pages * 4_096
}

/// [`growth`] in a process that has done nothing else.
fn grown(case: usize) -> f64 {
    let program = std::env::current_exe().expect("this program");
    let output = std::process::Command::new(program).args(["--grow", &case.to_string()]).output().expect("a process");
    String::from_utf8_lossy(&output.stdout).trim().parse().expect("a number")
}

/// How long a recording of a million records takes to open, to be read to its end, and to be looked at anywhere.
fn opening() -> String {
    let path: PathBuf = std::env::temp_dir().join(format!("epollscope-fold-{}.jsonl", std::process::id()));
    let mut told = head(
        "a recording of 1,000,000 records",
        &[
            ("parse, ms", ""),
            ("first, ms", "≤ 50"),
            ("whole, ms", "< 1000"),
            ("longest pump, ms", "≤ 10"),
            ("slowest seek, ms", "≤ 5"),
        ],
    );
    for case in CASES {
        write(&path, &case.records());
        let mut rounds: Vec<[Duration; 5]> = (0..ROUNDS).map(|_| open(&path)).collect();
        let mut ms = |of: usize| {
            rounds.sort_unstable_by_key(|round| round[of]);
            rounds[ROUNDS / 2][of].as_secs_f64() * 1e3
        };
        let _ = writeln!(
            told,
            "| {} | {:.0} | {:.1} | {:.0} | {:.1} | {:.2} |",
            case.name,
            ms(0),
            ms(1),
            ms(2),
            ms(3),
            ms(4)
        );
    }
    let _ = std::fs::remove_file(&path);
    told
}

fn write(path: &Path, records: &[Record]) {
    let file = std::io::BufWriter::new(std::fs::File::create(path).expect("a file"));
    let mut writer = Writer::new(file, &Header::now("benches/fold")).expect("a disk");
    for record in records {
        writer.write(record).expect("a disk");
    }
    writer.finish().expect("a disk");
}

/// To parse it only, to its first records, to its last, the longest that it kept the screen from drawing meanwhile, and
/// to any moment.
fn open(path: &Path) -> [Duration; 5] {
    let (parse, _) = timed(|| Reader::open(path).expect("a recording").flatten().count());
    let start = Instant::now();
    let (mut playback, timeline) = Playback::open(path).expect("a recording");
    let mut history = History::of(timeline);
    let (mut first, mut longest) = (None, Duration::ZERO);
    while !playback.is_over() {
        let mut fds = [PollFd::new(playback.as_fd(), PollFlags::POLLIN)];
        poll(&mut fds, PollTimeout::NONE).expect("poll");
        let (took, news) = timed(|| history.pump(&mut playback));
        longest = longest.max(took);
        if news {
            first.get_or_insert_with(|| start.elapsed());
        }
    }
    let whole = start.elapsed();
    let timeline = &history;
    let mut seeks: Vec<Duration> =
        (0..100_u64).map(|n| timed(|| timeline.at(n * 7_368_787 % timeline.len())).0).collect();
    seeks.sort_unstable();
    [parse, first.unwrap_or(whole), whole, longest, seeks[seeks.len() - 1]]
}
