//! What epoll_wait does at its limits: an event list that is too short, a time that is up, a signal, and no fd left for
//! who wants to come in.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::num::NonZeroU32;
use std::process::{Command, Stdio};
use std::time::Duration;

use epollscope::analysis::why::{self, NotReported};
use epollscope::i18n::Lang;
use epollscope::probe::{Mode, ServerState};
use epollscope::record::{Accept, Call, CtlOp, Fairness, Fd, Interest, Policy, Read, Ready, Record, Ret, Timeout};
use epollscope::session::{ClientId, Payload};
use epollscope::sys::Errno;

use crate::support::rig::{A, B, LISTENER, Rig, edge_drained};
use crate::support::serving::{EPOLLSCOPE, LONG, Serving, arguments};

const C: Fd = Fd(7);

#[test]
fn a_short_event_list_rotates_and_nobody_starves() {
    for policy in [Policy::default(), edge_drained()] {
        let mut rig = Rig::new(Policy { max_events: 1, read_size: 100, ..policy });
        let ids = [rig.connect(), rig.connect(), rig.connect()];
        for id in ids {
            rig.session.clients_mut().send(id, Payload::Pattern(300)).expect("sent");
        }
        // Level-triggered each comes up three times for its 300 bytes, edge-triggered once.
        let rounds = if policy.read == Read::Once { 3 } else { 1 };
        for round in 1..=rounds {
            for fd in [A, B, C] {
                assert_eq!(rig.wait(), [(fd, Ready::IN)], "{policy:?}, round {round}");
                // Whom the wait had no room for is told so, by whose turn it is now.
                let (world, epoll) = (rig.world(), rig.world().epoll().expect("an epoll"));
                let due: Vec<Fd> = world.due(epoll).map(|(item, _)| item.fd).collect();
                for &other in due.iter().filter(|&&due| due != fd) {
                    let item = epoll.item(other).expect("registered");
                    assert_eq!(
                        why::why_not_reported(world, epoll, item),
                        NotReported::ListFull { max_events: 1 },
                        "{due:?}"
                    );
                    let sentence = why::not_reported(world, epoll, item, Lang::En);
                    let first = sentence.ends_with("the next wait begins with it");
                    assert_eq!(first, due[0] == other, "fd {other} of {due:?}: {sentence}");
                }
                if due.contains(&fd) {
                    // It was put back behind the others, and the next wait has room for one.
                    let sentence = why::not_reported(world, epoll, epoll.item(fd).expect("registered"), Lang::En);
                    assert_eq!(sentence.ends_with("a wait now would report it"), due[0] == fd, "{due:?}: {sentence}");
                }
            }
        }
        rig.settle();
        assert!(ids.iter().all(|&id| rig.echoed(id) == (300, 300)), "{policy:?}");
    }
}

#[test]
fn a_long_event_list_is_believed_for_each_by_itself() {
    // More than a wait's reports that are kept.
    let mut rig = Rig::new(Policy { max_events: 1024, accept: Accept::Drain, ..Policy::default() });
    let ids: Vec<ClientId> = (0..80).map(|_| rig.session.clients_mut().connect().expect("connected")).collect();
    rig.settle();
    for id in &ids {
        rig.session.clients_mut().send(*id, Payload::Pattern(10)).expect("sent");
    }
    rig.session.clients_mut().reset(ids[75]).expect("reset");
    rig.look();
    let reported = rig.wait();
    assert_eq!(reported.len(), 80);
    let dead: Vec<Fd> = reported.iter().filter(|(_, ready)| ready.contains(Ready::HUP)).map(|(fd, _)| *fd).collect();
    let (world, epoll) = (rig.world(), rig.world().epoll().expect("an epoll"));
    let hung_up = epoll.items().filter(|item| world.ready_for(item).contains(Ready::HUP)).map(|item| item.fd);
    assert_eq!(hung_up.collect::<Vec<_>>(), dead);
}

#[test]
fn who_became_ready_after_a_full_wait_was_not_left_out_of_it() {
    let mut rig = Rig::new(Policy { max_events: 1, ..Policy::default() });
    let (a, b) = (rig.connect(), rig.connect());
    rig.session.clients_mut().send(a, Payload::Pattern(10)).expect("sent");
    assert_eq!(rig.wait(), [(A, Ready::IN)]);
    rig.session.clients_mut().send(b, Payload::Pattern(10)).expect("sent");
    rig.run_until("send", |rig| rig.echoed(b).0 == 10);
    let (world, epoll) = (rig.world(), rig.world().epoll().expect("an epoll"));
    let item = epoll.item(B).expect("registered");
    assert_eq!(why::why_not_reported(world, epoll, item), NotReported::None);
    let sentence = why::not_reported(world, epoll, item, Lang::En);
    assert_eq!(sentence, "it is on the ready list (inferred) with 1 before it; maxevents is 1");
    assert_eq!(rig.wait(), [(B, Ready::IN)], "a, put back before it, had nothing left");
}

