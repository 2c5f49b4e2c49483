//! The server core against its peers: CPU time, instructions and system calls for a request, in one run.
//!
//!     cargo bench --bench server              # within ten minutes
//!     cargo bench --bench server -- --quick   # a look, in some two minutes
//!
//! Every server runs in a process of its own on one core, the load on the other. What counts is the CPU time that the
//! kernel accounts to the server's thread, over the requests it answered. The machine is noisy: all servers are there at
//! once, with their connections, and take short turns; each figure is a median of many rounds, each ratio a median of
//! ratios within a round, and a peer that is measured twice shows what a ratio of equals looks like. All are started
//! anew a few times, since a process keeps what its start gave it. What is printed are the tables of `docs/benchmarks.md`.
#![allow(clippy::cast_precision_loss, reason = "figures with two or three digits are printed")]

mod contenders;
mod counts;
mod load;
mod process;
mod report;
mod rival;
mod screen;
mod table;
mod traced;

use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};
use std::time::Duration;

use anyhow::Context as _;

use contenders::{C_LEVEL, Contender, DRAINED, LEVEL, OURS, PEERS, RING};
use load::{Load, Until};
use process::{LOAD_CORE, Process, Scratch, pin};
use rival::Rival;

/// Connections, and bytes of a message.
pub(crate) type Cell = (usize, usize);

/// All sizes; for a quick look the second alone.
const CELLS: [Cell; 8] =
    [(1, 64), (64, 64), (1_000, 64), (8_000, 64), (1, 16_384), (64, 16_384), (1_000, 16_384), (8_000, 16_384)];

/// How much is measured.
struct Plan {
    cells: &'static [Cell],
    /// How often all servers are started anew.
    sittings: usize,
    /// Of each sitting.
    rounds: usize,
}

impl Plan {
    /// How long a turn is, and how many rounds a sitting has. Of thousands of connections, each has to be served in a
    /// turn: they are given longer ones, and fewer.
    fn turns(&self, (connections, _): Cell) -> (Duration, usize) {
        let (ms, rounds) = match connections {
            1 => (120, self.rounds / 3),
            2..=1_000 => (40, self.rounds),
            _ => (150, self.rounds / 4),
        };
        (Duration::from_millis(ms), rounds)
    }
}

/// How many turns `name` has in a round. What tracing costs is a few per cent, and where the server mostly sleeps, or has
/// few rounds, a turn differs from the next by more: those two have more of them.
fn turns_of(name: &str, (connections, _): Cell) -> usize {
    match connections {
        _ if ![LEVEL, RING].contains(&name) => 1,
        1 => 12,
        2..=1_000 => 1,
        _ => 4,
    }
}

/// One round of one server at one size.
pub(crate) struct Slice {
    /// CPU time of the thread that serves, for a request, in microseconds.
    pub(crate) cpu: f64,
    /// The same of all its threads.
    pub(crate) all_threads: f64,
    pub(crate) p99: Duration,
    pub(crate) fairness: f64,
}

impl Slice {
    /// What the turns of a round come to.
    fn mean(turns: &[Self]) -> Self {
        let mean = |of: fn(&Self) -> f64| turns.iter().map(of).sum::<f64>() / turns.len() as f64;
        Self {
            cpu: mean(|turn| turn.cpu),
            all_threads: mean(|turn| turn.all_threads),
            p99: Duration::from_secs_f64(mean(|turn| turn.p99.as_secs_f64())),
            fairness: mean(|turn| turn.fairness),
        }
    }
}

