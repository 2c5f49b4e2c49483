//! `epollscope lesson`: the list, one lesson on the screen or as text, or a new one.

mod page;

use std::io::{self, ErrorKind, IsTerminal as _, Write as _};
use std::path::Path;
use std::rc::Rc;

use anyhow::anyhow;

use super::args::CheckFormat;
use super::messages::{no_screen, quiet, stdout, tell};
use super::recording::{RecordTo, Recording};
use crate::error::Failure;
use crate::i18n::{Both, Lang, Message, message, shown, words, wrap::left};
use crate::lesson::plain::{PlainError, give};
use crate::lesson::{
    Lesson, LessonSource, Progress, builtin, check, enough_fds_for, find, ids, lessons, recommended, scaffold,
};
use crate::script::Diagnostic;
use crate::tui::terminal::{Signals, Terminal};
use crate::tui::{CodeLanguage, LessonList, Stack, Theme, run as show};

pub(super) use page::write as page;

const INSTEAD: Both = ("`--plain` works without", "`--plain` 不需要屏幕");

pub(super) fn run(
    lesson: Option<&str>,
    plain: bool,
    record: RecordTo<'_>,
    lang: Lang,
    look: (&Theme, CodeLanguage),
) -> Result<(), Failure> {
    let Some(name) = lesson else {
        let on_terminal = io::stdout().is_terminal() && io::stdin().is_terminal() && !plain;
        return if on_terminal { on_screen(lessons(), None, record, lang, look) } else { quiet(list(lang)) };
    };
    let lesson = load(name)?;
    if plain || !io::stdout().is_terminal() || !io::stdin().is_terminal() {
        return as_text(&lesson, record, lang);
    }
    let mut lessons = lessons();
    if !lessons.iter().any(|other| other.id == lesson.id) {
        lessons = vec![Rc::clone(&lesson)];
    }
    on_screen(lessons, Some(&lesson.id), record, lang, look)
}

/// The lesson of this name, read and found sound, where there are fds enough for it.
fn load(name: &str) -> Result<Rc<Lesson>, Failure> {
    let source = one(name)?.map_err(|(_, diagnostics)| wrong(&diagnostics))?;
    let mut known = ids();
    known.push(source.id.clone());
    let lesson = Rc::new(Lesson::load(&source, &known).map_err(|diagnostics| wrong(&diagnostics))?);
    enough_fds_for([&*lesson]).map_err(Failure::refused)?;
    Ok(lesson)
}

