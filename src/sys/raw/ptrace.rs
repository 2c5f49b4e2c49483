//! ptrace(2), and what else it takes to start a program under it and to look at its fds.

use std::ffi::{CStr, CString};
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::{mem, ptr};

use nix::errno::Errno;
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};

use crate::record::{Fd, Tid};

/// The child could not install the filter, or was not told to go on.
pub const NOT_STARTED: i32 = 121;

/// What ptrace(2) `PTRACE_GET_SYSCALL_INFO` gives, `struct ptrace_syscall_info` in linux/ptrace.h.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct SyscallInfo {
    /// 1: entry, 2: exit, 3: seccomp.
    pub op: u8,
    pad: [u8; 3],
    /// `AUDIT_ARCH_…`
    pub arch: u32,
    pub instruction: u64,
    pub stack: u64,
    /// At an entry and for seccomp the number and six arguments; at an exit the result.
    pub words: [u64; 8],
}

/// A request of ptrace(2) that moves a thread on, or takes it over.
#[derive(Clone, Copy, Debug)]
pub enum Request {
    /// With these options.
    Seize(i32),
    /// To the next stop; with this signal, 0 for none.
    Cont(i32),
    /// To the next entry or exit of a call.
    Syscall(i32),
    /// In a group stop: stay stopped, and tell when that ends.
    Listen,
    /// Stop, wherever it is.
    Interrupt,
    /// It is on its own again.
    Detach,
}

/// What waitpid(2) says of a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waited {
    Exited(i32),
    Killed(i32),
    Stopped { signal: i32, event: i32 },
}

/// ptrace(2), by its number: the C libraries do not agree on the type of the request.
///
/// # Safety
/// `data` must be what the request says: a number, or a pointer that is good for it.
unsafe fn ptrace(request: libc::c_long, tid: Tid, at: usize, data: usize) -> Result<usize, Errno> {
    // SAFETY: the caller answers for `data`; the kernel checks everything else.
    let ret = unsafe { libc::syscall(libc::SYS_ptrace, request, libc::c_long::from(tid.0), at, data) };
    Errno::result(ret).map(|ret| usize::try_from(ret).unwrap_or(0))
}

/// Moves a thread on.
///
/// # Errors
/// `ESRCH` where it is gone; `EPERM` where it may not be traced.
pub fn trace(tid: Tid, request: Request) -> Result<(), Errno> {
    let (number, data) = match request {
        Request::Seize(options) => (libc::PTRACE_SEIZE, options),
        Request::Cont(signal) => (libc::PTRACE_CONT, signal),
        Request::Syscall(signal) => (libc::PTRACE_SYSCALL, signal),
        Request::Listen => (libc::PTRACE_LISTEN, 0),
        Request::Interrupt => (libc::PTRACE_INTERRUPT, 0),
        Request::Detach => (libc::PTRACE_DETACH, 0),
    };
    let data = usize::try_from(data).unwrap_or(0);
    // SAFETY: these requests take a number.
    unsafe { ptrace(libc::c_long::from(number), tid, 0, data) }.map(drop)
}

/// The call that a stopped thread enters or leaves.
///
/// # Errors
/// `ESRCH`; `EIO` before Linux 5.3.
pub fn syscall_info(tid: Tid) -> Result<SyscallInfo, Errno> {
    const GET_SYSCALL_INFO: libc::c_long = 0x420e;
    let mut info = SyscallInfo::default();
    // SAFETY: `info` is writable for the size that is given, and any bits are valid numbers.
    unsafe { ptrace(GET_SYSCALL_INFO, tid, mem::size_of::<SyscallInfo>(), (&raw mut info).addr()) }?;
    Ok(info)
}

/// The registers of a thread that its stack is unwound from.
#[derive(Clone, Copy, Debug)]
pub struct Registers {
    pub instruction: u64,
    pub stack: u64,
    /// The frame pointer.
    pub frame: u64,
    /// Where the function returns to that the thread is in.
    #[cfg(target_arch = "aarch64")]
    pub link: u64,
}

