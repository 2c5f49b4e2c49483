//! Spins of any program: waits that report something of which nothing comes.
//!
//! They are counted for each epoll, over all threads: a program may wait in one thread and read in others. What a program
//! does besides, such as writing a line to its terminal at each turn, is nothing that comes of a report.

use super::fact::Fact;
use super::found::Found;
use crate::record::{Call, CtlOp, Fd, Foreign, Interest, MsgFlags, Ready, Record, SPIN};
use crate::sys::Errno;
use crate::trace::World;
use crate::trace::world::FileId;

/// The most epolls that are looked at; a program with more has its oldest forgotten.
const EPOLLS: usize = 64;

#[derive(Clone, Debug, Default)]
pub(super) struct Spins(Vec<Spin>);

#[derive(Clone, Debug)]
struct Spin {
    epoll: FileId,
    /// How many waits in a row brought reports of which nothing came.
    waits: u32,
    /// Events of the last return that are to come.
    to_come: u32,
    /// The one among its events that says most.
    reported: Option<(Fd, Ready)>,
    /// All that was reported since is that there is room to send.
    only_room: bool,
    /// An accept found no free fd since, which is a finding of its own.
    no_fd: bool,
}

impl Spins {
    pub(super) fn is_any(&self) -> bool {
        self.0.iter().any(|spin| spin.waits >= SPIN)
    }

    /// Takes in the next record, whose call is in its plain form.
    pub(super) fn look(&mut self, record: &Record, world: &World, findings: &mut Found) {
        match record.call {
            Call::EpollWait { epfd, ret } => {
                let Some(spin) = world.file_of(record.tid, epfd).map(|(id, _)| self.of(id)) else { return };
                let events = ret.ok().unwrap_or(0);
                if events == 0 {
                    (spin.waits, spin.only_room) = (0, true);
                } else {
                    spin.waits = spin.waits.saturating_add(1);
                }
                (spin.to_come, spin.reported) = (events, None);
            }
            Call::Event { epfd, fd, ready } => {
                let Some(spin) = world.file_of(record.tid, epfd).map(|(id, _)| self.of(id)) else { return };
                spin.reports(fd, ready);
                if spin.waits >= SPIN && spin.to_come == 0 && !spin.no_fd {
                    spin.is_found(record, epfd, world, findings);
                }
            }
            Call::Accept4 { ret, .. } if ret.is(Errno::EMFILE) || ret.is(Errno::ENFILE) => {
                self.0.iter_mut().for_each(|spin| spin.no_fd = true);
            }
            _ if is_progress(record, world) => {
                for spin in &mut self.0 {
                    (spin.waits, spin.only_room, spin.no_fd) = (0, true, false);
                }
            }
            _ => {}
        }
    }

    fn of(&mut self, epoll: FileId) -> &mut Spin {
        let at = self.0.iter().position(|spin| spin.epoll == epoll).unwrap_or_else(|| {
            if self.0.len() == EPOLLS {
                self.0.remove(0);
            }
            self.0.push(Spin { epoll, waits: 0, to_come: 0, reported: None, only_room: true, no_fd: false });
            self.0.len() - 1
        });
        &mut self.0[at]
    }
}

impl Spin {
    fn reports(&mut self, fd: Fd, ready: Ready) {
        self.to_come = self.to_come.saturating_sub(1);
        self.only_room &= ready == Ready::OUT;
        let trouble = Ready::HUP | Ready::ERR;
        if self.reported.is_none_or(|(_, before)| !before.intersects(trouble) && ready.intersects(trouble)) {
            self.reported = Some((fd, ready));
        }
    }

    fn is_found(&self, record: &Record, epfd: Fd, world: &World, findings: &mut Found) {
        let Some((fd, ready)) = self.reported else { return };
        let file = world.file_of(record.tid, fd).map(|(id, _)| id);
        let waits = world.epoll_at(record.tid, epfd).map_or(0, |epoll| epoll.wait_count);
        let fact = if self.only_room { Fact::OutArmed } else { Fact::Ignored { ready } };
        findings.found(fact, Some(fd), file, world, waits);
    }
}

/// Whether something has come of a report: bytes or a connection, or a change of what is watched. A read of the end of a
/// stream alone is none: it has to be closed, or it is reported again.
fn is_progress(record: &Record, world: &World) -> bool {
    let is_of_use = |fd| {
        let file = world.file_of(record.tid, fd).map(|(_, file)| file);
        file.is_some_and(|file| file.is_watched() || file.stream().is_some())
    };
    match record.call {
        Call::Recvfrom { fd, flags, ret, .. } => {
            ret.ok().is_some_and(|bytes| bytes > 0) && !flags.contains(MsgFlags::PEEK) && is_of_use(fd)
        }
        Call::Read { fd, ret, .. } | Call::Sendto { fd, ret, .. } | Call::Write { fd, ret, .. } => {
            ret.ok().is_some_and(|bytes| bytes > 0) && is_of_use(fd)
        }
        Call::Foreign(Foreign::Splice { ret, .. }) => ret.ok().is_some_and(|bytes| bytes > 0),
        // To arm a one-shot again is what each report asks for.
        Call::EpollCtl { op: CtlOp::Mod, interest, .. } if interest.contains(Interest::ONESHOT) => false,
        Call::Accept4 { ret, .. }
        | Call::EpollCtl { ret, .. }
        | Call::Close { ret, .. }
        | Call::Shutdown { ret, .. }
        | Call::Connect { ret, .. }
        | Call::Fork { ret } => ret.ok().is_some(),
        _ => false,
    }
}
