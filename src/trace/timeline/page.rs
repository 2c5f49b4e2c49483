//! Records, packed: a timeline keeps some million of them, and most say little.
//!
//! What a server's calls say all the time is written as numbers in as few bytes as they need, each time as the difference
//! to the one before. What is said seldom lies beside that as it is.

use crate::record::{Call, Chunk, CtlOp, Dir, Fd, Interest, MsgFlags, Nanos, Ready, Record, Ret, Seq, Tid, Timeout};
use crate::trace::playback::Start;

/// A stretch of records that does not change any more.
#[derive(Debug)]
pub(super) struct Page {
    /// The position of the first.
    pub(super) from: u64,
    pub(super) len: u32,
    /// How many of them are system calls.
    pub(super) calls: u32,
    /// Whether epoll_wait returns in here.
    pub(super) waits: bool,
    /// Whether bytes went in or out in here, and were kept.
    pub(super) payload: bool,
    /// When the first was made, and by whom.
    start: (Nanos, Tid),
    bytes: Box<[u8]>,
    seldom: Box<[Call]>,
    /// Where the text begins that it was read from.
    text: Option<Start>,
    /// It must be read from there again.
    released: bool,
}

/// What says by whom, where it is another than the one before.
const OTHER_TID: u8 = 0x80;
/// The tag of what lies beside.
const SELDOM: u8 = 0;
/// How many numbers follow each tag.
const NUMBERS: [u8; 16] = [0, 3, 2, 3, 3, 3, 1, 1, 4, 5, 2, 3, 3, 2, 3, 3];
/// Tags of bytes that went in, and out.
const DATA: [u8; 2] = [6, 7];
/// In place of their length: they are those that went last, as in an echo.
const AGAIN: u8 = 0xff;

impl Page {
    /// Packs `records`, of which the first is at position `from`, in a `desk` that may be used again.
    pub(super) fn new(from: u64, records: &[Record], text: Option<Start>, desk: &mut Desk) -> Self {
        let start = records.first().map_or((Nanos(0), Tid(0)), |record| (record.t, record.tid));
        let (mut t, mut tid) = start;
        let (mut packed, mut seldom) = (desk.clear(records.len()), Vec::new());
        let mut last: &[u8] = &[];
        let (mut calls, mut waits, mut payload) = (0, false, false);
        for record in records {
            let (tag, numbers, chunk) = split(&record.call);
            calls += usize::from(record.call.is_syscall());
            waits |= matches!(record.call, Call::EpollWait { .. });
            payload |= chunk.is_some();
            packed.byte(if record.tid == tid { tag } else { tag | OTHER_TID });
            packed.number(zigzag(record.t.0.wrapping_sub(t.0).cast_signed()));
            if record.tid != tid {
                packed.number(record.tid.0.into());
            }
            (t, tid) = (record.t, record.tid);
            for number in &numbers[..usize::from(NUMBERS[usize::from(tag)])] {
                packed.number((*number).into());
            }
            if let Some(chunk) = chunk
                && chunk == std::mem::replace(&mut last, chunk)
            {
                packed.byte(AGAIN);
            } else if let Some(chunk) = chunk {
                packed.byte(u8::try_from(chunk.len()).unwrap_or(0));
                packed.bytes(chunk);
            }
            if tag == SELDOM {
                seldom.push(record.call);
            }
        }
        let count = |calls: usize| u32::try_from(calls).unwrap_or(u32::MAX);
        Self {
            from,
            len: count(records.len()),
            calls: count(calls),
            waits,
            payload,
            start,
            bytes: packed.bytes[..packed.len].into(),
            seldom: seldom.into(),
            text,
            released: false,
        }
    }

    /// The position after its last record.
    pub(super) fn to(&self) -> u64 {
        self.from + u64::from(self.len)
    }

    /// How many bytes it takes.
    pub(super) fn size(&self) -> usize {
        size_of::<Self>() + 32 + self.bytes.len() + size_of_val(&*self.seldom)
    }

