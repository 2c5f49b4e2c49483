//! The laws of the fold, over the records of real runs: any moment is the fold of what came before it, any stream can be
//! folded, and the interest list is the kernel's.

use std::sync::OnceLock;

use epollscope::analysis::why;
use epollscope::i18n::Lang;
use epollscope::record::{Call, Fd, Interest, Nanos, Policy, Record, Ret, Seq, Tid, Trigger};
use epollscope::sys::Errno;
use epollscope::trace::world::Item;
use epollscope::trace::{Timeline, World};
use proptest::prelude::*;

use crate::support::random_run::records;
use crate::support::rig::Rig;

fn fold(records: &[Record]) -> World {
    let mut world = World::default();
    for record in records {
        world.apply(record);
    }
    world
}

/// Asks a world everything that it can be asked.
fn look_at(world: &World) {
    for epoll in world.epolls() {
        for item in epoll.items() {
            let _ = (
                world.name(item.file, Lang::En),
                why::not_reported(world, epoll, item, Lang::En),
                world.ready_for(item),
            );
        }
        for report in epoll.waits().flat_map(|wait| &wait.reports) {
            let _ = why::reported(report, Lang::En);
        }
        let _ = world.due(epoll).count() + epoll.silent().count();
    }
    let _ = world.stranded().count();
}

#[test]
fn a_moment_is_the_fold_of_what_came_before() {
    // More records than lie between two checkpoints.
    let records = records(1, 1500);
    let mut timeline = Timeline::default();
    for record in &records {
        timeline.push(*record);
    }
    assert!(timeline.len() > 10_000, "{} records only", timeline.len());
    let mut world = World::default();
    for k in 0..timeline.len() {
        if k % 61 == 0 || k + 100 > timeline.len() {
            assert_eq!(timeline.at(k), world, "at {k}");
        }
        world.apply(&timeline.get(k).expect("a record"));
    }
    assert_eq!(timeline.at(timeline.len()), *timeline.now());
    assert_eq!(*timeline.now(), fold(&records));
}

#[test]
fn what_is_not_told_apart_is_counted() {
    let close = |tid: u32| {
        let call = Call::Close { fd: Fd(5), ret: Ret::error(Errno::EBADF) };
        Record { seq: Seq(tid.into()), t: Nanos(0), tid: Tid(tid), call }
    };
    let records: Vec<Record> = (1..=65_541).map(close).collect();
    assert_eq!(fold(&records[..65_536]).counters().crowded, 0);
    assert_eq!(fold(&records).counters().crowded, 5, "one thread stands for all beyond the bound");
}

#[test]
fn a_stream_may_begin_anywhere() {
    let records = records(2, 60);
    for first in 0..records.len() {
        look_at(&fold(&records[first..]));
    }
}

/// Who sees a server alone does not hear what its clients send, and of a long event list the kernel is asked in part.
#[test]
fn what_a_recv_leaves_is_no_news() {
    let mut rig = Rig::new(Policy { trigger: Trigger::Edge, ..Policy::default() });
    let client = rig.connect();
    rig.send(client, 3_000);
    let (mut server, timeline) = (rig.news(), rig.session.timeline());
    assert!(timeline.now().stranded().map(|(_, depth)| depth).eq([1_976]));
    let received = server.iter().position(|record| matches!(record.call, Call::Recvfrom { .. })).expect("a recv");
    let asked = server.extract_if(..received, |record| matches!(record.call, Call::Sample { .. })).count();
    assert!(asked > 0);
    assert!(fold(&server).stranded().map(|(_, depth)| depth).eq([1_976]));
}

#[test]
fn the_interest_list_is_the_kernels() {
    let mut seen = 0;
    for seed in 0..6 {
        let mut world = World::default();
        for record in records(seed, 100) {
            if let Call::Fdinfo { fd, interest, .. } = record.call {
                let item = world.epoll().expect("an epoll").item(fd);
                let item = item.unwrap_or_else(|| panic!("fd {fd} is in fdinfo and not in the world"));
                assert_eq!(kernels_mask(item), interest, "fd {fd}, record {}", record.seq);
                seen += 1;
            }
            world.apply(&record);
        }
    }
    assert!(seen > 300, "{seen} lines of fdinfo only");
}

/// The mask as the kernel keeps it: ERR and HUP always, and of a disarmed one the trigger alone.
fn kernels_mask(item: &Item) -> Interest {
    if item.armed {
        item.interest | Interest::ERR | Interest::HUP
    } else {
        item.interest & (Interest::ET | Interest::ONESHOT)
    }
}

fn some_records() -> &'static [Record] {
    static RECORDS: OnceLock<Vec<Record>> = OnceLock::new();
    RECORDS.get_or_init(|| (3..6).flat_map(|seed| records(seed, 40)).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_stream_can_be_folded(order in prop::collection::vec(any::<prop::sample::Index>(), 1..600), lost: u64) {
        let mut world = World::default();
        for (seq, index) in (1..).zip(&order) {
            let record = index.get(some_records());
            world.apply(&Record { seq: Seq(seq), ..*record });
            if seq % 100 == 0 {
                world.apply(&Record { seq: Seq(seq), call: Call::Lost { count: lost }, ..*record });
                look_at(&world);
            }
        }
        look_at(&world);
    }

    #[test]
    fn a_stream_may_be_cut_and_stitched(cuts in prop::collection::vec((any::<prop::sample::Index>(), 1..200_usize), 1..12)) {
        let mut world = World::default();
        for (from, length) in cuts {
            let records = some_records();
            let from = from.index(records.len());
            records[from..records.len().min(from + length)].iter().for_each(|record| world.apply(record));
            look_at(&world);
        }
    }
}
