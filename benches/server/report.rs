//! What is printed: the tables of `docs/benchmarks.md`, each budget beside its figure.

use std::process::Command;

use super::contenders::{BY_LIBC, C_AGAIN, C_LEVEL, DRAINED, LEVEL, OURS, PAIRS, PEERS, RECORD, RING, TRACED};
use super::table::{median, print as table};
use super::{Cell, Found, Slice, best_peer, ratios};

pub(crate) fn print(found: &Found) {
    println!("Measured by `cargo bench --bench server` on {}.", machine());
    let turns = |cell: Cell| found.slices.get(&(cell, LEVEL)).map_or(0, Vec::len);
    let (most, least) = (found.cells.iter().map(|&at| turns(at)).max(), found.cells.iter().map(|&at| turns(at)).min());
    println!(
        "{} to {} rounds in {} sittings; a server on one core, its load on another.",
        least.unwrap_or(0),
        most.unwrap_or(0),
        found.sittings
    );
    costs(found);
    compared(found);
    tracing(found);
    manners(found);
    counted(found);
    budgets(found);
}

fn machine() -> String {
    let read = |file| std::fs::read_to_string(file).unwrap_or_default();
    let date = Command::new("date").args(["-u", "+%Y-%m-%d"]).output().map(|out| out.stdout).unwrap_or_default();
    let cpu = read("/proc/cpuinfo");
    let cpu =
        cpu.lines().find_map(|line| line.strip_prefix("model name")).map(|name| name.trim_matches(['\t', ':', ' ']));
    let cores = std::thread::available_parallelism().map_or(2, usize::from).max(2);
    format!(
        "{}, Linux {}, {} ({cores} cores)",
        String::from_utf8_lossy(&date).trim(),
        read("/proc/sys/kernel/osrelease").trim(),
        cpu.unwrap_or("an unknown CPU"),
    )
}

fn columns(found: &Found, first: &str) -> Vec<String> {
    let names = found.cells.iter().map(|&(connections, size)| {
        let size = if size < 1024 { format!("{size} B") } else { format!("{} KiB", size / 1024) };
        let thousands =
            if connections < 1000 { connections.to_string() } else { format!("{},000", connections / 1000) };
        format!("{thousands} × {size}")
    });
    std::iter::once(first.to_owned()).chain(names).collect()
}

fn row(found: &Found, name: &str, cell: impl Fn(Cell) -> String) -> (String, Vec<String>) {
    (name.to_owned(), found.cells.iter().map(|&at| cell(at)).collect())
}

fn middle(found: &Found, cell: Cell, name: &str, of: impl Fn(&Slice) -> f64) -> f64 {
    let slices = found.slices.iter().find(|((at, who), _)| *at == cell && *who == name);
    median(&slices.map(|(_, slices)| slices.iter().map(of).collect::<Vec<_>>()).unwrap_or_default())
}

fn costs(found: &Found) {
    let names = PEERS.into_iter().chain(OURS).chain([BY_LIBC]).chain(TRACED);
    let rows: Vec<_> =
        names.map(|name| row(found, name, |at| format!("{:.2}", middle(found, at, name, |s| s.cpu)))).collect();
    table("CPU time of a request, in µs (connections × size of a message)", &columns(found, "server"), &rows);
}

/// Of ours, the one that does best for each of the best peer.
fn to_best(found: &Found, at: Cell) -> f64 {
    let best = best_peer(&found.slices, at);
    OURS.into_iter().map(|name| median(&ratios(&found.slices, at, name, best))).fold(f64::INFINITY, f64::min)
}

fn compared(found: &Found) {
    let mut rows: Vec<_> = PAIRS
        .into_iter()
        .map(|(one, other)| {
            let name = if one == C_AGAIN { "control: a peer to itself".to_owned() } else { format!("{one} / {other}") };
            row(found, &name, |at| format!("{:.3}", median(&ratios(&found.slices, at, one, other))))
        })
        .collect();
    rows.push(row(found, "our best / the best peer", |at| format!("{:.3}", to_best(found, at))));
    table("The same as a ratio, ours to a peer that does the same", &columns(found, "who / to whom"), &rows);
}

fn tracing(found: &Found) {
    let mut rows: Vec<_> = TRACED
        .into_iter()
        .map(|name| row(found, name, |at| format!("{:.3}", median(&ratios(&found.slices, at, name, LEVEL)))))
        .collect();
    for name in [DRAINED, RECORD] {
        let all = |at| middle(found, at, name, |s| s.all_threads) / middle(found, at, LEVEL, |s| s.cpu);
        rows.push(row(found, &format!("{name}, with the reading thread"), |at| format!("{:.2}", all(at))));
    }
    table("Tracing on, as a ratio to the same server with tracing off (level)", &columns(found, "form"), &rows);
}

