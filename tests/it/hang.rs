//! A server that hangs in a blocking call: when that is found, and how it is noted.

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use epollscope::probe::{Mode, ServerState, WhenFull};
use epollscope::record::{Annotation, Call, Dir, Faults, Policy, Read, Record};
use epollscope::server::Setup;
use epollscope::session::{ClientId, Payload, Session, SessionError};
use nix::poll::PollTimeout;

const LONG: Duration = Duration::from_secs(10);

/// A server and its client, which has sent so many bytes.
fn served(policy: Policy, reads: bool, sent: usize) -> (Session, ClientId) {
    let listen = (Ipv4Addr::LOCALHOST, 0).into();
    let policy = Policy { faults: Faults::BLOCKING, ..policy };
    let setup = Setup { listen, policy, gate: Mode::Held, capacity: 1 << 10, when_full: WhenFull::Wait };
    let mut session = Session::open(&setup).expect("a server");
    let a = session.clients_mut().connect().expect("connected");
    assert_eq!(session.settle(LONG), Ok(ServerState::Quiet));
    session.clients_mut().set_reading(a, reads).expect("a client");
    session.clients_mut().send(a, Payload::Pattern(sent)).expect("sent");
    (session, a)
}

/// A server that hangs in recv.
fn hung() -> Session {
    let (mut session, _) = served(Policy { read: Read::Drain, ..Policy::default() }, true, 5);
    assert!(matches!(session.settle(LONG), Ok(ServerState::Hung(Call::Recvfrom { .. }))));
    session
}

/// The hangs that are noted.
fn hangs(session: &Session) -> usize {
    let timeline = session.timeline();
    let noted = |record: &Record| matches!(record.call, Call::Annotation(Annotation::Hung { .. }));
    timeline.range(0, timeline.len()).filter(noted).count()
}

#[test]
fn who_sleeps_while_the_server_falls_asleep_in_a_call_wakes_to_see_it() {
    let (mut session, _) = served(Policy { read: Read::Drain, ..Policy::default() }, true, 5);
    let begun = Instant::now();
    session.set(Mode::Free);
    while !matches!(session.state(), ServerState::Hung(_)) {
        // EINTR: look again.
        let _ = session.sleep(&[], PollTimeout::try_from(LONG).expect("short"));
        session.pump(|_| ());
    }
    assert!(begun.elapsed() < LONG / 2, "after {:?}", begun.elapsed());
}

#[test]
fn a_hang_is_noted_once_in_the_name_of_the_server_right_after_what_it_did() {
    let mut session = hung();
    let last = session.timeline().get(session.timeline().len() - 1).expect("a record");
    assert!(matches!(last.call, Call::Annotation(Annotation::Hung { dir: Dir::In, .. })), "{last:?}");
    assert!(session.timeline().now().serves(last.tid));
    assert!(matches!(session.settle(LONG), Ok(ServerState::Hung(_))));
    assert_eq!(hangs(&session), 1);
    session.clients_mut().send(ClientId(0), Payload::Pattern(5)).expect("sent");
    assert!(matches!(session.settle(LONG), Ok(ServerState::Hung(_))));
    assert_eq!(hangs(&session), 2, "it came out, and hangs anew");
}

#[test]
fn one_that_does_not_come_to_rest_is_given_the_time_that_is_told() {
    let (mut session, within) = (hung(), Duration::from_millis(30));
    session.follow(Policy::default());
    assert_eq!(session.settle(LONG), Ok(ServerState::Quiet));
    let not_quiet = Err(SessionError::NotQuiet { within, state: ServerState::Waiting });
    assert_eq!(session.go(Mode::Free, within), not_quiet);
}

#[test]
fn a_hang_is_found_by_who_waits_for_the_server_to_be_held() {
    let (mut session, _) = served(Policy { read: Read::Drain, ..Policy::default() }, true, 5);
    // Up to the recv that finds nothing.
    assert_eq!(session.go(Mode::Free, LONG), Ok(()));
    assert_eq!(session.go(Mode::Held, LONG), Ok(()));
    assert!(matches!(session.state(), ServerState::Hung(_)), "{:?}", session.state());
}

#[test]
fn a_call_that_a_client_is_about_to_end_is_no_hang() {
    let drain = Policy { read: Read::Drain, ..Policy::default() };
    let once = Policy { read_size: 16 * 1024, ..Policy::default() };
    for (policy, reads, sent) in [(drain, true, 5), (once, false, 16 << 20)] {
        let (mut session, a) = served(policy, reads, sent);
        let Ok(ServerState::Hung(call)) = session.settle(LONG) else { panic!("it stands {:?}", session.state()) };
        assert_eq!(session.state(), ServerState::Hung(call));
        if reads {
            session.clients_mut().end(a).expect("ended");
        } else {
            session.clients_mut().set_reading(a, true).expect("a client");
        }
        assert_eq!(session.settle(LONG), Ok(ServerState::Quiet));
        assert_eq!(hangs(&session), 1, "{call:?}: none is noted once the client is about to end it");
    }
}
