//! What a worker shares with whoever asks it for calls: a request, its result, and the memory that a call reads or fills.
//!
//! A worker is a thread or a forked child. It does nothing but make the calls that it is asked for. Only numbers go to and
//! fro, so that the child needs no allocation and no lock, which after a fork might be held for ever.

use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicI64, AtomicU32, AtomicU64, Ordering};

use nix::errno::Errno;
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, SigmaskHow, Signal, sigaction};

use crate::record::Ret;

/// The most bytes that one call may read or fill.
pub(in crate::sys) const MEMORY: usize = 16 << 20;
/// Where the memory begins.
const BESIDE: usize = 4096;
/// Asks a thread to end.
const END: i64 = -1;

struct Head {
    /// How many calls were asked for, entered, and made.
    asked: AtomicU32,
    begun: AtomicU32,
    done: AtomicU32,
    number: AtomicI64,
    arguments: [AtomicI64; 6],
    returned: AtomicI64,
    /// When the call was entered and left, `CLOCK_MONOTONIC`.
    times: [AtomicU64; 2],
}

/// Memory that a worker and its master both see, also after a fork.
pub(in crate::sys) struct Mailbox(NonNull<Head>);

// SAFETY: everything behind the pointer is atomic, but the memory, which belongs to the worker from `ask` until `is_done`
// and to the master else.
unsafe impl Send for Mailbox {}
// SAFETY: as above.
unsafe impl Sync for Mailbox {}

impl Mailbox {
    /// mmap(2): pages that nobody touches cost nothing.
    pub(in crate::sys) fn new() -> Result<Self, Errno> {
        let flags = libc::MAP_SHARED | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        let access = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: the kernel chooses the place.
        let at = unsafe { libc::mmap(ptr::null_mut(), BESIDE + MEMORY, access, flags, -1, 0) };
        if at == libc::MAP_FAILED {
            return Err(Errno::last());
        }
        // Zeros are a head that was asked for nothing.
        NonNull::new(at.cast()).map(Self).ok_or(Errno::ENOMEM)
    }

    fn head(&self) -> &Head {
        // SAFETY: mapped until it is dropped; zeros and whatever is stored are valid.
        unsafe { self.0.as_ref() }
    }

    /// Where a call finds the memory from `at` on, as one of its arguments.
    pub(in crate::sys) fn address(&self, at: usize) -> i64 {
        i64::try_from(self.0.as_ptr().addr() + BESIDE + at).unwrap_or(0)
    }

    fn memory(&self) -> *mut u8 {
        self.0.as_ptr().cast::<u8>().wrapping_add(BESIDE)
    }

