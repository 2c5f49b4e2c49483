//! A file table of a thread's own, and a limit on its numbers.
//!
//! `RLIMIT_NOFILE` is one for all threads of a process. A thread has a limit of its own where all numbers from there on are
//! taken: its table holds placeholders, duplicates of `/dev/null`, and the kernel itself refuses another fd with `EMFILE`.

use std::cell::{Cell, RefCell};
use std::os::fd::{AsFd as _, AsRawFd, BorrowedFd, OwnedFd};
use std::sync::{Mutex, PoisonError};

use nix::sys::resource::{Resource, getrlimit};

use super::{Errno, null, raw, set_nofile_limit};

/// Under a huge `RLIMIT_NOFILE` the process is held to this many, so that there are not millions of placeholders.
const MOST: u64 = 65_536;

/// How many threads hold the process to [`MOST`], and its limit before that.
static HELD: Mutex<(usize, u64)> = Mutex::new((0, 0));

thread_local! {
    static IS_OWN: Cell<bool> = const { Cell::new(false) };
    static PLACEHOLDERS: RefCell<Option<Placeholders>> = const { RefCell::new(None) };
}

struct Placeholders {
    fds: Vec<OwnedFd>,
    _held: Held,
}

/// Holds the process to [`MOST`] fd numbers, where its limit is higher.
struct Held;

impl Held {
    fn new() -> Result<Self, Errno> {
        let mut held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
        let (soft, _) = getrlimit(Resource::RLIMIT_NOFILE)?;
        if held.0 == 0 {
            held.1 = soft;
        }
        if soft > MOST {
            set_soft(MOST)?;
        }
        held.0 += 1;
        Ok(Self)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
        held.0 -= 1;
        if held.0 == 0 && held.1 > MOST {
            // It was this before, so it may be this again.
            let _ = set_soft(held.1);
        }
    }
}

fn set_soft(soft: u64) -> Result<(), Errno> {
    set_nofile_limit(soft).map(drop)
}

/// Gives the calling thread a file table of its own that holds standard input, output and error, and `keep`.
///
/// Fds that other threads opened can't be used here afterwards, and the other way round: call it as the first thing that a
/// thread does, before it owns an fd. The numbers from 3 on are free, so the server's fds are those that it would have in a
/// program of its own. close_range(2), `CLOSE_RANGE_UNSHARE`.
///
/// # Errors
/// `ENOSYS` before Linux 5.9; the thread then goes on sharing the process's table, which works too.
pub fn own_file_table(keep: BorrowedFd<'_>) -> Result<(), Errno> {
    raw::own_file_table(keep)?;
    IS_OWN.set(true);
    Ok(())
}

/// From here on the calling thread, which has [a file table of its own](own_file_table), gets no fd number from `limit`
/// on. A second limit replaces the first; what is open stays open.
///
/// # Errors
/// `EPERM` where the table is shared with other threads; `EMFILE`.
pub fn limit_own_table(limit: u32) -> Result<(), Errno> {
    if !IS_OWN.get() {
        return Err(Errno::EPERM);
    }
    PLACEHOLDERS.with_borrow_mut(|placeholders| {
        // The numbers of the last limit are free again, for what comes next.
        drop(placeholders.take());
        let held = Held::new()?;
        let model = null()?;
        let least = i32::try_from(limit).unwrap_or(i32::MAX);
        let mut fds = Vec::new();
        loop {
            match raw::dup_from(model.as_fd(), least) {
                Ok(fd) => fds.push(fd),
                // No number is left, or (EINVAL) the limit is beyond that of the process.
                Err(Errno::EMFILE | Errno::EINVAL) => break,
                Err(errno) => return Err(errno),
            }
        }
        // It may have the first number of those that are to be taken.
        if model.as_raw_fd() >= least {
            fds.push(model);
        }
        *placeholders = Some(Placeholders { fds, _held: held });
        Ok(())
    })
}

/// Does something for which the instrument needs an fd for a moment: under a limit, a placeholder's.
pub(super) fn with_an_fd<T>(work: impl FnOnce() -> T) -> T {
    let freed = PLACEHOLDERS.with_borrow_mut(|placeholders| placeholders.as_mut().and_then(|all| all.fds.pop()));
    let number = freed.as_ref().map(AsRawFd::as_raw_fd);
    drop(freed);
    let result = work();
    PLACEHOLDERS.with_borrow_mut(|placeholders| {
        if let (Some(all), Some(number)) = (placeholders, number)
            && let Some(model) = all.fds.last()
            && let Ok(fd) = raw::dup_from(model.as_fd(), number)
        {
            all.fds.push(fd);
        }
    });
    result
}
