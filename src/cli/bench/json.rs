//! What was found, for programs: one JSON object. Times are nanoseconds.

use std::io::{self, Write};

use serde::Serialize;

use super::found::Found;
use crate::scaling::{MESSAGE, Method, Reading, SENT};

#[derive(Serialize)]
struct Document<'a> {
    kernel: &'a str,
    active: usize,
    message_bytes: usize,
    rounds: usize,
    costs: Vec<One>,
    growth: Vec<Grown>,
    /// The first size that there was no room for.
    #[serde(skip_serializing_if = "Option::is_none")]
    no_room_for: Option<usize>,
    sent_bytes: usize,
    reports: Vec<Report>,
}

#[derive(Serialize)]
struct One {
    method: &'static str,
    idle: usize,
    #[serde(flatten)]
    cost: Came,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Came {
    Took { wait_ns: u128, whole_ns: u128 },
    Refused { errno: String },
}

#[derive(Serialize)]
struct Grown {
    method: &'static str,
    theory: u32,
    slope: Option<f64>,
    slope_last_two: Option<f64>,
    slope_wait_alone: Option<f64>,
    ns_per_idle_fd: Option<f64>,
}

#[derive(Serialize)]
struct Report {
    policy: &'static str,
    read_size: u32,
    reports: u64,
    calls: u64,
    stranded: u64,
}

pub(super) fn write(out: &mut impl Write, found: &Found) -> io::Result<()> {
    let costs = found.measured.costs.iter().map(|one| One {
        method: one.method.key(),
        idle: one.idle,
        cost: match one.cost {
            Ok(cost) => Came::Took { wait_ns: cost.wait.as_nanos(), whole_ns: cost.whole.as_nanos() },
            Err(errno) => Came::Refused { errno: format!("{errno:?}") },
        },
    });
    let grown = |method: Method| {
        let growth = found.growth(method);
        Grown {
            method: method.key(),
            theory: method.theory(),
            slope: growth.all,
            slope_last_two: growth.last,
            slope_wait_alone: growth.wait,
            ns_per_idle_fd: growth.each,
        }
    };
    let mut reports = Vec::new();
    for row in &found.rows {
        reports.extend(Reading::ALL.iter().zip(row.counted).map(|(reading, counted)| Report {
            policy: reading.key(),
            read_size: row.read_size,
            reports: counted.reports,
            calls: counted.calls,
            stranded: counted.stranded,
        }));
    }
    let document = Document {
        kernel: &found.kernel,
        active: found.active,
        message_bytes: MESSAGE,
        rounds: found.measured.rounds,
        costs: costs.collect(),
        growth: Method::ALL.map(grown).into(),
        no_room_for: found.measured.cut.map(|(idle, _)| idle),
        sent_bytes: SENT,
        reports,
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}
