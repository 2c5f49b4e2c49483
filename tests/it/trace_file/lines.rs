//! What stands in the lines of a trace file, to the letter.

use epollscope::record::{Addr, Call, Chunk, CtlOp, Dir, Fd, Interest, MsgFlags, Ready, Ret, Timeout};
use epollscope::trace::{Header, Writer};
use nix::libc;

use super::{reader, record};

/// The first line of a recording with this header.
fn first_line(header: &Header) -> String {
    let writer = Writer::new(Vec::new(), header).expect("a vector takes all");
    let file = String::from_utf8(writer.finish().expect("a vector takes all")).expect("text");
    file.trim_end_matches('\n').to_owned()
}

#[test]
fn the_first_line_is_as_documented() {
    let parse = |line: &str| reader(line.as_bytes()).expect("a header").header().clone();
    let mut header =
        Header { kernel: "6.18".into(), started: Some("now".into()), source: "a \"b\"".into(), sampled_after_wait: 16 };
    let line = first_line(&header);
    assert_eq!(
        line,
        r#"{"format":"epollscope-trace","version":1,"kernel":"6.18","started":"now","source":"a \"b\"","sampled_after_wait":16}"#
    );
    assert_eq!(parse(&line), header);
    header.started = None;
    let line = first_line(&header);
    assert_eq!(
        line,
        r#"{"format":"epollscope-trace","version":1,"kernel":"6.18","source":"a \"b\"","sampled_after_wait":16}"#
    );
    let older = line.replace(r#","sampled_after_wait":16"#, "");
    assert_eq!(parse(&older), header);
    header.sampled_after_wait = 5;
    assert_eq!(parse(&first_line(&header)), header);
}

#[test]
fn the_lines_are_as_documented() {
    let (epfd, fd) = (Fd(4), Fd(5));
    let recv = |ret| Call::Recvfrom { fd, len: 1024, flags: MsgFlags::empty(), ret };
    let records = [
        record(1, Call::EpollCtl { epfd, op: CtlOp::Add, fd, interest: Interest::IN | Interest::ET, ret: Ret::OK }),
        record(2, Call::EpollWaitEnter { epfd, max_events: 64, timeout: Timeout::NONE }),
        record(3, Call::EpollWait { epfd, ret: Ret::value(1) }),
        record(4, Call::Event { epfd, fd, ready: Ready::from_bits_retain(0x801) }),
        record(5, recv(Ret::value(5))),
        record(6, Call::Data { fd, dir: Dir::In, chunk: Chunk::new(b"\"\\\n\x1b\xff") }),
        record(7, recv(Ret::from_raw(-libc::EAGAIN))),
        record(8, Call::Accept4 { fd: Fd(3), peer: Addr::NONE, ret: Ret::from_raw(-4000) }),
        record(9, Call::Lost { count: 2 }),
    ];
    let expected = r#"
{"seq":1,"t_ns":10,"tid":7,"call":"epoll_ctl","epfd":4,"op":"EPOLL_CTL_ADD","fd":5,"events":["EPOLLIN","EPOLLET"],"ret":0}
{"seq":2,"t_ns":20,"tid":7,"call":"epoll_wait","phase":"enter","epfd":4,"maxevents":64,"timeout":-1}
{"seq":3,"t_ns":30,"tid":7,"call":"epoll_wait","epfd":4,"ret":1,"events":[{"fd":5,"events":["EPOLLIN","0x800"]}]}
{"seq":5,"t_ns":50,"tid":7,"call":"recvfrom","fd":5,"len":1024,"ret":5,"data":"\\\"\\\\\\n\\x1b\\xff"}
{"seq":7,"t_ns":70,"tid":7,"call":"recvfrom","fd":5,"len":1024,"errno":"EAGAIN"}
{"seq":8,"t_ns":80,"tid":7,"call":"accept4","fd":3,"addr":null,"errno":4000}
{"seq":9,"t_ns":90,"tid":7,"call":"lost","count":2}
"#;
    let mut writer = Writer::new(Vec::new(), &Header::now("test")).expect("a vector takes all");
    for record in &records {
        writer.write(record).expect("a vector takes all");
    }
    let file = String::from_utf8(writer.finish().expect("a vector takes all")).expect("text");
    assert_eq!(file.split_once('\n').expect("a header").1, expected.trim_start());
}

#[test]
fn a_flush_does_not_break_an_event_list() {
    let mut file = Vec::new();
    let mut writer = Writer::new(&mut file, &Header::now("test")).expect("a vector takes all");
    let event = |fd| Call::Event { epfd: Fd(4), fd: Fd(fd), ready: Ready::IN };
    for (seq, call) in [(1, Call::EpollWait { epfd: Fd(4), ret: Ret::value(2) }), (2, event(5)), (3, event(6))] {
        writer.write(&record(seq, call)).expect("a vector takes all");
        writer.flush().expect("a vector takes all");
    }
    let line = "{\"seq\":1,\"t_ns\":10,\"tid\":7,\"call\":\"epoll_wait\",\"epfd\":4,\"ret\":2,";
    drop(writer);
    let written = String::from_utf8(file).expect("text");
    assert!(written.contains(line), "it is complete, so it needs no finish: {written}");
    assert!(written.ends_with("{\"fd\":6,\"events\":[\"EPOLLIN\"]}]}\n"), "{written}");
}
