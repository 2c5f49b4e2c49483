//! Policies switched while bytes are under way: none is lost, whatever comes after whatever.

use std::num::NonZeroU32;

use epollscope::probe::Mode;
use epollscope::record::{Accept, Fairness, Policy, Read, Timeout, Trigger, WriteInterest};

use crate::echo::crowd;
use crate::faults::edge_drained;
use crate::mixed::Dice;
use crate::server::{Stage, edge};

/// `policy` with its choice number `i` changed.
fn changed(policy: &Policy, i: usize, dice: &mut Dice) -> Policy {
    let mut next = *policy;
    match i % 9 {
        0 => next.trigger = if policy.trigger == Trigger::Level { Trigger::Edge } else { Trigger::Level },
        1 => next.oneshot = !policy.oneshot,
        2 => next.read = dice.pick(&[Read::Once, Read::Drain, Read::DrainShort]),
        3 => next.read_size = dice.pick(&[100, 700, 1024, 65_536]),
        4 => next.accept = if policy.accept == Accept::Once { Accept::Drain } else { Accept::Once },
        5 => {
            next.write = match policy.write {
                WriteInterest::OnDemand => WriteInterest::Always,
                WriteInterest::Always => WriteInterest::OnDemand,
            }
        }
        6 => {
            next.fairness = match policy.fairness {
                Fairness::Greedy => Fairness::RoundRobin(NonZeroU32::new(900).expect("not 0")),
                Fairness::RoundRobin(_) => Fairness::Greedy,
            }
        }
        7 => next.max_events = dice.pick(&[1, 2, 64]),
        _ => next.timeout = Timeout(dice.pick(&[-1, 0, 1])),
    }
    next
}

#[test]
fn switching_under_traffic_loses_no_byte() {
    const CLIENTS: usize = 24;
    const BYTES: usize = 300_000;
    const SWITCHES: usize = 19;
    // Little room: the server waits for who looks, and obeys soon.
    let mut stage = Stage::with_room(256, Policy::default());
    let addr = stage.session.addr();
    stage.session.set(Mode::Free);
    let mut dice = Dice::new(7);
    let (mut policy, mut switches, mut rounds) = (Policy::default(), 0, 0);
    // How many switches go into one crowd is the machine's business; so many crowds come that each choice is switched.
    while switches < SWITCHES {
        rounds += 1;
        std::thread::scope(|scope| {
            let crowd = scope.spawn(move || crowd(addr, CLIENTS, BYTES));
            while !crowd.is_finished() {
                // Also ones that stall: the next switch of the trigger re-arms everything.
                policy = changed(&policy, switches, &mut dice);
                switches += 1;
                stage.session.follow(policy);
                let calls = stage.world().counters().calls + dice.below(60) as u64;
                stage.run_until("policy", |stage| {
                    stage.world().policy() == Some(&policy)
                        && (stage.world().counters().calls >= calls
                            || stage.world().epoll().is_some_and(|e| e.in_wait().is_some()))
                });
            }
            crowd.join().expect("no panic").unwrap_or_else(|what| panic!("after {switches} switches: {what}"));
        });
    }
    stage.session.follow(Policy::default());
    stage.settle();
    let (counters, all) = (*stage.world().counters(), (rounds * CLIENTS * BYTES) as u64);
    assert_eq!((counters.bytes_in, counters.bytes_out, counters.lost), (all, all, 0));
    assert_eq!((counters.accepted, stage.world().open_connections()), ((rounds * CLIENTS) as u64, 0));
}

#[test]
fn turns_to_come_survive_a_switch() {
    let turns = Fairness::RoundRobin(NonZeroU32::new(100).expect("not 0"));
    let fair = Policy { fairness: turns, read_size: 100, ..edge_drained() };
    for next in [
        Policy::default(),
        Policy { fairness: Fairness::Greedy, ..fair },
        Policy { read: Read::DrainShort, ..fair },
        Policy { oneshot: true, ..fair },
        Policy { oneshot: true, ..edge() },
        Policy { trigger: Trigger::Level, ..fair },
        Policy { write: WriteInterest::Always, ..fair },
        Policy { max_events: 1, read_size: 1, ..fair },
    ] {
        let mut stage = Stage::new(fair);
        let (a, b) = (stage.connect(), stage.connect());
        for id in [a, b] {
            stage.session.crew_mut().send(id, epollscope::session::Payload::Pattern(1000)).expect("sent");
        }
        stage.wait();
        stage.step_to_wait();
        stage.switch(next);
        stage.settle();
        assert_eq!((stage.echoed(a), stage.echoed(b)), ((1000, 1000), (1000, 1000)), "{next:?}");
        assert_eq!(stage.stranded(), [], "{next:?}");
    }
}
