//! One test at a time on the loopback.
//!
//! A test that asks the kernel what it did relies on a send arriving before it returns. While another test floods the
//! loopback, the kernel delivers later. So every harness that opens sockets, and every program that a test starts, holds
//! the loopback as long as it lives; tests that only fold, parse or draw run beside them.

use parking_lot::{ReentrantMutex, ReentrantMutexGuard};

static LOOPBACK: ReentrantMutex<()> = ReentrantMutex::new(());

/// Held while a test uses the loopback.
pub(crate) type Loopback = ReentrantMutexGuard<'static, ()>;

/// Waits until no other test uses the loopback. A thread that holds it gets it again at once; another thread of the same
/// test would wait for ever, so it must not ask.
pub(crate) fn loopback() -> Loopback {
    LOOPBACK.lock()
}
