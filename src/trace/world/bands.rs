//! The names that poll(2) has besides IN and OUT, which come along with them: RDNORM, WRNORM, WRBAND. What a file keeps here
//! is IN and OUT; the others follow from its kind.

use super::stance::Nature;
use crate::record::{FdKind, Ready};

/// What a file of this kind reports with `ready`: its `poll` in the kernel.
pub(super) fn reported(nature: Nature, ready: Ready) -> Ready {
    let (input, output) = match nature {
        // datagram_poll, unix_poll, unix_dgram_poll.
        Nature::Made(FdKind::UdpSocket | FdKind::Socketpair(_) | FdKind::UnixSocket(_)) => {
            (Ready::RDNORM, Ready::WRNORM | Ready::WRBAND)
        }
        // tcp_poll, pipe_poll, n_tty_poll, ep_eventpoll_poll, pidfd_poll, inotify_poll.
        Nature::Tcp
        | Nature::Listener
        | Nature::Epoll
        | Nature::Made(
            FdKind::Pipe2
            | FdKind::PacketPipe
            | FdKind::Fifo(_)
            | FdKind::Openpty
            | FdKind::PidfdOpen(_)
            | FdKind::InotifyInit1,
        ) => (Ready::RDNORM, Ready::WRNORM),
        // eventfd_poll, timerfd_poll and signalfd_poll know neither.
        Nature::Unknown | Nature::Made(_) => (Ready::empty(), Ready::empty()),
    };
    with(ready, input, output)
}

/// The key with which a file of this kind wakes for `events`.
pub(super) fn woken(nature: Nature, events: Ready) -> Ready {
    let (input, output) = match nature {
        // sock_def_readable, sk_stream_write_space, unix_write_space, sock_def_write_space.
        Nature::Tcp
        | Nature::Listener
        | Nature::Made(FdKind::UdpSocket | FdKind::Socketpair(_) | FdKind::UnixSocket(_)) => {
            (Ready::RDNORM | Ready::RDBAND, Ready::WRNORM | Ready::WRBAND)
        }
        // The last one has no key, which stands for any.
        Nature::Made(FdKind::Pipe2 | FdKind::PacketPipe | FdKind::Fifo(_) | FdKind::PidfdOpen(_)) => {
            (Ready::RDNORM, Ready::WRNORM)
        }
        // n_tty_receive_buf; tty_wakeup says no more than OUT.
        Nature::Made(FdKind::Openpty) => (Ready::RDNORM, Ready::empty()),
        // ep_poll_safewake, eventfd_signal, timerfd_triggered.
        Nature::Unknown | Nature::Epoll | Nature::Made(_) => (Ready::empty(), Ready::empty()),
    };
    with(events, input, output)
}

fn with(events: Ready, input: Ready, output: Ready) -> Ready {
    let mut with = events;
    if events.contains(Ready::IN) {
        with |= input;
    }
    if events.contains(Ready::OUT) {
        with |= output;
    }
    with
}
