//! Runs in which everything happens, in an order drawn from a seed: clients come, send, stop reading, end, close and
//! reset; the server is stepped, let wait or let run, and its policy is switched. Held as it is by its gate, it does the
//! same each time. Whoever tests a law over records takes them from here.

use std::num::NonZeroU32;
use std::panic::{AssertUnwindSafe, catch_unwind};

use epollscope::record::{Accept, Fairness, Fd, Policy, Read, Ready, Record, Trigger, WriteInterest};
use epollscope::session::{ClientId, Payload};
use epollscope::trace::text::TextWriter;

use crate::support::rig::Rig;

/// A source of numbers, the same for the same seed (xorshift).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `n`.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).expect("31 bits") % n
    }

    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// `policy` with one choice made anew; not one that spins.
    pub(crate) fn switch(&mut self, policy: &Policy) -> Policy {
        let mut next = *policy;
        match self.below(9) {
            0 | 1 => next.trigger = self.pick(&[Trigger::Level, Trigger::Edge]),
            2 => next.oneshot = !next.oneshot,
            3 => next.read = self.pick(&[Read::Once, Read::Drain, Read::DrainShort]),
            4 => next.read_size = self.pick(&[100, 700, 1024, 65_536]),
            5 => next.accept = self.pick(&[Accept::Once, Accept::Drain]),
            6 => next.write = self.pick(&[WriteInterest::OnDemand, WriteInterest::Always]),
            7 => {
                let budget = NonZeroU32::new(500).expect("not 0");
                next.fairness = self.pick(&[Fairness::Greedy, Fairness::RoundRobin(budget)]);
            }
            _ => next.max_events = self.pick(&[1, 2, 64]),
        }
        if next.trigger == Trigger::Level || next.oneshot {
            next.write = WriteInterest::OnDemand;
        }
        next
    }
}

/// What a run is made of.
pub(crate) struct Run {
    pub(crate) rig: Rig,
    dice: Dice,
}

impl Run {
    pub(crate) fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let policy = (0..10).fold(Policy::default(), |policy, _| dice.switch(&policy));
        Self { rig: Rig::new(policy), dice }
    }

    /// Some client, if there is one.
    pub(crate) fn client(&mut self) -> Option<ClientId> {
        let clients: Vec<ClientId> = self.rig.session.clients().clients().map(|(id, _)| id).collect();
        (!clients.is_empty()).then(|| self.dice.pick(&clients))
    }

    /// A client does something, or the server gets an order.
    pub(crate) fn something(&mut self) {
        let what = self.dice.below(20);
        let Some(id) = self.client().filter(|_| what > 1) else {
            if self.rig.session.clients().clients().count() < 6 {
                self.rig.session.clients_mut().connect().expect("connected");
                self.rig.look();
            }
            return;
        };
        let policy = self.dice.switch(self.rig.session.policy());
        let bytes = 1 + self.dice.below(3000);
        let clients = self.rig.session.clients_mut();
        match what {
            2..=11 if !clients.client(id).is_some_and(epollscope::session::Client::has_ended) => {
                // The server may have closed already: that is told by what comes back.
                let _ = clients.send(id, Payload::Pattern(bytes));
            }
            12 => drop(clients.end(id)),
            13 => clients.close(id).expect("a client"),
            14 => clients.reset(id).expect("a client"),
            15 => clients.set_reading(id, false).expect("a client"),
            16 => clients.set_reading(id, true).expect("a client"),
            _ => self.rig.switch(policy),
        }
        self.rig.look();
    }

    /// What the next wait is expected to report.
    pub(crate) fn due(&self) -> Vec<(Fd, Ready)> {
        let (world, policy) = (self.rig.world(), self.rig.session.policy());
        let due = world.due(world.epoll().expect("an epoll")).map(|(item, ready)| (item.fd, ready));
        due.take(policy.max_events as usize).collect()
    }

    /// The server goes on: not at all, some calls, to a wait, or until all is quiet. Whatever it waits for is as the
    /// world expects. Whether it has come to rest.
    pub(crate) fn go_on(&mut self) -> bool {
        let how = self.dice.below(6);
        match how {
            0 => {}
            1 | 2 => {
                for _ in 0..=self.dice.below(4) {
                    if self.rig.is_before_wait() {
                        break;
                    }
                    self.rig.step();
                }
            }
            3 | 4 => {
                self.rig.step_to_wait();
                // What clients do of themselves, such as to close after the server, they do before it is asked.
                while self.rig.session.pump(|_| ()) {}
                self.rig.look();
                let due = self.due();
                if !due.is_empty() {
                    let reported = self.rig.wait();
                    let calls = if due == reported { String::new() } else { self.last_calls() };
                    assert_eq!(due, reported, "what the world expected, and what the wait reported, after\n{calls}");
                }
            }
            _ => {
                self.rig.settle();
                assert_eq!(self.due(), [], "the kernel would report nothing");
            }
        }
        how == 5
    }

    /// The last calls, and what the kernel was asked, as text.
    pub(crate) fn last_calls(&self) -> String {
        let timeline = self.rig.session.timeline();
        let mut text = TextWriter::with_samples(Vec::new());
        for record in timeline.range(timeline.len().saturating_sub(150), timeline.len()) {
            text.write(&record).expect("memory");
        }
        String::from_utf8_lossy(&text.finish().expect("memory")).into_owned()
    }

    /// So many of both.
    pub(crate) fn play(mut self, steps: usize) -> Self {
        for _ in 0..steps {
            self.something();
            self.go_on();
        }
        self
    }
}

/// Has `play` play; again where it failed. The loopback delivers at once, unless the kernel is busy: what it delivers late
/// it may deliver in another order than it was sent. What a seed brings to light by itself, it brings to light each time.
pub(crate) fn played<T>(play: impl Fn() -> T) -> T {
    for _ in 0..2 {
        if let Ok(played) = catch_unwind(AssertUnwindSafe(&play)) {
            return played;
        }
    }
    play()
}

/// The records of a run from its beginning to the server's end.
pub(crate) fn records(seed: u64, steps: usize) -> Vec<Record> {
    let mut run = played(|| Run::new(seed).play(steps));
    run.rig.session.close(|_| ()).expect("closed");
    run.rig.records()
}
