//! A worker: a thread or a forked child that makes the calls that it is asked for, one at a time.
//!
//! Whoever asks can tell from outside how the worker stands: it has made the call, or it sleeps in it. Nothing else that it
//! does between the two makes it sleep.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::thread::{self, JoinHandle};

use nix::sys::signal::{SigSet, Signal};

use super::process::{WAKE_SIGNAL, handle_alarms, signal_mask};
use super::raw::{self as sys, MEMORY, Mailbox};
use super::{Child, Errno, TaskState, gettid};
use crate::record::{Call, Fd, Foreign, How, MaskHow, Ret, SigMask, Tid};

/// Where in the memory a call finds a signal mask and a time; both are small, and no list of events or bytes reaches there.
const BESIDE: usize = MEMORY - 64;
/// The size of the kernel's signal mask, in bytes.
const MASK: i64 = 8;
/// The size of an `epoll_event`.
const EVENT: usize = size_of::<libc::epoll_event>();

/// A thread or a child that makes calls. Dropped, it is taken out of its call and ended.
pub struct Worker {
    mailbox: Arc<Mailbox>,
    tid: Tid,
    state: Option<TaskState>,
    body: Body,
}

enum Body {
    Thread(Option<JoinHandle<()>>),
    /// Nothing once it has ended.
    Child(Option<Child>),
}

/// What came of a call.
#[derive(Debug)]
pub struct Made {
    /// When it was entered and left, by [`super::monotonic`].
    pub times: [u64; 2],
    pub ret: Ret,
    /// What the call has put into the memory.
    pub memory: Vec<u8>,
}

impl Worker {
    /// The most bytes that one call may move, and the most events that one may bring.
    pub const BYTES: usize = BESIDE;
    pub const EVENTS: usize = BESIDE / EVENT;

    /// A thread of this process, with its file table. Signals reach it as they reach the calling thread.
    ///
    /// # Errors
    /// `EAGAIN`, `ENOMEM`.
    pub fn thread() -> Result<Self, Errno> {
        let mailbox = ready()?;
        let (of_thread, told) = (Arc::clone(&mailbox), Arc::new(OnceLock::new()));
        let tell = Arc::clone(&told);
        let body = move || {
            let _ = SigSet::from(WAKE_SIGNAL).thread_unblock();
            let _ = tell.set(gettid());
            of_thread.serve();
        };
        let thread = thread::Builder::new().spawn(body).map_err(|_| Errno::EAGAIN)?;
        while told.get().is_none() && !thread.is_finished() {
            thread::yield_now();
        }
        let tid = *told.get().ok_or(Errno::EAGAIN)?;
        Ok(Self { mailbox, tid, state: TaskState::of(tid).ok(), body: Body::Thread(Some(thread)) })
    }

    /// fork(2): a child with copies of all fds. Of the signals only those that the program sends reach it.
    ///
    /// # Errors
    /// `EAGAIN` where the user may have no more processes; `ENOMEM`.
    pub fn fork() -> Result<Self, Errno> {
        let mailbox = ready()?;
        let open = [WAKE_SIGNAL, Signal::SIGALRM, Signal::SIGVTALRM].into_iter().collect();
        let child = Child::fork(&mailbox, open)?;
        let tid = child.pid();
        Ok(Self { mailbox, tid, state: TaskState::of_any(tid).ok(), body: Body::Child(Some(child)) })
    }

    pub fn tid(&self) -> Tid {
        self.tid
    }

    pub fn is_child(&self) -> bool {
        matches!(self.body, Body::Child(_))
    }

