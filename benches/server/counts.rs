//! What can be counted exactly: instructions by callgrind, system calls by strace. Each is the difference of two runs, of
//! which one has more requests, so that start, connections and end do not count.

use std::collections::BTreeMap;
use std::fs;
use std::process::{Command, Stdio};

use anyhow::Context as _;

use super::contenders::Contender;
use super::load::{Load, Until};
use super::process::{Process, Scratch};

/// As the budgets have it.
const CONNECTIONS: usize = 64;
const SIZE: usize = 64;
/// Requests in the shorter run, in which the instrument uses up what it may take at once; and how many more in the longer.
const FEW: u64 = 16_384;
const MORE: u64 = 16_384;

/// System calls of one request.
pub(crate) struct Calls {
    pub(crate) all: f64,
    pub(crate) reads: f64,
    pub(crate) writes: f64,
    pub(crate) waits: f64,
    /// Of the reads, those that found nothing: `EAGAIN`.
    pub(crate) in_vain: f64,
}

const READS: [&str; 2] = ["read", "recvfrom"];

/// Whether `tool` is there.
pub(crate) fn has(tool: &str) -> bool {
    Command::new(tool).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|s| s.success())
}

/// Instructions in user space for one request.
#[derive(Clone, Copy)]
pub(crate) struct Instructions {
    /// Of the thread that serves, which is the one that does most.
    pub(crate) serving: f64,
    /// Of all its threads.
    pub(crate) all: f64,
}

pub(crate) fn instructions(contender: &Contender) -> anyhow::Result<Instructions> {
    let totals = |requests| -> anyhow::Result<BTreeMap<usize, f64>> {
        let out = Scratch::new("callgrind");
        let file = format!("--callgrind-out-file={}", out.0.display());
        let process =
            Process::start(&mut contender.under("valgrind", &["--tool=callgrind", "--separate-threads=yes", &file]))?;
        ask(&process, requests)?;
        process.stop()?;
        let mut totals = BTreeMap::new();
        // A file a thread, beside that of the process.
        for thread in 1.. {
            let part = Scratch(format!("{}-{thread:02}", out.0.display()).into());
            let Ok(text) = fs::read_to_string(&part.0) else { break };
            let total = text.lines().find_map(|line| line.strip_prefix("totals: ").or(line.strip_prefix("summary: ")));
            totals.insert(thread, total.context("callgrind counted nothing")?.trim().parse()?);
        }
        Ok(totals)
    };
    let (longer, shorter) = (totals(FEW + MORE)?, totals(FEW)?);
    let each: Vec<f64> = longer
        .iter()
        .map(|(thread, total)| (total - shorter.get(thread).copied().unwrap_or(0.0)) / MORE as f64)
        .collect();
    Ok(Instructions { serving: each.iter().copied().fold(0.0, f64::max), all: each.iter().sum() })
}

/// System calls for one request.
pub(crate) fn calls(contender: &Contender) -> anyhow::Result<Calls> {
    let table = |requests| {
        let out = Scratch::new("strace");
        let file = out.0.display().to_string();
        let process = Process::start(&mut contender.under("strace", &["-f", "-c", "-o", &file]))?.traced()?;
        ask(&process, requests)?;
        process.stop()?;
        fs::read_to_string(&out.0).context("strace wrote nothing")
    };
    let (longer, shorter) = (table(FEW + MORE)?, table(FEW)?);
    let each = |column, names: &[&str]| (sum(&longer, column, names) - sum(&shorter, column, names)) / MORE as f64;
    Ok(Calls {
        all: each(CALLS, &["total"]),
        reads: each(CALLS, &READS),
        writes: each(CALLS, &["write", "sendto"]),
        waits: each(CALLS, &["epoll_wait", "epoll_pwait", "epoll_pwait2"]),
        in_vain: each(ERRORS, &READS),
    })
}

fn ask(process: &Process, requests: u64) -> anyhow::Result<()> {
    let mut load = Load::connect(process.addr, CONNECTIONS, SIZE)?;
    load.greet()?;
    load.run(Until::Requests(requests)).map(drop).context("the echo failed")
}

/// A row of strace's table is `% time, seconds, usecs/call, calls, errors, syscall`, without errors where there are none.
const CALLS: usize = 3;
const ERRORS: usize = 4;

/// What a column comes to in the rows of these calls.
fn sum(table: &str, column: usize, names: &[&str]) -> f64 {
    let rows = table.lines().filter_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        names.contains(words.last()?).then(|| words.get(column)?.parse::<f64>().ok()).flatten()
    });
    rows.sum()
}
