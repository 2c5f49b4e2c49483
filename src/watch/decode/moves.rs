//! Calls that move bytes: how many, and the first of them.

use super::Returned;
use crate::probe::CAPTURE;
use crate::record::{Call, Chunk, Dir, Foreign, MsgFlags, Ret};

impl Returned<'_> {
    pub(super) fn moves(&mut self) -> Option<Call> {
        let (fd, ret, arguments) = (self.entered.fd(0), self.ret, self.entered.arguments);
        let length = |n: usize| u32::try_from(arguments[n]).unwrap_or(u32::MAX);
        let whole = [(arguments[1], arguments[2])];
        Some(match self.entered.number {
            libc::SYS_read => Call::Read { fd, len: length(2), ret: self.moved(Dir::In, &whole) },
            libc::SYS_write => Call::Write { fd, len: length(2), ret: self.moved(Dir::Out, &whole) },
            libc::SYS_recvfrom => {
                let flags = flags(self.entered.int(3));
                Call::Recvfrom { fd, len: length(2), flags, ret: self.moved(Dir::In, &whole) }
            }
            libc::SYS_sendto => {
                let flags = flags(self.entered.int(3));
                Call::Sendto { fd, len: length(2), flags, ret: self.moved(Dir::Out, &whole) }
            }
            _ => Call::Foreign(match self.entered.number {
                libc::SYS_readv => {
                    let parts = self.memory.parts(arguments[1], arguments[2]);
                    Foreign::Readv { fd, len: sum(&parts), ret: self.moved(Dir::In, &parts) }
                }
                libc::SYS_writev => {
                    let parts = self.memory.parts(arguments[1], arguments[2]);
                    Foreign::Writev { fd, len: sum(&parts), ret: self.moved(Dir::Out, &parts) }
                }
                libc::SYS_recvmsg => {
                    let (parts, flags) = (self.message(), flags(self.entered.int(2)));
                    Foreign::Recvmsg { fd, len: sum(&parts), flags, ret: self.moved(Dir::In, &parts) }
                }
                libc::SYS_sendmsg => {
                    let (parts, flags) = (self.message(), flags(self.entered.int(2)));
                    Foreign::Sendmsg { fd, len: sum(&parts), flags, ret: self.moved(Dir::Out, &parts) }
                }
                libc::SYS_recvmmsg => Foreign::Recvmmsg { fd, messages: length(2), bytes: self.in_messages(), ret },
                libc::SYS_sendmmsg => Foreign::Sendmmsg { fd, messages: length(2), bytes: self.in_messages(), ret },
                libc::SYS_sendfile => Foreign::Sendfile { fd, from: self.entered.fd(1), len: length(3), ret },
                libc::SYS_splice => Foreign::Splice { from: fd, to: self.entered.fd(2), len: length(4), ret },
                libc::SYS_tee => Foreign::Tee { from: fd, to: self.entered.fd(1), len: length(2), ret },
                libc::SYS_vmsplice => {
                    Foreign::Vmsplice { fd, len: sum(&self.memory.parts(arguments[1], arguments[2])), ret }
                }
                _ => return None,
            }),
        })
    }

    /// The parts of a `struct msghdr`: the vector is its third word, the count its fourth.
    fn message(&self) -> Vec<(u64, u64)> {
        let word = |n: u64| self.memory.u64(self.entered.arguments[1] + 8 * n).unwrap_or(0);
        self.memory.parts(word(2), word(3))
    }

    /// The bytes of the messages that were moved. `struct mmsghdr` is 64 bytes, and says at 56 how many.
    fn in_messages(&self) -> u32 {
        let count = u64::from(self.ret.ok().unwrap_or(0));
        let bytes = (0..count).filter_map(|n| self.memory.u32(self.entered.arguments[1] + 64 * n + 56));
        bytes.fold(0, u32::saturating_add)
    }

    /// The result of a call that moved bytes, the first of which become its parts.
    fn moved(&mut self, dir: Dir, parts: &[(u64, u64)]) -> Ret {
        let fd = self.entered.fd(0);
        let mut left = CAPTURE.min(self.ret.ok().unwrap_or(0) as usize);
        let mut bytes = Vec::with_capacity(left);
        for (at, len) in parts {
            let here = left.min(usize::try_from(*len).unwrap_or(usize::MAX));
            if here == 0 {
                continue;
            }
            bytes.extend(self.memory.bytes(*at, here));
            left -= here;
        }
        self.parts.extend(bytes.chunks(Chunk::MAX).map(|chunk| Call::Data { fd, dir, chunk: Chunk::new(chunk) }));
        self.ret
    }
}

fn sum(parts: &[(u64, u64)]) -> u32 {
    u32::try_from(parts.iter().map(|(_, len)| *len).fold(0, u64::saturating_add)).unwrap_or(u32::MAX)
}

fn flags(flags: i32) -> MsgFlags {
    MsgFlags::from_bits_truncate(flags.cast_unsigned())
}
