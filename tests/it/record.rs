//! Values of records: how they are written, and what they hold.

use std::net::SocketAddr;

use epollscope::probe::Breakpoint;
use epollscope::record::{
    Addr, Call, Choice as _, Chunk, Faults, Fd, Interest, MsgFlags, Ready, Record, Ret, Timeout, errno_by_name,
    errno_name,
};
use epollscope::sys::Errno;
use nix::libc;

#[test]
fn both_families_survive() {
    for text in ["127.0.0.1:9292", "[::1]:80"] {
        let addr: SocketAddr = text.parse().expect("an address");
        assert_eq!(Addr::from(addr).socket_addr(), Some(addr));
        assert_eq!(Addr::from(addr).to_string(), text);
    }
    assert_eq!(Addr::NONE.to_string(), "?");
}

#[test]
fn a_name_commands_no_terminal() {
    let shown = |name: &str| Chunk::of_text(name).to_string();
    assert_eq!([shown("ep_1"), shown("监听")], ["ep_1", "监听"]);
    assert_eq!(shown("a\x1b[2J"), "a\\u{1b}[2J");
    assert_eq!(shown("a\u{202e}b"), "a\\u{202e}b");
}

#[test]
fn a_chunk_keeps_what_fits() {
    assert_eq!(Chunk::new(b"abc").bytes(), b"abc");
    assert_eq!(Chunk::new(&[7; 100]).bytes(), &[7; Chunk::MAX]);
    assert_eq!(format!("{:?}", Chunk::new(b"a\x1b[2J")), r#""a\x1b[2J""#);
    assert_eq!(Chunk::of_text(&"监".repeat(9)).bytes(), "监".repeat(8).as_bytes());
    assert_eq!(Chunk::of_text("x监监监监监监监监").bytes(), "x监监监监监监监".as_bytes(), "no half character");
}

#[test]
fn each_has_a_name_and_the_tutorial_has_all() {
    let all = Faults::CHOICES.iter().map(|(fault, ..)| *fault);
    assert_eq!(all.filter(|fault| fault.bits().is_power_of_two()).collect::<Faults>(), Faults::TUTORIAL);
    assert_eq!(Faults::TUTORIAL.to_string(), "exact-match, close-first, decode-text, blocking, unchecked-send");
}

#[test]
fn in_json_they_are_a_list_of_names() {
    let two = Faults::CLOSE_FIRST | Faults::BLOCKING;
    let json = serde_json::to_string(&two).expect("json");
    assert_eq!(json, r#"["close-first","blocking"]"#);
    assert_eq!(serde_json::from_str::<Faults>(&json).expect("read"), two);
    let error = serde_json::from_str::<Faults>(r#"["dup"]"#).expect_err("no such fault");
    assert!(error.to_string().starts_with("unknown fault `dup`"), "{error}");
}

#[test]
fn the_bits_are_the_kernels() {
    let libc_bits = [
        (Interest::IN, libc::EPOLLIN),
        (Interest::PRI, libc::EPOLLPRI),
        (Interest::OUT, libc::EPOLLOUT),
        (Interest::ERR, libc::EPOLLERR),
        (Interest::HUP, libc::EPOLLHUP),
        (Interest::RDHUP, libc::EPOLLRDHUP),
        (Interest::EXCLUSIVE, libc::EPOLLEXCLUSIVE),
        (Interest::WAKEUP, libc::EPOLLWAKEUP),
        (Interest::ONESHOT, libc::EPOLLONESHOT),
        (Interest::ET, libc::EPOLLET),
    ];
    for (ours, theirs) in libc_bits {
        assert_eq!(ours.bits(), theirs.cast_unsigned());
    }
    assert_eq!(MsgFlags::OOB.bits(), libc::MSG_OOB.cast_unsigned());
}

#[test]
fn masks_are_shown_by_name() {
    assert_eq!((Interest::IN | Interest::ET).to_string(), "IN ET");
    assert_eq!(format!("{:#}", Interest::IN | Interest::ET), "EPOLLIN|EPOLLET");
    assert_eq!(Ready::from_bits_retain(0x801).to_string(), "IN 0x800");
    assert_eq!(Ready::empty().to_string(), "0");
}

/// The mask that a list of this one entry stands for in a trace file.
fn read<T: serde::de::DeserializeOwned>(entry: &str) -> Option<T> {
    serde_json::from_value(serde_json::json!([entry])).ok()
}

#[test]
fn mask_entries_are_names_or_bits() {
    assert_eq!(read::<Interest>("EPOLLET").map(|mask| mask.bits()), Some(1 << 31));
    assert_eq!(read::<Ready>("EPOLLET"), None);
    assert_eq!(read::<Ready>("0x40").map(|mask| mask.bits()), Some(0x40));
    for wrong in ["IN", "EPOLL", "0x", "0xfffffffff", "64", ""] {
        assert_eq!(read::<Ready>(wrong), None, "{wrong:?}");
    }
}

#[test]
fn names_go_both_ways() {
    assert_eq!(errno_by_name("EAGAIN"), Some(libc::EAGAIN));
    assert_eq!(errno_by_name("EHWPOISON"), Some(133));
    assert_eq!(errno_by_name("ENONSENSE"), None);
    assert_eq!(errno_name(9999), "9999");
}

#[test]
fn a_result_is_a_value_or_an_error() {
    assert_eq!(Ret::value(7).ok(), Some(7));
    assert_eq!(Ret::error(Errno::EAGAIN).ok(), None);
    assert!(Ret::error(Errno::EAGAIN).is(Errno::EAGAIN));
    assert_eq!(Ret::from_raw(i32::MIN).raw(), -4095);
    assert_eq!(Ret::value(7).result(), Ok(7));
    assert_eq!(Ret::error(Errno::EAGAIN).result(), Err(Errno::EAGAIN));
}

#[test]
fn a_record_stays_small() {
    assert!(size_of::<Record>() <= 56, "{} bytes", size_of::<Record>());
}

#[test]
fn each_is_hit_by_what_it_is_about_and_by_nothing_else() {
    let epfd = Fd(4);
    let recv = |ret| Call::Recvfrom { fd: Fd(5), len: 9, flags: MsgFlags::empty(), ret };
    let calls = [
        Call::EpollWaitEnter { epfd, max_events: 64, timeout: Timeout::NONE },
        Call::EpollWait { epfd, ret: Ret::OK },
        Call::EpollWait { epfd, ret: Ret::value(1) },
        Call::Event { epfd, fd: Fd(5), ready: Ready::IN },
        recv(Ret::OK),
        recv(Ret::error(Errno::EAGAIN)),
    ];
    let hits = |breakpoint: Breakpoint| calls.map(|call| breakpoint.is_hit_by(&call));
    assert_eq!(hits(Breakpoint::Reported(Fd(5))), [false, false, false, true, false, false]);
    assert_eq!(hits(Breakpoint::Reported(Fd(4))), [false; 6]);
    assert_eq!(hits(Breakpoint::Fails(libc::EAGAIN)), [false, false, false, false, false, true]);
    assert_eq!(hits(Breakpoint::Empty), [false, true, false, false, false, false]);
    assert_eq!(hits(Breakpoint::Made("recvfrom")), [false, false, false, false, true, true]);
    assert_eq!(hits(Breakpoint::Made("epoll_wait")), [false, true, true, false, false, false]);
    assert_eq!(hits(Breakpoint::Stranded), [false; 6]);
}
