//! The seccomp filter, which has a watched program stop at the calls that matter and at no other. seccomp(2)
//!
//! It is built by hand, since it must let calls of another architecture pass: a library that refuses them would kill a
//! program for them.

use super::numbers::{ALWAYS, FCNTL, IOCTL};

const LOAD: u16 = code(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS);
const EQUALS: u16 = code(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K);
const AT_LEAST: u16 = code(libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K);
const RETURN: u16 = code(libc::BPF_RET | libc::BPF_K);

#[allow(clippy::cast_possible_truncation, reason = "a code is a byte")]
const fn code(bits: u32) -> u16 {
    bits as u16
}

/// `struct seccomp_data`: where the number, the architecture, and the low half of the second argument are.
const NUMBER: u32 = 0;
const ARCH: u32 = 4;
const SECOND: u32 = 24;

/// `AUDIT_ARCH_…` of this machine, linux/audit.h.
#[cfg(target_arch = "x86_64")]
pub(super) const THIS_ARCH: u32 = 0xc000_003e;
#[cfg(target_arch = "aarch64")]
pub(super) const THIS_ARCH: u32 = 0xc000_00b7;
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(super) const THIS_ARCH: u32 = 0;

/// Numbers from here on are those of x32, on x86-64.
const X32: u32 = 0x4000_0000;

fn step(code: u16, k: u32) -> libc::sock_filter {
    libc::sock_filter { code, jt: 0, jf: 0, k }
}

/// Goes on with the next step where the number is equal, else passes over `steps` of them.
fn unless_equal(k: u32, steps: u8) -> libc::sock_filter {
    libc::sock_filter { code: EQUALS, jt: 0, jf: steps, k }
}

fn answer(action: u32) -> libc::sock_filter {
    step(RETURN, action)
}

/// The filter for this machine.
pub(super) fn filter() -> Vec<libc::sock_filter> {
    let (trace, allow) = (libc::SECCOMP_RET_TRACE, libc::SECCOMP_RET_ALLOW);
    let mut steps = vec![step(LOAD, ARCH), unless_equal(THIS_ARCH, 2), step(LOAD, NUMBER)];
    steps.push(libc::sock_filter { code: AT_LEAST, jt: 0, jf: 1, k: X32 });
    steps.push(answer(allow));
    for number in ALWAYS.iter().filter_map(|number| u32::try_from(*number).ok()) {
        steps.extend([unless_equal(number, 1), answer(trace)]);
    }
    // On x86-64 the tracer refuses it, and so can say that it did.
    let refused =
        if cfg!(target_arch = "x86_64") { trace } else { libc::SECCOMP_RET_ERRNO | libc::ENOSYS.unsigned_abs() };
    steps.extend([unless_equal(number(libc::SYS_io_uring_setup), 1), answer(refused)]);
    for (call, requests) in [(libc::SYS_ioctl, IOCTL), (libc::SYS_fcntl, FCNTL)] {
        let rest = u8::try_from(2 * requests.len() + 2).unwrap_or(0);
        steps.extend([unless_equal(number(call), rest), step(LOAD, SECOND)]);
        for request in requests {
            steps.extend([unless_equal(*request, 1), answer(trace)]);
        }
        steps.push(answer(allow));
    }
    steps.push(answer(allow));
    steps
}

fn number(call: libc::c_long) -> u32 {
    u32::try_from(call).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs the filter over a call, as the kernel would.
    fn run(arch: u32, call: libc::c_long, second: u32) -> u32 {
        let (steps, mut at, mut loaded) = (filter(), 0, 0);
        loop {
            let step = steps[at];
            at += 1;
            match step.code {
                LOAD if step.k == ARCH => loaded = arch,
                LOAD if step.k == NUMBER => loaded = number(call),
                LOAD => loaded = second,
                EQUALS => at += usize::from(if loaded == step.k { step.jt } else { step.jf }),
                AT_LEAST => at += usize::from(if loaded >= step.k { step.jt } else { step.jf }),
                _ => return step.k,
            }
        }
    }

    #[test]
    fn only_the_calls_that_matter_stop() {
        let (trace, allow) = (libc::SECCOMP_RET_TRACE, libc::SECCOMP_RET_ALLOW);
        for (call, second, expected) in [
            (libc::SYS_read, 0, trace),
            (libc::SYS_epoll_pwait, 0, trace),
            (libc::SYS_execve, 0, trace),
            (libc::SYS_openat, 0, allow),
            (libc::SYS_futex, FIONBIO_AS_OTHER, allow),
            (libc::SYS_ioctl, super::super::numbers::FIONBIO, trace),
            (libc::SYS_ioctl, 0x5401, allow),
            (libc::SYS_fcntl, libc::F_SETFL.unsigned_abs(), trace),
            (libc::SYS_fcntl, libc::F_GETFL.unsigned_abs(), allow),
        ] {
            assert_eq!(run(THIS_ARCH, call, second), expected, "{call} {second:#x}");
            assert_eq!(run(THIS_ARCH ^ 1, call, second), allow, "of another architecture: {call}");
        }
    }

    const FIONBIO_AS_OTHER: u32 = super::super::numbers::FIONBIO;
}
