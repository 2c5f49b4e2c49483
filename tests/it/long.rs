//! A long recording is the live run once more: the same worlds, whichever way it is gone through.

use std::collections::BTreeSet;
use std::fs;
use std::net::SocketAddr;
use std::os::fd::AsFd;

use epollscope::analysis::History;
use epollscope::record::{
    Call, Chunk, CtlOp, Dir, Fd, Interest, MsgFlags, Nanos, Ready, Record, Ret, Seq, Tid, Timeout,
};
use epollscope::sys::Errno;
use epollscope::trace::{Header, Playback, Writer};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::support::look::screen;

const LISTENER: Fd = Fd(3);
const EPOLL: Fd = Fd(4);

/// Numbers that look random and are the same each time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }

    fn of(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
}

/// A server whose connections come, talk in any order and go.
struct Run {
    chance: Chance,
    records: Vec<Record>,
    open: BTreeSet<i32>,
}

impl Run {
    fn say(&mut self, call: Call) {
        let seq = self.records.len() as u64 + 1;
        // What belongs to a call has its time.
        let t = match (&call, self.records.last()) {
            (Call::Event { .. } | Call::Data { .. }, Some(of)) => of.t,
            _ => Nanos(seq * 700),
        };
        self.records.push(Record { seq: Seq(seq), t, tid: Tid(7), call });
    }

    fn control(&mut self, op: CtlOp, fd: Fd) {
        let masks = [Interest::IN, Interest::IN | Interest::ET, Interest::IN | Interest::OUT | Interest::ONESHOT];
        let interest = masks[usize::try_from(self.chance.below(3)).expect("small")];
        self.say(Call::EpollCtl { epfd: EPOLL, op, fd, interest, ret: Ret::OK });
    }

    fn accept(&mut self) {
        let fd = (5..5_000).find(|fd| !self.open.contains(fd)).expect("a number");
        let peer =
            SocketAddr::from(([127, 0, 0, 1], 20_000 + u16::try_from(self.chance.below(9_000)).expect("a port")));
        self.open.insert(fd);
        self.say(Call::Accept4 { fd: LISTENER, peer: peer.into(), ret: Ret::from_raw(fd) });
        self.control(CtlOp::Add, Fd(fd));
    }

    fn serve(&mut self, fd: Fd) {
        let unread = u32::try_from(self.chance.below(5_000)).expect("small");
        self.say(Call::Sample { fd, unread, unsent: 0, ready: Ready::OUT | Ready::IN });
        if self.chance.of(9) {
            let ret = Ret::error(Errno::EAGAIN);
            return self.say(Call::Recvfrom { fd, len: 1_024, flags: MsgFlags::empty(), ret });
        }
        let ret = Ret::value(unread.min(1_024) as usize);
        self.say(Call::Recvfrom { fd, len: 1_024, flags: MsgFlags::empty(), ret });
        if unread > 0 {
            self.say(Call::Data { fd, dir: Dir::In, chunk: Chunk::new(&vec![b'a'; unread.min(1_024) as usize]) });
            self.say(Call::Sendto { fd, len: unread.min(1_024), flags: MsgFlags::empty(), ret });
        }
        if self.chance.of(20) {
            self.control(CtlOp::Mod, fd);
        }
        // With or without a duplicate, which keeps the registration alive.
        let copy = Fd(fd.0 + 5_000);
        if self.chance.of(200) && !self.open.contains(&copy.0) {
            self.open.insert(copy.0);
            self.say(Call::Dup { fd, ret: Ret::from_raw(copy.0) });
        }
        if self.chance.of(40) {
            self.open.remove(&fd.0);
            self.say(Call::Close { fd, ret: Ret::OK });
        }
    }

    fn turn(&mut self) {
        self.say(Call::EpollWaitEnter { epfd: EPOLL, max_events: 64, timeout: Timeout::NONE });
        let first = i32::try_from(self.chance.below(400)).expect("small");
        let fds: Vec<Fd> = self.open.range(first..).take(8).map(|fd| Fd(*fd)).collect();
        self.say(Call::EpollWait { epfd: EPOLL, ret: Ret::value(fds.len() + 1) });
        for fd in fds.iter().chain(&[LISTENER]) {
            self.say(Call::Event { epfd: EPOLL, fd: *fd, ready: Ready::IN });
        }
        for fd in fds {
            self.serve(fd);
        }
        if self.open.len() < 500 {
            self.accept();
        }
    }
}

/// At least `count` of them.
fn records(count: usize) -> Vec<Record> {
    let mut run = Run { chance: Chance(0x9e37_79b9), records: Vec::new(), open: BTreeSet::new() };
    run.say(Call::CloseRange { first: 3, ret: Ret::OK });
    run.say(Call::Socket { ret: Ret::from_raw(LISTENER.0) });
    run.say(Call::Listen { fd: LISTENER, backlog: 64, ret: Ret::OK });
    run.say(Call::EpollCreate1 { ret: Ret::from_raw(EPOLL.0) });
    run.control(CtlOp::Add, LISTENER);
    while run.records.len() < count {
        run.turn();
    }
    run.records
}

#[test]
fn a_long_recording_replays_to_the_worlds_of_the_live_run() {
    replays(200_000);
}

/// The same, five times as long: `cargo test --release --test it -- --ignored a_million_records_replay`.
#[test]
#[ignore = "it takes a debug build too long"]
fn a_million_records_replay_to_the_worlds_of_the_live_run() {
    replays(1_000_000);
}

/// Holds that a run of `count` records and its replay have the same worlds and show the same screens, forward and back.
fn replays(count: usize) {
    let records = records(count);
    let path = std::env::temp_dir().join(format!("epollscope-long-{}-{count}", std::process::id()));
    let mut writer = Writer::new(fs::File::create(&path).expect("a file"), &Header::now("test")).expect("a disk");
    let mut session = History::default();
    for record in &records {
        writer.write(record).expect("a disk");
        session.push(*record);
    }
    writer.finish().expect("a disk");
    let (mut playback, timeline) = Playback::open(&path).expect("a recording");
    let mut replayed = History::of(timeline);
    while !playback.is_over() {
        poll(&mut [PollFd::new(playback.as_fd(), PollFlags::POLLIN)], PollTimeout::NONE).expect("poll");
        replayed.pump(&mut playback);
    }
    assert!(playback.problems().is_empty(), "{:?}", playback.problems());
    assert_eq!(replayed.len(), records.len() as u64);
    let (open, closed) = (session.now().open_connections(), session.now().counters().closed);
    assert!(open > 100 && closed > 300, "there is coming and going: {open} are open, {closed} closed");
    assert_eq!(replayed.now(), session.now());
    let forward: Vec<u64> = (0..session.len()).step_by(19_997).chain([session.len()]).collect();
    for k in forward.iter().chain(forward.iter().rev()) {
        assert_eq!(replayed.at(*k), session.at(*k), "at {k}");
        assert_eq!(replayed.get(*k), session.get(*k), "at {k}");
        let [shown, was_shown] = [&replayed, &session].map(|timeline| screen(timeline, *k, (120, 40)));
        assert_eq!(shown, was_shown, "at {k}");
    }
    let last = session.len() - 1;
    assert_eq!(replayed.call_before(last), session.call_before(last));
    assert!(replayed.findings().iter().eq(session.findings().iter()));
    fs::remove_file(&path).expect("a file");
}
