//! The faults of the tutorial server, each one by itself on the real kernel, and the server without them.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use epollscope::probe::{Mode, ServerState};
use epollscope::record::{Call, CtlOp, FatalCall, Faults, Fd, Interest, Policy, Read, Ready, Trigger};
use epollscope::server::ServerError;
use epollscope::session::{ClientId, Payload, SessionError};
use epollscope::sys::Errno;
use nix::sys::signal::Signal;

use crate::support::rig::{A, B, LONG, Rig, edge, edge_drained};
use crate::support::serving::{self, Serving};

fn with(faults: Faults) -> Policy {
    Policy { faults, ..Policy::default() }
}

impl Rig {
    fn rest(&mut self) -> ServerState {
        self.session.settle(LONG).expect("at rest")
    }

    fn give(&mut self, id: ClientId, bytes: impl Into<Vec<u8>>) {
        self.session.clients_mut().send(id, Payload::Bytes(bytes.into())).expect("sent");
    }

    /// The server's calls; a client's fd may have the number of one of the server's.
    fn calls(&self) -> impl Iterator<Item = Call> {
        let records = self.records();
        let server = records[0].tid;
        records.into_iter().filter(move |record| record.tid == server).map(|record| record.call)
    }
}

#[test]
fn an_exact_match_misses_a_reset_and_spins() {
    let mut rig = Rig::new(with(Faults::EXACT_MATCH));
    let a = rig.connect();
    rig.send(a, 10);
    assert_eq!(rig.echoed(a), (10, 10), "EPOLLIN alone is handled");
    rig.session.clients_mut().reset(a).expect("reset");
    let mask = rig.world().epoll().expect("an epoll").item(A).map(|item| item.interest);
    assert_eq!(mask, Some(Interest::IN));
    for n in 0..20 {
        assert_eq!(rig.wait(), [(A, Ready::IN | Ready::ERR | Ready::HUP)], "wait {n}");
    }
    // One recv for the ten bytes, none for the reset.
    let recvs = rig.calls().filter(|call| matches!(call, Call::Recvfrom { .. })).count();
    assert_eq!((recvs, rig.world().open_connections()), (1, 1));
    rig.switch(Policy::default());
    rig.settle();
    assert_eq!(rig.world().open_connections(), 0, "a mask test handles it");
}

#[test]
fn in_edge_mode_an_exact_match_forgets_the_connection() {
    let mut rig = Rig::new(Policy { faults: Faults::EXACT_MATCH, ..edge() });
    let a = rig.connect();
    let waits = rig.waits();
    rig.session.clients_mut().reset(a).expect("reset");
    rig.settle();
    assert_eq!((rig.waits() - waits, rig.world().open_connections()), (1, 1), "told once, and never again");
}

#[test]
fn to_close_first_ends_the_server_with_the_first_client() {
    let mut rig = Rig::new(with(Faults::CLOSE_FIRST));
    let (a, b) = (rig.connect(), rig.connect());
    rig.send(a, 10);
    rig.news();
    rig.session.clients_mut().close(a).expect("closed");
    assert_eq!(rig.rest(), ServerState::Died);
    let news = rig.news();
    let calls: Vec<Call> = news.iter().map(|record| record.call).filter(Call::is_syscall).collect();
    let [.., Call::Close { fd: A, ret }, Call::EpollCtl { op: CtlOp::Del, fd: A, ret: deleted, .. }] = calls[..] else {
        panic!("{calls:?}")
    };
    assert!(ret.ok().is_some() && deleted.is(Errno::EBADF), "{calls:?}");
    let why = ServerError::Call { call: FatalCall::EpollCtl, fd: A, errno: Errno::EBADF };
    assert_eq!(rig.session.ended(), Some(&why));
    assert!(rig.session.clients().client(b).is_none(), "the others are gone with it");
    assert_eq!(rig.session.close(|_| ()), Err(SessionError::Server(why)));
}

#[test]
fn to_delete_first_again_saves_the_server() {
    let mut rig = Rig::new(with(Faults::CLOSE_FIRST));
    let a = rig.connect();
    rig.switch(Policy::default());
    rig.session.clients_mut().close(a).expect("closed");
    rig.settle();
    assert_eq!((rig.session.ended(), rig.world().open_connections()), (None, 0));
    rig.session.close(|_| ()).expect("step 7");
}

