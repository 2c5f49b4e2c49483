//! The calls that stop a watched program, by their numbers.

/// Calls that newer machines lack; their numbers there are those of no call.
pub(super) mod old {
    macro_rules! numbers {
        ($( $name:ident = $number:ident or $none:literal; )*) => {$(
            #[cfg(target_arch = "x86_64")]
            pub(in crate::watch) const $name: i64 = libc::$number;
            #[cfg(not(target_arch = "x86_64"))]
            pub(in crate::watch) const $name: i64 = $none;
        )*};
    }
    numbers! {
        EPOLL_CREATE = SYS_epoll_create or -2;
        EPOLL_WAIT = SYS_epoll_wait or -3;
        DUP2 = SYS_dup2 or -4;
        PIPE = SYS_pipe or -5;
        EVENTFD = SYS_eventfd or -6;
        SIGNALFD = SYS_signalfd or -7;
        INOTIFY_INIT = SYS_inotify_init or -8;
        FORK = SYS_fork or -9;
        VFORK = SYS_vfork or -10;
    }
}

/// All but `ioctl` and `fcntl`, of which only some requests stop, and `io_uring_setup`, which is refused.
pub(super) const ALWAYS: &[i64] = &[
    libc::SYS_read,
    libc::SYS_write,
    libc::SYS_readv,
    libc::SYS_writev,
    libc::SYS_close,
    libc::SYS_close_range,
    libc::SYS_dup,
    old::DUP2,
    libc::SYS_dup3,
    old::PIPE,
    libc::SYS_pipe2,
    libc::SYS_socket,
    libc::SYS_socketpair,
    libc::SYS_bind,
    libc::SYS_listen,
    libc::SYS_connect,
    libc::SYS_accept,
    libc::SYS_accept4,
    libc::SYS_shutdown,
    libc::SYS_setsockopt,
    libc::SYS_sendto,
    libc::SYS_recvfrom,
    libc::SYS_sendmsg,
    libc::SYS_recvmsg,
    libc::SYS_sendmmsg,
    libc::SYS_recvmmsg,
    libc::SYS_sendfile,
    libc::SYS_splice,
    libc::SYS_tee,
    libc::SYS_vmsplice,
    old::EPOLL_CREATE,
    libc::SYS_epoll_create1,
    libc::SYS_epoll_ctl,
    old::EPOLL_WAIT,
    libc::SYS_epoll_pwait,
    libc::SYS_epoll_pwait2,
    old::EVENTFD,
    libc::SYS_eventfd2,
    libc::SYS_timerfd_create,
    libc::SYS_timerfd_settime,
    old::SIGNALFD,
    libc::SYS_signalfd4,
    old::INOTIFY_INIT,
    libc::SYS_inotify_init1,
    libc::SYS_clone,
    libc::SYS_clone3,
    old::FORK,
    old::VFORK,
    libc::SYS_execve,
];

/// Whether a call is recorded, or one of those of which some requests are.
pub(super) fn is_recorded(number: i64) -> bool {
    let some = [libc::SYS_ioctl, libc::SYS_fcntl, libc::SYS_io_uring_setup];
    ALWAYS.contains(&number) || some.contains(&number)
}

/// The requests of ioctl(2) that stop.
pub(super) const IOCTL: &[u32] = &[FIONBIO];

/// asm-generic/ioctls.h; the type of libc's constant differs between C libraries.
pub(super) const FIONBIO: u32 = 0x5421;

/// The commands of fcntl(2) that stop.
#[allow(clippy::cast_sign_loss, reason = "small positive numbers")]
pub(super) const FCNTL: &[u32] = &[libc::F_DUPFD as u32, libc::F_DUPFD_CLOEXEC as u32, libc::F_SETFL as u32];