/// Where a stop has interrupted the call of a thread, has the kernel make it again, as if a signal without a handler had
/// come: a wait on an epoll would return `EINTR` else. Where a signal with a handler has come too, that is what it returns.
/// Elsewhere than on x86-64 it does nothing.
///
/// # Errors
/// `ESRCH`.
#[cfg(target_arch = "x86_64")]
pub fn restart_call(tid: Tid) -> Result<(), Errno> {
    /// `ERESTARTNOHAND`, include/linux/errno.h
    const AGAIN: isize = -514;
    let all = all_registers(tid)?;
    let (number, result) = (all.orig_rax.cast_signed(), all.rax.cast_signed());
    if number < 0 || result != -i64::from(libc::EINTR) {
        return Ok(());
    }
    let at = mem::offset_of!(libc::user_regs_struct, rax);
    // SAFETY: the registers stand first in `struct user`, and the request takes a number.
    unsafe { ptrace(libc::c_long::from(libc::PTRACE_POKEUSER), tid, at, AGAIN.cast_unsigned()) }.map(drop)
}

/// See above.
///
/// # Errors
/// None.
#[cfg(not(target_arch = "x86_64"))]
pub fn restart_call(_: Tid) -> Result<(), Errno> {
    Ok(())
}

/// The registers of a stopped thread.
///
/// # Errors
/// `ESRCH`.
pub fn registers(tid: Tid) -> Result<Registers, Errno> {
    let all = all_registers(tid)?;
    #[cfg(target_arch = "x86_64")]
    let registers = Registers { instruction: all.rip, stack: all.rsp, frame: all.rbp };
    #[cfg(target_arch = "aarch64")]
    let registers = Registers { instruction: all.pc, stack: all.sp, frame: all.regs[29], link: all.regs[30] };
    Ok(registers)
}

fn all_registers(tid: Tid) -> Result<libc::user_regs_struct, Errno> {
    // SAFETY: all of its fields are numbers.
    let mut all: libc::user_regs_struct = unsafe { mem::zeroed() };
    let mut part = libc::iovec { iov_base: (&raw mut all).cast(), iov_len: mem::size_of_val(&all) };
    let set = usize::try_from(libc::NT_PRSTATUS).unwrap_or(0);
    // SAFETY: the request writes at most so many bytes to `all` as `part` says.
    unsafe { ptrace(libc::c_long::from(libc::PTRACE_GETREGSET), tid, set, (&raw mut part).addr()) }?;
    Ok(all)
}

/// What comes with an event: the new thread's number, or the old one's after exec.
///
/// # Errors
/// `ESRCH`.
pub fn event_message(tid: Tid) -> Result<Tid, Errno> {
    let mut message: libc::c_ulong = 0;
    // SAFETY: the request writes one long.
    unsafe { ptrace(libc::c_long::from(libc::PTRACE_GETEVENTMSG), tid, 0, (&raw mut message).addr()) }?;
    Ok(Tid(u32::try_from(message).unwrap_or(0)))
}

/// Has the call that a thread is stopped before not be made, so that it returns `ENOSYS`. Only for x86-64, where that is
/// what is in the register then; elsewhere the filter refuses such a call.
///
/// # Errors
/// `ESRCH`.
#[cfg(target_arch = "x86_64")]
pub fn skip_call(tid: Tid) -> Result<(), Errno> {
    let number = mem::offset_of!(libc::user_regs_struct, orig_rax);
    // SAFETY: the registers stand first in `struct user`, and the request takes a number.
    unsafe { ptrace(libc::c_long::from(libc::PTRACE_POKEUSER), tid, number, usize::MAX) }.map(drop)
}

/// Has the kernel send no `SIGCHLD` for the stops of threads that are traced: each would take a thread of this process out of
/// its call. waitpid(2) tells of them all the same. sigaction(2) `SA_NOCLDSTOP`
pub fn stop_in_silence() {
    let action = SigAction::new(SigHandler::SigDfl, SaFlags::SA_NOCLDSTOP, SigSet::empty());
    // SAFETY: no handler runs. The call can't fail: the signal is one that may be handled.
    let _ = unsafe { sigaction(Signal::SIGCHLD, &action) };
}

/// The next thread of which there is something to say; `None` where there is nothing now, and nobody is to wait.
///
/// # Errors
/// `ECHILD` where no thread is left, `EINTR`.
pub fn wait_any(block: bool) -> Result<Option<(Tid, Waited)>, Errno> {
    let mut status = 0;
    let flags = libc::__WALL | if block { 0 } else { libc::WNOHANG };
    // SAFETY: `status` is writable.
    let tid = Errno::result(unsafe { libc::waitpid(-1, &raw mut status, flags) })?;
    if tid == 0 {
        return Ok(None);
    }
    // By hand: a stop by a real-time signal has no name.
    let waited = match status & 0x7f {
        0 => Waited::Exited(status >> 8 & 0xff),
        0x7f => Waited::Stopped { signal: status >> 8 & 0xff, event: status >> 16 },
        signal => Waited::Killed(signal),
    };
    Ok(Some((Tid(tid.unsigned_abs()), waited)))
}

