//! What other threads ask of the tracer's.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::holds::{Going, Holds};
use crate::sys::Wake;

/// What others may tell the tracer.
#[derive(Clone, Debug)]
pub struct Orders {
    pub(super) over: Arc<AtomicBool>,
    pub(super) alone: Arc<AtomicBool>,
    pub(super) wake: Wake,
    pub(super) holds: Arc<Holds>,
}

impl Orders {
    /// Which threads are held.
    pub fn holds(&self) -> &Holds {
        &self.holds
    }

    /// Has the tracer look at what was asked.
    pub(super) fn wake(&self) {
        self.wake.wake();
    }

    /// Wakes the tracer once more where it has not seen yet what was asked, and says whether that is so: a wake-up that
    /// comes just before it sleeps is lost.
    pub fn wake_again(&self) -> bool {
        let asked = self.holds.is_asked();
        if asked {
            self.wake();
        }
        asked
    }

    /// Holds each thread before its next call.
    pub fn hold(&self) {
        self.holds.hold();
    }

    /// Has all go on, and holds none from now on; see [`Orders::wake_again`].
    pub fn free(&self) {
        self.holds.go(Going::Free);
        self.wake();
    }

    /// Whether the program itself has ended, and only others that it has started are left; or it ran already when the watch
    /// began. Then a signal is for the watch, and not for the program.
    pub fn has_ended(&self) -> bool {
        self.alone.load(Ordering::SeqCst)
    }

    /// Has the tracer end, and with it what is left of the program; of one that ran already it lets go.
    pub fn end(&self) {
        self.over.store(true, Ordering::SeqCst);
        self.wake.wake();
    }
}
