//! A flood of clients of other processes: the server runs freely, and the instrument has no time to ask the kernel about
//! each report. What the calls themselves tell is told.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Instant;

use epollscope::analysis::scope::{Columns, Timebase};
use epollscope::analysis::why;
use epollscope::i18n::Lang;
use epollscope::probe::{Clock, Hint, Hinted as _, Mode, Sampler, ServerState, Tap, VecSink, Waited};
use epollscope::record::{Call, CtlOp, Fd, Interest, Policy, Record, Timeout};
use epollscope::sys::{Events, number};
use epollscope::trace::world::{Cause, Report, Wait};
use epollscope::trace::{Timeline, World};

use crate::support::loopback::whole_loopback;
use crate::support::rig::Rig;
use crate::support::serving::LONG;

/// So many bytes has a request.
const REQUEST: usize = 64;

/// Sends requests over some connections, each when the one before was answered, as long as `go_on` says so.
fn flood(addr: SocketAddr, mut go_on: impl FnMut() -> bool) -> Vec<TcpStream> {
    let connect = |_| {
        let stream = TcpStream::connect(addr).expect("connected");
        stream.set_nodelay(true).expect("a socket");
        stream
    };
    let mut clients: Vec<TcpStream> = (0..8).map(connect).collect();
    while go_on() {
        for client in &mut clients {
            client.write_all(&[b'x'; REQUEST]).expect("sent");
        }
        for client in &mut clients {
            client.read_exact(&mut [0; REQUEST]).expect("answered");
        }
    }
    clients
}

/// The records of a server that was flooded until it had to leave a hundred reports unasked about, and rests.
fn flooded() -> Rig {
    let mut rig = Rig::new(Policy::default());
    let addr = rig.session.addr();
    rig.session.set(Mode::Free);
    let end = Instant::now() + LONG;
    let clients = flood(addr, || {
        rig.session.pump(|_| ());
        assert!(Instant::now() < end, "all is asked about");
        unasked(rig.session.timeline()) < 100
    });
    while rig.session.pump(|_| ()) || rig.session.state() != ServerState::Waiting {}
    drop(clients);
    rig
}

/// How many reports no sample follows.
fn unasked(timeline: &Timeline) -> usize {
    let records: Vec<Record> = timeline.range(0, timeline.len()).collect();
    let returns = records
        .windows(3)
        .filter(|three| matches!(three[0].call, Call::Event { .. }) && matches!(three[1].call, Call::Recvfrom { .. }));
    returns.count()
}

/// The reports of `wait` with what was received of each fd in `after`.
fn received<'a>(wait: &'a Wait, after: &[Record]) -> Vec<(&'a Report, u64)> {
    let of = |fd: Fd| {
        let bytes = after.iter().filter_map(|record| match record.call {
            Call::Recvfrom { fd: of, ret, .. } if of == fd => ret.ok(),
            _ => None,
        });
        bytes.map(u64::from).sum()
    };
    wait.reports.iter().map(|report| (report, of(report.fd))).collect()
}

#[test]
fn what_the_recv_takes_tells_what_had_arrived() {
    let _loopback = whole_loopback();
    let rig = flooded();
    let timeline = rig.session.timeline();
    let (mut world, mut since, mut inferred) = (World::default(), Vec::new(), 0);
    for record in timeline.range(0, timeline.len()) {
        if matches!(record.call, Call::EpollWaitEnter { .. }) {
            let wait = world.epoll().and_then(|epoll| epoll.waits().next_back());
            for (report, bytes) in wait.map_or(vec![], |wait| received(wait, &since)) {
                assert_ne!(report.cause, Cause::Unseen, "{report:?}");
                if let Cause::SomeArrived { received } = report.cause {
                    assert_eq!((received, report.depth), (bytes, None));
                    assert!(bytes > 0, "{report:?}");
                    let says = format!("; the server then read {bytes} bytes");
                    assert!(why::reported(report, Lang::En).ends_with(&says), "{says}");
                    inferred += 1;
                }
            }
            since.clear();
        }
        world.apply(&record);
        since.push(record);
    }
    assert!(inferred >= 100, "{inferred} only");
}

