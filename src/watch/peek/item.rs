//! A registration, as fdinfo shows it, and how its file stands: asked of a copy of the fd that is closed at once.

use std::fs;
use std::os::fd::{AsFd as _, AsRawFd as _};
use std::os::unix::fs::MetadataExt as _;

use nix::sys::socket::{SockaddrStorage, getpeername, getsockname};

use super::look::PeekedEpoll;
use crate::record::{Addr, Call, Fd, Interest, Ready, SockOpt, Tid};
use crate::sys;
use crate::watch::fds::{Table, internet};

/// What a registration stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registered {
    /// The file that has the fd now.
    File,
    /// The fd is closed, and a copy keeps the registration alive.
    GhostClosed,
    /// The fd is another file by now.
    GhostReused,
    /// It could not be asked.
    Unknown,
}

/// A registration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeekedItem {
    pub fd: Fd,
    pub interest: Interest,
    /// What epoll_ctl(2) was given for it.
    pub data: u64,
    /// What its fd is, as `/proc/PID/fd` names it: `socket`, `pipe`, `eventfd`.
    pub what: String,
    pub registered: Registered,
    /// Its own address where it listens, else its peer's.
    pub addr: Addr,
    /// Where it listens: how many wait to be accepted, and how many may.
    pub queue: Option<(u32, u32)>,
    /// Bytes unread and unsent, and what poll(2) says.
    pub depths: Option<(u32, u32, Ready)>,
}

impl PeekedItem {
    /// Whether it is armed: a one-shot registration that was reported asks for nothing until EPOLL_CTL_MOD.
    pub fn is_armed(&self) -> bool {
        let asked = Interest::IN | Interest::PRI | Interest::OUT | Interest::RDHUP;
        !self.interest.contains(Interest::ONESHOT) || self.interest.intersects(asked)
    }

    /// Whether something can be read and no report is due, as far as that can be known from outside: it is edge-triggered,
    /// and a wait on its `epoll` would report nothing.
    pub fn is_stranded(&self, epoll: &PeekedEpoll) -> bool {
        let readable = self.queue.is_some_and(|(pending, _)| pending > 0)
            || self.depths.is_some_and(|(unread, _, ready)| unread > 0 && ready.contains(Ready::IN));
        let silent = epoll.would_report == Some(false) && !epoll.waiting.is_empty();
        readable && silent && self.interest.contains(Interest::ET | Interest::IN)
    }

    /// Asks how the file of a registration stands.
    pub(super) fn ask(&mut self, table: &mut Table) {
        let Ok(copy) = table.copy(self.fd) else { return };
        let own = Fd(copy.as_raw_fd());
        if sys::option(copy.as_fd(), SockOpt::AcceptConn) == Ok(1) {
            let addr = getsockname::<SockaddrStorage>(own.0).ok().and_then(|addr| internet(&addr));
            self.addr = addr.unwrap_or(Addr::NONE);
            if let Ok(Call::Backlog { pending, limit, .. }) = sys::listener_backlog(own) {
                self.queue = Some((pending, limit));
            }
            return;
        }
        self.addr = getpeername::<SockaddrStorage>(own.0).ok().and_then(|addr| internet(&addr)).unwrap_or(Addr::NONE);
        if let Ok(Call::Sample { unread, unsent, ready, .. }) = sys::sample(own) {
            self.depths = Some((unread, unsent, ready));
        }
    }
}

/// A line of fdinfo: `tfd: 5 events: 19 data: 5 pos:0 ino:61 sdev:9`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::watch) struct Line {
    pub(in crate::watch) fd: Fd,
    mask: u32,
    pub(in crate::watch) data: u64,
    inode: u64,
}

/// The registrations of an epoll, in the kernel's order.
pub(in crate::watch) fn registrations(pid: Tid, epfd: Fd) -> Vec<Line> {
    let text = fs::read_to_string(format!("/proc/{pid}/fdinfo/{epfd}")).unwrap_or_default();
    text.lines().filter_map(registration).collect()
}

fn registration(line: &str) -> Option<Line> {
    let hex = |word: &str| u64::from_str_radix(word, 16).ok();
    let mut words = line.strip_prefix("tfd:")?.split_whitespace();
    let fd = Fd(words.next()?.parse().ok()?);
    let mask = u32::try_from(words.nth(1).and_then(hex)?).ok()?;
    let data = words.nth(1).and_then(hex)?;
    let inode = words.find_map(|word| word.strip_prefix("ino:")).and_then(hex)?;
    Some(Line { fd, mask, data, inode })
}

/// What a line says; `nth` of those with the same fd.
pub(super) fn item(pid: Tid, epfd: Fd, line: &Line, nth: u32, table: &mut Table) -> PeekedItem {
    let fd = line.fd;
    let (registered, what) = registered(pid, epfd, line, nth);
    let interest = line.interest();
    let (addr, data) = (Addr::NONE, line.data);
    let mut item = PeekedItem { fd, interest, data, what, registered, addr, queue: None, depths: None };
    if matches!(item.registered, Registered::File | Registered::Unknown) {
        item.ask(table);
    }
    item
}

/// Whether a line is about the file that has the fd now, and what `/proc/PID/fd` calls that.
pub(in crate::watch) fn registered(pid: Tid, epfd: Fd, line: &Line, nth: u32) -> (Registered, String) {
    let fd = line.fd;
    let path = format!("/proc/{pid}/fd/{fd}");
    let name = fs::read_link(&path).ok().map(|link| link.to_string_lossy().into_owned()).unwrap_or_default();
    let (what, number) = name.split_once(':').unwrap_or((&name, ""));
    let number = number.trim_matches(['[', ']']);
    // A socket's link has its inode; for others it is asked.
    let inode = number.parse().ok().or_else(|| fs::metadata(&path).ok().map(|file| file.ino()));
    // kcmp goes through all registrations, so the cheaper questions come first.
    let registered = match inode {
        None => Registered::GhostClosed,
        Some(inode) if inode != line.inode => Registered::GhostReused,
        Some(_) => match sys::is_registered(pid, fd, epfd, nth) {
            Ok(true) => Registered::File,
            Ok(false) => Registered::GhostReused,
            Err(_) => Registered::Unknown,
        },
    };
    (registered, if what == "anon_inode" { number } else { what }.to_owned())
}

impl Line {
    /// The kernel adds ERR and HUP to each mask.
    pub(in crate::watch) fn interest(&self) -> Interest {
        Interest::from_bits_retain(self.mask) - Interest::ERR - Interest::HUP
    }

    /// What stays the same as long as it is the same registration.
    pub(super) fn key(&self) -> (Fd, u64) {
        (self.fd, self.inode)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_fdinfo_is_a_registration_or_none() {
        let line =
            registration("tfd:        6 events: c0000019 data: beef00000006  pos:0 ino:1a2b sdev:8").expect("one");
        assert_eq!((line.fd, line.mask, line.data, line.inode), (Fd(6), 0xc000_0019, 0xbeef_0000_0006, 0x1a2b));
        assert!(registration("pos:\t0").is_none());
        assert!(registration("tfd: x").is_none());
    }
}