/// All rounds.
pub(crate) type Slices = BTreeMap<(Cell, &'static str), Vec<Slice>>;

/// What else was found out.
pub(crate) struct Found {
    pub(crate) cells: &'static [Cell],
    pub(crate) sittings: usize,
    pub(crate) slices: Slices,
    /// Of the server that is traced and drained, at each size and in each sitting.
    pub(crate) reports_per_wait: Vec<(Cell, f64)>,
    /// Instructions and system calls; `None` without the tool.
    pub(crate) instructions: Vec<(&'static str, Option<counts::Instructions>)>,
    pub(crate) calls: Vec<(&'static str, Option<counts::Calls>)>,
    /// Bytes of an idle connection, untraced and traced.
    pub(crate) memory: [f64; 2],
    /// The time for 10,000 connections to come, and to go.
    pub(crate) crowd: (Duration, Duration),
    /// Requests a second with the workbench open, for each without, in each round.
    pub(crate) workbench: Vec<f64>,
}

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some(at) = arguments.iter().position(|word| word == "--serve") {
        return traced::serve(arguments.get(at + 1).is_some_and(|form| form == "drained"));
    }
    let quick = arguments.iter().any(|word| word == "--quick");
    let plan = Plan { cells: if quick { &CELLS[1..2] } else { &CELLS }, sittings: 3, rounds: 14 };
    epollscope::sys::raise_nofile_limit().context("RLIMIT_NOFILE")?;
    pin(&[LOAD_CORE])?;
    let recording = Scratch::new("recording");
    let contenders = contenders::all(&recording.0)?;
    let by_name = |name| contenders.iter().find(|contender| contender.name == name).context("no such contender");

    let memory = [idle(by_name(LEVEL)?)?, idle(by_name(RING)?)?];
    let crowd = crowd(by_name(LEVEL)?)?;
    let counted = OURS.into_iter().chain(PEERS.into_iter().take(PEERS.len() - 1)).chain([RING, DRAINED]);
    let (mut instructions, mut calls) = (Vec::new(), Vec::new());
    for name in counted {
        eprintln!("counting: {name}");
        instructions.push((name, counts::has("valgrind").then(|| counts::instructions(by_name(name)?)).transpose()?));
        calls.push((name, counts::has("strace").then(|| counts::calls(by_name(name)?)).transpose()?));
    }
    let (mut slices, mut reports_per_wait, mut workbench) = (Slices::new(), Vec::new(), Vec::new());
    for sitting in 1..=plan.sittings {
        for &cell in plan.cells {
            eprintln!("sitting {sitting} of {}: {} connections, {} bytes", plan.sittings, cell.0, cell.1);
            let (turn, rounds) = plan.turns(cell);
            let said = sit(&contenders, cell, turn, rounds, &mut slices)?;
            reports_per_wait.extend(said.map(|said| (cell, said)));
        }
        workbench.extend(with_workbench(by_name(LEVEL)?, plan.rounds)?);
    }
    let found = Found {
        cells: plan.cells,
        sittings: plan.sittings,
        slices,
        reports_per_wait,
        instructions,
        calls,
        memory,
        crowd,
        workbench,
    };
    report::print(&found);
    Ok(())
}

/// All servers at once, which take turns; how many reports a wait brought, where one says so.
fn sit(
    contenders: &[Contender],
    cell: Cell,
    turn: Duration,
    rounds: usize,
    slices: &mut Slices,
) -> anyhow::Result<Option<f64>> {
    let rivals: anyhow::Result<Vec<Rival>> = contenders.iter().map(|contender| Rival::start(contender, cell)).collect();
    let rivals = rivals?;
    let mut order: Vec<(&Rival, usize)> =
        rivals.iter().flat_map(|rival| (0..turns_of(rival.name, cell)).map(move |n| (rival, n))).collect();
    for round in 0..rounds {
        // Another order each time: nobody always comes after the same.
        let hash = |(rival, n): &(&Rival, usize)| (round, rival.name, *n);
        order.sort_by_cached_key(|turn| BuildHasherDefault::<DefaultHasher>::default().hash_one(hash(turn)));
        let mut taken = BTreeMap::<&str, Vec<Slice>>::new();
        for (rival, _) in &order {
            taken.entry(rival.name).or_default().push(rival.turn(turn)?);
        }
        for (name, turns) in taken {
            slices.entry((cell, name)).or_default().push(Slice::mean(&turns));
        }
    }
    let mut reports_per_wait = None;
    for rival in rivals {
        reports_per_wait = rival.stop()?.or(reports_per_wait);
    }
    Ok(reports_per_wait)
}

/// Bytes of the server's own memory for each connection that is open and idle, among 8,000 that have been served.
fn idle(contender: &Contender) -> anyhow::Result<f64> {
    const COUNT: usize = 8_000;
    let process = Process::start(&mut contender.command())?;
    // What it needs once, for however many: its stack, its buffer, its event list, and, traced, the ring.
    let mut one = Load::connect(process.addr, 1, 64)?;
    one.run(Until::Requests(rival::WHOLE_RING))?;
    let before = process.memory()?;
    let mut load = Load::connect(process.addr, COUNT, 64)?;
    load.greet()?;
    Ok(process.memory()?.saturating_sub(before) as f64 / COUNT as f64)
}

/// 10,000 connections are accepted, served and closed: how long until the last echo, and until the last fd was closed.
fn crowd(contender: &Contender) -> anyhow::Result<(Duration, Duration)> {
    const COUNT: usize = 10_000;
    let process = Process::start(&mut contender.command())?;
    let before = process.sockets()?;
    let begun = std::time::Instant::now();
    let mut load = Load::connect(process.addr, COUNT, 64)?;
    load.greet()?;
    let came = begun.elapsed();
    anyhow::ensure!(process.sockets()? == before + COUNT, "{} sockets are open", process.sockets()?);
    let begun = std::time::Instant::now();
    drop(load);
    process.until_sockets(before)?;
    let went = begun.elapsed();
    // And it still serves.
    Load::connect(process.addr, 1, 64)?.greet()?;
    process.stop()?;
    Ok((came, went))
}

/// Requests a second at 64 connections with the workbench open and running freely, for each of the same server alone; the
/// two take turns.
fn with_workbench(alone: &Contender, rounds: usize) -> anyhow::Result<Vec<f64>> {
    const CELL: Cell = (64, 64);
    const TURN: Duration = Duration::from_millis(200);
    let alone = Rival::start(alone, CELL)?;
    let bench = screen::Workbench::run()?;
    let seen = rival::Remote::connect(bench.addr, CELL)?;
    let mut ratios = Vec::new();
    for round in 0..=rounds {
        let without = alone.rate(TURN)?;
        let drawn = bench.drawn();
        let with = seen.run(Until::Passed(TURN))?.rate();
        anyhow::ensure!(bench.drawn() > drawn, "the workbench stopped drawing");
        // At first all warm up.
        if round > 0 {
            ratios.push(with / without);
        }
    }
    Ok(ratios)
}

/// The ratios of `one` to `other`, round by round.
pub(crate) fn ratios(slices: &Slices, cell: Cell, one: &str, other: &str) -> Vec<f64> {
    let of = |name: &str| slices.iter().find(|((at, who), _)| *at == cell && *who == name).map(|(_, slices)| slices);
    let (Some(one), Some(other)) = (of(one), of(other)) else { return Vec::new() };
    one.iter().zip(other).map(|(one, other)| one.cpu / other.cpu).collect()
}

/// The peer that needs least at this size, by its median; the control is none.
pub(crate) fn best_peer(slices: &Slices, cell: Cell) -> &'static str {
    let peers = PEERS.into_iter().take(PEERS.len() - 1);
    let cost = |name: &'static str| {
        table::median(
            &slices.get(&(cell, name)).map_or(&[][..], Vec::as_slice).iter().map(|s| s.cpu).collect::<Vec<_>>(),
        )
    };
    peers.min_by(|a, b| cost(a).total_cmp(&cost(b))).unwrap_or(C_LEVEL)
}
