//! Where lessons come from: the table that is built into the program, or any folder.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::Path;

use crate::folders::text;
use crate::i18n::{Both, message, shown};
use crate::script::Diagnostic;

/// The lessons in the program: the id of each with its `lesson.toml`, `en.md` and `zh.md`. Made by `build.rs`.
const BUILTIN: &[(&str, [&str; 3])] = include!(concat!(env!("OUT_DIR"), "/lessons.rs"));

pub(super) const FILES: [&str; 3] = ["lesson.toml", "en.md", "zh.md"];

const MAX_FILE: u64 = 256 << 10;

/// What is said of a file that is not there.
const MISSING: Both =
    ("is missing: a lesson has lesson.toml, and en.md or zh.md", "缺失；一课有 lesson.toml，以及 en.md 或 zh.md");

/// The texts of a lesson, not yet read.
#[derive(Clone, Debug)]
pub struct LessonSource {
    /// Its folder's name: `05-level-triggered`.
    pub id: String,
    /// The folder, as it is named in mistakes.
    pub folder: String,
    pub toml: String,
    /// The prose in English; a lesson may have one language alone.
    pub en: Option<String>,
    pub zh: Option<String>,
}

pub fn builtin() -> Vec<LessonSource> {
    let source = |(id, texts): &(&str, [&str; 3])| {
        let [toml, en, zh] = texts.map(str::to_owned);
        // Those in the program have both.
        LessonSource { id: (*id).to_owned(), folder: format!("lessons/{id}"), toml, en: Some(en), zh: Some(zh) }
    };
    BUILTIN.iter().map(source).collect()
}

pub fn ids() -> Vec<String> {
    BUILTIN.iter().map(|(id, _)| (*id).to_owned()).collect()
}

/// The built-in lesson that `name` means: its id, its number, or its id without the number.
pub fn find(name: &str) -> Option<LessonSource> {
    let number = name.parse::<u32>().ok();
    builtin().into_iter().find(|source| {
        let (head, slug) = source.id.split_once('-').unwrap_or(("", &source.id));
        source.id == name || slug == name || number.is_some() && head.parse().ok() == number
    })
}

impl LessonSource {
    pub fn read(folder: &Path) -> Result<Self, Vec<Diagnostic>> {
        let name = shown(folder);
        let mut diagnostics = Vec::new();
        let mut read = |file: &str, needed: bool| {
            let path = folder.join(file);
            let read = match path.exists() {
                true => text(&path, MAX_FILE),
                false if needed => Err(MISSING.into()),
                false => return None,
            };
            let wrong = read.map_err(|what| diagnostics.push(Diagnostic::of_file(&format!("{name}/{file}"), what)));
            // Some editors begin a file with a byte order mark.
            Some(wrong.map_or_else(|()| String::new(), |text| text.trim_start_matches('\u{feff}').to_owned()))
        };
        let toml = read(FILES[0], true).unwrap_or_default();
        let zh = read(FILES[2], false);
        let en = read(FILES[1], zh.is_none());
        match fs::read_dir(folder) {
            Ok(entries) => {
                let names = entries.filter_map(|entry| Some(shown(entry.ok()?.file_name())));
                for orphan in names.filter(|name| !FILES.contains(&&**name) && !is_editors(name)) {
                    let what = (
                        "is not part of a lesson: its folder has lesson.toml, en.md and zh.md, and nothing else",
                        "不属于任何一课；一个文件夹只有 lesson.toml、en.md 和 zh.md",
                    );
                    diagnostics.push(Diagnostic::of_file(&format!("{name}/{orphan}"), what));
                }
            }
            Err(error) => {
                diagnostics = vec![Diagnostic::of_file(
                    &name,
                    message!("cannot be read as a folder: {error}", "无法作为文件夹读取：{error}"),
                )];
            }
        }
        if !diagnostics.is_empty() {
            return Err(diagnostics);
        }
        let id = folder.canonicalize().ok().and_then(|path| Some(shown(path.file_name()?)));
        Ok(Self { id: id.unwrap_or_else(|| name.clone()), folder: name, toml, en, zh })
    }
}

/// Whether an editor has put the file beside those that it edits, or a desktop.
fn is_editors(name: &str) -> bool {
    name.starts_with(['.', '#']) || name.ends_with('~')
}

const TOML: &str = include_str!("scaffold/lesson.toml");
const EN: &str = include_str!("scaffold/en.md");
const ZH: &str = include_str!("scaffold/zh.md");

/// Writes a small lesson into a new folder; `AlreadyExists` if the folder is there.
pub fn scaffold(folder: &Path) -> io::Result<()> {
    fs::create_dir(folder)?;
    for (name, text) in FILES.into_iter().zip([TOML, EN, ZH]) {
        let mut file = OpenOptions::new().write(true).create_new(true).open(folder.join(name))?;
        io::Write::write_all(&mut file, text.as_bytes())?;
    }
    Ok(())
}
