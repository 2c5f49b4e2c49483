//! Records as lines of text.

use epollscope::record::{
    Call, Chunk, CtlOp, Dir, Fd, Interest, MsgFlags, Nanos, Ready, Record, Ret, Seq, Tid, Timeout,
};
use epollscope::sys::Errno;
use epollscope::trace::text::TextWriter;

fn records(calls: &[(u64, Call)]) -> Vec<Record> {
    let record = |(n, &(t, call)): (u64, &(u64, Call))| Record { seq: Seq(n + 1), t: Nanos(t), tid: Tid(7), call };
    (0..).zip(calls).map(record).collect()
}

fn text(calls: &[(u64, Call)]) -> String {
    let mut writer = TextWriter::new(Vec::new());
    for record in records(calls) {
        writer.write(&record).expect("a vector takes all");
    }
    String::from_utf8(writer.finish().expect("a vector takes all")).expect("text")
}

#[test]
fn it_reads_like_strace() {
    let (epfd, fd) = (Fd(4), Fd(5));
    let ready = Ready::IN | Ready::RDHUP;
    let data = |bytes: &[u8]| Call::Data { fd, dir: Dir::In, chunk: Chunk::new(bytes) };
    let recv = |ret| Call::Recvfrom { fd, len: 1024, flags: MsgFlags::empty(), ret };
    let text = text(&[
        (123_999, Call::EpollCreate1 { ret: Ret::value(4) }),
        (161_000, Call::EpollCtl { epfd, op: CtlOp::Add, fd, interest: Interest::IN | Interest::ET, ret: Ret::OK }),
        (170_000, Call::EpollWaitEnter { epfd, max_events: 64, timeout: Timeout::NONE }),
        (170_001, Call::Sample { fd, unread: 1, unsent: 0, ready }),
        (1_203_381_000, Call::EpollWait { epfd, ret: Ret::value(1) }),
        (1_203_381_000, Call::Event { epfd, fd, ready }),
        (1_203_402_000, recv(Ret::value(4))),
        (1_203_402_000, data(b"ab\x1b\n")),
        (1_203_420_000, recv(Ret::error(Errno::EAGAIN))),
        (1_203_421_000, recv(Ret::value(60))),
        (1_203_421_000, data(&[b'a'; 24])),
        (1_203_421_000, data(&[b'b'; 24])),
        (
            12_345_000_000_000,
            Call::Accept4 { fd, peer: "[::1]:80".parse::<std::net::SocketAddr>().unwrap().into(), ret: Ret::value(6) },
        ),
        (12_345_000_000_000, Call::Lost { count: 12 }),
    ]);
    let expected = r#"
   0.000123  epoll_create1(EPOLL_CLOEXEC)                       = 4
   0.000161  epoll_ctl(4, EPOLL_CTL_ADD, 5, EPOLLIN|EPOLLET)    = 0
   0.000170  epoll_wait(4, max 64, timeout -1) …
   1.203381  epoll_wait(4)                                      = 1  [5 EPOLLIN|EPOLLRDHUP]
   1.203402  recvfrom(5, "ab\x1b\n", 1024)                      = 4
   1.203420  recvfrom(5, 1024)                                  = -1 EAGAIN (Resource temporarily unavailable)
   1.203421  recvfrom(5, "aaaaaaaaaaaaaaaaaaaaaaaabbbbbbbb"…, 1024) = 60
12345.000000  accept4(5)                                         = 6  [[::1]:80]
12345.000000  --- 12 records are missing here
"#;
    assert_eq!(text, expected.trim_start_matches('\n'));
}
