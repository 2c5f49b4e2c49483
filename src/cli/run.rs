//! Runs the command that the arguments name.

use super::{
    bench, compare, completions, demo, diff, export, findings, grade, lab, lesson, man, replay, serve, settings,
    verify, watch, workbench,
};

use super::settings::Settings;
use crate::analysis::diff::Counts;
use crate::cli::args::{Cli, Command, LessonCommand, ScreenArgs};
use crate::error::Failure;
use crate::sys;
use crate::tui::terminal::Terminal;
use crate::tui::{CodeLanguage, Theme};

/// Does what the command line says, and gives the exit code, that of the program under watch; a failure carries its own.
pub fn run(cli: &Cli) -> Result<u8, Failure> {
    if let Some(Command::Watch(args)) = &cli.command {
        return watch::run(args, cli.lang(), || theme(args.screen, &Settings::load()?));
    }
    run_own(cli).map(|()| 0)
}

/// The theme of a screen, which also leaves the mouse alone where that is wanted.
fn theme(screen: ScreenArgs, settings: &Settings) -> Result<Theme, Failure> {
    if screen.no_mouse || !settings.mouse {
        Terminal::leave_the_mouse();
    }
    Ok(settings.theme(|name| std::env::var(name).ok())?.projected(screen.projector))
}

fn run_own(cli: &Cli) -> Result<(), Failure> {
    // Where it can't be raised it stays as it is, and accept4 says EMFILE earlier.
    let _ = sys::raise_nofile_limit();
    let settings = Settings::load()?;
    let theme = |screen: ScreenArgs| theme(screen, &settings);
    let code = || CodeLanguage::load(settings.code());
    match &cli.command {
        None => workbench::run(&cli.server, cli.lang(), (cli.screen, theme(cli.screen)?), !cli.no_welcome, &settings),
        Some(Command::Grade(args)) => grade::run(args, cli.lang(), || theme(cli.screen)),
        Some(Command::Config) => settings::run(cli.lang()),
        Some(Command::Compare(args)) => compare::run(args, cli.lang(), theme(args.screen)?, code()),
        Some(Command::Demo { scene, args, screen }) => {
            demo::run(scene.as_deref(), args, cli.lang(), (*screen, &theme(*screen)?), code())
        }
        Some(Command::Serve { format, server }) => serve::run(*format, server, cli.lang()),
        Some(Command::Lesson { command: Some(LessonCommand::New { folder }), .. }) => lesson::new(folder, cli.lang()),
        Some(Command::Lesson { command: Some(LessonCommand::Check { format }), .. }) => {
            lesson::check(*format, cli.lang())
        }
        Some(Command::Lesson { lesson: Some(lesson), page: Some(_), output, .. }) => {
            lesson::page(lesson, output.as_deref(), cli.lang())
        }
        Some(Command::Lesson { lesson, plain, record, screen, .. }) => {
            let look = (&theme(*screen)?, code());
            lesson::run(lesson.as_deref(), *plain || screen.linear, record.to(), cli.lang(), look)
        }
        Some(Command::Replay { file, variant, screen }) => {
            replay::run((file, variant.as_deref()), cli.lang(), (*screen, theme(*screen)?), code())
        }
        Some(Command::Verify { lessons, record, force }) => verify::run(lessons, record.as_deref(), *force, cli.lang()),
        Some(Command::Lab { file, format, verbs, record }) => {
            lab::run(file.as_deref(), *format, *verbs, record.to(), cli.lang())
        }
        Some(Command::Diff { a, b, variant, also, without }) => {
            diff::run([a, b], variant, &Counts::new(also, without), cli.lang())
        }
        Some(Command::Findings { file, variant, format, findings: rule }) => {
            findings::run(file, variant.as_deref(), *format, *rule, cli.lang())
        }
        Some(Command::Export(args)) => export::run(args, cli.lang()),
        Some(Command::Bench { quick, format, svg }) => bench::run(*quick, *format, svg.as_deref(), cli.lang()),
        Some(Command::Completions { shell }) => completions::run(*shell),
        Some(Command::Man) => man::run(),
        // See above.
        Some(Command::Watch(_)) => Ok(()),
    }
}
