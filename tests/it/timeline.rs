//! The timeline's law, over streams of any records: each moment is the fold of what came before it, and each walk ends
//! where a look at every record would end.

use epollscope::record::{Call, Record, Seq};
use epollscope::trace::{Timeline, World};
use proptest::prelude::*;

use crate::support::streams::streams;

/// The records of some streams, one after the other, long enough for pages and checkpoints.
fn long() -> impl Strategy<Value = Vec<Record>> {
    (prop::collection::vec(streams(), 1..4), 1..9_000_usize).prop_map(|(streams, len)| {
        let some: Vec<Record> = streams.concat();
        some.iter().cycle().take(if some.is_empty() { 0 } else { len }).copied().collect()
    })
}

fn pushed(mut timeline: Timeline, records: &[Record]) -> Timeline {
    for record in records {
        timeline.push(*record);
    }
    timeline
}

/// As a timeline numbers them.
fn numbered(records: &[Record]) -> Vec<Record> {
    (1..).zip(records).map(|(seq, record)| Record { seq: Seq(seq), ..*record }).collect()
}

fn fold(records: &[Record]) -> World {
    let mut world = World::default();
    for record in records {
        world.apply(record);
    }
    world
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn any_moment_of_any_stream_is_the_fold_of_what_came_before(records in long(), at in any::<prop::sample::Index>()) {
        let records_and_timeline = (numbered(&records), pushed(Timeline::default(), &records));
        let (records, timeline) = records_and_timeline;
        let k = at.index(records.len() + 1);
        prop_assert_eq!(timeline.at(k as u64), fold(&records[..k]));
        prop_assert_eq!(timeline.now(), &fold(&records));
        prop_assert!(timeline.range(0, timeline.len()).eq(records.iter().copied()));
        prop_assert!(timeline.range(0, k as u64).rev().eq(records[..k].iter().rev().copied()));
    }

    #[test]
    fn what_is_kept_of_any_stream_is_the_end_of_the_whole(records in long(), at in any::<prop::sample::Index>()) {
        let few = pushed(Timeline::keeping(1_000), &records);
        let all = pushed(Timeline::default(), &records);
        prop_assert!(few.len() - few.first() >= few.len().min(1_000));
        let k = few.first() + at.index(usize::try_from(few.len() - few.first()).expect("small") + 1) as u64;
        prop_assert_eq!(few.at(k), all.at(k));
        prop_assert_eq!(few.at(0), all.at(few.first()));
        prop_assert!(few.range(0, few.len()).eq(all.range(few.first(), all.len())));
    }

    #[test]
    fn a_walk_ends_where_a_look_at_each_record_would(records in long(), at in any::<prop::sample::Index>()) {
        let timeline = pushed(Timeline::default(), &records);
        let k = at.index(records.len() + 1);
        let is_call = |record: &Record| record.call.is_syscall();
        let is_wait = |record: &Record| matches!(record.call.plain(), Call::EpollWait { .. });
        let end = records.len();
        let call_after = |k: usize| {
            let mut calls = (k..end).filter(|&n| is_call(&records[n]));
            calls.next();
            calls.next().unwrap_or(end)
        };
        let position = k as u64;
        let before = |wanted: &dyn Fn(&Record) -> bool| records[..k].iter().rposition(wanted).unwrap_or(0) as u64;
        prop_assert_eq!(timeline.call_before(position), before(&is_call));
        prop_assert_eq!(timeline.wait_before(position), before(&is_wait));
        prop_assert_eq!(timeline.call_after(position), call_after(k) as u64);
        let wait = (k..end).find(|&n| is_wait(&records[n])).map_or(end, call_after);
        prop_assert_eq!(timeline.wait_after(position), wait as u64);
        let calls = records[..k].iter().filter(|record| is_call(record)).count() as u64;
        let after = (0..end).filter(|&n| is_call(&records[n])).nth(usize::try_from(calls).expect("small"));
        prop_assert_eq!(timeline.after_calls(calls), after.unwrap_or(end) as u64);
        prop_assert_eq!(timeline.get(position).map(|record| record.call), records.get(k).map(|record| record.call));
    }
}