/// What the world expects of the next wait, and what it reports.
#[track_caller]
fn as_expected(rig: &mut Rig, reported: &[(Fd, Ready)]) {
    rig.look();
    let (world, epoll) = (rig.world(), rig.world().epoll().expect("an epoll"));
    let due: Vec<(Fd, Ready)> = world.due(epoll).map(|(item, ready)| (item.fd, ready)).collect();
    assert_eq!(due, reported, "the inferred ready list");
    assert_eq!(rig.wait(), reported, "the kernel");
}

/// To ask an epoll by poll(2) whether it would report anything takes off its ready list what is not ready any more.
#[test]
fn who_was_put_back_and_is_empty_loses_its_place_when_the_epoll_is_asked() {
    let mut rig = Rig::new(Policy::default());
    let (a, b) = (rig.connect(), rig.connect());
    rig.session.clients_mut().send(a, Payload::Pattern(10)).expect("sent");
    as_expected(&mut rig, &[(A, Ready::IN)]);
    // Put back after that report, read empty, and held: so the epoll is asked. Then b is first.
    rig.step_to_wait();
    rig.session.clients_mut().send(b, Payload::Pattern(10)).expect("sent");
    rig.look();
    rig.session.clients_mut().send(a, Payload::Pattern(10)).expect("sent");
    as_expected(&mut rig, &[(B, Ready::IN), (A, Ready::IN)]);
}

#[test]
fn what_is_sent_to_a_closed_client_comes_back_as_a_reset() {
    let mut rig = Rig::new(edge_drained());
    let (a, b) = (rig.connect(), rig.connect());
    rig.session.clients_mut().send(a, Payload::Pattern(10)).expect("sent");
    rig.session.clients_mut().close(a).expect("closed");
    assert_eq!(rig.wait(), [(A, Ready::IN | Ready::RDHUP)]);
    // The echo meets nobody: that is the first edge. Then b sends, which is the second.
    (0..2).for_each(|_| rig.step());
    rig.session.clients_mut().send(b, Payload::Pattern(10)).expect("sent");
    let dead = Ready::IN | Ready::RDHUP | Ready::ERR | Ready::HUP;
    rig.look();
    let (world, epoll) = (rig.world(), rig.world().epoll().expect("an epoll"));
    let due: Vec<(Fd, Ready)> = world.due(epoll).map(|(item, ready)| (item.fd, ready)).collect();
    assert_eq!(due, [(A, dead), (B, Ready::IN)], "before the server has read the end and closed it");
    assert_eq!(rig.wait(), [(B, Ready::IN)], "it has closed it by itself");
}

#[test]
fn a_wait_with_a_timeout_returns_empty_by_itself() {
    let mut rig = Rig::new(Policy { timeout: Timeout(5), ..Policy::default() });
    let a = rig.connect();
    let before = rig.world().epoll().expect("an epoll").empty_count;
    rig.session.set(Mode::Free);
    // The one test that waits for time: it is what this is about.
    rig.run_until("empty waits", |rig| rig.world().epoll().expect("an epoll").empty_count >= before + 3);
    rig.session.set(Mode::Held);
    let epoll = rig.world().epoll().expect("an epoll");
    let empty = epoll.waits().filter(|wait| wait.ret == Some(Ret::OK));
    for wait in empty {
        let took = Duration::from_nanos(wait.returned.expect("returned").0 - wait.entered.0);
        assert!(took >= Duration::from_millis(4) && wait.reports.is_empty(), "{took:?}: {wait:?}");
    }
    rig.session.follow(Policy::default());
    rig.settle();
    rig.send(a, 9);
    assert_eq!(rig.echoed(a), (9, 9));
}

#[test]
fn an_order_interrupts_a_blocked_wait_and_it_goes_on() {
    let mut rig = Rig::new(Policy::default());
    let a = rig.connect();
    rig.session.set(Mode::Free);
    rig.run_until("wait", |rig| rig.session.state() == ServerState::Waiting);
    rig.news();
    let policy = Policy { read: Read::Drain, ..Policy::default() };
    rig.session.follow(policy);
    rig.run_until("policy", |rig| rig.world().policy() == Some(&policy));
    let news = rig.news();
    let interrupted =
        news.iter().position(|record| matches!(record.call, Call::EpollWait { ret, .. } if ret.is(Errno::EINTR)));
    let told = news.iter().position(|record| matches!(record.call, Call::Policy { .. }));
    assert!(interrupted.is_some() && interrupted < told, "EINTR, then the order: {news:?}");
    rig.run_until("wait", |rig| rig.session.state() == ServerState::Waiting);
    rig.session.clients_mut().send(a, Payload::Pattern(3000)).expect("sent");
    rig.run_until("echo", |rig| rig.echoed(a) == (3000, 3000));
}

