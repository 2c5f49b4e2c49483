//! The traced server, as the bench runs it in a process of its own: its ring is looked at by nobody while it serves, or by
//! a thread that throws away what comes.

use std::os::fd::AsFd as _;
use std::sync::Arc;

use anyhow::Context as _;
use epollscope::cli::{Cli, Command};
use epollscope::probe::{Clock, Mode, WhenFull};
use epollscope::record::Call;
use epollscope::server::{self, Order, Setup};
use epollscope::sys::Notifier;
use epollscope::tui::terminal::{Caught, Signals};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::contenders::{COMMON_FLAGS, LEVEL_FLAGS};
use super::process::{LOAD_CORE, pin};

/// Room in the ring, as in the workbench.
const CAPACITY: usize = 1 << 18;

/// What the trace said of one run: waits with reports, and their reports.
#[derive(Default)]
struct Counted {
    waits: u64,
    reports: u64,
}

/// Serves until SIGTERM. Drained, it says at the end how many reports a wait brought.
pub(crate) fn serve(drained: bool) -> anyhow::Result<()> {
    let flags = [&["epollscope", "serve"], COMMON_FLAGS, LEVEL_FLAGS].concat();
    let Some(Command::Serve { server: args, .. }) = Cli::of(flags)?.command else { unreachable!("it is serve") };
    let _ = epollscope::sys::raise_nofile_limit();
    let signals = Signals::block()?;
    let setup = Setup {
        listen: args.listen,
        policy: args.policy.policy(),
        gate: Mode::Free,
        capacity: CAPACITY,
        when_full: WhenFull::Drop,
    };
    let notifier = Arc::new(Notifier::new()?);
    let (running, mut incoming) = server::spawn(&setup, None, Clock::start(), &notifier)?;
    eprintln!("listening on {}", running.addr());
    let ends = |signals: &Signals| signals.drain().any(|caught| caught == Caught::Terminate);
    let mut counted = Counted::default();
    let (mut news, mut busy) = (Vec::new(), false);
    if drained {
        pin(&[LOAD_CORE])?;
        while !ends(&signals) {
            let _ = notifier.sleep(busy, || !incoming.is_empty(), &[signals.as_fd()], PollTimeout::NONE);
            busy = incoming.drain(&mut news);
            for record in news.drain(..) {
                match record.call {
                    Call::EpollWait { ret, .. } => counted.waits += u64::from(ret.ok().is_some_and(|n| n > 0)),
                    Call::Event { .. } => counted.reports += 1,
                    _ => {}
                }
            }
        }
        eprintln!("reports per wait {:.2}", counted.reports as f64 / counted.waits.max(1) as f64);
    } else {
        while !ends(&signals) {
            poll(&mut [PollFd::new(signals.as_fd(), PollFlags::POLLIN)], PollTimeout::NONE).context("poll")?;
            // Between two turns: what nobody looks at would otherwise fill the ring, and then not be written any more.
            incoming.drain(&mut news);
            news.clear();
        }
    }
    running.order(Order::Stop);
    drop(incoming);
    Ok(running.join()?)
}
