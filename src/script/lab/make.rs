//! The verbs that make fds and give them names.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::os::fd::{AsFd, OwnedFd};

use super::Held;
use super::calls::said;
use crate::i18n::words;
use crate::record::{FcntlCmd, PairType, SockOpt};
use crate::script::Lab;
use crate::script::Outcome;
use crate::script::{Name, Verb, language::Pair};
use crate::sys::{self, Errno};

/// Any free port on the loopback.
pub(super) const ANY: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

pub(super) type Made = Result<Vec<(Name, Held)>, Errno>;

pub(super) fn pair_type(kind: Pair) -> PairType {
    match kind {
        Pair::Dgram => PairType::Dgram,
        Pair::Seqpacket => PairType::Seqpacket,
        Pair::Stream | Pair::Tcp | Pair::Udp => PairType::Stream,
    }
}

impl Lab {
    /// The verbs that make fds; `None` for the others.
    pub(super) fn make(&mut self, verb: &Verb) -> Option<Made> {
        let one = |name: &Name, held: Result<Held, Errno>| held.map(|held| vec![(name.clone(), held)]);
        let other = |name: &Name, fd: Result<OwnedFd, Errno>| one(name, fd.map(Held::Other));
        Some(match verb {
            Verb::Epoll { name } => one(name, self.tap.epoll_create().map(|epoll| Held::Epoll(epoll.into_fd()))),
            Verb::EpollWith { name, flags } => one(name, self.tap.epoll_create_with(*flags).map(Held::Epoll)),
            Verb::EpollFor { name, size } => one(name, self.tap.epoll_create_for(*size).map(Held::Epoll)),
            Verb::Socket { name, kind: Pair::Tcp } => one(name, self.tap.socket(ANY).map(Held::Tcp)),
            Verb::Listener { name } => one(name, self.listener().map(Held::Listener)),
            Verb::Connect { name, listener } => {
                let connected = self.with(listener, |lab, fd| lab.connect(&fd));
                one(name, connected.map(Held::Tcp))
            }
            Verb::Accept { name, listener } => {
                let accepted = self.with(listener, |lab, fd| lab.waiting(fd, |lab| lab.tap.accept(&fd, false)));
                let kind = if matches!(self.get(listener), Some(Held::Other(_))) { Held::Other } else { Held::Tcp };
                one(name, accepted.map(|(fd, _)| kind(fd)))
            }
            Verb::Pair { a, b, kind: Pair::Tcp } => {
                self.tcp_pair().map(|(x, y)| vec![(a.clone(), Held::Tcp(x)), (b.clone(), Held::Tcp(y))])
            }
            Verb::Pair { a, b, kind: Pair::Udp } => {
                self.udp_pair().map(|(x, y)| vec![(a.clone(), Held::Other(x)), (b.clone(), Held::Other(y))])
            }
            Verb::Pair { a, b, kind } => {
                let pair = self.tap.unix_pair(pair_type(*kind));
                pair.map(|(x, y)| vec![(a.clone(), Held::Other(x)), (b.clone(), Held::Other(y))])
            }
            Verb::Pipe { read, write, packets, size } => {
                let pipe = self.pipe(*packets, *size);
                pipe.map(|(r, w)| vec![(read.clone(), Held::Other(r)), (write.clone(), Held::Other(w))])
            }
            Verb::Eventfd { name, count, semaphore } => other(name, self.tap.eventfd(*count, *semaphore)),
            Verb::Timerfd { name, first, every } => {
                let timer = self.tap.timerfd();
                other(name, timer.and_then(|t| self.tap.set_timer(&t, *first, *every).map(|()| t)))
            }
            Verb::Signalfd { name } => {
                self.signals = true;
                other(name, self.tap.signalfd())
            }
            Verb::File { name } => other(name, self.tap.regular_file()),
            Verb::Dup { name, of } => {
                let copy = self.with(of, |lab, fd| lab.tap.dup(&fd));
                let kind = match self.get(of) {
                    Some(Held::Epoll(_)) => Held::Epoll,
                    Some(Held::Tcp(_)) => Held::Tcp,
                    Some(Held::Listener(_)) => Held::Listener,
                    _ => Held::Other,
                };
                one(name, copy.map(kind))
            }
            _ => return self.make_kind(verb),
        })
    }

