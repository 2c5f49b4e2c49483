//! A listen queue that is full: what the kernel drops is counted, shown and said.

use std::net::{SocketAddr, TcpListener};
use std::os::fd::{AsFd as _, OwnedFd};

use epollscope::record::{Call, Fd, Nanos, Policy, Record, Ret, Seq, Tid};
use epollscope::sys;
use epollscope::trace::World;
use nix::sys::signal::Signal;

use crate::support::loopback::{loopback, whole_loopback};
use crate::support::serving::Serving;

/// So many clients that do not wait for an answer.
fn clients(addr: SocketAddr, n: usize) -> Vec<OwnedFd> {
    let client = |_| {
        let client = sys::stream_socket(addr).expect("a socket");
        // EINPROGRESS.
        let _ = sys::connect(client.as_fd(), addr.into());
        client
    };
    (0..n).map(client).collect()
}

#[test]
fn a_listener_counts_what_it_drops() {
    let _loopback = loopback();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    // Again, with a shorter queue.
    sys::listen(listener.as_fd(), 1).expect("it listens");
    let addr = listener.local_addr().expect("its address");
    let dropped = || sys::drops(listener.as_fd()).expect("a socket");
    assert_eq!(dropped(), 0);
    // One more than was asked for is let in.
    let _two = clients(addr, 2);
    assert_eq!(dropped(), 0);
    let _more = clients(addr, 3);
    assert!(dropped() >= 3, "{}", dropped());
}

#[test]
fn a_world_counts_what_is_dropped_once() {
    let mut world = World::default();
    let listener = Fd(3);
    for (seq, call) in (1..).zip([
        Call::Listen { fd: listener, backlog: 4096, ret: Ret::OK },
        Call::Drops { fd: listener, count: 3 },
        Call::Drops { fd: listener, count: 5 },
        Call::Close { fd: listener, ret: Ret::OK },
    ]) {
        world.apply(&Record { seq: Seq(seq), t: Nanos(seq), tid: Tid(1), call });
    }
    assert_eq!(world.counters().dropped, 5);
}

#[test]
fn serve_says_what_its_listener_dropped() {
    let _loopback = whole_loopback();
    sys::raise_nofile_limit().expect("a limit");
    let serve = Serving::quietly("text", &Policy::default());
    // It accepts nothing while it is stopped, and its queue has room for 4,096, or for less.
    serve.signal(Signal::SIGSTOP);
    let clients = clients(serve.addr, 4_200);
    serve.signal(Signal::SIGCONT);
    let mut last = std::net::TcpStream::connect(serve.addr).expect("a connection");
    std::io::Write::write_all(&mut last, b"x").expect("sent");
    std::io::Read::read_exact(&mut last, &mut [0]).expect("the echo");
    drop(clients);
    let said = serve.stop_well();
    assert!(said.contains("; the kernel dropped "), "{said}");
    assert!(said.contains("arrivals: the listen queue was full"), "{said}");
}
