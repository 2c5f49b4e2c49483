//! What concerns the thread and the process rather than one fd: numbers, limits, file tables, interruption.

use std::fs::File;
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::fs::FileExt as _;
use std::time::Duration;

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::{SigSet, Signal};
use nix::time::{ClockId, clock_gettime};

use super::{Errno, raw as sys};
use crate::record::{self, MaskHow, SigMask, Tid};

/// The signal that takes a thread out of epoll_wait.
pub(super) const WAKE_SIGNAL: Signal = Signal::SIGUSR1;

/// A lifted fd gets at most this number, so that the file table stays small under a huge `RLIMIT_NOFILE`.
const LIFTED: u64 = 65_500;

/// The calling thread, gettid(2).
pub fn gettid() -> Tid {
    Tid(nix::unistd::gettid().as_raw().unsigned_abs())
}

/// The processor time that the calling thread has used. clock_gettime(2) `CLOCK_THREAD_CPUTIME_ID`
///
/// # Errors
/// None is expected.
pub fn thread_time() -> Result<Duration, Errno> {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).map(Duration::from)
}

/// The time on the clock that no one sets, in nanoseconds. clock_gettime(2) `CLOCK_MONOTONIC`
#[inline]
pub fn monotonic() -> u64 {
    // EINVAL, the only error, is for a clock that does not exist.
    let now = clock_gettime(ClockId::CLOCK_MONOTONIC).map_or(Duration::ZERO, Duration::from);
    now.as_secs() * 1_000_000_000 + u64::from(now.subsec_nanos())
}

/// Raises the soft `RLIMIT_NOFILE` to the hard one and returns it, in fds. getrlimit(2).
///
/// # Errors
/// Those of getrlimit(2) and setrlimit(2); the limit is then as it was.
pub fn raise_nofile_limit() -> Result<u64, Errno> {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard)?;
    Ok(hard)
}

/// Sets the soft `RLIMIT_NOFILE` of the process and returns what it was, in fds.
///
/// # Errors
/// `EINVAL` above the hard limit.
pub fn set_nofile_limit(soft: u64) -> Result<u64, Errno> {
    let (old, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, soft, hard)?;
    Ok(old)
}

/// Moves an fd out of the low numbers, so that these are left to the program under the scope. fcntl(2) `F_DUPFD`.
///
/// # Errors
/// `EMFILE` when no fd is free.
pub fn lift(fd: OwnedFd) -> Result<OwnedFd, Errno> {
    let (soft, _) = getrlimit(Resource::RLIMIT_NOFILE)?;
    let least = i32::try_from(soft.min(LIFTED).saturating_sub(32)).unwrap_or(0);
    match sys::dup_from(fd.as_fd(), least) {
        Ok(raised) => Ok(raised),
        Err(Errno::EMFILE | Errno::EINVAL) => Ok(fd),
        Err(errno) => Err(errno),
    }
}

/// A handle that takes one thread out of [`Epoll::wait`](super::Epoll::wait), from any other thread.
#[derive(Clone, Copy, Debug)]
pub struct Wake {
    tid: Tid,
}

impl Wake {
    /// A handle on the calling thread. Make it before the thread's first [`Epoll`](super::Epoll).
    ///
    /// # Errors
    /// Those of sigaction(2) and pthread_sigmask(3); none is expected.
    pub fn this_thread() -> Result<Self, Errno> {
        // So that it comes only while a wait lets it through.
        SigSet::from(WAKE_SIGNAL).thread_block()?;
        sys::interrupt_on(WAKE_SIGNAL)?;
        Ok(Self { tid: gettid() })
    }

    pub fn tid(self) -> Tid {
        self.tid
    }

    /// Makes the thread's wait return `EINTR`: the one it is in, or else the next that would block. A thread that has
    /// ended is left alone. tgkill(2).
    pub fn wake(self) {
        // The only error that can come is ESRCH: the thread has ended, and with it its wait.
        let _ = sys::tgkill(None, self.tid.0, WAKE_SIGNAL);
    }

    /// Forgets a wake-up of the calling thread that has come and has not been noticed. sigtimedwait(2)
    pub fn forget() {
        sys::take_pending(WAKE_SIGNAL);
    }
}

/// Sends `SIGUSR2` to the calling thread. tgkill(2)
///
/// # Errors
/// None is expected.
pub fn raise() -> Result<(), Errno> {
    sys::tgkill(None, gettid().0, Signal::SIGUSR2)
}

/// Takes a `SIGUSR2` that has come to the calling thread and was not read, and lets the signal through again.
pub fn forget_raised() {
    sys::take_pending(Signal::SIGUSR2);
    let _ = SigSet::from(Signal::SIGUSR2).thread_unblock();
}

fn signal_of(signal: record::Signal) -> Signal {
    match signal {
        record::Signal::Usr2 => Signal::SIGUSR2,
        record::Signal::Alrm => Signal::SIGALRM,
        record::Signal::Vtalrm => Signal::SIGVTALRM,
    }
}

/// The mask of which `signal` is the only one.
pub(super) fn signal_mask(signal: record::Signal) -> SigMask {
    match signal {
        record::Signal::Usr2 => SigMask::USR2,
        record::Signal::Alrm => SigMask::ALRM,
        record::Signal::Vtalrm => SigMask::VTALRM,
    }
}

