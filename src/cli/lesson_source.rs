//! Which lesson a word of the command line means.

use std::path::Path;

use crate::error::Failure;
use crate::i18n::message;
use crate::lesson::{LessonSource, find};
use crate::script::Diagnostic;

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
    Err(Failure::usage(message!(
        "there is no lesson \"{name}\" and no such folder; `epollscope lesson` lists the lessons",
        "没有“{name}”这一课，也没有这个文件夹；`epollscope lesson` 列出全部"
    )))
}

/// The lesson in a folder.
pub(super) fn read(folder: &Path) -> Found {
    LessonSource::read(folder).map_err(|diagnostics| (folder.display().to_string(), diagnostics))
}