    /// Puts bytes into the memory, for a call to come.
    pub(in crate::sys) fn put(&self, at: usize, bytes: &[u8]) {
        if self.is_done() && at + bytes.len() <= MEMORY {
            // SAFETY: within the memory, which nobody else uses while no call is being made.
            unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), self.memory().wrapping_add(at), bytes.len()) };
        }
    }

    /// The first bytes of the memory, after a call.
    pub(in crate::sys) fn get(&self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length.min(MEMORY)];
        if self.is_done() {
            // SAFETY: as in `put`.
            unsafe { ptr::copy_nonoverlapping(self.memory(), bytes.as_mut_ptr(), bytes.len()) };
        }
        bytes
    }

    /// Asks for a call. The one before must be done.
    pub(in crate::sys) fn ask(&self, number: i64, arguments: [i64; 6]) {
        let head = self.head();
        head.number.store(number, Ordering::Relaxed);
        for (place, argument) in head.arguments.iter().zip(arguments) {
            place.store(argument, Ordering::Relaxed);
        }
        head.asked.fetch_add(1, Ordering::Release);
        // SAFETY: the word is there, and nobody waits for another.
        unsafe { libc::syscall(libc::SYS_futex, head.asked.as_ptr(), libc::FUTEX_WAKE, 1) };
    }

    /// Asks a thread to end, instead of making a call.
    pub(in crate::sys) fn ask_to_end(&self) {
        self.ask(END, [0; 6]);
    }

    /// Whether the last call has been entered, so that the worker can sleep in it and nowhere else.
    pub(in crate::sys) fn has_begun(&self) -> bool {
        self.head().begun.load(Ordering::Acquire) == self.head().asked.load(Ordering::Relaxed)
    }

    pub(in crate::sys) fn is_done(&self) -> bool {
        self.head().done.load(Ordering::Acquire) == self.head().asked.load(Ordering::Relaxed)
    }

    /// When the last call was entered and left, and its result.
    pub(in crate::sys) fn result(&self) -> ([u64; 2], Ret) {
        let head = self.head();
        let returned = Ret::returned(head.returned.load(Ordering::Relaxed));
        ([0, 1].map(|i| head.times[i].load(Ordering::Relaxed)), returned)
    }

    /// Makes the calls that are asked for until it is asked to end. This is all that a child does: nothing here allocates.
    pub(in crate::sys) fn serve(&self) {
        let head = self.head();
        let mut made = 0_u32;
        loop {
            while head.asked.load(Ordering::Acquire) == made {
                // SAFETY: the word is there. A signal, or another number in it, ends the wait.
                unsafe {
                    libc::syscall(
                        libc::SYS_futex,
                        head.asked.as_ptr(),
                        libc::FUTEX_WAIT,
                        made,
                        ptr::null::<libc::timespec>(),
                    )
                };
            }
            made = made.wrapping_add(1);
            let number = head.number.load(Ordering::Relaxed);
            if number == END {
                return head.done.store(made, Ordering::Release);
            }
            let given = [0, 1, 2, 3, 4, 5].map(|i| head.arguments[i].load(Ordering::Relaxed));
            head.times[0].store(super::super::monotonic(), Ordering::Relaxed);
            head.begun.store(made, Ordering::Release);
            // SAFETY: `Worker::ask` answers for the arguments: numbers, and addresses in the memory or 0.
            let returned = unsafe { libc::syscall(number, given[0], given[1], given[2], given[3], given[4], given[5]) };
            let returned = if returned == -1 { -i64::from(Errno::last_raw()) } else { returned };
            head.times[1].store(super::super::monotonic(), Ordering::Relaxed);
            head.returned.store(returned, Ordering::Relaxed);
            head.done.store(made, Ordering::Release);
        }
    }
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        // SAFETY: mapped in `new`, and nobody uses it any more.
        unsafe { libc::munmap(self.0.as_ptr().cast(), BESIDE + MEMORY) };
    }
}

/// fork(2): a child that makes the calls that it is asked for through `mailbox`, until it is killed or the thread that made
/// it is gone. All signals are blocked in it but those in `open`, and `SIGKILL`.
pub(in crate::sys) fn fork_worker(mailbox: &Mailbox, open: SigSet) -> Result<i32, Errno> {
    let before = SigSet::all().thread_swap_mask(SigmaskHow::SIG_SETMASK)?;
    // SAFETY: plain numbers.
    let parent = unsafe { libc::getpid() };
    // SAFETY: the child makes only async-signal-safe calls, on the stack that it has, and never returns.
    let pid = unsafe { libc::fork() };
    if pid == 0 {
        // SAFETY: numbers only; the parent may have died before the child asked to be told.
        unsafe {
            libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
            if libc::getppid() != parent {
                libc::_exit(0);
            }
        }
        let _ = open.thread_unblock();
        mailbox.serve();
        // SAFETY: takes only a number.
        unsafe { libc::_exit(0) };
    }
    before.thread_set_mask()?;
    Errno::result(pid)
}

/// Gives `signal` a handler that does nothing, so that it interrupts the call that a thread is in. With `restart` the kernel
/// begins the call again, if it is one of those that it can begin again: signal(7).
pub(in crate::sys) fn handle(signal: Signal, restart: bool) -> Result<(), Errno> {
    extern "C" fn nothing(_: libc::c_int) {}
    let flags = if restart { SaFlags::SA_RESTART } else { SaFlags::empty() };
    // SAFETY: the handler does nothing, so that it may run at any moment.
    unsafe { sigaction(signal, &SigAction::new(SigHandler::Handler(nothing), flags, SigSet::empty())) }.map(drop)
}
