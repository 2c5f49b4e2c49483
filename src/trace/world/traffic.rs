//! What calls on sockets do: who is connected to whom, and how much is unread.

use std::sync::Arc;

use super::file::{Ends, FileId, Kind, Stream, Table};
use super::report::Cause;
use super::state::World;
use crate::record::{Addr, Fd, MsgFlags, Ready, Ret, Tid};
use crate::sys::Errno;

impl World {
    pub(super) fn named(&mut self, tid: Tid, fd: Fd, addr: Addr) {
        let id = self.resolve(tid, fd);
        let Some(file) = self.files.get_mut(id) else { return };
        if let Kind::Listener(listener) = &mut file.kind {
            self.listening.remove(&std::mem::replace(&mut listener.addr, addr));
            self.listening.insert(addr, id);
        } else if matches!(file.kind, Kind::Other(_)) {
            self.datagrams.retain(|_, socket| *socket != id);
            self.datagrams.insert(addr, id);
        } else if let Some(stream) = file.stream_mut() {
            let before = std::mem::replace(&mut Arc::make_mut(&mut stream.ends).local, addr);
            self.not_from(before, id);
            self.connecting.entry(addr).or_default().push_back(id);
        }
    }

    /// Nobody will accept `id` from `addr`.
    fn not_from(&mut self, addr: Addr, id: FileId) {
        let Some(ends) = self.connecting.get_mut(&addr) else { return };
        ends.retain(|end| *end != id);
        if ends.is_empty() {
            self.connecting.remove(&addr);
        }
    }

    pub(super) fn connected(&mut self, tid: Tid, fd: Fd, addr: Addr, ret: Ret) {
        if ret.ok().is_none() && !ret.is(Errno::EINPROGRESS) {
            return;
        }
        let id = self.resolve(tid, fd);
        if self.is_other(id) {
            return self.aimed(id, addr);
        }
        let ordinal = self.connected;
        self.connected = self.connected.saturating_add(1);
        self.clients.insert((ordinal, id));
        // A socket that connects again is another client.
        if let Some(before) = self.files.get(id).and_then(|file| file.stream()?.ordinal) {
            self.clients.remove(before);
        }
        self.with_stream(id, |stream| {
            let ends = Arc::make_mut(&mut stream.ends);
            (ends.peer, ends.ordinal) = (addr, Some(ordinal));
            stream.unread = Some(0);
        });
        let listener = self.listening.get(&addr).copied().filter(|id| self.files.contains_key(*id));
        if let Some(listener) = listener {
            self.with_listener(listener, |listener| listener.pending = listener.pending.map(|n| n.saturating_add(1)));
            self.wake(listener, Ready::IN, Cause::Connected);
        }
    }

    pub(super) fn accepted(&mut self, tid: Tid, fd: Fd, peer: Addr, ret: Ret) {
        let listener = self.resolve(tid, fd);
        if ret.is(Errno::EAGAIN) {
            self.with_listener(listener, |listener| listener.pending = Some(0));
        }
        if let Some(fd) = ret.fd() {
            let local = self.files.get(listener).and_then(|file| file.listener()).map_or(Addr::NONE, |l| l.addr);
            self.with_listener(listener, |listener| listener.pending = listener.pending.map(|n| n.saturating_sub(1)));
            let other = self.accepted_from(&peer);
            let client = other.and_then(|other| self.files.get(other)).and_then(|file| file.stream());
            let ends = Ends { local, peer, ordinal: None, client: client.and_then(|client| client.ordinal) };
            let unread = client.map(|client| client.sent);
            let stream = Stream { ends: Arc::new(ends), other, accepted: true, unread, ..Stream::default() };
            let id = self.open(tid, fd, Kind::Stream(stream));
            if let Some(other) = other {
                self.with_stream(other, |client| client.other = Some(id));
            }
        }
        self.settle(listener);
    }

    /// The end that is accepted from `peer`: the first that connected from there and was not accepted yet. It may be closed
    /// by now, and another may have its address.
    fn accepted_from(&mut self, peer: &Addr) -> Option<FileId> {
        let ends = self.connecting.get_mut(peer)?;
        let first = ends.pop_front();
        if ends.is_empty() {
            self.connecting.remove(peer);
        }
        first
    }

    pub(super) fn received(&mut self, tid: Tid, fd: Fd, len: u32, flags: MsgFlags, ret: Ret) {
        let id = self.resolve(tid, fd);
        let oob = flags.contains(MsgFlags::OOB);
        let (mut other, mut uncounted) = (None, false);
        self.with_stream(id, |stream| {
            uncounted = stream.uncounted;
            stream.behind_urgent &= oob;
            match ret.ok() {
                Some(_) if oob => stream.urgent = false,
                Some(0) if len > 0 => {
                    stream.ended = true;
                    stream.unread = Some(0);
                }
                Some(n) => {
                    let n = u64::from(n);
                    stream.received += n;
                    stream.unread = match stream.unread {
                        Some(unread) if unread >= n => Some(unread - n),
                        // A short read of a stream has emptied it.
                        _ if n < u64::from(len) => Some(0),
                        _ => None,
                    };
                }
                None if ret.is(Errno::EAGAIN) => stream.unread = Some(0),
                None if oob || ret.is(Errno::EINTR) => {}
                // The kernel returns the error once; the connection stays closed.
                None => stream.error = false,
            }
            other = stream.other.map(|other| (other, stream.received));
        });
        match ret.ok().filter(|_| uncounted && !oob && len > 0) {
            Some(bytes) => self.settle_and(id, |epoll, key| epoll.count_received(key, bytes)),
            None => self.settle(id),
        }
        // What was received has left the other's send queue.
        if let Some((other, received)) = other {
            self.with_stream(other, |other| other.unsent = other.unsent.min(other.sent.saturating_sub(received)));
        }
    }

