//! What the server did for each connection, by its calls.

use std::collections::HashMap;

use crate::record::{Call, CtlOp, Fd, Interest, Record, Tid};
use crate::sys::Errno;
use crate::trace::World;
use crate::trace::world::FileId;

/// A connection, at the server's end.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Served {
    pub(super) fd: Fd0,
    pub(super) port: u16,
    pub(super) received: u64,
    pub(super) sent: u64,
    pub(super) recvs: u64,
    /// The size of its last recv.
    pub(super) read_size: u32,
    /// And how much that brought.
    pub(super) read: u32,
    /// Its last send returned EAGAIN, and nothing was done about the connection since but to close it.
    pub(super) again: Option<u64>,
    /// What its last send was given and did not take.
    unsent: u32,
    /// Sends of less than the one before them had left: what that had left is not kept.
    pub(super) dropped: u32,
    /// A send took less than it was given, or nothing.
    pub(super) was_full: bool,
    pub(super) end_read: bool,
    pub(super) closed: bool,
    /// As which it is registered.
    pub(super) interest: Option<Interest>,
    /// The number of the last record about it.
    pub(super) last: u64,
}

impl Served {
    pub(super) fn is_edge(&self) -> bool {
        self.interest.is_some_and(|interest| interest.contains(Interest::ET))
    }
}

/// An fd that may not be known yet.
pub(super) type Fd0 = Option<Fd>;

/// All of them, in the order of accepting.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) served: Vec<Served>,
    of: HashMap<FileId, usize>,
    pub(super) max_events: Option<u32>,
    /// Waits in a row that returned nothing, with no other call between.
    pub(super) empty_waits: u32,
    /// Calls in a row that had no room or nothing to take, with no other call between.
    pub(super) retries: u32,
    /// A duplicate of an fd was made, or a process forked, while a connection was open.
    pub(super) duplicates: bool,
    /// The last call that returned an error which is none of the usual ones: its record, and the error.
    pub(super) failed: Option<(Record, Errno)>,
    /// The send that returned EAGAIN since the last wait began.
    pub(super) again: Option<Record>,
    /// What the thread's last call was.
    pub(super) last_call: HashMap<Tid, Record>,
}

impl Tally {
    /// Takes a record in, before the world does.
    pub(super) fn before(&mut self, record: &Record, world: &World) {
        let call = world.plain(record.tid, record.call);
        if !call.is_syscall() {
            return;
        }
        self.last_call.insert(record.tid, Record { call, ..*record });
        match call {
            Call::EpollWait { ret, .. } if ret.ok() == Some(0) => self.empty_waits += 1,
            Call::EpollWaitEnter { max_events, .. } => (self.max_events, self.again) = (Some(max_events), None),
            _ => self.empty_waits = 0,
        }
        let is_retry = call.ret().is_some_and(|ret| ret.is(Errno::EAGAIN));
        self.retries = if is_retry { self.retries + 1 } else { 0 };
        if let Some(errno) = call.ret().and_then(crate::record::Ret::errno)
            && !matches!(errno, Errno::EAGAIN | Errno::EINPROGRESS | Errno::ENOENT | Errno::ENOTTY)
        {
            self.failed = Some((*record, errno));
        }
        if let Call::Sendto { ret, .. } = call
            && ret.is(Errno::EAGAIN)
        {
            self.again = Some(Record { call, ..*record });
        }
        if matches!(call, Call::Dup { .. } | Call::Fork { .. }) && self.served.iter().any(|served| !served.closed) {
            self.duplicates = true;
        }
        let Some(fd) = call.fd() else { return };
        let Some((id, file)) = world.file_of(record.tid, fd) else { return };
        let Some(served) = self.of.get(&id).and_then(|at| self.served.get_mut(*at)) else { return };
        served.last = record.seq.0;
        match call {
            Call::Recvfrom { len, ret, .. } => {
                served.recvs += 1;
                (served.read_size, served.read, served.again) = (len, ret.ok().unwrap_or(0), None);
                served.received += u64::from(ret.ok().unwrap_or(0));
                served.end_read |= ret.ok() == Some(0) && len > 0;
            }
            Call::Sendto { len, ret, .. } => {
                served.sent += u64::from(ret.ok().unwrap_or(0));
                served.dropped += u32::from(len < served.unsent);
                served.again = ret.is(Errno::EAGAIN).then_some(record.seq.0);
                served.unsent = len - ret.ok().unwrap_or(0).min(len);
                served.was_full |= ret.is(Errno::EAGAIN) || ret.ok().is_some_and(|sent| sent < len);
            }
            Call::EpollCtl { op: CtlOp::Add | CtlOp::Mod, interest, ret, .. } if ret.ok().is_some() => {
                (served.interest, served.again) = (Some(interest), None);
            }
            Call::Close { ret, .. } if ret.ok().is_some() && file.refs == 1 => {
                served.closed = true;
                self.of.remove(&id);
            }
            _ => {}
        }
    }

    /// And afterwards, where it has brought a connection.
    pub(super) fn after(&mut self, record: &Record, world: &World) {
        if let Call::Accept4 { peer, ret, .. } = record.call.plain()
            && let Some(fd) = ret.fd()
            && let Some((id, _)) = world.file_of(record.tid, fd)
        {
            self.of.insert(id, self.served.len());
            let (port, last) = (peer.port(), record.seq.0);
            self.served.push(Served { fd: Some(fd), port, last, ..Served::default() });
        }
    }

    pub(super) fn by_port(&self, port: u16) -> Option<&Served> {
        self.served.iter().rev().find(|served| served.port == port)
    }
}