fn manners(found: &Found) {
    let p99 = |name: &'static str| {
        row(found, &format!("p99 latency in µs: {name}"), move |at| {
            format!("{:.0}", middle(found, at, name, |s| s.p99.as_secs_f64() * 1e6))
        })
    };
    let fair = |name: &'static str| {
        row(found, &format!("fairness: {name}"), move |at| format!("{:.2}", middle(found, at, name, |s| s.fairness)))
    };
    let reports = row(found, "reports per wait: epollscope, level", |at| {
        let said: Vec<f64> = found.reports_per_wait.iter().filter(|(cell, _)| *cell == at).map(|(_, n)| *n).collect();
        format!("{:.1}", median(&said))
    });
    let rows = [p99(C_LEVEL), p99(LEVEL), fair(C_LEVEL), fair(LEVEL), reports];
    table(
        "Manners (fairness: requests of the connection served least, for each of that served most)",
        &columns(found, ""),
        &rows,
    );
}

fn counted(found: &Found) {
    let columns = ["server", "instructions", "of all threads", "calls", "read", "of them EAGAIN", "write", "wait"]
        .map(str::to_owned);
    let number =
        |n: Option<f64>, digits: usize| n.map_or_else(|| "not counted".to_owned(), |n| format!("{n:.digits$}"));
    let rows: Vec<_> = found
        .instructions
        .iter()
        .zip(&found.calls)
        .map(|((name, instructions), (_, calls))| {
            let call = |of: fn(&super::counts::Calls) -> f64| number(calls.as_ref().map(of), 2);
            let cells = vec![
                number(instructions.map(|n| n.serving), 0),
                number(instructions.map(|n| n.all), 0),
                call(|calls| calls.all),
                call(|calls| calls.reads),
                call(|calls| calls.in_vain),
                call(|calls| calls.writes),
                call(|calls| calls.waits),
            ];
            ((*name).to_owned(), cells)
        })
        .collect();
    table("User-space instructions (callgrind) and system calls (strace) of a request, 64 × 64 B", &columns, &rows);
}

fn budgets(found: &Found) {
    let worst = |of: &dyn Fn(Cell) -> f64| found.cells.iter().map(|&at| of(at)).fold(f64::NEG_INFINITY, f64::max);
    let traced = |name: &'static str| worst(&|at| median(&ratios(&found.slices, at, name, LEVEL)));
    let control = worst(&|at| (median(&ratios(&found.slices, at, C_AGAIN, C_LEVEL)) - 1.0).abs());
    let instructions = |name| {
        found.instructions.iter().find(|(who, _)| *who == name).and_then(|(_, n)| *n).map_or(f64::NAN, |n| n.serving)
    };
    let calls = |name| found.calls.iter().find(|(who, _)| *who == name).and_then(|(_, n)| n.as_ref());
    // How often a drain ends with EAGAIN, and not with the next message, is a matter of when that comes.
    let same_calls = PAIRS[..3]
        .iter()
        .map(|(ours, theirs)| [calls(*ours), calls(*theirs)].map(|calls| calls.map(|calls| calls.all - calls.in_vain)))
        .filter_map(|[ours, theirs]| Some(ours? - theirs?))
        .fold(f64::NEG_INFINITY, f64::max);
    let mut rows = Vec::new();
    let mut budget = |what: &str, figure: f64, shown: String, limit: f64, least: bool, says: &str| {
        let met = if figure.is_nan() {
            "not measured"
        } else if (least && figure >= limit) || (!least && figure <= limit) {
            "met"
        } else {
            "missed"
        };
        rows.push((what.to_owned(), vec![says.to_owned(), shown, met.to_owned()]));
    };
    let best = worst(&|at| to_best(found, at));
    let within = format!("≤ {:.3}", 1.0 + control);
    budget("CPU, our best / the best peer, worst size", best, format!("{best:.3}"), 1.0 + control, false, &within);
    budget("system calls but EAGAIN: ours less C's", same_calls, format!("{same_calls:.2}"), 0.05, false, "≤ 0");
    let level = calls(LEVEL).map_or(f64::NAN, |calls| calls.all);
    budget("system calls of a request, level", level, format!("{level:.2}"), 2.1, false, "2, and the wait shared");
    let n = instructions(LEVEL);
    budget("instructions, untraced", n, format!("{n:.0}"), 100.0, false, "≤ 100");
    let n = instructions(RING).max(instructions(DRAINED));
    budget("instructions, traced", n, format!("{n:.0}"), 250.0, false, "≤ 250");
    let n = traced(RING);
    budget("CPU traced, nobody reads, worst size", n, format!("{n:.3}"), 1.03, false, "≤ 1.03");
    let n = traced(RECORD);
    budget("CPU with --record, worst size", n, format!("{n:.3}"), 1.10, false, "≤ 1.10");
    let n = median(&found.workbench);
    budget("requests a second, workbench open / not", n, format!("{n:.2}"), 0.9, true, "≥ 0.9");
    let [untraced, traced] = found.memory;
    budget("bytes of an idle connection", untraced, format!("{untraced:.0}"), 256.0, false, "≤ 256");
    budget("bytes of an idle connection, traced", traced, format!("{traced:.0}"), 256.0, false, "≤ 256");
    let (came, went) = found.crowd;
    let took = format!("{:.2} s, {:.2} s", came.as_secs_f64(), went.as_secs_f64());
    budget("10,000 accepted and served; closed", 0.0, took, 0.0, false, "all");
    table("Budgets", &["budget", "limit", "measured", ""].map(str::to_owned), &rows);
}
