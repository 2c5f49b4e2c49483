//! The thread that looks, some times a second, and less often where a look takes long.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::sys::{Errno, Notifier, thread_time};
use crate::watch::{PeekError, Peeked, Peeker};

/// How often it looks at most.
pub(super) const OFTEN: Duration = Duration::from_millis(250);

/// How much longer than a look the rest after it is, so that looking and drawing take about one percent of a processor.
const REST: u32 = 124;

/// The longest rest.
const SELDOM: Duration = Duration::from_secs(10);

/// What was seen.
#[derive(Clone, Debug)]
pub(super) struct Look {
    pub(super) seen: Result<Vec<Peeked>, PeekError>,
    /// How long until the next look.
    pub(super) every: Duration,
}

/// The thread; it ends when this is dropped.
#[derive(Debug)]
pub(super) struct Looking {
    last: Arc<Mutex<Option<Look>>>,
    pub(super) notifier: Arc<Notifier>,
    /// Dropped, it wakes the thread and ends it.
    _end: Sender<()>,
}

impl Looking {
    pub(super) fn start(peeker: Peeker) -> Result<Self, Errno> {
        let (last, notifier) = (Arc::new(Mutex::new(None)), Arc::new(Notifier::new()?));
        let (end, ended) = channel();
        let (found, notify) = (Arc::clone(&last), Arc::clone(&notifier));
        std::thread::spawn(move || look(peeker, &ended, &found, &notify));
        Ok(Self { last, notifier, _end: end })
    }

    /// What was seen since the last call.
    pub(super) fn take(&self) -> Option<Look> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

fn look(mut peeker: Peeker, ended: &Receiver<()>, last: &Mutex<Option<Look>>, notifier: &Notifier) {
    loop {
        let begun = thread_time().unwrap_or_default();
        let seen = peeker.look();
        let took = thread_time().unwrap_or_default().saturating_sub(begun);
        let every = (took * REST).clamp(OFTEN, SELDOM);
        let over = seen.is_err();
        *last.lock().unwrap_or_else(PoisonError::into_inner) = Some(Look { seen, every });
        notifier.notify();
        if over || ended.recv_timeout(every) != Err(RecvTimeoutError::Timeout) {
            return;
        }
    }
}