    pub(super) fn keep(&mut self, made: Made) -> Outcome {
        match made {
            Ok(made) => {
                let numbers: Vec<String> =
                    made.iter().map(|(name, held)| format!("{name} = fd {}", held.number())).collect();
                self.last.result = Some(Ok(0));
                for (name, held) in made {
                    self.rename(&name);
                    self.tell_name(&name, held.number());
                    self.held.insert(name, held);
                }
                Outcome::done(numbers.join(", "))
            }
            Err(errno) => {
                self.last.result = Some(Err(errno));
                let said = said(Err(errno), self.lang);
                // Many a script means it so: nobody to accept, a closed name, no fd to be had. What it names is then not there.
                let meant = [Errno::EAGAIN, Errno::EINTR, Errno::EBADF, Errno::EINVAL, Errno::ENXIO, Errno::ESRCH];
                let meant = meant.contains(&errno) || self.limit.is_lowered();
                if meant { Outcome::done(said) } else { Outcome::refused(said) }
            }
        }
    }

    /// A name that is given again lets go of what it stood for.
    fn rename(&mut self, name: &Name) {
        self.aliases.remove(name);
        if let Some(before) = self.held.remove(name) {
            let _ = self.let_go(name, before);
        }
        self.closed.remove(name);
    }

    /// Another name for the same number.
    pub(super) fn alias(&mut self, name: &Name, of: &Name) -> Outcome {
        let (real, number) = (self.real(of).clone(), self.number_of(of));
        let closed = self.get(of).is_none();
        if real != *name {
            self.rename(name);
            if closed {
                self.closed.insert(name.clone(), number);
            } else {
                self.aliases.insert(name.clone(), real);
            }
        }
        self.last.result = Some(Ok(0));
        Outcome::done(words!(self.lang, "{name} = fd {number}, as {of}", "{name} = fd {number}，与 {of} 相同"))
    }

    fn listener(&mut self) -> Result<OwnedFd, Errno> {
        let fd = self.tap.socket(ANY)?;
        // What is accepted inherits it: no byte waits for an acknowledgement. tcp(7)
        self.tap.setsockopt(&fd, SockOpt::NoDelay, 1)?;
        self.tap.bind(&fd, ANY)?;
        self.tap.listen(&fd, 128)?;
        self.tap.getsockname(&fd)?;
        Ok(fd)
    }

    fn connect(&mut self, listener: &impl AsFd) -> Result<OwnedFd, Errno> {
        let addr = match sys::local_addr(listener.as_fd()) {
            Ok(addr) => addr,
            // The same call again, for the record.
            Err(_) => self.tap.getsockname(listener)?,
        };
        let addr = addr.socket_addr().unwrap_or(ANY);
        let fd = self.tap.socket(addr)?;
        self.tap.setsockopt(&fd, SockOpt::NoDelay, 1)?;
        self.tap.bind(&fd, ANY)?;
        self.tap.getsockname(&fd)?;
        match self.tap.connect(&fd, addr) {
            Ok(()) | Err(Errno::EINPROGRESS) => Ok(fd),
            Err(errno) => Err(errno),
        }
    }

    fn tcp_pair(&mut self) -> Result<(OwnedFd, OwnedFd), Errno> {
        let listener = self.listener()?;
        let client = self.connect(&listener)?;
        let (accepted, _) = self.tap.accept(&listener, false)?;
        let _ = self.tap.close(listener);
        Ok((accepted, client))
    }

    fn udp_pair(&mut self) -> Result<(OwnedFd, OwnedFd), Errno> {
        let (a, b) = (self.tap.udp_socket()?, self.tap.udp_socket()?);
        let mut addrs = [ANY; 2];
        for (socket, addr) in [&a, &b].into_iter().zip(&mut addrs) {
            self.tap.bind(socket, ANY)?;
            *addr = self.tap.getsockname(socket)?.socket_addr().unwrap_or(ANY);
        }
        self.tap.connect(&a, addrs[1])?;
        self.tap.connect(&b, addrs[0])?;
        Ok((a, b))
    }

    fn pipe(&mut self, packets: bool, size: Option<u32>) -> Result<(OwnedFd, OwnedFd), Errno> {
        let (read, write) = if packets { self.tap.packet_pipe() } else { self.tap.pipe() }?;
        if let Some(size) = size {
            self.tap.fcntl(&write, FcntlCmd::SetPipeSize, i32::try_from(size).unwrap_or(i32::MAX))?;
        }
        Ok((read, write))
    }
}