    /// Lets its records go, if they can be read again, and returns how many bytes that brings.
    pub(super) fn release(&mut self) -> usize {
        let held = self.size();
        if self.text.is_some() {
            (self.bytes, self.seldom, self.released) = (Box::default(), Box::default(), true);
        }
        held - self.size()
    }

    /// Where to read it again, if it must be.
    pub(super) fn released(&self) -> Option<&Start> {
        self.text.as_ref().filter(|_| self.released)
    }

    /// What stands for a record of it that cannot be read again.
    pub(super) fn gone(&self) -> Record {
        let (t, tid) = self.start;
        Record { seq: Seq(self.from), t, tid, call: Call::Lost { count: 1 } }
    }

    /// Its records, unless they were released.
    pub(super) fn records(&self) -> impl Iterator<Item = Record> + '_ {
        let (mut t, mut tid) = self.start;
        let mut rest = Rest { bytes: &self.bytes, last: Chunk::new(&[]) };
        let mut seldom = self.seldom.iter();
        let held = if self.released { self.from } else { self.to() };
        (self.from + 1..=held).map_while(move |seq| {
            let tag = rest.byte();
            t = Nanos(t.0.wrapping_add(unzigzag(rest.number()).cast_unsigned()));
            if tag & OTHER_TID != 0 {
                tid = Tid(rest.small());
            }
            let call = match tag & !OTHER_TID {
                SELDOM => *seldom.next()?,
                tag => join(tag, &mut rest)?,
            };
            Some(Record { seq: Seq(seq), t, tid, call })
        })
    }
}

/// What is left of a page's bytes; beyond their end, zeros.
struct Rest<'a> {
    bytes: &'a [u8],
    /// See [`AGAIN`].
    last: Chunk,
}

impl Rest<'_> {
    #[inline]
    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.bytes.split_first() else { return 0 };
        self.bytes = rest;
        *first
    }

    #[inline]
    fn number(&mut self) -> u64 {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte();
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                break;
            }
        }
        number
    }

    #[inline]
    fn small(&mut self) -> u32 {
        #[allow(clippy::cast_possible_truncation, reason = "it was one when it was put here")]
        let small = self.number() as u32;
        small
    }

    #[inline]
    fn signed(&mut self) -> i32 {
        let n = self.small();
        (n >> 1).cast_signed() ^ -(n & 1).cast_signed()
    }

    #[inline]
    fn fd(&mut self) -> Fd {
        Fd(self.signed())
    }

    #[inline]
    fn ret(&mut self) -> Ret {
        Ret::from_raw(self.signed())
    }

    #[inline]
    fn chunk(&mut self) -> Chunk {
        let len = self.byte();
        if len != AGAIN {
            let (chunk, rest) = self.bytes.split_at_checked(len.into()).unwrap_or((self.bytes, &[]));
            self.bytes = rest;
            self.last = Chunk::new(chunk);
        }
        self.last
    }
}

/// The most bytes that a record takes: its tag, its time, its thread and five numbers, and a chunk with its length.
const MOST: usize = 1 + 10 + 6 * 5 + 1 + Chunk::MAX;

/// Where a page is packed.
#[derive(Debug, Default)]
pub(super) struct Desk(Vec<u8>);

impl Desk {
    /// Room for so many records.
    fn clear(&mut self, records: usize) -> Packed<'_> {
        self.0.resize(self.0.len().max(MOST * records), 0);
        Packed { bytes: &mut self.0, len: 0 }
    }
}

/// What is packed so far: the first `len` of these.
struct Packed<'a> {
    bytes: &'a mut [u8],
    len: usize,
}

impl Packed<'_> {
    #[inline]
    fn byte(&mut self, byte: u8) {
        self.bytes[self.len] = byte;
        self.len += 1;
    }

    fn bytes(&mut self, bytes: &[u8]) {
        let end = self.len + bytes.len();
        self.bytes[self.len..end].copy_from_slice(bytes);
        self.len = end;
    }

    /// Seven bits a byte, the lowest first; the eighth says that more follow.
    #[inline]
    fn number(&mut self, mut number: u64) {
        while number > 0x7f {
            self.byte((number & 0x7f) as u8 | 0x80);
            number >>= 7;
        }
        self.byte((number & 0x7f) as u8);
    }
}

