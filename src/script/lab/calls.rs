//! What each verb does.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use super::{Held, Lab};
use crate::kernel::{self, Errno, Events, number};
use crate::probe::Waited;
use crate::record::{Call, CtlOp, Fd, Interest, PairType, Ready, SockOpt, Timeout, errno_name};
use crate::script::language::{Name, Pair, Quantity, Value, Verb};
use crate::script::play::{Outcome, Stop};
use crate::trace::why::grouped;

/// The size of one write or read of `fill` and `drain`, in bytes.
const STEP: usize = 64 * 1024;
/// The most bytes that `fill` and `drain` move.
const MOST: u64 = 256 << 20;

/// Any free port on the loopback.
const ANY: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

type Made = Result<Vec<(Name, Held)>, Errno>;

impl Lab {
    pub(super) fn make_call(&mut self, verb: &Verb) -> Outcome {
        if let Some(made) = self.make(verb) {
            return self.keep(made);
        }
        let said = match verb {
            Verb::Add { epoll, file, interest } => self.ctl(CtlOp::Add, epoll, file, *interest),
            Verb::Mod { epoll, file, interest } => self.ctl(CtlOp::Mod, epoll, file, *interest),
            Verb::Del { epoll, file } => self.ctl(CtlOp::Del, epoll, file, Interest::empty()),
            Verb::Wait { epoll, max, timeout } => self.wait(epoll, *max, *timeout),
            Verb::Write { file, what } => self.write(file, what),
            Verb::Fill { file } => self.fill(file),
            Verb::Read { file, count } => self.read(file, *count),
            Verb::Drain { file } => self.drain(file),
            Verb::Oob { file, byte } => self.on(file, |lab, fd| lab.tap.send_oob(&fd, &[*byte])),
            Verb::Shutdown { file, how } => self.on(file, |lab, fd| lab.tap.shutdown(&fd, *how).map(|()| 0)),
            Verb::Set { file, option, value } => {
                self.on(file, |lab, fd| lab.tap.setsockopt(&fd, *option, *value).map(|()| 0))
            }
            Verb::Close { file } => self.close(file),
            Verb::Reset { file } => {
                let _ = self.on(file, |lab, fd| lab.tap.setsockopt(&fd, SockOpt::Linger, 0).map(|()| 0));
                self.close(file)
            }
            Verb::Poll { file } => self.poll(file),
            Verb::Depth { file } => self.on(file, |_, fd| match kernel::sample(number(&fd))? {
                Call::Sample { unread, .. } => Ok(unread as usize),
                _ => Ok(0),
            }),
            Verb::Fdinfo { epoll } => self.fdinfo(epoll),
            _ => String::new(),
        };
        Outcome::done(said)
    }

    /// The verbs that make fds; `None` for the others.
    fn make(&mut self, verb: &Verb) -> Option<Made> {
        let one = |name: &Name, held: Result<Held, Errno>| held.map(|held| vec![(name.clone(), held)]);
        let other = |name: &Name, fd: Result<OwnedFd, Errno>| one(name, fd.map(Held::Other));
        Some(match verb {
            Verb::Epoll { name } => one(name, self.tap.epoll_create().map(Held::Epoll)),
            Verb::Socket { name } => one(name, self.tap.socket(ANY).map(Held::Tcp)),
            Verb::Listener { name } => one(name, self.listener().map(Held::Listener)),
            Verb::Connect { name, listener } => {
                let connected = self.borrow(listener).and_then(|fd| self.connect(&fd));
                one(name, connected.map(Held::Tcp))
            }
            Verb::Accept { name, listener } => {
                let accepted = self.borrow(listener).and_then(|fd| self.tap.accept(&fd, false));
                one(name, accepted.map(|(fd, _)| Held::Tcp(fd)))
            }
            Verb::Pair { a, b, kind: Pair::Tcp } => {
                self.tcp_pair().map(|(x, y)| vec![(a.clone(), Held::Tcp(x)), (b.clone(), Held::Tcp(y))])
            }
            Verb::Pair { a, b, kind } => {
                let kind = match kind {
                    Pair::Dgram => PairType::Dgram,
                    Pair::Seqpacket => PairType::Seqpacket,
                    Pair::Stream | Pair::Tcp => PairType::Stream,
                };
                let pair = self.tap.unix_pair(kind);
                pair.map(|(x, y)| vec![(a.clone(), Held::Other(x)), (b.clone(), Held::Other(y))])
            }
            Verb::Pipe { read, write } => {
                let pipe = self.tap.pipe();
                pipe.map(|(r, w)| vec![(read.clone(), Held::Other(r)), (write.clone(), Held::Other(w))])
            }
            Verb::Eventfd { name, count } => other(name, self.tap.eventfd(*count)),
            Verb::Timerfd { name, first, every } => {
                let timer = self.tap.timerfd();
                other(name, timer.and_then(|t| self.tap.set_timer(&t, *first, *every).map(|()| t)))
            }
            Verb::File { name } => other(name, self.tap.regular_file()),
            Verb::Dup { name, of } => {
                let tcp = matches!(self.held.get(of), Some(Held::Tcp(_)));
                let copy = self.borrow(of).and_then(|fd| self.tap.dup(&fd));
                one(name, copy.map(if tcp { Held::Tcp } else { Held::Other }))
            }
            _ => return None,
        })
    }

