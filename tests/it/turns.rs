//! The recording of a spin: turns that repeat are counted, and what is read back adds up to the same.

use epollscope::analysis::History;
use epollscope::record::{Call, CtlOp, Fd, Interest, MsgFlags, Nanos, Ready, Record, Ret, Seq, Tid, Timeout};
use epollscope::trace::Turns;

const TID: Tid = Tid(7);
const EPFD: Fd = Fd(4);
const FD: Fd = Fd(5);

/// A server that is told of OUT a thousand times and does nothing, then is told of bytes and reads them.
fn spin() -> Vec<Record> {
    let ctl = Call::EpollCtl { epfd: EPFD, op: CtlOp::Add, fd: FD, interest: Interest::OUT, ret: Ret::OK };
    let mut calls = vec![Call::EpollCreate1 { ret: Ret::value(4) }, ctl];
    let wait = |ready| {
        [
            Call::EpollWaitEnter { epfd: EPFD, max_events: 64, timeout: Timeout::NONE },
            Call::EpollWait { epfd: EPFD, ret: Ret::value(1) },
            Call::Event { epfd: EPFD, fd: FD, ready },
            Call::Sample { fd: FD, unread: 0, unsent: 0, ready },
        ]
    };
    for n in 0..1_000 {
        // The sampler leaves one out now and then.
        let turn = wait(Ready::OUT);
        calls.extend(&turn[..if n % 7 == 0 { 3 } else { 4 }]);
    }
    calls.extend(wait(Ready::IN | Ready::OUT));
    calls.push(Call::Recvfrom { fd: FD, len: 9, flags: MsgFlags::empty(), ret: Ret::value(5) });
    calls.extend(wait(Ready::OUT));
    let record = |(n, call)| Record { seq: Seq(n as u64 + 1), t: Nanos(n as u64 * 10), tid: TID, call };
    calls.into_iter().enumerate().map(record).collect()
}

fn written(records: &[Record], flush_at: Option<usize>) -> Vec<Record> {
    let (mut turns, mut out) = (Turns::default(), Vec::new());
    let mut write = |record: &Record| {
        out.push(*record);
        Ok(())
    };
    for (n, record) in records.iter().enumerate() {
        turns.take(record, &mut write).expect("written");
        if Some(n) == flush_at {
            turns.flush(&mut write).expect("written");
        }
    }
    turns.flush(&mut write).expect("written");
    out
}

#[test]
fn a_spin_is_counted_and_adds_up_to_the_same() {
    let records = spin();
    for flush_at in [None, Some(2_000), Some(2_001), Some(2_002)] {
        let short = written(&records, flush_at);
        assert!(short.len() < 500, "{}", short.len());
        // The numbers say where the others were.
        let mut next = 1;
        for record in &short {
            assert_eq!(record.seq.0, next);
            next += if let Call::Repeated { count, .. } = record.call { count } else { 1 };
        }
        assert_eq!(next, records.len() as u64 + 1);
        let [full, short] = [&records, &short].map(|records| {
            let mut history = History::default();
            for record in records {
                history.push(*record);
            }
            history
        });
        let [a, b] = [&full, &short].map(|history| {
            let epoll = history.now().epoll().expect("an epoll");
            let item = epoll.item(FD).expect("registered");
            let findings: Vec<_> = history.findings().iter().map(|f| (f.lint(), f.count)).collect();
            (epoll.wait_count, item.reports, item.last_report, item.queued, history.now().counters().calls, findings)
        });
        assert_eq!(a, b);
    }
}

#[test]
fn what_does_not_spin_is_written_as_it_is() {
    let records: Vec<Record> = spin().into_iter().filter(|record| record.seq.0 < 200).collect();
    assert_eq!(written(&records, None), records);
}