#[test]
fn text_loses_what_lies_across_two_chunks() {
    let text = format!("{}€{}", "a".repeat(1023), "z".repeat(175));
    assert_eq!(text.len(), 1201);
    let decoded = |chunk| String::from_utf8_lossy(chunk).replace(char::REPLACEMENT_CHARACTER, "").len();
    let comes_back: usize = text.as_bytes().chunks(1024).map(decoded).sum();
    assert!(comes_back < 1201);
    let mut rig = Rig::new(with(Faults::DECODE_TEXT));
    let a = rig.connect();
    rig.give(a, text.clone());
    rig.settle();
    assert_eq!(rig.echoed(a), (1201, comes_back as u64));
    rig.switch(Policy::default());
    rig.give(a, text);
    rig.settle();
    assert_eq!(rig.echoed(a), (2402, 1201 + comes_back as u64));
}

#[test]
fn bytes_that_are_no_text_are_taken_for_the_end() {
    for (faults, open) in [(Faults::DECODE_TEXT, 0), (Faults::empty(), 1)] {
        let mut rig = Rig::new(with(faults));
        let a = rig.connect();
        rig.give(a, [0xff, 0xfe, 0x80]);
        rig.settle();
        assert_eq!(rig.world().open_connections(), open, "{faults}");
    }
}

/// A server that hangs in recv for A, and its clients A and B.
#[track_caller]
fn hung_in_recv(policy: Policy) -> (Rig, ClientId, ClientId) {
    let mut rig = Rig::new(Policy { faults: Faults::BLOCKING, ..policy });
    let (a, b) = (rig.connect(), rig.connect());
    rig.give(a, [7; 100]);
    assert_eq!(hangs_in(rig.rest()), Some(("recvfrom", A)));
    assert_eq!(rig.echoed(a), (100, 100));
    (rig, a, b)
}

fn hangs_in(state: ServerState) -> Option<(&'static str, Fd)> {
    match state {
        ServerState::Hung(call) => Some((call.name(), call.fd()?)),
        _ => None,
    }
}

#[test]
fn a_drain_of_a_blocking_fd_hangs_in_recv() {
    for policy in [edge_drained(), Policy { trigger: Trigger::Level, ..edge_drained() }] {
        let (mut rig, a, b) = hung_in_recv(policy);
        rig.give(b, [8; 10]);
        assert_eq!(hangs_in(rig.rest()), Some(("recvfrom", A)));
        assert_eq!(rig.echoed(b), (10, 0), "nobody serves the other");
        rig.give(a, [9; 50]);
        assert_eq!(hangs_in(rig.rest()), Some(("recvfrom", A)), "what comes is served, and it hangs again");
        assert_eq!(rig.echoed(a), (150, 150));
        // The hung call is interrupted, and the fds are made non-blocking.
        rig.session.follow(policy);
        rig.settle();
        assert_eq!((rig.echoed(a), rig.echoed(b)), ((150, 150), (10, 10)));
        let interrupted = |call: &Call| matches!(call, Call::Recvfrom { fd: A, ret, .. } if ret.is(Errno::EINTR));
        assert_eq!(rig.calls().filter(interrupted).count(), 1);
        rig.session.close(|_| ()).expect("step 7");
    }
}

#[test]
fn a_hung_server_obeys_and_ends() {
    let (mut rig, a, _) = hung_in_recv(edge_drained());
    // Still blocking, but the order is obeyed; the next bytes hang it again.
    let blocking = Policy { read: Read::Drain, faults: Faults::BLOCKING, ..Policy::default() };
    rig.session.follow(blocking);
    rig.settle();
    assert_eq!(rig.world().policy(), Some(&blocking));
    rig.give(a, [7; 100]);
    assert_eq!(hangs_in(rig.rest()), Some(("recvfrom", A)));
    rig.session.close(|_| ()).expect("step 7");
    let closed = |fd| rig.calls().any(|call| matches!(call, Call::Close { fd: f, .. } if f == fd));
    assert!([A, B, Fd(3), Fd(4)].into_iter().all(closed), "every fd is closed, and every close is noted");
}

