//! Everything that must differ from run to run is numbered in order, so that the same scene always makes the same
//! records: threads, ports, the clients' fds, and times. The results of calls are never touched.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap};
use std::net::SocketAddr;

use crate::record::{Addr, Annotation, Call, Each, Fd, Nanos, Record, Row as _, Tid};

pub(super) const SERVER: Tid = Tid(1);
const CLIENTS: Tid = Tid(2);
/// The server's port, that of the tutorial server. The clients have 1, 2, … in the order of connecting.
const PORT: u16 = 9292;
/// The first fd that a program gets.
const FIRST: i32 = 3;
/// In a time, a second stands for a step of the scene and a microsecond for a call.
const STEP: u64 = 1_000_000_000;
const CALL: u64 = 1_000;

/// Puts the records of one variant into that form.
pub(super) struct Canonical {
    clients: Tid,
    ports: HashMap<u16, u16>,
    last_port: u16,
    /// The clients' fds by their real numbers, and the numbers below the highest that are free again.
    fds: BTreeMap<Fd, Fd>,
    free: BinaryHeap<Reverse<i32>>,
    next: i32,
    time: Nanos,
}

impl Canonical {
    /// For a server that listens on `server`, with clients on the calling thread.
    pub(super) fn new(server: SocketAddr, clients: Tid) -> Self {
        Self {
            clients,
            ports: HashMap::from([(server.port(), PORT), (0, 0)]),
            last_port: 0,
            fds: BTreeMap::new(),
            free: BinaryHeap::new(),
            next: FIRST,
            time: Nanos(0),
        }
    }

    /// A step begins, numbered from 1.
    pub(super) fn step(&mut self, number: usize) {
        self.time = self.time.max(Nanos(number as u64 * STEP));
    }

    pub(super) fn record(&mut self, record: &Record) -> Record {
        let mut call = record.call;
        let own = record.tid == self.clients;
        if let (true, Call::Getsockname { addr, .. }) = (own, &call) {
            // A port may be used again after its first user has left.
            self.last_port = self.last_port.wrapping_add(1).max(1);
            self.ports.insert(addr.port(), self.last_port);
        }
        match &mut call {
            // Clients say it of the server's thread and its epoll.
            Call::Annotation(Annotation::Rest { server, .. }) => *server = SERVER,
            call => call.visit(&mut Naming { canonical: self, own }),
        }
        if let (true, Call::Close { fd, .. }) = (own, record.call)
            && let Some(number) = self.fds.remove(&fd)
        {
            self.free.push(Reverse(number.0));
        }
        if call.is_syscall() {
            self.time.0 += CALL;
        }
        Record { t: self.time, tid: if own { CLIENTS } else { SERVER }, call, ..*record }
    }
}

/// Gives ports their names, and where it is the clients' `own` call, their fds.
struct Naming<'a> {
    canonical: &'a mut Canonical,
    own: bool,
}

impl Each for Naming<'_> {
    fn addr(&mut self, addr: &mut Addr) {
        let ports = &self.canonical.ports;
        let known = addr.socket_addr().and_then(|real| Some((real, *ports.get(&real.port())?)));
        if let Some((mut real, port)) = known {
            real.set_port(port);
            *addr = real.into();
        }
    }

    fn fd(&mut self, fd: &mut Fd) {
        if self.own {
            *fd = self.canonical.fds.get(fd).copied().unwrap_or(*fd);
        }
    }

    /// The number that the client's fd would have in a program of its own: the lowest free one. open(2)
    fn new_fd(&mut self, fd: &mut Fd) {
        if !self.own {
            return;
        }
        let Canonical { fds, free, next, .. } = &mut *self.canonical;
        let number = free.pop().map_or_else(
            || {
                *next += 1;
                *next - 1
            },
            |Reverse(free)| free,
        );
        fds.insert(*fd, Fd(number));
        *fd = Fd(number);
    }
}

/// The kernel prints an interest list in the order of the files' addresses; here it is sorted by fd.
pub(super) fn sort_fdinfo(records: &mut [Record]) {
    let fdinfo = |record: &Record| match record.call {
        Call::Fdinfo { fd, .. } => Some(fd),
        _ => None,
    };
    for run in records.chunk_by_mut(|a, b| fdinfo(a).is_some() && fdinfo(b).is_some()) {
        run.sort_by_key(fdinfo);
    }
}
