//! The findings of a watched program, each with the calls that prove it.

use std::collections::{HashMap, VecDeque};
use std::fmt::Write as _;

use crate::analysis::findings::{Finding, Findings};
use crate::i18n::{Lang, grouped, words};
use crate::record::{Annotation, Call, Chunk, Fd, Nanos, Record, Tid};
use crate::trace::text;

/// How many of the last records are looked through for a proof.
const KEPT: usize = 256;

/// The most calls of a proof.
const MOST: usize = 6;

/// The most findings that keep a proof.
const PROVED: usize = 4096;

/// The calls before each finding.
#[derive(Debug, Default)]
pub(super) struct Proof {
    last: VecDeque<Record>,
    of: HashMap<u64, Vec<String>>,
}

impl Proof {
    pub(super) fn keep(&mut self, record: &Record) {
        if self.last.len() == KEPT {
            self.last.pop_front();
        }
        self.last.push_back(*record);
    }

    /// Keeps the calls that prove what was just found.
    pub(super) fn of(&mut self, finding: &Finding, lang: Lang) {
        if self.of.len() >= PROVED {
            return;
        }
        let up_to = self.last.iter().filter(|record| record.seq.0 <= finding.seq).copied();
        let (reports, lines) = (self.reports(finding.fd), self.lines());
        let mut proof: Vec<String> = Vec::new();
        for (record, call) in text::calls(up_to, lang).into_iter().rev() {
            let about = match record.call.plain() {
                Call::EpollWait { .. } => reports.contains(&record.seq.0) || record.seq.0 == finding.seq,
                Call::EpollWaitEnter { .. } => record.seq.0 == finding.seq,
                call => {
                    finding.fd.is_none() && record.seq.0 == finding.seq
                        || finding.fd.is_some() && call.fd() == finding.fd
                }
            };
            // A spin is proved by two of its turns.
            if about && proof.iter().filter(|line| line.contains(&call)).count() < 2 {
                let line = lines.get(&record.seq.0).map(|at| format!("  @ {at}")).unwrap_or_default();
                proof.push(format!("#{:<6} {:>11}  {call}{line}", record.seq, seconds(record.t)));
            }
            if proof.len() == MOST {
                break;
            }
        }
        proof.reverse();
        self.of.insert(finding.seq, proof);
    }

    /// Where calls were made, by their numbers; a wait that has returned where it was entered.
    fn lines(&self) -> HashMap<u64, Chunk> {
        let mut said: HashMap<Tid, Chunk> = HashMap::new();
        let mut lines = HashMap::new();
        for record in &self.last {
            match record.call {
                Call::Annotation(Annotation::Line { at }) => {
                    said.insert(record.tid, at);
                }
                call if call.is_syscall() => {
                    let at = match call.plain() {
                        Call::EpollWaitEnter { .. } => said.get(&record.tid).copied(),
                        _ => said.remove(&record.tid),
                    };
                    lines.extend(at.map(|at| (record.seq.0, at)));
                }
                _ => {}
            }
        }
        lines
    }

    /// The numbers of the waits that have reported `fd`.
    fn reports(&self, fd: Option<Fd>) -> Vec<u64> {
        let mut wait = 0;
        let mut reports = Vec::new();
        for record in &self.last {
            match record.call.plain() {
                Call::EpollWait { .. } => wait = record.seq.0,
                Call::Event { fd: of, .. } if Some(of) == fd => reports.push(wait),
                _ => {}
            }
        }
        reports
    }
}

fn seconds(Nanos(t): Nanos) -> String {
    format!("{}.{:06}", t / 1_000_000_000, t % 1_000_000_000 / 1_000)
}

/// `spin: fd 5 (:43210): …`
pub(super) fn line(finding: &Finding, lang: Lang) -> String {
    let (name, said) = (finding.lint().name(lang), finding.sentence(lang));
    words!(lang, "{name}: {said}", "{name}：{said}")
}

/// All of them, at the end.
pub(super) fn summary(findings: &Findings, proof: &Proof, lang: Lang) -> String {
    let count = findings.len() as u64 + findings.dropped();
    let mut text = match count {
        0 => return lang.of("no findings\n", "没有发现项\n").to_owned(),
        1 => lang.of("1 finding\n", "1 个发现项\n").to_owned(),
        _ => {
            let count = grouped(count);
            words!(lang, "{count} findings\n", "{count} 个发现项\n")
        }
    };
    for finding in findings.iter() {
        let times = if finding.count > 1 { format!(" ×{}", grouped(finding.count)) } else { String::new() };
        // Writing into a String does not fail.
        let _ = writeln!(text, "  {}{times}", line(finding, lang));
        for call in proof.of.get(&finding.seq).into_iter().flatten() {
            let _ = writeln!(text, "      {call}");
        }
    }
    text
}
