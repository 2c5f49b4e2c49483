//! Sockets by hand: a name, a queue of connections, a connection, and what an option says.

use std::os::fd::BorrowedFd;

use super::Held;
use super::make::ANY;
use crate::record::{Addr, Call, Fd, FdKind, SockOpt, errno_name};
use crate::script::{Lab, Name};
use crate::sys::{self, Errno, number};
use crate::trace::world::Who;

impl Lab {
    /// A free port of the loopback; of `AF_UNIX` a name that the kernel chooses.
    pub(super) fn bind(&mut self, file: &Name) -> String {
        self.on(file, |lab, fd| {
            if lab.is_unix(number(&fd)) {
                lab.tap.autobind(&fd)?;
            } else {
                lab.tap.bind(&fd, ANY)?;
            }
            lab.tap.getsockname(&fd).map(|_| 0)
        })
    }

    pub(super) fn listen(&mut self, file: &Name, backlog: i32) -> String {
        let result = self.with(file, |lab, fd| {
            lab.tap.listen(&fd, backlog)?;
            lab.tap.getsockname(&fd).map(drop)
        });
        let real = self.real(file).clone();
        if let (Ok(()), Some(Held::Tcp(_))) = (result, self.held.get(&real))
            && let Some(Held::Tcp(fd)) = self.held.remove(&real)
        {
            self.held.insert(real, Held::Listener(fd));
        }
        self.finish(result.map(|()| 0))
    }

    /// Connects an existing socket to where another has its name.
    pub(super) fn connect_to(&mut self, file: &Name, to: &Name) -> String {
        let result = self.with(to, |_, to| sys::local_addr(to)).and_then(|addr| {
            self.with(file, |lab, fd| {
                let result = lab.waiting(fd, |lab| lab.tap.connect(&fd, addr));
                lab.tell_port(fd, addr, result);
                result
            })
        });
        self.finish(result.map(|()| 0))
    }

    /// A socket without a name gets one when it is connected: by that it is known where it is accepted.
    fn tell_port(&mut self, fd: BorrowedFd<'_>, addr: Addr, result: Result<(), Errno>) {
        if matches!(result, Ok(()) | Err(Errno::EINPROGRESS)) && addr.socket_addr().is_some() {
            // Only the record needs it.
            let _ = self.tap.getsockname(&fd);
        }
    }

    pub(super) fn get_option(&mut self, file: &Name, option: SockOpt) -> String {
        let result = self.with(file, |lab, fd| lab.tap.getsockopt(&fd, option));
        let name = match result {
            Ok(value) if option == SockOpt::Error && value != 0 => format!(" {}", errno_name(value)),
            _ => String::new(),
        };
        self.finish(result.map(|value| u64::from(value.unsigned_abs()))) + &name
    }

    /// Whether it is a socket of `AF_UNIX`.
    pub(super) fn is_unix(&self, fd: Fd) -> bool {
        let file = self.timeline.now().file_of(sys::gettid(), fd);
        file.is_some_and(|(_, file)| matches!(file.who(), Who::Made(FdKind::UnixSocket(_))))
    }

    /// How many connections wait at a listener, where that is not what the calls so far say: a connection that found no
    /// room in its queue has not come, one that tried again has.
    pub(super) fn ask_backlog(&mut self, fd: Fd) {
        let known = self.timeline.now().file_of(sys::gettid(), fd).and_then(|(_, file)| file.depth());
        match sys::listener_backlog(fd) {
            Ok(said @ Call::Backlog { pending, .. }) if known != Some(u64::from(pending)) => self.tap.say(said),
            _ => {}
        }
    }
}
