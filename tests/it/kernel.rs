//! What the kernel answers when it is asked: interest lists, errors, the end of a stream, bytes in flight.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::os::fd::AsFd as _;

use epollscope::record::{Call, CtlOp, Fd, Interest, Timeout};
use epollscope::sys::{
    Epoll, Errno, Events, describe, describe_raw, fdinfo, fin_in_flight, number, sample, send_queue, wait_for_fin_ack,
    would_report,
};

#[test]
fn fdinfo_lists_what_was_registered() {
    let epoll = Epoll::create().expect("epoll");
    let inner = Epoll::create().expect("epoll");
    epoll.ctl(CtlOp::Add, inner.as_fd(), Interest::IN | Interest::ET, 7).expect("add");
    let asked = Interest::IN | Interest::ET | Interest::ERR | Interest::HUP;
    let entry = Call::Fdinfo { epfd: number(&epoll), fd: number(&inner), interest: asked };
    assert_eq!(fdinfo(number(&epoll), 9), Ok(vec![entry]));
    assert_eq!(would_report(number(&epoll)), Ok(false));
}

#[test]
fn a_number_that_no_file_has_cannot_be_sampled() {
    assert!(sample(Fd(123_456)).is_err());
}

#[test]
fn errors_are_described_as_strerror_has_it() {
    assert_eq!(describe(Errno::EBADF), "Bad file descriptor");
    assert_eq!(describe(Errno::EAGAIN), "Resource temporarily unavailable");
    assert_eq!(describe(Errno::UnknownErrno), "unknown error");
    assert_eq!(describe_raw(9999), "Unknown error 9999");
}

/// What lies between is up to the kernel, which mostly puts the acknowledgement off.
#[test]
fn an_edge_comes_with_the_acknowledgement_of_a_fin() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a listener");
    let mut events = Events::with_room(1);
    let put_off = (0..1_000).any(|_| {
        let client = TcpStream::connect(listener.local_addr().expect("its address")).expect("a client");
        let _server = listener.accept().expect("its other end");
        let epoll = Epoll::create().expect("an epoll");
        epoll.ctl(CtlOp::Add, client.as_fd(), Interest::OUT | Interest::ET, 0).expect("registered");
        let mut reports = || epoll.wait(&mut events, Timeout(0)).expect("a wait");
        assert_eq!((reports(), reports()), (1, 0));
        client.shutdown(Shutdown::Write).expect("its end");
        assert_eq!(reports(), 1, "shutdown itself");
        let in_flight = fin_in_flight(client.as_fd()).expect("a state");
        if in_flight {
            assert_eq!(wait_for_fin_ack(client.as_fd()), Ok(true));
            assert_eq!((reports(), reports()), (1, 0), "the acknowledgement");
        }
        in_flight
    });
    assert!(put_off, "a thousand FINs were acknowledged at once");
}

#[test]
fn what_a_shut_window_keeps_back_is_not_in_flight() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a listener");
    let mut client = TcpStream::connect(listener.local_addr().expect("its address")).expect("a client");
    let (mut server, peer) = listener.accept().expect("its other end");
    let local = server.local_addr().expect("its address");
    let in_flight = || send_queue(local, peer).expect("a diagnosis").in_flight;
    assert_eq!(in_flight(), 0);
    server.set_nonblocking(true).expect("non-blocking");
    let mut sent = 0;
    while let Ok(n) = server.write(&[7; 16 * 1024]) {
        sent += n;
    }
    while in_flight() > 0 {
        std::thread::yield_now();
    }
    let mut received = vec![0; sent];
    client.read_exact(&mut received).expect("the rest flows as soon as there is room");
    drop((server, client));
}

#[test]
fn there_is_no_diagnosis_of_what_is_not_connected() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a listener");
    let addr = listener.local_addr().expect("its address");
    assert_eq!(send_queue(addr, (Ipv4Addr::LOCALHOST, 1).into()), Err(Errno::ENOENT));
}
