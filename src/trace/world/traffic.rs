//! What calls on sockets do: who is connected to whom, and how much is unread.

use std::sync::Arc;

use super::file::{Ends, FileId, Kind, Listener, Stream, Table};
use super::state::{Just, World};
use super::wakes::Deed;
use crate::record::{Addr, Fd, How, MsgFlags, Ret, SockOpt, Tid};
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

    pub(super) fn listens(&mut self, id: FileId) {
        let Some(file) = self.files.get_mut(id) else { return };
        if let Kind::Stream(stream) = &file.kind {
            let addr = stream.local;
            file.kind = Kind::Listener(Listener { addr, pending: Some(0), backlog: None, dropped: 0 });
            self.not_from(addr, id);
            self.listening.insert(addr, id);
        } else if let Kind::Other(other) = &mut file.kind {
            other.listening = true;
        }
        self.with_listener(id, |listener| listener.pending = Some(listener.pending.unwrap_or(0)));
    }

    /// A listener whose reading side is shut down is a socket without a connection.
    /// Whether it was one.
    fn stops_listening(&mut self, id: FileId) -> bool {
        let Some(file) = self.files.get_mut(id) else { return false };
        let Kind::Listener(listener) = &file.kind else { return false };
        let ends = Ends { local: listener.addr, ..Ends::default() };
        self.listening.remove(&ends.local);
        file.kind = Kind::Stream(Stream { ends: Arc::new(ends), unread: Some(0), hung_up: true, ..Stream::default() });
        true
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
        let id = self.resolve(tid, fd);
        if ret.ok().is_none() && !ret.is(Errno::EINPROGRESS) {
            return self.disconnected(id, ret);
        }
        // To call it again is a way to ask whether the connection is there. connect(2)
        if ret.ok().is_some() && self.is_connected(id) {
            return;
        }
        if self.is_other(id) {
            return self.aimed(id, addr);
        }
        // Whom a watched program connects to has its port for a name; clients of ours have letters.
        let ordinal = (!self.watched || !self.serves(tid)).then_some(self.connected);
        self.connected = self.connected.saturating_add(ordinal.is_some().into());
        if let Some(ordinal) = ordinal {
            self.clients.insert((ordinal, id));
        }
        // A socket that connects again is another client.
        if let Some(before) = self.files.get(id).and_then(|file| file.stream()?.ordinal) {
            self.clients.remove(before);
        }
        self.with_stream(id, |stream| {
            let ends = Arc::make_mut(&mut stream.ends);
            (ends.peer, ends.ordinal) = (addr, ordinal);
            stream.unread = Some(0);
            (stream.connecting, stream.refused, stream.hung_up, stream.ended) = (true, false, false, false);
        });
        let listener = self.listening.get(&addr).copied().filter(|id| self.files.contains_key(*id));
        if let Some(listener) = listener {
            self.knocks(listener);
        }
    }

    pub(super) fn accepted(&mut self, tid: Tid, fd: Fd, peer: Addr, ret: Ret) {
        let listener = self.resolve(tid, fd);
        if ret.is(Errno::EAGAIN) {
            self.with_listener(listener, |listener| listener.pending = Some(0));
        }
        if let Some(fd) = ret.fd().filter(|_| self.is_other(listener)) {
            self.accepted_unix(tid, listener, fd);
        } else if let Some(fd) = ret.fd() {
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
        if flags.contains(MsgFlags::PEEK) {
            return;
        }
        if self.is_other(id) {
            return self.read(tid, fd, len, ret);
        }
        let (mut other, mut uncounted, mut came, mut ended) = (None, false, 0, false);
        self.with_stream(id, |stream| {
            uncounted = stream.uncounted;
            stream.urgent_ahead &= oob || stream.unread != Some(0);
            if stream.more_than_counted && !oob {
                (stream.more_than_counted, stream.unread) = (false, None);
            }
            let unread = stream.unread.unwrap_or(u64::MAX);
            match ret.ok() {
                Some(_) if oob => stream.urgent = false,
                Some(0) if len > 0 => {
                    (stream.ended, stream.end_read) = (true, true);
                    stream.unread = Some(0);
                }
                Some(n) => {
                    let n = u64::from(n);
                    stream.received += n;
                    if stream.fin_behind.is_some() {
                        came = n.saturating_sub(unread);
                    }
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
                None => (stream.error, stream.end_read) = (false, true),
            }
            ended = stream.fin_behind.take_if(|bytes| stream.received >= *bytes).is_some();
            other = stream.other.map(|other| (other, stream.received));
        });
        match ret.ok().filter(|_| uncounted && !oob && len > 0) {
            Some(bytes) => self.settle_and(id, |epoll, key| epoll.count_received(key, bytes)),
            None => self.settle(id),
        }
        // What was received has left the other's send queue.
        if let Some((other, received)) = other {
            self.with_stream(other, |other| {
                let before = other.unsent;
                other.unsent = before.min(other.sent.saturating_sub(received));
                came = came.max(before - other.unsent);
            });
        }
        // It came into the room that an earlier recv made.
        if came > 0 {
            self.happened(id, Deed::CameAndWent(came));
        }
        if ended {
            self.end(id, false);
        }
    }

    pub(super) fn sent(&mut self, tid: Tid, fd: Fd, len: u32, flags: MsgFlags, ret: Ret) {
        let id = self.resolve(tid, fd);
        let oob = flags.contains(MsgFlags::OOB);
        if self.is_other(id) {
            return self.written(tid, fd, flags, ret);
        }
        let sent = ret.ok().unwrap_or(0);
        let (mut other, mut stuck) = (None, false);
        self.with_stream(id, |stream| {
            stuck = stream.unsent > 0;
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
        if stuck {
            // The peer's window is shut, and what is sent waits behind what was sent before.
            self.with_stream(other, |stream| stream.had_urgent |= oob);
            return self.with_stream(id, |stream| stream.unsent += u64::from(sent));
        }
        let (mut arrives, mut refused) = (false, false);
        self.with_stream(other, |stream| {
            // A socket that has shut down both directions takes no data: it is reset, and answers with a reset.
            refused = stream.shut_read && stream.shut_write;
            // The urgent byte is not in the queue with the others.
            let bytes = if refused { 0 } else { u64::from(sent) - u64::from(oob && !stream.oob_inline) };
            stream.urgent |= oob && !refused;
            stream.had_urgent |= oob;
            stream.urgent_ahead |= oob && !refused && !stream.oob_inline;
            stream.unread = stream.unread.map(|unread| unread + bytes);
            arrives = stream.unread.is_some();
        });
        if refused {
            self.end(other, true);
            self.end(id, true);
        } else if arrives {
            self.happened(other, if oob { Deed::CameUrgent } else { Deed::Came(sent.into()) });
        }
    }

    /// `SO_RCVLOWAT` or `SO_SNDBUF` was set: the kernel checks at once whether the socket is readable now, or has room. So
    /// does the next sample.
    pub(super) fn option_set(&mut self, tid: Tid, fd: Fd, option: SockOpt, value: i32) {
        let id = self.resolve(tid, fd);
        if option == SockOpt::OobInline {
            return self.with_stream(id, |stream| stream.oob_inline = value != 0);
        }
        if let (SockOpt::RecvErr, Some(Kind::Other(other))) =
            (option, self.files.get_mut(id).map(|file| &mut file.kind))
        {
            other.keeps_errors = value != 0;
        }
        if option == SockOpt::RcvLowat {
            self.with_stream(id, |stream| {
                stream.low_water = u64::try_from(value).unwrap_or(0);
                stream.more_than_counted = false;
            });
            self.happened(id, Deed::LowWater);
        }
        self.thread(tid).just = Just::Set(id, option);
        self.settle(id);
    }

    /// shutdown(2). The kernel wakes the waiters of this end even if there was nothing to shut down.
    pub(super) fn shut(&mut self, tid: Tid, fd: Fd, how: How, ret: Ret) {
        let id = self.resolve(tid, fd);
        if how != How::Write && ret.ok().is_some() && self.stops_listening(id) {
            return self.happened(id, Deed::Shut);
        }
        self.shut_other(id, how);
        let mut ends = None;
        self.with_stream(id, |stream| {
            if how != How::Read && ret.ok().is_some() && !stream.shut_write && !stream.hung_up {
                ends = stream.other.map(|other| (other, stream.unsent, stream.sent));
            }
            stream.shut_read |= how != How::Write;
            stream.shut_write |= how != How::Read;
            stream.ended |= stream.shut_read;
            stream.hung_up |= stream.ended && stream.shut_write;
        });
        if let Some((other, unsent, sent)) = ends {
            self.fin(other, unsent, sent);
        }
        self.happened(id, Deed::Shut);
    }

    pub(super) fn duplicated(&mut self, tid: Tid, fd: Fd, ret: Ret) {
        // dup2(2) of an fd to itself does nothing.
        let Some(copy) = ret.fd().filter(|copy| *copy != fd) else { return };
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
        if self.epolls.get(&id).is_some_and(|epoll| epoll.in_wait().is_some()) {
            return self.lingering.push(id);
        }
        self.release(id);
    }

    /// Nothing refers to a file any more.
    pub(super) fn release(&mut self, id: FileId) {
        self.happened(id, Deed::Closed);
        let Some(file) = self.files.remove(id) else { return };
        for (epoll, fd) in file.watched_by.iter() {
            if let Some(epoll) = self.epolls.get_mut(epoll) {
                epoll.remove((*fd, id));
            }
        }
        match file.kind {
            Kind::Epoll => self.drop_epoll(id),
            Kind::Stream(stream) => {
                self.counters.closed += u64::from(stream.accepted || stream.found);
                // Closing with bytes unread, or with SO_LINGER and 0 s, resets the connection; otherwise it ends. tcp(7)
                let reset = stream.abortive || self.unread_by(&stream) > 0;
                match stream.other {
                    Some(other) if reset => self.end(other, true),
                    Some(other) if !stream.shut_write => self.fin(other, stream.unsent, stream.sent),
                    _ => {}
                }
                if let Some(ordinal) = stream.ordinal {
                    self.clients.remove(ordinal);
                } else {
                    // It never connected, so nobody will accept it.
                    self.not_from(stream.local, id);
                }
            }
            Kind::Listener(listener) => {
                if self.listening.remove(&listener.addr) == Some(id) {
                    self.reset_pending(listener.addr);
                }
            }
            Kind::Other(_) => self.datagrams.retain(|_, socket| *socket != id),
            Kind::Unknown => {}
        }
    }

    /// The peer of `id` has sent a FIN, behind so many bytes in all, of which so many are unsent. It waits behind what `id`
    /// has no room for.
    fn fin(&mut self, id: FileId, unsent: u64, sent: u64) {
        if unsent > 0 || self.is_on_its_way(id) {
            self.with_stream(id, |stream| stream.fin_behind = Some(sent));
        } else {
            self.end(id, false);
        }
    }

    /// Whether something that the other end did had not arrived at `id` yet when the kernel was asked last.
    fn is_on_its_way(&self, id: FileId) -> bool {
        self.files.get(id).is_some_and(|file| file.on_its_way)
    }

    /// Bytes that the connection's other end has sent and this end has not received. An urgent byte counts until a read
    /// passes it over, also where MSG_OOB has taken it.
    #[inline]
    pub(super) fn unread_by(&self, stream: &Stream) -> u64 {
        if stream.had_urgent {
            return stream.unread.unwrap_or(0) + u64::from(stream.urgent_ahead);
        }
        let other = stream.other.and_then(|other| self.files.get(other)).and_then(|file| file.stream());
        other.map_or(0, |other| other.sent.saturating_sub(stream.received))
    }

    /// The peer of `id` has ended its side, or reset the connection. To end what has ended changes nothing.
    pub(super) fn end(&mut self, id: FileId, reset: bool) {
        let mut news = false;
        self.with_stream(id, |stream| {
            // Where both sides have ended there is no connection left to be reset.
            let over = stream.fin && stream.shut_write;
            news = if reset { !(over || stream.hung_up && stream.error) } else { !stream.fin };
            stream.ended = true;
            stream.fin |= !reset;
            stream.error |= news && reset;
            stream.failed |= news && reset;
            stream.hung_up |= reset || stream.shut_write;
        });
        if news {
            self.happened(id, if reset { Deed::PeerReset } else { Deed::PeerEnded });
        }
    }
}
