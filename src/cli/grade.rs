//! `epollscope grade`: a server of one's own against adversarial clients.

mod html;
mod look;
mod points;
mod report;
mod text;

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use nix::sys::signal::{SigSet, Signal};

use super::messages::{print, quiet, stdout, tell};
use points::Points;

use crate::cli::args::{GradeArgs, GradeFormat, Skeleton};
use crate::error::Failure;
use crate::grade::{CASES, Case, Graded, Options, Verdict, grade};
use crate::i18n::{Lang, Message, message, shown, words};
use crate::tui::Theme;

pub(super) fn run(args: &GradeArgs, lang: Lang, theme: impl FnOnce() -> Result<Theme, Failure>) -> Result<(), Failure> {
    let cases = chosen(&args.case)?;
    if args.list {
        return quiet(text::list(&mut stdout(), &cases, lang));
    }
    if let Some(skeleton) = args.skeleton {
        return print(match skeleton {
            Skeleton::Python => include_str!("grade/skeleton/echo.py"),
            Skeleton::C => include_str!("grade/skeleton/echo.c"),
            Skeleton::Rust => include_str!("grade/skeleton/echo.rs"),
        });
    }
    let (command, port, source) = (args.command.clone(), args.port, !args.no_source);
    let options = Options { command, port, connect: args.connect, source, keep: args.look, lang, over: Arc::default() };
    let points = args.points.as_deref().map(Points::read).transpose()?;
    if let (true, [case]) = (args.look, &cases[..]) {
        return look::run(case, &options, theme()?);
    } else if args.look {
        return Err(Failure::usage(message!("--look takes one case", "--look 只看一个用例")));
    }
    end_at_signals(&options.over).map_err(Failure::refused)?;
    let mut out = stdout();
    let is_text = args.format == GradeFormat::Text;
    let mut graded: Vec<Graded> = Vec::new();
    for (n, case) in cases.iter().enumerate() {
        progress(n, cases.len(), case, lang);
        let one = grade(case, &options);
        clear_progress();
        let one = match one {
            Ok(one) => one,
            Err(why) => {
                let reported = report(&mut out, &graded, args, points, lang);
                tell(&why);
                reported?;
                return Err(Failure::check(message!("case {} could not be played", "无法进行用例 {}", case.id)));
            }
        };
        if is_text {
            quiet(text::case(&mut out, &one, lang).and_then(|()| out.flush()))?;
        }
        graded.push(one);
    }
    report(&mut out, &graded, args, points, lang)?;
    let missed = graded.iter().filter(|one| matches!(one.verdict, Verdict::Fail(_) | Verdict::Unclean(_))).count();
    if missed == 0 {
        return Ok(());
    }
    let (all, s) = (graded.len(), if graded.len() == 1 { "" } else { "s" });
    Err(Failure::check(message!("{missed} of {all} case{s} not passed", "{all} 个用例中 {missed} 个没有通过")))
}

/// All that was found, in this format.
fn report(
    out: &mut impl io::Write,
    graded: &[Graded],
    args: &GradeArgs,
    points: Option<Points>,
    lang: Lang,
) -> Result<(), Failure> {
    match args.format {
        GradeFormat::Text => {
            quiet(text::summary(out, graded, lang))?;
            if let Some(points) = &points {
                quiet(text::points(out, points.sum(graded), lang))?;
            }
        }
        GradeFormat::Junit => print(&report::junit(graded, lang))?,
        GradeFormat::Gradescope => {
            print(&format!("{:#}\n", report::gradescope(graded, &points.unwrap_or_default(), lang)))?;
        }
        GradeFormat::Html => {
            let mut command: Vec<_> = args.command.iter().map(shown).collect();
            command.extend(args.connect.map(|addr| addr.to_string()));
            let points = points.map(|points| points.sum(graded));
            print(&html::page(graded, points, &command.join(" "), lang))?;
        }
        GradeFormat::Json => print(&format!("{:#}\n", report::json(graded, lang)))?,
    }
    Ok(())
}

/// SIGINT, SIGTERM and SIGHUP end the case that is played, and what was found so far is reported. The server has a mask of
/// its own.
fn end_at_signals(over: &Arc<AtomicBool>) -> io::Result<()> {
    let set: SigSet = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP].into_iter().collect();
    set.thread_block()?;
    let over = over.clone();
    thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || over.store(set.wait().is_ok(), Ordering::Relaxed))?;
    Ok(())
}

/// The cases of these ids, in the order of the table; all of them where none is named.
fn chosen(ids: &[String]) -> Result<Vec<&'static Case>, Failure> {
    if let Some(id) = ids.iter().find(|id| Case::by_id(id).is_none()) {
        return Err(unknown(id));
    }
    Ok(CASES.iter().filter(|case| ids.is_empty() || ids.iter().any(|id| id == case.id)).collect())
}

/// How like an id a word is, of 1, that may have been meant for it.
const LIKELY: f64 = 0.7;

fn unknown(id: &str) -> Failure {
    let likeness = |case: &&Case| strsim::jaro_winkler(case.id, id);
    let likely = CASES.iter().filter(|case| likeness(case) > LIKELY);
    let near = likely.max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    let id = id.escape_debug().to_string();
    Failure::usage(Message::new(|lang| {
        let meant =
            near.map(|Case { id, .. }| words!(lang, "did you mean {id}? ", "是不是 {id}？")).unwrap_or_default();
        words!(
            lang,
            "there is no case {id}; {meant}`epollscope grade --list` lists all",
            "没有用例 {id}；{meant}`epollscope grade --list` 列出全部"
        )
    }))
}

/// On a terminal, which case is played now.
fn progress(n: usize, of: usize, case: &Case, lang: Lang) {
    if io::stderr().is_terminal() {
        // Nothing depends on it.
        let _ = write!(io::stderr(), "\r\x1b[K{}/{of} {}", n + 1, lang.pick(case.title));
    }
}

fn clear_progress() {
    if io::stderr().is_terminal() {
        let _ = write!(io::stderr(), "\r\x1b[K");
    }
}
