//! Where the recordings in `tests/data` come from: the real server with the built-in clients, on the kernel that the
//! files name. To make them anew, after a change of what the server does or of what is recorded:
//!
//! ```text
//! cargo test --test it -- --ignored recordings_are_made_anew
//! INSTA_UPDATE=always cargo test --test it screens     # then read what has changed: git diff tests/it/snapshots
//! ```

use std::time::Duration;

use epollscope::probe::{Mode, ServerState, WhenFull};
use epollscope::record::{Accept, Call, Policy, Trigger};
use epollscope::server::Setup;
use epollscope::session::{ClientId, Payload, Session};
use epollscope::sys::Errno;
use epollscope::trace::{Header, Writer};

use crate::support::loopback::loopback;
use crate::support::shot::data;

/// Long enough for the slowest machine; nothing waits for it.
const LONG: Duration = Duration::from_secs(30);

/// What happens in a recording.
type Plot = fn() -> SceneRunner;

/// Each recording.
const PLAYS: [(&str, Plot); 10] = [
    ("level", || one_message(Policy::default())),
    ("edge", || one_message(edge())),
    ("again", again),
    ("three", three),
    ("many", many),
    ("listener", listener),
    ("oneshot", || one_message(Policy { oneshot: true, ..Policy::default() })),
    ("reset", reset),
    ("backpressure", backpressure),
    ("bytes", bytes),
];

#[test]
#[ignore = "it writes tests/data anew"]
fn recordings_are_made_anew() {
    let _loopback = loopback();
    for (name, play) in PLAYS {
        // A signal that the gate sent the server may still reach it in its next epoll_wait.
        let undisturbed = |play: &SceneRunner| {
            let timeline = play.session.timeline();
            let mut records = timeline.range(timeline.first(), timeline.len());
            !records.any(|r| matches!(r.call, Call::EpollWait { ret, .. } if ret.is(Errno::EINTR)))
        };
        let played = std::iter::repeat_with(play).find(undisturbed).expect("without end");
        let timeline = played.session.timeline();
        let mut writer = Writer::new(Vec::new(), &Header::now(format!("tests/it/screens, {name}"))).expect("a vector");
        for record in timeline.range(timeline.first(), timeline.len()) {
            writer.write(&record).expect("a vector");
        }
        std::fs::write(data(name), writer.finish().expect("a vector")).expect("a file");
    }
}

fn edge() -> Policy {
    Policy { trigger: Trigger::Edge, ..Policy::default() }
}

/// The real server and its clients.
struct SceneRunner {
    session: Session,
}

impl SceneRunner {
    /// Held before its first call.
    fn begin(policy: Policy) -> Self {
        let listen = "127.0.0.1:0".parse().expect("an address");
        let setup = Setup { listen, policy, gate: Mode::Held, capacity: 1 << 16, when_full: WhenFull::Wait };
        Self { session: Session::open(&setup).expect("a server") }
    }

    /// Held before its first wait.
    fn new(policy: Policy) -> Self {
        let mut play = Self::begin(policy);
        play.settle();
        play
    }

    fn settle(&mut self) {
        self.session.settle(LONG).expect("quiet");
    }

    /// Runs until the server is blocked in epoll_wait, or held anew.
    fn block(&mut self) {
        self.session.set(Mode::NextWait);
        while self.session.state() != ServerState::Waiting && self.session.mode() == Mode::NextWait {
            self.session.pump(|_| ());
        }
    }

    /// Connects a client.
    fn connect(&mut self) -> ClientId {
        self.session.clients_mut().connect().expect("connected")
    }

    /// A client connects and is accepted.
    fn accept(&mut self) -> ClientId {
        let id = self.connect();
        self.settle();
        id
    }

    fn send(&mut self, id: ClientId, count: usize) {
        self.session.clients_mut().send(id, Payload::Pattern(count)).expect("sent");
    }

    fn bytes(&mut self, id: ClientId, bytes: &[u8]) {
        self.session.clients_mut().send(id, Payload::Bytes(bytes.to_vec())).expect("sent");
        self.settle();
    }
}

/// A client connects while the server is blocked, and sends 3,000 bytes.
fn one_message(policy: Policy) -> SceneRunner {
    let mut play = SceneRunner::new(policy);
    play.block();
    let a = play.accept();
    play.block();
    play.send(a, 3000);
    play.settle();
    play
}

/// Edge-triggered, and 1,976 bytes lie there when 3,000 more come.
fn again() -> SceneRunner {
    let mut play = one_message(edge());
    play.block();
    let (a, _) = play.session.clients().clients().next().expect("a client");
    play.send(a, 3000);
    play.settle();
    play
}

/// Three clients send at once, each more than the one before.
fn three() -> SceneRunner {
    let mut play = SceneRunner::new(Policy::default());
    let ids = [(); 3].map(|()| play.accept());
    for (id, count) in ids.into_iter().zip([500, 1500, 2500]) {
        play.send(id, count);
    }
    play.settle();
    play
}

/// 200 clients connect before the server makes its first call, and every other one sends; of every twenty one sends more
/// than is read for a report. Later one of them sends again.
fn many() -> SceneRunner {
    let mut play = SceneRunner::begin(Policy { accept: Accept::Drain, ..edge() });
    let ids: Vec<ClientId> = (0..200).map(|_| play.connect()).collect();
    for (i, id) in ids.iter().enumerate().step_by(2) {
        play.send(*id, if i % 20 == 8 { 3000 } else { 10 });
    }
    play.settle();
    play.send(ids[190], 10);
    play.settle();
    play
}

/// Three clients wait at once for a server that accepts one for a report.
fn listener() -> SceneRunner {
    let mut play = SceneRunner::new(edge());
    for _ in 0..3 {
        play.connect();
    }
    play.settle();
    play
}

/// One of two clients resets its connection, the other shuts down its writing side.
fn reset() -> SceneRunner {
    let mut play = SceneRunner::new(Policy::default());
    let (a, b) = (play.accept(), play.accept());
    play.send(a, 100);
    play.settle();
    play.session.clients_mut().reset(a).expect("reset");
    play.session.clients_mut().end(b).expect("ended");
    play.settle();
    play
}

/// A client sends and does not read, until the server stops reading it.
fn backpressure() -> SceneRunner {
    let mut play = SceneRunner::new(Policy { read_size: 256 * 1024, ..Policy::default() });
    let a = play.accept();
    play.session.clients_mut().set_reading(a, false).expect("a client");
    play.send(a, 20 << 20);
    play.settle();
    play
}

/// What one should not trust, what is wide, and what is plain.
fn bytes() -> SceneRunner {
    let mut play = SceneRunner::new(Policy::default());
    let (a, b, c) = (play.accept(), play.accept(), play.accept());
    play.bytes(a, b"\x1b[2J\x1b[31mred\x1b]0;owned\x07\x9b1A\r\n\x00\x7f");
    play.bytes(b, "水平触发　边缘触发 naïve °C 🙂 e\u{301} \u{202e}txt.exe\u{200b}".as_bytes());
    play.bytes(c, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    play
}