/// In one batch of epoll_wait each registration comes up once, and the server closes only the connection that it acts
/// on, so that no later event of the batch can be for a closed one. A token goes stale only in the server's own list of
/// those whose turn is to come: closed by a report, and its number accepted anew, in the batch before the turn.
#[test]
fn a_turn_is_not_taken_by_who_got_the_number_next() {
    let budget = Fairness::RoundRobin(NonZeroU32::new(100).expect("not 0"));
    let mut rig = Rig::new(Policy { fairness: budget, read_size: 100, ..edge_drained() });
    let a = rig.connect();
    rig.session.clients_mut().send(a, Payload::Pattern(1000)).expect("sent");
    assert_eq!(rig.wait(), [(A, Ready::IN)]);
    rig.step_to_wait();
    // It has had one turn, and its next is to come. Now it is reset, and another client connects and sends.
    let clients = rig.session.clients_mut();
    clients.reset(a).expect("reset");
    let c = clients.connect().expect("connected");
    clients.send(c, Payload::Pattern(20)).expect("sent");
    let events: Vec<Fd> = rig.wait().iter().map(|(fd, _)| *fd).collect();
    assert_eq!(events, [A, LISTENER], "both in one batch, in this order");
    rig.step_to_wait();
    let calls = rig.news();
    let calls: Vec<(&str, Option<Fd>)> =
        calls.iter().filter(|r| r.call.is_syscall()).map(|r| (r.call.name(), r.call.fd())).collect();
    let a = Some(A);
    let (taken, none_left) = (("accept4", Some(LISTENER)), ("accept4", Some(LISTENER)));
    // What it had sent before the reset can still be read; sending it back then fails.
    let over = [("recvfrom", a), ("sendto", a), ("epoll_ctl", a), ("close", a), taken, ("epoll_ctl", a), none_left];
    assert_eq!(calls, over, "no recvfrom in the old one's turn");
    rig.settle();
    assert_eq!(rig.echoed(c), (20, 20));
}

/// `serve` with only so many fds.
fn serve_with_fds(limit: u32, policy: &Policy) -> Serving {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit -n {limit} && exec \"$0\" \"$@\""), EPOLLSCOPE]);
    command.args(arguments("jsonl", policy)).stdout(Stdio::piped());
    Serving::start(command)
}

/// A client that sends some bytes and wants them back.
fn is_echoed(client: &mut TcpStream) {
    client.set_read_timeout(Some(LONG)).expect("a timeout");
    client.write_all(b"hello").expect("sent");
    let mut back = [0; 5];
    client.read_exact(&mut back).expect("an echo");
    assert_eq!(&back, b"hello");
}

#[test]
fn without_a_free_fd_the_others_are_served_and_nothing_spins() {
    for policy in [Policy::default(), edge_drained(), Policy { oneshot: true, ..edge_drained() }] {
        let serving = serve_with_fds(14, &policy);
        let mut clients: Vec<TcpStream> =
            (0..20).map(|_| TcpStream::connect(serving.addr).expect("connected")).collect();
        let mut accepted = 0;
        // It accepts as many as it has fds for.
        let full = |record: &Record| matches!(record.call, Call::Accept4 { ret, .. } if ret.is(Errno::EMFILE));
        let mut record = serving.record();
        while !full(&record) {
            accepted += usize::from(matches!(record.call, Call::Accept4 { ret, .. } if ret.ok().is_some()));
            record = serving.record();
        }
        assert!((1..20).contains(&accepted), "{policy:?}: {accepted} accepted");
        let record = serving.record();
        let muted =
            Call::EpollCtl { epfd: Fd(0), op: CtlOp::Mod, fd: LISTENER, interest: Interest::empty(), ret: Ret::OK };
        let same = match record.call {
            Call::EpollCtl { op, fd, interest, ret, .. } => Call::EpollCtl { epfd: Fd(0), op, fd, interest, ret },
            other => other,
        };
        assert_eq!(same, muted, "{policy:?}: after EMFILE the listener asks for nothing");
        // While nothing happens it looks again twice a second, and that takes two waits. Who is in is served.
        let (start, mut waits, mut retries) = (record.t, 0, 0);
        let mut last = start;
        while retries < 2 {
            let record = serving.record();
            waits += u64::from(matches!(record.call, Call::EpollWaitEnter { .. }));
            retries += u32::from(matches!(record.call, Call::EpollWait { ret: Ret::OK, .. }));
            last = record.t;
        }
        let took = Duration::from_nanos(last.0 - start.0);
        assert!(took >= Duration::from_millis(2 * 480), "{policy:?}: two retries after {took:?}");
        assert!(waits <= 4, "{policy:?}: {waits} waits in {took:?}");
        clients[..accepted].iter_mut().for_each(is_echoed);
        // Each that leaves lets one in, until all have been served.
        while !clients.is_empty() {
            is_echoed(&mut clients[0]);
            clients.remove(0);
        }
        serving.stop_well();
    }
}
