//! Files of further kinds; FIFOs, and what inotify tells of, are in the folder of the scene's own.

use std::os::fd::OwnedFd;
use std::thread;
use std::time::{Duration, Instant};

use super::Held;
use super::make::{Made, pair_type};
use crate::i18n::words;
use crate::record::{Access, Call, Fd, FdKind, MsgFlags};
use crate::script::{Lab, Name, Outcome, Verb, language::Pair};
use crate::sys::{self, Errno};
use crate::trace::world::Who;

/// What a side of a pseudo-terminal has room for: `N_TTY_BUF_SIZE` less one.
const ROOM: u64 = 4095;
/// How long the kernel's worker may take.
const PATIENCE: Duration = Duration::from_millis(200);

impl Lab {
    /// The verbs that make fds of these kinds; `None` for the others.
    pub(super) fn make_kind(&mut self, verb: &Verb) -> Option<Made> {
        let one = |name: &Name, fd: Result<OwnedFd, Errno>| fd.map(|fd| vec![(name.clone(), Held::Other(fd))]);
        Some(match verb {
            Verb::Socket { name, kind: Pair::Udp } => one(name, self.tap.udp_socket()),
            Verb::Socket { name, kind } => one(name, self.tap.unix_socket(pair_type(*kind))),
            Verb::Fifo { name } => one(name, self.make_fifo(name)),
            Verb::Open { name, of, access } => one(name, self.open_again(name, of, *access)?),
            Verb::Pty { terminal, program } => {
                let pty = self.tap.pty();
                pty.map(|(x, y)| vec![(terminal.clone(), Held::Other(x)), (program.clone(), Held::Other(y))])
            }
            Verb::Pidfd { name, child } => {
                let pid = self.pids.get(child).copied()?;
                one(name, self.tap.pidfd(pid))
            }
            Verb::Inotify { name } => one(name, self.folder.path().and_then(|path| self.tap.inotify(&path))),
            Verb::Memfd { name } => one(name, self.tap.memfd()),
            Verb::Path { name } => one(name, self.folder.path().and_then(|path| self.tap.path(&path))),
            Verb::Null { name } => one(name, self.tap.null()),
            _ => return None,
        })
    }

    /// Waits until what was written to one side of a pseudo-terminal has reached the other: a worker of the kernel brings
    /// it there. It brings no more than the side has room for.
    pub(super) fn settle_ptys(&self) {
        let world = self.timeline.now();
        let sides = self.held.values().map(Held::number).filter_map(|fd| {
            let file = world.file_of(sys::gettid(), fd)?.1;
            (file.who() == Who::Made(FdKind::Openpty)).then_some((fd, file.depth().unwrap_or(0)))
        });
        for (fd, depth) in sides {
            let end = Instant::now() + PATIENCE;
            let there = || sys::by_number(fd, sys::unread).map_or(u64::MAX, u64::from);
            while there() < depth.min(ROOM) && Instant::now() < end {
                thread::yield_now();
            }
        }
    }

    /// How many datagrams a UDP socket has dropped, if any.
    pub(super) fn ask_drops(&mut self, fd: Fd) {
        let file = self.timeline.now().file_of(sys::gettid(), fd).map(|(_, file)| file.who());
        if file != Some(Who::Made(FdKind::UdpSocket)) {
            return;
        }
        if let Ok(count @ 1..) = sys::by_number(fd, sys::drops) {
            self.tap.say(Call::Drops { fd, count });
        }
    }

    fn make_fifo(&mut self, name: &Name) -> Result<OwnedFd, Errno> {
        let file = format!("fifo-{}", self.folder.fifos.len());
        let path = sys::fifo(&self.folder.path()?, &file)?;
        let fd = self.tap.open_fifo(&path, Access::Both, None)?;
        self.folder.fifos.push((name.clone(), path));
        Ok(fd)
    }

    /// `None` where `of` is no FIFO.
    fn open_again(&mut self, name: &Name, of: &Name, access: Access) -> Option<Result<OwnedFd, Errno>> {
        let path = self.folder.fifo(of)?.to_owned();
        let open: Vec<&Name> = self.folder.fifos.iter().filter(|(_, of)| *of == path).map(|(name, _)| name).collect();
        let again = open.iter().find_map(|name| Some(self.held.get(*name)?.number()));
        let opened = self.tap.open_fifo(&path, access, again);
        self.folder.fifos.push((name.clone(), path));
        Some(opened)
    }

    pub(super) fn no_fifo(&self, name: &Name) -> Outcome {
        Outcome::refused(words!(self.lang, "\"{name}\" is no FIFO", "“{name}”不是 FIFO"))
    }

    pub(super) fn recv(&mut self, file: &Name, count: u32, flags: MsgFlags) -> String {
        let mut buffer = vec![0; count as usize];
        let result = self.transfer(file, |lab, fd, _| lab.tap.recv_with(&fd, &mut buffer, flags));
        self.got(result.map(|n| {
            buffer.truncate(n);
            buffer
        }))
    }

    pub(super) fn post(&mut self, file: &Name, count: u64) -> String {
        let bytes = count.to_ne_bytes();
        let result = self.transfer(file, |lab, fd, _| lab.tap.write(&fd, &bytes));
        self.finish(result.map(|n| n as u64))
    }

    pub(super) fn touch(&mut self, path: &str) -> String {
        let touched = self.folder.path().and_then(|folder| {
            let path = folder.join(path);
            let is_new = !path.exists();
            let file = self.tap.open_file(&path)?;
            let written = if is_new { Ok(0) } else { self.tap.write(&file, b"x") };
            self.tap.close(file)?;
            written
        });
        self.finish(touched.map(|n| n as u64))
    }

    pub(super) fn remove(&mut self, path: &str) -> String {
        let removed = self.folder.path().and_then(|folder| self.tap.unlink(&folder, path));
        self.finish(removed.map(|()| 0))
    }
}
