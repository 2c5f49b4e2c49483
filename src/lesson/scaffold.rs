//! `lesson new`: a small lesson that passes, to begin with.

use std::io;
use std::path::Path;
use std::{fs, fs::OpenOptions};

use super::source::FILES;

const TOML: &str = include_str!("scaffold/lesson.toml");
const EN: &str = include_str!("scaffold/en.md");
const ZH: &str = include_str!("scaffold/zh.md");

/// Writes a small lesson into a new folder.
///
/// # Errors
/// `AlreadyExists` where the folder is there; those of the file system.
pub fn scaffold(folder: &Path) -> io::Result<()> {
    fs::create_dir(folder)?;
    for (name, text) in FILES.into_iter().zip([TOML, EN, ZH]) {
        let mut file = OpenOptions::new().write(true).create_new(true).open(folder.join(name))?;
        io::Write::write_all(&mut file, text.as_bytes())?;
    }
    Ok(())
}
