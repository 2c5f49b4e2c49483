//! `epollscope lesson`: the list, one lesson on the screen or as text, or a new one.

use std::io::{self, ErrorKind, Write as _};
use std::path::Path;
use std::rc::Rc;

use anyhow::{Context as _, anyhow};

use super::verify::read;
use crate::error::Failure;
use crate::script::Mistake;
use crate::teach::plain::{PlainError, give};
use crate::teach::{Lesson, Progress, Source, builtin, find, scaffold};
use crate::trace::Lang;

pub(super) fn run(lesson: Option<&str>, plain: bool, lang: Lang) -> Result<(), Failure> {
    let Some(name) = lesson else { return quiet(list(lang)) };
    let source = one(name)?.map_err(|(_, mistakes)| wrong(&mistakes))?;
    let mut known: Vec<String> = builtin().into_iter().map(|source| source.id).collect();
    known.push(source.id.clone());
    let lesson = Lesson::load(&source, &known).map_err(|mistakes| wrong(&mistakes))?;
    let _ = plain;
    as_text(&Rc::new(lesson), lang)
}

/// Writes a small lesson to begin with.
pub(super) fn new(folder: &Path) -> Result<(), Failure> {
    let name = folder.display();
    match scaffold(folder) {
        Ok(()) => {
            let mut out = io::stdout();
            let written =
                writeln!(out, "{name} is a lesson that passes: epollscope verify {name}; epollscope lesson {name}");
            quiet(written)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            Err(Failure::usage(anyhow!("{name} is there already; choose a folder that is not")))
        }
        Err(error) => Err(Failure::refused(anyhow!(error).context(format!("cannot write a lesson to {name}")))),
    }
}

/// The one lesson that `name` means: a folder, or a built-in one.
pub(super) fn one(name: &str) -> Result<Result<Source, (String, Vec<Mistake>)>, Failure> {
    let path = Path::new(name);
    if let Some(source) = find(name) {
        return Ok(Ok(source));
    }
    if path.exists() {
        return Ok(read(path));
    }
    Err(Failure::usage(anyhow!("there is no lesson \"{name}\", and no such folder; `epollscope lesson` lists them")))
}

fn wrong(mistakes: &[Mistake]) -> Failure {
    let all: Vec<String> = mistakes.iter().map(Mistake::to_string).collect();
    Failure::usage(anyhow!("the lesson can't be taken\n{}", all.join("\n")))
}

fn list(lang: Lang) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let progress = Progress::load();
    let sources = builtin();
    let known: Vec<String> = sources.iter().map(|source| source.id.clone()).collect();
    for source in &sources {
        let title =
            Lesson::load(source, &known).map_or_else(|_| source.id.clone(), |lesson| lesson.prose(lang).title.clone());
        let standing = match progress.of(&source.id) {
            Some(standing) if standing.is_done() => lang.of("done", "完成").to_owned(),
            Some(standing) => format!("{}/{}", standing.steps, standing.of),
            None => String::new(),
        };
        let pad = " ".repeat(32_usize.saturating_sub(source.id.len()));
        let room = " ".repeat(8_usize.saturating_sub(unicode_width::UnicodeWidthStr::width(&*standing)));
        writeln!(out, "{standing}{room}{}{pad} {title}", source.id)?;
    }
    let hint = lang.of("epollscope lesson 1 takes the first", "epollscope lesson 1 开始第一课");
    writeln!(out, "\n{hint}")
}

fn as_text(lesson: &Rc<Lesson>, lang: Lang) -> Result<(), Failure> {
    let mut progress = Progress::load();
    let mut kept = Ok(());
    let given = give(lesson, lang, &mut io::stdin().lock(), &mut io::stdout().lock(), |standing| {
        kept = progress.keep(&lesson.id, standing);
    });
    match given {
        Err(PlainError::Io(error)) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        Err(PlainError::Io(error)) => Err(Failure::refused(error)),
        Err(PlainError::Trouble(trouble)) => Err(Failure::check(trouble)),
        Ok(()) => kept.context("your progress could not be kept").map_err(Failure::refused),
    }
}

/// A closed pipe is no failure.
fn quiet(result: io::Result<()>) -> Result<(), Failure> {
    match result {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result.map_err(Failure::refused),
    }
}
