//! The calls that prove what is said.

use std::collections::HashMap;

use crate::i18n::{Lang, words};
use crate::record::{Annotation, Call, Fd, Nanos, Record, Tid};
use crate::trace::text;

/// The most calls of a proof.
const MOST: usize = 6;

/// How many of the last records are looked through.
const LOOKED: usize = 512;

/// The last calls up to `moment`: of `fd`, and the waits that reported it, or of all where none is meant.
pub(super) fn calls(records: &[Record], moment: u64, fd: Option<Fd>, lang: Lang) -> Vec<String> {
    let end = records.partition_point(|record| record.seq.0 <= moment);
    // The events of a wait follow it.
    let more = records[end..].iter().take_while(|record| matches!(record.call.plain(), Call::Event { .. })).count();
    let part = &records[end.saturating_sub(LOOKED)..end + more];
    let (reports, lines) = (reports(part, fd), lines(part));
    let mut proof: Vec<String> = part.iter().rev().find_map(|record| hangs(record, moment)).into_iter().collect();
    let mut seen: HashMap<String, u32> = HashMap::new();
    let (mut shown, mut left_out) = (proof.len(), 0_u32);
    for (record, call) in text::calls(part.iter().copied(), lang).into_iter().rev() {
        let about = fd.is_none()
            || match record.call.plain() {
                Call::EpollWait { .. } => reports.contains(&record.seq.0),
                Call::EpollWaitEnter { .. } => record.seq.0 == moment,
                call => call.fd() == fd,
            };
        let times = seen.entry(call.clone()).or_default();
        // A spin is proved by two of its turns.
        left_out += u32::from(about && *times >= 2);
        if about && *times < 2 {
            *times += 1;
            if left_out > 0 && shown > 0 {
                proof.push(gap(left_out, lang));
            }
            (shown, left_out) = (shown + 1, 0);
            let at = lines.get(&record.seq.0).map(|at| format!("  @ {at}")).unwrap_or_default();
            proof.push(line(&record, &(call + &at)));
        }
        if shown == MOST {
            break;
        }
    }
    proof.reverse();
    proof
}

/// What stands between two calls where some more were made.
fn gap(left_out: u32, lang: Lang) -> String {
    let s = if left_out == 1 { "" } else { "s" };
    words!(lang, "            … {left_out} more such call{s}", "            … 另有 {left_out} 次这样的调用")
}

fn line(record: &Record, call: &str) -> String {
    let Nanos(t) = record.t;
    format!("{:>4}.{:06}  {call}", t / 1_000_000_000, t % 1_000_000_000 / 1_000)
}

/// The call that has not returned, if that is what is to be proved.
fn hangs(record: &Record, moment: u64) -> Option<String> {
    match record.call {
        Call::Annotation(Annotation::Hung { fd, dir, len }) if record.seq.0 == moment => {
            Some(line(record, &format!("{}({fd}, {len}) …", dir.call())))
        }
        _ => None,
    }
}

/// Where calls were made, by their numbers; a wait that has returned where it was entered.
pub(super) fn lines(records: &[Record]) -> HashMap<u64, String> {
    let mut said: HashMap<Tid, String> = HashMap::new();
    let mut lines = HashMap::new();
    for record in records {
        match record.call {
            Call::Annotation(Annotation::Line { at }) => {
                said.insert(record.tid, at.to_string());
            }
            call if call.is_syscall() => {
                let at = match call.plain() {
                    Call::EpollWaitEnter { .. } => said.get(&record.tid).cloned(),
                    _ => said.remove(&record.tid),
                };
                lines.extend(at.map(|at| (record.seq.0, at)));
            }
            _ => {}
        }
    }
    lines
}

fn reports(records: &[Record], fd: Option<Fd>) -> Vec<u64> {
    let (mut wait, mut reports) = (0, Vec::new());
    for record in records {
        match record.call.plain() {
            Call::EpollWait { .. } => wait = record.seq.0,
            Call::Event { fd: of, .. } if Some(of) == fd => reports.push(wait),
            _ => {}
        }
    }
    reports
}