    /// Asks for a call, of which all is given but the result. An epoll_ctl registers with `token`; a write or send writes
    /// `bytes`. The call before must have been made.
    ///
    /// # Errors
    /// `ENOSYS` for a call that no worker makes, `EINVAL` for one whose bytes or events have no room.
    pub fn ask(&self, call: &Call, token: u64, bytes: &[u8]) -> Result<(), Errno> {
        if room_for(call) > BESIDE || bytes.len() > BESIDE {
            return Err(Errno::EINVAL);
        }
        let memory = self.mailbox.address(0);
        let fd = |fd: Fd| i64::from(fd.0);
        let (number, arguments) = match *call {
            Call::EpollCtl { epfd, op, fd: of, interest, .. } => {
                self.mailbox.put(0, &event(interest.bits(), token));
                (libc::SYS_epoll_ctl, [fd(epfd), op.number().into(), fd(of), memory, 0, 0])
            }
            Call::EpollWaitEnter { epfd, max_events, timeout } => {
                let max = max_events.cast_signed().into();
                (WAIT, [fd(epfd), memory, max, timeout.0.into(), 0, MASK])
            }
            Call::Foreign(Foreign::EpollPwaitEnter { epfd, max_events, timeout, sigmask }) => {
                let mask = self.put_mask(sigmask.get().unwrap_or_default());
                let max = max_events.cast_signed().into();
                (libc::SYS_epoll_pwait, [fd(epfd), memory, max, timeout.0.into(), mask, MASK])
            }
            Call::Foreign(Foreign::EpollPwait2Enter { epfd, max_events, timeout_ns, sigmask, .. }) => {
                let mask = self.put_mask(sigmask.get().unwrap_or_default());
                let time = self.put_time(timeout_ns.get().unwrap_or_default());
                let max = max_events.cast_signed().into();
                (libc::SYS_epoll_pwait2, [fd(epfd), memory, max, time, mask, MASK])
            }
            Call::Ppoll { fd: of, asked, timeout, .. } => {
                let mut entry = of.0.to_ne_bytes().to_vec();
                entry.extend(u16::try_from(asked.bits()).unwrap_or(u16::MAX).to_ne_bytes());
                entry.extend([0, 0]);
                self.mailbox.put(0, &entry);
                let ms = u64::try_from(timeout.0).ok();
                let time = ms.map_or(0, |ms| self.put_time(ms * 1_000_000));
                (libc::SYS_ppoll, [memory, 1, time, 0, MASK, 0])
            }
            Call::Read { fd: of, len, .. } => (libc::SYS_read, [fd(of), memory, len.into(), 0, 0, 0]),
            Call::Recvfrom { fd: of, len, flags, .. } => {
                (libc::SYS_recvfrom, [fd(of), memory, len.into(), flags.bits().into(), 0, 0])
            }
            Call::Write { fd: of, len, .. } => {
                self.mailbox.put(0, bytes);
                (libc::SYS_write, [fd(of), memory, len.into(), 0, 0, 0])
            }
            Call::Sendto { fd: of, len, flags, .. } => {
                self.mailbox.put(0, bytes);
                let flags = i64::from(flags.bits()) | i64::from(libc::MSG_NOSIGNAL);
                (libc::SYS_sendto, [fd(of), memory, len.into(), flags, 0, 0])
            }
            Call::Shutdown { fd: of, how, .. } => {
                let how = match how {
                    How::Read => libc::SHUT_RD,
                    How::Write => libc::SHUT_WR,
                    How::Both => libc::SHUT_RDWR,
                };
                (libc::SYS_shutdown, [fd(of), how.into(), 0, 0, 0, 0])
            }
            Call::Close { fd: of, .. } => (libc::SYS_close, [fd(of), 0, 0, 0, 0, 0]),
            Call::RtSigprocmask { how, signal, .. } => {
                let how = match how {
                    MaskHow::Block => libc::SIG_BLOCK,
                    MaskHow::Unblock => libc::SIG_UNBLOCK,
                };
                let mask = self.put_bits(signal_mask(signal).bits(), 0);
                (libc::SYS_rt_sigprocmask, [how.into(), mask, 0, MASK, 0, 0])
            }
            _ => return Err(Errno::ENOSYS),
        };
        self.mailbox.ask(number, arguments);
        Ok(())
    }

    /// The mask while a call waits: the signals that are in it, and all that a child never lets through.
    fn put_mask(&self, mask: SigMask) -> i64 {
        let all = (SigMask::USR1 | SigMask::USR2 | SigMask::ALRM | SigMask::VTALRM).bits();
        if self.is_child() { self.put_bits(mask.bits() | !all, u32::MAX) } else { self.put_bits(mask.bits(), 0) }
    }

    fn put_bits(&self, low: u32, high: u32) -> i64 {
        self.mailbox.put(BESIDE, &(u64::from(high) << 32 | u64::from(low)).to_ne_bytes());
        self.mailbox.address(BESIDE)
    }

    fn put_time(&self, ns: u64) -> i64 {
        let at = BESIDE + 16;
        let time = [ns / 1_000_000_000, ns % 1_000_000_000];
        self.mailbox.put(at, &time.map(u64::to_ne_bytes).concat());
        self.mailbox.address(at)
    }

    /// Whether its last call has been made.
    pub fn is_done(&self) -> bool {
        self.mailbox.is_done()
    }

