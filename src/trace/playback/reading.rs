//! The thread that reads: lines into records, in batches, as fast as they are taken in.

use std::fs::File;
use std::io::{self, BufReader};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use nix::sys::signal::{SigSet, SigmaskHow};

use super::lines::{Batch, Lines};
use crate::sys::{Notifier, NotifyOnDrop};
use crate::trace::Reader;

/// The most records, or wrong lines, of a batch; the records of its last line may be more.
const BATCH: usize = 1024;

/// So many batches lie ready at most; then the thread waits, and with it whoever writes into the stream.
const AHEAD: usize = 32;

/// Starts the thread. It ends at the end of `reader`, and when nobody takes in any more what it reads; it is not waited
/// for, since a read of a terminal or a FIFO may never come back.
///
/// What `flows` is handed on as it comes.
pub(super) fn spawn(
    reader: Reader<BufReader<File>>,
    flows: bool,
    notifier: &Arc<Notifier>,
) -> io::Result<Receiver<Batch>> {
    let (sender, receiver) = sync_channel(AHEAD);
    let reading = Reading { sender, notifier: notifier.on_drop() };
    // A signal that the screen waits for must not come to this thread.
    let mask = SigSet::all().thread_swap_mask(SigmaskHow::SIG_SETMASK)?;
    let spawned = std::thread::Builder::new().name("reading".to_owned()).spawn(move || reading.run(reader, flows));
    mask.thread_set_mask()?;
    spawned.map(|_| receiver)
}

struct Reading {
    /// Dropped before `notifier`, so that whoever wakes finds the channel closed.
    sender: SyncSender<Batch>,
    notifier: NotifyOnDrop,
}

impl Reading {
    fn run(self, reader: Reader<BufReader<File>>, flows: bool) {
        let mut lines = Lines::new(reader);
        let mut batch = lines.batch();
        while lines.read_into(&mut batch) {
            let full = batch.records.len() >= BATCH || batch.errors.len() >= BATCH;
            // Nothing that is there waits for what is not.
            let due = lines.at_line() && (full || flows && lines.would_wait());
            if due && !self.send(std::mem::replace(&mut batch, lines.batch())) {
                return;
            }
        }
        self.send(batch);
    }

    /// Hands over what there is, and says whether anybody took it.
    fn send(&self, batch: Batch) -> bool {
        if batch.is_empty() {
            return true;
        }
        let sent = self.sender.send(batch).is_ok();
        self.notifier.notify();
        sent
    }
}
