//! The memory of a watched program: what its calls point to. process_vm_readv(2)

use std::io::IoSliceMut;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use nix::sys::uio::{RemoteIoVec, process_vm_readv};
use nix::unistd::Pid;

use crate::record::{Addr, SigMask, Tid};

/// The memory of the process that a thread belongs to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Memory(pub(super) Tid);

/// The most parts of a vector that are gone through: `IOV_MAX`.
const MOST_PARTS: usize = 1024;

impl Memory {
    /// Up to `len` bytes from `at`; fewer where no more can be read.
    pub(super) fn bytes(self, at: u64, len: usize) -> Vec<u8> {
        let mut bytes = vec![0; len];
        let (Ok(base), Ok(pid)) = (usize::try_from(at), i32::try_from(self.0.0)) else { return Vec::new() };
        if len == 0 || base == 0 {
            return Vec::new();
        }
        let read =
            process_vm_readv(Pid::from_raw(pid), &mut [IoSliceMut::new(&mut bytes)], &[RemoteIoVec { base, len }]);
        bytes.truncate(read.unwrap_or(0));
        bytes
    }

    fn array<const N: usize>(self, at: u64) -> Option<[u8; N]> {
        self.bytes(at, N).try_into().ok()
    }

    pub(super) fn i32(self, at: u64) -> Option<i32> {
        self.array(at).map(i32::from_ne_bytes)
    }

    pub(super) fn u32(self, at: u64) -> Option<u32> {
        self.array(at).map(u32::from_ne_bytes)
    }

    pub(super) fn u64(self, at: u64) -> Option<u64> {
        self.array(at).map(u64::from_ne_bytes)
    }

    /// A path or name that ends with a zero, of which `most` bytes matter.
    pub(super) fn string(self, at: u64, most: usize) -> Vec<u8> {
        let mut bytes = self.bytes(at, most);
        if bytes.is_empty() {
            // It ends before a page that is not there.
            bytes = (0..most as u64).map_while(|n| self.bytes(at + n, 1).first().copied()).collect();
        }
        bytes.truncate(bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len()));
        bytes
    }

    /// The parts of a vector, `struct iovec`: where each begins, and how long it is.
    pub(super) fn parts(self, at: u64, count: u64) -> Vec<(u64, u64)> {
        let count = usize::try_from(count).unwrap_or(0).min(MOST_PARTS);
        let number = |word: &[u8]| word.try_into().map_or(0, u64::from_ne_bytes);
        self.bytes(at, 16 * count).chunks_exact(16).map(|part| (number(&part[..8]), number(&part[8..]))).collect()
    }

    /// Milliseconds of a `struct timespec`, rounded up.
    pub(super) fn milliseconds(self, at: u64) -> Option<i32> {
        i32::try_from(self.nanoseconds(at)?.div_ceil(1_000_000)).ok()
    }

    /// Nanoseconds of a `struct timespec`.
    pub(super) fn nanoseconds(self, at: u64) -> Option<u64> {
        let (seconds, nanos) = (self.u64(at)?, self.u64(at + 8)?);
        Some(seconds.saturating_mul(1_000_000_000).saturating_add(nanos))
    }

    /// A `sigset_t` as the kernel has it, without the signals of real time.
    pub(super) fn signals(self, at: u64) -> Option<SigMask> {
        u32::try_from(self.u64(at)? & u64::from(u32::MAX)).ok().map(SigMask::from_bits_retain)
    }

    /// A `struct sockaddr` of `len` bytes.
    pub(super) fn addr(self, at: u64, len: u64) -> Addr {
        address(&self.bytes(at, usize::try_from(len).unwrap_or(0).min(128))).unwrap_or(Addr::NONE)
    }
}

fn address(bytes: &[u8]) -> Option<Addr> {
    let family = i32::from(u16::from_ne_bytes(bytes.get(..2)?.try_into().ok()?));
    let port = || Some(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?));
    let addr: SocketAddr = match family {
        libc::AF_INET => {
            let ip: [u8; 4] = bytes.get(4..8)?.try_into().ok()?;
            (Ipv4Addr::from(ip), port()?).into()
        }
        libc::AF_INET6 => {
            let ip: [u8; 16] = bytes.get(8..24)?.try_into().ok()?;
            (Ipv6Addr::from(ip).to_canonical(), port()?).into()
        }
        _ => return None,
    };
    Some(addr.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_read_and_what_is_not_is_nothing() {
        let own = Memory(Tid(std::process::id()));
        let text = b"a name\0and more";
        let at = text.as_ptr().addr() as u64;
        assert_eq!(own.string(at, 24), b"a name");
        assert_eq!(own.bytes(at, 3), b"a n");
        assert_eq!(own.bytes(16, 8), b"");
        assert_eq!(own.u32(0), None);
    }

    #[test]
    fn an_address_is_that_of_the_internet_or_none() {
        let mut v4 = [0; 16];
        v4[..2].copy_from_slice(&2_u16.to_ne_bytes());
        v4[2..8].copy_from_slice(&[0x24, 0x4c, 127, 0, 0, 1]);
        assert_eq!(address(&v4).map(|addr| addr.to_string()).as_deref(), Some("127.0.0.1:9292"));
        assert_eq!(address(&[1, 0, b'/']), None);
        assert_eq!(address(&[]), None);
    }
}