    /// Whether it sleeps in its last call.
    pub fn sleeps(&self) -> bool {
        self.mailbox.has_begun() && !self.is_done() && self.state.as_ref().is_none_or(TaskState::sleeps)
    }

    /// What came of `call`, the last one; nothing while it is being made.
    pub fn made(&self, call: &Call) -> Option<Made> {
        if !self.is_done() {
            return None;
        }
        let (times, ret) = self.mailbox.result();
        let moved = ret.ok().unwrap_or(0) as usize;
        let length = match call.plain() {
            Call::EpollWaitEnter { .. } => moved * EVENT,
            Call::Read { .. } | Call::Recvfrom { .. } => moved,
            Call::Ppoll { .. } => 8,
            _ => 0,
        };
        Some(Made { times, ret, memory: self.mailbox.get(length) })
    }

    /// When it entered its last call.
    pub fn entered(&self) -> u64 {
        self.mailbox.result().0[0]
    }

    /// Interrupts the call that it is in, which fails with `EINTR`. tgkill(2)
    pub fn interrupt(&self) {
        if self.sleeps() {
            self.signal(WAKE_SIGNAL);
        }
    }

    fn signal(&self, signal: Signal) {
        // The only error that can come is ESRCH: it has ended.
        let _ = sys::tgkill(self.is_child().then_some(self.tid.0), self.tid.0, signal);
    }

    /// Kills a child and waits for it. kill(2), waitpid(2)
    ///
    /// # Errors
    /// `ECHILD` where it is a thread, or somebody else has waited for it.
    pub fn end(mut self) -> Result<(), Errno> {
        match &mut self.body {
            Body::Child(child) => child.take().ok_or(Errno::ECHILD)?.end(),
            Body::Thread(_) => Err(Errno::ECHILD),
        }
    }
}

/// A mailbox, and a handler for the signal that interrupts a worker.
fn ready() -> Result<Arc<Mailbox>, Errno> {
    sys::interrupt_on(WAKE_SIGNAL)?;
    handle_alarms()?;
    Mailbox::new().map(Arc::new)
}

/// epoll_wait(2) is not a call of its own everywhere.
#[cfg(target_arch = "x86_64")]
const WAIT: libc::c_long = libc::SYS_epoll_wait;
#[cfg(not(target_arch = "x86_64"))]
const WAIT: libc::c_long = libc::SYS_epoll_pwait;

/// How many bytes of the memory a call may fill.
fn room_for(call: &Call) -> usize {
    match call.plain() {
        // A number without sense is for the kernel to refuse.
        Call::EpollWaitEnter { max_events: max @ 0..0x8000_0000, .. } => (max as usize).saturating_mul(EVENT),
        Call::Read { len, .. } | Call::Recvfrom { len, .. } | Call::Write { len, .. } | Call::Sendto { len, .. } => {
            len as usize
        }
        _ => 0,
    }
}

fn event(events: u32, token: u64) -> Vec<u8> {
    let mut bytes = events.to_ne_bytes().to_vec();
    // Packed on x86-64, and there alone.
    bytes.resize(EVENT - 8, 0);
    bytes.extend(token.to_ne_bytes());
    bytes
}

/// The events that a wait has put into the memory: what is reported, and the token.
pub fn events(memory: &[u8]) -> Vec<(u64, u32)> {
    let number = |bytes: &[u8]| u32::from_ne_bytes(bytes.try_into().unwrap_or_default());
    let token = |bytes: &[u8]| u64::from_ne_bytes(bytes.try_into().unwrap_or_default());
    memory.chunks_exact(EVENT).map(|entry| (token(&entry[EVENT - 8..]), number(&entry[..4]))).collect()
}

/// What ppoll(2) has put into the memory.
pub fn polled(memory: &[u8]) -> u32 {
    memory.get(6..8).and_then(|bytes| bytes.try_into().ok()).map_or(0, |bytes| u16::from_ne_bytes(bytes).into())
}

impl Drop for Worker {
    fn drop(&mut self) {
        if let Body::Thread(thread) = &mut self.body
            && let Some(thread) = thread.take()
        {
            while !self.mailbox.is_done() {
                self.interrupt_thread();
                thread::yield_now();
            }
            self.mailbox.ask_to_end();
            let _ = thread.join();
        }
    }
}

impl Worker {
    fn interrupt_thread(&self) {
        if self.mailbox.has_begun() {
            self.signal(WAKE_SIGNAL);
        }
    }
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker").field("tid", &self.tid).finish_non_exhaustive()
    }
}
