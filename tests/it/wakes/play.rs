//! Playing all scripts of an alphabet.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use epollscope::i18n::Lang;
use epollscope::record::Ready;
use epollscope::script::{Does, Line, SceneRunner, Verb, parse};

use super::alphabets::Alphabet;
use crate::support::account::Account;
use crate::support::lab::start_alone;
use crate::support::loopback::whole_loopback;

/// Which scripts of an alphabet are played.
#[derive(Clone, Copy)]
pub(crate) struct Scope {
    /// How many operations each has.
    pub(crate) length: u32,
    /// Only with every nth mask, from the first on.
    pub(crate) every_nth_mask: usize,
    /// In every nth script each sentence of why is held against a second account.
    pub(crate) every_nth_account: u64,
}

/// Threads that play at the same time. More than there are processors: where a FIN's acknowledgement is put off, a script
/// waits for it.
const PLAYERS: usize = 8;

/// How often a script is played before its failure counts. The loopback delivers at once, unless the kernel is busy. What
/// the inference has wrong, it has wrong each time.
const TRIES: usize = 4;

/// How many scripts were played, and those in which what was inferred did not come.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) scripts: u64,
    pub(crate) failures: Vec<String>,
}

/// The lines of an alphabet, read once.
struct Lines {
    begin: Vec<Line>,
    adds: Vec<Vec<Line>>,
    /// Most have one line.
    operations: Vec<Vec<Line>>,
    /// What resets the connections of a script that has been played: one that ends by itself keeps its port for a minute,
    /// and there are not so many.
    resets: Vec<Line>,
    wait: Line,
    wait_one: Line,
    length: u32,
}

impl Lines {
    fn of(alphabet: &Alphabet, scope: Scope) -> Self {
        let begin = format!("e = epoll\n{}", alphabet.begin);
        let first = begin.lines().count();
        let read = |more: &str| {
            let mut lines = parse(alphabet.name, &format!("{begin}\n{more}")).unwrap_or_else(|error| panic!("{error}"));
            lines.split_off(first)
        };
        let [a, b] = alphabet.watched;
        let masks = alphabet.masks.split(" | ").step_by(scope.every_nth_mask);
        let adds = masks.map(|mask| read(&format!("add e {a} {mask}\nadd e {b} {mask}"))).collect();
        let mut lines = read(&alphabet.operations.replace(" | ", "\n").replace("; ", "\n")).into_iter();
        let lines_of = |operation: &str| lines.by_ref().take(operation.split("; ").count()).collect();
        let operations = alphabet.operations.split(" | ").map(lines_of).collect();
        let connections = if alphabet.begin.contains("tcp") { "reset a\nreset b" } else { "" };
        let resets = read(connections);
        let mut waits = read("wait e\nwait e max 1");
        let begin = parse(alphabet.name, &begin).expect("read before");
        let wait_one = waits.pop().expect("a line");
        Self { begin, adds, operations, resets, wait: waits.pop().expect("a line"), wait_one, length: scope.length }
    }

    /// How many sequences of operations there are.
    fn sequences(&self) -> usize {
        self.operations.len().pow(self.length)
    }

    /// The sequence of this number, unless it uses what it has closed.
    fn sequence(&self, mut number: usize) -> Option<Vec<&[Line]>> {
        let mut operations = Vec::new();
        for _ in 0..self.length {
            operations.push(&*self.operations[number % self.operations.len()]);
            number /= self.operations.len();
        }
        let uses =
            |lines: &[Line], closed: &str| lines.iter().any(|line| line.text.split(' ').any(|word| word == closed));
        let closed = |lines: &[Line]| match &lines[0].does {
            Does::Call(Verb::Close { file } | Verb::Reset { file } | Verb::End { child: file }) => Some(file.clone()),
            _ => None,
        };
        let is_sound = operations.iter().enumerate().all(|(i, lines)| {
            operations[..i].iter().filter_map(|before| closed(before)).all(|closed| !uses(lines, &closed))
        });
        is_sound.then_some(operations)
    }

    /// The scripts of a sequence: for each mask, with a wait or none after each operation but the last.
    fn scripts<'a>(&'a self, operations: &'a [&[Line]]) -> impl Iterator<Item = Vec<&'a Line>> {
        let patterns = 0..1_u32 << (self.length - 1);
        patterns.flat_map(move |waits| self.adds.iter().map(move |adds| self.script(adds, operations, waits)))
    }

