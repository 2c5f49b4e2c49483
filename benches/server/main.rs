//! The server core against its peers: CPU time, instructions and system calls for a request, in one run.
//!
//!     cargo bench --bench server              # within ten minutes
//!     cargo bench --bench server -- --quick   # a look, within one or two
//!
//! Every server runs in a process of its own on one core, the load on the other. What counts is the CPU time that the
//! kernel accounts to the server's thread, over the requests it answered. The machine is noisy: each figure is a median
//! of rounds in which all servers take turns, each ratio a median of ratios within a round, and a peer that is measured
//! twice shows what a ratio of equals looks like. What is printed is the README's table.
#![allow(clippy::cast_precision_loss, reason = "figures with two or three digits are printed")]

mod contenders;
mod counts;
mod load;
mod process;
mod report;
mod screen;
mod table;
mod traced;

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Context as _;

use contenders::{C_LEVEL, Contender, DRAINED, LEVEL, OURS, PEERS, RING};
use load::{Load, Ran, Until};
use process::{LOAD_CORE, Process, Scratch, pin};

/// Connections, and bytes of a message.
pub(crate) type Cell = (usize, usize);

/// All sizes; for a quick look the second alone.
const CELLS: [Cell; 8] =
    [(1, 64), (64, 64), (1_000, 64), (8_000, 64), (1, 16_384), (64, 16_384), (1_000, 16_384), (8_000, 16_384)];

/// How much is measured.
struct Plan {
    cells: &'static [Cell],
    rounds: usize,
    slice: Duration,
}

/// One server in one round at one size.
pub(crate) struct Slice {
    /// CPU time of the thread that serves, for a request, in microseconds.
    pub(crate) cpu: f64,
    /// The same of all its threads.
    pub(crate) all_threads: f64,
    pub(crate) p99: Duration,
    pub(crate) fairness: f64,
    pub(crate) reports_per_wait: Option<f64>,
}

/// All rounds.
pub(crate) type Slices = BTreeMap<(Cell, &'static str), Vec<Slice>>;

/// What else was found out.
pub(crate) struct Found {
    pub(crate) cells: &'static [Cell],
    pub(crate) rounds: usize,
    pub(crate) slices: Slices,
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
    let plan = if quick {
        Plan { cells: &CELLS[1..2], rounds: 5, slice: Duration::from_millis(150) }
    } else {
        Plan { cells: &CELLS, rounds: 5, slice: Duration::from_millis(200) }
    };
    epollscope::kernel::raise_nofile_limit().context("RLIMIT_NOFILE")?;
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
    let (mut slices, mut workbench) = (Slices::new(), Vec::new());
    for round in 1..=plan.rounds {
        for &cell in plan.cells {
            eprintln!("round {round} of {}: {} connections, {} bytes", plan.rounds, cell.0, cell.1);
            for contender in &contenders {
                let slice = measure(contender, cell, plan.slice);
                let slice = slice.with_context(|| format!("{}, {cell:?}", contender.name))?;
                slices.entry((cell, contender.name)).or_default().push(slice);
            }
        }
        workbench.push(with_workbench(by_name(LEVEL)?, plan.slice)?);
    }
    let found = Found { cells: plan.cells, rounds: plan.rounds, slices, instructions, calls, memory, crowd, workbench };
    report::print(&found);
    Ok(())
}

/// One slice: a server of its own, its connections, warmed up, then kept busy.
fn measure(contender: &Contender, (connections, size): Cell, slice: Duration) -> anyhow::Result<Slice> {
    let process = Process::start(&mut contender.command())?;
    let mut load = Load::connect(process.addr, connections, size)?;
    load.greet()?;
    load.run(Until::Passed(slice / 8))?;
    let before = process.cpu()?;
    let Ran { requests, p99, fairness, .. } = load.run(Until::Passed(slice))?;
    let after = process.cpu()?;
    let each = |before: u64, after: u64| (after - before) as f64 / 1e3 / requests as f64;
    let (cpu, all_threads) = (each(before.0, after.0), each(before.1, after.1));
    let said = process.stop()?;
    let reports_per_wait = said.trim().rsplit_once("reports per wait ").and_then(|(_, n)| n.parse().ok());
    Ok(Slice { cpu, all_threads, p99, fairness, reports_per_wait })
}

/// Bytes of the server's own memory for each connection that is open and idle, among 8,000 that have been served.
fn idle(contender: &Contender) -> anyhow::Result<f64> {
    const COUNT: usize = 8_000;
    let process = Process::start(&mut contender.command())?;
    // What it needs once, for however many: its stack, its buffer, its event list, and, traced, the ring.
    let mut one = Load::connect(process.addr, 1, 64)?;
    one.run(Until::Requests(70_000))?;
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

/// Requests a second at 64 connections with the workbench open and running freely, for each without it.
fn with_workbench(alone: &Contender, slice: Duration) -> anyhow::Result<f64> {
    let rate = |addr| -> anyhow::Result<f64> {
        let mut load = Load::connect(addr, 64, 64)?;
        load.greet()?;
        load.run(Until::Passed(slice / 4))?;
        let ran = load.run(Until::Passed(slice * 4))?;
        Ok(ran.requests as f64 / ran.took.as_secs_f64())
    };
    let process = Process::start(&mut alone.command())?;
    let without = rate(process.addr)?;
    process.stop()?;
    let bench = screen::Workbench::run()?;
    let drawn = bench.drawn();
    let with = rate(bench.addr)?;
    anyhow::ensure!(bench.drawn() > drawn, "the workbench stopped drawing");
    Ok(with / without)
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