pub(super) fn new(folder: &Path, lang: Lang) -> Result<(), Failure> {
    let name = shown(folder);
    match scaffold(folder) {
        Ok(()) => {
            let mut out = stdout();
            let said = words!(
                lang,
                "{name} is a lesson that passes: epollscope verify {name}; epollscope lesson {name}",
                "{name} 是能通过检查的一课：epollscope verify {name}; epollscope lesson {name}"
            );
            quiet(writeln!(out, "{said}"))
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(Failure::usage(message!(
            "{name} exists already; choose a new folder",
            "{name} 已经存在；请选一个不存在的文件夹"
        ))),
        Err(error) => Err(Failure::refused(
            anyhow!(error).context(message!("cannot write a lesson to {name}", "无法把课程写到 {name}")),
        )),
    }
}

/// Takes the check of what was learned and keeps it; or, for a class, prints all that were kept.
pub(super) fn check(format: CheckFormat, lang: Lang) -> Result<(), Failure> {
    let refused = |wrong: Message| Failure::refused(wrong);
    if format == CheckFormat::Csv {
        return quiet(check::csv(&check::kept().map_err(refused)?, &mut stdout()));
    }
    let checked = match check::take(lang, &mut io::stdin().lock(), &mut stdout()) {
        Ok(Some(checked)) => checked,
        Ok(None) => {
            return Err(Failure::usage(message!(
                "the check was left before its end, and is not kept; it reads a prediction a line from standard input",
                "检查没有做完，没有保存；它从标准输入读取预测，每行一个"
            )));
        }
        Err(PlainError::Io(error)) if error.kind() == ErrorKind::BrokenPipe => return Ok(()),
        Err(PlainError::Io(error)) => return Err(Failure::refused(error)),
        Err(PlainError::Trouble(trouble)) => return Err(Failure::check(anyhow!(trouble.words(lang)))),
    };
    let kept = check::keep(&checked);
    let before = kept.as_ref().ok().and_then(|before| before.last());
    quiet(check::report(&checked, before, lang, &mut stdout()))?;
    kept.map(drop).map_err(refused)
}

fn on_screen(
    lessons: Vec<Rc<Lesson>>,
    begin: Option<&str>,
    record: RecordTo<'_>,
    lang: Lang,
    (theme, code): (&Theme, CodeLanguage),
) -> Result<(), Failure> {
    Terminal::check().map_err(no_screen(INSTEAD))?;
    enough_fds_for(lessons.iter().map(|lesson| &**lesson)).map_err(Failure::refused)?;
    let mut recording = begun(record, begin)?;
    let signals = Signals::block().map_err(Failure::refused)?;
    let mut list = LessonList::new(lessons, progress(lang), theme.clone(), lang);
    list.prefer(code);
    let lesson = begin.and_then(|id| list.take(id));
    let mut stack = Stack::new(&mut list);
    if let Some(lesson) = lesson {
        stack.push(Box::new(lesson));
    }
    let mut terminal = Terminal::enter().map_err(no_screen(INSTEAD))?;
    let ended = show(stack, &mut terminal, &signals, &mut recording);
    ended.map_err(|error| recording.failed(error))?;
    recording.finish()
}

fn wrong(diagnostics: &[Diagnostic]) -> Failure {
    Failure::usage(Message::new(|lang| {
        let all: Vec<String> = diagnostics.iter().map(|diagnostic| diagnostic.words(lang)).collect();
        let all = all.join("\n");
        words!(lang, "the lesson has errors\n{all}", "这一课无法学习\n{all}")
    }))
}

fn list(lang: Lang) -> io::Result<()> {
    let mut out = stdout();
    let (progress, lessons) = (progress(lang), lessons());
    let next = recommended(&lessons, &progress);
    let mut group = None;
    for (i, lesson) in lessons.iter().enumerate() {
        if lesson.group != group {
            group = lesson.group;
            let heading = group.map_or("", |heading| lang.pick(heading));
            writeln!(out, "{}{heading}", if i > 0 { "\n" } else { "" })?;
        }
        let minutes = lesson.minutes();
        let mut after = vec![words!(lang, "{minutes} min", "{minutes} 分钟")];
        let (needs, _) = lesson.needs(&progress);
        if !needs.is_empty() {
            after.push(words!(lang, "needs {needs}", "需要 {needs}"));
        }
        after.extend(progress.of(&lesson.id).map(|standing| standing.words(lang)));
        if next == Some(i) {
            after.push(lang.of("← next", "← 下一课").to_owned());
        }
        let (title, after) = (&lesson.prose(lang).title, after.join(lang.of("; ", "；")));
        writeln!(out, "  {}{}{after}", left(&lesson.id, 29), left(title, 51))?;
    }
    let hint = lang.of(
        "epollscope lesson 1 starts the first; a part of a name does too",
        "epollscope lesson 1 开始第一课；名字的一部分也行",
    );
    writeln!(out, "\n{hint}")
}

/// The progress, and a line on standard error where it can't be read.
fn progress(lang: Lang) -> Progress {
    let (progress, wrong) = Progress::load();
    if let Some(wrong) = wrong {
        tell(&wrong.words(lang));
    }
    progress
}

/// A recording of this lesson, or of those that are taken.
fn begun(record: RecordTo<'_>, lesson: Option<&str>) -> Result<Recording, Failure> {
    let mut recording = Recording::open(record)?;
    recording.begin(lesson.map_or_else(|| "lesson".to_owned(), |lesson| format!("lesson {lesson}")))?;
    Ok(recording)
}

fn as_text(lesson: &Rc<Lesson>, record: RecordTo<'_>, lang: Lang) -> Result<(), Failure> {
    let mut progress = progress(lang);
    let mut recording = begun(record, Some(&lesson.id))?;
    let mut kept = Ok(());
    let given = give(
        lesson,
        lang,
        &mut io::stdin().lock(),
        &mut stdout(),
        |standing| kept = progress.keep(&lesson.id, standing),
        |record| recording.write(record).map_err(|error| io::Error::other(recording.failed(error))),
    );
    recording.finish()?;
    match given {
        Err(PlainError::Io(error)) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        Err(PlainError::Io(error)) => Err(Failure::refused(error)),
        Err(PlainError::Trouble(trouble)) => Err(Failure::check(anyhow!(trouble.words(lang)))),
        Ok(()) => kept.map_err(|error| {
            Failure::refused(Message::new(|lang| {
                let error = error.words(lang);
                words!(lang, "your progress could not be saved: {error}", "无法保存进度：{error}")
            }))
        }),
    }
}

/// A lesson, or what is wrong with the folder of this name.
pub(super) type Found = Result<LessonSource, (String, Vec<Diagnostic>)>;

/// The one lesson that `name` means: a folder, or a built-in one.
pub(super) fn one(name: &str) -> Result<Found, Failure> {
    let path = Path::new(name);
    // A folder that stands here is meant before one of the same name in the program.
    if path.join("lesson.toml").exists() {
        return Ok(read(path));
    }
    if let Some(source) = find(name) {
        return Ok(Ok(source));
    }
    if path.exists() {
        return Ok(read(path));
    }
    let mut called = called(name);
    // Of several, the first that begins with the word introduces it: `edge` is 06-edge-triggered, and 07 goes on from there.
    let word = format!("{}-", name.to_lowercase());
    let begins = |source: &LessonSource| source.id.split_once('-').is_some_and(|(_, slug)| slug.starts_with(&word));
    let introduces = called.iter().position(begins).or((called.len() == 1).then_some(0));
    if let Some(at) = introduces {
        return Ok(Ok(called.remove(at)));
    }
    let name = shown(name);
    if !called.is_empty() {
        let ids: Vec<&str> = called.iter().map(|source| &*source.id).collect();
        let ids = ids.join(", ");
        return Err(Failure::usage(message!(
            "several lessons have \"{name}\" in their names: {ids}",
            "名字中有“{name}”的不止一课：{ids}"
        )));
    }
    Err(Failure::usage(message!(
        "there is no lesson \"{name}\" and no such folder; `epollscope lesson` lists the lessons",
        "没有“{name}”这一课，也没有这个文件夹；`epollscope lesson` 列出全部"
    )))
}

/// The built-in lessons that have `name` as a part of their id, or else of their title.
fn called(name: &str) -> Vec<LessonSource> {
    let name = name.to_lowercase();
    if name.trim().is_empty() {
        return Vec::new();
    }
    let (by_id, others): (Vec<_>, Vec<_>) = builtin().into_iter().partition(|source| source.id.contains(&name));
    if !by_id.is_empty() {
        return by_id;
    }
    // `ede` is no part of a word's beginning, and more likely a slip.
    let begins_word = |text: &str| {
        text.match_indices(&name).any(|(at, _)| !text[..at].ends_with(|c: char| c.is_ascii_alphanumeric()))
    };
    let is_titled = |text: &Option<String>| {
        text.as_ref().and_then(|text| text.lines().next()).is_some_and(|title| begins_word(&title.to_lowercase()))
    };
    let (by_title, others): (Vec<_>, Vec<_>) =
        others.into_iter().partition(|source| is_titled(&source.en) || is_titled(&source.zh));
    if !by_title.is_empty() {
        return by_title;
    }
    let teaches =
        |source: &LessonSource| lessons().iter().any(|lesson| lesson.id == source.id && begins_word(&lesson.taught()));
    others.into_iter().filter(teaches).collect()
}

pub(super) fn read(folder: &Path) -> Found {
    LessonSource::read(folder).map_err(|diagnostics| (shown(folder), diagnostics))
}