#[test]
fn a_server_that_hangs_with_a_client_from_outside_ends() {
    for held in [false, true] {
        let mut rig = Rig::new(Policy { faults: Faults::BLOCKING, ..edge_drained() });
        let mut outside = TcpStream::connect(rig.session.addr()).expect("connected");
        outside.write_all(b"hello").expect("sent");
        if held {
            assert_eq!(hangs_in(rig.rest()), Some(("recvfrom", A)));
        } else {
            // Wherever it is by now: to wait for the hang would be another test.
            rig.session.set(Mode::Free);
        }
        outside.read_exact(&mut [0; 5]).expect("the echo");
        rig.session.close(|_| ()).expect("step 7");
        assert_eq!(outside.read(&mut [0]).expect("the end"), 0);
    }
}

#[test]
fn a_peer_that_does_not_read_hangs_a_blocking_server_in_send() {
    const BYTES: usize = 20 << 20;
    let policy = Policy { read_size: 16 * 1024, faults: Faults::BLOCKING, ..Policy::default() };
    for recovers in ["it reads", "the fault is taken away"] {
        let mut rig = Rig::new(policy);
        let (lazy, b) = (rig.connect(), rig.connect());
        rig.session.clients_mut().set_reading(lazy, false).expect("a client");
        rig.session.clients_mut().send(lazy, Payload::Pattern(BYTES)).expect("sent");
        assert_eq!(hangs_in(rig.rest()), Some(("sendto", A)));
        rig.give(b, [8; 10]);
        assert_eq!(hangs_in(rig.rest()), Some(("sendto", A)));
        assert_eq!(rig.echoed(b), (10, 0), "nobody serves the other");
        if recovers == "it reads" {
            rig.session.clients_mut().set_reading(lazy, true).expect("a client");
        } else {
            rig.session.follow(Policy { faults: Faults::empty(), ..policy });
        }
        rig.settle();
        assert_eq!(rig.echoed(b), (10, 10), "{recovers}");
        rig.session.clients_mut().set_reading(lazy, true).expect("a client");
        rig.settle();
        assert_eq!(rig.echoed(lazy), (BYTES as u64, BYTES as u64), "{recovers}");
    }
}

#[test]
fn a_send_that_is_not_checked_loses_what_did_not_fit() {
    const BYTES: u64 = 20 << 20;
    for faults in [Faults::UNCHECKED_SEND, Faults::empty()] {
        let mut rig = Rig::new(Policy { read_size: 16 * 1024, ..with(faults) });
        let slow = rig.connect();
        rig.session.clients_mut().set_reading(slow, false).expect("a client");
        rig.session.clients_mut().send(slow, Payload::Pattern(20 << 20)).expect("sent");
        rig.settle();
        rig.session.clients_mut().set_reading(slow, true).expect("a client");
        rig.settle();
        let (sent, received) = rig.echoed(slow);
        assert_eq!(sent, BYTES, "{faults}");
        assert_eq!(received < BYTES, faults == Faults::UNCHECKED_SEND, "{faults}: {received} came back");
        // From here on it is right, or was all the time.
        rig.switch(Policy { faults: Faults::empty(), ..*rig.session.policy() });
        rig.send(slow, 5000);
        assert_eq!(rig.echoed(slow).1, received + 5000, "{faults}");
    }
}

#[test]
fn a_signal_ends_a_serve_that_hangs() {
    let policy = Policy { faults: Faults::BLOCKING, ..edge_drained() };
    for format in ["none", "text"] {
        let serving = Serving::quietly(format, &policy);
        let mut client = TcpStream::connect(serving.addr).expect("connected");
        client.set_read_timeout(Some(serving::LONG)).expect("a timeout");
        client.write_all(b"hello").expect("sent");
        client.read_exact(&mut [0; 5]).expect("the echo");
        let (status, said) = serving.stop(Signal::SIGINT);
        assert!(status.success(), "{format}: {status}, after {said:?}");
    }
}

#[test]
fn the_tutorial_server_dies_of_the_first_client_that_leaves() {
    for format in ["none", "text"] {
        let serving = Serving::quietly(format, &with(Faults::TUTORIAL));
        let mut client = TcpStream::connect(serving.addr).expect("connected");
        client.set_read_timeout(Some(serving::LONG)).expect("a timeout");
        client.write_all("你好".as_bytes()).expect("sent");
        let mut back = [0; 6];
        client.read_exact(&mut back).expect("the echo");
        assert_eq!(back, "你好".as_bytes());
        drop(client);
        let (status, said) = serving.ends();
        assert_eq!(status.code(), Some(3), "{format}: {said:?}");
        assert!(said.contains("epoll_ctl on fd ") && said.contains("EBADF"), "{format}: {said:?}");
    }
}
