//! What wakes an epoll: the table.
//!
//! A file keeps its waiters in a wait queue. Whatever happens to it wakes them with a key: the events that it may have
//! brought, or none, which stands for any. `ep_poll_callback` puts a registration on the ready list if the key is empty
//! or has an event that the registration asks for. It does not look whether the file is ready: that is left to the wait.
//!
//! So what counts is not how a file stands, but what was done to it. The rows below say it for each kind of file, as it
//! was measured: `tests/it/wakes.rs` plays every short script of each kind against the kernel.

use super::file::{File, Kind};
use super::other::Other;
use super::report::Cause;
use super::stance::Nature;
use crate::record::{FdKind, PairType, Ready};

/// What happened to a file: to the end that it is said of, or through it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    /// A write took so many bytes, or a datagram with so many.
    Wrote(u32),
    /// A write with `MSG_OOB` took a byte.
    WroteUrgent,
    /// A write found no room: EAGAIN.
    FoundFull,
    /// A write made its message, and then the peer's end was found closed.
    Refused,
    /// A read took something.
    Read,
    /// A FIFO was opened by a further open file description.
    Opened,
    /// The memory of something sent was freed, because the peer has taken it or has thrown it away.
    Freed,
    /// shutdown(2).
    Shut,
    /// The last fd was closed.
    Closed,
    /// The peer's kernel has acknowledged a FIN.
    FinAcked,
    /// `SO_SNDBUF` was set.
    SendBuffer,
    /// `SO_RCVLOWAT` was set.
    LowWater,
    /// `F_SETPIPE_SZ`.
    Resized,
    /// A connection to a listener is complete.
    Connected,
    /// The connect of this socket has succeeded.
    Established,
    /// A connect has returned that the connection could not be made.
    Disconnected,
    /// So many bytes have come.
    Came(u64),
    /// So many bytes have come, and were taken before anybody asked how the file stands.
    CameAndWent(u64),
    /// An urgent byte has come.
    CameUrgent,
    /// The peer's side of the stream has ended.
    PeerEnded,
    /// The peer has reset the connection, or it has failed.
    PeerReset,
    /// A sample shows these events, and did not before.
    Became(Ready),
    /// A sample shows more to read than the one before.
    Grew,
    /// SIGUSR2 was sent, and had not been pending.
    Signalled,
}

/// Who is woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The waiters of the end that something was done to.
    This,
    /// Those of the other end.
    Peer,
    /// Those of all signalfds of the process: they have one wait queue.
    Signals,
    /// Those of all who read from a FIFO, or write to it.
    Readers,
    Writers,
}

/// Under which condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum If {
    Always,
    /// The woken end has room to send.
    Room,
    /// The woken end has bytes to read, as many as `SO_RCVLOWAT` asks for.
    Enough,
    /// The same, or the peer has ended its side.
    EnoughOrEnd,
    /// The end that something was done to has at most `TTY_THRESHOLD_UNTHROTTLE` bytes unread.
    Little,
    /// It is the only one that has opened the FIFO for reading, or for writing.
    OnlyOne,
    /// Of those that have opened the FIFO, none is left that reads, or none that writes.
    OneSided,
}

/// The events that a wake-up says it has brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// These.
    Of(Ready),
    /// It does not say: whoever waits is woken.
    Any,
    /// Those that have come with what happened.
    New,
}

/// A wake-up: of whom, with which key, under which condition, and what the registrations that it puts on a ready list
/// keep as its cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wake(pub(super) End, pub(super) Key, pub(super) If, pub(super) Cause);

const IN: Key = Key::Of(Ready::IN);
const OUT: Key = Key::Of(Ready::OUT);
/// What has come to a socket: `sock_def_readable`.
const DATA: Key = Key::Of(Ready::IN.union(Ready::PRI));
/// The number is filled in from what happened.
const ARRIVED: Cause = Cause::Arrived { bytes: 0 };

const PIPE: FdKind = FdKind::Pipe2;
const STREAM: FdKind = FdKind::Socketpair(PairType::Stream);
const SEQPACKET: FdKind = FdKind::Socketpair(PairType::Seqpacket);
const DGRAM: FdKind = FdKind::Socketpair(PairType::Dgram);

