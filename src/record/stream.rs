//! A stream of records.

use std::fmt;

use super::call::Call;
use super::types::{Tid, shows_its_number};

/// One thing that happened: a system call with its result, a part of one, or what the instrument asked or has to say.
///
/// ```
/// use epollscope::i18n::Lang;
/// use epollscope::record::{Call, Fd, MsgFlags, Nanos, Record, Ret, Seq, Tid};
///
/// let call = Call::Recvfrom { fd: Fd(5), len: 1024, flags: MsgFlags::empty(), ret: Ret::value(4) };
/// let record = Record { seq: Seq(6), t: Nanos(1_203_402), tid: Tid(77), call };
/// assert_eq!(record.call.name(), "recvfrom");
/// assert_eq!(record.call.fd(), Some(Fd(5)));
/// assert_eq!(epollscope::trace::text::call(&record.call, Lang::En), "recvfrom(5, 1024)");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    pub seq: Seq,
    /// When: at the entry of a call that acts on somebody else (`connect`, `sendto`, `shutdown`, `close`, entering
    /// epoll_wait), or at the return before that entry where the thread has only computed since; at the return of every
    /// other. A cause is so never later than what it caused.
    pub t: Nanos,
    pub tid: Tid,
    pub call: Call,
}

/// A record's place in its stream; the first record of a stream is number 1, and each record takes one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Seq(pub u64);

/// Nanoseconds of `CLOCK_MONOTONIC` since the stream's start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Nanos(pub u64);

shows_its_number!(Seq, Nanos);