#[test]
fn the_wave_rises_at_the_report_to_what_the_recv_takes() {
    let _loopback = whole_loopback();
    let rig = flooded();
    let timeline = rig.session.timeline();
    // The last report that nobody was asked about, and the calls around it.
    let last = (0..timeline.len()).rev().find(|k| {
        let call = |k| timeline.get(k).map(|record| record.call);
        matches!((call(*k), call(*k + 1)), (Some(Call::Event { .. }), Some(Call::Recvfrom { .. })))
    });
    let fd = last.and_then(|k| timeline.get(k)?.call.fd()).expect("a report");
    let end = timeline.len();
    let world = timeline.at(end);
    let id = world.file_of(rig.session.timeline().get(0).expect("a record").tid, fd).expect("open").0;
    let columns = Columns::before(timeline, end, 400, Timebase::Calls(1));
    let wave = &columns.waves(timeline, &world, &[id])[0];
    // Of what the first report in sight told nobody knows when it came.
    let reports = wave.iter().enumerate().filter(|(_, column)| column.reported).skip(1);
    assert!(reports.clone().count() > 3, "few reports of fd {fd} in {} columns", wave.len());
    for (i, column) in reports {
        assert_eq!((column.depth, column.arrived), (Some(REQUEST as u64), true), "column {i}");
    }
    for (i, column) in wave.iter().enumerate().filter(|(_, column)| column.read) {
        assert_eq!((column.depth, column.arrived), (Some(0), false), "column {i}");
    }
}

/// Of what was accepted in a flood it is not known whether more wait. Before the server waits, perhaps for long, the kernel
/// is asked, once, and no more while that tells.
#[test]
fn a_listener_is_known_again_before_all_is_quiet() {
    let mut tap = Tap::new(Sampler::new(VecSink::new(Clock::start())));
    let any: SocketAddr = "127.0.0.1:0".parse().expect("an address");
    let epoll = tap.epoll_create().expect("epoll");
    let listener = tap.socket(any).expect("socket");
    tap.bind(&listener, any).expect("bind");
    tap.listen(&listener, 64).expect("listen");
    let addr = tap.getsockname(&listener).expect("getsockname").socket_addr().expect("an address");
    let fd = number(&listener);
    tap.epoll_ctl(&epoll, CtlOp::Add, &listener, Interest::IN, 0).expect("add");
    tap.sink().hint(Hint::RunsFreely(true));
    let mut world = World::default();
    let _first = TcpStream::connect(addr).expect("connected");
    let mut wait = |tap: &mut Tap<Sampler<VecSink>>| {
        let waited = tap.epoll_wait(&epoll, &mut Events::with_room(8), Timeout::ZERO, |_| fd);
        assert!(matches!(waited, Waited::Returned(Ok(_))));
        let news = tap.sink().inner().take();
        for record in &news {
            world.apply(record);
        }
        news.iter().map(|record| record.call).collect::<Vec<_>>()
    };
    let asked = |calls: &[Call]| calls.iter().any(|call| matches!(call, Call::Backlog { .. }));
    let end = Instant::now() + LONG;
    while asked(&wait(&mut tap)) {
        assert!(Instant::now() < end, "it may ask for ever");
    }
    let _others = [(); 2].map(|()| TcpStream::connect(addr).expect("connected"));
    let mut accepted = vec![];
    for (left, asks) in [(2, false), (1, true), (0, false)] {
        accepted.push(tap.accept(&listener, false).expect("accepted"));
        let calls = wait(&mut tap);
        assert_eq!(asked(&calls), asks, "{left} left: {calls:?}");
        if asks {
            assert!(matches!(calls[1], Call::Backlog { pending: 1, .. }), "before the wait: {calls:?}");
        }
    }
    let item = world.epoll().expect("an epoll").item(fd).expect("registered");
    assert_eq!(world.file(item.file).expect("open").depth(), Some(0));
}
