//! `epollscope verify`: every claim of the lessons, against this kernel.

use std::io::{self, ErrorKind, Write as _};
use std::path::Path;

use anyhow::Context as _;

use super::lesson::{Found, one, read};
use super::messages::stdout;
use super::recording::{RecordTo, Recording};
use crate::error::Failure;
use crate::i18n::{Both, Lang, message, shown, words};
use crate::lesson::{self, Lesson, LessonSource, builtin, enough_fds_for, ids, verify};
use crate::script::Diagnostic;
use crate::trace::Header;

pub(super) fn run(lessons: &[String], record: Option<&Path>, force: bool, lang: Lang) -> Result<(), Failure> {
    let mut sources = Vec::new();
    for name in lessons {
        sources.extend(all_of(name)?);
    }
    if lessons.is_empty() {
        sources = builtin().into_iter().chain([lesson::check::source()]).map(Ok).collect();
    }
    if let Some(folder) = record {
        let made = std::fs::create_dir_all(folder);
        made.with_context(|| {
            message!(
                "cannot record into {}; choose another folder with --record",
                "无法录制到 {}；请用 --record 指定另一个文件夹",
                shown(folder)
            )
        })
        .map_err(Failure::refused)?;
    }
    let mut known = ids();
    known.extend(sources.iter().flatten().map(|source| source.id.clone()));
    let lessons: Vec<_> = sources.iter().flatten().filter_map(|source| Lesson::load(source, &known).ok()).collect();
    enough_fds_for(&lessons).map_err(Failure::refused)?;
    match check(&sources, &known, record.map(|folder| (folder, force)), lang) {
        Ok(0) => Ok(()),
        Ok(1) => Err(Failure::check(message!("a claim of 1 lesson failed", "1 课与断言不符"))),
        Ok(n) => Err(Failure::check(message!("claims of {n} lessons failed", "{n} 课与断言不符"))),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(Failure::refused(error)),
    }
}

/// Before a lesson that is not as it claims.
const FAILED: Both = ("FAILED", "未通过");

/// The lessons that `name` means: one, or those in the folders of a folder.
fn all_of(name: &str) -> Result<Vec<Found>, Failure> {
    let path = Path::new(name);
    if !path.is_dir() || path.join("lesson.toml").exists() {
        return Ok(vec![one(name)?]);
    }
    let entries = std::fs::read_dir(path).map_err(Failure::refused)?;
    let mut entries: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    entries.sort();
    if !entries.iter().any(|path| path.join("lesson.toml").exists()) {
        let name = shown(name);
        return Err(Failure::usage(message!(
            "{name} contains no lesson: a lesson is a folder with lesson.toml, en.md and zh.md",
            "{name} 里没有课程；一课是一个文件夹，里面有 lesson.toml、en.md 和 zh.md"
        )));
    }
    let folders = entries.iter().filter(|path| path.is_dir());
    let mut found: Vec<Found> = folders.map(|folder| read(folder)).collect();
    for orphan in entries.iter().filter(|path| !path.is_dir()) {
        let name = shown(orphan);
        found.push(Err((
            name.clone(),
            vec![Diagnostic::of_file(&name, ("is not in a lesson's folder", "不在任何一课的文件夹里"))],
        )));
    }
    Ok(found)
}

/// The recording of one lesson in `folder`, or none.
fn recording_of(source: &LessonSource, to: RecordTo<'_>) -> Result<Recording, Failure> {
    let path = to.map(|(folder, _)| folder.join(format!("{}.jsonl", source.id)));
    let mut recording = Recording::open(path.as_deref().zip(to).map(|(path, (_, force))| (path, force)))?;
    recording.begin(format!("lesson {}", source.id))?;
    Ok(recording)
}

/// Checks them all; how many are not as they claim.
fn check(sources: &[Found], known: &[String], record: RecordTo<'_>, lang: Lang) -> io::Result<usize> {
    let mut out = stdout();
    writeln!(out, "Linux {}", Header::now(String::new()).kernel)?;
    let (mut failed, mut claims, mut steps, mut millis) = (0, 0, 0, 0);
    for source in sources {
        let wrong = match source {
            Ok(source) => {
                let mut recording = recording_of(source, record).map_err(io::Error::other)?;
                let mut noted = Ok(());
                let report = verify(source, known, lang, |record| recording.note(record, &mut noted));
                noted.map_err(|error| io::Error::other(recording.failed(error)))?;
                recording.finish().map_err(io::Error::other)?;
                (claims, steps, millis) = (claims + report.claims, steps + report.steps, millis + report.millis);
                let said = if report.wrong.is_empty() { lang.of("ok    ", "通过  ") } else { lang.pick(FAILED) };
                let (id, steps, claims, millis) = (&report.id, report.steps, report.claims, report.millis);
                let line = words!(
                    lang,
                    "{said} {id:<32} {steps:>2} steps {claims:>3} claims {millis:>6} ms",
                    "{said} {id:<32} {steps:>2} 节 {claims:>3} 条断言 {millis:>6} ms"
                );
                writeln!(out, "{line}")?;
                report.wrong
            }
            Err((name, diagnostics)) => {
                writeln!(out, "{} {name}", lang.pick(FAILED))?;
                diagnostics.iter().map(|diagnostic| diagnostic.words(lang)).collect()
            }
        };
        failed += usize::from(!wrong.is_empty());
        for line in wrong.iter().flat_map(|wrong| wrong.lines()) {
            writeln!(out, "       {line}")?;
        }
    }
    let (lessons, s) = (sources.len(), if sources.len() == 1 { "" } else { "s" });
    let sum = words!(
        lang,
        "{lessons} lesson{s}, {steps} steps, {claims} claims, {millis} ms; {failed} failed",
        "{lessons} 课，{steps} 节，{claims} 条断言，{millis} ms；{failed} 课未通过"
    );
    writeln!(out, "{sum}")?;
    out.flush()?;
    Ok(failed)
}
