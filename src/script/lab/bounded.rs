//! What a scene may take: a call that would wait without end is interrupted, and what is moved, opened and waited for
//! has its bounds.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::i18n::Lang;
use crate::i18n::grouped;
use crate::i18n::words;
use crate::sys::{TaskState, Wake};

/// How long a call may wait before it counts as one that waits without end.
pub(super) const ENDLESS: Duration = Duration::from_millis(300);
/// How long the calls of a scene may wait in all.
const LONGEST: Duration = Duration::from_secs(30);
/// How many bytes a scene may move.
const MOST_BYTES: u64 = 256 << 20;
/// How many fds a scene may hold open.
const MOST_FDS: usize = 1_000;
/// How many threads, and how many children, a scene may have at a time.
const MOST_TASKS: usize = 64;
/// How often a call is interrupted that goes on.
const AGAIN: Duration = Duration::from_millis(10);

/// What a scene has taken so far.
#[derive(Debug, Default)]
pub(super) struct Taken {
    waited: Duration,
    bytes: u64,
}

impl Taken {
    /// How long the calls to come may wait.
    pub(super) fn left(&self) -> Duration {
        LONGEST.saturating_sub(self.waited)
    }

    pub(super) fn wait(&mut self, time: Duration) {
        self.waited += time;
    }

    /// Counts bytes; whether more may be moved.
    pub(super) fn move_bytes(&mut self, bytes: u64) -> bool {
        self.bytes += bytes;
        self.bytes < MOST_BYTES
    }

    /// Whether a bound has been passed.
    pub(super) fn is_beyond(&self) -> bool {
        self.waited >= LONGEST || self.bytes >= MOST_BYTES
    }

    /// The bound that has been passed.
    pub(super) fn beyond(&self, lang: Lang) -> Option<String> {
        if self.waited >= LONGEST {
            let s = LONGEST.as_secs();
            Some(words!(
                lang,
                "a scene may wait at most {s} s in all: a limit of the lab",
                "一个场景总共最多等待 {s} s：这是 lab 的上限"
            ))
        } else if self.bytes >= MOST_BYTES {
            let bytes = grouped(MOST_BYTES);
            Some(words!(
                lang,
                "a scene may move at most {bytes} bytes: a limit of the lab",
                "一个场景最多传送 {bytes} 字节：这是 lab 的上限"
            ))
        } else {
            None
        }
    }
}

/// The bound that one more fd would pass, or one more thread or child.
pub(super) fn too_many(fds: usize, tasks: usize, lang: Lang) -> Option<String> {
    if fds >= MOST_FDS {
        let fds = grouped(MOST_FDS as u64);
        Some(words!(
            lang,
            "a scene may hold at most {fds} fds: a limit of the lab",
            "一个场景最多持有 {fds} 个 fd：这是 lab 的上限"
        ))
    } else if tasks >= MOST_TASKS {
        Some(words!(
            lang,
            "a scene may have at most {MOST_TASKS} threads and as many children: a limit of the lab",
            "一个场景最多有 {MOST_TASKS} 个线程和同样多的子进程：这是 lab 的上限"
        ))
    } else {
        None
    }
}

/// Makes a call that a [`Wake`] can interrupt, and interrupts it when it has waited for as long as `bound`; then also
/// says how long it was in it.
pub(super) fn bounded<T>(bound: Duration, call: impl FnOnce() -> T) -> (T, Option<Duration>) {
    let Ok(wake) = Wake::this_thread() else { return (call(), None) };
    let over = AtomicBool::new(false);
    let entered = Instant::now();
    let (done, interrupted) = thread::scope(|scope| {
        let (tell, told) = channel();
        let over = &over;
        let watchdog = scope.spawn(move || watch(wake, bound, &told, over));
        let done = call();
        over.store(true, Ordering::SeqCst);
        drop(tell);
        (done, watchdog.join().unwrap_or(false))
    });
    // One that came too late must not interrupt another call.
    Wake::forget();
    (done, interrupted.then(|| entered.elapsed()))
}

/// Waits until the call is over; wakes it again and again once its time is up. Whether it had to.
fn watch(wake: Wake, bound: Duration, told: &Receiver<()>, over: &AtomicBool) -> bool {
    if told.recv_timeout(bound) != Err(RecvTimeoutError::Timeout) {
        return false;
    }
    let state = TaskState::of(wake.tid());
    let mut woken = false;
    loop {
        // A thread that only did not come to run does not wait; one that waits for this one is through with its call.
        let waits = state.as_ref().map_or(true, TaskState::sleeps);
        if waits && !over.load(Ordering::SeqCst) {
            woken = true;
            wake.wake();
        }
        if told.recv_timeout(AGAIN) != Err(RecvTimeoutError::Timeout) {
            return woken;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::{self, Errno};

    #[test]
    fn what_a_scene_has_waited_adds_up() {
        let mut taken = Taken::default();
        taken.wait(LONGEST.saturating_sub(ENDLESS));
        assert_eq!((taken.left(), taken.beyond(Lang::En)), (ENDLESS, None));
        taken.wait(ENDLESS);
        assert_eq!(taken.beyond(Lang::En).as_deref(), Some("a scene may wait at most 30 s in all: a limit of the lab"));
        assert!(too_many(0, 63, Lang::En).is_none() && too_many(0, 64, Lang::En).is_some());
    }

    #[test]
    fn a_call_that_waits_is_interrupted_and_another_is_not() {
        let (read, write) = sys::pipe().expect("a pipe");
        let set = |value| sys::fcntl(std::os::fd::AsFd::as_fd(&read), crate::record::FcntlCmd::SetFl, value);
        set(0).expect("blocking");
        let mut byte = [0];
        let mut take = || {
            bounded(Duration::from_millis(20), || {
                sys::let_through(true, || sys::read(std::os::fd::AsFd::as_fd(&read), &mut byte))
            })
        };
        let (result, waited) = take();
        assert_eq!(result, Err(Errno::EINTR));
        assert!(waited.expect("it waited") >= Duration::from_millis(20));
        sys::write(std::os::fd::AsFd::as_fd(&write), b"x").expect("written");
        assert_eq!(take(), (Ok(1), None));
    }
}
