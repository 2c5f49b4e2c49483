//! Policies switched while bytes are under way: none is lost, whatever comes after whatever.

use std::num::NonZeroU32;

use epollscope::probe::Mode;
use epollscope::record::{Accept, Fairness, Policy, Read, Timeout, Trigger, WriteInterest};

use crate::support::crowd::crowd;
use crate::support::loopback::whole_loopback;
use crate::support::random_run::Dice;
use crate::support::rig::{Rig, edge, edge_drained};

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
    let _loopback = whole_loopback();
    // Little room: the server waits for who looks, and obeys soon.
    let mut rig = Rig::with_room(256, Policy::default());
    let addr = rig.session.addr();
    rig.session.set(Mode::Free);
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
                rig.session.follow(policy);
                let calls = rig.world().counters().calls + dice.below(60) as u64;
                rig.run_until("policy", |rig| {
                    rig.world().policy() == Some(&policy)
                        && (rig.world().counters().calls >= calls
                            || rig.world().epoll().is_some_and(|e| e.in_wait().is_some()))
                });
            }
            crowd.join().expect("no panic").unwrap_or_else(|what| panic!("after {switches} switches: {what}"));
        });
    }
    rig.session.follow(Policy::default());
    rig.settle();
    let (counters, all) = (*rig.world().counters(), (rounds * CLIENTS * BYTES) as u64);
    assert_eq!((counters.bytes_in, counters.bytes_out, counters.lost), (all, all, 0));
    assert_eq!((counters.accepted, rig.world().open_connections()), ((rounds * CLIENTS) as u64, 0));
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
        let mut rig = Rig::new(fair);
        let (a, b) = (rig.connect(), rig.connect());
        for id in [a, b] {
            rig.session.clients_mut().send(id, epollscope::session::Payload::Pattern(1000)).expect("sent");
        }
        rig.wait();
        rig.step_to_wait();
        rig.switch(next);
        rig.settle();
        assert_eq!((rig.echoed(a), rig.echoed(b)), ((1000, 1000), (1000, 1000)), "{next:?}");
        assert_eq!(rig.stranded(), [], "{next:?}");
    }
}