    fn keep(&mut self, made: Made) -> Outcome {
        match made {
            Ok(made) => {
                let numbers: Vec<String> =
                    made.iter().map(|(name, held)| format!("{name} = fd {}", held.number())).collect();
                self.last.result = Ok(0);
                for (name, held) in made {
                    // A name that is given again lets go of what it stood for.
                    if let Some(before) = self.held.insert(name, held) {
                        self.let_go(before);
                    }
                }
                Outcome::done(numbers.join(", "))
            }
            Err(errno) => {
                self.last.result = Err(errno);
                let said = said(Err(errno));
                // accept finds nobody in many a script that means it so; its fd is then not there to be used.
                Outcome { stop: (errno != Errno::EAGAIN).then(|| Stop::Refused(said.clone())), said }
            }
        }
    }

    fn listener(&mut self) -> Result<OwnedFd, Errno> {
        let fd = self.tap.socket(ANY)?;
        self.tap.bind(&fd, ANY)?;
        self.tap.listen(&fd, 128)?;
        self.tap.getsockname(&fd)?;
        Ok(fd)
    }

    fn connect(&mut self, listener: &impl AsFd) -> Result<OwnedFd, Errno> {
        let addr = kernel::local_addr(listener.as_fd())?.socket_addr().ok_or(Errno::EINVAL)?;
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

    fn ctl(&mut self, op: CtlOp, epoll: &Name, file: &Name, interest: Interest) -> String {
        let (Some(Held::Epoll(object)), Ok(fd)) = (self.held.get(epoll), self.borrow(file)) else {
            return self.not_an_epoll(epoll);
        };
        let token = (self.registered.len() as u64) << 32 | u64::from(number(&fd).0.cast_unsigned());
        let result = self.tap.epoll_ctl(object, op, &fd, interest, token);
        self.registered.push((file.clone(), number(&fd)));
        self.finish(result.map(|()| 0))
    }

    fn wait(&mut self, epoll: &Name, max: u32, timeout: i32) -> String {
        let Some(Held::Epoll(object)) = self.held.get(epoll) else { return self.not_an_epoll(epoll) };
        let mut events = Events::with_room(max);
        let waited = self.tap.epoll_wait(object, &mut events, Timeout(timeout), of_token);
        let result = match waited {
            Waited::Returned(result) => result,
            Waited::Orders => Ok(0),
        };
        let name =
            |token: u64| self.registered.get((token >> 32) as usize).map(|(name, _)| name.clone()).unwrap_or_default();
        self.last.events = events.iter().map(|(token, ready)| (name(token), ready)).collect();
        let events = Value::Events(self.last.events.clone());
        format!("{}  [{events}]", self.finish(result.map(|n| n as u64)))
    }

    fn write(&mut self, file: &Name, what: &Quantity) -> String {
        let bytes = match what {
            Quantity::Bytes(count) => (b'a'..=b'z').cycle().take(*count).collect(),
            Quantity::Text(text) => text.clone(),
        };
        let result = self
            .transfer(file, |lab, fd, tcp| if tcp { lab.tap.send(&fd, &bytes) } else { lab.tap.write(&fd, &bytes) });
        self.finish(result.map(|n| n as u64))
    }

    fn read(&mut self, file: &Name, count: u32) -> String {
        let mut buffer = vec![0; count as usize];
        let result =
            self.transfer(
                file,
                |lab, fd, tcp| if tcp { lab.tap.recv(&fd, &mut buffer) } else { lab.tap.read(&fd, &mut buffer) },
            );
        self.finish(result.map(|n| n as u64))
    }

    fn fill(&mut self, file: &Name) -> String {
        let bytes = vec![b'x'; STEP];
        self.repeat(
            file,
            "written",
            |lab, fd, tcp| if tcp { lab.tap.send(&fd, &bytes) } else { lab.tap.write(&fd, &bytes) },
        )
    }

    fn drain(&mut self, file: &Name) -> String {
        let mut buffer = vec![0; STEP];
        self.repeat(
            file,
            "read",
            move |lab, fd, tcp| {
                if tcp { lab.tap.recv(&fd, &mut buffer) } else { lab.tap.read(&fd, &mut buffer) }
            },
        )
    }

    /// The same call until it fails or moves nothing; EAGAIN is where it should end.
    fn repeat(
        &mut self,
        file: &Name,
        word: &str,
        mut call: impl FnMut(&mut Self, BorrowedFd<'_>, bool) -> Result<usize, Errno>,
    ) -> String {
        let (mut moved, mut calls) = (0_u64, 0_u64);
        let end = loop {
            calls += 1;
            match self.transfer(file, &mut call) {
                Ok(0) => break "the end",
                Ok(n) if moved + n as u64 >= MOST => break "the lab's bound",
                Ok(n) => moved += n as u64,
                Err(Errno::EAGAIN) => break "EAGAIN",
                Err(errno) => return self.finish(Err(errno)),
            }
        };
        self.last.result = Ok(moved);
        format!("{} bytes {word} in {calls} calls, to {end}", grouped(moved))
    }

    fn poll(&mut self, file: &Name) -> String {
        let said = self.held.get(file).map(|held| (held.number(), matches!(held, Held::Epoll(_))));
        let mask = match said {
            Some((fd, true)) => kernel::would_report(fd).map(|yes| if yes { Ready::IN } else { Ready::empty() }),
            Some((fd, false)) => kernel::poll(fd),
            None => Err(Errno::EBADF),
        };
        self.last.mask = mask.unwrap_or_default();
        match mask {
            Ok(mask) => format!("poll says {mask}"),
            Err(errno) => self.finish(Err(errno)),
        }
    }

    fn fdinfo(&mut self, epoll: &Name) -> String {
        let Some(Held::Epoll(object)) = self.held.get(epoll) else { return self.not_an_epoll(epoll) };
        let entries = match kernel::fdinfo(number(object), 1000) {
            Ok(entries) => entries,
            Err(errno) => return self.finish(Err(errno)),
        };
        let mut list = Vec::new();
        for entry in &entries {
            self.tap.say(*entry);
            if let Call::Fdinfo { fd, interest, .. } = entry {
                list.push(format!("{} {interest}", self.name_of(*fd)));
            }
        }
        self.last.result = Ok(entries.len() as u64);
        format!("interest list: {}", if list.is_empty() { "empty".to_owned() } else { list.join(", ") })
    }

    fn close(&mut self, file: &Name) -> String {
        let Some(held) = self.held.remove(file) else { return self.finish(Err(Errno::EBADF)) };
        self.closed.insert(file.clone(), held.number());
        self.let_go(held);
        self.finish(Ok(0))
    }

    fn let_go(&mut self, held: Held) {
        let fd = match held {
            Held::Epoll(epoll) => epoll.into_fd(),
            Held::Tcp(fd) | Held::Listener(fd) | Held::Other(fd) => fd,
        };
        let _ = self.tap.close(fd);
    }

    fn on(&mut self, file: &Name, call: impl FnOnce(&mut Self, BorrowedFd<'_>) -> Result<usize, Errno>) -> String {
        let result = self.transfer(file, |lab, fd, _| call(lab, fd));
        self.finish(result.map(|n| n as u64))
    }

    fn transfer(
        &mut self,
        file: &Name,
        call: impl FnOnce(&mut Self, BorrowedFd<'_>, bool) -> Result<usize, Errno>,
    ) -> Result<usize, Errno> {
        let tcp = matches!(self.held.get(file), Some(Held::Tcp(_) | Held::Listener(_)));
        let fd = self.borrow(file)?;
        call(self, fd.as_fd(), tcp)
    }

    /// A handle for one call, by number: the script's own fd stays open for as long, or is closed and gives EBADF.
    fn borrow<'a>(&self, file: &Name) -> Result<BorrowedFd<'a>, Errno> {
        let number = self.held.get(file).map(Held::number).or_else(|| self.closed.get(file).copied());
        number.map(kernel::borrow).ok_or(Errno::EBADF)
    }

    fn not_an_epoll(&mut self, name: &Name) -> String {
        self.last.result = Err(Errno::EINVAL);
        format!("\"{name}\" is not an open epoll object")
    }

    fn finish(&mut self, result: Result<u64, Errno>) -> String {
        self.last.result = result;
        said(result)
    }
}

fn said(result: Result<u64, Errno>) -> String {
    match result {
        Ok(n) => format!("= {n}"),
        Err(errno) => format!("= -1 {} ({})", errno_name(errno as i32), errno.desc()),
    }
}

#[allow(clippy::cast_possible_truncation, reason = "the lower half is the fd")]
fn of_token(token: u64) -> Fd {
    Fd((token as u32).cast_signed())
}
