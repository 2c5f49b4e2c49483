//! The calls that prove a finding.

use std::collections::{HashMap, VecDeque};

use crate::analysis::findings::Finding;
use crate::i18n::Lang;
use crate::record::{Annotation, Call, Chunk, Fd, Record, Tid};
use crate::trace::text;

/// How many of the last records are looked through for a proof.
const KEPT: usize = 256;

/// The most calls of a proof.
const MOST: usize = 6;

/// The most findings that keep a proof.
const PROVED: usize = 4096;

/// A call, as it is told.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) record: Record,
    pub(super) call: String,
    /// Where in its source the program makes it.
    pub(super) at: Option<Chunk>,
}

/// The calls before each finding.
#[derive(Debug, Default)]
pub(in crate::cli) struct Proof {
    last: VecDeque<Record>,
    of: HashMap<u64, Vec<Told>>,
}

impl Proof {
    /// The calls that prove a finding, in order.
    pub(super) fn calls(&self, finding: &Finding) -> &[Told] {
        self.of.get(&finding.seq).map_or(&[], |calls| calls)
    }

    pub(in crate::cli) fn keep(&mut self, record: &Record) {
        if self.last.len() == KEPT {
            self.last.pop_front();
        }
        self.last.push_back(*record);
    }

    /// Keeps the calls that prove what was just found.
    pub(in crate::cli) fn find(&mut self, finding: &Finding, lang: Lang) {
        if self.of.len() >= PROVED {
            return;
        }
        let up_to = self.last.iter().filter(|record| record.seq.0 <= finding.seq).copied();
        let (reports, lines) = (self.reports(finding.fd), self.lines());
        let mut proof: Vec<Told> = Vec::new();
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
            if about && proof.iter().filter(|told| told.call == call).count() < 2 {
                proof.push(Told { at: lines.get(&record.seq.0).copied(), record, call });
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
