//! `epollscope watch`: any program, on the screen, or its calls as lines, and what was found.

mod out;
mod peek;
mod screen;

use std::io::{self, ErrorKind};
use std::thread;
use std::time::Duration;

use nix::sys::signal::{SigSet, Signal, kill};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::unistd::Pid;

use super::findings;
use super::messages::tell;
use super::recording::Recording;
use crate::cli::args::{FindingsRule, WatchArgs};
use crate::error::Failure;
use crate::i18n::{Lang, Message, message, shown, words};
use crate::record::Tid;
use crate::tui::Theme;
use crate::tui::terminal::Terminal;
use crate::watch::{HoldAt, Orders, PROGRAM, Start, Tracer, WatchError, ending};
use out::Out;

pub(super) fn run(args: &WatchArgs, lang: Lang, theme: impl FnOnce() -> Result<Theme, Failure>) -> Result<u8, Failure> {
    let pid = peek::meant(args)?;
    if let Some(option) = args.of_traced_calls().filter(|_| pid.is_some() && !args.trace) {
        return Err(Failure::usage(message!(
            "{option} is about traced calls, and -p only looks; add --trace, or leave {option} away",
            "{option} 针对被跟踪的调用，而 -p 只查看；请加上 --trace，或去掉 {option}"
        )));
    }
    let start = match pid {
        Some(pid) if args.trace => Start::Attach(pid),
        Some(pid) => return peek::run(pid, args, lang, theme),
        None => Start::Launch(args.command.clone()),
    };
    let (status, found) = if args.wants_screen() && Terminal::check().is_ok() {
        screen::run(start, args, theme()?, lang)?
    } else {
        as_lines(&start, args, lang)?
    };
    if found > 0 && args.findings == FindingsRule::Deny {
        return Err(findings::denied(found));
    }
    Ok(status)
}

/// What the recording is of.
fn source(start: &Start) -> String {
    match start {
        Start::Launch(command) => format!("watch {}", command.iter().map(shown).collect::<Vec<_>>().join(" ")),
        Start::Attach(pid) => format!("watch -p {pid}"),
    }
}

/// Writes its calls as lines, and gives its exit status and how many findings there are.
fn as_lines(start: &Start, args: &WatchArgs, lang: Lang) -> Result<(u8, u64), Failure> {
    let source = source(start);
    let mut recording = Recording::open(args.record.to())?;
    let mut out = Out::new(args, &source, lang)?;
    let signals = block().map_err(Failure::refused)?;
    let watched = start.take(!args.no_source, None).map_err(refused)?;
    let pid = watched.pid();
    let (mut tracer, orders) = Tracer::new(watched, HoldAt::No).map_err(refused)?;
    pass_on(signals, pid, orders);
    recording.begin(source)?;
    let followed = tracer.run(|records| {
        for record in records {
            recording.write(record).map_err(|error| io::Error::other(recording.failed(error)))?;
        }
        if records.is_empty() {
            // A failure comes again, when a block is full or at the end.
            let _ = recording.flush();
            return out.flush();
        }
        out.take(records)
    });
    let status = match followed {
        // Nobody reads any more: the program ends with its watcher.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok((0, 0)),
        followed => followed.map_err(|error| unwritable(args, error))?.map_err(refused)?,
    };
    recording.finish()?;
    let found = out.finish().map_err(|error| unwritable(args, error))?;
    // One that ran already runs on.
    if !args.quiet && matches!(start, Start::Launch(_)) {
        tell(&ending(PROGRAM, status.into(), lang));
    }
    if tracer.lacks_depths() {
        tell_lack_of_depths(lang);
    }
    if found > 0 && tracer.lacks_lines() {
        tell(&words!(
            lang,
            "no source lines: the program has no debug information; compile it with -g (Rust: debug = 1)",
            "没有源码行：程序不带调试信息；请用 -g 编译（Rust 用 debug = 1）"
        ));
    }
    Ok((status, found))
}

/// The calls could not be written. What could not be recorded says so itself.
fn unwritable(args: &WatchArgs, error: io::Error) -> Failure {
    let Some(path) = args.output.as_ref().filter(|_| error.raw_os_error().is_some()) else {
        return Failure::refused(error);
    };
    Failure::refused(anyhow::Error::new(error).context(message!(
        "cannot write to {}; choose another file with --output",
        "无法写入 {}；请用 --output 指定另一个文件",
        shown(path)
    )))
}

fn tell_lack_of_depths(lang: Lang) {
    tell(&words!(
        lang,
        "the kernel allows no copies of the program's fds (pidfd_getfd), so unread and unsent bytes are unknown; a container needs --cap-add=SYS_PTRACE",
        "内核不允许复制程序的 fd（pidfd_getfd），因此未读、未发的字节数未知；容器需要 --cap-add=SYS_PTRACE"
    ));
}

#[allow(clippy::needless_pass_by_value, reason = "it stands where an error is handed over")]
fn refused(error: WatchError) -> Failure {
    Failure::refused(Message::new(|lang| error.words(lang)))
}

/// The signals that would end this process and are the program's affair.
fn block() -> io::Result<SignalFd> {
    let set: SigSet = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGQUIT, Signal::SIGHUP].into_iter().collect();
    set.thread_block()?;
    // The program must not inherit it.
    Ok(SignalFd::with_flags(&set, SfdFlags::SFD_CLOEXEC)?)
}

/// How long to wait before the tracer is woken once more.
const AGAIN: Duration = Duration::from_millis(10);

/// Passes signals on to the program. One that a key of the terminal has sent came to it too, so that is left alone. Once
/// the program has ended, a signal ends what it has left behind.
fn pass_on(signals: SignalFd, program: Tid, orders: Orders) {
    const FROM_KERNEL: i32 = 0x80;
    let pid = Pid::from_raw(program.0.cast_signed());
    thread::spawn(move || {
        while let Ok(Some(info)) = signals.read_signal() {
            let signal = i32::try_from(info.ssi_signo).ok().and_then(|number| Signal::try_from(number).ok());
            // A wake-up that comes just before the tracer sleeps is lost. This thread ends with the process.
            while orders.has_ended() {
                orders.end();
                thread::sleep(AGAIN);
            }
            if info.ssi_code != FROM_KERNEL {
                // It may have ended just now.
                let _ = kill(pid, signal);
            }
        }
    });
}
