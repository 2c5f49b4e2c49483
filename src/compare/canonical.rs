//! What must differ from run to run is given by order, so that the same scene makes the same records: threads, ports, the
//! clients' fds, and times. What a call came to is never touched.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap};
use std::net::SocketAddr;

use crate::record::{Addr, Annotation, Call, Fd, Nanos, Record, Ret, Tid};

/// The thread of the server, and that of the clients.
pub(super) const SERVER: Tid = Tid(1);
const CLIENTS: Tid = Tid(2);
/// The server's port: the notes'. The clients have 1, 2, … in the order of connecting.
const PORT: u16 = 9292;
/// The first fd that a program gets.
const FIRST: i32 = 3;
/// In a time a second stands for a step of the scene and a microsecond for a call.
const STEP: u64 = 1_000_000_000;
const CALL: u64 = 1_000;

/// Puts the records of one twin into that form.
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

    /// A step begins: the how manieth, from 1.
    pub(super) fn step(&mut self, number: usize) {
        self.time = self.time.max(Nanos(number as u64 * STEP));
    }

    pub(super) fn record(&mut self, record: &Record) -> Record {
        let mut call = record.call;
        let own = record.tid == self.clients;
        if own {
            self.name_fd(&mut call);
        }
        if let (true, Call::Getsockname { addr, .. }) = (own, &call) {
            // A port may be used again when its first user has left.
            self.last_port = self.last_port.wrapping_add(1).max(1);
            self.ports.insert(addr.port(), self.last_port);
        }
        match &mut call {
            Call::Bind { addr, .. } | Call::Getsockname { addr, .. } | Call::Connect { addr, .. } => {
                self.name_port(addr);
            }
            Call::Accept4 { peer, .. } => self.name_port(peer),
            Call::Annotation(Annotation::Rest { server, .. }) => *server = SERVER,
            _ => {}
        }
        if call.is_syscall() {
            self.time.0 += CALL;
        }
        Record { t: self.time, tid: if own { CLIENTS } else { SERVER }, call, ..*record }
    }

    fn name_port(&self, addr: &mut Addr) {
        let known = addr.socket_addr().and_then(|real| Some((real, *self.ports.get(&real.port())?)));
        if let Some((mut real, port)) = known {
            real.set_port(port);
            *addr = real.into();
        }
    }

    /// The number that the clients' fd would have in a program of their own: the lowest that is free. open(2)
    fn name_fd(&mut self, call: &mut Call) {
        match call {
            Call::Socket { ret } => {
                if let Some(fd) = ret.fd() {
                    let number = self.free.pop().map_or_else(
                        || {
                            self.next += 1;
                            self.next - 1
                        },
                        |Reverse(free)| free,
                    );
                    self.fds.insert(fd, Fd(number));
                    *ret = Ret::from_raw(number);
                }
            }
            Call::Setsockopt { fd, .. }
            | Call::Bind { fd, .. }
            | Call::Getsockname { fd, .. }
            | Call::Connect { fd, .. }
            | Call::Sendto { fd, .. }
            | Call::Recvfrom { fd, .. }
            | Call::Data { fd, .. }
            | Call::Shutdown { fd, .. }
            | Call::Annotation(Annotation::Reading { fd, .. } | Annotation::FinAcked { fd }) => {
                *fd = self.fds.get(fd).copied().unwrap_or(*fd);
            }
            Call::Close { fd, .. } => {
                if let Some(number) = self.fds.remove(fd) {
                    self.free.push(Reverse(number.0));
                    *fd = number;
                }
            }
            _ => {}
        }
    }
}

/// The kernel prints an interest list in the order of the files' addresses: here it is that of the fds.
pub(super) fn sort_fdinfo(records: &mut [Record]) {
    let fdinfo = |record: &Record| match record.call {
        Call::Fdinfo { fd, .. } => Some(fd),
        _ => None,
    };
    for run in records.chunk_by_mut(|a, b| fdinfo(a).is_some() && fdinfo(b).is_some()) {
        run.sort_by_key(fdinfo);
    }
}