/// Small numbers of either sign as small ones without.
#[inline]
fn zigzag(n: i64) -> u64 {
    ((n << 1) ^ (n >> 63)).cast_unsigned()
}

#[inline]
fn unzigzag(n: u64) -> i64 {
    (n >> 1).cast_signed() ^ -(n & 1).cast_signed()
}

#[inline]
fn small(n: i32) -> u32 {
    ((n << 1) ^ (n >> 31)).cast_unsigned()
}

/// A call as its tag, its numbers in the order of [`join`], and its bytes.
#[inline]
fn split(call: &Call) -> (u8, [u32; 5], Option<&[u8]>) {
    let fd = |fd: Fd| small(fd.0);
    let ret = |ret: Ret| small(ret.raw());
    let (tag, numbers) = match *call {
        Call::EpollWaitEnter { epfd, max_events, timeout } => (1, [fd(epfd), max_events, small(timeout.0), 0, 0]),
        Call::EpollWait { epfd, ret: r } => (2, [fd(epfd), ret(r), 0, 0, 0]),
        Call::Event { epfd, fd: of, ready } => (3, [fd(epfd), fd(of), ready.bits(), 0, 0]),
        Call::Recvfrom { fd: of, len, flags, ret: r } if flags.is_empty() => (4, [fd(of), len, ret(r), 0, 0]),
        Call::Sendto { fd: of, len, flags, ret: r } if flags.is_empty() => (5, [fd(of), len, ret(r), 0, 0]),
        Call::Data { fd: of, dir, ref chunk } => {
            return (DATA[usize::from(dir == Dir::Out)], [fd(of), 0, 0, 0, 0], Some(chunk.bytes()));
        }
        Call::Sample { fd: of, unread, unsent, ready } => (8, [fd(of), unread, unsent, ready.bits(), 0]),
        Call::EpollCtl { epfd, op, fd: of, interest, ret: r } => {
            (9, [fd(epfd), op as u32, fd(of), interest.bits(), ret(r)])
        }
        Call::Close { fd: of, ret: r } => (10, [fd(of), ret(r), 0, 0, 0]),
        Call::Read { fd: of, len, ret: r } => (11, [fd(of), len, ret(r), 0, 0]),
        Call::Write { fd: of, len, ret: r } => (12, [fd(of), len, ret(r), 0, 0]),
        Call::Poll { epfd, ready } => (13, [fd(epfd), ready.into(), 0, 0, 0]),
        Call::Backlog { fd: of, pending, limit } => (14, [fd(of), pending, limit, 0, 0]),
        Call::Fdinfo { epfd, fd: of, interest } => (15, [fd(epfd), fd(of), interest.bits(), 0, 0]),
        _ => (SELDOM, [0; 5]),
    };
    (tag, numbers, None)
}