    fn script<'a>(&'a self, adds: &'a [Line], operations: &[&'a [Line]], waits: u32) -> Vec<&'a Line> {
        let mut script: Vec<&Line> = self.begin.iter().chain(adds).collect();
        script.push(&self.wait);
        for (i, operation) in operations.iter().enumerate() {
            script.extend(*operation);
            if waits >> i & 1 == 1 {
                script.push(&self.wait);
            }
        }
        script.extend([&self.wait_one, &self.wait]);
        script
    }
}

/// How many scripts that are.
pub(crate) fn count(alphabet: &Alphabet, scope: Scope) -> u64 {
    let lines = Lines::of(alphabet, scope);
    let sequences = (0..lines.sequences()).filter_map(|number| lines.sequence(number)).count();
    sequences as u64 * lines.adds.len() as u64 * (1 << (scope.length - 1))
}

/// Plays every script.
pub(crate) fn explore(alphabet: &Alphabet, scope: Scope) -> Tally {
    // Several players at once, each with thousands of sockets: a flood to whoever would run beside them.
    let _loopback = whole_loopback();
    let lines = Arc::new(Lines::of(alphabet, scope));
    let next = Arc::new(AtomicUsize::new(0));
    // A signal wakes the signalfds of all threads.
    let players = if alphabet.name == "signalfd" { 1 } else { PLAYERS };
    let players: Vec<_> = (0..players)
        .map(|_| {
            let (lines, next) = (Arc::clone(&lines), Arc::clone(&next));
            start_alone(move || {
                let mut tally = Tally::default();
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= lines.sequences() {
                        return tally;
                    }
                    let Some(operations) = lines.sequence(number) else { continue };
                    for script in lines.scripts(&operations) {
                        let account = || tally.scripts.is_multiple_of(scope.every_nth_account).then(Account::default);
                        let tries = || play(&script, &lines.resets, account()).err();
                        tally.failures.extend((0..TRIES).map_while(|_| tries()).nth(TRIES - 1));
                        tally.scripts += 1;
                    }
                }
            })
        })
        .collect();
    let mut all = Tally::default();
    for player in players {
        let tally = player.join().expect("no panic");
        all.scripts += tally.scripts;
        all.failures.extend(tally.failures);
    }
    all.failures.sort_by_key(String::len);
    all
}

/// Plays a script. What it has left open is reset.
fn play(script: &[&Line], resets: &[Line], account: Option<Account>) -> Result<(), String> {
    let mut runner = SceneRunner::new(Lang::En);
    let played = play_with(&mut runner, script, account);
    for line in resets {
        runner.run(line, |_| ());
    }
    played
}

fn play_with(runner: &mut SceneRunner, script: &[&Line], mut account: Option<Account>) -> Result<(), String> {
    let so_far = |i| script[..=i].iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join("; ");
    for (i, line) in script.iter().enumerate() {
        let foreseen = match &line.does {
            Does::Call(Verb::Wait { epoll, max, timeout: 0, .. }) => {
                if runner.lists().into_iter().any(|lists| lists.epoll == *epoll && !lists.unknown.is_empty()) {
                    return Err(format!("{}\n  something is unknown", so_far(i)));
                }
                runner.lab().map(|lab| (lab.due(epoll), *max as usize))
            }
            _ => None,
        };
        let outcome = runner.run(line, |_| ());
        if let Some(stop) = outcome.stop {
            return Err(format!("{}\n{stop:?}", so_far(i)));
        }
        if let (Some((mut due, max)), Some(lab)) = (foreseen, runner.lab()) {
            due.truncate(max);
            if due != lab.events() {
                return Err(format!("{}\n  inferred {}\n  came     {}", so_far(i), list(&due), list(lab.events())));
            }
        }
        if let (Some(account), Some(lab)) = (&mut account, runner.lab()) {
            account.follow(lab.timeline()).map_err(|wrong| format!("{}\n  {wrong}", so_far(i)))?;
        }
    }
    Ok(())
}

fn list(events: &[(String, Ready)]) -> String {
    let events: Vec<String> = events.iter().map(|(name, ready)| format!("{name} {ready}")).collect();
    if events.is_empty() { "nothing".to_owned() } else { events.join(", ") }
}
