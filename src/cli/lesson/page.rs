//! `lesson N --to html`: a lesson as a page.

use std::fs::File;
use std::io::{self, BufWriter, Seek as _, Write};
use std::path::Path;

use anyhow::anyhow;

use super::load;
use crate::cli::export::page::{read_whole, recorded, tell_written};
use crate::cli::messages::{create, quiet};
use crate::error::Failure;
use crate::i18n::Lang;
use crate::lesson::plain::PlainError;
use crate::lesson::take;
use crate::trace::{Header, Playback, Timeline, Writer};
use crate::tui::capture::{About, lesson_page};
use crate::tui::theme::{Depth, Ground};
use crate::tui::{Theme, WorkbenchScreen};

/// Takes the lesson and writes it, with its recording, as a page.
pub(in crate::cli) fn write(name: &str, output: Option<&Path>, lang: Lang) -> Result<(), Failure> {
    let lesson = load(name)?;
    let mut out: Box<dyn Write> = match output {
        Some(path) => Box::new(BufWriter::new(create(path, ("cannot write to", "无法写入"), "--output")?)),
        None => Box::new(io::stdout().lock()),
    };
    let refused = |error: io::Error| Failure::refused(error);
    // The recording is for this page alone.
    let mut file = File::from(crate::sys::memfd().map_err(|errno| refused(errno.into()))?);
    let source = format!("lesson {}", lesson.id);
    let mut writer = Writer::new(BufWriter::new(&file), &Header::now(&*source)).map_err(refused)?;
    let taken = take(&lesson, lang, |record| writer.write(record)).map_err(|error| match error {
        PlainError::Io(error) => refused(error),
        PlainError::Trouble(trouble) => Failure::check(anyhow!(trouble.words(lang))),
    })?;
    writer.finish().map_err(refused)?;
    file.rewind().map_err(refused)?;
    let recording = Playback::of_file(&source, file, None, Timeline::HELD).map_err(Failure::refused)?;
    let facts = vec![recorded(recording.0.header(), lang)];
    let about = About { title: format!("epollscope · {}", lesson.prose(lang).title), facts };
    let mut screen = WorkbenchScreen::replay(recording, Theme::new(Depth::True, Ground::Dark), lang);
    read_whole(&mut screen);
    let (moments, page) = lesson_page(&mut screen, (&lesson, &taken), about, lang);
    let written = out.write_all(page.as_bytes()).and_then(|()| out.flush());
    if let (Some(path), Ok(())) = (output, &written) {
        tell_written(path, moments, lang);
    }
    quiet(written)
}
