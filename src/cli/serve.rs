//! `epollscope serve`: the same server without a screen.

use std::io::{self, BufWriter, ErrorKind};
use std::net::SocketAddr;
use std::os::fd::AsFd as _;
use std::sync::Arc;

use nix::poll::PollTimeout;

use super::messages::{tell, warn_if_open};
use super::recording::Recording;
use crate::cli::args::{Format, ServerArgs};
use crate::error::Failure;
use crate::i18n::{Clean, CleanJson, Lang, grouped, words};
use crate::probe::{Clock, Incoming, Mode, WhenFull};
use crate::record::{Record, Seq};
use crate::server::{self, Order, Running, ServerError, Setup};
use crate::sys::{Notifier, Patient};
use crate::trace::{Header, World, Writer, text::TextWriter};
use crate::tui::Observer as _;
use crate::tui::terminal::{Caught, Signals};

/// Room in the ring, in records. When it is full the server waits: nothing is lost here.
const CAPACITY: usize = 1 << 16;

pub(super) fn run(format: Format, args: &ServerArgs, lang: Lang) -> Result<(), Failure> {
    let mut recording = Recording::open(args.record.to())?;
    let signals = Signals::block().map_err(Failure::refused)?;
    let setup = Setup {
        listen: args.listen,
        policy: args.policy.policy(),
        gate: Mode::Free,
        capacity: CAPACITY,
        when_full: WhenFull::Wait,
    };
    let notifier = Arc::new(Notifier::new().map_err(|errno| Failure::refused(ServerError::Start { errno }))?);
    if format == Format::None && !recording.is_on() {
        let running = server::spawn_unwatched(&setup, &notifier).map_err(Failure::refused)?;
        announce(running.addr(), lang);
        while !asks_to_end(&signals) && !running.is_over() {
            // EINTR: look again.
            let _ = notifier.sleep(false, || running.is_over(), &[signals.as_fd()], PollTimeout::NONE);
        }
        running.order(Order::Stop);
        return running.join().map_err(Failure::refused);
    }
    let (running, mut incoming) = server::spawn(&setup, None, Clock::start(), &notifier).map_err(Failure::refused)?;
    announce(running.addr(), lang);
    recording.begin(format!("serve {}", running.addr()))?;
    let mut world = World::default();
    let mut out = Out::new(format, running.addr(), lang);
    let watched = follow(&running, &mut incoming, &notifier, &signals, |news| {
        let out = out.as_mut().map_err(|error| unwritable(error))?;
        for record in news {
            world.apply(record);
            recording.write(record).map_err(|error| io::Error::other(recording.failed(error)))?;
            out.write(record).map_err(|error| unwritable(&error))?;
        }
        // A failure comes again, when a block is full or at the end.
        let _ = recording.flush();
        recording.warning(lang).iter().for_each(tell);
        out.flush().map_err(|error| unwritable(&error))
    });
    // Nobody reads any more, or the disk is full: the server still closes what is open, and nothing else waits for it.
    drop(incoming);
    let ended = running.join();
    recording.finish()?;
    match watched {
        Err(error) if matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::WouldBlock) => return Ok(()),
        watched => watched.map_err(Failure::refused)?,
    }
    ended.map_err(Failure::refused)?;
    tell(&summary(&world, lang));
    Ok(())
}

/// Gives `take` the server's records as they come, until it has ended, which a signal or an error of `take` orders.
fn follow(
    running: &Running,
    incoming: &mut Incoming,
    notifier: &Notifier,
    signals: &Signals,
    mut take: impl FnMut(&[Record]) -> io::Result<()>,
) -> io::Result<()> {
    let (mut news, mut seq, mut busy) = (Vec::new(), 0, false);
    loop {
        let again = PollTimeout::try_from(Running::AGAIN).unwrap_or(PollTimeout::MAX);
        let timeout = if running.interrupt() { again } else { PollTimeout::NONE };
        // EINTR: whoever sleeps looks at everything when it wakes.
        let _ = notifier.sleep(busy, || !incoming.is_empty() || incoming.is_closed(), &[signals.as_fd()], timeout);
        if asks_to_end(signals) {
            running.order(Order::Stop);
        }
        let closed = incoming.is_closed();
        busy = incoming.drain(&mut news);
        for record in &mut news {
            seq += 1;
            record.seq = Seq(seq);
        }
        if let Err(error) = take(&news) {
            running.order(Order::Stop);
            return Err(error);
        }
        news.clear();
        if closed {
            return Ok(());
        }
    }
}

fn asks_to_end(signals: &Signals) -> bool {
    signals.drain().any(|caught| matches!(caught, Caught::Interrupt | Caught::Terminate | Caught::HangUp))
}

/// Standard output in one of the formats.
enum Out {
    Text(TextWriter<BufWriter<Clean<Patient>>>),
    Jsonl(Writer<BufWriter<CleanJson<Patient>>>),
    None,
}

impl Out {
    fn new(format: Format, addr: SocketAddr, lang: Lang) -> io::Result<Self> {
        let out = Patient::on(io::stdout().as_fd())?;
        Ok(match format {
            Format::Text => Self::Text(TextWriter::in_lang(BufWriter::new(Clean(out)), lang)),
            Format::Jsonl => {
                Self::Jsonl(Writer::new(BufWriter::new(CleanJson(out)), &Header::now(format!("serve {addr}")))?)
            }
            Format::None => Self::None,
        })
    }

    fn write(&mut self, record: &Record) -> io::Result<()> {
        match self {
            Self::Text(out) => out.write(record),
            Self::Jsonl(out) => out.write(record),
            Self::None => Ok(()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Text(out) => out.flush(),
            Self::Jsonl(out) => out.flush(),
            Self::None => Ok(()),
        }
    }
}

/// Standard output failed. The kind is kept: a closed pipe ends quietly.
fn unwritable(error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("cannot write to standard output: {error}"))
}

/// The first line on standard error: the address that was really bound.
fn announce(addr: SocketAddr, lang: Lang) {
    tell(&words!(lang, "listening on {addr}", "正在监听 {addr}"));
    warn_if_open(addr, lang);
}

/// The last line on standard error.
fn summary(world: &World, lang: Lang) -> String {
    let counters = world.counters();
    let connections = if counters.accepted == 1 { "connection" } else { "connections" };
    let [accepted, came, went, calls] =
        [counters.accepted, counters.bytes_in, counters.bytes_out, counters.calls].map(grouped);
    let summary = words!(
        lang,
        "{accepted} {connections}, {came} bytes in, {went} bytes out, {calls} system calls",
        "{accepted} 个连接，收到 {came} 字节，发出 {went} 字节，{calls} 次系统调用"
    );
    if counters.dropped == 0 {
        return summary;
    }
    let dropped = grouped(counters.dropped);
    summary
        + &words!(
            lang,
            "; the kernel dropped {dropped} arrivals: the listen queue was full",
            "；监听队列已满，内核丢弃了 {dropped} 次到达"
        )
}
