//! What was wanted: one short file a subcommand, which wires a source of records to a timeline, and that to a screen or
//! to text.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};
use std::net::SocketAddr;

use anyhow::anyhow;

use super::{bench, compare, demo, diff, export, lab, lesson, printed, replay, serve, verify, workbench};

use crate::analysis::diff::Counts;
use crate::cli::args::{Cli, Command, LessonCommand, ScreenArgs};
use crate::error::Failure;
use crate::i18n::Lang;
use crate::i18n::words;
use crate::sys;
use crate::tui::Theme;
use crate::tui::terminal::TerminalError;

/// Does what the command line says.
///
/// # Errors
/// What went wrong, with the exit code it deserves.
pub fn run(cli: &Cli) -> Result<(), Failure> {
    // Where it can't be raised it stays as it is, and accept4 says EMFILE earlier.
    let _ = sys::raise_nofile_limit();
    match &cli.command {
        None => workbench::run(&cli.server, cli.lang(), theme(cli.screen)),
        Some(Command::Compare(args)) => compare::run(args, cli.lang(), theme(args.screen)),
        Some(Command::Demo { scene, args, screen }) => demo::run(scene.as_deref(), args, cli.lang(), &theme(*screen)),
        Some(Command::Serve { format, server }) => serve::run(*format, server),
        Some(Command::Lesson { command: Some(LessonCommand::New { folder }), .. }) => lesson::new(folder),
        Some(Command::Lesson { lesson, plain, record, screen, .. }) => {
            lesson::run(lesson.as_deref(), *plain, record.as_deref(), cli.lang(), &theme(*screen))
        }
        Some(Command::Replay { file, twin, screen }) => replay::run(file, twin.as_deref(), cli.lang(), theme(*screen)),
        Some(Command::Verify { lessons, record }) => verify::run(lessons, record.as_deref()),
        Some(Command::Lab { file, format, verbs, record }) => {
            lab::run(file.as_deref(), *format, *verbs, record.as_deref())
        }
        Some(Command::Diff { a, b, twin, also, without }) => {
            diff::run([a, b], twin, &Counts::new(also, without), cli.lang())
        }
        Some(Command::Export { file, twin, to, output }) => {
            export::run(file, twin.as_deref(), *to, output.as_deref(), cli.lang())
        }
        Some(Command::Bench { quick, format, svg }) => bench::run(*quick, *format, svg.as_deref(), cli.lang()),
        Some(Command::Completions { shell }) => printed::completions(*shell),
        Some(Command::Man) => printed::man(),
    }
}

/// The theme that the environment and the command line ask for.
pub(super) fn theme(screen: ScreenArgs) -> Theme {
    Theme::detect(|name| std::env::var(name).ok()).projected(screen.projector)
}

/// A line on standard error where others than this machine may connect; whether they may.
pub(super) fn warn_if_open(addr: SocketAddr) -> bool {
    let open = !addr.ip().is_loopback();
    if open {
        tell(&open_to_all(addr, Lang::En));
    }
    open
}

/// That others than this machine may connect.
pub(super) fn open_to_all(addr: SocketAddr, lang: Lang) -> String {
    words!(
        lang,
        "warning: {addr} is not the loopback: whoever reaches this machine can connect",
        "警告：{addr} 不是回环地址：能访问本机的人都可以连接"
    )
}

/// A closed pipe is no failure.
pub(super) fn quiet(result: io::Result<()>) -> Result<(), Failure> {
    match result {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result.map_err(Failure::refused),
    }
}

/// There is no screen; `instead` says what works without one.
pub(super) fn no_screen(instead: &str) -> impl Fn(TerminalError) -> Failure {
    move |error| Failure::refused(anyhow!("{error}; {instead}"))
}

/// A line on standard error. Where nobody reads it any more, nobody is to be told.
pub(super) fn tell(line: &impl Display) {
    let _ = writeln!(io::stderr(), "epollscope: {line}");
}