/// A copy of another process's fd. pidfd_getfd(2)
///
/// # Errors
/// `EBADF`, `EPERM`, `ESRCH`.
pub fn pidfd_getfd(process: BorrowedFd<'_>, fd: Fd) -> Result<OwnedFd, Errno> {
    // SAFETY: takes only numbers.
    let fd = Errno::result(unsafe { libc::syscall(libc::SYS_pidfd_getfd, process.as_raw_fd(), fd.0, 0) })?;
    // SAFETY: the kernel just gave us this fd, and nobody else has it.
    Ok(unsafe { OwnedFd::from_raw_fd(RawFd::try_from(fd).unwrap_or(-1)) })
}

/// fork(2): a child that reads a byte from the pipe `go`, its first end, installs the filter and executes a program; gives
/// its number. With a `terminal` that is its own, and its input and output. Where it can't go on it ends with
/// [`NOT_STARTED`].
///
/// # Errors
/// `EAGAIN`, `ENOMEM`.
pub fn fork_held(
    go: (BorrowedFd<'_>, BorrowedFd<'_>),
    terminal: Option<BorrowedFd<'_>>,
    path: &CStr,
    arguments: &[CString],
    environment: &[CString],
    filter: &[libc::sock_filter],
) -> Result<Tid, Errno> {
    let pointers = |strings: &[CString]| -> Vec<*const libc::c_char> {
        strings.iter().map(|string| string.as_ptr()).chain([ptr::null()]).collect()
    };
    let (arguments, environment) = (pointers(arguments), pointers(environment));
    let filter = libc::sock_fprog {
        len: u16::try_from(filter.len()).map_err(|_| Errno::E2BIG)?,
        filter: filter.as_ptr().cast_mut(),
    };
    let terminal = terminal.map(|terminal| terminal.as_raw_fd());
    // SAFETY: the child makes only async-signal-safe calls on what was made before, and never returns.
    let pid = unsafe { libc::fork() };
    if pid == 0 {
        // SAFETY: as above; all pointers are to this function's own values, or to its caller's.
        unsafe { go_on((go.0.as_raw_fd(), go.1.as_raw_fd()), terminal, path, &arguments, &environment, &filter) }
    }
    Errno::result(pid).map(|pid| Tid(pid.unsigned_abs()))
}

/// # Safety
/// For the child of a fork: it never returns.
unsafe fn go_on(
    (go, other): (RawFd, RawFd),
    terminal: Option<RawFd>,
    path: &CStr,
    arguments: &[*const libc::c_char],
    environment: &[*const libc::c_char],
    filter: &libc::sock_fprog,
) -> ! {
    // SAFETY: only calls that are safe after a fork, with pointers that the caller has made.
    unsafe {
        let mut none: libc::sigset_t = mem::zeroed();
        libc::sigemptyset(&raw mut none);
        libc::sigprocmask(libc::SIG_SETMASK, &raw const none, ptr::null_mut());
        // Rust ignores it, which a program would inherit.
        libc::signal(libc::SIGPIPE, libc::SIG_DFL);
        if let Some(terminal) = terminal {
            // Of its own session, it gets no signal that a key of ours sends.
            libc::setsid();
            let own = libc::ioctl(terminal, libc::TIOCSCTTY, 0) == 0;
            if !own || (0..3).any(|standard| libc::dup2(terminal, standard) < 0) {
                libc::_exit(NOT_STARTED);
            }
        }
        // Its own copy of the writing end would keep the pipe from ending where the parent ends.
        libc::close(other);
        let mut byte = 0_u8;
        if libc::read(go, (&raw mut byte).cast(), 1) != 1 {
            libc::_exit(NOT_STARTED);
        }
        let install = || libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, 0, ptr::from_ref(filter));
        // Without CAP_SYS_ADMIN a filter needs the promise that no setuid program gains from it.
        if install() != 0 && (libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || install() != 0) {
            libc::_exit(NOT_STARTED);
        }
        libc::execve(path.as_ptr(), arguments.as_ptr(), environment.as_ptr());
        libc::_exit(NOT_STARTED)
    }
}
