//! Who may use the loopback beside whom.
//!
//! A test that asks the kernel what it did relies on a send arriving before it returns. While another test floods the
//! loopback or keeps both cores busy, the kernel delivers later. So a test that floods, or that measures what something
//! costs, has the [whole loopback](whole_loopback). Every harness that opens sockets, and every program that a test
//! starts, has a [share](loopback) as long as it lives. Tests that only fold, parse or draw take neither.
//!
//! What is opened in one test must not take an fd number that another is about to see used again. So the thread of a test
//! gets a file table of its own when it first asks for the loopback; it must not own an fd before.

use std::cell::Cell;
use std::io::stdin;
use std::os::fd::AsFd;

use epollscope::sys;
use parking_lot::{RwLock, RwLockReadGuard, RwLockWriteGuard};

static LOOPBACK: RwLock<()> = RwLock::new(());

thread_local! {
    static HAS_OWN_FILE_TABLE: Cell<bool> = const { Cell::new(false) };
    /// Whether this thread has the loopback alone, and so needs no share.
    static ALONE: Cell<bool> = const { Cell::new(false) };
}

/// A share of the loopback, held while a test uses it.
pub(crate) struct Loopback {
    _share: Option<RwLockReadGuard<'static, ()>>,
}

/// The whole of the loopback.
pub(crate) struct Whole {
    _lock: RwLockWriteGuard<'static, ()>,
}

/// Waits while a test has the loopback alone. A thread may take as many shares as it likes, also when it has it alone.
pub(crate) fn loopback() -> Loopback {
    own_file_table();
    Loopback { _share: (!ALONE.get()).then(|| LOOPBACK.read_recursive()) }
}

/// Waits until no other test uses the loopback. A thread that has a share would wait for itself for ever.
pub(crate) fn whole_loopback() -> Whole {
    own_file_table();
    let lock = LOOPBACK.write();
    ALONE.set(true);
    Whole { _lock: lock }
}

fn own_file_table() {
    if !HAS_OWN_FILE_TABLE.replace(true) {
        sys::own_file_table(stdin().as_fd()).expect("a file table of its own");
    }
}

impl Drop for Whole {
    fn drop(&mut self) {
        ALONE.set(false);
    }
}
