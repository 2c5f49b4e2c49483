//! Lines exactly as [`Writer`](crate::trace::Writer) writes them, of the calls that a server makes all the time.
//!
//! serde reads every line that there may be, and says what is wrong with one; but somebody waits while a recording of a
//! million records is opened. What is not as it is expected here, be it another call, another order of the fields or a
//! mistake, is left to [`parse`](super::parse): nothing is refused here, and tests hold that both read the same.

use std::collections::VecDeque;
use std::net::SocketAddr;

use bitflags::Flags;

use super::names::{Constant, bits_by_name};
use super::parse::Parts;
use crate::record::{Addr, Call, Chunk, CtlOp, Dir, Fd, Nanos, Record, Ret, Seq, Tid, Timeout};
use crate::sys::Errno;

/// Appends the records of a line to `records` and gives the first one's number; `None` where the line is for
/// [`parse`](super::parse), and nothing was appended.
pub(super) fn line(text: &[u8], records: &mut VecDeque<Record>) -> Option<Seq> {
    let before = records.len();
    let seq = Scan { rest: text }.line(records);
    if seq.is_none() {
        records.truncate(before);
    }
    seq
}

struct Scan<'a> {
    rest: &'a [u8],
}

impl<'a> Scan<'a> {
    fn line(&mut self, records: &mut VecDeque<Record>) -> Option<Seq> {
        self.skip(br#"{"seq":"#)?;
        let seq = Seq(self.unsigned()?);
        self.skip(br#","t_ns":"#)?;
        let t = Nanos(self.unsigned()?);
        self.skip(br#","tid":"#)?;
        let tid = Tid(self.number()?);
        self.skip(br#","call":""#)?;
        let mut parts = Parts::new(seq, t, tid, records);
        match self.word()? {
            b"epoll_wait" => self.wait(&mut parts)?,
            b"recvfrom" => self.transfer(&mut parts, Dir::In)?,
            b"sendto" => self.transfer(&mut parts, Dir::Out)?,
            call => {
                let call = self.single(call)?;
                parts.add(call).ok()?;
            }
        }
        (self.rest == b"}").then_some(seq)
    }

    fn wait(&mut self, parts: &mut Parts<'_>) -> Option<()> {
        if self.skip(br#","phase":"enter""#).is_some() {
            let epfd = self.fd(br#","epfd":"#)?;
            self.skip(br#","maxevents":"#)?;
            let max_events = self.number()?;
            self.skip(br#","timeout":"#)?;
            let timeout = Timeout(self.number()?);
            return parts.add(Call::EpollWaitEnter { epfd, max_events, timeout }).ok();
        }
        let epfd = self.fd(br#","epfd":"#)?;
        parts.add(Call::EpollWait { epfd, ret: self.ret()? }).ok()?;
        if self.skip(br#","events":["#).is_none() {
            return Some(());
        }
        while self.skip(br#"{"fd":"#).is_some() {
            let fd = Fd(self.number()?);
            let ready = self.mask(br#","events":["#)?;
            self.skip(b"}")?;
            parts.add(Call::Event { epfd, fd, ready }).ok()?;
            if self.skip(b",").is_none() {
                break;
            }
            // A comma that nothing follows is a mistake.
            self.rest.starts_with(b"{").then_some(())?;
        }
        self.skip(b"]")
    }

    #[inline]
    fn transfer(&mut self, parts: &mut Parts<'_>, dir: Dir) -> Option<()> {
        let fd = self.fd(br#","fd":"#)?;
        self.skip(br#","len":"#)?;
        let len = self.number()?;
        let ret = self.ret()?;
        parts
            .add(match dir {
                Dir::In => Call::Recvfrom { fd, len, oob: false, ret },
                Dir::Out => Call::Sendto { fd, len, oob: false, ret },
            })
            .ok()?;
        if self.skip(br#","data":""#).is_none() {
            return Some(());
        }
        let (mut bytes, mut count) = ([0; Chunk::MAX], 0);
        while self.skip(b"\"").is_none() {
            let byte = self.byte()?;
            if count == bytes.len() {
                parts.add(Call::Data { fd, dir, chunk: Chunk::new(&bytes) }).ok()?;
                count = 0;
            }
            bytes[count] = byte;
            count += 1;
        }
        if count > 0 {
            parts.add(Call::Data { fd, dir, chunk: Chunk::new(&bytes[..count]) }).ok()?;
        }
        Some(())
    }

    /// A call that is one record.
    fn single(&mut self, call: &[u8]) -> Option<Call> {
        Some(match call {
            b"sample" => {
                let fd = self.fd(br#","fd":"#)?;
                self.skip(br#","unread":"#)?;
                let unread = self.number()?;
                self.skip(br#","unsent":"#)?;
                let unsent = self.number()?;
                Call::Sample { fd, unread, unsent, ready: self.mask(br#","ready":["#)? }
            }
            b"epoll_ctl" => {
                let epfd = self.fd(br#","epfd":"#)?;
                self.skip(br#","op":""#)?;
                let op = CtlOp::by_name(std::str::from_utf8(self.word()?).ok()?)?;
                let fd = self.fd(br#","fd":"#)?;
                let interest = self.mask(br#","events":["#)?;
                Call::EpollCtl { epfd, op, fd, interest, ret: self.ret()? }
            }
            b"accept4" => {
                let fd = self.fd(br#","fd":"#)?;
                let peer = self.addr()?;
                Call::Accept4 { fd, peer, ret: self.ret()? }
            }
            b"close" => Call::Close { fd: self.fd(br#","fd":"#)?, ret: self.ret()? },
            b"poll" => {
                let epfd = self.fd(br#","epfd":"#)?;
                let ready = self.skip(br#","ready":true"#).is_some();
                if !ready {
                    self.skip(br#","ready":false"#)?;
                }
                Call::Poll { epfd, ready }
            }
            _ => return None,
        })
    }

    #[allow(clippy::inline_always, reason = "a comparison with a text whose length is known is a few instructions")]
    #[inline(always)]
    fn skip(&mut self, text: &[u8]) -> Option<()> {
        let (begin, rest) = self.rest.split_at_checked(text.len())?;
        if begin != text {
            return None;
        }
        self.rest = rest;
        Some(())
    }

    #[inline]
    fn fd(&mut self, key: &[u8]) -> Option<Fd> {
        self.skip(key)?;
        Some(Fd(self.number()?))
    }

    fn addr(&mut self) -> Option<Addr> {
        if self.skip(br#","addr":null"#).is_some() {
            return Some(Addr::NONE);
        }
        self.skip(br#","addr":""#)?;
        let addr: SocketAddr = std::str::from_utf8(self.word()?).ok()?.parse().ok()?;
        Some(addr.into())
    }

    #[inline]
    fn ret(&mut self) -> Option<Ret> {
        if self.skip(br#","ret":"#).is_some() {
            return Some(Ret::from_raw(self.number::<i32>()?)).filter(|ret| ret.ok().is_some());
        }
        self.skip(br#","errno":"EAGAIN""#)?;
        Some(Ret::error(Errno::EAGAIN))
    }

    #[inline]
    fn mask<F: Flags<Bits = u32>>(&mut self, key: &[u8]) -> Option<F> {
        self.skip(key)?;
        let mut bits = 0;
        if self.skip(b"]").is_none() {
            loop {
                self.skip(b"\"")?;
                bits |= bits_by_name::<F>(std::str::from_utf8(self.word()?).ok()?)?;
                if self.skip(b",").is_none() {
                    break self.skip(b"]")?;
                }
            }
        }
        Some(F::from_bits_retain(bits))
    }

    /// A string without escapes, whose opening quote has been passed.
    #[inline]
    fn word(&mut self) -> Option<&'a [u8]> {
        let end = self.rest.iter().position(|byte| matches!(byte, b'"' | b'\\'))?;
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest.strip_prefix(b"\"")?;
        Some(word)
    }

    #[inline]
    fn number<T: TryFrom<i64>>(&mut self) -> Option<T> {
        let negative = self.skip(b"-").is_some();
        let number = i64::try_from(self.unsigned()?).ok()?;
        // JSON knows -0, which is no integer.
        (!negative || number != 0).then_some(())?;
        T::try_from(if negative { -number } else { number }).ok()
    }

    #[inline]
    fn unsigned(&mut self) -> Option<u64> {
        let digits = self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (number, rest) = self.rest.split_at(digits);
        // JSON has no leading zeros.
        (digits > 0 && (digits == 1 || number[0] != b'0')).then_some(())?;
        self.rest = rest;
        number.iter().try_fold(0_u64, |n, digit| n.checked_mul(10)?.checked_add(u64::from(digit - b'0')))
    }

    /// The next byte of a string of bytes that has one.
    #[inline]
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        match first {
            b'\\' => {
                // The escape of JSON for the backslash that begins ours.
                self.skip(b"\\")?;
                self.escaped()
            }
            b' '..=b'~' => Some(*first),
            _ => None,
        }
    }

    fn escaped(&mut self) -> Option<u8> {
        let (kind, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(match kind {
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'\'' => b'\'',
            // Once more JSON's, for what ours has escaped.
            b'\\' => {
                let (same @ (b'\\' | b'"'), rest) = self.rest.split_first()? else { return None };
                self.rest = rest;
                *same
            }
            b'x' => {
                let (digits, rest) = self.rest.split_first_chunk::<2>()?;
                self.rest = rest;
                hex(digits[0])? << 4 | hex(digits[1])?
            }
            _ => return None,
        })
    }
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}
