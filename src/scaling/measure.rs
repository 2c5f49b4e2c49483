//! What it costs to wait for one of many, measured on the spot: the one code behind the lab's `scale` and behind
//! `epollscope bench`.
//!
//! The calls are the instrument's own: they are made in a thread with a file table of its own, and no record tells of
//! them. What is measured is processor time of that thread. What else the machine does still shows in it, by the caches;
//! the ways take turns, so that it shows in all of them alike.

use std::io::stdin;
use std::os::fd::AsFd as _;
use std::thread;
use std::time::{Duration, Instant};

use super::{Cost, Method};
use crate::scaling::crowd::{Crowd, Waiting};
use crate::sys::{self, Errno};

/// How long and how often `measure` measures.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Turns of each way at each size, of [`TURN`] rounds.
    pub turns: usize,
    /// They end early when this time is over.
    pub at_most: Duration,
}

/// Rounds of a turn that count. One before them does not: it finds in the caches what another way has left there.
pub(super) const TURN: usize = 4;
/// The fewest turns, however long they take; and as many before them, of a processor that was asleep, count for nothing.
const LEAST_TURNS: usize = 2;

/// What one way of waiting cost with `idle` idle connections.
#[derive(Clone, Debug)]
pub struct Found {
    pub method: Method,
    pub idle: usize,
    /// The median, or why it could not be measured.
    pub cost: Result<Cost, Errno>,
}

/// The result of [`measure`].
#[derive(Clone, Debug, Default)]
pub struct Measured {
    /// Each way at each size, by size.
    pub costs: Vec<Found>,
    pub rounds: usize,
    /// The first size that there was no room for, and why.
    pub cut: Option<(usize, Errno)>,
}

/// Measures each way of waiting at each of `sizes` idle connections, in ascending order, while `active` others speak.
/// `told` hears how far it is, of 1.
pub fn measure(sizes: &[usize], active: usize, effort: Effort, told: impl FnMut(f64) + Send) -> Measured {
    // A thread that could not be started has measured nothing.
    apart(|| measured(sizes, active, effort, told)).unwrap_or_default()
}

fn measured(sizes: &[usize], active: usize, effort: Effort, mut told: impl FnMut(f64)) -> Measured {
    let mut cut = None;
    let room = sizes.iter().rev().find_map(|&idle| {
        let crowd = Crowd::new(idle, active).map_err(|errno| cut = Some((idle, errno)));
        Some((idle, crowd.ok()?))
    });
    let Some((most, crowd)) = room else { return Measured { cut, ..Measured::default() } };
    let mut all = Vec::new();
    for &idle in sizes.iter().filter(|idle| **idle <= most) {
        all.extend(Method::ALL.map(|method| Taken {
            method,
            idle,
            waiting: crowd.waiter(method, idle),
            costs: Vec::new(),
        }));
    }
    let began = Instant::now();
    let mut turns = 0;
    while turns < 2 * LEAST_TURNS || turns < effort.turns && began.elapsed() < effort.at_most {
        for (done, taken) in all.iter_mut().enumerate() {
            taken.turn(turns >= LEAST_TURNS);
            let by_count = (part(done, sizes.len() * Method::ALL.len()) + part(turns, 1)) / part(effort.turns, 1);
            told(by_count.max(began.elapsed().as_secs_f64() / effort.at_most.as_secs_f64()).min(1.0));
        }
        turns += 1;
    }
    let costs = all.into_iter().map(Taken::middle).collect();
    Measured { costs, rounds: (turns - LEAST_TURNS) * TURN, cut }
}

fn part(n: usize, of: usize) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "some hundred turns")]
    let part = n as f64 / of as f64;
    part
}

/// One way at one size, in its turns.
struct Taken<'a> {
    method: Method,
    idle: usize,
    waiting: Result<Waiting<'a>, Errno>,
    costs: Vec<Cost>,
}

impl Taken<'_> {
    fn turn(&mut self, counts: bool) {
        let Ok(waiting) = &mut self.waiting else { return };
        match (0..=TURN).map(|_| waiting.round()).collect::<Result<Vec<_>, _>>() {
            Ok(costs) if counts => self.costs.extend(costs.into_iter().skip(1)),
            Ok(_) => {}
            Err(errno) => self.waiting = Err(errno),
        }
    }

    fn middle(self) -> Found {
        Found { method: self.method, idle: self.idle, cost: self.waiting.map(|_| middle(self.costs)) }
    }
}

/// The median of the waits, and that of the whole.
fn middle(costs: Vec<Cost>) -> Cost {
    let (mut waits, mut wholes): (Vec<_>, Vec<_>) = costs.into_iter().map(|cost| (cost.wait, cost.whole)).unzip();
    let [wait, whole] = [&mut waits, &mut wholes].map(|times| {
        let at = times.len() / 2;
        if times.is_empty() { Duration::ZERO } else { *times.select_nth_unstable(at).1 }
    });
    Cost { wait, whole }
}

/// What the wait alone costs in each round, with `few` and with `many` idle connections and one that speaks: one wait of
/// each, one right after the other, so that what else the machine does slows both down alike.
///
/// There are `rounds` of them, and more, up to `tries` times as many, until they are `clear`.
///
/// # Errors
/// What a call refused: `EMFILE` and `ENFILE` where there are too few fds, `EINVAL` where select(2) has no bit for one.
pub(crate) fn in_turn(
    method: Method,
    [few, many]: [usize; 2],
    rounds: usize,
    tries: usize,
    clear: impl Fn(&[[Duration; 2]]) -> bool + Send,
) -> Result<Vec<[Duration; 2]>, Errno> {
    apart(move || {
        let crowd = Crowd::new(many, 1)?;
        let (mut small, mut large) = (crowd.waiter(method, few)?, crowd.waiter(method, many)?);
        let mut costs = Vec::new();
        for _ in 0..tries {
            for _ in 0..rounds {
                costs.push([small.round()?.wait, large.round()?.wait]);
            }
            if clear(&costs) {
                break;
            }
        }
        Ok(costs)
    })
    .unwrap_or(Err(Errno::EAGAIN))
}

/// Does it in a thread with a file table of its own, whose numbers begin low. `None` where there was no thread for it,
/// or it did not end well.
fn apart<T: Send>(work: impl FnOnce() -> T + Send) -> Option<T> {
    thread::scope(|scope| {
        let thread = thread::Builder::new().name("scale".to_owned()).spawn_scoped(scope, || {
            // Without one of its own the numbers are higher, and no more.
            let _ = sys::own_file_table(stdin().as_fd());
            work()
        });
        thread.ok()?.join().ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_one_in_the_middle() {
        let cost = |wait, whole| Cost { wait: Duration::from_nanos(wait), whole: Duration::from_nanos(whole) };
        assert_eq!(middle(vec![cost(9, 10), cost(1, 90), cost(2, 30)]), cost(2, 30));
        assert_eq!(middle(Vec::new()), cost(0, 0));
    }
}
