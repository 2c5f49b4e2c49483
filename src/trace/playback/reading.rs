//! The thread that reads: lines into records, in batches, as fast as they are taken in.

use std::fs::File;
use std::io::{self, BufReader};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use nix::sys::signal::{SigSet, SigmaskHow};

use crate::sys::{Notifier, NotifyOnDrop};
use crate::trace::file::{Batch, Batches, Reader};

/// The most records, or wrong lines, of a batch; the records of its last line may be more.
const BATCH: usize = 1024;

/// The most batches that are read ahead; then the thread waits, and with it whoever writes into the stream.
const AHEAD: usize = 32;

/// Starts the thread. It ends at the end of `reader`, or when nobody takes in what it reads. Nobody joins it, since a read
/// from a terminal or a FIFO may never return.
///
/// What comes from an input that `flows` is handed on at once.
pub(super) fn spawn(
    reader: Reader<BufReader<File>>,
    flows: bool,
    notifier: &Arc<Notifier>,
) -> io::Result<Receiver<Batch>> {
    let (sender, receiver) = sync_channel(AHEAD);
    let reading = Reading { sender, notifier: notifier.on_drop() };
    // Signals that the screen waits for must not be delivered to this thread.
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
        let mut batches = Batches::new(reader);
        let mut batch = batches.batch();
        while batches.read_into(&mut batch) {
            let full = batch.records.len() >= BATCH || batch.errors.len() >= BATCH;
            // From a stream, what has come is handed on before the thread waits for more.
            let due = batches.reader.is_at_line() && (full || flows && batches.reader.would_wait());
            if due && !self.send(std::mem::replace(&mut batch, batches.batch())) {
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