    pub(super) fn sent(&mut self, tid: Tid, fd: Fd, len: u32, flags: MsgFlags, ret: Ret) {
        let id = self.resolve(tid, fd);
        let oob = flags.contains(MsgFlags::OOB);
        let sent = ret.ok().unwrap_or(0);
        let mut other = None;
        self.with_stream(id, |stream| {
            stream.sent += u64::from(sent);
            stream.full = sent < len && (ret.ok().is_some() || ret.is(Errno::EAGAIN));
            stream.error &= ret.ok().is_some() || ret.is(Errno::EAGAIN);
            other = stream.other;
        });
        let Some(other) = other.filter(|_| sent > 0) else { return };
        if !self.files.contains_key(other) {
            // The other end is closed: the kernel answers what arrives there with a reset. tcp(7)
            return self.end(id, true);
        }
        let mut arrives = false;
        self.with_stream(other, |stream| {
            // The urgent byte is not in the queue with the others.
            let bytes = u64::from(sent) - u64::from(oob);
            stream.urgent |= oob;
            stream.unread = stream.unread.map(|unread| unread + bytes);
            arrives = stream.unread.is_some() && (oob || stream.ready().contains(Ready::IN));
        });
        if arrives {
            let cause = if oob { Cause::Urgent } else { Cause::Arrived { bytes: u64::from(sent) } };
            self.wake(other, Ready::IN | Ready::PRI, cause);
        }
    }

    /// `SO_RCVLOWAT` was set: the kernel checks at once whether the socket is readable now. tcp(7)
    pub(super) fn low_water(&mut self, tid: Tid, fd: Fd, bytes: i32) {
        let id = self.resolve(tid, fd);
        let mut readable = false;
        self.with_stream(id, |stream| {
            stream.low_water = u64::try_from(bytes).unwrap_or(0);
            readable = stream.ready().contains(Ready::IN);
        });
        if readable {
            self.wake(id, Ready::IN, Cause::BecameReady);
        }
        self.settle(id);
    }

    pub(super) fn duplicated(&mut self, tid: Tid, fd: Fd, ret: Ret) {
        let Some(copy) = ret.fd() else { return };
        let id = self.resolve(tid, fd);
        self.forget(tid, copy);
        if self.is_full() {
            self.crowd();
            return;
        }
        self.fds.insert(((self.table(tid), copy), id));
        if let Some(file) = self.files.get_mut(id) {
            file.refs += 1;
        }
    }

    /// An fd is closed. While a duplicate is open, its file lives on, and so do its registrations. epoll(7), Q6
    pub(super) fn forget(&mut self, tid: Tid, fd: Fd) {
        self.forget_in(self.table(tid), fd);
    }

    pub(super) fn forget_in(&mut self, table: Table, fd: Fd) {
        let Some((_, id)) = self.fds.remove((table, fd)) else { return };
        self.names.remove((table, fd));
        let Some(file) = self.files.get_mut(id) else { return };
        file.refs = file.refs.saturating_sub(1);
        if file.refs > 0 {
            return;
        }
        let Some(file) = self.files.remove(id) else { return };
        for (epoll, fd) in file.watched_by.iter() {
            if let Some(epoll) = self.epolls.get_mut(epoll) {
                epoll.remove((*fd, id));
            }
        }
        match file.kind {
            Kind::Epoll => self.drop_epoll(id),
            Kind::Stream(stream) => {
                self.counters.closed += u64::from(stream.accepted);
                // Closing with bytes unread, or with SO_LINGER and 0 s, resets the connection; otherwise it ends. tcp(7)
                let reset = stream.abortive || self.unread_by(&stream) > 0;
                if let Some(other) = stream.other {
                    self.end(other, reset);
                }
                if let Some(ordinal) = stream.ordinal {
                    self.clients.remove(ordinal);
                } else {
                    // It never connected, so nobody will accept it.
                    self.not_from(stream.local, id);
                }
            }
            Kind::Listener(listener) => drop(self.listening.remove(&listener.addr)),
            Kind::Other(other) => {
                self.datagrams.retain(|_, socket| *socket != id);
                if let Some(other) = other.other {
                    self.wake(other, Ready::empty(), Cause::Ended);
                }
            }
            Kind::Unknown => {}
        }
    }

    /// Bytes that the connection's other end has sent and this end has not received.
    #[inline]
    pub(super) fn unread_by(&self, stream: &Stream) -> u64 {
        let other = stream.other.and_then(|other| self.files.get(other)).and_then(|file| file.stream());
        other.map_or(0, |other| other.sent.saturating_sub(stream.received))
    }

    pub(super) fn end_other(&mut self, id: FileId, reset: bool) {
        if let Some(other) = self.files.get(id).and_then(|file| file.stream()).and_then(|stream| stream.other) {
            self.end(other, reset);
        }
    }

    /// The peer of `id` has ended its side, or reset the connection. To end what has ended changes nothing.
    pub(super) fn end(&mut self, id: FileId, reset: bool) {
        let mut news = false;
        self.with_stream(id, |stream| {
            news = if reset { !stream.hung_up } else { !stream.ended };
            stream.ended = true;
            stream.error |= news && reset;
            stream.hung_up |= reset;
        });
        if news {
            self.wake(id, Ready::empty(), if reset { Cause::Failed } else { Cause::Ended });
        }
    }
}
