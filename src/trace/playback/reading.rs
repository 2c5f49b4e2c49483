//! The thread that reads: lines into records, in batches, as fast as they are taken in.

use std::fs::File;
use std::io::{self, BufReader};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use nix::sys::signal::SigSet;

use crate::probe::{Bell, LastToll};
use crate::record::{Call, Record, Seq};
use crate::trace::{Reader, TraceError};

/// What was read from one or more lines.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) records: Vec<Record>,
    pub(super) errors: Vec<TraceError>,
    /// How many numbers no line had.
    pub(super) missing: u64,
    /// The number of the recording's first record, if it is in here.
    pub(super) begins_at: Option<Seq>,
}

impl Batch {
    /// The most records, or errors, of a batch; the records of its last line may be more.
    const SIZE: usize = 1024;

    fn is_empty(&self) -> bool {
        self.records.is_empty() && self.errors.is_empty()
    }

    fn is_full(&self) -> bool {
        self.records.len() >= Self::SIZE || self.errors.len() >= Self::SIZE
    }
}

/// So many batches lie ready at most; then the thread waits, and with it whoever writes into the stream.
const AHEAD: usize = 32;

type Input = Reader<BufReader<File>>;

/// Starts the thread. It ends at the end of `reader`, and when nobody takes in any more what it reads; it is not waited
/// for, since a read of a terminal or a FIFO may never come back.
pub(super) fn spawn(reader: Input, bell: &Arc<Bell>) -> io::Result<Receiver<Batch>> {
    let (sender, receiver) = sync_channel(AHEAD);
    let reading = Reading { sender, bell: bell.last_toll(), batch: Batch::default(), last: None };
    // A signal that the screen waits for must not come to this thread.
    let mask = SigSet::all().thread_swap_mask(nix::sys::signal::SigmaskHow::SIG_SETMASK)?;
    let spawned = std::thread::Builder::new().name("reading".to_owned()).spawn(move || reading.run(reader));
    mask.thread_set_mask()?;
    spawned.map(|_| receiver)
}

struct Reading {
    /// Dropped before `bell`, so that whoever wakes finds the channel closed.
    sender: SyncSender<Batch>,
    bell: LastToll,
    batch: Batch,
    /// The number of the last record.
    last: Option<Seq>,
}

impl Reading {
    fn run(mut self, mut reader: Input) {
        while let Some(read) = reader.next() {
            match read {
                Ok(record) => self.take(record),
                Err(error) => self.batch.errors.push(error),
            }
            // Nothing that is there waits for what is not.
            if (self.batch.is_full() || reader.would_wait()) && !self.send() {
                return;
            }
        }
        self.send();
    }

    fn take(&mut self, record: Record) {
        let Seq(seq) = record.seq;
        match self.last {
            Some(Seq(last)) => {
                let count = seq.saturating_sub(last + 1);
                if count > 0 {
                    self.batch.missing += count;
                    self.batch.records.push(Record { call: Call::Lost { count }, ..record });
                }
            }
            None => self.batch.begins_at = Some(record.seq),
        }
        self.last = Some(record.seq);
        self.batch.records.push(record);
    }

    /// Hands over what there is, and says whether anybody took it.
    fn send(&mut self) -> bool {
        if self.batch.is_empty() {
            return true;
        }
        let sent = self.sender.send(std::mem::take(&mut self.batch)).is_ok();
        self.bell.toll();
        sent
    }
}