/// The table: of each kind of file, what wakes whom, in the order in which the kernel does it.
#[rustfmt::skip]
#[allow(clippy::match_same_arms, reason = "a table has a row for each kind of file")]
pub(super) fn rows(nature: Nature, deed: Deed) -> &'static [Wake] {
    use Deed::{
        Became, Came, CameAndWent, CameUrgent, Closed, Connected, Disconnected, Established, FinAcked, FoundFull, Freed, Grew, LowWater, Opened,
        PeerEnded, PeerReset, Read, Refused, Resized, SendBuffer, Shut, Signalled, Wrote, WroteUrgent,
    };
    use End::{Peer, Readers, Signals, This, Writers};
    use FdKind::{Eventfd2, Fifo, InotifyInit1, Openpty, PacketPipe, Semaphore, Signalfd4, UdpSocket, UnixSocket};
    use If::{Always, Enough, EnoughOrEnd, Little, OneSided, OnlyOne, Room};
    use Key::{Any, New};
    use Nature::{Listener, Made, Tcp};
    match (nature, deed) {
        // pipe_write wakes the reader at each write, not only when the pipe was empty: programs rely on it (`poll_usage`).
        // A write that fails because the pipe is full has passed the same place.
        (Made(PIPE | PacketPipe), Wrote(1..) | FoundFull) => &[Wake(Peer, IN, Always, ARRIVED)],
        // pipe_release wakes both queues. pipe_resize_ring wakes the writer, whether there is more room or less.
        (Made(PIPE | PacketPipe), Closed) => &[Wake(Peer, Any, Always, Cause::Ended)],
        (Made(PIPE | PacketPipe), Resized) => &[Wake(This, Any, Always, Cause::Space)],
        // pipe_read wakes the writer only where the pipe was full and no longer is: that, the samples show.

        // The same with several on each side. fifo_open wakes the readers, and not the writers (wake_up_partner), when a side
        // has got its first.
        (Made(Fifo(_)), Wrote(1..) | FoundFull) => &[Wake(Readers, IN, Always, ARRIVED)],
        (Made(Fifo(_)), Opened)                 => &[Wake(Readers, Any, OnlyOne, Cause::Opened)],
        (Made(Fifo(_)), Became(Ready::OUT))     => &[Wake(Writers, OUT, Always, Cause::Space)],
        (Made(Fifo(_)), Became(_))              => &[],
        (Made(Fifo(_)), Resized)                => &[Wake(Writers, Any, Always, Cause::Space)],
        (Made(Fifo(_)), Closed)                 => &[
            Wake(Readers, Any, OneSided, Cause::Ended),
            Wake(Writers, Any, OneSided, Cause::Ended),
        ],

        // eventfd_write, eventfd_read: each that succeeds, whatever the counter was before.
        (Made(Eventfd2 | Semaphore), Wrote(_)) => &[Wake(This, IN, Always, ARRIVED)],
        (Made(Eventfd2 | Semaphore), Read)     => &[Wake(This, OUT, Always, Cause::Space)],

        // signalfd_notify wakes the queue of the process, in which all its signalfds are.
        (Made(Signalfd4), Signalled) => &[Wake(Signals, Any, Always, Cause::BecameReady)],

        // tty_write_unlock wakes who writes, also where nothing fitted. What was written reaches the other side by a worker
        // (n_tty_receive_buf). n_tty_check_unthrottle tells the writer of room once the reader has little left.
        (Made(Openpty), Wrote(_))  => &[Wake(This, OUT, Always, Cause::Space), Wake(Peer, IN, Always, ARRIVED)],
        (Made(Openpty), FoundFull) => &[Wake(This, OUT, Always, Cause::Space)],
        (Made(Openpty), Read)      => &[Wake(Peer, OUT, Little, Cause::Space)],
        (Made(Openpty), Closed)    => &[Wake(Peer, Any, Always, Cause::Ended)],

        // inotify's queue: an event that is like the last one is merged with it, and wakes nobody.
        (Made(InotifyInit1), Grew) => &[Wake(This, Any, Always, Cause::BecameReady)],

        // unix_stream_sendmsg, unix_dgram_sendmsg: sock_def_readable for each message. A stream has none that is empty.
        (Made(STREAM), Wrote(1..))           => &[Wake(Peer, DATA, Always, ARRIVED)],
        (Made(SEQPACKET | DGRAM), Wrote(_))  => &[Wake(Peer, DATA, Always, ARRIVED)],
        (Made(STREAM), WroteUrgent)          => &[Wake(Peer, DATA, Always, Cause::Urgent)],
        // A message is the sender's memory until the receiver has taken the whole of it; then sock_wfree calls
        // unix_write_space, which wakes the sender if at most a quarter of SO_SNDBUF is used. SO_SNDBUF calls it too.
        (Made(STREAM | SEQPACKET | DGRAM), Freed | SendBuffer)
                                             => &[Wake(This, OUT, Room, Cause::Space)],
        // unix_shutdown wakes this end, then the other, which a datagram socket leaves out.
        (Made(STREAM | SEQPACKET), Shut)     => &[
            Wake(This, Any, Always, Cause::Shut),
            Wake(Peer, Any, Always, Cause::Ended),
        ],
        // The message is made before its receiver is looked for.
        (Made(DGRAM | UnixSocket(PairType::Dgram)), Refused)
                                             => &[Wake(This, OUT, Room, Cause::Space)],
        (Made(DGRAM), Shut)                  => &[Wake(This, Any, Always, Cause::Shut)],
        // A socket that is not connected has no peer to be told.
        (Made(UnixSocket(_)), SendBuffer)    => &[Wake(This, OUT, Room, Cause::Space)],
        (Made(UnixSocket(_)), Shut)          => &[Wake(This, Any, Always, Cause::Shut)],
        // unix_release_sock tells no datagram peer.
        (Made(STREAM | SEQPACKET), Closed)   => &[Wake(Peer, Any, Always, Cause::Ended)],

        // The loopback device lets go of the sender's memory before it hands the datagram on: sock_def_write_space, then
        // sock_def_readable, unless the receiver has no room and drops it.
        (Made(UdpSocket), Wrote(_))   => &[Wake(This, OUT, Room, Cause::Space)],
        (Made(UdpSocket), Came(_))    => &[Wake(This, DATA, Always, ARRIVED)],
        (Made(UdpSocket), SendBuffer) => &[Wake(This, OUT, Room, Cause::Space)],
        (Made(UdpSocket), Shut)       => &[Wake(This, Any, Always, Cause::Shut)],

        // What is done at one end of a TCP connection happens to the other when it arrives there, if it does: see
        // `traffic`. tcp_data_ready looks whether there is enough for SO_RCVLOWAT, tcp_urg does not. tcp_set_rcvlowat calls
        // tcp_data_ready too, which also wakes after a FIN (SOCK_DONE), but not after shutdown of this end.
        (Tcp, Came(_))           => &[Wake(This, DATA, Enough, ARRIVED)],
        (Tcp, CameAndWent(_))    => &[Wake(This, DATA, Always, ARRIVED)],
        (Tcp, LowWater)          => &[Wake(This, DATA, EnoughOrEnd, Cause::BecameReady)],
        // A segment with an urgent byte wakes twice: tcp_urg for the byte, then tcp_data_queue, which counts it with the
        // others. A wait on another processor may return in between, and the next one reports the byte once more: 1,708 of
        // 3,000 did, with a waiter that polled all the time.
        (Tcp, CameUrgent)        => &[
            Wake(This, DATA, Always, Cause::Urgent),
            Wake(This, DATA, Enough, Cause::Urgent),
        ],
        // sock_def_wakeup, as at every change of the connection's state.
        (Tcp, PeerEnded)         => &[Wake(This, Any, Always, Cause::Ended)],
        (Tcp, PeerReset)         => &[Wake(This, Any, Always, Cause::Failed)],
        (Tcp, Established)       => &[Wake(This, Any, Always, Cause::BecameReady)],
        // tcp_disconnect, sk_error_report.
        (Tcp, Disconnected)      => &[Wake(This, Key::Of(Ready::ERR), Always, Cause::Failed)],
        (Tcp, FinAcked)          => &[Wake(This, Any, Always, Cause::FinAcked)],
        (Tcp | Listener, Shut)   => &[Wake(This, Any, Always, Cause::Shut)],
        // sk_stream_write_space. tcp_check_space calls it only after room was found lacking, SO_SNDBUF always.
        (Tcp, Freed)             => &[Wake(This, OUT, Always, Cause::Space)],
        (Tcp, SendBuffer)        => &[Wake(This, OUT, Room, Cause::Space)],

        (Listener | Made(UnixSocket(_)), Connected)
                                 => &[Wake(This, DATA, Always, Cause::Connected)],

        // What no row above tells of.
        (Made(_), Became(_))     => &[Wake(This, New, Always, Cause::BecameReady)],
        _ => &[],
    }
}

impl File {
    /// Its kind, as far as wake-ups differ: a connected socket of `AF_UNIX` is as one of a pair.
    pub(super) fn woken_as(&self) -> Nature {
        match &self.kind {
            Kind::Other(Other { made_by: FdKind::UnixSocket(kind), connected: true, .. }) => {
                Nature::Made(FdKind::Socketpair(*kind))
            }
            Kind::Other(other) => Nature::Made(other.made_by),
            _ => self.nature(),
        }
    }
}
