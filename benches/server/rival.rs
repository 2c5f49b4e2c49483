//! A server and its load, which are there all the time and take their turns with others.

use std::net::SocketAddr;
use std::os::fd::AsFd as _;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use anyhow::Context as _;
use epollscope::sys;

use super::contenders::{Contender, TRACED};
use super::load::{Load, Ran, Until};
use super::process::Process;
use super::{Cell, Slice};

/// So many requests are written all over a ring: three records each, and one more for each wait.
pub(crate) const WHOLE_RING: u64 = 80_000;

/// One who takes turns.
pub(crate) struct Rival {
    pub(crate) name: &'static str,
    load: Remote,
    process: Process,
}

impl Rival {
    /// Starts the server and connects its load.
    pub(crate) fn start(contender: &Contender, cell: Cell) -> anyhow::Result<Self> {
        let process = Process::start(&mut contender.command())?;
        if TRACED.contains(&contender.name) {
            // Its ring comes into memory when it is written for the first time, which is no matter of a request.
            let load = Remote::connect(process.addr, (64, 64))?;
            load.run(Until::Requests(WHOLE_RING)).context(contender.name)?;
            drop(load);
            process.say_resized()?;
        }
        let load = Remote::connect(process.addr, cell).with_context(|| format!("{}, {cell:?}", contender.name))?;
        process.until_asleep()?;
        Ok(Self { name: contender.name, load, process })
    }

    /// Keeps it busy for so long, after a quarter of that in which it gets warm, and the instrument uses up what it may take
    /// at once. What it does afterwards, such as writing a recording, is its own: the turn is over when it sleeps.
    pub(crate) fn turn(&self, time: Duration) -> anyhow::Result<Slice> {
        self.load.run(Until::Passed(time / 4)).with_context(|| self.name)?;
        let before = self.process.cpu()?;
        let Ran { requests, p99, fairness, .. } = self.load.run(Until::Passed(time)).with_context(|| self.name)?;
        self.process.until_asleep()?;
        let after = self.process.cpu()?;
        // One whose ring nobody looks at empties it, so that it is full in no turn.
        self.process.say_resized()?;
        self.process.until_asleep()?;
        let each = |before: u64, after: u64| (after - before) as f64 / 1e3 / requests as f64;
        Ok(Slice { cpu: each(before.0, after.0), all_threads: each(before.1, after.1), p99, fairness })
    }

    /// Requests a second.
    pub(crate) fn rate(&self, time: Duration) -> anyhow::Result<f64> {
        Ok(self.load.run(Until::Passed(time)).with_context(|| self.name)?.rate())
    }

    /// Ends it; how many reports a wait brought, if it says so.
    pub(crate) fn stop(self) -> anyhow::Result<Option<f64>> {
        drop(self.load);
        let said = self.process.stop()?;
        Ok(said.trim().rsplit_once("reports per wait ").and_then(|(_, n)| n.parse().ok()))
    }
}

/// A load in a thread with a file table of its own: that of one process has not room for the connections of all.
pub(crate) struct Remote {
    orders: Sender<Until>,
    answers: Receiver<anyhow::Result<Ran>>,
}

impl Remote {
    /// Connects, and has each connection served once.
    pub(crate) fn connect(addr: SocketAddr, (connections, size): Cell) -> anyhow::Result<Self> {
        let ((orders, ordered), (answer, answers)) = (channel::<Until>(), channel());
        let connect = move || -> anyhow::Result<Load> {
            sys::own_file_table(std::io::stdin().as_fd()).context("unshare")?;
            let mut load = Load::connect(addr, connections, size)?;
            load.greet()?;
            Ok(load)
        };
        thread::spawn(move || {
            let mut load = match connect() {
                Ok(load) => load,
                Err(error) => return drop(answer.send(Err(error))),
            };
            let mut said = answer.send(Ok(Ran::default()));
            while let (Ok(()), Ok(until)) = (said, ordered.recv()) {
                said = answer.send(load.run(until).context("the echo failed"));
            }
        });
        let remote = Self { orders, answers };
        remote.answers.recv().context("the load ended")??;
        Ok(remote)
    }

    /// Keeps all connections busy for so long.
    pub(crate) fn run(&self, until: Until) -> anyhow::Result<Ran> {
        self.orders.send(until).context("the load ended")?;
        self.answers.recv().context("the load ended")?
    }
}