#[inline]
fn join(tag: u8, rest: &mut Rest<'_>) -> Option<Call> {
    Some(match tag {
        1 => Call::EpollWaitEnter { epfd: rest.fd(), max_events: rest.small(), timeout: Timeout(rest.signed()) },
        2 => Call::EpollWait { epfd: rest.fd(), ret: rest.ret() },
        3 => Call::Event { epfd: rest.fd(), fd: rest.fd(), ready: Ready::from_bits_retain(rest.small()) },
        4 => Call::Recvfrom { fd: rest.fd(), len: rest.small(), flags: MsgFlags::empty(), ret: rest.ret() },
        5 => Call::Sendto { fd: rest.fd(), len: rest.small(), flags: MsgFlags::empty(), ret: rest.ret() },
        6 => Call::Data { fd: rest.fd(), dir: Dir::In, chunk: rest.chunk() },
        7 => Call::Data { fd: rest.fd(), dir: Dir::Out, chunk: rest.chunk() },
        8 => Call::Sample {
            fd: rest.fd(),
            unread: rest.small(),
            unsent: rest.small(),
            ready: Ready::from_bits_retain(rest.small()),
        },
        9 => Call::EpollCtl {
            epfd: rest.fd(),
            op: [CtlOp::Add, CtlOp::Mod, CtlOp::Del].get(rest.small() as usize).copied()?,
            fd: rest.fd(),
            interest: Interest::from_bits_retain(rest.small()),
            ret: rest.ret(),
        },
        10 => Call::Close { fd: rest.fd(), ret: rest.ret() },
        11 => Call::Read { fd: rest.fd(), len: rest.small(), ret: rest.ret() },
        12 => Call::Write { fd: rest.fd(), len: rest.small(), ret: rest.ret() },
        13 => Call::Poll { epfd: rest.fd(), ready: rest.small() != 0 },
        14 => Call::Backlog { fd: rest.fd(), pending: rest.small(), limit: rest.small() },
        15 => Call::Fdinfo { epfd: rest.fd(), fd: rest.fd(), interest: Interest::from_bits_retain(rest.small()) },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Addr, Policy};

    #[test]
    fn what_is_packed_comes_back() {
        let (fd, epfd, ret) = (Fd(-7), Fd(i32::MAX), Ret::from_raw(-4095));
        let (len, ready, interest) = (u32::MAX, Ready::IN | Ready::HUP, Interest::from_bits_retain(u32::MAX));
        let chunk = |n| Chunk::new(&[0xff; 30][..n]);
        let calls = [
            Call::EpollWaitEnter { epfd, max_events: len, timeout: Timeout::NONE },
            Call::EpollWait { epfd, ret },
            Call::Event { epfd, fd, ready },
            Call::Recvfrom { fd, len, flags: MsgFlags::empty(), ret },
            Call::Recvfrom { fd, len, flags: MsgFlags::OOB, ret: Ret::OK },
            Call::Sendto { fd, len, flags: MsgFlags::empty(), ret },
            Call::Sendto { fd, len, flags: MsgFlags::OOB, ret },
            Call::Data { fd, dir: Dir::In, chunk: chunk(24) },
            Call::Data { fd, dir: Dir::Out, chunk: chunk(24) },
            Call::Data { fd, dir: Dir::Out, chunk: chunk(0) },
            Call::Sample { fd, unread: len, unsent: 0, ready },
            Call::EpollCtl { epfd, op: CtlOp::Add, fd, interest, ret },
            Call::EpollCtl { epfd, op: CtlOp::Mod, fd, interest, ret },
            Call::EpollCtl { epfd, op: CtlOp::Del, fd, interest, ret },
            Call::Close { fd, ret },
            Call::Read { fd, len, ret },
            Call::Write { fd, len, ret },
            Call::Poll { epfd, ready: true },
            Call::Poll { epfd, ready: false },
            Call::Backlog { fd, pending: 128, limit: len },
            Call::Fdinfo { epfd, fd, interest },
            Call::Bind { fd, addr: Addr::NONE, ret },
            Call::Policy { policy: Policy::default() },
            Call::Lost { count: u64::MAX },
        ];
        // Time may go back where a file says so, and threads take turns.
        let times = [5, 0, u64::MAX, 1 << 40, 7];
        let tids = [1, 1, u32::MAX, 0];
        let records: Vec<Record> = (0..calls.len() * 20)
            .map(|n| Record {
                seq: Seq(n as u64 + 101),
                t: Nanos(times[n % times.len()]),
                tid: Tid(tids[n % tids.len()]),
                call: calls[n % calls.len()],
            })
            .collect();
        let page = Page::new(100, &records, None, &mut Desk::default());
        assert!(page.records().eq(records.iter().copied()));
        assert_eq!((page.to(), page.waits), (100 + records.len() as u64, true));
        assert_eq!(u64::from(page.calls), records.iter().filter(|record| record.call.is_syscall()).count() as u64);
    }
}