/// Gives `SIGALRM` a handler that does nothing, and `SIGVTALRM` one with `SA_RESTART`: for the whole process, and for good.
///
/// # Errors
/// None is expected.
pub fn handle_alarms() -> Result<(), Errno> {
    sys::handle(Signal::SIGALRM, false)?;
    sys::handle(Signal::SIGVTALRM, true)
}

/// Sends a signal to a thread of this process, or to the first thread of a `child`. tgkill(2)
///
/// # Errors
/// `ESRCH` where it has ended.
pub fn send_signal(to: Tid, signal: record::Signal, child: bool) -> Result<(), Errno> {
    sys::tgkill(child.then_some(to.0), to.0, signal_of(signal))
}

/// Blocks a signal in the calling thread, or lets it through again. rt_sigprocmask(2)
///
/// # Errors
/// None is expected.
pub fn mask(how: MaskHow, signal: record::Signal) -> Result<(), Errno> {
    let set = SigSet::from(signal_of(signal));
    match how {
        MaskHow::Block => set.thread_block(),
        MaskHow::Unblock => set.thread_unblock(),
    }
}

/// Takes a `SIGALRM` that has come to the calling thread and is blocked, and lets the signal through again.
pub fn forget_alarm() {
    sys::take_pending(Signal::SIGALRM);
    let _ = SigSet::from(Signal::SIGALRM).thread_unblock();
}

/// The calling thread's signal mask while it waits with `mask`: of the signals that the program sends, these are blocked.
pub(super) fn waiting_with(mask: SigMask) -> SigSet {
    // Asking for one's own mask can't fail; without an answer nothing else is blocked.
    let mut set = SigSet::thread_get_mask().unwrap_or_else(|_| SigSet::empty());
    set.remove(WAKE_SIGNAL);
    for signal in [record::Signal::Usr2, record::Signal::Alrm, record::Signal::Vtalrm] {
        if mask.contains(signal_mask(signal)) {
            set.add(signal_of(signal));
        } else {
            set.remove(signal_of(signal));
        }
    }
    set
}

/// How a thread stands, asked again and again through one fd. proc_pid_stat(5)
#[derive(Debug)]
pub struct TaskState(File);

impl TaskState {
    /// Opens the thread's `stat`.
    ///
    /// # Errors
    /// `ENOENT` where it has ended, or there is no `/proc`; `EMFILE`.
    pub fn of(tid: Tid) -> Result<Self, Errno> {
        Self::open(&format!("/proc/self/task/{tid}/stat"))
    }

    /// The same of a thread of any process.
    ///
    /// # Errors
    /// Those of [`TaskState::of`].
    pub fn of_any(tid: Tid) -> Result<Self, Errno> {
        Self::open(&format!("/proc/{tid}/stat"))
    }

    fn open(path: &str) -> Result<Self, Errno> {
        let file = File::open(path);
        let file = file.map_err(|error| Errno::from_raw(error.raw_os_error().unwrap_or(libc::EIO)))?;
        lift(file.into()).map(|fd| Self(fd.into()))
    }

    /// Whether it sleeps in a call that a signal can interrupt; not one that runs, or has ended.
    pub fn sleeps(&self) -> bool {
        let mut stat = [0; 256];
        let read = self.0.read_at(&mut stat, 0).unwrap_or(0);
        // The name before the state is in parentheses, and may hold any others.
        let state = stat[..read].iter().rposition(|byte| *byte == b')').and_then(|at| stat[..read].get(at + 2));
        state == Some(&b'S')
    }
}

/// Makes a call, and where it may block so that [`Wake::wake`] can take it out with `EINTR`. A wake-up that comes before it
/// sleeps is lost, so that whoever wants it out wakes again and again. pthread_sigmask(3)
#[inline]
pub fn let_through<T>(may_block: bool, call: impl FnOnce() -> T) -> T {
    if may_block {
        wakes_reach(true);
    }
    let result = call();
    if may_block {
        wakes_reach(false);
    }
    result
}

#[cold]
#[inline(never)]
fn wakes_reach(yes: bool) {
    let signal = SigSet::from(WAKE_SIGNAL);
    // EINVAL, the only error, is for a wrong `how`.
    let _ = if yes { signal.thread_unblock() } else { signal.thread_block() };
}

/// Whether a thread of this process sleeps in recv(2) or send(2): proc_pid_syscall(5), or where that file is not to be
/// had whether it sleeps at all, proc_pid_stat(5).
pub fn sleeps_in_transfer(tid: Tid) -> bool {
    let read = |file| std::fs::read_to_string(format!("/proc/self/task/{tid}/{file}"));
    if let Ok(line) = read("syscall") {
        let number = line.split(' ').next().and_then(|word| word.parse().ok());
        return number.is_some_and(|n: i64| [libc::SYS_recvfrom, libc::SYS_sendto].contains(&n));
    }
    // `1234 (a name) S …`; the name may hold anything.
    read("stat").is_ok_and(|stat| stat.rsplit_once(')').is_some_and(|(_, rest)| rest.trim_start().starts_with('S')))
}
